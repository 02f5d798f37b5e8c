"""How patterns are written down here: lists of alternatives that can be read, instead of one long line.

What they mean is said where they are used.
"""

from __future__ import annotations

import re
from collections import defaultdict

_FIRST_WORD = re.compile(r"([^\W\d_]+)(\??)(?=$|[_'&/\\#\d-]|\(\?[=!]|\(\?:[_'\\#-])", re.IGNORECASE)


def pattern(source: str) -> re.Pattern[str]:
    """A pattern that does not tell capitals from small letters."""
    return re.compile(source, re.IGNORECASE)


def words(text: str) -> frozenset[str]:
    """A set of words, written one after the other."""
    return frozenset(text.split())


def one_of(text: str) -> str:
    """Alternatives, written one after the other, each a piece of a pattern; `_` is a space. The longest goes first."""
    alternatives = sorted(text.split(), key=len, reverse=True)
    return f"(?:{'|'.join(alternatives).replace('_', ' ')})"


class Signal:
    """Words and phrases one of which says something.

    Single words are looked up; a phrase is only tried where the word it begins with stands.

    Args:
        phrases: as for `one_of`, each beginning with a whole word. then: what must follow any of them.
    """

    def __init__(self, phrases: str, then: str = "") -> None:
        alone = [] if then else [phrase for phrase in phrases.split() if phrase.isalpha()]
        self._alone = frozenset(alone)
        self._then = then or r"(?!\w)"
        self._beginning: defaultdict[str, list[str]] = defaultdict(list)
        for phrase in phrases.split():
            if phrase not in self._alone:
                for word in first_words(phrase):
                    self._beginning[word].append(phrase)
        self._begin = frozenset(self._beginning)
        self._patterns: dict[str, re.Pattern[str]] = {}

    def stands_in(self, text: str, words: frozenset[str]) -> bool:
        """Whether one of them is in `text`, whose words, in small letters, are `words`."""
        if not self._alone.isdisjoint(words):
            return True
        return any(self._follows(word, text) for word in self._begin & words)

    def _follows(self, word: str, text: str) -> bool:
        """Whether a phrase that begins with `word` is in `text`."""
        if word not in self._patterns:
            self._patterns[word] = pattern(rf"\b{one_of(' '.join(self._beginning[word]))}{self._then}")
        return self._patterns[word].search(text) is not None


def first_words(text: str) -> frozenset[str]:
    """The words with which the alternatives of `one_of(text)` begin, in small letters.

    Raises:
        ValueError: an alternative begins with something that is not one whole word.
    """
    found: set[str] = set()
    for alternative in text.split():
        match = _FIRST_WORD.match(alternative)
        if match is None:
            raise ValueError(f"begins with no whole word: {alternative}")
        word = match[1].lower()
        found |= {word, word[:-1]} if match[2] else {word}
    return frozenset(found)
