"""What a sentence says: of one patient, of care, of rosters, of rules."""

from __future__ import annotations

import pytest

from chatapp.privacy.evidence import Evidence

ASPECTS = ("bedside", "tells_of_one", "measured", "aged", "person", "care", "schedule", "general")


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("K is 2.9", {"measured", "tells_of_one", "bedside", "care"}),
        ("62M", {"aged", "tells_of_one", "bedside", "person", "care"}),
        ("got apixaban", {"tells_of_one", "bedside", "care"}),
        ("bed 12", {"bedside", "care"}),
        ("my patient", {"person"}),
        ("his wife", {"person"}),
        ("biopsy", {"care"}),
        ("who swaps the night shift", {"schedule"}),
        ("our policy", {"general"}),
        ("studies in adults", {"general"}),
        ("patients", {"general"}),
        ("What is for lunch?", set()),
        ("", set()),
    ],
)
def test_a_sentence_says_what_it_says_and_no_more(text: str, aspects: set[str]) -> None:
    evidence = Evidence(text)
    assert {aspect for aspect in ASPECTS if getattr(evidence, aspect)} == aspects
