"""`chatapp ledger` as a person runs it: what was done to the ledger is found and named, and what left is told."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.ports import EgressRecord
from chatapp.settings import Settings
from chatapp.storage import build_database, open_seal
from tests.commands.program import chatapp
from tests.store.books import end_of, unguarded
from tests.store.samples import egress_record, opening_question, row_from_before_the_chain

DAY = 86_400.0
FIRST = 1_782_907_200.0  # 2026-07-01 12:00 UTC


def settings_in(folder: Path) -> Settings:
    return Settings.from_environ({"CHATAPP_DATA_DIR": str(folder / "data"), "CHATAPP_DISK_FLOOR_BYTES": "0"})


def ledger(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """Run it; exit code and output."""
    done = chatapp("ledger", *arguments, folder=folder, environ=environ)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def file_of(folder: Path) -> Path:
    return folder / "data" / "chatapp.sqlite3"


async def _fill(folder: Path, days: int) -> None:
    database = build_database(settings_in(folder))
    await database.open()
    await database.add_turn(opening_question(turn="t1"), [])
    for day in range(days):
        at = FIRST + day * DAY
        record = EgressRecord(
            at, "ann", "c1", "t1", "anthropic", "cloud:443", "strong", 120, "ab" * 32, "complex", "9", 30
        )
        opened = await database.open_egress(record)
        database.close_egress(opened, end_of(opened, prompt_tokens=3, completion_tokens=2, received_bytes=11))
    await database.close()


def fill(folder: Path, days: int = 3) -> Path:
    """A ledger of a request a day at noon, from 1 July on; where it is."""
    asyncio.run(_fill(folder, days))
    return file_of(folder)


def chain_of(folder: Path) -> str:
    return open_seal(settings_in(folder)).chain


# --- verify ----------------------------------------------------------------------------------------------------------


def test_a_whole_ledger_is_proven_and_its_head_printed_to_be_written_down(tmp_path: Path) -> None:
    fill(tmp_path)
    code, said = ledger(tmp_path, "verify")
    assert code == 0
    assert f"whole: chain {chain_of(tmp_path)}, 6 records" in said
    head = said.split("head ")[1].strip()
    assert ledger(tmp_path, "verify", "--head", head)[0] == 0
    assert ledger(tmp_path, "verify", "--head", head[:20])[0] == 0


def test_a_house_in_which_nothing_ever_left_is_whole_and_nothing_is_made_there(tmp_path: Path) -> None:
    assert ledger(tmp_path, "verify") == (0, "The ledger is empty: nothing has left.\n")
    assert ledger(tmp_path, "report") == (0, "Nothing left.\n")
    assert list(tmp_path.iterdir()) == []


HARM = {
    "an edit": (
        "UPDATE ledger SET entry = replace(entry, 'cloud:443', 'house:443') WHERE position = 3",
        "record 3 was changed",
    ),
    "an edit of a time": ("UPDATE ledger SET at = at + 1 WHERE position = 1", "record 1 was changed"),
    "a deletion": ("DELETE FROM ledger WHERE position = 4", "record 4 is missing"),
    "a deletion and new numbers": (
        "DELETE FROM ledger WHERE position = 2; UPDATE ledger SET position = position - 1 WHERE position > 2",
        "record 2 was changed",
    ),
    "another order": (
        "UPDATE ledger SET position = -1 WHERE position = 2; UPDATE ledger SET position = 2 WHERE position = 4;"
        "UPDATE ledger SET position = 4 WHERE position = -1",
        "record 2 was changed",
    ),
    "an insertion": (
        "UPDATE ledger SET position = -position - 1 WHERE position > 3; UPDATE ledger SET position = -position WHERE "
        "position < 0; INSERT INTO ledger SELECT chain, 4, kind, at, conversation, turn, entry, prev_hash, hash FROM "
        "ledger WHERE position = 3",
        "record 4 was changed after it was written, or put in",
    ),
    "a cut": ("DELETE FROM ledger WHERE position > 2", "records 3 to 6 are missing at the end"),
    "an emptying": ("DELETE FROM ledger", "records 1 to 6 are missing at the end"),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_what_was_done_to_the_ledger_is_found_and_named(tmp_path: Path, harm: str) -> None:
    script, named = HARM[harm]
    with unguarded(fill(tmp_path)) as plain:
        plain.executescript(script)
    code, said = ledger(tmp_path, "verify")
    assert code == 1
    assert f"ALTERED: chain {chain_of(tmp_path)}" in said
    assert named in said
    code, said = ledger(tmp_path, "report")
    assert code == 1
    assert "not to be relied on" in said


@pytest.mark.parametrize(("content", "named"), [(None, "does not know this chain"), ("{", "cannot be read")])
def test_a_head_file_that_is_gone_or_garbled_is_named(tmp_path: Path, content: str | None, named: str) -> None:
    fill(tmp_path)
    head = tmp_path / "data" / "ledger.head"
    head.unlink() if content is None else head.write_text(content)
    code, said = ledger(tmp_path, "verify")
    assert code == 1
    assert named in said


def test_a_folder_put_back_to_an_earlier_day_is_found_by_a_head_that_was_written_down(tmp_path: Path) -> None:
    fill(tmp_path)
    earlier = {file.name: file.read_bytes() for file in (tmp_path / "data").iterdir()}
    fill(tmp_path / "other")
    head = ledger(tmp_path / "other", "verify")[1].split("head ")[1].strip()
    assert earlier.keys() == {"chatapp.sqlite3", "ledger.key", "ledger.head"}
    assert ledger(tmp_path, "verify")[0] == 0
    code, said = ledger(tmp_path, "verify", "--head", head)
    assert code == 1
    assert "no chain has, or still has, a record 6 with the hash" in said


def test_after_a_new_secret_the_old_chain_is_proven_with_the_old_key_and_without_it_said_not_to_be(
    tmp_path: Path,
) -> None:
    fill(tmp_path)
    new = {"CHATAPP_SECRET_KEY": "a new secret"}
    assert ledger(tmp_path, "verify", environ=new)[0] == 0  # the old key is still in the folder
    first = ledger(tmp_path, "report", environ=new)[1].splitlines()[1].split()[0]
    assert first == "1"
    (tmp_path / "data" / "ledger.key").rename(tmp_path / "kept.key")
    code, said = ledger(tmp_path, "verify", environ=new)
    assert code == 2
    assert "unproven: chain" in said
    assert ledger(tmp_path, "verify", "--key-file", "kept.key", environ=new)[0] == 0


def test_a_mistake_is_one_line(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    for arguments, words in (
        (("verify", "--head", "7"), "a head is COUNT:HASH"),
        (("verify", "--key-file", "none"), "none cannot be read"),
        (("report", "--from", "yesterday"), "is no date or time"),
    ):
        code, said = ledger(tmp_path, *arguments)
        assert (code, said.count("\n")) == (2, 1)
        assert said.startswith("chatapp: ledger: ")
        assert words in said


# --- report ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "requests"),
    [
        ((), 3),
        (("--from", "2026-07-02"), 2),
        (("--to", "2026-07-02"), 2),
        (("--from", "2026-07-02", "--to", "2026-07-02"), 1),
        (("--from", "2026-07-01T12:00:00Z", "--to", "2026-07-01T12:00:01"), 1),
        (("--from", "2026-07-01T14:30:00+02:00"), 2),
    ],
)
def test_a_time_is_asked_for_by_dates_or_moments(tmp_path: Path, arguments: tuple[str, ...], requests: int) -> None:
    fill(tmp_path)
    code, said = ledger(tmp_path, "report", *arguments)
    assert code == 0
    assert f"{requests} request{'' if requests == 1 else 's'} left: {requests} to anthropic at cloud:443." in said


def test_a_time_in_which_nothing_left_says_so(tmp_path: Path) -> None:
    fill(tmp_path)
    assert ledger(tmp_path, "report", "--to", "2026-06-30")[1].startswith("Nothing left.\n")


def test_the_table_says_who_sent_what_where_and_how_it_ended(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    lines = ledger(tmp_path, "report")[1].splitlines()
    head = "record time (UTC) user provider model bytes ~tokens in out ended rule turn"
    first = "1 2026-07-01 12:00:00 ann anthropic strong 120 30 3 2 completed complex t1"
    assert [" ".join(line.split()) for line in lines[:2]] == [head, first]
    assert "120 bytes sent (about 30 tokens), 11 bytes of reply" in lines[4]


def test_with_several_chains_each_record_says_of_which_it_is(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    first = chain_of(tmp_path)
    (tmp_path / "data" / "ledger.key").rename(tmp_path / "kept.key")
    fill_again = asyncio.run(_leave_once(tmp_path))
    rows = ledger(tmp_path, "report")[1].splitlines()[1:3]
    assert {row.split()[0] for row in rows} == {f"{first}#1", f"{fill_again}#1"}


async def _leave_once(folder: Path) -> str:
    database = build_database(settings_in(folder))
    await database.open()
    opened = await database.open_egress(egress_record())
    await database.close()
    return opened.link.chain


async def _incident_and_old_row(folder: Path) -> None:
    database = build_database(settings_in(folder))
    await database.open()
    await database.record_incident("ann", "c1", "t1", FIRST + DAY)
    await database.open_egress(EgressRecord(FIRST, "ann\x1b[2J", None, None, "anthropic", "h", "m", 1, "", "wish", "9"))
    await database.close()


def test_incidents_unclosed_requests_and_those_from_before_the_chain_are_told(tmp_path: Path) -> None:
    path = fill(tmp_path, 1)
    asyncio.run(_incident_and_old_row(tmp_path))
    with closing(sqlite3.connect(path)) as plain, plain:
        row = row_from_before_the_chain()
        names = ", ".join(row)
        plain.execute(f"INSERT INTO egress ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    code, said = ledger(tmp_path, "report")
    assert code == 0
    assert f"ann marked turn t1 as patient data; had left: {chain_of(tmp_path)}#1" in said
    assert "1 of them not closed" in said
    assert "not chained" in said
    assert "nothing proves them" in said
    assert "\x1b" not in said


def test_other_programs_read_it_as_csv_and_json(tmp_path: Path) -> None:
    fill(tmp_path)
    rows = list(csv.DictReader(io.StringIO(ledger(tmp_path, "report", "--format", "csv")[1])))
    assert [row["time"] for row in rows] == [f"2026-07-0{day}T12:00:00+00:00" for day in (1, 2, 3)]
    assert (rows[0]["payload_sha256"], rows[0]["ended"], rows[0]["completion_tokens"]) == ("ab" * 32, "completed", "2")
    told = json.loads(ledger(tmp_path, "report", "--format", "json")[1])
    assert [one["record"] for one in told["requests"]] == [f"{chain_of(tmp_path)}#{number}" for number in (1, 3, 5)]
    assert (told["totals"]["requests"], told["totals"]["bytes"]) == (3, 360)
    assert told["chains"][0]["state"] == "whole"
