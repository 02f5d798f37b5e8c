"""Text ─▶ the days and times of day it names, as people write them in rosters, and the words that are neither.

Pure, and free of any calendar's opinion: a day without a year stays one. `schedules.py` makes shifts of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MOST_CHARS = 1000
"""No shift takes more to write, and what searches a text for words may take the square of its length."""

_SEEN = "\x00"
_TO = r"(?:-|–|—|to|till?|until)"
_MONTH = (
    r"(?P<{}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
# The 2000 of "Jul 14 2000-0800" is an evening, that of "Jul 14 2000 0700-1900" a year.
_YEAR = rf"(?P<{{}}>(?:19|20)\d\d)(?!\d|:|\s*{_TO}\s*\d{{{{4}}}}(?!\d|\s*{_TO}))"
_DAY_FORMS = (
    r"(?P<y_iso>(?:19|20)\d\d)(?P<s_iso>[-/.])(?P<m_iso>\d{1,2})(?P=s_iso)(?P<d_iso>\d{1,2})(?!\d)(?:T(?=\d))?",
    r"(?P<y_run>20\d\d)(?P<m_run>0[1-9]|1[0-2])(?P<d_run>0[1-9]|[12]\d|3[01])(?!\d)(?:T(?=\d))?",
    r"(?P<m_us>\d{1,2})(?P<s_us>[/-])(?P<d_us>\d{1,2})(?P=s_us)(?P<y_us>(?:19|20)\d\d|\d\d)(?![\d/:])",
    r"(?P<m_short>\d{1,2})/(?P<d_short>\d{1,2})(?![\d/]|:\d)",
    r"(?P<d_dot>\d{1,2})\.(?P<m_dot>\d{1,2})\.(?P<y_dot>(?:19|20)\d\d|\d\d)(?!\d)",
    r"(?P<d_abb>\d{1,2})-" + _MONTH.format("m_abb") + r"-(?P<y_abb>(?:19|20)\d\d|\d\d)(?!\d)",
    r"(?P<d_dmy>\d{1,2})(?:st|nd|rd|th)?[ -]"
    + _MONTH.format("m_dmy")
    + r"(?![a-z])(?:,?[ -]+"
    + _YEAR.format("y_dmy")
    + ")?",
    _MONTH.format("m_mdy")
    + r"[ -](?P<d_mdy>\d{1,2})(?:st|nd|rd|th)?(?!\d|:|\s?[ap]\.?m|[ap]\b)(?:,?\s+"
    + _YEAR.format("y_mdy")
    + ")?",
)
_DAY = re.compile(
    rf"(?<![\w/])(?:(?P<weekday>{_WEEKDAY}),?\s*\(?)?(?<![\w/.])(?:{'|'.join(_DAY_FORMS)})"
    rf"(?:,?\s*\(?(?P<weekday_after>{_WEEKDAY})\)?)?",
    re.IGNORECASE,
)
_INSTANT = re.compile(
    r"(?<![\w-])((?:19|20)\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)(?!\d)", re.IGNORECASE
)
_TIME = re.compile(
    r"(?<![\w:.])(?:(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:])|(?P<alone>\d{1,2})(?=\s?[ap]\.?m\b|[ap]\b))"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?|(?P<half_short>[ap])\b)?"
    r"|(?<![\w:.])(?P<four>[0-2]\d[0-5]\d)(?:\s?h(?:rs?|ours)?\b)?(?![\w:/])"
    r"|\b(?P<word>noon|midnight)\b",
    re.IGNORECASE,
)
_BARE_RANGE = re.compile(rf"(?<![\w/.:-])(\d{{1,2}})\s*{_TO}\s*(\d{{1,2}})(?![\w/.:-])", re.IGNORECASE)
_EDGES = " \t-–—~*•·:,;|()[]/\"'"
_JOINTS = re.compile(
    r"^(?:(?:to|till?|until|from|at(?!.home)|on(?!.call))\b\s*)+|(?:\s*\b(?:to|till?|until|from|at|on))+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was written. weekday: 0 is Monday; None: not said."""

    year: int | None
    month: int
    day: int
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day. minutes: after midnight, up to 1440 (24:00). offset: from UTC, where the text gives one."""

    minutes: int
    offset: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a piece of text says.

    Args:
        days, times: in the order of the text.
        before: the words before the first of them. after: the words behind it, in the pieces between days and times.
        ambiguous: two bare numbers stand where times belong, and it is open which half of the day they mean.
    """

    days: tuple[Day, ...] = ()
    times: tuple[Time, ...] = ()
    before: str = ""
    after: tuple[str, ...] = ()
    ambiguous: bool = False

    @property
    def words(self) -> str:
        """All that is neither day nor time."""
        return " ".join(piece for piece in (self.before, *self.after) if piece)


_Found = list[tuple[int, Day | Time]]
_Reader = Callable[[re.Match[str]], Iterator[Day | Time]]


def read_when(text: str) -> Reading:
    """Find the days and times in `text`, one line of it, of which the first 1,000 characters are read.

    What looks like a day or a time and is none (7/45) stays a word.
    """
    found: _Found = []
    rest = text[:MOST_CHARS].replace(_SEEN, " ")
    for pattern, reader in ((_INSTANT, _instant), (_DAY, _day), (_TIME, _time)):
        rest = _blotted(rest, pattern, reader, found)
    ambiguous = False
    if not any(isinstance(it, Time) for _, it in found) and (bare := _BARE_RANGE.search(rest)):
        ambiguous = _is_ambiguous(bare)
        rest = _blotted(rest, _BARE_RANGE, _bare_range, found)
    found.sort(key=lambda it: it[0])
    before, *after = (_trimmed(piece) for piece in rest.split(_SEEN))
    return Reading(
        days=tuple(it for _, it in found if isinstance(it, Day)),
        times=tuple(it for _, it in found if isinstance(it, Time)),
        before=before,
        after=tuple(piece for piece in after if piece),
        ambiguous=ambiguous,
    )


def names_a_day(text: str) -> bool:
    """Whether there is a day in `text`."""
    return any(any(_day(match)) for match in _DAY.finditer(text[:MOST_CHARS]))


def _blotted(text: str, pattern: re.Pattern[str], reader: _Reader, found: _Found) -> str:
    """Put what `reader` makes of the matches into `found`, each with its place, and blot those matches out."""

    def blot(match: re.Match[str]) -> str:
        things = [(match.start(), thing) for thing in reader(match)]
        found.extend(things)
        return _SEEN * len(match[0]) if things else match[0]

    return pattern.sub(blot, text)


def _instant(match: re.Match[str]) -> Iterator[Day | Time]:
    """An ISO date and time with its offset from UTC."""
    year, month, day, hour, minute = (int(match[number]) for number in range(1, 6))
    zone = match[6].upper().replace(":", "")
    offset = timedelta() if zone == "Z" else timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
    if hour < 24 and minute < 60 and abs(offset) < timedelta(days=1):
        yield Day(year, month, day)
        yield Time(60 * hour + minute, offset)


def _day(match: re.Match[str]) -> Iterator[Day]:
    parts = {name[0]: text for name, text in match.groupdict().items() if text and name[1:2] == "_"}
    month = MONTHS.index(parts["m"][:3].lower()) + 1 if parts["m"].isalpha() else int(parts["m"])
    day, year = int(parts["d"]), int(parts["y"]) if "y" in parts else None
    if month > 12 >= day and match["m_us"]:
        month, day = day, month  # 14/7/2026 has no other reading
    weekday = match["weekday"] or match["weekday_after"]
    if 1 <= month <= 12 and 1 <= day <= 31:
        full_year = year + 2000 if year is not None and year < 100 else year
        yield Day(full_year, month, day, WEEKDAYS.index(weekday[:3].lower()) if weekday else None)


def _time(match: re.Match[str]) -> Iterator[Time]:
    if match["word"]:
        yield Time(12 * 60 if match["word"].lower() == "noon" else 24 * 60)
        return
    hour = int(match["hour"] or match["alone"] or match["four"][:2])
    minute = int(match["minute"] or (match["four"][2:] if match["four"] else 0))
    half = match["half"] or match["half_short"]
    if half and not 1 <= hour <= 12:
        return
    if half:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if 60 * hour + minute <= 24 * 60:
        yield Time(60 * hour + minute)


def _bare_range(match: re.Match[str]) -> Iterator[Time]:
    hours = [int(number) for number in match.groups()]
    if max(hours) <= 24 and not _is_ambiguous(match):
        yield from (Time(60 * hour) for hour in hours)


def _is_ambiguous(bare: re.Match[str]) -> bool:
    """Whether "7-3" may mean the night as well as the day."""
    return all(int(number) <= 12 and not number.startswith("0") for number in bare.groups())


def _trimmed(piece: str) -> str:
    """A piece of the rest without the signs and little words that joined it to a day or a time."""
    return _JOINTS.sub("", piece.strip(_EDGES)).strip(_EDGES)
