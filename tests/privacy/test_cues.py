"""Names that something announces, and words that only look announced."""

from __future__ import annotations

import pytest

from chatapp.privacy.cues import CUES
from tests.privacy.family import Example, Family

FAMILY = Family(CUES)
EXAMPLES: tuple[Example, ...] = (
    ("title", "Mrs. Okafor is confused", "Okafor"),
    ("title", "Herr Achterberg hat Fieber", "Achterberg"),
    ("title-or-word", "Miss Achebe is 24 weeks pregnant", "Achebe"),
    ("title-in-small-letters", "mr thibodeaux needs a sitter", "thibodeaux"),
    ("title-and-initial", "Mr. K, febrile again", "K"),
    ("patient", "patient Adeyemi wants to leave", "Adeyemi"),
    ("patient", "my patient Tomasz Zielinski has hyponatremia", "Tomasz Zielinski"),
    ("patient", "pt nakagawa is npo", "nakagawa"),
    ("patient-abroad", "患者 Tanaka", "Tanaka"),
    ("relative", "spoke with his wife Rosalind about hospice", "Rosalind"),
    ("named", "a patient named Zielinski has a fever", "Zielinski"),
    ("label", "Name: Achterberg, Joost", "Achterberg, Joost"),
    ("case-conference", "M&M case: Zielinski", "Zielinski"),
    ("about-a-patient", "HPI for Ingrid Solheim", "Ingrid Solheim"),
    ("clinical-document", "summary for Ingrid Solheim", "Ingrid Solheim"),
    ("who-is", "Who is Omid Karimi?", "Omid Karimi"),
    ("letter", "letter to Tomasz Zielinski about his biopsy", "Tomasz Zielinski"),
)


@pytest.mark.parametrize(("rule", "text", "stretch"), EXAMPLES)
def test_an_announced_name_is_found_whole(rule: str, text: str, stretch: str) -> None:
    assert (rule, stretch) in FAMILY.found(text)


def test_every_cue_has_its_example() -> None:
    assert {rule for rule, _, _ in EXAMPLES} == {cue.name for cue in CUES}


@pytest.mark.parametrize(
    "text",
    [
        "the patient is well",
        "patient safety and flow",
        "Patient: ____",
        "patient [NAME]",
        "Dr. Patel is on call",
        "letter of recommendation for Priya Patel, PGY-2",
        "const patient = await fetch(url)",
        "my daughter Emma has a recital",
        "name: the drug of choice",
        "",
    ],
)
def test_no_name_is_made_of_other_words(text: str) -> None:
    assert FAMILY.found(text) == set()
