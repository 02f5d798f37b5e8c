"""What waits for one browser: frames in order, and the turn logs it follows. Bounded; the only sender of a socket.

Text that streams is not queued: it stays in the turn's log and leaves merged, at the browser's pace.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from chatapp.chat.log import TurnLog
from chatapp.web.follower import Follower

Send = Callable[[str], Awaitable[None]]
StartAnew = Callable[[TurnLog], Awaitable[tuple[str, Follower]]]
"""A log ─▶ a `reset` frame that tells what stands in it, and a reader that goes on from there."""


class TooSlow(Exception):
    """The browser does not read what it is sent."""


class Outbox:
    """Frames for one socket.

    Args:
        start_anew: for a browser so far behind that a log has let go of what it has not read.
        frames, bytes_: the most that may wait. send_s: seconds for one frame.
    """

    def __init__(
        self, send: Send, start_anew: StartAnew, *, frames: int = 256, bytes_: int = 524_288, send_s: float = 10.0
    ) -> None:
        self._send = send
        self._start_anew = start_anew
        self._most_frames = frames
        self._most_bytes = bytes_
        self._send_s = send_s
        self._sending: asyncio.Timeout | None = None
        self._waiting: deque[tuple[str, list[tuple[Follower, int]]]] = deque()
        self._bytes = 0
        self._followers: dict[str, Follower] = {}
        self._awake = asyncio.Event()
        self._overflowed = False

    def __repr__(self) -> str:
        return f"<Outbox {len(self._waiting)} frames waiting, {len(self._followers)} turns followed>"

    def put(self, frame: str) -> None:
        """Send a frame after everything that was said before it, text in the followed logs included.

        What does not fit is not kept: `run` ends as soon as it can.
        """
        if self._overflowed or len(self._waiting) >= self._most_frames or self._bytes > self._most_bytes:
            self._overflow()
            return
        before = [(follower, follower.log.seq) for follower in self._followers.values() if follower.has_more]
        self._waiting.append((frame, before))
        self._bytes += len(frame.encode())
        self._awake.set()

    def _overflow(self) -> None:
        self._overflowed = True
        self._awake.set()
        if self._sending is not None and not self._sending.expired():
            self._sending.reschedule(0)  # no need to find out for how long the browser reads nothing

    def follow(self, follower: Follower) -> None:
        """Send what a turn says, from now on; a turn that is followed already is followed anew."""
        self.unfollow(follower.log.turn)
        self._followers[follower.log.turn] = follower
        follower.log.watchers.add(self._awake.set)
        self._awake.set()

    def follows(self, turn: str) -> bool:
        """Whether a turn's log is read, and not to its end yet."""
        follower = self._followers.get(turn)
        return follower is not None and not follower.finished

    def unfollow(self, turn: str) -> None:
        """Send nothing more of a turn."""
        follower = self._followers.pop(turn, None)
        if follower is not None:
            follower.log.watchers.discard(self._awake.set)

    def unfollow_conversation(self, conversation: str) -> None:
        """Send nothing more of a conversation's turns."""
        for follower in tuple(self._followers.values()):
            if follower.log.conversation == conversation:
                self.unfollow(follower.log.turn)

    def close(self) -> None:
        """Let all logs go."""
        for turn in list(self._followers):
            self.unfollow(turn)

    async def run(self) -> None:
        """Send, until cancelled.

        Raises:
            TooSlow: more waits than may, or one frame took too long.
        """
        while True:
            await self._awake.wait()
            self._awake.clear()
            if self._overflowed:
                raise TooSlow
            while self._waiting:
                frame, before = self._waiting[0]
                for follower, seq in before:
                    await self._send_all(follower, seq)
                self._drop_first()
                await self._send_one(frame)
            for follower in tuple(self._followers.values()):
                if self._waiting:  # put meanwhile: it goes before what the logs say after it
                    break
                await self._send_all(follower, follower.log.seq)
                if follower.finished:
                    self.unfollow(follower.log.turn)

    async def flush(self) -> None:
        """Send the frames that still wait, after `run` was ended: the last ones say why the socket is closed."""
        while self._waiting and not self._overflowed:
            frame, _ = self._waiting[0]
            self._drop_first()
            await self._send_one(frame)

    def _drop_first(self) -> None:
        frame, _ = self._waiting.popleft()
        self._bytes -= len(frame.encode())

    async def _send_all(self, follower: Follower, until: int) -> None:
        """What a log says up to a number, unless the browser stopped following it meanwhile."""
        if self._followers.get(follower.log.turn) is not follower:
            return
        if follower.is_behind:
            frame, renewed = await self._start_anew(follower.log)
            if self._followers.get(follower.log.turn) is follower:
                self.follow(renewed)
                await self._send_one(frame)
            return
        for frame in follower.frames(until):
            if self._followers.get(follower.log.turn) is not follower:
                return
            await self._send_one(frame)

    async def _send_one(self, frame: str) -> None:
        if self._overflowed:
            raise TooSlow
        try:
            async with asyncio.timeout(self._send_s) as self._sending:
                await self._send(frame)
        except TimeoutError:
            raise TooSlow from None
        finally:
            self._sending = None
