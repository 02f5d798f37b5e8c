"""Learns `chatapp/privacy/weights.json`: how much each saying about a suspect speaks for a patient.

A logistic regression over the sayings of `surroundings.py`, from the marked texts beside this file. Names in them are
exchanged for others, half of them invented, so that what is learned is where names stand and not which they are.
Run: `pip install '.[train]' && python -m scripts.phi.train`. The same texts give the same weights.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatapp.privacy.lexicon import LEXICON, Trait
from chatapp.privacy.normalise import normalise
from chatapp.privacy.rules import Reading
from chatapp.privacy.surroundings import Surroundings
from chatapp.privacy.suspects import suspects
from chatapp.privacy.tokens import tokens
from chatapp.privacy.weighing import WEIGHTS
from scripts.phi.lexicon import NAMES as NAME_TRAITS
from scripts.phi.lexicon import own_words
from scripts.phi.texts import HARMLESS, MARK, NAMES, TEXTS, Item, read, unmarked

COPIES: Final = 5
"""How often a text with names is told again with other names."""
RARELY: Final = 4
"""A saying that fewer texts bring about is not learned."""
STRENGTH: Final = 0.1
"""The inverse of how strongly weights are held at zero."""
THRESHOLD: Final = 0.0
"""Moved up, fewer clear messages stay; moved down, fewer patients are missed."""
_SMALLEST: Final = 0.02
_PARTICLES: Final = frozenset(["de", "van", "von", "al", "bin", "del", "da", "la", "mr", "mrs", "ms", "dr", "jr", "sr"])
_INITIALS: Final = "ABCDEFGHJKLMNPRSTVWYZ"

Example = tuple[list[str], bool]


# --- other names -----------------------------------------------------------------------------------------------------


class Names:
    """Draws names: familiar ones, rare ones, words that are names too, and invented ones."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        names = _names_of_the_lists()
        self._first = [name for name, traits in names if traits & Trait.FIRST]
        self._last = [name for name, traits in names if traits & Trait.LAST]
        self._familiar = [name for name, traits in names if traits & Trait.FAMILIAR]
        self._both = own_words("also_names")
        self._next: defaultdict[str, list[str]] = defaultdict(list)
        for name in draw.sample(self._last, 20_000):
            edged = f"^^{name}$"
            for at in range(len(edged) - 2):
                self._next[edged[at : at + 2]].append(edged[at + 2])

    def instead_of(self, name: str) -> str:
        """Another name in the same form: capitals, initials and particles stay what they are."""
        words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", name)
        given = iter([index == 0 and len(words) > 1 for index in range(len(words))])
        return re.sub(r"[^\W\d_]+(?:'[^\W\d_]+)*", lambda match: self._word(match.group(), first=next(given)), name)

    def _word(self, word: str, *, first: bool) -> str:
        if not word.isascii() or word.lower() in _PARTICLES:
            return word
        if word.isupper() and len(word) <= 3:
            return "".join(self._draw.choice(_INITIALS) for _ in word)
        if len(word) == 1:
            return word
        new = self._any(first=first)
        return new if word.islower() else new.upper() if word.isupper() else new.title().replace("'S", "'s")

    def _any(self, *, first: bool) -> str:
        kind = self._draw.random()
        if kind < 0.3:
            return self._invented()
        if kind < 0.45:
            return self._draw.choice(self._both)
        if kind < 0.65:
            return self._draw.choice(self._familiar)
        return self._draw.choice(self._first if first else self._last)

    def _invented(self) -> str:
        while True:
            letters = "^^"
            while letters[-1] != "$" and len(letters) < 16:
                letters += self._draw.choice(self._next[letters[-2:]])
            name = letters[2:].rstrip("$")
            if 3 <= len(name) <= 12 and not LEXICON.traits(name):
                return name


def _names_of_the_lists() -> list[tuple[str, Trait]]:
    words = Trait.COMMON | Trait.WORD | Trait.MEDICAL
    found = {name: Trait(LEXICON.traits(name)) for name in _listed_names()}
    return [(name, traits) for name, traits in sorted(found.items()) if traits & NAME_TRAITS and not traits & words]


def _listed_names() -> Iterator[str]:
    from scripts.phi.lexicon import entries, plain  # needs the packages that the lists come from

    return (plain(word) for word, trait in entries() if trait & NAME_TRAITS)


# --- examples --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one item teaches: its suspects, in all copies, and whether each is an identifier."""

    item: Item
    examples: tuple[Example, ...]


def lessons(items: Iterable[Item], draw: random.Random, copies: int = COPIES) -> Iterator[Lesson]:
    """A lesson of each item."""
    names = Names(draw)
    for item in items:
        told = [marked for _, said in item.turns for marked in _copies(said, names, draw, copies)]
        yield Lesson(item, tuple(example for marked in told for example in examples(marked)))


def _copies(marked: str, names: Names, draw: random.Random, copies: int) -> Iterator[str]:
    yield marked
    if not any(kind in NAMES for kind, _ in MARK.findall(marked)):
        return
    for copy in range(copies):
        other = MARK.sub(lambda mark: _renamed(mark, names), marked)
        yield _in_small_letters(other) if copy == 0 and draw.random() < 0.5 else other


def _renamed(mark: re.Match[str], names: Names) -> str:
    return f"<<{mark[1]}:{names.instead_of(mark[2])}>>" if mark[1] in NAMES else mark.group()


def _in_small_letters(marked: str) -> str:
    return MARK.sub(lambda mark: f"<<{mark[1].lower()}:{mark[2].lower()}>>", marked.lower())


def examples(marked: str) -> Iterator[Example]:
    """The suspects of a marked text, each with what is said of it."""
    text, spans = unmarked(marked)
    folded = normalise(text)
    reading, found = Reading(folded.text), tokens(folded.text)
    surroundings = Surroundings(reading, found)
    for suspect in suspects(folded.text, found):
        start, end = folded.back(suspect.start, suspect.end)
        kinds = {kind for begin, stop, kind in spans if begin < end and start < stop}
        yield surroundings.of(suspect), bool(kinds - HARMLESS)


# --- learning --------------------------------------------------------------------------------------------------------


def learn(taught: Sequence[Lesson]) -> dict[str, float]:
    """The weights; `""` is the base. A long text teaches more than a short one, but not in proportion."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    texts = Counter(saying for one in taught for saying in {saying for said, _ in one.examples for saying in said})
    kept = sorted(saying for saying, times in texts.items() if times >= RARELY)
    columns = CountVectorizer(analyzer=list, vocabulary=kept, binary=True)
    rows = columns.transform([said for one in taught for said, _ in one.examples])
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    model.fit(
        _narrow(rows),
        [is_phi for one in taught for _, is_phi in one.examples],
        sample_weight=[len(one.examples) ** -0.5 for one in taught for _ in one.examples],
    )
    learned = {saying: round(float(weight), 2) for saying, weight in zip(kept, model.coef_[0], strict=True)}
    base = round(float(model.intercept_[0]) - THRESHOLD, 2)
    return {"": base} | {saying: weight for saying, weight in learned.items() if abs(weight) >= _SMALLEST}


def _narrow(rows: Any) -> Any:
    """The same matrix with the 32-bit places that the solver asks for."""
    rows.indices, rows.indptr = rows.indices.astype("int32"), rows.indptr.astype("int32")
    return rows


def main() -> None:
    """Write the file, and say how much was learned from how much."""
    taught = list(lessons(read(sorted(TEXTS.glob("*.txt"))), random.Random(7)))
    weights = learn(taught)
    WEIGHTS.write_bytes(orjson.dumps(weights, option=orjson.OPT_INDENT_2))
    print(f"{len(taught)} texts, {sum(len(one.examples) for one in taught)} suspects, {len(weights)} weights")


if __name__ == "__main__":
    main()
