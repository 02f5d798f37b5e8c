"""What stands around a suspect, as a list of short sayings to be weighed: `1L did`, `2R labs`, `says measured`.

Looks at the suspect itself (its shape, the lists it is on), at the words before and after it within its sentence, and
at what the sentence says. Nothing that comes later than the next sentence counts, and from other sentences only how
clinical they are: so that text added at the end does not make a patient unknown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from chatapp.privacy.evidence import Evidence
from chatapp.privacy.lexicon import Trait, looks_like_name
from chatapp.privacy.rules import Reading
from chatapp.privacy.suspects import Suspect
from chatapp.privacy.tokens import BOTH, EPONYM, FAMILIAR, NAME, PLACE, WIDE, Token, Word, is_slip

_FIRST, _LAST = Trait.FIRST.value, Trait.LAST.value
_NEAR, _BAG = 6, 40
_LETTERS_AND_DIGITS = ((re.compile(r"[A-Z]+"), "A"), (re.compile(r"[a-z]+"), "a"), (re.compile(r"\d"), "0"))
_ASPECTS: Final = ("measured", "aged", "bedside", "person", "care", "schedule", "general")
_CLINICAL: Final = frozenset(("medical", "ending"))
_FULL_STOPS: Final = frozenset((".", "!", "\n"))
_LENGTHS: Final = (6, 14, 30)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence says to each suspect in it.

    Args:
        first, after: its tokens. sayings: to every suspect. as_formed: to every one of a form.
    """

    first: int
    after: int
    sayings: tuple[str, ...]
    as_formed: tuple[str, ...]


class Said(NamedTuple):
    """What can be said of a suspect: of its sort (`itself`, its sentence's sayings), and of its form (the others)."""

    form: str
    itself: list[str]
    as_formed: list[str]
    sentence: Sentence


class Surroundings:
    """The surroundings of the suspects of one text."""

    def __init__(self, reading: Reading, tokens: Sequence[Token]) -> None:
        self._reading = reading
        self.tokens = tokens
        self._starts = [token.start for token in tokens]
        self._sentences: dict[int, Sentence] = {}
        self._clinical_words = list(accumulate((token.word.known in _CLINICAL for token in tokens), initial=0))

    def of(self, suspect: Suspect) -> list[str]:
        """Everything that can be said of a suspect."""
        said = self.said(suspect)
        about: list[tuple[str, Sequence[str]]] = [(suspect.sort, said.itself), (suspect.sort, said.sentence.sayings)]
        about += [(said.form, said.as_formed), (said.form, said.sentence.as_formed)]
        return [said.form, *(f"{who} {saying}" for who, sayings in about for saying in sayings)]

    def said(self, suspect: Suspect) -> Said:
        """The same, told apart by whom it is said of."""
        sentence = self._sentence(suspect.start)
        itself, form = self._itself(suspect)
        before = self._before(suspect, sentence)
        after = self._after(suspect, sentence)
        as_formed = [f"1L {before[0]}", f"1R {after[0]}", *self._families(suspect, sentence)]
        return Said(form, [*itself, *_neighbours(before, after)], as_formed, sentence)

    def _itself(self, suspect: Suspect) -> tuple[list[str], str]:
        """What a suspect is by itself, and its sort in one word."""
        if suspect.sort != "name":
            shape = self._reading.text[suspect.start : suspect.end]
            for letters, letter in _LETTERS_AND_DIGITS:
                shape = letters.sub(letter, shape)
            word = self.tokens[suspect.first].word
            return [
                f"is {shape[:14]}",
                f"word {word.low if word.sort == 'word' else ''}",
                f"is {word.known}",
            ], suspect.sort
        parts = [
            t.word for t in self.tokens[suspect.first : suspect.after] if t.word.sort == "word" and len(t.word.text) > 1
        ]
        sign = "|".join(f"{part.shape}{part.known}" for part in parts[:2])
        lists = "".join(sorted({_lists(part.traits) for part in parts}))
        sayings = [f"words {len(parts)}", f"is {sign}", f"looks {parts[0].shape}", f"on {lists}", f"on {lists} {sign}"]
        if len(parts) == 1:
            sayings += _single(parts[0].low, parts[0].known, parts[0].traits)
            known = "unknown" if parts[0].known == "unknown" else "known"
        else:
            known = "several"
            sayings.append("comma" if "," in self._reading.text[suspect.start : suspect.end] else "no comma")
            sayings += _shared(parts)
        return sayings, f"{known}{parts[0].shape[:1]}"

    def _before(self, suspect: Suspect, sentence: Sentence) -> list[str]:
        """The nearest words before it, the nearest first; `<` where its sentence begins."""
        found = [
            self.tokens[at].word.context
            for at in range(suspect.first - 1, max(sentence.first, suspect.first - _NEAR) - 1, -1)
        ]
        return found if len(found) == _NEAR else [*found, "<"]

    def _after(self, suspect: Suspect, sentence: Sentence) -> list[str]:
        found = [
            self.tokens[at].word.context for at in range(suspect.after, min(sentence.after, suspect.after + _NEAR))
        ]
        return found if len(found) == _NEAR else [*found, ">"]

    def _families(self, suspect: Suspect, sentence: Sentence) -> Iterator[str]:
        """The same for words that were never seen: what kind of word stands where."""
        left = self.tokens[suspect.first - 1].word.family if suspect.first > sentence.first else "<"
        right = [
            self.tokens[at].word.family if at < sentence.after else ">" for at in (suspect.after, suspect.after + 1)
        ]
        yield f"left {left}"
        yield f"right {right[0]}"
        yield f"right {right[0]} {right[1]}"
        yield f"between {left} {right[0]}"

    def _sentence(self, at: int) -> Sentence:
        start, end = self._reading.sentence(at)
        if start not in self._sentences:
            self._sentences[start] = self._read(start, end, self._reading.evidence(at))
        return self._sentences[start]

    def _read(self, start: int, end: int, evidence: Evidence) -> Sentence:
        first, after = bisect_left(self._starts, start), bisect_left(self._starts, end)
        while after > first and self.tokens[after - 1].word.context in _FULL_STOPS:
            after -= 1  # the last sentence of a text is read like one in its middle
        words = [token.word for token in self.tokens[first:after]]
        bag = {word.context for word in words[:_BAG] if word.sort == "word" and word.context[0] != "~"}
        clinical = min(self._clinical_words[after] - self._clinical_words[first], 3)
        sayings = (
            f"clinical words {clinical}",
            f"begins {words[0].context if words else ''}",
            f"asks {'?' in self._reading.text[start:end]}",
            f"shouts {self._reading.text[start:end].isupper()}",
            f"long {sum(len(words) > length for length in _LENGTHS)}",
            *(f"has {word}" for word in sorted(bag)),
            *(f"tells {family}" for family in sorted({word.family for word in words[:_BAG] if word.sort == "word"})),
        )
        aspects = [aspect for aspect in _ASPECTS if getattr(evidence, aspect)] or ["nothing"]
        says = (*(f"says {aspect}" for aspect in aspects), f"says all of {'+'.join(aspects)} {clinical}")
        so_far = f"clinical {min(self._clinical_words[after], 4)}"
        return Sentence(first, after, (*sayings, *says), (*says, so_far))


def _neighbours(before: list[str], after: list[str]) -> Iterator[str]:
    """What stands next to it, in which order, and near it in any order."""
    left, right = before[0], after[0]
    yield from (f"1L {left}", f"1R {right}", f"LR {left} {right}")
    if len(before) > 1:
        yield from (f"2L {before[1]}", f"2L {before[1]} {left}")
    if len(after) > 1:
        yield from (f"2R {after[1]}", f"2R {right} {after[1]}")
    for word in before[1:5]:
        yield f"L {word}"
    for word in after[1:5]:
        yield f"R {word}"


def _single(low: str, known: str, traits: int) -> list[str]:
    sayings = [f"ends {low[-3:]}"]
    if known in ("common", "medical", "word"):
        sayings.append(f"word {low}")
    elif known != "upper":
        sayings.append(f"like {min(max(round(looks_like_name(low) * 2), -3), 3)}")
        if known == "unknown" and is_slip(low):
            sayings.append("slip")
    return sayings + [
        f"is {name}" for name, bits in (("both", BOTH), ("eponym", EPONYM), ("place", PLACE)) if traits & bits
    ]


def _shared(parts: Sequence[Word]) -> Iterator[str]:
    """What is true of every one of several words."""
    if all(part.traits & (PLACE | WIDE) for part in parts):
        yield "all places"
    if not any(part.traits & NAME for part in parts):
        yield f"no names {min(looks_like_name(part.low) for part in parts) > 0}"
    if all(part.known == "unknown" or part.traits & NAME for part in parts):
        yield "all names"


def _lists(traits: int) -> str:
    familiar = bool(traits & FAMILIAR)
    first = ("F" if familiar else "f") if traits & _FIRST else ""
    last = ("L" if familiar else "l") if traits & _LAST else ""
    return first + last if traits & NAME else "-"
