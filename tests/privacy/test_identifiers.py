"""Numbers given to one person: a rule and what it finds, and the numbers of other things."""

from __future__ import annotations

import pytest

from chatapp.privacy.identifiers import RULES
from tests.privacy.family import Example, Family

FAMILY = Family(RULES)
EXAMPLES: tuple[Example, ...] = (
    ("social-masked", "SSN ***-**-9999", "***-**-9999"),
    ("record-ending", "the chart ending in 4471", "chart ending in 4471"),
    ("record-after-name", "OKAFOR 55-21-903", "55-21-903"),
    ("social-shape", "it is 219-09-9999, I think", "219-09-9999"),
    ("social-last-four", "last 4 of her social: 9931", "9931"),
    ("social-label", "soc sec 219099999", "219099999"),
    ("record-label", "MRN # is: 4471902", "4471902"),
    ("record-label", "med rec no. 55-21-903 was merged", "55-21-903"),
    ("record-label", "historia clinica 4471902", "4471902"),
    ("record-label-abroad", "病历号: 4471902", "4471902"),
    ("account-label", "acct #90041277 was billed", "90041277"),
    ("plan-label", "member ID WQP119204411", "WQP119204411"),
    ("medicare-shape", "1EG4-TE5-MK73 is hers", "1EG4-TE5-MK73"),
    ("licence-label", "driver's license D440-1192-8831", "D440-1192-8831"),
    ("vehicle-number", "VIN 1HGCM82633A004352", "1HGCM82633A004352"),
    ("vehicle-plate", "plate 7KLM204", "7KLM204"),
    ("device-serial", "pacemaker serial PJN604477H", "PJN604477H"),
    ("device-udi", "(01)00844588003288(17)141120", "(01)00844588003288(17)141120"),
    ("other-label", "accession S24-10442", "S24-10442"),
    ("number-in-care", "44719023 hgb 6.8 transfuse?", "44719023"),
)


@pytest.mark.parametrize(("rule", "text", "stretch"), EXAMPLES)
def test_a_number_of_one_person_is_found_whole(rule: str, text: str, stretch: str) -> None:
    assert (rule, stretch) in FAMILY.found(text)


def test_every_rule_has_its_example() -> None:
    assert {rule for rule, _, _ in EXAMPLES} == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    "text",
    [
        "PMID 31535829",
        "ticket 448120 is open",
        "the chart of 2024",
        "medical record review in 2024",
        "bank account 90041277 of the department",
        "serial number 771290 of the printer",
        "version 20240012",
        "the order 7741992 of 20 scopes",
        "NPI 1234567893",
        "call 911",
        "MRN: ____",
        "",
    ],
)
def test_a_number_of_anything_else_is_left_alone(text: str) -> None:
    assert FAMILY.found(text) == set()
