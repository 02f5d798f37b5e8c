"""One connection: commands in, events out, Stop. It owns its reader and its outbox, and no turn.

Turns belong to `chat/turns.py` and go on without it; what waits for the browser is `outbox.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, assert_never

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatapp.chat.drafts import Drafts
from chatapp.chat.feeds import Feeds
from chatapp.chat.log import TurnLog
from chatapp.chat.turns import Turns
from chatapp.errors import ChatError, NotFound, RateLimited
from chatapp.messages import Conversation
from chatapp.ports import Clock, Store
from chatapp.web import frames
from chatapp.web.auth import Doorkeeper, User
from chatapp.web.follower import Follower, reset_of
from chatapp.web.outbox import Outbox, TooSlow

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


class ChatSocket:
    """`/ws/chat`."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception
        self._connections: set[Connection] = set()

    def __repr__(self) -> str:
        return f"<ChatSocket {len(self._connections)} connections>"

    async def serve(self, websocket: WebSocket) -> None:
        """One browser, from handshake to close."""
        reception = self._reception
        if not reception.doorkeeper.allows_origin(websocket.headers.get("origin"), websocket.headers.get("host", "")):
            await websocket.send_denial_response(Response(status_code=403))
            return
        if len(self._connections) >= reception.limits.sockets:
            await websocket.send_denial_response(Response(status_code=503, headers={"retry-after": "5"}))
            return
        await websocket.accept()
        connection = Connection(websocket, reception, reception.doorkeeper.user(websocket))
        self._replace(connection)
        self._connections.add(connection)
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)

    def _replace(self, connection: Connection) -> None:
        """A tab has one socket: the one it opened last."""
        for other in self._connections:
            if connection.tab and (other.tab, other.user.id) == (connection.tab, connection.user.id):
                other.close(4409)


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
            websocket.send_text, frames=limits.queue_frames, bytes_=limits.queue_bytes, send_s=limits.send_s
        )
        self._open: str | None = None
        self._bad_at: deque[float] = deque(maxlen=limits.bad_messages_per_min)
        self._checked_at: deque[float] = deque(maxlen=limits.checks_per_s)
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
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        ends: list[asyncio.Future[Any]] = [*tasks, self._close_code]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._say_goodbye()

    def _leave(self) -> None:
        if self._open is not None:
            self._reception.feeds.unwatch(self._open, self)
        self._outbox.close()

    async def _say_goodbye(self) -> None:
        """Close with the code somebody asked for; a browser that is gone, or stuck, is not waited for."""
        code = self._close_code.result() if self._close_code.done() else 1000
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            async with asyncio.timeout(_CLOSE_S):
                await self._websocket.close(code)

    async def _write(self) -> None:
        try:
            await self._outbox.run()
        except TooSlow:
            self.close(4408)
        except WebSocketDisconnect:
            self.close(1000)

    async def _read(self) -> None:
        """Always inside `receive`, so that pings are answered and Stop is heard."""
        try:
            while True:
                message = await self._websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                text = message.get("text")
                if text is None:
                    self.close(1003)
                    return
                await self._take(text)
        except Exception as bug:
            logger.exception("a command failed: %s", type(bug).__name__, exc_info=False)
            with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
                async with asyncio.timeout(_CLOSE_S):
                    await self._websocket.send_text(frames.error_frame(ChatError(), {}))
            self.close(1011)

    async def _take(self, text: str) -> None:
        limits = self._reception.limits
        try:
            command = frames.parse_command(text, text_chars=limits.text_chars, command_bytes=limits.command_bytes)
        except frames.Refused as refused:
            self._outbox.put(frames.error_frame(refused.error, refused.re))
            if refused.error.code == "bad_message":
                self._count_bad_message()
            return
        try:
            await self._obey(command)
        except ChatError as error:
            self._outbox.put(frames.error_frame(error, frames.reference_of(command)))

    def _count_bad_message(self) -> None:
        now = self._reception.clock()
        if len(self._bad_at) == self._bad_at.maxlen and now - self._bad_at[0] < 60:
            self.close(1008)
        self._bad_at.append(now)

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
                self._tell_if_not_open(await turns.lock(owner, id, turn))
            case frames.Check():
                self._check(command, await self._conversation_of(command))
            case frames.Stop(turn=turn):
                await turns.stop(owner, turn)
            case frames.Resume(turn=turn, after=after):
                await self._resume(turn, after)
            case frames.Approve():
                raise NotFound("Nothing waits for an approval here (any more).")
            case frames.Feedback(turn=turn, kind=kind):
                await self._reception.store.add_feedback(owner, turn, kind, time.time())
            case frames.Ping():
                self._spend_check()
                self._outbox.put('{"type":"pong"}')
            case _:
                assert_never(command)

    async def _chat(self, command: frames.Chat) -> None:
        received_at = self._reception.clock()
        conversation, log = await self._reception.turns.start(command.asked(), self.user.id, received_at)
        if self._open != conversation.id:
            self._open_conversation(conversation)
        if not self._outbox.follows(log.turn):
            self._follow(log, 0)

    async def _open_and_tell(self, id: str) -> None:
        conversation = await self._reception.store.conversation(self.user.id, id)
        self._open_conversation(conversation)
        running = self._reception.turns.running(self.user.id, id)
        listed = [{"turn": log.turn, "seq": log.seq} for log in running]
        self._outbox.put(frames.to_json({"type": "running", "conversation": id, "running": listed}))
        for log in running:
            self._follow(log, log.seq)

    async def _resume(self, turn: str, after: int) -> None:
        log = await self._reception.turns.log(self.user.id, turn)
        conversation = await self._reception.store.conversation(self.user.id, log.conversation)
        self._outbox.unfollow(turn)
        self._open_conversation(conversation)
        if log.base <= after <= log.seq and not (self._blocks and log.base):
            self._follow(log, after)
            return
        whole = await self._reception.turns.whole_log(self.user.id, turn)
        self._outbox.put(reset_of(whole, blocks=self._blocks))
        self._follow(log, whole.seq)

    async def _conversation_of(self, command: frames.Check) -> Conversation | None:
        self._spend_check()
        if command.conversation is None:
            return None
        return await self._reception.store.conversation(self.user.id, command.conversation)

    def _check(self, command: frames.Check, conversation: Conversation | None) -> None:
        """Judge a draft. Nothing of it is stored, logged or sent on."""
        checked = self._reception.drafts.check(command.text, conversation)
        self._outbox.put(frames.checked_frame(command.id, command.text, checked))

    def _spend_check(self) -> None:
        now = self._reception.clock()
        if len(self._checked_at) == self._checked_at.maxlen and now - self._checked_at[0] < 1:
            raise RateLimited(retry_after_s=1)
        self._checked_at.append(now)

    # --- conversations that are open ---------------------------------------------------------------------------------

    def conversation_changed(self, conversation: Conversation) -> None:
        """Its title, mode or lock is different now."""
        self._outbox.put(frames.conversation_frame(conversation))

    def turn_started(self, log: TurnLog) -> None:
        """Somebody asked something in it."""
        self._follow(log, 0)

    def _follow(self, log: TurnLog, after: int) -> None:
        self._outbox.follow(Follower(log, after, blocks=self._blocks))

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

    def _tell_if_not_open(self, conversation: Conversation) -> None:
        """Whoever has it open has heard already."""
        if self._open != conversation.id:
            self.conversation_changed(conversation)
