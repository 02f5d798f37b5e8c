"""Tokens ─▶ suspects: stretches that may be an identifier, and are one only by what stands around them.

Words that may be names or towns, dates, days, long numbers, beds, high ages. What labels or shapes prove by
themselves is found by the rules; a suspect is weighed in `weighing.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from chatapp.privacy.notation import one_of, pattern, words
from chatapp.privacy.tokens import BOTH, COMMON, FAMILIAR, MEDICAL, NAME, NAME_AND_FAMILIAR, WIDE, WORD, Token, Word

Sort = Literal["name", "initials", "date", "phone", "bed", "number", "age"]


class Suspect(NamedTuple):
    """A stretch of text: characters `start` to `end`, tokens `first` up to, not including, `after`."""

    sort: Sort
    first: int
    after: int
    start: int
    end: int


_MONTHS = words("""
    jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov
    november dec december
""")
_MONTH = one_of("""
    jan(?:uary)? feb(?:ruary)? mar(?:ch)? apr(?:il)? may june? july? aug(?:ust)? sept?(?:ember)? oct(?:ober)?
    nov(?:ember)? dec(?:ember)?
""")
_YEAR = r"(?:19|20)\d\d"
_DATE_FROM_DIGIT = pattern(
    rf"(?<![\w.$/-])(?:{_YEAR}[-/.][01]?\d[-/.][0-3]?\d|[0-3]?\d[-/.][0-3]?\d[-/.](?:{_YEAR}|'?\d\d)"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])"
    rf"|(?:0?[1-9]|1[0-2])[/-]{_YEAR}"
    r"|(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])(?!-)|(?:[0-2]\d|3[01])\.(?:[0-2]\d|3[01])\.(?= |\)|,|$)"
    rf"|[0-3]?\d(?:st|nd|rd|th)?(?: of| de)?[. -]{{1,2}}{_MONTH}\b\.?"
    rf"(?:(?: de|,)?[ -]{{0,2}}(?:{_YEAR}|'\d\d)\b|-\d\d\b)?"
    r")(?![\d/%]|,? ?1[0-8]\d\d\b| ?(?:mg|mcg|ml|units?|days?|weeks?|hours?|hrs?|h|min|months?|years?"
    r"|tabs?|puffs?|drops?|times|people|patients|residents|shifts?|nights?|beds|l|liters|cups|score)\b)"
)
_DATE_FROM_MONTH = pattern(
    rf"{_MONTH}\b\.?,? {{0,2}}"
    rf"(?:[0-3]?\d(?:st|nd|rd|th)?(?!\d)(?:,? {{0,2}}{_YEAR}|,? '\d\d)?|(?:of )?{_YEAR}|'\d\d)"
    r"(?![\d/%]|,? ?1[0-8]\d\d\b)"
)
_PHONE = re.compile(
    r"(?<![\d.-])(?:(?:\d{1,3}[ .-]{0,2})?\(?\d{3}(?:\) ?|[ .-]{1,2})\d{3}[ .-]{1,2}\d{4}(?!\d)"
    r"|(?<=\+)\d{1,4}(?:[ .-]?\d{2,4}){2,5}(?!\d))"
)
_TOLL_FREE = re.compile(r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\b")
PLACEHOLDERS = words("""
    doe name lastname firstname surname xx xxx xxxx xyz abc so-and-so somebody nobody sample example test anonymous
    unknown zztest
""")
_BED_WORDS = words("""
    bed bd rm room bay micu sicu ccu icu nicu picu cvicu ward er ed tele pacu trauma resus ldr obs unit hallway hall
    cubicle slot chair recliner stretcher crib pod hdu burn peds rehab theatre psych
""")
_BED_FROM_WORD = pattern(r"[a-z]+[ -]?#?(?:\d{1,4}[a-z]?(?:-\d{1,2})?|[a-z]-?\d{1,3}|(?<=bed )[a-z])\b")
_BED_FROM_DIGIT = re.compile(r"(?<![\w.])\d{1,2}(?:[A-Z]{1,2}|[nsew])(?:-?\d{1,3})?(?:-\d{1,2})?\b(?![/%])")
_NUMBER = re.compile(
    r"(?<![\w.$–-])(?!\d{1,5}-\d(?![\d-])|\d{1,3}-\d{1,4}(?![\d-])|(?:19|20)\d\d-(?:19|20)\d\d(?![\d-])|(\d)(?:-?\1)+(?![\w-])|12345|123-45-6789)"
    r"(?=(?:\w*?-?\d){5})(?:\d[\d-]{4,20}|\d{1,9}[A-Z]{1,3}\d[\dA-Z-]{0,12})(?:[A-Z]{1,2})?(?![\w%-]|\.\w)"
)
"""Five digits or more; neither a range nor a code with its check digit, nor an example."""
_NUMBER_AFTER_LETTERS = re.compile(
    r"(?!(?:NCT|PMC|CVE|RFC|INC|REQ|CHG|TKT|PO|ISO|IMG|DSC|HL|CA|AG|DK|GM|ICD|CPT|E)-?\d)(?![A-Z]\d{2}[A-Z]{2})"
    r"[A-Z]{1,5}[-_]?(?=(?:[A-Z-]{0,4}\d){4})\d[\dA-Z-]{3,18}(?![\w%]|\.\d)"
)
_AGE = re.compile(r"(?<![\d.:/$-])(?:9\d|1[01]\d)(?![\d.%/:,]|-\d)")
_FROM_DIGIT: Final[tuple[tuple[Sort, re.Pattern[str]], ...]] = (
    ("date", _DATE_FROM_DIGIT),
    ("phone", _PHONE),
    ("number", _NUMBER),
    ("bed", _BED_FROM_DIGIT),
    ("age", _AGE),
)
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?){1,3}[A-Z]\b\.?(?!\w)|[A-Z]{2}(?![\w'/&+-]|\.\w)")
_OTHER_NUMBER_BEFORE = pattern(
    r"\b"
    + one_of(r"""
    PMID PMCID CPT HCPCS ICD\S* NDC LOINC SNOMED RxNorm CVX NCT ISBN ISSN DOI ticket version ver build commit hash
    port request invoice work_order purchase_order PO P\.O\. error grant award room extension ext x meeting_id
    webinar passcode NPI DEA model part part_no catalog item SKU case_no docket EIN tax_id course CRN asset
    asset_tag badge_no incident INC REQ CHG workstation host firmware rev vlan stop_code exit_code pager beeper dial
    code protocol IRB REF RFC CVE bug issue PR
    """)
    + r"(?: ?(?:no|number|num|id))?[ :#.(-]{0,3}$"
)
"""What a long number belongs to that belongs to no patient."""
_PARTICLES = words("de van von al bin ibn del della da la der den el abu dos di du le st")
_GAPS = frozenset((" ", "", "  ", ", ", ",", ". ", "."))
_LONGEST = 8
_THING_AFTER = pattern(
    r"(?:'s?|s')? "
    + one_of("""
    signs? syndromes? disease disorder law triad tetrad lines? scores? scale criteria test maneuver manoeuvre procedure
    operation tube catheter phenomenon reflex nodes? ulcers? bodies cells? palsy fractures? classification stages? grade
    grading index formula equation rule protocol method technique position sinus block effect angle cysts? lymphoma
    sarcoma tumou?rs? anemia virus contracture esophagus encephalopathy breathing respirations? hospital clinic
    university health healthcare school college institute foundation et_al inc street st ave avenue building library
    lecture dictum paradox curve loop duct gland stain agar forceps retractor clamp knot brace splint collar model trial
    study approximation regression correction plot distribution inequality theorem hernia
    """)
    + r"\b"
    r"|-\d"
)
"""What makes the word before it the name of a thing: `Bell's palsy`, `claude-sonnet-5`."""


def suspects(text: str, tokens: Sequence[Token]) -> list[Suspect]:
    """What is to be weighed in a folded text, in order, disjoint."""
    return list(_suspects(text, tokens))


def _suspects(text: str, tokens: Sequence[Token]) -> Iterator[Suspect]:
    at, end = 0, len(tokens)
    while at < end:
        suspect = _suspect(text, tokens, at)
        if suspect:
            yield suspect
            at = suspect.after
        else:
            at += 1


def _suspect(text: str, tokens: Sequence[Token], at: int) -> Suspect | None:
    """The suspect that begins with the token `at`."""
    word = tokens[at].word
    if word.sort == "number":
        return _shaped(text, tokens, at, _FROM_DIGIT)
    if word.sort != "word":
        return None
    if word.low in _BED_WORDS and (found := _shaped(text, tokens, at, (("bed", _BED_FROM_WORD),))):
        return found
    if word.low in _MONTHS and (found := _shaped(text, tokens, at, (("date", _DATE_FROM_MONTH),))):
        return found
    if word.shape in ("X", "XX", "XXXX") and (found := _shaped(text, tokens, at, _FROM_CAPITALS)):
        return found
    if not may_be_name(word):
        return None
    suspect = _named(text, tokens, at)
    parts = (token.word.low for token in tokens[at : suspect.after + 1])
    return None if _THING_AFTER.match(text, suspect.end) or not PLACEHOLDERS.isdisjoint(parts) else suspect


_FROM_CAPITALS: Final[tuple[tuple[Sort, re.Pattern[str]], ...]] = (
    ("number", _NUMBER_AFTER_LETTERS),
    ("initials", _INITIALS),
)


def _shaped(
    text: str, tokens: Sequence[Token], at: int, shapes: Sequence[tuple[Sort, re.Pattern[str]]]
) -> Suspect | None:
    start = tokens[at].start
    for sort, shape in shapes:
        match = shape.match(text, start)
        if match and sort == "phone" and _TOLL_FREE.match(match.group()):
            return None
        if match and sort == "number" and _OTHER_NUMBER_BEFORE.search(text, max(0, start - 24), start):
            return None
        if match:
            after = at + 1
            while after < len(tokens) and tokens[after].start < match.end():
                after += 1
            return Suspect(sort, at, after, start, match.end())
    return None


def may_be_name(word: Word) -> bool:
    """Whether a word can be somebody's name, or a town's, if its surroundings say so."""
    if word.sort != "word" or len(word.text) < 2 or word.low == "'s":
        return False
    if word.shape == "x":
        return _may_be_small_name(word)
    if word.shape == "xX" or (word.traits & WIDE and not word.traits & FAMILIAR):
        return False
    if word.shape in ("XX", "XXXX") and word.known != "unknown" and not word.traits & NAME:
        return False
    if word.known in ("common", "medical") or (word.traits & WORD and word.traits & MEDICAL):
        return bool(word.traits & BOTH) or (not word.traits & MEDICAL and word.traits & NAME_AND_FAMILIAR > FAMILIAR)
    return True


def _may_be_small_name(word: Word) -> bool:
    if word.known == "unknown":
        return len(word.text) > 1
    if word.known == "ending" or not word.traits & NAME:
        return False
    if word.traits & COMMON:
        return bool(word.traits & BOTH)
    return not word.traits & MEDICAL or bool(word.traits & FAMILIAR)


def _named(text: str, tokens: Sequence[Token], at: int) -> Suspect:
    """Words that stand together as the parts of a name do: `Mei Fong`, `Lombardi, C`, `abu bakr`."""
    first = tokens[at]
    capitals = first.word.shape != "x"
    last = at
    for next_at in range(at + 1, min(at + _LONGEST, len(tokens))):
        token = tokens[next_at]
        before = tokens[next_at - 1]
        if text[before.end : token.start] not in _GAPS or not _goes_on(token.word, capitals):
            break
        if before.word.text == "." and tokens[next_at - 2].word.shape != "X":
            break
        if token.word.sort == "word" and token.word.low not in _PARTICLES:
            last = next_at
    return Suspect("name", at, last + 1, first.start, tokens[last].end)


def _goes_on(word: Word, capitals: bool) -> bool:
    """Whether a name goes on with, or over, this token."""
    if word.sort == "mark":
        return capitals and word.text in ",."
    if word.sort != "word" or word.low == "'s":
        return False
    if word.low in _PARTICLES or (capitals and word.shape == "X" and word.text != "I"):
        return True
    return may_be_name(word) and (word.shape != "x") == capitals
