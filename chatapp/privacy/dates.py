"""Dates finer than a year that belong to one person, and ages over 89.

A date of birth always counts. Any other date counts where its sentence is about one patient and not about rosters or
rules. Years alone, and ages up to 89, identify nobody.
"""

from __future__ import annotations

import re

from chatapp.privacy.notation import first_words, one_of, pattern, words
from chatapp.privacy.rules import DIGITS, NUMBER, Reading, Rule

_MONTHS = """
    jan january januar janvier janeiro enero ene feb february februar febrero fev fevrier fevereiro mar march mars
    marz marzo marco apr april abril abr avr avril may mayo mai maio jun june juni junio juin junho jul july juli
    julio juillet julho aug august agosto ago aout sep sept september septiembre septembre setembro set oct october
    octobre octubre outubro okt oktober nov november novembre noviembre novembro dec december decembre dic diciembre
    dez dezember dezembro
"""
_MONTH = one_of(_MONTHS) + r"\b\.?"
_YEAR = r"(?:19|20)\d\d"
_DATE_FROM_DIGIT = (
    rf"(?:{_YEAR}[-/.][01]?\d[-/.][0-3]?\d"
    rf"|[0-3]?\d[-/.][0-3]?\d[-/.](?:{_YEAR}|'?\d\d)"
    rf"|[0-3]?\d(?:st|nd|rd|th)?(?: de| of)?[. -]{{1,2}}{_MONTH}(?:(?: de|,)?[ -]{{0,2}}{_YEAR}\b|-\d\d\b)?"
    rf"|{_YEAR}年\d{{1,2}}月(?:\d{{1,2}}日)?)(?![\d/])"
)
_DATE_FROM_MONTH = (
    rf"{_MONTH},? {{0,2}}(?:[0-3]?\d(?:st|nd|rd|th)?(?!\d)(?:,? {{0,2}}{_YEAR}|,? '\d\d)?|(?:de |of )?{_YEAR})(?![\d/])"
)
_DAY_OF_YEAR = r"(?<![\d/.$-])(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?![\d/%])"
_YEAR_IN_WORDS = r"[a-z]{4,8}(?:[- ][a-z]{3,8}){0,4}"
_DAY_IN_WORDS = (
    rf"(?:[a-z]{{3,7}}th|first|second|third|[a-z-]{{6,14}}) of (?:{_MONTH}|the \w+),? {_YEAR_IN_WORDS}"
    rf"|{_MONTH} (?:the )?{_YEAR_IN_WORDS}"
)
_BIRTH = r"""
    dob d\.o\.b\.? date_?of_?birth dateofbirth birth_?-?_?date birthdate birthday born b\. geb\.? geboren geburtsdatum
    nee? fnac f\.nac\.? nacido nacida nacio fecha_de_nacimiento date_de_naissance ddn nascido nascida data_de_nascimento
"""
_BIRTH_ELSEWHERE = one_of("出生日期 生日 生于 تاريخ_الميلاد дата_рождения")
_BORN_WHEN = (
    r"(?: (?:is|was|on|the|in|el|em|le|am|a|of|her|his)){0,3}[ \t:=\"'|#-]{0,5}"
    rf"(?P<it>{_DATE_FROM_DIGIT}|{_DATE_FROM_MONTH}|{_DAY_OF_YEAR}|{_DAY_IN_WORDS}|\d{{8}}(?!\d)|\d{{6}}(?!\d))"
)
_DATED = pattern(
    r"(?:\b"
    + one_of("""
    on by since from until till dated? admitted discharged seen readmitted surgery visit fell started stopped died
    last of at for due placed removed before after is was the el le am dos dod doa
    """)
    + r"\W{0,3}|[(:,-]\s?)$"
)


def _of_one_patient(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    if evidence.general or (evidence.schedule and not evidence.aged):
        return False
    return evidence.aged or (evidence.care and evidence.person) or (evidence.tells_of_one and _to_the_day(match))


def _to_the_day(match: re.Match[str]) -> bool:
    """With its year: nobody writes that of patients in general."""
    return _WHOLE_DATE.search(match.group()) is not None


_WHOLE_DATE = re.compile(r"\d[-/.]\d{1,2}[-/.]\d|\d{1,2},? (?:19|20)\d\d$")


def _within_living_memory(reading: Reading, match: re.Match[str]) -> bool:
    return re.match(r",? ?1[0-8]\d\d\b", reading.after(match.end())) is None


def _said_as_a_day(reading: Reading, match: re.Match[str]) -> bool:
    """`on 3/14`, and not `3/4 dose`."""
    return _DATED.search(reading.before(match.start())) is not None and _of_one_patient(reading, match)


_DATES = (
    Rule(
        "birth-label",
        "DATE",
        pattern(rf"{one_of(_BIRTH)}(?=[ :=\"'|\d]|$){_BORN_WHEN}"),
        look=_within_living_memory,
        starts=first_words(_BIRTH),
    ),
    Rule(
        "birth-label-abroad",
        "DATE",
        pattern(_BIRTH_ELSEWHERE + _BORN_WHEN),
        words("生 الميلاد рождения"),
    ),
    Rule("date-of-patient", "DATE", pattern(rf"(?<![/.-]){_DATE_FROM_DIGIT}"), look=_of_one_patient, starts=NUMBER),
    Rule(
        "month-of-patient",
        "DATE",
        pattern(_DATE_FROM_MONTH),
        DIGITS,
        _of_one_patient,
        starts=first_words(_MONTHS),
    ),
    Rule("day-of-patient", "DATE", re.compile(_DAY_OF_YEAR), words("/"), _said_as_a_day, NUMBER),
)

# --- ages ------------------------------------------------------------------------------------------------------------

_OVER_89 = r"(?:9\d|1[01]\d|12[0-5])"
_YEARS_OLD = (
    r"(?:[ -]?(?:yo|y/o|y\.o\.?|yrs?[ -]?old|years?[ -]old|yrs?|years? of age|anos|ans|jahre|jahrige[rn]?)\b|岁|歳|세)"
)
_UNITS = one_of("one two three four five six seven eight nine")
_AGE_LABEL = "age aged turns turned turning edad alter"
_NO_MEASURE = r"(?!\d|[.]\d|[%/]| ?(?:kg|lbs?|cm|on|percent|min)\b)"
_OVER_89_IN_WORDS = rf"(?:ninety(?:[- ]{_UNITS})?|hundred(?: and {_UNITS})?)"
_BOUND = pattern(
    r"(?:\b(?:over|above|under|below|beyond|than|aged|ages?|all|most|many|between|at least|up to)\W{0,2}"
    r"|(?<=\S)[ ]?[<>≥≤=]\s?)$"
)
_FOR_HOW_LONG = pattern(r"\b(?:for|in|if|until|from)\W{0,2}$")
_SEVERAL = pattern(
    r"^(?:\W{0,2}(?:and|or|\+)\W{0,2}(?:older|over|above|up|more)|s\b|\+"
    r"|\W(?:patients|people|adults|persons|individuals|women|men)\b| ?(?:min|%|mg|bpm|days?|hours?))"
)
_WARM = pattern(
    r"\b(?:temp|temps|temperatures?|t|tmax|febrile|fevers?|of|to|at|heat|oven|water|degrees)\W{0,3}(?:is|was|of|to|at)?\W{0,2}$"
)


def _not_of_several(reading: Reading, match: re.Match[str]) -> bool:
    return _SEVERAL.search(reading.after(match.end())) is None


def is_of_one_person(reading: Reading, start: int, end: int) -> bool:
    """Whether a number over 89 can be the age of one: no bound, no age of many, no time that something takes."""
    before = _on_its_line(reading, start)
    if _BOUND.search(before) or _SEVERAL.search(reading.after(end)):
        return False
    return _FOR_HOW_LONG.search(before) is None or reading.evidence(start).person


def _on_its_line(reading: Reading, at: int) -> str:
    return reading.before(at).rpartition("\n")[2]


def _of_a_person(reading: Reading, match: re.Match[str]) -> bool:
    return is_of_one_person(reading, match.start(), match.end())


def _not_a_temperature(reading: Reading, match: re.Match[str]) -> bool:
    return _WARM.search(_on_its_line(reading, match.start())) is None and _of_a_person(reading, match)


def _of_somebody_told_of(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    return (evidence.tells_of_one or evidence.person) and is_of_one_person(reading, match.start(), match.end())


def _how_somebody_is(reading: Reading, match: re.Match[str]) -> bool:
    return reading.evidence(match.start()).bedside


_AGES = (
    Rule(
        "age-years", "AGE_90PLUS", pattern(rf"(?<![\d.:/$-]){_OVER_89}{_YEARS_OLD}"), look=_of_a_person, starts=NUMBER
    ),
    Rule(
        "age-and-sex",
        "AGE_90PLUS",
        re.compile(rf"(?<![\d.:/$-]){_OVER_89}(?: ?[MF]|y[mfMF]?|[mf]|♀|♂)(?![\w/%.\"-])"),
        look=_not_a_temperature,
        starts=NUMBER,
    ),
    Rule(
        "age-label",
        "AGE_90PLUS",
        pattern(
            rf"(?:{one_of(_AGE_LABEL)}:?|(?:s?he|pt|patient)(?:'s| is| was))[ :=]{{1,2}}(?P<it>{_OVER_89}){_NO_MEASURE}"
        ),
        DIGITS,
        _not_of_several,
        starts=first_words(_AGE_LABEL) | words("he she pt patient"),
    ),
    Rule(
        "age-in-words",
        "AGE_90PLUS",
        pattern(rf"{_OVER_89_IN_WORDS}{_YEARS_OLD}"),
        look=_of_a_person,
        starts=words("ninety hundred"),
    ),
    Rule(
        "age-in-words-alone",
        "AGE_90PLUS",
        pattern(rf"ninety(?:[- ]{_UNITS})?\b(?! ?(?:percent|minutes?|min|days?|degrees?|hours?|dollars|seconds?|%))"),
        look=_of_somebody_told_of,
        starts=words("ninety"),
    ),
    Rule(
        "age-group-of-one",
        "AGE_90PLUS",
        pattern(r"(?:(?:super)?centenarian|nonagenarian)\b(?! patients)"),
        look=_how_somebody_is,
        starts=words("centenarian nonagenarian supercentenarian"),
    ),
)

RULES = _DATES + _AGES
