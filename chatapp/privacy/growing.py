"""A text that comes back from outside, read while it grows: some sentences at a time, with what stood before them.

Pure. What is done about a finding is the turn's business; the whole text is judged once more when it has ended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatapp.privacy.gate import Judgement

_READ_FROM: Final = 240
_READ_AT: Final = 480
_KEPT: Final = 240


class GrowingText:
    """Reads in windows, so that each character is read three times at most, however it was cut into pieces.

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
        """Judge what has come since the last reading, together with the end of what was read before."""
        window = self._kept + "".join(self._pieces)
        self._pieces.clear()
        self._fresh = 0
        self._kept = _last_lines(window)
        return self._examine(window)


def _last_lines(text: str) -> str:
    """The end of a text, from the beginning of a line, a sentence or a word: half of one reads like something else."""
    start = max(0, len(text) - _KEPT)
    if start == 0:
        return text
    for mark in ("\n", ". ", " "):
        at = text.find(mark, start - len(mark), start + _KEPT // 2)
        if at >= 0:
            return text[at + len(mark) :]
    return text[start:]
