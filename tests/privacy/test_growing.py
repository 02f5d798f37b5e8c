"""Reading along: nothing is missed because of how a text was cut up, and little is read twice."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.detect import detect
from chatapp.privacy.gate import CLEAR, Judgement, PrivacyGate
from chatapp.privacy.growing import GrowingText
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
    """What is read while the pieces come, and after the last one."""
    seen = {growing.read().verdict for piece in pieces if growing.takes(piece)}
    return seen | {growing.read().verdict}


@given(st.text("ab .\n", max_size=1500), st.text("ab .\n", max_size=1500), CUTS)
def test_an_identifier_is_seen_however_the_text_was_cut(before: str, after: str, lengths: list[int]) -> None:
    growing = GrowingText(PrivacyGate(find_canary).examine)
    assert "sensitive" in verdicts(growing, cut_up(before + CANARY + after, lengths))


@given(st.text("ab .\n", min_size=1, max_size=5000), CUTS)
def test_each_character_is_read_and_none_more_than_three_times(text: str, lengths: list[int]) -> None:
    windows: list[str] = []

    def note(window: str) -> Judgement:
        windows.append(window)
        return CLEAR

    growing = GrowingText(note)
    fresh = 0
    for piece in cut_up(text, lengths):
        fresh += len(piece)
        if growing.takes(piece):
            growing.read()
            fresh = 0
        assert fresh < 480
    growing.read()
    assert sum(map(len, windows)) <= 3 * len(text)
    at = 0
    for window in windows:
        start = text.index(window, max(0, at - 240))
        assert start <= at
        at = start + len(window)
    assert at == len(text)


def test_a_window_begins_where_a_line_or_sentence_does() -> None:
    windows: list[str] = []

    def note(window: str) -> Judgement:
        windows.append(window)
        return CLEAR

    growing = GrowingText(note)
    growing.takes("The first sentence of all. " * 20)
    growing.read()
    growing.takes("And then more.")
    growing.read()
    assert windows[1].startswith("The first sentence")


def test_what_cannot_be_judged_is_unknown() -> None:
    def broken(text: str) -> tuple[()]:
        raise ValueError

    growing = GrowingText(PrivacyGate(broken).examine)
    growing.takes("anything")
    assert growing.read().verdict == "unknown"


@pytest.mark.parametrize("name", ANSWERS)
def test_cutting_an_answer_up_makes_nothing_of_it_that_is_not_in_the_whole(name: str) -> None:
    gate, dice = PrivacyGate(detect), random.Random(name)
    for _ in range(3):
        lengths = [dice.randint(1, 9) for _ in range(30)]
        seen = verdicts(GrowingText(gate.examine), cut_up(ANSWERS[name], lengths))
        assert (seen == {"clear"}) >= (gate.examine(ANSWERS[name]).verdict == "clear")


def test_an_answer_about_nobody_seldom_locks_a_conversation() -> None:
    """How seldom is the detector's affair: this only keeps it from getting worse."""
    gate = PrivacyGate(detect)
    locking = [name for name, answer in ANSWERS.items() if gate.examine(answer).verdict != "clear"]
    assert len(locking) <= 10, locking
