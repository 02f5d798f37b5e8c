"""A turn belongs to the house: it goes on without a browser, is resumed without a gap, and survives."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.house import Browser, Frame, House, assert_whole, of, one, open_house, text_of

LONG = "n=300 gap=5"


async def read_turn(browser: Browser, turn: str) -> list[Frame]:
    """The frames of a turn from here to its end."""
    frames = []
    while True:
        frame = await browser.next()
        if frame.get("turn") == turn:
            frames.append(frame)
            if frame["type"] in ("done", "error"):
                return frames


async def begin(browser: Browser, text: str = LONG) -> tuple[str, str]:
    """Ask, and wait for the first words: conversation and turn."""
    await browser.send("chat", id="q1", text=text)
    turn = await browser.until("turn")
    await browser.until("delta")
    return turn["conversation"], turn["turn"]


@pytest.mark.parametrize("events", [1, 2, 3, 10, 100])
async def test_an_answer_goes_on_without_a_browser_and_is_resumed_without_a_gap(tmp_path: Path, events: int) -> None:
    async with open_house(tmp_path) as house:
        async with house.browser() as browser:
            await browser.send("chat", id="q1", text=LONG)
            turn = (await browser.until("turn"))["turn"]
            seen = [browser.frames[-1]]
            while seen[-1]["seq"] < events:
                seen.append(await browser.next())
        async with house.browser() as again:
            await again.send("resume", turn=turn, after=seen[-1]["seq"])
            assert (await again.next())["type"] == "conversation"
            seen += await read_turn(again, turn)
        async with house.browser() as third:
            await third.send("resume", turn=turn, after=0)
            whole = await read_turn(third, turn)

    assert_whole(seen, turn)
    assert_whole(whole, turn)
    assert text_of(seen) == text_of(whole)
    assert one(whole, "done")["finish"] == "stop"


async def test_the_whole_turn_is_there_after_a_restart_from_any_event(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask("n=60 gap=1")
        turn = one(frames, "done")["turn"]
    async with open_house(tmp_path) as house, house.browser() as browser:
        for after in (0, 1, 2, 3, 30, one(frames, "done")["seq"] - 1):
            await browser.send("resume", turn=turn, after=after)
            rest = await read_turn(browser, turn)
            assert rest[0].get("first", rest[0]["seq"]) == after + 1
            assert text_of(frames).endswith(text_of(rest))


@pytest.mark.parametrize("after", [-1, 10_000])
async def test_a_number_the_log_does_not_hold_is_answered_by_what_stands(tmp_path: Path, after: int) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask("What is a normal potassium?")
        done = one(frames, "done")
        await browser.send("resume", turn=done["turn"], after=after)
        reset = await browser.until("reset")
        end = await browser.next()

    assert reset["text"] == text_of(frames)
    assert reset["seq"] == done["seq"] - 1
    assert end == done


async def test_a_turn_that_ran_when_the_house_went_down_is_marked_interrupted(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ={"CHATAPP_DRAIN_SECONDS": "0.1"}) as house, house.browser() as browser:
        conversation, turn = await begin(browser, "n=100000 gap=20")
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.send("resume", turn=turn, after=0)
        frames = await read_turn(browser, turn)
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{conversation}")).json()

    assert one(frames, "done")["finish"] == "interrupted"
    assert text_of(frames)
    assert read["turns"][0]["state"] == "interrupted"


async def test_stop_ends_the_turn_and_frees_the_model(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        _, turn = await begin(browser, "n=100000 gap=5")
        await browser.send("stop", turn=turn)
        done = await browser.until("done")
        await house.ollama.wait_closed()
        await browser.send("stop", turn=turn)
        await browser.send("ping")
        answer = await browser.next()

    assert done["finish"] == "stopped"
    assert answer["type"] == "pong"
    assert_whole(browser.frames, turn)


async def test_a_second_question_waits_and_is_answered_after_the_first(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        conversation, first = await begin(browser, "n=60 gap=5")
        await browser.send("chat", id="q2", text="And sodium?", conversation=conversation)
        second = (await browser.until("turn", id="q2"))["turn"]
        waiting = await browser.until("status", turn=second)
        frames = await read_turn(browser, second)

    assert (waiting["state"], waiting["position"]) == ("queued", 1)
    assert one(frames, "done")["finish"] == "stop"
    assert one([f for f in browser.frames if f.get("turn") == first], "done")["finish"] == "stop"
    assert_whole(browser.frames, second)


async def test_the_queue_has_an_end(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ={"CHATAPP_WAITING_TURNS": "2"}) as house, house.browser() as browser:
        conversation, first = await begin(browser, "n=100000 gap=5")
        for number in range(2, 5):
            await browser.send("chat", id=f"q{number}", text="And?", conversation=conversation)
        error = await browser.until("error")
        await browser.send("stop", turn=first)
        await browser.until("done", turn=first)

    assert (error["code"], error["re"]["id"]) == ("busy_turn", "q4")


async def test_a_waiting_question_can_be_stopped(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        conversation, first = await begin(browser, "n=100000 gap=5")
        await browser.send("chat", id="q2", text="And sodium?", conversation=conversation)
        second = (await browser.until("turn", id="q2"))["turn"]
        await browser.send("stop", turn=second)
        done = await browser.until("done")
        await browser.send("stop", turn=first)
        await browser.until("done", turn=first)

    assert (done["turn"], done["finish"]) == (second, "stopped")


async def test_the_same_message_again_replays_the_first_answer(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        first = await browser.ask("What is a normal potassium?", id="same")
        again = await browser.ask("What is a normal potassium?", id="same")
        other = await browser.ask("What is a normal sodium?", id="same")
        asked = [request for request in house.ollama.requests if request.path == "/api/chat"]

    assert one(again, "done")["turn"] == one(first, "done")["turn"]
    assert text_of(again) == text_of(first)
    assert one(other, "error")["code"] == "bad_message"
    assert len(asked) == 1


async def test_a_hundred_times_the_same_message_at_once_is_one_turn(tmp_path: Path) -> None:
    async def ask(house: House) -> str:
        async with house.browser() as browser:
            return str(one(await browser.ask("What is a normal potassium?", id="same"), "done")["turn"])

    async with open_house(tmp_path) as house:
        turns = await asyncio.gather(*(ask(house) for _ in range(100)))
        asked = [request for request in house.ollama.requests if request.path == "/api/chat"]

    assert len(set(turns)) == 1
    assert len(asked) == 1


async def test_two_tabs_hear_the_same_turn(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as one_tab, house.browser() as other_tab:
        first = await one_tab.ask("What is a normal potassium?")
        conversation = of(first, "conversation")[0]["id"]
        await other_tab.send("open", conversation=conversation)
        await other_tab.until("running")
        asked = await one_tab.ask("And sodium?", conversation=conversation)
        heard = await read_turn(other_tab, one(asked, "done")["turn"])

    assert_whole(heard, one(asked, "done")["turn"])
    assert text_of(heard) == text_of(asked)


async def test_an_opened_conversation_names_what_runs_in_it(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser, house.browser() as other:
        conversation, turn = await begin(browser, "n=100000 gap=5")
        await other.send("open", conversation=conversation)
        assert (await other.until("conversation"))["id"] == conversation
        running = (await other.until("running"))["running"]
        live = await other.until("delta")
        await browser.send("stop", turn=turn)
        await browser.until("done")

    assert [entry["turn"] for entry in running] == [turn]
    assert live.get("first", live["seq"]) == running[0]["seq"] + 1


async def test_an_edit_makes_a_sibling_that_does_not_see_the_first_try(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        first = await browser.ask("What is a normal potassium?")
        conversation, turn = of(first, "conversation")[0]["id"], one(first, "done")["turn"]
        await browser.ask("What is a normal sodium?", conversation=conversation, replaces=turn)
        asked = house.ollama.requests[-1].json["messages"]
        async with house.http() as http:
            turns = (await http.get(f"/api/conversations/{conversation}")).json()["turns"]

    assert [message["role"] for message in asked] == ["system", "user"]
    assert [entry["parent"] for entry in turns] == [None, None]
