"""The owner of all turns: asking once, waiting in line, stopping, deleting, draining; and nobody else's turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from chatapp import events
from chatapp.chat.log import EVENTS, TurnLog
from chatapp.chat.turns import TurnsLimits
from chatapp.errors import (
    BadInput,
    BusyTurn,
    ChatError,
    Draining,
    ModeLocked,
    NotFound,
    ProviderUnavailable,
    StorageUnavailable,
)
from chatapp.events import Delta
from chatapp.messages import Usage
from chatapp.ports import Completed
from tests.chat.room import (
    ANN,
    Doings,
    Room,
    SteppedDatabase,
    begun,
    ended,
    of,
    open_room,
    question,
    said,
    says,
    soon,
    text_of,
)
from tests.fakes import CANARY, ScriptedCloud, ScriptedLocal, Step


def endless() -> tuple[Step, ...]:
    """A reply that begins, and goes on until it is stopped."""
    return Delta("Well "), asyncio.Event()


async def line_up(room: Room, count: int) -> list[TurnLog]:
    """A conversation with one turn that runs and some that wait."""
    first = await room.ask("The first.")
    await begun(first)
    return [first, *[await room.ask(f"Number {n}.", conversation=first.conversation) for n in range(count)]]


# --- asking ----------------------------------------------------------------------------------------------------------


async def test_the_same_question_again_is_the_same_turn(database: SteppedDatabase) -> None:
    asked = question("Same?")
    async with open_room(database) as room:
        first = await room.ask(asked)
        again = await room.ask(asked)
        await ended(first)
        after_its_end = await room.ask(asked)

    assert again is first
    assert after_its_end.turn == first.turn
    assert said(after_its_end) == said(first)
    assert len(room.local.given) == 1


async def test_the_same_id_with_other_words_is_refused(database: SteppedDatabase) -> None:
    async with open_room(database) as room:
        await room.answer(question("One.", id="same"))
        with pytest.raises(BadInput):
            await room.ask(question("Two.", id="same"))


async def test_the_same_question_again_is_replayed_even_where_no_more_may_wait(database: SteppedDatabase) -> None:
    limits = TurnsLimits(waiting=1, drain_s=0.0)
    async with open_room(database, local=ScriptedLocal(endless()), turns_limits=limits) as room:
        first = await room.ask("First.")
        asked = question("Second.", conversation=first.conversation)
        second = await room.ask(asked)
        assert await room.ask(asked) is second
        with pytest.raises(BusyTurn):
            await room.ask("Third.", conversation=first.conversation)
        with pytest.raises(BadInput):
            await room.ask(question("Other words.", id=asked.id, conversation=first.conversation))


@pytest.mark.parametrize("failing", [False, True])
async def test_a_browser_that_is_gone_while_its_question_is_stored_leaves_a_turn_that_ends_or_none(
    database: SteppedDatabase, failing: bool
) -> None:
    for at in range(1, 8):
        asked = question("Gone?")
        async with open_room(database) as room:
            asking = asyncio.create_task(room.turns.start(asked, ANN, 0.0))
            database.steps.at(at, asking.cancel)
            database.failing = StorageUnavailable if failing else lambda: None
            with suppress(asyncio.CancelledError, ChatError):
                await asking
            await soon(lambda room=room: room.turns.active == 0)  # type: ignore[misc]
            database.failing = lambda: None
            log = await room.ask(asked)
            await ended(log)
            await room.assert_whole(log)
            assert len(room.local.given) == 1


async def test_a_title_is_the_first_words_and_neutral_where_they_may_be_patient_data(database: SteppedDatabase) -> None:
    async with open_room(database) as room:
        await room.answer("   How  are you?\nWell?")
        await room.answer(f"What of {CANARY}?")
        titles = [one.title for one in await database.conversations(ANN)]

    assert titles[1] == "How are you?"
    assert titles[0].startswith("Conversation ")


# --- waiting ---------------------------------------------------------------------------------------------------------


async def test_questions_wait_and_are_answered_in_order(database: SteppedDatabase) -> None:
    local = ScriptedLocal(endless(), *(says(f"Answer {n}.") for n in range(3)))
    async with open_room(database, local=local) as room:
        first, *others = await line_up(room, 3)
        assert (room.turns.active, room.turns.queued) == (1, 3)
        assert [await room.state(log) for log in (first, *others)] == ["running", *["queued"] * 3]
        assert [log.turn for log in room.turns.running(ANN, first.conversation)] == [
            first.turn,
            *[o.turn for o in others],
        ]
        await room.turns.stop(ANN, first.turn)
        for number, log in enumerate(others):
            await ended(log)
            await room.assert_whole(log)
            assert text_of(said(log)) == f"Answer {number}."
            assert [status.position for status in of(said(log), events.Status)] == list(range(number + 1, 0, -1))


async def test_a_turn_that_waited_is_running_once_it_is_answered(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(says("One."), endless())) as room:
        first = await room.ask()
        second = await room.ask("And?", conversation=first.conversation)
        await begun(second)
        assert await room.state(second) == "running"


async def test_a_turn_is_never_told_to_wait_once_it_has_begun(database: SteppedDatabase) -> None:
    """Answers that come faster than the places in the line are told."""
    first_may_fail = asyncio.Event()
    local = ScriptedLocal((first_may_fail, ProviderUnavailable("ollama")), *([(ProviderUnavailable("ollama"),)] * 5))
    async with open_room(database, local=local, mode="local") as room:
        first = await room.ask()
        others = [await room.ask(f"{n}?", conversation=first.conversation) for n in range(5)]
        first_may_fail.set()
        for log in others:
            await ended(log)
        await soon(lambda: room.turns.active == 0)
        for log in others:
            await room.assert_whole(log)
            kinds = [event.type for event in said(log)]
            assert "status" not in kinds[kinds.index("route") :]


async def test_a_turn_is_told_nothing_after_its_end_though_places_are_being_told(database: SteppedDatabase) -> None:
    telling, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        telling.set()
        await go_on.wait()

    async with open_room(database, local=ScriptedLocal(endless())) as room:
        _, second, third, fourth = await line_up(room, 3)
        database.steps.at(3, hold)  # the second's end takes two steps, then the third is told its new place
        stopping = asyncio.create_task(room.turns.stop(ANN, second.turn))
        await telling.wait()
        stopping_too = asyncio.create_task(room.turns.stop(ANN, fourth.turn))
        await ended(fourth)
        go_on.set()
        await asyncio.gather(stopping, stopping_too)
        await room.assert_whole(fourth)
        assert of(said(third), events.Status)[-1].position == 1


async def test_a_question_that_waits_sees_a_lock_that_came_meanwhile(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(endless())) as room:
        first = await room.ask()
        second = await room.ask("And?", conversation=first.conversation, provider="anthropic")
        await room.turns.lock(ANN, first.conversation)
        await room.turns.stop(ANN, first.turn)
        await ended(second)

    assert room.cloud.given == []
    assert of(said(second), events.Route)[0].rule == "locked"


async def test_a_question_that_waits_carries_the_answer_it_waited_for(database: SteppedDatabase) -> None:
    go_on = asyncio.Event()
    local = ScriptedLocal((go_on, Delta("Four."), Completed("stop", Usage())))
    async with open_room(database, local=local) as room:
        first = await room.ask("Two and two?")
        second = await room.ask("And one more?", conversation=first.conversation)
        go_on.set()
        await ended(second)

    assert [message.role for message in local.given[1].messages] == ["user", "assistant", "user"]


# --- stopping --------------------------------------------------------------------------------------------------------


async def test_a_question_that_waits_can_be_stopped_and_those_behind_it_move_up(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(endless())) as room:
        _, second, third = await line_up(room, 2)
        await room.turns.stop(ANN, second.turn)
        await room.turns.stop(ANN, second.turn)
        await room.assert_whole(second)
        assert said(second)[-1] == events.Done("stopped")
        assert of(said(third), events.Status)[-1].position == 1
        assert await room.state(second) == "stopped"


async def test_a_stop_whose_browser_is_gone_is_still_a_stop(database: SteppedDatabase) -> None:
    for at in range(1, 6):
        async with open_room(database, local=ScriptedLocal(endless())) as room:
            _, second = await line_up(room, 1)
            stopping = asyncio.create_task(room.turns.stop(ANN, second.turn))
            database.steps.at(at, stopping.cancel)
            await asyncio.wait([stopping])
            await ended(second)
            await soon(lambda room=room: room.turns.queued == 0)  # type: ignore[misc]
            await room.assert_whole(second)
            assert await room.turns.log(ANN, second.turn) is not second


async def test_a_stop_before_the_first_step_asks_nobody(database: SteppedDatabase) -> None:
    async with open_room(database) as room:
        log = await room.ask()
        await room.turns.stop(ANN, log.turn)
        await ended(log)
        await room.assert_whole(log)

    assert said(log)[-1].type == "done"
    assert room.local.given == []


async def test_the_first_reason_to_end_a_turn_is_the_one_that_counts(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(endless())) as room:
        log = await room.ask()
        await begun(log)
        await room.turns.stop(ANN, log.turn)

    assert of(said(log), events.Done)[0].finish == "stopped"


# --- locks and modes -------------------------------------------------------------------------------------------------


async def test_a_lock_whose_browser_is_gone_still_cuts_the_cloud_off(database: SteppedDatabase) -> None:
    for at in range(1, 6):
        async with open_room(database, mode="cloud") as room:
            room.cloud._scripts.append(endless())
            log = await room.ask()
            await begun(log)
            locking = asyncio.create_task(room.turns.lock(ANN, log.conversation))
            database.steps.at(at, locking.cancel)
            await asyncio.wait([locking])
            await ended(log)
            assert of(said(log), events.Route)[-1].provider == "ollama"


async def test_a_lock_that_storage_did_not_take_cuts_the_cloud_off_and_holds_from_the_next_question_on(
    database: SteppedDatabase,
) -> None:
    cloud = ScriptedCloud((Delta("Cloudy words."), asyncio.Event()))
    async with open_room(database, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await begun(log)
        database.failing = StorageUnavailable
        with pytest.raises(StorageUnavailable):
            await room.turns.lock(ANN, log.conversation)
        await soon(lambda: cloud.open == 0)
        database.failing = lambda: None
        await ended(log)
        await room.answer("And?", conversation=log.conversation)
        conversation = await database.conversation(ANN, log.conversation)

    assert len(cloud.given) == 1
    assert (conversation.locked_by, conversation.mode) == ("user", "local")


async def test_a_title_that_names_a_patient_latches_and_is_kept(database: SteppedDatabase) -> None:
    cloud = ScriptedCloud((Delta("Cloudy words."), asyncio.Event()))
    async with open_room(database, cloud=cloud, mode="cloud") as room:
        log = await room.ask()
        await begun(log)
        renamed = await room.turns.rename(ANN, log.conversation, f"About {CANARY}")
        await ended(log)
        harmless = await room.turns.rename(ANN, log.conversation, "About shifts")

    assert (renamed.locked_by, renamed.mode, renamed.title) == ("detector", "local", f"About {CANARY}")
    assert (harmless.locked_by, harmless.title) == ("detector", "About shifts")
    assert [route.provider for route in of(said(log), events.Route)] == ["anthropic", "ollama"]


async def test_the_modes_of_a_locked_conversation_are_over(database: SteppedDatabase) -> None:
    async with open_room(database) as room:
        log = await room.ask()
        await ended(log)
        locked, incident = await room.turns.lock(ANN, log.conversation)
        assert (locked.locked_by, incident) == ("user", None)
        with pytest.raises(ModeLocked):
            await room.turns.set_mode(ANN, log.conversation, "hybrid")
        assert (await room.turns.set_mode(ANN, log.conversation, "local")).mode == "local"


async def test_a_lock_names_a_turn_of_its_own_conversation(database: SteppedDatabase) -> None:
    async with open_room(database) as room:
        one, other = await room.ask("One."), await room.ask("Other.")
        await ended(one)
        await ended(other)
        with pytest.raises(NotFound):
            await room.turns.lock(ANN, one.conversation, other.turn)
        assert not (await database.conversation(ANN, one.conversation)).locked


# --- deleting --------------------------------------------------------------------------------------------------------


async def test_deleting_a_conversation_stops_what_runs_and_what_waits(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(endless())) as room:
        logs = await line_up(room, 3)
        await room.turns.set_deleted(ANN, logs[0].conversation, True)
        for log in logs:
            await ended(log)
        await room.turns.set_deleted(ANN, logs[0].conversation, False)
        for log in logs:
            await room.assert_whole(log)
            assert of(said(log), events.Done)[0].finish == "stopped"
    assert len(room.local.given) == 1


async def test_deleting_at_any_moment_of_the_answer_succeeds(database: SteppedDatabase) -> None:
    for at in range(1, 12):
        doings = Doings()
        async with open_room(database) as room:
            log = await room.ask()
            second = await room.ask("And?", conversation=log.conversation)
            deleting = room.turns.set_deleted(ANN, log.conversation, True)
            database.steps.at(at, lambda doings=doings, deleting=deleting: doings.start(deleting) and None)  # type: ignore[misc]
            await ended(log)
            await ended(second)
            database.steps.run_out()
            await doings.succeed()
            with pytest.raises(NotFound):
                await database.conversation(ANN, log.conversation)
            await room.turns.set_deleted(ANN, log.conversation, False)
            await room.assert_whole(log)
            await room.assert_whole(second)


# --- the end of the process ------------------------------------------------------------------------------------------


async def test_draining_ends_what_runs_and_what_waits_and_takes_nothing_new(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(endless())) as room:
        logs = await line_up(room, 2)
    assert room.turns.draining
    assert [of(said(log), events.Done)[0].finish for log in logs] == ["interrupted"] * 3
    assert [await room.state(log) for log in logs] == ["interrupted"] * 3
    for log in logs:
        await room.assert_whole(log)
    with pytest.raises(Draining):
        await room.ask("Too late?")


async def test_draining_lets_an_answer_come_to_its_end(database: SteppedDatabase) -> None:
    go_on = asyncio.Event()
    local = ScriptedLocal((Delta("One "), go_on, Delta("two."), Completed("stop", Usage())))
    async with open_room(database, local=local, turns_limits=TurnsLimits(drain_s=5.0)) as room:
        log = await room.ask()
        await begun(log)
        asyncio.get_running_loop().call_soon(go_on.set)
    assert text_of(said(log)) == "One two."
    assert of(said(log), events.Done)[0].finish == "stop"


async def test_a_question_that_is_being_stored_when_the_end_comes_has_an_end_too(database: SteppedDatabase) -> None:
    for at in range(1, 5):
        leave = asyncio.Event()
        async with open_room(database) as room:
            database.steps.at(at, leave.set)
            asking = asyncio.create_task(room.turns.start(question(), ANN, 0.0))
            await leave.wait()
        _, log = await asking
        await room.assert_whole(log)


async def test_turns_of_an_earlier_run_are_ended_at_the_start(database: SteppedDatabase) -> None:
    async with open_room(database, local=ScriptedLocal(endless())) as room:
        log = await room.ask()
        await begun(log)
        await room.turns.stop(ANN, log.turn)
        await ended(log)
    swept = await database.sweep("node", 0.0, EVENTS.dump_json(events.Done("interrupted")).decode())
    assert swept == []


# --- logs ------------------------------------------------------------------------------------------------------------


async def test_a_whole_log_holds_what_memory_has_let_go(database: SteppedDatabase) -> None:
    texts = [f"{n} " for n in range(300)]
    go_on = asyncio.Event()
    local = ScriptedLocal((*map(Delta, texts[:200]), go_on, *map(Delta, texts[200:]), Completed("stop", Usage())))
    limits = TurnsLimits(replay_bytes=1000, drain_s=0.0)
    async with open_room(database, local=local, turns_limits=limits) as room:
        log = await room.ask()
        await soon(lambda: log.base > 0)
        whole = await room.turns.whole_log(ANN, log.turn)
        assert whole.base == 0
        assert text_of(said(whole)) == "".join(texts[:200])
        go_on.set()
        await ended(log)
        whole = await room.turns.whole_log(ANN, log.turn)

    assert text_of(said(whole)) == "".join(texts)
    assert whole.ended


async def test_a_whole_log_misses_nothing_that_was_let_go_while_it_was_read(database: SteppedDatabase) -> None:
    texts = [f"{n} " for n in range(300)]
    go_on = asyncio.Event()
    local = ScriptedLocal((*map(Delta, texts[:100]), go_on, *map(Delta, texts[100:]), asyncio.Event()))
    limits = TurnsLimits(replay_bytes=1000, drain_s=0.0)
    async with open_room(database, local=local, turns_limits=limits) as room:
        log = await room.ask()
        await soon(lambda: log.base > 0)

        async def much_happens() -> None:
            go_on.set()
            await soon(lambda: log.base > 250)

        database.steps.at(2, much_happens)  # the rows are read, and not handed over yet
        whole = await room.turns.whole_log(ANN, log.turn)

    assert text_of(said(whole)) == "".join(texts)


# --- other people's --------------------------------------------------------------------------------------------------

BENS: dict[str, Callable[[Room, TurnLog], Awaitable[object]]] = {
    "log": lambda room, log: room.turns.log("ben", log.turn),
    "whole_log": lambda room, log: room.turns.whole_log("ben", log.turn),
    "stop": lambda room, log: room.turns.stop("ben", log.turn),
    "lock": lambda room, log: room.turns.lock("ben", log.conversation),
    "lock, with a turn": lambda room, log: room.turns.lock("ben", log.conversation, log.turn),
    "mode": lambda room, log: room.turns.set_mode("ben", log.conversation, "local"),
    "rename": lambda room, log: room.turns.rename("ben", log.conversation, "Mine"),
    "delete": lambda room, log: room.turns.set_deleted("ben", log.conversation, True),
    "ask": lambda room, log: room.turns.start(question("Hi", conversation=log.conversation), "ben", 0.0),
    "ask after": lambda room, log: room.turns.start(question("Hi", parent=log.turn), "ben", 0.0),
    "ask instead": lambda room, log: room.turns.start(question("Hi", replaces=log.turn), "ben", 0.0),
}


@pytest.mark.parametrize("act", BENS)
@pytest.mark.parametrize("running", [True, False])
async def test_somebody_elses_turn_is_not_there(database: SteppedDatabase, act: str, running: bool) -> None:
    async with open_room(database, local=ScriptedLocal(endless() if running else says("Well "))) as room:
        log = await room.ask()
        await begun(log)
        if not running:
            await ended(log)
        before = await database.conversation(ANN, log.conversation)
        with pytest.raises(NotFound):
            await BENS[act](room, log)
        assert room.turns.running("ben", log.conversation) == []
        assert await database.conversation(ANN, log.conversation) == before
        assert log.ended is not running
