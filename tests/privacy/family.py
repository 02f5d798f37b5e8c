"""A family of rules tried alone: which rule finds which stretch of a text, and that each rule has its example."""

from __future__ import annotations

from collections.abc import Iterable

from chatapp.privacy.rules import Finder, Reading, RuleBook

Example = tuple[str, str, str]
"""The rule, a text, and the stretch of it that the rule must find."""


class Family:
    """The rules of one file."""

    def __init__(self, rules: Iterable[Finder]) -> None:
        self._book = RuleBook(rules)

    def found(self, text: str) -> set[tuple[str, str]]:
        """Rules and what they found, in a text that is folded already."""
        return {(hit.rule, text[hit.start : hit.end]) for hit in self._book.hits(Reading(text))}
