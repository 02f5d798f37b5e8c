"""CompletionRequest ─▶ ClearedRequest | StaysLocal: the one place that lets a request out of the house.

The whole outgoing request is judged (system text, tools, history, tool data, whole attachments), anew for each round.
How identifiers are found is `detect.py`; what a latched conversation means for routing is `router/route.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, final

import orjson

from chatapp.events import Verdict
from chatapp.messages import Attachment, CompletionRequest, Message, Part, Text, ToolCall, ToolResult, VerbatimThinking
from chatapp.ports import Detector, Finding

_SEAL: Final = object()
BUDGET_BYTES: Final = 262_144
"""More text than this in one request is not read: it stays, as `unknown`."""
_REMEMBERED_PARTS: Final = 4096
_JOINED_CHARS: Final = 4000
_SEALS: Final = ("signature", "data")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_NUMBERED_BY_A_SERVER: Final = re.compile(r"(?:call|toolu|chatcmpl-tool)[-_][A-Za-z0-9]{1,64}")


@final
class ClearedRequest:
    """A request as it may leave the building. Only `PrivacyGate.judge` makes one, and nobody alters or copies it."""

    __slots__ = ("detector", "payload")
    payload: CompletionRequest
    detector: str

    def __init__(self, payload: CompletionRequest, *, detector: str, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only the privacy gate clears a request")
        object.__setattr__(self, "payload", payload)
        object.__setattr__(self, "detector", detector)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("a clearance has no other kinds")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("what was cleared stays as it was judged")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("what was cleared stays as it was judged")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a clearance is neither copied nor stored: it is of one request, at one time")

    def fingerprint(self) -> tuple[int, str]:
        """Bytes and SHA-256 of the payload, for the egress ledger."""
        body = orjson.dumps(self.payload)
        return len(body), hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found in a text or a request. `findings` are empty for a request: places mean nothing across parts."""

    verdict: Verdict
    kinds: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


CLEAR: Final = Judgement("clear")
UNKNOWN: Final = Judgement("unknown")


@dataclass(frozen=True, slots=True)
class StaysLocal:
    """A request that no cloud provider can be handed. `latched`: the conversation already was."""

    payload: CompletionRequest
    judgement: Judgement
    latched: bool = False


class PrivacyGate:
    """Judges requests with a detector; whatever it cannot read, or cannot read in time, stays.

    Args:
        detect: finds identifiers in one text. version: of the detector, for the ledger.
    """

    def __init__(self, detect: Detector, *, version: str = "0", budget_bytes: int = BUDGET_BYTES) -> None:
        self._detect = detect
        self._budget_bytes = budget_bytes
        self._remembered: OrderedDict[bytes, Judgement] = OrderedDict()
        self.version = version

    def __repr__(self) -> str:
        return f"<PrivacyGate detector {self.version}, {len(self._remembered)} parts remembered>"

    def examine(self, text: str) -> Judgement:
        """Judge one text. Never raises: a detector that fails, or a text that is none, means `unknown`."""
        if _bytes_of(text) > self._budget_bytes or not _is_whole(text):
            return UNKNOWN
        try:
            findings = tuple(self._detect(text))
        except Exception:  # noqa: BLE001 - whatever a rule trips over, the answer is the same: it stays
            return UNKNOWN
        if not findings:
            return CLEAR
        return Judgement("sensitive", tuple(sorted({finding.kind for finding in findings})), findings)

    def judge(self, request: CompletionRequest, *, latched: bool = False) -> ClearedRequest | StaysLocal:
        """Clear the request, or say why it stays. A latched conversation's request always stays."""
        judgement = self._judge_texts(list(_texts_of(request)))
        if latched or judgement.verdict != "clear":
            return StaysLocal(request, judgement, latched)
        return ClearedRequest(request, detector=self.version, seal=_SEAL)

    def judge_file(self, file: Attachment) -> Judgement:
        """Judge a file as it comes in. It is remembered: a question that carries the file reads little anew."""
        return self._judge_texts(list(_texts_of_part(file)))

    def _judge_texts(self, texts: Sequence[str]) -> Judgement:
        """One judgement of many texts: the worst."""
        if sum(map(_bytes_of, texts)) > self._budget_bytes:
            return UNKNOWN
        judgements = [self._recall(text) for text in texts]
        kinds = sorted({kind for judgement in judgements for kind in judgement.kinds})
        if kinds:
            return Judgement("sensitive", tuple(kinds))
        return UNKNOWN if UNKNOWN in judgements else CLEAR

    def _recall(self, text: str) -> Judgement:
        """Judge a part, once: only new text and the joins cost anything in a later round."""
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        known = self._remembered.get(key)
        if known is None:
            examined = self.examine(text)
            known = Judgement(examined.verdict, examined.kinds)
            self._remembered[key] = known
            if len(self._remembered) > _REMEMBERED_PARTS:
                self._remembered.popitem(last=False)
        return known


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _is_whole(text: str) -> bool:
    """Whether it can be written as UTF-8: half a letter is nothing that anybody has read."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts_of(request: CompletionRequest) -> Iterator[str]:
    """Every text that would leave, and the joins across which an identifier may be split."""
    yield from (request.model, request.system)
    for tool in request.tools:
        yield from (tool.name, tool.description, tool.parameters_json)
    for message in request.messages:
        for part in message.parts:
            yield from _texts_of_part(part)
    yield _joined_questions(request.messages)


def _texts_of_part(part: Part) -> Sequence[str]:
    match part:
        case Text(text):
            return (text,)
        case VerbatimThinking(provider, model, block):
            return (provider, model, _without_its_seal(block))
        case ToolCall(id=call, name=name, arguments_json=arguments):
            return (_unless_numbering(call), name, arguments)
        case ToolResult(call=call, name=name, content=content):
            return (_unless_numbering(call), name, content)
        case Attachment(alias=alias, name=name, summary=summary, text=text):
            return (alias, name, summary, text)


def _without_its_seal(block: str) -> str:
    """A reasoning block without the random letters that its maker signed or sealed it with, and gets back.

    In some of a hundred of them something looks like an identifier, and would lock a conversation that holds none.
    """
    try:
        fields = orjson.loads(block)
    except orjson.JSONDecodeError:
        return block
    if not isinstance(fields, dict):
        return block
    kept = {name: value for name, value in fields.items() if not (name in _SEALS and _is_sealed(value))}
    return orjson.dumps(kept).decode()


def _is_sealed(value: object) -> bool:
    return isinstance(value, str) and _BASE64.fullmatch(value) is not None


def _unless_numbering(call: str) -> str:
    """A call's id, which a caller of the library may choose; nothing where a model server numbered it.

    Random digits would sooner or later be taken for a record number, and lock a conversation that holds none.
    """
    return "" if _NUMBERED_BY_A_SERVER.fullmatch(call) else call


def _joined_questions(messages: Sequence[Message]) -> str:
    """The person's last messages as one text: a number typed in two halves is one number."""
    said = [part.text for message in messages if message.role == "user" for part in message.parts if type(part) is Text]
    return "\n".join(said)[-_JOINED_CHARS:] if len(said) > 1 else ""
