"""The story of a turn: what it says and in which order, and that it has one end, whatever happens to it and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from chatapp import events
from chatapp.chat import scribe
from chatapp.chat.house import TurnLimits
from chatapp.chat.log import TurnLog
from chatapp.errors import ChatError, ProviderUnavailable, StorageUnavailable
from chatapp.events import Delta, Thinking
from chatapp.messages import Message, Text, ToolCall, ToolResult, Usage
from chatapp.ports import Completed, Loading
from chatapp.router.route import Policy
from tests.chat.room import (
    ANN,
    Doings,
    Echo,
    Room,
    SteppedCloud,
    SteppedDatabase,
    begun,
    call,
    calls,
    ended,
    of,
    open_room,
    said,
    says,
    soon,
    text_of,
    until,
)
from tests.fakes import CANARY, ScriptedCloud, ScriptedLocal

TOOL_LOOP = (calls(call(), text="First the tool. "), says("And ", "now ", "words."))
DOWN = ProviderUnavailable("ollama")


def types_of(told: list[events.Event]) -> list[str]:
    """The kinds of events in order, runs of text as one."""
    kinds = [event.type for event in told]
    return [kind for at, kind in enumerate(kinds) if kind != "delta" or kinds[at - 1] != "delta"]


def error_of(told: list[events.Event]) -> events.Error:
    (error,) = of(told, events.Error)
    return error


def done_of(told: list[events.Event]) -> events.Done:
    (done,) = of(told, events.Done)
    return done


# --- what is said ----------------------------------------------------------------------------------------------------


async def test_a_turn_says_who_answers_then_the_answer_then_its_end(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(says("Hel", "lo."))) as room:
        log = await room.ask()
        await ended(log)
        await room.assert_whole(log)

    told = said(log)
    assert types_of(told) == ["turn", "route", "delta", "done"]
    done = done_of(told)
    assert (text_of(told), done.finish, done.provider, done.usage) == ("Hello.", "stop", "ollama", Usage(3, 2))
    assert done.context_tokens == 5


async def test_a_tool_loop_goes_on_with_what_the_tool_said(database: SteppedDatabase) -> None:
    local = ScriptedLocal(*TOOL_LOOP)
    async with open_room(database, local=local, tools=[Echo()]) as room:
        log = await room.ask("A roster.")
        await ended(log)
        await room.assert_whole(log)

    told = said(log)
    assert types_of(told) == ["turn", "route", "delta", "tool_call", "tool_result", "delta", "done"]
    assert of(told, events.ToolResult)[0].content == "echo of ward"
    assert done_of(told).usage == Usage(6, 4)
    assert local.given[1].messages[1:] == (
        Message("assistant", (Text("First the tool. "), call())),
        Message("tool", (ToolResult("c1", "echo", "echo of ward", ok=True),)),
    )


async def test_waiting_and_thinking_are_told_and_are_no_answer(database: SteppedDatabase) -> None:
    local = ScriptedLocal((Loading("base"), Thinking("Hm."), Delta("Yes."), Completed("length", Usage())))
    async with open_room(database, local=local) as room:
        told = await room.answer()

    assert types_of(told) == ["turn", "route", "status", "thinking", "delta", "done"]
    assert (text_of(told), done_of(told).finish) == ("Yes.", "length")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ((Completed("stop", Usage()),), "empty_answer"),
        ((Delta(" \n"), Completed("stop", Usage())), "empty_answer"),
        ((Thinking("Hm."), Completed("stop", Usage())), "empty_answer"),
        ((Delta("No."), Completed("refused", Usage())), "refused_by_model"),
        ((Delta("Half an"), ProviderUnavailable("ollama")), "stream_interrupted"),
        ((Delta("Half an"), ValueError("a bug")), "internal"),
    ],
)
async def test_an_answer_that_is_none_ends_in_an_error(
    database: SteppedDatabase, script: tuple[Delta | BaseException, ...], code: str
) -> None:
    async with open_room(database, local=ScriptedLocal(script), mode="local") as room:
        log = await room.ask()
        await ended(log)
        await room.assert_whole(log)
        assert await room.state(log) == "error"
        assert text_of(await room.answer("Again?", conversation=log.conversation)) == "An answer."

    assert error_of(said(log)).code == code
    assert "bug" not in error_of(said(log)).message


async def test_a_fallback_is_said_before_the_words_of_the_other_one(database: SteppedDatabase) -> None:
    cloud = ScriptedCloud((Thinking("Hm."), ProviderUnavailable("anthropic")))
    async with open_room(database, cloud=cloud, mode="cloud") as room:
        told = await room.answer()

    assert types_of(told) == ["turn", "route", "thinking", "fallback", "route", "delta", "done"]
    first, second = of(told, events.Route)
    assert (first.provider, second.provider, second.rule) == ("anthropic", "ollama", "fallback")
    assert of(told, events.Fallback)[0].cause == "provider_unavailable"


async def test_whoever_stepped_in_goes_on_in_the_next_round(database: SteppedDatabase) -> None:
    cloud = ScriptedCloud((ProviderUnavailable("anthropic"),))
    local = ScriptedLocal(*TOOL_LOOP)
    async with open_room(database, local=local, cloud=cloud, tools=[Echo()], mode="cloud") as room:
        told = await room.answer("A roster.")

    assert (len(cloud.given), len(local.given)) == (1, 2)
    assert len(of(told, events.Route)) == 2


# --- limits ----------------------------------------------------------------------------------------------------------


def one_call_a_round(number: int) -> tuple[ToolCall | Completed, ...]:
    return ToolCall(f"c{number}", "echo", f'{{"words": "w{number}"}}'), Completed("tool_calls", Usage(1, 1))


async def test_a_loop_of_tools_ends_after_so_many_rounds(database: SteppedDatabase) -> None:
    local, tool = ScriptedLocal(*map(one_call_a_round, range(20))), Echo()
    async with open_room(database, local=local, tools=[tool], limits=TurnLimits(rounds=3)) as room:
        log = await room.ask("A roster.")
        await ended(log)
        await room.assert_whole(log)

    assert (len(local.given), done_of(said(log)).finish) == (3, "tool_limit")
    assert len(of(said(log), events.ToolCall)) == len(of(said(log), events.ToolResult))


async def test_the_same_call_a_third_time_ends_the_loop(database: SteppedDatabase) -> None:
    tool = Echo()
    local = ScriptedLocal(*(calls(call(id=f"c{number}")) for number in range(9)))
    async with open_room(database, local=local, tools=[tool]) as room:
        told = await room.answer("A roster.")

    assert (tool.given, done_of(told).finish) == (["ward", "ward"], "tool_limit")


@pytest.mark.parametrize(("count", "ran", "finish"), [(16, 16, "stop"), (17, 0, "tool_limit")])
async def test_more_than_sixteen_calls_are_not_run(
    database: SteppedDatabase, count: int, ran: int, finish: str
) -> None:
    tool = Echo()
    many = [call(f'{{"words": "w{number}"}}', id=f"c{number}") for number in range(count)]
    async with open_room(database, local=ScriptedLocal(calls(*many)), tools=[tool]) as room:
        log = await room.ask("A roster.")
        await ended(log)
        await room.assert_whole(log)

    assert (len(tool.given), done_of(said(log)).finish) == (ran, finish)
    results = [result.call for result in of(said(log), events.ToolResult)]
    assert sorted(results) == sorted(shown.call for shown in of(said(log), events.ToolCall))


async def test_a_turn_does_not_outlive_its_time(database: SteppedDatabase) -> None:
    local = ScriptedLocal((Delta("Half an"), asyncio.Event()))
    async with open_room(database, local=local, limits=TurnLimits(seconds=0.05)) as room:
        log = await room.ask()
        await ended(log)
        await room.assert_whole(log)

    assert error_of(said(log)).code == "provider_timeout"
    assert local.open == 0


async def test_a_model_sees_less_of_a_long_result_than_is_kept(database: SteppedDatabase) -> None:
    async def long(words: str) -> str:
        return "x" * 50_000

    local = ScriptedLocal(*TOOL_LOOP)
    async with open_room(database, local=local, tools=[Echo(long)], limits=TurnLimits(result_bytes=1000)) as room:
        told = await room.answer("A roster.")
        (shown,) = local.given[1].messages[-1].parts

    assert len(of(told, events.ToolResult)[0].content) == 50_000
    assert isinstance(shown, ToolResult)
    assert len(shown.content.encode()) == 1000


# --- what must stay here ---------------------------------------------------------------------------------------------


async def test_patient_data_latches_before_anybody_is_asked(database: SteppedDatabase) -> None:
    async with open_room(database, mode="cloud") as room:
        told = await room.answer(f"What of {CANARY}?")
        (conversation,) = await database.conversations(ANN)

    assert (conversation.locked_by, conversation.mode) == ("detector", "local")
    assert CANARY not in conversation.title
    assert room.cloud.given == []
    assert of(told, events.Route)[0].rule == "phi"


async def test_a_tool_that_answers_with_patient_data_latches_and_the_next_round_stays(
    database: SteppedDatabase,
) -> None:
    async def leak(words: str) -> str:
        return f"The record of {CANARY}."

    cloud = ScriptedCloud(*TOOL_LOOP)
    async with open_room(database, cloud=cloud, tools=[Echo(leak)], mode="cloud") as room:
        log = await room.ask("A roster.")
        await ended(log)
        await room.assert_whole(log)
        conversation = await database.conversation(ANN, log.conversation)

    assert (conversation.locked_by, len(cloud.given), len(room.local.given)) == ("tool", 1, 1)
    assert [route.provider for route in of(said(log), events.Route)] == ["anthropic", "ollama"]


async def test_a_lock_while_a_tool_runs_lets_the_tool_finish_and_goes_on_here(database: SteppedDatabase) -> None:
    running, go_on = asyncio.Event(), asyncio.Event()

    async def slow(words: str) -> str:
        running.set()
        await go_on.wait()
        return words

    cloud = ScriptedCloud(*TOOL_LOOP)
    async with open_room(database, cloud=cloud, tools=[Echo(slow)], mode="cloud") as room:
        log = await room.ask("A roster.")
        await running.wait()
        await room.turns.lock(ANN, log.conversation)
        go_on.set()
        await ended(log)

    assert (len(cloud.given), len(room.local.given), done_of(said(log)).finish) == (1, 1, "stop")
    assert len(of(said(log), events.ToolResult)) == 1


async def test_a_lock_while_the_local_model_fails_leaves_no_fallback_to_the_cloud(database: SteppedDatabase) -> None:
    failing = asyncio.Event()
    local = ScriptedLocal((failing, ProviderUnavailable("ollama")))
    async with open_room(database, local=local) as room:
        log = await room.ask()
        await soon(lambda: bool(local.given))
        await room.turns.lock(ANN, log.conversation, log.turn)
        failing.set()
        await ended(log)
        await room.assert_whole(log)

    assert room.cloud.given == []
    assert error_of(said(log)).code == "phi_local_only"


async def test_mode_local_while_the_local_model_fails_leaves_no_fallback_either(database: SteppedDatabase) -> None:
    failing = asyncio.Event()
    local = ScriptedLocal((failing, ProviderUnavailable("ollama")))
    async with open_room(database, local=local) as room:
        log = await room.ask()
        await soon(lambda: bool(local.given))
        await room.turns.set_mode(ANN, log.conversation, "local")
        failing.set()
        await ended(log)

    assert room.cloud.given == []
    assert error_of(said(log)).code == "provider_unavailable"


async def test_a_lock_that_comes_while_the_conversation_is_read_is_seen(database: SteppedDatabase) -> None:
    doings = Doings()
    async with open_room(database, mode="cloud") as room:
        for step in (1, 2, 3, 4):
            log = await room.ask()
            lock_it = room.turns.lock(ANN, log.conversation)
            database.steps.at(step, partial(doings.start, lock_it))
            await ended(log)
            await doings.finish()

        assert [request for request in room.cloud.given if request] == []


async def test_a_recalled_answer_is_said_anew_and_only_the_new_one_is_remembered(database: SteppedDatabase) -> None:
    cloud = ScriptedCloud((Delta("Cloudy words."), asyncio.Event()))
    local = ScriptedLocal(says("Homely words."))
    async with open_room(database, local=local, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await begun(log)
        await room.turns.lock(ANN, log.conversation, log.turn)
        await ended(log)
        await room.assert_whole(log)
        await room.answer("And?", conversation=log.conversation)

    assert types_of(said(log)) == ["turn", "route", "delta", "route", "delta", "done"]
    assert local.given[-1].messages[1] == Message("assistant", (Text("Homely words."),))


async def test_no_record_of_what_leaves_means_no_call(database: SteppedDatabase) -> None:
    async with open_room(database, mode="cloud", policy=Policy(fallback=False)) as room:
        log = await room.ask()
        await until(log, lambda: log.seq >= 2)
        told = said(log)
        assert types_of(told) == ["turn", "route"]
        database.failing = StorageUnavailable
        await ended(log)
        database.failing = lambda: None

    assert room.cloud.given == []
    assert error_of(said(log)).code == "storage_unavailable"


# --- storage that fails ----------------------------------------------------------------------------------------------


def fails_from(number: int) -> Callable[[], ChatError | None]:
    """Storage that takes so many more writes, and then none."""
    left = iter(range(number))
    return lambda: None if next(left, None) is not None else StorageUnavailable()


@pytest.mark.parametrize("writes", range(6))
async def test_storage_that_fails_ends_the_turn_visibly_and_is_caught_up_with(
    database: SteppedDatabase, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribe, "SAVE_EVERY_S", 0.01)
    async with open_room(database, local=ScriptedLocal(*TOOL_LOOP), tools=[Echo()], mode="local") as room:
        log = await room.ask("A roster.")
        database.failing = fails_from(writes)
        await ended(log)
        assert [error.code for error in of(said(log), events.Error)] in ([], ["storage_unavailable"])
        assert (await room.turns.log(ANN, log.turn)).ended
        await room.turns.stop(ANN, log.turn)
        database.failing = lambda: None
        async with asyncio.timeout(5):
            while (await room.turns.log(ANN, log.turn)) is log:  # noqa: ASYNC110 - that it is let go is not announced
                await asyncio.sleep(0)
        assert (await room.state(log)) != "running"
        await room.assert_whole(log)


async def test_words_are_shown_while_storage_is_away(database: SteppedDatabase) -> None:
    more = asyncio.Event()
    local = ScriptedLocal((Delta("One "), more, Delta("two."), Completed("stop", Usage())))
    async with open_room(database, local=local) as room:
        log = await room.ask()
        await begun(log)
        database.failing = StorageUnavailable
        more.set()
        await ended(log)
        database.failing = lambda: None

    assert text_of(said(log)) == "One two."
    assert said(log)[-1].type == "done"


# --- cancelled anywhere ----------------------------------------------------------------------------------------------

Act = Callable[[Room, TurnLog, Doings], None]


def stop(room: Room, log: TurnLog, doings: Doings) -> None:
    doings.start(room.turns.stop(ANN, log.turn))


def lock(room: Room, log: TurnLog, doings: Doings) -> None:
    doings.start(room.turns.lock(ANN, log.conversation, log.turn))


def go_local(room: Room, log: TurnLog, doings: Doings) -> None:
    doings.start(room.turns.set_mode(ANN, log.conversation, "local"))


STORIES: dict[str, tuple[Act, ...]] = {
    "stop": (stop,),
    "stop twice": (stop, stop),
    "lock": (lock,),
    "lock twice": (lock, lock),
    "lock, then stop": (lock, stop),
    "stop, then lock": (stop, lock),
    "mode local": (go_local,),
}


async def tell(database: SteppedDatabase, at: int, acts: tuple[Act, ...]) -> int:
    """A tool loop in the cloud, with something done to it at its step `at` and the next ones; how many steps it had."""
    doings = Doings()
    steps = database.steps

    async def work(words: str) -> str:
        await steps.step()
        return words

    cloud = SteppedCloud(steps, *TOOL_LOOP)
    async with open_room(database, cloud=cloud, tools=[Echo(work)], mode="cloud") as room:
        log = await room.ask("A roster.")
        start = steps.count
        for offset, act in enumerate(acts):
            steps.at(at + offset, partial(act, room, log, doings))
        await ended(log)
        count = steps.count - start
        await doings.finish()
        await soon(lambda: room.turns.active == 0)
        asked_cloud = len(room.cloud.given)
        await room.assert_whole(log)
        assert log.events_after(0)[-1].type == "done"
        again = await room.answer("And now?", conversation=log.conversation)
        assert again[-1].type == "done"
        if lock in acts and (await database.conversation(ANN, log.conversation)).locked:
            assert len(room.cloud.given) == asked_cloud
    return count


@pytest.mark.parametrize("story", STORIES)
async def test_whatever_is_done_at_any_moment_a_turn_has_one_end_and_the_next_one_is_answered(
    database: SteppedDatabase, story: str
) -> None:
    count = await tell(database, 10_000, ())
    assert count > 20
    for at in range(1, count + 2):
        await tell(database, at, STORIES[story])
