"""Names that nothing announces: `Okonkwo in 12`, `Rice 67F`, `Adeyemi new afib`, `Okonkwo's K is 2.9`.

An unknown word beside a bed, an age, a laboratory value or a state is suspect; in a duty roster, a citation or a
lecture it is not. Words that are also names (Green, Rice) need a sign right next to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatapp.privacy import signs
from chatapp.privacy.evidence import Evidence
from chatapp.privacy.names import PLACEHOLDERS, is_staff
from chatapp.privacy.rules import Hit, Reading
from chatapp.privacy.vocabulary import is_known, may_be_name

_CAPITALISED = re.compile(r"(?<![\w'-])[A-Z][A-Za-z]{1,40}(?:['-][A-Za-z]{1,40}){0,3}(?![A-Za-z\d])")
_MIXED_CASE = re.compile(r"(?<!Mc)(?<!Mac)(?<!De)(?<!Di)(?<!La)(?<!Le)(?<!Fitz)(?<!Van)(?<=[a-z])[A-Z]|^[A-Z]{2,}[a-z]")
_POSSESSIVE = re.compile(r"'[sS]?$")
_BETWEEN_NAMES = re.compile(r"[ ,]+")
_JOINTS = frozenset(
    (" ", "  ", "   ", ", ", ",", " de ", " van ", " von ", " al ", " bin ", " del ", " da ", " de la ")
)
_SHORT = 5
"""Words in capitals of fewer letters are abbreviations."""


@dataclass(frozen=True, slots=True)
class _Suspect:
    """Capitalised words that may be a name, and what stands around them in their sentence.

    Args:
        unknown: one of the words is no word that is known. several: there is more than one.
    """

    name: str
    before: str
    after: str
    evidence: Evidence
    unknown: bool
    several: bool

    @property
    def begins(self) -> bool:
        """Whether nothing but a bullet stands before it."""
        return signs.BEGINS.match(self.before) is not None


def hits(reading: Reading) -> Iterator[Hit]:
    """Names in the text that stand beside a bed, an age, a value or a state."""
    for start, end in _stretches(reading.text):
        suspect = _suspect(reading, start, end)
        rule = _reason(suspect) if suspect else None
        if rule and not is_staff(reading, start, end) and _last_word(reading.text[start:end]) not in reading.doctors:
            yield Hit(start, end, "NAME", rule)


def _last_word(name: str) -> str:
    return _BETWEEN_NAMES.split(name)[-1]


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words each of which may be a name: `Did Mei Fong get` ─▶ Mei Fong."""
    start = end = -1
    for match in _CAPITALISED.finditer(text):
        word = _POSSESSIVE.sub("", match.group())
        if not may_be_name(word) or _MIXED_CASE.search(word):
            continue
        if word.isupper() and len(word) <= _SHORT and start >= 0 and not text[start:end].isupper():
            continue
        if start < 0 or text[end : match.start()] not in _JOINTS:
            if start >= 0:
                yield start, end
            start = match.start()
        end = match.start() + len(word)
    if start >= 0:
        yield start, end


def _suspect(reading: Reading, start: int, end: int) -> _Suspect | None:
    """The words at `start` to `end` with their surroundings; None where they are a placeholder or name a thing."""
    sentence_start, sentence_end = reading.sentence(start)
    after = reading.text[end : min(sentence_end, end + 48)]
    names = _BETWEEN_NAMES.split(reading.text[start:end])
    if signs.THING_AFTER.match(after) or not PLACEHOLDERS.isdisjoint(map(str.lower, names)):
        return None
    return _Suspect(
        name=reading.text[start:end],
        before=reading.text[max(sentence_start, start - 40) : start],
        after=after,
        evidence=reading.evidence(start),
        unknown=not all(map(is_known, names)),
        several=len(names) > 1,
    )


def _reason(suspect: _Suspect) -> str | None:
    """The rule by which it is a patient's name, or None."""
    if suspect.name.isupper() and len(suspect.name) < _SHORT:
        return _reason_for_capitals(suspect)
    return _reason_beside(suspect) or _reason_beside_unknown(suspect) or _reason_in_sentence(suspect)


def _reason_for_capitals(suspect: _Suspect) -> str | None:
    """Short words in capitals are abbreviations, unless they begin a sentence that says how somebody is."""
    told = suspect.unknown and suspect.begins and len(suspect.name) > 3 and signs.DEED_AFTER.match(suspect.after)
    return "name-in-capitals" if told else None


def _reason_beside(suspect: _Suspect) -> str | None:
    """A sign right before or right after it, enough for a word that is also a name."""
    evidence, after = suspect.evidence, suspect.after
    if signs.AGE_AFTER.match(after):
        return "name-and-age"
    if not evidence.schedule and (signs.BED_AFTER.match(after) or signs.BIRTH_AFTER.match(after)):
        return "name-and-bed-or-birth"
    if evidence.bedside and signs.BED_BEFORE.search(suspect.before):
        return "bed-and-name"
    if (suspect.unknown or evidence.bedside) and signs.POSSESSION_AFTER.match(after):
        return "name-and-possession"
    return None


def _reason_beside_unknown(suspect: _Suspect) -> str | None:
    """Signs that do for an unknown word only."""
    if not suspect.unknown:
        return None
    if suspect.begins and signs.CONDITION_AFTER.match(suspect.after):
        return "name-and-condition"
    if suspect.evidence.schedule:
        return None
    if signs.KIN_AFTER.match(suspect.after):
        return "name-and-kin"
    if signs.ASKED_BEFORE.search(suspect.before) and signs.DOES_AFTER.match(suspect.after):
        return "name-and-deed"
    if suspect.begins and signs.LISTED_AFTER.match(suspect.after) and suspect.evidence.care:
        return "name-in-list"
    return None


def _reason_in_sentence(suspect: _Suspect) -> str | None:
    """Nothing right beside it, but its sentence tells how somebody is."""
    evidence = suspect.evidence
    if not (evidence.bedside or (suspect.several and evidence.person and evidence.care)):
        return None
    if (evidence.schedule or evidence.general) and not (evidence.measured or evidence.aged):
        return None
    if suspect.several:
        return None if signs.DEFINED_BEFORE.search(suspect.before) else "full-name-in-care"
    if suspect.unknown:
        return None if signs.THING_BEFORE.search(suspect.before) else "unknown-word-in-care"
    is_subject = suspect.begins and signs.STATE_AFTER.match(suspect.after)
    return "known-word-as-subject" if is_subject or signs.ASKED_BEFORE.search(suspect.before) else None
