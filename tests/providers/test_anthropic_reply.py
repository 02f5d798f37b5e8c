"""Folding a reply: laws that hold for whatever a server may send."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.demo.anthropic import stream, thinking_block
from chatapp.events import Delta, Thinking
from chatapp.messages import ToolCall
from chatapp.ports import Completed, ProviderEvent
from chatapp.providers.anthropic_reply import ErrorInStream, NotTheProtocol, Reply, WindowFull
from chatapp.providers.sse import EventReader

JUNK: st.SearchStrategy[object] = st.sampled_from(
    [None, True, -1, 0, 1, 2.5, "", "x", [], {}, "text_delta", "thinking_delta", "tool_use", "message_stop", "error"]
)
TEXTS = st.lists(st.text(min_size=1, max_size=5), max_size=5)
CALL = {"type": "tool_use", "id": "toolu_01", "name": "get_weather", "input": {"city": "Paris"}}


def events_of(*content: Any, **more: Any) -> list[bytes]:
    return EventReader().read(b"".join(stream(content, **more)))


def heard(said: Sequence[ProviderEvent]) -> tuple[str, str, list[ProviderEvent]]:
    """Text, thinking, and everything else in order."""
    text = "".join(event.text for event in said if isinstance(event, Delta))
    thought = "".join(event.text for event in said if isinstance(event, Thinking))
    return text, thought, [event for event in said if not isinstance(event, Delta | Thinking)]


def paths(value: object) -> list[tuple[str, ...]]:
    """The way to everything inside a JSON object."""
    if not isinstance(value, dict):
        return []
    return [(name, *rest) for name, inner in value.items() for rest in ((), *paths(inner))]


def with_junk(event: bytes, data: st.DataObject) -> bytes:
    """The event with one of its values replaced, or taken away."""
    value = orjson.loads(event)
    *way, last = data.draw(st.sampled_from(paths(value)))
    inner = value
    for name in way:
        inner = inner[name]
    if data.draw(st.booleans()):
        inner[last] = data.draw(JUNK)
    else:
        del inner[last]
    return orjson.dumps(value)


@given(st.data())
def test_whatever_comes_is_an_answer_or_an_error_with_a_name(data: st.DataObject) -> None:
    events = events_of(thinking_block("Hm."), ["Hel", "lo"], CALL)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(events) - 1))
        events[place] = with_junk(events[place], data) if paths(orjson.loads(events[place])) else events[place]
    reply = Reply("anthropic", "m")
    try:
        said = reply.read(data.draw(st.permutations(events)) if data.draw(st.booleans()) else events)
    except (NotTheProtocol, ErrorInStream, WindowFull):
        return
    assert sum(isinstance(event, Completed) for event in said) == reply.complete


@given(TEXTS, st.text(max_size=20), st.booleans())
def test_what_is_said_does_not_depend_on_what_arrives_together(texts: list[str], thought: str, calls: bool) -> None:
    events = events_of(thinking_block(thought), texts, *([CALL] if calls else []))
    at_once, piecemeal = Reply("anthropic", "m"), Reply("anthropic", "m")
    apart = list(chain.from_iterable(piecemeal.read([event]) for event in events))
    assert heard(at_once.read(events)) == heard(apart)
    assert heard(apart)[:2] == ("".join(texts), thought)


@given(TEXTS, st.data())
def test_without_its_end_mark_no_reply_is_complete(texts: list[str], data: st.DataObject) -> None:
    events = events_of(thinking_block("Hm."), texts, CALL)
    kept = data.draw(st.integers(0, len(events) - 1))
    reply = Reply("anthropic", "m")
    assert not any(isinstance(event, Completed | ToolCall) for event in reply.read(events[:kept]))
    assert not reply.complete


def test_what_follows_the_end_mark_is_not_heard() -> None:
    reply = Reply("anthropic", "m")
    said = reply.read([*events_of(["Hello"]), b"not even JSON"])
    assert isinstance(said[-1], Completed)
    assert reply.read([b"nor this"]) == []


@pytest.mark.parametrize("block", [thinking_block("x" * 200), {**CALL, "input": {"city": "x" * 200}}])
def test_no_more_is_held_back_than_allowed(block: dict[str, Any]) -> None:
    with pytest.raises(NotTheProtocol):
        Reply("anthropic", "m", most_chars=100).read(events_of(block))


def test_an_endless_text_is_cut_off() -> None:
    reply = Reply("anthropic", "m", most_chars=10)
    text, completed = reply.read(events_of(["12345678", "90 1", "23"]))
    assert text == Delta("1234567890 1")
    assert isinstance(completed, Completed)
    assert (completed.finish, reply.complete) == ("length", True)


def test_no_more_blocks_are_held_than_allowed() -> None:
    with pytest.raises(NotTheProtocol):
        Reply("anthropic", "m").read(events_of(*[{**CALL, "input": {}}] * 1001))
