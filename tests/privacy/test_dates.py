"""Dates that belong to one person and ages over 89; rosters, rules and groups have other ones."""

from __future__ import annotations

import pytest

from chatapp.privacy.dates import RULES
from tests.privacy.family import Example, Family

FAMILY = Family(RULES)
EXAMPLES: tuple[Example, ...] = (
    ("birth-label", "DOB 03/09/1961", "03/09/1961"),
    ("birth-label", "born on March 9, 1961, now with chest pain", "March 9, 1961"),
    ("birth-label", "geb. 9.3.1961", "9.3.1961"),
    ("birth-label", "birthdate 19610309", "19610309"),
    ("birth-label-abroad", "出生日期: 1961-03-09", "1961-03-09"),
    ("date-of-patient", "she was admitted on 3/14/2025", "3/14/2025"),
    ("date-of-patient", "58F s/p TKA 12 Feb 2025", "12 Feb 2025"),
    ("month-of-patient", "he was seen in June 2024", "June 2024"),
    ("day-of-patient", "she was discharged on 3/14", "3/14"),
    ("age-years", "91 yo with a hip fracture", "91 yo"),
    ("age-and-sex", "94M with chest pain", "94M"),
    ("age-label", "she is 97 and lives alone", "97"),
    ("age-in-words", "a ninety-three year old man", "ninety-three year old"),
    ("age-in-words-alone", "she is ninety-three", "ninety-three"),
    ("age-group-of-one", "our centenarian is febrile", "centenarian"),
)


@pytest.mark.parametrize(("rule", "text", "stretch"), EXAMPLES)
def test_a_date_or_an_age_of_one_person_is_found(rule: str, text: str, stretch: str) -> None:
    assert (rule, stretch) in FAMILY.found(text)


def test_every_rule_has_its_example() -> None:
    assert {rule for rule, _, _ in EXAMPLES} == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Singh covers the ICU on 3/14/2025",
        "From 5/1/2026 the parking policy changes",
        "the patient was seen in 2019 for gout",
        "Lincoln was born on February 12, 1809",
        "62M with COPD",
        "Patients aged 90 and older",
        "is it done in 92 year old patients?",
        "temp 98F and a heart rate of 95",
        "BP 95/60 after 2 L",
        "3/4 of the dose",
        "over 90 years of age",
        "DOB: ____",
    ],
)
def test_dates_of_rosters_and_rules_and_ages_of_groups_are_left_alone(text: str) -> None:
    assert FAMILY.found(text) == set()
