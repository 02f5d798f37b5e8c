"""Where a growing Markdown text can be cut so that its parts parse as the whole does.

`LineScanner` reads whole lines, once each, and knows just enough of CommonMark's block structure: fences, list
items, HTML blocks, blank lines. Where it is not certain it does not cut. Parsing is left to markdown.py.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"(`{3,})[^`]*|(~{3,}).*")
_MARKER = re.compile(r"([-*+]|[0-9]{1,9}[.)])( +|$)")
_INTERRUPTING_MARKER = re.compile(r"([-*+]|1[.)]) +[^ ]")
_HEADING = re.compile(r"#{1,6}( |$)")
_RULE = re.compile(r"(-( *-){2,}|_( *_){2,}|\*( *\*){2,}) *")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*( |/?>|$)")
_VERBATIM = (
    (re.compile(r"<(script|pre|style|textarea)( |>|$)", re.IGNORECASE), re.compile("</(script|pre|style|textarea)>")),
    (re.compile("<!--"), re.compile("-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile(r"<!\[CDATA\["), re.compile("]]>")),
    (re.compile("<![a-zA-Z]"), re.compile(">")),
)
"""HTML blocks that blank lines do not end (CommonMark 4.6, kinds 1 to 5): how they open, how they end."""

ENOUGH = 12
"""Characters of a line from which on a list marker, if it is one, has been seen whole."""


class LineScanner:
    """Tells at which lines a new top-level block begins for certain."""

    def __init__(self) -> None:
        self._fence = ""  # the marks that opened the fence we are in
        self._verbatim_end: re.Pattern[str] | None = None
        self._is_uncertain = False
        self.cut()

    def __repr__(self) -> str:
        place = (
            "uncertain"
            if self._is_uncertain
            else "in a fence"
            if self._fence
            else "in a list"
            if self._item
            else "open"
        )
        return f"<LineScanner: {place}>"

    @property
    def in_fence(self) -> bool:
        """Whether a top-level fence is open: it began with the segment."""
        return bool(self._fence)

    def cut(self) -> None:
        """A new segment begins here: what the one before held no longer matters."""
        self._is_fresh = True
        self._after_gap = True
        self._holds_list = False
        self._item = 0  # column from which on lines belong to the open list item; 0: none is open
        self._in_tag = False  # perhaps inside an HTML block, until the next blank line
        self._in_doubt = False  # perhaps inside a list item

    def begins_after_gap(self, head: str) -> bool:
        """Whether a line that begins so starts a new block because a gap lies before it.

        Args:
            head: the line, or at least its first `ENOUGH` characters.
        """
        if self._is_fresh or not self._after_gap or self._fence or self._verbatim_end or self._is_uncertain:
            return False
        indent, text = _measured(head)
        if not text or indent >= (self._item or 4) or indent >= 4 or (self._in_doubt and indent > 0):
            return False
        return not (self._holds_list and _MARKER.match(text))

    def read(self, line: str) -> tuple[bool, bool]:
        """Take the next line in.

        Returns:
            Whether a segment begins with it, and whether one ends with it.
        """
        indent, text = _measured(line)
        if self._fence:
            return False, self._closes_fence(indent, text)
        if self._in_doubt and indent > 0 and _opens_block(text):
            self._is_uncertain = True
        begins = not self._is_fresh and (self.begins_after_gap(line) or self._interrupts(indent, text))
        if begins:
            self.cut()
        if text:
            self._take(indent, text)
        elif not self._verbatim_end:
            self._after_gap, self._in_tag = True, False
        return begins, False

    def _closes_fence(self, indent: int, text: str) -> bool:
        if indent < 4 and len(text) >= len(self._fence) and not text.strip(self._fence[0]):
            self._fence = ""
            self.cut()
            return True
        return False

    def _interrupts(self, indent: int, text: str) -> bool:
        """Whether the line is a fence or heading that needs no gap before it."""
        if indent >= (self._item or 4) or indent >= 4 or self._verbatim_end or self._in_tag or self._is_uncertain:
            return False
        return bool(_FENCE.fullmatch(text) or _HEADING.match(text))

    def _take(self, indent: int, text: str) -> None:
        after_gap, self._after_gap, self._is_fresh = self._after_gap, False, False
        if self._verbatim_end:
            if self._verbatim_end.search(text.lower()):
                self._verbatim_end = None
        elif self._is_uncertain or indent >= (self._item or 4):
            return
        elif self._in_tag:
            self._is_uncertain = _opens_block(text) or any(opening.match(text) for opening, _ in _VERBATIM)
        elif indent < 4:
            self._take_block(indent, text, after_gap)

    def _take_block(self, indent: int, text: str, after_gap: bool) -> None:
        """A line outside of list items, fences and HTML."""
        if _HEADING.match(text):
            self._item, self._after_gap = 0, True
        elif _RULE.fullmatch(text):
            # Dashes below a line of text may underline it, or make it a table's head.
            self._item, self._after_gap = 0, after_gap or text[0] != "-"
        elif marker := _MARKER.match(text):
            self._take_marker(indent, marker, after_gap)
        elif fence := _FENCE.fullmatch(text):
            self._fence = fence[1] or fence[2]
        elif text.startswith("<"):
            self._take_tag(text)
        elif after_gap or text.startswith(">"):
            self._item = 0
        elif self._item:
            self._in_doubt = True  # the item goes on if it ends in a paragraph, and is over if it ends in code

    def _take_marker(self, indent: int, marker: re.Match[str], after_gap: bool) -> None:
        self._holds_list = True
        if not (after_gap or self._item or _INTERRUPTING_MARKER.match(marker.string)):
            self._in_doubt = True  # the words of a paragraph, if there is one above
            return
        is_empty = marker.end() == len(marker.string)
        spaces = 1 if is_empty or len(marker[2]) > 4 else len(marker[2])
        self._item = indent + len(marker[1]) + spaces
        self._in_doubt = self._in_doubt or is_empty  # a blank line may end such an item

    def _take_tag(self, text: str) -> None:
        self._is_uncertain = self._item > 0
        for opening, end in _VERBATIM:
            if opening.match(text):
                self._verbatim_end = None if end.search(text.lower()) else end
                return
        self._in_tag = _TAG.match(text) is not None


def _opens_block(text: str) -> bool:
    return bool(_FENCE.fullmatch(text) or _MARKER.match(text) or _HEADING.match(text))


def _measured(line: str) -> tuple[int, str]:
    """A line's indent in columns, and its text: tabs stop every four columns, spaces at its end do not count."""
    expanded = line.rstrip(" \t").expandtabs(4)
    text = expanded.lstrip(" ")
    return len(expanded) - len(text), text
