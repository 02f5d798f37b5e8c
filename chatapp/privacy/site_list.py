"""A site's own list of known names and numbers, as salted hashes: what is on it counts wherever it stands.

The file holds no name and no number, but whoever has it can try names one by one, so it is kept as a secret is.
Made by `chatapp site-list`; read once, at the start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Final

from chatapp.privacy.normalise import normalise
from chatapp.privacy.rules import Hit, Reading

HEAD: Final = "chatapp site list 1"
_PART = re.compile(r"[^\W\d_]+|\d+")
_LONGEST: Final = 5
"""So many words of a name are looked up together."""
_SHORTEST: Final = 3
"""Entries of fewer characters would be found everywhere."""


class BadSiteList(ValueError):
    """The file is no such list. The message is one line for an operator."""


@dataclass(frozen=True, slots=True)
class SiteList:
    """Hashes of entries. `longest`: of how many words and numbers the longest one consists."""

    salt: bytes
    hashes: frozenset[bytes]
    longest: int

    def __repr__(self) -> str:
        return f"<SiteList of {len(self.hashes)} entries>"

    @property
    def fingerprint(self) -> str:
        """A short name of just this list, for the detector's version."""
        return hashlib.blake2b(b"".join(sorted(self.hashes)), key=self.salt, digest_size=4).hexdigest()

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """Where an entry stands in a folded text, whatever its capitals, accents and spacing."""
        parts = [(match.start(), match.end(), match.group().lower()) for match in _PART.finditer(reading.text)]
        for at, (start, _, _) in enumerate(parts):
            entry = ""
            for _, end, part in parts[at : at + self.longest]:
                entry = _joined(entry, part)
                if _hash(entry, self.salt) in self.hashes:
                    yield Hit(start, end, "SITE_LIST", "site-list")


def make(entries: Iterable[str], salt: bytes) -> SiteList:
    """A list of names and numbers. `Okonkwo, Ada` is also `Ada Okonkwo`; entries of two letters are left out."""
    hashes: set[bytes] = set()
    longest = 1
    for entry in entries:
        for form in _forms(entry):
            parts = [part.lower() for part in _PART.findall(normalise(form).text)][:_LONGEST]
            if sum(map(len, parts)) >= _SHORTEST:
                longest = max(longest, len(parts))
                hashes.add(_hash(reduce(_joined, parts), salt))
    return SiteList(salt, frozenset(hashes), longest)


def written(site_list: SiteList) -> str:
    """The list as a file holds it: a head, the salt, the longest entry's words, then a hash a line."""
    lines = [HEAD, site_list.salt.hex(), str(site_list.longest), *sorted(entry.hex() for entry in site_list.hashes)]
    return "\n".join(lines) + "\n"


def read(text: str) -> SiteList:
    """A list from what a file holds.

    Raises:
        BadSiteList: it is none, or cut.
    """
    head, *lines = text.split("\n")
    if head != HEAD or len(lines) < 3 or lines[-1]:
        raise BadSiteList("is not a site list, or was cut; make it with `chatapp site-list`")
    try:
        salt, longest, hashes = bytes.fromhex(lines[0]), int(lines[1]), frozenset(map(bytes.fromhex, lines[2:-1]))
    except ValueError:
        raise BadSiteList("holds a line that is no hash; make it anew with `chatapp site-list`") from None
    return SiteList(salt, hashes, longest)


def _forms(entry: str) -> Iterator[str]:
    yield entry
    last, comma, first = entry.partition(",")
    if comma:
        yield f"{first} {last}"


def _joined(entry: str, part: str) -> str:
    """Words with a space between them; the groups of a number in one piece, however they were grouped."""
    between = "" if not entry or (entry[-1].isdigit() and part[0].isdigit()) else " "
    return f"{entry}{between}{part}"


def _hash(entry: str, salt: bytes) -> bytes:
    return hashlib.blake2b(entry.encode("utf-8", "surrogatepass"), key=salt, digest_size=8).digest()
