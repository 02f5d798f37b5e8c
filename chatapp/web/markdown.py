"""Reply text ─▶ block trees from the fixed list of nodes.py, whole or while the text still grows.

`render` is the truth about a finished text, `BlockStream` follows a growing one and parses only its open part.
Where a text may be cut is left to segments.py, what a parsed block looks like to blocktree.py.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TypeAlias

import pyromark
from pyromark import Options
from pyromark.event import BrokenLink

from chatapp.web.blocktree import Memo, build
from chatapp.web.nodes import Node, clean
from chatapp.web.segments import ENOUGH, LineScanner

Change: TypeAlias = "tuple[int, Node | None]"
"""The block at that place is now this one; None takes it away."""

References = dict[str, tuple[str, str]]
"""Link label, folded ─▶ address and title."""

_OPTIONS = Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH | Options.ENABLE_TASKLISTS | Options.ENABLE_MATH
_EVENTS_PER_CHARACTER = 4  # no honest text has more; a wide table's short rows can have thousands
_ALWAYS_SHOWN = 1_024
_GROWTH = 32
_SURROGATE = re.compile("[\ud800-\udfff]")
_PAGE_FEED = re.compile("[\x0b\x0c]")
_MARKS_ONLY = re.compile(r"[\s\-=*+#>|:_~`0-9.)]*")
_FENCE_LIKE = re.compile(r" {0,3}(```|~~~)")


def render(text: str) -> list[Node]:
    """The top-level blocks of a finished text."""
    return _parse(_Input().fold(text), {}, Memo(), is_open=False)


class BlockStream:
    """The blocks of a text that grows.

    What is shown is a function of the text so far, never of the pieces it came in; after `close` it is
    `render` of the whole. The text is cut where a top-level block begins for certain, and a part is parsed for
    good once the next one has begun. The open part is parsed anew as it grows: at every feed up to 1,024
    characters, from there on each time it has grown by a thirty-second, so that the sum stays linear in the
    text (`parsed_characters` counts it). An open fence is a part of its own and grows by whole lines,
    uncoloured. A last line made of marks alone waits for its first word: a `-` below a paragraph would turn
    it into a heading for the blink of an eye.
    """

    def __init__(self) -> None:
        self.parsed_characters = 0
        self._blocks: list[Node] = []
        self._final = 0  # so many of the blocks belong to parts that have ended
        self._text: list[str] = []
        self._input = _Input()
        self._scanner = LineScanner()
        self._references: References = {}
        self._memo = Memo()
        self._part = _Part()
        self._line = _Line()

    def __repr__(self) -> str:
        return f"<BlockStream: {len(self._blocks)} blocks, {self._final} final, {self._part.length} characters open>"

    def feed(self, text: str) -> list[Change]:
        """Take more text in; the blocks that are new or changed, then those that went, last one first."""
        first, before = self._final, self._blocks[self._final :]
        text = self._input.fold(text)
        self._text.append(text)
        *ended, rest = text.split("\n")
        for piece in ended:
            self._line.append(piece)
            self._end_line()
        self._line.append(rest)
        self._cut_early()
        self._show_part()
        return _changes(first, before, self._blocks[first:])

    def close(self) -> list[Change]:
        """The text is complete: parse it once as a whole, with the link references that were defined late."""
        before = self._blocks
        self._blocks = self._parsed("".join(self._text), {}, is_open=False)
        self._final = len(self._blocks)
        return _changes(0, before, self._blocks)

    def _end_line(self) -> None:
        line = self._line.take()
        begins, ends = self._scanner.read(line)
        if begins:
            self._finish_part()
        self._part.append(line + "\n")
        if ends:
            self._finish_part()

    def _cut_early(self) -> None:
        """Let a part end as soon as the next one's first line shows what it is: a paragraph is one long line."""
        if self._line.is_undecided and self._line.length >= ENOUGH:
            self._line.is_undecided = False
            if self._scanner.begins_after_gap(self._line.text()):
                self._finish_part()
                self._scanner.cut()

    def _finish_part(self) -> None:
        source = self._part.text()
        self._blocks[self._final :] = self._parsed(source, self._references, is_open=False)
        self._final = len(self._blocks)
        if "]:" in source:
            self._references = _definitions(source) | self._references
        self._part = _Part()

    def _show_part(self) -> None:
        in_fence = self._scanner.in_fence
        if not self._part.grows_to(self._part.length + (0 if in_fence else self._line.length)):
            return
        text = (self._part.text() + ("" if in_fence else self._line.text()))[: self._part.shown]
        text = text[: text.rfind("\n") + 1] if in_fence else _without_lone_marks(text)
        self._blocks[self._final :] = self._parsed(text, self._references, is_open=True)

    def _parsed(self, text: str, references: References, *, is_open: bool) -> list[Node]:
        self.parsed_characters += len(text)
        return _parse(text, references, self._memo, is_open=is_open)


class _Input:
    """Folds a text's line ends to `\\n`, across pieces, and takes out what no parser can read."""

    def __init__(self) -> None:
        self._ended_in_return = False

    def fold(self, text: str) -> str:
        if not text:
            return text
        body = text[1:] if self._ended_in_return and text[0] == "\n" else text
        self._ended_in_return = text[-1] == "\r"
        body = _PAGE_FEED.sub(" ", body.replace("\r\n", "\n").replace("\r", "\n"))
        return body if body.isascii() else _SURROGATE.sub("�", body)


class _Line:
    """The line that has not ended yet."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.length = 0
        self.is_undecided = True  # whether a block begins with it

    def append(self, piece: str) -> None:
        self._pieces.append(piece)
        self.length += len(piece)

    def text(self) -> str:
        return "".join(self._pieces)

    def take(self) -> str:
        line = self.text()
        self._pieces, self.length, self.is_undecided = [], 0, True
        return line


class _Part:
    """The whole lines of the open part, and how much of it is shown."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.length = 0
        self.shown = 0
        self._checkpoint = _ALWAYS_SHOWN

    def append(self, line: str) -> None:
        self._lines.append(line)
        self.length += len(line)

    def text(self) -> str:
        return "".join(self._lines)

    def grows_to(self, length: int) -> bool:
        """Whether more of it is to be shown, now that it has this length."""
        while self._checkpoint + self._checkpoint // _GROWTH <= length:
            self._checkpoint += self._checkpoint // _GROWTH
        shown, self.shown = self.shown, min(length, self._checkpoint)
        return self.shown != shown


def _parse(text: str, references: References, memo: Memo, *, is_open: bool) -> list[Node]:
    def resolve(broken: BrokenLink) -> tuple[str, str] | None:
        return references.get(_folded(broken["reference"]))

    most = _EVENTS_PER_CHARACTER * len(text) + 64
    parsing = pyromark.events(text, options=_OPTIONS, broken_link_callback=resolve if references else None)
    events = list(islice(parsing, most + 1))
    if len(events) > most:
        return [["p", {"class": "raw"}, clean(text)]]
    return build(events, memo, is_open=is_open)


def _definitions(source: str) -> References:
    found = pyromark.reference_definitions(source, options=_OPTIONS)
    references: References = {}
    for label, definition in found.items():
        references.setdefault(_folded(label), (definition["dest"], definition["title"] or ""))
    return references


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _without_lone_marks(text: str) -> str:
    """The text up to a last line that may yet become something else than it looks like."""
    start = text.rfind("\n") + 1
    last = text[start:]
    return text[:start] if _MARKS_ONLY.fullmatch(last) or _FENCE_LIKE.match(last) else text


def _changes(first: int, before: list[Node], after: list[Node]) -> list[Change]:
    """What turns one list of blocks into the other; `first` is the place of both lists' first block."""
    changes: list[Change] = [
        (first + place, node) for place, node in enumerate(after) if place >= len(before) or before[place] != node
    ]
    changes.extend((first + place, None) for place in reversed(range(len(after), len(before))))
    return changes
