"""How far a name goes, and whose it is."""

from __future__ import annotations

import pytest

from chatapp.privacy.names import Trust, could_be_small_name, is_staff, name_end
from chatapp.privacy.rules import Reading


@pytest.mark.parametrize(
    ("text", "trust", "name"),
    [
        ("Okafor is confused", "sure", "Okafor"),
        ("Fern has a K of 2.8", "sure", "Fern"),
        ("Maria de la Cruz was seen", "likely", "Maria de la Cruz"),
        ("Achterberg, Joost", "likely", "Achterberg, Joost"),
        ("J. Okafor", "likely", ""),
        ("nakagawa is npo", "likely", "nakagawa"),
        ("nakagawa whatever npo", "likely", ""),
        ("thibodeaux whatever", "sure", "thibodeaux"),
        ("is confused", "sure", ""),
        ("CT is clear", "likely", ""),
        ("", "sure", ""),
    ],
)
def test_a_name_goes_as_far_as_its_words_do(text: str, trust: Trust, name: str) -> None:
    assert text[: name_end(text, 0, trust)] == name


@pytest.mark.parametrize(
    ("word", "could"),
    [("nakagawa", True), ("zqxvtt", True), ("potassium", False), ("doe", False), ("ab", False), ("Nakagawa", False)],
)
def test_a_word_in_small_letters_could_be_a_name_if_it_is_no_other(word: str, could: bool) -> None:
    assert could_be_small_name(word) == could


@pytest.mark.parametrize(
    ("text", "staff"),
    [
        ("Dr. Okafor", True),
        ("attending Okafor", True),
        ("PGY-2 Okafor", True),
        ("Okafor, MD", True),
        ("Okafor (PGY2)", True),
        ("Okafor is on call", True),
        ("Okafor covers the ICU", True),
        ("Okafor et al", True),
        ("Okafor is on bipap", False),
        ("pt Okafor", False),
        ("Okafor", False),
    ],
)
def test_a_name_is_staffs_where_it_is_given_as_that(text: str, staff: bool) -> None:
    start = text.index("Okafor")
    assert is_staff(Reading(text), start, start + len("Okafor")) == staff
