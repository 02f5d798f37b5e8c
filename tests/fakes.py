"""Stand-ins inside the process: providers that say what they are scripted to say and keep what they were given.

Over HTTP the model servers of `chatapp/demo` do the same; these are for rooms that know providers by their Protocol.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from chatapp.events import Context, Delta
from chatapp.messages import CompletionRequest, Usage
from chatapp.ports import (
    NOTHING_YET,
    Completed,
    EgressEnd,
    EgressRecord,
    Finding,
    Head,
    Health,
    OpenedEgress,
    ProviderEvent,
)
from chatapp.privacy.gate import ClearedRequest, PrivacyGate
from chatapp.privacy.ledger import Seal
from chatapp.router.breaker import CircuitBreaker, Limits
from chatapp.router.candidate import CloudSeat, LocalSeat, Seat
from chatapp.router.health import HealthWatch
from chatapp.router.route import Policy
from chatapp.router.router import Router
from chatapp.router.stats import Stats

Asked = TypeVar("Asked", CompletionRequest, ClearedRequest)
Step = ProviderEvent | BaseException | asyncio.Event
"""An event to yield, an error to raise, or a gate to wait at."""

CANARY: Final = "CANARY"
WELL: Final = Health(True, 1.0, ("base:latest", "fast:latest", "coder:latest", "tooler:latest"))
ANSWER: Final[tuple[Step, ...]] = (Delta("An "), Delta("answer."), Completed("stop", Usage(3, 2)))


def find_canary(text: str) -> Sequence[Finding]:
    """A detector that knows one identifier."""
    at = text.find(CANARY)
    return (Finding(at, at + len(CANARY), "MRN", "canary"),) if at >= 0 else ()


@dataclass
class FakeClock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class ScriptedProvider(Generic[Asked]):
    """Plays its scripts in order, then answers; what no longer fits a script is nobody's fault but the test's.

    Attributes:
        given: the requests it was really asked, as they came. checks: prompt-free probes so far.
        health: what a probe finds; an exception is raised. open: streams begun and not yet left.
    """

    def __init__(self, name: str, *scripts: Sequence[Step], window: int = 8192) -> None:
        self.name = name
        self.endpoint = f"{name}.test:1"
        self.given: list[Asked] = []
        self.checks = 0
        self.health: Health | Exception = WELL
        self.open = 0
        self._scripts = deque(scripts)
        self._window = window

    def window(self, model: str) -> int:
        return self._window

    async def check(self) -> Health:
        self.checks += 1
        if isinstance(self.health, Exception):
            raise self.health
        return self.health

    async def aclose(self) -> None:
        return None

    async def stream(self, request: Asked) -> AsyncGenerator[ProviderEvent, None]:
        self.given.append(request)
        self.open += 1
        try:
            for step in self._scripts.popleft() if self._scripts else ANSWER:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        finally:
            self.open -= 1


class ScriptedLocal(ScriptedProvider[CompletionRequest]):
    """A model server in the house."""

    def __init__(self, *scripts: Sequence[Step], window: int = 8192) -> None:
        super().__init__("ollama", *scripts, window=window)


class ScriptedCloud(ScriptedProvider[ClearedRequest]):
    """A model server elsewhere."""

    def __init__(self, *scripts: Sequence[Step], window: int = 8192) -> None:
        super().__init__("anthropic", *scripts, window=window)


class Records:
    """An egress ledger in memory. `failure`: raised instead of writing. `gate`: waited at before writing."""

    def __init__(self) -> None:
        self.written: list[EgressRecord] = []
        self.ends: list[EgressEnd] = []
        self.failure: BaseException | None = None
        self.gate: asyncio.Event | None = None
        self._seal = Seal(b"k" * 32, "node")

    async def open_egress(self, record: EgressRecord) -> OpenedEgress:
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.written.append(record)
        head = Head(len(self.written) - 1, NOTHING_YET.hash)
        return OpenedEgress(record, self._seal.link(record, head))

    def close_egress(self, opened: OpenedEgress, end: EgressEnd) -> None:
        self.ends.append(end)


ROLES: Final = (("simple", "fast"), ("code", "coder"), ("tools", "tooler"))


def breaker_for(name: str, clock: Callable[[], float] | None = None, **limits: float) -> CircuitBreaker:
    """A breaker without chance in it."""
    return CircuitBreaker(name, "", Limits(**limits), clock or FakeClock(), lambda: 0.0)  # type: ignore[arg-type]


def local_seat(provider: ScriptedLocal, breaker: CircuitBreaker | None = None) -> LocalSeat:
    """A local provider at the table."""
    return LocalSeat(provider, breaker or breaker_for(provider.name), "base", ROLES)


def cloud_seat(provider: ScriptedCloud, breaker: CircuitBreaker | None = None) -> CloudSeat:
    """A cloud provider at the table."""
    return CloudSeat(provider, breaker or breaker_for(provider.name), "strong")


def take_all(request: CompletionRequest, window: int) -> tuple[CompletionRequest, Context]:
    """A `Fit` that leaves nothing out."""
    return request, Context(window, 1)


def router_over(*seats: Seat, ledger: Records | None = None, policy: Policy | None = None) -> Router:
    """A router over these seats whose gate knows one identifier."""
    return Router(
        seats,
        gate=PrivacyGate(find_canary),
        policy=policy or Policy(),
        health=HealthWatch(seats),
        stats=Stats(),
        ledger=ledger or Records(),
        fit=take_all,
    )
