"""Frames from a browser: each becomes one command, or an error that says what was wrong and repeats nothing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import BusyTurn, NotFound
from chatapp.events import Delta, Error, Event, Fallback, Status, Thinking
from chatapp.messages import Conversation
from chatapp.web import frames
from chatapp.web.frames import Command, Refused, parse_command

WHOLE: dict[str, dict[str, Any]] = {
    "chat": {
        "id": "c-1", "text": "Hello", "conversation": "k1", "mode": "hybrid", "parent": "t1", "replaces": "t2",
        "attachments": ["a", "b"], "provider": "ollama",
    },
    "open": {"conversation": "k1"},
    "close": {"conversation": "k1"},
    "mode": {"conversation": "k1", "mode": "cloud"},
    "lock": {"conversation": "k1", "turn": "t1"},
    "check": {"id": "c-1", "text": "Hello", "conversation": "k1", "mode": "cloud"},
    "stop": {"turn": "t1"},
    "resume": {"turn": "t1", "after": 7},
    "approve": {"turn": "t1", "call": "call_1", "allow": False},
    "feedback": {"turn": "t1", "kind": "wrong_place"},
    "ping": {},
}  # fmt: skip
OPTIONAL = {
    "chat": {"conversation", "mode", "parent", "replaces", "attachments", "provider"},
    "lock": {"turn"},
    "check": {"conversation", "mode"},
}
REQUIRED = [(type, name) for type, fields in WHOLE.items() for name in fields if name not in OPTIONAL.get(type, ())]
EVERY = [(type, name) for type, fields in WHOLE.items() for name in fields]


def text_of(type: str, **fields: Any) -> str:
    return orjson.dumps({"type": type, **fields}).decode()


def refused(text: str) -> Refused:
    with pytest.raises(Refused) as caught:
        parse_command(text)
    return caught.value


# --- what is taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", WHOLE)
def test_a_whole_frame_becomes_its_command(type: str) -> None:
    command = parse_command(text_of(type, **WHOLE[type]))
    assert command.model_dump() == {"type": type, **WHOLE[type]}


@pytest.mark.parametrize("type", OPTIONAL)
def test_optional_fields_may_be_absent(type: str) -> None:
    required = {name: value for name, value in WHOLE[type].items() if name not in OPTIONAL[type]}
    assert parse_command(text_of(type, **required)).type == type


@pytest.mark.parametrize(
    ("type", "name"),
    [(type, name) for type, names in OPTIONAL.items() for name in names if name not in ("attachments", "provider")],
)
def test_null_is_the_same_as_absent(type: str, name: str) -> None:
    command = parse_command(text_of(type, **{**WHOLE[type], name: None}))
    assert getattr(command, name) is None


@pytest.mark.parametrize("id", ["a", "f3b0-4c.9:1", "x" * 128, "~!*'()"])
def test_a_browser_names_its_messages_as_it_likes(id: str) -> None:
    command = parse_command(text_of("chat", id=id, text="Hello"))
    assert isinstance(command, frames.Chat)
    assert command.asked().id == id


@pytest.mark.parametrize(
    "text", ["a\x00b", "\u202eevil", "a\u200bb", "🙂", "e\u0301", "\u00e9", " leading", "x" * 32_000]
)
def test_c08_text_is_taken_as_it_was_typed(text: str) -> None:
    command = parse_command(text_of("chat", id="a", text=text))
    assert isinstance(command, frames.Chat)
    assert command.text == text


def test_an_attachment_alone_is_a_message() -> None:
    assert parse_command(text_of("chat", id="a", text="", attachments=["f1"])).type == "chat"


@pytest.mark.parametrize("after", [-(2**53), -1, 0, 2**53])
def test_any_place_may_be_resumed_from(after: int) -> None:
    command = parse_command(text_of("resume", turn="t", after=after))
    assert isinstance(command, frames.Resume)
    assert command.after == after


# --- what is not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("type", "name"), REQUIRED)
def test_c06_a_missing_field_is_named(type: str, name: str) -> None:
    fields = {key: value for key, value in WHOLE[type].items() if key != name}
    answer = refused(text_of(type, **fields))
    assert answer.error.code == "bad_message"
    assert name in str(answer.error)
    assert answer.re["type"] == type


@pytest.mark.parametrize("value", [7.5, [["x"]], {"x": 1}, [7]])
@pytest.mark.parametrize(("type", "name"), EVERY)
def test_c06_a_field_of_the_wrong_type_is_named(type: str, name: str, value: object) -> None:
    answer = refused(text_of(type, **{**WHOLE[type], name: value}))
    assert answer.error.code == "bad_message"
    assert name in str(answer.error)


@pytest.mark.parametrize("type", WHOLE)
def test_c06_a_field_too_many_is_refused_and_not_repeated(type: str) -> None:
    answer = refused(text_of(type, **WHOLE[type], Okonkwo=1))
    assert answer.error.code == "bad_message"
    assert "Okonkwo" not in str(answer.error)


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("chat", {"id": ""}),
        ("chat", {"id": "x" * 129}),
        ("chat", {"id": "a b"}),
        ("chat", {"id": "a\n"}),
        ("chat", {"id": "é"}),
        ("chat", {"text": ""}),
        ("chat", {"text": " \n\t", "attachments": []}),
        ("chat", {"mode": "Cloud"}),
        ("chat", {"provider": "gemini"}),
        ("chat", {"conversation": "../x"}),
        ("chat", {"conversation": ""}),
        ("chat", {"attachments": ["a"] * 17}),
        ("chat", {"attachments": [""]}),
        ("chat", {"attachments": None}),
        ("open", {"conversation": "x" * 65}),
        ("stop", {"turn": "a'; --"}),
        ("resume", {"after": True}),
        ("resume", {"after": "7"}),
        ("resume", {"after": 7.0}),
        ("approve", {"allow": 1}),
        ("approve", {"allow": "true"}),
        ("approve", {"call": ""}),
        ("feedback", {"kind": "maybe"}),
    ],
)
def test_c06_a_value_that_does_not_fit_is_refused(type: str, fields: dict[str, Any]) -> None:
    whole = {**WHOLE[type], **fields}
    if type == "chat" and not str(whole["text"]).strip():
        whole["attachments"] = []
    assert refused(text_of(type, **whole)).error.code == "bad_message"


@pytest.mark.parametrize("type", ["", "Chat", "chat ", "hello", "turn", "subscribe_v2", "__class__"])
def test_c07_an_unknown_type_is_told_apart(type: str) -> None:
    answer = refused(text_of(type, id="a"))
    assert answer.error.code == "unknown_type"
    assert answer.re == {"type": type, "id": "a"}


@pytest.mark.parametrize(
    "text", ["", "null", "7", '"ping"', "[]", '["ping"]', "{}", '{"type": null}', '{"type": 7}', '{"type": ["ping"]}']
)
def test_c06_what_is_no_object_with_a_type_is_refused(text: str) -> None:
    assert refused(text).error.code == "bad_message"


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "ping", "type": "ping"}',
        '{"type": "chat", "id": "a", "text": "one", "text": "two"}',
        '{"type": "resume", "turn": "t", "after": 9007199254740993}',
        '{"type": "resume", "turn": "t", "after": NaN}',
        '{"type": "chat", "id": "a", "text": "\\ud800"}',
        '{"type": "chat", "id": "a", "text": "x", "attachments": [[[[[[[[["deep"]]]]]]]]]}',
    ],
)
def test_c06_what_readers_disagree_about_is_refused(text: str) -> None:
    assert refused(text).error.code == "bad_message"


@pytest.mark.parametrize("type", ["chat", "check"])
def test_a_text_that_is_too_long_is_refused_by_its_length(type: str) -> None:
    answer = refused(text_of(type, id="a", text="é" * 32_001))
    assert answer.error.code == "too_large"
    assert "32000" in str(answer.error)
    assert answer.re == {"type": type, "id": "a"}


@pytest.mark.parametrize("type", [type for type in WHOLE if type not in ("chat", "check")])
@pytest.mark.parametrize("filler", ["x" * 4096, "é" * 2048])
def test_any_other_command_has_four_kibibytes(type: str, filler: str) -> None:
    answer = refused(text_of(type, **WHOLE[type], filler=filler))
    assert answer.error.code == "too_large"
    assert answer.re["type"] == type


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_c06_whatever_comes_is_a_command_or_one_kind_of_refusal(type: str, data: st.DataObject) -> None:
    junk = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.lists(st.integers())
    fields = dict(WHOLE[type])
    for name in data.draw(st.sets(st.sampled_from([*fields, "type", "extra"]))):
        fields[name] = data.draw(junk)
    try:
        text = orjson.dumps({"type": type, **fields}).decode()
    except TypeError:  # a number beyond 64 bits: no JSON of orjson's
        return
    answer: Command | Refused
    try:
        answer = parse_command(text)
    except Refused as refusal:
        answer = refusal
    if isinstance(answer, Refused):
        assert answer.error.code in ("bad_message", "unknown_type", "too_large")
    else:
        assert parse_command(answer.model_dump_json()) == answer


# --- what answers repeat ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", WHOLE)
def test_an_answer_names_the_command_it_is_about(type: str) -> None:
    re = frames.reference_of(parse_command(text_of(type, **WHOLE[type])))
    named = {name for name in WHOLE[type] if name in ("id", "turn", "conversation")}
    assert re == {"type": type} | {name: WHOLE[type][name] for name in named}


def test_absent_fields_are_not_named() -> None:
    assert frames.reference_of(parse_command(text_of("lock", conversation="k"))) == {
        "type": "lock",
        "conversation": "k",
    }


@pytest.mark.parametrize("name", ["id", "turn", "conversation"])
@pytest.mark.parametrize("value", [7, None, ["a"], "x" * 129])
def test_only_short_words_are_repeated(name: str, value: object) -> None:
    assert refused(text_of("nothing", **{name: value})).re == {"type": "nothing"}


# --- what is sent ----------------------------------------------------------------------------------------------------


def sent(event: Event, first: int = 3, seq: int = 3, blocks: list[Any] | None = None) -> dict[str, Any]:
    frame: dict[str, Any] = orjson.loads(frames.event_frame("t1", first, seq, event, blocks))
    return frame


def test_a_delta_is_small() -> None:
    assert sent(Delta("Hi")) == {"type": "delta", "turn": "t1", "seq": 3, "text": "Hi"}


@pytest.mark.parametrize("event", [Delta("Hi there"), Thinking("Hm")])
def test_text_that_stands_for_several_says_where_it_begins(event: Event) -> None:
    frame = sent(event, first=3, seq=9)
    assert (frame["first"], frame["seq"]) == (3, 9)


def test_blocks_go_with_a_delta_even_where_none_changed() -> None:
    assert sent(Delta("-"), blocks=[])["blocks"] == []


def test_a_fallback_says_from_and_to() -> None:
    frame = sent(Fallback("ollama", "anthropic", "provider_timeout"))
    assert {name: frame[name] for name in ("from", "to", "cause")} == {
        "from": "ollama", "to": "anthropic", "cause": "provider_timeout",
    }  # fmt: skip
    assert "origin" not in frame


@pytest.mark.parametrize(("position", "expected"), [(2, {"position": 2}), (None, {})])
def test_only_what_waits_has_a_position(position: int | None, expected: dict[str, int]) -> None:
    frame = sent(Status("queued" if position else "loading_model", position))
    assert {name: value for name, value in frame.items() if name == "position"} == expected


def test_an_error_of_a_turn_has_its_number_and_no_reference() -> None:
    frame = sent(Error("internal", "Something failed.", False))
    assert (frame["turn"], frame["seq"]) == ("t1", 3)
    assert "re" not in frame


def test_an_error_of_a_command_has_a_reference_and_no_number() -> None:
    frame = orjson.loads(frames.error_frame(NotFound(), {"type": "stop", "turn": "t9"}))
    assert frame == {
        "type": "error", "code": "not_found", "message": NotFound.sentence, "retryable": False,
        "re": {"type": "stop", "turn": "t9"},
    }  # fmt: skip


def test_a_wait_is_told_in_seconds() -> None:
    frame = orjson.loads(frames.error_frame(BusyTurn(retry_after_s=2.25), {"type": "chat", "id": "a"}))
    assert (frame["retryable"], frame["retry_after_s"]) == (True, 2.2)


def test_a_conversation_shows_its_lock_and_never_its_owner() -> None:
    frame = orjson.loads(frames.conversation_frame(Conversation("k1", "anna", "Title", "local", "tool")))
    assert frame == {
        "type": "conversation", "id": "k1", "title": "Title", "mode": "local", "locked": True, "locked_by": "tool",
    }  # fmt: skip


def test_a_reset_tells_what_stands_and_where_it_goes_on() -> None:
    assert orjson.loads(frames.reset_frame("t1", 4, "Hi", None)) == {
        "type": "reset", "turn": "t1", "seq": 4, "text": "Hi",
    }  # fmt: skip
    assert orjson.loads(frames.reset_frame("t1", 4, "Hi", [[0, ["p", {}, "Hi"]]]))["blocks"] == [[0, ["p", {}, "Hi"]]]
