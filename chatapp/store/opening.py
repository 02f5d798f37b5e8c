"""Opening the file: making it, checking it, bringing an older one up to date; or refusing with one clear line.

A new database appears under its name only when it is whole, so an empty or cut file is always damage and never a
fresh start. An older file is copied beside itself before anything is changed in it.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from chatapp.store.engine import migrating_engine
from chatapp.store.failures import StoreError, sqlite_name
from chatapp.store.schema import REVISIONS

SCRIPTS = "chatapp.store:migrations"
_RESTORE = "restore it from a backup, or move it away to begin anew"


def path_of(target: str | Path) -> Path:
    """The file that a path or an SQLite URL (`sqlite:///folder/file`) names.

    Raises:
        StoreError: it names no file, or another kind of database.
    """
    if isinstance(target, Path) or "://" not in target:
        return Path(target)
    try:
        url = make_url(target)
    except ArgumentError:
        raise StoreError("the database URL cannot be read; write it as sqlite:///folder/file") from None
    if url.get_backend_name() != "sqlite":
        raise StoreError(f"databases of the kind {url.get_backend_name()} are not supported yet; use sqlite:///…")
    if url.database in (None, "", ":memory:"):
        raise StoreError("the database URL names no file; write it as sqlite:///folder/file")
    return Path(str(url.database))


def open_file(
    path: Path, *, timeout_s: float, scripts: str = SCRIPTS, revisions: Sequence[str] = REVISIONS
) -> Path | None:
    """Leave a checked, up-to-date database at `path`; return the copy of the older one, where it was changed.

    Args:
        scripts: where Alembic finds the steps. revisions: those it will find, oldest first.

    Raises:
        StoreError: the file is damaged, newer than this program, not ours, or cannot be reached.
    """
    try:
        if not path.exists():
            _make(path, timeout_s, scripts)
            return None
        revision = _examine(path, timeout_s)
        if revision == revisions[-1]:
            return None
        if revision not in (None, *revisions):
            raise StoreError(f"{path} was written by a newer chatapp (schema {revision}); install that version")
        return _bring_up_to_date(path, timeout_s, scripts, revisions[-1])
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}; check the folder and its rights") from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise StoreError(f"{path} cannot be used ({sqlite_name(error)}): {_advice(sqlite_name(error))}") from error


def _advice(name: str) -> str:
    match name:
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return "another program holds it; stop that one first"
        case "SQLITE_CANTOPEN" | "SQLITE_PERM" | "SQLITE_READONLY" | "SQLITE_AUTH":
            return "check the rights of the file and its folder"
        case "SQLITE_FULL":
            return "the disk is full; make room first"
        case _:
            return f"it is damaged; {_RESTORE}"


def _make(path: Path, timeout_s: float, scripts: str) -> None:
    """Build a new database under another name and put it in its place in one step."""
    log = _beside(path, "-wal")
    if log.exists() and log.stat().st_size > 0:
        raise StoreError(f"{path} is gone but {log.name}, which belongs to it, is still there; {_RESTORE}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        _migrate(fresh, timeout_s, scripts)
        # A link, unlike a rename, never replaces what another process has put there in the meantime.
        with suppress(FileExistsError):
            os.link(fresh, path)
        _sync_folder(path.parent)
    finally:
        for suffix in ("", "-wal", "-shm"):
            _beside(fresh, suffix).unlink(missing_ok=True)


def _examine(path: Path, timeout_s: float) -> str | None:
    """Check every page; return the file's schema, None for a sound file that has no tables yet."""
    if path.stat().st_size == 0:
        raise StoreError(f"{path} is empty, so it is damaged; {_RESTORE}")
    with closing(sqlite3.connect(path, timeout=timeout_s, isolation_level=None)) as connection:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise StoreError(f"{path} is damaged; {_RESTORE}")
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if tables and "alembic_version" not in tables:
            raise StoreError(f"{path} is a database of another program; name another file")
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if tables else None
        return None if row is None else str(row[0])


def _bring_up_to_date(path: Path, timeout_s: float, scripts: str, revision: str) -> Path:
    copy = _beside(path, f".before-{revision}")
    _copy(path, copy)
    try:
        _migrate(path, timeout_s, scripts)
    except Exception as error:
        problem = f"{path} could not be brought to schema {revision} ({sqlite_name(error)})"
        raise StoreError(f"{problem}; it is as it was, and {copy.name} beside it is a copy") from error
    return copy


def _copy(path: Path, copy: Path) -> None:
    """Copy the database with what still stands in its write-ahead log; the copy appears when it is whole."""
    handle, name = tempfile.mkstemp(prefix=f"{copy.name}.", suffix=".new", dir=path.parent)
    os.close(handle)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(name)) as target:
            source.backup(target)
        os.replace(name, copy)
    finally:
        Path(name).unlink(missing_ok=True)
    _sync_folder(path.parent)


def _migrate(path: Path, timeout_s: float, scripts: str) -> None:
    """Take all steps that are missing, in one transaction."""
    # Loaded here because it takes longer than the rest of the start, and an up-to-date file never needs it.
    from alembic import command
    from alembic.config import Config

    with closing(sqlite3.connect(path, timeout=timeout_s, isolation_level=None)) as plain:
        plain.execute("PRAGMA journal_mode = WAL")
    config = Config()
    config.set_main_option("script_location", scripts)
    engine = migrating_engine(path, timeout_s=timeout_s)
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StoreError(f"{path} would refer to rows that are not there")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _sync_folder(folder: Path) -> None:
    """Make a new name last: without this a power cut may take it back. Some systems cannot, and need not."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
