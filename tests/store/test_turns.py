"""Questions are stored once, follow each other as a tree, and their logs grow without gap or repeat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from chatapp.errors import NotFound
from chatapp.ports import LogRow, NewTurn, Store, TurnState
from chatapp.store.database import Database
from chatapp.store.failures import OutOfStep
from chatapp.store.turns import follows
from tests.store.samples import NOON, attachment, opening_question, question, row, rows


async def asked(database: Database, **changes: Any) -> str:
    """Begin the conversation `c1` and return the turn."""
    new = opening_question(**changes)
    await database.add_turn(new, [])
    return new.turn


async def test_a_database_is_a_store(database: Database) -> None:
    store: Store = database
    assert store is database


async def test_a_question_comes_back_as_it_was_stored(database: Database) -> None:
    new = opening_question(text="Ünï\x00cödé 🩺", wish="ollama")
    stored = await database.add_turn(new, rows(new.turn, 2))
    assert stored == await database.turn("ann", new.turn)
    assert (stored.text, stored.wish, stored.position, stored.last_seq) == (new.text, "ollama", 1, 2)
    assert (stored.state, stored.node, stored.lease_until) == ("running", "node-1", NOON + 60)
    assert await database.log("ann", new.turn) == rows(new.turn, 2)


async def test_the_same_client_id_a_hundred_times_at_once_makes_one_turn(database: Database) -> None:
    asks = [opening_question(f"c{n}", client_id="same") for n in range(100)]
    stored = await asyncio.gather(*(database.add_turn(ask, rows(ask.turn, 1)) for ask in asks))
    assert len({turn.turn for turn in stored}) == 1
    assert len(await database.conversations("ann", limit=200)) == 1
    assert [turn.last_seq for turn in await database.turns("ann", stored[0].conversation)] == [1]


async def test_two_owners_may_use_the_same_client_id(database: Database) -> None:
    ann = await database.add_turn(opening_question("c1", "ann", client_id="same"), [])
    ben = await database.add_turn(opening_question("c2", "ben", client_id="same"), [])
    assert ann.turn != ben.turn


async def test_questions_sent_at_once_get_positions_without_gap(database: Database) -> None:
    first = await asked(database)
    await asyncio.gather(*(database.add_turn(question(), []) for _ in range(30)))
    stored = await database.turns("ann", "c1")
    assert [turn.position for turn in stored] == list(range(1, 32))
    assert [turn.parent for turn in stored] == [None, *(turn.turn for turn in stored[:-1])]
    assert stored[0].turn == first


async def test_a_question_follows_the_turn_it_names(database: Database) -> None:
    first = await asked(database)
    await database.add_turn(question(), [])
    assert (await database.add_turn(question(parent=first), [])).parent == first


async def test_a_replacing_question_takes_the_parent_of_the_one_it_replaces(database: Database) -> None:
    first = await asked(database)
    second = await database.add_turn(question(), [])
    sibling = await database.add_turn(question(sibling_of=second.turn), [])
    assert sibling.parent == first
    assert (await database.add_turn(question(sibling_of=first), [])).parent is None


async def test_a_question_that_names_nothing_follows_the_newest_branch(database: Database) -> None:
    await asked(database)
    second = await database.add_turn(question(), [])
    sibling = await database.add_turn(question(sibling_of=second.turn), [])
    assert (await database.add_turn(question(), [])).parent == sibling.turn


@pytest.mark.parametrize(
    "changes",
    [{"parent": "none"}, {"sibling_of": "none"}, {"attachments": ("none",)}, {"parent": "other"}, {"turn": "other"}],
    ids=str,
)
async def test_a_question_about_something_that_is_not_there_stores_nothing(
    database: Database, changes: dict[str, Any]
) -> None:
    await asked(database)
    await database.add_turn(opening_question("c2", turn="other"), [])
    with pytest.raises(NotFound):
        await database.add_turn(question(**changes), [])
    assert len(await database.turns("ann", "c1")) == 1


@pytest.mark.parametrize("changes", [{"attachments": ("none",)}, {"parent": "T"}, {"sibling_of": "T"}], ids=str)
async def test_a_new_conversation_goes_with_its_refused_question(database: Database, changes: dict[str, Any]) -> None:
    await asked(database, turn="T")
    with pytest.raises(NotFound):
        await database.add_turn(opening_question("c2", **changes), [])
    assert [one.id for one in await database.conversations("ann")] == ["c1"]


@pytest.mark.parametrize(
    "wrong",
    [[row("N", 2)], [row("N", 1), row("N", 3)], [row("T", 1)], [row("N", 1), row("T", 2)]],
    ids=["late", "gap", "another turn", "two turns"],
)
async def test_a_question_whose_rows_do_not_begin_its_log_stores_nothing(
    database: Database, wrong: list[LogRow]
) -> None:
    await asked(database, turn="T")
    with pytest.raises(OutOfStep):
        await database.add_turn(opening_question("c2", turn="N"), wrong)
    assert [one.id for one in await database.conversations("ann")] == ["c1"]
    assert await database.log("ann", "T") == []


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """What is sent to SQLite meanwhile, the words around transactions aside."""
    said: list[str] = []
    engines = (database._writing, database._reading)

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_turn_costs_few_statements(database: Database) -> None:
    new, again = opening_question(turn="T"), question(turn="A")
    steps: list[tuple[int, Awaitable[object]]] = [
        (4, database.add_turn(new, rows("T", 1))),
        (1, database.add_turn(new, rows("T", 1))),
        (5, database.add_turn(again, rows("A", 2))),
        (1, database.append("ann", [row("T", 2)])),
        (2, database.append("ann", [row("T", 3), row("T", 4)], state="done")),
        (1, database.conversation("ann", "c1")),
        (1, database.turns("ann", "c1")),
        (1, database.logs("ann", "c1")),
    ]
    for most, step in steps:
        with statements_of(database) as said:
            await step
        assert len(said) <= most, said


async def test_a_question_keeps_its_attachments_in_order(database: Database) -> None:
    for name in ("f1", "f2"):
        await database.add_attachment(attachment(name))
    stored = await database.add_turn(opening_question(attachments=("f2", "f1")), [])
    assert stored.attachments == ("f2", "f1")


async def test_a_log_goes_on_where_it_stood(database: Database) -> None:
    turn = await asked(database)
    await database.append("ann", [row(turn, 1, "turn"), row(turn, 5, first=2)])
    await database.append("ann", [row(turn, 6, "done")], state="done")
    stored = await database.turn("ann", turn)
    assert (stored.last_seq, stored.state) == (6, "done")
    assert [logged.seq for logged in await database.log("ann", turn)] == [1, 5, 6]


@pytest.mark.parametrize(("after", "seqs"), [(0, [1, 5, 6]), (1, [5, 6]), (3, [5, 6]), (5, [6]), (6, []), (99, [])])
async def test_a_log_is_read_from_the_row_that_holds_the_next_event(
    database: Database, after: int, seqs: list[int]
) -> None:
    turn = await asked(database)
    await database.append("ann", [row(turn, 1), row(turn, 5, first=2), row(turn, 6)])
    assert [logged.seq for logged in await database.log("ann", turn, after)] == seqs


async def test_logs_of_a_conversation_come_by_turn(database: Database) -> None:
    first = await asked(database)
    second = question()
    await database.add_turn(second, rows(second.turn, 1))
    await database.append("ann", rows(first, 2))
    assert await database.logs("ann", "c1") == {first: rows(first, 2), second.turn: rows(second.turn, 1)}


async def test_rows_stored_already_are_left_alone(database: Database) -> None:
    turn = await asked(database)
    await database.append("ann", rows(turn, 3))
    await database.append("ann", rows(turn, 4), state="done")
    assert await database.log("ann", turn) == rows(turn, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        [row("T", 5)],
        [row("T", 3, payload='"other"')],
        [row("T", 4, first=3)],
        [row("T", 4), row("T", 6)],
        [row("T", 4), row("U", 5)],
        [row("T", 3, first=4)],
    ],
    ids=["gap", "other words", "overlap", "gap inside", "two turns", "backwards"],
)
async def test_rows_that_do_not_follow_are_refused_whole(database: Database, wrong: list[LogRow]) -> None:
    await asked(database, turn="T")
    await database.append("ann", rows("T", 3))
    with pytest.raises(OutOfStep):
        await database.append("ann", wrong, state="done")
    assert await database.log("ann", "T") == rows("T", 3)
    assert (await database.turn("ann", "T")).state == "running"


@given(st.lists(st.integers(1, 4)), st.integers(0, 9))
def test_runs_laid_end_to_end_follow_and_no_other_order_does(lengths: list[int], last_seq: int) -> None:
    laid: list[LogRow] = []
    for length in lengths:
        start = (laid[-1].seq if laid else last_seq) + 1
        laid.append(row("t", start + length - 1, first=start))
    assert follows(last_seq, laid)
    assert not laid or not follows(last_seq + 1, laid)
    assert len(laid) < 2 or not follows(last_seq, laid[::-1])


@pytest.mark.parametrize("ended", ["done", "stopped", "interrupted", "error"])
async def test_a_turn_that_has_ended_stays_ended(database: Database, ended: TurnState) -> None:
    turn = await asked(database, state="queued")
    await database.set_state("ann", turn, "running", lease_until=NOON + 120)
    assert (await database.turn("ann", turn)).lease_until == NOON + 120
    await database.set_state("ann", turn, ended)
    await database.set_state("ann", turn, "running", lease_until=NOON + 999)
    stored = await database.turn("ann", turn)
    assert (stored.state, stored.lease_until) == (ended, NOON + 120)


@pytest.mark.parametrize(
    ("changes", "swept"),
    [
        ({}, True),
        ({"state": "queued"}, True),
        ({"node": "node-2"}, False),
        ({"node": "node-2", "lease_until": NOON - 1}, True),
        ({"state": "done", "lease_until": NOON - 1}, False),
    ],
    ids=str,
)
async def test_the_sweep_ends_what_a_dead_process_left(
    database: Database, changes: dict[str, Any], swept: bool
) -> None:
    new = opening_question(**changes)
    await database.add_turn(new, rows(new.turn, 2))
    done = '{"type":"done","finish":"interrupted"}'
    assert await database.sweep("node-1", NOON, done) == ([new.turn] if swept else [])
    assert await database.sweep("node-1", NOON, done) == []
    stored = await database.turn("ann", new.turn)
    assert stored.state == ("interrupted" if swept else new.state)
    end = [row(new.turn, 3, "done", payload=done)] if swept else []
    assert await database.log("ann", new.turn) == rows(new.turn, 2) + end


@pytest.mark.parametrize("ending", ["done", "error"])
async def test_the_sweep_gives_no_turn_a_second_end(database: Database, ending: str) -> None:
    turn = await asked(database)
    await database.append("ann", [row(turn, 1), row(turn, 2, ending)])
    assert await database.sweep("node-1", NOON, "{}") == []
    stored = await database.turn("ann", turn)
    assert (stored.state, stored.last_seq) == (ending, 2)


async def test_a_process_that_was_swept_can_add_nothing(database: Database) -> None:
    turn = await asked(database)
    await database.append("ann", rows(turn, 2))
    await database.sweep("node-1", NOON, "{}")
    with pytest.raises(OutOfStep):
        await database.append("ann", [row(turn, 4, first=3)])


async def test_the_sweep_ends_turns_of_every_owner(database: Database) -> None:
    asks: list[NewTurn] = [opening_question("c1", "ann"), replace(opening_question("c2", "ben"), created_at=NOON + 1)]
    for ask in asks:
        await database.add_turn(ask, [])
    assert await database.sweep("node-1", NOON, "{}") == [ask.turn for ask in asks]
    assert [logged.seq for logged in await database.log("ben", asks[1].turn)] == [1]
