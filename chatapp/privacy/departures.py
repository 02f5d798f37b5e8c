"""What the records of the ledger add up to: each request that left with what became of it, the incidents, the totals.

Says what the records say; whether they are as they were written is `ledger.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from chatapp.ports import EgressEnd, EgressRecord, Incident, SealedRecord
from chatapp.privacy.ledger import entry_of


@dataclass(frozen=True, slots=True)
class Departure:
    """A request that left, or was about to.

    Args:
        name: `chain#number`; None of one from before records were chained. end: None where none was written.
    """

    name: str | None
    record: EgressRecord
    end: EgressEnd | None = None

    @property
    def left(self) -> bool:
        """Whether any of it may have left: all that was not found never to have begun."""
        return self.end is None or self.end.ended != "unsent"

    @property
    def how(self) -> str:
        """How it ended, in a word or two."""
        if self.name is None:
            return "not chained"
        if self.end is None:
            return "not closed"
        return f"failed: {self.end.code}" if self.end.ended == "failed" else self.end.ended


@dataclass(frozen=True, slots=True)
class Totals:
    """Of requests that left. Tokens as the providers counted them; `estimated_tokens`: our guess before each call."""

    requests: int = 0
    bytes: int = 0
    estimated_tokens: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    received_bytes: int = 0
    not_closed: int = 0
    unsent: int = 0
    by_place: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What happened in a time, in order. `unreadable`: names of records that say nothing that can be read."""

    departures: list[Departure] = field(default_factory=list)
    incidents: list[tuple[str, Incident]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another, both in seconds since 1970; `until` is not in it any more."""

    since: float = float("-inf")
    until: float = float("inf")

    def __contains__(self, at: float) -> bool:
        return self.since <= at < self.until


class Reporter:
    """Adds records up, chain by chain. An end is added to the request it ended, whenever that was."""

    def __init__(self, span: Span) -> None:
        self.report = Report()
        self._span = span

    def take(self, chain: str, records: Iterable[SealedRecord]) -> None:
        """Add the records of one chain, in order."""
        places: dict[int, int] = {}
        report = self.report
        for record in records:
            name = f"{chain}#{record.position}"
            try:
                entry = entry_of(record)
            except ValueError:
                report.unreadable.append(name)
                continue
            match entry:
                case EgressEnd():
                    place = places.get(entry.opening)
                    if place is not None:
                        report.departures[place] = replace(report.departures[place], end=entry)
                case EgressRecord() if entry.at in self._span:
                    places[record.position] = len(report.departures)
                    report.departures.append(Departure(name, entry))
                case Incident() if entry.at in self._span:
                    report.incidents.append((name, entry))
                case _:
                    pass

    def take_unchained(self, records: Iterable[EgressRecord]) -> None:
        """Add records from before the chain."""
        self.report.departures.extend(Departure(None, record) for record in records if record.at in self._span)


def totals_of(departures: Iterable[Departure]) -> Totals:
    """Add them up."""
    all_of_them = list(departures)
    left = [each for each in all_of_them if each.left]
    ends = [each.end for each in left if each.end is not None]
    places: dict[str, int] = {}
    for each in left:
        place = f"{each.record.provider} at {each.record.host}"
        places[place] = places.get(place, 0) + 1
    return Totals(
        requests=len(left),
        bytes=sum(each.record.payload_bytes for each in left),
        estimated_tokens=sum(each.record.estimated_tokens for each in left),
        prompt_tokens=sum(end.prompt_tokens for end in ends),
        completion_tokens=sum(end.completion_tokens for end in ends),
        received_bytes=sum(end.received_bytes for end in ends),
        not_closed=sum(each.end is None and each.name is not None for each in left),
        unsent=len(all_of_them) - len(left),
        by_place=tuple(sorted(places.items())),
    )
