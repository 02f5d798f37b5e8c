"""The router itself: question ─▶ candidates, each with exactly what it may see and the words for the user.

Puts together `classify`, the privacy gate, `route` and the seats; the chat and the library both ask it.
Opening a candidate and falling back is `dispatch.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace

from chatapp.errors import ContextTooLong
from chatapp.events import Privacy, Route
from chatapp.messages import CompletionRequest, LockedBy, Mode, ProviderWish
from chatapp.ports import EgressLedger, ProviderEvent
from chatapp.privacy.gate import CLEAR, UNKNOWN, ClearedRequest, Judgement, PrivacyGate
from chatapp.router.candidate import (
    Asker,
    Candidate,
    CloudCandidate,
    CloudSeat,
    Fit,
    LocalCandidate,
    LocalSeat,
    Seat,
)
from chatapp.router.classify import Classification, classify
from chatapp.router.dispatch import Routed, dispatch
from chatapp.router.health import HealthWatch
from chatapp.router.reading import read
from chatapp.router.route import Case, Choice, Policy, choose
from chatapp.router.stats import Stats


@dataclass(frozen=True, slots=True)
class Question:
    """A request before it is known who answers it.

    Args:
        request: the whole of it, history and tools included; its `model` is chosen here.
        text: the person's newest words, by which the task is classified.
        schedule: a schedule is in the text or an attachment. tools: the caller's own request carries tools.
        model: insist on this model, where the provider has it.
    """

    request: CompletionRequest
    text: str
    mode: Mode = "hybrid"
    wish: ProviderWish = "auto"
    locked_by: LockedBy | None = None
    schedule: bool = False
    tools: bool = False
    model: str | None = None
    asker: Asker = field(default_factory=Asker)


@dataclass(frozen=True, slots=True)
class Routing:
    """The answer: candidates in order, the first one's route, and what the gate found."""

    candidates: tuple[Candidate, ...]
    choice: Choice
    judgement: Judgement

    @property
    def stays(self) -> bool:
        """Whether privacy alone keeps it in the house."""
        return self.choice.rule in ("phi", "locked", "unknown")

    @property
    def latches(self) -> bool:
        """Whether the conversation is local from now on."""
        return self.judgement.verdict != "clear"


class Router:
    """Decides who answers.

    Args:
        seats: the providers at the table, in order of preference within a kind.
        ledger: where it is written what leaves. fit: makes a request fit a window.
        reading_s: how long the gate may take for one text or request; what it has not read by then is unsure.
    """

    def __init__(
        self, seats: Sequence[Seat], *, gate: PrivacyGate, policy: Policy, health: HealthWatch, stats: Stats,
        ledger: EgressLedger, fit: Fit, reading_s: float = 5.0,
    ) -> None:  # fmt: skip
        self.seats = tuple(seats)
        self.gate = gate
        self.policy = policy
        self.health = health
        self.stats = stats
        self._ledger = ledger
        self._fit = fit
        self._reading_s = reading_s

    def __repr__(self) -> str:
        return f"<Router {', '.join(seat.provider.name for seat in self.seats)}>"

    @property
    def has_cloud(self) -> bool:
        """Whether a cloud provider is there at all."""
        return any(isinstance(seat, CloudSeat) for seat in self.seats)

    def route(self, question: Question) -> Routing:
        """Judge the whole request and choose who answers it.

        Raises:
            ContextTooLong: no candidate's context window holds even the newest message.
        """
        judged = self.gate.judge(_with_its_model(question), latched=question.locked_by is not None)
        return self._routing(question, CLEAR if isinstance(judged, ClearedRequest) else judged.judgement)

    async def decide(self, question: Question) -> Routing:
        """As `route`, but no long text holds up the event loop, and one that takes too long to read stays.

        Raises:
            ContextTooLong: as `route`.
        """
        request = _with_its_model(question)
        judged = await read(lambda: self.gate.judge(request), self.gate.unread(request), within_s=self._reading_s)
        return self._routing(question, UNKNOWN) if judged is None else self.route(question)

    async def judge(self, work: Callable[[], Judgement], size: int) -> Judgement:
        """Have the gate judge something of so many characters; not in time is `unknown`."""
        return await read(work, size, within_s=self._reading_s) or UNKNOWN

    def open(self, routing: Routing) -> AsyncGenerator[Routed | ProviderEvent, None]:
        """Ask the candidates, one after the other."""
        return dispatch(routing.candidates, self.stats)

    def _routing(self, question: Question, judgement: Judgement) -> Routing:
        task = classify(question.text, verdict=judgement.verdict, schedule=question.schedule, tools=question.tools)
        choice = choose(self._case(question, judgement, task), self.policy)
        seats = [seat for kind in choice.order for seat in self.seats if seat.kind == kind]
        candidates = [self._candidate(seat, question, judgement, task, choice) for seat in seats]
        fitting = [candidate for candidate in candidates if candidate is not None]
        if not fitting:
            raise ContextTooLong(seats[0].provider.name if seats else "ollama")
        return Routing(_with_their_reasons(fitting, choice, seats[0]), choice, judgement)

    def _case(self, question: Question, judgement: Judgement, task: Classification) -> Case:
        free = task
        if judgement.verdict != "clear":
            free = classify(question.text, schedule=question.schedule, tools=question.tools)
        return Case(
            verdict=judgement.verdict,
            kinds=judgement.kinds,
            locked_by=question.locked_by,
            mode=question.mode,
            wish=question.wish,
            task=free.task,
            task_reason=free.reason,
            cloud=self.has_cloud,
        )

    def _candidate(
        self, seat: Seat, question: Question, judgement: Judgement, task: Classification, choice: Choice
    ) -> Candidate | None:
        """The seat with the request it would be given; None where not even the newest message fits it."""
        model, note = self._model(seat, question, task)
        try:
            request, context = self._fit(replace(question.request, model=model), seat.provider.window(model))
        except ContextTooLong:
            return None
        route = Route(
            provider=seat.provider.name,
            model=model,
            task=task.task,
            rule=choice.rule,
            reason=f"{choice.reason} {note}".strip(),
            privacy=Privacy(judgement.verdict, judgement.kinds),
            context=context,
            otherwise=self._name_of(choice.otherwise),
        )
        if isinstance(seat, LocalSeat):
            return LocalCandidate(seat, route, request)
        return self._cleared(seat, route, request, question.asker)

    def _cleared(
        self, seat: CloudSeat, route: Route, request: CompletionRequest, asker: Asker
    ) -> CloudCandidate | None:
        """A cloud candidate holds what the gate cleared of exactly this payload, or does not exist."""
        cleared = self.gate.judge(request)
        if isinstance(cleared, ClearedRequest):
            return CloudCandidate(seat, route, cleared, asker, self._ledger)
        return None

    def _model(self, seat: Seat, question: Question, task: Classification) -> tuple[str, str]:
        """The model for the task, or the default one where it is not there, and the sentence that says so."""
        role = "tools" if question.schedule or question.tools else task.task
        insisted, default = self._insisted(question), seat.default_model
        wanted = insisted or seat.model_for(role)
        if wanted == default or not self.health.lacks(seat.provider, wanted):
            return wanted, ""
        if seat.kind == "cloud":
            return default, f"{wanted} is not offered by {seat.provider.name}, so {default} answers."
        mend = "" if insisted else f"; `ollama pull {wanted}` adds it"
        return default, f"{wanted} is not on this machine, so {default} answers{mend}."

    def _insisted(self, question: Question) -> str | None:
        """The model a caller insists on; None where its name is no name: what was found is not repeated in a reason."""
        named = question.model
        return named if named and self.gate.examine(named).verdict == "clear" else None

    def _name_of(self, kind: str | None) -> str | None:
        return next((seat.provider.name for seat in self.seats if seat.kind == kind), None) if kind else None


def _with_its_model(question: Question) -> CompletionRequest:
    """The request as the gate reads it: a model that a caller insists on is a text like any other."""
    return replace(question.request, model=question.model or question.request.model)


def _with_their_reasons(candidates: Sequence[Candidate], choice: Choice, first: Seat) -> tuple[Candidate, ...]:
    """The choice's rule and reason speak of the first kind; whoever is asked instead says why it is they."""
    name, leads = first.provider.name.capitalize(), candidates[0].seat.kind == choice.order[0]
    rule, why = ("fallback", "did not answer") if leads else ("too_long", "cannot hold this conversation")
    return tuple(
        candidate
        if candidate.seat.kind == choice.order[0]
        else _because(candidate, rule, f"{name} {why}, so {candidate.route.model} answers.")
        for candidate in candidates
    )


def _because(candidate: Candidate, rule: str, reason: str) -> Candidate:
    return replace(candidate, route=replace(candidate.route, rule=rule, reason=reason))
