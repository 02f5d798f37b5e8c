"""A schedule walks the house: pasted or attached, checked, explained; and what a loop of tools may not do."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from chatapp.demo.anthropic import stream
from chatapp.demo.ollama import chunk, end_chunk, line, tool_call
from chatapp.demo.scenes import Scene, Send
from chatapp.messages import Mode
from tests.house import Frame, House, assert_whole, of, one, open_house, text_of

HEADER = "resident,date,start,end\n"
ROWS = [f"R{1 + day % 2},2026-07-{day:02},07:00,{19 if day % 5 else 23}:00" for day in range(1, 29)]
ROSTER = HEADER + "\n".join(ROWS)
SHORT_NIGHT = HEADER + "R1,2026-07-01,07:00,23:00\nR1,2026-07-02,05:00,17:00\n"
ASK = "Please validate this schedule."

Call = tuple[str, str]
"""A tool's name and its arguments as JSON."""
_numbers = itertools.count(1)
MODES: list[Mode] = ["hybrid", "cloud"]


def scene(mode: Mode, calls: Sequence[Call], text: str = "") -> Scene:
    """A reply that ends in calls, as the model of that mode writes it."""
    if mode == "cloud":
        uses = [
            {"type": "tool_use", "id": f"toolu_{next(_numbers)}", "name": name, "input": json.loads(arguments)}
            for name, arguments in calls
        ]
        content: list[Mapping[str, Any] | Sequence[str]] = [[text], *uses] if text else [*uses]
        return tuple(map(Send, stream(content)))
    written = [tool_call("", name, json.loads(arguments)) for name, arguments in calls]
    chunks = [
        chunk("mistral", text),
        chunk("mistral", tool_calls=written),
        end_chunk("mistral", prompt_tokens=9, tokens=3),
    ]
    return tuple(Send(line(one)) for one in chunks)


def script(house: House, mode: Mode, *rounds: Sequence[Call]) -> None:
    """Have the model of that mode ask for these calls, round by round, before it says what it would say."""
    (house.anthropic if mode == "cloud" else house.ollama).script(*(scene(mode, calls) for calls in rounds))


async def attach(house: House, text: str, name: str = "roster.csv") -> dict[str, Any]:
    async with house.http() as http:
        answer = await http.post(
            f"/api/attachments?name={name}", content=text.encode(), headers={"content-type": "text/csv"}
        )
    assert answer.status_code == 201
    attached: dict[str, Any] = answer.json()
    return attached


def found_by(frames: list[Frame]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(one(frames, "tool_result")["content"])
    return found


def assert_calls_answered(frames: list[Frame]) -> None:
    """Every call that was shown got exactly one result, after it."""
    told = [frame for frame in frames if frame["type"] in ("tool_call", "tool_result")]
    calls = [frame["call"] for frame in told if frame["type"] == "tool_call"]
    results = [frame["call"] for frame in told if frame["type"] == "tool_result"]
    assert sorted(calls) == sorted(results)
    assert len(set(calls)) == len(calls)


# --- a schedule ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
async def test_a_pasted_roster_is_checked_by_the_tool_and_explained(tmp_path: Path, mode: Mode) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(f"{ASK}\n\n{SHORT_NIGHT}", mode=mode)
        again = await browser.ask("Thank you.", conversation=of(frames, "conversation")[0]["id"])

    kinds = [frame["type"] for frame in frames if frame["type"] != "delta"]
    assert [kind for kind in kinds if kind != "thinking"] == [
        "conversation", "turn", "route", "tool_call", "tool_result", "done",
    ]  # fmt: skip
    route, call, result, done = (one(frames, kind) for kind in ("route", "tool_call", "tool_result", "done"))
    assert (route["task"], route["provider"]) == ("tools", "anthropic" if mode == "cloud" else "ollama")
    assert (call["name"], call["egress"], call["approval"]) == ("validate_schedule", "none", False)
    assert "05:00" in call["arguments"]["schedule"]
    assert (result["call"], result["ok"], result["truncated"]) == (call["call"], True, False)
    assert found_by(frames)["violations"][0]["measured"] == 6
    after = text_of([frame for frame in of(frames, "delta") if frame["seq"] > result["seq"]])
    assert "breaks the rules" in after
    assert done["usage"]["completion_tokens"] > 0
    assert_whole(frames, done["turn"])
    assert one(again, "done")["finish"] == "stop"


@pytest.mark.parametrize("mode", MODES)
async def test_of_an_attachment_the_model_sees_the_beginning_and_the_tool_everything(
    tmp_path: Path, mode: Mode
) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        attached = await attach(house, ROSTER)
        frames = await browser.ask(ASK, mode=mode, attachments=[attached["id"]])
        server = house.anthropic if mode == "cloud" else house.ollama
        asked = [request.body.decode() for request in server.requests if request.path == server.chat_path]

    assert (attached["rows"], attached["kind"], attached["verdict"]) == (28, "table", "clear")
    assert "roster.csv: table, 28 rows, columns:\\nresident, date, start, end" in asked[0]
    assert "2026-07-05" in asked[0]
    assert all("2026-07-28, 07:00" not in body and ROWS[-1] not in body for body in asked)
    assert one(frames, "tool_call")["arguments"] == {"schedule": "a1"}
    assert (found_by(frames)["shifts"], found_by(frames)["last_day"]) == (28, "2026-07-28")
    assert_whole(frames, one(frames, "done")["turn"])


async def test_patient_data_deep_in_a_file_keeps_the_turn_here_and_locks(tmp_path: Path) -> None:
    deep = HEADER.replace("\n", ",note\n") + "\n".join(f"{row}," for row in ROWS)
    deep += "\nR1,2026-07-30,07:00,19:00,Mrs. Okonkwo MRN 4482913 seen\n"
    async with open_house(tmp_path) as house, house.browser() as browser:
        attached = await attach(house, deep)
        frames = await browser.ask(ASK, mode="cloud", attachments=[attached["id"]], provider="anthropic")
        sent = house.cloud_bytes()
        here = b"".join(request.body for request in house.ollama.requests)

    assert attached["verdict"] == "sensitive"
    assert "4482913" not in json.dumps(attached)
    assert of(frames, "conversation")[-1]["locked_by"] == "detector"
    assert (one(frames, "route")["provider"], one(frames, "route")["rule"]) == ("ollama", "phi")
    assert b"Okonkwo" not in sent
    assert b"roster.csv" not in sent
    assert b"4482913" not in here, "not even the local model is shown more than the beginning"
    assert found_by(frames)["shifts"] == 29


async def test_a_row_that_is_no_shift_is_named_and_the_rest_is_judged(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        attached = await attach(house, SHORT_NIGHT + "R2,2026-07-03,soon,later\nR2,2026-07-04,07:00,19:00\n")
        frames = await browser.ask(ASK, attachments=[attached["id"]])

    found = found_by(frames)
    assert (found["shifts"], found["unreadable_total"], found["unreadable"][0]["line"]) == (3, 1, 4)
    assert found["violations_total"] == 1


async def test_a_follow_up_may_ask_for_the_same_file_again(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        attached = await attach(house, ROSTER)
        first = await browser.ask(ASK, attachments=[attached["id"]])
        script(house, "hybrid", [("validate_schedule", '{"schedule": "a1"}')])
        frames = await browser.ask("And is R2 well rested?", conversation=of(first, "conversation")[0]["id"])

    assert found_by(frames)["shifts"] == 28


async def test_somebody_elses_attachment_is_not_found(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(ASK, attachments=["0" * 32])

    assert one(frames, "error")["code"] == "not_found"
    assert one(frames, "error")["re"]["type"] == "chat"


# --- calls that go wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("validate_schedule", "{}"), "schedule is missing"),
        (("validate_schedule", '{"schedule": 7}'), "schedule is not of type string"),
        (("validate_schedule", '{"schedule": "a1", "also": 1}'), "there is one it does not know"),
        (("validate_schedule", json.dumps({"schedule": "x" * 20_000})), "too long"),
        (("validate_schedule", '{"schedule": "no shifts at all"}'), "No shift"),
        (("Validate_Schedule", '{"schedule": "a1"}'), "no tool of this name"),
        (("shell", '{"command": "ls"}'), "no tool of this name"),
    ],
)
async def test_a_call_that_goes_wrong_is_told_and_the_answer_goes_on(
    tmp_path: Path, mode: Mode, call: Call, says: str
) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        script(house, mode, [call])
        frames = await browser.ask(f"{ASK}\n\n{SHORT_NIGHT}", mode=mode)

    result = one(frames, "tool_result")
    assert not result["ok"]
    assert says in result["content"]
    assert text_of([frame for frame in of(frames, "delta") if frame["seq"] > result["seq"]]).strip()
    assert one(frames, "done")["finish"] == "stop"
    assert_whole(frames, result["turn"])


async def test_a_tool_that_takes_too_long_is_stopped_and_the_answer_goes_on(tmp_path: Path) -> None:
    environ = {"CHATAPP_TOOL_SECONDS": "0.000001"}
    async with open_house(tmp_path, environ=environ) as house, house.browser() as browser:
        frames = await browser.ask(f"{ASK}\n\n{SHORT_NIGHT}")

    assert one(frames, "tool_result")["ok"] is False
    assert "took longer" in one(frames, "tool_result")["content"]
    assert one(frames, "done")["finish"] == "stop"


# --- loops -----------------------------------------------------------------------------------------------------------


def numbered(number: int) -> Call:
    return "validate_schedule", json.dumps({"schedule": f"{SHORT_NIGHT}R9,2026-08-{number + 1:02},07:00,08:00\n"})


@pytest.mark.parametrize("mode", MODES)
async def test_several_calls_at_once_are_each_answered(tmp_path: Path, mode: Mode) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        script(house, mode, [numbered(n) for n in range(6)])
        frames = await browser.ask(f"{ASK}\n\n{SHORT_NIGHT}", mode=mode)

    assert len(of(frames, "tool_result")) == 6
    assert_calls_answered(frames)
    assert one(frames, "done")["finish"] == "stop"
    assert_whole(frames, one(frames, "done")["turn"])


@pytest.mark.parametrize("mode", MODES)
async def test_the_same_call_a_third_time_ends_the_loop(tmp_path: Path, mode: Mode) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        script(house, mode, *([[numbered(0)]] * 5))
        frames = await browser.ask(f"{ASK}\n\n{SHORT_NIGHT}", mode=mode)
        again = await browser.ask("And now?", conversation=of(frames, "conversation")[0]["id"])

    assert len(of(frames, "tool_result")) == 2
    assert one(frames, "done")["finish"] == "tool_limit"
    assert_calls_answered(frames)
    assert_whole(frames, one(frames, "done")["turn"])
    assert again[-1]["type"] in ("done", "error")


@pytest.mark.parametrize("mode", MODES)
async def test_more_than_sixteen_calls_end_the_loop(tmp_path: Path, mode: Mode) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        script(house, mode, [numbered(n) for n in range(9)], [numbered(n) for n in range(9, 18)])
        frames = await browser.ask(f"{ASK}\n\n{SHORT_NIGHT}", mode=mode)

    assert len(of(frames, "tool_result")) == 9
    assert one(frames, "done")["finish"] == "tool_limit"
    assert_calls_answered(frames)


@pytest.mark.parametrize("mode", MODES)
async def test_a_loop_ends_after_eight_rounds(tmp_path: Path, mode: Mode) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        script(house, mode, *([numbered(n)] for n in range(12)))
        frames = await browser.ask(f"{ASK}\n\n{SHORT_NIGHT}", mode=mode)
        server = house.anthropic if mode == "cloud" else house.ollama
        asked = [request for request in server.requests if request.path == server.chat_path]

    assert len(asked) == 8
    assert one(frames, "done")["finish"] == "tool_limit"
    assert_calls_answered(frames)
    assert_whole(frames, one(frames, "done")["turn"])
