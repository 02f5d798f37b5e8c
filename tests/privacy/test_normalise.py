"""Folding: what a detector sees, and the way back to what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.normalise import normalise


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("plain text stays", "plain text stays"),
        ("", ""),
        ("S\u200bo\u200bl\u200bh\u00ade\u2060im", "Solheim"),
        ("４４７１", "4471"),
        ("٤٤٧١", "4471"),
        ("𝟒𝟒𝟕𝟏", "4471"),
        ("Ｓｏｌｈｅｉｍ", "Solheim"),
        ("Wiśniewska Østergård Müller", "Wisniewska Ostergard Muller"),
        ("Wis\u0301niewska", "Wisniewska"),
        ("415–555–0132", "415-555-0132"),
        ("Solheim’s “K”", 'Solheim\'s "K"'),
        ("病人，历", "病人,历"),
        ("\U000e0070\U000e0074", "pt"),
    ],
)
def test_single_characters_become_those_of_a_keyboard(written: str, seen: str) -> None:
    assert normalise(written).text == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Sоlhеim", "Solheim"),  # Cyrillic о and е
        ("Ρatient", "Patient"),  # Greek Ρ
        ("Сок", "Сок"),  # a word of one script is left alone
        ("пациент", "пациент"),
    ],
)
def test_look_alikes_are_folded_in_words_of_two_scripts_only(written: str, seen: str) -> None:
    assert normalise(written).text == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("S o l h e i m is here", "Solheim is here"),
        ("S.o.l.h.e.i.m", "Solheim"),
        ("5 3 6 - 4 2 - 1 4 3 0", "536421430"),
        ("a b", "a b"),
        ("q.i.d. and p.r.n.", "q.i.d. and p.r.n."),
    ],
)
def test_what_is_spaced_out_is_joined(written: str, seen: str) -> None:
    assert normalise(written).text == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("mrn four four seven one", "mrn 4471"),
        ("five six double five", "5655"),
        ("one oh two three", "1023"),
        ("cuatro cuatro siete uno", "4471"),
        ("two or three of four", "two or three of four"),
    ],
)
def test_four_or_more_digits_in_words_become_digits(written: str, seen: str) -> None:
    assert normalise(written).text == seen


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("mrn%204471902", "mrn 4471902"),
        ("50% of 20%", "50% of 20%"),
        (r"\u0070\u0074", "pt"),
        (r"\x70\x74", "pt"),
        ("&#112;t &amp; mrn", "pt & mrn"),
        ("bXJuIDQ0NzE5MDIgcG90YXNzaXVtIDIuOQ==", "mrn 4471902 potassium 2.9"),
        ("6d726e2034343731393032206f6b", "mrn 4471902 ok"),
        ("YlhKdUlEUTBOekU1TURJZ2NHOTBZWE56YVhWdElESXVPUT09", "mrn 4471902 potassium 2.9"),
        ("4f2a9c81d0e3b7a6c5d4e3f2a1b0c9d8e7f6a5b4", "4f2a9c81d0e3b7a6c5d4e3f2a1b0c9d8e7f6a5b4"),
    ],
)
def test_escapes_and_encodings_that_hold_text_are_opened(written: str, seen: str) -> None:
    assert normalise(written).text == seen


def test_the_way_back_covers_what_was_folded_away() -> None:
    written = "x S\u200bo\u200bl y"
    folded = normalise(written)
    start = folded.text.index("Sol")
    assert written[slice(*folded.back(start, start + 3))] == "S\u200bo\u200bl"


def test_the_way_back_of_decoded_text_is_the_whole_run() -> None:
    written = "x mrn%20%34%34%37%31 y"
    folded = normalise(written)
    start = folded.text.index("4471")
    assert written[slice(*folded.back(start, start + 4))] == "%20%34%34%37%31"


@given(st.text())
def test_any_text_is_folded_and_leads_back_into_itself(text: str) -> None:
    folded = normalise(text)
    assert len(folded.starts) == len(folded.stops) == len(folded.text)
    for at in range(len(folded.text)):
        start, stop = folded.back(at, at + 1)
        assert 0 <= start < stop <= len(text)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["P", "S", "N"])))
def test_places_never_run_backwards(text: str) -> None:
    folded = normalise(text)
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.stops) == sorted(folded.stops)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\x00", "%ff%fe", r"\ud83d", "&#9999999;", "=" * 40, "%C3%28"])
def test_broken_text_never_raises(text: str) -> None:
    normalise(text)
