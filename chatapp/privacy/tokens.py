"""Folded text ─▶ tokens: words with what is known of them, numbers by their shape, single marks.

What a token says to those beside it is its `context`: the word itself where everybody knows it, else only its sort.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from chatapp.privacy.lexicon import FAMILIES, LEXICON, Trait
from chatapp.privacy.notation import one_of

Sort = Literal["word", "number", "mark", "break"]
Known = Literal["common", "medical", "word", "rare", "upper", "ending", "unknown", ""]
"""What kind of word it is, the best known first; nothing for numbers and marks. `ending`: only medicine makes such."""
Shape = Literal["x", "Xx", "X", "XX", "XXXX", "xX", ""]

COMMON, WORD, RARE, UPPER = Trait.COMMON.value, Trait.WORD.value, Trait.RARE.value, Trait.UPPER.value
MEDICAL, DRUG, PLACE = Trait.MEDICAL.value, Trait.DRUG.value, Trait.PLACE.value
NAME: Final = (Trait.FIRST | Trait.LAST).value
EPONYM, BOTH, FAMILIAR, WIDE = Trait.EPONYM.value, Trait.BOTH.value, Trait.FAMILIAR.value, Trait.WIDE.value
NAME_AND_FAMILIAR: Final = NAME | FAMILIAR
_PLAIN: Final = COMMON | WORD | MEDICAL

_TOKEN = re.compile(
    r"(?P<word>[^\W\d_]+(?:(?!'[sS]\b)['-][^\W\d_]+)*|'[sS]\b)"
    r"|(?P<number>\d+(?:[.,:/-]\d+)*)"
    r"|(?P<break>[\r\n]+)"
    r"|(?P<mark>[^\w\s]|_+)"
)
_MEDICAL_ENDING = re.compile(
    one_of("""
    itis emia aemia osis omas? ectomy ostomy otomy plasty pathy algia uria penia philia phagia pnea rrhea rrhage scopy
    graphy [oi]gram logy logist logic cele pril sartan olol statin cillin mycin micin oxacin azole zepam zolam parin
    xaban gatran formin gliptin flozin glutide semide thiazide dipine triptan setron prazole tidine codone morphone
    fentanil mab nib vir cycline sone solone amine idine arone oxetine azine apine idone peridol caine curium curonium
    barbital phylline terol tropium grastim poetin ations? itions? tional ments? ness ility ilities ically ical ious
    eous ively ative less ful able ible ism i[sz]ed i[sz]ing cardia thorax globin cytes? coccus coccal bacter virus
    toxin
    """)
    + "$"
)
_INFLECTIONS: Final = ("s", "es", "d", "ed", "ing", "ly", "er", "'ll", "'d", "'re", "'ve", "n't")


class Word(NamedTuple):
    """A token wherever it stands.

    Args:
        text: as written. low: in small letters. traits: bits of `Trait`. context: what it says to its neighbours.
        family: what it is, for those who do not know it.
        parts: its runs of letters, small, and of digits (`0`), each with where it begins.
    """

    text: str
    low: str
    sort: Sort
    traits: int
    known: Known
    shape: Shape
    context: str
    family: str
    parts: tuple[tuple[str, int], ...] = ()


class Token(NamedTuple):
    """A word, number or mark in its place."""

    start: int
    end: int
    word: Word


def tokens(text: str) -> list[Token]:
    """The tokens of a folded text, in order; spaces are none."""
    return [Token(*match.span(), _WORDS[match.group()]) for match in _TOKEN.finditer(text)]


class _Words(dict[str, Word]):
    """What is known of the texts of tokens: looked up quicker than a function is called. It forgets when it is full."""

    def __missing__(self, text: str) -> Word:
        if len(self) >= _REMEMBERED:
            self.clear()
        word = self[text] = _word(text)._replace(parts=tuple(_parts(text)))
        return word


_REMEMBERED: Final = 16384
_WORDS: Final = _Words()
_PART = re.compile(r"[^\W\d_]+|\d+")


def _parts(text: str) -> Iterator[tuple[str, int]]:
    for match in _PART.finditer(text):
        part = match.group()
        yield ("0" if part[0].isdigit() else part.lower()), match.start()


def _word(text: str) -> Word:
    match = _TOKEN.match(text)
    match match and match.lastgroup:
        case "word":
            return _letters(text)
        case "number":
            return Word(text, text, "number", 0, "", "", number_shape(text), "0")
        case "break":
            return Word("\n", "\n", "break", 0, "", "", "\n", "\n")
        case _:
            return Word(text, text, "mark", 0, "", "", text[0], text[0])


def _letters(text: str) -> Word:
    low = text.lower()
    traits = traits_of(low)
    known = _known(low, traits)
    shape = _shape(text)
    if known in ("common", "medical") or (known == "word" and not traits & NAME):
        context = low
    else:
        context = f"~{known}{'N' if traits & NAME else ''}{'' if shape == 'x' else '^'}"
    return Word(text, low, "word", traits, known, shape, context, _family(low, traits, known, shape))


@lru_cache(maxsize=16384)
def traits_of(low: str) -> int:
    """The traits of a word in small letters, in one of its forms; of parts with a hyphen what they share."""
    traits = LEXICON.traits(low) if low.isascii() else 0
    if traits:
        return traits
    if "-" in low:
        parts = [traits_of(part) for part in low.split("-") if part]
        shared = parts[0] if parts else 0
        for part in parts[1:]:
            shared = shared & part or (shared | part if shared & _PLAIN and part & _PLAIN else 0)
        return shared
    return next((found for stem in stems(low) if (found := LEXICON.traits(stem) & (_PLAIN | RARE))), 0)


def stems(low: str) -> list[str]:
    """What a word may be a form of: `titrating` ─▶ titrat, titrate."""
    bare = [low[: -len(ending)] for ending in _INFLECTIONS if low.endswith(ending) and len(low) - len(ending) > 2]
    undoubled = [stem[:-1] for stem in bare if len(stem) > 3 and stem[-1] == stem[-2]]
    return bare + undoubled + [stem + "e" for stem in bare] + [stem[:-1] + "y" for stem in bare if stem.endswith("i")]


def _known(low: str, traits: int) -> Known:
    if traits & COMMON:
        return "common"
    if traits & MEDICAL and not traits & NAME:
        return "medical"
    if traits & WORD:
        return "word"
    if traits & MEDICAL:
        return "medical"
    if traits & RARE:
        return "rare"
    if traits & (UPPER | PLACE):
        return "upper"
    return "ending" if is_medical_by_ending(low) else "unknown"


def is_medical_by_ending(low: str) -> bool:
    """Whether a word ends as only medicine, or plain English, lets words end: -itis, -mab, -tion."""
    return _MEDICAL_ENDING.search(low) is not None


def _family(low: str, traits: int, known: Known, shape: Shape) -> str:
    family = family_of(low)
    if family:
        return family
    if traits & MEDICAL or known == "ending":
        return "drug" if traits & DRUG else "medical"
    return f"{known}{'N' if traits & NAME else ''}{'' if shape == 'x' else '^'}"


def family_of(low: str) -> str:
    """What a word in small letters is about; nothing where our table has it in none of its forms."""
    for form in (low, *stems(low)):
        family = LEXICON.entry(form).family if form.isascii() else 0
        if family:
            return FAMILIES[family - 1]
    return ""


def _shape(text: str) -> Shape:
    if text.islower():
        return "x"
    if text.isupper():
        return "X" if len(text) == 1 else "XX" if len(text) <= 3 else "XXXX"
    return "Xx" if text[0].isupper() and _CAPITALISED.match(text) else "xX"


_CAPITALISED = re.compile(
    r"(?:(?:Mc|Mac|De|Di|Du|La|Le|Lo|Fitz|Van|Von|Al|El|Ben|O')?[^\W\d_](?![A-Z])|[A-Z]+(?=['-]))[^\WA-Z\d_]*(?:['-].*)?$"
)
"""Capitals inside a word as names have them: McNeil, O'Dea, Al-Khalil; not NmU or CLABSIs."""


def number_shape(text: str) -> str:
    """A number without its value: `0.0`, `00/00`; a long one by how many digits it has."""
    zeros = _DIGIT.sub("0", text)
    if len(zeros) <= 5:
        return zeros
    return f"{zeros.count('0')}d{''.join(sorted(set(zeros) - {'0'}))}"


_DIGIT = re.compile(r"\d")


_LONGEST_WORD: Final = 24
"""Longer ones are no words, and to try all their slips would take for ever."""


@lru_cache(maxsize=8192)
def is_slip(low: str) -> bool:
    """Whether an unknown word becomes a known one by taking a letter out, doubling one, or exchanging two."""
    if not 5 <= len(low) <= _LONGEST_WORD:
        return False
    places = range(len(low) - 1)
    near = [low[:at] + low[at + 1 :] for at in range(1, len(low))]
    near += [low[: at + 1] + low[at:] for at in places]
    near += [low[:at] + low[at + 1] + low[at] + low[at + 2 :] for at in places]
    return any(LEXICON.traits(word) & _PLAIN for word in near if word != low)
