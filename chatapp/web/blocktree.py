"""The parser's events ─▶ nodes of the fixed list: what each Markdown construct looks like on the page.

Raw HTML becomes letters, an address that may not be followed its words, a picture a link that says it was not
loaded. Depth is bounded: what lies deeper is told flat. Parsing is left to markdown.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pyromark.event import Event

from chatapp.web.highlight import highlight, language_of
from chatapp.web.links import Link, read_link
from chatapp.web.mathml import to_mathml
from chatapp.web.nodes import Child, Node, clean

_DEEPEST = 32
_PLAIN_TAGS = {
    "BlockQuote": "blockquote",
    "Emphasis": "em",
    "Item": "li",
    "Paragraph": "p",
    "Strikethrough": "del",
    "Strong": "strong",
    "TableRow": "tr",
}
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


@dataclass(slots=True)
class Memo:
    """Code and formulas already converted, by their source, so that a growing text pays for each once."""

    code: dict[tuple[str, str], list[Child]] = field(default_factory=dict)
    math: dict[tuple[str, str], Node] = field(default_factory=dict)

    def coloured(self, code: str, language: str) -> list[Child]:
        """Code as children of a `code` node."""
        if (code, language) not in self.code:
            self.code[code, language] = highlight(code, language)
        return self.code[code, language]

    def formula(self, latex: str, display: str) -> Node:
        """A formula as MathML, or its source as code."""
        if (latex, display) not in self.math:
            self.math[latex, display] = to_mathml(latex, display) or ["code", {}, clean(latex)]
        return self.math[latex, display]


@dataclass(slots=True)
class _Frame:
    """A construct that has started: its name as the parser gives it, the parser's facts, what stands in it."""

    name: str
    facts: object
    is_flat: bool = False
    children: list[Child] = field(default_factory=list)


def build(events: Sequence[Event], memo: Memo, *, is_open: bool) -> list[Node]:
    """Build the top-level blocks.

    Args:
        is_open: the text may go on, so a code block at its very end is not coloured yet.
    """
    return _TreeBuilder(memo, _end_of_open_code(events) if is_open else -1).build(events)


def _end_of_open_code(events: Sequence[Event]) -> int:
    """The place of the event that ends a code block after which nothing follows; -1 where there is none."""
    for place in reversed(range(len(events))):
        match events[place]:
            case {"End": "CodeBlock"}:
                return place
            case {"End": _}:
                continue
            case _:
                return -1
    return -1


class _TreeBuilder:
    """Follows the events with a stack of its own, so that depth costs no recursion."""

    def __init__(self, memo: Memo, open_code_end: int) -> None:
        self._memo = memo
        self._open_code_end = open_code_end
        self._document = _Frame("Document", None)
        self._stack = [self._document]

    def build(self, events: Sequence[Event]) -> list[Node]:
        for place, event in enumerate(events):
            following = events[place + 1] if place + 1 < len(events) else None
            self._take(event, following, is_open_code=place == self._open_code_end)
        return [child for child in self._document.children if isinstance(child, list)]

    def _take(self, event: Event, following: Event | None, *, is_open_code: bool) -> None:
        match event:
            case {"Start": start}:
                self._open(start)
            case {"End": _}:
                self._close(is_open_code)
            case {"Text": str(text)} | {"Html": str(text)}:
                self._add(clean(text))
            case {"InlineHtml": str(text)}:
                self._add(["br", {}] if _LINE_BREAK.fullmatch(text) else clean(text))
            case {"Code": str(text)}:
                self._add(["code", {}, clean(text)])
            case {"InlineMath": str(latex)}:
                self._add(f"${clean(latex)}$" if _begins_with_digit(following) else self._memo.formula(latex, "inline"))
            case {"DisplayMath": str(latex)}:
                self._add(self._memo.formula(latex, "block"))
            case {"TaskListMarker": bool(is_done)}:
                self._add(_task(is_done))
            case "SoftBreak":
                self._add("\n")
            case "HardBreak":
                self._add(["br", {}])
            case "Rule":
                self._add(["hr", {}])
            case _:
                raise ValueError("the parser speaks of a construct it was not asked for")

    def _open(self, start: object) -> None:
        name, facts = next(iter(start.items())) if isinstance(start, dict) else (str(start), None)
        self._stack.append(_Frame(name, facts, is_flat=len(self._stack) > _DEEPEST))

    def _close(self, is_open_code: bool) -> None:
        frame = self._stack.pop()
        children = _joined(frame.children)
        if frame.is_flat:
            for child in (*children, "\n"):
                self._add(child)
            return
        match frame.name:
            case "CodeBlock":
                self._add(self._code_block(frame.facts, _text_of(children), is_open_code))
            case "Link":
                self._add_link(frame.facts, children)
            case "Image":
                self._add_picture(frame.facts, _text_of(children))
            case "TableCell":
                self._add(self._cell(children))
            case _:
                self._add(_block(frame, children))

    def _add(self, child: Child) -> None:
        self._stack[-1].children.append(child)

    def _code_block(self, kind: object, code: str, is_open: bool) -> Node:
        language = language_of(str(kind["Fenced"])) if isinstance(kind, dict) else ""
        names = {"class": f"language-{language}", "data-language": language} if language else {}
        body = [code] if is_open else self._memo.coloured(code, language)
        return ["pre", names, ["code", {"role": "group", "aria-label": "code", "tabindex": "0"}, *body]]

    def _add_link(self, facts: object, children: list[Child]) -> None:
        link = None if self._is_inside("Link") else _link_of(facts)
        for child in children if link is None else [_anchor(link, children)]:
            self._add(child)

    def _add_picture(self, facts: object, description: str) -> None:
        words = f"image not loaded: {description or 'no description'}"
        link = None if self._is_inside("Link") else _link_of(facts)
        self._add(words if link is None else _anchor(link, [words]))

    def _is_inside(self, name: str) -> bool:
        return any(frame.name == name for frame in self._stack)

    def _cell(self, children: list[Child]) -> Node:
        row, table = self._stack[-1], self._stack[-2]
        alignments = table.facts if isinstance(table.facts, tuple) else ()
        place = len(row.children)
        alignment = str(alignments[place]).lower() if place < len(alignments) else "none"
        tag = "th" if row.name == "TableHead" else "td"
        return [tag, {} if alignment == "none" else {"class": alignment}, *children]


def _block(frame: _Frame, children: list[Child]) -> Node:
    """A construct whose node depends on nothing around it."""
    match frame.name, frame.facts:
        case "Heading", {"level": str(level)}:
            return [level.lower(), {}, *children]
        case "List", None:
            return ["ul", {}, *children]
        case "List", int(start):
            return ["ol", {} if start == 1 else {"start": str(start)}, *children]
        case "HtmlBlock", _:
            return ["p", {"class": "raw"}, *children]
        case "TableHead", _:
            return ["thead", {}, ["tr", {}, *children]]
        case "TableRow", _:
            return ["tr", {}, *_without_empty_end(children)]
        case "Table", _:
            return _table(children)
        case name, _:
            return [_PLAIN_TAGS[name], {}, *children]


def _table(rows: list[Child]) -> Node:
    body: list[Child] = [["tbody", {}, *rows[1:]]] if len(rows) > 1 else []
    # The box scrolls, and what scrolls must be within reach of the keyboard.
    return [
        "div",
        {"class": "table", "role": "group", "aria-label": "table", "tabindex": "0"},
        ["table", {}, *rows[:1], *body],
    ]


def _without_empty_end(cells: list[Child]) -> list[Child]:
    """The cells a row really has: the parser fills short rows up, a thousandfold if the table is wide."""
    count = len(cells)
    while count and len(cells[count - 1]) == 2:
        count -= 1
    return cells[:count]


def _task(is_done: bool) -> Node:
    names = {"class": "task done", "aria-label": "done"} if is_done else {"class": "task", "aria-label": "not done"}
    return ["span", {**names, "role": "img"}]


def _link_of(facts: object) -> Link | None:
    match facts:
        case {"dest_url": str(address)}:
            return read_link(address)
        case _:
            return None


def _anchor(link: Link, children: list[Child]) -> Node:
    """A link that names its host wherever its own words do not."""
    attributes = {"href": link.href, "rel": "noopener noreferrer nofollow", "target": "_blank"}
    shown: list[Child] = (
        [] if link.is_named_by(_text_of(children)) else [["span", {"class": "host"}, f" ({link.shown})"]]
    )
    return ["a", attributes, *children, *shown]


def _begins_with_digit(event: Event | None) -> bool:
    """Whether `$5-$` was money after all: a formula's closing dollar has no digit behind it (Pandoc's rule)."""
    match event:
        case {"Text": str(text)}:
            return text[:1].isdigit()
        case _:
            return False


def _joined(children: Iterable[Child]) -> list[Child]:
    """The children with neighbouring texts made one."""
    joined: list[Child] = []
    for is_text, group in groupby(children, key=lambda child: isinstance(child, str)):
        run = list(group)
        joined.extend(["".join(map(str, run))] if is_text else run)
    return joined


def _text_of(children: Iterable[Child | dict[str, str]]) -> str:
    """All words below these children; depth is bounded, and with it the recursion."""
    texts = (
        child if isinstance(child, str) else _text_of(child[1:]) for child in children if not isinstance(child, dict)
    )
    return "".join(texts)
