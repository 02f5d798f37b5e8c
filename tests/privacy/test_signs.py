"""Signs right beside a name that need no weighing, and where they are none."""

from __future__ import annotations

import pytest

from chatapp.privacy.rules import Reading
from chatapp.privacy.signs import sign
from chatapp.privacy.suspects import suspects
from chatapp.privacy.tokens import tokens


def signs(text: str) -> set[str]:
    reading, found = Reading(text), tokens(text)
    return {rule for suspect in suspects(text, found) if (rule := sign(reading, found, suspect))}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Okonkwo, 54F, is npo", "name-and-age"),
        ("zqxvtt 67m afib", "name-and-age"),
        ("Okonkwo (54 yo) fell", "name-and-age"),
        ("Okonkwo in bed 12 fell", "name-and-bed"),
        ("bed 12: Okonkwo is febrile", "name-and-bed"),
        ("Okonkwo DOB 3/3/60", "name-and-birth"),
        ("Okonkwo, born in Lagos", "name-and-birth"),
        ("Okonkwo's wife asks about the admission", "name-and-kin"),
        ("Okonkwo's rash is back", "name-and-possession"),
        ("Okonkwo's last troponin was 4", "name-and-possession"),
    ],
)
def test_what_stands_right_beside_a_name_makes_it_a_patients(text: str, rule: str) -> None:
    assert rule in signs(text)


@pytest.mark.parametrize(
    "text",
    [
        "Okonkwo is late",
        "Crohn's flare",
        "Hutchinson's teeth",
        "Dr. Okonkwo, 54, retires",
        "Okonkwo in room 214 for the noon conference",
        "Okonkwo's wedding",
        "Okonkwo, MD",
    ],
)
def test_staff_rosters_and_diseases_have_no_such_sign(text: str) -> None:
    assert signs(text) == set()
