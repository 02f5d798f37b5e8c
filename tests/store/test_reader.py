"""Readers see one state, cannot write, and never get what another one asked for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select, text

from chatapp.errors import NotFound, StorageFull, StorageUnavailable
from chatapp.store.database import Database
from chatapp.store.reader import READERS
from chatapp.store.schema import audit
from tests.store.samples import audit_record


async def test_a_read_whose_caller_has_gone_leaves_its_rows_to_nobody(database: Database) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> str:
        reached.set()
        go_on.wait(10)
        return str(connection.execute(text("SELECT 'ann'")).scalar())

    reads = [asyncio.create_task(database.read(slow)) for _ in range(8)]
    await asyncio.to_thread(reached.wait, 10)
    for read in reads:
        read.cancel()
    assert all(
        isinstance(gone, asyncio.CancelledError) for gone in await asyncio.gather(*reads, return_exceptions=True)
    )
    go_on.set()

    def counting(number: int) -> Callable[[Connection], object]:
        return lambda connection: connection.execute(text("SELECT :n"), {"n": number}).scalar()

    others = await asyncio.gather(*(database.read(counting(n)) for n in range(20)))
    assert others == list(range(20))


async def test_a_reader_that_never_answers_is_unavailable_and_others_go_on(database: Database) -> None:
    go_on = threading.Event()
    with pytest.raises(StorageUnavailable):
        await database.read(lambda _: go_on.wait(10))
    assert await database.conversations("ann") == []
    go_on.set()


async def test_readers_share_their_connections_out_and_close_them_all(database: Database) -> None:
    for _ in range(5):
        await database.conversations("ann")
    assert len(database._readers._idle) == 1
    await asyncio.gather(*(database.conversations("ann") for _ in range(50)))
    assert len(database._readers._idle) <= READERS
    await database.close()
    assert database._reading.pool.status().endswith("Current Checked out connections: 0")


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StorageFull):
        await database.read(lambda connection: connection.exec_driver_sql("DELETE FROM feedback").rowcount)


async def test_a_reader_that_fails_says_why_and_the_next_one_reads(database: Database) -> None:
    def find(connection: Connection) -> None:
        raise NotFound

    for operation, failure in ((find, NotFound), (lambda c: c.execute(text("SELECT x")).scalar(), StorageUnavailable)):
        for _ in range(9):
            with pytest.raises(failure):
                await database.read(operation)
    assert await database.conversations("ann") == []


async def test_a_read_sees_one_state_of_the_database(database: Database) -> None:
    seen, go_on = threading.Event(), threading.Event()

    def twice(connection: Connection) -> tuple[int, int]:
        first = len(connection.execute(select(audit)).all())
        seen.set()
        go_on.wait(10)
        return first, len(connection.execute(select(audit)).all())

    reading = asyncio.create_task(database.read(twice))
    await asyncio.to_thread(seen.wait, 10)
    await database.record_audit(audit_record())
    go_on.set()
    assert await reading == (0, 0)
