"""Which lists a word stands on: English, medicine, names. Some 430,000 words in one file beside this one.

The file holds a 32-bit checksum of each word instead of the word: small and quick, at the price that one unknown word
in some ten thousand is taken for a known one. Made by `scripts/phi/lexicon.py`; what words mean is `tokens.py`'s business.
"""

from __future__ import annotations

import json
import sys
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from enum import IntFlag
from pathlib import Path
from typing import Final
from zlib import crc32

FILE: Final = Path(__file__).with_name("lexicon.bin")
LIKENESS: Final = Path(__file__).with_name("likeness.json")
_CHECKSUM, _TRAITS = "I", "H"
"""How `array` calls 32 and 16 bits without a sign."""


class Trait(IntFlag):
    """A list that a word is on.

    Attributes:
        COMMON, WORD, RARE: English, from the words everybody knows to those of large dictionaries.
        UPPER: written with a capital, other than a name of the lists. FIRST, LAST: a given name, a surname.
        FAMILIAR: among the most frequent names. EPONYM: medicine has borrowed it. BOTH: a word, and a name.
        PLACE: a town. WIDE: a state, a country or a part of the world, where living tells nothing of anybody.
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


class Lexicon:
    """Words and their traits, from the bytes that `packed` makes."""

    def __init__(self, data: bytes) -> None:
        size = len(data) // 6
        self._checksums, self._traits = array(_CHECKSUM), array(_TRAITS)
        self._checksums.frombytes(data[: size * 4])
        self._traits.frombytes(data[size * 4 :])
        if sys.byteorder == "big":
            self._checksums.byteswap()
            self._traits.byteswap()

    def __len__(self) -> int:
        return len(self._checksums)

    def traits(self, word: str) -> int:
        """The traits of `word`, which is in small ASCII letters, as bits of `Trait`; 0 where it is unknown."""
        checksum = crc32(word.encode())
        place = bisect_left(self._checksums, checksum)
        if place < len(self._checksums) and self._checksums[place] == checksum:
            return self._traits[place]
        return 0


def packed(words: Mapping[str, int]) -> bytes:
    """All checksums in order, then the traits in the same order; little-endian."""
    traits: dict[int, int] = {}
    for word, trait in words.items():
        checksum = crc32(word.encode())
        traits[checksum] = traits.get(checksum, 0) | int(trait)
    order = sorted(traits)
    columns = array(_CHECKSUM, order), array(_TRAITS, (traits[checksum] for checksum in order))
    if sys.byteorder == "big":
        for column in columns:
            column.byteswap()
    return b"".join(column.tobytes() for column in columns)


def trigrams(word: str) -> list[str]:
    """Three letters in a row, and the first and last two with the word's edge."""
    edged = f"^{word}$"
    return [edged[at : at + 3] for at in range(len(edged) - 2)]


def looks_like_name(word: str) -> float:
    """How much a word in small letters looks like a name: above 0 more than like another word."""
    letters = trigrams(word)
    return sum(_LIKENESS.get(three, 0.0) for three in letters) / len(letters)


LEXICON: Final = Lexicon(FILE.read_bytes())
_LIKENESS: Final[dict[str, float]] = json.loads(LIKENESS.read_bytes())
