"""Names typed without capitals, and initials: `okonkwo in 12`, `clifford reed needs a refill`, `S.L. 35M`.

Small letters say less than capitals, so a name must begin a sentence, or follow a word like `discharge`, and a sign
must stand right after it. Capitalised names are `bedside.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatapp.privacy.names import could_be_small_name
from chatapp.privacy.notation import one_of, words
from chatapp.privacy.rules import Hit, Reading
from chatapp.privacy.signs import AGE, NO_ROOM, ROOM
from chatapp.privacy.vocabulary import is_known, may_be_name

_INITIALS = re.compile(
    rf"(?<![\w.])(?:(?:[A-Z]\. ?){{2,3}}|[A-Z]{{2,3}})(?=,? {AGE}|,? in (?:rm|room|bed|RM) ?#?\d)"
    r"|(?<=initials )[A-Z]\.? ?[A-Z]\b\.?"
)
_ABBREVIATIONS = words(
    "PE MI HF GI GU UTI DKA AKI CKD CVA TIA SBO CHF DVT EF BP HR IV PO OR MVC GSW AAA SAH SDH ICH HTN DM"
)
_SMALL_NAME = r"(?P<it>[a-z]{2,20}(?:['-][a-z]{2,20})?(?: [a-z]{1,20}(?:-[a-z]{2,20})?)?)"
_SMALL_AND_SIGN = re.compile(
    rf"{_SMALL_NAME}(?:,? {AGE}| in (?:bed |rm |room |icu )?{ROOM}{NO_ROOM}"
    r"| (?:k|na|cr|hgb|hb|wbc|plt|inr|bp|hr|lactate|lac|trop|glucose|sats?) (?:is |of )?\d|'s "
    + one_of("""
    k na mg cr wbc inr potassium sodium creatinine lactate troponin glucose labs? wife husband son daughter family bp hr
    """)
    + r"\b)"
)
_ONE_SMALL = re.compile(
    r"(?P<it>[a-z]{3,20}) (?:still|fell|failed|desatted|coded|refuses|refused|keeps|wants|spiked|arrested)\b"
)
_SMALL_AS_SUBJECT = re.compile(
    rf"{_SMALL_NAME} (?:needs|has|is|was|wants|got|had|keeps|refuses|refused|fell|failed|desatted|coded)\b"
)
_SMALL_MOVED = re.compile(r"(?P<it>[a-z]{3,20}) (?:home|to|today|on|w|with|from|tomorrow)\b")
_MOVES = words("dc discharge admit readmit transfer extubate intubate")
_INTRODUCES = _MOVES | words("re for about of is did has does update tell call ask page")


def hits(reading: Reading) -> Iterator[Hit]:
    """Initials and names in small letters that stand beside a sign."""
    yield from _initials(reading)
    yield from _small_letters(reading)


def _initials(reading: Reading) -> Iterator[Hit]:
    for match in _INITIALS.finditer(reading.text):
        if match.group() not in _ABBREVIATIONS and not is_known(match.group()):
            yield Hit(*match.span(), "NAME", "initials")


def _small_letters(reading: Reading) -> Iterator[Hit]:
    """Names typed without capitals, where a sentence begins with one and says where or how somebody is."""
    for start in _beginnings(reading):
        for rule, shape, look in _SMALL_RULES:
            match = shape.match(reading.text, start)
            if match and look(reading, match):
                yield Hit(*match.span("it"), "NAME", rule)
    for word, start in reading.words:
        if word in _MOVES:
            match = _SMALL_MOVED.match(reading.text, start + len(word) + 1)
            if match and could_be_small_name(match["it"]):
                yield Hit(*match.span("it"), "NAME", "small-name-moved")


def _beginnings(reading: Reading) -> Iterator[int]:
    """Where a sentence or line begins, or what somebody is asked about."""
    for start in (0, *reading.ends):
        yield start + (reading.text[start : start + 1] == " ")
    for word, start in reading.words:
        if word in _INTRODUCES:
            yield start + len(word) + 1


def _beside_a_sign(reading: Reading, match: re.Match[str]) -> bool:
    name = match["it"].split()
    unknown = not all(map(is_known, name))
    return all(map(_perhaps_small_name, name)) and (unknown or reading.evidence(match.start()).measured)


def _told_how(reading: Reading, match: re.Match[str]) -> bool:
    name = match["it"].split()
    if len(name) != 2 or not all(map(_perhaps_small_name, name)):
        return False
    evidence = reading.evidence(match.start())
    return not evidence.schedule and (evidence.care or evidence.person or reading.whole.bedside)


def _perhaps_small_name(word: str) -> bool:
    return len(word) == 1 or could_be_small_name(word) or (may_be_name(word) and is_known(word))


def _tells_of_one(reading: Reading, match: re.Match[str]) -> bool:
    return could_be_small_name(match["it"]) and reading.evidence(match.start()).bedside


_SMALL_RULES = (
    ("small-name-and-sign", _SMALL_AND_SIGN, _beside_a_sign),
    ("small-name-as-subject", _SMALL_AS_SUBJECT, _told_how),
    ("one-small-name-as-subject", _ONE_SMALL, _tells_of_one),
)
