"""The store against a dictionary: whatever is done in whatever order, both tell the same."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chatapp.errors import NotFound
from chatapp.messages import LockedBy, Mode
from chatapp.store.database import Database
from tests.store.samples import conversation, question, row

OWNERS = st.sampled_from(["ann", "ben"])


@dataclass
class Kept:
    """What ought to be known of a conversation."""

    owner: str
    mode: Mode = "hybrid"
    locked_by: LockedBy | None = None
    title: str = "Shifts in May"
    deleted: bool = False
    turns: dict[str, str | None] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)


class StoreAgainstDictionary(RuleBasedStateMachine):
    """Every rule does one thing to both; the invariant compares all there is."""

    conversations = Bundle("conversations")
    empty_file: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.database = Database(shutil.copy(self.empty_file, self.folder.name))
        self.runner.run(self.database.open())
        self.model: dict[str, Kept] = {}
        self.numbers = 0

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        self.folder.cleanup()

    def do(self, allowed: bool, coroutine: Any) -> Any:
        if allowed:
            return self.runner.run(coroutine)
        with pytest.raises(NotFound):
            self.runner.run(coroutine)
        return None

    def ask(self, owner: str, id: str, *, new: bool = False, **changes: Any) -> tuple[str, bool]:
        self.numbers += 1
        turn = f"t{self.numbers}"
        asked = question(
            owner, turn=turn, client_id=turn, conversation=conversation(id, owner), new_conversation=new, **changes
        )
        kept = self.model.get(id)
        allowed = new or (kept is not None and kept.owner == owner and not kept.deleted)
        self.do(allowed, self.database.add_turn(asked, [row(turn, 1)]))
        return turn, allowed

    @rule(target=conversations, owner=OWNERS)
    def begin(self, owner: str) -> str:
        id = f"c{len(self.model)}"
        turn, _ = self.ask(owner, id, new=True)
        self.model[id] = Kept(owner, turns={turn: None}, seqs={turn: 1})
        return id

    @rule(id=conversations, owner=OWNERS, how=st.sampled_from(["newest", "parent", "sibling"]), pick=st.randoms())
    def go_on(self, id: str, owner: str, how: str, pick: Any) -> None:
        kept = self.model[id]
        chosen = pick.choice(list(kept.turns))
        named = {"newest": {}, "parent": {"parent": chosen}, "sibling": {"sibling_of": chosen}}[how]
        parent = {"newest": list(kept.turns)[-1], "parent": chosen, "sibling": kept.turns[chosen]}[how]
        turn, allowed = self.ask(owner, id, **named)
        if allowed:
            kept.turns[turn] = parent
            kept.seqs[turn] = 1

    @rule(id=conversations, owner=OWNERS, length=st.integers(1, 5), pick=st.randoms())
    def say(self, id: str, owner: str, length: int, pick: Any) -> None:
        kept = self.model[id]
        turn = pick.choice(list(kept.turns))
        first = kept.seqs[turn] + 1
        allowed = kept.owner == owner
        self.do(allowed, self.database.append(owner, [row(turn, first + length - 1, first=first)]))
        if allowed:
            kept.seqs[turn] += length

    @rule(id=conversations, owner=OWNERS, by=st.sampled_from(["detector", "user", "tool"]))
    def latch(self, id: str, owner: str, by: LockedBy) -> None:
        kept = self.model[id]
        allowed = kept.owner == owner
        self.do(allowed, self.database.latch(owner, id, by, f"Conversation by {by}"))
        if allowed and kept.locked_by is None:
            kept.locked_by, kept.mode, kept.title = by, "local", f"Conversation by {by}"

    @rule(id=conversations, owner=OWNERS, mode=st.sampled_from(["local", "hybrid", "cloud"]))
    def set_mode(self, id: str, owner: str, mode: Mode) -> None:
        kept = self.model[id]
        allowed = kept.owner == owner and not kept.deleted
        self.do(allowed, self.database.set_mode(owner, id, mode))
        if allowed and kept.locked_by is None:
            kept.mode = mode

    @rule(id=conversations, owner=OWNERS, deleted=st.booleans())
    def set_deleted(self, id: str, owner: str, deleted: bool) -> None:
        kept = self.model[id]
        allowed = kept.owner == owner
        self.do(allowed, self.database.set_deleted(owner, id, deleted))
        if allowed:
            kept.deleted = deleted

    @invariant()
    def both_tell_the_same(self) -> None:
        for owner in ("ann", "ben"):
            listed = self.runner.run(self.database.conversations(owner, limit=99))
            told = {one.id: (one.mode, one.locked_by, one.title) for one in listed}
            assert told == {
                id: (kept.mode, kept.locked_by, kept.title)
                for id, kept in self.model.items()
                if kept.owner == owner and not kept.deleted
            }
            for one in listed:
                kept = self.model[one.id]
                turns = self.runner.run(self.database.turns(owner, one.id))
                assert {turn.turn: turn.parent for turn in turns} == kept.turns
                assert {turn.turn: turn.last_seq for turn in turns} == kept.seqs
                assert [turn.position for turn in turns] == list(range(1, len(turns) + 1))


def test_the_store_tells_what_a_dictionary_tells(empty_file: Path) -> None:
    StoreAgainstDictionary.empty_file = empty_file
    run_state_machine_as_test(
        StoreAgainstDictionary, settings=settings(max_examples=10, stateful_step_count=15, deadline=None)
    )
