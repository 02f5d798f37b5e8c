"""A database on a real file for each test; its empty form is made once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatapp.store.database import Database
from chatapp.store.opening import open_file
from tests.store.books import book_in


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database nobody has written to, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.sqlite3"
    open_file(path, timeout_s=5)
    return path


@pytest.fixture
def path(tmp_path: Path, empty_file: Path) -> Path:
    """A fresh database file."""
    return Path(shutil.copy(empty_file, tmp_path / "chat.sqlite3"))


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    """A fresh database, open; writes are given up on after a second."""
    database = Database(path, timeout_s=1.0, ledger=book_in(path.parent))
    await database.open()
    yield database
    await database.close()
