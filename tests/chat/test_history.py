"""What of a conversation a model is shown: the branch, each reply as its last teller said it, and what fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp import events
from chatapp.chat.history import Exchange, branch, estimate_fixed, estimate_message, fit, messages_of, replies_of
from chatapp.errors import ContextTooLong
from chatapp.events import Context, Event, Privacy, Route
from chatapp.messages import Attachment, CompletionRequest, Message, Part, Text, ToolCall, ToolResult, ToolSpec
from chatapp.ports import StoredAttachment, StoredTurn


def turn(id: str, parent: str | None = None, text: str = "Hm?", files: tuple[str, ...] = ()) -> StoredTurn:
    return StoredTurn(id, "c1", "ann", f"k-{id}", parent, text, "auto", files, "done", 1, 0, 0.0)


def route(provider: str = "ollama") -> Route:
    return Route(provider, "m", "general", "general", "Because.", Privacy("clear"), Context(8192, 10))


def file(id: str) -> StoredAttachment:
    return StoredAttachment(
        id, "ann", f"{id}.csv", "table", f"{id}.csv: table, 9 rows", f"all of {id}", 9, "clear", 0.0
    )


def ran(id: str, name: str = "echo", answer: str = "yes") -> list[Event]:
    return [events.ToolCall(id, name, {"n": 1}), events.ToolResult(id, True, answer, 1.0)]


def call(id: str) -> ToolCall:
    return ToolCall(id, "echo", '{"n":1}')


def result(id: str, answer: str = "yes") -> ToolResult:
    return ToolResult(id, "echo", answer, ok=True)


# --- branches --------------------------------------------------------------------------------------------------------

TREE = [turn("a"), turn("b", "a"), turn("c", "b"), turn("b2", "a"), turn("d", "b2"), turn("x")]


@pytest.mark.parametrize(("leaf", "path"), [("c", "a b c"), ("d", "a b2 d"), ("a", "a"), ("x", "x"), ("nobody", "")])
def test_a_branch_is_the_way_from_the_first_question_to_its_leaf(leaf: str, path: str) -> None:
    assert [one.turn for one in branch(TREE, leaf)] == path.split()


def test_files_are_known_by_short_names_counted_over_the_branch() -> None:
    exchanges = [
        Exchange(turn("a", text="First"), [file("f1"), file("f2")], [events.Delta("Yes.")]),
        Exchange(turn("b", "a", text="Then"), [file("f1")], []),
    ]
    messages, files = messages_of(exchanges)
    assert files == {"a1": "all of f1", "a2": "all of f2", "a3": "all of f1"}
    assert messages[0].parts == (
        Attachment("a1", "f1.csv", "Attachment a1: f1.csv: table, 9 rows", "all of f1"),
        Attachment("a2", "f2.csv", "Attachment a2: f2.csv: table, 9 rows", "all of f2"),
        Text("First"),
    )
    assert [message.role for message in messages] == ["user", "assistant", "user"]


# --- replies ---------------------------------------------------------------------------------------------------------

ASKS = Message("assistant", (Text("Let me see."), call("c1")))
HEARS = Message("tool", (result("c1"),))
SAYS = Message("assistant", (Text("So it is."),))
DONE = events.Done("stop")
REPLIES: dict[str, tuple[list[Event], list[Message]]] = {
    "a plain one": ([route(), events.Delta("So "), events.Delta("it is."), DONE], [SAYS]),
    "thinking is not said again": ([route(), events.Thinking("Hm."), events.Delta("So it is."), DONE], [SAYS]),
    "a tool loop": (
        [route(), events.Delta("Let me see."), *ran("c1"), events.Delta("So it is."), DONE],
        [ASKS, HEARS, SAYS],
    ),
    "rounds of calls without a word": (
        [route(), *ran("c1"), *ran("c2"), events.Delta("So it is."), DONE],
        [
            Message("assistant", (call("c1"),)),
            HEARS,
            Message("assistant", (call("c2"),)),
            Message("tool", (result("c2"),)),
            SAYS,
        ],
    ),
    "the same id in each round": (
        [route(), *ran("c1"), *ran("c1"), DONE],
        [Message("assistant", (call("c1"),)), HEARS] * 2,
    ),
    "two calls at once, answered the other way round": (
        [route(), *(ran("c1")[:1] + ran("c2")[:1] + ran("c2")[1:] + ran("c1")[1:]), DONE],
        [Message("assistant", (call("c1"), call("c2"))), Message("tool", (result("c2"), result("c1")))],
    ),
    "stopped while one of two tools ran": (
        [route(), *(ran("c1")[:1] + ran("c2")), events.Done("stopped")],
        [Message("assistant", (call("c2"),)), Message("tool", (result("c2"),))],
    ),
    "stopped before any tool answered": (
        [route(), events.Delta("Let me see."), *ran("c1")[:1], events.Done("stopped")],
        [Message("assistant", (Text("Let me see."),))],
    ),
    "interrupted in the middle": ([route(), events.Delta("So it"), events.Done("interrupted")], [
        Message("assistant", (Text("So it"),))
    ]),
    "broken off": ([route(), events.Delta("So it"), events.Error("stream_interrupted", "…", True)], [
        Message("assistant", (Text("So it"),))
    ]),
    "nobody answered": ([route(), events.Error("phi_local_only", "…", True)], []),
    "never asked": ([events.Turn("c1", "k1"), events.Status("queued", 1), events.Done("stopped")], []),
    "only spaces": ([route(), events.Delta(" \n"), DONE], []),
    "a fallback": (
        [route("anthropic"), events.Fallback("anthropic", "ollama", "x"), route(), events.Delta("So it is."), DONE],
        [SAYS],
    ),
    "recalled from the cloud": (
        [route("anthropic"), events.Delta("Cloudy"), route(), events.Delta("So it is."), DONE],
        [SAYS],
    ),
    "recalled in the second round": (
        [
            route("anthropic"), events.Delta("Let me see."), *ran("c1"), events.Delta("Cloudy"), route(),
            events.Delta("So it is."), DONE,
        ],
        [ASKS, HEARS, SAYS],
    ),
    "latched by what the tool said": (
        [route("anthropic"), events.Delta("Let me see."), *ran("c1"), route(), events.Delta("So it is."), DONE],
        [ASKS, HEARS, SAYS],
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", REPLIES)
def test_a_reply_is_what_its_last_teller_said_with_each_call_beside_its_result(story: str) -> None:
    said, messages = REPLIES[story]
    assert replies_of(said) == messages


any_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(events.Delta, st.text(max_size=3)),
    st.builds(events.ToolCall, st.sampled_from(["c1", "c2", "c3"]), st.just("echo"), st.just({})),
    st.builds(events.ToolResult, st.sampled_from(["c1", "c2", "c3"]), st.booleans(), st.just("x"), st.just(1.0)),
    st.builds(route, st.sampled_from(["ollama", "anthropic"])),
)


@given(st.lists(any_event, max_size=25))
def test_whatever_was_said_each_call_stands_before_its_result_and_none_is_alone(said: list[Event]) -> None:
    messages = replies_of(said)
    for at, message in enumerate(messages):
        asked = {part.id for part in message.parts if isinstance(part, ToolCall)}
        heard = {part.call for part in messages[at + 1].parts if isinstance(part, ToolResult)} if asked else set()
        assert asked == heard
        assert message.parts
        if message.role == "tool":
            assert at > 0
            assert any(isinstance(part, ToolCall) for part in messages[at - 1].parts)


# --- what fits -------------------------------------------------------------------------------------------------------

texts = st.text(max_size=60)
rounds = st.lists(
    st.tuples(texts, st.lists(texts, max_size=2)).map(
        lambda said: [
            Message("assistant", (Text(said[0]), *(ToolCall(f"c{n}", "echo", t) for n, t in enumerate(said[1])))),
            *([Message("tool", tuple(result(f"c{n}", t) for n, t in enumerate(said[1])))] if said[1] else []),
        ]
    ),
    max_size=3,
)
exchanges = st.tuples(texts, rounds).map(
    lambda one: [Message("user", (Text(one[0]),)), *(message for round in one[1] for message in round)]
)


def asked(*exchanges: list[Message], **more: str) -> CompletionRequest:
    return CompletionRequest("m", tuple(message for one in exchanges for message in one), **more)  # type: ignore[arg-type]


@given(st.lists(exchanges, min_size=1, max_size=6), texts, st.integers(1, 800))
def test_what_is_sent_fits_and_ends_with_the_newest_exchange_and_starts_with_a_question(
    said: list[list[Message]], system: str, window: int
) -> None:
    request = asked(*said, system=system)
    try:
        fitted, context = fit(request, window)
    except ContextTooLong:
        needed = estimate_fixed(request) + sum(map(estimate_message, said[-1]))
        assert needed > window - min(window // 4, 8192)
        return
    assert context.used_tokens == estimate_fixed(fitted) + sum(map(estimate_message, fitted.messages))
    assert context.used_tokens <= window - min(window // 4, 8192)
    assert request.messages[len(request.messages) - len(fitted.messages) :] == fitted.messages
    assert list(fitted.messages[-len(said[-1]) :]) == said[-1]
    assert fitted.messages[0].role == "user"
    assert context.dropped_messages == len(request.messages) - len(fitted.messages)


@given(st.lists(exchanges, min_size=2, max_size=6), st.integers(1, 800))
def test_nothing_is_left_out_that_would_have_fitted(said: list[list[Message]], window: int) -> None:
    try:
        context = fit(asked(*said), window)[1]
    except ContextTooLong:
        return
    if context.dropped_messages:
        starts = [at for at, message in enumerate(asked(*said).messages) if message.role == "user"]
        before = max(at for at in starts if at < context.dropped_messages)
        one_more = asked(*said).messages[before : context.dropped_messages]
        assert context.used_tokens + sum(map(estimate_message, one_more)) > window - min(window // 4, 8192)


def test_tools_and_system_text_take_their_room() -> None:
    request = asked([Message("user", (Text("Hi"),))], system="x" * 300)
    tool = ToolSpec("echo", "y" * 300, "{}")
    assert estimate_fixed(replace(request, tools=(tool,))) > estimate_fixed(request) + 100 > 199


def test_of_an_attachment_only_what_a_model_sees_takes_room() -> None:
    long: Part = Attachment("a1", "f.csv", "short", "z" * 100_000)
    assert estimate_message(Message("user", (long,))) < 20
