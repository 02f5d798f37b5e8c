"""Places smaller than a state, where somebody lives: street addresses, postcodes, towns.

A country or a state tells nothing about one person, and neither does the address of a hospital in talk about rosters.
"""

from __future__ import annotations

import re

from chatapp.privacy.notation import first_words, one_of, pattern, words
from chatapp.privacy.rules import DIGITS, NUMBER, Reading, Rule

_STREET = one_of("""
    Street St Avenue Ave Av Boulevard Blvd Road Rd Drive Dr(?!\\.?_[A-Z]) Lane Ln Court Ct Circle Cir Way Place Pl
    Terrace Ter Highway Hwy Parkway Pkwy Trail Trl Square Sq Loop Crescent Cres Close Alley Row Run Pike Turnpike
    Route Mews Gardens Grove Path
""")
_STREET_IN_CAPITALS = one_of(
    "STREET ST AVENUE AVE BOULEVARD BLVD ROAD RD DRIVE LANE LN COURT CT CIRCLE WAY PLACE TERRACE HIGHWAY HWY"
)
_NAME = r"(?:[NSEW]{1,2}\.?|[A-Z][A-Za-z'.-]{1,20}|\d{1,3}(?:st|nd|rd|th))"
_APARTMENT = r"(?:,? (?:Apt|Apartment|Unit|Suite|Ste|#|Lot|Bldg)\.? ?#?\w{1,5})?"
_TO_WHERE = """
    lives?_(?:at|on) living_at address(?:_is|:)? resides_at reside_at home_(?:visit_)?(?:to|at) sent_to send_to
    deliver_to delivered_to goes_to moved_to
"""
_WAY_ABROAD = "calle avenida av\\. paseo camino via rua rue boulevard place quai chemin corso piazza"
_STATE = one_of("""
    A[KLRZ] C[AOT] D[CE] FL GA HI I[ADLN] K[SY] LA M[ADEINOST] N[CDEHJMVY] O[HKR] PA RI S[CD] T[NX] UT V[AT] W[AIVY]
""")
_TOWN = r"(?-i:[A-Z][a-z]{2,20}(?:[ -](?:[A-Z][a-z]{1,20}|de|del|la)){0,3}|[A-Z]{3,20})"
_PART_OF = r"(?:the |rural |downtown |north |south |east |west |city of ){0,2}"
_POSTCODE = "zip zip_code zip-code zipcode postal_code post_code postcode codigo_postal cep plz code_postal"
_SOMEBODY = "patient pt paciente man woman gentleman lady girl boy m f female male farmer worker he she"
_COMES_FROM = one_of("""
    is_from was_from comes_from came_from commutes_from moved_from drove_from from lives_in living_in
    resid(?:es|ing)_in of
""")
_LIVES = """
    lives_(?:in|near|outside) living_(?:in|near) resides_in residing_in resident_of homeless_in hometown(?:_is)?
    vive_en habite_a wohnt_in mora_em
"""

_NOT_TOWNS = words("""
    Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois
    Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri
    Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Washington
    Wisconsin Wyoming New North South West Rhode District Puerto Mexico Canada China India Haiti Cuba Brazil Peru
    Chile Spain France Germany Italy Portugal Poland Russia Ukraine Turkey Iran Iraq Syria Egypt Nigeria Ghana Kenya
    Ethiopia Somalia Sudan Eritrea Congo Uganda Tanzania Morocco Algeria Pakistan Bangladesh Nepal Bhutan Burma
    Myanmar Thailand Vietnam Laos Cambodia Philippines Indonesia Malaysia Singapore Japan Korea Taiwan Australia Samoa
    Tonga Fiji Jamaica Guatemala Honduras Salvador Nicaragua Panama Colombia Venezuela Ecuador Bolivia Argentina
    Uruguay Paraguay Dominican England Scotland Ireland Wales Britain Greece Romania Bulgaria Hungary Serbia Croatia
    Bosnia Sweden Norway Denmark Finland Israel Palestine Lebanon Jordan Yemen Saudi Afghanistan Africa Asia Europe
    America American Latin Central Eastern Western Southern Northern Middle Sierra Liberia Cameroon Senegal Mali
    Zimbabwe Zambia Rwanda Burundi Angola Mozambique United Caribbean Medicare Medicaid Mayo Stanford Epic Clinic
    Hospital Medical Emergency Surgery Cardiology Medicine Home Day Monday Tuesday Wednesday Thursday Friday Saturday
    Sunday January February March April May June July August September October November December Dr Mr Mrs Ms
""")
"""What may follow `from` and is no town: states, countries, wards, months."""

_ORGANISATION = pattern(
    r"\b(?:clinic|hospital|campus|venue|meeting|dinner|party|retreat|event|conference|park|parking|restaurant|office|department|cent(?:er|re)|auditorium|hotel)\b"
)


def _a_town(_reading: Reading, match: re.Match[str]) -> bool:
    return match["it"].split()[0] not in _NOT_TOWNS


def _of_a_person(reading: Reading, match: re.Match[str]) -> bool:
    return reading.evidence(match.start()).person


def _not_of_a_workplace(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    workplace = reading.shows(match.start(), _ORGANISATION)
    return evidence.person or evidence.bedside or not workplace


RULES = (
    Rule(
        "street",
        "ADDRESS",
        re.compile(
            rf"(?<![\w.$-])\d{{1,6}}(?:-\d{{1,4}})?[A-Z]? (?:{_NAME} ){{1,4}}?"
            rf"(?:{_STREET}|{_STREET_IN_CAPITALS})\b\.?{_APARTMENT}"
        ),
        look=_not_of_a_workplace,
        starts=NUMBER,
    ),
    Rule(
        "street-in-small-letters",
        "ADDRESS",
        pattern(rf"{one_of(_TO_WHERE)} (?P<it>\d{{1,6}} (?:[\w'.-]{{1,20}} ){{1,4}}?{_STREET}\b{_APARTMENT})"),
        DIGITS,
        starts=first_words(_TO_WHERE),
    ),
    Rule(
        "number-and-way",
        "ADDRESS",
        pattern(rf"(?<![\w.])\d{{1,5}},? (?:bis )?{one_of(_WAY_ABROAD)}(?: [\w'.-]{{2,20}}){{1,4}}"),
        starts=NUMBER,
    ),
    Rule(
        "way-and-number",
        "ADDRESS",
        pattern(rf"{one_of(_WAY_ABROAD)} (?:[\w'.-]{{2,20}} ){{1,4}}?(?:n[o°º.]? ?)?\d{{1,5}}\b"),
        DIGITS,
        starts=first_words(_WAY_ABROAD),
    ),
    Rule(
        "street-in-one-word",
        "ADDRESS",
        re.compile(r"\b[A-Z][a-z]{2,25}(?:strasse|str\.|straat|weg|gasse|allee|platz) \d{1,4}[a-z]?\b"),
        DIGITS,
    ),
    Rule("post-box", "ADDRESS", pattern(r"\bp\.? ?o\.? box \d{1,6}"), words("box")),
    Rule(
        "apartment",
        "ADDRESS",
        pattern(r"(?:lives|living|resides|address)\b[^.\n]{0,40}?\b(?P<it>(?:apt|apartment|unit) ?#?\d{1,5}[A-Z]?)\b"),
        DIGITS,
        starts=words("lives living resides address"),
    ),
    Rule(
        "zip-label",
        "ZIP",
        pattern(
            rf"{one_of(_POSTCODE)}[ :#=]{{0,3}}(?:is |of )?"
            r"(?P<it>\d{5}(?:-\d{3,4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
        ),
        DIGITS,
        starts=first_words(_POSTCODE),
    ),
    Rule(
        "zip-before-label",
        "ZIP",
        pattern(r"\d{5}(?=[^.\n]{0,24}\bzip\b)"),
        words("zip"),
        _of_a_person,
        NUMBER,
    ),
    Rule(
        "zip-after-state",
        "ZIP",
        re.compile(rf"(?:(?<= {_STATE} )|(?<= {_STATE}, ))\d{{5}}(?:-\d{{4}})?\b"),
        look=_not_of_a_workplace,
        starts=NUMBER,
    ),
    Rule(
        "town-of-somebody",
        "GEO",
        pattern(rf"{one_of(_SOMEBODY)}(?:'s)? {_COMES_FROM} {_PART_OF}(?P<it>{_TOWN})"),
        look=_a_town,
        starts=first_words(_SOMEBODY),
    ),
    Rule(
        "town-lived-in",
        "GEO",
        pattern(rf"{one_of(_LIVES)} {_PART_OF}(?P<it>{_TOWN})"),
        look=_a_town,
        starts=first_words(_LIVES),
    ),
    Rule(
        "town-and-state",
        "GEO",
        re.compile(rf"(?:from|in|near|to) (?P<it>[A-Z][a-z]{{2,20}}(?: [A-Z][a-z]{{2,20}})?, {_STATE}\b)"),
        look=_of_a_person,
        starts=words("from in near to"),
    ),
)
