"""Files and opinions are kept; what left the house, and what was said, cannot be changed by anybody."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Executable, delete, insert, select, update

from chatapp.errors import NotFound, StorageUnavailable
from chatapp.store.database import Database
from chatapp.store.schema import attachments, audit, egress, feedback, metadata, turn_log
from tests.store.samples import (
    NOON,
    attachment,
    audit_record,
    egress_record,
    opening_question,
    question,
    row,
    row_from_before_the_chain,
)


async def test_files_come_back_in_the_order_asked_for(database: Database) -> None:
    files = [attachment(f"f{number}") for number in range(3)]
    for file in files:
        await database.add_attachment(file)
    assert await database.attachments("ann", ["f2", "f0", "f2"]) == [files[2], files[0], files[2]]
    assert await database.attachments("ann", []) == []
    with pytest.raises(NotFound):
        await database.attachments("ann", ["f0", "none"])


async def test_a_file_keeps_the_first_turn_that_used_it(database: Database) -> None:
    await database.add_attachment(attachment())
    first = await database.add_turn(opening_question(attachments=("f1",)), [])
    await database.add_turn(question(attachments=("f1",)), [])
    used_by = await database.read(lambda connection: connection.execute(select(attachments.c.turn)).scalar())
    assert used_by == first.turn


async def test_every_opinion_is_kept(database: Database) -> None:
    turn = (await database.add_turn(opening_question(), [])).turn
    for kind in ("up", "wrong_place"):
        await database.add_feedback("ann", turn, kind, NOON)
    kept = await database.read(lambda connection: connection.execute(select(feedback.c.kind)).scalars().all())
    assert kept == ["up", "wrong_place"]
    with pytest.raises(NotFound):
        await database.add_feedback("ann", "none", "up", NOON)


async def test_the_audit_trail_holds_what_was_recorded(database: Database) -> None:
    await database.record_audit(audit_record())
    done = await database.read(lambda connection: connection.execute(select(audit)).mappings().one())
    assert (done["action"], done["subject"]) == ("breaker_reset", "ollama")


def doing(statement: Executable) -> Callable[[Connection], None]:
    def run(connection: Connection) -> None:
        connection.execute(statement)

    return run


@pytest.mark.parametrize("table", ["turn_log", "ledger", "egress", "audit"])
async def test_what_only_grows_is_neither_changed_nor_deleted_nor_replaced(database: Database, table: str) -> None:
    new = opening_question()
    await database.add_turn(new, [row(new.turn, 1)])
    await database.open_egress(egress_record())
    await database.write(doing(insert(egress).values(row_from_before_the_chain())))
    await database.record_audit(audit_record())
    target = metadata.tables[table]
    before = await database.read(lambda connection: connection.execute(select(target)).all())
    stored = dict(before[0]._mapping)
    owner = "turn" if table == "ledger" else "owner"
    for attempt in (
        update(target).values({owner: "ben"}),
        delete(target),
        insert(target).prefix_with("OR REPLACE").values(stored | {owner: "ben"}),
    ):
        with pytest.raises(StorageUnavailable):
            await database.write(doing(attempt))
    assert await database.read(lambda connection: connection.execute(select(target)).all()) == before


class Backwards:
    """A codec one can see: text stands in the file from its end to its beginning."""

    def encode(self, text: str) -> str:
        return text[::-1]

    def decode(self, stored: str) -> str:
        return stored[::-1]


async def test_no_text_of_a_person_or_a_model_reaches_the_file_around_the_codec(path: Path) -> None:
    database = Database(path, codec=Backwards())
    await database.open()
    canary = "Okonkwo, MRN 4482913"
    file = attachment()
    names = {"name": f"name {canary}", "summary": f"summary {canary}", "text": f"text {canary}"}
    await database.add_attachment(type(file)(**{f: names.get(f, getattr(file, f)) for f in file.__slots__}))
    new = opening_question(text=f"question {canary}")
    await database.add_turn(new, [row(new.turn, 1, payload=f"payload {canary}")])
    await database.set_title("ann", "c1", f"title {canary}")
    await database.add_feedback("ann", new.turn, f"feedback {canary}", NOON)
    await database.sweep("node-1", NOON, f"end {canary}")
    assert [one.title for one in await database.conversations("ann", query="okonkwo")] == [f"title {canary}"]
    assert (await database.turn("ann", new.turn)).text == f"question {canary}"
    assert [logged.payload for logged in await database.log("ann", new.turn)] == [f"payload {canary}", f"end {canary}"]
    assert (await database.attachments("ann", ["f1"]))[0].text == names["text"]
    await database.close()
    with closing(sqlite3.connect(path)) as plain:
        dump = "\n".join(plain.iterdump())
    assert dump.count(canary[::-1]) == 8
    assert canary not in dump


async def test_a_refused_write_says_nothing_of_what_it_held(database: Database) -> None:
    canary = "Okonkwo, MRN 4482913"
    values = {"turn": "none", "seq": 1, "first": 1, "owner": "ann", "type": "delta", "payload": canary}
    with pytest.raises(StorageUnavailable) as refused:
        await database.write(doing(insert(turn_log).values(values)))
    assert canary not in f"{refused.value!r} {refused.value.__cause__}"
