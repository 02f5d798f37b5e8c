"""Names that nothing announces: `Okonkwo in 12`, `Rice 67F`, `Carmichael CHF exacerbation`, `Okonkwo's K is 2.9`.

An unknown word beside a bed, an age, a laboratory value or a state is suspect; in a duty roster, a citation or a
lecture
it is not. Words that are also names (Green, Rice) need a sign right next to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatapp.privacy.names import PLACEHOLDERS, could_be_small_name, is_staff
from chatapp.privacy.notation import one_of, pattern, words
from chatapp.privacy.rules import Hit, Reading
from chatapp.privacy.vocabulary import is_known, may_be_name

_ROOM = r"(?!(?:19|20)\d\d\b)\d{0,2}[A-Za-z]{0,3}-?\d{1,4}[A-Za-z]?\b"
_NO_ROOM = r"(?! ?(?:mg|min|minutes?|h|hrs?|hours?|days?|weeks?|months?|years?|patients|of|percent|cases|%|/))"
_UNIT = one_of("bed rm room icu micu sicu ccu nicu picu ward bay er ed tele pacu")
_AGE = r"\(?\d{1,3}(?: ?(?:yo|y/o|y\.o\.?|yrs?|[mMfF])(?![\w/%])|y[mMfF]\b|[- ]?(?:year|yr|month|week|day)s?[- ]old)"
_CONDITION = one_of("""
    CHF COPD DKA AKI NSTEMI STEMI UGIB GIB PNA SBO CVA TIA new_afib new_onset new_a-?fib afib_with sepsis pneumonia
    hip_fracture exacerbation submassive_PE overdose
""")

_PLACE = one_of("waiting_room lobby hallway unit icu micu ed er trauma_bay pacu")

_BED_BEFORE = pattern(
    rf"(?:\b{_UNIT} ?#?{_ROOM}|\b\d{{1,2}}[A-Z]{{1,2}}-?\d{{1,3}}|^\s{{0,4}}\d{{1,4}}[A-Z]?)"
    r" ?[:,.)=-]{0,2} ?(?:is |has )?$"
)
_BED_AFTER = pattern(
    rf",? ?\(?(?:(?:in|from|at) (?:the )?)?{_UNIT} ?#?{_ROOM}| in {_ROOM}{_NO_ROOM}(?=\W|$)| in the {_PLACE}\b"
)
_AGE_AFTER = pattern(rf",? ?(?:is |was )?(?:an? )?{_AGE}")
_BIRTH_AFTER = pattern(
    r",? ?\(?(?:dob|mrn|ssn|b\.|born|nee? |geb)\b"
    r"|,? (?:\d{1,2}/\d{1,2}/)?(?:19\d\d|20[01]\d)\b|,? \d{1,2}/\d{1,2}/[3-9]\d\b"
)
_CONDITION_AFTER = pattern(rf"(?::| -)? {_CONDITION}\b")
_STATE_AFTER = pattern(
    r",? "
    + one_of("""
    still is was has had needs? wants got fell failed went coded arrested desat\\w* vomited refus\\w+ complain\\w* c/o
    s/p on new admitted died passed spiked crashed seized looks feels seems can't cannot won't ready pulled developed
    presented remains continues
    """)
    + r"\b"
)
_ASKED_BEFORE = pattern(
    r"^\W{0,3}"
    + one_of(
        "did does has is was can could should would will and but so also re update_on how_is what_about admit discharge"
    )
    + r" $"
)
_POSSESSION_AFTER = pattern(
    r"'s? (?:\w+ ){0,2}?"
    + one_of("""
    labs? K Na Mg Ca Cr WBC Hgb INR EF BP HR A1c potassium sodium creatinine lactate troponin glucose hemoglobin
    platelets? bicarb ammonia urine blood culture\\w* wife husband son daughter mother mom father dad family children
    kids sister brother chart notes? CT MRI echo ekg ecg xray cxr biopsy path op_note results? scan imaging films?
    wound drain line PICC tube meds medications? insulin antibiotics dose discharge admission surgery procedure
    consent code_status DNR goals_of_care appointment appt visit stress_test test referral foot arm leg pain fever
    rash cough symptoms stroke seizures? room bed nurse insurance sats? pressures? temp vitals
    """)
    + r"\b"
)
_THING_AFTER = pattern(
    r"(?:'s?)? "
    + one_of("""
    signs? syndrome disease disorder law triad tetrad lines? score scale criteria test maneuver manoeuvre procedure
    operation tube catheter phenomenon reflex nodes? ulcers? body bodies cells? palsy fracture classification stage
    grade index formula equation rule protocol method technique approach position block effect angle point cyst
    lymphoma sarcoma tumor anemia pneumonia virus fever contracture esophagus encephalopathy breathing respiration
    hospital clinic university medical health healthcare center centre school college institute foundation trial study
    et_al inc pharma street st ave avenue building auditorium library award lecture hall dictum paradox curve loop
    canal duct gland stain agar gas forceps retractor clamp needle drain suture knot brace splint collar coma_scale
    risk better vs\\.? versus dosing bolus infusion drip toxicity levels? therapy side_effects dose doe
    """)
    + r"\b| in (?:an?|children|adults|pregnancy|kids|patients)\b"
    r"|[- ](?:type|like|induced|positive|negative|related|associated)\b"
    r"| ?\(?\d+(?:\.\d+)?(?:[-/]\d+)? ?(?:mg|mcg|g|gm|units?|ml|mL|IU|mEq|mmol|%|tabs?|puffs?)\b"
)
_KIN_AFTER = pattern(r" (?:family|wife|husband|daughter|son|mother|mom|father|dad|kid|baby|twins?)\b")
_DOES_AFTER = pattern(
    r" (?:eat|drink|go|shower|drive|fly|walk|leave|be discharged|get|have|take|travel|swallow|shave)\b"
)
_BEGINS = re.compile(r"[\s\d.)*#>-]*$")
_LISTED_AFTER = pattern(r" ?[:-] |, ")
_DEFINED_BEFORE = pattern(
    r"(?:\b"
    + one_of("""
    the on start started give dose_of what_is what's define explain at vs\\.? versus by per growing grew positive_for
    """)
    + r" |[@#_\\])$"
)
_THING_BEFORE = pattern(
    r"(?:\b"
    + one_of("""
    the on start started starting give giving given gave take takes taking received receiving using use via dose_of
    switch(?:ed)?_to load_with allergic_to allergy_to add hold stop continue needs? what_is what's define explain
    about called at vs\\.? versus or by type per trial positive_for rule_out r/o from in like growing grew with
    """)
    + r" |[-@#_.\\])$"
)


def hits(reading: Reading) -> Iterator[Hit]:
    """Names in the text that stand beside a bed, an age, a value or a state."""
    for start, end in _candidates(reading.text):
        rule = _reason(reading, start, end)
        if rule and not is_staff(reading, start, end):
            yield Hit(start, end, "NAME", rule)
    yield from _initials(reading)
    yield from _small_letters(reading)


# --- capitalised words -----------------------------------------------------------------------------------------------

_CAPITALISED = re.compile(r"(?<![\w'-])[A-Z][A-Za-z]{1,40}(?:['-][A-Za-z]{1,40}){0,3}(?![A-Za-z\d])")
_MIXED_CASE = re.compile(r"(?<!Mc)(?<!Mac)(?<!De)(?<!Di)(?<!La)(?<!Le)(?<!Fitz)(?<!Van)(?<=[a-z])[A-Z]|^[A-Z]{2,}[a-z]")
_POSSESSIVE = re.compile(r"'[sS]?$")
_JOINTS = frozenset(
    (" ", "  ", "   ", ", ", ",", " de ", " van ", " von ", " al ", " bin ", " del ", " da ", " de la ")
)


def _candidates(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of capitalised words each of which may be a name: `Did Mei Fong get` ─▶ Mei Fong."""
    start = end = -1
    for match in _CAPITALISED.finditer(text):
        word = _POSSESSIVE.sub("", match.group())
        if not may_be_name(word) or _MIXED_CASE.search(word):
            continue
        if word.isupper() and len(word) < 6 and start >= 0 and not text[start:end].isupper():
            continue
        if start >= 0 and text[end : match.start()] in _JOINTS:
            end = match.start() + len(word)
            continue
        if start >= 0:
            yield start, end
        start, end = match.start(), match.start() + len(word)
    if start >= 0:
        yield start, end


def _reason(reading: Reading, start: int, end: int) -> str | None:
    """The rule by which the words at `start` to `end` are a patient's name, or None."""
    sentence_start, sentence_end = reading.sentence(start)
    name = reading.text[start:end]
    before = reading.text[max(sentence_start, start - 40) : start]
    after = reading.text[end : min(sentence_end, end + 48)]
    if _THING_AFTER.match(after):
        return None
    names = re.split(r"[ ,]+", name)
    if not PLACEHOLDERS.isdisjoint(map(str.lower, names)):
        return None
    unknown = not all(map(is_known, names))
    if name.isupper() and len(name) < 5:
        return _reason_for_capitals(name, before, after) if unknown else None
    beside = _reason_beside(reading, start, before, after, unknown=unknown)
    return beside or _reason_in_sentence(reading, start, before, after, unknown=unknown, several=" " in name)


def _reason_for_capitals(name: str, before: str, after: str) -> str | None:
    """Short words in capitals are abbreviations, unless they begin a sentence that says how somebody is."""
    begins = not before.strip() and len(name) > 3
    return (
        "name-in-capitals" if begins and re.match(r" (?:still|desat\w*|coded|arrested|fell|refus\w+) ", after) else None
    )


def _reason_beside(reading: Reading, start: int, before: str, after: str, *, unknown: bool) -> str | None:
    """A sign right before or right after the name."""
    if _AGE_AFTER.match(after):
        return "name-and-age"
    evidence = reading.evidence(start)
    if not evidence.schedule and (_BED_AFTER.match(after) or _BIRTH_AFTER.match(after)):
        return "name-and-bed-or-birth"
    if evidence.bedside and _BED_BEFORE.search(before):
        return "bed-and-name"
    if unknown and _BEGINS.match(before) and _CONDITION_AFTER.match(after):
        return "name-and-condition"
    if (unknown or evidence.bedside) and _POSSESSION_AFTER.match(after):
        return "name-and-possession"
    if unknown and not evidence.schedule:
        return _reason_beside_unknown(reading, start, before, after)
    return None


def _reason_beside_unknown(reading: Reading, start: int, before: str, after: str) -> str | None:
    """Signs that do for an unknown word, but not for one that is also a word."""
    if _KIN_AFTER.match(after):
        return "name-and-kin"
    if _ASKED_BEFORE.search(before) and _DOES_AFTER.match(after):
        return "name-and-deed"
    if _BEGINS.match(before) and _LISTED_AFTER.match(after) and reading.evidence(start).care:
        return "name-in-list"
    return None


def _reason_in_sentence(
    reading: Reading, start: int, before: str, after: str, *, unknown: bool, several: bool
) -> str | None:
    """Nothing right beside the name, but the sentence tells how somebody is."""
    evidence = reading.evidence(start)
    if not (evidence.bedside or (several and evidence.person and evidence.care)):
        return None
    if (evidence.schedule or evidence.general) and not (evidence.measured or evidence.aged):
        return None
    if several:
        return None if _DEFINED_BEFORE.search(before) else "full-name-in-care"
    if unknown:
        return None if _THING_BEFORE.search(before) else "unknown-word-in-care"
    is_subject = (_BEGINS.match(before) and _STATE_AFTER.match(after)) or _ASKED_BEFORE.search(before)
    return "known-word-as-subject" if is_subject else None


# --- initials and small letters --------------------------------------------------------------------------------------

_INITIALS = re.compile(
    rf"(?<![\w.])(?:(?:[A-Z]\. ?){{2,3}}|[A-Z]{{2,3}})(?=,? {_AGE}|,? in (?:rm|room|bed|RM) ?#?\d)"
    r"|(?<=initials )[A-Z]\.? ?[A-Z]\b\.?"
)
_ABBREVIATIONS = words(
    "PE MI HF GI GU UTI DKA AKI CKD CVA TIA SBO CHF DVT EF BP HR IV PO OR MVC GSW AAA SAH SDH ICH HTN DM"
)
_SMALL_NAME = r"(?P<it>[a-z]{2,20}(?:['-][a-z]{2,20})?(?: [a-z]{1,20}(?:-[a-z]{2,20})?)?)"
_SMALL_AND_SIGN = re.compile(
    rf"{_SMALL_NAME}(?:,? {_AGE}| in (?:bed |rm |room |icu )?{_ROOM}{_NO_ROOM}"
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
