"""Surroundings: what is said of a suspect, and what may not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.rules import Reading
from chatapp.privacy.surroundings import Surroundings
from chatapp.privacy.suspects import suspects
from chatapp.privacy.tokens import tokens


def sayings(text: str) -> set[str]:
    """What is said of the first suspect of a text."""
    reading, found = Reading(text), tokens(text)
    return set(Surroundings(reading, found).of(suspects(text, found)[0]))


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("Zqxvtt spiked to 39", "name 1R spiked"),
        ("ask Zqxvtt again", "name 1L ask"),
        ("ask Zqxvtt again", "name LR ask again"),
        ("why did Zqxvtt go", "name 2L why did"),
        ("Zqxvtt spiked to 39", "name 1L <"),
        ("ask Zqxvtt", "name 1R >"),
        ("Did Zqxvtt eat?", "name asks True"),
        ("ZQXVTT IS HERE", "name shouts True"),
        ("Zqxvtt has a K of 2.9", "name says measured"),
        ("Zqxvtt swaps the night shift", "name says schedule"),
        ("Mei Fong is here", "name words 2"),
        ("Lombardi, Carla is here", "name comma"),
        ("T.Z. has a rash", "initials is A.A."),
    ],
)
def test_a_suspect_is_described_by_itself_and_by_what_stands_around_it(text: str, saying: str) -> None:
    assert saying in sayings(text)


def test_two_unknown_names_are_described_alike_so_that_places_are_learned_and_not_names() -> None:
    assert sayings("did Zqxvtt get his heparin") == sayings("did Xxqvtt get his heparin")


@pytest.mark.parametrize("later", ["Thanks.", "Who is on call tonight?", "Dr. Patel agrees.", "Our policy is old."])
def test_a_line_that_comes_later_is_not_heard(later: str) -> None:
    said = sayings("did Zqxvtt get his heparin?\nok")
    assert sayings(f"did Zqxvtt get his heparin?\nok\n{later}") == said


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=80))
def test_every_suspect_can_be_described(text: str) -> None:
    reading, found = Reading(text), tokens(text)
    surroundings = Surroundings(reading, found)
    assert all(surroundings.of(suspect) for suspect in suspects(text, found))
