"""A bed or a room that stands for whoever lies there: `bed 4 desatted`, `the lady in 22`, `6W-14 needs a foley`.

Where the sentence says how one patient is, the bed is the patient's handle; in talk of rooms as rooms it is none.
"""

from __future__ import annotations

import re

from chatapp.privacy.notation import first_words, one_of, pattern, words
from chatapp.privacy.rules import NUMBER, Reading, Rule

_BED = """
    bed bd rm room bay cubicle hallway hall resus ldr curtain chair recliner stretcher crib isolette cot cama zimmer
    bett lit chambre leito
"""
_UNIT = (
    "resus ldr icu hdu micu sicu ccu nicu picu cvicu ed er tele pacu trauma obs psych stepdown burn peds rehab theatre"
)
_ROOM = (
    r"#?(?!(?:19|20)\d\d\b)(?:\d{1,4}(?:-?\d{0,2})?[A-Za-z]?|[A-Za-z]-?\d{1,4}|(?-i:[A-Z])|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?![%/]|\.\d)"
)
_DOES = one_of(r"""
    desat\w* cod(?:ed|ing) arrest\w* fell vomit\w* seiz\w* brad\w* tachy\w* crash\w* crump\w* spik\w* bleed\w* bled died
    passed wants? needs? refus\w+ complain\w* c/o says looks feels keeps still pulled ripped got asking asks threw
    is_(?!out\b|closed|free|available|empty|dirty|clean|being|too|the|for|not_(?:available|ready)|booked)\w+
    was_(?:given|started|intubated|extubated|found) has_(?:a_)?(?:fever|chest|new|pain|been|no) with_(?:a_)?\w+ on_\d
    sats? bp hr rr map temp trop lactate k na hgb gcs ciwa afib rvr hypotensive hypoxic febrile agitated confused
    altered unresponsive intubated extubated npo ama family itching tachypneic dispo discharge
""")
_NEEDS = one_of("""
    needs wants refuses desatted coded fell spiked has_a keeps asking
    is_(?:asking|crashing|tachy|febrile|npo|confused|hypotensive|agitated|refusing|complaining|vomiting|bleeding)
""")
_MOVES = "dc discharge transfer admit extubate intubate"
_WHO = """
    pt patient lady guy man woman gentleman kid baby girl boy fellow dude whoever someone person mom mother gi_bleed
    stroke chf copd dka sepsis
"""
_THINGS = pattern(
    r"\b"
    + one_of("""
    projector key lock booked booking reserv\\w* meeting conference lecture class seminar available wifi printer outlet
    sink leak\\w* flood\\w* cleaning housekeeping evs lights? call_light thermostat phone_line tv
    call_room on-?call_room capacity occupancy maintenance facilities work_order broken fixed repair\\w* monitor's
    mattress battery glucometer restock\\w* paint\\w*
    """)
    + r"\b"
)
_HANDLE = rf"(?P<it>{one_of(_BED)}[ -]?{_ROOM})"
_UNIT_HANDLE = rf"(?P<it>{one_of(_UNIT)}[ -]?#?\d{{1,3}}[A-Za-z]?)\b(?![%/]|\.\d| ?(?:patients|beds|days?|h\b|hours?))"
_FLOOR = r"(?P<it>\d{1,2}(?:[A-EGHNSW](?:-?\d{1,3})?|F-?\d{1,3})(?:-\d)?)\b(?![%/])"
_FLOOR_AND_BED = r"(?P<it>\d{1,2}[NSEWA-D]-\d{1,3})\b"
_IN_A_BED = (
    rf"{one_of(_WHO)} (?:\w+ )?(?:in|from) (?:the )?(?:\w+ (?=bed|room))?(?P<it>(?:{one_of(_BED)} )?(?:of )?"
    r"#?\d{1,4}[A-D]?)\b(?! ?(?:mg|min|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|patients|percent|cases|%|/|yo"
    r"|of\b))"
)


def _no_thing(reading: Reading, match: re.Match[str]) -> bool:
    return not reading.shows(match.start(), _THINGS)


def _of_somebody(reading: Reading, match: re.Match[str]) -> bool:
    return reading.evidence(match.start()).tells_of_one and _no_thing(reading, match)


def _measured(reading: Reading, match: re.Match[str]) -> bool:
    return reading.evidence(match.start()).measured and _no_thing(reading, match)


def _begins(reading: Reading, match: re.Match[str]) -> bool:
    return reading.sentence(match.start())[0] == match.start() and _no_thing(reading, match)


RULES = (
    Rule("bed-and-deed", "ROOM_BED", pattern(rf"{_HANDLE}(?:[:,]| -)? ?{_DOES}\b"), look=_no_thing, starts=words(_BED)),
    Rule("bed-in-care", "ROOM_BED", pattern(_HANDLE), look=_of_somebody, starts=words(_BED)),
    Rule(
        "unit-and-deed",
        "ROOM_BED",
        pattern(rf"{_UNIT_HANDLE}(?:[:,]| -)? ?{_NEEDS}\b"),
        look=_no_thing,
        starts=words(_UNIT),
    ),
    Rule(
        "unit-in-care",
        "ROOM_BED",
        pattern(_UNIT_HANDLE),
        look=_of_somebody,
        starts=words(_UNIT),
    ),
    Rule("floor-in-care", "ROOM_BED", re.compile(rf"(?<![\w.]){_FLOOR}"), look=_measured, starts=NUMBER),
    Rule("floor-and-bed", "ROOM_BED", re.compile(rf"(?<![\w.-]){_FLOOR_AND_BED}"), look=_of_somebody, starts=NUMBER),
    Rule(
        "floor-and-deed",
        "ROOM_BED",
        pattern(rf"(?<![\w.-])(?P<it>\d{{1,3}}(?-i:[A-E])|\d{{1,2}}(?-i:[NSEW])-\d{{1,3}}) {_NEEDS}\b"),
        look=_no_thing,
        starts=NUMBER,
    ),
    Rule(
        "number-and-deed",
        "ROOM_BED",
        pattern(rf"(?P<it>\d{{3,4}}(?-i:[A-D])?(?:-\d)?|\d{{2}}(?-i:[A-D])) {_NEEDS}\b"),
        look=_begins,
        starts=NUMBER,
    ),
    Rule("somebody-in-bed", "ROOM_BED", pattern(_IN_A_BED), look=_no_thing, starts=first_words(_WHO)),
    Rule(
        "bed-moved",
        "ROOM_BED",
        pattern(rf"{one_of(_MOVES)} (?P<it>(?:bed |rm |room )\d{{1,4}}[A-D]?|\d{{1,4}}(?-i:[A-D]))\b"),
        look=_no_thing,
        starts=words(_MOVES),
    ),
    Rule("bed-in-chinese", "ROOM_BED", re.compile(r"\d{1,3}床(?!位)"), words("床")),
)
