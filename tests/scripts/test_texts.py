"""Marked messages: how they are written down, and what a mark says of where it stood."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.phi.texts import TEXTS, Item, read, unmarked


def test_a_mark_gives_the_text_as_typed_and_its_place() -> None:
    text, spans = unmarked("k for <<patient:Wren>> in <<room:bed 4>> is 2.9")
    assert text == "k for Wren in bed 4 is 2.9"
    assert [(text[start:end], kind) for start, end, kind in spans] == [("Wren", "patient"), ("bed 4", "room")]


def test_a_line_is_an_item_behind_its_sort(tmp_path: Path) -> None:
    (tmp_path / "set.txt").write_text("# no item\nlab\tfirst\\nsecond\n\n", encoding="utf-8")
    assert list(read([tmp_path / "set.txt"])) == [Item("set", "lab", "first\nsecond")]


def test_a_conversation_has_its_turns() -> None:
    item = Item("set", "multi", "u: hi || a: hello || t: a || b || u: who is <<patient:Wren>>")
    assert item.turns == (("u", "hi"), ("a", "hello"), ("t", "a || b"), ("u", "who is <<patient:Wren>>"))


def test_a_bar_in_a_message_makes_no_conversation() -> None:
    assert Item("set", "code", "if (a || b)").turns == (("u", "if (a || b)"),)


@pytest.mark.parametrize(
    ("marked", "kinds"),
    [
        ("Dr. <<staff:Wren>> rounds", set()),
        ("<<public:Osler>> said so", set()),
        ("<<patient:Wren>>, seen by <<staff:Lee>> on <<date:3/14>>", {"patient", "date"}),
    ],
)
def test_names_of_staff_and_of_public_figures_are_no_identifiers(marked: str, kinds: set[str]) -> None:
    assert Item("set", "x", marked).kinds == kinds
    assert Item("set", "x", marked).phi == bool(kinds)


def test_every_line_of_the_texts_can_be_read() -> None:
    for path in sorted(TEXTS.glob("*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        items = list(read([path]))
        assert len(items) == len(lines), path.name
        assert all("<<" not in unmarked(item.marked)[0] for item in items), path.name
