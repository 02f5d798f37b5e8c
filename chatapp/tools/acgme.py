"""Shifts ─▶ duty-hour violations: section 6 of the ACGME Common Program Requirements (Residency), a function a rule.

Paragraphs are named as in the reformatted edition (6.20 to 6.28) and, in brackets, as in the 2023 one (VI.F). Lengths
are judged in whole minutes that really pass, so a night in which the clocks change has an hour more or less.

Readings chosen where the text leaves room:

- "Averaged over four weeks" is any 28 calendar days in a row, not only those that begin a block: a bad month that lies
  across two blocks is found. A shorter schedule is averaged over the weeks it covers, at least one; if it stops up to
  three days short of a whole week (on a Friday, say), it covers that week.
- Work is what one resident's shifts cover together: shifts that touch or overlap are one period of work. Call at home
  is no work (hours spent in the house while called in are shifts of their own), but makes no free day either.
- Overlapping windows that break one rule are reported once, by the worst of them.

What a schedule cannot show (moonlighting elsewhere, exceptions granted by a review committee) is left to people.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from chatapp.tools.stretches import (
    DAY,
    HOUR,
    WEEK,
    CoveredTime,
    FreeDays,
    Stretch,
    days_later,
    gaps,
    joined,
    minute,
    moment,
    worst_apart,
)

WEEKS_AVERAGED = 4
WEEKLY_HOURS = 80
CONTINUOUS_HOURS = 24
TRANSITION_HOURS = 4
REST_HOURS = 8
REST_AFTER_CALL_HOURS = 14
MIDDLE_OF_THE_NIGHT = time(3)
MAY_STOP_SHORT = 3 * DAY


@dataclass(frozen=True, slots=True)
class Shift:
    """Time somebody is scheduled for. Seconds are dropped.

    Args:
        start, end: with a time zone; `start` is before `end`.
        in_house_call, at_home_call: on call in the house; on call at home (then it is no work).
        label: what the schedule calls it; no rule reads it.

    Raises:
        ValueError: a time without a zone, or an end that is not after the start.
    """

    resident: str
    start: datetime
    end: datetime
    in_house_call: bool = False
    label: str = ""
    at_home_call: bool = False

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a shift's times need a time zone")
        if minute(self.start) >= minute(self.end):
            raise ValueError("a shift ends after it starts")


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a schedule breaks, and where.

    Args:
        rule: one stable word. paragraph: in the Common Program Requirements.
        start, end: the window, period of work or time off that breaks it, in the resident's time zone.
        measured, limit: in `unit`. Rounded for reading; the judging was exact.
        message: one sentence for a person, without a name.
    """

    resident: str
    rule: str
    paragraph: str
    start: datetime
    end: datetime
    measured: float
    limit: float
    unit: str
    message: str


@dataclass(frozen=True, slots=True)
class Duty:
    """One resident's part of a schedule, as the rules read it. All stretches are sorted and apart.

    Args:
        worked: in the house. bound: in the house or on call at home. call: on call in the house.
        period: what the whole schedule speaks about, its last week filled up. weeks: to average over, 1 to 4.
    """

    resident: str
    zone: tzinfo
    worked: tuple[Stretch, ...]
    bound: tuple[Stretch, ...]
    call: tuple[Stretch, ...]
    period: Stretch
    weeks: int

    def opening(self, at: int) -> Stretch:
        """The window to average over that opens at `at`."""
        return Stretch(at, days_later(at, 7 * self.weeks, self.zone))

    def closing(self, at: int) -> Stretch:
        """The window to average over that closes at `at`."""
        return Stretch(days_later(at, -7 * self.weeks, self.zone), at)


def judge(shifts: Iterable[Shift]) -> tuple[Violation, ...]:
    """Name every violation, sorted by resident, then time. Takes n·log n for n shifts."""
    found = (violation for duty in _duties(shifts) for rule in RULES for violation in rule(duty))
    return tuple(sorted(found, key=lambda it: (it.resident, it.start, it.rule, it.end)))


def transition_periods(shifts: Iterable[Shift]) -> int:
    """Count the periods of 24 to 28 hours: allowed if the time past 24 is for handing over or teaching (6.22.a).

    A schedule does not say what that time is for, so they are no violations; a reader is told how many there are.
    """
    longest = (CONTINUOUS_HOURS + TRANSITION_HOURS) * HOUR
    periods = (work.minutes for duty in _duties(shifts) for work in duty.worked)
    return sum(CONTINUOUS_HOURS * HOUR < minutes <= longest for minutes in periods)


def weekly_hours(duty: Duty) -> Iterator[Violation]:
    """Find more than 80 hours a week, averaged over four weeks, in-house call included. 6.20 (VI.F.1)."""
    worked = CoveredTime(duty.worked)
    # The sum over a sliding window peaks only where it opens with a period of work or closes with one.
    windows = [duty.opening(work.start) for work in duty.worked] + [duty.closing(work.end) for work in duty.worked]
    totals = [(worked.within(window), window) for window in windows]
    most = duty.weeks * WEEKLY_HOURS * HOUR
    for total, window in worst_apart(it for it in totals if it[0] > most):
        hours = _rounded(total / HOUR / duty.weeks)
        message = f"{hours:g} hours a week over {_counted(duty.weeks, 'week')}; at most {WEEKLY_HOURS} are allowed."
        yield _violation(duty, "weekly_hours", "6.20 (VI.F.1)", window, hours, WEEKLY_HOURS, "hours a week", message)


def free_days(duty: Duty) -> Iterator[Violation]:
    """Find less than one day in seven free, averaged over four weeks. 6.21.b (VI.F.2.c).

    A free day is 24 hours in a row without work or call (ACGME Glossary, "one day off"), at whatever hour it begins; 48
    hours are two. It belongs to the window in which it begins. Windows open where work begins, or with the schedule.
    """
    free = FreeDays(duty.bound, duty.period)
    windows = [duty.opening(at) for at in (duty.period.start, *(work.start for work in duty.bound))]
    inside = [window for window in windows if window.end <= duty.period.end]
    missing = [(duty.weeks - free.within(window), window) for window in inside]
    for count, window in worst_apart(it for it in missing if it[0] > 0):
        days = duty.weeks - count
        message = f"{_counted(days, 'free day')} in {_counted(duty.weeks, 'week')}; at least {duty.weeks} needed."
        yield _violation(duty, "free_days", "6.21.b (VI.F.2.c)", window, days, duty.weeks, "free days", message)


def continuous_hours(duty: Duty) -> Iterator[Violation]:
    """Find work of more than 24 hours in a row with up to 4 more for transitions. 6.22 and 6.22.a (VI.F.3.a).

    Over 28 hours is a violation whatever the time is for; see `transition_periods` for what lies between.
    """
    longest = CONTINUOUS_HOURS + TRANSITION_HOURS
    for work in duty.worked:
        if work.minutes > longest * HOUR:
            hours = _rounded(work.minutes / HOUR)
            message = f"{hours:g} hours in a row; at most 24 are allowed, and 4 more for transitions of care."
            yield _violation(duty, "continuous_hours", "6.22.a (VI.F.3.a)", work, hours, longest, "hours", message)


def rest_after_call(duty: Duty) -> Iterator[Violation]:
    """Find less than 14 hours off after 24 hours of in-house call. 6.21.a (VI.F.2.b).

    Any 24 hours in a row in the house count, whether or not the schedule calls them call.
    """
    least = REST_AFTER_CALL_HOURS
    for work, off in zip(duty.worked, gaps(duty.worked), strict=False):
        if work.minutes >= CONTINUOUS_HOURS * HOUR and off.minutes < least * HOUR:
            hours = _rounded(off.minutes / HOUR)
            message = f"{hours:g} hours off after 24 hours in the house; at least {least} are required."
            yield _violation(duty, "rest_after_call", "6.21.a (VI.F.2.b)", off, hours, least, "hours", message)


def rest_between_shifts(duty: Duty) -> Iterator[Violation]:
    """Find less than 8 hours off between two periods of work. 6.21 (VI.F.2.a), which says "should", not "must".

    After 24 hours in the house the longer rest of `rest_after_call` is asked for instead.
    """
    for work, off in zip(duty.worked, gaps(duty.worked), strict=False):
        if work.minutes < CONTINUOUS_HOURS * HOUR and off.minutes < REST_HOURS * HOUR:
            hours = _rounded(off.minutes / HOUR)
            message = f"{hours:g} hours off between two shifts; there should be {REST_HOURS}."
            yield _violation(duty, "rest_between_shifts", "6.21 (VI.F.2.a)", off, hours, REST_HOURS, "hours", message)


def call_frequency(duty: Duty) -> Iterator[Violation]:
    """Find in-house call more often than every third night, averaged over four weeks. 6.27 (VI.F.7).

    A night counts if its 3 a.m. is spent on in-house call. The window is as many whole thirds of nights as four weeks
    hold: at most 9 of any 27. Over 28 nights, call on exactly every third night would come to 9 or to 10, depending
    on where one begins to count.
    """
    limit = duty.weeks * 7 // 3
    nights = sorted({night: call for call in duty.call for night in _nights(call, duty.zone)}.items())
    dates = [night.toordinal() for night, _ in nights]
    over: list[tuple[int, Stretch]] = []
    for first, opening in enumerate(dates):
        count = bisect_left(dates, opening + 3 * limit) - first
        if count > limit:
            over.append((count, Stretch(nights[first][1].start, nights[first + count - 1][1].end)))
    for count, window in worst_apart(over):
        message = f"{count} nights of in-house call out of {3 * limit}; at most every third, {limit}, is allowed."
        unit = f"nights of {3 * limit}"
        yield _violation(duty, "call_frequency", "6.27 (VI.F.7)", window, count, limit, unit, message)


RULES = (weekly_hours, free_days, continuous_hours, rest_after_call, rest_between_shifts, call_frequency)


def _duties(shifts: Iterable[Shift]) -> list[Duty]:
    """What each resident does, in the order of their names."""
    by_resident: defaultdict[str, list[Shift]] = defaultdict(list)
    for shift in shifts:
        by_resident[shift.resident].append(shift)
    if not by_resident:
        return []
    everything = Stretch(
        min(minute(shift.start) for group in by_resident.values() for shift in group),
        max(minute(shift.end) for group in by_resident.values() for shift in group),
    )
    return [_duty(resident, by_resident[resident], everything) for resident in sorted(by_resident)]


def _duty(resident: str, shifts: Sequence[Shift], schedule: Stretch) -> Duty:
    zone = min(shifts, key=lambda shift: shift.start).start.tzinfo or UTC
    weeks = min(max((schedule.minutes + MAY_STOP_SHORT) // WEEK, 1), WEEKS_AVERAGED)
    filled_up = days_later(schedule.start, 7 * weeks, zone)
    return Duty(
        resident,
        zone,
        worked=_covered(shift for shift in shifts if not shift.at_home_call),
        bound=_covered(shifts),
        call=_covered(shift for shift in shifts if shift.in_house_call and not shift.at_home_call),
        period=Stretch(schedule.start, max(schedule.end, filled_up)),
        weeks=weeks,
    )


def _covered(shifts: Iterable[Shift]) -> tuple[Stretch, ...]:
    return joined(Stretch(minute(shift.start), minute(shift.end)) for shift in shifts)


def _nights(call: Stretch, zone: tzinfo) -> Iterator[date]:
    """The dates whose 3 a.m. lies in `call`."""
    begin = moment(call.start, zone)
    night = begin.date() if begin.time() <= MIDDLE_OF_THE_NIGHT else begin.date() + timedelta(days=1)
    while minute(datetime.combine(night, MIDDLE_OF_THE_NIGHT, zone)) < call.end:
        yield night
        night += timedelta(days=1)


def _violation(
    duty: Duty, rule: str, paragraph: str, at: Stretch, measured: float, limit: float, unit: str, message: str
) -> Violation:
    start, end = moment(at.start, duty.zone), moment(at.end, duty.zone)
    return Violation(duty.resident, rule, paragraph, start, end, measured, limit, unit, message)


def _rounded(value: float) -> float:
    """Three decimals: enough to tell one minute in four weeks from none."""
    return round(value, 3)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
