"""Suspects: what is to be weighed at all, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.suspects import may_be_name, suspects
from chatapp.privacy.tokens import tokens


def found(text: str) -> list[tuple[str, str]]:
    return [(suspect.sort, text[suspect.start : suspect.end]) for suspect in suspects(text, tokens(text))]


@pytest.mark.parametrize(
    ("text", "sort", "stretch"),
    [
        ("Mei Fong is here", "name", "Mei Fong"),
        ("Lombardi, C is here", "name", "Lombardi, C"),
        ("abu bakr is npo", "name", "abu bakr"),
        ("ask zqxvtt again", "name", "zqxvtt"),
        ("Maria de la Cruz is here", "name", "Maria de la Cruz"),
        ("T.Z. has a rash", "initials", "T.Z."),
        ("seen 12/05/2024 again", "date", "12/05/2024"),
        ("back on June 3 again", "date", "June 3"),
        ("reach 415-555-0132 at noon", "phone", "415-555-0132"),
        ("for 44719023 tonight", "number", "44719023"),
        ("for AB1234567 tonight", "number", "AB1234567"),
        ("in bed 4 again", "bed", "bed 4"),
        ("up in 7W again", "bed", "7W"),
        ("she is 94 and well", "age", "94"),
    ],
)
def test_what_may_be_an_identifier_is_suspected_whole(text: str, sort: str, stretch: str) -> None:
    assert (sort, stretch) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "the patient is well",
        "how do I titrate the heparin drip",
        "Bell's palsy",
        "claude-sonnet-5",
        "reach 1-800-222-1222",
        "PMID 31535829",
        "ticket 448120",
        "temp 94.5",
        "12-16 hours",
        "2019-2024",
        "",
    ],
)
def test_what_identifies_nobody_is_not_even_weighed(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("word", "may"),
    [
        ("Zqxvtt", True),
        ("zqxvtt", True),
        ("nguyen", True),
        ("May", True),
        ("the", False),
        ("heparin", False),
        ("K", False),
    ],
)
def test_a_word_may_be_a_name_unless_it_is_known_to_be_none(word: str, may: bool) -> None:
    assert may_be_name(tokens(word)[0].word) == may


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_suspects_are_in_order_disjoint_and_inside(text: str) -> None:
    end = 0
    for suspect in suspects(text, tokens(text)):
        assert end <= suspect.start < suspect.end <= len(text)
        assert suspect.first < suspect.after
        end = suspect.end
