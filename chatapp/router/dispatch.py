"""Walks the candidates; falls back until the first word is shown, never afterwards.

Around each call: the breaker's permit before, its outcome after, whatever way the call is left. Who the candidates
are, and that none of them may see what it must not, was decided before (`route.py`, `candidate.py`).
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from chatapp.errors import ModelMissing, NoCandidateLeft, Outcome, ProviderError, RequestRejected, StreamInterrupted
from chatapp.messages import ToolCall, Usage
from chatapp.ports import Clock, Completed, Delta, ProviderEvent
from chatapp.router.breaker import CircuitBreaker, Permit
from chatapp.router.candidate import Candidate, Provider
from chatapp.router.stats import Stats


@dataclass(frozen=True, slots=True)
class Routed:
    """From here on it is this candidate who answers. `failure`: why the one before did not; None for the first."""

    candidate: Candidate
    failure: ProviderError | None = None


async def dispatch(
    candidates: Sequence[Candidate], stats: Stats, clock: Clock = time.monotonic
) -> AsyncGenerator[Routed | ProviderEvent, None]:
    """Yield a `Routed`, then that candidate's events; again for the next one while nothing was shown.

    Raises:
        NoCandidateLeft: all failed before a word was shown.
        StreamInterrupted: one failed after that; another model's words may not replace what was read.
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
    outcome: Outcome = "released"
    retry_after_s: float | None = None
    started, first_token_at, usage = clock(), None, Usage()
    try:
        async with aclosing(await candidate.open()) as events:
            async for event in events:
                if first_token_at is None and isinstance(event, Delta | ToolCall):
                    first_token_at = clock()
                elif isinstance(event, Completed):
                    outcome, usage = "succeeded", event.usage
                yield event
    except ProviderError as failure:
        outcome, retry_after_s = failure.outcome, failure.retry_after_s
        raise
    finally:
        seat.breaker.settle(permit, outcome, retry_after_s)
        if outcome != "released":
            stats.call_ended(
                seat.provider.name,
                candidate.route.model,
                ok=outcome == "succeeded",
                first_token_ms=None if first_token_at is None else (first_token_at - started) * 1000,
                total_ms=(clock() - started) * 1000,
                usage=usage,
                cloud=seat.kind == "cloud",
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
