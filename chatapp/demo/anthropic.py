"""A stand-in for Anthropic's API: its stream as it is on the wire, and its refusals of what the real one refuses.

How a scene is played, kept and broken is `standin.py`'s; what is said where nothing is scripted, `replies.py`'s.
Wire format: API version 2026-10-21.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from chatapp.demo.replies import Reply, pieces, reply
from chatapp.demo.scenes import Pause, Received, Scene, Send, json_answer
from chatapp.demo.standin import StandIn

API_VERSION = "2026-10-21"
DEMO_MODELS = ("claude-sonnet-5-5", "claude-haiku-5-5", "claude-opus-5-5")

_REFUSED_PARAMETERS = ("temperature", "top_p", "top_k")
_TYPE_OF_STATUS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class _Objection(Exception):
    """What the API refuses. `code`: of the answer."""

    def __init__(self, message: str, code: int = 400) -> None:
        super().__init__(message)
        self.code = code


class StandInAnthropic(StandIn):
    """Speaks the Messages API.

    Args:
        api_key: the one key it takes. models: names it answers to.
        first_s, gap_s: seconds before the first piece of a reply of its own, and between two.
    """

    chat_path: ClassVar[str] = "/v1/messages"
    stream_type: ClassVar[str] = "text/event-stream; charset=utf-8"

    def __init__(
        self,
        *,
        api_key: str = "stand-in",
        models: Sequence[str] = DEMO_MODELS,
        first_s: float = 0.0,
        gap_s: float = 0.0,
    ) -> None:
        super().__init__()
        self.api_key = api_key
        self.models = tuple(models)
        self._first_s = first_s
        self._gap_s = gap_s

    def reply(self, request: Received) -> Scene:
        """The scripted reply to the last question, at the stand-in's pace."""
        body = request.json
        question, results = _asked(body["messages"])
        tools = [tool["name"] for tool in body.get("tools", ())]
        said = reply(question, side="cloud", tools=tools, tool_results=results)
        gap_s = self._gap_s if said.gap_s is None else said.gap_s
        usage = (len(request.body) // 4, max(1, len(said.pieces)))
        steps = [Send(frame) for frame in stream(_content(said), model=body["model"], usage=usage)]
        paced = [part for step in steps[1:] for part in (Pause(gap_s), step)] if gap_s else steps[1:]
        return (steps[0], *([Pause(self._first_s)] if self._first_s else []), *paced)

    def objection(self, request: Received) -> Scene | None:
        """What the real API asserts of a call, in its error shape."""
        try:
            self._check_head(request)
            _check_body(request, self.models)
        except _Objection as objection:
            return self.error(objection.code, str(objection))
        return None

    def answer(self, request: Received) -> Scene:
        """The list of models and the token count."""
        try:
            self._check_head(request)
        except _Objection as objection:
            return self.error(objection.code, str(objection))
        match request.method, request.path:
            case "GET", "/v1/models":
                return json_answer(self._listing())
            case "POST", "/v1/messages/count_tokens":
                return json_answer({"input_tokens": 25})
            case _:
                return self.error(404, "Not found")

    def error(self, code: int, message: str, *, headers: Mapping[str, str] | None = None) -> Scene:
        """An error as the API answers it."""
        return json_answer(error_body(code, message), code, {"request-id": "req_demo", **(headers or {})})

    def _check_head(self, request: Received) -> None:
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            raise _Objection("invalid bearer token", 401)
        if request.headers.get("anthropic-version") != API_VERSION:
            raise _Objection("anthropic-version: not the version of this API")

    def _listing(self) -> dict[str, Any]:
        entries = [
            {
                "type": "model",
                "id": name,
                "display_name": name.replace("-", " ").title(),
                "created_at": "2026-06-01T00:00:00Z",
                "lifecycle": "active",
            }
            for name in self.models
        ]
        ends = {"first_id": self.models[0], "last_id": self.models[-1]} if self.models else {}
        return {"data": entries, "has_more": False, **ends}


# --- what is said on the wire ---


def error_body(code: int, message: str) -> dict[str, Any]:
    """An error, of the type that belongs to a status."""
    kind = _TYPE_OF_STATUS.get(code, "api_error")
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_demo"}


def frame(event: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    return f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def signature(thinking: str) -> str:
    """What this server signs a thinking block with; it refuses blocks that do not carry it."""
    return base64.b64encode(hashlib.sha256(f"demo {thinking}".encode()).digest()).decode()


def thinking_block(thinking: str) -> dict[str, Any]:
    """A signed thinking block."""
    return {"type": "thinking", "thinking": thinking, "signature": signature(thinking)}


def stream(
    content: Sequence[Mapping[str, Any] | Sequence[str]],
    *,
    model: str = DEMO_MODELS[0],
    stop_reason: str | None = None,
    usage: tuple[int, int] = (25, 42),
) -> Iterator[bytes]:
    """The events of a reply, one frame each.

    Args:
        content: blocks as a whole message would hold them; a text block as the sequence of its pieces.
        stop_reason: by default what the content means. usage: tokens in and out.
    """
    called = any(isinstance(block, Mapping) and block["type"] == "tool_use" for block in content)
    yield frame({"type": "message_start", "message": _opening(model, usage[0])})
    for index, block in enumerate(content):
        yield from _block_frames(index, block)
    end = {"stop_reason": stop_reason or ("tool_use" if called else "end_turn"), "stop_sequence": None}
    yield frame({"type": "message_delta", "delta": end, "usage": {"output_tokens": usage[1]}})
    yield frame({"type": "message_stop"})


def _opening(model: str, tokens: int) -> dict[str, Any]:
    counts = {"input_tokens": tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    return {
        "id": "msg_demo",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {**counts, "output_tokens": 1, "service_tier": "standard"},
    }


def _block_frames(index: int, block: Mapping[str, Any] | Sequence[str]) -> Iterator[bytes]:
    empty, deltas = _begun(block)
    yield frame({"type": "content_block_start", "index": index, "content_block": empty})
    for delta in deltas:
        yield frame({"type": "content_block_delta", "index": index, "delta": delta})
    yield frame({"type": "content_block_stop", "index": index})


def _begun(block: Mapping[str, Any] | Sequence[str]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """A block as it begins, and the deltas that fill it."""
    if not isinstance(block, Mapping):
        return {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in block]
    match block["type"]:
        case "thinking":
            thought = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            signed = {"type": "signature_delta", "signature": block["signature"]}
            return {"type": "thinking", "thinking": "", "signature": ""}, [*thought, signed]
        case "tool_use":
            written = json.dumps(block["input"]) if block["input"] else ""
            parts = ("", written[: len(written) // 2], written[len(written) // 2 :])
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": part} for part in parts]
        case _:
            return block, []


def _content(said: Reply) -> list[Mapping[str, Any] | Sequence[str]]:
    content: list[Mapping[str, Any] | Sequence[str]] = [thinking_block(said.thinking)] if said.thinking else []
    if said.text:
        content.append(said.pieces)
    if said.tool:
        name, arguments = said.tool
        call = hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()[:12]
        content.append({"type": "tool_use", "id": f"toolu_{call}", "name": name, "input": arguments})
    return content


# --- what is asked ---


def _blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _asked(messages: Sequence[Mapping[str, Any]]) -> tuple[str, list[str]]:
    """The last question, and the results of tools since then."""
    question: str = ""
    results: list[str] = []
    for message in messages:
        if message["role"] != "user":
            continue
        texts = [block["text"] for block in _blocks(message) if block["type"] == "text"]
        if texts:
            question, results = "\n".join(texts), []
        else:
            results += [block["content"] for block in _blocks(message) if block["type"] == "tool_result"]
    return question, results


def _check_body(request: Received, models: Sequence[str]) -> None:
    body = request.json
    for name in _REFUSED_PARAMETERS:
        if name in body:
            raise _Objection(f"{name}: not supported by this model")
    if body.get("model") not in models:
        raise _Objection(f"model: {body.get('model')}", 404)
    if body.get("tool_choice", {}).get("type") in ("any", "tool"):
        raise _Objection("tool_choice: forced use is not supported by this model")
    if body.get("thinking", {}).get("type") in ("enabled", "disabled"):
        raise _Objection("thinking.type: not supported by this model")
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        raise _Objection("max_tokens: field required")
    _check_messages(body.get("messages") or [])


def _check_messages(messages: Sequence[Mapping[str, Any]]) -> None:
    if not messages or messages[-1]["role"] == "assistant":
        raise _Objection("messages: the last one must be the user's; prefill is not supported by this model")
    for message in messages:
        for block in _blocks(message):
            _check_block(block)
    for message, following in pairwise(messages):
        _check_calls(_blocks(message), _blocks(following))


def _check_block(block: Mapping[str, Any]) -> None:
    if block["type"] == "text" and not block["text"].strip():
        raise _Objection("messages: text content blocks must be non-empty")
    if block["type"] == "thinking" and block.get("signature") != signature(block.get("thinking", "")):
        raise _Objection("messages: Invalid signature in thinking block")


def _check_calls(asking: Sequence[Mapping[str, Any]], answering: Sequence[Mapping[str, Any]]) -> None:
    asked = {block["id"] for block in asking if block["type"] == "tool_use"}
    kinds = [block["type"] for block in answering]
    answered = {block["tool_use_id"] for block in answering if block["type"] == "tool_result"}
    if asked - answered:
        raise _Objection("messages: tool_use ids were found without tool_result blocks immediately after")
    if answered - asked:
        raise _Objection("messages: unexpected tool_use_id found in tool_result blocks")
    if kinds != sorted(kinds, key=lambda kind: kind != "tool_result"):
        raise _Objection("messages: tool_result blocks must come before any text")
