"""What the records add up to: every request that left with its end, and nothing that did not leave among them."""

from __future__ import annotations

from dataclasses import replace

from chatapp.ports import EgressEnd, Head, HowEnded, Incident, LedgerEntry
from chatapp.privacy.departures import Reporter, Span, totals_of
from chatapp.privacy.ledger import Seal
from tests.store.samples import NOON, egress_record

SEAL = Seal(b"k" * 32, "ward7")


def end(opening: int, ended: HowEnded = "completed", **more: int | str) -> EgressEnd:
    return replace(EgressEnd(NOON + 1, "ann", "c1", "t1", opening, ended), **more)  # type: ignore[arg-type]


def reported(*entries: LedgerEntry, span: Span = Span()) -> Reporter:  # noqa: B008 - it is frozen
    reporter = Reporter(span)
    links = [SEAL.link(entry, Head(number, "")) for number, entry in enumerate(entries)]
    reporter.take(SEAL.chain, links)
    return reporter


def test_each_request_has_its_end_whatever_came_between() -> None:
    bens = end(2, prompt_tokens=3, completion_tokens=4, received_bytes=9)
    report = reported(egress_record(), egress_record("ben"), bens, end(1, "stopped")).report
    assert [(each.record.owner, each.how, each.name) for each in report.departures] == [
        ("ann", "stopped", f"{SEAL.chain}#1"),
        ("ben", "completed", f"{SEAL.chain}#2"),
    ]
    totals = totals_of(report.departures)
    assert (totals.requests, totals.bytes, totals.estimated_tokens) == (2, 240, 60)
    assert (totals.prompt_tokens, totals.completion_tokens, totals.received_bytes) == (3, 4, 9)
    assert totals.by_place == (("anthropic at 127.0.0.1", 2),)


def test_a_request_without_an_end_is_not_closed_and_has_left() -> None:
    totals = totals_of(
        reported(egress_record(), egress_record(), end(2, "failed", code="provider_timeout")).report.departures
    )
    assert (totals.requests, totals.not_closed) == (2, 1)


def test_a_request_that_was_never_begun_has_not_left() -> None:
    (departure,) = reported(egress_record(), end(1, "unsent")).report.departures
    totals = totals_of([departure])
    assert (departure.left, totals.requests, totals.bytes, totals.unsent, totals.by_place) == (False, 0, 0, 1, ())


def test_only_what_began_in_the_time_is_reported_with_its_end_whenever_that_was() -> None:
    early, late = egress_record(), replace(egress_record(), at=NOON + 10)
    incident = Incident(NOON + 10, "ann", "c1", "t1")
    found = reported(
        early, end(1), late, incident, replace(end(3), at=NOON + 99), span=Span(NOON + 5, NOON + 20)
    ).report
    assert [(each.record.at, each.how) for each in found.departures] == [(NOON + 10, "completed")]
    assert [one for _, one in found.incidents] == [incident]
    assert reported(early, span=Span(until=NOON)).report.departures == []


def test_what_cannot_be_read_is_named_and_hides_nothing_else() -> None:
    reporter = Reporter(Span())
    links = [SEAL.link(egress_record(), Head(number, "")) for number in range(2)]
    reporter.take(SEAL.chain, [replace(links[0], entry="{"), links[1]])
    assert reporter.report.unreadable == [f"{SEAL.chain}#1"]
    assert [each.name for each in reporter.report.departures] == [f"{SEAL.chain}#2"]


def test_what_is_from_before_the_chain_is_said_to_be() -> None:
    reporter = Reporter(Span())
    reporter.take_unchained([egress_record()])
    (departure,) = reporter.report.departures
    assert (departure.name, departure.how, totals_of([departure]).not_closed) == (None, "not chained", 0)
