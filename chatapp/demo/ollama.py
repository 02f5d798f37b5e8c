"""The stand-in for Ollama: its paths, chunks and errors as the server of 2026 writes them, over `StandIn`'s stage.

What a reply says comes from a `Replies`. Generating, embedding and pulling are left out: nobody here asks for them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Protocol

from chatapp.demo.replies import Reply
from chatapp.demo.scenes import Pause, Received, Scene, Send, Status, Step, json_answer
from chatapp.demo.standin import StandIn

MODELS = ("llama3.2:latest", "mistral:latest", "qwen2.5:latest")
VERSION = "0.33.0"

_ALL_CAPABILITIES = ("completion", "tools", "thinking")
_DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "3.2B",
    "quantization_level": "Q4_K_M",
}
_DIGEST = "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72"
_BYTES = 2_019_393_189
_DEFAULT_WINDOW = 4096
_TYPES: Mapping[str, type | tuple[type, ...]] = {"num_ctx": int, "num_predict": int, "temperature": (int, float)}

Chunk = dict[str, Any]


class Replies(Protocol):
    """Who says what when nothing is scripted: `replies.reply` with its side filled in, or `echo`."""

    def __call__(self, question: str, *, tools: Sequence[str] = (), tool_results: Sequence[str] = ()) -> Reply:
        """The reply to the last thing the user said. `tool_results`: what tools answered since then, oldest first."""


def echo(question: str, *, tools: Sequence[str] = (), tool_results: Sequence[str] = ()) -> Reply:
    """Say the question again."""
    return Reply(f"You said: {question}")


class StandInOllama(StandIn):
    """An Ollama on loopback. All attributes below may be set while it runs.

    Args:
        replies: what it says to a chat call that has no scene.
        models: what is pulled, with tags.
        token_s: seconds between two pieces of a reply.

    Attributes:
        remote_hosts: listed models that really run elsewhere, and where.
        capabilities: of models that have fewer than all.
        load_s: seconds to read a model into memory. reloads: how often a model was read again for another `num_ctx`.
        tool_style: whether tool calls come on their own chunk, or on the last one as of llama-server's templates.
    """

    chat_path: ClassVar[str] = "/api/chat"
    stream_type: ClassVar[str] = "application/x-ndjson"

    def __init__(self, replies: Replies = echo, *, models: Sequence[str] = MODELS, token_s: float = 0.0) -> None:
        super().__init__()
        self.replies = replies
        self.models = tuple(models)
        self.token_s = token_s
        self.remote_hosts: Mapping[str, str] = {}
        self.capabilities: Mapping[str, tuple[str, ...]] = {}
        self.load_s = 0.0
        self.reloads = 0
        self.tool_style: Literal["parser", "native"] = "parser"
        self._loaded: dict[str, tuple[int, float]] = {}
        self._calls = 0

    # --- everything but chat ---

    def answer(self, request: Received) -> Scene:
        """Version, listings and descriptions; nothing of it needs a model in memory."""
        match request.method, request.path:
            case "GET", "/":
                return (Status(200, {"content-type": "text/plain; charset=utf-8"}, b"Ollama is running"),)
            case "GET", "/api/version":
                return json_answer({"version": VERSION})
            case "GET", "/api/tags":
                return json_answer({"models": [self._listed(name) for name in self._all_models()]})
            case "GET", "/api/ps":
                return json_answer({"models": [self._running(name) for name in self._in_memory()]})
            case "POST", "/api/show":
                return self._show(request)
            case _:
                return (Status(404, {"content-type": "text/plain"}, b"404 page not found"),)

    def _all_models(self) -> tuple[str, ...]:
        return (*self.models, *(name for name in self.remote_hosts if name not in self.models))

    def _listed(self, name: str) -> Chunk:
        entry: Chunk = {"name": name, "model": name, "modified_at": "2026-11-01T00:00:00Z", "size": _BYTES}
        entry |= {"digest": _DIGEST, "details": _DETAILS, "capabilities": list(self._able(name))}
        return entry | self._remote_mark(name)

    def _running(self, name: str) -> Chunk:
        entry = self._listed(name) | {"expires_at": "2036-01-01T00:00:00Z", "size_vram": 0}
        return entry | {"context_length": self._loaded[name][0]}

    def _in_memory(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        return [name for name, (_, ready_at) in self._loaded.items() if ready_at <= now]

    def _show(self, request: Received) -> Scene:
        name = _full_name(str(request.json.get("model", "")))
        if name not in self._all_models():
            return self.error(404, f"model '{request.json.get('model', '')}' not found")
        described: Chunk = {"modelfile": "", "parameters": "", "template": "", "details": _DETAILS}
        described |= {"model_info": {"llama.context_length": 131_072}, "capabilities": list(self._able(name))}
        return json_answer(described | self._remote_mark(name))

    def _able(self, name: str) -> tuple[str, ...]:
        return self.capabilities.get(name, _ALL_CAPABILITIES)

    def _remote_mark(self, name: str) -> Chunk:
        host = self.remote_hosts.get(name)
        return {"remote_model": name.partition(":")[0], "remote_host": host} if host else {}

    # --- chat ---

    def objection(self, request: Received) -> Scene | None:
        """What the real server refuses, in its words and in its order."""
        try:
            asked = request.json
        except ValueError:
            return self.error(400, "invalid character at the beginning of value")
        if not asked:
            return self.error(400, "missing request body")
        if not asked.get("model"):
            return self.error(400, "model is required")
        name = _full_name(asked["model"])
        if name not in self._all_models():
            return self.error(404, f"model '{asked['model']}' not found")
        return self._beyond_the_model(name, asked) or self._bad_options(asked)

    def _beyond_the_model(self, name: str, asked: Chunk) -> Scene | None:
        able = self._able(name)
        if asked.get("think") and "thinking" not in able:
            return self.error(400, f'"{name}" does not support thinking')
        if asked.get("tools") and "tools" not in able:
            return self.error(400, f"registry.ollama.ai/library/{name} does not support tools")
        if asked.get("truncate") is False and _prompt_tokens(asked) > _window(asked):
            return self.error(400, "the prompt is longer than the context length currently available to the model")
        return None

    def _bad_options(self, asked: Chunk) -> Scene | None:
        for option, kinds in _TYPES.items():
            value = asked.get("options", {}).get(option, 0)
            if not isinstance(value, kinds):
                return self.error(500, f'option "{option}" must be of type {kinds}')
        return None

    def reply(self, request: Received) -> Scene:
        """Read the model into memory where it is not, then stream what `replies` says."""
        asked = request.json
        name = _full_name(asked["model"])
        loading = self._load(name, _window(asked))
        if not asked.get("messages"):
            return (*loading, Send(line(end_chunk(asked["model"], reason="load"))))
        said = self.replies(_question(asked), tools=_tool_names(asked), tool_results=_tool_results(asked))
        gap_s = self.token_s if said.gap_s is None else said.gap_s
        chunks = [chunk | self._remote_mark(name) for chunk in self._chunks(asked, said)]
        return (*loading, *_paced([line(chunk) for chunk in chunks], gap_s))

    def _load(self, name: str, window: int) -> Scene:
        """The pause of a model that is not in memory, or there with another window."""
        now = asyncio.get_running_loop().time()
        loaded_window, ready_at = self._loaded.get(name, (None, 0.0))
        if loaded_window != window:
            self.reloads += loaded_window is not None
            ready_at = now + self.load_s
            self._loaded[name] = (window, ready_at)
        return (Pause(ready_at - now),) if ready_at > now else ()

    def _chunks(self, asked: Chunk, said: Reply) -> Iterator[Chunk]:
        model = asked["model"]
        if asked.get("think") and said.thinking:
            yield chunk(model, thinking=said.thinking)
        for piece in said.pieces:
            yield chunk(model, piece)
        calls: list[Chunk] = []
        if said.tool is not None:
            self._calls += 1
            name, arguments = said.tool
            calls = [tool_call(f"call_{self._calls:08x}", name, arguments)]
        if calls and self.tool_style == "parser":
            yield chunk(model, tool_calls=calls)
            calls = []
        yield end_chunk(model, prompt_tokens=_prompt_tokens(asked), tokens=len(said.pieces), tool_calls=calls)


# --- the wire ---


def line(value: Chunk) -> bytes:
    """A chunk as a line of NDJSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def chunk(model: str, content: str = "", *, thinking: str = "", tool_calls: Sequence[Chunk] = ()) -> Chunk:
    """A chunk in the middle of a reply. Like Go's, it leaves empty fields out (`content` aside)."""
    message: Chunk = {"role": "assistant", "content": content}
    if thinking:
        message["thinking"] = thinking
    if tool_calls:
        message["tool_calls"] = list(tool_calls)
    return {"model": model, "created_at": _now(), "message": message, "done": False}


def end_chunk(
    model: str,
    *,
    prompt_tokens: int = 0,
    tokens: int = 0,
    reason: str = "stop",
    tool_calls: Sequence[Chunk] = (),
) -> Chunk:
    """The last chunk of a reply: `done`, the reason, and the metrics that are not zero (durations in nanoseconds)."""
    metrics = {
        "total_duration": 412_345_678,
        "load_duration": 51_234_567,
        "prompt_eval_count": prompt_tokens,
        "prompt_eval_duration": 130_079_000,
        "eval_count": tokens,
        "eval_duration": 9_000_000 * tokens,
    }
    end = chunk(model, tool_calls=tool_calls) | {"done": True, "done_reason": reason}
    return end | {name: value for name, value in metrics.items() if value}


def tool_call(call_id: str, name: str, arguments: Mapping[str, Any]) -> Chunk:
    """A tool call; an empty id is left out, as older servers do."""
    function = {"function": {"index": 0, "name": name, "arguments": arguments}}
    return {"id": call_id, **function} if call_id else function


def _paced(lines: Sequence[bytes], gap_s: float) -> Iterator[Step]:
    for written in lines:
        yield Send(written)
        if gap_s > 0:
            yield Pause(gap_s)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}789Z"


def _full_name(name: str) -> str:
    return name if ":" in name else f"{name}:latest"


def _window(asked: Chunk) -> int:
    return int(asked.get("options", {}).get("num_ctx", _DEFAULT_WINDOW))


def _prompt_tokens(asked: Chunk) -> int:
    """About as many tokens as the messages have: four characters each."""
    return sum(len(message.get("content", "")) for message in asked.get("messages", ())) // 4 + 1


def _tool_names(asked: Chunk) -> list[str]:
    return [tool["function"]["name"] for tool in asked.get("tools", ())]


def _question(asked: Chunk) -> str:
    questions = [message["content"] for message in asked["messages"] if message["role"] == "user"]
    return questions[-1] if questions else ""


def _tool_results(asked: Chunk) -> list[str]:
    """What tools answered since the last thing the user said."""
    results: list[str] = []
    for message in asked["messages"]:
        if message["role"] == "user":
            results = []
        elif message["role"] == "tool":
            results.append(message["content"])
    return results
