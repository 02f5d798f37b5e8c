"""The story of a turn, top to bottom: request, route, rounds of completion and tools, and exactly one end.

It goes on whether anybody listens or not. Who starts and stops it is `turns.py`; what is said is stored and numbered
by `scribe.py`; who may be asked is `router/`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from chatapp import events
from chatapp.chat.ear import Ear, Overheard
from chatapp.chat.endings import error_event, state_after
from chatapp.chat.errands import Errands
from chatapp.chat.history import Exchange, branch, messages_of
from chatapp.chat.house import House
from chatapp.chat.log import events_of
from chatapp.chat.refusals import refusal
from chatapp.chat.round import Round
from chatapp.chat.scribe import Scribe
from chatapp.chat.tools import cut
from chatapp.errors import (
    ChatError,
    NoCandidateLeft,
    ProviderTimeout,
)
from chatapp.messages import (
    CompletionRequest,
    Conversation,
    LockedBy,
    Message,
    Part,
    ToolCall,
    ToolResult,
    Usage,
)
from chatapp.ports import Completed, Loading, ProviderEvent, StoredTurn
from chatapp.privacy.growing import GrowingText
from chatapp.router.candidate import Asker, Candidate, CloudCandidate
from chatapp.router.dispatch import Routed
from chatapp.router.router import Question, Routing

logger = logging.getLogger(__name__)

SYSTEM = (
    "You are the assistant of a hospital's residents and schedule coordinators. Be exact and brief. "
    "Say plainly when you are not sure. Give general medical knowledge, and point to the local protocol "
    "where practice differs. Use a tool where one is offered that fits, and explain its result in a few words. "
    "Write Markdown."
)


class TurnRun:
    """One turn while it runs.

    Args:
        received_at: when the question came, by the house's clock.
    """

    def __init__(
        self, turn: StoredTurn, conversation: Conversation, scribe: Scribe, house: House, received_at: float
    ) -> None:
        self.turn = turn
        self.conversation = conversation
        self.scribe = scribe
        self._house = house
        self._received_at = received_at
        self._first_token_at: float | None = None
        self._usage = Usage()
        self._context_tokens = 0
        self._files: Mapping[str, str] = {}
        self._schedule = False
        self._tools = house.tools.for_turn(offered=False)
        self._announced: events.Route | None = None
        self._answering: Candidate | None = None
        self._asking = False
        self._stopped_as: events.Finish | None = None
        self._tightened: Conversation | None = None
        self._recalled = False
        self._ear = Ear(house.router)
        self._errands = Errands()
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<TurnRun {self.turn.turn} by {self._announced.model if self._announced else 'nobody yet'}>"

    @property
    def provider(self) -> str | None:
        """Who is answering now."""
        return self._answering.seat.provider.name if self._answering else None

    async def run(self) -> None:
        """Tell the whole story. Never raises: whatever happens, the turn ends with one `Done` or `Error`."""
        self._task = asyncio.current_task()
        end = await self._tell()
        self._task = None  # nothing cuts the end short: a stop that comes now is too late
        await self._end(end)

    def stop(self, finish: events.Finish = "stopped") -> None:
        """End it here; the upstream request is closed. What was said stands. Once is enough: the first one counts."""
        if self._stopped_as is None:
            self._stopped_as = finish
            if self._task is not None:
                self._task.cancel()

    def tighten(self, conversation: Conversation) -> None:
        """Take note that the conversation is stricter now. A cloud model that is answering is cut off at once."""
        self.conversation = self._tightened = conversation
        in_the_cloud = self._asking and isinstance(self._answering, CloudCandidate)
        if in_the_cloud and self._task is not None and not (self._recalled or self._stopped_as):
            self._recalled = True
            self._task.cancel()

    # --- the story ---------------------------------------------------------------------------------------------------

    async def _tell(self) -> events.Done | events.Error:
        """Everything but the end, which is returned."""
        try:
            if self._stopped_as:  # before the first step
                raise asyncio.CancelledError
            async with asyncio.timeout(self._house.limits.seconds):
                return self._done(await self._answer())
        except asyncio.CancelledError:
            return self._done(self._stopped_as or "interrupted")
        except TimeoutError:
            return error_event(ProviderTimeout(self._answering.route.provider if self._answering else "the model"))
        except ChatError as error:
            return error_event(error)
        except Exception as bug:
            logger.exception("turn %s failed: %s", self.turn.turn, type(bug).__name__, exc_info=False)
            return error_event(ChatError())

    async def _answer(self) -> events.Finish:
        """Ask, run the tools that are asked for, ask again, until there is an answer or a limit."""
        messages = await self._history()
        limits = self._house.limits
        seen: Counter[tuple[str, str]] = Counter()
        for _ in range(limits.rounds):
            said = await self._round(messages)
            if not said.calls:
                return said.finish()
            seen.update((call.name, call.arguments_json) for call in said.calls)
            if seen.total() > limits.calls or max(seen.values()) >= limits.repeats:
                return "tool_limit"
            messages = (*messages, said.as_message(), await self._run_tools(said.calls))
        return "tool_limit"

    async def _history(self) -> tuple[Message, ...]:
        """The branch this turn ends, as messages, and the conversation as it is now: it may have been latched."""
        turn, store = self.turn, self._house.store
        self._tightened = None
        read = await store.conversation(turn.owner, turn.conversation)
        self.conversation = self._tightened or read  # what was heard while it was read is newer
        if not self.conversation.locked:
            self.conversation = await self._house.latches.make_good(self.conversation)
        path = branch(await store.turns(turn.owner, turn.conversation), turn.turn)
        logs = await store.logs(turn.owner, turn.conversation) if len(path) > 1 else {}
        exchanges = []
        for stored in path:
            files = await store.attachments(turn.owner, stored.attachments) if stored.attachments else []
            rows = logs.get(stored.turn, []) if stored.turn != turn.turn else []
            exchanges.append(Exchange(stored, files, [event for row in rows for event in events_of(row)]))
        messages, self._files = messages_of(exchanges)
        has_schedule = [
            any(map(self._house.looks_like_schedule, (exchange.turn.text, *(file.text for file in exchange.files))))
            for exchange in exchanges
        ]
        self._schedule = has_schedule[-1]
        self._tools = self._house.tools.for_turn(offered=any(has_schedule))
        return messages

    async def _round(self, messages: tuple[Message, ...]) -> Round:
        """One completion. Where the conversation becomes stricter meanwhile, it is routed anew and asked again."""
        while True:
            routing = await self._route(messages)
            if routing.latches:
                await self._latch("detector")  # before anybody is asked
            self._asking = True
            try:
                return await self._complete(routing)
            except asyncio.CancelledError:
                if not self._was_only_recalled():
                    raise
                self._answering = None
            except Overheard:
                self._answering = None
            except _Withdrawn as late:
                raise refusal(NoCandidateLeft(late.tried), await self._route(messages)) from late
            finally:
                self._asking = False

    def _was_only_recalled(self) -> bool:
        """Whether the story goes on: it was cancelled because the cloud may not go on, and for nothing else."""
        recalled, self._recalled = self._recalled, False
        return recalled and self._task is not None and self._task.uncancel() == 0

    async def _route(self, messages: tuple[Message, ...]) -> Routing:
        """Who may be asked, by the conversation as it is when the whole request has been read."""
        request = CompletionRequest(model="", messages=messages, system=SYSTEM, tools=self._tools.specs)
        while True:
            conversation, turn = self.conversation, self.turn
            question = Question(
                request=request,
                text=turn.text,
                mode=conversation.mode,
                wish=turn.wish,
                locked_by=conversation.locked_by,
                schedule=self._schedule,
                asker=Asker(turn.owner, conversation.id, turn.turn),
            )
            routing = await self._house.router.decide(question)
            if conversation is self.conversation:  # else it became stricter meanwhile
                return replace(routing, candidates=self._same_first(routing.candidates))

    def _same_first(self, candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Whoever answered the last round goes on: a fallback is not undone in the middle of a tool loop."""
        answering = self._answering
        if answering is None:
            return candidates
        return tuple(sorted(candidates, key=lambda candidate: candidate.seat is not answering.seat))

    async def _latch(self, by: LockedBy) -> None:
        """Mark the conversation as local for good; done whole, even where the turn is stopped meanwhile."""
        if not self.conversation.locked:
            await self._errands.run(self._store_latch(by))

    async def _store_latch(self, by: LockedBy) -> None:
        self.conversation = await self._house.latches.set(self.conversation, by)

    async def _complete(self, routing: Routing) -> Round:
        """Pass on what the candidates say, until one of them ended well.

        Raises:
            ChatError: none did.
        """
        said = Round()
        show, ear = self.scribe.show, self._ear
        try:
            async with aclosing(self._house.router.open(routing)) as stream:
                async for event in stream:
                    if type(event) is events.Delta:  # the hot path: keep, show, nothing else
                        if self._first_token_at is None:
                            self._first_token_at = self._house.clock()
                        said.pieces.append(event.text)
                        show(event)
                        if ear.reply is not None and ear.reply.takes(event.text):
                            await self._read_along(ear.reply)
                    else:
                        await self._hear(event, said, routing)
        except NoCandidateLeft as nobody:
            raise refusal(nobody, routing) from nobody
        if ear.reply is not None:
            await self._latch_if_found(said.as_message().parts, "detector")
        return said

    async def _hear(self, event: Routed | ProviderEvent, said: Round, routing: Routing) -> None:
        """Everything a round says that is not reply text."""
        match event:
            case Routed():
                await self._announce(event, stays=routing.stays)
            case events.Thinking(text=text):
                self.scribe.show(event)
                if self._ear.thought is not None and self._ear.thought.takes(text):
                    await self._read_along(self._ear.thought)
            case Loading():
                await self.scribe.say(events.Status("loading_model"))
            case ToolCall():
                said.calls.append(event)
            case Completed():
                said.completed = event
                self._usage += event.usage
                self._context_tokens = event.usage.prompt_tokens + event.usage.completion_tokens
            case events.Delta():
                pass

    async def _announce(self, routed: Routed, *, stays: bool) -> None:
        """Say who answers now: before the first round, and again after a fallback or a lock.

        Raises:
            _Withdrawn: the conversation became stricter while another one was asked, and this one is in the cloud.
        """
        house, route = self._house, routed.candidate.route
        if isinstance(routed.candidate, CloudCandidate) and self._stays_local:
            raise _Withdrawn(routed)
        before, self._answering = self._answering, routed.candidate
        self._ear.turn_to(routed.candidate)
        if routed.failure is not None and before is not None:
            house.router.stats.fell_back(before.route.provider, route.provider)
            if route.rule != "fallback":  # another endpoint of the same kind: the router saw no need to explain it
                reason = f"{before.route.provider.capitalize()} did not answer, so {route.model} answers."
                route = replace(route, rule="fallback", reason=reason)
            await self.scribe.say(events.Fallback(before.route.provider, route.provider, routed.failure.code))
        elif before and self._announced and _who(self._announced) == _who(route):
            return
        elif stays:
            house.router.stats.kept_local()
        self._announced = route
        await self.scribe.say(route)

    @property
    def _stays_local(self) -> bool:
        return self.conversation.locked or self.conversation.mode == "local"

    async def _read_along(self, text: GrowingText) -> None:
        """Read what has come together of a cloud's answer.

        Raises:
            Overheard: it holds patient data, or may.
        """
        if await self._ear.hears(text):
            await self._latch("detector")
            raise Overheard

    async def _latch_if_found(self, parts: Sequence[Part], by: LockedBy) -> None:
        """Judge what came back whole, before anything of it is sent on."""
        if not self.conversation.locked and await self._ear.finds(parts):
            await self._latch(by)

    async def _run_tools(self, calls: Sequence[ToolCall]) -> Message:
        """Announce and run the calls of one round, side by side; each gets exactly one result."""
        for call in calls:
            await self.scribe.say(self._tools.announce(call))
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(self._run_tool(call)) for call in calls]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # the turn has one end: one reason is enough
        return Message("tool", tuple(task.result() for task in running))

    async def _run_tool(self, call: ToolCall) -> ToolResult:
        result = await self._tools.run(call, self._files)
        await self.scribe.say(result)
        await self._latch_if_found((ToolResult(call.id, call.name, result.content, result.ok),), "tool")
        content, _ = cut(result.content, self._house.limits.result_bytes)
        return ToolResult(call.id, call.name, content, result.ok)

    # --- the end -----------------------------------------------------------------------------------------------------

    async def end_unasked(self, finish: events.Finish) -> None:
        """End a turn that never came to its first round."""
        await self._end(self._done(finish))

    def _done(self, finish: events.Finish) -> events.Done:
        clock = self._house.clock
        first = self._first_token_at
        return events.Done(
            finish,
            provider=self._announced.provider if self._announced else None,
            model=self._announced.model if self._announced else None,
            usage=self._usage,
            context_tokens=self._context_tokens,
            timing=events.Timing(
                None if first is None else round((first - self._received_at) * 1000, 1),
                round((clock() - self._received_at) * 1000, 1),
            ),
        )

    async def _end(self, end: events.Done | events.Error) -> None:
        """Store and show the end; where it cannot be stored it is shown all the same, so that nobody waits."""
        self._house.router.stats.turn_ended(ok=isinstance(end, events.Done))
        try:
            await self.scribe.say(end, state_after(end))
        except ChatError as failure:
            logger.warning("the end of turn %s is not stored yet: %s", self.turn.turn, failure.code)
            self.scribe.owe(end, state_after(end))


class _Withdrawn(Exception):
    """A cloud candidate that may not be asked any more. `tried`: why the one before it did not answer."""

    def __init__(self, routed: Routed) -> None:
        super().__init__("withdrawn")
        self.tried = (routed.failure,) if routed.failure is not None else ()


def _who(route: events.Route) -> tuple[str, str]:
    return route.provider, route.model
