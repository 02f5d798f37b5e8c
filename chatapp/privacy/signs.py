"""Signs right beside a name that need no weighing: an age, a bed, a birth date, a relative, a value of theirs.

Learned weights may be wrong about a single word; these are the signs about which they must not be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatapp.privacy.names import is_staff
from chatapp.privacy.notation import one_of, pattern
from chatapp.privacy.rules import Reading
from chatapp.privacy.suspects import Suspect
from chatapp.privacy.tokens import EPONYM, Token

_ROOM = r"(?!(?:19|20)\d\d\b)\d{0,2}[A-Za-z]{0,3}-?\d{1,4}[A-Za-z]?\b"
_UNIT = one_of("bed bd rm room icu micu sicu ccu nicu picu bay er ed tele pacu")
_AGE = pattern(
    r",? ?(?:is |was )?(?:an? )?\(?\d{1,3}(?: ?(?:yo|y/o|y\.o\.?|yrs?|[mf])(?![\w/%])|y ?[mf]\b|[- ]?(?:year|month|week)s?[- ]old)"
)
_BED_AFTER = pattern(rf",? ?\(?(?:(?:in|from|at) (?:the )?)?{_UNIT} ?#?{_ROOM}")
_BED_BEFORE = pattern(rf"(?:\b{_UNIT} ?#?{_ROOM}) ?[:,.)=-]{{0,2}} ?(?:is |has )?$")
_BIRTH = pattern(r",? ?\(?(?:dob|d\.o\.b|mrn|ssn|b\.|born|geb)\b")
_KIN = pattern(
    r"'s? (?:\w+ ){0,1}(?:wife|husband|son|daughter|mother|mom|mum|father|dad|sister|brother|family|children|kids|fianc\w+)\b"
)
_OF_A_PATIENT: Final = frozenset(
    [
        "labtest",
        "vital",
        "imaging",
        "symptom",
        "body",
        "order",
        "device",
        "micro",
        "carestate",
        "drug",
        "disposition",
        "document",
        "identifierword",
    ]
)
"""Families of words for what a patient has: `Okonkwo's rash`."""
_OF_NO_DISEASE: Final = frozenset(
    ["labtest", "vital", "imaging", "device", "disposition", "document", "order", "identifierword"]
)
"""Those that go with a patient only: `Hutchinson's troponin`, though Hutchinson's teeth are a sign."""


def sign(reading: Reading, tokens: Sequence[Token], suspect: Suspect) -> str | None:
    """The rule by which a name is a patient's for what stands right beside it; None where nothing of that stands there."""
    if suspect.sort != "name" or is_staff(reading, suspect.start, suspect.end):
        return None
    evidence = reading.evidence(suspect.start)
    before, after = reading.before(suspect.start), reading.after(suspect.end, 48)
    if _AGE.match(after):
        return "name-and-age"
    if evidence.schedule:
        return None
    if _BED_AFTER.match(after) or (evidence.tells_of_one and _BED_BEFORE.search(before)):
        return "name-and-bed"
    if _BIRTH.match(after):
        return "name-and-birth"
    if _KIN.match(after) and evidence.care:
        return "name-and-kin"
    return "name-and-possession" if _owns(tokens, suspect) else None


def _owns(tokens: Sequence[Token], suspect: Suspect) -> bool:
    """`Hutchinson's last troponin`; not `Crohn's flare`, which is a disease's."""
    following = [token.word for token in tokens[suspect.after : suspect.after + 3]]
    if not following or following[0].low != "'s":
        return False
    families = _OF_NO_DISEASE if tokens[suspect.after - 1].word.traits & EPONYM else _OF_A_PATIENT
    return any(word.family in families for word in following[1:])
