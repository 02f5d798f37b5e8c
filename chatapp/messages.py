"""Words of a conversation: who said what, which tools were called, what is sent to a model.

Everything here is frozen to the bottom (tuples, strings, JSON as text), so that what the privacy gate has judged
is what a provider sends. Knows no provider's wire format; those live in `providers/`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Mode = Literal["local", "hybrid", "cloud"]
LockedBy = Literal["detector", "user", "tool"]
Role = Literal["user", "assistant", "tool"]
ProviderWish = Literal["auto", "ollama", "anthropic", "openai"]


@dataclass(frozen=True, slots=True)
class Text:
    """What a person or a model wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class VerbatimThinking:
    """A provider's reasoning block as it came, to be sent back byte for byte within one tool loop.

    Args:
        provider, model: who made it; it is worthless, and refused, anywhere else.
        block: the provider's own JSON.
    """

    provider: str
    model: str
    block: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model asks for a tool to be run. `arguments_json` is what the model wrote; it may be malformed."""

    id: str
    name: str
    arguments_json: str

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments as an object.

        Raises:
            ValueError: the text is not a JSON object.
        """
        value = json.loads(self.arguments_json or "{}")
        if not isinstance(value, dict):
            raise ValueError("tool arguments are not a JSON object")
        return value


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered to the call with the id `call`. Data, never an instruction."""

    call: str
    name: str
    content: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message. A model sees `summary`; the privacy gate reads `name` and the whole `text` too.

    Args:
        alias: the short name by which a model hands it to a tool (`a1`).
        summary: name, columns, first rows, counts.
    """

    alias: str
    name: str
    summary: str
    text: str


Part = Text | VerbatimThinking | ToolCall | ToolResult | Attachment


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation as a model reads it, oldest part first."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it is offered to a model. `parameters_json`: a JSON Schema of type object."""

    name: str
    description: str
    parameters_json: str

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema as an object."""
        schema: dict[str, Any] = json.loads(self.parameters_json)
        return schema


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """Everything one completion is made from: exactly what would leave the house.

    Args:
        model: the name the provider knows the weights by.
        messages: oldest first; the last one is the user's or a tool's.
        max_tokens: the most a reply may take; None leaves it to the provider.
        think: whether a model that can reason aloud may do so.
    """

    model: str
    messages: tuple[Message, ...]
    system: str = ""
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int | None = None
    think: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.prompt_tokens + other.prompt_tokens, self.completion_tokens + other.completion_tokens)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as its owner sees it in the list.

    Args:
        locked_by: who latched it; None while it is not latched. Once set it is never taken off.
        created_at, updated_at: seconds since 1970, UTC.
    """

    id: str
    owner: str
    title: str
    mode: Mode
    locked_by: LockedBy | None = None
    created_at: float = 0.0
    updated_at: float = field(default=0.0)

    @property
    def locked(self) -> bool:
        """Whether it is local for good."""
        return self.locked_by is not None


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An identifier and where it stands: code points of the text as it was written.

    Args:
        kind: what it is (`MRN`, `NAME`, `PHONE` …). rule: the rule that saw it. Never the text itself.
    """

    start: int
    end: int
    kind: str
    rule: str
