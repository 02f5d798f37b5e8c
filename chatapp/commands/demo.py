"""`chatapp demo`: the same server, whole, over two stand-in model servers on loopback. No key, no network, no set-up.

Keys, URLs and `.env` are ignored; data goes to a temporary folder unless `CHATAPP_DATA_DIR` is set.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial

from chatapp.app import create_app
from chatapp.commands.serve import address_of, event_loop, listen, run
from chatapp.demo.anthropic import StandInAnthropic
from chatapp.demo.control import Control
from chatapp.demo.ollama import StandInOllama
from chatapp.demo.replies import reply
from chatapp.settings import Settings

_KEY = "demo"
_TOKEN_S = 0.03
_FIRST_TOKEN_S = 0.4
_PATIENCE_S = "5"
"""Seconds: a stand-in that hangs on purpose is found out while somebody watches."""


def demo(environ: Mapping[str, str], *, port: int) -> None:
    """Run until a signal ends it.

    Raises:
        SettingsError: a limit in the environment is malformed, or the port cannot be had.
    """
    with (
        listen("127.0.0.1", port) as listener,
        tempfile.TemporaryDirectory(prefix="chatapp-demo-") as folder,
        asyncio.Runner(loop_factory=event_loop(airgap=False)) as runner,
    ):
        if not runner.run(_serve(environ, folder, listener)):
            raise KeyboardInterrupt


async def _serve(environ: Mapping[str, str], folder: str, listener: socket.socket) -> bool:
    async with AsyncExitStack() as stack:
        ollama = await stack.enter_async_context(StandInOllama(partial(reply, side="local"), token_s=_TOKEN_S))
        anthropic = await stack.enter_async_context(
            StandInAnthropic(api_key=_KEY, first_s=_FIRST_TOKEN_S, gap_s=_TOKEN_S)
        )
        settings = demo_settings(environ, ollama.url, anthropic.url, folder)
        app = create_app(settings, demo=True, more_routes=Control({"ollama": ollama, "anthropic": anthropic}).routes)
        greeting = f"chatapp demo is at {address_of(listener)} (two stand-ins answer; no model, no network)"
        return await run(app, settings, listener, greeting=greeting)


def demo_settings(environ: Mapping[str, str], ollama_url: str, anthropic_url: str, folder: str) -> Settings:
    """Settings of the demo: our own limits as the environment has them, everything else as the demo needs it."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.startswith("CHATAPP_") and not name.endswith(("_URL", "_KEY", "_AUTH"))
    }
    return Settings.from_environ(
        {
            "CHATAPP_DATA_DIR": folder,
            "CHATAPP_DRAIN_SECONDS": "2",
            "CHATAPP_PROBE_SECONDS": "2",
            "CHATAPP_DISK_FLOOR_BYTES": "0",
            "CHATAPP_FIRST_TOKEN_CLOUD_SECONDS": _PATIENCE_S,
            "OLLAMA_TIMEOUT": _PATIENCE_S,
            **{name: value for name, value in kept.items() if value.strip()},
            "OLLAMA_URL": ollama_url,
            "ANTHROPIC_API_KEY": _KEY,
            "ANTHROPIC_BASE_URL": anthropic_url,
        }
    )
