"""At most so many in so much time: what one browser may ask for. Pure, but for the clock it is given."""

from __future__ import annotations

from collections import deque

from chatapp.ports import Clock


class Pace:
    """Counts what happened within the last seconds.

    Args:
        most: that may happen in `seconds`. clock: monotonic seconds.
    """

    def __init__(self, most: int, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._taken_at: deque[float] = deque()

    def __repr__(self) -> str:
        return f"<Pace {len(self._taken_at)} of {self._most} in {self._seconds:g} s>"

    def take(self) -> bool:
        """Whether one more may happen now; if so it is counted."""
        if self.wait_s > 0:
            return False
        self._taken_at.append(self._clock())
        return True

    @property
    def wait_s(self) -> float:
        """Seconds until one more may happen; 0: now."""
        now = self._clock()
        while self._taken_at and now - self._taken_at[0] >= self._seconds:
            self._taken_at.popleft()
        if len(self._taken_at) < self._most:
            return 0.0
        return self._seconds - (now - self._taken_at[0]) if self._taken_at else self._seconds
