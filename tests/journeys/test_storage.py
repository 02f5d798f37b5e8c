"""What was acknowledged is there, whatever happens to the process or the disk; and it is its owner's alone."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from chatapp.demo.ollama import StandInOllama
from chatapp.demo.replies import reply
from chatapp.store.database import Database
from tests.house import Browser, Frame, assert_whole, of, one, open_house, text_of
from tests.store.samples import attachment, opening_question, row

ROOT = Path(__file__).parents[2]
LONG = "n=2000 gap=2"


def file_of(folder: Path) -> Path:
    return folder / "data" / "chatapp.sqlite3"


# --- a process that is killed ----------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def listening(port: int, process: asyncio.subprocess.Process) -> None:
    """Wait until another process takes connections."""
    while process.returncode is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)  # another process: there is nothing to wait for
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise RuntimeError("the server did not start")


@asynccontextmanager
async def served_elsewhere(folder: Path, ollama_url: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """`python -m chatapp serve` as a process of its own, killed at the latest on leaving."""
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CHATAPP_DATA_DIR": str(folder / "data"),
        "CHATAPP_DISK_FLOOR_BYTES": "0",
        "OLLAMA_URL": ollama_url,
    }
    command = [sys.executable, "-m", "chatapp", "serve", "--port", str(port)]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=environ, cwd=folder, stdout=quiet, stderr=quiet)
    try:
        await listening(port, process)
        yield process, port
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def heard_before_the_kill(folder: Path, frames: int) -> list[Frame]:
    """Ask a server in a process of its own, kill it (signal 9) after so many frames; what was heard of the turn."""
    async with StandInOllama(partial(reply, side="local")) as ollama, served_elsewhere(folder, ollama.url) as server:
        process, port = server
        origin: Any = f"http://127.0.0.1:{port}"
        async with connect(f"ws://127.0.0.1:{port}/ws/chat", origin=origin, proxy=None, compression=None) as socket:
            browser = Browser(socket)
            await browser.send("chat", id="q1", text=LONG)
            heard = [await browser.until("turn")]
            while len(heard) < frames:
                heard.append(await browser.next())
            process.kill()
            await process.wait()
    return heard


async def told_again(browser: Browser, turn: str, after: int) -> list[Frame]:
    """What a `resume` of an ended turn is answered with."""
    await browser.send("resume", turn=turn, after=after)
    told: list[Frame] = []
    while not told or told[-1]["type"] not in ("done", "error"):
        frame = await browser.next()
        if frame.get("turn") == turn:
            told.append(frame)
    return told


@pytest.mark.parametrize("frames", [1, 3, 40])
async def test_after_a_kill_the_message_is_there_and_the_answer_is_marked(tmp_path: Path, frames: int) -> None:
    heard = await heard_before_the_kill(tmp_path, frames)
    turn, last = heard[0]["turn"], heard[-1]["seq"]

    async with open_house(tmp_path, cloud=False) as house, house.browser() as browser:
        whole = await told_again(browser, turn, 0)
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{heard[0]['conversation']}")).json()
        again = {after: await told_again(browser, turn, after) for after in range(last + 3)}
        more = await browser.ask("What is a normal potassium?", conversation=heard[0]["conversation"])

    assert_whole(whole, turn)
    end = whole[-1]
    assert (end["type"], end["finish"]) == ("done", "interrupted")
    stored = read["turns"][0]
    assert (stored["text"], stored["state"], stored["last_seq"]) == (LONG, "interrupted", end["seq"])
    shown = text_of(heard)
    assert text_of(whole).startswith(shown) or shown.startswith(text_of(whole))
    for after, told in again.items():
        if told[0]["type"] == "reset":
            assert after >= end["seq"]
            assert (told[0]["text"], told[0]["seq"]) == (text_of(whole), end["seq"] - 1)
        else:
            assert told[0].get("first", told[0]["seq"]) == after + 1
            assert text_of(whole).endswith(text_of(told))
        assert told[-1] == end
    assert one(more, "done")["finish"] == "stop"


# --- storage that fails ----------------------------------------------------------------------------------------------


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Somebody else holds the database's writing lock."""
    other = sqlite3.connect(file_of(folder), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


IMPATIENT = {"CHATAPP_DATABASE_SECONDS": "0.2"}


async def test_a_question_that_cannot_be_stored_is_refused_by_its_name_and_asks_nobody(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ=IMPATIENT) as house, house.browser() as browser:
        with locked(tmp_path):
            refused = await browser.ask("What is a normal potassium?", id="q1")
        async with house.http() as http:
            listed = (await http.get("/api/conversations")).json()["conversations"]
        asked = [request for request in house.ollama.requests if request.path == "/api/chat"]
        again = await browser.ask("What is a normal potassium?", id="q1")

    (error,) = refused
    assert (error["type"], error["code"], error["retryable"]) == ("error", "storage_unavailable", True)
    assert (error["re"]["type"], error["re"]["id"]) == ("chat", "q1")
    assert (listed, asked) == ([], [])
    assert one(again, "done")["finish"] == "stop"


async def test_an_answer_goes_on_while_storage_is_away_ends_visibly_and_is_stored_afterwards(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ=IMPATIENT) as house, house.browser() as browser:
        await browser.send("chat", id="q1", text="n=60 gap=2")
        turn = (await browser.until("turn"))["turn"]
        await browser.until("delta")
        with locked(tmp_path):
            await browser.until("done", "error")
        assert_whole(browser.frames, turn)
        assert text_of(browser.frames) == " token" * 60
        async with house.browser() as late:
            told = await told_again(late, turn, 0)
        async with house.http() as http:
            while (state := await state_of(http, turn)) == "running":  # noqa: ASYNC110 - the store announces nothing
                await asyncio.sleep(0.05)

    assert told[-1]["type"] == "done"
    assert state == "done"
    async with open_house(tmp_path) as house, house.browser() as browser:
        assert (await told_again(browser, turn, 0))[-1]["finish"] == "stop"


async def state_of(http: Any, turn: str) -> str:
    (conversation,) = (await http.get("/api/conversations")).json()["conversations"]
    turns = (await http.get(f"/api/conversations/{conversation['id']}")).json()["turns"]
    return next(str(one["state"]) for one in turns if one["turn"] == turn)


# --- somebody else's -------------------------------------------------------------------------------------------------

BEN = {"conversation": "c-ben", "turn": "t-ben", "file": "f-ben"}
NOBODY = {"conversation": "c-none", "turn": "t-none", "file": "f-none"}


async def add_bens(folder: Path) -> None:
    """Another owner's conversation, with a turn, its answer and a file."""
    database = Database(file_of(folder))
    await database.open()
    await database.add_attachment(attachment("f-ben", "ben"))
    new = opening_question("c-ben", "ben", turn="t-ben", client_id="k-ben", attachments=("f-ben",), node="elsewhere")
    turn_row = row("t-ben", 1, "turn", payload='{"conversation": "c-ben", "id": "k-ben", "type": "turn"}')
    await database.add_turn(new, [turn_row])
    await database.append("ben", [row("t-ben", 2, "done", payload='{"finish": "stop", "type": "done"}')], state="done")
    await database.close()


COMMANDS: dict[str, dict[str, str]] = {
    "chat": {"conversation": "conversation"},
    "chat after": {"parent": "turn"},
    "chat instead": {"replaces": "turn"},
    "chat with a file": {"attachments": "file"},
    "open": {"conversation": "conversation"},
    "mode": {"conversation": "conversation"},
    "lock": {"conversation": "conversation"},
    "lock by a turn": {"conversation": "conversation", "turn": "turn"},
    "check": {"conversation": "conversation"},
    "stop": {"turn": "turn"},
    "resume": {"turn": "turn"},
    "approve": {"turn": "turn"},
    "feedback": {"turn": "turn"},
}
MORE: dict[str, dict[str, Any]] = {
    "chat": {"id": "q1", "text": "Hi"},
    "mode": {"mode": "local"},
    "check": {"id": "d1", "text": "Hi"},
    "resume": {"after": 0},
    "approve": {"call": "x", "allow": True},
    "feedback": {"kind": "up"},
}


def command(name: str, ids: dict[str, str]) -> dict[str, Any]:
    type = name.split()[0]
    fields: dict[str, Any] = {field: ids[of] for field, of in COMMANDS[name].items()}
    if "attachments" in fields:
        fields["attachments"] = [fields["attachments"]]
    return {"type": type, **MORE.get(type, {}), **fields}


async def everything(folder: Path) -> list[Any]:
    with sqlite3.connect(file_of(folder)) as reading:
        tables = [name for (name,) in reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = [list(reading.execute(f"SELECT * FROM {table}")) for table in sorted(tables)]
    reading.close()
    return found


async def test_somebody_elses_ids_and_invented_ones_get_the_same_answer_on_every_command(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await add_bens(tmp_path)
        before = await everything(tmp_path)
        for name in COMMANDS:
            answers = []
            for ids in (BEN, NOBODY):
                await browser.send(**command(name, ids))
                answer = await browser.next()
                answers.append({field: value for field, value in answer.items() if field != "re"})
                assert answer["re"]["type"] == name.split()[0]
            assert answers[0] == answers[1], name
            assert (answers[0]["type"], answers[0]["code"]) == ("error", "not_found"), name
        assert await everything(tmp_path) == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/conversations/{}", None),
        ("GET", "/api/conversations/{}?render=blocks", None),
        ("PATCH", "/api/conversations/{}", {"title": "Mine"}),
        ("PATCH", "/api/conversations/{}", {"deleted": False}),
        ("PATCH", "/api/conversations/{}", {"deleted": True}),
        ("DELETE", "/api/conversations/{}", None),
    ],
)
async def test_somebody_elses_conversation_and_an_invented_one_get_the_same_answer_over_http(
    tmp_path: Path, method: str, path: str, body: dict[str, Any] | None
) -> None:
    async with open_house(tmp_path) as house, house.http() as http:
        await add_bens(tmp_path)
        before = await everything(tmp_path)
        answers = [await http.request(method, path.format(ids["conversation"]), json=body) for ids in (BEN, NOBODY)]
        listed = (await http.get("/api/conversations?q=shifts")).json()["conversations"]
        assert await everything(tmp_path) == before

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["error"]["code"] == "not_found"
    assert listed == []


async def test_the_same_message_id_of_two_people_is_two_messages(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await add_bens(tmp_path)
        frames = await browser.ask("What is a normal potassium?", id="k-ben")

    assert one(frames, "done")["turn"] != "t-ben"
    assert of(frames, "conversation")[0]["id"] != "c-ben"


async def test_on_a_full_disk_the_house_opens_and_can_be_read(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.ask("What is a normal potassium?")
    async with open_house(tmp_path, environ={"CHATAPP_DISK_FLOOR_BYTES": str(2**62)}) as house:
        async with house.http() as http:
            listed = (await http.get("/api/conversations")).json()["conversations"]
        async with house.browser() as browser:
            refused = await browser.ask("And sodium?")

    assert [entry["title"] for entry in listed] == ["What is a normal potassium?"]
    assert one(refused, "error")["code"] == "storage_full"
