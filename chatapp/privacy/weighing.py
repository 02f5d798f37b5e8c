"""Suspects ─▶ hits: what stands around a suspect is weighed, and one above the threshold is taken for an identifier.

The weights are learned by `scripts/phi/train.py` from texts of this project, and stand in a file that can be read:
a saying, and how much it speaks for a patient. What is said of a suspect is `surroundings.py`'s business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import orjson

from chatapp.privacy.contacts import reaches_a_patient
from chatapp.privacy.dates import is_of_one_person
from chatapp.privacy.names import is_staff
from chatapp.privacy.records import rosters
from chatapp.privacy.rules import Hit, Reading
from chatapp.privacy.signs import sign
from chatapp.privacy.surroundings import Surroundings
from chatapp.privacy.suspects import Sort, Suspect, suspects
from chatapp.privacy.tokens import BOTH, NAME, PLACE, Token
from chatapp.privacy.vocabulary import is_public

WEIGHTS: Final = Path(__file__).with_name("weights.json")
THRESHOLD: Final = 0.0
"""What the weights of a suspect must sum to. The learned base is moved so that this is 0 (see `train.py`)."""
IN_REPLY: Final = 1.5
"""The same where a model wrote the text."""
_KINDS: Final[dict[Sort, str]] = {
    "name": "NAME",
    "initials": "NAME",
    "date": "DATE",
    "phone": "PHONE",
    "bed": "ROOM_BED",
    "number": "MRN",
    "age": "AGE_90PLUS",
}
_BEFORE_TOWNS: Final = frozenset(["in", "from", "near", "outside", "to", "of", "around"])


@cache
def weights() -> dict[str, float]:
    """What each saying weighs; `""` is what every suspect begins with."""
    found: dict[str, float] = orjson.loads(WEIGHTS.read_bytes())
    return found


@cache
def _weights_of() -> dict[str, dict[str, int]]:
    """The same in hundredths, which add up exactly, and told apart by whom a saying is of."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for saying, weight in weights().items():
        of, _, said = saying.partition(" ")
        found[of][said] = round(weight * 100)
    return dict(found)


class Scales:
    """Weighs the suspects of one text; what a sentence says to all of a sort is weighed once."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._weights = _weights_of()
        self._base = self._weights.get("", _NONE).get("", 0)
        self._sentences: dict[tuple[int, str, str], int] = {}

    def weigh(self, suspect: Suspect) -> float:
        """How much speaks for a patient."""
        said = self._surroundings.said(suspect)
        itself, as_formed = self._weights.get(suspect.sort, _NONE).get, self._weights.get(said.form, _NONE).get
        place = said.sentence.first, suspect.sort, said.form
        if place not in self._sentences:
            self._sentences[place] = (
                self._base
                + as_formed("", 0)
                + sum([itself(saying, 0) for saying in said.sentence.sayings])
                + sum([as_formed(saying, 0) for saying in said.sentence.as_formed])
            )
        own = sum([itself(saying, 0) for saying in said.itself])
        return (self._sentences[place] + own + sum([as_formed(saying, 0) for saying in said.as_formed])) / 100


_NONE: Final[dict[str, int]] = {}


def hits(reading: Reading, threshold: float = THRESHOLD, *, every_name: bool = False) -> Iterator[Hit]:
    """The suspects of a text that its words speak against. `every_name`: and whatever is written like a name."""
    found = reading.tokens
    doubtful = suspects(reading.text, found)
    if not doubtful:
        return
    surroundings, tables = Surroundings(reading, found), _rosters(reading)
    scales = Scales(surroundings)
    for suspect in doubtful:
        rule = f"weighed-{suspect.sort}" if scales.weigh(suspect) > threshold else sign(reading, found, suspect)
        if rule and not _is_excused(reading, suspect, tables):
            yield Hit(suspect.start, suspect.end, _kind(suspect, surroundings), rule)
        elif every_name and _is_somebodys(suspect, found):
            yield Hit(suspect.start, suspect.end, "NAME", "every-name")


def _kind(suspect: Suspect, surroundings: Surroundings) -> str:
    return "GEO" if _is_town(suspect, surroundings) else _KINDS[suspect.sort]


def _is_excused(reading: Reading, suspect: Suspect, tables: Sequence[tuple[int, int]]) -> bool:
    """Asked last: it costs most, and of few."""
    return _is_somebody_elses(reading, suspect) or any(start <= suspect.start < end for start, end in tables)


def _rosters(reading: Reading) -> list[tuple[int, int]]:
    """Tables of who works when: their names and days are the staff's, unless something tells of a patient."""
    tables = rosters(reading.text) if "\n" in reading.text else []
    return [] if tables and reading.whole.tells_of_one else tables


def _is_somebody_elses(reading: Reading, suspect: Suspect) -> bool:
    """What the rules know better: staff that is said to be staff, an office's line, the age of many."""
    match suspect.sort:
        case "name":
            return is_staff(reading, suspect.start, suspect.end) or _is_talked_about(reading, suspect)
        case "phone":
            return not reaches_a_patient(reading, suspect.start)
        case "age":
            return not is_of_one_person(reading, suspect.start, suspect.end)
        case _:
            return False


def _is_talked_about(reading: Reading, suspect: Suspect) -> bool:
    """Somebody whom everybody knows, where nothing tells how a patient of that name is."""
    known = is_public(reading.text[suspect.start : suspect.end])
    return known and not reading.evidence(suspect.start).tells_of_one


def _is_somebodys(suspect: Suspect, tokens: Sequence[Token]) -> bool:
    """Whether it is written like a name of anybody, and no word or place that is known."""
    parts = [token.word for token in tokens[suspect.first : suspect.after] if token.word.shape in ("Xx", "XXXX")]
    return suspect.sort == "name" and any(part.known == "unknown" or part.traits & (NAME | BOTH) for part in parts)


def _is_town(suspect: Suspect, surroundings: Surroundings) -> bool:
    """Whether a word looks like a place and stands where places stand: only the kind depends on it."""
    tokens = surroundings.tokens
    before = tokens[suspect.first - 1].word.low if suspect.first else ""
    return suspect.sort == "name" and before in _BEFORE_TOWNS and bool(tokens[suspect.first].word.traits & PLACE)
