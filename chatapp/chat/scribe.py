"""Stores what a turn says. Every event is committed before it is shown; deltas are shown at once and saved soon after.

"Soon" is a second or 50 of them, whichever comes first, for all turns in one sweep; it depends on nobody listening.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from chatapp.chat.log import TurnLog, rows_of
from chatapp.errors import ChatError
from chatapp.events import Delta, Event, Thinking
from chatapp.ports import Store, TurnState

logger = logging.getLogger(__name__)
SAVE_EVERY_S = 1.0
SAVE_EVERY_DELTAS = 50


class Scribe:
    """Writes one turn's log.

    Args:
        hurry: called when enough is unsaved for the next sweep to come early.
    """

    def __init__(self, store: Store, log: TurnLog, hurry: Callable[[], None]) -> None:
        self.log = log
        self._store = store
        self._hurry = hurry
        self._one_at_a_time = asyncio.Lock()
        self._writing: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        return f"<Scribe of {self.log!r}>"

    def show(self, event: Delta | Thinking) -> None:
        """Show a piece of text now, and have it saved soon. The hot path: append, nothing else."""
        self.log.add(event)
        if self.log.seq - self.log.saved >= SAVE_EVERY_DELTAS:
            self._hurry()

    async def say(self, event: Event, state: TurnState | None = None) -> None:
        """Store an event, and where the turn stands, then show it.

        A caller that is cancelled meanwhile leaves no half-said event behind: the writing goes on.
        """
        task = asyncio.create_task(self._say(event, state))
        self._writing.add(task)
        task.add_done_callback(self._written)
        await asyncio.shield(task)

    def _written(self, task: asyncio.Task[None]) -> None:
        """Let the task go; a failure nobody waits for any more is looked at, so that asyncio does not complain."""
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()

    async def _say(self, event: Event, state: TurnState | None) -> None:
        async with self._one_at_a_time:
            log = self.log
            rows = [*log.unsaved(), *rows_of(log.turn, [event], log.seq)]
            await self._store.append(log.owner, rows, state=state)
            log.add(event)
            log.mark_saved(log.seq)

    async def save(self) -> None:
        """Store the deltas that are not stored yet."""
        async with self._one_at_a_time:
            seq = self.log.seq
            rows = self.log.unsaved()
            if rows:
                await self._store.append(self.log.owner, rows)
                self.log.mark_saved(seq)


class Sweep:
    """Saves the deltas of all running turns, again and again."""

    def __init__(self) -> None:
        self.scribes: set[Scribe] = set()
        self._due = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Sweep of {len(self.scribes)} turns>"

    def scribe(self, store: Store, log: TurnLog) -> Scribe:
        """A scribe whose deltas this sweep saves, until it is taken out of `scribes`."""
        scribe = Scribe(store, log, self._due.set)
        self.scribes.add(scribe)
        return scribe

    async def run(self) -> None:
        """Go on until cancelled. Storage that fails is tried again a second later; the text stays in memory."""
        while True:
            try:
                async with asyncio.timeout(SAVE_EVERY_S):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            results = await asyncio.gather(*(scribe.save() for scribe in self.scribes), return_exceptions=True)
            failures = [result for result in results if isinstance(result, BaseException)]
            for failure in failures:
                if not isinstance(failure, ChatError):
                    raise failure
            if failures:
                logger.warning("saving %d of %d turns failed, trying again", len(failures), len(results))
                await asyncio.sleep(SAVE_EVERY_S)
