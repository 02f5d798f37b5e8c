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
_CHAPTER: Final = 3000
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
        self._read = ""
        self._pieces: list[str] = []
        self._fresh = 0

    def __repr__(self) -> str:
        return f"<GrowingText {self._fresh} characters not read yet>"

    @property
    def size(self) -> int:
        """How many characters the next reading takes."""
        return min(len(self._read), _KEPT) + self._fresh

    def takes(self, piece: str) -> bool:
        """Take a piece in; whether enough has come together to be read. The hot path: no more than this."""
        self._pieces.append(piece)
        self._fresh += len(piece)
        if self._fresh < _READ_FROM:
            return False
        return self._fresh >= _READ_AT or "\n" in piece or piece.rstrip().endswith((".", "!", "?"))

    def read(self) -> Judgement:
        """Judge what has come since the last reading, together with the end of what was read before.

        What stands behind the last mark is left for the next reading, where that is not much. Where something is found
        a longer piece is asked whether it is really there: what is no name in its chapter may be one in a window.
        """
        fresh = "".join(self._pieces)
        end = _last_mark(fresh, max(0, len(fresh) - _LEFT))
        fresh, left = fresh[:end], fresh[end:]
        self._pieces, self._fresh = [left], len(left)
        before, self._read = self._read, _ending(self._read + fresh, _CHAPTER)
        window = _ending(before, _KEPT)
        judgement = self._examine(window + fresh)
        return judgement if judgement.verdict == "clear" or window == before else self._examine(before + fresh)


def _last_mark(text: str, start: int) -> int:
    """Behind the best mark from `start` on; the end where there is none."""
    for mark in _MARKS:
        at = text.rfind(mark, start)
        if at >= 0:
            return at + len(mark)
    return len(text)


def _ending(text: str, characters: int) -> str:
    """The end of a text, about so many characters from behind a mark on."""
    start = len(text) - characters
    if start <= 0:
        return text
    for mark in _MARKS:
        at = text.find(mark, start - len(mark), start + characters // 2)
        if at >= 0:
            return text[at + len(mark) :]
    return text[start:]
