"""The list is in order of what happened, a latch is for good, and a deletion can be taken back for an hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatapp.errors import NotFound
from chatapp.messages import LockedBy, Mode
from chatapp.store.database import Database
from tests.store.samples import NOON, conversation, opening_question, question, row


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(path: Path, clock: Clock) -> AsyncIterator[Database]:
    database = Database(path, clock=clock)
    await database.open()
    yield database
    await database.close()


async def begin(database: Database, id: str = "c1", title: str = "Shifts in May", at: float = NOON) -> None:
    new = opening_question(id, created_at=at)
    await database.add_turn(replace(new, conversation=replace(conversation(id), title=title)), [])


async def ids(database: Database, *, query: str = "", before: float | None = None, limit: int = 50) -> list[str]:
    return [one.id for one in await database.conversations("ann", query=query, before=before, limit=limit)]


async def test_a_conversation_comes_back_as_it_was_stored(database: Database) -> None:
    await begin(database)
    stored = await database.conversation("ann", "c1")
    assert replace(stored, updated_at=NOON) == conversation()


async def test_the_newest_stands_first_and_a_question_moves_its_conversation_up(database: Database) -> None:
    for number in range(3):
        await begin(database, f"c{number}", at=NOON + number)
    assert await ids(database) == ["c2", "c1", "c0"]
    await database.add_turn(question(conversation=conversation("c0"), created_at=NOON + 9), [])
    assert await ids(database) == ["c0", "c2", "c1"]
    assert (await database.conversation("ann", "c0")).updated_at == NOON + 9


@pytest.mark.parametrize("jump", [-86_400.0, 0.0, 86_400.0])
async def test_a_clock_that_jumps_does_not_change_the_order(database: Database, jump: float) -> None:
    await begin(database, "c1", at=NOON)
    await begin(database, "c2", at=NOON + jump)
    await begin(database, "c3", at=NOON + 1)
    assert await ids(database) == ["c3", "c2", "c1"]


async def test_pages_hold_every_conversation_once_even_when_all_came_at_one_moment(database: Database) -> None:
    for number in range(7):
        await begin(database, f"c{number}")
    seen: list[str] = []
    before: float | None = None
    while page := await database.conversations("ann", before=before, limit=3):
        seen += [one.id for one in page]
        before = page[-1].updated_at
    assert seen == [f"c{number}" for number in reversed(range(7))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c3", "c2", "c1"]),
        ("may", ["c1"]),
        ("MAY shifts", ["c1"]),
        ("may june", []),
        ("ärzte", ["c2"]),
        ("100%", ["c3"]),
        ("1%", []),
        ("_", []),
        ("'", []),
        ("  ", ["c3", "c2", "c1"]),
    ],
)
async def test_titles_are_searched_for_all_words_in_either_case(
    database: Database, query: str, found: list[str]
) -> None:
    for id, title in [("c1", "Shifts in May"), ("c2", "ÄRZTE im Dienst"), ("c3", "100% night \\ float")]:
        await begin(database, id, title)
    assert await ids(database, query=query) == found
    assert await ids(database, query=query, limit=1) == found[:1]


async def test_renaming_changes_the_title_and_not_the_place(database: Database) -> None:
    await begin(database, "c1")
    await begin(database, "c2")
    assert (await database.set_title("ann", "c1", "Nights")).title == "Nights"
    assert (await database.conversation("ann", "c1")).title == "Nights"
    assert await ids(database) == ["c2", "c1"]


@pytest.mark.parametrize("mode", ["local", "hybrid", "cloud"])
async def test_a_mode_is_set_until_the_conversation_is_latched(database: Database, mode: Mode) -> None:
    await begin(database)
    assert (await database.set_mode("ann", "c1", mode)).mode == mode
    await database.latch("ann", "c1", "user", "Conversation 12:00")
    assert (await database.set_mode("ann", "c1", mode)).mode == "local"


@pytest.mark.parametrize("second", ["user", "tool", "detector"])
async def test_the_first_latch_stands(database: Database, second: LockedBy) -> None:
    await begin(database)
    first = await database.latch("ann", "c1", "detector", "Conversation 12:00")
    assert (first.locked_by, first.mode, first.title) == ("detector", "local", "Conversation 12:00")
    assert await database.latch("ann", "c1", second, "Another title") == first
    assert await database.conversation("ann", "c1") == first


async def test_a_conversation_that_begins_latched_is_local(database: Database) -> None:
    latched = replace(conversation(mode="cloud"), locked_by="detector")
    await database.add_turn(replace(opening_question(), conversation=latched), [])
    stored = await database.conversation("ann", "c1")
    assert (stored.mode, stored.locked) == ("local", True)


async def test_a_deleted_conversation_is_hidden_with_its_turns_and_comes_back_whole(database: Database) -> None:
    new = opening_question()
    await database.add_turn(new, [row(new.turn, 1)])
    before = await database.conversation("ann", "c1"), await database.logs("ann", "c1")
    await database.set_deleted("ann", "c1", True)
    with pytest.raises(NotFound):
        await database.conversation("ann", "c1")
    with pytest.raises(NotFound):
        await database.turn("ann", new.turn)
    with pytest.raises(NotFound):
        await database.add_turn(question(), [])
    assert await ids(database) == []
    assert await database.turns("ann", "c1") == []
    assert await database.log("ann", new.turn) == []
    await database.set_deleted("ann", "c1", False)
    assert before == (await database.conversation("ann", "c1"), await database.logs("ann", "c1"))


async def test_an_answer_goes_on_being_stored_and_latched_while_its_conversation_is_deleted(database: Database) -> None:
    new = opening_question()
    await database.add_turn(new, [row(new.turn, 1)])
    await database.set_deleted("ann", "c1", True)
    await database.append("ann", [row(new.turn, 2, "done")], state="done")
    await database.latch("ann", "c1", "tool", "Conversation 12:00")
    await database.set_deleted("ann", "c1", False)
    assert (await database.turn("ann", new.turn)).last_seq == 2
    assert (await database.conversation("ann", "c1")).locked_by == "tool"


async def test_a_deletion_is_taken_back_within_the_hour_only(database: Database, clock: Clock) -> None:
    await begin(database)
    await database.set_deleted("ann", "c1", True)
    clock.now += 1800
    await database.set_deleted("ann", "c1", True)
    clock.now += 1800
    await database.set_deleted("ann", "c1", False)
    await database.set_deleted("ann", "c1", False)
    await database.set_deleted("ann", "c1", True)
    clock.now += 3601
    for deleted in (False, True):
        with pytest.raises(NotFound):
            await database.set_deleted("ann", "c1", deleted)
