"""One connection: commands in, events out, Stop. It owns its reader and its outbox, and no turn.

Turns belong to `chat/turns.py` and go on without it; what waits for the browser is `outbox.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, assert_never

from starlette.websockets import WebSocket, WebSocketDisconnect

from chatapp.chat.drafts import Drafts
from chatapp.chat.feeds import Feeds
from chatapp.chat.log import TurnLog
from chatapp.chat.turns import Turns
from chatapp.errors import ChatError, NotFound, RateLimited
from chatapp.messages import Conversation
from chatapp.ports import Clock, Incident, Store
from chatapp.web import frames
from chatapp.web.auth import Doorkeeper, User
from chatapp.web.follower import Follower, follow, start_anew
from chatapp.web.outbox import Outbox, TooSlow
from chatapp.web.pace import Pace

logger = logging.getLogger(__name__)
PROTOCOL = 1
_CLOSE_S = 0.5


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """What one browser may do, and how many there may be."""

    sockets: int = 2000
    text_chars: int = 32_000
    command_bytes: int = 4096
    bad_messages_per_min: int = 10
    checks_per_s: int = 10
    queue_frames: int = 256
    queue_bytes: int = 524_288
    send_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Reception:
    """The collaborators of every connection. `hello`: what a browser is told first, beside who its user is."""

    turns: Turns
    store: Store
    feeds: Feeds
    drafts: Drafts
    doorkeeper: Doorkeeper
    hello: dict[str, Any]
    limits: SocketLimits = field(default_factory=SocketLimits)
    clock: Clock = time.monotonic


class Connection:
    """One browser."""

    def __init__(self, websocket: WebSocket, reception: Reception, user: User) -> None:
        limits = reception.limits
        self.user = user
        self.tab = websocket.query_params.get("tab", "")[:64]
        self._websocket = websocket
        self._reception = reception
        self._blocks = websocket.query_params.get("render") == "blocks"
        self._outbox = Outbox(
            websocket.send_text,
            self._start_anew,
            frames=limits.queue_frames,
            bytes_=limits.queue_bytes,
            send_s=limits.send_s,
        )
        self._open: str | None = None
        self._bad_messages = Pace(limits.bad_messages_per_min - 1, 60, reception.clock)
        self._checks = Pace(limits.checks_per_s, 1, reception.clock)
        self._newest_check: frames.Check | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._close_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def __repr__(self) -> str:
        return f"<Connection of {self.user.id}, {self._outbox!r}>"

    def close(self, code: int) -> None:
        """Have it closed with this code."""
        if not self._close_code.done():
            self._close_code.set_result(code)

    async def run(self) -> None:
        """Read and write until one side has enough. The reader never waits for a reply, only for storage."""
        user = {"name": self.user.name, "roles": self.user.roles}
        self._outbox.put(frames.to_json({"type": "hello", "protocol": PROTOCOL, "user": user, **self._reception.hello}))
        ends: list[asyncio.Future[Any]] = [self._begin(self._read()), self._begin(self._write()), self._close_code]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._say_goodbye()

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _leave(self) -> None:
        if self._open is not None:
            self._reception.feeds.unwatch(self._open, self)
        self._outbox.close()

    async def _say_goodbye(self) -> None:
        """Close with the code somebody asked for. One that is stuck gets a last chance to read why it is closed."""
        code = self._close_code.result() if self._close_code.done() else 1000
        patience_s = self._reception.limits.send_s if code == 4408 else _CLOSE_S
        with suppress(TimeoutError, TooSlow, WebSocketDisconnect, RuntimeError, OSError):
            async with asyncio.timeout(patience_s):
                await self._outbox.flush()
                await self._websocket.close(code)

    async def _write(self) -> None:
        try:
            await self._outbox.run()
        except TooSlow:
            self.close(4408)
        except WebSocketDisconnect:
            self.close(1000)
        except Exception as bug:  # noqa: BLE001 - the last resort: the browser hears of it
            self._break(bug, {})

    async def _read(self) -> None:
        """Always inside `receive`, so that pings are answered and Stop is heard."""
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                self.close(1003)
                return
            await self._take(text)

    def _break(self, bug: Exception, re: Mapping[str, str]) -> None:
        """Something of ours failed: say so, then close. The log has its name; its text may hold somebody's words."""
        logger.error("a connection failed: %s", type(bug).__name__)
        self._outbox.put(frames.error_frame(ChatError(), re))
        self.close(1011)

    async def _take(self, text: str) -> None:
        limits = self._reception.limits
        try:
            command = frames.parse_command(text, text_chars=limits.text_chars, command_bytes=limits.command_bytes)
        except frames.Refused as refused:
            self._outbox.put(frames.error_frame(refused.error, refused.re))
            if refused.error.code == "bad_message" and not self._bad_messages.take():
                self.close(1008)
            return
        await self._carry_out(command)

    async def _carry_out(self, command: frames.Command) -> None:
        try:
            await self._obey(command)
        except ChatError as error:
            self._outbox.put(frames.error_frame(error, frames.reference_of(command)))
        except Exception as bug:  # noqa: BLE001 - the last resort: the browser hears of it
            self._break(bug, frames.reference_of(command))

    # --- commands ----------------------------------------------------------------------------------------------------

    async def _obey(self, command: frames.Command) -> None:
        turns, owner = self._reception.turns, self.user.id
        match command:
            case frames.Chat():
                await self._chat(command)
            case frames.Open(conversation=id):
                await self._open_and_tell(id)
            case frames.Close(conversation=id):
                self._close_conversation(id)
            case frames.SetMode(conversation=id, mode=mode):
                self._tell_if_not_open(await turns.set_mode(owner, id, mode))
            case frames.Lock(conversation=id, turn=turn):
                self._tell_of_lock(*await turns.lock(owner, id, turn))
            case frames.Check():
                await self._check(command)
            case frames.Stop(turn=turn):
                await turns.stop(owner, turn)
            case frames.Resume(turn=turn, after=after):
                await self._resume(turn, after)
            case frames.Approve():
                raise NotFound("Nothing waits for an approval here (any more).")
            case frames.Feedback(turn=turn, kind=kind):
                await self._reception.store.add_feedback(owner, turn, kind, time.time())
            case frames.Ping():
                if not self._checks.take():
                    raise RateLimited(retry_after_s=1)
                self._outbox.put('{"type":"pong"}')
            case _:
                assert_never(command)

    async def _chat(self, command: frames.Chat) -> None:
        received_at = self._reception.clock()
        conversation, log = await self._reception.turns.start(command.asked(), self.user.id, received_at)
        if self._open != conversation.id:
            self._open_conversation(conversation)
        if not self._outbox.follows(log.turn):
            self._outbox.follow(follow(log, 0, blocks=self._blocks))

    async def _open_and_tell(self, id: str) -> None:
        """What is followed already goes on as it is; of the rest the browser has what `running` tells."""
        conversation = await self._reception.store.conversation(self.user.id, id)
        self._open_conversation(conversation)
        running = self._reception.turns.running(self.user.id, id)
        new = {log.turn: await self._from_here(log) for log in running if not self._outbox.follows(log.turn)}
        listed = [{"turn": log.turn, "seq": new[log.turn].at if log.turn in new else log.seq} for log in running]
        self._outbox.put(frames.to_json({"type": "running", "conversation": id, "running": listed}))
        for follower in new.values():
            self._outbox.follow(follower)

    async def _from_here(self, log: TurnLog) -> Follower:
        """A reader of what comes from now on."""
        whole = await self._reception.turns.whole_log(self.user.id, log.turn) if self._blocks and log.base else log
        return follow(log, whole.seq, blocks=self._blocks, whole=whole)

    async def _resume(self, turn: str, after: int) -> None:
        log = await self._reception.turns.log(self.user.id, turn)
        conversation = await self._reception.store.conversation(self.user.id, log.conversation)
        self._outbox.unfollow(turn)
        self._open_conversation(conversation)
        seen = log.seq - log.ended  # whoever asks from the end on has not seen it, but words that a crash lost
        if log.base <= after <= seen and not (self._blocks and log.base):
            self._outbox.follow(follow(log, after, blocks=self._blocks))
            return
        frame, follower = await self._start_anew(log)
        self._outbox.put(frame)
        self._outbox.follow(follower)

    async def _start_anew(self, log: TurnLog) -> tuple[str, Follower]:
        whole = await self._reception.turns.whole_log(self.user.id, log.turn)
        return start_anew(log, whole, blocks=self._blocks)

    async def _check(self, command: frames.Check) -> None:
        """Judge a draft. Nothing of it is stored, logged or sent on."""
        if not self._checks.take():
            self._postpone(command)
            return
        conversation = None
        if command.conversation is not None:
            conversation = await self._reception.store.conversation(self.user.id, command.conversation)
        checked = await self._reception.drafts.check(command.text, conversation, command.mode)
        self._outbox.put(frames.checked_frame(command.id, command.text, checked))

    def _postpone(self, command: frames.Check) -> None:
        """Of too many drafts only the newest is judged, as soon as there is room for it."""
        if self._newest_check is None:
            self._begin(self._check_newest())
        else:
            re = frames.reference_of(self._newest_check)
            self._outbox.put(frames.error_frame(RateLimited(retry_after_s=1), re))
        self._newest_check = command

    async def _check_newest(self) -> None:
        await asyncio.sleep(self._checks.wait_s)
        command, self._newest_check = self._newest_check, None
        if command is not None:
            await self._carry_out(command)

    # --- conversations that are open ---------------------------------------------------------------------------------

    def conversation_changed(self, conversation: Conversation) -> None:
        """Its title, mode or lock is different now."""
        self._outbox.put(frames.conversation_frame(conversation))

    def turn_started(self, log: TurnLog) -> None:
        """Somebody asked something in it."""
        self._outbox.follow(follow(log, 0, blocks=self._blocks))

    def _open_conversation(self, conversation: Conversation) -> None:
        """One conversation is open at a time."""
        if self._open is not None and self._open != conversation.id:
            self._close_conversation(self._open)
        self._open = conversation.id
        self._reception.feeds.watch(conversation.id, self)
        self.conversation_changed(conversation)

    def _close_conversation(self, id: str) -> None:
        self._reception.feeds.unwatch(id, self)
        self._outbox.unfollow_conversation(id)
        if self._open == id:
            self._open = None

    def _tell_of_lock(self, conversation: Conversation, incident: Incident | None) -> None:
        """Whoever reported a message is told what had left of it."""
        if incident is None:
            self._tell_if_not_open(conversation)
        else:
            self._outbox.put(frames.conversation_frame(conversation, incident))

    def _tell_if_not_open(self, conversation: Conversation) -> None:
        """Whoever has it open has heard already."""
        if self._open != conversation.id:
            self.conversation_changed(conversation)
