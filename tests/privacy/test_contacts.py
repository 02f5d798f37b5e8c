"""Ways to reach one person, and the lines of a workplace."""

from __future__ import annotations

import pytest

from chatapp.privacy.contacts import RULES
from tests.privacy.family import Example, Family

FAMILY = Family(RULES)
EXAMPLES: tuple[Example, ...] = (
    ("fax-label", "fax it to 415-555-0188 for the patient", "415-555-0188"),
    ("phone-shape", "her daughter is at 415-555-0132", "415-555-0132"),
    ("phone-shape", "his line is +44 7700 900123", "44 7700 900123"),
    ("phone-label", "the patient's cell is 4155550132", "4155550132"),
    ("phone-label-abroad", "电话: 13800138000", "13800138000"),
    ("mail-shape", "he wrote from j.okafor77@mailbox.org", "j.okafor77@mailbox.org"),
    ("mail-spoken", "nora dot lind at mailbox dot org", "nora dot lind at mailbox dot org"),
    ("mail-spoken", "nora [dot] lind [at] mailbox [dot] org", "nora [dot] lind [at] mailbox [dot] org"),
    (
        "page-of-record",
        "https://emr.example.org/patients/99120331/labs",
        "https://emr.example.org/patients/99120331/labs",
    ),
    ("page-of-person", "her page gofundme.com/f/help-with-chemo", "gofundme.com/f/help-with-chemo"),
    ("machine-of-person", "the patient logged in from 81.2.69.160", "81.2.69.160"),
)


@pytest.mark.parametrize(("rule", "text", "stretch"), EXAMPLES)
def test_a_way_to_reach_a_patient_is_found_whole(rule: str, text: str, stretch: str) -> None:
    assert (rule, stretch) in FAMILY.found(text)


def test_every_rule_has_its_example() -> None:
    assert {rule for rule, _, _ in EXAMPLES} == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    "text",
    [
        "Poison control is 1-800-222-1222",
        "the help desk is at 415-555-0100",
        "the duty pager is 415-555-0100",
        "mail gme.office@example.edu about the schedule",
        "mail info@stmary-hospital.org",
        "the router at 10.0.0.138",
        "127.0.0.1:8000 refused",
        "the patient portal is at 192.168.1.20",
        "https://www.cdc.gov/flu",
        "dot the i",
    ],
)
def test_a_workplaces_line_and_a_machine_in_the_house_are_left_alone(text: str) -> None:
    assert FAMILY.found(text) == set()
