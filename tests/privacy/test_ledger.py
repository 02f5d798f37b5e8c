"""The law of the chain: whatever is done to it without the key is found, and the record it was done to is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.ports import NOTHING_YET, EgressEnd, EgressRecord, Head, Incident, LedgerEntry, SealedRecord, WrittenHead
from chatapp.privacy.ledger import Fault, Proof, Seal, entry_of, key_from_secret, key_id_of, parse_head

SEAL = Seal(b"k" * 32, "ward7")
THIEF = Seal(b"t" * 32, "ward7")
WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
TIMES = st.floats(0, 4e9)
ENTRIES = st.one_of(
    st.builds(
        EgressRecord, at=TIMES, owner=WORDS, conversation=st.none() | WORDS, turn=st.none() | WORDS, provider=WORDS,
        host=WORDS, model=WORDS, payload_bytes=st.integers(0, 2**40), payload_sha256=WORDS, decision=WORDS,
        detector=WORDS, estimated_tokens=st.integers(0, 2**40), kind=st.just("opened"),
    ),
    st.builds(
        EgressEnd, at=TIMES, owner=WORDS, conversation=st.none() | WORDS, turn=st.none() | WORDS,
        opening=st.integers(1, 2**40), ended=st.sampled_from(["completed", "failed", "stopped", "unsent"]),
        code=st.none() | WORDS, prompt_tokens=st.integers(0, 2**40), completion_tokens=st.integers(0, 2**40),
        received_bytes=st.integers(0, 2**40), kind=st.just("closed"),
    ),
    st.builds(
        Incident, at=TIMES, owner=WORDS, conversation=WORDS, turn=WORDS, requests=st.lists(WORDS).map(tuple),
        before_chain=st.integers(0, 9), kind=st.just("incident"),
    ),
)  # fmt: skip


def chain_of(entries: Sequence[LedgerEntry], seal: Seal = SEAL, after: Head = NOTHING_YET) -> list[SealedRecord]:
    links: list[SealedRecord] = []
    for entry in entries:
        links.append(seal.link(entry, links[-1].head if links else after))
    return links


CHAINS = st.lists(ENTRIES, min_size=1, max_size=8).map(chain_of)


def faults(links: Sequence[SealedRecord], written: WrittenHead | None, *known: Head) -> list[Fault]:
    heads = ([written.head] if written else []) + list(known)
    proof = Proof(SEAL.chain, SEAL, known=heads)
    proof.take(links)
    proof.end(written)
    assert (proof.state == "altered") == bool(proof.faults)
    return proof.faults


def head_of(links: Sequence[SealedRecord]) -> WrittenHead:
    return SEAL.write_head(links[-1].head if links else NOTHING_YET)


def named(found: Sequence[Fault], position: int) -> bool:
    return any(fault.first <= position <= fault.last for fault in found)


@given(st.lists(ENTRIES, max_size=8), st.data())
def test_a_chain_as_it_was_written_is_whole_wherever_its_head_lags(entries: list[Any], data: st.DataObject) -> None:
    links = chain_of(entries)
    length = data.draw(st.integers(0, len(links)))
    assert faults(links, head_of(links[:length])) == []
    assert [entry_of(link) for link in links] == entries


def another(value: Any) -> st.SearchStrategy[Any]:
    kinds = st.one_of(WORDS, TIMES, st.integers(0, 2**40), st.none(), st.binary(max_size=4))
    return kinds.filter(lambda other: other != value or type(other) is not type(value))


@given(CHAINS, st.data())
def test_an_edited_record_is_found_and_named(links: list[SealedRecord], data: st.DataObject) -> None:
    written = head_of(links)
    place = data.draw(st.integers(0, len(links) - 1))
    name = data.draw(st.sampled_from([field.name for field in fields(SealedRecord)]))
    before = getattr(links[place], name)
    changed = data.draw(another(before).filter(lambda other: (name, other) != ("at", before)))
    links[place] = replace(links[place], **{name: changed})
    assert named(faults(links, written), place + 1)


@given(CHAINS, st.data())
def test_a_record_that_was_taken_out_is_found_and_named(links: list[SealedRecord], data: st.DataObject) -> None:
    written = head_of(links)
    place = data.draw(st.integers(0, len(links) - 1))
    del links[place]
    assert named(faults(links, written), place + 1)


@given(CHAINS, st.data())
def test_taking_one_out_and_numbering_the_rest_anew_is_found(links: list[SealedRecord], data: st.DataObject) -> None:
    written = head_of(links)
    place = data.draw(st.integers(0, len(links) - 1))
    rest = [replace(link, position=link.position - 1) for link in links[place + 1 :]]
    assert named(faults([*links[:place], *rest], written), place + 1)


@given(CHAINS.filter(lambda links: len(links) > 1), st.data())
def test_records_in_another_order_are_found(links: list[SealedRecord], data: st.DataObject) -> None:
    written = head_of(links)
    shuffled = data.draw(st.permutations(links).filter(lambda order: order != links))
    renumbered = [replace(link, position=number) for number, link in enumerate(shuffled, 1)]
    moved = next(number for number, (one, other) in enumerate(zip(links, shuffled, strict=True), 1) if one != other)
    assert named(faults(shuffled, written), moved)
    assert named(faults(renumbered, written), moved)


@given(CHAINS, st.integers(1, 8))
def test_a_cut_end_is_found_with_how_much_is_gone(links: list[SealedRecord], how_many: int) -> None:
    kept = links[:-how_many]
    assert Fault("cut", len(kept) + 1, len(links)) in faults(kept, head_of(links))


@given(CHAINS, ENTRIES, st.data())
def test_a_record_that_was_put_in_is_found_and_named(
    links: list[SealedRecord], entry: Any, data: st.DataObject
) -> None:
    written = head_of(links)
    place = data.draw(st.integers(0, len(links)))
    before = links[place - 1].head if place else NOTHING_YET
    forged = replace(THIEF.link(entry, before), chain=SEAL.chain)
    rest = [replace(link, position=link.position + 1) for link in links[place:]]
    assert named(faults([*links[:place], forged, *rest], written), place + 1)
    assert named(faults([*links[:place], forged, *links[place:]], written), place + 1)


@given(CHAINS, st.lists(ENTRIES, min_size=1, max_size=8))
def test_a_chain_that_was_built_anew_even_with_the_key_is_found_by_its_head(
    links: list[SealedRecord], others: list[Any]
) -> None:
    rebuilt = chain_of(others)
    known = links[-1].head
    if rebuilt[: known.count] != links:
        assert faults(rebuilt, head_of(rebuilt), known) != []


@given(CHAINS)
def test_a_chain_under_another_key_is_not_ours(links: list[SealedRecord]) -> None:
    theirs = [replace(link, chain=SEAL.chain) for link in chain_of([entry_of(link) for link in links], THIEF)]
    assert len([fault for fault in faults(theirs, head_of(theirs)) if fault.what == "changed"]) == len(links)


@given(CHAINS)
def test_a_head_file_that_was_made_by_somebody_else_or_taken_away_is_found(links: list[SealedRecord]) -> None:
    assert faults(links[:-1], THIEF.write_head(links[-1].head))[0].what == "foreign_head"
    assert [fault.what for fault in faults(links, None)] == ["no_head"]
    assert faults([], None) == []


def test_without_its_key_a_chain_is_not_proven_but_its_links_and_its_end_are_looked_at() -> None:
    links = chain_of([Incident(1.0, "ann", "c", "t")] * 3)
    for kept, state in ((links, "unproven"), (links[:2], "altered"), ([links[0], links[2]], "altered")):
        proof = Proof(SEAL.chain, None, known=[links[-1].head])
        proof.take(kept)
        proof.end(SEAL.write_head(links[-1].head))
        assert proof.state == state


def test_a_fault_is_said_in_a_sentence() -> None:
    assert str(Fault("changed", 17, 17)) == "record 17 was changed after it was written, or put in"
    assert str(Fault("missing", 3, 3)) == "record 3 is missing"
    assert str(Fault("cut", 40, 57)) == "records 40 to 57 are missing at the end: the chain was that long once"


def test_a_broken_chain_costs_no_more_memory_the_longer_it_is() -> None:
    proof = Proof(SEAL.chain, THIEF)
    last = NOTHING_YET
    for _ in range(3000):
        link = SEAL.link(Incident(1.0, "ann", "c", "t"), last)
        proof.take([link])
        last = link.head
    assert len(proof.faults) == 1000


@pytest.mark.parametrize(
    "text", ["", "12", "12:", "x:" + "a" * 64, "12:" + "g" * 64, "12:" + "a" * 15, "1:" + "a" * 65]
)
def test_what_is_no_head_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="COUNT:HASH"):
        parse_head(text)


@given(CHAINS)
def test_a_head_that_was_written_down_whole_or_in_short_is_found_in_its_chain(links: list[SealedRecord]) -> None:
    whole, short = (parse_head(f" {link.position}:{link.hash[:length]} ".upper()) for link, length in
                    ((links[0], 64), (links[-1], 16)))  # fmt: skip
    proof = Proof(SEAL.chain, SEAL, asked=[whole, short, Head(len(links) + 1, "a" * 64)])
    proof.take(links)
    assert proof.met == {whole, short}


def test_the_key_is_not_the_secret_and_a_new_key_begins_a_new_chain() -> None:
    key = key_from_secret("secret")
    assert b"secret" not in key
    assert key != key_from_secret("Secret")
    one, other = Seal(key, "a/b"), Seal(key_from_secret("another"), "a/b")
    assert one.chain != other.chain
    assert (key_id_of(one.chain), one.chain.rpartition("/")[0]) == (one.key_id, "a/b")
    assert key.hex() not in repr(one)
