"""A pasted or attached schedule ─▶ shifts; every row that looks like a shift and is none is named by line and reason.

Pure. `rows.py` finds the rows, `when.py` the days and times in them, `acgme.py` judges what comes out. A reason never
repeats what the row says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_zone
from itertools import islice
from zoneinfo import ZoneInfo

from chatapp.tools.acgme import Shift
from chatapp.tools.rows import Row, has_rows, rows_of
from chatapp.tools.stretches import minute
from chatapp.tools.when import Day, Time

MOST_ROWS = 20_000
LONGEST_SHIFT = timedelta(days=3)
LONGEST_NAME = 80
SOME_DAY = date(2026, 1, 1)
"""Gives the year where neither the text nor the caller does; the rules hardly depend on it."""

_OFF = re.compile(r"\b(?:off|vacation|vac|leave|pto|holiday|free|sick|post[- ]?call)\b", re.IGNORECASE)
_ONLY_OFF = re.compile(r"\W*(?:day\s+)?(?:off|vacation|vac|leave|annual leave|pto|holiday|sick)\W*", re.IGNORECASE)
_NO_CALL = re.compile(r"\b(?:no|not|off|pre|post|before|after)(?:\s+on)?[\s-]+call\b", re.IGNORECASE)
_CALL = re.compile(r"\b(?:on[\s-]?)?call\b", re.IGNORECASE)
_AT_HOME = re.compile(
    r"\b(?:home|phone|pager|telephone|back-?up|jeopardy)\b.*\bcall\b|\bcall\b.*\b(?:home|phone|backup)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row that looks like a shift and is none. line: counted from 1. reason: fixed words, nothing of the row."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """What could be read, and what could not; both in the order of the text."""

    shifts: tuple[Shift, ...]
    unreadable: tuple[UnreadableRow, ...]

    @property
    def residents(self) -> tuple[str, ...]:
        """Everybody with a shift, by name."""
        return tuple(sorted({shift.resident for shift in self.shifts}))


class _NotAShiftError(ValueError):
    """Says why."""


def looks_like_schedule(text: str) -> bool:
    """Whether a message holds shifts. Reads only its beginning; false for prose, also prose about duty hours."""
    return has_rows(text)


def read_schedule(text: str, *, timezone: str = "UTC", today: date | None = None) -> Schedule:
    """Read shifts from CSV, TSV, rows without a header, lines of free text, or a JSON list of objects.

    Days without a year are put in the year of those that have one; if there are none, in the year nearest to `today`
    in which the weekdays fit. An end that is not after its start is on the next day. 7/14 is July 14.

    Args:
        timezone: where the schedule's clocks hang, as an IANA name; a time with its own offset keeps it.
    """
    zone = ZoneInfo(timezone)
    rows = sorted(islice(rows_of(text), MOST_ROWS + 1), key=lambda row: row.line)
    calendar = _Calendar.of([day for row in rows for day in row.when.days], today or SOME_DAY)
    names: dict[str, str] = {}
    shifts: list[Shift] = []
    unreadable: list[UnreadableRow] = []
    for row in rows[:MOST_ROWS]:
        if _is_time_off(row):
            continue
        try:
            shifts.append(_shift(row, calendar, zone, names))
        except _NotAShiftError as reason:
            unreadable.append(UnreadableRow(row.line, str(reason)))
    if len(rows) > MOST_ROWS:
        unreadable.append(UnreadableRow(rows[MOST_ROWS].line, f"only the first {MOST_ROWS:,} rows are read"))
    return Schedule(tuple(shifts), tuple(unreadable))


# --- one row ---------------------------------------------------------------------------------------------------------


def _is_time_off(row: Row) -> bool:
    """Whether it says that somebody is not there: no shift, and nothing wrong with it."""
    return bool(_ONLY_OFF.fullmatch(row.words) if row.when.times else _OFF.search(row.words))


def _shift(row: Row, calendar: _Calendar, zone: tzinfo, names: dict[str, str]) -> Shift:
    """Make a shift of `row`; `names` keeps how each name was first spelled.

    Raises:
        _NotAShiftError: something is missing or does not fit.
    """
    start, end = _span(row, calendar, zone)
    if (end - start) > LONGEST_SHIFT:
        raise _NotAShiftError("it is longer than three days; write one row for each shift")
    name = " ".join(row.who.split())
    if not any(map(str.isalnum, name)):
        raise _NotAShiftError("there is no resident's name")
    if len(name) > LONGEST_NAME:
        raise _NotAShiftError(f"the resident's name is longer than {LONGEST_NAME} characters")
    resident = names.setdefault(name.casefold(), name)
    in_house, at_home = _call(row.words)
    return Shift(resident, start, end, in_house, row.words[:LONGEST_NAME], at_home)


def _span(row: Row, calendar: _Calendar, zone: tzinfo) -> tuple[datetime, datetime]:
    days = [calendar.date_of(day) for day in _one_or_two(row.when.days)]
    begin, finish = _two(row)
    start = _at(days[0], Time(begin.minutes % (24 * 60), begin.offset), zone)
    end = _at(days[-1], finish, zone)
    if len(days) == 1 and end <= start:
        end = _at(days[0] + timedelta(days=1), finish, zone)
    if minute(end) <= minute(start):
        raise _NotAShiftError("it ends before it starts")
    return start, end


def _one_or_two(days: Sequence[Day]) -> Sequence[Day]:
    if not days:
        raise _NotAShiftError("there is no date")
    if len(days) > 2:
        raise _NotAShiftError("there are more than two dates; write one row for each shift")
    return days


def _two(row: Row) -> tuple[Time, Time]:
    match row.when.times:
        case (begin, finish):
            return begin, finish
        case ():
            if row.when.ambiguous:
                raise _NotAShiftError("the times may mean day or night; write them like 07:00-19:00")
            raise _NotAShiftError("there is no start and end time")
        case (_,):
            raise _NotAShiftError("there is only one time; a start and an end are needed")
        case _:
            raise _NotAShiftError("there are more than two times; write one row for each shift")


def _at(day: date, at: Time, zone: tzinfo) -> datetime:
    """That time of that day, in `zone` whatever the offset it was written with."""
    written_in = zone if at.offset is None else fixed_zone(at.offset)
    return (datetime.combine(day, time(), written_in) + timedelta(minutes=at.minutes)).astimezone(zone)


def _call(words: str) -> tuple[bool, bool]:
    """Whether the words speak of call in the house, and of call at home."""
    said = _NO_CALL.sub("", words)
    at_home = bool(_AT_HOME.search(said))
    return bool(_CALL.search(said)) and not at_home, at_home


# --- days without a year ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Which year days without one belong to. over_new_year: months up to June are those of the next year."""

    year: int
    over_new_year: bool

    @classmethod
    def of(cls, days: Sequence[Day], today: date) -> _Calendar:
        named = [day.year for day in days if day.year is not None]
        bare = [day for day in days if day.year is None]
        months = {day.month for day in bare}
        over_new_year = bool(months & {11, 12} and months & {1, 2})
        years = sorted(range(today.year - 3, today.year + 4), key=lambda year: abs(year - today.year))
        choices = [cls(year, over_new_year) for year in named[:1] or years]
        return max(choices, key=lambda choice: sum(choice._fits(day) for day in bare))

    def date_of(self, day: Day) -> date:
        """The date of `day`.

        Raises:
            _NotAShiftError: there is no such date, or another weekday is written beside it.
        """
        found = self._date(day)
        if found is None:
            raise _NotAShiftError("there is no such date")
        if day.weekday is not None and found.weekday() != day.weekday:
            raise _NotAShiftError("the weekday does not fit the date")
        return found

    def _fits(self, day: Day) -> bool:
        found = self._date(day)
        return found is not None and day.weekday in (None, found.weekday())

    def _date(self, day: Day) -> date | None:
        year = day.year or self.year + (self.over_new_year and day.month <= 6)
        try:
            return date(year, day.month, day.day)
        except ValueError:
            return None
