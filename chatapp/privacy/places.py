"""Places smaller than a state, where somebody lives: street addresses, postcodes, towns.

A country or a state tells nothing about one person, and neither does the address of a hospital in a sentence on rosters.
"""

from __future__ import annotations

import re

from chatapp.privacy.rules import DIGITS, Reading, Rule, pattern, words

_STREET = (
    r"(?:Street|St|Avenue|Ave|Av|Boulevard|Blvd|Road|Rd|Drive|Dr(?!\.? [A-Z])|Lane|Ln|Court|Ct|Circle|Cir|Way|Place|Pl|Terrace|Ter|Highway|Hwy"
    r"|Parkway|Pkwy|Trail|Trl|Square|Sq|Loop|Crescent|Cres|Close|Alley|Row|Run|Pike|Turnpike|Route|Mews|Gardens|Grove|Path)"
)
_WORD = r"(?:[NSEW]{1,2}\.?|[A-Z][A-Za-z'.-]{1,20}|\d{1,3}(?:st|nd|rd|th))"
_APARTMENT = r"(?:,? (?:Apt|Apartment|Unit|Suite|Ste|#|Lot|Bldg)\.? ?#?\w{1,5})?"

_STATES = (
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois Indiana Iowa Kansas "
    "Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada Ohio Oklahoma Oregon "
    "Pennsylvania Tennessee Texas Utah Vermont Virginia Washington Wisconsin Wyoming New North South West Rhode District Puerto"
)
_COUNTRIES = (
    "Mexico Canada China India Haiti Cuba Brazil Peru Chile Spain France Germany Italy Portugal Poland Russia Ukraine Turkey Iran Iraq Syria "
    "Egypt Nigeria Ghana Kenya Ethiopia Somalia Sudan Eritrea Congo Uganda Tanzania Morocco Algeria Pakistan Bangladesh Nepal Bhutan Burma "
    "Myanmar Thailand Vietnam Laos Cambodia Philippines Indonesia Malaysia Singapore Japan Korea Taiwan Australia Samoa Tonga Fiji Jamaica "
    "Guatemala Honduras Salvador Nicaragua Panama Colombia Venezuela Ecuador Bolivia Argentina Uruguay Paraguay Dominican England Scotland "
    "Ireland Wales Britain Greece Romania Bulgaria Hungary Serbia Croatia Bosnia Sweden Norway Denmark Finland Israel Palestine Lebanon Jordan "
    "Yemen Saudi Afghanistan Africa Asia Europe America American Latin Central Eastern Western Southern Northern Middle Sierra Liberia "
    "Cameroon Senegal Mali Zimbabwe Zambia Rwanda Burundi Angola Mozambique United Caribbean USA US UK"
)
_NOT_TOWNS = words(_STATES + " " + _COUNTRIES) | words(
    "Medicare Medicaid Mayo Stanford Epic Clinic Hospital Medical Emergency Surgery Cardiology Medicine Home Day Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday January February March April May June July August September October November December Dr Mr Mrs Ms"
)


def _a_town(reading: Reading, match: re.Match[str]) -> bool:
    first = match["it"].split()[0]
    return first not in _NOT_TOWNS and not (first.isupper() and len(first) < 6)


def _where_somebody_lives(reading: Reading, match: re.Match[str]) -> bool:
    evidence = reading.evidence(match.start())
    return (
        evidence.person or evidence.bedside or not _ORGANISATION.search(reading.text, *reading.sentence(match.start()))
    )


_ORGANISATION = pattern(
    r"\b(?:clinic|hospital|campus|venue|conference|parking|restaurant|office|department|center|centre|auditorium|hotel)\b"
)


RULES = (
    Rule(
        "street",
        "ADDRESS",
        re.compile(
            rf"(?<![\w.$-])(?P<it>\d{{1,6}}(?:-\d{{1,4}})?[A-Z]? (?:{_WORD} ){{1,4}}?{_STREET}\b\.?{_APARTMENT})"
        ),
        DIGITS,
        _where_somebody_lives,
    ),
    Rule(
        "street-lower",
        "ADDRESS",
        pattern(
            rf"\b(?:lives? (?:at|on)|address(?: is|:)?|resides? at|home (?:visit )?(?:to|at)|sent? to|deliver(?:ed)? to|goes to|moved to) (?P<it>\d{{1,6}} (?:[\w'.-]{{1,20}} ){{1,4}}?{_STREET}\b{_APARTMENT})"
        ),
        DIGITS,
    ),
    Rule(
        "street-abroad",
        "ADDRESS",
        pattern(
            r"(?<![\w.])(?P<it>\d{1,5},? (?:bis )?(?:calle|avenida|av\.|paseo|camino|via|rua|rue|boulevard|place|quai|chemin|corso|piazza)(?: [\w'.-]{2,20}){1,4}"
            r"|(?:calle|avenida|paseo|rua|travessa|praca|c/) (?:[\w'.-]{2,20} ){1,4}?(?:n[o°º.]? ?)?\d{1,5}\b|[A-Z][a-z]{2,25}(?:strasse|str\.|straat|weg|gasse|allee|platz) \d{1,4}[a-z]?\b)"
        ),
        DIGITS,
    ),
    Rule("post-box", "ADDRESS", pattern(r"\b(?P<it>p\.? ?o\.? box \d{1,6})"), words("box")),
    Rule(
        "apartment",
        "ADDRESS",
        re.compile(
            r"\b(?:lives|living|resides|address|home)\b[^.\n]{0,40}?\b(?P<it>(?:[Aa]pt|[Aa]partment|[Uu]nit) ?#?\d{1,5}[A-Z]?)\b"
        ),
        words("apt apartment unit"),
    ),
    Rule(
        "zip-label",
        "ZIP",
        pattern(
            r"\b(?:zip(?: ?-?code)?|postal code|post ?code|codigo postal|cep|plz|code postal)[ :#=]{0,3}(?:is |of )?(?P<it>\d{5}(?:-\d{3,4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b"
        ),
        DIGITS,
    ),
    Rule(
        "zip-after-state",
        "ZIP",
        re.compile(r"\b[A-Z][a-z]{2,20},? [A-Z]{2},? (?P<it>\d{5}(?:-\d{4})?)\b"),
        DIGITS,
        _where_somebody_lives,
    ),
    Rule(
        "town-of-patient",
        "GEO",
        re.compile(
            r"\b(?:(?:[Pp]atient|pt|[Pp]aciente|man|woman|gentleman|lady|girl|boy|M|F|female|male|farmer|worker|he|she) (?:is |was |comes )?(?:from|lives in|living in|residing in|resides in|of)"
            r"|(?:[Ll]ives|[Ll]iving|[Rr]esid(?:es|ing)|[Rr]esident) (?:in|near|outside|of)|homeless in|hometown(?: is)?|vive en|habite a|wohnt in|mora em) "
            r"(?:the )?(?:city of |town of |downtown |rural |north |south |east |west )?(?P<it>[A-Z][a-z]{2,20}(?:[ -](?:[A-Z][a-z]{1,20}|de|del|la)){0,3})"
        ),
        words("from in near outside of hometown en habite em is"),
        _a_town,
    ),
    Rule(
        "town-and-state",
        "GEO",
        re.compile(
            r"\b(?:from|in|near|to) (?P<it>[A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?, (?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]))\b"
        ),
        words("from in near to"),
        lambda reading, match: reading.evidence(match.start()).person,
    ),
)
