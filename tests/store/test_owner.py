"""What is not yours is not there: every method of the store, called with somebody else's ids."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from chatapp.errors import NotFound
from chatapp.ports import EgressLedger, NewTurn, Store
from chatapp.store.database import Database
from chatapp.store.schema import metadata
from tests.store.samples import NOON, attachment, audit_record, conversation, egress_record, question, row

Call = Callable[[Store], Awaitable[object]]

ANNS = conversation("c1", "ann")

REFUSED: dict[str, Call] = {
    "add_turn": lambda store: store.add_turn(question("ben", conversation=ANNS), []),
    "add_turn, her new conversation": lambda store: store.add_turn(
        question("ben", conversation=ANNS, new_conversation=True), []
    ),
    "add_turn, her parent": lambda store: store.add_turn(bens_question(parent="t-ann"), []),
    "add_turn, her sibling": lambda store: store.add_turn(bens_question(sibling_of="t-ann"), []),
    "add_turn, her attachment": lambda store: store.add_turn(bens_question(attachments=("f-ann",)), []),
    "add_turn, her turn": lambda store: store.add_turn(bens_question(turn="t-ann"), []),
    "append": lambda store: store.append("ben", [row("t-ann", 2)]),
    "append, with a state": lambda store: store.append("ben", [row("t-ann", 2)], state="done"),
    "set_state": lambda store: store.set_state("ben", "t-ann", "error", lease_until=1.0),
    "turn": lambda store: store.turn("ben", "t-ann"),
    "conversation": lambda store: store.conversation("ben", "c1"),
    "set_mode": lambda store: store.set_mode("ben", "c1", "cloud"),
    "latch": lambda store: store.latch("ben", "c1", "user", "Conversation 12:00"),
    "set_title": lambda store: store.set_title("ben", "c1", "Mine"),
    "set_deleted": lambda store: store.set_deleted("ben", "c1", True),
    "add_attachment": lambda store: store.add_attachment(attachment("f-ann", "ben")),
    "attachments": lambda store: store.attachments("ben", ["f-ann"]),
    "add_feedback": lambda store: store.add_feedback("ben", "t-ann", "up", NOON),
    "record_incident": lambda store: store.record_incident("ben", "c1", "t-ann", NOON),
    "record_incident, her turn": lambda store: store.record_incident("ben", "c2", "t-ann", NOON),
}
EMPTY: dict[str, Call] = {
    "turns": lambda store: store.turns("ben", "c1"),
    "log": lambda store: store.log("ben", "t-ann"),
    "logs": lambda store: store.logs("ben", "c1"),
    "conversations": lambda store: store.conversations("ben", query="ann"),
}
OF_NOBODY = {"sweep", "ping", "open_egress", "close_egress", "record_audit"}
"""They take no id of anything that could be somebody else's."""


def bens_question(**changes: Any) -> NewTurn:
    return question("ben", conversation=conversation("c2", "ben"), **changes)


async def fill(store: Store) -> None:
    """Everything twice: once Ann's, once Ben's."""
    for owner, id in (("ann", "c1"), ("ben", "c2")):
        await store.add_attachment(attachment(f"f-{owner}", owner))
        its = replace(conversation(id, owner), title=f"Of {owner}")
        new = question(owner, turn=f"t-{owner}", conversation=its, new_conversation=True, attachments=(f"f-{owner}",))
        await store.add_turn(new, [row(new.turn, 1)])
        await store.add_feedback(owner, new.turn, "up", NOON)
        await store.open_egress(egress_record(owner))
        await store.record_audit(audit_record(owner))


async def everything(database: Database) -> dict[str, list[object]]:
    def all_rows(connection: Connection) -> dict[str, list[object]]:
        return {name: list(connection.execute(select(table))) for name, table in metadata.tables.items()}

    return await database.read(all_rows)


@pytest.mark.parametrize("name", REFUSED)
async def test_somebody_elses_ids_are_not_found_and_nothing_changes(database: Database, name: str) -> None:
    await fill(database)
    before = await everything(database)
    with pytest.raises(NotFound):
        await REFUSED[name](database)
    assert await everything(database) == before


@pytest.mark.parametrize("name", EMPTY)
async def test_somebody_elses_ids_hold_nothing(database: Database, name: str) -> None:
    await fill(database)
    assert not await EMPTY[name](database)


def test_no_method_of_the_store_is_left_out() -> None:
    methods = {name for kind in (Store, EgressLedger) for name in vars(kind) if not name.startswith("_")}
    assert {name.partition(",")[0] for name in (*REFUSED, *EMPTY)} | OF_NOBODY == methods


async def test_an_invented_id_and_somebody_elses_are_refused_alike(database: Database) -> None:
    await fill(database)
    refusals = []
    for id in ("c1", "invented"):
        with pytest.raises(NotFound) as refusal:
            await database.conversation("ben", id)
        refusals.append((type(refusal.value), str(refusal.value)))
    assert refusals[0] == refusals[1]
