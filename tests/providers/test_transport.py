from __future__ import annotations

import asyncio
import gzip
import re
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from pathlib import Path

import httpx2
import pytest

from chatapp.demo.standin import Cut, Hang, Pause, Raw, Reset, Scene, Send, StandIn, Status, Until
from chatapp.privacy.locality import LocalNetwork
from chatapp.providers.transport import ABORT, AiohttpTransport, ConnectionForbidden, http_client
from tests.house import name_server


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    async with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def client(server: StandIn) -> AsyncIterator[httpx2.AsyncClient]:
    async with http_client(connect_s=5, pool_s=5, read_s=5, base_url=server.url) as made:
        yield made


async def read(client: httpx2.AsyncClient) -> bytes:
    return (await client.post("/chat", content=b"{}")).content


async def test_an_answer_comes_whole(server: StandIn, client: httpx2.AsyncClient) -> None:
    server.script((Status(418, {"x-kind": "tea", "x-more": "1"}, b"short"), Send(b" and stout")))
    answer = await client.post("/chat", content=b'{"a":1}', headers={"x-mine": "yes"})
    assert (answer.status_code, answer.headers["x-kind"], answer.content) == (418, "tea", b"short and stout")
    sent = server.requests[0]
    assert (sent.method, sent.json, sent.headers["x-mine"]) == ("POST", {"a": 1}, "yes")


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
async def test_the_body_is_the_same_for_every_chunking(server: StandIn, client: httpx2.AsyncClient, size: int) -> None:
    body = bytes(range(256))
    pieces = (body[start : start + size] for start in range(0, 256, size))
    server.script(tuple(step for piece in pieces for step in (Send(piece), Pause(0))))
    assert await read(client) == body


async def test_a_block_is_handed_on_when_it_arrives(server: StandIn, client: httpx2.AsyncClient) -> None:
    release = asyncio.Event()
    server.script((Send(b"one"), Until(release), Send(b"two"), Send(b"three")))
    async with client.stream("POST", "/chat") as answer, aclosing(answer.aiter_raw()) as blocks:
        assert await anext(blocks) == b"one"
        release.set()
        assert b"".join([block async for block in blocks]) == b"twothree"


# --- what it refuses to do ---


async def test_no_proxy_of_the_environment_is_used(
    server: StandIn, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with StandIn() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with http_client(connect_s=5, pool_s=5, base_url=server.url) as fresh:
            assert await read(fresh) == b"ok"
        assert proxy.requests == []


async def test_a_redirect_is_handed_back_not_followed(server: StandIn, client: httpx2.AsyncClient) -> None:
    async with StandIn() as elsewhere:
        server.script((Status(302, {"location": elsewhere.url}),))
        assert (await client.post("/chat")).status_code == 302
        assert elsewhere.requests == []


async def test_cookies_are_neither_kept_nor_sent(server: StandIn) -> None:
    by_name = f"http://localhost:{server.port}"  # of an address no client would keep them anyway
    server.script((Status(200, {"set-cookie": "a=b"}),))
    async with http_client(connect_s=5, pool_s=5, base_url=by_name) as client:
        await read(client)
        await read(client)
        assert not client.cookies
    assert "cookie" not in server.requests[1].headers


async def test_no_compressed_body_is_asked_for_or_taken(server: StandIn, client: httpx2.AsyncClient) -> None:
    server.script((Status(200, {"content-encoding": "gzip"}, gzip.compress(bytes(10_000_000))), Hang()))
    with pytest.raises(httpx2.RemoteProtocolError):
        await read(client)
    assert "accept-encoding" not in server.requests[0].headers
    await server.wait_closed()


async def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server = StandIn()
    certificate = await _serve_tls(server, tmp_path)
    try:
        async with http_client(connect_s=5, pool_s=5, base_url=server.url) as stranger:
            with pytest.raises(httpx2.ConnectError):
                await read(stranger)
        async with http_client(connect_s=5, pool_s=5, base_url=server.url, ca_file=certificate) as friend:
            assert await read(friend) == b"ok"
            with pytest.raises(httpx2.ConnectError):
                await friend.get(f"https://localhost:{server.port}/")  # the certificate names 127.0.0.1 only
        assert len(server.requests) == 1
    finally:
        await server.stop()


async def _serve_tls(server: StandIn, folder: Path) -> Path:
    """Start it behind a certificate that it signed itself; return the certificate's path."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    process = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
        *("-subj", "/CN=stand-in", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        stderr=subprocess.DEVNULL,
    )
    assert await process.wait() == 0
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    await server.start(tls=context)
    return certificate


# --- where it may connect to ---

HERE = LocalNetwork().why_not


def at_a_name(server: StandIn, network: LocalNetwork | None = None) -> httpx2.AsyncClient:
    """A client for the server under the name `ollama.internal`."""
    why_not = partial((network or LocalNetwork()).why_not, "ollama.internal")
    return http_client(connect_s=5, pool_s=5, base_url=f"http://ollama.internal:{server.port}", why_not=why_not)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (["203.0.113.7"], "203.0.113.7 is neither loopback nor private"),
        (["203.0.113.7", "2001:db8::7"], "2001:db8::7 is neither"),
        (["169.254.169.254"], "metadata"),
        (["0.0.0.0"], "to listen on"),
        (["::ffff:203.0.113.7"], "203.0.113.7 is neither"),
    ],
)
async def test_P02_a_name_that_leads_outside_is_not_connected_to(server: StandIn, found: list[str], said: str) -> None:
    with name_server({"ollama.internal": found}):
        async with at_a_name(server) as client:
            with pytest.raises(ConnectionForbidden, match=re.escape(said)):
                await read(client)
    assert server.requests == []


async def test_P02_an_address_outside_is_not_connected_to(server: StandIn) -> None:
    async with http_client(connect_s=5, pool_s=5, base_url="http://203.0.113.7", why_not=partial(HERE, "")) as client:
        with pytest.raises(ConnectionForbidden, match=r"203\.0\.113\.7 is neither"):
            await read(client)


async def test_P02_each_connect_is_judged_by_where_the_name_leads_then(server: StandIn) -> None:
    names = {"ollama.internal": ["127.0.0.1"]}
    with name_server(names):
        async with at_a_name(server) as client:
            server.script((Send(b"a"), Hang()))
            async with client.stream("POST", "/chat"):
                pass  # left half-way, so its connection cannot be used again
            names["ollama.internal"] = ["203.0.113.7"]
            with pytest.raises(ConnectionForbidden):
                await read(client)
            names["ollama.internal"] = ["127.0.0.1"]
            assert await read(client) == b"ok"


async def test_P02_of_a_names_addresses_only_those_in_the_house_are_used(server: StandIn) -> None:
    with name_server({"ollama.internal": ["203.0.113.7", "127.0.0.1"]}):
        async with at_a_name(server) as client:
            assert await read(client) == b"ok"


async def test_P02_a_name_that_is_not_known_is_an_ordinary_connect_error(server: StandIn) -> None:
    with name_server({"ollama.internal": []}):
        async with at_a_name(server) as client:
            with pytest.raises(httpx2.ConnectError) as caught:
                await read(client)
    assert not isinstance(caught.value, ConnectionForbidden)


# --- what goes wrong ---

GARBAGE = Raw(b"220 mail.example ESMTP\r\n\r\n")
BROKEN_CHUNK = Raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot-a-size\r\n")
CUT_LENGTH = Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")


@pytest.mark.parametrize(
    ("scene", "error"),
    [
        ((GARBAGE,), httpx2.RemoteProtocolError),
        ((BROKEN_CHUNK,), httpx2.RemoteProtocolError),
        ((CUT_LENGTH,), httpx2.RemoteProtocolError),
        ((Raw(b""),), httpx2.RemoteProtocolError),
        ((Send(b"a"), Cut()), httpx2.RemoteProtocolError),
        ((Reset(),), httpx2.TransportError),
        ((Send(b"a"), Pause(0.01), Reset()), httpx2.TransportError),
    ],
    ids=["no HTTP", "broken chunk", "too short", "no answer", "cut chunk", "reset", "reset later"],
)
async def test_a_broken_answer_is_an_error_of_httpx2(
    server: StandIn, client: httpx2.AsyncClient, scene: Scene, error: type[Exception]
) -> None:
    server.script(scene)
    with pytest.raises(error):
        await read(client)
    assert await read(client) == b"ok"


@pytest.mark.parametrize("scene", [(Hang(),), (Send(b"a"), Hang())], ids=["before the head", "in the body"])
async def test_silence_is_a_read_timeout_and_closes(server: StandIn, scene: Scene) -> None:
    server.script(scene)
    async with http_client(connect_s=5, pool_s=5, read_s=0.05, base_url=server.url) as client:
        with pytest.raises(httpx2.ReadTimeout):
            await read(client)
        await server.wait_closed()


async def test_nobody_listening_is_a_connect_error(server: StandIn, client: httpx2.AsyncClient) -> None:
    await server.fail("refuse")
    with pytest.raises(httpx2.ConnectError):
        await read(client)


async def test_a_socket_that_never_accepts_is_a_connect_timeout() -> None:
    async with http_client(connect_s=0.05, pool_s=5, base_url="https://127.0.0.1") as client:
        listener = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            with pytest.raises(httpx2.ConnectTimeout):
                await client.get(f"https://127.0.0.1:{port}/")  # TLS belongs to connecting, and is never answered


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def test_no_free_connection_is_a_pool_timeout_and_no_call(server: StandIn) -> None:
    server.script((Send(b"a"), Hang()))
    timeout = httpx2.Timeout(None, pool=0.02)
    async with httpx2.AsyncClient(transport=AiohttpTransport(connections=1), timeout=timeout) as client:
        async with client.stream("POST", f"{server.url}/chat"):
            with pytest.raises(httpx2.PoolTimeout):
                await client.post(f"{server.url}/chat")
        assert (await client.post(f"{server.url}/chat")).content == b"ok"
    assert len(server.requests) == 2


async def test_a_call_that_fails_gives_its_place_back(server: StandIn) -> None:
    await server.fail("refuse")
    async with httpx2.AsyncClient(transport=AiohttpTransport(connections=1), timeout=0.5) as client:
        for _ in range(3):
            with pytest.raises(httpx2.ConnectError):
                await client.post(f"{server.url}/chat")


async def test_a_header_nobody_may_send_is_not_sent(server: StandIn, client: httpx2.AsyncClient) -> None:
    with pytest.raises(httpx2.LocalProtocolError):
        await client.get("/", headers={"x-a": "b\r\nx-c: d"})
    assert server.requests == []


async def test_an_error_quotes_nothing_the_server_said(server: StandIn, client: httpx2.AsyncClient) -> None:
    server.script((Raw(b"HTTP/1.1 200 OK\r\nMrs Okonkwo\r\n\r\n"),))
    with pytest.raises(httpx2.RemoteProtocolError) as caught:
        await read(client)
    assert "Okonkwo" not in str(caught.value)


# --- who closes what ---


async def test_closing_half_way_closes_the_socket_at_once(server: StandIn, client: httpx2.AsyncClient) -> None:
    server.script((Send(b"a"), Hang()))
    async with client.stream("POST", "/chat") as answer, aclosing(answer.aiter_raw()) as blocks:
        await anext(blocks)
    await server.wait_closed()


async def test_a_body_read_to_its_end_gives_its_connection_back(server: StandIn, client: httpx2.AsyncClient) -> None:
    for _ in range(5):
        await read(client)
    assert server.connections == 1


async def test_aborting_wakes_the_reader(server: StandIn, client: httpx2.AsyncClient) -> None:
    server.script((Send(b"a"), Hang()))
    async with client.stream("POST", "/chat") as answer, aclosing(answer.aiter_raw()) as blocks:
        await anext(blocks)
        asyncio.get_running_loop().call_soon(answer.extensions[ABORT])
        with pytest.raises(httpx2.ReadError):
            await anext(blocks)
    await server.wait_closed()


@pytest.mark.parametrize("scene", [(Hang(),), (Send(b"a"), Hang())], ids=["before the head", "in the body"])
async def test_twenty_cancelled_calls_leave_no_connection_open(
    server: StandIn, client: httpx2.AsyncClient, scene: Scene
) -> None:
    server.script(*[scene] * 20)
    calls = [asyncio.create_task(read(client)) for _ in range(20)]
    await server.wait_open(20)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await server.wait_closed(20)
    await server.wait_idle()


async def test_its_repr_says_whether_it_is_in_use() -> None:
    assert repr(AiohttpTransport()) == "<AiohttpTransport: idle>"
