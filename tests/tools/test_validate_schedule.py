"""The tool as a model calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatapp.errors import ToolFailed
from chatapp.ports import Tool
from chatapp.tools.validate_schedule import ValidateSchedule

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "roster.csv"


async def validate(text: str) -> dict[str, Any]:
    output = await ValidateSchedule(timezone="America/New_York", clock=lambda: 1_772_000_000.0).run({"schedule": text})
    assert output.ok
    answer: dict[str, Any] = json.loads(output.content)
    return answer


def test_it_is_offered_as_a_tool_that_stays_in_the_house() -> None:
    tool: Tool = ValidateSchedule()
    assert (tool.spec.name, tool.egress, tool.writes, tool.approval) == ("validate_schedule", "none", False, False)
    assert tool.file_arguments == ("schedule",)
    assert tool.spec.parameters["required"] == ["schedule"]


async def test_the_example_is_judged_with_every_number_a_person_needs() -> None:
    answer = await validate(EXAMPLE.read_text())
    assert (answer["residents"], answer["shifts"]) == (3, 64)
    assert (answer["first_day"], answer["last_day"]) == ("2026-07-06", "2026-08-03")
    assert {(it["resident"], it["rule"]) for it in answer["violations"]} == {
        ("Brandt", "weekly_hours"),
        ("Brandt", "free_days"),
        ("Chen", "rest_between_shifts"),
        ("Chen", "continuous_hours"),
    }
    assert answer["unreadable"] == [{"line": 54, "reason": "there is only one time; a start and an end are needed"}]


async def test_a_violation_says_what_was_measured_where_and_against_what() -> None:
    answer = await validate("Lee 2026-07-14 07:00 - 2026-07-15 12:00 call")
    assert answer["violations"] == [
        {
            "resident": "Lee",
            "rule": "continuous_hours",
            "paragraph": "6.22.a (VI.F.3.a)",
            "from": "2026-07-14T07:00-04:00",
            "to": "2026-07-15T12:00-04:00",
            "measured": 29.0,
            "limit": 28,
            "unit": "hours",
            "message": "29 hours in a row; at most 24 are allowed, and 4 more for transitions of care.",
        }
    ]
    assert answer["summary"].startswith("1 shift of 1 resident: 1 ACGME duty-hour violation, 1 resident concerned.")


async def test_a_good_schedule_is_called_good() -> None:
    answer = await validate("Lee 7/14 07:00-19:00")
    assert answer["summary"] == "1 shift of 1 resident: no ACGME duty-hour violation."
    assert answer["first_day"] == answer["last_day"] == "2026-07-14"


async def test_hours_past_twenty_four_are_pointed_out() -> None:
    answer = await validate("Lee 2026-07-14 07:00 - 2026-07-15 10:00 call")
    assert (answer["violations"], answer["transition_periods"]) == ([], 1)
    assert "only if the time past 24" in answer["summary"]


async def test_the_answer_stays_small_and_shows_the_worst_of_everybody() -> None:
    rows = [f"R{who:02},2026-07-{day:02},{6 + day % 2}:00,23:59,day" for who in range(50) for day in range(1, 29)]
    answer = await validate("resident,date,start,end,type\n" + "\n".join(rows) + "\nbad,row,,\n" * 50)
    assert answer["violations_total"] > 60
    assert len(answer["violations"]) == 60
    assert len({it["resident"] for it in answer["violations"]}) == 50
    assert (answer["unreadable_total"], len(answer["unreadable"])) == (50, 20)
    assert len(json.dumps(answer)) < 32_768


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a1", "No shift was found. Give one row for each shift with the columns resident, date, start and end"),
        ("", "No shift was found."),
        ("Okonkwo,2026-07-14,0700,\n", "in line 1, there is only one time"),
    ],
)
async def test_where_nothing_can_be_read_the_error_says_what_is_needed(text: str, said: str) -> None:
    with pytest.raises(ToolFailed) as caught:
        await validate(text)
    assert said in str(caught.value)
    assert "Okonkwo" not in str(caught.value)
    assert caught.value.tool == "validate_schedule"


async def test_rows_given_as_a_list_are_read_too() -> None:
    rows = [{"resident": "Lee", "start": "2026-07-14T07:00", "end": "2026-07-14T19:00"}]
    output = await ValidateSchedule().run({"schedule": rows})
    assert json.loads(output.content)["shifts"] == 1
