"""The wire as the contract's section 2 has it: each event and frame has these fields, of these types, and no others.

Events are made here from every shape the words allow; the frames of a running house are held to the same table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import orjson
import pytest

from chatapp import events
from chatapp.chat.log import EVENTS
from chatapp.errors import AirgapActive, BusyTurn, ChatError
from chatapp.events import Event
from chatapp.messages import Conversation, Usage
from chatapp.web import frames
from tests.house import Browser, open_house

Shape = dict[str, Any]
Number = int | float
ERROR: Shape = {"code": str, "message": str, "retryable": bool, "retry_after_s?": Number | None}
ROUTE: Shape = {
    "type": Literal["route"],
    "provider": str,
    "model": str,
    "task": Literal["privacy", "tools", "simple", "code", "complex", "general"],
    "rule": str,
    "reason": str,
    "privacy": {"verdict": Literal["clear", "sensitive", "unknown"], "kinds": [str]},
    "otherwise": str | None,
    "context": {"limit_tokens": int, "used_tokens": int, "dropped_messages": int},
}
OF_A_TURN: dict[str, Shape] = {
    "turn": {"conversation": str, "id": str},
    "route": {name: kind for name, kind in ROUTE.items() if name != "type"},
    "status": {"state": Literal["queued", "loading_model", "waiting_approval"], "position?": int},
    "thinking": {"text": str, "first?": int},
    "delta": {"text": str, "first?": int},
    "tool_call": {
        "call": str,
        "name": str,
        "arguments": dict,
        "egress": Literal["none", "intranet", "internet"],
        "approval": bool,
    },
    "tool_result": {"call": str, "ok": bool, "content": str, "ms": Number, "truncated": bool},
    "fallback": {"from": str, "to": str, "cause": str},
    "reset": {"text": str},
    "done": {
        "finish": Literal["stop", "length", "stopped", "tool_limit", "interrupted"],
        "provider": str | None,
        "model": str | None,
        "usage": {"prompt_tokens": int, "completion_tokens": int},
        "context_tokens": int,
        "timing": {"first_token_ms": Number | None, "total_ms": Number},
    },
    "error": ERROR,
}
BESIDE: dict[str, Shape] = {
    "hello": {
        "protocol": Literal[1],
        "user": {"name": str, "roles": [str]},
        "modes": [Literal["local", "hybrid", "cloud"]],
        "mode": Literal["local", "hybrid", "cloud"],
        "airgap": bool,
        "demo": bool,
    },
    "conversation": {
        "id": str,
        "title": str,
        "mode": Literal["local", "hybrid", "cloud"],
        "locked": bool,
        "locked_by": Literal["detector", "user", "tool"] | None,
    },
    "running": {"conversation": str, "running": [{"turn": str, "seq": int}]},
    "checked": {
        "id": str,
        "verdict": Literal["clear", "sensitive", "unknown"],
        "findings": [{"kind": str, "start": int, "end": int}],
        "route": ROUTE,
    },
    "pong": {},
    "error": {**ERROR, "re": {"type?": str, "id?": str, "turn?": str, "conversation?": str}},
}


def misfits(value: Any, kind: Any, at: str = "") -> Iterator[str]:
    """Where a value is not what the table says."""
    if isinstance(kind, dict):
        yield from misfits_of_object(value, kind, at)
    elif isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{at} is no list"
            return
        for number, each in enumerate(value):
            yield from misfits(each, kind[0], f"{at}[{number}]")
    elif not is_of(value, kind):
        yield f"{at} is {value!r}"


def misfits_of_object(value: Any, kind: Shape, at: str) -> Iterator[str]:
    known = {name.rstrip("?"): shape for name, shape in kind.items()}
    required = {name for name in kind if not name.endswith("?")}
    if not isinstance(value, dict):
        yield f"{at} is no object"
        return
    yield from (f"{at}.{name} is missing" for name in required - value.keys())
    yield from (f"{at}.{name} is not in the contract" for name in value.keys() - known.keys())
    for name in value.keys() & known.keys():
        yield from misfits(value[name], known[name], f"{at}.{name}")


def is_of(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if isinstance(kind, UnionType) or get_args(kind):
        return any(is_of(value, one) for one in get_args(kind))
    if kind is NoneType or kind is None:
        return value is None
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def misfits_of_frame(frame: Any) -> list[str]:
    """Where a frame is not what the table says."""
    if "seq" in frame:
        shape: Shape = {"type": str, "turn": str, "seq": int, **OF_A_TURN[frame["type"]]}
        if frame["type"] in ("delta", "reset", "tool_call", "route", "done", "error"):
            shape["blocks?"] = list
    else:
        shape = {"type": str, **BESIDE[frame["type"]]}
    return list(misfits(frame, shape, frame["type"]))


ROSTER = (
    "Is it legal?\nresident,start,end\nKim,2026-11-02 07:00,2026-11-04 19:00\nLee,2026-11-02 07:00,2026-11-02 19:00"
)
ROUTES = [
    events.Route("ollama", "m", "general", "default", "Because.", events.Privacy("clear"), events.Context(8192, 10)),
    events.Route(
        "ollama", "m", "privacy", "phi", "Because.", events.Privacy("sensitive", ("MRN", "NAME")),
        events.Context(8192, 10, 2), otherwise="anthropic",
    ),
]  # fmt: skip
SAID: list[Event] = [
    events.Turn("k1", "c1"),
    *ROUTES,
    events.Status("queued", 1),
    events.Status("loading_model"),
    events.Status("waiting_approval"),
    events.Thinking("Hm"),
    events.Delta(""),
    events.Delta("Hi 🙂"),
    events.ToolCall("c", "t", {}),
    events.ToolCall("c", "t", {"a": [1, {"b": None}]}, "internet", True),
    events.ToolResult("c", True, "{}", 1.5),
    events.ToolResult("c", False, "", 0, truncated=True),
    events.Fallback("ollama", "anthropic", "provider_timeout"),
    events.Done("interrupted"),
    events.Done("stop", "ollama", "m", Usage(3, 4), 7, events.Timing(1.5, 20.0)),
    events.Error("internal", "Something failed.", False),
    events.Error("provider_rate_limited", "Busy.", True, 2.5),
]


@pytest.mark.parametrize("event", SAID, ids=lambda event: event.type)
@pytest.mark.parametrize("again", [False, True], ids=["live", "from the store"])
def test_an_event_has_the_fields_of_the_contract(event: Event, again: bool) -> None:
    if again:
        event = EVENTS.validate_json(EVENTS.dump_json(event))
    assert misfits_of_frame(orjson.loads(frames.event_frame("t1", 1, 1, event))) == []


def test_the_table_knows_every_event() -> None:
    kinds = {kind.__dataclass_fields__["type"].default for kind in get_args(get_args(Event)[0])}
    assert kinds | {"reset"} == OF_A_TURN.keys()
    assert {event.type for event in SAID} == kinds


@pytest.mark.parametrize("event", [events.Delta("ab"), events.Thinking("ab")], ids=lambda event: event.type)
def test_text_that_stands_for_several_has_the_fields_too(event: Event) -> None:
    frame = orjson.loads(
        frames.event_frame("t1", 2, 9, event, [[0, ["p", {}, "ab"]]] if event.type == "delta" else None)
    )
    assert misfits_of_frame(frame) == []
    assert (frame["first"], frame["seq"]) == (2, 9)


@pytest.mark.parametrize("error", [ChatError(), AirgapActive(), BusyTurn(retry_after_s=1)])
def test_an_error_of_a_command_has_the_fields_of_the_contract(error: ChatError) -> None:
    assert misfits_of_frame(orjson.loads(frames.error_frame(error, {"type": "chat", "id": "a"}))) == []
    assert misfits_of_frame(orjson.loads(frames.error_frame(error, {}))) == []


@pytest.mark.parametrize("locked_by", [None, "detector", "user", "tool"])
def test_a_conversation_has_the_fields_of_the_contract(locked_by: Any) -> None:
    frame = orjson.loads(frames.conversation_frame(Conversation("k1", "anna", "Title", "local", locked_by)))
    assert misfits_of_frame(frame) == []


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "turn", "turn": "t", "seq": 1, "conversation": "k"},
        {"type": "delta", "turn": "t", "seq": True, "text": "x"},
        {"type": "delta", "turn": "t", "seq": 1, "text": None},
        {"type": "status", "turn": "t", "seq": 1, "state": "thinking"},
        {"type": "running", "conversation": "k", "running": [{"turn": "t"}]},
        {"type": "pong", "at": 1},
    ],
)
def test_the_table_catches_what_does_not_fit(frame: dict[str, Any]) -> None:
    assert misfits_of_frame(frame)


async def hear_everything(browser: Browser) -> None:
    """Have a house say one of everything that needs no broken provider."""
    first = await browser.ask(
        "Is it legal?\nresident,start,end\nKim,2026-11-02 07:00,2026-11-04 19:00\nLee,2026-11-02 07:00,2026-11-02 19:00"
    )
    conversation, turn = first[0]["id"], first[-1]["turn"]
    await browser.ask("Compare the trade-offs of night float and 24-hour call step by step.", mode="cloud")
    await browser.ask("Mrs. Okonkwo, MRN 4482913, has a potassium of 6.1. What now?")
    await browser.send("open", conversation=conversation)
    await browser.send("resume", turn=turn, after=10_000)
    await browser.send("resume", turn=turn, after=0)
    await browser.send("check", id="c", text="Call Mrs. Okonkwo, MRN 4482913")
    await browser.send("mode", conversation=conversation, mode="local")
    await browser.send("lock", conversation=conversation)
    await browser.send("mode", conversation=conversation, mode="cloud")
    await browser.send("nothing")
    await browser.send("ping")
    await browser.until("pong")


@pytest.mark.parametrize("query", ["", "?render=blocks"])
async def test_a_running_house_says_nothing_else(tmp_path: Path, query: str) -> None:
    async with open_house(tmp_path) as house, house.browser(query) as browser:
        await hear_everything(browser)
        await house.ollama.fail("error")
        await browser.ask("What is a normal potassium?", mode="hybrid")
        await browser.ask("What is a normal potassium?", mode="local")
    heard = {frame["type"] for frame in browser.frames}
    assert heard >= {"hello", "conversation", "running", "checked", "pong", "turn", "route", "delta", "tool_call"}
    assert heard >= {"tool_result", "fallback", "reset", "done", "error"}
    assert [misfit for frame in browser.frames for misfit in misfits_of_frame(frame)] == []
