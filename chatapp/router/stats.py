"""Counts, tokens and seconds of what this process did since it started: fold ended turns and calls in, read a view out.

Memory is bounded whatever models are called; totals stay when a rarely used model is forgotten. No text comes here.
What the panel shows of a provider's health is `health.py`'s.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from chatapp.messages import Usage

SAMPLES = 512
"""How many of the latest calls of a model its percentiles look at."""
MODELS = 64
"""How many (provider, model) pairs are kept; beyond it the one that was called longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Half of the samples, and 95 in 100, are at most this."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class ModelStats:
    """What one model did.

    Args:
        calls: completions that ended, one per round. failures: those without a good end.
        first_token_ms, total_ms: milliseconds over the latest calls, `total_ms` of good ones; None before the first.
        tokens_per_s: half of the latest good calls wrote at least as fast, from their first token on; None as above.
    """

    provider: str
    model: str
    calls: int
    failures: int
    prompt_tokens: int
    completion_tokens: int
    first_token_ms: Percentiles | None
    total_ms: Percentiles | None
    tokens_per_s: float | None


@dataclass(frozen=True, slots=True)
class FallbackStats:
    """How many times `to` answered because `origin` did not."""

    origin: str
    to: str
    times: int


@dataclass(frozen=True, slots=True)
class LLMRouterStats:
    """What the router did since the process started.

    Args:
        requests: questions that came to an end. failures: those that ended in an error.
        fallbacks: times another provider stepped in. kept_local: questions that patient data kept in the house.
        left_house: calls made to a cloud provider, failed ones too: each may have carried its request out.
        prompt_tokens, completion_tokens: as the providers counted them.
    """

    requests: int
    failures: int
    fallbacks: int
    kept_local: int
    left_house: int
    prompt_tokens: int
    completion_tokens: int
    models: tuple[ModelStats, ...]
    fallback_routes: tuple[FallbackStats, ...] = ()


def percentiles(samples: Iterable[float]) -> Percentiles | None:
    """Nearest-rank percentiles: always one of the samples; None of nothing."""
    ordered = sorted(samples)
    if not ordered:
        return None
    return Percentiles(*(ordered[math.ceil(share * len(ordered)) - 1] for share in (0.50, 0.95)))


def _latest() -> deque[float]:
    return deque(maxlen=SAMPLES)


@dataclass(slots=True)
class _ModelTally:
    calls: int = 0
    failures: int = 0
    usage: Usage = field(default_factory=Usage)
    first_token_ms: deque[float] = field(default_factory=_latest)
    total_ms: deque[float] = field(default_factory=_latest)
    tokens_per_s: deque[float] = field(default_factory=_latest)

    def view(self, provider: str, model: str) -> ModelStats:
        speed = percentiles(self.tokens_per_s)
        return ModelStats(
            provider,
            model,
            self.calls,
            self.failures,
            self.usage.prompt_tokens,
            self.usage.completion_tokens,
            percentiles(self.first_token_ms),
            percentiles(self.total_ms),
            speed.p50 if speed else None,
        )


class Stats:
    """The running counts of one process. Not for several threads."""

    def __init__(self) -> None:
        self._requests = 0
        self._failures = 0
        self._fallbacks: Counter[tuple[str, str]] = Counter()
        self._kept_local = 0
        self._left_house = 0
        self._usage = Usage()
        self._models: OrderedDict[tuple[str, str], _ModelTally] = OrderedDict()

    def turn_ended(self, *, ok: bool) -> None:
        """A question has its answer, was stopped (`ok` too), or ended in an error."""
        self._requests += 1
        self._failures += not ok

    def fell_back(self, origin: str, to: str) -> None:
        """The provider `to` stepped in for `origin`. Both are names of providers: there are only a few."""
        self._fallbacks[origin, to] += 1

    def kept_local(self) -> None:
        """A question with patient data, or what may be, was answered or refused in the house."""
        self._kept_local += 1

    def left_house(self) -> None:
        """A request is on its way to a cloud provider, whatever becomes of it."""
        self._left_house += 1

    def call_ended(
        self,
        provider: str,
        model: str,
        *,
        ok: bool,
        first_token_ms: float | None,
        total_ms: float,
        usage: Usage,
    ) -> None:
        """A completion ended: one call to one model.

        Args:
            first_token_ms, total_ms: milliseconds from the start of the call; None where no token came.
        """
        self._usage += usage
        tally = self._tally(provider, model)
        tally.calls += 1
        tally.failures += not ok
        tally.usage += usage
        if first_token_ms is not None:
            tally.first_token_ms.append(first_token_ms)
        if ok:
            tally.total_ms.append(total_ms)
            tally.tokens_per_s.extend(_speed(usage.completion_tokens, first_token_ms, total_ms))

    def view(self) -> LLMRouterStats:
        """All counts as they stand, models by name."""
        models = tuple(self._models[key].view(*key) for key in sorted(self._models))
        return LLMRouterStats(
            self._requests,
            self._failures,
            self._fallbacks.total(),
            self._kept_local,
            self._left_house,
            self._usage.prompt_tokens,
            self._usage.completion_tokens,
            models,
            tuple(FallbackStats(*pair, times) for pair, times in sorted(self._fallbacks.items())),
        )

    def snapshot(self) -> dict[str, Any]:
        """The view as JSON: its fields, tuples as lists of objects."""
        view = asdict(self.view())
        return {name: list(value) if isinstance(value, tuple) else value for name, value in view.items()}

    def _tally(self, provider: str, model: str) -> _ModelTally:
        key = (provider, model)
        tally = self._models.setdefault(key, _ModelTally())
        self._models.move_to_end(key)
        if len(self._models) > MODELS:
            self._models.popitem(last=False)
        return tally

    def __repr__(self) -> str:
        return f"<Stats {self._requests} requests, {self._failures} failed, {len(self._models)} models>"


def _speed(tokens: int, first_token_ms: float | None, total_ms: float) -> list[float]:
    """Tokens per second after the first one; nothing where there is no second token or no time between them."""
    if first_token_ms is None or tokens < 2 or total_ms <= first_token_ms:
        return []
    return [(tokens - 1) * 1000.0 / (total_ms - first_token_ms)]
