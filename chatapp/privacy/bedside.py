"""Names that nothing announces: `Okonkwo in 12`, `Rice 67F`, `Carmichael CHF exacerbation`, `Okonkwo's K is 2.9`.

An unknown word beside a bed, an age, a laboratory value or a state is suspect; in a duty roster, a citation or a lecture it
is not. Words that are also names (Green, Rice) need a sign right next to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatapp.privacy.names import is_staff
from chatapp.privacy.rules import Hit, Reading, pattern, words
from chatapp.privacy.vocabulary import is_known, may_be_name

_CAPITALISED = re.compile(r"(?<![\w'-])[A-Z][A-Za-z]{0,40}(?:['-][A-Za-z]{1,40}){0,3}")
_POSSESSIVE = re.compile(r"'[sS]$|'$")

_ROOM = r"(?!(?:19|20)\d\d\b)\d{0,2}[A-Za-z]{0,3}-?\d{1,4}[A-Za-z]?\b"
_UNIT = r"(?:bed|rm|room|icu|micu|sicu|ccu|nicu|picu|ward|bay|er|ed|tele|pacu|l&d)"
_AGE = r"\(?\d{1,3}(?: ?(?:yo|y/o|y\.o\.?|yrs?|[mMfF])(?![\w/%])|y[mMfF]\b| [MF]\b|[- ]?(?:year|yr|month|week|day)s?[- ]old)"

_BED_BEFORE = pattern(
    rf"(?:\b{_UNIT} ?#?{_ROOM}|\b\d{{1,2}}[A-Z]{{1,2}}-?\d{{1,3}}|^\s{{0,4}}\d{{1,4}}(?:[A-Z]\b)?) ?[:,.)=-]{{0,2}} ?(?:is |has |- )?$"
)
_BED_AFTER = pattern(
    rf"^,? ?\(?(?:(?:in|from|at) (?:the )?)?{_UNIT} ?#?{_ROOM}"
    rf"|^ in {_ROOM}(?! ?(?:mg|min|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|patients|of|percent|cases|%|/))(?=\W|$)"
)
_AGE_AFTER = pattern(rf"^,? ?(?:is |was )?(?:an? )?{_AGE}")
_BORN_AFTER = pattern(
    r"^,? ?\(?(?:dob|mrn|ssn|b\.|born|ne |nee |geb)\b|^,? (?:\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d)"
)
_STATE_AFTER = pattern(
    r"^,? (?:still|is|was|has|had|needs?|wants|got|fell|failed|went|coded|arrested|desat\w*|vomited|refus\w+|complain\w*|c/o|s/p|POD|HD|with|on|new|w/|admitted|died"
    r"|passed|spiked|crashed|seized|looks|feels|seems|can't|cannot|won't|may go|ready|pulled|developed|presented|remains|continues)\b"
)
_ASKED_BEFORE = pattern(
    r"^\W{0,3}(?:did|does|has|is|was|can|could|should|would|will|may|and|but|so|also|re|update on|how is|what about|for|admit|discharge|dc|d/c) $"
)
_THINGS_OF_A_PATIENT = pattern(
    r"^(?:'s?|s') (?:\w+ ){0,2}?(?:labs?|K|Na|Mg|Ca|Cr|WBC|Hgb|INR|EF|BP|HR|A1c|potassium|sodium|creatinine|lactate|troponin|glucose|hemoglobin|platelets?|bicarb|ammonia|urine|blood|culture\w*"
    r"|wife|husband|son|daughter|mother|mom|father|dad|family|children|kids|sister|brother|chart|notes?|CT|MRI|echo|ekg|ecg|xray|cxr|biopsy|path|op note|results?|scan|imaging|films?|wound|drain|foley"
    r"|line|PICC|tube|meds|medications?|insulin|antibiotics|dose|discharge|admission|surgery|procedure|consent|code status|DNR|goals of care|pain|fever|rash|cough|symptoms|stroke|seizures?|room|bed|nurse|insurance|sats?|pressure|pressures|temp|vitals)\b"
)
_ABOUT_THINGS = pattern(
    r"^(?:'s?)? (?:sign|signs|syndrome|disease|disorder|law|triad|tetrad|lines?|score|scale|criteria|test|maneuver|manoeuvre|procedure|operation|tube|catheter|phenomenon|reflex|nodes?|ulcers?|body|bodies|cells?"
    r"|palsy|fracture|classification|stage|grade|index|formula|equation|rule|protocol|method|technique|approach|position|block|effect|node|angle|point|cyst|lymphoma|sarcoma|tumor|anemia|pneumonia|virus|fever"
    r"|contracture|esophagus|encephalopathy|breathing|respiration|hospital|clinic|university|medical|health|healthcare|center|centre|school|college|institute|foundation|trial|study|et al|inc|pharma"
    r"|street|st|ave|avenue|building|auditorium|library|award|lecture|hall|dictum|paradox|curve|loop|canal|duct|gland|stain|agar|gas|forceps|retractor|clamp|needle|drain|suture|knot|brace|splint|collar|coma scale|risk)\b"
    r"|^[- ](?:type|like|induced|positive|negative|related|associated|barre|Barre)\b| ?\(?\d+(?:\.\d+)?(?:[-/]\d+)? ?(?:mg|mcg|g|gm|units?|ml|mL|IU|mEq|mmol|%|tabs?|puffs?)\b"
)
_THINGS_BEFORE = pattern(
    r"(?:\b(?:the|of the|on|start|started|starting|give|giving|given|gave|take|takes|taking|received|receiving|using|use|via|dose of|switch(?:ed)? to|load with|allergic to|allergy to|add|hold|stop|continue|needs?"
    r"|what is|what's|define|explain|about|called|at|vs\.?|versus|or|by|type|per|trial|positive for|rule out|r/o|for|from|in|like|growing|grew|with|and|via) |/|[-@#_.\\])$"
)
_NO_SUBJECT_BEFORE = pattern(
    r"(?:\b(?:the|on|start|started|give|dose of|what is|what's|define|explain|at|vs\.?|versus|by|per|growing|grew|positive for) |[@#_\\])$"
)


def hits(reading: Reading) -> Iterator[Hit]:
    """Names in the text that stand beside a bed, an age, a value or a state."""
    for start, end in _runs(reading.text):
        rule = _reason(reading, start, end)
        if rule and not is_staff(reading.text, start, end) and not _named_as_staff(reading.text, start, end):
            yield Hit(start, end, "NAME", rule)
    yield from _initials(reading)
    yield from _small_letters(reading)


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words each of which may be a name: `Did Green get` ─▶ Green."""
    start = end = -1
    for match in _CAPITALISED.finditer(text):
        word = _POSSESSIVE.sub("", match.group())
        if len(word) < 2 or not may_be_name(word):
            continue
        if start >= 0 and text[end : match.start()] in _JOINTS:
            end = match.start() + len(word)
            continue
        if start >= 0:
            yield start, end
        start, end = match.start(), match.start() + len(word)
    if start >= 0:
        yield start, end


_JOINTS = frozenset(
    (" ", "  ", "   ", ", ", ",", " de ", " van ", " von ", " al ", " bin ", " del ", " da ", " de la ")
)


def _reason(reading: Reading, start: int, end: int) -> str | None:
    """The rule by which the words at `start` to `end` are a patient's name, or None."""
    text = reading.text
    line_start, line_end = reading.sentence(start)
    before, after = text[max(line_start, start - 40) : start], text[end : min(line_end, end + 48)]
    name = text[start:end]
    if _ABOUT_THINGS.match(after):
        return None
    unknown = not all(is_known(word) for word in re.split(r"[ ,]+", name))
    if name.isupper() and len(name) < 5:
        return _reason_for_capitals(name, before, after) if unknown else None
    if (
        (_BED_BEFORE.search(before) and reading.evidence(start).bedside)
        or (_BED_AFTER.match(after) and not reading.evidence(start).schedule)
        or _AGE_AFTER.match(after)
        or (_BORN_AFTER.match(after) and not reading.evidence(start).schedule)
    ):
        return "name-beside-bed-or-age"
    if _THINGS_OF_A_PATIENT.match(after) and (unknown or reading.evidence(start).bedside):
        return "name-with-possession"
    return _reason_in_sentence(reading, start, before, after, unknown=unknown, several=" " in name)


def _reason_for_capitals(name: str, before: str, after: str) -> str | None:
    """Short words in capitals are abbreviations, unless they begin a sentence that says how somebody is."""
    begins = not before.strip() and len(name) > 3
    return (
        "name-in-capitals" if begins and re.match(r" (?:still|desat\w*|coded|arrested|fell|refus\w+) ", after) else None
    )


def _reason_in_sentence(
    reading: Reading, start: int, before: str, after: str, *, unknown: bool, several: bool
) -> str | None:
    evidence = reading.evidence(start)
    if not (evidence.bedside or (several and evidence.person and evidence.care)):
        return None
    if (evidence.schedule or evidence.policy) and not (evidence.measured or evidence.aged):
        return None
    if several:
        return None if _NO_SUBJECT_BEFORE.search(before) else "full-name-in-care"
    if unknown:
        return None if _THINGS_BEFORE.search(before) else "unknown-word-in-care"
    subject = _STATE_AFTER.match(after) and not before.strip()
    return "known-word-as-subject" if subject or _ASKED_BEFORE.search(before) else None


def _named_as_staff(text: str, start: int, end: int) -> bool:
    """Whether the same name is somebody's who works there, elsewhere in the text."""
    name = re.split(r"[ ,]", text[start:end])[-1]
    return any(text.find(f"{title} {name}") >= 0 for title in ("Dr.", "Dr", "Prof.", "Doctor"))


# --- initials and small letters --------------------------------------------------------------------------------------

_INITIALS = re.compile(
    rf"(?<![\w.])(?P<it>(?:[A-Z]\. ?){{2,3}}|[A-Z]{{2,3}})(?=,? {_AGE}|,? in (?:rm|room|bed|RM) ?#?\d)", re.ASCII
)
_KNOWN_CAPITALS = words(
    "PE MI HF GI GU UTI DKA AKI CKD CVA TIA SBO CHF DVT EF BP HR IV PO ICU ED ER OR MVC GSW AAA SAH SDH ICH HTN DM"
)
_SMALL = re.compile(
    r"(?:^|(?<=[\n.?!:;,] )|(?<=\n)|\b(?:dc|d/c|admit|discharge|re|for|about|is|did|has|does) )(?P<it>[a-z]{2,20}(?:['-][a-z]{2,20})?(?: [a-z]{1,20}(?:-[a-z]{2,20})?)?)"
    rf"(?P<after>,? {_AGE}| in (?:bed |rm |room |icu )?{_ROOM}(?! ?(?:mg|min|h|hours?|days?|weeks?|months?|years?|of|patients|percent|%))"
    r"|'s (?:k|na|mg|cr|wbc|inr|potassium|sodium|creatinine|lactate|troponin|glucose|labs?|wife|husband|son|daughter|bp|hr|ekg|ct|mri)\b"
    r"| (?:needs|has|is|was|wants|got|had|keeps|refuses|refused|fell|failed|desatted|coded|home)\b)"
)


def _initials(reading: Reading) -> Iterator[Hit]:
    for match in _INITIALS.finditer(reading.text):
        if match["it"] not in _KNOWN_CAPITALS and not is_known(match["it"]):
            yield Hit(*match.span("it"), "NAME", "initials")


def _small_letters(reading: Reading) -> Iterator[Hit]:
    """Names typed without capitals, where a sentence begins with one and says how somebody is."""
    for match in _SMALL.finditer(reading.text):
        name = [word for word in match["it"].split() if len(word) > 1]
        if not name or not all(map(may_be_name, name)) or any(map(_NO_NAME_IN_SMALL.search, name)):
            continue
        beside = match["after"].lstrip(", ")[0].isdigit() or match["after"].startswith((" in ", "'s"))
        if (beside and (len(name) == 2 or not is_known(name[0]) or "rm " in reading.text)) or (
            len(name) == 2 and _cared_for(reading, match.start())
        ):
            yield Hit(*match.span("it"), "NAME", "name-in-small-letters")


_NO_NAME_IN_SMALL = re.compile(r"(?:ing|ic|ive|ous|ly|tion|(?<!m)ed|oid|ary)$")


def _cared_for(reading: Reading, at: int) -> bool:
    evidence = reading.evidence(at)
    return not evidence.schedule and (evidence.care or evidence.person or reading.whole.bedside)
