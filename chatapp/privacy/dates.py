"""Dates finer than a year that belong to one person, and ages over 89.

A date of birth always counts. Any other date counts where its sentence is about one patient and not about rosters or
rules. Years alone, and ages up to 89, identify nobody.
"""

from __future__ import annotations

import re

from chatapp.privacy.rules import DIGITS, Reading, Rule, pattern, words

_MONTH = (
    r"(?:jan(?:uary|uar|vier|eiro)?|feb(?:ruary|ruar|rero)?|mar(?:ch|s|zo|co|z)?|apr(?:il)?|may|mayo|mai|jun(?:e|i|io|ho)?|jul(?:y|i|io|ho)?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober|obre)?|nov(?:ember|embre|iembre|embro)?|dec(?:ember|embre)?|ene(?:ro)?|abr(?:il)?|ago(?:sto)?"
    r"|set(?:embro|iembre)?|dic(?:iembre)?|dez(?:ember|embro)?|okt(?:ober)?|fev(?:rier|ereiro)?|avr(?:il)?|juin|juillet|aout|out(?:ubro)?"
    r"|septiembre|octubre|septembre|janeiro)\b\.?"
)
_DAY = r"(?:[0-3]?\d(?:st|nd|rd|th)?)"
_YEAR = r"(?:(?:19|20)\d\d|'?\d\d)"
_FULL = (
    r"(?:"
    rf"(?:19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d|[0-3]?\d[-/.][0-3]?\d[-/.]{_YEAR}"
    rf"|{_MONTH},? {{0,2}}{_DAY}(?!\d)(?:,? {{0,2}}(?:19|20)\d\d|,? '\d\d)?|{_DAY}(?: de| of)?[ -]{{1,2}}{_MONTH}(?:(?: de|,)?[ -]{{0,2}}(?:19|20)\d\d\b|-\d\d\b)?"
    rf"|{_MONTH},? (?:de |of )?(?:19|20)\d\d|(?:19|20)\d\d年\d{{1,2}}月(?:\d{{1,2}}日)?"
    r")(?![\d/])"
)
_SHORT = r"(?<![\d/.$-])(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?![\d/%])"
_WRITTEN_DAY = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\w{4,8}teenth|twel\w{2,4}|twent\w{1,5}[- ]?\w{0,7}|thirt\w{1,5}[- ]?\w{0,5})"
_ANY_DATE = rf"(?:{_FULL}|{_SHORT}|{_MONTH} (?:the )?{_WRITTEN_DAY}(?: \w{{4,9}}(?:[- ]\w{{3,8}}){{0,2}})?|\d{{8}}(?!\d)|\d{{6}}(?!\d))"

_BORN = (
    r"(?:\b(?:d\.?o\.?b\.?|date ?of ?birth|birth ?-?_?date|birthday|born|b\.|geb\.?|geboren|geburtsdatum|ne|nee|fecha de nacimiento|f\.?nac\.?"
    r"|nacid[oa]|date de naissance|ddn|nascid[oa]|data de nascimento|dn)(?= |:|=|\"|'|\||\d|$)|出生日期|生日|生于|تاريخ الميلاد|дата рождения)"
    r"(?: (?:is|was|on|the|in|el|em|le|am|a|of|her|his))*[ \t:=\"'|#-]{0,5}"
)


def _of_one_patient(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    if evidence.policy or (evidence.schedule and not evidence.aged):
        return False
    return (evidence.person and evidence.care) or evidence.aged


def _not_a_fraction(reading: Reading, match: re.Match[str]) -> bool:
    before = reading.text[max(0, match.start() - 24) : match.start()]
    return _DATED.search(before) is not None and _of_one_patient(reading, match)


_DATED = pattern(
    r"(?:\b(?:on|by|since|from|until|till|dated?|admitted|discharged|seen|readmitted|surgery|visit|fell|started|stopped|died|last|of|at|for"
    r"|due|placed|removed|before|after|is|was|the|el|le|am|dos|dod|doa)\W{0,3}|[(\-:,]\s?)$"
)

_DATES = (
    Rule("birth-label", "DATE", pattern(_BORN + rf"(?P<it>{_ANY_DATE})")),
    Rule("date-of-patient", "DATE", pattern(rf"(?<![\d/.-])(?P<it>{_FULL})"), DIGITS, _of_one_patient),
    Rule("day-of-patient", "DATE", pattern(rf"(?P<it>{_SHORT})"), words("/"), _not_a_fraction),
)

# --- ages ------------------------------------------------------------------------------------------------------------

_OVER_89 = r"(?:9\d|1[01]\d|12[0-5])"
_YEARS_OLD = r"(?:[ -]?(?:yo|y/o|y\.o\.?|yrs?[ -]?old|years?[ -]old|year[ -]old|yrs?|years? of age|anos|ans|jahre|jahrige[rn]?)\b|岁|歳|세)"
_WRITTEN_90 = r"(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a |one )?hundred(?: and (?:one|two|three|four|five))?)"
_GENERAL = pattern(
    r"(?:\b(?:over|above|under|below|than|beyond|until|all|most|many|for|in|if|at least|up to|from|between|age|ages|aged)\W{0,2}|[<>≥≤=]\s?)$"
)
_MANY = pattern(
    r"^(?:\W{0,2}(?:and|or|\+)\W{0,2}(?:older|over|above|up|more)|s\b|\W(?:patients|people|adults|persons|individuals|women|men)\b|\+| ?(?:min|%|mg|bpm|days?|hours?))"
)
_WARM = pattern(
    r"\b(?:temp\w*|t|tmax|febrile|fevers?|of|to|at|heat|oven|water|degrees)\W{0,3}(?:is|was|of|to|at)?\W{0,2}$"
)


def _of_a_person(reading: Reading, match: re.Match[str]) -> bool:
    before, after = (
        reading.text[max(0, match.start() - 20) : match.start()],
        reading.text[match.end() : match.end() + 24],
    )
    if _MANY.search(after):
        return False
    return _GENERAL.search(before) is None or reading.evidence(match.start()).person and not _ABOUT_MANY.search(before)


_ABOUT_MANY = pattern(r"(?:\b(?:over|above|under|below|than|aged|ages|all|most)\W{0,2}|[<>≥≤]\s?)$")


def _not_warm(reading: Reading, match: re.Match[str]) -> bool:
    before = reading.text[max(0, match.start() - 20) : match.start()]
    return _WARM.search(before) is None and _of_a_person(reading, match)


def _not_and_older(reading: Reading, match: re.Match[str]) -> bool:
    return _MANY.search(reading.text[match.end() : match.end() + 24]) is None


_AGES = (
    Rule("age-years", "AGE_90PLUS", pattern(rf"(?<![\d.:/$-])(?P<it>{_OVER_89}{_YEARS_OLD})"), DIGITS, _of_a_person),
    Rule(
        "age-sex",
        "AGE_90PLUS",
        re.compile(rf"(?<![\d.:/$-])(?P<it>{_OVER_89}(?: ?[MF]|y[mfMF]?|[mf]|♀|♂))(?![\w/%.\"-])"),
        DIGITS,
        _not_warm,
    ),
    Rule(
        "age-label",
        "AGE_90PLUS",
        pattern(
            rf"\b(?:age[d:]?|turn(?:s|ed|ing)|edad|alter|s?he(?:'s| is| was))[ :=]{{1,2}}(?P<it>{_OVER_89})(?![\d.%/]| ?(?:kg|lbs?|cm|on|percent|min)\b)"
        ),
        DIGITS,
        _not_and_older,
    ),
    Rule(
        "age-written",
        "AGE_90PLUS",
        pattern(rf"\b(?P<it>{_WRITTEN_90}{_YEARS_OLD})"),
        words("ninety hundred"),
        _of_a_person,
    ),
    Rule(
        "age-word",
        "AGE_90PLUS",
        pattern(r"\b(?:my|our|this|the|a) (?P<it>centenarian|nonagenarian|supercentenarian)\b(?! patients)"),
        words("centenarian nonagenarian supercentenarian"),
        lambda reading, match: reading.evidence(match.start()).bedside,
    ),
)

RULES = _DATES + _AGES
