"""What a request of ours is on Anthropic's wire: everything below is also held against the stand-in's own rules."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from chatapp.demo.anthropic import StandInAnthropic, thinking_block
from chatapp.demo.scenes import Received
from chatapp.messages import (
    Attachment,
    CompletionRequest,
    Message,
    Text,
    ToolCall,
    ToolResult,
    VerbatimThinking,
)
from chatapp.providers.anthropic import API_VERSION
from chatapp.providers.anthropic_request import wire_request
from tests.providers.anthropic_stage import (
    CALL,
    KEY,
    MODEL,
    QUESTION,
    RESULT,
    WEATHER,
    question,
)


def sent(request: CompletionRequest) -> dict[str, Any]:
    """The body that a request becomes; the stand-in, as strict as the real API, has nothing against it."""
    body = wire_request(request, provider="anthropic", max_tokens=8192)
    headers = {"authorization": f"Bearer {KEY}", "anthropic-version": API_VERSION}
    received = Received("POST", "/v1/messages", headers, orjson.dumps(body))
    assert StandInAnthropic(api_key=KEY).objection(received) is None
    return body


def test_only_what_the_current_models_take_is_sent() -> None:
    body = sent(question(system="Be brief.", tools=(WEATHER,)))
    assert body == {
        "model": MODEL,
        "max_tokens": 8192,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "How are you?"}]}],
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "low"},
        "tools": [
            {
                "name": "get_weather",
                "description": "The weather of a city",
                "input_schema": {"type": "object", "properties": {}},
            }
        ],
    }


def test_a_reply_is_never_longer_than_the_provider_allows() -> None:
    assert sent(question(max_tokens=100))["max_tokens"] == 100
    assert sent(question(max_tokens=10**6))["max_tokens"] == 8192


def test_results_of_one_round_go_in_one_message_before_any_text() -> None:
    second = ToolCall("call:2", "get_weather", "")
    body = sent(
        question(
            QUESTION,
            Message("assistant", (Text("Let me see."), CALL, second)),
            RESULT,
            Message("tool", (ToolResult("call:2", "get_weather", "", ok=False),)),
            Message("user", (Text("And tomorrow?"),)),
        ),
    )
    _, asking, answering = body["messages"]
    assert [block["type"] for block in asking["content"]] == ["text", "tool_use", "tool_use"]
    assert answering["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu_01", "content": "18 C", "is_error": False},
        {"type": "tool_result", "tool_use_id": "call_2", "content": "(nothing)", "is_error": True},
        {"type": "text", "text": "And tomorrow?"},
    ]


def test_a_call_that_was_stopped_before_it_ran_is_answered() -> None:
    body = sent(question(QUESTION, Message("assistant", (CALL,)), Message("user", (Text("Go on"),))))
    assert [block["type"] for block in body["messages"][-1]["content"]] == ["tool_result", "text"]


def test_arguments_that_are_no_object_go_back_as_an_empty_one() -> None:
    broken = ToolCall("toolu_01", "get_weather", '{"city": "Pa')
    body = sent(question(QUESTION, Message("assistant", (broken,)), RESULT))
    assert body["messages"][1]["content"][0]["input"] == {}


def test_empty_parts_and_messages_are_left_out_and_neighbours_merged() -> None:
    body = sent(
        question(
            Message("user", (Text(" \n"), Text("One"))),
            Message("assistant", (Text(""),)),
            Message("user", (Attachment("a1", "roster.csv", "Attachment a1: roster.csv, 3 rows", "all of it"),)),
            system="  ",
        ),
    )
    texts = [block["text"] for block in body["messages"][0]["content"]]
    assert (len(body["messages"]), texts) == (1, ["One", "Attachment a1: roster.csv, 3 rows"])
    assert "system" not in body


@pytest.mark.parametrize(
    ("maker", "later"),
    [
        (("anthropic", "claude-opus-5-5"), ()),
        (("elsewhere", MODEL), ()),
        (("anthropic", MODEL), (Message("user", (Text("Something else"),)),)),
    ],
    ids=["another model's", "another provider's", "of an earlier question"],
)
def test_thinking_is_left_out(maker: tuple[str, str], later: tuple[Message, ...]) -> None:
    verbatim = VerbatimThinking(*maker, orjson.dumps(thinking_block("Hm.")).decode())
    asking = Message("assistant", (verbatim, CALL))
    body = sent(question(QUESTION, asking, RESULT, *later))
    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_use"]
