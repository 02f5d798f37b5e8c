"""Ledgers as the store is handed them: a key, a node, and a head file in a folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from chatapp.ports import EgressEnd, HowEnded, OpenedEgress, SealedRecord, WrittenHead
from chatapp.privacy.ledger import Proof, Seal
from chatapp.store.heads import NAME, HeadFile
from chatapp.store.ledger import LedgerBook
from tests.store.samples import NOON

KEY = b"k" * 32


def seal_of(node: str = "node", key: bytes = KEY) -> Seal:
    return Seal(key, node)


def book_in(folder: Path, seal: Seal | None = None) -> LedgerBook:
    """A way to append whose head file stands in a folder."""
    return LedgerBook(HeadFile(folder / NAME), lambda: seal or seal_of())


def written_in(folder: Path, chain: str | None = None) -> WrittenHead | None:
    return HeadFile(folder / NAME).read().get(chain or seal_of().chain)


def end_of(opened: OpenedEgress, ended: HowEnded = "completed", **more: Any) -> EgressEnd:
    record = opened.record
    return EgressEnd(NOON + 1, record.owner, record.conversation, record.turn, opened.link.position, ended, **more)


def links_in(path: Path) -> list[SealedRecord]:
    """Every link of every chain, as it stands in the file."""
    with closing(sqlite3.connect(path)) as plain:
        return [SealedRecord(*row) for row in plain.execute("SELECT * FROM ledger ORDER BY chain, position")]


def entries_in(path: Path) -> list[Any]:
    """What they say."""
    return [seal_of().entry_of(link) for link in links_in(path)]


def faults_in(path: Path, seal: Seal | None = None) -> list[str]:
    """What is wrong with a chain in a file beside its head file."""
    seal = seal or seal_of()
    written = written_in(path.parent, seal.chain)
    proof = Proof(seal.chain, seal, known=[written.head] if written else [])
    proof.take(link for link in links_in(path) if link.chain == seal.chain)
    proof.end(written)
    return [str(fault) for fault in proof.faults]


@contextmanager
def unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as somebody sees it who has taken its triggers away."""
    with closing(sqlite3.connect(path)) as plain, plain:
        for change in ("update", "delete"):
            plain.execute(f"DROP TRIGGER IF EXISTS ledger_refuses_{change}")
        yield plain
