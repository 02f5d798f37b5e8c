"""A file is whole and up to date, or the start is refused with one line; nothing is ever silently begun anew."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from chatapp.store.database import Database
from chatapp.store.engine import migrating_engine
from chatapp.store.failures import StoreError
from chatapp.store.opening import SCRIPTS, open_file, path_of
from chatapp.store.schema import REVISIONS, metadata
from tests.store.samples import opening_question, row_from_before_the_chain

STEP = '''"""A step that a later version brings."""
from alembic import op
revision = "0003"
down_revision = "0002"
def upgrade():
    op.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")
    op.execute("UPDATE conversations SET title = 'changed'")
    {end}
'''
OPEN = "from pathlib import Path; from chatapp.store.opening import open_file; open_file({})"


def later_version(folder: Path, end: str) -> str:
    """Steps as the next release might have them; returns where they are."""
    scripts = folder / "migrations"
    shutil.copytree(Path(sys.modules["chatapp.store"].__path__[0]) / "migrations", scripts)
    (scripts / "versions" / "0003_later.py").write_text(STEP.format(end=end))
    return str(scripts)


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(statement)


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as plain:
        return [row[0] for row in plain.execute("SELECT title FROM conversations")]


async def fill(path: Path) -> None:
    database = Database(path)
    await database.open()
    for number in range(40):
        await database.add_turn(opening_question(f"c{number}", text="words " * 200), [])
    await database.close()


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(StoreError) as refused:
        open_file(path, timeout_s=0.2, **options)
    message = str(refused.value)
    assert "\n" not in message
    assert str(path) in message
    return message


async def test_a_new_database_is_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "chat.sqlite3"
    database = Database(f"sqlite:///{path}")
    await database.open()
    await database.add_turn(opening_question(), [])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    await database.close()
    assert [file.name for file in path.parent.iterdir()] == ["chat.sqlite3"]


async def test_what_was_stored_is_there_after_opening_again(path: Path) -> None:
    await fill(path)
    database = Database(path)
    await database.open()
    assert len(await database.conversations("ann")) == 40
    assert database.backup is None
    await database.close()


def test_two_processes_that_begin_at_once_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "chat.sqlite3"
    program = OPEN.format(f"Path({str(path)!r}), timeout_s=5")
    processes = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(30) for process in processes] == [0, 0]
    assert [file.name for file in tmp_path.iterdir()] == ["chat.sqlite3"]
    assert open_file(path, timeout_s=1) is None


def assert_refused_when_cut(path: Path, keep: float) -> None:
    os.truncate(path, int(path.stat().st_size * keep))
    before = path.read_bytes()
    assert "damaged" in refusal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("keep", [0.0, 0.01, 0.3, 0.6, 0.99])
async def test_a_cut_file_is_refused_and_left_as_it_is(path: Path, keep: float) -> None:
    await fill(path)
    assert_refused_when_cut(path, keep)


@pytest.mark.parametrize("page", [0, 1, 3, 8])
async def test_a_file_with_a_page_of_rubbish_is_refused(path: Path, page: int) -> None:
    await fill(path)
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xa5" * 4096)
    assert "damaged" in refusal(path)


def test_a_text_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.sqlite3"
    path.write_text("not a database at all\n" * 100)
    assert "damaged" in refusal(path)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.sqlite3"
    change(path, "CREATE TABLE recipes (id INTEGER)")
    assert "another program" in refusal(path)


def test_a_log_without_its_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chat.sqlite3"
    (tmp_path / "chat.sqlite3-wal").write_bytes(b"frames")
    assert "is gone" in refusal(path)
    assert not path.exists()


def test_a_newer_schema_is_refused(path: Path) -> None:
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    assert "newer chatapp (schema 9999)" in refusal(path)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert "cannot be opened" in refusal(tmp_path / "data" / "chat.sqlite3")


@pytest.mark.parametrize(
    ("target", "word"),
    [
        ("postgresql+psycopg://ann:secret@127.0.0.1/chat", "postgresql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("://", "cannot be read"),
    ],
)
def test_what_is_no_sqlite_file_is_refused_without_its_password(target: str, word: str) -> None:
    with pytest.raises(StoreError, match=word) as refused:
        Database(target)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("target", ["data/chat.sqlite3", "sqlite:///data/chat.sqlite3", Path("data/chat.sqlite3")])
def test_a_path_and_its_url_name_the_same_file(target: str | Path) -> None:
    assert path_of(target) == Path("data/chat.sqlite3")


async def test_an_older_file_is_copied_and_then_brought_up_to_date(path: Path, tmp_path: Path) -> None:
    await fill(path)
    scripts = later_version(tmp_path, "pass")
    copy = open_file(path, timeout_s=1, scripts=scripts, revisions=(*REVISIONS, "0003"))
    assert copy == path.with_name("chat.sqlite3.before-0003")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert (set(titles(copy)), set(titles(path))) == ({"Shifts in May"}, {"changed"})
    assert open_file(copy, timeout_s=1) is None
    assert open_file(path, timeout_s=1, scripts=scripts, revisions=(*REVISIONS, "0003")) is None
    assert "newer" in refusal(path)


async def test_a_step_that_fails_leaves_the_file_as_it_was_and_names_the_copy(path: Path, tmp_path: Path) -> None:
    await fill(path)
    scripts = later_version(tmp_path, "raise RuntimeError")
    message = refusal(path, scripts=scripts, revisions=(*REVISIONS, "0003"))
    assert "RuntimeError" in message
    assert "chat.sqlite3.before-0003" in message
    assert set(titles(path)) == {"Shifts in May"}
    assert open_file(path, timeout_s=1) is None


def exit_status_of(program: str) -> int:
    return subprocess.run([sys.executable, "-c", program], check=False).returncode


@pytest.mark.parametrize("begun", [True, False], ids=["older file", "new file"])
async def test_a_start_that_is_killed_in_the_middle_of_a_step_can_be_made_again(
    path: Path, tmp_path: Path, begun: bool
) -> None:
    scripts = later_version(tmp_path, "import os; os._exit(9)")
    await fill(path)
    target = path if begun else tmp_path / "new.sqlite3"
    arguments = f"Path({str(target)!r}), timeout_s=1, scripts={scripts!r}, revisions=('0001', '0002', '0003')"
    assert exit_status_of(OPEN.format(arguments)) == 9
    assert open_file(target, timeout_s=1) is None
    assert set(titles(target)) == ({"Shifts in May"} if begun else set())


def test_a_file_without_any_schema_yet_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "chat.sqlite3"
    change(path, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    assert open_file(path, timeout_s=1) == path.with_name("chat.sqlite3.before-0002")
    assert titles(path) == []


def test_the_steps_are_those_the_program_knows() -> None:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(step.revision for step in steps)[::-1] == REVISIONS


def test_the_steps_make_exactly_the_tables_of_the_schema(path: Path) -> None:
    with migrating_engine(path, timeout_s=1).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_records_from_before_the_chain_stay_as_they_are_when_the_ledger_comes(tmp_path: Path) -> None:
    path = tmp_path / "chat.sqlite3"
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    with migrating_engine(path, timeout_s=1).connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    old = row_from_before_the_chain()
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(
            f"INSERT INTO egress ({', '.join(old)}) VALUES ({', '.join('?' * len(old))})", tuple(old.values())
        )
    assert open_file(path, timeout_s=1) == path.with_name("chat.sqlite3.before-0002")
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute(f"SELECT {', '.join(old)} FROM egress").fetchall() == [tuple(old.values())]
        assert plain.execute("SELECT count(*) FROM ledger").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            plain.execute("DELETE FROM egress")
