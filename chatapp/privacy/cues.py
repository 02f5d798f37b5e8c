"""Names that something announces: a title, the word patient, a relative, a label, a document for somebody.

How far the name goes is read in `names.py`; `weighing.py` judges names that nothing announces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chatapp.privacy.names import Trust, is_staff, name_end
from chatapp.privacy.notation import first_words, one_of, pattern, words
from chatapp.privacy.rules import Hit, Reading, Rule
from chatapp.privacy.vocabulary import is_public

NameLook = Callable[[Reading, int, int], bool]
"""A second look at a name: reading, start, end."""


def _whoever(_reading: Reading, _start: int, _end: int) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class NameCue:
    """Something after which a name stands: a `Finder`.

    Args:
        pattern: the cue, up to where the name begins.
    """

    name: str
    pattern: re.Pattern[str]
    starts: frozenset[str]
    trust: Trust = "likely"
    look: NameLook = _whoever
    needs: frozenset[str] = frozenset()

    def judge(self, reading: Reading, match: re.Match[str]) -> Hit | None:
        """The name it announces."""
        start = match.end()
        end = name_end(reading.text, start, self.trust)
        if end == start or is_staff(reading, start, end) or not self.look(reading, start, end):
            return None
        return Hit(start, end, "NAME", self.name)


def _written_like_a_name(reading: Reading, start: int, _end: int) -> bool:
    """With a capital, or in small letters after no more than a comma: not `patient = fetch`."""
    return not reading.text[start].islower() or reading.before(start, 2)[:1] not in "=('\""


def _not_the_writers_own(reading: Reading, start: int, _end: int) -> bool:
    """Somebody's daughter, or the writer's own where care is the subject: not `my daughter Ann has a recital`."""
    evidence = reading.evidence(start)
    return (
        _MY_BEFORE.search(reading.before(start)) is None
        or evidence.bedside
        or (evidence.care and not evidence.schedule)
    )


def _really_about_one(reading: Reading, match: re.Match[str]) -> bool:
    """Not `Mr. A`, who is 45 and has gout in a textbook."""
    return not reading.evidence(match.start()).general and not _TEXTBOOK.search(reading.text)


_TEXTBOOK = pattern(
    r"\b(?:exam|fictional|fictitious|textbook|vignette|hypothetical|de-?identified|invented|made[- ]up)\b"
)
_MY_BEFORE = pattern(r"\bmy [\w-]{2,20},? (?:is |was |named )?$")


def _in_care(reading: Reading, start: int, _end: int) -> bool:
    evidence = reading.evidence(start)
    if evidence.schedule or evidence.general:
        return evidence.measured or evidence.aged
    return evidence.person or evidence.care or reading.whole.bedside


def _several_words(reading: Reading, start: int, end: int) -> bool:
    return re.search(r"[ ,]", reading.text[start:end]) is not None


def _no_career(reading: Reading, start: int, _end: int) -> bool:
    """Whom a note is about: not a reference, nor a word of thanks to a colleague."""
    return not reading.shows(start, _CAREER)


def _subject_of_care(reading: Reading, start: int, end: int) -> bool:
    """Whom a clinical document is about, where something says that it is about somebody."""
    return _no_career(reading, start, end) and (
        _several_words(reading, start, end) or reading.whole.bedside or reading.whole.person
    )


def _subject_of_letter(reading: Reading, start: int, end: int) -> bool:
    if _nothing_else(reading, start, end):
        return True
    return _subject_of_care(reading, start, end) and _in_care(reading, start, end)


def _nothing_else(reading: Reading, start: int, end: int) -> bool:
    """A full name and hardly a word more: nothing says that it is a colleague's, or anybody's whom all know."""
    evidence = reading.evidence(start)
    if is_public(reading.text[start:end]):
        return False
    short = len(reading.words) <= _HARDLY_A_WORD and _several_words(reading, start, end)
    return short and not evidence.schedule and not evidence.general and _no_career(reading, start, end)


_HARDLY_A_WORD = 6


def _labelled(reading: Reading, start: int, end: int) -> bool:
    if _PART_OF_NAME.search(reading.before(start)):
        return True
    return _several_words(reading, start, end) or reading.text[end : end + 1] == "," or reading.whole.person


_PART_OF_NAME = pattern(r"\b(?:last|first|full|family|given|patient|pt)[ _-]?name\W{1,4}$")
_CAREER = pattern(
    r"\b"
    + one_of(r"""
    recommendation residency fellowship applicants? students? award newsletter biography bio speech graduat\w+
    retire\w+ faculty wedding quote book poem author residents? interns? evaluation reminder shifts? swap schedule
    pgy\S* board promotion farewell colleague lecture thank_you thanks
    """)
    + r"\b"
)
_TITLE = "mrs? ms mx mme mlle madame monsieur herr frau srta senora senorita hr fr"
_TITLE_OR_WORD = r"miss ms sr sra don dona senor signor signora senhor senhora m(?=\.)"
_PATIENT = """
    patient patinet pateint paitent patietn pateitn patiet ptient patien pacient pacienta paciente patiente patientin
    pt pts client kranke doente
"""
_RELATIVE = """
    wife husband spouse partner son daughter mother mom mum father dad sister brother aunt uncle niece nephew cousin
    grandson granddaughter grandmother grandfather fiance fiancee girlfriend boyfriend guardian caregiver caretaker
    proxy hcp poa surrogate next_of_kin nok emergency_contact twin baby neighbor roommate employer esposa esposo
    marido mujer hija hijo madre padre hermana hermano femme mari fille fils mere pere ehefrau ehemann tochter sohn
    mutter vater filha filho mae pai
"""
_NAMED = "named name_is is_called by_the_name_of called goes_by llamado llamada nomme nommee namens chamado chamada"
_LABEL = "name nombre nom nome surname"
_ABOUT_A_PATIENT = """
    notes? hpi h&p complaints? handoff consent photos? pictures? discharge refill rx prescription apology dispo
    swallow_eval plan excuse goals_of_care code_status
"""
_CLINICAL_DOCUMENT = """
    consult referral video case summary certificate labs imaging ct mri xray biopsy results? history assessment intake
    dictation admission work-up workup appeal eval
"""
_LETTER = """
    letter message reply write report order orders appointment visit eulogy obituary condolences card regarding re
    followup follow-up meeting call called phoned paged email text talk spoke speak transfer admit brief carta lettre
"""
_FOR = (
    r"(?: (?:note|letter|summary|certificate|card|call|back|up|case|request|list)){0,2}"
    r"(?: (?:for|to|from|of|about|on|regarding|with|re|by))?[: ]{1,2}['\"]?(?=(?-i:[A-Z]))"
)

CUES = (
    NameCue(
        "title",
        pattern(rf"(?<![\w.'-])(?!(?-i:MS) ){one_of(_TITLE)}\.? {{1,2}}(?=(?-i:[A-Z]))"),
        first_words(_TITLE),
        "sure",
    ),
    NameCue(
        "title-or-word",
        pattern(rf"(?<![\w.'-]){one_of(_TITLE_OR_WORD)}\.? {{1,2}}(?=(?-i:[A-Z]))"),
        first_words(_TITLE_OR_WORD),
    ),
    NameCue(
        "title-in-small-letters",
        re.compile(r"(?<![\w.'-])(?<!\d )(?:mrs?|ms|miss|mme|herr|frau|sra?|senora?)\.? {1,2}(?=[a-z])"),
        words("mr mrs ms miss mme herr frau sr sra senor senora"),
        "sure",
    ),
    Rule(
        "title-and-initial",
        "NAME",
        pattern(rf"(?<![\w.'-]){one_of(_TITLE)}\.? (?P<it>(?-i:[A-W])\.?)(?=[ ,;:?!)']|$)(?! (?-i:[A-Z]))"),
        look=_really_about_one,
        starts=first_words(_TITLE),
    ),
    NameCue(
        "patient",
        pattern(
            rf"(?!(?-i:PT)\b){one_of(_PATIENT)}\b(?:'s name)?"
            r"(?: (?:named|called|name|known as|initials|de nombre|de nom)| (?:is|was)(?= (?-i:[A-Z]))){0,2}"
            r"[ :,=\"'(\[#-]{1,3}(?=\w)"
        ),
        first_words(_PATIENT),
        look=_written_like_a_name,
    ),
    NameCue(
        "patient-abroad",
        re.compile(r"(?:病人|患者|환자|المريضة?)[ :,]{0,2}(?=[A-Z])"),
        frozenset(),
        needs=words("病 患 환 م"),
    ),
    NameCue(
        "relative",
        pattern(rf"{one_of(_RELATIVE)}(?:[- ]in[- ]law)?(?:,| is| was| named| called|:)? (?=(?-i:[A-Z]))"),
        first_words(_RELATIVE),
        look=_not_the_writers_own,
    ),
    NameCue("named", pattern(rf"{one_of(_NAMED)} [\"']?(?=(?-i:[A-Z]))"), first_words(_NAMED), look=_in_care),
    NameCue(
        "label",
        pattern(
            r"(?<![\w-])(?<!file )(?<!user )(?<!drug )(?<!class )(?<!host )(?<!brand )(?<!generic )"
            rf"{one_of(_LABEL)}\*{{0,2}} ?[:=] ?\*{{0,2}}[\"']?(?=(?-i:[A-Z]))"
        ),
        first_words(_LABEL),
        look=_labelled,
    ),
    NameCue(
        "case-conference",
        pattern(r"m&m(?: (?:case|conference|presentation|re|for|on))?[: ]{1,2}(?=(?-i:[A-Z]))"),
        words("m"),
    ),
    NameCue(
        "about-a-patient",
        pattern(one_of(_ABOUT_A_PATIENT) + _FOR),
        first_words(_ABOUT_A_PATIENT),
        look=_no_career,
    ),
    NameCue(
        "clinical-document",
        pattern(one_of(_CLINICAL_DOCUMENT) + _FOR),
        first_words(_CLINICAL_DOCUMENT),
        look=_subject_of_care,
    ),
    NameCue("who-is", pattern(r"who(?:'s| is| was) (?=(?-i:[A-Z]))"), words("who"), look=_nothing_else),
    NameCue("letter", pattern(one_of(_LETTER) + _FOR), first_words(_LETTER), look=_subject_of_letter),
)
