"""The detector: what it must find, what it must leave alone, how often it may be wrong where it weighs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from chatapp.privacy.detect import DETECTOR_VERSION, Detector, detect
from chatapp.privacy.site_list import make
from tests.privacy.cases import ANNOUNCED, BARE, CLEAR, DATES_AND_PLACES, IDENTIFIERS, OBFUSCATED, RECORDS
from tests.privacy.messages import EVERYDAY, MENTIONS

GUARANTEED = (*IDENTIFIERS, *DATES_AND_PLACES, *RECORDS, *OBFUSCATED, *(("NAME", text) for text in ANNOUNCED))
FOUND_AT_LEAST = 0.97
"""Of messages that only their words give away. The held-out figures stand in docs/privacy.md."""
KEPT_AT_MOST = 0.10
"""Of messages that tell of nobody, with every trap in them that anybody thought of: on a ward it is far fewer."""


def kinds(text: str) -> set[str]:
    return {finding.kind for finding in detect(text)}


def found(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if detect(text)]


@pytest.mark.parametrize(("kind", "text"), GUARANTEED)
def test_what_a_rule_guarantees_is_found_with_its_kind(kind: str, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize("messages", [MENTIONS, BARE], ids=["mentions", "bare names"])
def test_nearly_every_mention_of_somebody_is_found(messages: Sequence[str]) -> None:
    missed = [text for text in messages if not detect(text)]
    assert len(missed) <= (1 - FOUND_AT_LEAST) * len(messages), missed


def test_few_messages_that_tell_of_nobody_are_kept() -> None:
    kept = found(CLEAR + EVERYDAY)
    assert len(kept) <= KEPT_AT_MOST * len(CLEAR + EVERYDAY), kept


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
    assert all(finding.rule for _, text in GUARANTEED for finding in detect(text))


def test_a_patient_may_have_a_doctors_name() -> None:
    assert kinds("Dr. Zielinski is off. Patient Zielinski was febrile") == {"NAME"}


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Singh covers the ICU on 3/14",
        "Lee is on call tonight, who is backup?",
        "Dr. Osei trades Tuesday with Dr. Marin",
        "farewell speech for our chief resident Amara Diallo",
    ],
)
def test_staff_on_a_roster_is_clear_unless_every_name_stays(text: str) -> None:
    assert detect(text) == ()
    assert {finding.kind for finding in Detector(every_name=True)(text)} == {"NAME"}


@pytest.mark.parametrize(
    "text", ["62M with COPD, what is the next step?", "She has a K of 2.9 on furosemide, how do I replete?"]
)
def test_a_statement_about_one_patient_stays_where_the_site_is_strict(text: str) -> None:
    assert detect(text) == ()
    assert {finding.kind for finding in Detector(strict=True)(text)} == {"STATEMENT"}


@pytest.mark.parametrize("text", ["What is the dose of aspirin?", "Who covers the ICU?", ""])
def test_what_is_about_nobody_is_clear_however_strict(text: str) -> None:
    assert Detector(strict=True)(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Grabowski desatted to 81, start\nOyelaran fell again, what next",
        "who do I call, nurse\nMrs. Whitfield fell, hip fx, npo p MN",
        "Whitfield desatted, call\nthanks",
    ],
)
def test_a_comma_makes_no_roster_of_what_is_said_of_patients(text: str) -> None:
    assert detect(text)


def test_the_version_says_how_the_detector_was_set() -> None:
    listed = make(["Okonkwo"], b"salt")
    set_otherwise = [
        Detector(strict=True),
        Detector(every_name=True),
        Detector(site_list=listed),
        Detector(site_list=make(["Adeyemi"], b"salt")),
        Detector(True, True, listed),
    ]
    assert detect.version == DETECTOR_VERSION
    assert len({detect.version, *(detector.version for detector in set_otherwise)}) == 6
