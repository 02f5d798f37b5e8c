"""What a detector should see: look-alikes, invisible characters, escapes and spelled-out digits folded away.

Every folded character remembers which characters of the original it came from, so that a finding can point there.
What an identifier looks like is the detector's business; here text only becomes plainer.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from chatapp.privacy.lexicon import LEXICON, Trait


class Edit(NamedTuple):
    """Characters `start` to `end` are to read `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Normalised:
    """Folded text with the way back.

    Args:
        text: what to search. starts, stops: for each of its characters, the stretch of the original it stands for.
    """

    text: str
    starts: Sequence[int]
    stops: Sequence[int]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that the non-empty folded stretch `start` to `end` stands for."""
        return self.starts[start], self.stops[end - 1]

    def edited(self, edits: Iterable[Edit]) -> Normalised:
        """The same text with `edits` (sorted, disjoint) made.

        An edit that keeps the length maps character by character; in any other, each character stands for the whole.
        """
        edits = list(edits)
        if not edits:
            return self
        pieces: list[str] = []
        starts, stops = array(_PLACE), array(_PLACE)
        old_starts, old_stops = _as_array(self.starts), _as_array(self.stops)
        at = 0
        for start, end, text in edits:
            pieces += (self.text[at:start], text)
            one_to_one = len(text) == end - start
            starts += old_starts[at : end if one_to_one else start]
            stops += old_stops[at : end if one_to_one else start]
            if text and not one_to_one:
                starts += array(_PLACE, (old_starts[start],)) * len(text)
                stops += array(_PLACE, (old_stops[end - 1],)) * len(text)
            at = end
        pieces.append(self.text[at:])
        return Normalised("".join(pieces), starts + old_starts[at:], stops + old_stops[at:])


_PLACE = "I"
"""How `array` calls a place in a text: copied in one go, as a list of numbers is not."""


def _as_array(places: Sequence[int]) -> array[int]:
    return places if isinstance(places, array) else array(_PLACE, places)


def normalise(text: str) -> Normalised:
    """Fold `text` for a detector. Takes any string, lone surrogates and NUL included, and never raises."""
    folded = _plain_characters(Normalised(text, range(len(text)), range(1, len(text) + 1)))
    for _ in range(_ENVELOPES):
        opened = folded.edited(_escapes(folded.text))
        if opened is folded:
            break
        folded = _plain_characters(opened)
    for fold in (_spaced_out, _digit_words, _digits_for_letters):
        folded = folded.edited(fold(folded.text))
    return folded


_ENVELOPES = 3
"""How many layers of escapes are opened (base64 of percent-encoding of …)."""


# --- single characters -----------------------------------------------------------------------------------------------

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
    | {"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ħ": "h", "ŧ": "t", "ə": "e", "ɑ": "a", "ɡ": "g"}
)
_SMALL_CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])")
_QUOTES = {"‘": "'", "’": "'", "ʼ": "'", "´": "'", "′": "'", "`": "'", "“": '"', "”": '"', "„": '"', "″": '"'}
_LOOK_ALIKES = str.maketrans(
    "АВЕКМНОРСТУХІЈЅԌԚԜҮавекмнорстухіјѕԁԛԝһӏүѵґΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχγϲϳօսհոցԱՕՏԼ",
    "ABEKMHOPCTYXIJSGQWYabekmhopctyxijsdqwhlyvrABEZHIKMNOPTYXabeikvoptuxycjouhngUOSL",
)


_POSES = re.compile(f"[{''.join(map(chr, _LOOK_ALIKES))}]")
_MIXED_WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]*+[^\W\d_]++")
"""A word with more than plain letters; where there is none, no letter is looked at twice."""


def _plain_characters(text: Normalised) -> Normalised:
    """ASCII stays as it is; the rest is folded letter by letter, then look-alikes word by word."""
    if text.text.isascii():
        return text
    plain = text.edited(_foreign_characters(text.text))
    return plain if plain.text.isascii() else plain.edited(_look_alikes(plain.text))


def _foreign_characters(text: str) -> Iterator[Edit]:
    for match in _NOT_ASCII.finditer(text):
        character = match.group()
        plain = _plain(character)
        if plain != character:
            yield Edit(match.start(), match.end(), plain)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """One character as a keyboard would have it: no accent, no width, no style; "" where it cannot be seen."""
    code = ord(character)
    if 0xE0020 <= code <= 0xE007E:
        return chr(code - 0xE0000)  # "tag" characters: invisible ASCII
    if character in _QUOTES:
        return _QUOTES[character]
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Mn" | "Me" if _decorates(code):
            return ""
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case _:
            return "-" if character == "\u2212" else _plain_letter(character)


def _decorates(code: int) -> bool:
    """Marks put over or through a letter, and variation selectors; not the vowels of scripts that need them."""
    return 0x300 <= code <= 0x36F or 0x20D0 <= code <= 0x20FF or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def _plain_letter(character: str) -> str:
    small_capital = _SMALL_CAPITAL.fullmatch(unicodedata.name(character, ""))
    if small_capital:
        return small_capital[1].lower()
    compatible = unicodedata.normalize("NFKC", character)
    bare = unicodedata.normalize("NFD", compatible).translate(_LETTERS_WITHOUT_DECOMPOSITION)
    if not bare[:1].isascii():
        return compatible
    return "".join(letter for letter in bare if not _decorates(ord(letter)))


def _look_alikes(text: str) -> Iterator[Edit]:
    """Cyrillic, Greek and Armenian letters that pose as Latin ones: in words that also hold Latin letters."""
    if _POSES.search(text) is None:
        return
    for match in _MIXED_WORD.finditer(text):
        word = match.group()
        if any("A" <= letter <= "z" for letter in word) and (plain := word.translate(_LOOK_ALIKES)) != word:
            yield Edit(match.start(), match.end(), plain)


# --- escapes ---------------------------------------------------------------------------------------------------------


def _escapes(text: str) -> list[Edit]:
    """Percent, backslash and HTML escapes, base64 and hex runs that hold text."""
    edits: list[Edit] = []
    patterns = (*_ESCAPES, _BREAK_IN_JSON) if '"' in text and "\\" in text else _ESCAPES
    for sign, pattern, decode in patterns:
        if sign in text:
            edits += _decoded(pattern.finditer(text), decode)
    for start, end in _long_words(text):
        for pattern, decode in _LONG_RUNS:
            edits += _decoded(pattern.finditer(text, start, end), decode)
    edits.sort()
    return [edit for before, edit in zip([Edit(0, 0, ""), *edits], edits, strict=False) if edit.start >= before.end]


def _decoded(runs: Iterable[re.Match[str]], decode: _Decode) -> Iterator[Edit]:
    for run in runs:
        plain = decode(run.group())
        if plain is not None and plain != run.group():
            yield Edit(run.start(), run.end(), plain)


def _long_words(text: str) -> Iterator[tuple[int, int]]:
    """Where words stand that are long enough to be more than a word."""
    end = 0
    for word in text.split():
        if len(word) >= _LONG:
            start = text.index(word, end)
            end = start + len(word)
            yield start, end


def _from_percent(run: str) -> str:
    return bytes.fromhex(run.replace("%", "")).decode("utf-8", "replace")


def _from_backslash(run: str) -> str:
    codes = [int(code, 16) for code in re.findall(r"[0-9A-Fa-f]{2,6}", run)]
    letters = "".join(map(chr, codes)) if max(codes) <= 0x10FFFF else run
    return letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _from_base64(run: str) -> str | None:
    letters = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(letters + "=" * (-len(letters) % 4)))
    except binascii.Error:
        return None


def _from_hex(run: str) -> str | None:
    return _readable(bytes.fromhex(run))


def _readable(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return (
        text
        if all(letter.isprintable() or letter in "\r\n\t" or _is_space_or_format(letter) for letter in text)
        else None
    )


def _is_space_or_format(letter: str) -> bool:
    """Spaces of other widths and invisible marks, as copied from a page."""
    return unicodedata.category(letter) in ("Cf", "Zs", "Zl", "Zp")


def _from_json(run: str) -> str:
    return {"n": "\n", "r": "\n", "t": "\t"}[run[1]]


_Decode = Callable[[str], str | None]
"""What an escape says; nothing where it is none."""

_Escape = tuple[str, re.Pattern[str], _Decode]
"""A sign without which it is not there, what it looks like, and what it says."""

_ESCAPES: tuple[_Escape, ...] = (
    ("%", re.compile(r"(?:%[0-9A-Fa-f]{2})+"), _from_percent),
    ("\\", re.compile(r"(?:\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|u\{[0-9A-Fa-f]{2,6}\}))+"), _from_backslash),
    ("&", re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"), html.unescape),
)
_BREAK_IN_JSON: _Escape = ("\\", re.compile(r"(?<!\\)\\[nrt]"), _from_json)
"""A line's end as a JSON string writes it: in a tool's result a table stands on one line."""
_LONG = 20
_LONG_RUNS: tuple[tuple[re.Pattern[str], _Decode], ...] = (
    (re.compile(r"(?<![\w+/-])(?:[0-9A-Fa-f]{2}){10,}(?![\w+/-])"), _from_hex),
    (re.compile(r"(?<![\w+/-])[\w+/-]{20,}={0,2}", re.ASCII), _from_base64),
)


# --- spacing and spelling --------------------------------------------------------------------------------------------

_SPACED_OUT = re.compile(
    r"(?<![^\W_])(?:"
    r"[^\W\d_](?: [^\W\d_]){2,}"
    r"|[^\W\d_]([._*-])[^\W\d_](?:\1[^\W\d_]){2,}"
    r"|\d(?:[ ._*-]{1,3}\d){5,}"
    r")(?![^\W_])"
)
_BETWEEN = str.maketrans("", "", " ._*-")

_DIGIT_NAMES = (
    ("zero", "oh", "o", "null", "cero", "nought"),
    ("one", "uno", "eins", "um"),
    ("two", "dos", "zwei", "deux", "dois"),
    ("three", "tres", "drei", "trois"),
    ("four", "cuatro", "vier", "quatre", "quatro"),
    ("five", "cinco", "funf", "cinq"),
    ("six", "seis", "sechs"),
    ("seven", "siete", "sieben", "sept", "sete"),
    ("eight", "ocho", "acht", "huit", "oito"),
    ("nine", "nueve", "neun", "neuf", "nove", "niner"),
)
_DIGIT_OF_NAME = {name: str(digit) for digit, names in enumerate(_DIGIT_NAMES) for name in names}
_TIMES = {"double": 2, "triple": 3}
_DIGIT_NAME = "|".join(sorted((*_DIGIT_OF_NAME, *_TIMES, *"0123456789"), key=len, reverse=True))
_LONGEST_NAME = max(map(len, (*_DIGIT_OF_NAME, *_TIMES)))
_SPELLED = re.compile(rf"\b(?:{_DIGIT_NAME})(?:[ ,.\n-]{{1,3}}(?:{_DIGIT_NAME})\b){{3,}}")
_TWO_INSIDE = re.compile(rf"[ ,.\n-](?=(?:{_DIGIT_NAME})[ ,.\n-]{{1,3}}(?:{_DIGIT_NAME})\b)")
"""Stands before the second of four digits; quickly seen, for it begins with a mark."""


def _pieces(text: str) -> list[str]:
    """What stands between spaces and the marks that letters are set apart with."""
    for mark in ",._*-":
        text = text.replace(mark, " ")
    return text.split()


def _spaced_out(text: str) -> Iterator[Edit]:
    """`O k o n k w o`, `O.k.o.n.k.w.o` and `5 3 6 - 4 2 - 1 4 3 0` in one piece."""
    if list(map(len, _pieces(text))).count(1) < 3:
        return
    for match in _SPACED_OUT.finditer(text):
        yield Edit(match.start(), match.end(), match.group().translate(_BETWEEN))


def _digit_words(text: str) -> Iterator[Edit]:
    """Four or more digits in words, as numbers are dictated: `five six double five`."""
    low = text.lower()
    words = _pieces(low)
    if _DIGIT_OF_NAME.keys().isdisjoint(words) or sum(map(_DIGIT_OF_NAME.__contains__, words)) < 2:
        return
    for match in _spelled(low):
        digits, times = "", 1
        for word in re.findall(r"\w+", match.group()):
            digits += _DIGIT_OF_NAME.get(word, "" if word in _TIMES else word) * times
            times = _TIMES.get(word, 1)
        yield Edit(match.start(), match.end(), digits)


def _spelled(low: str) -> Iterator[re.Match[str]]:
    """Four or more digits or their names in a row."""
    end = 0
    for inside in _TWO_INSIDE.finditer(low):
        for start in range(max(end, inside.start() - _LONGEST_NAME - 2), inside.start()):
            match = _SPELLED.match(low, start)
            if match:
                end = match.end()
                yield match
                break


_DIGITS_IN_WORD = re.compile(r"\b(?=[A-Za-z]{0,19}[013457@$])(?=[\w@$]{0,18}[A-Za-z]{2})[A-Za-z013457@$]{4,20}\b")
_LETTERS_OF_DIGITS = str.maketrans("013457@$", "oieastas")
_NAME = (Trait.FIRST | Trait.LAST).value


def _digits_for_letters(text: str) -> Iterator[Edit]:
    """`J3nn1f3r` with its letters, where that makes a name."""
    for match in _DIGITS_IN_WORD.finditer(text):
        word = match.group()
        if _CODE.fullmatch(word) is None:
            plain = word.translate(_LETTERS_OF_DIGITS)
            if LEXICON.traits(plain.lower()) & _NAME:
                yield Edit(match.start(), match.end(), plain.capitalize())


_CODE = re.compile(r"[A-Za-z]{1,4}\d+[A-Za-z]?|\d+[A-Za-z]+|[A-Za-z]+|[\d@$]+")
"""Letters then digits, or digits then letters: a code or a measure, not a word in disguise."""
