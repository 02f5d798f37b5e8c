"""Ways to write the same message so that a person still reads it, each with what it is tried on."""

from __future__ import annotations

import base64
import html
import re
import urllib.parse
from collections.abc import Callable
from typing import Final

Transform = Callable[[str], str]

_DIGIT_WORDS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_CYRILLIC: Final = str.maketrans("aeopcxyAEOPCXKMTHB", "аеорсхуАЕОРСХКМТНВ")
_WORD: Final = re.compile(r"[A-Za-z]{2,}")
_NUMBER: Final = re.compile(r"(?<![\w-])\d{6,}(?![\w-])")
_NAME: Final = re.compile(r"(?<!^)(?<![\w'.-])[A-Z][a-z]{3,}(?![\w'-])")


def zero_width(text: str) -> str:
    """An invisible space between all characters."""
    return "\u200b".join(text)


def soft_hyphens(text: str) -> str:
    """Hyphens that show only where a line breaks, inside every word."""
    return re.sub(r"(?<=\w)(?=\w)", "\u00ad", text)


def joiners(text: str) -> str:
    """Word joiners, byte-order marks and variation selectors."""
    return re.sub(r"(?<=\w)(?=\w)", "\u2060\ufeff\ufe0f", text)


def full_width_digits(text: str) -> str:
    return text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


def arabic_digits(text: str) -> str:
    return text.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})


def bold_digits(text: str) -> str:
    return text.translate({ord("0") + digit: 0x1D7CE + digit for digit in range(10)})


def full_width(text: str) -> str:
    """Every ASCII character but the space as wide as a Chinese one."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def look_alikes(text: str) -> str:
    """Cyrillic letters for those Latin ones that look like them, one in each word left as it was."""

    def dress(match: re.Match[str]) -> str:
        word = match.group()
        dressed = word.translate(_CYRILLIC)
        return dressed if re.search(r"[A-Za-z]", dressed) else word[0] + dressed[1:]

    return _WORD.sub(dress, text)


def accents(text: str) -> str:
    """A stroke over every vowel."""
    return re.sub(r"(?<=[A-Za-z])[aeiou]", lambda match: match.group() + "\u0301", text)


def hard_spaces(text: str) -> str:
    return text.replace(" ", "\u00a0")


def thin_spaces(text: str) -> str:
    return text.replace(" ", "\u2009")


def wide_spaces(text: str) -> str:
    return text.replace(" ", "\u3000")


def long_dashes(text: str) -> str:
    return text.replace("-", "\u2011")


def curly_quotes(text: str) -> str:
    return text.replace("'", "\u2019")


def upper_case(text: str) -> str:
    return text.upper()


def percent(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def percent_of_all(text: str) -> str:
    """Every byte, letters and digits too."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def entities(text: str) -> str:
    """What HTML must escape, and the spaces."""
    return html.escape(text).replace(" ", "&#32;")


def entities_of_all(text: str) -> str:
    return "".join(f"&#{ord(letter)};" for letter in text)


def backslashes(text: str) -> str:
    return "".join(f"\\u{int.from_bytes(pair, 'big'):04x}" for pair in _pairs(text))


def _pairs(text: str) -> list[bytes]:
    data = text.encode("utf-16-be")
    return [data[at : at + 2] for at in range(0, len(data), 2)]


def base64_of_all(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def base64_for_urls(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def base64_twice(text: str) -> str:
    return base64_of_all(base64_of_all(text))


def hexadecimal(text: str) -> str:
    return text.encode().hex()


def in_a_code_fence(text: str) -> str:
    return f"```\n{text}\n```"


def in_a_json_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{{"content": "{escaped}"}}'


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def in_a_list(text: str) -> str:
    return f"- {text}"


def in_bold(text: str) -> str:
    return f"**{text}**"


def numbers_over_lines(text: str) -> str:
    """Each long number with a line break in its middle."""
    return _NUMBER.sub(lambda match: _halved(match.group(), "\n"), text)


def numbers_spaced_out(text: str) -> str:
    """Each long number digit by digit."""
    return _NUMBER.sub(lambda match: " ".join(match.group()), text)


def numbers_dotted(text: str) -> str:
    return _NUMBER.sub(lambda match: ".".join(match.group()), text)


def numbers_spelled_out(text: str) -> str:
    """Each long number in words."""
    return _NUMBER.sub(lambda match: " ".join(_DIGIT_WORDS[int(digit)] for digit in match.group()), text)


def numbers_grouped(text: str) -> str:
    return _NUMBER.sub(lambda match: _halved(match.group(), "-"), text)


def names_spaced_out(text: str) -> str:
    """Each capitalised word letter by letter, but for the first of a line."""
    return _NAME.sub(lambda match: " ".join(match.group()), text)


def names_hyphened(text: str) -> str:
    return _NAME.sub(lambda match: "-".join(match.group()), text)


def _halved(number: str, between: str) -> str:
    middle = len(number) // 2
    return number[:middle] + between + number[middle:]
