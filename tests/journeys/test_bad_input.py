"""Bad input over real sockets: it is answered in kind, stores nothing, and troubles nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from chatapp.demo.ollama import chunk, end_chunk, line
from chatapp.demo.scenes import Send
from tests.house import Browser, Frame, House, assert_whole, of, one, open_house, text_of

MODEL = "llama3.2"
DEEP = "[" * 9 + "]" * 9


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module: its tests share a house."""
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house")) as house:
        yield house


async def answer(browser: Browser, text: str) -> Frame:
    await browser.socket.send(text)
    return await browser.next()


async def close_code(browser: Browser) -> int | None:
    """Read to the end; the code the server closed with."""
    with suppress(ConnectionClosed):
        while True:
            await browser.next()
    return browser.socket.close_code


async def stored(house: House) -> Any:
    async with house.http() as http:
        return (await http.get("/api/conversations")).json()


# --- frames ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "re"),
    [
        ("", "bad_message", {}),
        ("hello", "bad_message", {}),
        ('{"type": "chat", "id": "a", "text": "Hi"', "bad_message", {}),
        ('{"type": "chat", "id": "a", "text": "\\ud800"}', "bad_message", {}),
        ('{"type": "chat", "id": "a", "text": "\x00"}', "bad_message", {}),
        ('{"type": "resume", "turn": "t", "after": NaN}', "bad_message", {}),
        ("[" * 100_000, "bad_message", {}),
        ("[]", "bad_message", {}),
        ("{}", "bad_message", {}),
        ('{"type": 1}', "bad_message", {}),
        ('{"id": "a", "text": "Hi"}', "bad_message", {"id": "a"}),
        ('{"type": "chat", "text": "Hi"}', "bad_message", {"type": "chat"}),
        ('{"type": "chat", "id": "a"}', "bad_message", {"type": "chat", "id": "a"}),
        ('{"type": "chat", "id": "a", "text": ["Hi"]}', "bad_message", {"type": "chat", "id": "a"}),
        ('{"type": "chat", "id": "a", "text": "Hi", "text": "Ho"}', "bad_message", {"type": "chat", "id": "a"}),
        ('{"type": "chat", "id": "a", "text": "Hi", "extra": 1}', "bad_message", {"type": "chat", "id": "a"}),
        ('{"type": "chat", "id": "a b", "text": "Hi"}', "bad_message", {"type": "chat", "id": "a b"}),
        (f'{{"type": "chat", "id": "a", "text": "Hi", "x": {DEEP}}}', "bad_message", {"type": "chat", "id": "a"}),
        ('{"type": "chat", "id": "a", "text": " "}', "bad_message", {"type": "chat", "id": "a"}),
        ('{"type": "chat", "id": "a", "text": "Hi", "mode": "fast"}', "bad_message", {"type": "chat", "id": "a"}),
        ('{"type": "resume", "turn": "t", "after": 1e99}', "bad_message", {"type": "resume", "turn": "t"}),
        (f'{{"type": "resume", "turn": "t", "after": {"9" * 99}}}', "bad_message", {"type": "resume", "turn": "t"}),
        ('{"type": "stop", "turn": "../../x"}', "bad_message", {"type": "stop", "turn": "../../x"}),
        ('{"type": "stop", "turn": null}', "bad_message", {"type": "stop"}),
        ('{"type": "subscribe", "turn": "t"}', "unknown_type", {"type": "subscribe", "turn": "t"}),
        (f'{{"type": "subscribe", "x": {"[[1]]," * 20_000}"y": 1}}', "bad_message", {}),
        (f'{{"type": "chat", "id": "a", "text": "{"x" * 32_001}"}}', "too_large", {"type": "chat", "id": "a"}),
        (f'{{"type": "check", "id": "a", "text": "{"é" * 32_001}"}}', "too_large", {"type": "check", "id": "a"}),
        (f'{{"type": "stop", "turn": "t", "x": "{"x" * 4096}"}}', "too_large", {"type": "stop", "turn": "t"}),
        (f'{{"type": "ping", "x": "{"é" * 2048}"}}', "too_large", {"type": "ping"}),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
async def test_c06_a_frame_that_is_no_command_is_answered_and_stores_nothing(
    house: House, text: str, code: str, re: dict[str, str]
) -> None:
    before = await stored(house)
    async with house.browser() as browser:
        error = await answer(browser, text)
        assert (await answer(browser, '{"type": "ping"}'))["type"] == "pong"
    assert (error["type"], error["code"], error["re"]) == ("error", code, re)
    assert (error["retryable"], error["message"][-1]) == (False, ".")
    assert await stored(house) == before


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("open", {"conversation": "nobody"}),
        ("mode", {"conversation": "nobody", "mode": "cloud"}),
        ("mode", {"conversation": "nobody", "mode": "local"}),
        ("lock", {"conversation": "nobody"}),
        ("lock", {"conversation": "nobody", "turn": "nothing"}),
        ("stop", {"turn": "nothing"}),
        ("resume", {"turn": "nothing", "after": 0}),
        ("approve", {"turn": "nothing", "call": "1", "allow": True}),
        ("feedback", {"turn": "nothing", "kind": "up"}),
        ("check", {"id": "c", "text": "Hi", "conversation": "nobody"}),
        ("chat", {"id": "n1", "text": "Hi", "conversation": "nobody"}),
        ("chat", {"id": "n2", "text": "Hi", "parent": "nothing"}),
        ("chat", {"id": "n3", "text": "Hi", "replaces": "nothing"}),
        ("chat", {"id": "n4", "text": "Hi", "attachments": ["nothing"]}),
        ("chat", {"id": "n5", "text": "", "attachments": ["nothing", "nothing"]}),
    ],
)
async def test_a7_what_is_not_there_is_not_found_and_nothing_is_stored(
    house: House, type: str, fields: dict[str, Any]
) -> None:
    before = await stored(house)
    async with house.browser() as browser:
        await browser.send(type, **fields)
        error = await browser.next()
    assert (error["type"], error["code"]) == ("error", "not_found")
    named = {name: value for name, value in fields.items() if name in ("id", "turn", "conversation")}
    assert error["re"] == {"type": type, **named}
    assert await stored(house) == before


@pytest.mark.parametrize("other", ["x" * 10, "\u202etxet\u0000 e\u0301 \U0001f642\u200b"])
async def test_c08_odd_text_comes_back_as_it_was_typed(house: House, other: str) -> None:
    async with house.browser() as browser:
        frames = await browser.ask(f"What is a normal potassium? {other}")
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{frames[0]['id']}")).json()
    assert read["turns"][0]["text"] == f"What is a normal potassium? {other}"


async def test_a_message_of_full_length_is_taken(house: House) -> None:
    async with house.browser() as browser:
        frames = await browser.ask("é" * 31_980 + " potassium?", mode="cloud")
    assert frames[-1]["type"] in ("done", "error")
    assert of(frames, "turn")


# --- commands out of season ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "answers"),
    [
        ("stop", []),
        ("resume", ["conversation", "turn"]),
        ("lock", []),
        ("mode", []),
        ("open", ["conversation", "running"]),
        ("feedback", []),
        ("close", []),
    ],
)
async def test_c11_of_an_ended_turn_a_command_given_twice_means_the_same_twice(
    house: House, type: str, answers: list[str]
) -> None:
    async with house.browser() as browser:
        done = one(await browser.ask("What is a normal potassium?"), "done")
        conversation = of(browser.frames, "conversation")[0]["id"]
        fields: dict[str, dict[str, Any]] = {
            "stop": {"turn": done["turn"]},
            "resume": {"turn": done["turn"], "after": 0},
            "lock": {"conversation": conversation},
            "mode": {"conversation": conversation, "mode": "local"},
            "open": {"conversation": conversation},
            "feedback": {"turn": done["turn"], "kind": "up"},
            "close": {"conversation": conversation},
        }
        heard = []
        for _ in range(2):
            start = len(browser.frames)
            await browser.send(type, **fields[type])
            if type == "resume":
                await browser.until("done")
            await browser.send("ping")
            await browser.until("pong")
            heard.append([frame["type"] for frame in browser.frames[start:-1] if frame["type"] != "delta"])
    first, second = heard
    assert first[: len(answers)] == answers or (type in ("lock", "mode") and first == ["conversation"])
    assert first == second
    assert "error" not in first


async def test_c11_nothing_waits_for_an_approval_of_a_turn_that_is_over(house: House) -> None:
    async with house.browser() as browser:
        turn = one(await browser.ask("What is a normal potassium?"), "done")["turn"]
        for _ in range(2):
            await browser.send("approve", turn=turn, call="call_1", allow=True)
            error = await browser.until("error")
            assert (error["code"], error["re"]) == ("not_found", {"type": "approve", "turn": turn})


async def test_c11_opening_twice_while_an_answer_runs_loses_and_repeats_nothing(house: House) -> None:
    async with house.browser() as browser, house.browser() as other:
        await browser.send("chat", id="twice", text="n=200 gap=5")
        turn = await browser.until("turn")
        await other.send("resume", turn=turn["turn"], after=0)
        for _ in range(3):
            await other.until("delta")
            await other.send("open", conversation=turn["conversation"])
            running = await other.until("running")
            assert [entry["turn"] for entry in running["running"]] == [turn["turn"]]
            assert running["running"][0]["seq"] == max(frame.get("seq", 0) for frame in other.frames)
        await other.until("done")
        await browser.until("done")
    assert_whole(other.frames, turn["turn"])


async def test_a_conversation_that_was_closed_is_quiet(house: House) -> None:
    async with house.browser() as browser, house.browser() as other:
        await browser.send("chat", id="quiet", text="n=50 gap=5")
        turn = await browser.until("turn")
        await other.send("open", conversation=turn["conversation"])
        await other.until("running")
        await other.send("close", conversation=turn["conversation"])
        await other.send("ping")
        await other.until("pong")
        await browser.until("done")
        assert (await answer(other, '{"type": "ping"}'))["type"] == "pong"


async def test_another_text_under_a_used_id_is_refused_and_the_first_stands(house: House) -> None:
    async with house.browser() as browser:
        await browser.ask("What is a normal potassium?", id="used")
        error = (await browser.ask("What is a normal sodium?", id="used"))[-1]
    assert (error["code"], error["re"]) == ("bad_message", {"type": "chat", "id": "used"})


# --- what closes a socket --------------------------------------------------------------------------------------------


async def test_c09_a_binary_frame_closes_with_1003(house: House) -> None:
    async with house.browser() as browser:
        await browser.socket.send(b'{"type": "ping"}')
        assert await close_code(browser) == 1003


@pytest.mark.parametrize("pieces", [1, 64])
async def test_c05_a_frame_that_is_too_large_closes_with_1009(house: House, pieces: int) -> None:
    frame = orjson.dumps({"type": "chat", "id": "a", "text": "x" * 262_144}).decode()
    size = -(-len(frame) // pieces)
    async with house.browser() as browser:
        with suppress(ConnectionClosed):
            await browser.socket.send(frame[at : at + size] for at in range(0, len(frame), size))
        assert await close_code(browser) == 1009


async def test_c06_the_tenth_bad_message_in_a_minute_is_answered_and_closes_with_1008(house: House) -> None:
    async with house.browser() as browser:
        for _ in range(9):
            assert (await answer(browser, "{"))["code"] == "bad_message"
        assert (await answer(browser, '{"type": "ping"}'))["type"] == "pong"
        assert (await answer(browser, "{"))["code"] == "bad_message"
        assert await close_code(browser) == 1008


async def test_c07_unknown_types_close_nothing(house: House) -> None:
    async with house.browser() as browser:
        for _ in range(30):
            assert (await answer(browser, '{"type": "later"}'))["code"] == "unknown_type"


async def test_a_second_socket_of_a_tab_replaces_the_first_and_no_other(house: House) -> None:
    async with AsyncExitStack() as stack:
        first, other, nameless, _ = [
            await stack.enter_async_context(house.browser(query)) for query in ("?tab=a", "?tab=b", "", "")
        ]
        second = await stack.enter_async_context(house.browser("?tab=a"))
        assert await close_code(first) == 4409
        for browser in (second, other, nameless):
            assert (await answer(browser, '{"type": "ping"}'))["type"] == "pong"


@asynccontextmanager
async def lazy_browser(house: House) -> AsyncIterator[Browser]:
    """A browser that takes in next to nothing unless it is read."""
    url = f"ws://127.0.0.1:{house.port}/ws/chat"
    async with connect(url, origin=Origin(house.url), proxy=None, max_queue=1, max_size=None) as connection:
        yield Browser(connection)


async def test_c03_a_browser_that_stops_reading_is_closed_while_others_stream_on(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        house.ollama.script((Send(line(chunk(MODEL, "x" * 800_000)) + line(end_chunk(MODEL))),))
        turn = one(await browser.ask("What is a normal potassium?"), "done")["turn"]
        async with lazy_browser(house) as stuck:
            for _ in range(20):
                await stuck.send("resume", turn=turn, after=0)
            for _ in range(300):
                await stuck.send("later")
            frames = await browser.ask("n=300 gap=2")
            assert_whole(frames, one(frames, "done")["turn"])
            assert await close_code(stuck) == 4408


@pytest.mark.parametrize("query", ["", "?render=blocks"])
async def test_a_reader_whose_events_were_let_go_is_told_what_stands_and_hears_the_end(
    tmp_path: Path, query: str
) -> None:
    async with open_house(tmp_path, environ={"CHATAPP_REPLAY_BYTES": "1"}) as house, house.browser(query) as browser:
        frames = await browser.ask("n=120 gap=1")
        turn = one(frames, "done")["turn"]
    shown, at = "", 0
    for frame in (frame for frame in frames if frame.get("turn") == turn):
        assert frame["type"] == "reset" or frame.get("first", frame["seq"]) == at + 1
        at = frame["seq"]
        shown = frame["text"] if frame["type"] == "reset" else shown + frame.get("text", "")
    assert shown == " token" * 120
    assert of(frames, "reset")


async def test_c04_of_a_flood_of_drafts_ten_and_the_newest_are_judged(house: House) -> None:
    async with house.browser() as browser:
        for number in range(40):
            await browser.send("check", id=f"d{number}", text="What is a normal potassium?")
        frames = [await browser.next() for _ in range(40)]
        refused, judged = of(frames, "error"), of(frames, "checked")
    assert [frame["id"] for frame in judged] == [*(f"d{number}" for number in range(10)), "d39"]
    assert {frame["code"] for frame in refused} == {"rate_limited"}
    assert [frame["re"]["id"] for frame in refused] == [f"d{number}" for number in range(10, 39)]
    assert all(frame["retryable"] and frame["retry_after_s"] == 1 for frame in refused)


async def test_c04_a_flood_of_pings_holds_up_nobody(house: House) -> None:
    async with house.browser() as flood, house.browser() as browser:
        for _ in range(200):
            await flood.send("ping")
        frames = await browser.ask("What is a normal potassium?")
        answers = [await flood.next() for _ in range(200)]
    assert one(frames, "done")["finish"] == "stop"
    assert len(of(answers, "pong")) >= 10
    assert {frame["code"] for frame in of(answers, "error")} == {"rate_limited"}
    assert one([frames[-1]], "done")


# --- handshakes ------------------------------------------------------------------------------------------------------


async def status(house: House, lines: Sequence[str], first: str = "GET /ws/chat HTTP/1.1") -> int:
    """What a request written by hand is answered with."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write("\r\n".join([first, *lines, "", ""]).encode("latin-1"))
    head = await reader.readuntil(b"\r\n")
    writer.close()
    await writer.wait_closed()
    return int(head.split(b" ")[1])


def handshake(host: str | None, *origins: str) -> list[str]:
    return [
        *([f"Host: {host}"] if host is not None else []),
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        *(f"Origin: {origin}" for origin in origins),
    ]


async def test_a1_our_own_page_is_let_in(house: House) -> None:
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{house.port}"
        assert await status(house, handshake(host, f"http://{host}")) == 101


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:{next}",
        "http://127.0.0.1:{port}0",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil127.0.0.1:{port}",
        "http://127.0.0.1:{port}@evil.example",
        "https://127.0.0.1:{port}",
        "http://localhost:{port}",
    ],
)
async def test_a1_a_foreign_origin_is_refused_with_403(house: House, origin: str | None) -> None:
    origins = [] if origin is None else [origin.format(port=house.port, next=house.port + 1)]
    assert await status(house, handshake(f"127.0.0.1:{house.port}", *origins)) == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "x@127.0.0.1:{port}", "127.0.0.1.evil.example"]
)
async def test_a1_a_foreign_host_is_refused_with_403(house: House, host: str) -> None:
    host = host.format(port=house.port)
    assert await status(house, handshake(host, f"http://{host}")) == 403


async def test_a_full_house_says_when_to_come_back(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ={"CHATAPP_SOCKETS": "1"}) as house, house.browser():
        host = f"127.0.0.1:{house.port}"
        assert await status(house, handshake(host, f"http://{host}")) == 503


# --- HTTP ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/nothing"),
        ("GET", "/api/conversations/nobody"),
        ("PATCH", "/api/conversations/nobody"),
        ("DELETE", "/api/conversations/nobody"),
        ("GET", "/api/conversations/..%2f..%2fetc%2fpasswd"),
        ("GET", "/api/conversations/%00"),
        ("GET", "/api/conversations/%ff%fe"),
        ("GET", "/api/conversations/' OR 1=1"),
        ("POST", "/api/breakers/nobody/reset"),
        ("POST", "/api/breakers/..%2follama/hold"),
        ("GET", "/ws/chat"),
        ("GET", "/metrics"),
        ("GET", "/.env"),
        ("GET", "//api/health"),
        ("GET", "/static/../chatapp/app.py"),
        ("GET", "/static/%2e%2e/chatapp/app.py"),
        ("GET", "/static/..%5capp.py"),
        ("GET", "/static//etc/passwd"),
        ("GET", "/static/%00"),
    ],
)
async def test_a10_what_is_not_there_is_404(house: House, method: str, path: str) -> None:
    async with house.http() as http:
        answer = await http.request(method, path, json={"title": "x"} if method == "PATCH" else None)
    assert answer.status_code == 404
    if not path.startswith("/static"):
        assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "target", ["/static/../chatapp/app.py", "/static/%2e%2e%2fchatapp/app.py", "/../../etc/passwd", "/./api/../../x"]
)
async def test_a10_no_path_written_by_hand_leaves_the_table(house: House, target: str) -> None:
    assert await status(house, [f"Host: 127.0.0.1:{house.port}"], f"GET {target} HTTP/1.1") == 404


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=nan", "before=inf", "before=1e999", "before=", "before=1_0", "limit=x", "limit=", "limit=١",
     f"limit={'9' * 5000}", "limit=[1]", "limit=true", "before=null"],
)  # fmt: skip
async def test_a_query_that_is_no_number_is_refused(house: House, query: str) -> None:
    async with house.http() as http:
        answer = await http.get(f"/api/conversations?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_message")


@pytest.mark.parametrize("query", ["limit=0", "limit=-3", "limit=1e9", "q=%00", "q=%ff", "q='%25_", "before=-1", "x=1"])
async def test_a_query_that_is_merely_odd_is_answered(house: House, query: str) -> None:
    async with house.http() as http:
        answer = await http.get(f"/api/conversations?{query}")
    assert answer.status_code == 200
    assert isinstance(answer.json()["conversations"], list)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b'{"title": 7}', b'{"title": ""}', b'{"title": "  "}', b'{"title": "\\ud800"}',
     b'{"title": "a", "title": "b"}', b'{"deleted": "false"}', b'{"deleted": 0}', b'{"owner": "me"}', b"\xff\xfe"],
)  # fmt: skip
async def test_a_body_that_does_not_fit_changes_nothing(house: House, body: bytes) -> None:
    async with house.browser() as browser, house.http() as http:
        conversation = (await browser.ask("What is a normal potassium?"))[0]["id"]
        before = (await http.get(f"/api/conversations/{conversation}")).json()
        answer = await http.patch(
            f"/api/conversations/{conversation}", content=body, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_message")
        assert (await http.get(f"/api/conversations/{conversation}")).json() == before


async def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    async with house.http() as http:
        rename = await http.patch("/api/conversations/nobody", content=b" " * 65_537)
        attach = await http.post("/api/attachments", content=b"a,b\n" * 2_621_441)
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in (rename, attach)] == [
        (413, "too_large"),
        (413, "too_large"),
    ]


@pytest.mark.parametrize("body", [b"", b"  \n", b"%PDF-1.7", b"PK\x03\x04", b"a\x00b", b"\xff\xfe\x00"])
async def test_a_file_that_is_no_text_is_refused(house: House, body: bytes) -> None:
    async with house.http() as http:
        answer = await http.post("/api/attachments?name=x.csv", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_message")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/breakers/ollama/reset"),
        ("POST", "/api/breakers/ollama/hold"),
        ("POST", "/api/attachments"),
        ("PATCH", "/api/conversations/x"),
        ("DELETE", "/api/conversations/x"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "text/plain"},
    ],
)
async def test_a6_another_site_changes_nothing(house: House, method: str, path: str, headers: dict[str, str]) -> None:
    async with house.http() as http:
        answer = await http.request(method, path, headers=headers, content=b"x")
        health = (await http.get("/api/health")).json()
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert health["providers"]["ollama"]["breaker"]["state"] == "closed"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/breakers/ollama/reset"), ("POST", "/api/conversations"), ("PUT", "/api/health"), ("DELETE", "/")],
)
async def test_a6_a_method_an_address_does_not_take_is_405_in_json(house: House, method: str, path: str) -> None:
    async with house.http() as http:
        answer = await http.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "bad_message")
    assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/static/none", "/api/health", "/api/none", "/healthz"])
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
async def test_every_answer_has_its_policy_and_no_name_of_a_server(house: House, path: str, host: str) -> None:
    async with house.http() as http:
        answer = await http.get(path, headers={"host": host})
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers
    assert (answer.status_code == 400) is (host == "evil.example")


async def test_a_stalled_or_broken_visitor_troubles_nobody(house: House) -> None:
    half = await asyncio.open_connection("127.0.0.1", house.port)
    half[1].write(b"GET /ws/chat HTTP/1.1\r\nHost: x\r\nUpgra")
    broken = await asyncio.open_connection("127.0.0.1", house.port)
    broken[1].write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    async with house.browser() as browser:
        frames = await browser.ask("What is a normal potassium?")
    assert text_of(frames)
    for _, writer in (half, broken):
        writer.close()
        await writer.wait_closed()
