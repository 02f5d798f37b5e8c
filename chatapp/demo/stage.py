"""Plays one scene over one connection: HTTP/1.1 written by hand, so that it can also be broken in every way.

Which scene is played is left to `standin.py`.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from http import HTTPStatus
from typing import assert_never

from chatapp.demo.scenes import Cut, Hang, Pause, Raw, Received, Reset, Scene, Send, Status, Step, Until

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class ClientGone(Exception):
    """The client closed while a scene was playing."""


class Stage:
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
            ClientGone: the client closed first.
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
            raise ClientGone
        chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        if ends:
            # From here on the next request may come, and it is not the watcher's to read.
            self._gone.cancel()
        try:
            self._writer.write(chunk + (b"0\r\n\r\n" if ends else b""))
            await self._writer.drain()
        except (ConnectionError, RuntimeError):  # uvloop's word for a transport that is closed
            raise ClientGone from None

    async def _silence(self, seconds: float | None) -> None:
        await asyncio.wait({self._gone}, timeout=seconds)
        if self._gone.done():
            raise ClientGone

    async def _hold(self, event: asyncio.Event) -> None:
        opened = asyncio.create_task(event.wait())
        try:
            await asyncio.wait({self._gone, opened}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            opened.cancel()
        if self._gone.done():
            raise ClientGone

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


async def read_request(reader: asyncio.StreamReader) -> Received | None:
    """The next request of a connection; None where the client closed instead."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _version = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target.partition("?")[0], headers, body)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Unknown"
