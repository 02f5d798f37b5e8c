"""Which lists a word stands on: English, medicine, names. Some 440,000 words in one file beside this one.

The file holds a 32-bit checksum of each word instead of the word: small and quick, at the price that one unknown word
in some ten thousand is taken for a known one. Made by `scripts/phi/lexicon.py`; `tokens.py` says what it means.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from enum import IntFlag
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

FILE: Final = Path(__file__).with_name("lexicon.bin")
LIKENESS: Final = Path(__file__).with_name("likeness.json")
_CHECKSUM, _TRAITS = "I", "H"
"""How `array` calls 32 and 16 bits without a sign."""
_ENTRY_BYTES: Final = 7
# fmt: off
FAMILIES: Final = (
    "drug", "labtest", "vital", "device", "procedure", "imaging", "disease", "symptom", "body", "micro",
    "order", "carestate", "careverb", "giveverb", "moveverb", "wantverb", "saidverb", "doverb", "bepronoun",
    "patientword", "kin", "staffrole", "specialty", "unit", "disposition", "document", "identifierword",
    "contactword", "schedule", "gme", "admin", "timeword", "weekday", "month", "question", "grammar",
    "generality", "research", "exam", "code", "computer", "office", "money", "law", "history", "arts", "sport",
    "travel", "food", "home", "nature", "science", "business", "politics", "religion", "language", "number",
    "quantity", "feeling", "judgement", "placeword", "direction",
)
# fmt: on
"""What words are about. A word is of one family, or of none."""


class Trait(IntFlag):
    """A list that a word is on.

    Attributes:
        COMMON, WORD, RARE: English, from the words everybody knows to those of large dictionaries.
        UPPER: written with a capital, other than a name of the lists. FIRST, LAST: a given name, a surname.
        FAMILIAR: among the most frequent names. EPONYM: medicine has borrowed it. BOTH: a word, and a name.
        PLACE: a town. WIDE: a state, a country or a part of the world, where living tells nothing of anybody.
        PUBLIC: somebody whom everybody knows; an entry of first and last name.
    """

    COMMON = 1
    WORD = 2
    RARE = 4
    UPPER = 8
    FIRST = 16
    LAST = 32
    FAMILIAR = 64
    MEDICAL = 128
    DRUG = 256
    EPONYM = 512
    PLACE = 1024
    BOTH = 2048
    WIDE = 4096
    PUBLIC = 8192


class Entry(NamedTuple):
    """What is known of a word: bits of `Trait`, and the place of its family in `FAMILIES`, counted from 1 (0: none)."""

    traits: int
    family: int


class Lexicon:
    """Words and what is known of them, from the bytes that `packed` makes."""

    def __init__(self, data: bytes) -> None:
        size = len(data) // _ENTRY_BYTES
        self._checksums, self._traits = array(_CHECKSUM), array(_TRAITS)
        self._checksums.frombytes(data[: size * 4])
        self._traits.frombytes(data[size * 4 : size * 6])
        self._families = data[size * 6 :]
        if sys.byteorder == "big":
            self._checksums.byteswap()
            self._traits.byteswap()

    def __len__(self) -> int:
        return len(self._checksums)

    def entry(self, word: str) -> Entry:
        """What is known of `word`, which is in small ASCII letters; nothing where it is unknown."""
        checksum = crc32(word.encode())
        place = bisect_left(self._checksums, checksum)
        if place < len(self._checksums) and self._checksums[place] == checksum:
            return Entry(self._traits[place], self._families[place])
        return _NOTHING

    def traits(self, word: str) -> int:
        """Its traits alone."""
        return self.entry(word).traits


_NOTHING: Final = Entry(0, 0)


def packed(words: Mapping[str, Entry]) -> bytes:
    """All checksums in order, then the traits, then the families, in the same order; little-endian."""
    known: dict[int, Entry] = {}
    for word, (traits, family) in words.items():
        checksum = crc32(word.encode())
        other = known.get(checksum, _NOTHING)
        known[checksum] = Entry(traits | other.traits, family or other.family)
    order = sorted(known)
    columns = array(_CHECKSUM, order), array(_TRAITS, (known[checksum].traits for checksum in order))
    if sys.byteorder == "big":
        for column in columns:
            column.byteswap()
    return b"".join(column.tobytes() for column in columns) + bytes(known[checksum].family for checksum in order)


def trigrams(word: str) -> list[str]:
    """Three letters in a row, and the first and last two with the word's edge."""
    edged = f"^{word}$"
    return [edged[at : at + 3] for at in range(len(edged) - 2)]


_LETTERS: Final = 24


def looks_like_name(word: str) -> float:
    """How much a word in small letters looks like a name: above 0 more than like another word."""
    letters = trigrams(word[:_LETTERS])
    return sum(_LIKENESS.get(three, 0.0) for three in letters) / max(1, len(letters))


LEXICON: Final = Lexicon(FILE.read_bytes())
_LIKENESS: Final[dict[str, float]] = json.loads(LIKENESS.read_bytes())
