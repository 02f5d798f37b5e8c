"""One way of doing HTTP with model servers: httpx2's interface in front, aiohttp's fast parser behind.

It trusts nothing around it: no proxy of the environment, no redirect, no cookie, no compressed body; TLS is verified.
What the bytes mean, and how long silence may last, is left to the providers.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import aiohttp
import httpx2
import truststore
from yarl import URL

ABORT: Final = "abort"
"""Key in `response.extensions` of a function without arguments that closes the socket now; a waiting reader gets
`ReadError`."""

WhyNot = Callable[[str], str | None]
"""A numeric address ─▶ why it may not be connected to; None where it may."""

_CONNECTIONS: Final = 1000
_NOT_SENT: Final = frozenset({b"accept-encoding", b"cookie", b"transfer-encoding"})
_NOT_RECEIVED: Final = frozenset({b"set-cookie"})
_NO_DEFAULTS: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class ConnectionForbidden(httpx2.ConnectError):
    """We may not connect there, so nothing was sent. The message says where and why, for operators; no text in it."""


def http_client(
    *,
    connect_s: float,
    pool_s: float,
    read_s: float | None = None,
    base_url: str = "",
    ca_file: Path | None = None,
    why_not: WhyNot | None = None,
) -> httpx2.AsyncClient:
    """A client over `AiohttpTransport`; whoever asked for it closes it.

    Args:
        connect_s: seconds to connect, TLS included. pool_s: seconds to wait for a free connection of our own.
        read_s: seconds of silence allowed; None where the caller keeps that time itself.
        ca_file: certificates (PEM) believed besides the system's.
        why_not: asked about each address just before it is connected to, whatever a name resolved to before.
    """
    return httpx2.AsyncClient(
        base_url=base_url,
        timeout=httpx2.Timeout(None, connect=connect_s, pool=pool_s, read=read_s),
        transport=AiohttpTransport(ca_file=ca_file, why_not=why_not),
        trust_env=False,
        follow_redirects=False,
    )


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """httpx2's transport over one aiohttp session, made in the loop of the first request.

    Raises what httpx2's own does: `ConnectError`, `ConnectTimeout`, `PoolTimeout`, `ReadError`, `ReadTimeout`,
    `RemoteProtocolError` (malformed, cut short or compressed), `LocalProtocolError` (headers nobody may send);
    and `ConnectionForbidden`.

    Args:
        ca_file: certificates (PEM) believed besides the system's.
        connections: at most, at the same time; the next call waits for `pool` seconds.
        why_not: as `http_client` says.
    """

    def __init__(
        self, *, ca_file: Path | None = None, connections: int = _CONNECTIONS, why_not: WhyNot | None = None
    ) -> None:
        self._ca_file = ca_file
        self._why_not = why_not
        self._slots = asyncio.Semaphore(connections)
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"<AiohttpTransport: {'idle' if self._session is None else 'in use'}>"

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it and return when the head of the answer is here; the body follows as it arrives.

        Raises:
            httpx2.TransportError: as the class says.
        """
        limits: Mapping[str, float | None] = request.extensions.get("timeout", {})
        session = self._open_session()
        body = await request.aread()
        await self._take_slot(limits.get("pool"))
        try:
            with _as_httpx2():
                answer = await session.request(
                    request.method,
                    URL(str(request.url), encoded=True),
                    data=body or None,
                    headers=_headers_to_send(request),
                    timeout=aiohttp.ClientTimeout(connect=limits.get("connect"), sock_read=limits.get("read")),
                    allow_redirects=False,
                )
        except BaseException:
            self._slots.release()
            raise
        return self._response(answer)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _take_slot(self, pool_s: float | None) -> None:
        try:
            async with asyncio.timeout(pool_s if self._slots.locked() else None):
                await self._slots.acquire()
        except TimeoutError:
            raise httpx2.PoolTimeout("all connections are in use") from None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    ssl=_tls_context(self._ca_file),
                    # Python's own look-up, each time: aiodns would speak past an airgap's guard.
                    resolver=aiohttp.ThreadedResolver(),
                    use_dns_cache=False,
                    socket_factory=self._socket_to,
                ),
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_NO_DEFAULTS,
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    def _socket_to(self, found: aiohttp.AddrInfoType) -> socket.socket:
        """A socket for the address that is about to be connected to.

        Raises:
            PermissionError: it may not be.
        """
        family, kind, protocol, _, address = found
        if self._why_not is not None and (why := self._why_not(str(address[0]))):
            raise PermissionError(errno.EACCES, why)
        return socket.socket(family, kind, protocol)

    def _response(self, answer: aiohttp.ClientResponse) -> httpx2.Response:
        body = _Body(answer, self._slots)
        if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
            # A few hundred bytes may unpack to gigabytes, and nobody asked for it.
            body.abort()
            raise httpx2.RemoteProtocolError("the server sent a compressed body, which was not asked for")
        return httpx2.Response(
            answer.status,
            headers=[(name, value) for name, value in answer.raw_headers if name.lower() not in _NOT_RECEIVED],
            stream=body,
            extensions={"http_version": b"HTTP/1.1", ABORT: body.abort},
        )


class _Body(httpx2.AsyncByteStream):
    """The body as it arrives, block by block as the socket gave it; nothing is cut or joined.

    Read to its end, its connection is free for the next call. Closed before, the socket is closed with it.
    """

    def __init__(self, answer: aiohttp.ClientResponse, slots: asyncio.Semaphore) -> None:
        self._answer = answer
        self._slots: asyncio.Semaphore | None = slots

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        read = self._answer.content.readany
        with _as_httpx2():
            while block := await read():
                yield block

    async def aclose(self) -> None:
        self.abort()

    def abort(self) -> None:
        """Close the socket now, unless the body has been received to its end."""
        self._answer.close()
        if self._slots is not None:
            self._slots.release()
            self._slots = None


def _headers_to_send(request: httpx2.Request) -> list[tuple[str, str]]:
    raw = request.headers.raw
    return [(name.decode("ascii"), value.decode("latin-1")) for name, value in raw if name.lower() not in _NOT_SENT]


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """The system's certificates, and the operator's where there are some. Verification cannot be switched off."""
    if ca_file is None:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    context.load_verify_locations(ca_file)
    return context


@contextmanager
def _as_httpx2() -> Iterator[None]:
    """Say in httpx2's words what went wrong in aiohttp's."""
    try:
        yield
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _translated(error) from error


def _translated(error: Exception) -> httpx2.TransportError:
    """The nearest of httpx2's errors. Its message is a class name: aiohttp's may quote what the server sent."""
    kind: type[httpx2.TransportError]
    match error:
        case aiohttp.ClientConnectorError() if error.os_error.errno == errno.EACCES:
            return ConnectionForbidden(error.os_error.strerror or "forbidden")
        case aiohttp.ConnectionTimeoutError():
            kind = httpx2.ConnectTimeout
        case aiohttp.ClientConnectorError():
            kind = httpx2.ConnectError
        case aiohttp.SocketTimeoutError() | TimeoutError():
            kind = httpx2.ReadTimeout
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            kind = httpx2.RemoteProtocolError
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            kind = httpx2.UnsupportedProtocol
        case aiohttp.ClientError() | OSError():
            kind = httpx2.ReadError
        case _:
            kind = httpx2.LocalProtocolError
    return kind(type(error).__name__)
