"""Asks each provider how it is, without a prompt, and remembers the answer.

Whoever wants to know (the panel, the choice of a model) reads the last answer; nobody waits for a provider.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from chatapp.ports import Clock, Health
from chatapp.router.candidate import Provider, Seat

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer and when it was given. `at`: seconds since 1970; None before the first answer."""

    health: Health
    at: float | None = None


NEVER = Checked(Health(available=False, error="not asked yet"))


class HealthWatch:
    """The last known health of every endpoint.

    Args:
        every_s: pause between two rounds. timeout_s: for one provider's answer.
        now: seconds since 1970.
    """

    def __init__(
        self, seats: Sequence[Seat], *, every_s: float = 10.0, timeout_s: float = 8.0, now: Clock = time.time
    ) -> None:
        self._seats = tuple(seats)
        self._every_s = every_s
        self._timeout_s = timeout_s
        self._now = now
        self._last: dict[tuple[str, str], Checked] = {}

    def __repr__(self) -> str:
        well = sum(checked.health.available for checked in self._last.values())
        return f"<HealthWatch {well} of {len(self._seats)} available>"

    def last(self, provider: Provider) -> Checked:
        """What was last heard of it; `NEVER` before the first answer."""
        return self._last.get((provider.name, provider.endpoint), NEVER)

    def lacks(self, provider: Provider, model: str) -> bool:
        """Whether it is known not to have this model. Unknown is not lacking."""
        health = self.last(provider).health
        return health.available and bool(health.models) and not has_model(health, model)

    async def check(self, seat: Seat) -> Health:
        """Ask one provider now; a key it refuses is told to its breaker."""
        provider = seat.provider
        try:
            async with asyncio.timeout(self._timeout_s):
                health = await provider.check()
        except TimeoutError:
            health = Health(available=False, error="no answer in time", outcome="failed")
        except Exception as bug:  # noqa: BLE001 - a probe that trips must end neither the watch nor the house around it
            logger.warning("the probe of %s tripped: %s", provider.name, type(bug).__name__)
            health = Health(available=False, error=type(bug).__name__, outcome="failed")
        self._last[provider.name, provider.endpoint] = Checked(health, self._now())
        seat.breaker.probed(health.outcome)
        return health

    async def check_all(self) -> None:
        """Ask all of them now, at once."""
        await asyncio.gather(*(self.check(seat) for seat in self._seats))

    async def run(self) -> None:
        """Ask all of them again and again, until cancelled."""
        while True:
            await self.check_all()
            await asyncio.sleep(self._every_s)


def has_model(health: Health, model: str) -> bool:
    """Whether a listing holds a model; `name` means `name:latest`."""
    return model in health.models or f"{model}:latest" in health.models
