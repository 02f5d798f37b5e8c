"""Text ─▶ the rows in it that look like shifts: tables with or without a header, lines of free text, JSON lists.

Prose around them is left out. Whether a row really makes a shift is decided in `schedules.py`, which names those that
do not.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from chatapp.tools.when import MOST_CHARS, Day, Reading, names_a_day, read_when

DELIMITERS = "\t;|,"
MOST_WORDS_BESIDE_HALF_A_SHIFT = 6
MOST_WORDS_OF_A_NAME = 4
GLANCE_CHARS = 10_000
"""How much of a message is looked at while everybody waits."""

_MEANINGS = {
    "who": "resident name physician doctor who provider person staff intern fellow trainee employee surname "
    "resident_name last_name first_name full_name staff_name assigned_to",
    "date": "date day weekday start_date shift_date",
    "start": "start begin from in starts begins start_time time_in clock_in shift_start start_datetime",
    "end_date": "end_date date_end",
    "end": "end stop finish to until out ends end_time time_out clock_out shift_end end_datetime",
    "times": "time times hours shift shift_time shift_times",
    "kind": "type role shift_type assignment service rotation activity label duty description call_type",
    "call": "call on_call oncall in_house_call inhouse_call",
}
_MEANING_OF = {name.replace("_", " "): meaning for meaning, names in _MEANINGS.items() for name in names.split()}
_ANYBODY = re.compile("|".join(name.rpartition("_")[2] for name in _MEANINGS["who"].split()), re.IGNORECASE)
_YES = frozenset({"yes", "y", "x", "1", "true", "✓"})
_NO = frozenset({"", "no", "n", "0", "false", "none", "-", "null"})
_RULER = re.compile(r"[\s|:+=-]+")
_NUMBERING = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+")
_QUESTION = re.compile(r"[^\s?]\?\s*$")
_LEAD_IN = re.compile(r"^.*\b(?:schedule|roster|rota|validate|check|review|following|please)\b[^:]*:\s+", re.IGNORECASE)
_BETWEEN_SHIFTS = re.compile(r"[;,]\s+")
_WHAT_FOLLOWS_A_NAME = re.compile(
    r"\b(?:on[- ]?call|in[- ]?house|at[- ]home|home call|overnight|call|24[- ]?h(?:r|our)?s?|night float|nights?|shift"
    r"|works?|working|is|has|covers|covering)\b",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"\b(?:i|me|us|we|you|he|she|they|it|this|that|there|my|our|the|was|were|are|am|can|could|does|do|did|will|would|should"
    r"|have|had|please|check|how|what|when|why|which|if|thanks|because)\b",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:schedule|roster|rota|week|month|block|period|calendar|updated|revised|printed|generated|version|page|draft"
    r"|published|effective|dates?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What looks like a shift. line: counted from 1 (of a JSON list, the item). words: what tells of which kind."""

    line: int
    who: str
    words: str
    when: Reading


@dataclass(frozen=True, slots=True)
class Table:
    """A header that has been seen. by_day: there is a column for each day, and the shifts' times stand in its cells."""

    delimiter: str
    columns: tuple[str, ...]
    by_day: bool


def rows_of(text: str) -> Iterator[Row]:
    """Find the rows, in the order of the text; those that are recognised only by their neighbours come last."""
    text = text.removeprefix("\ufeff")
    items = _json_items(text) if text.lstrip()[:1] in ("[", "{") else None
    if items is None:
        return _line_rows(text)
    return (row for number, item in enumerate(items, 1) if (row := _cells_row(number, item.items())))


def has_rows(text: str) -> bool:
    """Whether one of the first rows names a day and two times. Cheap; false for prose."""
    return any(row.when.days and len(row.when.times) == 2 for row in islice(rows_of(text[:GLANCE_CHARS]), 20))


def _json_items(text: str) -> list[dict[str, object]] | None:
    """The objects of a JSON list, or of the first list in a JSON object; None where it is no such thing."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next((member for member in value.values() if isinstance(member, list)), [value])
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else None


def _line_rows(text: str) -> Iterator[Row]:
    table: Table | None = None
    heading: Day | None = None
    widths: set[tuple[str, int]] = set()
    passed_over: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or _RULER.fullmatch(line):
            continue
        if header := _header(line):
            table = header
            continue
        rows = _table_rows(number, line, table) if table else []
        if not rows:
            rows, heading = _free_rows(number, line[:MOST_CHARS], heading)
            if any(row.when.times for row in rows):
                widths.update((mark, line.count(mark)) for mark in DELIMITERS if line.count(mark) > 1)
        if not rows:
            passed_over.append((number, line))
        yield from rows
    for number, line in passed_over:
        if any(line.count(mark) == count for mark, count in widths):
            yield Row(number, line, "", Reading())


# --- tables with a header --------------------------------------------------------------------------------------------


def _header(line: str) -> Table | None:
    """The table that `line` opens, if its cells are names of columns: who, and when."""
    if not _ANYBODY.search(line):
        return None
    for delimiter in DELIMITERS:
        columns = tuple(_cells(line, delimiter))
        meanings = {_MEANING_OF.get(_column(column)) for column in columns}
        by_day = sum(map(names_a_day, columns)) > 1
        if "who" in meanings and (by_day or meanings & {"date", "start", "times"}):
            return Table(delimiter, columns, by_day)
    return None


def _column(name: str) -> str:
    """A column's name without its capitals, joints and remarks: `startTime`, `start_time`, `Start time (local)`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.partition("(")[0])
    return " ".join(re.split(r"[\s_-]+", spaced.strip().lower()))


def _cells(line: str, delimiter: str) -> list[str]:
    if delimiter == "|":
        line = line.strip().strip("|")
    if delimiter not in line:
        return [line]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return line.split(delimiter)


def _table_rows(number: int, line: str, table: Table) -> list[Row]:
    """The shifts in a row of `table`; none in a line that is plainly no row: prose below the table, say."""
    cells = _cells(line, table.delimiter)
    narrow = len(cells) < min(3, len(table.columns)) and not any(map(str.isdigit, line))
    if narrow or not any(cells):
        return []
    named = list(zip(table.columns, cells, strict=False))
    if table.by_day:
        return list(_day_cells(number, named))
    row = _cells_row(number, named)
    timeless = row is None or not (row.when.days or row.when.times)
    return [] if row is None or (timeless and len(_PROSE.findall(line)) > 1) else [row]


def _day_cells(number: int, cells: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """One resident's row in a table that has a column for each day."""
    who = " ".join(cell for name, cell in cells if _MEANING_OF.get(_column(name)) == "who")
    for name, cell in cells:
        if names_a_day(name) and any(map(str.isalnum, cell)):
            when = read_when(f"{name} ; {cell}")
            yield Row(number, who, when.words, when)


def _cells_row(number: int, cells: Iterable[tuple[str, object]]) -> Row | None:
    """A row of which each cell's meaning is known from its column's name."""
    told: dict[str, str] = dict.fromkeys(_MEANINGS, "")
    for name, value in cells:
        if meaning := _MEANING_OF.get(_column(name)):
            told[meaning] = f"{told[meaning]} {'' if value is None else value}".strip()[:MOST_CHARS]
    if not any(told.values()):
        return None
    words = [told["kind"], _call(told["call"])]
    if told["start"] or told["end"]:
        words.append(told["times"])
        told["times"] = ""
    when = read_when(_in_order(told))
    return Row(number, told["who"], " ".join(filter(None, (*words, when.words))), when)


def _in_order(told: dict[str, str]) -> str:
    """The cells that say when, the start first."""
    start, end = told["start"], told["end"]
    if start.isdigit() and end.isdigit() and max(len(start), len(end)) <= 2:
        return f"{told['date']} {start}-{end}"
    day = "" if names_a_day(start) else told["date"]
    end_day = "" if names_a_day(end) else told["end_date"]
    return " ; ".join(filter(None, (day, start, end_day, end, told["times"])))


def _call(cell: str) -> str:
    """A column called "call" in words: its cells are yes and no, or the kind of call."""
    said = cell.lower()
    if said in _NO:
        return ""
    if said in _YES:
        return "in-house call"
    return cell if "call" in said else f"{cell} call"


# --- lines without a header ------------------------------------------------------------------------------------------


def _free_rows(number: int, line: str, heading: Day | None) -> tuple[list[Row], Day | None]:
    """Rows in their own words, most often one; and the day that holds for the lines below ("Mon 7/14:")."""
    if not any(map(str.isdigit, line)) or _QUESTION.search(line):
        return [], heading
    rows: list[Row] = []
    for piece in _pieces(_LEAD_IN.sub("", _NUMBERING.sub("", line))):
        row = _delimited_row(number, piece) or _written_row(number, piece)
        when = row.when
        if len(when.days) == 1 and not when.times and not when.words:
            return [], when.days[0]
        if when.times and not when.days and heading:
            row = replace(row, when=replace(when, days=(heading,)))
        rows.append(replace(row, who=row.who or rows[0].who) if rows else row)
    return [row for row in rows if _is_row(row)], heading


def _pieces(line: str) -> list[str]:
    """The shifts of a line that holds several, each with its two times; else the line."""
    pieces = _BETWEEN_SHIFTS.split(line)
    several = len(pieces) > 1 and all(len(read_when(piece).times) == 2 for piece in pieces)
    return pieces if several else [line]


def _is_row(row: Row) -> bool:
    """Whether it says enough about a time, and little enough else, to be meant as a shift."""
    when = row.when
    if not (when.days or when.times) or _PROSE.search(row.who):
        return False
    if when.days and len(when.times) == 2:
        return len(row.who.split()) <= MOST_WORDS_OF_A_NAME
    if _TITLE.search(row.words) or _PROSE.search(row.words):
        return False
    return 0 < len(row.who.split()) + len(row.words.split()) <= MOST_WORDS_BESIDE_HALF_A_SHIFT


def _delimited_row(number: int, line: str) -> Row | None:
    """A row of cells of which one or more are nothing but a day or a time; the first with words in it is the name."""
    for delimiter in DELIMITERS:
        cells = _cells(line, delimiter)
        if len(cells) < 3:
            continue
        readings = [read_when(cell) for cell in cells]
        if any((it.days or it.times) and not it.words for it in readings):
            name = next((place for place, it in enumerate(readings) if _is_name(it)), None)
            who = "" if name is None else cells[name]
            words = [it.words for place, it in enumerate(readings) if place != name and it.words]
            rest = f"{delimiter} ".join(cell for place, cell in enumerate(cells) if place != name)
            return Row(number, who, " ".join(words), read_when(rest))
    return None


def _is_name(cell: Reading) -> bool:
    return not cell.days and not cell.times and any(map(str.isalpha, cell.words))


def _written_row(number: int, line: str) -> Row:
    """A line such as `Dr. Lee: Mon 7/14 07:00-19:00 call`; the name stands first, or between day and times."""
    when = read_when(line)
    name = when.before or (when.after[0] if when.after else "")
    who = _WHAT_FOLLOWS_A_NAME.split(name)[0].strip(" ,;:-()")
    return Row(number, who, when.words.replace(who, "", 1).strip(), when)
