"""What a rule is: a pattern, the cues without which it need not be tried, and a second look at what it matched.

`Reading` is a folded text with what every family of rules asks about it. The rules themselves stand in the families:
`identifiers.py`, `records.py`, `dates.py`, `places.py`, `names.py`, `bedside.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from chatapp.privacy.evidence import Evidence

DIGITS = frozenset("0123456789")
"""Cues of a rule that needs a digit, whichever it is."""

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(
    r"(?:[\r\n]|(?<![^\w\s][A-Za-z])(?<!\b[A-Za-z])(?<!\b[DMSdms][rst])(?<!\b[Mm]rs)[.?!;](?=\s)|[。?!;](?=[^\x00-\x7f]))"
)


class Hit(NamedTuple):
    """What a rule found, in places of the folded text."""

    start: int
    end: int
    kind: str
    rule: str


class Reading:
    """A folded text, and what has been asked about it so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._evidence: dict[int, Evidence] = {}

    @cached_property
    def cues(self) -> frozenset[str]:
        """Its lower-case words, and its single characters."""
        return frozenset(_WORD.findall(self.text.lower())).union(self.text)

    @cached_property
    def whole(self) -> Evidence:
        """What the text says, taken together."""
        return Evidence(self.text)

    @cached_property
    def _ends(self) -> list[int]:
        """Where its sentences and lines end."""
        return [*(match.end() for match in _SENTENCE_END.finditer(self.text)), len(self.text)]

    def sentence(self, at: int) -> tuple[int, int]:
        """Where the sentence or line that holds the character `at` begins and ends."""
        index = min(bisect_right(self._ends, at), len(self._ends) - 1)
        return (self._ends[index - 1] if index else 0), self._ends[index]

    def evidence(self, at: int) -> Evidence:
        """What the sentence or line that holds the character `at` says."""
        start, end = self.sentence(at)
        if start not in self._evidence:
            self._evidence[start] = Evidence(self.text[start:end])
        return self._evidence[start]


Look = Callable[[Reading, "re.Match[str]"], bool]
"""A second look at a match: is it what the rule is after?"""


def always(_reading: Reading, _match: re.Match[str]) -> bool:
    """No second look."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of recognising one kind of identifier.

    Args:
        name: stable, for audit. pattern: its group `it`, or else all of it, is the identifier.
        cues: lower-case words or characters, one of which the text must hold; none: it is always tried.
    """

    name: str
    kind: str
    pattern: re.Pattern[str]
    cues: frozenset[str] = frozenset()
    look: Look = always

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """Where it applies."""
        if self.cues and self.cues.isdisjoint(reading.cues):
            return
        group = "it" if "it" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(reading.text):
            start, end = match.span(group)
            if start < end and self.look(reading, match):
                yield Hit(start, end, self.kind, self.name)


class Hitting(Protocol):
    """Whatever finds identifiers in a reading."""

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """Where it does."""


def scan(rules: Iterable[Hitting], reading: Reading) -> Iterator[Hit]:
    """All that `rules` find, in no order, overlapping."""
    for rule in rules:
        yield from rule.hits(reading)


def pattern(source: str) -> re.Pattern[str]:
    """A pattern that does not tell capitals from small letters."""
    return re.compile(source, re.IGNORECASE)


def words(text: str) -> frozenset[str]:
    """A set of words written one after the other."""
    return frozenset(text.split())
