"""The watch over the ledger, on a real file: what is altered is red at the next look, whatever was proven before."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatapp.privacy.ledger import Seal
from chatapp.privacy.watch import LedgerView, LedgerWatch
from chatapp.store.database import Database
from chatapp.store.opening import open_file
from tests.fakes import FakeClock
from tests.store.books import book_in, end_of, seal_of, unguarded
from tests.store.samples import egress_record


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "chat.sqlite3"
    open_file(path, timeout_s=5)
    database = Database(path, timeout_s=1.0, ledger=book_in(tmp_path))
    await database.open()
    yield database
    await database.close()


def watch_over(database: Database, clock: FakeClock | None = None) -> LedgerWatch:
    return LedgerWatch(database, seal_of, now=lambda: 7.0, clock=clock or FakeClock(), all_every_s=3600)


async def leave(database: Database, times: int = 1) -> None:
    for _ in range(times):
        opened = await database.open_egress(egress_record())
        database.close_egress(opened, end_of(opened))
    await database.ping()


async def test_before_the_first_look_nothing_is_said(database: Database) -> None:
    assert watch_over(database).view == LedgerView("unseen")


async def test_a_whole_ledger_is_counted_and_what_is_new_is_added(database: Database) -> None:
    watch = watch_over(database)
    await watch.look()
    assert watch.view == LedgerView("whole", 0, 0, 7.0)
    for times in (2, 0, 600):  # more than a page of records
        await leave(database, times)
        await watch.look()
    assert watch.view == LedgerView("whole", 1204, 602, 7.0)


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("DELETE FROM ledger WHERE position > 3", "record 4 is missing at the end: the chain was that long once"),
        ("UPDATE ledger SET hash = hex(zeroblob(32)) WHERE position = 4", "record 4 was changed"),
        ("DELETE FROM ledger", "records 1 to 4 are missing at the end"),
    ],
)
async def test_a_changed_end_is_seen_at_the_next_look_even_with_an_old_head_put_back(
    database: Database, harm: str, fault: str
) -> None:
    watch, head = watch_over(database), database.path.parent / "ledger.head"
    await leave(database)
    old = head.read_bytes()
    await leave(database)
    await watch.look()
    with unguarded(database.path) as plain:
        plain.execute(harm)
    head.write_bytes(old)
    for _ in range(2):  # and it stays red
        await watch.look()
        assert watch.view.state == "altered"
        assert fault in str(watch.view.fault)


async def test_a_change_deep_in_the_chain_is_seen_when_all_of_it_is_looked_at(database: Database) -> None:
    clock = FakeClock()
    watch = watch_over(database, clock)
    await leave(database, 3)
    await watch.look()
    with unguarded(database.path) as plain:
        plain.execute("UPDATE ledger SET entry = replace(entry, 'ann', 'ben') WHERE position = 3")
    await watch.look()
    seen: list[str] = [watch.view.state]
    clock.now += 3600
    await watch.look()
    seen.append(watch.view.state)
    assert (seen, watch.view.fault) == (["whole", "altered"], "record 3 was changed after it was written, or put in")


async def test_a_position_that_is_no_number_does_not_keep_it_busy(database: Database) -> None:
    await leave(database, 2)
    with unguarded(database.path) as plain:
        plain.execute("UPDATE ledger SET position = 2.5 WHERE position = 3")
    watch = watch_over(database)
    await watch.look()
    assert watch.view.state == "altered"


async def test_a_ledger_that_cannot_be_read_is_told_and_looked_at_again(database: Database) -> None:
    head = database.path.parent / "ledger.head"
    await leave(database)
    written = head.read_bytes()
    watch = watch_over(database)
    head.write_bytes(b"rubbish")
    await watch.look()
    assert watch.view == LedgerView("silent", checked_at=7.0)
    head.write_bytes(written)
    await watch.look()
    assert watch.view.state == "whole"


async def test_another_process_that_adds_to_the_chain_is_followed(database: Database, tmp_path: Path) -> None:
    watch = watch_over(database)
    await leave(database)
    await watch.look()
    other = Database(database.path, ledger=book_in(tmp_path))
    await other.open()
    await leave(other, 2)
    await other.close()
    await watch.look()
    assert watch.view == LedgerView("whole", 6, 3, 7.0)


async def test_a_head_file_that_vanishes_is_seen(database: Database) -> None:
    watch = watch_over(database)
    await leave(database)
    await watch.look()
    shutil.move(database.path.parent / "ledger.head", database.path.parent / "elsewhere")
    await watch.look()
    assert watch.view.state == "altered"
    assert "head file" in str(watch.view.fault)


async def test_whatever_it_trips_over_it_goes_on_looking(database: Database) -> None:
    def no_key() -> Seal:
        raise ZeroDivisionError

    watch = LedgerWatch(database, no_key, now=lambda: 7.0)
    await watch.look()
    assert watch.view == LedgerView("silent", checked_at=7.0)
