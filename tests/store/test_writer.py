"""Writes share commits, fail alone, end in time, and leave no connection in doubt."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text

from chatapp.errors import NotFound, StorageFull, StorageUnavailable
from chatapp.store.database import Database
from chatapp.store.schema import audit, turn_log
from chatapp.store.writer import MAX_WAITING, DiskFloor, Writer
from tests.store.samples import NOON, audit_record, conversation, opening_question

FRESH = {"at": NOON, "owner": "ann", "subject": "x", "detail": ""}


def note(connection: Connection, action: str) -> str:
    connection.execute(insert(audit), FRESH | {"action": action})
    return action


def noting(action: str) -> Callable[[Connection], str]:
    return lambda connection: note(connection, action)


def noted(path: Path) -> list[str]:
    """What another program sees in the file now: only what is committed."""
    with closing(sqlite3.connect(path)) as plain:
        return [row[0] for row in plain.execute("SELECT action FROM audit ORDER BY id")]


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program holds the write lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
        if other.in_transaction:
            other.execute("ROLLBACK")


class Held:
    """Keeps the writing thread inside an operation until it is let go."""

    def __init__(self, database: Database) -> None:
        self._begun = asyncio.Event()
        self._go_on = threading.Event()
        self._loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(database.write(self._hold))

    def _hold(self, connection: Connection) -> None:
        self._loop.call_soon_threadsafe(self._begun.set)
        self._go_on.wait(10)
        note(connection, "held")

    async def begun(self) -> None:
        await self._begun.wait()

    def let_go(self) -> None:
        self._go_on.set()


@pytest.fixture
async def held(database: Database) -> AsyncIterator[Held]:
    held = Held(database)
    await held.begun()
    yield held
    held.let_go()
    await asyncio.gather(held.task, return_exceptions=True)


def writer_of(database: Database) -> Writer:
    return database._writer


async def test_a_write_is_committed_when_it_returns(database: Database, path: Path) -> None:
    assert await database.write(lambda connection: note(connection, "a")) == "a"
    assert noted(path) == ["a"]


async def test_writes_that_wait_together_share_one_commit_in_their_order(
    database: Database, path: Path, held: Held
) -> None:
    names = [f"n{number}" for number in range(50)]
    waiting = asyncio.gather(*(database.write(noting(name)) for name in names))
    await asyncio.sleep(0)
    before = writer_of(database).commits
    held.let_go()
    assert await waiting == names
    assert writer_of(database).commits - before == 2
    assert noted(path) == ["held", *names]


async def test_a_failing_write_takes_back_its_own_work_only(database: Database, path: Path, held: Held) -> None:
    def half(connection: Connection) -> None:
        note(connection, "half")
        raise NotFound

    def broken(connection: Connection) -> None:
        note(connection, "broken")
        connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

    def mistaken(connection: Connection) -> None:
        note(connection, "mistaken")
        raise ZeroDivisionError

    good = [noting(name) for name in ("first", "last")]
    operations: list[Callable[[Connection], object]] = [good[0], half, broken, mistaken, good[1]]
    waiting = asyncio.gather(*(database.write(operation) for operation in operations), return_exceptions=True)
    await asyncio.sleep(0)
    held.let_go()
    results = await waiting
    assert results[0] == "first"
    assert [type(result) for result in results[1:4]] == [NotFound, StorageUnavailable, ZeroDivisionError]
    assert results[4] == "last"
    assert noted(path) == ["held", "first", "last"]


@pytest.mark.parametrize("failure", [NotFound, ZeroDivisionError])
async def test_a_lone_write_that_fails_takes_back_its_own_work_and_the_next_one_goes_on(
    database: Database, path: Path, failure: type[Exception]
) -> None:
    def half(connection: Connection) -> None:
        note(connection, "half")
        raise failure

    await database.write(noting("before"))
    connection = writer_of(database)._connection
    with pytest.raises(failure):
        await database.write(half)
    await database.write(noting("after"))
    assert noted(path) == ["before", "after"]
    assert writer_of(database)._connection is connection


async def test_a_lone_write_that_fails_at_the_file_leaves_its_connection_to_nobody(
    database: Database, path: Path
) -> None:
    def broken(connection: Connection) -> None:
        note(connection, "broken")
        connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

    await database.write(noting("before"))
    connection = writer_of(database)._connection
    with pytest.raises(StorageUnavailable):
        await database.write(broken)
    await database.write(noting("after"))
    assert noted(path) == ["before", "after"]
    assert writer_of(database)._connection is not connection


async def test_a_write_whose_caller_has_gone_runs_to_its_end(database: Database, path: Path, held: Held) -> None:
    task = asyncio.create_task(database.write(noting("alone")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    held.let_go()
    await database.write(noting("next"))
    assert noted(path) == ["held", "alone", "next"]


async def test_a_locked_file_is_unavailable_after_the_timeout_and_works_again_after_the_lock(
    database: Database, path: Path
) -> None:
    await database.record_audit(audit_record())
    with locked(path):
        began = time.monotonic()
        with pytest.raises(StorageUnavailable):
            await database.record_audit(audit_record())
        assert 0.9 < time.monotonic() - began < 2.5
        assert await database.conversations("ann") == []
    await database.record_audit(audit_record())
    assert await database.ping()
    assert len(noted(path)) == 2


async def test_a_write_that_was_given_up_on_before_it_began_is_not_stored_later(database: Database, path: Path) -> None:
    with locked(path):
        writes = [database.write(noting(f"late {n}")) for n in range(5)]
        results = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(result, StorageUnavailable) for result in results)
    await database.record_audit(audit_record())
    assert noted(path) == ["breaker_reset"]


async def test_a_write_that_waits_behind_a_slow_one_is_told_no_and_not_stored(
    database: Database, path: Path, held: Held
) -> None:
    with pytest.raises(StorageUnavailable):
        await database.write(noting("too late"))
    held.let_go()
    await database.write(noting("next"))
    assert "too late" not in noted(path)


async def test_the_queue_has_an_end(path: Path) -> None:
    patient = Database(path, timeout_s=3600)  # who waits is not told no: only who finds no place
    await patient.open()
    held = Held(patient)
    await held.begun()
    fillers = [asyncio.create_task(patient.write(lambda _: None)) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(StorageUnavailable):
        await patient.write(lambda _: None)
    held.let_go()
    await asyncio.gather(held.task, *fillers)
    await patient.close()


async def test_a_commit_that_fails_has_stored_nothing_of_anybody(database: Database, path: Path, held: Held) -> None:
    def owes(connection: Connection) -> str:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        values = {"turn": "none", "seq": 1, "first": 1, "owner": "ann", "type": "delta", "payload": ""}
        connection.execute(insert(turn_log), values)
        return "owes"

    waiting = asyncio.gather(database.write(noting("good")), database.write(owes), return_exceptions=True)
    await asyncio.sleep(0)
    held.let_go()
    assert [type(result) for result in await waiting] == [StorageUnavailable, StorageUnavailable]
    await database.write(noting("next"))
    assert noted(path) == ["held", "next"]


async def test_a_full_disk_is_said_and_forgotten_when_there_is_room_again(database: Database, path: Path) -> None:
    def limit(connection: Connection, pages: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    big = {"title": "x" * 300_000}
    await database.add_turn(opening_question("c0"), [])
    await database.write(lambda connection: limit(connection, 1))  # SQLite takes the present size as the least
    with pytest.raises(StorageFull):
        await database.set_title("ann", "c0", big["title"])
    assert (await database.conversation("ann", "c0")).title == conversation().title
    await database.set_title("ann", "c0", big["title"])
    assert (await database.conversation("ann", "c0")).title == big["title"]
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_nobody_is_told_yes_when_a_full_disk_takes_the_whole_batch_with_it(
    database: Database, path: Path, held: Held
) -> None:
    def fill(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        for _ in range(100):
            connection.execute(insert(audit), FRESH | {"action": "x" * 100_000})

    waiting = asyncio.gather(
        database.write(noting("before")),
        database.write(fill),
        database.write(noting("after")),
        return_exceptions=True,
    )
    await asyncio.sleep(0)
    held.let_go()
    results = await waiting
    assert isinstance(results[1], StorageFull)
    told_yes = [result for result in results if isinstance(result, str)]
    assert noted(path) == ["held", *told_yes]


async def test_below_the_disk_floor_nothing_is_written_and_everything_read(path: Path, database: Database) -> None:
    await database.add_turn(opening_question(), [])
    full = Database(path, disk_floor_bytes=2**62)
    await full.open()
    with pytest.raises(StorageFull):
        await full.set_title("ann", "c1", "Other")
    assert not await full.ping()
    assert (await full.conversation("ann", "c1")).title == conversation().title
    await full.close()


def test_the_disk_is_asked_at_most_once_a_second() -> None:
    now, free, asked = [0.0], [10], []

    def free_bytes() -> int:
        asked.append(now[0])
        return free[0]

    floor = DiskFloor(free_bytes, 100, lambda: now[0])
    for moment in (0.0, 0.5, 0.9):
        now[0] = moment
        with pytest.raises(StorageFull):
            floor.check()
    free[0], now[0] = 1000, 1.0
    floor.check()
    assert asked == [0.0, 1.0]


def test_without_a_floor_the_disk_is_never_asked() -> None:
    DiskFloor(lambda: pytest.fail("asked"), 0).check()


async def test_a_closed_database_has_finished_what_waited_and_takes_nothing_more(path: Path) -> None:
    database = Database(path)
    await database.open()
    waiting = [asyncio.create_task(database.write(noting(str(n)))) for n in range(20)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*waiting) == [str(number) for number in range(20)]
    assert len(noted(path)) == 20
    assert not await database.ping()
    with pytest.raises(StorageUnavailable):
        await database.conversations("ann")


async def test_a_database_that_was_never_open_is_unavailable_and_closes(path: Path) -> None:
    database = Database(path)
    assert not await database.ping()
    await database.close()
