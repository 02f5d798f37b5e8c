"""What leaves is on record, before it leaves and after; what cannot be recorded does not leave. Over real sockets."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from chatapp.demo.anthropic import StandInAnthropic, stream
from chatapp.demo.ollama import StandInOllama
from chatapp.demo.scenes import Hang, Scene, Send
from chatapp.ports import EgressEnd, EgressRecord, Incident
from chatapp.privacy.ledger import entry_of
from chatapp.storage import open_seal
from tests.commands.program import chatapp, serving
from tests.house import MODELS, Browser, House, assert_whole, of, one, open_house, text_of
from tests.store.books import faults_in, links_in, unguarded

COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
LONG = f"n=4000 gap=5 {COMPLEX}"
SHORT: Scene = (Send(b"".join(stream([["Both can be ", "made to work."]]))),)
SIMPLE = "What is a normal potassium?"
ROSTER = "Check this schedule\nresident,start,end\nLee,2026-07-06 07:00,2026-07-07 13:00\n"


def file_of(house: House) -> Path:
    return house.settings.data_dir / "chatapp.sqlite3"


def entries(house: House) -> list[Any]:
    return [entry_of(link) for link in links_in(file_of(house))]


def prompts(house: House) -> list[Any]:
    return [request for request in house.anthropic.requests if request.path == "/v1/messages"]


def assert_proven(house: House) -> None:
    assert faults_in(file_of(house), open_seal(house.settings)) == []


async def test_a_cloud_turn_has_an_opening_and_a_closing_record_by_the_time_it_is_done(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.ask(SIMPLE)
        frames = await browser.ask(COMPLEX)
        opened, closed = entries(house)
        assert_proven(house)

    done, conversation = one(frames, "done"), of(frames, "conversation")[0]["id"]
    assert isinstance(opened, EgressRecord)
    assert isinstance(closed, EgressEnd)
    assert (opened.conversation, opened.turn, opened.decision) == (conversation, done["turn"], "complex")
    assert (opened.provider, opened.model) == ("anthropic", done["model"])
    assert opened.host == house.anthropic.url.removeprefix("http://")
    assert opened.estimated_tokens == one(frames, "route")["context"]["used_tokens"]
    assert (closed.opening, closed.ended, closed.turn) == (1, "completed", done["turn"])
    assert closed.prompt_tokens == done["usage"]["prompt_tokens"] > 0
    assert closed.completion_tokens == done["usage"]["completion_tokens"] > 0
    thought = "".join(frame["text"] for frame in of(frames, "thinking"))
    assert closed.received_bytes == len((thought + text_of(frames)).encode())


async def test_every_round_of_a_tool_loop_is_a_request_of_its_own(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(ROSTER, mode="cloud")
        assert one(frames, "done")["provider"] == "anthropic"
        kinds = [(entry.kind, getattr(entry, "ended", "")) for entry in entries(house)]
        assert kinds == [("opened", ""), ("closed", "completed")] * len(prompts(house))
        assert len(prompts(house)) > 1
        assert_proven(house)


async def test_a_stopped_answer_is_closed_as_stopped(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.send("chat", id="q1", text=LONG, mode="cloud")
        turn = (await browser.until("turn"))["turn"]
        await browser.until("delta")
        await browser.send("stop", turn=turn)
        await browser.until("done", turn=turn)
        opened, closed = entries(house)
    assert (closed.opening, closed.ended, closed.turn) == (1, "stopped", opened.turn)
    assert closed.received_bytes > 0


@pytest.mark.parametrize("failure", ["error", "refuse", "cut"])
async def test_a_request_that_fails_is_closed_with_its_code_and_may_have_left(tmp_path: Path, failure: str) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await house.anthropic.fail(failure)  # type: ignore[arg-type]
        await browser.ask(COMPLEX)
        found = entries(house)
        assert_proven(house)
    ends = [entry for entry in found if isinstance(entry, EgressEnd)]
    assert [entry.kind for entry in found] == ["opened", "closed"] * len(ends)
    assert {(end.ended, end.code) for end in ends} == {("failed", "provider_unavailable")}


async def test_the_ledger_holds_nothing_of_what_was_typed_or_answered(tmp_path: Path) -> None:
    canary = "Zyxwvut"
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(f"{COMPLEX} Call it the {canary} policy.", mode="cloud")
        assert canary.encode() in house.cloud_bytes()
        conversation, turn = of(frames, "conversation")[0]["id"], one(frames, "done")["turn"]
        await browser.send("lock", conversation=conversation, turn=turn)
        while "incident" not in await browser.next():
            pass
        rows = repr(links_in(file_of(house)))
        head = (house.settings.data_dir / "ledger.head").read_text()
    assert len(rows) > 1000
    for word in (canary, *text_of(frames).split()[:5]):
        assert len(word) < 5 or word not in rows + head


# --- R11: no record, no call -----------------------------------------------------------------------------------------


def make_unwritable(house: House) -> None:
    """Nobody can write a head any more, not even root: there is a folder of that name."""
    head = house.settings.data_dir / "ledger.head"
    head.rename(head.with_name("kept"))
    head.mkdir()


def cut_the_end(house: House) -> None:
    with unguarded(file_of(house)) as plain:
        plain.execute("DELETE FROM ledger WHERE position = (SELECT max(position) FROM ledger)")


def take_the_table_away(house: House) -> None:
    with closing(sqlite3.connect(file_of(house))) as plain, plain:
        plain.execute("ALTER TABLE ledger RENAME TO elsewhere")


@pytest.mark.parametrize("harm", [make_unwritable, cut_the_end, take_the_table_away], ids=lambda harm: harm.__name__)
async def test_R11_when_the_ledger_cannot_be_written_nothing_leaves_and_the_house_goes_on(
    tmp_path: Path, harm: Any
) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.ask(COMPLEX)
        harm(house)
        frames = await browser.ask(COMPLEX)
        local = await browser.ask(SIMPLE)
        assert len(prompts(house)) == 1

    error = one(frames, "error")
    assert error["code"] == "storage_unavailable"
    assert_whole(frames, error["turn"])
    assert one(local, "done")["provider"] == "ollama"


async def test_R11_a_record_on_a_full_disk_is_a_refusal_and_the_next_one_with_room_is_whole(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.ask(COMPLEX)
        drafts = [house.settings.data_dir / f"ledger.head.{os.getpid()}-{number}.new" for number in range(20_000)]
        for draft in drafts:
            draft.symlink_to("/dev/full")
        frames = await browser.ask(COMPLEX)
        for draft in drafts:
            draft.unlink(missing_ok=True)
        again = await browser.ask(COMPLEX)
        assert len(prompts(house)) == 2
        assert_proven(house)
    assert one(frames, "error")["code"] == "storage_full"
    assert one(again, "done")["provider"] == "anthropic"


# --- killed between the opening and the closing ----------------------------------------------------------------------


async def test_after_a_kill_the_opening_stands_alone_and_the_report_says_not_closed(tmp_path: Path) -> None:
    async with StandInOllama(models=MODELS) as ollama, StandInAnthropic() as anthropic:
        anthropic.script((Hang(),))
        environ = {
            "CHATAPP_DISK_FLOOR_BYTES": "0",
            "OLLAMA_URL": ollama.url,
            "ANTHROPIC_BASE_URL": anthropic.url,
            "ANTHROPIC_API_KEY": "stand-in",
        }
        with serving("serve", folder=tmp_path, environ=environ) as server:
            origin: Any = server.url
            url = server.url.replace("http", "ws") + "/ws/chat"
            async with connect(url, origin=origin, proxy=None, compression=None) as socket:
                browser = Browser(socket)
                await browser.send("chat", id="q1", text=COMPLEX, mode="cloud")
                await anthropic.wait_open()
                running = chatapp("ledger", "report", folder=tmp_path).stdout.decode()  # while it is being answered
                server.process.kill()
                server.process.wait()
    told = chatapp("ledger", "report", folder=tmp_path)
    proven = chatapp("ledger", "verify", folder=tmp_path)
    for said in (running, told.stdout.decode()):
        assert "1 request left: 1 to anthropic at 127.0.0.1:" in said
        assert "not closed" in said
    assert (told.returncode, proven.returncode) == (0, 0)


# --- "this was patient data" -----------------------------------------------------------------------------------------


async def report_of(browser: Browser, conversation: str, turn: str) -> dict[str, Any]:
    await browser.send("lock", conversation=conversation, turn=turn)
    while True:
        frame = await browser.until("conversation", "error")
        if "incident" in frame or frame["type"] == "error":
            return frame


async def test_marking_a_sent_message_locks_and_lists_the_requests_that_carried_it(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        house.anthropic.script(SHORT, SHORT, SHORT)
        before = await browser.ask(COMPLEX, mode="cloud")
        conversation = of(before, "conversation")[0]["id"]
        marked = one(await browser.ask("And in summer?", conversation=conversation), "done")["turn"]
        later = one(await browser.ask("And in winter?", conversation=conversation), "done")["turn"]
        assert len(prompts(house)) == 3
        told = await report_of(browser, conversation, marked)
        after = await browser.ask(COMPLEX, conversation=conversation)
        assert len(prompts(house)) == 3
        links = links_in(file_of(house))
        incident = entry_of(links[-1])
        assert_proven(house)
        said = chatapp("ledger", "report", folder=tmp_path, environ={"CHATAPP_DATA_DIR": str(house.settings.data_dir)})

    assert told["incident"] == {"turn": marked, "requests": 2}
    assert (told["locked"], told["locked_by"], told["mode"]) == (True, "user", "local")
    assert one(after, "done")["provider"] == "ollama"
    assert isinstance(incident, Incident)
    carried = [
        f"{link.chain}#{link.position}" for link in links if link.kind == "opened" and link.turn in (marked, later)
    ]
    assert list(incident.requests) == carried
    assert f"marked turn {marked} as patient data; had left: {', '.join(carried)}" in said.stdout.decode()


async def test_marking_a_message_that_never_left_says_that_nothing_had(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(SIMPLE)
        conversation, turn = of(frames, "conversation")[0]["id"], one(frames, "done")["turn"]
        told = await report_of(browser, conversation, turn)
        assert told["incident"] == {"turn": turn, "requests": 0}
        assert (await report_of(browser, conversation, turn))["incident"] == told["incident"]
        assert [entry.kind for entry in entries(house)] == ["incident"]


async def test_a_lock_in_the_middle_of_a_cloud_answer_counts_the_request_it_cut_off(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.send("chat", id="q1", text=LONG, mode="cloud")
        turn = await browser.until("turn")
        await browser.until("delta")
        told = await report_of(browser, turn["conversation"], turn["turn"])
        await browser.send("stop", turn=turn["turn"])
        await browser.until("done", turn=turn["turn"])
        assert [entry.kind for entry in entries(house)][:1] == ["opened"]
        ends = [entry.ended for entry in entries(house) if isinstance(entry, EgressEnd)]
    assert told["incident"]["requests"] == 1
    assert ends == ["stopped"]


async def test_a_mark_that_cannot_be_written_down_locks_all_the_same_and_says_what_to_do(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(COMPLEX, mode="cloud")
        conversation, turn = of(frames, "conversation")[0]["id"], one(frames, "done")["turn"]
        make_unwritable(house)
        told = await report_of(browser, conversation, turn)
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{conversation}")).json()
    assert told["code"] == "storage_unavailable"
    assert "locked to local, but what had left of it could not be written down" in told["message"]
    assert read["locked"]


# --- the panel -------------------------------------------------------------------------------------------------------


async def test_the_panel_says_that_the_ledger_is_whole_and_how_much_is_on_record(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.ask(COMPLEX)
    async with open_house(tmp_path) as house, house.http() as http:
        while (seen := (await http.get("/api/health")).json()["ledger"])["state"] == "unseen":
            pass
    assert (seen["state"], seen["records"], seen["left"], seen["fault"]) == ("whole", 2, 1, None)
    assert seen["checked_at"] > 0


async def test_the_panel_says_which_record_was_altered(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.ask(COMPLEX)
        with unguarded(file_of(house)) as plain:
            plain.execute("UPDATE ledger SET at = at + 1 WHERE position = 1")
    async with open_house(tmp_path) as house, house.http() as http:
        while (seen := (await http.get("/api/health")).json()["ledger"])["state"] == "unseen":
            pass
    assert (seen["state"], seen["fault"]) == ("altered", "record 1 was changed after it was written, or put in")
