"""Work that is done whole once it is begun, even where whoever asked for it goes away in the middle.

A browser may vanish between a commit and what must follow it; what was begun for it is still brought to its end here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Errands:
    """The work that is under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __repr__(self) -> str:
        return f"<Errands {len(self._tasks)} under way>"

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it and return what it returns. A caller that is cancelled meanwhile leaves; the work goes on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _done(self, task: asyncio.Task[Any]) -> None:
        """Let it go; a failure nobody waits for any more is looked at, so that asyncio does not complain."""
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()
