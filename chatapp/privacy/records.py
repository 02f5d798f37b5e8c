"""Records pasted whole: HL7 v2 segments, FHIR resources and other JSON about a patient, tables with a patient column.

Where the form says what a field is, the field counts, whatever it holds; placeholders and headings do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatapp.privacy.notation import words
from chatapp.privacy.rules import Hit, Reading

_PLACEHOLDERS = words("""
    name first last middle family given patient mrn id dob date phone address city state zip ssn email doe^john
    doe^jane john^doe lastname firstname lastname^firstname last^first family^given string text null none n/a na
    unknown test example xxx m f u true false patient_name patient_id yyyymmdd yyyy-mm-dd mm/dd/yyyy redacted removed
    placeholder
""")
_FILLER = re.compile(
    r"^[\W_0]*$|^[\[<{(].*[\])>}]$|^[\[<{][^\])>}]*[\])>}](?:\^.*)?$"  # brackets around a placeholder
    r"|^x+$|^z{2,}\w*(?:\^.*)?$|^0+\^.*$|^1900-?01-?01$",  # test systems
    re.IGNORECASE,
)


def _by_word(text: str) -> dict[str, str]:
    """Lines of a kind and its words, as the kind of each word."""
    return {word: kind for kind, *those in map(str.split, text.strip().splitlines()) for word in those}


def _filled(value: str) -> bool:
    """Whether a field holds something of somebody."""
    bare = value.strip(" \t\"'*")
    return bool(bare) and bare.lower() not in _PLACEHOLDERS and _FILLER.match(bare) is None


def hits(reading: Reading) -> Iterator[Hit]:
    """Fields of records in the text that tell who the patient is."""
    yield from _segments(reading)
    yield from _keys(reading)
    yield from _tables(reading)


# --- HL7 v2 ----------------------------------------------------------------------------------------------------------

_SEGMENT = re.compile(r"\b(PID|NK1|IN1|GT1|PV1)\|([^\r\n]{1,4000})")
_FIELDS: dict[str, dict[int, str]] = {
    "PID": {
        2: "MRN",
        3: "MRN",
        4: "MRN",
        5: "NAME",
        6: "NAME",
        7: "DATE",
        9: "NAME",
        11: "ADDRESS",
        13: "PHONE",
        14: "PHONE",
        18: "ACCOUNT",
    }
    | {19: "SSN", 20: "LICENSE", 21: "MRN", 23: "GEO", 29: "DATE"},
    "NK1": {2: "NAME", 4: "ADDRESS", 5: "PHONE", 6: "PHONE", 16: "DATE", 30: "NAME", 31: "PHONE", 37: "SSN"},
    "IN1": {2: "BENEFICIARY", 16: "NAME", 18: "DATE", 19: "ADDRESS", 36: "BENEFICIARY", 49: "BENEFICIARY"},
    "GT1": {3: "NAME", 5: "ADDRESS", 6: "PHONE", 8: "DATE", 12: "SSN"},
    "PV1": {19: "ACCOUNT", 44: "DATE", 45: "DATE"},
}
"""Segment and position of a field that identifies. HL7 v2.5.1, chapters 3 and 6."""


def _segments(reading: Reading) -> Iterator[Hit]:
    if "|" not in reading.cues:
        return
    for match in _SEGMENT.finditer(reading.text):
        kinds = _FIELDS[match[1]]
        at = match.start(2)
        for position, value in enumerate(match[2].split("|"), start=1):
            if position in kinds and _filled(value) and any(map(_filled, value.split("^"))):
                yield Hit(at, at + len(value), kinds[position], f"hl7-{match[1].lower()}-{position}")
            at += len(value) + 1


# --- JSON ------------------------------------------------------------------------------------------------------------

_PATIENT_RESOURCE = re.compile(r"\"resourceType\"\s{0,9}:\s{0,9}\"(?:Patient|RelatedPerson|Person|Coverage)\"")
_RESOURCE_KEYS = _by_word("""
    NAME family given text display
    DATE birthDate deceasedDateTime
    OTHER_ID value
    ADDRESS line
    GEO city district
    ZIP postalCode
    BENEFICIARY subscriberId
""")
"""Keys that identify inside a resource about a person. FHIR R4, Patient, RelatedPerson, Coverage."""
_ANY_KEYS = _by_word("""
    NAME pt patient patientname ptname nextofkin
    MRN mrn patientid medicalrecordnumber
    DATE dob birthdate dateofbirth
    SSN ssn
    BENEFICIARY memberid
""")
"""Keys that identify in any object; without joiners, in small letters."""
_KEY = re.compile(r"[\"']([A-Za-z_ -]{2,30})[\"']\s{0,9}[:=]\s{0,9}\[?\s{0,9}[\"']([^\"'\n]{1,200})[\"']")


def _keys(reading: Reading) -> Iterator[Hit]:
    if ":" not in reading.cues or reading.cues.isdisjoint("\"'"):
        return
    resource = _RESOURCE_KEYS if _PATIENT_RESOURCE.search(reading.text) else {}
    for match in _SUBJECT.finditer(reading.text):
        yield Hit(*match.span(1), "NAME", "json-subject")
    for match in _KEY.finditer(reading.text):
        kind = resource.get(match[1]) or _ANY_KEYS.get(match[1].lower().translate(_JOINERS))
        if kind and _filled(match[2]):
            yield Hit(*match.span(2), kind, "json-key")


_SUBJECT = re.compile(
    r"\"(?:subject|patient|beneficiary)\"\s{0,9}:\s{0,9}\{[^{}]{0,300}?\"display\"\s{0,9}:\s{0,9}\"([^\"\n]{1,200})\""
)
_JOINERS = str.maketrans("", "", "_- ")

# --- tables ----------------------------------------------------------------------------------------------------------

_COLUMNS = _by_word("""
    MRN mrn mr medicalrecord medicalrecordnumber patientid ptid chart
    NAME patient pt patientname ptname paciente
    DATE dob birthdate dateofbirth
    SSN ssn
    ACCOUNT account csn
    BENEFICIARY memberid
""")
"""Headings that make a table one of patients."""
_COMPANIONS = _by_word("""
    NAME name last first lastname firstname surname nextofkin
    PHONE phone cell
    ADDRESS address street
    GEO city
    ZIP zip
    EMAIL email
    DATE admitdate admitted
""")
"""Headings that count beside those."""
_DELIMITERS = ",;\t|"


def _tables(reading: Reading) -> Iterator[Hit]:
    if "\n" not in reading.cues or reading.cues.isdisjoint(_DELIMITERS):
        return
    header: tuple[str, list[str | None]] | None = None
    at = 0
    for line in reading.text.splitlines(keepends=True):
        header = _header(line) or (header if header and line.count(header[0]) else None)
        if header:
            yield from _row(line, at, *header)
        at += len(line)


def _header(line: str) -> tuple[str, list[str | None]] | None:
    """The delimiter and the kind of each column, where `line` heads a table of patients."""
    for delimiter in filter(line.__contains__, _DELIMITERS):
        cells = [cell.strip().lower().translate(_HEADING_NOISE) for cell in line.split(delimiter, 40)]
        if any(cell in _COLUMNS for cell in cells):
            return delimiter, [_COLUMNS.get(cell) or _COMPANIONS.get(cell) for cell in cells]
    return None


_HEADING_NOISE = str.maketrans("", "", "_- .#\"'*")


def _row(line: str, at: int, delimiter: str, kinds: list[str | None]) -> Iterator[Hit]:
    for kind, cell in zip(kinds, line.split(delimiter), strict=False):
        value = cell.strip()
        if kind and _filled(value) and value.lower().translate(_HEADING_NOISE) not in _COLUMNS | _COMPANIONS:
            start = at + cell.index(value)
            yield Hit(start, start + len(value), kind, "table-column")
        at += len(cell) + 1


_ROSTER_COLUMNS = words("""
    resident residents intern fellow attending staff employee provider physician nurse pgy pgylevel shift shifts
    shifttype rotation block oncall start end starttime endtime shiftstart shiftend coverage covering jeopardy backup
""")
"""Headings that make a table one of who works when."""
_BESIDE_THEM = words("""
    name first last firstname lastname email pager date day weekday month week from to time hours type level role
    service site unit location team assignment notes note comment call status id program rank
""")
"""What else its columns are."""


def rosters(text: str) -> list[tuple[int, int]]:
    """Stretches of a text that are tables of who works when, and hold no column of patients: sorted, disjoint.

    Every heading is one that rosters have, and every row has as many cells: half a table proves nothing.
    """
    found: list[tuple[int, int]] = []
    delimiter, columns, start, at = "", 0, 0, 0
    for line in text.splitlines(keepends=True):
        if delimiter and line.count(delimiter) != columns:
            found.append((start, at))
            delimiter = ""
        if not delimiter and (heading := _roster_delimiter(line)):
            delimiter, columns, start = heading, line.count(heading), at
        at += len(line)
    return [*found, (start, at)] if delimiter else found


def _roster_delimiter(line: str) -> str:
    """What parts the columns, where a line heads a table of who works when."""
    for delimiter in filter(line.__contains__, _DELIMITERS):
        cells = [cell.strip().lower().translate(_HEADING_NOISE) for cell in line.split(delimiter, 40)]
        if not _ROSTER_COLUMNS.isdisjoint(cells) and all(
            cell in _ROSTER_COLUMNS or cell in _BESIDE_THEM for cell in cells
        ):
            return delimiter
    return ""
