"""Questions, rows and files as the store is handed them: only what a test is about needs to be said."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import count
from typing import Any

from chatapp.messages import Conversation, Mode
from chatapp.ports import AuditRecord, EgressRecord, LogRow, NewTurn, StoredAttachment

NOON = 1_800_000_000.0
_numbers = count(1)


def conversation(
    id: str = "c1", owner: str = "ann", *, title: str = "Shifts in May", mode: Mode = "hybrid"
) -> Conversation:
    return Conversation(id, owner, title, mode, created_at=NOON, updated_at=NOON)


def question(owner: str = "ann", **changes: Any) -> NewTurn:
    """A question with a number of its own, in the conversation `c1`, which is there already."""
    number = next(_numbers)
    made = NewTurn(
        turn=f"t{number}",
        owner=owner,
        client_id=f"k{number}",
        text="How many hours did I work?",
        conversation=conversation(owner=owner),
        new_conversation=False,
        parent=None,
        sibling_of=None,
        wish="auto",
        attachments=(),
        state="running",
        node="node-1",
        lease_until=NOON + 60,
        created_at=NOON,
    )
    return replace(made, **changes)


def opening_question(id: str = "c1", owner: str = "ann", **changes: Any) -> NewTurn:
    """A question that begins the conversation `id`."""
    return question(owner, conversation=conversation(id, owner), new_conversation=True, **changes)


def row(turn: str, seq: int, type: str = "delta", *, first: int | None = None, payload: str = "{}") -> LogRow:
    return LogRow(turn, seq if first is None else first, seq, type, payload)


def rows(turn: str, upto: int) -> list[LogRow]:
    return [row(turn, seq) for seq in range(1, upto + 1)]


def attachment(id: str = "f1", owner: str = "ann") -> StoredAttachment:
    return StoredAttachment(id, owner, "may.csv", "table", "2 columns, 31 rows", "day,hours\n1,12\n", 31, "clear", NOON)


def egress_record(owner: str = "ann") -> EgressRecord:
    return EgressRecord(
        NOON, owner, "c1", "t1", "anthropic", "127.0.0.1", "m", 120, "ab" * 32, "cleared", "detector-1", 30
    )


def row_from_before_the_chain(owner: str = "ann", turn: str = "t1") -> dict[str, Any]:
    """A row as the first version wrote it."""
    old = asdict(replace(egress_record(owner), turn=turn))
    return {name: value for name, value in old.items() if name not in ("kind", "estimated_tokens")}


def audit_record(owner: str = "ann") -> AuditRecord:
    return AuditRecord(NOON, owner, "breaker_reset", "ollama")
