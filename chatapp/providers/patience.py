"""Silence with an end: one timer for a whole stream, however many tokens it has.

`asyncio.timeout` around every read costs more than the read. What is done when patience ends is left to the caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Patience:
    """Calls `give_up` once when one wait, or the whole call, lasts too long. Belongs to the running loop.

    Time between `rest` and the next `wait` counts towards the whole call, but not as silence: that is the reader's.

    Args:
        silence_s: seconds one wait may last. whole_s: seconds from now to `stop`.
    """

    def __init__(self, silence_s: float, whole_s: float, give_up: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._silence_s = silence_s
        self._give_up = give_up
        self._ends_at = self._loop.time() + whole_s
        self._waiting_since: float | None = None
        self._timer = self._loop.call_at(self._next_look(), self._look)
        self.is_over = False

    def __repr__(self) -> str:
        state = "over" if self.is_over else "at rest" if self._waiting_since is None else "waiting"
        return f"<Patience: {state}>"

    def wait(self) -> None:
        """From here on nothing but the other side is waited for."""
        self._waiting_since = self._loop.time()

    def rest(self) -> None:
        """Something came."""
        self._waiting_since = None

    def stop(self) -> None:
        """It is no longer needed; `give_up` is not called any more."""
        self._timer.cancel()

    def _next_look(self) -> float:
        since = self._loop.time() if self._waiting_since is None else self._waiting_since
        return min(self._ends_at, since + self._silence_s)

    def _look(self) -> None:
        next_look = self._next_look()
        if next_look > self._loop.time():
            self._timer = self._loop.call_at(next_look, self._look)
        else:
            self.is_over = True
            self._give_up()
