"""Operations on the egress ledger: appending to this node's chain, incidents, and reading it back.

Each runs inside the transaction of whoever calls it. The end of the chain is read in the very transaction that adds to
it, which holds the file's only writing lock: two processes of one node never fork the chain.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select

from chatapp.errors import NotFound, StorageFull, StorageUnavailable
from chatapp.ports import (
    NOTHING_YET,
    AuditRecord,
    EgressEnd,
    EgressRecord,
    Head,
    Incident,
    LedgerEntry,
    SealedRecord,
    Sealer,
    WrittenHead,
)
from chatapp.store.failures import HeadUnreadable, LedgerBroken, StoreError
from chatapp.store.heads import HeadFile
from chatapp.store.schema import audit, egress, ledger, turns

logger = logging.getLogger(__name__)

_OF_CHAIN: Final = ledger.c.chain == bindparam("of")
_LAST: Final = select(ledger.c.position, ledger.c.hash).where(_OF_CHAIN).order_by(ledger.c.position.desc()).limit(1)
_HASH_AT: Final = select(ledger.c.hash).where(_OF_CHAIN, ledger.c.position == bindparam("at_position"))
_ADD: Final = insert(ledger).inline()
_AFTER: Final = (
    select(ledger)
    .where(_OF_CHAIN, ledger.c.position > bindparam("after"))
    .order_by(ledger.c.position)
    .limit(bindparam("most"))
)
_CHAINS: Final = select(ledger.c.chain).distinct().order_by(ledger.c.chain)
_OF_CONVERSATION: Final = (
    select(ledger).where(ledger.c.conversation == bindparam("whose")).order_by(ledger.c.chain, ledger.c.position)
)
_TURNS: Final = (
    select(turns.c.turn, turns.c.parent)
    .where(turns.c.conversation == bindparam("whose"), turns.c.owner == bindparam("of_owner"))
    .order_by(turns.c.position)
)
_UNCHAINED: Final = select(egress).order_by(egress.c.id)
_UNCHAINED_OF: Final = select(egress.c.turn).where(egress.c.conversation == bindparam("whose"))
_WAS_REPORTED: Final = insert(audit).inline()
_PAGE: Final = 1000
_SMALL_PAGE: Final = 250
"""For readers on the event loop: checking so many takes about a millisecond."""
_NAMES: Final = tuple(column.name for column in ledger.columns)
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)


class LedgerBook:
    """This process's way to append.

    Args:
        open_sealer: reads or makes the key, once, when the database is opened.
    """

    def __init__(self, heads: HeadFile, open_sealer: Callable[[], Sealer]) -> None:
        self.heads = heads
        self._open_sealer = open_sealer
        self._sealer: Sealer | None = None
        self._known = NOTHING_YET

    def __repr__(self) -> str:
        return f"<LedgerBook {self._sealer.chain if self._sealer else 'not open'}>"

    def open(self) -> None:
        """Get the key.

        Raises:
            StoreError: it cannot be had.
        """
        try:
            self._sealer = self._open_sealer()
        except OSError as error:
            raise StoreError(f"the ledger's key cannot be had: {error.strerror}; check the data folder") from error

    def let_go(self) -> None:
        """Leave no draft behind."""
        self.heads.clear_up()

    @property
    def sealer(self) -> Sealer:
        """The maker of this chain's links.

        Raises:
            StorageUnavailable: the book is not open.
        """
        if self._sealer is None:
            raise StorageUnavailable
        return self._sealer

    def append(self, connection: Connection, entry: LedgerEntry) -> SealedRecord:
        """Add a record at the end of the chain, once the end is found to be what it was.

        Raises:
            LedgerBroken: it is not; nothing is added to a chain that has lost its end.
            StorageUnavailable, StorageFull: the head file cannot be written.
        """
        with _head_file_faults():
            sealer, lines = self.sealer, self.heads.read()
            record = sealer.link(entry, self._last(connection, lines.get(sealer.chain)))
            connection.execute(_ADD, _columns(record))
            self.heads.prepare(lines, sealer.chain, sealer.write_head(record.head))
        return record

    def publish(self, record: SealedRecord) -> None:
        """Note outside the database that a record is committed.

        Raises:
            StorageUnavailable, StorageFull: the head file cannot be written.
        """
        self._known = max(self._known, record.head, key=lambda head: head.count)
        with _head_file_faults():
            self.heads.publish(self.sealer.chain, self.sealer.write_head(record.head))

    def _last(self, connection: Connection, written: WrittenHead | None) -> Head:
        """The end of the chain, held against the head file and our memory: committed records are never behind them."""
        chain = self.sealer.chain
        row = connection.execute(_LAST, {"of": chain}).first()
        last = NOTHING_YET if row is None else Head(row.position, row.hash)
        if written is None and last == self._known == NOTHING_YET:
            self.heads.publish(chain, self.sealer.write_head(NOTHING_YET))
        elif (
            written is None
            or not self.sealer.wrote(written)
            or not _stands(connection, chain, written.head, last)
            or not _stands(connection, chain, self._known, last)
        ):
            logger.error("the egress ledger is not what it was, so nothing leaves; see `chatapp ledger verify`")
            raise LedgerBroken
        return last

    # --- what is said ------------------------------------------------------------------------------------------------

    def close_request(self, connection: Connection, opening: SealedRecord, end: EgressEnd) -> SealedRecord | None:
        """Add the end of a request, if its opening was committed."""
        stands = connection.execute(_HASH_AT, {"of": opening.chain, "at_position": opening.position}).scalar()
        return self.append(connection, end) if stands == opening.hash else None

    def report(
        self, connection: Connection, owner: str, conversation: str, turn: str, at: float
    ) -> tuple[Incident, SealedRecord | None]:
        """Add an incident and a line of the audit trail; a turn that was reported before keeps its first incident.

        Raises:
            NotFound: there is no such turn of this owner in this conversation.
        """
        carriers = _from_here(connection, owner, conversation, turn)
        records = [_record(row) for row in connection.execute(_OF_CONVERSATION, {"whose": conversation})]
        for record in records:
            if record.kind == "incident" and record.turn == turn and isinstance(first := self._read(record), Incident):
                return first, None
        older = connection.execute(_UNCHAINED_OF, {"whose": conversation}).scalars()
        incident = Incident(
            at, owner, conversation, turn, tuple(self._left(records, carriers)), sum(one in carriers for one in older)
        )
        record = self.append(connection, incident)
        detail = f"incident {record.position}: {incident.count} requests had left"
        audited = AuditRecord(at, owner, "phi_reported", turn, detail)
        connection.execute(_WAS_REPORTED, asdict(audited))
        return incident, record

    def _left(self, records: Iterable[SealedRecord], carriers: set[str]) -> Iterator[str]:
        """Names of the requests of these turns that were not found never to have begun."""
        unsent = set()
        for record in records:
            end = self._read(record) if record.kind == "closed" else None
            if isinstance(end, EgressEnd) and end.ended == "unsent":
                unsent.add((record.chain, end.opening))
        for record in records:
            if record.kind == "opened" and record.turn in carriers and (record.chain, record.position) not in unsent:
                yield f"{record.chain}#{record.position}"

    def _read(self, record: SealedRecord) -> LedgerEntry | None:
        try:
            return self.sealer.entry_of(record)
        except ValueError:  # altered: it is named by the proof, and hides nothing here
            return None


def _columns(record: SealedRecord) -> dict[str, str | float | None]:
    return {name: getattr(record, name) for name in _NAMES}


def _stands(connection: Connection, chain: str, head: Head, last: Head) -> bool:
    """Whether the chain still holds what its head says."""
    if head in (last, NOTHING_YET):
        return True
    return connection.execute(_HASH_AT, {"of": chain, "at_position": head.count}).scalar() == head.hash


def _from_here(connection: Connection, owner: str, conversation: str, turn: str) -> set[str]:
    """A turn and all that follow it on any branch: their requests carry its text."""
    carriers: set[str] = set()
    for row in connection.execute(_TURNS, {"whose": conversation, "of_owner": owner}):
        if row.turn == turn or row.parent in carriers:
            carriers.add(row.turn)
    if not carriers:
        raise NotFound
    return carriers


@contextmanager
def _head_file_faults() -> Iterator[None]:
    """Say in our words that the head file cannot be used: then the ledger cannot be written."""
    try:
        yield
    except HeadUnreadable as error:
        raise LedgerBroken from error
    except OSError as error:
        logger.error("the ledger's head file cannot be written (%s), so nothing leaves", type(error).__name__)
        raise (StorageFull if error.errno in _NO_ROOM else StorageUnavailable)() from error


# --- reading ---------------------------------------------------------------------------------------------------------


def records_after(connection: Connection, chain: str, after: int, most: int = _SMALL_PAGE) -> list[SealedRecord]:
    """The next records of a chain, in order."""
    rows = connection.execute(_AFTER, {"of": chain, "after": after, "most": most})
    return [_record(row) for row in rows]


def chains(connection: Connection) -> list[str]:
    """The names of all chains, of other nodes and earlier keys too."""
    return list(connection.execute(_CHAINS).scalars())


def whole_chain(connection: Connection, chain: str) -> Iterator[SealedRecord]:
    """All records of a chain, a page at a time."""
    rows = connection.execution_options(yield_per=_PAGE).execute(
        select(ledger).where(ledger.c.chain == chain).order_by(ledger.c.position)
    )
    return (_record(row) for row in rows)


def before_the_chain(connection: Connection) -> list[EgressRecord]:
    """Records from before they were chained: as they stand, proven by nothing."""
    names = [column.name for column in egress.columns if column.name in EgressRecord.__dataclass_fields__]
    return [EgressRecord(**{name: getattr(row, name) for name in names}) for row in connection.execute(_UNCHAINED)]


def _record(row: Row[Any]) -> SealedRecord:
    return SealedRecord(
        row.chain, row.position, row.kind, row.at, row.conversation, row.turn, row.entry, row.prev_hash, row.hash
    )
