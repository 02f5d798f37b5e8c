"""What can go wrong at the file, in our words.

`StoreError` stops the start; `as_ours` turns the driver's exceptions into those of `errors.py`, so that none leaves
this room. Engines are built with hidden parameters, so the original that is kept as the cause holds no text either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from chatapp.errors import ChatError, NotFound, StorageFull, StorageUnavailable

_NO_ROOM = ("SQLITE_FULL", "SQLITE_READONLY")


class StoreError(Exception):
    """The database cannot be opened. The message is one line for an operator: which file, what is wrong, what to do."""


def sqlite_name(error: BaseException) -> str:
    """SQLite's name of what went wrong, such as `SQLITE_BUSY`; the class name where it has none."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(original, "sqlite_errorname", type(original).__name__))


def as_ours(error: Exception) -> Exception:
    """The error a caller is told: `StorageFull` or `StorageUnavailable` for the driver's own, any other unchanged."""
    if not isinstance(error, SQLAlchemyError):
        return error
    ours: ChatError = StorageFull() if sqlite_name(error).startswith(_NO_ROOM) else StorageUnavailable()
    ours.__cause__ = error
    return ours


@contextmanager
def taken_means_not_found() -> Iterator[None]:
    """Insert inside this: an id that is taken, perhaps by somebody else, is not told apart from one that is not there.

    Raises:
        NotFound: a unique or foreign key stood against it; nothing was inserted.
    """
    try:
        yield
    except IntegrityError as error:
        raise NotFound from error


class OutOfStep(StorageUnavailable):
    """Rows that do not follow those stored: somebody else has written this turn, or ended it. Nothing was stored."""


class HeadUnreadable(Exception):
    """The ledger's head file is there and cannot be read."""


class LedgerBroken(StorageUnavailable):
    """The egress ledger is not what it was: nothing is added to it, so nothing leaves."""

    retryable = False
    sentence = "The record of what leaves this house is not as it was, so nothing was sent. Tell your operator."
