"""Stores what a turn says. Every event is committed before it is shown; deltas are shown at once and saved soon after.

"Soon" is a second or 50 of them, whichever comes first, for all turns in one sweep; it depends on nobody listening.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from chatapp.chat.errands import Errands
from chatapp.chat.log import TurnLog, rows_of
from chatapp.errors import ChatError
from chatapp.events import Delta, Done, Error, Event, Thinking
from chatapp.ports import Store, TurnState

logger = logging.getLogger(__name__)
SAVE_EVERY_S = 1.0
SAVE_EVERY_DELTAS = 50
_MOST_ATTEMPTS = 300
"""How often the end of a turn is offered to storage that fails; after that the next start ends the turn."""


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
        self._errands = Errands()
        self._owed: TurnState | None = None
        self._attempts = 0
        self.when_finished: Callable[[], None] = lambda: None

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
        await self._errands.run(self._say(event, state))

    async def _say(self, event: Event, state: TurnState | None) -> None:
        async with self._one_at_a_time:
            log = self.log
            rows = [*log.unsaved(), *rows_of(log.turn, [event], log.seq)]
            await self._store.append(log.owner, rows, state=state)
            log.add(event)
            log.mark_saved(log.seq)

    def owe(self, end: Done | Error, state: TurnState) -> None:
        """Show the end although it could not be stored, so that nobody waits; it is stored when storage is back."""
        self._owed = state
        self.log.add(end)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be said or stored."""
        return self.log.ended and self._owed is None

    async def save(self) -> None:
        """Store what was shown and is not stored yet."""
        async with self._one_at_a_time:
            seq, state = self.log.seq, self._owed
            rows = self.log.unsaved()
            if rows:
                await self._store.append(self.log.owner, rows, state=state)
                self.log.mark_saved(seq)
                if state is not None:
                    self._settle()

    def failed(self) -> None:
        """Note that saving failed: an end that storage never takes is given up one day."""
        self._attempts += self._owed is not None
        if self._attempts >= _MOST_ATTEMPTS:
            self._settle()

    def _settle(self) -> None:
        self._owed = None
        self.when_finished()


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
            if not await self._save_all():
                await asyncio.sleep(SAVE_EVERY_S)

    async def _save_all(self) -> bool:
        """Save every turn that has something to save; whether storage took it all."""
        scribes = tuple(self.scribes)
        results = await asyncio.gather(*(scribe.save() for scribe in scribes), return_exceptions=True)
        failures = 0
        for scribe, result in zip(scribes, results, strict=True):
            if result is None:
                continue
            if isinstance(result, ChatError):
                failures += 1
                scribe.failed()
            else:  # a bug, or something no store can hold: the other turns are not to suffer for it
                logger.error("%r cannot be saved: %s", scribe, type(result).__name__)
                self.scribes.discard(scribe)
        if failures:
            logger.warning("saving %d of %d turns failed, trying again", failures, len(results))
        return failures == 0
