"""A database on a real file for each test; its empty form is made once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatapp.store.opening import open_file
from tests.chat.room import SteppedDatabase


@pytest.fixture(scope="session")
def empty_chat_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database nobody has written to, to be copied."""
    path = tmp_path_factory.mktemp("chat") / "empty.sqlite3"
    open_file(path, timeout_s=5)
    return path


@pytest.fixture
async def database(tmp_path: Path, empty_chat_file: Path) -> AsyncIterator[SteppedDatabase]:
    """A fresh database, open."""
    database = SteppedDatabase(Path(shutil.copy(empty_chat_file, tmp_path / "chat.sqlite3")))
    await database.open()
    yield database
    await database.close()
