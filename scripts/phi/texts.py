"""Messages as people type them, with every identifier and name marked: what the weights are learned from.

A file of `texts/` holds a message a line, behind a word for its sort and a tab; `\\n` is a line break. A mark is
`<<kind:text>>`; a conversation is `u: … || a: … || t: …` (person, model, tool).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TEXTS: Final = Path(__file__).parent / "texts"
HARMLESS: Final = frozenset(("staff", "public"))
"""Marks of names that may leave: of people who work there, and of those everybody knows."""
NAMES: Final = HARMLESS | {"patient", "relative"}
MARK: Final = re.compile(r"<<(\w+):(.*?)>>", re.DOTALL)
_TURN: Final = re.compile(r"([uat]): ?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """A message or conversation with its marks. `turns`: who says what, still marked."""

    source: str
    sort: str
    marked: str

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """Who says what: `u`, `a` or `t`, and the marked text."""
        if not (_TURN.match(self.marked) and " || " in self.marked):
            return (("u", self.marked),)
        turns: list[tuple[str, str]] = []
        for piece in self.marked.split(" || "):
            match = _TURN.match(piece)
            if match:
                turns.append((match[1], match[2]))
            else:
                speaker, before = turns.pop()
                turns.append((speaker, f"{before} || {piece}"))
        return tuple(turns)

    @property
    def phi(self) -> bool:
        """Whether it holds an identifier."""
        return bool(self.kinds)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of identifiers in it."""
        return frozenset(kind for kind, _ in MARK.findall(self.marked)) - HARMLESS


def read(paths: Sequence[Path]) -> Iterator[Item]:
    """The items of files, in order."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            sort, tab, marked = line.partition("\t")
            if tab:
                yield Item(path.stem, sort, marked.replace("\\n", "\n"))


def unmarked(marked: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The text as it was typed, and where in it each mark stood: start, end, kind."""
    pieces: list[str] = []
    spans: list[tuple[int, int, str]] = []
    at = length = 0
    for match in MARK.finditer(marked):
        before = marked[at : match.start()]
        start = length + len(before)
        length = start + len(match[2])
        spans.append((start, length, match[1]))
        pieces += (before, match[2])
        at = match.end()
    return "".join((*pieces, marked[at:])), spans
