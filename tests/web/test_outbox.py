"""What waits for one browser: in order, bounded, and given up when the browser does not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
import pytest

from chatapp.chat.log import TurnLog
from chatapp.events import Delta, Done
from chatapp.web.follower import Follower, follow, start_anew
from chatapp.web.outbox import Outbox, TooSlow


class Wire:
    """The far end of a socket: it takes frames while it is open."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.more = asyncio.Condition()

    async def send(self, frame: str) -> None:
        await self.open.wait()
        async with self.more:
            self.taken.append(frame)
            self.more.notify_all()

    async def took(self, count: int) -> list[str]:
        async with self.more:
            await self.more.wait_for(lambda: len(self.taken) >= count)
        return self.taken

    def seqs(self) -> list[object]:
        return [orjson.loads(frame).get("seq", frame) if frame.startswith("{") else frame for frame in self.taken]


async def renewed(log: TurnLog) -> tuple[str, Follower]:
    whole = TurnLog(log.turn, log.conversation, log.owner)
    for number in range(log.seq):
        whole.add(Delta(f"{number} "))
    return start_anew(log, whole, blocks=False)


@asynccontextmanager
async def running(outbox: Outbox) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(outbox.run())
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError, TooSlow):
        await task


def log_of(count: int, turn: str = "t1") -> TurnLog:
    log = TurnLog(turn, "k1", "anna", keep_bytes=1)
    for number in range(count):
        log.add(Delta(f"{number} "))
    return log


async def test_frames_leave_in_order() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, renewed)
    outbox.put("a")
    async with running(outbox):
        outbox.put("b")
        assert await wire.took(2) == ["a", "b"]


async def test_a_frame_comes_after_what_the_logs_had_said_before_it() -> None:
    wire = Wire()
    outbox, log = Outbox(wire.send, renewed), log_of(3)
    outbox.follow(follow(log, 0, blocks=False))
    outbox.put("after three")
    log.add(Delta("3"))
    async with running(outbox):
        await wire.took(3)
    assert wire.seqs() == [3, "after three", 4]


async def test_a_log_that_ended_is_let_go() -> None:
    wire = Wire()
    outbox, log = Outbox(wire.send, renewed), log_of(1)
    outbox.follow(follow(log, 0, blocks=False))
    async with running(outbox):
        log.add(Done("stop"))
        await wire.took(2)
        outbox.put("later")
        await wire.took(3)
        assert not outbox.follows("t1")
        assert not log.watchers


async def test_what_is_no_longer_followed_is_not_sent() -> None:
    wire = Wire()
    outbox, log, other = Outbox(wire.send, renewed), log_of(2), log_of(1, "t2")
    for one in (log, other):
        outbox.follow(follow(one, 0, blocks=False))
    outbox.put("x")
    outbox.unfollow("t1")
    async with running(outbox):
        await wire.took(2)
    assert wire.seqs() == [1, "x"]
    outbox.unfollow_conversation("k1")
    assert not other.watchers


async def test_a_turn_followed_anew_is_sent_from_there_once() -> None:
    wire = Wire()
    outbox, log = Outbox(wire.send, renewed), log_of(4)
    outbox.follow(follow(log, 0, blocks=False))
    outbox.follow(follow(log, 3, blocks=False))
    async with running(outbox):
        await wire.took(1)
    assert wire.seqs() == [4]
    assert len(log.watchers) == 1


async def test_a_reader_that_memory_outran_is_told_what_stands_and_goes_on() -> None:
    wire = Wire()
    outbox, log = Outbox(wire.send, renewed), log_of(5)
    outbox.follow(follow(log, 2, blocks=False))
    log.mark_saved(5)
    async with running(outbox):
        await wire.took(1)
        log.add(Delta("5"))
        frames = [orjson.loads(frame) for frame in await wire.took(2)]
    assert [(frame["type"], frame["seq"]) for frame in frames] == [("reset", 5), ("delta", 6)]
    assert frames[0]["text"] == "0 1 2 3 4 "


async def test_c03_a_frame_that_nobody_takes_in_time_ends_it() -> None:
    wire = Wire()
    wire.open.clear()
    outbox = Outbox(wire.send, renewed, send_s=0.01)
    outbox.put("a")
    with pytest.raises(TooSlow):
        await outbox.run()


@pytest.mark.parametrize(("frames", "bytes_", "frame"), [(3, 10_000, "x"), (100, 30, "x" * 16), (100, 30, "é" * 8)])
async def test_c03_more_than_may_wait_ends_it_at_once_and_is_not_kept(frames: int, bytes_: int, frame: str) -> None:
    wire = Wire()
    wire.open.clear()
    outbox = Outbox(wire.send, renewed, frames=frames, bytes_=bytes_, send_s=3600)
    async with running(outbox) as task:
        outbox.put("first")
        await asyncio.sleep(0)
        for _ in range(1000):
            outbox.put(frame)
        with pytest.raises(TooSlow):
            await task
    assert repr(outbox).split()[1] in ("2", "3", "4")


async def test_one_large_frame_is_not_too_much() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, renewed, bytes_=10)
    async with running(outbox):
        outbox.put("x" * 1000)
        assert await wire.took(1) == ["x" * 1000]


async def test_text_that_streams_is_never_too_much() -> None:
    wire = Wire()
    outbox, log = Outbox(wire.send, renewed, frames=2, bytes_=10), log_of(0)
    outbox.follow(follow(log, 0, blocks=False))
    for number in range(1000):
        log.add(Delta(f"{number} "))
    async with running(outbox):
        await wire.took(1)
    assert wire.seqs() == [1000]


async def test_the_last_words_still_go_out() -> None:
    wire = Wire()
    outbox = Outbox(wire.send, renewed)
    outbox.put("why it is closed")
    await outbox.flush()
    assert wire.taken == ["why it is closed"]
