from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from chatapp.demo.standin import Cut, Hang, Pause, Raw, Reset, Scene, Send, StandIn, Status, Until, json_answer

REQUEST = b"POST /chat HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"
PROBE = b"GET /anything?a=b HTTP/1.1\r\nHost: here\r\n\r\n"


class Connection:
    """A client that shows the bytes as they come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def ask(self, request: bytes = REQUEST) -> None:
        self.writer.write(request)

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def body(self) -> bytes:
        """One whole answer's body, without the framing."""
        await self.reader.readuntil(b"\r\n\r\n")
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return body


async def connect(stand_in: StandIn) -> Connection:
    return Connection(*await asyncio.open_connection("127.0.0.1", stand_in.port))


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with StandIn() as server:
        yield server


@pytest.fixture
async def connection(stand_in: StandIn) -> AsyncIterator[Connection]:
    made = await connect(stand_in)
    yield made
    await made.close()


async def test_scenes_are_played_in_order_and_then_the_default_reply(stand_in: StandIn, connection: Connection) -> None:
    stand_in.script((Send(b"one, "), Pause(0), Send(b"two")), (Send(b"three"),))
    bodies = []
    for _ in range(3):
        connection.ask()
        bodies.append(await connection.body())
    assert bodies == [b"one, two", b"three", b"ok"]


async def test_it_keeps_what_it_was_sent(stand_in: StandIn, connection: Connection) -> None:
    connection.ask()
    await connection.body()
    connection.ask(PROBE)
    await connection.body()
    chat, probe = stand_in.requests
    assert (chat.method, chat.path, chat.headers["host"], chat.json) == ("POST", "/chat", "here", {})
    assert (probe.method, probe.path, probe.body) == ("GET", "/anything", b"")


async def test_a_status_gives_head_and_body(stand_in: StandIn, connection: Connection) -> None:
    stand_in.script((Status(529, {"retry-after": "3"}, b"later"),))
    connection.ask()
    head = await connection.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 529 Unknown\r\n")
    assert b"retry-after: 3\r\n" in head
    assert await connection.reader.readexactly(13) == b"5\r\nlater\r\n0\r\n"


@pytest.mark.parametrize(
    ("scene", "expected"),
    [((Send(b"a"), Cut()), b"1\r\na\r\n400\r\n{"), ((Raw(b"no HTTP at all\r\n\r\n"),), b"")],
    ids=["cut inside a chunk", "raw bytes"],
)
async def test_some_scenes_end_with_a_fin(
    stand_in: StandIn, connection: Connection, scene: Scene, expected: bytes
) -> None:
    stand_in.script(scene)
    connection.ask()
    await connection.reader.readuntil(b"\r\n\r\n")
    assert await connection.reader.read() == expected


async def test_a_reset_is_a_reset(stand_in: StandIn, connection: Connection) -> None:
    stand_in.script((Send(b"a"), Reset()))
    connection.ask()
    with pytest.raises(ConnectionResetError):
        await connection.reader.read()


@pytest.mark.parametrize("silence", [Hang(), Pause(60), Until(asyncio.Event())], ids=["hang", "pause", "until"])
async def test_it_notices_a_client_that_leaves(
    stand_in: StandIn, connection: Connection, silence: Hang | Pause | Until
) -> None:
    stand_in.script((Send(b"a"), silence))
    connection.ask()
    await stand_in.wait_open()
    await connection.close()
    await stand_in.wait_closed()
    await stand_in.wait_idle()
    assert (stand_in.open_streams, stand_in.closed_by_client) == (0, 1)


async def test_a_held_stream_goes_on_when_released(stand_in: StandIn, connection: Connection) -> None:
    released = asyncio.Event()
    stand_in.script((Send(b"a"), Until(released), Send(b"b")))
    connection.ask()
    await stand_in.wait_open()
    released.set()
    assert await connection.body() == b"ab"


async def test_refusing_closes_the_socket_and_comes_back_on_the_same_port(stand_in: StandIn) -> None:
    port = stand_in.port
    running = await connect(stand_in)
    stand_in.script((Send(b"a"), Hang()))
    running.ask()
    await stand_in.wait_open()
    await stand_in.fail("refuse")
    with pytest.raises(ConnectionRefusedError):
        await connect(stand_in)
    await running.reader.readuntil(b"\r\n\r\n")
    assert await running.reader.read() == b"1\r\na\r\n"
    await running.close()
    await stand_in.fail("none")
    again = await connect(stand_in)
    again.ask()
    assert (await again.body(), stand_in.port) == (b"ok", port)
    await again.close()


@pytest.mark.parametrize("request_bytes", [REQUEST, PROBE], ids=["chat", "probe"])
async def test_error_answers_500_to_everything(stand_in: StandIn, connection: Connection, request_bytes: bytes) -> None:
    await stand_in.fail("error")
    connection.ask(request_bytes)
    assert (await connection.reader.readline()).startswith(b"HTTP/1.1 500 ")


async def test_cut_ends_a_stream_half_way_and_leaves_probes_alone(stand_in: StandIn, connection: Connection) -> None:
    await stand_in.fail("cut")
    connection.ask(PROBE)
    assert await connection.body() == b'{"error": "not found"}'
    stand_in.script(tuple(Send(b"%d" % number) for number in range(4)))
    connection.ask()
    await connection.reader.readuntil(b"\r\n\r\n")
    assert await connection.reader.read() == b"1\r\n0\r\n1\r\n1\r\n400\r\n{"


async def test_what_the_api_would_refuse_takes_no_scene() -> None:
    class Strict(StandIn):
        def objection(self, request: object) -> Scene | None:
            return json_answer({"error": "no"}, 400)

    async with Strict() as stand_in:
        stand_in.script((Send(b"kept"),))
        connection = await connect(stand_in)
        connection.ask()
        assert await connection.body() == b'{"error": "no"}'
        await connection.close()


def test_its_repr_says_how_it_is() -> None:
    assert repr(StandIn()) == "<StandIn http://127.0.0.1:0: failure none, 0 streams open>"
