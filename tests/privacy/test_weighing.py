"""Weighing: the weights that can be read, and what they make of a suspect."""

from __future__ import annotations

import pytest

from chatapp.privacy.rules import Reading
from chatapp.privacy.weighing import WEIGHTS, hits, weights


def found(text: str, *, every_name: bool = False) -> list[tuple[str, str, str]]:
    return [(text[hit.start : hit.end], hit.kind, hit.rule) for hit in hits(Reading(text), every_name=every_name)]


@pytest.mark.parametrize(
    ("text", "stretch", "kind"),
    [
        ("Zielinski failed his swallow study", "Zielinski", "NAME"),
        ("did okonkwo get his heparin", "okonkwo", "NAME"),
        ("Adeyemi is febrile again, lactate 4.1", "Adeyemi", "NAME"),
    ],
)
def test_a_name_that_its_words_speak_against_is_found(text: str, stretch: str, kind: str) -> None:
    assert (stretch, kind) in [(where, what) for where, what, _ in found(text)]


@pytest.mark.parametrize(
    "text", ["What is the dose of aspirin?", "Lee is on call tonight", "Explain Virchow's triad", ""]
)
def test_what_its_words_speak_for_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_every_name_stays_where_the_site_says_so() -> None:
    assert found("Lee is on call tonight", every_name=True) == [("Lee", "NAME", "every-name")]


def test_a_word_that_is_no_name_stays_nowhere() -> None:
    assert found("The Heparin drip runs in the ICU", every_name=True) == []


def test_the_weights_can_be_read_and_have_a_base() -> None:
    assert "" in weights()
    assert len(WEIGHTS.read_text(encoding="utf-8").splitlines()) > 1000
    assert all(isinstance(weight, float | int) for weight in weights().values())


def test_what_is_known_of_medicine_speaks_for_a_patient_and_rosters_against_one() -> None:
    assert weights().get("name says bedside", 0.0) > weights().get("name says schedule", 0.0)
