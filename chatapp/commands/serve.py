"""`chatapp serve`: the server, configured by the environment; and how any server of the house is run.

A port that is taken or a database that cannot be opened is one line before anything is served. A signal ends it well.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Literal

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from chatapp.airgap import endpoints, local_network
from chatapp.app import create_app, refuse_what_is_not_there
from chatapp.guard import Guard
from chatapp.settings import Settings, SettingsError
from chatapp.store.failures import StoreError

_QUIET = ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets", "anthropic", "httpx2", "asyncio", "sqlalchemy")


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Run until a signal ends it.

    Raises:
        SettingsError: without sign-in the server is for loopback only; the port or the database cannot be had.
    """
    if workers != 1:
        raise SettingsError("--workers: one process serves; more are not supported yet")
    if not is_loopback(host):
        raise SettingsError(
            f"--host: {host} can be reached from elsewhere, and CHATAPP_AUTH=none lets everybody in; use 127.0.0.1"
        )
    guard = stand_guard(settings)
    try:
        app = create_app(settings, guard=guard)
    except StoreError as error:
        raise SettingsError(f"CHATAPP_DATABASE_URL: {error}") from None
    with listen(host, port) as listener, asyncio.Runner(loop_factory=event_loop(airgap=settings.airgap)) as runner:
        if not runner.run(run(app, settings, listener, greeting=f"chatapp is at {address_of(listener)}")):
            raise KeyboardInterrupt


def stand_guard(settings: Settings) -> Guard | None:
    """Where the house is airgapped, keep this process in it, for good.

    Raises:
        SettingsError: a setting leads out of the house, or cannot be had.
    """
    refuse_what_is_not_there(settings)
    if not settings.airgap:
        return None
    guard = Guard(endpoints(settings), local_network(settings))
    guard.install()
    return guard


def event_loop(*, airgap: bool) -> Callable[[], asyncio.AbstractEventLoop]:
    """The fast loop; in an airgapped house Python's own: uvloop connects and looks names up where no guard sees it."""
    if airgap:
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop


async def run(app: Starlette, settings: Settings, listener: socket.socket, *, greeting: str) -> bool:
    """Serve an application until SIGINT or SIGTERM, and print `greeting` once it can be reached.

    Returns:
        Whether the turns that still ran got their time; False where a second signal cut them short.

    Raises:
        SettingsError: the database cannot be opened.
    """
    server = _Server(config(app, settings, lifespan="off"), greeting)
    try:
        async with app.router.lifespan_context(app):
            await server.serve([listener])
    except StoreError as error:
        raise SettingsError(f"database: {error}") from None
    except asyncio.CancelledError:
        if not server.hurried:
            raise
    return not server.hurried


class _Server(uvicorn.Server):
    """Says when it can be reached, and ends with a signal instead of dying of it: folders and files are put away."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self.hurried = False
        self._greeting = greeting
        self._serving: asyncio.Task[object] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._greeting, flush=True)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        self._serving = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        yield

    def _end(self) -> None:
        """Begin to stop. A second signal does not wait for the turns that still run: they are marked as interrupted."""
        if self.should_exit and not self.hurried and self._serving is not None:
            self.hurried = True
            self._serving.cancel()
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0: any free one.

    Raises:
        SettingsError: the port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host.strip("[]"), port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingsError(f"--port: {_why_not(error, host, port)}") from None
    return listener


def _why_not(error: OSError | OverflowError, host: str, port: int) -> str:
    match error:
        case OSError(errno=errno.EADDRINUSE):
            return f"{port} is taken by another program; stop that one, or choose another with --port"
        case OSError(errno=errno.EACCES):
            return f"{port} needs rights this user lacks; choose one above 1023 with --port"
        case OSError():
            return f"{host} port {port} cannot be had: {error.strerror}"
        case _:
            return f"{port} is no port; choose one from 1 to 65535"


def address_of(listener: socket.socket) -> str:
    """What a person types into a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def config(
    app: ASGIApp, settings: Settings, *, host: str = "127.0.0.1", port: int = 0, lifespan: Literal["on", "off"] = "on"
) -> uvicorn.Config:
    """How the house wants to be served: plain frames, bounded, and a shutdown that waits for the turns.

    Args:
        lifespan: `off` where the caller enters the application's lifespan itself.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=settings.frame_bytes,
        ws_ping_interval=settings.ping_s,
        ws_ping_timeout=settings.pong_s,
        ws_per_message_deflate=False,
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=16_384,
    )


def set_up_logging(level: str) -> None:
    """Our own log as asked; libraries never below INFO, since some print payloads there."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("chatapp").setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
