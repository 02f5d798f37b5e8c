"""The chat room alone: real turns over a real SQLite file; providers and a tool that do what a test says."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from chatapp import events
from chatapp.chat.feeds import Feeds
from chatapp.chat.history import fit
from chatapp.chat.house import House, TurnLimits
from chatapp.chat.latch import Latches
from chatapp.chat.log import TurnLog, events_of
from chatapp.chat.tools import ToolLimits, ToolTable
from chatapp.chat.turns import Asked, Turns, TurnsLimits
from chatapp.errors import ChatError
from chatapp.events import Delta, Egress, Event
from chatapp.messages import Mode, ToolSpec, Usage
from chatapp.messages import ToolCall as Call
from chatapp.ports import Completed, Detector, ProviderEvent, Tool, ToolOutput
from chatapp.privacy.gate import ClearedRequest, PrivacyGate
from chatapp.router.health import HealthWatch
from chatapp.router.route import Policy
from chatapp.router.router import Router
from chatapp.router.stats import Stats
from chatapp.store.database import Database
from tests.fakes import ScriptedCloud, ScriptedLocal, Step, cloud_seat, find_canary, local_seat
from tests.store.books import book_in

T = TypeVar("T")
ANN = "ann"
_ids = itertools.count(1)


def question(text: str = "How are you?", **fields: Any) -> Asked:
    """A question with an id of its own."""
    return Asked(**{"id": f"k{next(_ids)}", "text": text, **fields})


def says(*texts: str) -> tuple[Step, ...]:
    """A whole reply, text by text."""
    return (*map(Delta, texts), Completed("stop", Usage(3, len(texts))))


def calls(*given: Call, text: str = "") -> tuple[Step, ...]:
    """A reply that ends in tool calls."""
    return (*([Delta(text)] if text else []), *given, Completed("tool_calls", Usage(3, 1)))


def call(arguments: str = '{"words": "ward"}', id: str = "c1", name: str = "echo") -> Call:
    return Call(id, name, arguments)


ECHO = ToolSpec(
    "echo",
    "Says it again",
    '{"type": "object", "properties": {"words": {"type": "string"}, "loud": {"type": "boolean"}, '
    '"times": {"type": "integer"}, "tone": {"type": "string", "enum": ["kind", "dry"]}}, "required": ["words"]}',
)


@dataclass
class Echo:
    """A tool that answers with its argument, or does what a test wants instead. `given`: what it was handed."""

    act: Callable[[str], Coroutine[Any, Any, str]] | None = None
    egress: Egress = "none"
    writes: bool = False
    approval: bool = False
    file_arguments: tuple[str, ...] = ("words",)
    given: list[str] = field(default_factory=list)
    spec: ToolSpec = ECHO

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutput:
        words = str(arguments["words"])
        self.given.append(words)
        return ToolOutput(await self.act(words) if self.act else f"echo of {words}")


class Steps:
    """Counts what happens, and does something at the moment a test has chosen."""

    def __init__(self) -> None:
        self.count = 0
        self._actions: dict[int, Callable[[], object]] = {}

    def at(self, number: int, action: Callable[[], object]) -> None:
        self._actions[self.count + number] = action

    def run_out(self) -> None:
        """Do now what nothing was left to do it at."""
        while self._actions:
            self._actions.popitem()[1]()

    async def step(self) -> None:
        self.count += 1
        action = self._actions.pop(self.count, None)
        doing = action() if action is not None else None
        if isinstance(doing, Awaitable):
            await doing
        await asyncio.sleep(0)


class SteppedDatabase(Database):
    """A database that tells when it is asked and when it has answered, and fails when a test says so.

    Attributes:
        failing: whether writes fail now. failures: how many did.
    """

    def __init__(self, path: Path, steps: Steps | None = None) -> None:
        super().__init__(path, timeout_s=2.0, ledger=book_in(path.parent))
        self.steps = steps or Steps()
        self.failing: Callable[[], ChatError | None] = lambda: None

    async def write(self, operation: Callable[[Connection], T], then: Callable[[T], None] | None = None) -> T:
        await self.steps.step()
        failure = self.failing()
        if failure is not None:
            raise failure
        result = await super().write(operation, then)
        await self.steps.step()
        return result

    async def read(self, operation: Callable[[Connection], T]) -> T:
        await self.steps.step()
        result = await super().read(operation)
        await self.steps.step()
        return result


class SteppedCloud(ScriptedCloud):
    """A cloud that tells before each event."""

    def __init__(self, steps: Steps, *scripts: Sequence[Step]) -> None:
        super().__init__(*scripts)
        self.steps = steps

    async def stream(self, request: ClearedRequest) -> AsyncGenerator[ProviderEvent, None]:
        async with aclosing(super().stream(request)) as told:
            async for event in told:
                await self.steps.step()
                yield event


@dataclass
class Room:
    """A running chat room."""

    turns: Turns
    database: Database
    local: ScriptedLocal
    cloud: ScriptedCloud
    feeds: Feeds
    router: Router

    async def ask(self, asked: Asked | str = "How are you?", **fields: Any) -> TurnLog:
        """Ask; the log as it is once the question is stored."""
        asked = question(asked, **fields) if isinstance(asked, str) else asked
        _, log = await self.turns.start(asked, ANN, 0.0)
        return log

    async def answer(self, asked: Asked | str = "How are you?", **fields: Any) -> list[Event]:
        """Ask, and everything the turn said."""
        log = await self.ask(asked, **fields)
        await ended(log)
        return said(log)

    async def stored(self, log: TurnLog) -> list[Event]:
        """What the store has of a turn."""
        rows = await self.database.log(ANN, log.turn)
        assert [row.first for row in rows] == [1, *(row.seq + 1 for row in rows)][: len(rows)]
        return [event for row in rows for event in events_of(row)]

    async def state(self, log: TurnLog) -> str:
        return (await self.database.turn(ANN, log.turn)).state

    async def assert_whole(self, log: TurnLog) -> None:
        """There is exactly one end, it is the last event, and what is stored is what was shown."""
        shown = said(log)
        assert [isinstance(event, events.Done | events.Error) for event in shown] == [False] * (len(shown) - 1) + [True]
        assert await self.stored(log) == shown


def said(log: TurnLog) -> list[Event]:
    """Everything a turn said, event by event."""
    return log.events_after(log.base)


def text_of(told: Sequence[Event]) -> str:
    return "".join(event.text for event in told if isinstance(event, events.Delta))


def of(told: Sequence[Event], kind: type[T]) -> list[T]:
    return [event for event in told if isinstance(event, kind)]


async def until(log: TurnLog, holds: Callable[[], bool]) -> None:
    """Wait until something is true after one of the log's events."""
    changed = asyncio.Event()
    log.watchers.add(changed.set)
    try:
        while not holds():
            changed.clear()
            await changed.wait()
    finally:
        log.watchers.discard(changed.set)


async def ended(log: TurnLog) -> None:
    """Wait for the turn's end."""
    await until(log, lambda: log.ended)


async def begun(log: TurnLog) -> None:
    """Wait for the first words."""
    await until(log, lambda: bool(text_of(said(log))))


async def soon(holds: Callable[[], bool]) -> None:
    """Wait for what nobody announces."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - there is no event: that is what it is for
            await asyncio.sleep(0)


@asynccontextmanager
async def open_room(
    database: Database,
    *,
    local: ScriptedLocal | None = None,
    cloud: ScriptedCloud | None = None,
    tools: Sequence[Tool] = (),
    mode: Mode = "hybrid",
    limits: TurnLimits | None = None,
    turns_limits: TurnsLimits | None = None,
    tool_limits: ToolLimits | None = None,
    policy: Policy | None = None,
    detect: Detector = find_canary,
) -> AsyncIterator[Room]:
    """A room over a database that is open. A text with the word "roster" in it is a schedule."""
    local, cloud = local or ScriptedLocal(), cloud or ScriptedCloud()
    seats = (local_seat(local), cloud_seat(cloud))
    router = Router(
        seats,
        gate=PrivacyGate(detect),
        policy=policy or Policy(),
        health=HealthWatch(seats),
        stats=Stats(),
        ledger=database,
        fit=fit,
    )
    feeds = Feeds()
    house = House(
        store=database,
        router=router,
        tools=ToolTable(tools, limits=tool_limits),
        feeds=feeds,
        latches=Latches(database, feeds),
        looks_like_schedule=lambda text: "roster" in text,
        limits=limits or TurnLimits(),
        clock=lambda: 0.0,
    )
    turns = Turns(house, node="node", default_mode=mode, limits=turns_limits or TurnsLimits(drain_s=0.0))
    async with turns.open():
        yield Room(turns, database, local, cloud, feeds, router)
    assert (turns.active, turns.queued, local.open, cloud.open) == (0, 0, 0, 0)


class Doings:
    """Tasks that a test starts in the middle of something."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, doing: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        task = asyncio.create_task(doing)
        self._tasks.append(task)
        return task

    async def finish(self) -> None:
        for task in self._tasks:
            with suppress(ChatError):
                await task

    async def succeed(self) -> None:
        for task in self._tasks:
            await task
