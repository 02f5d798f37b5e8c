"""A bed or a room that stands for whoever lies there: `bed 4 desatted`, `rm 22 wants to leave`.

Where the sentence says how one patient is, the bed is the patient's handle; in talk of rooms as rooms it is none.
"""

from __future__ import annotations

import re

from chatapp.privacy.notation import one_of, pattern, words
from chatapp.privacy.rules import NUMBER, Reading, Rule

_ROOM = r"#?(?!(?:19|20)\d\d\b)(?:\d{1,4}(?:-?\d{0,2})?[A-Za-z]?|[A-Za-z]-?\d{1,4}|(?-i:[A-Z]))\b(?![%/]|\.\d)"
_DOES = one_of(r"""
    desat\w* cod(?:ed|ing) arrest\w* fell vomit\w* seiz\w* brad\w* tachy\w* crash\w* crump\w* spik\w* bleed\w* bled died
    passed wants needs? refus\w+ complain\w* c/o says looks feels keeps still is_(?!out\b|closed|free|available|empty|dirty|clean|being)\w+
    was_(?:given|started|intubated|extubated|found) got has_(?:a_)?(?:fever|chest|new|pain|been|no) with_(?:a_)?\w+ on_\d
    pulled ripped sats? bp hr rr map temp trop lactate k na hgb gcs ciwa afib rvr hypotensive hypoxic febrile
    agitated confused altered unresponsive intubated extubated npo ama
""")
_THINGS = pattern(
    r"\b"
    + one_of("""
    projector key lock booked booking reserv\\w* meeting conference lecture class seminar available wifi printer outlet
    sink leak\\w* flood\\w* cleaning housekeeping ehs lights? thermostat phone_line tv call_room on-?call_room capacity
    """)
    + r"\b"
)


def _no_thing(reading: Reading, match: re.Match[str]) -> bool:
    return _THINGS.search(reading.text, *reading.sentence(match.start())) is None


def _of_somebody(reading: Reading, match: re.Match[str]) -> bool:
    return reading.evidence(match.start()).tells_of_one and _no_thing(reading, match)


def _measured(reading: Reading, match: re.Match[str]) -> bool:
    return reading.evidence(match.start()).measured and _no_thing(reading, match)


_NEEDS = one_of(
    "needs wants refuses desatted coded fell spiked is_(?:asking|crashing|tachy|febrile|npo|confused) has_a keeps"
)
_MOVES = "dc discharge transfer admit extubate intubate"
_BED = "bed bd rm room bay cubicle hallway hall resus ldr curtain chair pod slot cama zimmer bett lit chambre leito"
_UNIT = "resus ldr icu micu sicu ccu nicu picu cvicu ed er tele pacu trauma obs"
_HANDLE = rf"(?P<it>{one_of(_BED)}[ -]?{_ROOM})"

_UNIT_AND_NUMBER = (
    rf"(?P<it>{one_of(_UNIT)}[ -]?#?\d{{1,3}}[A-Za-z]?)\b(?![%/]|\.\d| ?(?:patients|beds|days?|h\b|hours?))"
)
_FLOOR_AND_NUMBER = re.compile(r"(?<![\w.])(?P<it>\d{1,2}(?:[A-EGHNSW]-?\d{0,3}|F-?\d{1,3})(?:-\d)?)\b(?![%/])")

RULES = (
    Rule("bed-and-deed", "ROOM_BED", pattern(rf"{_HANDLE}(?:[:,]| -)? ?{_DOES}\b"), look=_no_thing, starts=words(_BED)),
    Rule("bed-in-care", "ROOM_BED", pattern(_HANDLE), look=_of_somebody, starts=words(_BED)),
    Rule("unit-in-care", "ROOM_BED", pattern(_UNIT_AND_NUMBER), look=_of_somebody, starts=words(_UNIT)),
    Rule("floor-in-care", "ROOM_BED", _FLOOR_AND_NUMBER, look=_measured, starts=NUMBER),
    Rule(
        "floor-and-deed",
        "ROOM_BED",
        pattern(rf"(?P<it>\d{{1,3}}(?-i:[A-E])) {_NEEDS}\b"),
        look=_no_thing,
        starts=NUMBER,
    ),
    Rule(
        "bed-moved",
        "ROOM_BED",
        pattern(rf"{one_of(_MOVES)} (?P<it>(?:bed |rm |room )?\d{{1,4}}(?-i:[A-D]))\b"),
        starts=words(_MOVES),
    ),
    Rule("bed-in-chinese", "ROOM_BED", re.compile(r"\d{1,3}床(?!位)"), words("床")),
)
