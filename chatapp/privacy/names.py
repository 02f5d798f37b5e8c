"""Names that something announces: a title, the word patient, a relative, a label, a document for somebody.

How a name is read word by word stands here too; `bedside.py` judges names that nothing announces. Staff is nobody's patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from chatapp.privacy.rules import Hit, Reading, pattern, words
from chatapp.privacy.vocabulary import is_known, may_be_name

_NAME_WORD = re.compile(r"[^\W\d_]{1,40}(?:['-][^\W\d_]{1,40}){0,3}")
_BETWEEN = re.compile(r"(?:\.? {1,3}|, ?|\. ?)(?=[^\W\d_])")
_PARTICLES = words(
    "de la del der den van von bin ibn bint al el da dos das di du le ter ten ben abu mac mc st san santa y e do"
)
_PLACEHOLDERS = words(
    "doe name lastname firstname surname x y z xx xxx xyz abc so-and-so somebody nobody sample example test anonymous unknown"
)
_NO_LOWER_NAME = re.compile(r"(?:ing|ic|ive|ous|ly|tion|ment|ness|ism|(?<!m)ed|oid|ary|less|ful|able|ible)$")

Trust = Literal["sure", "likely"]
"""How much a cue says: after `Mrs.` any capitalised word is a name, after `patient` only one that may be."""


def name_end(text: str, at: int, trust: Trust) -> int:
    """Where the name that begins at `at` ends; `at` where none begins there.

    Capitalised words, initials and particles belong to it; in small letters only unknown words do, two at most.
    """
    end, position, count, lower = at, at, 0, False
    while count < 4 and (match := _NAME_WORD.match(text, position)):
        word = match.group()
        if count == 0:
            lower = word[0].islower() and word.lower() not in _PARTICLES
        if word in _PARTICLES:
            end_of_word = end
        elif _belongs(word, trust if count == 0 else "likely", lower, count):
            end_of_word = match.end()
        else:
            break
        end, count = end_of_word, count + 1
        gap = _BETWEEN.match(text, match.end())
        if gap is None or (lower and (count == 2 or gap.group() != " ")):
            break
        position = gap.end()
    return end


def _belongs(word: str, trust: Trust, lower: bool, count: int) -> bool:
    """Whether `word` can be word number `count` of a name."""
    if word.lower() in _PLACEHOLDERS:
        return False
    if lower:
        return word.islower() and len(word) > 2 and not is_known(word) and _NO_LOWER_NAME.search(word) is None
    if not word[0].isupper():
        return not word[0].islower() and len(word) > 1  # scripts without capitals
    if len(word) == 1:
        return count > 0
    if trust == "sure":
        return len(word) > 1 and not (is_known(word) and not may_be_name(word) and word.isupper())
    return may_be_name(word)


# --- staff -----------------------------------------------------------------------------------------------------------

_STAFF_BEFORE = pattern(
    r"(?:\b(?:drs?|doctor|prof(?:essor)?|attending|resident|interns?|fellow|nurse|rn|np|pa|crna|chief|hospitalist|surgeon|cardiologist"
    r"|consultant|pgy-?\d|ms-?[34]|medical student|coordinator|program director|pd|apd|faculty|supervisor|dra|medico|docteur|arzt|doutora?)\.? )$"
)
_STAFF_AFTER = pattern(
    r"^(?:,? ?(?:MD|M\.D|DO|MBBS|RN|NP|PA-?C?|PharmD|PhD|CRNA|FACP|pgy-?\d)\b| ?\((?:pgy|attending|resident|intern|chief|fellow|ms)"
    r"|,? (?:our|the|my|a) (?:\w+ )?(?:coordinator|director|secretary|administrator|manager|resident|intern|chief|fellow|attending|nurse|professor)"
    r"| (?:is|was|will be|'s|are|and \w+ are) (?:on[- ]call|on nights?|on days?|on vacation|on service|on leave|post-?call|pre-?call|off|covering|away"
    r"|the (?:attending|resident|senior|intern|chief|fellow|coordinator))"
    r"| (?:covers?|takes? (?:the )?(?:pager|call|shift|admissions)|swaps?|rotates?|et al)\b)"
)


def is_staff(text: str, start: int, end: int) -> bool:
    """Whether the name at `start` to `end` is given as that of somebody who works there."""
    before, after = text[max(0, start - 24) : start], text[end : end + 48]
    return _STAFF_BEFORE.search(before) is not None or _STAFF_AFTER.match(after) is not None


# --- cues ------------------------------------------------------------------------------------------------------------

Look = Callable[[Reading, int, int], bool]
"""A second look at a name: reading, start, end."""


def _whoever(_reading: Reading, _start: int, _end: int) -> bool:
    return True


def _in_care(reading: Reading, start: int, end: int) -> bool:
    evidence = reading.evidence(start)
    if evidence.schedule or evidence.policy:
        return evidence.measured or evidence.aged
    return evidence.person or evidence.care or reading.whole.bedside


def _written_about(reading: Reading, start: int, end: int) -> bool:
    """The subject of a letter or note, and not of a reference or a farewell speech."""
    if _CAREER.search(reading.text, *reading.sentence(start)):
        return False
    several = len(_NAME_WORD.findall(reading.text, start, end)) > 1
    return several or reading.whole.bedside or reading.whole.person


_CAREER = pattern(
    r"\b(?:recommendation|residency|fellowship|applicant|application|student|award|newsletter|biography|bio|speech|graduat\w+|retire\w+|faculty"
    r"|wedding|quote|book|poem|author|residents?|interns?|evaluation|reminder|shift|swap|call|schedule|pgy\S*|board|promotion)\b"
)


@dataclass(frozen=True, slots=True)
class NameCue:
    """Something after which a name stands.

    Args:
        pattern: the cue, up to where the name begins. cues: words, one of which the text must hold.
    """

    name: str
    pattern: re.Pattern[str]
    cues: frozenset[str]
    trust: Trust
    look: Look = _whoever

    def hits(self, reading: Reading) -> Iterator[Hit]:
        """The names it announces."""
        if self.cues.isdisjoint(reading.cues):
            return
        for match in self.pattern.finditer(reading.text):
            start = match.end()
            end = name_end(reading.text, start, self.trust)
            if end > start and not is_staff(reading.text, start, end) and self.look(reading, start, end):
                yield Hit(start, end, "NAME", self.name)


_PATIENT = r"patient|patinet|pateint|paitent|patietn|pateitn|patiet|ptient|patien|pacient[ea]?|patiente|patientin|kranke|doente"
_RELATIVE = (
    r"wife|husband|spouse|partner|son|daughter|mother|mom|mum|father|dad|sister|brother|aunt|uncle|niece|nephew|cousin|grandson|granddaughter|grandmother"
    r"|grandfather|fiancee?|girlfriend|boyfriend|guardian|caregiver|caretaker|proxy|hcp|poa|surrogate|next of kin|nok|emergency contact|twin|baby|neighbor|roommate"
    r"|employer|boss|esposa|esposo|marido|mujer|hij[oa]|madre|padre|herman[oa]|femme|mari|fille|fils|mere|pere|ehefrau|ehemann|tochter|sohn|mutter|vater|filh[oa]|mae|pai"
)
_DOCUMENT = (
    r"notes?|letters?|summary|summaries|hpi|h&p|consults?|complaints?|referrals?|handoffs?|consents?|appeals?|photos?|pictures?|video|case|discharges?|message|reply|write|report"
    r"|work-?up|orders?|refills?|rx|prescriptions?|appointments?|visits?|certificate|eulogy|obituary|condolences?|card|apology|plan|regarding|re|followup|follow-up|labs|imaging"
    r"|ct|mri|xray|biopsy|results?|meeting|call|called|phoned|paged|family|email|text|talk|spoke|speak|history|assessment|intake|dictation|transfer|admit|admission|brief|carta|lettre|resumen"
)

CUES = (
    NameCue(
        "title",
        re.compile(
            r"(?<![\w.'-])(?:Mrs?|Ms|Mx|Miss|MR|MRS|Mme|Mlle|Madame|Monsieur|Herr|Frau|Sra?|Srta|Senora?|senora?|senorita|Dona|dona|don|Don|Signora?|Senhora?|senhora?|M(?=\.))\.? {1,2}(?=[A-Z])"
        ),
        words(
            "mr mrs ms mx miss mme mlle madame monsieur herr frau sr sra srta senor senora senorita don dona signor signora senhor senhora m"
        ),
        "sure",
    ),
    NameCue(
        "title-lower",
        re.compile(r"(?<![\w.'-])(?<!\d )(?:mrs?|ms|miss|mme|herr|frau|sra?|senora?)\.? {1,2}(?=[a-z])"),
        words("mr mrs ms miss mme herr frau sr sra senor senora"),
        "likely",
    ),
    NameCue(
        "patient",
        re.compile(
            rf"(?:\b(?:{_PATIENT}|Patient|PATIENT|Patientin|Paciente|Pt|pt|pts|client)(?:'s name)?|病人|患者|المريضة?|환자|пациент\w{{0,3}})(?: (?:is|was|named|called|name|known as|initials|here is))*[ :,=\"'(\[#-]{{0,3}}(?<=\W)(?=\w)"
        ),
        words(
            "patient pt pts client paciente patiente patientin kranke doente pacient pacienta patinet pateint paitent patietn pateitn patiet ptient patien"
        ),
        "likely",
    ),
    NameCue(
        "relative",
        pattern(
            rf"(?:\b(?:his|her|their|the|pt's|patient's|su|sa|son|seine?|ihre?) |'s |^|, |\b)(?:{_RELATIVE})(?:,| is| was| named| called|:)? (?=(?-i:[A-Z]))"
        ),
        words(_RELATIVE.replace("|", " ")) | words("hija hijo hermana hermano filha filho fiance fiancee kin contact"),
        "likely",
    ),
    NameCue(
        "named",
        pattern(r"\b(?:named|name is|called|goes by|llamad[oa]|nommee?|namens|chamad[oa]) [\"']?(?=(?-i:[A-Z]))"),
        words("named name called goes llamado llamada nomme nommee namens chamado chamada"),
        "likely",
        _in_care,
    ),
    NameCue(
        "label",
        pattern(
            r"(?<![\w-])(?<!file )(?<!user )(?<!drug )(?<!class )(?<!host )(?<!brand )(?<!generic )(?:name|nombre|nom|nome|surname|last name|first name|patient name|pt name)\*{0,2} ?[:=] ?\*{0,2}[\"']?(?=[A-Z])"
        ),
        words("name nombre nom nome surname"),
        "likely",
        lambda reading, start, end: (
            reading.text[end : end + 1] == "," or " " in reading.text[start:end] or reading.whole.person
        ),
    ),
    NameCue(
        "document",
        pattern(
            rf"\b(?:{_DOCUMENT})(?: (?:note|letter|summary|certificate|card|call|back|up))?(?: (?:for|to|from|of|about|on|regarding|with|re|by))?[: ]{{1,2}}['\"]?(?=(?-i:[A-Z]))"
        ),
        words(_DOCUMENT.replace("?", "").replace("|", " ")) | words("note letter h m"),
        "likely",
        lambda reading, start, end: _written_about(reading, start, end) and _in_care(reading, start, end),
    ),
)
