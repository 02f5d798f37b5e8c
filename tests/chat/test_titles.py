"""What a conversation is called."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.chat.titles import neutral_title, title_from


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("What is a normal potassium?", "What is a normal potassium?"),
        ("  two\t words \n on two lines", "two words"),
        ("Check this schedule\nresident,start,end\nLee,2026-07-06", "Check this schedule"),
        ("\n" * 500 + "Late words", "Late words"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("Compare the trade-offs of night float and of 24-hour call, step by step, please",
         "Compare the trade-offs of night float and of 24-hour call…"),
        ("x" * 100, "x" * 60 + "…"),
    ],
)  # fmt: skip
def test_a_title_is_the_first_words_on_one_line(text: str, title: str) -> None:
    assert title_from(text) == title


@given(st.text(max_size=400))
def test_a_title_is_short_on_one_line_and_empty_only_where_the_text_is(text: str) -> None:
    title = title_from(text)
    assert len(title) <= 61
    assert title == " ".join(title.split())
    assert bool(title) == bool(text.strip())


def test_a_neutral_title_says_the_time_and_nothing_else() -> None:
    assert re.fullmatch(r"Conversation \d\d:\d\d", neutral_title(time.time()))
