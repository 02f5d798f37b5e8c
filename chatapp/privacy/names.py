"""How a name is read word by word, and whether it is given as that of somebody who works there.

What announces a name is `cues.py`'s business; names that nothing announces are weighed in `weighing.py`.
"""

from __future__ import annotations

import re
from typing import Literal

from chatapp.privacy.notation import one_of, pattern, words
from chatapp.privacy.rules import Reading
from chatapp.privacy.suspects import PLACEHOLDERS
from chatapp.privacy.vocabulary import is_known, may_be_name

_NAME_WORD = re.compile(r"[^\W\d_]{1,40}(?:['-][^\W\d_]{1,40}){0,3}")
_GAP = re.compile(r"(?:\.? {1,3}|, ?|\. ?)(?=[^\W\d_])")
_PARTICLES = words(
    "de la del der den van von bin ibn bint al el da dos das di du le ter ten ben abu mac mc st san santa y e do"
)
_NO_NAME_IN_SMALL = re.compile(r"(?:ing|ic|ive|ous|ly|tion|ment|ness|ism|(?<!m)ed|oid|ary|less|ful|able|ible)$")
_GOES_ON = pattern(
    r"$|[^\w -]| $| [\d(-]"
    r"| (?:is|was|has|had|in|with|w|needs?|wants|about|on|from|who|and|for|will|to|re|at|c/o|s/p|still|refuses)\b"
)
_LONGEST_NAME = 4
_ABBREVIATION = 3
"""So many capitals are an abbreviation, where no title stands before them."""

Trust = Literal["sure", "likely"]
"""How much a cue says: after `Mrs.` any capitalised word is a name, after `patient` only one that may be."""


def name_end(text: str, at: int, trust: Trust) -> int:
    """Where the name that begins at `at` ends; `at` where none begins there.

    Capitalised words, initials and particles belong to it; in small letters only unknown words do, two at most.
    """
    first = _NAME_WORD.match(text, at)
    if first is None:
        return at
    if first.group()[0].islower() and first.group() not in _PARTICLES:
        return _small_name_end(text, at, trust)
    end, position = at, at
    for _ in range(_LONGEST_NAME):
        word = _NAME_WORD.match(text, position)
        if word is None:
            break
        if word.group() not in _PARTICLES:
            if not _belongs(word.group(), trust if end == at else "likely", first=end == at):
                break
            end = word.end()
        gap = _GAP.match(text, word.end())
        if gap is None:
            break
        position = gap.end()
    return end


def _small_name_end(text: str, at: int, trust: Trust) -> int:
    """The same for a name typed without capitals: an unknown word or two, and then the sentence goes on about it."""
    end = position = at
    for _ in range(2):
        word = _NAME_WORD.match(text, position)
        if word is None or not could_be_small_name(word.group()):
            break
        end = word.end()
        position = end + 1
        if text[end : end + 1] != " ":
            break
    return end if trust == "sure" or _GOES_ON.match(text, end) else at


def could_be_small_name(word: str) -> bool:
    """Whether `word`, in small letters, can be a name: no word that is known, nor one that looks like one."""
    return (
        word.islower()
        and len(word) > 2
        and word not in PLACEHOLDERS
        and not is_known(word)
        and _NO_NAME_IN_SMALL.search(word) is None
    )


def _belongs(word: str, trust: Trust, *, first: bool) -> bool:
    """Whether `word` can be part of a name."""
    if word.lower() in PLACEHOLDERS:
        return False
    if len(word) == 1:
        return not first
    if not word[0].isupper():
        return not word[0].islower()  # scripts without capitals
    if trust == "sure":
        return may_be_name(word) or not word.isupper()
    return may_be_name(word) and not (word.isupper() and len(word) <= _ABBREVIATION)


# --- staff -----------------------------------------------------------------------------------------------------------

_STAFF_BEFORE = pattern(
    r"\b"
    + one_of(r"""
    drs? doctor prof professor attending resident interns? fellow nurse rn np pa crna chief hospitalist surgeon
    cardiologist consultant pgy-?\d ms-?[34] medical_student coordinator program_director pd apd faculty supervisor
    dra docteur arzt doutora?
    """)
    + r"\.?,? (?:(?:mrs?|ms|miss)\.? )?$"
)
_STAFF_AFTER = pattern(
    r",? ?(?:MD|M\.D|DO|MBBS|RN|NP|PA-?C?|PharmD|PhD|CRNA|FACP|pgy-?\d)\b"
    r"| ?\((?:pgy|attending|resident|intern|chief|fellow|ms)"
    r"|,? (?:our|the|my|a) (?:\w+ )?"
    + one_of(
        "coordinator director secretary administrator manager resident intern chief fellow attending nurse professor"
    )
    + r"| (?:is|was|will be|'s|are|and \w+ are) "
    + one_of("""
    on[-_]call on_nights? on_days?(?!_\\d) on_vacation on_service on_leave post-?call pre-?call off covering away
    the_(?:attending|resident|senior|intern|chief|fellow|coordinator)
    """)
    + r"\b| (?:covers?|takes? (?:the )?(?:pager|call|shift|admissions)|swaps?|rotates?|et al)\b"
)


def is_staff(reading: Reading, start: int, end: int) -> bool:
    """Whether the name at `start` to `end` is given right there as that of somebody who works there."""
    before, after = reading.before(start), reading.after(end, 48)
    return _STAFF_BEFORE.search(before) is not None or _STAFF_AFTER.match(after) is not None
