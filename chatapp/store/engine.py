"""Connections to one SQLite file, each with the settings that make a commit a promise.

Write-ahead log, `synchronous=FULL`, foreign keys on; transactions are begun by us, because the driver's own habit of
beginning them late would leave savepoints outside of any. Source: sqlite.org/pragma.html.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, Engine, NullPool, Pool, QueuePool, create_engine, event
from sqlalchemy.exc import OperationalError

_WAL_LIMIT_BYTES = 67_108_864


def writing_engine(path: Path, *, timeout_s: float) -> Engine:
    """An engine whose transactions hold the write lock from their first moment.

    Args:
        timeout_s: how long one waits for the lock.
    """
    limit = f"journal_size_limit = {_WAL_LIMIT_BYTES}"
    pragmas = ("foreign_keys = ON", "synchronous = FULL", "recursive_triggers = ON", limit)
    return _engine(path, NullPool, "BEGIN IMMEDIATE", pragmas, timeout_s)


def migrating_engine(path: Path, *, timeout_s: float) -> Engine:
    """An engine for changes of the schema: foreign keys are off, because a table is changed by making it anew."""
    pragmas = ("foreign_keys = OFF", "synchronous = FULL")
    return _engine(path, NullPool, "BEGIN IMMEDIATE", pragmas, timeout_s)


def reading_engine(path: Path, *, timeout_s: float, size: int) -> Engine:
    """An engine that cannot write, and whose transactions see one state of the file from first to last.

    Args:
        size: the most connections it holds.
    """
    return _engine(path, QueuePool, "BEGIN", ("query_only = ON",), timeout_s, pool_size=size, max_overflow=0)


def send(connection: Connection, word: str) -> None:
    """Send a word about transactions to the driver itself: SQLAlchemy takes ten times as long to pass it on.

    Raises:
        OperationalError: SQLite refuses it.
    """
    try:
        cast(sqlite3.Connection, connection.connection.driver_connection).execute(word)
    except sqlite3.Error as error:
        raise OperationalError(word, None, error) from error


def _engine(
    path: Path, pool: type[Pool], begin: str, pragmas: tuple[str, ...], timeout_s: float, **options: int
) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=pool,
        hide_parameters=True,
        connect_args={"timeout": timeout_s, "isolation_level": None},
        **options,
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def start(connection: Connection) -> None:
        send(connection, begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine
