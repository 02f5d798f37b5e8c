"""Commands and events as JSON: the only place that knows the wire form (contract, section 2).

A frame is parsed once, here, into a command; past this point nobody checks it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chatapp.chat.drafts import Checked
from chatapp.chat.turns import Asked
from chatapp.errors import BadInput, ChatError, TooLarge, UnknownType
from chatapp.events import Delta, Event, Fallback
from chatapp.messages import Conversation, Mode, ProviderWish
from chatapp.ports import Incident
from chatapp.web.strict import NotStrict, read_json

_NAME_CHARS = 128
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=_NAME_CHARS, pattern=r"^[!-~]+$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Seq = Annotated[int, Field(ge=-(2**53), le=2**53)]


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Chat(_Command):
    """Start a turn."""

    type: Literal["chat"]
    id: ClientId
    text: str
    conversation: Id | None = None
    mode: Mode | None = None
    parent: Id | None = None
    replaces: Id | None = None
    attachments: list[Id] = Field(default=[], max_length=16)
    provider: ProviderWish = "auto"

    def asked(self) -> Asked:
        """The question, as the chat room takes it."""
        return Asked(
            self.id, self.text, self.conversation, self.mode, self.parent, self.replaces, tuple(self.attachments),
            self.provider,
        )  # fmt: skip


class Open(_Command):
    """Hear of a conversation from now on."""

    type: Literal["open"]
    conversation: Id


class Close(_Command):
    """No longer."""

    type: Literal["close"]
    conversation: Id


class SetMode(_Command):
    """Change a conversation's mode."""

    type: Literal["mode"]
    conversation: Id
    mode: Mode


class Lock(_Command):
    """Mark a conversation as patient data."""

    type: Literal["lock"]
    conversation: Id
    turn: Id | None = None


class Check(_Command):
    """Judge a draft, without keeping anything of it. `mode`: of the new conversation it would begin."""

    type: Literal["check"]
    id: ClientId
    text: str
    conversation: Id | None = None
    mode: Mode | None = None


class Stop(_Command):
    """End a turn."""

    type: Literal["stop"]
    turn: Id


class Resume(_Command):
    """Hear a turn's events after a number."""

    type: Literal["resume"]
    turn: Id
    after: Seq


class Approve(_Command):
    """Answer a tool call that asked."""

    type: Literal["approve"]
    turn: Id
    call: Annotated[str, StringConstraints(min_length=1, max_length=_NAME_CHARS)]
    allow: bool


class Feedback(_Command):
    """Say what a reply was worth."""

    type: Literal["feedback"]
    turn: Id
    kind: Literal["up", "down", "wrong_place"]


class Ping(_Command):
    """Ask whether anybody is there."""

    type: Literal["ping"]


Command: TypeAlias = Chat | Open | Close | SetMode | Lock | Check | Stop | Resume | Approve | Feedback | Ping
_COMMANDS: Mapping[str, type[Command]] = {
    "chat": Chat, "open": Open, "close": Close, "mode": SetMode, "lock": Lock, "check": Check, "stop": Stop,
    "resume": Resume, "approve": Approve, "feedback": Feedback, "ping": Ping,
}  # fmt: skip


def parse_command(text: str, *, text_chars: int = 32_000, command_bytes: int = 4096) -> Command:
    """Read one frame.

    Args:
        text_chars: limit of the text in `chat` and `check`. command_bytes: limit of every other frame.

    Raises:
        Refused: with `BadInput`, `UnknownType` or `TooLarge`.
    """
    kind, re = _kind_of(text, command_bytes)
    try:
        raw = read_json(text)
    except NotStrict:
        raise Refused(BadInput("This message is not JSON as it is taken here. Reload the page."), re) from None
    if isinstance(raw.get("text"), str) and len(raw["text"]) > text_chars:
        raise Refused(TooLarge(f"A message holds at most {text_chars} characters. Attach longer text as a file."), re)
    command = _validated(kind, raw, re)
    if isinstance(command, Chat) and not command.text.strip() and not command.attachments:
        raise Refused(BadInput("A message needs text or an attachment."), re)
    return command


def _kind_of(text: str, command_bytes: int) -> tuple[type[Command], dict[str, str]]:
    """Which command a frame is, and what an answer can name of it: cheap, before a hostile frame costs anything."""
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(BadInput("This message is not JSON. Reload the page."), {}) from None
    re = _reference(raw)
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise Refused(BadInput("A message is a JSON object with a type. Reload the page."), re)
    kind = _COMMANDS.get(raw["type"])
    if kind is None:
        raise Refused(UnknownType(), re)
    if kind not in (Chat, Check) and len(text.encode()) > command_bytes:
        raise Refused(TooLarge(), re)
    return kind, re


def _validated(kind: type[Command], raw: dict[str, Any], re: Mapping[str, str]) -> Command:
    """The fields as that command. A field we do not know is not named: its name is the sender's words."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]} & kind.model_fields.keys()
        named = ", ".join(sorted(wrong)) or "one it does not have"
        raise Refused(BadInput(f"A field of this message does not fit: {named}. Reload the page."), re) from None


class Refused(Exception):
    """A frame that is no command: the error, and what of it can be named in the answer."""

    def __init__(self, error: ChatError, re: Mapping[str, str]) -> None:
        super().__init__(error.code)
        self.error = error
        self.re = dict(re)


def _reference(raw: object) -> dict[str, str]:
    """Type and id or turn of a frame, as far as they are short words: what `error.re` repeats."""
    if not isinstance(raw, dict):
        return {}
    return {
        name: raw[name]
        for name in ("type", "id", "turn", "conversation")
        if isinstance(raw.get(name), str) and len(raw[name]) <= _NAME_CHARS
    }


def reference_of(command: Command) -> dict[str, str]:
    """What an `error` that answers this command repeats of it."""
    return _reference(command.model_dump(include={"type", "id", "turn", "conversation"}))


# --- server to browser -----------------------------------------------------------------------------------------------


def to_json(frame: Mapping[str, Any]) -> str:
    """One frame as text."""
    return orjson.dumps(frame).decode()


def event_fields(event: Event) -> dict[str, Any]:
    """An event's own fields under their wire names."""
    fields = asdict(event)
    if isinstance(event, Fallback):
        fields["from"] = fields.pop("origin")
    if fields.get("position", 0) is None:
        del fields["position"]
    return fields


def event_frame(turn: str, first: int, seq: int, event: Event, blocks: Sequence[Any] | None = None) -> str:
    """A turn's event. `first`: of a delta that stands for several. `blocks`: what changed of its Markdown."""
    if type(event) is Delta and blocks is None and first == seq:  # the hot path
        return orjson.dumps({"type": "delta", "turn": turn, "seq": seq, "text": event.text}).decode()
    frame = {"type": event.type, "turn": turn, "seq": seq, **event_fields(event)}
    if first != seq:
        frame["first"] = first
    if blocks is not None:
        frame["blocks"] = blocks
    return to_json(frame)


def reset_frame(turn: str, seq: int, text: str, blocks: Sequence[Any] | None) -> str:
    """What stands of a turn up to its event `seq`; replaces all that was shown of it."""
    frame: dict[str, Any] = {"type": "reset", "turn": turn, "seq": seq, "text": text}
    if blocks is not None:
        frame["blocks"] = blocks
    return to_json(frame)


def conversation_fields(conversation: Conversation) -> dict[str, Any]:
    """A conversation as lists and `conversation` frames show it."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "mode": conversation.mode,
        "locked": conversation.locked,
        "locked_by": conversation.locked_by,
    }


def conversation_frame(conversation: Conversation, incident: Incident | None = None) -> str:
    """A conversation as it is now. `incident`: for who reported one of its messages, how many requests had left."""
    frame = {"type": "conversation", **conversation_fields(conversation)}
    if incident is not None:
        frame["incident"] = {"turn": incident.turn, "requests": incident.count}
    return to_json(frame)


def checked_frame(id: str, text: str, checked: Checked) -> str:
    """The answer to a `check`; places are counted in UTF-16 units, as the browser counts."""
    places = _utf16_places(text)
    findings = [
        {"kind": finding.kind, "start": places(finding.start), "end": places(finding.end)}
        for finding in checked.judgement.findings
    ]
    route = event_fields(checked.route)
    return to_json(
        {"type": "checked", "id": id, "verdict": checked.judgement.verdict, "findings": findings, "route": route}
    )


def _utf16_places(text: str) -> Callable[[int], int]:
    """Code points ─▶ UTF-16 units; the same number wherever the text has no character beyond the basic plane."""
    if text.isascii():
        return lambda place: place
    return lambda place: len(text[:place].encode("utf-16-le", "surrogatepass")) // 2


def error_fields(error: ChatError) -> dict[str, Any]:
    """An error's fields, for frames and HTTP bodies alike."""
    fields: dict[str, Any] = {"code": error.code, "message": str(error), "retryable": error.retryable}
    if error.retry_after_s is not None:
        fields["retry_after_s"] = round(error.retry_after_s, 1)
    return fields


def error_frame(error: ChatError, re: Mapping[str, str]) -> str:
    """An error that ends no turn: nothing was stored or changed."""
    return to_json({"type": "error", **error_fields(error), "re": dict(re)})
