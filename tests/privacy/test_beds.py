"""Beds that stand for whoever lies there, and rooms that are only rooms."""

from __future__ import annotations

import pytest

from chatapp.privacy.beds import RULES
from tests.privacy.family import Example, Family

FAMILY = Family(RULES)
EXAMPLES: tuple[Example, ...] = (
    ("bed-and-deed", "bed 4 desatted", "bed 4"),
    ("bed-and-deed", "rm 22 wants to leave", "rm 22"),
    ("bed-in-care", "Zimmer 4 hat K 2.9", "Zimmer 4"),
    ("unit-and-deed", "trauma 2 needs a line", "trauma 2"),
    ("unit-in-care", "icu 4 is on pressors, map 60", "icu 4"),
    ("floor-in-care", "7W-12 hgb 6.8", "7W-12"),
    ("floor-and-bed", "4B-11 got his lasix", "4B-11"),
    ("floor-and-deed", "12B wants to leave", "12B"),
    ("number-and-deed", "712 wants to leave", "712"),
    ("somebody-in-bed", "the gentleman in 14 asks for more", "14"),
    ("bed-moved", "extubate 12B", "12B"),
    ("bed-in-chinese", "10床发烧", "10床"),
)


@pytest.mark.parametrize(("rule", "text", "bed"), EXAMPLES)
def test_a_bed_in_talk_of_how_somebody_is_stands_for_them(rule: str, text: str, bed: str) -> None:
    assert (rule, bed) in FAMILY.found(text)


def test_every_rule_has_its_example() -> None:
    assert {rule for rule, _, _ in EXAMPLES} == {rule.name for rule in RULES}


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
    assert FAMILY.found(text) == set()
