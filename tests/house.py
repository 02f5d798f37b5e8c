"""The whole house for a test: real server, real sockets, a real SQLite file, scripted model servers over real HTTP."""

from __future__ import annotations

import asyncio
import itertools
import socket
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from chatapp.app import create_app
from chatapp.commands.serve import config
from chatapp.demo.anthropic import StandInAnthropic
from chatapp.demo.ollama import StandInOllama
from chatapp.demo.replies import reply
from chatapp.settings import Settings

Frame = dict[str, Any]
MODELS = ("llama3.2:latest", "mistral:latest", "qwen2.5:latest")


class ReadyServer(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @property
    def port(self) -> int:
        return int(self.servers[0].sockets[0].getsockname()[1])


@asynccontextmanager
async def serving(app: Starlette, settings: Settings) -> AsyncIterator[int]:
    """Run an application on a free port of loopback; its port."""
    server = ReadyServer(config(app, settings, host="127.0.0.1", port=0))
    task = asyncio.create_task(server._serve())
    ready = asyncio.create_task(server.ready.wait())
    await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        ready.cancel()
        task.result()
        raise RuntimeError("the server did not start")
    try:
        yield server.port
    finally:
        server.should_exit = True
        await task


class Browser:
    """A WebSocket as the page uses it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Frame] = []

    async def send(self, type: str, **fields: Any) -> None:
        await self.socket.send(orjson.dumps({"type": type, **fields}).decode())

    async def next(self) -> Frame:
        frame: Frame = orjson.loads(await self.socket.recv())
        self.frames.append(frame)
        return frame

    async def until(self, *types: str, **fields: Any) -> Frame:
        """The next frame of one of these types with these fields."""
        while True:
            frame = await self.next()
            if frame["type"] in types and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    async def ask(self, text: str, **fields: Any) -> list[Frame]:
        """Ask and read to the end: every frame of the answer, `conversation` frames between included."""
        start = len(self.frames)
        id = fields.pop("id", None) or uuid.uuid4().hex
        await self.send("chat", id=id, text=text, **fields)
        turn = None
        while True:
            frame = await self.next()
            if frame["type"] == "turn" and frame["id"] == id:
                turn = frame["turn"]
            refused = frame["type"] == "error" and frame.get("re", {}).get("id") == id
            if refused or (turn is not None and frame.get("turn") == turn and frame["type"] in ("done", "error")):
                return self.frames[start:]


def of(frames: list[Frame], type: str) -> list[Frame]:
    return [frame for frame in frames if frame["type"] == type]


def one(frames: list[Frame], type: str) -> Frame:
    (frame,) = of(frames, type)
    return frame


def text_of(frames: list[Frame]) -> str:
    return "".join(frame["text"] for frame in of(frames, "delta"))


def assert_whole(frames: list[Frame], turn: str) -> None:
    """The numbers of a turn's frames have no gap and no repeat, and there is exactly one end."""
    numbered = [frame for frame in frames if frame.get("turn") == turn and "seq" in frame]
    assert numbered[0].get("first", numbered[0]["seq"]) == 1
    for before, after in itertools.pairwise(numbered):
        assert after.get("first", after["seq"]) == before["seq"] + 1
    assert [frame["type"] in ("done", "error") for frame in numbered].count(True) == 1
    assert numbered[-1]["type"] in ("done", "error")


@dataclass
class House:
    """A running house, its model servers, and the ways in."""

    ollama: StandInOllama
    anthropic: StandInAnthropic
    settings: Settings
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def browser(self, query: str = "", origin: str | None = None) -> AsyncIterator[Browser]:
        url = f"ws://127.0.0.1:{self.port}/ws/chat{query}"
        async with connect(url, origin=origin or self.url, proxy=None, compression=None, max_size=None) as socket:  # type: ignore[arg-type]
            browser = Browser(socket)
            await browser.until("hello")
            yield browser

    def http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, trust_env=False)

    def cloud_bytes(self) -> bytes:
        """Everything the cloud ever got, as bytes."""
        return b"".join(
            request.body + request.path.encode() + repr(request.headers).encode() for request in self.anthropic.requests
        )


@contextmanager
def name_server(names: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """Answer the machine's look-ups of these names; change the mapping, and what a name means changes with it."""
    look_up = socket.getaddrinfo

    def answering(host: Any, port: Any, *more: Any, **named: Any) -> list[Any]:
        if host not in names:
            return look_up(host, port, *more, **named)
        if not names[host]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [found for address in names[host] for found in look_up(address, port, type=socket.SOCK_STREAM)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", answering)
        yield


@asynccontextmanager
async def open_house(
    folder: Path, *, environ: Mapping[str, str] | None = None, cloud: bool = True, models: tuple[str, ...] = MODELS
) -> AsyncIterator[House]:
    """A house in `folder`, over fresh model servers."""
    async with StandInOllama(partial(reply, side="local"), models=models) as ollama, StandInAnthropic() as anthropic:
        settings = house_settings(folder, ollama.url, anthropic.url, cloud=cloud, environ=environ)
        async with serving(create_app(settings), settings) as port:
            yield House(ollama, anthropic, settings, port)


def house_settings(
    folder: Path, ollama_url: str, anthropic_url: str, *, cloud: bool = True, environ: Mapping[str, str] | None = None
) -> Settings:
    """Settings of a house for a test: short waits, and nothing of the real environment."""
    base = {
        "CHATAPP_DATA_DIR": str(folder / "data"),
        "CHATAPP_DISK_FLOOR_BYTES": "0",
        "CHATAPP_DRAIN_SECONDS": "1",
        "OLLAMA_URL": ollama_url,
    }
    if cloud:
        base |= {"ANTHROPIC_BASE_URL": anthropic_url, "ANTHROPIC_API_KEY": "stand-in"}
    return Settings.from_environ({**base, **(environ or {})})
