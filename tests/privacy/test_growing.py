"""Reading along: nothing is missed because of how a text was cut up, and little is read twice."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from chatapp.gatehouse import build_gate
from chatapp.privacy.gate import CLEAR, Judgement, PrivacyGate
from chatapp.privacy.growing import GrowingText
from chatapp.settings import Settings
from tests.fakes import CANARY, find_canary
from tests.privacy.answers import ANSWERS

CUTS = st.lists(st.integers(1, 700), min_size=1, max_size=40)


def cut_up(text: str, lengths: list[int]) -> Iterator[str]:
    """The text in pieces of these lengths, over and over."""
    at = number = 0
    while at < len(text):
        length = lengths[number % len(lengths)]
        yield text[at : at + length]
        at, number = at + length, number + 1


def verdicts(growing: GrowingText, pieces: Iterator[str]) -> set[str]:
    """What is read while the pieces come."""
    return {growing.read().verdict for piece in pieces if growing.takes(piece)} | {"clear"}


@given(st.text("ab .\n", max_size=1500), st.text("ab .\n", min_size=700, max_size=1500), CUTS)
def test_an_identifier_is_seen_however_the_text_was_cut(before: str, after: str, lengths: list[int]) -> None:
    growing = GrowingText(PrivacyGate(find_canary).examine)
    assert "sensitive" in verdicts(growing, cut_up(before + CANARY + after, lengths))


@given(st.text("ab .\n", min_size=1, max_size=5000), CUTS)
def test_each_character_is_read_soon_and_few_are_read_often(text: str, lengths: list[int]) -> None:
    windows: list[str] = []

    def note(window: str) -> Judgement:
        windows.append(window)
        return CLEAR

    growing = GrowingText(note)
    heard = read = 0
    for piece in cut_up(text, lengths):
        heard += len(piece)
        if growing.takes(piece):
            growing.read()
            start = text.index(windows[-1], max(0, read - 240))
            assert start <= read
            read = start + len(windows[-1])
        assert heard - read < 560
    assert sum(map(len, windows)) <= 3 * len(text)


def test_a_window_begins_and_ends_where_a_sentence_does() -> None:
    windows: list[str] = []

    def note(window: str) -> Judgement:
        windows.append(window)
        return CLEAR

    growing = GrowingText(note)
    for piece in cut_up("The first sentence of all. " * 60, [7, 90, 13]):
        if growing.takes(piece):
            growing.read()
    assert len(windows) > 2
    assert all(window.startswith("The first sentence") and window.endswith("of all. ") for window in windows)


def test_what_cannot_be_judged_is_unknown() -> None:
    def broken(text: str) -> tuple[()]:
        raise ValueError

    growing = GrowingText(PrivacyGate(broken).examine)
    growing.takes("anything")
    assert growing.read().verdict == "unknown"


def test_cutting_answers_up_makes_little_of_them_that_is_not_in_the_whole() -> None:
    gate, made_up = build_gate(Settings()), set()
    for name, answer in ANSWERS.items():
        dice = random.Random(name)
        lengths = [dice.randint(1, 9) for _ in range(30)]
        whole = gate.examine_reply(answer).verdict
        if whole == "clear" and verdicts(GrowingText(gate.examine_reply), cut_up(answer, lengths)) != {"clear"}:
            made_up.add(name)
    assert len(made_up) <= 1, made_up


def test_an_answer_about_nobody_seldom_locks_a_conversation() -> None:
    """Of twenty, those with an example patient by title: `Mr. Smith`."""
    gate = build_gate(Settings())
    locking = [name for name, answer in ANSWERS.items() if gate.examine_reply(answer).verdict != "clear"]
    assert len(locking) <= 3, locking
