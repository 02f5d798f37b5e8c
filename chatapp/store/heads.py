"""The head file: how long each chain is, kept beside the database and not in it, so that a cut end is found.

Written after the records it speaks of are committed, so it may lag behind them by what a killed process had just
stored, and is never ahead. It appears whole or not at all.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from chatapp.ports import WrittenHead
from chatapp.store.failures import HeadUnreadable

NAME: Final = "ledger.head"
_LINES: Final = TypeAdapter(dict[str, WrittenHead])
_numbers = itertools.count(1)


class HeadFile:
    """One file, for all chains of a data folder. Several processes may write it, each after its own commit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._draft = path.with_name(f"{path.name}.{os.getpid()}-{next(_numbers)}.new")
        self._holds_room = False

    def __repr__(self) -> str:
        return f"<HeadFile {self.path.name}>"

    def read(self) -> dict[str, WrittenHead]:
        """The head of each chain by its name; nothing where there is no file.

        Raises:
            HeadUnreadable: it is there and cannot be read.
        """
        try:
            return _LINES.validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            raise HeadUnreadable(f"{self.path} cannot be read ({type(error).__name__})") from error

    def prepare(self, lines: Mapping[str, WrittenHead], chain: str, written: WrittenHead) -> None:
        """Take the room that `publish` will need, so that what may fail does so before the record is committed.

        Args:
            lines: as they were read.

        Raises:
            OSError: the file cannot be written.
        """
        if not self._holds_room:
            self._write_draft(_text({**lines, chain: written}))
            self._holds_room = True

    def publish(self, chain: str, written: WrittenHead) -> None:
        """Say how long a chain is now; a word about a shorter one comes too late and changes nothing.

        Raises:
            OSError: the file cannot be written. HeadUnreadable.
        """
        lines = self.read()
        if chain in lines and lines[chain].head.count >= written.head.count:
            return
        self._holds_room = False
        self._write_draft(_text({**lines, chain: written}), last=True)
        os.replace(self._draft, self.path)

    def clear_up(self) -> None:
        """Take away what was prepared and never came to pass."""
        self._holds_room = False
        self._draft.unlink(missing_ok=True)

    def _write_draft(self, text: bytes, *, last: bool = False) -> None:
        handle = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, text)
            if last:
                os.fsync(handle)  # else a power cut may leave the name without what was written
        finally:
            os.close(handle)


def _text(lines: Mapping[str, WrittenHead]) -> bytes:
    return orjson.dumps({chain: lines[chain] for chain in sorted(lines)}, option=orjson.OPT_INDENT_2) + b"\n"
