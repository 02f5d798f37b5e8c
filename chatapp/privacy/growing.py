"""A text that comes back from outside, read while it grows: some sentences at a time, with what stood before them.

Pure. What is done about a finding is the turn's business; the whole text is judged once more when it has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatapp.privacy.gate import Judgement

_READ_FROM: Final = 320
_READ_AT: Final = 560
_KEPT: Final = 240
_LEFT: Final = 120
_MARKS: Final = ("\n", ". ", " ")
"""Where a text may be cut, the best place first: half a sentence, or half a word, reads like something else."""


class GrowingText:
    """Reads in windows that begin and end where a line, a sentence or at least a word does, each over the one before.

    Args:
        examine: judges one window.
    """

    def __init__(self, examine: Callable[[str], Judgement]) -> None:
        self._examine = examine
        self._kept = ""
        self._pieces: list[str] = []
        self._fresh = 0

    def __repr__(self) -> str:
        return f"<GrowingText {self._fresh} characters not read yet>"

    @property
    def size(self) -> int:
        """How many characters the next reading takes."""
        return len(self._kept) + self._fresh

    def takes(self, piece: str) -> bool:
        """Take a piece in; whether enough has come together to be read. The hot path: no more than this."""
        self._pieces.append(piece)
        self._fresh += len(piece)
        if self._fresh < _READ_FROM:
            return False
        return self._fresh >= _READ_AT or "\n" in piece or piece.rstrip().endswith((".", "!", "?"))

    def read(self) -> Judgement:
        """Judge what has come since the last reading, together with the end of what was read before.

        What stands behind the last mark is left for the next reading, where that is not much.
        """
        heard = self._kept + "".join(self._pieces)
        end = _last_mark(heard, max(len(self._kept), len(heard) - _LEFT))
        window, left = heard[:end], heard[end:]
        self._pieces, self._fresh = [left], len(left)
        self._kept = _ending(window)
        return self._examine(window)


def _last_mark(text: str, start: int) -> int:
    """Behind the best mark from `start` on; the end where there is none."""
    for mark in _MARKS:
        at = text.rfind(mark, start)
        if at >= 0:
            return at + len(mark)
    return len(text)


def _ending(text: str) -> str:
    """The end of a text, from behind a mark on."""
    start = len(text) - _KEPT
    if start <= 0:
        return text
    for mark in _MARKS:
        at = text.find(mark, start - len(mark), start + _KEPT // 2)
        if at >= 0:
            return text[at + len(mark) :]
    return text[start:]
