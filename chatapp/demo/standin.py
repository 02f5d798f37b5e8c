"""A model server that is only a stage: it plays scenes over real HTTP, keeps what it was sent, and fails on command.

`chatapp demo` runs two of them and the tests all of them. What an API's paths, replies and errors look like is left to
the subclasses (`ollama.py`, `anthropic.py`); what a reply says is left to whoever builds those.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import ClassVar, Literal, Self, assert_never

from chatapp.demo.scenes import (
    Cut,
    Hang,
    Pause,
    Raw,
    Received,
    Reset,
    Scene,
    Send,
    Status,
    Step,
    Until,
    first_half,
    json_answer,
)
from chatapp.demo.stage import ClientGone, Stage, read_request

__all__ = [
    "Cut",
    "Failure",
    "Hang",
    "Pause",
    "Raw",
    "Received",
    "Reset",
    "Scene",
    "Send",
    "StandIn",
    "Status",
    "Step",
    "Until",
    "json_answer",
]

Failure = Literal["none", "refuse", "hang", "error", "cut"]

_KEPT_REQUESTS = 500
_BROKEN_CONNECTION = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, OSError)


class StandIn:
    """A server on loopback, in the caller's event loop.

    Chat calls (`chat_path`) are answered by the scripted scenes in order, then by `reply`; all else by `answer`.
    What `objection` finds wrong with a chat call is answered before any scene is taken.
    """

    chat_path: ClassVar[str] = "/chat"
    stream_type: ClassVar[str] = "application/octet-stream"

    def __init__(self) -> None:
        self.failure: Failure = "none"
        self.requests: list[Received] = []
        self.port = 0
        self.open_streams = 0
        self.closed_by_client = 0
        self._scenes: deque[Scene] = deque()
        self._tls: ssl.SSLContext | None = None
        self._listener: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}: failure {self.failure}, {self.open_streams} streams open>"

    # --- what a subclass says ---

    def reply(self, request: Received) -> Scene:
        """The answer to a chat call for which no scene is scripted."""
        return (Send(b"ok"),)

    def objection(self, request: Received) -> Scene | None:
        """What the real API would refuse in a chat call; None where it is right."""
        return None

    def answer(self, request: Received) -> Scene:
        """The answer to a call that is no chat call."""
        return self.error(404, "not found")

    def error(self, code: int, message: str) -> Scene:
        """An error in this API's shape."""
        return json_answer({"error": message}, code)

    # --- what its user does ---

    @property
    def url(self) -> str:
        """Where it listens, or listened last."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many clients are connected now, idle ones too."""
        return len(self._connections)

    async def start(self, port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        """Listen; port 0 takes a free one and keeps it over `fail("refuse")`."""
        self.port, self._tls = port, tls
        await self._listen()

    async def stop(self) -> None:
        """Close the listening socket and every connection."""
        await self._deafen()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def fail(self, kind: Failure) -> None:
        """Fail this way from now on.

        refuse: nobody listens, running streams are dropped. hang: accepts and says nothing, to probes too.
        error: HTTP 500 to everything. cut: chat streams end half-way, probes are answered. none: well again.
        """
        self.failure = kind
        if kind == "refuse":
            await self._deafen()
        elif self._listener is None:
            await self._listen()

    def script(self, *scenes: Scene) -> None:
        """Answer the next chat calls with these, in order."""
        self._scenes.extend(scenes)

    async def wait_open(self, count: int = 1) -> None:
        """Return once that many chat streams are open at the same time."""
        await self._until(lambda: self.open_streams >= count)

    async def wait_closed(self, count: int = 1) -> None:
        """Return once clients have closed that many chat streams, since the start, before their end."""
        await self._until(lambda: self.closed_by_client >= count)

    async def wait_idle(self) -> None:
        """Return once no chat stream is open."""
        await self._until(lambda: self.open_streams == 0)

    # --- the server ---

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            self._changed.clear()
            await self._changed.wait()

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _deafen(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        connections = dict(self._connections)
        for task, writer in connections.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(self._connections.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                self.requests.append(request)
                del self.requests[:-_KEPT_REQUESTS]
                if not await self._play(request, Stage(reader, writer, self.stream_type)):
                    break
        except (*_BROKEN_CONNECTION, ClientGone, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _play(self, request: Received, stage: Stage) -> bool:
        """Answer one request; whether the connection may take another."""
        if request.path != self.chat_path:
            return await self._perform(self._side_scene(request), stage)
        self.open_streams += 1
        self._changed.set()
        try:
            return await self._perform(self._chat_scene(request), stage)
        except ClientGone:
            self.closed_by_client += 1
            raise ConnectionResetError from None
        finally:
            self.open_streams -= 1
            self._changed.set()

    async def _perform(self, scene: Scene, stage: Stage) -> bool:
        try:
            return await stage.perform(scene)
        finally:
            await stage.leave()

    def _side_scene(self, request: Received) -> Scene:
        return self._general_failure() or self.answer(request)

    def _chat_scene(self, request: Received) -> Scene:
        if failing := self._general_failure():
            return failing
        if objection := self.objection(request):
            return objection
        scene = self._scenes.popleft() if self._scenes else self.reply(request)
        return first_half(scene) if self.failure == "cut" else scene

    def _general_failure(self) -> Scene | None:
        match self.failure:
            case "hang":
                return (Hang(),)
            case "error":
                return self.error(500, "something went wrong")
            case "none" | "refuse" | "cut":
                return None
            case _:
                assert_never(self.failure)
