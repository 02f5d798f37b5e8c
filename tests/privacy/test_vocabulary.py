"""Which words are no names, and which may be both."""

from __future__ import annotations

import pytest

from chatapp.privacy.vocabulary import is_drug, is_known, may_be_name


@pytest.mark.parametrize(
    ("word", "known", "may"),
    [
        ("potassium", True, False),
        ("titrating", True, False),
        ("xyzzumab", True, False),
        ("the", True, False),
        ("Zielinski", False, True),
        ("Zqxvtt", False, True),
        ("Rose", True, True),
        ("May", True, True),
    ],
)
def test_a_word_is_known_or_may_be_a_name_or_both(word: str, known: bool, may: bool) -> None:
    assert (is_known(word), may_be_name(word)) == (known, may)


@pytest.mark.parametrize(
    ("word", "drug"), [("apixaban", True), ("Zosyn", True), ("xyzzumab", True), ("potatoes", False)]
)
def test_a_drug_is_known_by_its_list_or_its_ending(word: str, drug: bool) -> None:
    assert is_drug(word) == drug
