"""What a rule is, where it is tried, and the text it is tried on.

A rule that begins with a word, or with a number, is tried only there, so that a hundred labels cost no more than one
look at each word; any other is searched for. The rules themselves stand in the families beside this file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from chatapp.privacy.evidence import Evidence
from chatapp.privacy.tokens import tokens

DIGITS = frozenset("0123456789")
"""What a rule needs that needs a digit, whichever it is."""
NUMBER = frozenset({"0"})
"""Where a rule starts that begins with a number, whichever it is."""

_SENTENCE_END = re.compile(
    r"[\r\n]"
    r"|(?<!\b[A-Za-z])(?<!\b[DMSdms][rst])(?<!\b[Mm]rs)(?<!\bSra)[.?!;](?=\s)"  # not after an initial or a title
    r"|(?<=\d [A-Za-z])\.(?=\s)"  # nor is a unit an initial
    r"|[。?!;](?=[^\x00-\x7f])"
    r"|(?<=[a-z\d]) (?=(?:The|This|That|These|Who|What|When|Which|How|Is|Are|Our|We|Also|Thanks|Please|Can|Could) )"
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
        self.tokens = tokens(text)
        self.words = [(part, start + at) for start, _, word in self.tokens for part, at in word.parts]
        self.cues = frozenset([word for word, _ in self.words]).union(text)
        self._evidence: dict[int, Evidence] = {}
        self._shows: dict[tuple[int, re.Pattern[str]], bool] = {}

    @cached_property
    def whole(self) -> Evidence:
        """What the text says, taken together."""
        return Evidence(self.text)

    @cached_property
    def ends(self) -> Sequence[int]:
        """Where its sentences and lines end."""
        return [*(match.end() for match in _SENTENCE_END.finditer(self.text)), len(self.text)]

    def sentence(self, at: int) -> tuple[int, int]:
        """Where the sentence or line that holds the character `at` begins and ends."""
        index = min(bisect_right(self.ends, at), len(self.ends) - 1)
        return (self.ends[index - 1] if index else 0), self.ends[index]

    def evidence(self, at: int) -> Evidence:
        """What the sentence or line that holds the character `at` says."""
        start, end = self.sentence(at)
        if start not in self._evidence:
            self._evidence[start] = Evidence(self.text[start:end])
        return self._evidence[start]

    def shows(self, at: int, shape: re.Pattern[str]) -> bool:
        """Whether `shape` is in the sentence or line that holds the character `at`: looked for once in each."""
        start, end = self.sentence(at)
        if (start, shape) not in self._shows:
            self._shows[start, shape] = shape.search(self.text, start, end) is not None
        return self._shows[start, shape]

    def before(self, at: int, characters: int = 24) -> str:
        """What stands right before `at`."""
        return self.text[max(0, at - characters) : at]

    def after(self, at: int, characters: int = 24) -> str:
        """What stands right after `at`."""
        return self.text[at : at + characters]


class Finder(Protocol):
    """A way of recognising something.

    Attributes:
        starts: small-letter words at one of which `pattern` begins, or `NUMBER`; none: it is searched for.
        needs: words or characters, one of which the text must hold; none: it is always tried.
    """

    @property
    def pattern(self) -> re.Pattern[str]:
        """What it looks like."""

    @property
    def starts(self) -> frozenset[str]:
        """Where it is tried."""

    @property
    def needs(self) -> frozenset[str]:
        """When it is tried."""

    def judge(self, reading: Reading, match: re.Match[str]) -> Hit | None:
        """Take a second look at a match."""


Look = Callable[[Reading, "re.Match[str]"], bool]
"""A second look at a match: is it what the rule is after?"""


def always(_reading: Reading, _match: re.Match[str]) -> bool:
    """No second look."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of recognising one kind of identifier: a `Finder`.

    Args:
        name: stable, for audit. pattern: its group `it`, or else all of it, is the identifier.
    """

    name: str
    kind: str
    pattern: re.Pattern[str]
    needs: frozenset[str] = frozenset()
    look: Look = always
    starts: frozenset[str] = frozenset()

    def judge(self, reading: Reading, match: re.Match[str]) -> Hit | None:
        """The identifier, where the second look confirms it."""
        start, end = match.span("it" if "it" in self.pattern.groupindex else 0)
        return Hit(start, end, self.kind, self.name) if start < end and self.look(reading, match) else None


class RuleBook:
    """Many rules, tried together in one walk over the words of a text."""

    def __init__(self, finders: Iterable[Finder]) -> None:
        self._anywhere: list[Finder] = []
        self._at: defaultdict[str, list[Finder]] = defaultdict(list)
        for finder in finders:
            for word in finder.starts:
                self._at[word].append(finder)
            if not finder.starts:
                self._anywhere.append(finder)

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """All that the rules find, in no order, overlapping."""
        for finder, match in self._matches(reading):
            hit = finder.judge(reading, match)
            if hit:
                yield hit

    def _matches(self, reading: Reading) -> Iterator[tuple[Finder, re.Match[str]]]:
        text = reading.text
        tried = {word: self._tried_at(word, reading) for word in reading.cues if word in self._at}
        for word, start in reading.words:
            if word in tried:
                for finder, matches in tried[word]:
                    if match := matches(text, start):
                        yield finder, match
        for finder in self._anywhere:
            if _may_apply(finder, reading):
                for match in finder.pattern.finditer(text):
                    yield finder, match

    def _tried_at(self, word: str, reading: Reading) -> list[tuple[Finder, _Matches]]:
        return [(finder, finder.pattern.match) for finder in self._at[word] if _may_apply(finder, reading)]


_Matches = Callable[[str, int], "re.Match[str] | None"]


def _may_apply(finder: Finder, reading: Reading) -> bool:
    return not finder.needs or not finder.needs.isdisjoint(reading.cues)
