"""`chatapp serve`: the server, configured by the environment."""

from __future__ import annotations

import ipaddress
import logging

import uvicorn
from starlette.types import ASGIApp

from chatapp.app import create_app
from chatapp.settings import Settings, SettingsError

logger = logging.getLogger(__name__)
_QUIET = ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets", "anthropic", "httpx2", "asyncio", "sqlalchemy")


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Run until a signal ends it.

    Raises:
        SettingsError: without sign-in the server is for loopback only.
    """
    if workers != 1:
        raise SettingsError("--workers: one process serves; more are not supported yet")
    if not is_loopback(host):
        raise SettingsError(
            f"--host: {host} can be reached from elsewhere, and CHATAPP_AUTH=none lets everybody in; use 127.0.0.1"
        )
    app = create_app(settings)
    print(f"chatapp is at http://{_shown(host)}:{port}", flush=True)
    run(app, settings, host=host, port=port)


def run(app: ASGIApp, settings: Settings, *, host: str, port: int) -> None:
    """Serve an application, with the limits of the settings."""
    uvicorn.Server(config(app, settings, host=host, port=port)).run()


def config(app: ASGIApp, settings: Settings, *, host: str, port: int) -> uvicorn.Config:
    """How the house wants to be served: plain frames, bounded, and a shutdown that waits for the turns."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_max_size=settings.frame_bytes,
        ws_ping_interval=settings.ping_s,
        ws_ping_timeout=settings.pong_s,
        ws_per_message_deflate=False,
        lifespan="on",
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


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
