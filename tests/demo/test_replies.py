from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.demo.replies import SCHEDULE_TOOL, Side, pieces, reply, schedule_in
from chatapp.demo.topics import (
    CLOUD_NOTE,
    CODE_PYTHON,
    CODE_SQL,
    DUTY_HOURS,
    HAND_OFF,
    HYPERKALAEMIA,
    KEPT_HERE,
    LOCAL_NOTE,
    SWAP_REQUEST,
    TOPICS,
    TOUR,
    Topic,
)
from chatapp.privacy.detect import detect
from chatapp.tools.validate_schedule import NAME, ValidateSchedule

ROSTER = "resident,start,end\nA,2026-07-06 07:00,2026-07-06 19:00\nB,2026-07-07 07:00,2026-07-07 19:00\n"
VIOLATION = {
    "resident": "A | B",
    "rule": "weekly_hours",
    "paragraph": "6.20",
    "from": "2026-07-06T07:00+00:00",
    "to": "2026-08-03T07:00+00:00",
    "measured": 82.5,
    "limit": 80,
    "unit": "h",
    "message": "82.5 hours a week.",
}


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Explain the ACGME 80-hour rule", DUTY_HOURS),
        ("what are duty hours?", DUTY_HOURS),
        ("Write an I-PASS hand-off template", HAND_OFF),
        ("Potassium 6.8 and peaked T waves: what now?", HYPERKALAEMIA),
        ("treatment ladder for hyperkalaemia", HYPERKALAEMIA),
        ("HYPERKALEMIA?", HYPERKALAEMIA),
        ("Write a Python function for weekly hours", CODE_PYTHON),
        ("An SQL statement for hours per resident", CODE_SQL),
        ("Draft an e-mail asking to swap my Saturday", SWAP_REQUEST),
        ("What is her code status policy?", TOUR),
        ("Good morning", TOUR),
        ("", TOUR),
    ],
)
@pytest.mark.parametrize("side", ["local", "cloud"])
def test_a_question_finds_its_topic(question: str, topic: Topic, side: Side) -> None:
    assert topic.text in reply(question, side=side).text


def test_only_the_local_side_explains_where_patient_data_stays() -> None:
    asked = "Which MRN format do we use for a patient?"
    assert KEPT_HERE.text in reply(asked, side="local").text
    assert TOUR.text in reply(asked, side="cloud").text


@pytest.mark.parametrize(("side", "note"), [("local", LOCAL_NOTE), ("cloud", CLOUD_NOTE)])
@pytest.mark.parametrize("question", ["Hello", "ACGME", "Check the roster"])
def test_every_reply_says_first_that_it_is_a_demo(question: str, side: Side, note: str) -> None:
    assert reply(question, side=side).text.startswith(f"{note}\n\n")


def test_only_the_cloud_side_thinks_aloud() -> None:
    assert reply("Explain ACGME", side="cloud").thinking
    assert not reply("Explain ACGME", side="local").thinking


@pytest.mark.parametrize("topic", [*TOPICS, TOUR], ids=lambda topic: topic.text.splitlines()[0])
def test_no_reply_looks_like_patient_data(topic: Topic) -> None:
    said = "\n".join((LOCAL_NOTE, CLOUD_NOTE, topic.thinking, topic.text))
    assert [(finding.kind, said[finding.start : finding.end]) for finding in detect(said)] == []


@pytest.mark.parametrize("topic", [*TOPICS, TOUR], ids=lambda topic: topic.text.splitlines()[0])
def test_every_text_is_whole_markdown(topic: Topic) -> None:
    assert topic.text.startswith("## ")
    assert topic.text.count("```") % 2 == 0
    for table in re.findall(r"(?:^\|.*\|$\n?)+", topic.text, re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert not re.search(r"\bsorry\b|!\s|TODO|https?:", topic.text.replace("```", ""))


def test_between_them_the_texts_show_what_the_page_can_draw() -> None:
    everything = "".join(topic.text for topic in (*TOPICS, TOUR))
    assert all(
        mark in everything for mark in ("## ", "### ", "- [ ] ", "```python", "```sql", "\n> ", "\n1. ", "|---|")
    )


def test_the_python_that_is_shown_keeps_its_word() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", CODE_PYTHON.text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    hours = names["hours_by_week"]
    assert hours([(datetime(2026, 7, 6, 7), datetime(2026, 7, 6, 19))]) == {(2026, 28): 12.0}
    assert hours([(datetime(2026, 7, 5, 19), datetime(2026, 7, 6, 7))]) == {(2026, 27): 5.0, (2026, 28): 7.0}


# --- schedules ---


@pytest.mark.parametrize(
    ("question", "schedule"),
    [
        (f"Check this schedule:\n{ROSTER}", ROSTER),
        (f"Is this roster legal?\n\n{ROSTER}\nThank you", ROSTER),
        (ROSTER, ROSTER),
        (
            "Shifts:\nA\t7/6 07:00\t7/6 19:00\nB\t7/7 07:00\t7/7 19:00",
            "A\t7/6 07:00\t7/6 19:00\nB\t7/7 07:00\t7/7 19:00\n",
        ),
        ("Validate:\nLee Jul 14 7a-7p\nLee Jul 15 7p-7a", "Lee Jul 14 7a-7p\nLee Jul 15 7p-7a\n"),
        ("Attachment a2: roster.csv, columns resident, start, end\nWhich rules are broken?", "a2"),
        ("Explain what a good schedule looks like", None),
        ("Is a1 a good name for a schedule?", None),
        ("Potassium 6.8, pH 7.2, what now?", None),
        ("", None),
    ],
)
def test_what_the_schedule_tool_is_given(question: str, schedule: str | None) -> None:
    assert schedule_in(question) == schedule


@pytest.mark.parametrize("side", ["local", "cloud"])
def test_a_schedule_is_checked_by_the_tool_where_it_is_offered(side: Side) -> None:
    asked = f"Check this schedule:\n{ROSTER}"
    assert reply(asked, side=side, tools=[SCHEDULE_TOOL]).tool == (SCHEDULE_TOOL, {"schedule": ROSTER})
    assert reply(asked, side=side, tools=["another"]).tool is None
    assert reply(asked, side=side).tool is None


def test_findings_are_explained_in_words_and_as_a_table() -> None:
    found = {"summary": "4 shifts.", "violations": [VIOLATION] * 2, "unreadable": [{"line": 3}], "unreadable_total": 9}
    result = json.dumps(found)
    said = reply(f"Check:\n{ROSTER}", side="local", tools=[SCHEDULE_TOOL], tool_results=[result])
    assert said.tool is None
    assert "breaks the rules in 2 places" in said.text
    assert "\n4 shifts.\n" in said.text
    assert "| A / B | weekly hours | 82.5 h | 80 h | 2026-07-06 07:00 |" in said.text
    assert "Left out: 9 rows**" in said.text


async def test_what_the_real_tool_says_of_the_sample_roster_is_explained() -> None:
    (sample,) = re.findall(r"```csv\n(.*?)```", TOUR.text, re.DOTALL)
    asked = f"Check this schedule:\n{sample}"
    tool = reply(asked, side="local", tools=[SCHEDULE_TOOL]).tool
    assert tool == (NAME, {"schedule": sample})
    result = await ValidateSchedule().run(tool[1])
    said = reply(asked, side="local", tools=[SCHEDULE_TOOL], tool_results=[result.content]).text
    assert "breaks the rules in 1 place" in said
    assert "| Resident A | rest after call | 8.0 hours | 14 hours | 2026-07-07 11:00 |" in said


def test_a_long_table_is_cut_and_says_so() -> None:
    result = json.dumps({"violations": [VIOLATION] * 20, "violations_total": 30})
    said = reply("Check", side="local", tool_results=[result]).text
    assert said.count("82.5 h") == 12
    assert "18 more" in said


def test_a_good_schedule_is_called_good() -> None:
    assert "No rule is broken" in reply("Check", side="cloud", tool_results=['{"violations": []}']).text


@given(st.one_of(st.text(max_size=200), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_any_other_result_is_shown_as_it_is(result: str) -> None:
    assert "The tool answered" in reply("Check", side="local", tool_results=[result]).text


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*VIOLATION]), st.none() | st.integers() | st.text() | st.lists(st.text())),
        max_size=5,
    )
)
def test_findings_of_any_shape_are_explained(violations: list[dict[str, object]]) -> None:
    said = reply("Check", side="local", tool_results=[json.dumps({"violations": violations})]).text
    rows = [line for line in said.splitlines() if line.startswith("| ") and "Resident | Rule" not in line]
    assert len(rows) == len(violations)
    assert all(row.count("|") == 6 for row in rows)


# --- pieces and pace ---


@given(st.text(max_size=300))
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


def test_pieces_are_about_as_large_as_tokens() -> None:
    cut = pieces(DUTY_HOURS.text)
    assert all(len(piece.strip()) <= 12 for piece in cut)
    assert 2 < len(DUTY_HOURS.text) / len(cut) < 8


@pytest.mark.parametrize(
    ("question", "count", "gap_s"),
    [
        ("n=200 gap=20", 200, 0.02),
        ("please n=5", 5, 0.0),
        ("#3 n=7 and gap=0", 7, 0.0),
        ("n=999999", 20_000, 0.0),
        ("n=0 gap=5", 0, 0.005),
    ],
)
def test_a_load_test_steers_the_number_of_pieces_and_their_pace(question: str, count: int, gap_s: float) -> None:
    steered = reply(question, side="local")
    assert (len(steered.pieces), steered.gap_s, steered.tool) == (count, gap_s, None)


def test_an_ordinary_reply_leaves_the_pace_to_the_stand_in() -> None:
    assert reply("Hello", side="local").gap_s is None
