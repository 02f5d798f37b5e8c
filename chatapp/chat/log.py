"""A turn's events with their numbers: append once, read by many, each at its own pace; and their form in the store.

An event's `seq` is its place, from 1. Readers are woken, never waited for: one that falls behind gets the missed
deltas merged. Who decides what is said is `turn.py`; the wire form is `web/frames.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final

from pydantic import TypeAdapter

from chatapp.events import Delta, Done, Error, Event, Thinking
from chatapp.ports import LogRow

EVENTS: Final[TypeAdapter[Event]] = TypeAdapter(Event)
_RUNS: Final[TypeAdapter[tuple[str, list[int]]]] = TypeAdapter(tuple[str, list[int]])
_BYTES_PER_EVENT = 120
"""What an event costs in memory beside its text."""


class LetGo(LookupError):
    """Events that are no longer in memory; the store has them."""


Numbered = tuple[int, int, Event]
"""First and last seq, and the event; a run of deltas is one `Delta` that stands for several."""


class TurnLog:
    """The log of one turn, live or read back.

    Args:
        keep_bytes: beyond this much in memory, events that are stored are let go; readers that far behind read the
            store (`base` is the number of events let go).
    """

    def __init__(self, turn: str, conversation: str, owner: str, *, keep_bytes: int = 8_388_608) -> None:
        self.turn = turn
        self.conversation = conversation
        self.owner = owner
        self.base = 0
        self.saved = 0
        self.ended = False
        self.watchers: set[Callable[[], None]] = set()
        self._events: list[Event] = []
        self._keep_bytes = keep_bytes
        self._bytes = 0

    def __repr__(self) -> str:
        return f"<TurnLog {self.turn}: {self.seq} events, {self.saved} saved{', ended' if self.ended else ''}>"

    @property
    def seq(self) -> int:
        """The number of the newest event; 0 while there is none."""
        return self.base + len(self._events)

    def add(self, event: Event) -> None:
        """Append an event and wake the readers. Deltas are told apart by nothing but their place."""
        self._events.append(event)
        if isinstance(event, Delta | Thinking):
            self._bytes += len(event.text) + _BYTES_PER_EVENT
        elif isinstance(event, Done | Error):
            self.ended = True
        for wake in self.watchers:
            wake()

    def read(self, after: int, until: int | None = None) -> Iterator[Numbered]:
        """Everything beyond `after`, up to `until`; runs of deltas merged.

        Raises:
            LetGo: `after` is below `base`.
        """
        self._require(after)
        if after == self.seq - 1 and until != after:  # a reader that keeps up: nothing to merge
            return iter(((after + 1, after + 1, self._events[-1]),))
        end = None if until is None else until - self.base
        return _merged(self._events[after - self.base : end], after)

    def events_after(self, after: int) -> list[Event]:
        """Everything beyond `after`, each event by itself.

        Raises:
            LetGo: `after` is below `base`.
        """
        self._require(after)
        return self._events[after - self.base :]

    def _require(self, after: int) -> None:
        if after < self.base:
            raise LetGo

    def unsaved(self) -> list[LogRow]:
        """Rows for what is not stored yet."""
        return rows_of(self.turn, self._events[self.saved - self.base :], self.saved)

    def mark_saved(self, seq: int) -> None:
        """Say that everything up to `seq` is stored; lets it go where memory asks for it."""
        self.saved = max(self.saved, seq)
        if self._bytes > self._keep_bytes:
            del self._events[: self.saved - self.base]
            self.base = self.saved
            self._bytes = 0

    @classmethod
    def restored(cls, turn: str, conversation: str, owner: str, rows: Sequence[LogRow]) -> TurnLog:
        """A log read back from the store, every event with its own number again."""
        log = cls(turn, conversation, owner)
        for row in rows:
            for event in events_of(row):
                log.add(event)
        log.saved = log.seq
        return log


def rows_of(turn: str, events: Sequence[Event], after: int) -> list[LogRow]:
    """Store form of consecutive events whose first has the seq `after` + 1: a run of deltas is one row."""
    rows: list[LogRow] = []
    seq = after
    for kind, group in groupby(events, key=type):
        run = list(group)
        if issubclass(kind, Delta | Thinking):
            texts = [event.text for event in run if isinstance(event, Delta | Thinking)]
            payload = _RUNS.dump_json(("".join(texts), [len(text) for text in texts])).decode()
            rows.append(LogRow(turn, seq + 1, seq + len(run), run[0].type, payload))
        else:
            singles = enumerate(run, seq + 1)
            rows += [LogRow(turn, at, at, event.type, EVENTS.dump_json(event).decode()) for at, event in singles]
        seq += len(run)
    return rows


def events_of(row: LogRow) -> list[Event]:
    """The events a row stands for, one for each number from `first` to `seq`."""
    if row.type not in ("delta", "thinking"):
        return [EVENTS.validate_json(row.payload)]
    make = Delta if row.type == "delta" else Thinking
    text, lengths = _RUNS.validate_json(row.payload)
    events: list[Event] = []
    start = 0
    for length in lengths:
        events.append(make(text[start : start + length]))
        start += length
    return events


def _merged(events: Sequence[Event], after: int) -> Iterator[Numbered]:
    seq = after
    for kind, group in groupby(events, key=type):
        run = list(group)
        if issubclass(kind, Delta | Thinking):
            texts = [event.text for event in run if isinstance(event, Delta | Thinking)]
            yield seq + 1, seq + len(run), kind("".join(texts))
        else:
            for at, event in enumerate(run, seq + 1):
                yield at, at, event
        seq += len(run)
