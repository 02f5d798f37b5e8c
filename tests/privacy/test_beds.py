"""Beds that stand for whoever lies there, and rooms that are only rooms."""

from __future__ import annotations

import pytest

from chatapp.privacy.beds import RULES
from chatapp.privacy.rules import Reading, RuleBook

BOOK = RuleBook(RULES)


def found(text: str) -> set[str]:
    return {text[hit.start : hit.end] for hit in BOOK.hits(Reading(text))}


@pytest.mark.parametrize(
    ("text", "bed"),
    [
        ("bed 4 desatted", "bed 4"),
        ("rm 22 wants to leave", "rm 22"),
        ("Room 12 is febrile", "Room 12"),
        ("icu 4 is on pressors, map 60", "icu 4"),
        ("extubate 12B", "12B"),
        ("7W-12 hgb 6.8", "7W-12"),
        ("Zimmer 4 hat K 2.9", "Zimmer 4"),
        ("10床发烧", "10床"),
    ],
)
def test_a_bed_in_talk_of_how_somebody_is_stands_for_them(text: str, bed: str) -> None:
    assert bed in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "room 214 is booked",
        "the meeting is in room 12",
        "bed 4",
        "the projector in room 4 keeps flickering",
        "the call room 3 lock is broken",
        "10床位",
        "room 2024",
        "how many beds has an ICU",
    ],
)
def test_a_room_as_a_room_is_nobodys(text: str) -> None:
    assert found(text) == set()
