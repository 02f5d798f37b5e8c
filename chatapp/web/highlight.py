"""Code ─▶ text and `span` nodes whose short classes name roles, never colours.

Pygments is imported when the first block is coloured. Which block has closed, and so may be coloured, is
left to markdown.py.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter

from chatapp.web.nodes import Child

MOST_CHARACTERS = 10_000
"""Longer code stays plain: colouring it would hold everybody else's tokens up (10,000 take 50 ms)."""

_LANGUAGE = re.compile("[a-z0-9+#._-]{1,30}")

_LISTED = """
bash c c# c++ cfg conf console cpp cs csharp css csv cypher dart diff docker dockerfile elixir erlang fortran go
golang graphql groovy haskell hcl hs html http ini java javascript jinja js json julia kotlin latex less lua
make makefile markdown matlab md mysql nginx objc ocaml octave pascal perl php pl postgres postgresql powershell
proto protobuf ps1 py python python3 r rb regex rs ruby rust sas scala scss sh shell sparql sql sqlite swift
terraform tex toml ts tsx typescript vim xml yaml yml zsh
"""
_LANGUAGES = frozenset(_LISTED.split())
"""Only these are looked up: of Pygments' five hundred lexers, not all are kind to hostile text."""

_ROLES = {
    ("Comment",): "c",
    ("Keyword",): "k",
    ("Literal", "Number"): "m",
    ("Literal", "String"): "s",
    ("Name", "Attribute"): "na",
    ("Name", "Builtin"): "nb",
    ("Name", "Class"): "nc",
    ("Name", "Decorator"): "nd",
    ("Name", "Function"): "nf",
    ("Name", "Tag"): "nt",
    ("Operator",): "o",
    ("Generic", "Deleted"): "gd",
    ("Generic", "Heading"): "gh",
    ("Generic", "Inserted"): "gi",
    ("Generic", "Subheading"): "gh",
}


def language_of(info: str) -> str:
    """The language an info string names, as it may stand in a class; empty where it names none."""
    words = info.split(maxsplit=1)
    name = words[0].lower() if words else ""
    return name if _LANGUAGE.fullmatch(name) else ""


def highlight(code: str, language: str) -> list[Child]:
    """Colour code; plain text where the language is unknown or the code is too long.

    Returns:
        Children of a `code` node: their text joined is exactly `code`.
    """
    if language not in _LANGUAGES or len(code) > MOST_CHARACTERS:
        return [code]
    try:
        runs = _runs(code, language)
    except Exception:  # noqa: BLE001 - a lexer is foreign code fed with anything; a reply must not end for it
        return [code]
    if "".join(text for _, text in runs) != code:
        return [code]
    return [["span", {"class": role}, text] if role else text for role, text in runs]


def _runs(code: str, language: str) -> list[tuple[str, str]]:
    """Pieces of the code with their role, neighbours of one role joined."""
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # Pygments ships no types

    tokens = get_lexer_by_name(language, stripnl=False, ensurenl=False).get_tokens(code)
    with_role = [(_role(kind), str(text)) for kind, text in tokens]
    return [(role, "".join(text for _, text in run)) for role, run in groupby(with_role, key=itemgetter(0))]


def _role(kind: tuple[str, ...]) -> str:
    """A Pygments token type is the tuple of its names; the longest one listed counts."""
    return next((_ROLES[kind[:size]] for size in (2, 1) if kind[:size] in _ROLES), "")
