"""Who could answer, and what each may see: a provider together with the request it would be given.

A local provider is given the request as it is; a cloud provider only what the privacy gate cleared, and only after
the egress record is written. There is no third kind of candidate, and no other caller of a cloud provider.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from chatapp.events import Context, Route
from chatapp.messages import CompletionRequest
from chatapp.ports import EgressRecord, Health, ProviderEvent
from chatapp.privacy.gate import ClearedRequest
from chatapp.router.breaker import CircuitBreaker


class Provider(Protocol):
    """What every provider can say of itself. `endpoint`: which of several servers of one name."""

    @property
    def name(self) -> str:
        """As on the wire: `ollama`, `anthropic` …"""

    @property
    def endpoint(self) -> str:
        """Host and port."""

    def window(self, model: str) -> int:
        """The model's context window, in tokens."""

    async def check(self) -> Health:
        """Ask how it is, without a prompt. Never raises for a fault of the provider's."""

    async def aclose(self) -> None:
        """Close its connections."""


class LocalProvider(Provider, Protocol):
    """A model server in the house."""

    def stream(self, request: CompletionRequest) -> AsyncGenerator[ProviderEvent, None]:
        """Answer. Raises `ProviderError`; success is `Completed` and nothing else."""


class CloudProvider(Provider, Protocol):
    """A model server elsewhere."""

    def stream(self, request: ClearedRequest) -> AsyncGenerator[ProviderEvent, None]:
        """Answer. Raises `ProviderError`; success is `Completed` and nothing else."""


@dataclass(frozen=True, slots=True)
class LocalSeat:
    """A local provider at the table, with its breaker and its model for each task."""

    provider: LocalProvider
    breaker: CircuitBreaker
    default_model: str
    models: tuple[tuple[str, str], ...] = ()
    kind: Literal["local"] = "local"

    def model_for(self, role: str) -> str:
        """The model meant for a task."""
        return dict(self.models).get(role, self.default_model)

    @property
    def wanted_models(self) -> tuple[str, ...]:
        """Every model that a task may ask of this provider, by name."""
        return tuple(sorted({self.default_model, *dict(self.models).values()}))


@dataclass(frozen=True, slots=True)
class CloudSeat:
    """A cloud provider at the table, with its breaker and its model."""

    provider: CloudProvider
    breaker: CircuitBreaker
    default_model: str
    kind: Literal["cloud"] = "cloud"

    def model_for(self, role: str) -> str:
        """The model meant for a task: there is one."""
        return self.default_model

    @property
    def wanted_models(self) -> tuple[str, ...]:
        """Every model that a task may ask of this provider."""
        return (self.default_model,)


Seat = LocalSeat | CloudSeat
Record = Callable[[EgressRecord], Awaitable[None]]
Fit = Callable[[CompletionRequest, int], tuple[CompletionRequest, Context]]
"""Leaves out the oldest messages until a request fits a window of so many tokens, and says how it went."""


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a request is made: what the egress ledger says of it."""

    owner: str = "library"
    conversation: str | None = None
    turn: str | None = None


@dataclass(frozen=True, slots=True)
class LocalCandidate:
    """A local provider and the request it would answer."""

    seat: LocalSeat
    route: Route
    request: CompletionRequest

    async def open(self) -> AsyncGenerator[ProviderEvent, None]:
        """Begin the completion."""
        return self.seat.provider.stream(self.request)


@dataclass(frozen=True, slots=True)
class CloudCandidate:
    """A cloud provider, the cleared request it would answer, and the door it leaves by."""

    seat: CloudSeat
    route: Route
    cleared: ClearedRequest
    asker: Asker
    record: Record

    async def open(self) -> AsyncGenerator[ProviderEvent, None]:
        """Write what is about to leave, then begin the completion.

        Raises:
            StorageUnavailable, StorageFull: there is no record, so there is no call.
        """
        size, sha256 = self.cleared.fingerprint()
        provider = self.seat.provider
        await self.record(
            EgressRecord(
                at=time.time(),
                owner=self.asker.owner,
                conversation=self.asker.conversation,
                turn=self.asker.turn,
                provider=provider.name,
                host=provider.endpoint,
                model=self.cleared.payload.model,
                payload_bytes=size,
                payload_sha256=sha256,
                decision=self.route.rule,
                detector=self.cleared.detector,
            )
        )
        return provider.stream(self.cleared)


Candidate = LocalCandidate | CloudCandidate
