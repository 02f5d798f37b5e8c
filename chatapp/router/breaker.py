"""When a provider is left alone after failures, and when it is asked again: `admit` before a call, `settle` after it.

States are frozen values and time comes in as monotonic seconds; `CircuitBreaker` at the end only carries them for code
on one event loop. Which exception is which outcome is said in `errors.py`; who is asked instead, in `dispatch.py`.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from chatapp.errors import BreakerOpen, Outcome, ProviderBusy, ProviderError, ProviderMisconfigured
from chatapp.ports import BreakerView, Clock

LONGEST_HOLD_S = 300.0
"""The most a provider's Retry-After is believed."""
SHORTEST_HOLD_S = 5.0
"""What stands in for a Retry-After that is zero, negative or no number."""
RETRY_DURING_TRIAL_S = 5.0
"""What callers are told while one trial is running: its end is near, and nobody knows how near."""
RECENT_CALLS = 64
"""How many calls the rate rule looks back on at most, so that a state stays small."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to open, and for how long.

    Args:
        failures: in a row that open it.
        rate, rate_calls, rate_window_s: this share of failures opens it too, once so many calls ended in that time.
        open_s, longest_open_s: seconds open at first, and at most after one failed trial upon the other.
        calm_s: seconds closed after which the open time starts again from `open_s`.
        permit_s: after so many seconds a trial that was never settled is given up.
    """

    failures: int = 5
    open_s: float = 60.0
    longest_open_s: float = 300.0
    permit_s: float = 300.0
    rate: float = 0.5
    rate_calls: int = 10
    rate_window_s: float = 60.0
    calm_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one call. It counts only as long as `generation` is the state's. `trial`: the one at half-open."""

    generation: int
    trial: bool = False


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call for the rate rule. `at`: monotonic seconds."""

    at: float
    failed: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls pass.

    Args:
        failures: in a row. recent: oldest first.
        openings: how far the open time had grown; 0 if it never opened. since: monotonic seconds of the closing.
    """

    generation: int = 0
    failures: int = 0
    recent: tuple[EndedCall, ...] = ()
    openings: int = 0
    since: float = -math.inf


@dataclass(frozen=True, slots=True)
class Open:
    """Calls are refused until `until` (monotonic seconds). `openings`: 1 is the first, the open time grows with it."""

    generation: int
    until: float
    openings: int = 1
    failures: int = 0


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """One trial at a time passes. `permit_until`: monotonic seconds; None while no trial is running."""

    generation: int
    permit_until: float | None = None
    openings: int = 1
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """Key, rights or spend limit: refused until an operator resets it."""

    generation: int


@dataclass(frozen=True, slots=True)
class Held:
    """An operator keeps it shut, until an operator resets it."""

    generation: int


State = Closed | Open | HalfOpen | Misconfigured | Held


def admit(state: State, now: float, limits: Limits) -> tuple[State, Permit | None]:
    """Ask for leave to make one call at `now`; no permit means no."""
    match state:
        case Closed():
            return state, Permit(state.generation)
        case Open() | HalfOpen():
            return _admit_trial(state, now, limits) if trial_is_due(state, now) else (state, None)
        case Misconfigured() | Held():
            return state, None
        case _:
            assert_never(state)


def trial_is_due(state: State, now: float) -> bool:
    """Whether the next caller would be the trial."""
    match state:
        case Open():
            return now >= state.until
        case HalfOpen():
            return state.permit_until is None or now >= state.permit_until
        case Closed() | Misconfigured() | Held():
            return False
        case _:
            assert_never(state)


def _admit_trial(state: Open | HalfOpen, now: float, limits: Limits) -> tuple[HalfOpen, Permit]:
    # A fresh generation also takes the power from a trial whose permit ran out: two trials can never both count.
    generation = state.generation + 1
    trying = HalfOpen(generation, now + limits.permit_s, state.openings, state.failures)
    return trying, Permit(generation, trial=True)


def settle(state: State, permit: Permit, outcome: Outcome, now: float, limits: Limits, jitter: float = 0.0) -> State:
    """Say how an admitted call ended. Word from an older generation changes nothing.

    A trial may be settled twice: as `answered` at its first token, which lets the others in, and again at its end.

    Args:
        jitter: 0..1, stretches the open time by as many tenths, so that many nodes do not come back at once.
    """
    if permit.generation != state.generation:
        return state
    match state:
        case Closed():
            return _settle_closed(state, permit, outcome, now, limits, jitter)
        case HalfOpen():
            return _settle_trial(state, outcome, now, limits, jitter)
        case Open() | Misconfigured() | Held():
            return state
        case _:
            assert_never(state)


def _settle_closed(state: Closed, permit: Permit, outcome: Outcome, now: float, limits: Limits, jitter: float) -> State:
    match outcome:
        case "succeeded":
            return replace(state, failures=0, recent=_remembered(state, False, now, limits))
        case "answered":
            return replace(state, failures=0)
        case "failed":
            worse = replace(state, failures=state.failures + 1, recent=_remembered(state, True, now, limits))
            opens = permit.trial or worse.failures >= limits.failures or _fails_too_often(worse.recent, limits)
            return _opened(worse, _openings(worse, permit, now, limits), now, limits, jitter) if opens else worse
        case "misconfigured":
            return Misconfigured(state.generation + 1)
        case "released":
            return state
        case _:
            assert_never(outcome)


def _settle_trial(state: HalfOpen, outcome: Outcome, now: float, limits: Limits, jitter: float) -> State:
    match outcome:
        case "succeeded" | "answered":
            # The same generation: a trial that breaks off after its first token still speaks for the state it brought.
            return Closed(state.generation, openings=state.openings, since=now)
        case "failed":
            worse = replace(state, failures=state.failures + 1)
            return _opened(worse, state.openings + 1, now, limits, jitter)
        case "misconfigured":
            return Misconfigured(state.generation + 1)
        case "released":
            return replace(state, generation=state.generation + 1, permit_until=None)
        case _:
            assert_never(outcome)


def _remembered(state: Closed, failed: bool, now: float, limits: Limits) -> tuple[EndedCall, ...]:
    fresh = tuple(call for call in state.recent if now - call.at < limits.rate_window_s)
    return (*fresh, EndedCall(now, failed))[-RECENT_CALLS:]


def _fails_too_often(recent: tuple[EndedCall, ...], limits: Limits) -> bool:
    failed = sum(call.failed for call in recent)
    return len(recent) >= limits.rate_calls and failed >= limits.rate * len(recent)


def _openings(state: Closed, permit: Permit, now: float, limits: Limits) -> int:
    """How far the open time has grown: a failed trial is one step, a long calm starts again."""
    if permit.trial:
        return state.openings + 1
    return 1 if now - state.since >= limits.calm_s else max(1, state.openings)


def _opened(state: Closed | HalfOpen, openings: int, now: float, limits: Limits, jitter: float) -> Open:
    until = now + open_seconds(openings, limits) * (1.0 + 0.1 * jitter)
    return Open(state.generation + 1, until, openings, state.failures)


def open_seconds(openings: int, limits: Limits) -> float:
    """How long the so-manieth opening in a row lasts, in seconds, before jitter: 60, 120, 240, 300, 300 …"""
    doublings = min(openings - 1, 30)
    return max(limits.open_s, min(limits.longest_open_s, limits.open_s * 2.0**doublings))


def later_hold(not_before: float, now: float, retry_after_s: float) -> float:
    """The moment (monotonic seconds) before which a provider wants no call; an earlier wish is never cut short."""
    believable = retry_after_s if retry_after_s > 0 else SHORTEST_HOLD_S
    return max(not_before, now + min(believable, LONGEST_HOLD_S))


class CircuitBreaker:
    """The breaker of one provider endpoint, for async code on one event loop: nothing here awaits.

    Args:
        provider: its name, for errors. endpoint: tells several of one name apart.
        clock: monotonic seconds. jitter: a number in 0..1, anew for each opening.
    """

    def __init__(
        self,
        provider: str,
        endpoint: str = "",
        limits: Limits | None = None,
        clock: Clock = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.provider = provider
        self.endpoint = endpoint
        self._limits = limits or Limits()
        self._clock = clock
        self._jitter = jitter
        self._state: State = Closed()
        self._not_before = -math.inf

    def admit(self) -> Permit:
        """Take leave to make one call. Whoever takes it settles it, however the call ends.

        Raises:
            BreakerOpen, ProviderBusy, ProviderMisconfigured: no call now; with the seconds to wait where known.
        """
        now = self._clock()
        if now >= self._not_before:
            self._state, permit = admit(self._state, now, self._limits)
            if permit is not None:
                return permit
        raise self._refused(now)

    def refusal(self) -> ProviderError | None:
        """What `admit` would raise now; None where it would let the call through. Changes nothing."""
        now = self._clock()
        passes = now >= self._not_before and admit(self._state, now, self._limits)[1] is not None
        return None if passes else self._refused(now)

    def first_token(self, permit: Permit) -> None:
        """The first token is here: a trial's lets the others in. Of any other call only its end counts."""
        if permit.trial:
            self.settle(permit, "answered")

    def settle(self, permit: Permit, outcome: Outcome, retry_after_s: float | None = None) -> None:
        """Say how the call ended. `retry_after_s`: the provider's wish; it holds calls back and opens nothing."""
        now = self._clock()
        self._state = settle(self._state, permit, outcome, now, self._limits, self._jitter())
        if retry_after_s is not None:
            self._not_before = later_hold(self._not_before, now, retry_after_s)

    def probed(self, outcome: Outcome) -> None:
        """Say what a prompt-free probe found. A refused key is believed; all else is left to real calls."""
        if outcome == "misconfigured" and not isinstance(self._state, Held | Misconfigured):
            self._state = Misconfigured(self._state.generation + 1)

    def reset(self) -> None:
        """An operator's word, or a new configuration: closed, nothing counted, nothing held back."""
        self._state = Closed(self._state.generation + 1)
        self._not_before = -math.inf

    def hold(self) -> None:
        """An operator's word: no calls until `reset`."""
        self._state = Held(self._state.generation + 1)

    @property
    def due_for_probe(self) -> bool:
        """Whether the open time is over and no trial is running: a probe now says whether a trial is worth it."""
        return trial_is_due(self._state, self._clock())

    @property
    def held_back_s(self) -> float | None:
        """Seconds for which the provider asked for no calls; None where it did not."""
        left = self._not_before - self._clock()
        return left if left > 0 else None

    def view(self) -> BreakerView:
        """As the panel shows it. An open time that is over shows as `half_open`, though nobody has called yet."""
        now, threshold = self._clock(), self._limits.failures
        match self._state:
            case Closed(failures=failures):
                return BreakerView("closed", failures, threshold)
            case Open(until=until, failures=failures) if now < until:
                return BreakerView("open", failures, threshold, max(until, self._not_before) - now)
            case Open(failures=failures) | HalfOpen(failures=failures):
                return BreakerView("half_open", failures, threshold)
            case Misconfigured():
                return BreakerView("misconfigured", 0, threshold)
            case Held():
                return BreakerView("held", 0, threshold)
            case _:
                assert_never(self._state)

    def _refused(self, now: float) -> ProviderError:
        match self._state:
            case Misconfigured():
                return ProviderMisconfigured(self.provider)
            case Held():
                message = f"{self.provider.capitalize()} is held back by an operator. Choose another mode, or ask them."
                return BreakerOpen(self.provider, message)
            case Open(until=until) if now < until:
                return BreakerOpen(self.provider, retry_after_s=max(until, self._not_before) - now)
            case HalfOpen(permit_until=float() as until) if now < until:
                return BreakerOpen(self.provider, retry_after_s=min(RETRY_DURING_TRIAL_S, until - now))
            case _:
                return ProviderBusy(self.provider, retry_after_s=self._not_before - now)

    def __repr__(self) -> str:
        name = f"{self.provider} {self.endpoint}".strip()
        return f"<CircuitBreaker {name}: {self._in_words()}>"

    def _in_words(self) -> str:
        view = self.view()
        match view.state:
            case "closed" if self.held_back_s is not None:
                return f"closed, held back for {self.held_back_s:.0f} s"
            case "closed":
                return f"closed, {view.failures} of {view.threshold} failures"
            case "open":
                return f"open, {view.retry_in_s or 0.0:.0f} s left"
            case "half_open":
                return "half-open, waiting for a trial" if self.due_for_probe else "half-open, trial running"
            case "misconfigured" | "held":
                return view.state
            case _:
                assert_never(view.state)
