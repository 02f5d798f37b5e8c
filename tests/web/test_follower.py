"""A reader of a log: nothing missing, nothing twice, merged where it was slow, and its blocks those of the text."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.chat.log import TurnLog
from chatapp.events import Context, Delta, Done, Event, Privacy, Route, Thinking, ToolCall, ToolResult, Turn
from chatapp.web.follower import Follower, follow, start_anew
from chatapp.web.markdown import render

ROUTE = Route("ollama", "m", "general", "default", "Because.", Privacy("clear"), Context(8192, 10))
CALL = ToolCall("1", "t", {})
STORY: list[Event] = [
    Turn("k1", "c1"), ROUTE, Thinking("hm"), Delta("**Le"), Delta("t** us\n\n"), Delta("- see"), CALL,
    ToolResult("1", True, "{}", 1.0), Delta("# F"), Thinking("so"), Delta("ound\n\n```py\nx"), Delta(" = 1\n"),
    Done("stop"),
]  # fmt: skip


def log_of(said: list[Event], **fields: Any) -> TurnLog:
    log = TurnLog("t1", "k1", "anna", **fields)
    for event in said:
        log.add(event)
    return log


def read(follower: Follower, until: int | None = None) -> list[dict[str, Any]]:
    return [orjson.loads(frame) for frame in follower.frames(follower.log.seq if until is None else until)]


def numbers(frames: list[dict[str, Any]]) -> list[int]:
    return [number for frame in frames for number in range(frame.get("first", frame["seq"]), frame["seq"] + 1)]


@given(st.lists(st.integers(0, len(STORY)), max_size=6), st.integers(0, len(STORY)))
def test_however_it_is_read_nothing_is_missing_and_nothing_comes_twice(stops: list[int], after: int) -> None:
    follower = follow(log_of(STORY), after, blocks=False)
    frames = [frame for stop in [*sorted(stops), len(STORY)] for frame in read(follower, stop)]
    assert numbers(frames) == list(range(after + 1, len(STORY) + 1))
    assert follower.finished


def test_what_came_meanwhile_is_one_frame() -> None:
    frames = read(follow(log_of(STORY), 3, blocks=False))
    assert [(frame["type"], frame.get("first"), frame["seq"]) for frame in frames[:2]] == [
        ("delta", 4, 6),
        ("tool_call", None, 7),
    ]


def blocks_after(frames: list[dict[str, Any]], held: list[Any]) -> list[list[Any]]:
    """The blocks of each segment, beginning with those that are held."""
    segments = [list(held)]
    for frame in frames:
        for index, node in frame.get("blocks", ()):
            segments[-1][index : index + 1] = [] if node is None else [node]
        if frame["type"] in ("tool_call", "route"):
            segments.append([])
    return segments


@pytest.mark.parametrize("cut", range(len(STORY) + 1))
def test_blocks_go_on_where_the_browser_left_off(cut: int) -> None:
    log = log_of(STORY)
    whole = follow(log, 0, blocks=True)
    before = blocks_after(read(whole, cut), [])
    after = blocks_after(read(follow(log, cut, blocks=True)), before[-1])
    assert [*before[:-1], *after][-2:] == orjson.loads(
        orjson.dumps([render("**Let** us\n\n- see"), render("# Found\n\n```py\nx = 1\n")])
    )


def test_a_log_that_ended_and_was_read_is_finished() -> None:
    follower = follow(log_of(STORY[:-1]), 0, blocks=False)
    read(follower)
    assert (follower.has_more, follower.finished) == (False, False)
    follower.log.add(Done("stop"))
    assert (follower.has_more, follower.finished) == (True, False)
    read(follower)
    assert follower.finished


def test_a_reader_knows_when_memory_has_let_go_of_what_it_lacks() -> None:
    log = log_of(STORY[:-1], keep_bytes=1)
    early, newest = follow(log, 2, blocks=False), follow(log, log.seq, blocks=False)
    log.mark_saved(log.seq)
    assert (early.is_behind, newest.is_behind) == (True, False)


@pytest.mark.parametrize("blocks", [False, True])
def test_a_reset_tells_the_text_and_the_end_is_still_to_come(blocks: bool) -> None:
    log = log_of(STORY)
    frame, follower = start_anew(log, log, blocks=blocks)
    reset = orjson.loads(frame)
    assert (reset["type"], reset["seq"]) == ("reset", len(STORY) - 1)
    assert reset["text"] == "**Let** us\n\n- see# Found\n\n```py\nx = 1\n"
    (done,) = read(follower)
    assert (done["type"], done["seq"]) == ("done", len(STORY))
    assert ("blocks" in reset) is blocks


def test_a_reset_of_a_running_turn_goes_on_from_its_blocks() -> None:
    whole = log_of(STORY[:6])
    frame, follower = start_anew(whole, whole, blocks=True)
    held = [node for _, node in orjson.loads(frame)["blocks"]]
    for event in (Delta(" and **he"), Delta("ar**"), Done("stop")):
        whole.add(event)
    told = blocks_after(read(follower), held)
    assert told == [orjson.loads(orjson.dumps(render("**Let** us\n\n- see and **hear**")))]


def test_a_reset_never_joins_the_words_of_two_models() -> None:
    log = log_of([Turn("k1", "c1"), ROUTE, Delta("one"), ROUTE, Delta("two")])
    frame, _ = start_anew(log, log, blocks=False)
    assert orjson.loads(frame)["text"] == "two"
