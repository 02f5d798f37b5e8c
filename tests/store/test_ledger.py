"""The ledger in a real file: one chain, whatever is killed, cancelled, locked or full; and a head outside of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert

from chatapp.errors import NotFound, StorageFull, StorageUnavailable
from chatapp.ports import NOTHING_YET, EgressEnd, EgressRecord, Incident
from chatapp.store.database import Database
from chatapp.store.failures import LedgerBroken, StoreError
from chatapp.store.ledger import LedgerBook
from chatapp.store.ledgerfile import read_ledger
from chatapp.store.schema import egress
from tests.store.books import (
    KEY,
    book_in,
    end_of,
    entries_in,
    faults_in,
    links_in,
    seal_of,
    unguarded,
    written_in,
)
from tests.store.samples import NOON, egress_record, opening_question, question, row_from_before_the_chain


async def settled(database: Database) -> None:
    """Wait until all that was posted is written."""
    await database.write(lambda _: None)


async def test_a_request_has_an_opening_and_a_closing_record_and_the_head_is_outside(
    database: Database, path: Path
) -> None:
    opened = await database.open_egress(egress_record())
    assert written_in(path.parent).head == opened.link.head  # type: ignore[union-attr]
    database.close_egress(opened, end := end_of(opened, prompt_tokens=3, completion_tokens=2, received_bytes=11))
    await settled(database)
    assert entries_in(path) == [egress_record(), end]
    assert [(link.position, link.kind, link.conversation, link.turn) for link in links_in(path)] == [
        (1, "opened", "c1", "t1"),
        (2, "closed", "c1", "t1"),
    ]
    assert written_in(path.parent).head == links_in(path)[-1].head  # type: ignore[union-attr]
    assert faults_in(path) == []


async def test_many_at_once_are_one_chain_and_few_commits(database: Database, path: Path) -> None:
    async def leave() -> None:
        opened = await database.open_egress(egress_record())
        database.close_egress(opened, end_of(opened))

    await asyncio.gather(*(leave() for _ in range(50)))
    await settled(database)
    assert [link.position for link in links_in(path)] == list(range(1, 101))
    assert faults_in(path) == []
    assert database._writer.commits < 20
    assert [file.name for file in path.parent.iterdir() if file.suffix == ".new"] == []


TWENTY_FIVE = """
import asyncio, sys
from pathlib import Path
from chatapp.store.database import Database
from tests.store.books import book_in, end_of
from tests.store.samples import egress_record

async def main(path):
    database = Database(path, ledger=book_in(path.parent))
    await database.open()
    for _ in range(25):
        opened = await database.open_egress(egress_record("ben"))
        database.close_egress(opened, end_of(opened))
    await database.close()

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_two_processes_of_one_node_do_not_fork_the_chain(database: Database, path: Path) -> None:
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", TWENTY_FIVE, str(path))
    for _ in range(25):
        opened = await database.open_egress(egress_record("ann"))
        database.close_egress(opened, end_of(opened))
    assert await other.wait() == 0
    await settled(database)
    assert len(links_in(path)) == 100
    assert {entry.owner for entry in entries_in(path)} == {"ann", "ben"}
    assert faults_in(path) == []


async def test_without_a_ledger_nothing_can_be_recorded(path: Path) -> None:
    database = Database(path)
    await database.open()
    with pytest.raises(StorageUnavailable):
        await database.open_egress(egress_record())
    await database.close()


def test_a_key_that_cannot_be_had_stops_the_start(path: Path) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    database = Database(path, ledger=LedgerBook(book_in(path.parent).heads, refuse))  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="the ledger's key cannot be had: Permission denied"):
        asyncio.run(database.open())


# --- R11: no record, no call -----------------------------------------------------------------------------------------


async def test_R11_a_locked_database_takes_no_record_and_leaves_none_behind(database: Database, path: Path) -> None:
    await database.open_egress(egress_record())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            await database.open_egress(egress_record())
        other.execute("ROLLBACK")
    await database.open_egress(egress_record())
    await settled(database)
    assert [entry.kind for entry in entries_in(path)] == ["opened", "opened"]
    assert faults_in(path) == []


async def test_R11_a_head_file_that_cannot_be_written_takes_back_the_record(database: Database, path: Path) -> None:
    opened = await database.open_egress(egress_record())
    head = path.parent / "ledger.head"
    head.unlink()
    head.mkdir()  # a folder of that name: even root cannot write there
    with pytest.raises(StorageUnavailable):
        await database.open_egress(egress_record())
    assert [link.position for link in links_in(path)] == [opened.link.position]


async def test_R11_a_full_disk_takes_back_the_record(path: Path, tmp_path: Path) -> None:
    book = book_in(tmp_path)
    database = Database(path, ledger=book)
    await database.open()
    await database.open_egress(egress_record())
    os.symlink("/dev/full", book.heads._draft)
    with pytest.raises(StorageFull):
        await database.open_egress(egress_record())
    assert len(links_in(path)) == 1
    book.heads._draft.unlink()
    await database.open_egress(egress_record())
    assert faults_in(path) == []
    await database.close()


async def test_R11_a_renaming_that_fails_after_the_commit_is_a_no_and_the_record_says_unsent(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.open_egress(egress_record())
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        with pytest.raises(StorageUnavailable):
            await database.open_egress(egress_record("ben"))
        await settled(database)
    assert written_in(path.parent).head.count == 1  # type: ignore[union-attr]
    await database.open_egress(egress_record())
    await settled(database)
    kinds = [(entry.kind, getattr(entry, "ended", "")) for entry in entries_in(path)]
    assert kinds == [("opened", ""), ("opened", ""), ("closed", "unsent"), ("opened", "")]
    assert faults_in(path) == []


async def test_a_caller_who_is_cancelled_leaves_a_record_that_says_unsent_or_none(
    database: Database, path: Path
) -> None:
    for steps in range(6):
        opening = asyncio.create_task(database.open_egress(egress_record()))
        for _ in range(steps):
            await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await settled(database)
    entries = entries_in(path)
    openings = [number for number, entry in enumerate(entries, 1) if isinstance(entry, EgressRecord)]
    assert openings == [entry.opening for entry in entries if isinstance(entry, EgressEnd) and entry.ended == "unsent"]
    assert faults_in(path) == []


async def test_an_end_that_cannot_be_written_is_written_later(database: Database, path: Path) -> None:
    opened = await database.open_egress(egress_record())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        database.close_egress(opened, end_of(opened))
        with pytest.raises(StorageUnavailable):
            await settled(database)
        other.execute("ROLLBACK")
    assert [link.kind for link in links_in(path)] == ["opened"]
    for _ in range(2):  # the first answer to the writer's own "no" may be on its way
        await database.open_egress(egress_record())
    await settled(database)
    assert [link.kind for link in links_in(path)].count("closed") == 1
    assert faults_in(path) == []


async def test_an_end_is_written_when_the_database_is_closed(path: Path) -> None:
    database = Database(path, ledger=book_in(path.parent))
    await database.open()
    opened = await database.open_egress(egress_record())
    database.close_egress(opened, end_of(opened, "stopped"))
    await database.close()
    assert [link.kind for link in links_in(path)] == ["opened", "closed"]
    database.close_egress(opened, end_of(opened))  # too late, and no exception where nobody could catch it


# --- nothing is added to a chain that has lost its end ---------------------------------------------------------------


@pytest.mark.parametrize(
    "harm", ["cut", "emptied", "rebuilt", "head gone", "head forged", "head garbled", "wiped", "put back"]
)
async def test_nothing_leaves_while_the_chain_does_not_end_as_its_head_says(
    database: Database, path: Path, harm: str
) -> None:
    await database.open_egress(egress_record())
    earlier = (path.parent / "ledger.head").read_bytes()
    for _ in range(2):
        await database.open_egress(egress_record())
    before, head = written_in(path.parent), path.parent / "ledger.head"
    match harm:
        case "cut":
            with unguarded(path) as plain:
                plain.execute("DELETE FROM ledger WHERE position = 3")
        case "emptied":
            with unguarded(path) as plain:
                plain.execute("DELETE FROM ledger")
        case "rebuilt":
            with unguarded(path) as plain:
                plain.execute("UPDATE ledger SET hash = ? WHERE position = 3", ("0" * 64,))
        case "head gone":
            head.unlink()
        case "head forged":
            head.write_text(head.read_text().replace(before.seal, "0" * 64))  # type: ignore[union-attr]
        case "head garbled":
            head.write_bytes(b"\x00" * 40)
        case "wiped":
            head.unlink()
            with unguarded(path) as plain:
                plain.execute("DELETE FROM ledger")
        case "put back":
            head.write_bytes(earlier)
            with unguarded(path) as plain:
                plain.execute("DELETE FROM ledger WHERE position > 1")
    with pytest.raises(LedgerBroken) as refused:
        await database.open_egress(egress_record())
    assert (refused.value.code, refused.value.retryable) == ("storage_unavailable", False)
    assert len(links_in(path)) == {"cut": 2, "emptied": 0, "wiped": 0, "put back": 1}.get(harm, 3)


async def test_a_head_that_lags_behind_what_a_killed_process_had_committed_is_none_the_worse(
    database: Database, path: Path
) -> None:
    head = path.parent / "ledger.head"
    await database.open_egress(egress_record())
    lagging = head.read_bytes()
    await database.open_egress(egress_record())
    head.write_bytes(lagging)
    assert faults_in(path) == []
    await database.open_egress(egress_record())
    assert written_in(path.parent).head.count == 3  # type: ignore[union-attr]
    assert faults_in(path) == []


async def test_the_head_is_there_before_the_first_record(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = book_in(path.parent)
    database = Database(path, ledger=book)
    await database.open()
    monkeypatch.setattr(book, "publish", lambda link: os._exit(1) if link is None else None)  # dies after the commit
    await database.open_egress(egress_record())
    assert written_in(path.parent).head == NOTHING_YET  # type: ignore[union-attr]
    monkeypatch.undo()
    await database.open_egress(egress_record())
    assert faults_in(path) == []
    await database.close()


async def test_another_key_begins_another_chain_and_the_first_one_stays_proven(database: Database, path: Path) -> None:
    await database.open_egress(egress_record())
    seal = seal_of(key=b"n" * 32)
    renewed = Database(path, ledger=book_in(path.parent, seal))
    await renewed.open()
    opened = await renewed.open_egress(egress_record())
    assert (opened.link.chain, opened.link.position) == (seal.chain, 1)
    assert (faults_in(path), faults_in(path, seal)) == ([], [])
    await renewed.close()


# --- killed between the opening and the closing ----------------------------------------------------------------------

PROGRAM = """
import asyncio, sys
from pathlib import Path
from chatapp.store.database import Database
from tests.store.books import book_in, end_of
from tests.store.samples import egress_record

async def leave(database, line):
    for number in range(10_000):
        opened = await database.open_egress(egress_record(f"{line}-{number}"))
        print(opened.record.owner, flush=True)
        database.close_egress(opened, end_of(opened))

async def main(path):
    database = Database(path, ledger=book_in(path.parent))
    await database.open()
    async with asyncio.TaskGroup() as tasks:
        for line in range(4):
            tasks.create_task(leave(database, line))

asyncio.run(main(Path(sys.argv[1])))
"""


def acknowledged_before_the_kill(path: Path, count: int) -> set[str]:
    """Run a writer, kill it (signal 9) once it has said yes `count` times, and return all it said yes to."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(count)]
        writer.kill()
        said += writer.stdout.readlines()
    return {line.strip() for line in said if line.endswith("\n")}


@pytest.mark.parametrize("count", [1, 30, 90])
async def test_after_a_kill_every_record_that_was_a_yes_is_there_and_the_chain_goes_on(path: Path, count: int) -> None:
    acknowledged = acknowledged_before_the_kill(path, count)
    assert acknowledged <= {entry.owner for entry in entries_in(path) if entry.kind == "opened"}
    assert faults_in(path) == []
    database = Database(path, ledger=book_in(path.parent))
    await database.open()
    await database.open_egress(egress_record())
    await database.close()
    assert faults_in(path) == []


# --- incidents -------------------------------------------------------------------------------------------------------


async def conversation_of_four(database: Database) -> None:
    """t1 ─▶ t2 ─▶ t3, and t2b beside t2: requests of each, one of t3's never begun."""
    await database.add_turn(opening_question(turn="t1"), [])
    await database.add_turn(question(turn="t2"), [])
    await database.add_turn(question(turn="t3"), [])
    await database.add_turn(question(turn="t2b", sibling_of="t2"), [])
    for turn, ended in (
        ("t1", "completed"),
        ("t2", "failed"),
        ("t2b", "completed"),
        ("t3", "unsent"),
        ("t3", "stopped"),
    ):
        record = EgressRecord(NOON, "ann", "c1", turn, "anthropic", "h", "m", 1, "", "general", "1")
        opened = await database.open_egress(record)
        database.close_egress(opened, end_of(opened, ended))  # type: ignore[arg-type]
    await settled(database)


@pytest.mark.parametrize(
    ("turn", "positions"), [("t1", [1, 3, 5, 9]), ("t2", [3, 9]), ("t3", [9]), ("t2b", [5])], ids=str
)
async def test_an_incident_lists_the_requests_that_carried_the_text(
    database: Database, path: Path, turn: str, positions: list[int]
) -> None:
    await conversation_of_four(database)
    incident = await database.record_incident("ann", "c1", turn, NOON + 5)
    chain = seal_of().chain
    names = {link.position: f"{chain}#{link.position}" for link in links_in(path) if link.kind == "opened"}
    assert list(incident.requests) == [names[position] for position in positions]
    assert incident == entries_in(path)[-1]
    assert (incident.count, incident.turn, incident.at) == (len(positions), turn, NOON + 5)
    assert faults_in(path) == []


async def test_an_incident_is_audited_and_a_second_word_about_the_same_turn_changes_nothing(
    database: Database, path: Path
) -> None:
    await conversation_of_four(database)
    first = await database.record_incident("ann", "c1", "t2", NOON)
    assert await database.record_incident("ann", "c1", "t2", NOON + 9) == first
    with closing(sqlite3.connect(path)) as plain:
        audited = plain.execute("SELECT owner, action, subject, detail FROM audit").fetchall()
    assert audited == [("ann", "phi_reported", "t2", "incident 11: 2 requests had left")]
    assert [entry for entry in entries_in(path) if isinstance(entry, Incident)] == [first]


async def test_an_incident_counts_what_left_before_records_were_chained(database: Database) -> None:
    await database.add_turn(opening_question(turn="t1"), [])
    for turn in ("t1", "another"):
        old = insert(egress).values(row_from_before_the_chain(turn=turn))
        await database.write(lambda connection, old=old: connection.execute(old))  # type: ignore[misc]
    incident = await database.record_incident("ann", "c1", "t1", NOON)
    assert (incident.requests, incident.before_chain, incident.count) == ((), 1, 1)


async def test_an_incident_of_a_turn_that_is_not_there_is_none(database: Database, path: Path) -> None:
    await conversation_of_four(database)
    for owner, conversation, turn in (("ben", "c1", "t1"), ("ann", "c2", "t1"), ("ann", "c1", "none")):
        with pytest.raises(NotFound):
            await database.record_incident(owner, conversation, turn, NOON)
    assert {entry.kind for entry in entries_in(path)} == {"opened", "closed"}


# --- reading it back -------------------------------------------------------------------------------------------------


async def test_a_ledger_in_use_is_read_in_one_state_and_left_as_it_is(database: Database, path: Path) -> None:
    old = insert(egress).values(row_from_before_the_chain())
    await database.write(lambda connection: connection.execute(old))
    for _ in range(3):
        await database.open_egress(egress_record())
    before = sorted(file.name for file in path.parent.iterdir())
    with read_ledger(path, timeout_s=1) as ledger:
        records = ledger.records(seal_of().chain)
        first = next(records)
        await database.open_egress(egress_record())
        assert [first.position, *(record.position for record in records)] == [1, 2, 3]
        assert ledger.chains() == [seal_of().chain]
        (unchained,) = ledger.before_the_chain()
    assert (unchained.owner, unchained.payload_bytes, unchained.estimated_tokens) == ("ann", 120, 0)
    assert sorted(file.name for file in path.parent.iterdir()) == before


def test_where_there_is_no_database_nothing_has_left_and_none_is_made(tmp_path: Path) -> None:
    with read_ledger(tmp_path / "none.sqlite3", timeout_s=1) as ledger:
        assert (ledger.chains(), list(ledger.records("x")), ledger.before_the_chain()) == ([], [], [])
    assert list(tmp_path.iterdir()) == []


def test_what_holds_no_ledger_is_told_in_one_line(tmp_path: Path) -> None:
    rubbish, older = tmp_path / "rubbish.sqlite3", tmp_path / "older.sqlite3"
    rubbish.write_bytes(b"no database at all " * 100)
    with closing(sqlite3.connect(older)) as plain:
        plain.execute("CREATE TABLE egress (id INTEGER)")
    for path, words in ((rubbish, "SQLITE_NOTADB"), (older, "from before the ledger was chained")):
        with pytest.raises(StoreError, match=words), read_ledger(path, timeout_s=1):
            pass


async def test_a_copy_of_the_folder_is_as_whole_as_the_folder(database: Database, path: Path, tmp_path: Path) -> None:
    await database.open_egress(egress_record())
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in (path.name, "ledger.head"):
        shutil.copy(path.parent / name, copy / name)
    assert faults_in(copy / path.name) == []
    assert KEY not in (copy / path.name).read_bytes()
