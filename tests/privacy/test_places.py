"""Where somebody lives, and where a hospital stands."""

from __future__ import annotations

import pytest

from chatapp.privacy.places import RULES
from tests.privacy.family import Example, Family

FAMILY = Family(RULES)
EXAMPLES: tuple[Example, ...] = (
    ("street", "lives at 1420 Larkspur Lane, Apt 3B", "1420 Larkspur Lane, Apt 3B"),
    ("street-in-small-letters", "she lives at 22 baker street", "22 baker street"),
    ("number-and-way", "12 rue de la Paix", "12 rue de la Paix"),
    ("way-and-number", "vive en calle Olmo 22", "calle Olmo 22"),
    ("street-in-one-word", "wohnt in der Lindenstrasse 14", "Lindenstrasse 14"),
    ("post-box", "send it to PO Box 4471", "PO Box 4471"),
    ("apartment", "he lives upstairs in apt 4B", "apt 4B"),
    ("zip-label", "62F, zip 60614", "60614"),
    ("zip-before-label", "89502 is the patient's zip code", "89502"),
    ("zip-after-state", "his house in Reno, NV 89502", "89502"),
    ("town-of-somebody", "my patient from Fresno has valley fever", "Fresno"),
    ("town-lived-in", "he lives in Duluth", "Duluth"),
    ("town-and-state", "she came from Peoria, IL by bus", "Peoria, IL"),
)


@pytest.mark.parametrize(("rule", "text", "stretch"), EXAMPLES)
def test_where_somebody_lives_is_found(rule: str, text: str, stretch: str) -> None:
    assert (rule, stretch) in FAMILY.found(text)


def test_every_rule_has_its_example() -> None:
    assert {rule for rule, _, _ in EXAMPLES} == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    "text",
    [
        "my patient is from Mexico",
        "he lives in Texas",
        "the clinic is at 400 Parnassus Ave",
        "zip the files",
        "in 3 hours by car",
        "flights from Denver to Miami",
        "",
    ],
)
def test_states_countries_and_workplaces_are_left_alone(text: str) -> None:
    assert FAMILY.found(text) == set()
