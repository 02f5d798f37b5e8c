"""Owner of all turns that run: start, queue, stop, tighten, drain. They outlive every connection.

One turn runs in a conversation; more wait their turn. What a turn does is `turn.py`; who listens is `feeds.py`.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from chatapp import events
from chatapp.chat.errands import Errands
from chatapp.chat.house import House
from chatapp.chat.log import EVENTS, TurnLog
from chatapp.chat.scribe import Sweep
from chatapp.chat.titles import neutral_title, title_from
from chatapp.chat.turn import TurnRun
from chatapp.errors import (
    AirgapActive,
    BadInput,
    BusyTurn,
    ChatError,
    Draining,
    ModeLocked,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from chatapp.messages import Conversation, Mode, ProviderWish
from chatapp.ports import AuditRecord, Clock, Incident, NewTurn, StoredTurn

logger = logging.getLogger(__name__)
UNRECORDED = (
    "The conversation is locked to local, but what had left of it could not be written down. "
    "Mark the message again in a moment."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it comes from a person. `id`: the client's, unique for its owner."""

    id: str
    text: str
    conversation: str | None = None
    mode: Mode | None = None
    parent: str | None = None
    replaces: str | None = None
    attachments: tuple[str, ...] = ()
    provider: ProviderWish = "auto"


@dataclass(frozen=True, slots=True)
class TurnsLimits:
    """How much runs and waits. `drain_s`: what running turns get at shutdown; `lease_s`: see `StoredTurn`."""

    waiting: int = 5
    drain_s: float = 25.0
    lease_s: float = 900.0
    replay_bytes: int = 8_388_608


@dataclass(slots=True)
class _Lane:
    """One conversation's turns: the one that runs, and those that wait. Questions enter one at a time."""

    door: asyncio.Lock = field(default_factory=asyncio.Lock)
    running: TurnRun | None = None
    waiting: deque[TurnRun] = field(default_factory=deque)

    def __iter__(self) -> Iterator[TurnRun]:
        return iter(((self.running,) if self.running else ()) + tuple(self.waiting))


class Turns:
    """The turns of this process.

    Args:
        node: names this process in the store. modes: those a conversation may be set to.
        now: seconds since 1970.
    """

    def __init__(
        self, house: House, *, node: str, modes: tuple[Mode, ...] = ("local", "hybrid", "cloud"),
        default_mode: Mode = "hybrid", limits: TurnsLimits | None = None, now: Clock = time.time,
    ) -> None:  # fmt: skip
        self.modes = modes
        self.default_mode = default_mode
        self._house = house
        self._node = node
        self._limits = limits or TurnsLimits()
        self._now = now
        self._lanes: dict[str, _Lane] = {}
        self._live: dict[str, TurnRun] = {}
        self._sweep = Sweep()
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._errands = Errands()
        self._draining = False

    def __repr__(self) -> str:
        return f"<Turns {self.active} running, {self.queued} waiting{', draining' if self._draining else ''}>"

    @property
    def active(self) -> int:
        """How many run."""
        return sum(lane.running is not None for lane in self._lanes.values())

    @property
    def answering(self) -> Counter[str]:
        """How many are being answered, by provider."""
        return Counter(run.provider for run in self._live.values() if run.provider)

    @property
    def queued(self) -> int:
        """How many wait."""
        return sum(len(lane.waiting) for lane in self._lanes.values())

    @property
    def draining(self) -> bool:
        """Whether no new question is taken."""
        return self._draining

    # --- the owner's own life ----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Own the turns: end those a dead process left behind, then run new ones until the block is left.

        On leaving, nothing new is taken; running turns get their time, then they are marked as interrupted.
        """
        await self._end_what_died()
        async with asyncio.TaskGroup() as group:
            self._group = group
            saving = group.create_task(self._sweep.run())
            drain_s = self._limits.drain_s
            try:
                yield
            except asyncio.CancelledError:
                drain_s = 0.0  # whoever cancels does not want to wait
                raise
            finally:
                await self._drain(drain_s)
                saving.cancel()

    async def _end_what_died(self) -> None:
        """Mark the turns of an earlier run; on a full disk the house opens all the same, for reading."""
        ending = EVENTS.dump_json(events.Done("interrupted")).decode()
        try:
            swept = await self._house.store.sweep(self._node, self._now(), ending)
        except (StorageFull, StorageUnavailable) as failure:
            logger.warning("turns of an earlier run are not marked as interrupted: %s", failure.code)
            return
        if swept:
            logger.info("%d turns of an earlier run are marked as interrupted", len(swept))

    async def _drain(self, seconds: float) -> None:
        """Let what runs come to its end; what waits, or takes too long, is interrupted."""
        self._draining = True
        await self._errands.finish()
        for lane in list(self._lanes.values()):
            while lane.waiting:
                await self._end_waiting(lane.waiting.popleft(), "interrupted")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for run in list(self._live.values()):
            run.stop("interrupted")

    # --- asking ------------------------------------------------------------------------------------------------------

    async def start(self, asked: Asked, owner: str, received_at: float) -> tuple[Conversation, TurnLog]:
        """Store a question, then answer it: at once, or after those before it in its conversation.

        The same id and text again start nothing: they give the first one's log.

        Args:
            received_at: by the house's clock.

        Raises:
            BadInput: the same id with another text. BusyTurn, Draining, NotFound, StorageUnavailable, StorageFull.
        """
        if self._draining:
            raise Draining()
        return await self._errands.run(self._start(asked, owner, received_at))

    async def _start(self, asked: Asked, owner: str, received_at: float) -> tuple[Conversation, TurnLog]:
        conversation, is_new = await self._conversation_for(asked, owner)
        lane = self._lanes.setdefault(conversation.id, _Lane())
        try:
            async with lane.door:
                if len(lane.waiting) >= self._limits.waiting:
                    return await self._again(await self._asked_before(asked, owner, conversation.id), asked)
                new = self._new_turn(asked, owner, conversation, is_new=is_new, waits=lane.running is not None)
                log = TurnLog(new.turn, conversation.id, owner, keep_bytes=self._limits.replay_bytes)
                log.add(events.Turn(conversation.id, asked.id))
                if lane.running:
                    log.add(events.Status("queued", len(lane.waiting) + 1))
                stored = await self._house.store.add_turn(new, log.unsaved())
                if stored.turn != new.turn:
                    return await self._again(stored, asked)
                log.mark_saved(log.seq)
                run = TurnRun(
                    stored, conversation, self._sweep.scribe(self._house.store, log), self._house, received_at
                )
                self._enter(run, lane)
        finally:
            self._forget_if_idle(conversation.id)
        self._house.feeds.started(log)
        return conversation, log

    async def _conversation_for(self, asked: Asked, owner: str) -> tuple[Conversation, bool]:
        if asked.conversation is not None:
            return await self._house.store.conversation(owner, asked.conversation), False
        mode = asked.mode or self.default_mode
        if mode not in self.modes:
            raise AirgapActive()
        now = self._now()
        clear = asked.text.strip() and await self._is_clear(asked.text)
        title = title_from(asked.text) if clear else neutral_title(now)
        return Conversation(uuid.uuid4().hex, owner, title, mode, None, now, now), True

    def _new_turn(self, asked: Asked, owner: str, conversation: Conversation, *, is_new: bool, waits: bool) -> NewTurn:
        now = self._now()
        return NewTurn(
            turn=uuid.uuid4().hex,
            owner=owner,
            client_id=asked.id,
            text=asked.text,
            conversation=conversation,
            new_conversation=is_new,
            parent=asked.parent,
            sibling_of=asked.replaces,
            wish=asked.provider,
            attachments=asked.attachments,
            state="queued" if waits else "running",
            node=self._node,
            lease_until=now + self._limits.lease_s,
            created_at=now,
        )

    async def _asked_before(self, asked: Asked, owner: str, conversation: str) -> StoredTurn:
        """The turn that this very question started when there was room.

        Raises:
            BusyTurn: there is none.
        """
        for turn in await self._house.store.turns(owner, conversation):
            if turn.client_id == asked.id:
                return turn
        raise BusyTurn()

    async def _again(self, first: StoredTurn, asked: Asked) -> tuple[Conversation, TurnLog]:
        if first.text != asked.text:
            raise BadInput("This message's id was used before with another text. Reload the page and send it again.")
        conversation = await self._house.store.conversation(first.owner, first.conversation)
        return conversation, await self.log(first.owner, first.turn)

    async def log(self, owner: str, turn: str) -> TurnLog:
        """A turn's log, live or read back.

        Raises:
            NotFound: there is none for this owner.
        """
        live = self._live.get(turn)
        if live is not None and live.turn.owner == owner:
            return live.scribe.log
        stored = await self._house.store.turn(owner, turn)
        return TurnLog.restored(turn, stored.conversation, owner, await self._house.store.log(owner, turn))

    async def whole_log(self, owner: str, turn: str) -> TurnLog:
        """A copy of a turn's log that holds every event so far, those let go from memory too."""
        log = await self.log(owner, turn)
        while True:
            rows = await self._house.store.log(owner, turn)
            whole = TurnLog.restored(turn, log.conversation, owner, rows)
            if whole.seq >= log.base:  # else: more was stored and let go while the rows were read
                break
        for event in log.events_after(whole.seq):
            whole.add(event)
        return whole

    def running(self, owner: str, conversation: str) -> list[TurnLog]:
        """The logs of turns that run or wait in a conversation, in order."""
        lane = self._lanes.get(conversation, ())
        return [run.scribe.log for run in lane if run.turn.owner == owner]

    # --- running -----------------------------------------------------------------------------------------------------

    def _enter(self, run: TurnRun, lane: _Lane) -> None:
        self._live[run.turn.turn] = run
        if lane.running is None:
            self._begin(run, lane)
        else:
            lane.waiting.append(run)

    def _begin(self, run: TurnRun, lane: _Lane) -> None:
        if self._group is None:
            raise RuntimeError("turns run only inside `open()`")
        lane.running = run
        task = self._group.create_task(self._run(run, lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, run: TurnRun, lane: _Lane) -> None:
        if run.turn.state == "queued":
            await self._mark_as_running(run.turn)
        await run.run()
        self._leave(run)
        lane.running = None
        if lane.waiting:
            self._begin(lane.waiting.popleft(), lane)
            await self._tell_positions(lane)
        self._forget_if_idle(run.turn.conversation)

    async def _tell_positions(self, lane: _Lane) -> None:
        for run in tuple(lane.waiting):
            if run in lane.waiting:  # it may have begun, or been stopped, while the others were told
                with suppress(ChatError):  # a position that is not stored is merely old
                    await run.scribe.say(events.Status("queued", lane.waiting.index(run) + 1))

    async def _mark_as_running(self, turn: StoredTurn) -> None:
        with suppress(ChatError):  # where storage fails the turn will say so itself
            lease_until = self._now() + self._limits.lease_s
            await self._house.store.set_state(turn.owner, turn.turn, "running", lease_until=lease_until)

    def _leave(self, run: TurnRun) -> None:
        """Forget a turn that has ended; one whose end is not stored yet is what its readers must still be shown."""
        if run.scribe.finished:
            self._live.pop(run.turn.turn, None)
            self._sweep.scribes.discard(run.scribe)
        else:
            run.scribe.when_finished = lambda: self._leave(run)

    def _forget_if_idle(self, conversation: str) -> None:
        lane = self._lanes.get(conversation)
        if lane is not None and lane.running is None and not lane.waiting and not lane.door.locked():
            del self._lanes[conversation]

    async def _is_clear(self, text: str) -> bool:
        """Whether a text may be a title."""
        router = self._house.router
        return (await router.judge(lambda: router.gate.judge_text(text), len(text))).verdict == "clear"

    # --- what people do to turns and conversations -------------------------------------------------------------------

    async def stop(self, owner: str, turn: str) -> None:
        """End a turn where it is and free the model. Of an ended turn: nothing happens.

        Raises:
            NotFound: there is none for this owner.
        """
        run = self._live.get(turn)
        if run is None or run.turn.owner != owner:
            await self._house.store.turn(owner, turn)
            return
        lane = self._lanes.get(run.turn.conversation)
        if lane is not None and run in lane.waiting:
            lane.waiting.remove(run)
            await self._errands.run(self._stop_waiting(run, lane))
        else:
            run.stop()

    async def _stop_waiting(self, run: TurnRun, lane: _Lane) -> None:
        await self._end_waiting(run, "stopped")
        await self._tell_positions(lane)

    async def _end_waiting(self, run: TurnRun, finish: events.Finish) -> None:
        await run.end_unasked(finish)
        self._leave(run)

    async def lock(
        self, owner: str, conversation: str, turn: str | None = None
    ) -> tuple[Conversation, Incident | None]:
        """Mark a conversation as patient data: local from now on, for good.

        Args:
            turn: the message that was it. What had left of it by then is the incident that is returned.

        Raises:
            NotFound: there is none for this owner. StorageUnavailable: with `turn`, it may be locked all the same.
        """
        if turn is not None and (await self._house.store.turn(owner, turn)).conversation != conversation:
            raise NotFound()
        return await self._errands.run(self._lock(owner, conversation, turn))

    async def _lock(self, owner: str, conversation: str, turn: str | None) -> tuple[Conversation, Incident | None]:
        store, now = self._house.store, self._now()
        before = await store.conversation(owner, conversation)
        try:
            locked = await self._house.latches.set(before, "user")
        except ChatError:  # it is not stored, which the user is told; what runs is cut off all the same
            self._cut_off(replace(before, locked_by="user", mode="local"))
            raise
        self._cut_off(locked)
        if turn is None:
            await store.record_audit(AuditRecord(now, owner, "locked", conversation))
            return locked, None
        try:
            return locked, await store.record_incident(owner, conversation, turn, now)
        except (StorageUnavailable, StorageFull) as failure:
            raise type(failure)(UNRECORDED) from failure

    async def set_mode(self, owner: str, conversation: str, mode: Mode) -> Conversation:
        """Change a conversation's mode; a running answer stays as it is unless the new mode is stricter.

        Raises:
            ModeLocked, AirgapActive, NotFound.
        """
        if mode not in self.modes:
            raise AirgapActive()
        return await self._errands.run(self._set_mode(owner, conversation, mode))

    async def _set_mode(self, owner: str, conversation: str, mode: Mode) -> Conversation:
        store = self._house.store
        if mode != "local" and (await store.conversation(owner, conversation)).locked:
            raise ModeLocked()
        changed = await store.set_mode(owner, conversation, mode)
        self._house.feeds.changed(changed)
        if mode == "local":
            self._cut_off(changed)
        return changed

    async def rename(self, owner: str, conversation: str, title: str) -> Conversation:
        """Give a conversation another title. One that names a patient says whom it is about: it is latched.

        Raises:
            NotFound: there is none for this owner.
        """
        return await self._errands.run(self._rename(owner, conversation, title))

    async def _rename(self, owner: str, conversation: str, title: str) -> Conversation:
        store = self._house.store
        before = await store.conversation(owner, conversation)
        if not before.locked and not await self._is_clear(title):
            self._cut_off(await self._house.latches.set(before, "detector", title))
        renamed = await self._house.store.set_title(owner, conversation, title)
        self._house.feeds.changed(renamed)
        return renamed

    async def set_deleted(self, owner: str, conversation: str, deleted: bool) -> Conversation:
        """Delete a conversation, stopping what runs in it; or take that back within an hour."""
        return await self._errands.run(self._set_deleted(owner, conversation, deleted))

    async def _set_deleted(self, owner: str, conversation: str, deleted: bool) -> Conversation:
        changed = await self._house.store.set_deleted(owner, conversation, deleted)
        action = "conversation_deleted" if deleted else "conversation_restored"
        await self._house.store.record_audit(AuditRecord(self._now(), owner, action, conversation))
        if deleted:
            for log in reversed(self.running(owner, conversation)):  # those that wait first, so that none begins
                with suppress(NotFound):  # it ended by itself, and is deleted
                    await self.stop(owner, log.turn)
        return changed

    def _cut_off(self, conversation: Conversation) -> None:
        """Cut off what a stricter conversation no longer allows."""
        for run in self._lanes.get(conversation.id, ()):
            run.tighten(conversation)
