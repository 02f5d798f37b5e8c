"""Walks the candidates; falls back until the first word is shown, never afterwards.

Around each call: the breaker's permit before, its outcome after, whatever way the call is left. Who the candidates
are, and that none of them may see what it must not, was decided before (`route.py`, `candidate.py`).
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from chatapp.errors import (
    ModelMissing,
    ModelNotLocal,
    NoCandidateLeft,
    Outcome,
    ProviderError,
    RequestRejected,
    StreamInterrupted,
)
from chatapp.events import Delta
from chatapp.messages import ToolCall, Usage
from chatapp.ports import Clock, Completed, ProviderEvent
from chatapp.router.breaker import CircuitBreaker, Permit
from chatapp.router.candidate import Candidate, Provider
from chatapp.router.stats import Stats


@dataclass(frozen=True, slots=True)
class Routed:
    """From here on it is this candidate who answers. `failure`: why the one before did not; None for the first."""

    candidate: Candidate
    failure: ProviderError | None = None


@dataclass(slots=True)
class _Call:
    """What is known of a call while it runs; dropped half-way, it is `released`."""

    started_at: float
    first_token_at: float | None = None
    outcome: Outcome = "released"
    retry_after_s: float | None = None
    usage: Usage = field(default_factory=Usage)

    @property
    def first_token_ms(self) -> float | None:
        return None if self.first_token_at is None else (self.first_token_at - self.started_at) * 1000


async def dispatch(
    candidates: Sequence[Candidate], stats: Stats, clock: Clock = time.monotonic
) -> AsyncGenerator[Routed | ProviderEvent, None]:
    """Yield a `Routed`, then that candidate's events; again for the next one while nothing was shown.

    Raises:
        NoCandidateLeft: all failed before a word was shown.
        StreamInterrupted: one failed after that; another model's words may not replace what was read.
        ModelNotLocal: a reply that was being read turned out to come from elsewhere.
    """
    failures: list[ProviderError] = []
    for candidate in candidates:
        yield Routed(candidate, failures[-1] if failures else None)
        shown = False
        try:
            async with aclosing(_attempt(candidate, stats, clock)) as events:
                async for event in events:
                    shown = shown or isinstance(event, Delta | ToolCall)
                    yield event
            return
        except ProviderError as failure:
            if isinstance(failure, ModelNotLocal) and shown:
                raise  # more than a broken answer: somebody has to know that words were read elsewhere
            if shown:
                raise StreamInterrupted() from failure
            if isinstance(failure, RequestRejected) and not isinstance(failure, ModelMissing):
                raise NoCandidateLeft((failure, *failures)) from failure  # the request's fault: nobody else's chance
            failures.append(failure)
    raise NoCandidateLeft(tuple(failures))


async def _attempt(candidate: Candidate, stats: Stats, clock: Clock) -> AsyncGenerator[ProviderEvent, None]:
    """One call between the breaker's permit and its outcome; a call that is dropped gives the permit back."""
    seat = candidate.seat
    permit = await _permit(seat.breaker, seat.provider)
    call = _Call(clock())
    try:
        async with aclosing(await candidate.open()) as events:
            if seat.kind == "cloud":
                stats.left_house()
            async for event in events:
                if call.first_token_at is None and isinstance(event, Delta | ToolCall):
                    call.first_token_at = clock()
                    seat.breaker.first_token(permit)
                elif isinstance(event, Completed):
                    call.outcome, call.usage = "succeeded", event.usage
                yield event
    except ProviderError as failure:
        call.outcome, call.retry_after_s = failure.outcome, failure.retry_after_s
        raise
    finally:
        seat.breaker.settle(permit, call.outcome, call.retry_after_s)
        if call.outcome != "released":
            stats.call_ended(
                seat.provider.name,
                candidate.route.model,
                ok=call.outcome == "succeeded",
                first_token_ms=call.first_token_ms,
                total_ms=(clock() - call.started_at) * 1000,
                usage=call.usage,
            )


async def _permit(breaker: CircuitBreaker, provider: Provider) -> Permit:
    """Ask the breaker; where it wants a trial, a prompt-free probe goes first.

    Raises:
        ProviderError: the breaker refuses, or the probe found nobody.
    """
    permit = breaker.admit()
    if not permit.trial:
        return permit
    outcome: Outcome = "released"
    try:
        health = await provider.check()
        outcome = health.outcome
    finally:
        if outcome != "succeeded":
            breaker.settle(permit, outcome)
    if outcome == "succeeded":
        return permit
    raise breaker.refusal() or ProviderError(provider.name, detail=health.error or "")
