"""The line scanner: where a growing text may be cut, and that a cut never changes what the text means."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatapp.web.markdown import render
from chatapp.web.segments import ENOUGH, LineScanner


def parts(text: str) -> list[str]:
    """The text, whole lines only, cut wherever the scanner says so."""
    scanner = LineScanner()
    found = [""]
    for line in text.splitlines(keepends=True):
        begins, ends = scanner.read(line.removesuffix("\n"))
        if begins:
            found.append("")
        found[-1] += line
        if ends:
            found.append("")
    return found if found[-1] else found[:-1]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("a\nb\n\nc\n", ["a\nb\n\n", "c\n"]),
        ("a\n# b\nc\n", ["a\n", "# b\n", "c\n"]),
        ("a\n```\nb\n\nc\n```\nd\n", ["a\n", "```\nb\n\nc\n```\n", "d\n"]),
        ("````\n```\n~~~\n````\na\n", ["````\n```\n~~~\n````\n", "a\n"]),
        ("- a\n\n- b\n\n  c\n\nd\n", ["- a\n\n- b\n\n  c\n\n", "d\n"]),
        ("a\n\n- b\n", ["a\n\n", "- b\n"]),
        ("1. a\n\n   ```\n   b\n\n   c\n   ```\n2. d\n", ["1. a\n\n   ```\n   b\n\n   c\n   ```\n2. d\n"]),
        ("1. a\n\n```\nb\n```\n\n2. c\n", ["1. a\n\n", "```\nb\n```\n", "\n2. c\n"]),
        ("    a\n\n    b\n\nc\n", ["    a\n\n    b\n\n", "c\n"]),
        ("| a |\n|---|\n| b |\n\nc\n", ["| a |\n|---|\n| b |\n\n", "c\n"]),
        ("> a\nb\n\n> c\n", ["> a\nb\n\n", "> c\n"]),
        ("<!-- a\n\nb\n-->\n\nc\n", ["<!-- a\n\nb\n-->\n\n", "c\n"]),
        ("<div>\n- a\n\nb\n\nc\n", ["<div>\n- a\n\nb\n\nc\n"]),
    ],
)
def test_a_text_is_cut_only_where_a_block_begins_for_certain(text: str, cut: list[str]) -> None:
    assert parts(text) == cut


LINES = [
    "text", "more text", "", "", "", "  ", "- a", "- b", "  - n", "* s", "+", "-", "1. one", "2. two", "10) ten",
    "1.", "   in", "  in",
    "    code", "```", "```py", "   ```", "  ```", "~~~", "````", "# H", "  # h", "---", "***", "- - -", "===",
    "> q", ">", "> - x",
    "> ```", "| a | b |", "|---|---|", "| 1 |", "--- | ---", "`` ` text", "\tx", "- \tx", "-     five", "- > q",
    "- ```", " - one",
]  # fmt: skip
HTML = [
    "<div>",
    "</div>",
    "<b>x</b> y",
    "<b>",
    "<!-- c",
    "-->",
    "<script>",
    "</script>",
    "<?php",
    "?>",
    "<https://a.b>",
    " <i>",
]


@given(st.lists(st.sampled_from(LINES + HTML), max_size=10))
@example(["- ```", "-->", "   ```", "", "-->"])
@example(["> - x", "2. ", "   ```"])
@example(["1.", "", "   ```", "```py"])
@example(["?>", "<b>", "<script>", "", "<script>"])
def test_the_parts_mean_what_the_whole_means(lines: list[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    cut = parts(text)
    assert "".join(cut) == text
    assert [block for part in cut for block in render(part)] == render(text)


@given(
    st.lists(st.sampled_from(LINES + HTML), max_size=6), st.sampled_from(LINES + HTML), st.text("a-1. #`", max_size=20)
)
def test_a_line_is_judged_by_its_beginning(lines: list[str], start: str, rest: str) -> None:
    scanner = LineScanner()
    for line in lines:
        scanner.read(line)
    line = start + rest
    if len(line) >= ENOUGH:
        assert scanner.begins_after_gap(line[:ENOUGH]) == scanner.begins_after_gap(line)


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (["a"], "open"),
        (["- a"], "in a list"),
        (["```"], "in a fence"),
        (["<div>", "```"], "uncertain"),
    ],
)
def test_the_scanner_tells_where_it_stands(lines: list[str], state: str) -> None:
    scanner = LineScanner()
    for line in lines:
        scanner.read(line)
    assert repr(scanner) == f"<LineScanner: {state}>"
