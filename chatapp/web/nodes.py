"""The fixed list of what a rendered reply may consist of: tags, attributes with their values, classes.

`static/js/nodes.js` states the same list and refuses everything else; a test compares the two.
Making trees out of Markdown is left to markdown.py, code and formulas to highlight.py and mathml.py.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Node: TypeAlias = "list[str | dict[str, str] | Node]"
"""`[tag, {attributes}, child, …]`, ready for JSON; a child is text or a node."""

Child: TypeAlias = "str | Node"

HTML_TAGS = (
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
)

MATH_TAGS = (
    "math",
    "menclose",
    "mfrac",
    "mi",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
)

_MEASURE = r"-?[0-9]{0,2}(\.[0-9]{1,4})?(em|ex|px|pt)?"
_TRUTH = "true|false"

HTML_ATTRIBUTES = {
    "aria-label": "code|done|not done|table",
    "class": "[a-z0-9+#._ -]+",
    "data-language": "[a-z0-9+#._-]{1,30}",
    "href": r"(https?://|mailto:)[^\s\\]+",
    "rel": "noopener noreferrer nofollow",
    "role": "img|group",
    "start": "[0-9]{1,9}",
    "tabindex": "0",
    "target": "_blank",
}
"""Attribute ─▶ a regular expression its whole value must match; the syntax both Python and JavaScript read."""

MATH_ATTRIBUTES = {
    "accent": _TRUTH,
    "columnalign": "(left|right|center)( (left|right|center))*",
    "display": "block|inline",
    "displaystyle": _TRUTH,
    "fence": _TRUTH,
    "form": "prefix|infix|postfix",
    "largeop": _TRUTH,
    "linethickness": _MEASURE,
    "lspace": _MEASURE,
    "mathvariant": "[a-z]+(-[a-z]+)*",
    "maxsize": _MEASURE,
    "minsize": _MEASURE,
    "movablelimits": _TRUTH,
    "rspace": _MEASURE,
    "scriptlevel": "[0-9]",
    "separator": _TRUTH,
    "stretchy": _TRUTH,
    "width": _MEASURE,
}
"""The same for MathML: nothing that links, loads, paints or grows beyond the page."""

LAYOUT_CLASSES = ("center", "done", "host", "left", "raw", "right", "table", "task")
CODE_CLASSES = ("c", "gd", "gh", "gi", "k", "m", "na", "nb", "nc", "nd", "nf", "nt", "o", "s")
LANGUAGE_CLASS = "language-[a-z0-9+#._-]{1,30}"


def _visible_controls() -> dict[int, str | None]:
    """Code point ─▶ what is shown: a picture of it for C0, � for what bends the order of reading, else nothing."""
    table: dict[int, str | None] = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"}
    table |= {0x7F: "␡", 0x2028: " ", 0x2029: " "}
    table |= dict.fromkeys((*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "�")
    return table | dict.fromkeys((0x061C, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0xE0000, 0xE0080)))


_CONTROLS = _visible_controls()
_CONTROL = re.compile("[" + "".join(re.escape(chr(code)) for code in _CONTROLS) + "]")


def clean(text: str) -> str:
    """Text with control and direction characters made visible, and those without any width taken out."""
    return text.translate(_CONTROLS) if _CONTROL.search(text) else text
