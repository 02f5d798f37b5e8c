"""Storing what a turn says: committed before it is shown, saved soon where it is text, and whole when cut short."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from chatapp import events
from chatapp.chat import scribe as scribe_module
from chatapp.chat.errands import Errands
from chatapp.chat.log import TurnLog, events_of
from chatapp.chat.scribe import SAVE_EVERY_DELTAS, Scribe, Sweep
from chatapp.errors import StorageUnavailable
from chatapp.events import Event
from tests.chat.room import ANN, SteppedDatabase
from tests.store.samples import opening_question


@pytest.fixture
async def log(database: SteppedDatabase) -> TurnLog:
    """A question's log: what it says is to be stored."""
    new = opening_question()
    log = TurnLog(new.turn, "c1", ANN)
    log.add(events.Turn("c1", new.client_id))
    await database.add_turn(new, log.unsaved())
    log.mark_saved(log.seq)
    return log


@pytest.fixture
async def scribe(database: SteppedDatabase, log: TurnLog) -> Scribe:
    return Scribe(database, log, lambda: None)


@pytest.fixture
async def sweep() -> AsyncIterator[Sweep]:
    """A sweep that runs."""
    sweep = Sweep()
    task = asyncio.create_task(sweep.run())
    yield sweep
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def stored(database: SteppedDatabase, log: TurnLog) -> list[Event]:
    return [event for row in await database.log(ANN, log.turn) for event in events_of(row)]


async def test_an_event_is_stored_before_it_is_shown_with_the_words_before_it(
    database: SteppedDatabase, log: TurnLog, scribe: Scribe
) -> None:
    seen: list[int] = []
    scribe.show(events.Delta("Hello"))
    log.watchers.add(lambda: seen.append(log.saved))
    database.steps.at(2, lambda: seen.append(-1))  # the commit is done
    await scribe.say(events.Done("stop"), "done")
    assert seen[0] == -1
    assert await stored(database, log) == log.events_after(0)
    assert (await database.turn(ANN, log.turn)).state == "done"


async def test_a_saying_that_is_cut_short_at_any_moment_is_said_whole(
    database: SteppedDatabase, log: TurnLog, scribe: Scribe
) -> None:
    for at in (1, 2):
        saying = asyncio.create_task(scribe.say(events.Status("loading_model")))
        database.steps.at(at, saying.cancel)
        with suppress(asyncio.CancelledError):
            await saying
        await scribe.say(events.Status("queued", at))
    assert [event.type for event in log.events_after(0)] == ["turn", *["status"] * 4]
    assert await stored(database, log) == log.events_after(0)


async def test_sayings_at_once_are_said_one_after_the_other(
    database: SteppedDatabase, log: TurnLog, scribe: Scribe
) -> None:
    await asyncio.gather(*(scribe.say(events.Status("queued", n)) for n in range(9)), scribe.save(), scribe.save())
    assert [event.position for event in log.events_after(1) if isinstance(event, events.Status)] == list(range(9))
    assert await stored(database, log) == log.events_after(0)


async def test_what_cannot_be_stored_is_not_shown(database: SteppedDatabase, log: TurnLog, scribe: Scribe) -> None:
    database.failing = StorageUnavailable
    with pytest.raises(StorageUnavailable):
        await scribe.say(events.Status("loading_model"))
    assert log.seq == 1
    database.failing = lambda: None
    await scribe.say(events.Status("queued", 1))
    assert await stored(database, log) == log.events_after(0)


async def test_words_are_saved_soon_and_earlier_where_there_are_many(
    database: SteppedDatabase, log: TurnLog, sweep: Sweep
) -> None:
    scribe = sweep.scribe(database, log)
    for _ in range(SAVE_EVERY_DELTAS):
        scribe.show(events.Delta("word "))
    async with asyncio.timeout(0.9):
        while log.saved < log.seq:  # noqa: ASYNC110 - saving announces nothing
            await asyncio.sleep(0)
    assert await stored(database, log) == log.events_after(0)


async def test_words_that_are_shown_while_others_are_saved_are_saved_next(
    database: SteppedDatabase, log: TurnLog, scribe: Scribe
) -> None:
    scribe.show(events.Delta("one "))
    database.steps.at(1, lambda: scribe.show(events.Delta("two ")))
    await scribe.save()
    assert log.seq - log.saved == 1
    await scribe.save()
    assert await stored(database, log) == log.events_after(0)


async def test_an_end_that_storage_refuses_is_shown_and_stored_later(
    database: SteppedDatabase, log: TurnLog, scribe: Scribe
) -> None:
    finished: list[bool] = []
    scribe.when_finished = lambda: finished.append(True)
    scribe.show(events.Delta("word "))
    scribe.owe(events.Done("stop"), "done")
    assert log.ended
    assert finished == []
    await scribe.save()
    assert (finished, scribe.finished) == ([True], True)
    assert await stored(database, log) == log.events_after(0)
    assert (await database.turn(ANN, log.turn)).state == "done"


async def test_an_end_that_comes_while_words_are_saved_is_saved_next(
    database: SteppedDatabase, log: TurnLog, scribe: Scribe
) -> None:
    scribe.show(events.Delta("word "))
    database.steps.at(1, lambda: scribe.owe(events.Done("stop"), "done"))
    await scribe.save()
    assert not scribe.finished
    await scribe.save()
    assert (await database.turn(ANN, log.turn)).state == "done"
    assert await stored(database, log) == log.events_after(0)


async def test_an_end_that_storage_never_takes_is_given_up(log: TurnLog, scribe: Scribe) -> None:
    scribe.owe(events.Done("stop"), "done")
    for _ in range(299):
        scribe.failed()
    assert [scribe.finished, scribe.failed(), scribe.finished] == [False, None, True]  # type: ignore[func-returns-value]


async def test_storage_that_fails_is_tried_again(
    database: SteppedDatabase, log: TurnLog, monkeypatch: pytest.MonkeyPatch, sweep: Sweep
) -> None:
    monkeypatch.setattr(scribe_module, "SAVE_EVERY_S", 0.01)
    failures = iter([StorageUnavailable(), StorageUnavailable()])
    database.failing = lambda: next(failures, None)
    scribe = sweep.scribe(database, log)
    scribe.show(events.Delta("word "))
    sweep._due.set()
    async with asyncio.timeout(3):
        while log.saved < log.seq:  # noqa: ASYNC110 - saving announces nothing
            await asyncio.sleep(0)
    assert await stored(database, log) == log.events_after(0)


async def test_a_turn_that_no_store_can_hold_does_not_stop_the_saving_of_others(
    database: SteppedDatabase, log: TurnLog, sweep: Sweep, caplog: pytest.LogCaptureFixture
) -> None:
    broken = sweep.scribe(database, TurnLog("t0", "c1", ANN))
    broken.show(events.Delta("secret \ud800"))
    well = sweep.scribe(database, log)
    well.show(events.Delta("word "))
    with caplog.at_level(logging.ERROR):
        sweep._due.set()
        async with asyncio.timeout(3):
            while log.saved < log.seq or broken in sweep.scribes:  # noqa: ASYNC110 - saving announces nothing
                await asyncio.sleep(0)
    assert sweep.scribes == {well}
    assert "secret" not in caplog.text


# --- errands ---------------------------------------------------------------------------------------------------------


async def test_an_errand_goes_on_without_whoever_sent_it() -> None:
    errands, go_on, done = Errands(), asyncio.Event(), asyncio.Event()

    async def work() -> str:
        await go_on.wait()
        done.set()
        return "whole"

    sender = asyncio.create_task(errands.run(work()))
    await asyncio.sleep(0)
    sender.cancel()
    await asyncio.wait([sender])
    assert repr(errands) == "<Errands 1 under way>"
    go_on.set()
    await errands.finish()
    assert done.is_set()
    assert repr(errands) == "<Errands 0 under way>"


async def test_an_errand_gives_back_what_came_of_it() -> None:
    async def fail() -> None:
        raise StorageUnavailable

    async def succeed() -> int:
        return 7

    assert await Errands().run(succeed()) == 7
    with pytest.raises(StorageUnavailable):
        await Errands().run(fail())
