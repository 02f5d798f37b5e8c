"""Rules: where they are tried, and the sentence around a place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.rules import NUMBER, Reading, Rule, RuleBook

TEXT = "Dr. Lee is off. Okafor fell; K 2.9\nThanks"


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("off", "Dr. Lee is off."),
        ("Okafor", " Okafor fell;"),
        ("2.9", " K 2.9\n"),
        ("Thanks", "Thanks"),
        ("Dr", "Dr. Lee is off."),
    ],
)
def test_a_sentence_ends_at_a_full_stop_a_semicolon_or_a_line_and_not_after_a_title(word: str, sentence: str) -> None:
    start, end = Reading(TEXT).sentence(TEXT.index(word))
    assert TEXT[start:end] == sentence


@given(st.text(), st.data())
def test_every_place_has_its_sentence(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, max(0, len(text) - 1)))
    start, end = Reading(text).sentence(at)
    assert start <= at <= end
    assert at < end or not text


def test_what_stands_before_and_after_a_place_is_no_longer_than_asked_for() -> None:
    reading = Reading("abcdef")
    assert (reading.before(3, 2), reading.after(3, 2)) == ("bc", "de")
    assert (reading.before(0), reading.after(6)) == ("", "")


def found(rule: Rule, text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in RuleBook([rule]).hits(Reading(text))]


def test_a_rule_that_begins_with_a_word_is_tried_only_there() -> None:
    rule = Rule("label", "MRN", re.compile(r"(?i:mrn) (?P<it>\d+)"), starts=frozenset(["mrn"]))
    assert found(rule, "MRN 12, emrn 34, mrn 56") == ["12", "56"]


def test_a_rule_that_begins_with_a_number_is_tried_at_each() -> None:
    assert found(Rule("year", "DATE", re.compile(r"\d{4}"), starts=NUMBER), "in 2019 and 2020") == ["2019", "2020"]


def test_a_rule_is_not_tried_where_what_it_needs_is_missing() -> None:
    rule = Rule("mail", "EMAIL", re.compile(r"\w+"), needs=frozenset("@"))
    assert (found(rule, "a b"), found(rule, "a@b")) == ([], ["a", "b"])


def test_a_second_look_may_say_no() -> None:
    rule = Rule("even", "MRN", re.compile(r"\d+"), look=lambda _reading, match: int(match[0]) % 2 == 0)
    assert found(rule, "1 2 3 4") == ["2", "4"]
