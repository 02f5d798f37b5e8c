"""LaTeX ─▶ a MathML node of listed tags and attributes; latex2mathml does the reading, imported at first need.

What does not read, is too long, too deep, or defines macros is None: the caller then shows the source.
"""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element  # only the class: no XML is parsed

from chatapp.web.nodes import MATH_ATTRIBUTES, MATH_TAGS, Node, clean

_LONGEST = 2_000
_DEEPEST = 40
_MACRO = re.compile(r"\\(re)?newcommand|\\def|\\let|\\DeclareMathOperator")


def to_mathml(latex: str, display: str) -> Node | None:
    r"""Convert one formula.

    Args:
        latex: without its dollar signs. display: `inline` or `block`.

    Returns:
        A `math` node, or None. Attributes off the list (`\\href`, `\\style`, colours) are left out.
    """
    if len(latex) > _LONGEST or _MACRO.search(latex):
        return None
    from latex2mathml.converter import Converter

    try:
        element: Element = Converter(display=display).convert_to_element(latex)
    except Exception:  # noqa: BLE001 - the converter answers bad LaTeX with a dozen kinds of error, RecursionError among them
        return None
    return _node(element, depth=0)


def _node(element: Element, depth: int) -> Node | None:
    """The element as a node; None where it, or anything in it, is too deep or of an unlisted tag."""
    if depth > _DEEPEST or element.tag not in MATH_TAGS:
        return None
    node: Node = [element.tag, _listed(element.attrib)]
    if element.text:
        # latex2mathml writes symbols as character references, meant for a serialiser that never runs here.
        node.append(clean(html.unescape(element.text)))
    for inner in element:
        child = _node(inner, depth + 1)
        if child is None:
            return None
        node.append(child)
    return node


def _listed(attributes: dict[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in attributes.items()
        if name in MATH_ATTRIBUTES and re.fullmatch(MATH_ATTRIBUTES[name], value)
    }
