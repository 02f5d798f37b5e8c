"""create_app(settings): where objects meet. The only file that knows everybody.

Builds each collaborator once and hands it to those who need it; owns their lives in the lifespan.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from chatapp.airgap import refuse_tools_that_leave, refuse_ways_out
from chatapp.chat.drafts import Drafts
from chatapp.chat.feeds import Feeds
from chatapp.chat.history import fit
from chatapp.chat.house import House, TurnLimits
from chatapp.chat.latch import Latches
from chatapp.chat.tools import ToolLimits, ToolTable
from chatapp.chat.turns import Turns, TurnsLimits
from chatapp.errors import ChatError
from chatapp.guard import Guard
from chatapp.messages import Mode
from chatapp.privacy.watch import LedgerWatch
from chatapp.providers.anthropic import AnthropicProvider
from chatapp.router.candidate import Seat
from chatapp.router.router import Router
from chatapp.seats import build_router, build_seats
from chatapp.settings import Settings, SettingsError
from chatapp.storage import build_database, node_name, open_seal
from chatapp.store.database import Database
from chatapp.tools.schedules import looks_like_schedule
from chatapp.tools.validate_schedule import ValidateSchedule
from chatapp.web.answers import LastResort, on_chat_error, on_http_error
from chatapp.web.api import Api, ApiLimits
from chatapp.web.auth import Doorkeeper, HostCheck
from chatapp.web.entrance import ChatSocket
from chatapp.web.headers import SecurityHeaders
from chatapp.web.pages import Pages
from chatapp.web.panel import Panel
from chatapp.web.routes import routes
from chatapp.web.socket import Reception, SocketLimits

logger = logging.getLogger(__name__)
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Core:
    """What every handler stands on."""

    database: Database
    ledger: LedgerWatch
    seats: tuple[Seat, ...]
    router: Router
    feeds: Feeds
    turns: Turns


def create_app(
    settings: Settings,
    *,
    demo: bool = False,
    more_routes: Sequence[BaseRoute] = (),
    guard: Guard | None = None,
) -> Starlette:
    """The whole server as an ASGI application.

    Args:
        demo: mark it as a demo, on the page and in `hello`. more_routes: the demo's own.
        guard: the one that stands over this process where it is airgapped; whoever owns the process puts it there.

    Raises:
        SettingsError: the settings ask for what cannot be had.
    """
    refuse_what_is_not_there(settings)
    core = _core(settings)
    doorkeeper = Doorkeeper(settings.public_url)
    urls = routes(
        _pages(settings, core, demo=demo),
        _api(settings, core, doorkeeper, guard),
        _socket(settings, core, doorkeeper, demo=demo),
    )
    return Starlette(
        routes=[*urls, *more_routes],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(LastResort),
            Middleware(HostCheck, doorkeeper=doorkeeper),
        ],
        exception_handlers={ChatError: on_chat_error, HTTPException: on_http_error},
        lifespan=_lifespan(settings, core, guard),
    )


def _core(settings: Settings) -> Core:
    database = build_database(settings)
    ledger = LedgerWatch(database, lambda: open_seal(settings))
    seats = build_seats(settings)
    router = build_router(settings, seats, ledger=database, fit=fit)
    feeds = Feeds()
    return Core(database, ledger, seats, router, feeds, _turns(settings, database, router, feeds))


def _lifespan(
    settings: Settings, core: Core, guard: Guard | None
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Opens what the core needs, owns what runs in the background, and closes it all in the opposite order."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _prove(guard)
            await core.database.open()
            stack.push_async_callback(core.database.close)
            for seat in core.seats:
                stack.push_async_callback(seat.provider.aclose)
            group = await stack.enter_async_context(asyncio.TaskGroup())
            background = [
                group.create_task(core.router.health.run()),
                group.create_task(core.ledger.run()),
                group.create_task(_warm(core.seats)),
            ]
            if guard is not None:
                background.append(group.create_task(guard.run(settings.airgap_proof_every_s)))
            await stack.enter_async_context(core.turns.open())
            try:
                yield
            finally:
                for task in background:
                    task.cancel()

    return lifespan


async def _prove(guard: Guard | None) -> None:
    """Before anything is served, see that nothing gets out.

    Raises:
        SettingsError: something does.
    """
    if guard is not None and (hole := (await guard.prove()).hole):
        raise SettingsError(f"LLM_AIRGAP_MODE: the airgap does not hold: {hole}")


async def _warm(seats: Sequence[Seat]) -> None:
    """Import slow libraries once the server answers, so that the first question does not wait for them."""
    for seat in seats:
        if isinstance(seat.provider, AnthropicProvider):
            await seat.provider.warm()


def _pages(settings: Settings, core: Core, *, demo: bool) -> Pages:
    return Pages(
        folder("templates"),
        folder("static"),
        demo=demo,
        airgap=settings.airgap,
        default_mode=core.turns.default_mode,
        version=version("chatapp"),
    )


def _api(settings: Settings, core: Core, doorkeeper: Doorkeeper, guard: Guard | None) -> Api:
    return Api(
        store=core.database,
        turns=core.turns,
        router=core.router,
        panel=Panel(core.router, core.ledger, airgap=settings.airgap, proof=guard.view if guard else None),
        doorkeeper=doorkeeper,
        limits=ApiLimits(settings.body_bytes, settings.attachment_bytes, settings.title_chars),
    )


def _socket(settings: Settings, core: Core, doorkeeper: Doorkeeper, *, demo: bool) -> ChatSocket:
    turns = core.turns
    drafts = Drafts(core.router, default_mode=turns.default_mode, looks_like_schedule=looks_like_schedule)
    return ChatSocket(
        Reception(
            turns=turns,
            store=core.database,
            feeds=core.feeds,
            drafts=drafts,
            doorkeeper=doorkeeper,
            hello={"modes": turns.modes, "mode": turns.default_mode, "airgap": settings.airgap, "demo": demo},
            limits=_socket_limits(settings),
        )
    )


def refuse_what_is_not_there(settings: Settings) -> None:
    """Stop the start where a setting asks for something that would silently not happen.

    Raises:
        SettingsError: one line that names the setting and the mend.
    """
    refuse_ways_out(settings)
    if settings.auth != "none":
        raise SettingsError(f"CHATAPP_AUTH: {settings.auth!r} is not supported yet; use none, on loopback")
    if settings.redis_url is not None:
        raise SettingsError("CHATAPP_REDIS_URL: several nodes are not supported yet; leave it unset")
    if settings.local_openai_url is not None:
        raise SettingsError("CHATAPP_LOCAL_OPENAI_URL: such engines are not supported yet; use OLLAMA_URL")
    if settings.database_url is not None and not settings.database_url.startswith("sqlite"):
        raise SettingsError(
            "CHATAPP_DATABASE_URL: only sqlite:/// is supported yet; leave it unset for the data folder"
        )


def folder(name: str) -> Path:
    """Where the package's templates or static files are: inside it when installed, beside it in a checkout."""
    inside = _HERE / name
    return inside if inside.is_dir() else _HERE.parent / name


def _turns(settings: Settings, database: Database, router: Router, feeds: Feeds) -> Turns:
    tools = [ValidateSchedule(settings.schedule_timezone)]
    refuse_tools_that_leave(tools, airgap=settings.airgap)
    modes: tuple[Mode, ...] = ("local",) if settings.airgap else ("local", "hybrid", "cloud")
    tool_limits = ToolLimits(
        settings.tool_s, settings.tool_argument_bytes, settings.tool_result_bytes, settings.tool_calls_at_once
    )
    house = House(
        store=database,
        router=router,
        tools=ToolTable(tools, limits=tool_limits),
        feeds=feeds,
        latches=Latches(database, feeds),
        looks_like_schedule=looks_like_schedule,
        limits=TurnLimits(
            seconds=settings.turn_s,
            rounds=settings.tool_rounds,
            calls=settings.tool_calls,
            repeats=settings.tool_repeats,
            result_bytes=settings.tool_result_model_bytes,
        ),
    )
    return Turns(
        house,
        node=node_name(),
        modes=modes,
        default_mode="hybrid" if router.has_cloud else "local",
        limits=TurnsLimits(
            waiting=settings.waiting_turns,
            drain_s=settings.drain_s,
            lease_s=settings.turn_s + settings.model_load_s,
            replay_bytes=settings.replay_bytes,
        ),
    )


def _socket_limits(settings: Settings) -> SocketLimits:
    return SocketLimits(
        sockets=settings.sockets,
        text_chars=settings.text_chars,
        command_bytes=settings.command_bytes,
        bad_messages_per_min=settings.bad_messages_per_min,
        checks_per_s=settings.checks_per_s,
        queue_frames=settings.send_queue_frames,
        queue_bytes=settings.send_queue_bytes,
        send_s=settings.send_s,
    )
