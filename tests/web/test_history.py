"""A stored conversation reads as it was heard: the same segments, the same blocks, the same end."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest

from chatapp.chat.log import rows_of
from chatapp.events import (
    Context,
    Delta,
    Done,
    Error,
    Event,
    Fallback,
    Privacy,
    Route,
    Status,
    Thinking,
    ToolCall,
    ToolResult,
    Turn,
)
from chatapp.messages import Conversation
from chatapp.ports import StoredAttachment, StoredTurn
from chatapp.web.history import attachment_view, conversation_view, segments_of, turn_view
from chatapp.web.markdown import render

TURN = StoredTurn("t1", "k1", "anna", "c1", None, "Hello", "auto", ("f1", "gone"), "done", 1, 9, 0.0)
FILE = StoredAttachment("f1", "anna", "week.csv", "table", "week.csv: table", "Okonkwo,07:00", 1, "sensitive", 0.0)


def route(provider: str = "ollama") -> Route:
    return Route(provider, "m", "general", "default", "Because.", Privacy("clear"), Context(8192, 10))


def kinds(said: Sequence[Event]) -> list[tuple[str, str]]:
    return [(segment["type"], segment.get("text", "")) for segment in segments_of(said)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([Turn("k1", "c1"), route(), Status("queued", 1)], []),
        ([Delta("a"), Delta("b")], [("text", "ab")]),
        ([Thinking("h"), Thinking("m"), Delta("a")], [("thinking", "hm"), ("text", "a")]),
        ([Delta("a"), Thinking("h"), Delta("b")], [("text", "ab"), ("thinking", "h")]),
        ([Delta("a"), ToolCall("1", "t", {}), Delta("b")], [("text", "a"), ("tool", ""), ("text", "b")]),
        ([route(), Delta("a"), route("x"), Delta("b")], [("text", "a"), ("route", ""), ("text", "b")]),
        (
            [route(), Fallback("ollama", "x", "provider_timeout"), route("x"), Delta("b")],
            [("fallback", ""), ("route", ""), ("text", "b")],
        ),
        ([Delta("a"), Error("stream_interrupted", "It broke off.", True)], [("text", "a")]),
    ],
)
def test_segments_are_what_was_heard_in_order(said: list[Event], expected: list[tuple[str, str]]) -> None:
    assert kinds(said) == expected


def test_a_result_belongs_to_its_call_whatever_the_order() -> None:
    said: list[Event] = [
        ToolCall("1", "one", {"a": 1}),
        ToolCall("2", "two", {}),
        ToolResult("2", False, "no", 2.0),
        ToolResult("1", True, "yes", 1.0, truncated=True),
        ToolResult("3", True, "nobody asked", 1.0),
    ]
    first, second = segments_of(said)
    assert first["result"] == {"call": "1", "ok": True, "content": "yes", "ms": 1.0, "truncated": True}
    assert (second["call"], second["result"]["ok"]) == ("2", False)
    assert first["arguments"] == {"a": 1}


def test_a_call_that_got_no_result_says_so() -> None:
    assert segments_of([ToolCall("1", "one", {})])[0]["result"] is None


def test_a_turn_shows_its_last_route_and_its_end() -> None:
    said: list[Event] = [Turn("k1", "c1"), route(), route("anthropic"), Delta("Hi"), Done("stop")]
    view = turn_view(TURN, rows_of("t1", said, 0), {"f1": FILE}, blocks=False)
    assert (view["route"]["provider"], view["done"]["finish"]) == ("anthropic", "stop")
    assert "error" not in view
    assert {name: view[name] for name in ("turn", "parent", "id", "text", "state", "last_seq")} == {
        "turn": "t1", "parent": None, "id": "c1", "text": "Hello", "state": "done", "last_seq": 9,
    }  # fmt: skip


def test_a_turn_that_has_said_nothing_yet_is_shown_too() -> None:
    view = turn_view(TURN, [], {}, blocks=True)
    assert (view["route"], view["segments"], view["attachments"]) == (None, [], [])


def test_blocks_are_those_of_the_whole_segment() -> None:
    said: list[Event] = [Delta("**bo"), Thinking("hm"), Delta("ld**"), ToolCall("1", "t", {}), Delta("# Head")]
    view = turn_view(TURN, rows_of("t1", said, 0), {}, blocks=True)
    texts = [segment for segment in view["segments"] if segment["type"] == "text"]
    assert [segment["blocks"] for segment in texts] == [render("**bold**"), render("# Head")]
    assert "blocks" not in view["segments"][1]


def test_a_file_is_listed_without_a_word_of_it() -> None:
    assert attachment_view(FILE) == {
        "id": "f1", "name": "week.csv", "kind": "table", "rows": 1, "verdict": "sensitive",
    }  # fmt: skip
    assert "Okonkwo" not in str(turn_view(TURN, [], {"f1": FILE}, blocks=False))


def test_the_whole_view_is_json_and_names_no_owner() -> None:
    said: list[Event] = [Turn("k1", "c1"), route(), Delta("Hi"), Done("stop")]
    conversation = Conversation("k1", "anna", "Title", "hybrid", "user")
    view = conversation_view(conversation, [TURN], {"t1": rows_of("t1", said, 0)}, {}, blocks=False)
    assert b"anna" not in orjson.dumps(view)
    assert (view["id"], view["locked"], view["locked_by"], len(view["turns"])) == ("k1", True, "user", 1)
