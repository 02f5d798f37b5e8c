"""A model server that is only a stage: it plays scenes over real HTTP, keeps what it was sent, and fails on command.

`chatapp demo` runs two of them and the tests all of them. What an API's paths, replies and errors look like is left to
the subclasses (`ollama.py`, `anthropic.py`); what a reply says is left to whoever builds those.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, ClassVar, Literal, Self, assert_never

Failure = Literal["none", "refuse", "hang", "error", "cut"]

_KEPT_REQUESTS = 500
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_BROKEN_CONNECTION = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in. `headers`: names in lower case. `path`: without the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; an empty object where there is none.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.body or b"{}")


@dataclass(frozen=True, slots=True)
class Status:
    """The head of an answer, and the first bytes of its body. Only as a scene's first step; without it 200."""

    code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes of the body, as one chunk and one write."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes on the socket past all framing, as a first step in the place of the head. Such an answer ends with FIN."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, in seconds; ends early when the client closes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Silence until the event is set or the client closes: how a test holds a stream without sleeping."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class Hang:
    """Silence until the client closes."""


@dataclass(frozen=True, slots=True)
class Cut:
    """FIN inside a chunk."""


@dataclass(frozen=True, slots=True)
class Reset:
    """RST."""


Step = Status | Send | Raw | Pause | Until | Hang | Cut | Reset
Scene = tuple[Step, ...]
"""One answer, step by step. A scene that runs out ends the body cleanly and keeps the connection."""


def json_answer(value: object, code: int = 200, headers: Mapping[str, str] | None = None) -> Scene:
    """An answer that is one JSON document."""
    head = {"content-type": "application/json; charset=utf-8", **(headers or {})}
    return (Status(code, head, json.dumps(value, ensure_ascii=False).encode()),)


class _ClientGone(Exception):
    """The client closed while a scene was playing."""


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
            while (request := await _read_request(reader)) is not None:
                self.requests.append(request)
                del self.requests[:-_KEPT_REQUESTS]
                if not await self._play(request, _Stage(reader, writer, self.stream_type)):
                    break
        except (*_BROKEN_CONNECTION, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _play(self, request: Received, stage: _Stage) -> bool:
        """Answer one request; whether the connection may take another."""
        if request.path != self.chat_path:
            return await self._perform(self._side_scene(request), stage)
        self.open_streams += 1
        self._changed.set()
        try:
            return await self._perform(self._chat_scene(request), stage)
        except _ClientGone:
            self.closed_by_client += 1
            raise ConnectionResetError from None
        finally:
            self.open_streams -= 1
            self._changed.set()

    async def _perform(self, scene: Scene, stage: _Stage) -> bool:
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
        return _first_half(scene) if self.failure == "cut" else scene

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


class _Stage:
    """One answer being written. A second reader watches for the client's goodbye while nothing is read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream_type: str) -> None:
        self._writer = writer
        self._stream_type = stream_type
        self._head_sent = False
        self._raw = False
        self._gone = asyncio.create_task(_goodbye(reader))

    async def leave(self) -> None:
        """Stop watching; the connection's next reader may begin."""
        self._gone.cancel()
        await asyncio.wait({self._gone})

    async def perform(self, scene: Scene) -> bool:
        """Play it; whether the connection is as good as before.

        Raises:
            _ClientGone: the client closed first.
        """
        for step in scene:
            if not await self._do(step):
                return False
        if self._raw:
            return False
        await self._write(b"", ends=True)
        return True

    async def _do(self, step: Step) -> bool:
        match step:
            case Status(code, headers, body):
                self._send_head(code, headers)
                await self._write(body)
            case Send(data):
                await self._write(data)
            case Raw(data):
                self._head_sent = self._raw = True
                self._writer.write(data)
            case Pause(seconds):
                await self._silence(seconds)
            case Until(event):
                await self._hold(event)
            case Hang():
                await self._silence(None)
            case Cut():
                self._send_head()
                self._writer.write(b"400\r\n{")
                return False
            case Reset():
                self._reset()
                return False
            case _:
                assert_never(step)
        return True

    def _send_head(self, code: int = 200, headers: Mapping[str, str] | None = None) -> None:
        if self._head_sent:
            return
        self._head_sent = True
        given = {"content-type": self._stream_type, **(headers or {}), "transfer-encoding": "chunked"}
        lines = [f"HTTP/1.1 {code} {_phrase(code)}", *(f"{name}: {value}" for name, value in given.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def _write(self, data: bytes, *, ends: bool = False) -> None:
        self._send_head()
        if self._gone.done():
            raise _ClientGone
        chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        if ends:
            # From here on the next request may come, and it is not the watcher's to read.
            self._gone.cancel()
        self._writer.write(chunk + (b"0\r\n\r\n" if ends else b""))
        try:
            await self._writer.drain()
        except ConnectionError:
            raise _ClientGone from None

    async def _silence(self, seconds: float | None) -> None:
        await asyncio.wait({self._gone}, timeout=seconds)
        if self._gone.done():
            raise _ClientGone

    async def _hold(self, event: asyncio.Event) -> None:
        opened = asyncio.create_task(event.wait())
        try:
            await asyncio.wait({self._gone, opened}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            opened.cancel()
        if self._gone.done():
            raise _ClientGone

    def _reset(self) -> None:
        connection: socket.socket = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._writer.transport.abort()


async def _goodbye(reader: asyncio.StreamReader) -> None:
    """Return when the client closes (a client that sends before it was answered counts as one that does)."""
    try:
        await reader.read(1)
    except OSError:
        return


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    """The next request of a connection; None where the client closed instead."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _version = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target.partition("?")[0], headers, body)


def _first_half(scene: Scene) -> Scene:
    """The scene up to half of what it sends (at least once), then a cut."""
    sends = sum(isinstance(step, Send) for step in scene)
    kept, left = [], max(1, sends // 2)
    for step in scene:
        kept.append(step)
        left -= isinstance(step, Send)
        if left == 0:
            break
    return (*kept, Cut())


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unknown"
