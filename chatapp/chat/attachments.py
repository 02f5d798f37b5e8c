"""A file that was handed in ─▶ its text, and the few lines of it that a model sees.

Pure. Only text comes in: tables as CSV or TSV, plain text, ICS, JSON. Reading shifts out of it is a tool's work,
storing it the store's, and judging what it holds the privacy gate's, which reads all of it.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from chatapp.errors import BadInput

NAME_CHARS = 120
SUMMARY_ROWS = 5
SUMMARY_COLUMNS = 20
CELL_CHARS = 40
LINE_CHARS = 200
DELIMITERS = ",;\t|"
LINES_TO_JUDGE_BY = 50

_ACCEPTED = "Attach a table or text: CSV, TSV, TXT, ICS or JSON."
_BINARY_BEGINNINGS = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0")
_CONTROL = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\v") | {"\x7f"}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as a conversation keeps it.

    Args:
        name: fit to be shown. rows: of a table without its header, of other text its lines that are not empty.
        summary: what a model sees: name, size, columns, first rows. text: the whole, lines ended by a line feed.
    """

    name: str
    kind: Literal["table", "text"]
    rows: int
    summary: str
    text: str


def read_attachment(name: str, body: bytes) -> Attached:
    """Read a file.

    Raises:
        BadInput: it is empty, or no text.
    """
    shown = file_name(name)
    text = _decoded(body).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BadInput("This file is empty. Attach one with text in it.")
    table = _table(text)
    if table is None:
        lines = [line for line in text.split("\n") if line.strip()]
        return Attached(shown, "text", len(lines), _text_summary(shown, lines), text)
    header, rows = table
    return Attached(shown, "table", len(rows), _table_summary(shown, header, rows), text)


def file_name(name: str) -> str:
    """Give the last part of a path without control, direction and invisible characters, at most 120 characters."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    visible = "".join(it if it.isprintable() and unicodedata.category(it) not in ("Cf", "Co") else " " for it in last)
    plain = " ".join(unicodedata.normalize("NFC", visible).split()).lstrip(". ")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > NAME_CHARS and dot and len(ending) < 10:
        return stem[: NAME_CHARS - len(ending) - 1] + dot + ending
    return plain[:NAME_CHARS] or "attachment"


def _decoded(body: bytes) -> str:
    """The text in `body`: UTF-8, UTF-16 with its mark, or what Windows programs write in western countries."""
    if body.startswith(_BINARY_BEGINNINGS):
        raise BadInput(f"This kind of file cannot be read here. {_ACCEPTED}")
    marked = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = body.decode(encoding).rstrip("\x1a")
        except UnicodeDecodeError:
            continue
        if _CONTROL.isdisjoint(text):
            return text
        break
    raise BadInput(f"This file is not text. {_ACCEPTED}")


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(text: str) -> tuple[list[str], list[list[str]]] | None:
    """Header (empty where there is none) and rows; None where lines do not fall into the same columns."""
    beginning = [line for line in text[:100_000].split("\n") if line.strip()][:LINES_TO_JUDGE_BY]
    delimiter = _delimiter(beginning)
    if delimiter is None:
        return None
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error:
        return None
    return (rows[0], rows[1:]) if _is_header(rows[0]) else ([], rows)


def _delimiter(lines: Sequence[str]) -> str | None:
    """The sign that cuts most lines into the same number of cells, at least four in five of them."""
    if len(lines) < 2 or lines[0].lstrip().startswith(("{", "[", "BEGIN:")):
        return None
    best, best_lines = None, 0
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for cells in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
        width, agreeing = max(widths.items(), key=lambda it: (it[1], it[0]))
        if width > 1 and agreeing > best_lines and 5 * agreeing >= 4 * widths.total():
            best, best_lines = delimiter, agreeing
    return best


def _is_header(row: Sequence[str]) -> bool:
    return all(cell.strip() and not any(map(str.isdigit, cell)) for cell in row)


# --- what a model sees -----------------------------------------------------------------------------------------------


def _table_summary(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The headings on a line of their own, as in the file: that is how the detector knows a roster."""
    width = max(map(len, islice(rows, LINES_TO_JUDGE_BY)), default=len(header))
    columns = f"columns:\n{_line(header)}" if header else f"{width} columns without names"
    return _summary(
        f"{name}: table, {_counted(len(rows))}, {columns}", [_line(row) for row in rows[:SUMMARY_ROWS]], rows
    )


def _text_summary(name: str, lines: Sequence[str]) -> str:
    return _summary(
        f"{name}: text, {_counted(len(lines))}", [_cut(it, LINE_CHARS) for it in lines[:SUMMARY_ROWS]], lines
    )


def _summary(title: str, first: Sequence[str], everything: Sequence[object]) -> str:
    more = len(everything) - len(first)
    return "\n".join([title, *first, *([f"({more:,} more)"] if more else [])])


def _line(cells: Sequence[str]) -> str:
    shown = [_cut(" ".join(cell.split()), CELL_CHARS) for cell in cells[:SUMMARY_COLUMNS]]
    return ", ".join(shown) + (", …" if len(cells) > SUMMARY_COLUMNS else "")


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"


def _counted(rows: int) -> str:
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"
