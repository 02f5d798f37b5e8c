"""Running a tool within its limits: whatever goes wrong is one answer, named and never quoted."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.chat.log import EVENTS
from chatapp.chat.tools import BAD_ARGUMENTS, ToolLimits, ToolTable, cut, misfit
from chatapp.errors import ToolFailed
from chatapp.messages import ToolCall
from tests.chat.room import ECHO, Echo, call
from tests.fakes import FakeClock

Act = Callable[[str], Coroutine[Any, Any, str]]


async def run(arguments: str, tool: Echo | None = None, name: str = "echo", **limits: Any) -> Any:
    table = ToolTable([tool or Echo()], limits=ToolLimits(**limits), clock=FakeClock())
    return await table.run(ToolCall("c1", name, arguments), {"a1": "the whole file"})


async def test_a_tool_answers() -> None:
    result = await run('{"words": "ward"}')
    assert (result.call, result.ok, result.content, result.truncated) == ("c1", True, "echo of ward", False)


@pytest.mark.parametrize("name", ["a1", " a1\n"])
async def test_an_attachment_is_handed_over_whole_under_its_short_name(name: str) -> None:
    tool = Echo()
    await run(orjson.dumps({"words": name}).decode(), tool)
    assert tool.given == ["the whole file"]


async def test_only_the_arguments_that_may_name_a_file_are_filled_in() -> None:
    tool = Echo(file_arguments=())
    await run('{"words": "a1"}', tool)
    assert tool.given == ["a1"]


SECRET = "canary-4482913"
DEEP = '{"words": ' + "[" * 5000 + "]" * 5000 + "}"


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "{}",
        "not JSON " + SECRET,
        '{"words": "cut off',
        "[]",
        '"words"',
        "null",
        "7",
        f'{{"words": "{SECRET}", "{SECRET}": 1}}',
        '{"words": 7}',
        '{"words": null}',
        '{"words": ["x"]}',
        '{"words": true}',
        '{"words": "x", "loud": 1}',
        '{"words": "x", "times": true}',
        '{"words": "x", "times": 1.5}',
        f'{{"words": "x", "tone": "{SECRET}"}}',
        '{"words": "\\ud800"}',
        '{"words": NaN}',
        DEEP,
        f'{{"words": "{"x" * 20_000}"}}',
    ],
)
async def test_arguments_that_do_not_fit_are_refused_and_not_quoted(arguments: str) -> None:
    tool = Echo()
    table = ToolTable([tool])
    result = await table.run(call(arguments), {})
    assert not result.ok
    assert result.content.startswith(BAD_ARGUMENTS)
    assert SECRET not in result.content
    assert tool.given == []
    EVENTS.dump_json(table.announce(call(arguments)))


@pytest.mark.parametrize("name", ["Echo", "echo ", "есho", "", "ech", "echo.run", "validate_schedule"])
async def test_a_name_matches_exactly_or_not_at_all(name: str) -> None:
    tool = Echo()
    result = await run('{"words": "x"}', tool, name)
    assert (result.ok, tool.given) == (False, [])
    assert result.content == "There is no tool of this name here."


def test_a_call_is_announced_with_what_it_may_do() -> None:
    table = ToolTable([Echo(egress="internet", approval=True)])
    event = table.announce(call('{"words": "x"}'))
    assert (event.call, event.name, event.arguments) == ("c1", "echo", {"words": "x"})
    assert (event.egress, event.approval) == ("internet", True)
    unknown = table.announce(call(name="nobody"))
    assert (unknown.egress, unknown.approval) == ("none", False)


async def bug(words: str) -> str:
    raise ValueError(f"cannot read {SECRET}")


async def refuse(words: str) -> str:
    raise ToolFailed("No shift was found.", tool="echo")


async def leave(words: str) -> str:
    sys.exit(1)


async def recurse(words: str) -> str:
    return await recurse(words)


async def hang(words: str) -> str:
    await asyncio.Event().wait()
    return words


async def cancel_itself(words: str) -> str:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("act", "answer"),
    [
        (bug, "echo failed. The answer goes on without it."),
        (leave, "echo failed. The answer goes on without it."),
        (recurse, "echo failed. The answer goes on without it."),
        (cancel_itself, "echo failed. The answer goes on without it."),
        (refuse, "No shift was found."),
        (hang, "echo took longer than 0.05 s and was stopped."),
    ],
)
async def test_a_tool_that_goes_wrong_is_an_answer(act: Act, answer: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        result = await run('{"words": "x"}', Echo(act), seconds=0.05)
    assert (result.ok, result.content) == (False, answer)
    assert SECRET not in caplog.text


async def test_a_call_that_is_cancelled_is_cancelled() -> None:
    running = asyncio.create_task(run('{"words": "x"}', Echo(hang)))
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()


async def test_only_so_many_run_at_once() -> None:
    go_on, running, most = asyncio.Event(), 0, 0

    async def watched(words: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go_on.wait()
        running -= 1
        return words

    table = ToolTable([Echo(watched)], limits=ToolLimits(at_once=2))
    calls = [asyncio.create_task(table.run(call(id=f"c{n}"), {})) for n in range(6)]
    await asyncio.sleep(0)
    go_on.set()
    results = await asyncio.gather(*calls)
    assert most == 2
    assert [result.call for result in results] == [f"c{n}" for n in range(6)]


async def test_running_time_is_told() -> None:
    clock = FakeClock()

    async def slow(words: str) -> str:
        clock.now += 1.2345
        return words

    table = ToolTable([Echo(slow)], clock=clock)
    assert (await table.run(call(), {})).ms == 1234.5


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("one\n\ttwo", "one\n\ttwo"),
        ("a\x1b[2Jb\x9b2Jc", "a[2Jb2Jc"),
        ("ro\u202evsc\u2066x\u200e", "rovscx"),
        ("a\x00b\r\n", "ab\n"),
        ("half \ud800", "half ?"),
    ],
)
async def test_what_a_screen_or_a_log_would_obey_is_taken_out(content: str, shown: str) -> None:
    assert cut(content, 100) == (shown, False)


@given(st.text(alphabet=st.characters(), max_size=80), st.integers(0, 120))
def test_a_cut_text_never_takes_more_bytes_and_stays_text(content: str, most_bytes: int) -> None:
    shown, missing = cut(content, most_bytes)
    assert len(shown.encode()) <= most_bytes
    assert cut(shown, most_bytes) == (shown, False)
    body = shown.removesuffix("\n[cut here]") if missing else shown
    clean, _ = cut(content, 10_000)
    assert clean.startswith(body)
    assert missing == (len(clean.encode()) > most_bytes)


async def test_a_long_answer_is_cut_and_says_so() -> None:
    async def long(words: str) -> str:
        return "é" * 100_000

    result = await run('{"words": "x"}', Echo(long), result_bytes=1001)
    assert result.truncated
    assert len(result.content.encode()) <= 1001
    assert result.content.endswith("é\n[cut here]")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"words": "x", "loud": False, "times": 3, "tone": "dry"}, None),
        ({}, "words is missing"),
        ({"words": 1}, "words is not of type string"),
        ({"words": "x", "loud": "yes"}, "loud is not of type boolean"),
        ({"words": "x", "more": 1}, "there is one it does not know"),
        ({"words": "x", "tone": "loud"}, "tone is none of the values it may take"),
    ],
)
def test_a_misfit_names_the_argument(arguments: dict[str, Any], complaint: str | None) -> None:
    assert misfit(arguments, ECHO.parameters) == complaint


async def test_t02_a_turn_that_is_offered_nothing_runs_nothing() -> None:
    table = ToolTable([Echo()]).for_turn(offered=False)
    result = await table.run(call(), {})
    assert table.specs == ()
    assert (result.ok, result.content) == (False, "There is no tool of this name here.")


async def test_a_turn_whose_tools_hang_holds_up_no_other_turn() -> None:
    never = asyncio.Event()

    async def hangs_on_never(words: str) -> str:
        if words == "never":
            await never.wait()
        return words

    house = ToolTable([Echo(hangs_on_never)], limits=ToolLimits(at_once=1))
    hanging = asyncio.create_task(house.for_turn(offered=True).run(call('{"words": "never"}'), {}))
    await asyncio.sleep(0)
    assert (await house.for_turn(offered=True).run(call(), {})).ok
    hanging.cancel()
    await asyncio.wait([hanging])
