"""A latched conversation, over the whole house: whatever latches it, whenever, nothing of it reaches the cloud."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chatapp.demo.anthropic import stream
from chatapp.demo.scenes import Pause, Scene, Send
from tests.house import Browser, Frame, House, assert_whole, of, one, open_house, text_of

COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
PHI = "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
SECRET = b"okonkwo"
HEADER = "resident,date,start,end\n"
ROSTER = f"Please validate this schedule.\n{HEADER}R1,2026-07-01,07:00,23:00\nR2,2026-07-02,07:00,19:00\n"


def asked_of_the_cloud(house: House) -> int:
    return sum(request.path == "/v1/messages" for request in house.anthropic.requests)


def assert_nothing_left(house: House) -> None:
    assert SECRET not in house.cloud_bytes().lower()


def naming(text: str) -> Scene:
    """An answer that names somebody, with much more to come."""
    frames = list(map(Send, stream([[text, *[" Words about nothing."] * 60]])))
    return (*frames[:-10], Pause(30), *frames[-10:])


async def test_a_cloud_that_names_a_patient_is_cut_off_and_the_question_asked_here(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        house.anthropic.script(naming(PHI))
        frames = await browser.ask(COMPLEX, mode="cloud")
        await house.anthropic.wait_closed()
        again = await browser.ask(COMPLEX, conversation=of(frames, "conversation")[0]["id"], provider="anthropic")
        assert asked_of_the_cloud(house) == 1
        assert_nothing_left(house)

    assert [route["provider"] for route in of(frames, "route")] == ["anthropic", "ollama"]
    locked = of(frames, "conversation")[-1]
    assert (locked["locked"], locked["locked_by"], locked["mode"]) == (True, "detector", "local")
    assert locked["title"].startswith("Conversation ")
    assert one(frames, "done")["provider"] == "ollama"
    assert_whole(frames, one(frames, "done")["turn"])
    assert one(again, "route")["provider"] == "ollama"


async def test_T06_a_tool_s_result_latches_before_anything_of_it_is_sent_on(tmp_path: Path) -> None:
    rows = f"{HEADER}Mrs. Okonkwo MRN 4482913,2026-07-01,07:00,23:00\nR1,2026-07-02,05:00,17:00\n"
    use = {"type": "tool_use", "id": "toolu_1", "name": "validate_schedule", "input": {"schedule": rows}}
    async with open_house(tmp_path) as house, house.browser() as browser:
        house.anthropic.script(tuple(map(Send, stream([use]))))
        frames = await browser.ask(ROSTER, mode="cloud")
        assert asked_of_the_cloud(house) == 1
        assert_nothing_left(house)

    assert [route["provider"] for route in of(frames, "route")] == ["anthropic", "ollama"]
    assert of(frames, "conversation")[-1]["locked"]
    assert_whole(frames, one(frames, "done")["turn"])


@pytest.mark.parametrize("outage", ["breaker open", "held by an operator", "gone"])
async def test_R01_a_latched_question_waits_for_the_local_model_and_the_healthy_cloud_hears_nothing(
    tmp_path: Path, outage: str
) -> None:
    async with open_house(tmp_path, environ={"CHATAPP_BREAKER_FAILURES": "1"}) as house, house.browser() as browser:
        conversation = of(await browser.ask(PHI), "conversation")[0]["id"]
        if outage == "held by an operator":
            async with house.http() as http:
                await http.post("/api/breakers/ollama/hold", headers={"origin": house.url})
        else:
            await house.ollama.fail("error" if outage == "breaker open" else "refuse")
        await browser.ask(COMPLEX, conversation=conversation)
        frames = await browser.ask(COMPLEX, conversation=conversation, provider="anthropic")
        await house.ollama.fail("none")
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{conversation}")).json()
            await http.post("/api/breakers/ollama/reset", headers={"origin": house.url})
        well = await browser.ask(COMPLEX, conversation=conversation)
        assert asked_of_the_cloud(house) == 0
        assert_nothing_left(house)

    error = one(frames, "error")
    assert (error["code"], error["retryable"]) == ("phi_local_only", True)
    assert (read["locked"], read["turns"][-1]["text"]) == (True, COMPLEX)
    assert one(well, "done")["provider"] == "ollama"


async def tighten_at(browser: Browser, moment: str, how: str) -> list[Frame]:
    """Ask for a tool loop in the cloud, and become stricter at the first frame of a kind; everything that was told."""
    await browser.send("chat", id="q1", text=ROSTER, mode="cloud")
    conversation = turn = None
    while True:
        frame = await browser.next()
        conversation = frame["id"] if frame["type"] == "conversation" else conversation
        turn = frame["turn"] if frame["type"] == "turn" else turn
        if frame["type"] == moment:
            moment = ""
            stricter: dict[str, Any] = {"mode": "local"} if how == "mode" else {}
            await browser.send(how, conversation=conversation, **stricter)
        if frame["type"] in ("done", "error") and frame.get("turn") == turn:
            return browser.frames


@pytest.mark.parametrize("how", ["lock", "mode"])
@pytest.mark.parametrize("moment", ["turn", "route", "delta", "tool_call", "tool_result"])
async def test_R05_a_stricter_word_is_heard_at_any_moment_of_a_turn(tmp_path: Path, how: str, moment: str) -> None:
    use = {"type": "tool_use", "id": "toolu_1", "name": "validate_schedule", "input": {"schedule": ROSTER}}
    slowly = tuple(step for sent in stream([["First ", "the ", "tool. "], use]) for step in (Send(sent), Pause(0.02)))
    last = tuple(step for sent in stream([[" And"] * 40]) for step in (Send(sent), Pause(0.05)))
    async with open_house(tmp_path) as house, house.browser() as browser:
        house.anthropic.script(slowly, last)
        frames = await tighten_at(browser, moment, how)
        before = asked_of_the_cloud(house)
        await browser.ask(COMPLEX, conversation=of(frames, "conversation")[0]["id"], provider="anthropic")
        assert asked_of_the_cloud(house) == before

    done = one([frame for frame in frames if frame.get("turn") == of(frames, "turn")[0]["turn"]], "done")
    assert done["provider"] == "ollama"
    assert_whole(frames, done["turn"])
    state = of(frames, "conversation")[-1]
    assert state["mode"] == "local"
    assert state["locked"] or how == "mode"


async def test_R06_a_file_s_name_is_read_too(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        async with house.http() as http:
            name = "MRN%204482913%20Okonkwo.txt"
            file = (await http.post(f"/api/attachments?name={name}", content=b"Potassium 4.1\n")).json()
        frames = await browser.ask(COMPLEX, mode="cloud", attachments=[file["id"]])
        assert_nothing_left(house)

    assert one(frames, "route")["rule"] == "phi"
    assert of(frames, "conversation")[-1]["locked"]


async def test_R06_a_title_that_names_a_patient_keeps_the_conversation_here(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        id = of(await browser.ask(COMPLEX, mode="cloud"), "conversation")[0]["id"]
        async with house.http() as http:
            renamed = await http.patch(
                f"/api/conversations/{id}", json={"title": "Mrs. Okonkwo, MRN 4482913"}, headers={"origin": house.url}
            )
        before = asked_of_the_cloud(house)
        frames = await browser.ask(COMPLEX, conversation=id, provider="anthropic")
        assert asked_of_the_cloud(house) == before
        assert_nothing_left(house)

    assert (renamed.json()["locked"], renamed.json()["mode"]) == (True, "local")
    assert one(frames, "route")["provider"] == "ollama"


async def test_R07_a_number_in_two_messages_stays_here(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        house.anthropic.script(tuple(map(Send, stream([["Tell ", "me ", "more."]]))))
        first = await browser.ask(f"{COMPLEX} The record number is MRN", mode="cloud")
        id = of(first, "conversation")[0]["id"]
        frames = await browser.ask("4482913", conversation=id, provider="anthropic")
        assert b"4482913" not in house.cloud_bytes()

    assert (one(first, "route")["provider"], one(frames, "route")["provider"]) == ("anthropic", "ollama")
    assert of(frames, "conversation")[-1]["locked"]


async def test_R11_where_the_ledger_takes_nothing_nothing_leaves(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.ask("What is a normal potassium?", mode="local")
        with closing(sqlite3.connect(tmp_path / "data" / "chatapp.sqlite3")) as other:
            full = "CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'no room'); END"
            other.execute(full)
        frames = await browser.ask(COMPLEX, mode="cloud")
        here = await browser.ask(PHI)
        assert asked_of_the_cloud(house) == 0

    error = one(frames, "error")
    assert error["code"] == "storage_unavailable"
    assert_whole(frames, error["turn"])
    assert text_of(here).strip()
