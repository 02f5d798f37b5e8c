"""The egress ledger of a database that may be in use: read as it stands; nothing is made or changed.

For the commands that prove it and report from it; the server's own way to it is `database.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import SQLAlchemyError

from chatapp.ports import EgressRecord, SealedRecord
from chatapp.store.engine import reading_engine
from chatapp.store.failures import StoreError, sqlite_name
from chatapp.store.ledger import before_the_chain, chains, whole_chain
from chatapp.store.opening import path_of


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """One state of the ledger. `connection`: None where there is no database yet, and so nothing has left."""

    connection: Connection | None

    def chains(self) -> list[str]:
        """The names of all chains, of other nodes and earlier keys too."""
        return chains(self.connection) if self.connection else []

    def records(self, chain: str) -> Iterator[SealedRecord]:
        """A chain's records in the order of their numbers."""
        return whole_chain(self.connection, chain) if self.connection else iter(())

    def before_the_chain(self) -> list[EgressRecord]:
        """Records from before they were chained: as they stand, proven by nothing."""
        return before_the_chain(self.connection) if self.connection else []


@contextmanager
def read_ledger(target: str | Path, *, timeout_s: float) -> Iterator[LedgerFile]:
    """Read the ledger of a database, in one state of it.

    Raises:
        StoreError: the database cannot be read, or is of a version that has no ledger.
    """
    path = path_of(target)
    if not path.exists():
        yield LedgerFile(None)
        return
    engine = reading_engine(path, timeout_s=timeout_s, size=1)
    try:
        with engine.connect() as connection, connection.begin():
            if not inspect(connection).has_table("ledger"):
                raise StoreError(f"{path} is from before the ledger was chained; `chatapp doctor` brings it up to date")
            yield LedgerFile(connection)
    except SQLAlchemyError as error:
        raise StoreError(f"{path} cannot be read ({sqlite_name(error)}); it is damaged, or not ours") from error
    finally:
        engine.dispose()
