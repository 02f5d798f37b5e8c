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
from typing import Final, NamedTuple, NoReturn, final

import orjson

from chatapp.events import Verdict
from chatapp.messages import (
    Attachment,
    CompletionRequest,
    Part,
    Role,
    Text,
    ToolCall,
    ToolResult,
    VerbatimThinking,
)
from chatapp.ports import Detector, Finding

_SEAL: Final = object()
BUDGET_BYTES: Final = 262_144
"""More text than this in one request is not read: it stays, as `unknown`."""
_REMEMBERED_PARTS: Final = 16_384
_SEAM_CHARS: Final = 160
_GLUE_CHARS: Final = 40
_WORD_CHARS: Final = 24
_GAP: Final = re.compile(r"\s")
_OF_NUMBERS: Final = frozenset("0123456789-/.")
_SEAMS_BYTES: Final = 4 * BUDGET_BYTES
"""So many tiny messages that their seams come to more than this are not read either."""
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


class Piece(NamedTuple):
    """A text that is judged by itself. `reply`: a model wrote it."""

    text: str
    reply: bool = False


class PrivacyGate:
    """Judges requests with a detector; whatever it cannot read, or cannot read in time, stays.

    Args:
        detect: finds identifiers in one text. version: of the detector, for the ledger.
        detect_in_reply: the same for what a model wrote, who has read nothing that was not judged; None: as above.
    """

    def __init__(
        self,
        detect: Detector,
        *,
        detect_in_reply: Detector | None = None,
        version: str = "0",
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        self._detect = detect
        self._detect_in_reply = detect_in_reply or detect
        self._budget_bytes = budget_bytes
        self._remembered: OrderedDict[tuple[bytes, bool], Judgement] = OrderedDict()
        self._salt = hashlib.blake2b(version.encode(), digest_size=16).digest()
        self.version = version

    def __repr__(self) -> str:
        return f"<PrivacyGate detector {self.version}, {len(self._remembered)} parts remembered>"

    def examine(self, text: str, *, reply: bool = False) -> Judgement:
        """Judge one text. Never raises: a detector that fails, or a text that is none, means `unknown`.

        Args:
            reply: a model wrote it.
        """
        if _bytes_of(text) > self._budget_bytes or not _is_whole(text):
            return UNKNOWN
        try:
            findings = tuple((self._detect_in_reply if reply else self._detect)(text))
        except Exception:  # noqa: BLE001 - whatever a rule trips over, the answer is the same: it stays
            return UNKNOWN
        if not findings:
            return CLEAR
        return Judgement("sensitive", tuple(sorted({finding.kind for finding in findings})), findings)

    def judge(self, request: CompletionRequest, *, latched: bool = False) -> ClearedRequest | StaysLocal:
        """Clear the request, or say why it stays. A latched conversation's request always stays."""
        judgement = self._judge_texts(*_read_from(request))
        if latched or judgement.verdict != "clear":
            return StaysLocal(request, judgement, latched)
        return ClearedRequest(request, detector=self.version, seal=_SEAL)

    def judge_text(self, text: str) -> Judgement:
        """Judge a text that will be judged again: it is remembered, its findings' places are not."""
        return self._recall(Piece(text))

    def examine_reply(self, text: str) -> Judgement:
        """Judge a piece of what a model is writing."""
        return self.examine(text, reply=True)

    def judge_file(self, file: Attachment) -> Judgement:
        """Judge a file as it comes in. It is remembered: a question that carries the file reads little anew."""
        return self.judge_parts((file,))

    def judge_parts(self, parts: Sequence[Part]) -> Judgement:
        """Judge what came back, from a model or a tool. It is remembered, as a file is."""
        return self._judge_texts(
            [piece for part in parts for piece in _pieces_of(part, reply=not _came_in(part, "tool"))]
        )

    def unread(self, request: CompletionRequest) -> int:
        """How many characters of a request are new to the detector; none where it is too long to be read at all."""
        texts, seams = _read_from(request)
        if self._is_over_budget(texts, seams):
            return 0
        return sum(len(piece.text) for piece in (*texts, *seams) if self._key(piece) not in self._remembered)

    def _judge_texts(self, texts: Sequence[Piece], seams: Sequence[Piece] = ()) -> Judgement:
        """One judgement of many texts: the worst."""
        if self._is_over_budget(texts, seams):
            return UNKNOWN
        judgements = [self._recall(piece) for piece in (*texts, *seams)]
        kinds = sorted({kind for judgement in judgements for kind in judgement.kinds})
        if kinds:
            return Judgement("sensitive", tuple(kinds))
        return UNKNOWN if UNKNOWN in judgements else CLEAR

    def _is_over_budget(self, texts: Sequence[Piece], seams: Sequence[Piece]) -> bool:
        return _all_bytes(texts) > self._budget_bytes or _all_bytes(seams) > _SEAMS_BYTES

    def _recall(self, piece: Piece) -> Judgement:
        """Judge a part, once: only new text and its seams cost anything in a later round."""
        key = self._key(piece)
        known = self._remembered.get(key)
        if known is None:
            examined = self.examine(piece.text, reply=piece.reply)
            known = CLEAR if examined == CLEAR else Judgement(examined.verdict, examined.kinds)
            self._remembered[key] = known
            if len(self._remembered) > _REMEMBERED_PARTS:
                self._remembered.popitem(last=False)
        return known

    def _key(self, piece: Piece) -> tuple[bytes, bool]:
        """What a text is remembered by: its hash together with the detector's version, and its author."""
        text = piece.text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=16, person=self._salt).digest(), piece.reply


def _all_bytes(pieces: Sequence[Piece]) -> int:
    return sum(_bytes_of(piece.text) for piece in pieces)


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _is_whole(text: str) -> bool:
    """Whether it can be written as UTF-8: half a letter is nothing that anybody has read."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_from(request: CompletionRequest) -> tuple[list[Piece], list[Piece]]:
    """Every text that would leave, and the seams between them."""
    return list(_texts_of(request)), list(dict.fromkeys(_seams_of(request)))


def _texts_of(request: CompletionRequest) -> Iterator[Piece]:
    """Every text that would leave, each by itself."""
    yield from (Piece(request.model), Piece(request.system))
    for tool in request.tools:
        yield from map(Piece, (tool.name, tool.description, tool.parameters_json))
    for message in request.messages:
        for part in message.parts:
            yield from _pieces_of(part, reply=message.role == "assistant")


def _pieces_of(part: Part, *, reply: bool) -> Iterator[Piece]:
    return (Piece(text, reply) for text in _texts_of_part(part))


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


# --- seams: an identifier in two halves is one identifier -------------------------------------------------------------


def _seams_of(request: CompletionRequest) -> Iterator[Piece]:
    """What stands around each place where one text ends and the next begins.

    Three threads are followed: what the person typed, what came in (files and tool results too), and all that a model
    reads, its own replies among it. A number that was sent in two halves is also read in one piece.
    """
    typed: list[str] = []
    came_in: list[str] = []
    sent: list[str] = []
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, Text) and message.role == "user":
                typed.append(part.text)
            came_in += _came_in(part, message.role)
            sent += _sent(part)
    yield from map(Piece, _seams(typed, "", _GLUE_CHARS))
    for thread in (typed, came_in):
        yield from map(Piece, _seams(thread, "\n", _SEAM_CHARS))
    yield from (Piece(seam, reply=True) for seam in _seams(sent, "\n", _SEAM_CHARS))


def _came_in(part: Part, role: Role) -> tuple[str, ...]:
    match part:
        case Text(text) if role == "user":
            return (text,)
        case Attachment(text=text) | ToolResult(content=text):
            return (text,)
        case _:
            return ()


def _sent(part: Part) -> tuple[str, ...]:
    match part:
        case Text(text) | Attachment(summary=text) | ToolCall(arguments_json=text) | ToolResult(content=text):
            return (text,)
        case VerbatimThinking():
            return ()


def _seams(thread: Sequence[str], between: str, reach: int) -> Iterator[str]:
    """For each seam of a thread up to `reach` characters on either side, over as many texts as that takes.

    Without anything `between` only those seams at which a number goes on: glued words would be words nobody wrote.
    """
    texts = [text for text in thread if text]
    before = ""
    for at in range(1, len(texts)):
        before = f"{before}{between}{texts[at - 1]}"[-2 * reach :] if before else texts[at - 1]
        if between or (before[-1] in _OF_NUMBERS and texts[at][0] in _OF_NUMBERS):
            yield f"{_ending(before, reach)}{between}{_beginning(texts, at, between, reach)}"


def _ending(text: str, reach: int) -> str:
    """The last characters, from a whole word on where one begins soon: half a number may look like another one."""
    if len(text) <= reach:
        return text
    start = len(text) - reach
    gap = _GAP.search(text, start - 1, start + _WORD_CHARS)
    return text[gap.end() if gap else start :]


def _beginning(texts: Sequence[str], at: int, between: str, reach: int) -> str:
    """The first characters from text `at` on, up to the end of a whole word where one ends soon before."""
    beginning = texts[at]
    while len(beginning) <= reach and at + 1 < len(texts):
        at += 1
        beginning = f"{beginning}{between}{texts[at][: reach + 1]}"
    if len(beginning) <= reach:
        return beginning
    gaps = [gap.start() for gap in _GAP.finditer(beginning, reach - _WORD_CHARS, reach + 1)]
    return beginning[: gaps[-1] if gaps else reach]
