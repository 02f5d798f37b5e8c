"""Words: the closed union of everything a turn can say, from its first event to its `Done` or `Error`.

Field names are those of the wire (`Fallback.origin` aside: `from` is a Python keyword). Events carry no number:
an event's `seq` is its place in the turn's log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from chatapp.messages import Usage

Verdict = Literal["clear", "sensitive", "unknown"]
Task = Literal["privacy", "tools", "simple", "code", "complex", "general"]
Egress = Literal["none", "intranet", "internet"]
Finish = Literal["stop", "length", "stopped", "tool_limit", "interrupted"]


@dataclass(frozen=True, slots=True)
class Turn:
    """The question is stored. `id` is the key the browser gave it."""

    conversation: str
    id: str
    type: Literal["turn"] = "turn"


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the gate thought of the whole request. `kinds`: of identifiers, never the text."""

    verdict: Verdict
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """How much of the model's context window the request takes (`used_tokens` is an estimate)."""

    limit_tokens: int
    used_tokens: int
    dropped_messages: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers, and why.

    Args:
        rule: one stable word. reason: one sentence for the user.
        otherwise: the provider it would have gone to without that rule; None if the same.
    """

    provider: str
    model: str
    task: Task
    rule: str
    reason: str
    privacy: Privacy
    context: Context
    otherwise: str | None = None
    type: Literal["route"] = "route"


@dataclass(frozen=True, slots=True)
class Status:
    """Why nothing is to be read yet. `position`: 1 is next."""

    state: Literal["queued", "loading_model", "waiting_approval"]
    position: int | None = None
    type: Literal["status"] = "status"


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of a model's reasoning."""

    text: str
    type: Literal["thinking"] = "thinking"


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the reply: one token, or those that arrived together."""

    text: str
    type: Literal["delta"] = "delta"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model asked for a tool. `egress`: where the arguments go. `approval`: a person is asked first."""

    call: str
    name: str
    arguments: dict[str, Any]
    egress: Egress = "none"
    approval: bool = False
    type: Literal["tool_call"] = "tool_call"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer to exactly one `ToolCall`. `ms`: running time."""

    call: str
    ok: bool
    content: str
    ms: float
    truncated: bool = False
    type: Literal["tool_result"] = "tool_result"


@dataclass(frozen=True, slots=True)
class Fallback:
    """The first choice failed before a word was shown; another one answers. `cause`: an error code."""

    origin: str
    to: str
    cause: str
    type: Literal["fallback"] = "fallback"


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds from the receipt of the question; `first_token_ms` is None where no token came."""

    first_token_ms: float | None
    total_ms: float


@dataclass(frozen=True, slots=True)
class Done:
    """The turn's good end. `usage` is over all rounds, `context_tokens` the last round's prompt and reply."""

    finish: Finish
    provider: str | None = None
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    context_tokens: int = 0
    timing: Timing = field(default_factory=lambda: Timing(None, 0.0))
    type: Literal["done"] = "done"


@dataclass(frozen=True, slots=True)
class Error:
    """The turn's bad end: what happened and what to do, in fixed words."""

    code: str
    message: str
    retryable: bool
    retry_after_s: float | None = None
    type: Literal["error"] = "error"


Event = Annotated[
    Turn | Route | Status | Thinking | Delta | ToolCall | ToolResult | Fallback | Done | Error,
    Field(discriminator="type"),
]
