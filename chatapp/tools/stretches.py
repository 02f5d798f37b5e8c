"""Stretches of time in whole minutes: joining them, and summing over windows that slide along them.

Pure arithmetic for `acgme.py`, which knows the rules. Minutes count from 1970 in UTC, so all of them are equally long.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import accumulate, pairwise

HOUR = 60
DAY = 24 * HOUR
WEEK = 7 * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A piece of time; `end` is the first minute that is not part of it."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end - self.start


def minute(moment: datetime) -> int:
    """Give the minute in which `moment` (with a time zone) lies."""
    return (moment - _EPOCH) // timedelta(minutes=1)


def moment(at: int, zone: tzinfo) -> datetime:
    """Give a minute as people in `zone` see it."""
    return (_EPOCH + timedelta(minutes=at)).astimezone(zone)


def days_later(at: int, days: int, zone: tzinfo) -> int:
    """Go on by calendar days: the same time on the wall, though a day may have 23 or 25 hours."""
    return minute(moment(at, zone) + timedelta(days=days))


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Give the same time, sorted and without overlaps; stretches that touch become one."""
    result: list[Stretch] = []
    for stretch in sorted(stretches):
        if result and stretch.start <= result[-1].end:
            result[-1] = Stretch(result[-1].start, max(result[-1].end, stretch.end))
        else:
            result.append(stretch)
    return tuple(result)


def gaps(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Give the time between stretches that are sorted and apart: one fewer than those."""
    return tuple(Stretch(before.end, after.start) for before, after in pairwise(stretches))


class CoveredTime:
    """How many minutes of any window `stretches` cover. They are sorted and apart; a question takes log n."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches
        self._starts = [stretch.start for stretch in stretches]
        self._before = [0, *accumulate(stretch.minutes for stretch in stretches)]

    def within(self, window: Stretch) -> int:
        """Count the minutes of `window` that are covered."""
        return self._until(window.end) - self._until(window.start)

    def _until(self, at: int) -> int:
        started = bisect_right(self._starts, at)
        if not started:
            return 0
        last = self._stretches[started - 1]
        return self._before[started - 1] + min(at, last.end) - last.start


class FreeDays:
    """How many 24 hours in a row begin, in time that `stretches` leave free, within a window of `period`.

    A window opens where a stretch or the period does, so no free time lies across its opening; of free time that lies
    across its end those days count that begin before it.
    """

    def __init__(self, stretches: Sequence[Stretch], period: Stretch) -> None:
        edges = (Stretch(period.start, period.start), *stretches, Stretch(period.end, period.end))
        self._gaps = gaps(edges)
        self._starts = [gap.start for gap in self._gaps]
        self._before = [0, *accumulate(gap.minutes // DAY for gap in self._gaps)]

    def within(self, window: Stretch) -> int:
        """Count the free days that begin in `window`."""
        first = bisect_left(self._starts, window.start)
        last = bisect_left(self._starts, window.end) - 1
        if last < first:
            return 0
        gap = self._gaps[last]
        begun_in_time = -((gap.start - window.end) // DAY)
        return self._before[last] - self._before[first] + min(gap.minutes // DAY, begun_in_time)


def worst_apart(windows: Iterable[tuple[int, Stretch]]) -> list[tuple[int, Stretch]]:
    """Keep the worst windows of which no two overlap: the higher the number, the worse; of equals the first given."""
    kept: list[tuple[int, Stretch]] = []
    taken: list[Stretch] = []
    for badness, window in sorted(windows, key=lambda it: -it[0]):
        place = bisect_right(taken, window)
        clear_before = place == 0 or taken[place - 1].end <= window.start
        clear_after = place == len(taken) or window.end <= taken[place].start
        if clear_before and clear_after:
            insort(taken, window)
            kept.append((badness, window))
    return kept
