"""Words that rooms exchange: what a provider says, how it is, what a tool is, what is stored, and the store's Protocol.

No room imports another one's implementation to get at these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import Field

from chatapp.errors import Outcome
from chatapp.events import Delta, Egress, Thinking
from chatapp.messages import (
    Conversation,
    Finding,
    LockedBy,
    Mode,
    ProviderWish,
    ToolCall,
    ToolSpec,
    Usage,
    VerbatimThinking,
)

Clock = Callable[[], float]
"""Seconds; whether monotonic or since 1970 is said where it is taken."""

__all__ = ["Finding", "Outcome"]


# --- privacy ---------------------------------------------------------------------------------------------------------


Detector = Callable[[str], Sequence[Finding]]
"""Findings in a text, sorted and disjoint."""


@dataclass(frozen=True, slots=True)
class EgressRecord:
    """What is about to leave the house, written before it leaves; never the text.

    Args:
        at: seconds since 1970. payload_sha256: of the request as judged. payload_bytes: its size.
        decision: the route's rule. detector: the version of the gate's. estimated_tokens: of the payload.
    """

    at: float
    owner: str
    conversation: str | None
    turn: str | None
    provider: str
    host: str
    model: str
    payload_bytes: int
    payload_sha256: str
    decision: str
    detector: str
    estimated_tokens: int = 0
    kind: Literal["opened"] = "opened"


HowEnded = Literal["completed", "failed", "stopped", "unsent"]


@dataclass(frozen=True, slots=True)
class EgressEnd:
    """What became of a request that was recorded.

    Args:
        opening: the number of its `EgressRecord` in the same chain.
        ended: `stopped` by a person, the latch or the shutdown; `unsent`: recorded, and then not even begun.
        code: of the error it failed with. prompt_tokens, completion_tokens: as the provider counted them.
        received_bytes: of what came back, as UTF-8.
    """

    at: float
    owner: str
    conversation: str | None
    turn: str | None
    opening: int
    ended: HowEnded
    code: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    received_bytes: int = 0
    kind: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class Incident:
    """Somebody said afterwards that a turn was patient data: which requests had carried it out by then.

    Args:
        requests: `chain#number` of each. before_chain: how many more there are from before records were chained.
    """

    at: float
    owner: str
    conversation: str
    turn: str
    requests: tuple[str, ...] = ()
    before_chain: int = 0
    kind: Literal["incident"] = "incident"

    @property
    def count(self) -> int:
        """How many requests had left."""
        return len(self.requests) + self.before_chain


LedgerEntry = Annotated[EgressRecord | EgressEnd | Incident, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain is, and the hash of its last record."""

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count}:{self.hash}"


NOTHING_YET: Final = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A link of the chain `chain`, as it is stored.

    Args:
        position: 1, 2, 3 … entry: a `LedgerEntry` as JSON. The fields between repeat parts of it, to be looked for.
        prev_hash: `hash` of the record before. hash: over all the other fields, under the ledger's key.
    """

    chain: str
    position: int
    kind: str
    at: float
    conversation: str | None
    turn: str | None
    entry: str
    prev_hash: str
    hash: str

    @property
    def head(self) -> Head:
        """The chain's head as long as this is its last record."""
        return Head(self.position, self.hash)


@dataclass(frozen=True, slots=True)
class WrittenHead:
    """A head as it is kept outside the database. `seal`: over it and the chain's name, under the ledger's key."""

    head: Head
    seal: str


class Sealer(Protocol):
    """Makes the links of one chain: of this node, under one key."""

    @property
    def chain(self) -> str:
        """The chain's name."""

    def link(self, entry: LedgerEntry, after: Head) -> SealedRecord:
        """The next record."""

    def entry_of(self, record: SealedRecord) -> LedgerEntry:
        """What a record says.

        Raises:
            ValueError: it says nothing that can be read.
        """

    def write_head(self, head: Head) -> WrittenHead:
        """A head to be kept elsewhere."""

    def wrote(self, written: WrittenHead) -> bool:
        """Whether a head that was kept elsewhere is ours."""


@dataclass(frozen=True, slots=True)
class OpenedEgress:
    """A request whose record stands, as the link of the chain that it is."""

    record: EgressRecord
    link: SealedRecord


class EgressLedger(Protocol):
    """Where it is written what leaves."""

    async def open_egress(self, record: EgressRecord) -> OpenedEgress:
        """Write what is about to leave. No record, no call.

        Raises:
            StorageUnavailable, StorageFull: it does not stand, or what stands has been altered.
        """

    def close_egress(self, opened: OpenedEgress, end: EgressEnd) -> None:
        """Write what became of it: soon, before all that is written later, and again if it fails. Nobody waits."""


class LedgerReading(Protocol):
    """How the chain of this node is looked at."""

    async def written_head(self, chain: str) -> WrittenHead | None:
        """A chain's head as it is kept outside the database.

        Raises:
            StorageUnavailable: it cannot be read.
        """

    async def ledger_after(self, chain: str, after: int) -> list[SealedRecord]:
        """The next records of a chain, in order: a page of them, none at its end."""

    def settle_egress(self) -> None:
        """Write what is still to be written."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Something an operator or user did that someone may ask about later. `subject`: an id or a name."""

    at: float
    owner: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AirgapProof:
    """What the last try to get out of an airgapped process came to.

    Args:
        at: when, in seconds since 1970. since: the first of the unbroken row of tries that were all refused.
        hole: what was not refused, for operators; None where everything was, and `since` then stands.
        refused: ways out that something besides the proof tried since the start. last_refused: the latest of them,
            host and port, for operators.
    """

    at: float
    since: float | None
    hole: str | None = None
    refused: int = 0
    last_refused: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing gets out."""
        return self.hole is None


# --- providers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loading:
    """The model is being read into memory; the first token will take longer."""

    model: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The provider's real end mark: nothing else is success.

    Args:
        finish: `refused` where the model declined.
        thinking: its reasoning blocks, to be sent back within this tool loop.
    """

    finish: Literal["stop", "length", "tool_calls", "refused"]
    usage: Usage
    thinking: tuple[VerbatimThinking, ...] = ()


ProviderEvent = Delta | Thinking | Loading | ToolCall | Completed
"""Text and reasoning travel unchanged from the provider to the browser: what arrived together is one `Delta`."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a prompt-free probe found.

    Args:
        models: names it can answer with, `name` or `name:tag`. loaded: those in memory now.
        not_local: names it lists that really run elsewhere; never among `models`.
        error: for operators: a class name, a status; None where it is well. outcome: for the breaker.
    """

    available: bool
    latency_ms: float | None = None
    models: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    not_local: tuple[str, ...] = ()
    error: str | None = None
    outcome: Outcome = "succeeded"


BreakerName = Literal["closed", "open", "half_open", "misconfigured", "held"]


@dataclass(frozen=True, slots=True)
class BreakerView:
    """A circuit breaker as the panel shows it. `retry_in_s`: seconds until the next trial, None unless open."""

    state: BreakerName
    failures: int
    threshold: int
    retry_in_s: float | None = None


# --- tools -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a tool answers: compact JSON or plain text, for the model and the page alike."""

    content: str
    ok: bool = True


class Tool(Protocol):
    """Something a model may have done for it."""

    @property
    def spec(self) -> ToolSpec:
        """As the model sees it."""

    @property
    def egress(self) -> Egress:
        """Where its arguments go."""

    @property
    def writes(self) -> bool:
        """Whether it changes anything outside the conversation."""

    @property
    def approval(self) -> bool:
        """Whether a person is asked before each call."""

    @property
    def file_arguments(self) -> tuple[str, ...]:
        """Arguments that may name an attachment (`a1`); the server puts the file's text in their place."""

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutput:
        """Do it. `arguments` fit the schema.

        Raises:
            ToolFailed: it could not; the message is for the user and holds none of the arguments.
        """


# --- the store -------------------------------------------------------------------------------------------------------

TurnState = Literal["queued", "running", "done", "stopped", "interrupted", "error"]


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question and the state of its answer.

    Args:
        turn: the server's id. client_id: the browser's, unique for its owner. parent: the turn it follows.
        wish: the provider asked for. position: order of arrival within the conversation, from 1.
        last_seq: number of events stored. created_at: seconds since 1970.
        node, lease_until: which process runs it, and until when (seconds since 1970) that is believed.
    """

    turn: str
    conversation: str
    owner: str
    client_id: str
    parent: str | None
    text: str
    wish: ProviderWish
    attachments: tuple[str, ...]
    state: TurnState
    position: int
    last_seq: int
    created_at: float
    node: str | None = None
    lease_until: float | None = None


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A question to be stored. `conversation`: None makes one, of `mode`. `sibling_of`: a turn it replaces."""

    turn: str
    owner: str
    client_id: str
    text: str
    conversation: Conversation
    new_conversation: bool
    parent: str | None
    sibling_of: str | None
    wish: ProviderWish
    attachments: tuple[str, ...]
    state: TurnState
    node: str
    lease_until: float
    created_at: float


@dataclass(frozen=True, slots=True)
class LogRow:
    """Events `first`..`seq` of a turn: one event, or a run of deltas (or thinking) as one row.

    Args:
        payload: the event as JSON; for a run, its joined text and where each event ends in it (`chat/log.py`).
    """

    turn: str
    first: int
    seq: int
    type: str
    payload: str


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """A file somebody handed in. `turn`: the one that used it, None before. `text`: the whole of it."""

    id: str
    owner: str
    name: str
    kind: Literal["table", "text"]
    summary: str
    text: str
    rows: int
    verdict: str
    created_at: float


class Store(EgressLedger, Protocol):
    """Where everything stays. Every read and write names its owner; what is not theirs is not there.

    Writes return when they are committed. All raise `StorageUnavailable` or `StorageFull` where they could not be.
    """

    async def add_turn(self, new: NewTurn, rows: Sequence[LogRow]) -> StoredTurn:
        """Store a question with its first events, and its conversation where that is new, in one transaction.

        Where (owner, client_id) is there already nothing is stored and that turn is returned: compare `turn`.
        `parent` None follows the newest leaf; `sibling_of` takes that turn's parent.

        Raises:
            NotFound: conversation, parent, sibling or an attachment is not there for this owner.
        """

    async def append(self, owner: str, rows: Sequence[LogRow], *, state: TurnState | None = None) -> None:
        """Add rows of one turn's log, and set its state. Rows are never changed afterwards."""

    async def set_state(self, owner: str, turn: str, state: TurnState, *, lease_until: float | None = None) -> None:
        """Say where a turn stands."""

    async def turn(self, owner: str, turn: str) -> StoredTurn:
        """One turn.

        Raises:
            NotFound: there is none for this owner.
        """

    async def turns(self, owner: str, conversation: str) -> list[StoredTurn]:
        """All turns of a conversation, in order of arrival."""

    async def log(self, owner: str, turn: str, after: int = 0) -> list[LogRow]:
        """Rows of a turn's log that hold any event beyond `after`, in order."""

    async def logs(self, owner: str, conversation: str) -> dict[str, list[LogRow]]:
        """The logs of all turns of a conversation, by turn."""

    async def conversation(self, owner: str, conversation: str) -> Conversation:
        """One conversation.

        Raises:
            NotFound: there is none for this owner, or it is deleted.
        """

    async def conversations(
        self, owner: str, *, query: str = "", before: float | None = None, limit: int = 50
    ) -> list[Conversation]:
        """Newest first. `query`: words looked for in the title. `before`: `updated_at` of the last one shown."""

    async def set_mode(self, owner: str, conversation: str, mode: Mode) -> Conversation:
        """Change the mode; of a latched conversation it stays `local`."""

    async def latch(self, owner: str, conversation: str, by: LockedBy, title: str) -> Conversation:
        """Mark it local for good, with a neutral title. The first mark stands; a second call changes nothing."""

    async def set_title(self, owner: str, conversation: str, title: str) -> Conversation:
        """Rename it."""

    async def set_deleted(self, owner: str, conversation: str, deleted: bool) -> Conversation:
        """Delete it, or take that back within an hour.

        Raises:
            NotFound: there is none, or the hour is over.
        """

    async def add_attachment(self, attachment: StoredAttachment) -> None:
        """Keep a file that was handed in."""

    async def attachments(self, owner: str, ids: Sequence[str]) -> list[StoredAttachment]:
        """Files, in the order asked for.

        Raises:
            NotFound: one is not there for this owner.
        """

    async def add_feedback(self, owner: str, turn: str, kind: str, at: float) -> None:
        """Note what somebody thought of a reply."""

    async def record_incident(self, owner: str, conversation: str, turn: str, at: float) -> Incident:
        """Write that a turn was patient data, with the requests that carried it; the first word of a turn stands.

        Raises:
            NotFound: there is no such turn in this conversation of this owner.
        """

    async def record_audit(self, record: AuditRecord) -> None:
        """Write what somebody did."""

    async def sweep(self, node: str, now: float, payload: str) -> list[str]:
        """End the turns that `node` was running when it died, and those whose lease is over; return their ids.

        They become `interrupted`, and `payload` (a `done` event as JSON) the last row of their log, in one transaction.
        """

    async def ping(self) -> bool:
        """Whether it takes writes now."""
