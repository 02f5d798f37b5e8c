"""Names in other scripts, each with the cue of its language."""

from __future__ import annotations

import pytest

from chatapp.privacy.scripts import RULES
from tests.privacy.family import Example, Family

FAMILY = Family(RULES)
EXAMPLES: tuple[Example, ...] = (
    ("han-name-and-age", "李美玲,62岁,胸痛", "李美玲"),
    ("han-patient", "病人陈志强,发烧三天", "陈志强"),
    ("han-possession", "王小明的化验结果", "王小明"),
    ("han-address", "张伟先生血压高", "张伟"),
    ("kana-address", "田中さんは熱があります", "田中"),
    ("hangul-patient", "환자 김민수씨", "김민수"),
    ("arabic-patient", "المريض سامي الحداد يعاني", "سامي الحداد"),
    ("cyrillic-patient", "Пациент Иванов жалуется", "Иванов"),
)


@pytest.mark.parametrize(("rule", "text", "stretch"), EXAMPLES)
def test_a_name_is_found_by_the_cue_of_its_language(rule: str, text: str, stretch: str) -> None:
    assert (rule, stretch) in FAMILY.found(text)


def test_every_rule_has_its_example() -> None:
    assert {rule for rule, _, _ in EXAMPLES} == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    "text",
    [
        "二甲双胍什么时候吃",
        "患者出现高钾血症怎么处理",
        "고칼륨혈증 치료는?",
        "ما هي جرعة الباراسيتامول",
        "Как лечить пневмонию?",
        "",
    ],
)
def test_questions_that_name_nobody_are_left_alone(text: str) -> None:
    assert FAMILY.found(text) == set()
