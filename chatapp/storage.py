"""Settings ─▶ the database, with the ledger's key and its head file in the data folder.

The key comes from CHATAPP_SECRET_KEY, or else from a file that the first start makes. Shared by the server, the
library and the commands: all of them append to one chain, of this machine and this key.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from chatapp.privacy.ledger import Seal, key_from_secret
from chatapp.settings import Settings
from chatapp.store.database import Database
from chatapp.store.failures import StoreError
from chatapp.store.heads import NAME, HeadFile
from chatapp.store.ledger import LedgerBook

KEY_NAME: Final = "ledger.key"
_KEY_BYTES: Final = 32


def node_name() -> str:
    """This machine, as turns and the ledger name it."""
    return socket.gethostname()


def database_target(settings: Settings) -> str | Path:
    """The database's URL or file."""
    return settings.database_url or settings.data_dir / "chatapp.sqlite3"


def build_database(settings: Settings) -> Database:
    """The database, not open yet.

    Raises:
        StoreError: the settings name no file that could be one.
    """
    return Database(
        database_target(settings),
        timeout_s=settings.database_s,
        disk_floor_bytes=settings.disk_floor_bytes,
        ledger=LedgerBook(head_file(settings), lambda: open_seal(settings)),
    )


def head_file(settings: Settings) -> HeadFile:
    """Where the chains' heads are kept."""
    return HeadFile(settings.data_dir / NAME)


def open_seal(settings: Settings) -> Seal:
    """The seal of this node's chain; its key is made where there is none.

    Raises:
        OSError, StoreError: it cannot be read or made.
    """
    if settings.secret_key is not None:
        return Seal(key_from_secret(settings.secret_key.get_secret_value()), node_name())
    path = settings.data_dir / KEY_NAME
    return Seal(_read_key(path) or _make_key(path), node_name())


def known_keys(settings: Settings, more: tuple[Path, ...] = ()) -> list[bytes]:
    """Every key at hand, to prove chains with; nothing is made.

    Args:
        more: files with keys or secrets that were in use earlier.

    Raises:
        OSError, StoreError: a file cannot be read.
    """
    keys = [key_from_secret(settings.secret_key.get_secret_value())] if settings.secret_key else []
    own = _read_key(settings.data_dir / KEY_NAME)
    keys += [own] if own else []
    for path in more:
        text = path.read_text(encoding="utf-8").strip()
        keys += [key for key in (_as_key(text), key_from_secret(text)) if key]
    return keys


def _read_key(path: Path) -> bytes | None:
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        text = ""
    key = _as_key(text)
    if key is None:
        raise StoreError(f"{path} holds no key; restore it from a backup, or move it away to begin a new chain")
    return key


def _as_key(text: str) -> bytes | None:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return None
    return key if len(key) == _KEY_BYTES else None


def _make_key(path: Path) -> bytes:
    """Make a key for this user alone. Of two processes that begin at once, one makes it and both have it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
    try:
        os.write(handle, secrets.token_hex(_KEY_BYTES).encode() + b"\n")
        os.fsync(handle)
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.close(handle)
        os.unlink(name)
    key = _read_key(path)
    if key is None:
        raise StoreError(f"{path} was made and is gone again")
    return key
