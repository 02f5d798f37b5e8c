"""The lexicon: which lists a word is on, and how it is packed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.lexicon import FAMILIES, LEXICON, Entry, Lexicon, Trait, looks_like_name, packed, trigrams

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12)


@pytest.mark.parametrize(
    ("word", "trait"),
    [
        ("the", Trait.COMMON),
        ("apixaban", Trait.DRUG),
        ("hemoglobin", Trait.MEDICAL),
        ("solheim", Trait.LAST),
        ("maria", Trait.FIRST),
        ("nguyen", Trait.FAMILIAR),
        ("fresno", Trait.PLACE),
        ("texas", Trait.WIDE),
        ("parkinson", Trait.EPONYM),
        ("may", Trait.BOTH),
    ],
)
def test_a_word_is_on_its_list(word: str, trait: Trait) -> None:
    assert LEXICON.traits(word) & trait


@pytest.mark.parametrize("word", ["zqxvtt", "", "The", "qqqqqq"])
def test_an_unknown_word_is_on_none(word: str) -> None:
    assert LEXICON.entry(word) == Entry(0, 0)


@pytest.mark.parametrize(("word", "family"), [("apixaban", "drug"), ("hemoglobin", "labtest"), ("rash", "symptom")])
def test_a_word_says_what_it_is_about(word: str, family: str) -> None:
    assert FAMILIES[LEXICON.entry(word).family - 1] == family


def test_it_holds_hundreds_of_thousands_of_words() -> None:
    assert len(LEXICON) > 400_000


@given(st.dictionaries(WORDS, st.builds(Entry, st.integers(1, 8191), st.integers(0, len(FAMILIES))), max_size=40))
def test_what_is_packed_is_found_again(words: dict[str, Entry]) -> None:
    lexicon = Lexicon(packed(words))
    assert len(lexicon) == len(words)
    assert {word: lexicon.entry(word) for word in words} == words


def test_an_empty_lexicon_knows_nothing() -> None:
    assert Lexicon(packed({})).traits("word") == 0


def test_three_letters_in_a_row_have_the_words_edges() -> None:
    assert trigrams("kim") == ["^ki", "kim", "im$"]


def test_names_look_more_like_names_than_other_words_do() -> None:
    names = sum(map(looks_like_name, ("zielinski", "okafor", "nakamura", "gonzalez", "haddad"))) / 5
    others = sum(map(looks_like_name, ("lisinopril", "thickness", "transfusion", "scheduling", "although"))) / 5
    assert names > 0 > others


@given(st.text(min_size=1))
def test_any_word_can_be_asked_for(word: str) -> None:
    assert looks_like_name(word) == pytest.approx(looks_like_name(word))
    if word.isascii():
        assert LEXICON.entry(word).traits >= 0
