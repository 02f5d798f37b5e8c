"""No sequence of operations ever loosens a latched conversation: over a real file, through failures and restarts."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chatapp.chat.feeds import Feeds
from chatapp.chat.latch import Latches
from chatapp.errors import ChatError, ProviderUnavailable, StorageUnavailable
from chatapp.events import Delta
from chatapp.messages import Conversation, Mode, Usage
from chatapp.ports import Completed, ProviderEvent
from chatapp.privacy.gate import ClearedRequest
from tests.chat.room import ANN, Echo, Room, SteppedDatabase, call, ended, open_room
from tests.fakes import CANARY, ScriptedCloud, ScriptedLocal

MODES = st.sampled_from(["local", "hybrid", "cloud"])
PHI = st.booleans()


class Cloud(ScriptedCloud):
    """Says, or hands a tool, what its question asks it to; remembers of whom it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def stream(self, request: ClearedRequest) -> Any:
        text = repr(request.payload.messages[-1])
        self.asked.append(repr(request.payload))
        events: list[ProviderEvent] = [Delta("An answer."), Completed("stop", Usage(3, 2))]
        if "name a patient" in text:
            events = [Delta(f"It is {CANARY}. "), *map(Delta, ["Filler words here. "] * 40), events[-1]]
        elif "roster" in text and "ToolResult" not in text:
            events = [call(id=f"c{len(self.asked)}"), Completed("tool_calls", Usage(3, 1))]
        for event in events:
            yield event


class LatchedForGood(RuleBasedStateMachine):
    """Does to conversations whatever can be done; a conversation that ought to be latched is never seen without."""

    conversations = Bundle("conversations")
    empty_file: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.path = Path(shutil.copy(self.empty_file, self.folder.name))
        self.latched: dict[str, Conversation] = {}
        self.tags: dict[str, str] = {}
        self.last: dict[str, str] = {}
        self.known: set[str] = set()
        self.tool_leaks = False
        self.sent_before = 0
        self.runner.run(self.begin_house())

    async def begin_house(self) -> None:
        self.stack = AsyncExitStack()
        self.database = SteppedDatabase(self.path)
        await self.database.open()
        self.stack.push_async_callback(self.database.close)
        self.cloud, self.local = Cloud(), ScriptedLocal()
        tools = [Echo(self.tool)]
        self.room: Room = await self.stack.enter_async_context(
            open_room(self.database, local=self.local, cloud=self.cloud, tools=tools)
        )
        self.sent_before = 0

    async def tool(self, words: str) -> str:
        return f"Of {CANARY}." if self.tool_leaks else "Of nobody."

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    async def ask(self, text: str, **fields: Any) -> str:
        log = await self.room.ask(text, **fields)
        await ended(log)
        self.last[log.conversation] = log.turn
        return log.conversation

    def note(self, id: str) -> None:
        """From here on it is latched for good."""
        found = self.runner.run(self.database.conversation(ANN, id))
        assert found.locked
        self.latched.setdefault(id, found)

    @rule(target=conversations, mode=MODES, phi=PHI)
    def begin(self, mode: Mode, phi: bool) -> str:
        tag = f"tag{len(self.tags)}x"
        id = self.runner.run(self.ask(f"{tag} {CANARY if phi else 'hello'}", mode=mode))
        self.tags[id] = tag
        if phi:
            self.note(id)
        return id

    @rule(id=conversations, what=st.sampled_from([CANARY, "fine", "name a patient", "a roster"]), leaks=PHI)
    def go_on(self, id: str, what: str, leaks: bool) -> None:
        self.tool_leaks = leaks
        asked_before = len(self.cloud.asked)
        with suppress(ChatError):
            self.runner.run(self.ask(f"{what} now", conversation=id, provider="anthropic"))
            by_cloud = len(self.cloud.asked) > asked_before
            if what == CANARY or (what == "name a patient" and by_cloud) or (what == "a roster" and by_cloud and leaks):
                self.note(id)

    @rule(id=conversations, mode=MODES)
    def set_mode(self, id: str, mode: Mode) -> None:
        with suppress(ChatError):
            self.runner.run(self.room.turns.set_mode(ANN, id, mode))

    @rule(id=conversations, marked=st.booleans())
    def lock(self, id: str, marked: bool) -> None:
        with suppress(ChatError):
            self.runner.run(self.room.turns.lock(ANN, id, self.last.get(id) if marked else None))
            self.note(id)

    @rule(id=conversations)
    def lock_while_storage_fails(self, id: str) -> None:
        async def lock() -> None:
            self.database.failing = StorageUnavailable
            with suppress(ChatError):
                await self.room.turns.lock(ANN, id)
            self.database.failing = lambda: None
            with suppress(ChatError):
                await self.ask("And now?", conversation=id)

        self.runner.run(lock())
        with suppress(ChatError):
            self.note(id)

    @rule(id=conversations, phi=PHI)
    def rename(self, id: str, phi: bool) -> None:
        with suppress(ChatError):
            self.runner.run(self.room.turns.rename(ANN, id, CANARY if phi else "Shifts"))
            if phi:
                self.note(id)

    @rule(id=conversations, deleted=st.booleans())
    def set_deleted(self, id: str, deleted: bool) -> None:
        with suppress(ChatError):
            self.runner.run(self.room.turns.set_deleted(ANN, id, deleted))

    @rule(id=conversations)
    def edit(self, id: str) -> None:
        with suppress(ChatError):
            self.runner.run(self.ask("fine instead", conversation=id, replaces=self.last[id], provider="anthropic"))

    @rule(id=conversations)
    def ask_while_the_local_model_is_down(self, id: str) -> None:
        self.local._scripts.append((ProviderUnavailable("ollama"),))
        with suppress(ChatError):
            self.runner.run(self.ask("fine", conversation=id))
        self.local._scripts.clear()

    @rule()
    def restart(self) -> None:
        async def again() -> None:
            await self.stack.aclose()
            await self.begin_house()

        self.runner.run(again())

    @invariant()
    def what_is_latched_stays_latched(self) -> None:
        for id, as_it_was in self.latched.items():
            with suppress(ChatError):  # it is deleted
                now = self.runner.run(self.database.conversation(ANN, id))
                assert (now.locked_by, now.mode) == (as_it_was.locked_by, "local")

    @invariant()
    def the_cloud_is_asked_nothing_of_it(self) -> None:
        new = self.cloud.asked[self.sent_before :]
        self.sent_before = len(self.cloud.asked)
        assert not any(CANARY in sent for sent in new)
        for id in self.told_before():
            assert not any(self.tags[id] in sent for sent in new)

    def told_before(self) -> set[str]:
        """Latched before the newest operation: what latches one may have been an answer of the cloud itself."""
        before, self.known = self.known, set(self.latched)
        return before


def test_no_sequence_of_operations_loosens_a_latched_conversation(empty_chat_file: Path) -> None:
    LatchedForGood.empty_file = empty_chat_file
    run_state_machine_as_test(LatchedForGood, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))


async def test_the_first_mark_stands_and_one_that_was_not_stored_is_made_good(database: SteppedDatabase) -> None:
    async with open_room(database) as room:
        log = await room.ask()
        await ended(log)
        conversation = await database.conversation(ANN, log.conversation)
        latches = Latches(database, Feeds())
        database.failing = StorageUnavailable
        with suppress(StorageUnavailable):
            await latches.set(conversation, "tool")
        assert repr(latches) == "<Latches, 1 not stored yet>"
        database.failing = lambda: None
        made_good = await latches.make_good(conversation)
        again = await latches.set(conversation, "user")

    assert (made_good.locked_by, again.locked_by, repr(latches)) == ("tool", "tool", "<Latches, 0 not stored yet>")
