"""The chain of egress records: what left, when, by which decision; never the text. How it is sealed and proven.

Each record is sealed under a key together with the hash of the one before, so that none can be changed, taken out, put
in or moved without the key. Where the records are kept is the store's; what they add up to is `departures.py`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import orjson
from pydantic import TypeAdapter

from chatapp.ports import NOTHING_YET, Head, LedgerEntry, SealedRecord, WrittenHead

FORMAT: Final = 1
"""Of what is hashed: the first thing in it."""
_NAME_OF_THE_KEY: Final = b"chatapp egress ledger, key"
_ENTRIES: Final[TypeAdapter[LedgerEntry]] = TypeAdapter(LedgerEntry)
SHORTEST_HASH: Final = 16
"""How many digits of a head's hash are enough to say which one is meant."""


def key_from_secret(secret: str) -> bytes:
    """The ledger's own key out of the secret of the installation, which serves other purposes too."""
    return hmac.digest(secret.encode(), b"chatapp egress ledger", "sha256")


class Seal:
    """Makes and checks the links of one chain.

    Args:
        key: 32 secret bytes. node: who appends. The chain's name holds both, so that a new key begins a new chain.
    """

    def __init__(self, key: bytes, node: str) -> None:
        self._key = key
        self.key_id = hmac.new(key, _NAME_OF_THE_KEY, "sha256").hexdigest()[:8]
        self.chain = f"{node}/{self.key_id}"

    def __repr__(self) -> str:
        return f"<Seal of {self.chain}>"

    def link(self, entry: LedgerEntry, after: Head) -> SealedRecord:
        """The next record of the chain."""
        text = orjson.dumps(entry).decode()
        number = after.count + 1
        fields = (self.chain, number, entry.kind, entry.at, entry.conversation, entry.turn, text, after.hash)
        return SealedRecord(*fields, hash=self._hash("record", *fields))

    def fits(self, record: SealedRecord) -> bool:
        """Whether a record is as it was sealed."""
        try:
            ours = self._hash(
                "record", record.chain, record.position, record.kind, record.at, record.conversation, record.turn,
                record.entry, record.prev_hash,
            )  # fmt: skip
            return hmac.compare_digest(ours, record.hash)
        except (TypeError, ValueError):  # whoever writes into the file is not held to our types
            return False

    def entry_of(self, record: SealedRecord) -> LedgerEntry:
        """What a record says."""
        return entry_of(record)

    def write_head(self, head: Head) -> WrittenHead:
        """A head to be kept outside the database."""
        return WrittenHead(head, self._hash("head", self.chain, head.count, head.hash))

    def wrote(self, written: WrittenHead) -> bool:
        """Whether a head that was kept outside is ours."""
        return hmac.compare_digest(self.write_head(written.head).seal, written.seal)

    def _hash(self, *fields: str | float | None) -> str:
        return hmac.new(self._key, orjson.dumps((FORMAT, *fields)), "sha256").hexdigest()


def entry_of(record: SealedRecord) -> LedgerEntry:
    """What a record says, whether or not its seal fits.

    Raises:
        ValueError: it says nothing that can be read.
    """
    return _ENTRIES.validate_json(record.entry)


# --- the proof -------------------------------------------------------------------------------------------------------

What = Literal["changed", "missing", "misplaced", "unlinked", "cut", "rebuilt", "no_head", "foreign_head"]

_SENTENCES: Final[dict[What, str]] = {
    "changed": "{which} {was} changed after it was written, or put in",
    "missing": "{which} {are} missing",
    "misplaced": "{which} {are} out of place",
    "unlinked": "{which} does not follow the one before it",
    "cut": "{which} {are} missing at the end: the chain was that long once",
    "rebuilt": "{which} is not the one that stood there once",
    "no_head": "the head file does not know this chain, so a cut end could not be seen",
    "foreign_head": "the head file's line of this chain was not written by us",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and with which records: `first` to `last`; 0 where it is with none in particular."""

    what: What
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        if self.first == self.last:
            return _SENTENCES[self.what].format(which=f"record {self.first}", are="is", was="was")
        return _SENTENCES[self.what].format(which=f"records {self.first} to {self.last}", are="are", was="were")


MOST_FAULTS: Final = 1000
"""More are not told apart: the chain is broken anyway, and memory is not to grow with it."""


@dataclass(slots=True)
class Proof:
    """Checks a chain record by record, in the order of their numbers; memory does not grow with its length.

    Args:
        seal: None where the key is not at hand: then only the links are checked, and nothing is proven.
        known: heads that this chain is known to have had, looked at as their records come.
        asked: heads that a person wrote down, perhaps of another chain; those that are found here become `met`.
    """

    chain: str
    seal: Seal | None
    known: Sequence[Head] = ()
    asked: Sequence[Head] = ()
    head: Head = NOTHING_YET
    faults: list[Fault] = field(default_factory=list)
    met: set[Head] = field(default_factory=set)

    def take(self, records: Iterable[SealedRecord]) -> None:
        """Check the records that follow those checked before."""
        for record in records:
            self._take(record)

    def _take(self, record: SealedRecord) -> None:
        expected = self.head.count + 1
        if not isinstance(record.position, int) or record.position < expected:
            self._fault("misplaced", expected, expected)
            return
        if record.position > expected:
            self._fault("missing", expected, record.position - 1)
        if not self._fits(record):
            self._fault("changed", record.position, record.position)
        elif record.position == expected and record.prev_hash != self.head.hash:
            self._fault("unlinked", expected, expected)
        self.head = record.head
        self._compare(record.head)

    def _fits(self, record: SealedRecord) -> bool:
        return record.chain == self.chain and (self.seal is None or self.seal.fits(record))

    def _compare(self, head: Head) -> None:
        """Hold what stands here against what is known to have stood here."""
        for known in self.known:
            if known.count == head.count and not same_hash(known.hash, head.hash):
                self._fault("rebuilt", head.count, head.count)
        self.met.update(asked for asked in self.asked if asked.count == head.count and same_hash(asked.hash, head.hash))

    def end(self, written: WrittenHead | None) -> None:
        """Hold the chain against its head as it is kept outside the database, read before the records were.

        A head that lags is none the less one: a process may die between a record and its head.
        """
        if written is None:
            if self.head.count:
                self._fault("no_head")
        elif self.seal is not None and not self.seal.wrote(written):
            self._fault("foreign_head")
        self._compare(self.head)
        for known in self.known:
            if known.count > self.head.count:
                self._fault("cut", self.head.count + 1, known.count)

    @property
    def state(self) -> Literal["whole", "altered", "unproven"]:
        """`unproven`: nothing is wrong as far as can be seen without its key."""
        if self.faults:
            return "altered"
        return "whole" if self.seal else "unproven"

    def _fault(self, what: What, first: int = 0, last: int = 0) -> None:
        fault = Fault(what, first, last)
        if len(self.faults) < MOST_FAULTS and fault not in self.faults:
            self.faults.append(fault)


def same_hash(one: str, other: str) -> bool:
    """Whether two hashes are the same, one of them perhaps written down in short."""
    one, other = str(one), str(other)  # whoever writes into the file is not held to our types
    length = min(len(one), len(other))
    return length >= SHORTEST_HASH and one[:length] == other[:length]


def parse_head(text: str) -> Head:
    """A head as a person wrote it down: `COUNT:HASH`, the hash whole or its first 16 digits or more.

    Raises:
        ValueError: it is none.
    """
    count, _, digits = text.strip().lower().partition(":")
    if not count.isdecimal() or not SHORTEST_HASH <= len(digits) <= 64 or set(digits) - set("0123456789abcdef"):
        raise ValueError(f"a head is COUNT:HASH, with at least {SHORTEST_HASH} digits of the hash")
    return Head(int(count), digits)


def key_id_of(chain: str) -> str:
    """Which key a chain is sealed with."""
    return chain.rpartition("/")[2]
