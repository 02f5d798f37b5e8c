from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import ProviderError, ProviderGarbled
from chatapp.events import Delta, Thinking
from chatapp.messages import Usage
from chatapp.ports import Completed, ProviderEvent
from chatapp.providers.ollama_faults import full_name, is_cloud_name
from chatapp.providers.ollama_reply import Reply

MESSAGES = st.fixed_dictionaries({}, optional={"content": st.text(max_size=6), "thinking": st.text(max_size=6)})


def reply(line_bytes: int = 1_000_000, answer_bytes: int = 1_000_000) -> Reply:
    return Reply(line_bytes=line_bytes, answer_bytes=answer_bytes)


def written(messages: list[dict[str, str]]) -> bytes:
    """A reply's bytes. Written by hand, so that U+0085 and its like stand in them unescaped, as Go leaves them."""
    chunks: list[dict[str, Any]] = [{"message": message, "done": False} for message in messages]
    return b"\n".join(map(orjson.dumps, [*chunks, {"message": {}, "done": True, "eval_count": len(chunks)}])) + b"\n"


def read(blocks: list[bytes]) -> list[tuple[str, str] | Completed]:
    """Everything that was said, by kind, pieces of the same kind that follow each other joined."""
    into = reply()
    events = [event for block in blocks for event in into.feed(block)]
    joined: list[tuple[str, str] | Completed] = []
    for event in events:
        _join(joined, event)
    assert into.is_complete
    return joined


def _join(joined: list[tuple[str, str] | Completed], event: ProviderEvent) -> None:
    match event, joined:
        case Completed(), _:
            joined.append(event)
        case Delta(text) | Thinking(text), [*_, (kind, before)] if kind == type(event).__name__:
            joined[-1] = (kind, before + text)
        case Delta(text) | Thinking(text), _:
            joined.append((type(event).__name__, text))


@given(st.lists(MESSAGES, max_size=8), st.lists(st.integers(0, 600), max_size=8))
def test_the_events_are_the_same_for_every_chunking(messages: list[dict[str, str]], cuts: list[int]) -> None:
    body = written(messages)
    places = sorted({0, *(cut for cut in cuts if cut < len(body)), len(body)})
    blocks = [body[start:end] for start, end in pairwise(places)]
    assert read(blocks) == read([body])


@given(st.lists(MESSAGES, max_size=5))
def test_no_text_is_lost_or_added(messages: list[dict[str, str]]) -> None:
    said = read([written(messages)])
    texts = "".join(text for kind, text in said[:-1] if kind == "Delta")  # type: ignore[misc]
    assert texts == "".join(message.get("content", "") for message in messages)


@given(st.binary(max_size=60))
def test_garbage_is_an_error_of_ours_or_nothing_yet(garbage: bytes) -> None:
    into = reply()
    with suppress(ProviderError):
        into.feed(garbage + b"\n")
    assert not into.is_complete


def test_thinking_and_text_of_one_block_keep_their_order() -> None:
    body = written([{"thinking": "a"}, {"thinking": "b"}, {"content": "c"}, {"thinking": "d"}])
    assert reply().feed(body) == [
        Thinking("ab"),
        Delta("c"),
        Thinking("d"),
        Completed("stop", Usage(0, 4)),
    ]


def test_what_follows_the_end_mark_is_not_read() -> None:
    assert reply().feed(written([{"content": "a"}]) + b"garbage\n")[-1] == Completed("stop", Usage(0, 1))


def test_a_body_that_ends_without_the_mark_is_no_success() -> None:
    into = reply()
    assert into.feed(b'{"message":{"content":"a"}}\n') == [Delta("a")]
    with pytest.raises(ProviderGarbled):
        into.feed_end()


@pytest.mark.parametrize("size", [1, 50, 5000])
def test_a_line_that_is_too_long_is_refused_for_every_chunking(size: int) -> None:
    body = written([{"content": "x" * 2000}])
    into = reply(line_bytes=1000)
    blocks = (body[start : start + size] for start in range(0, len(body), size))
    with pytest.raises(ProviderGarbled):
        list(map(into.feed, blocks))


@pytest.mark.parametrize("piece", [{"content": "ü" * 40}, {"thinking": "y" * 80}])
def test_an_answer_that_is_too_long_is_cut_off(piece: dict[str, str]) -> None:
    into = reply(answer_bytes=70)
    *_, completed = into.feed(orjson.dumps({"message": piece}) + b"\n")
    assert isinstance(completed, Completed)
    assert (completed.finish, into.is_over, into.is_complete) == ("length", True, False)
    assert repr(into).startswith("<Reply: cut off")


@pytest.mark.parametrize(
    ("name", "full", "cloud"),
    [
        ("llama3.2", "llama3.2:latest", False),
        ("Qwen2.5:7B", "qwen2.5:7b", False),
        ("registry.example:5000/a/b", "registry.example:5000/a/b:latest", False),
        ("gpt-oss:120b-cloud", "gpt-oss:120b-cloud", True),
        ("kimi:Cloud", "kimi:cloud", True),
        ("cloudy", "cloudy:latest", False),
    ],
)
def test_names_mean_one_model(name: str, full: str, cloud: bool) -> None:
    assert (full_name(name), is_cloud_name(name)) == (full, cloud)
