"""The detector: what it must find, what it must leave alone, and laws that hold for any text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.privacy.detect import DETECTOR_VERSION, detect
from tests.privacy.cases import (
    CLEAR,
    DATES_AND_PLACES,
    IDENTIFIERS,
    NAMES,
    OBFUSCATED,
    RECORDS,
)
from tests.privacy.messages import EVERYDAY, MENTIONS

PLAIN = (*IDENTIFIERS, *DATES_AND_PLACES, *RECORDS, *(("NAME", text) for text in NAMES))


def kinds(text: str) -> set[str]:
    return {finding.kind for finding in detect(text)}


@pytest.mark.parametrize(("kind", "text"), PLAIN + OBFUSCATED)
def test_an_identifier_is_found_with_its_kind(kind: str, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize("text", MENTIONS)
def test_a_mention_of_somebody_is_found(text: str) -> None:
    assert detect(text)


@pytest.mark.parametrize("text", CLEAR + EVERYDAY)
def test_what_identifies_nobody_is_clear(text: str) -> None:
    assert detect(text) == ()


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("MRN 4471902 needs a recheck", "4471902"),
        ("Mrs. Okafor is confused", "Okafor"),
        ("my patient Tomasz Zielinski has hyponatremia", "Tomasz Zielinski"),
        ("DOB 03/09/1961, colonoscopy due?", "03/09/1961"),
        ("call her daughter back at 415-555-0132", "415-555-0132"),
        ("x Mrs. S\u200bo\u200blheim y", "S\u200bo\u200blheim"),
        ("pt Wiśniewska is npo", "Wiśniewska"),
    ],
)
def test_a_finding_marks_the_identifier_in_the_text_as_written(text: str, marked: str) -> None:
    assert [text[finding.start : finding.end] for finding in detect(text)] == [marked]


def test_every_finding_names_its_rule() -> None:
    assert all(finding.rule for _, text in PLAIN for finding in detect(text))


def test_the_version_is_said() -> None:
    assert DETECTOR_VERSION


def test_a_name_known_as_staff_is_not_a_patient_elsewhere_in_the_text() -> None:
    assert detect("Dr. Zielinski rounds at 8. Zielinski was febrile himself, INR 1.0") == ()


def test_a_patient_may_have_a_doctors_name() -> None:
    assert kinds("Dr. Zielinski is off. Patient Zielinski was febrile") == {"NAME"}


@pytest.mark.parametrize("sentence", ["Thanks.", "Also list the ACGME rules.", "What is the dose of aspirin?"])
@pytest.mark.parametrize(("kind", "text"), PLAIN)
def test_a_clear_sentence_after_it_hides_no_identifier(kind: str, text: str, sentence: str) -> None:
    assert kind in kinds(f"{text}\n{sentence}")


def zero_width(text: str) -> str:
    return "\u200b".join(text)


def wide_digits(text: str) -> str:
    return text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


def long_dashes(text: str) -> str:
    return text.replace("-", "\u2011")


def upper_case(text: str) -> str:
    return text.upper()


HIDES: tuple[Callable[[str], str], ...] = (zero_width, wide_digits, long_dashes)


@pytest.mark.parametrize("hide", HIDES)
@pytest.mark.parametrize(("kind", "text"), PLAIN)
def test_an_identifier_is_found_however_it_is_dressed(kind: str, text: str, hide: Callable[[str], str]) -> None:
    assert kind in kinds(hide(text))


@pytest.mark.parametrize(("kind", "text"), IDENTIFIERS)
def test_a_number_is_found_in_capitals(kind: str, text: str) -> None:
    assert kind in kinds(upper_case(text))


@given(st.text())
def test_any_text_has_findings_that_are_sorted_disjoint_and_inside(text: str) -> None:
    assert_sound(text)


@given(
    st.lists(st.sampled_from([*(text for _, text in PLAIN + OBFUSCATED), *CLEAR]), max_size=4).map("\n".join), st.data()
)
@settings(max_examples=60)
def test_mixtures_have_findings_that_are_sorted_disjoint_and_inside(text: str, data: st.DataObject) -> None:
    assert_sound(text[data.draw(st.integers(0, len(text))) :])


def assert_sound(text: str) -> None:
    end = 0
    for finding in detect(text):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


@pytest.mark.parametrize("text", ["\ud800", "\x00", "Mrs. \udfff Okafor", "MRN \x004471902", "𝕸rs. \ud800"])
def test_broken_text_never_raises(text: str) -> None:
    assert_sound(text)


REPETITIVE = (
    *(
        "1",
        "a.",
        " ",
        "\n",
        "a ",
        "1 ",
        "1-",
        "1.",
        "A",
        "Aa ",
        "Zqx ",
        "one ",
        "\u200b",
        "а",
        "王",
        "é",
        "mrn ",
        "mrn 1 ",
        "ms zqx ",
    ),
    *(
        "patient ",
        "1/2 ",
        "a@",
        "http://",
        '{"a":"',
        "PID|",
        "mrn,b\n",
        "a dot ",
        "12 Aa ",
        "%41",
        "zqx 1F ",
        "(01)",
        "May ",
        "9 May ",
    ),
    *("fax ", "phone 1", "Zqx K 2 ", "Zqx's ", "病人王", "المريض ", "in 9 ", "his on ", "&#1;", "\\u0041"),
)


@pytest.mark.parametrize("piece", REPETITIVE)
def test_long_repetitive_text_is_read_in_one_go(piece: str) -> None:
    assert_sound(piece * (100_000 // len(piece)))
