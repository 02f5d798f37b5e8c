"""Tokens: where a text is cut, and what each piece is known as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.tokens import (
    NAME,
    family_of,
    is_medical_by_ending,
    is_slip,
    number_shape,
    stems,
    tokens,
    traits_of,
)


def only(text: str) -> tuple[str, str]:
    (token,) = tokens(text)
    return token.word.known, token.word.shape


def test_a_text_is_cut_into_words_numbers_marks_and_breaks() -> None:
    assert [(token.word.text, token.word.sort) for token in tokens("Cho's K: 2.9\n\nAl-Khalil")] == [
        ("Cho", "word"),
        ("'s", "word"),
        ("K", "word"),
        (":", "mark"),
        ("2.9", "number"),
        ("\n", "break"),
        ("Al-Khalil", "word"),
    ]


@pytest.mark.parametrize(
    ("word", "known", "shape"),
    [
        ("the", "common", "x"),
        ("titrating", "medical", "x"),
        ("McNeil", "unknown", "Xx"),
        ("O'Dea", "unknown", "Xx"),
        ("NmU", "unknown", "xX"),
        ("zqxvtt", "unknown", "x"),
        ("K", "unknown", "X"),
        ("xyzzumab", "ending", "x"),
    ],
)
def test_a_word_is_known_as_what_it_is(word: str, known: str, shape: str) -> None:
    assert only(word) == (known, shape)


@pytest.mark.parametrize(
    ("number", "shape"), [("7", "0"), ("3.5", "0.0"), ("12/05", "00/00"), ("4471902", "7d"), ("415-555-0132", "10d-")]
)
def test_a_number_is_known_by_its_shape_and_not_by_its_value(number: str, shape: str) -> None:
    assert number_shape(number) == shape
    assert tokens(number)[0].word.context == shape


def test_an_unknown_word_says_nothing_of_itself_to_its_neighbours() -> None:
    assert {tokens(word)[0].word.context for word in ("Zqxvtt", "Qzzvrr", "Xxqvzz")} == {"~unknown^"}


@pytest.mark.parametrize(
    ("form", "stem"),
    [("titrating", "titrate"), ("stopped", "stop"), ("labs", "lab"), ("biopsies", "biopsy"), ("he's", "he's")],
)
def test_a_form_of_a_word_leads_to_it(form: str, stem: str) -> None:
    assert stem in [form, *stems(form)]


def test_a_double_name_is_a_name() -> None:
    assert traits_of("lopez-garcia") & NAME


@pytest.mark.parametrize(("word", "family"), [("troponin", "labtest"), ("desatted", "careverb"), ("zqxvtt", "")])
def test_a_word_has_its_family_in_any_form(word: str, family: str) -> None:
    assert family_of(word) == family


@pytest.mark.parametrize("word", ["xyzzumab", "xyzzitis", "xyzzectomy", "xyzzpril"])
def test_only_medicine_makes_such_words(word: str) -> None:
    assert is_medical_by_ending(word)


@pytest.mark.parametrize(
    ("word", "slip"), [("pnuemonia", True), ("ptatient", True), ("zielinski", False), ("ab", False)]
)
def test_a_slip_of_the_pen_is_a_known_word_all_but(word: str, slip: bool) -> None:
    assert is_slip(word) == slip


def test_no_word_is_too_long_to_be_asked_about() -> None:
    assert not is_slip("ab" * 50_000)


@given(st.text())
def test_tokens_are_in_order_and_what_the_text_says_there(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        assert not text[end : token.start].strip() or token.start == end
        end = token.end
