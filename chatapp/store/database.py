"""Everything that must never be lost: the `Store` of `ports.py` over one SQLite file.

What is written is committed before the call returns. Which rows an operation touches stands in `turns.py`,
`conversations.py`, `records.py` and `ledger.py`; how they reach the disk in `writer.py` and `reader.py`; how the file
comes to be in `opening.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.messages import Conversation, LockedBy, Mode
from chatapp.ports import (
    AuditRecord,
    Clock,
    EgressEnd,
    EgressRecord,
    Incident,
    LogRow,
    NewTurn,
    OpenedEgress,
    SealedRecord,
    StoredAttachment,
    StoredTurn,
    TurnState,
    WrittenHead,
)
from chatapp.store.codec import Codec, PlainCodec
from chatapp.store.conversations import Conversations
from chatapp.store.engine import reading_engine, writing_engine
from chatapp.store.failures import HeadUnreadable
from chatapp.store.ledger import LedgerBook, records_after
from chatapp.store.opening import open_file, path_of
from chatapp.store.reader import READERS, Readers
from chatapp.store.records import Records
from chatapp.store.turns import Turns
from chatapp.store.writer import DiskFloor, Writer, free_bytes_of

T = TypeVar("T")


class Database:
    """One SQLite file, from `open` to `close`, on one event loop.

    Args:
        target: the file, or its URL (`sqlite:///folder/file`).
        timeout_s: the longest a read or a write takes; then it is `StorageUnavailable`.
        disk_floor_bytes: free disk below which writes are refused; 0: no floor.
        codec: how text stands in the file.
        ledger: how this process appends to the egress ledger; without it nothing can be recorded, so nothing leaves.
        clock: seconds since 1970.

    Raises:
        StoreError: `target` names no SQLite file.
    """

    def __init__(
        self,
        target: str | Path,
        *,
        timeout_s: float = 5.0,
        disk_floor_bytes: int = 0,
        codec: Codec | None = None,
        ledger: LedgerBook | None = None,
        clock: Clock = time.time,
    ) -> None:
        self.path = path_of(target)
        self.backup: Path | None = None
        """The copy of the older file, where `open` had to change it."""
        self._timeout_s = timeout_s
        codec = codec or PlainCodec()
        self._conversations = Conversations(codec, clock)
        self._records = Records(codec)
        self._turns = Turns(codec, self._conversations, self._records)
        self._ledger = ledger
        self._clock = clock
        self._owed: list[tuple[list[SealedRecord], EgressEnd]] = []
        self._writing = writing_engine(self.path, timeout_s=timeout_s)
        self._reading = reading_engine(self.path, timeout_s=timeout_s, size=READERS)
        floor = DiskFloor(free_bytes_of(self.path.parent), disk_floor_bytes)
        self._writer = Writer(self._writing, floor, timeout_s=timeout_s)
        self._readers = Readers(self._reading, timeout_s=timeout_s)

    def __repr__(self) -> str:
        return f"<Database {self.path.name}: {self._writer!r}, {self._readers!r}>"

    async def open(self) -> None:
        """Make the file or check it, bring it up to date, and begin to serve.

        Raises:
            StoreError: it cannot be used; the message says why and what to do. The file is as it was.
        """
        self.backup = await asyncio.to_thread(open_file, self.path, timeout_s=self._timeout_s)
        if self._ledger is not None:
            await asyncio.to_thread(self._ledger.open)
        self._writer.start()

    async def close(self) -> None:
        """Finish what waits and let go of the file. From then on everything is `StorageUnavailable`."""
        self.settle_egress()
        await asyncio.to_thread(self._writer.stop)
        await asyncio.to_thread(self._readers.stop)
        self._writing.dispose()
        self._reading.dispose()
        if self._ledger is not None:
            self._ledger.let_go()

    async def write(self, operation: Callable[[Connection], T], then: Callable[[T], None] | None = None) -> T:
        """Run `operation` in the writing transaction and return what it returned, once that is committed.

        It runs on another thread, to its end even where the caller is cancelled, and shares the commit with others;
        its failure takes back what it did and nothing else.

        Args:
            then: done on that thread with what it returned, once that is committed; its failure is the caller's.

        Raises:
            StorageUnavailable, StorageFull: it was not stored.
        """
        return await self._writer.run(operation, then)

    async def read(self, operation: Callable[[Connection], T]) -> T:
        """Run `operation` on another thread over one state of the database; it cannot change anything.

        Raises:
            StorageUnavailable: no answer in time.
        """
        return await self._readers.run(operation)

    async def ping(self) -> bool:
        """Whether it takes writes now: the lock, the rights and the room for one, without writing anything."""
        try:
            await self.write(lambda _: None)
        except (StorageUnavailable, StorageFull):
            return False
        return True

    # --- turns ---

    async def add_turn(self, new: NewTurn, rows: Sequence[LogRow]) -> StoredTurn:
        """Store a question with its first rows and, where new, its conversation; or return the one already there."""
        return await self.write(lambda connection: self._turns.add(connection, new, rows))

    async def append(self, owner: str, rows: Sequence[LogRow], *, state: TurnState | None = None) -> None:
        """Add rows of one turn's log, which follow those stored, and set its state."""
        await self.write(lambda connection: self._turns.append(connection, owner, rows, state))

    async def set_state(self, owner: str, turn: str, state: TurnState, *, lease_until: float | None = None) -> None:
        """Say where a turn stands; one that has ended stays ended."""
        await self.write(lambda connection: self._turns.set_state(connection, owner, turn, state, lease_until))

    async def turn(self, owner: str, turn: str) -> StoredTurn:
        """One turn."""
        return await self.read(lambda connection: self._turns.one(connection, owner, turn))

    async def turns(self, owner: str, conversation: str) -> list[StoredTurn]:
        """All turns of a conversation, in order of arrival; none where it is not there."""
        return await self.read(lambda connection: self._turns.of(connection, owner, conversation))

    async def log(self, owner: str, turn: str, after: int = 0) -> list[LogRow]:
        """Rows of a turn's log that hold any event beyond `after`, in order; none where it is not there."""
        return await self.read(lambda connection: self._turns.log(connection, owner, turn, after))

    async def logs(self, owner: str, conversation: str) -> dict[str, list[LogRow]]:
        """The logs of all turns of a conversation, by turn, in order of arrival."""
        return await self.read(lambda connection: self._turns.logs(connection, owner, conversation))

    async def sweep(self, node: str, now: float, payload: str) -> list[str]:
        """End the turns that `node` left running, and those whose lease is over; return their ids."""
        return await self.write(lambda connection: self._turns.sweep(connection, node, now, payload))

    # --- conversations ---

    async def conversation(self, owner: str, conversation: str) -> Conversation:
        """One conversation that is not deleted."""
        return await self.read(lambda connection: self._conversations.one(connection, owner, conversation))

    async def conversations(
        self, owner: str, *, query: str = "", before: float | None = None, limit: int = 50
    ) -> list[Conversation]:
        """Newest first; `query`: words that all stand in the title, in either case."""
        return await self.read(lambda connection: self._conversations.listed(connection, owner, query, before, limit))

    async def set_mode(self, owner: str, conversation: str, mode: Mode) -> Conversation:
        """Change the mode, unless it is latched."""
        return await self.write(lambda connection: self._conversations.set_mode(connection, owner, conversation, mode))

    async def latch(self, owner: str, conversation: str, by: LockedBy, title: str) -> Conversation:
        """Mark it local for good, with a neutral title; the first mark stands."""
        return await self.write(
            lambda connection: self._conversations.latch(connection, owner, conversation, by, title)
        )

    async def set_title(self, owner: str, conversation: str, title: str) -> Conversation:
        """Rename it."""
        return await self.write(
            lambda connection: self._conversations.set_title(connection, owner, conversation, title)
        )

    async def set_deleted(self, owner: str, conversation: str, deleted: bool) -> Conversation:
        """Delete it, or take that back within an hour."""
        return await self.write(
            lambda connection: self._conversations.set_deleted(connection, owner, conversation, deleted)
        )

    # --- what goes with them ---

    async def add_attachment(self, attachment: StoredAttachment) -> None:
        """Keep a file that was handed in."""
        await self.write(lambda connection: self._records.add_attachment(connection, attachment))

    async def attachments(self, owner: str, ids: Sequence[str]) -> list[StoredAttachment]:
        """Files, in the order asked for."""
        return await self.read(lambda connection: self._records.attachments(connection, owner, ids))

    async def add_feedback(self, owner: str, turn: str, kind: str, at: float) -> None:
        """Note what somebody thought of a reply."""
        await self.write(lambda connection: self._records.add_feedback(connection, owner, turn, kind, at))

    async def record_audit(self, record: AuditRecord) -> None:
        """Write what somebody did."""
        await self.write(lambda connection: self._records.record_audit(connection, record))

    # --- what leaves the house ---

    @property
    def _book(self) -> LedgerBook:
        if self._ledger is None:
            raise StorageUnavailable
        return self._ledger

    async def open_egress(self, record: EgressRecord) -> OpenedEgress:
        """Write what is about to leave, in the database and in the head file. No record, no call."""
        book, links = self._book, list[SealedRecord]()
        self.settle_egress()

        def append(connection: Connection) -> SealedRecord:
            links.append(book.append(connection, record))
            return links[-1]

        try:
            return OpenedEgress(record, await self.write(append, book.publish))
        except BaseException:  # a caller who gave up on a record that stands after all, or will: nothing was sent
            end = EgressEnd(self._clock(), record.owner, record.conversation, record.turn, 0, "unsent")
            self._post_end(links, end)
            raise

    def close_egress(self, opened: OpenedEgress, end: EgressEnd) -> None:
        """Write what became of a request; where that fails, again with the next one."""
        self._post_end([opened.link], end)

    def settle_egress(self) -> None:
        """Write the ends that could not be written so far."""
        owed, self._owed = self._owed, []
        for links, end in owed:
            self._post_end(links, end)

    def _post_end(self, links: list[SealedRecord], end: EgressEnd) -> None:
        """Write the end of what `links` holds by the time it is written: the opening, or nothing."""
        book = self._book

        def close(connection: Connection) -> SealedRecord | None:
            if not links:
                return None
            return book.close_request(connection, links[0], replace(end, opening=links[0].position))

        def publish(link: SealedRecord | None) -> None:
            # It stands: a head that lags for want of this one line is caught up with by the next.
            with suppress(StorageUnavailable, StorageFull):
                if link is not None:
                    book.publish(link)

        self._writer.post(close, publish, lambda: self._owed.append((links, end)) if links else None)

    async def record_incident(self, owner: str, conversation: str, turn: str, at: float) -> Incident:
        """Write that a turn was patient data, with the requests that carried it, in the ledger and the audit trail."""
        book = self._book

        def publish(reported: tuple[Incident, SealedRecord | None]) -> None:
            if reported[1] is not None:
                book.publish(reported[1])

        def report(connection: Connection) -> tuple[Incident, SealedRecord | None]:
            return book.report(connection, owner, conversation, turn, at)

        incident, _ = await self.write(report, publish)
        return incident

    async def written_head(self, chain: str) -> WrittenHead | None:
        """A chain's head as it is kept outside the database."""
        try:
            return (await asyncio.to_thread(self._book.heads.read)).get(chain)
        except HeadUnreadable as error:
            raise StorageUnavailable from error

    async def ledger_after(self, chain: str, after: int) -> list[SealedRecord]:
        """The next records of a chain, in order: a page of them, none at its end."""
        return await self.read(lambda connection: records_after(connection, chain, after))
