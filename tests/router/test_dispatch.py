"""Dispatch: it falls back only before a word was shown, and gives every permit back, however a call is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import (
    BreakerOpen,
    ChatError,
    ContextTooLong,
    ModelMissing,
    ModelNotLocal,
    NoCandidateLeft,
    Outcome,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderMisconfigured,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
    StorageUnavailable,
    StreamInterrupted,
)
from chatapp.events import Context, Delta, Privacy, Route, Thinking
from chatapp.messages import CompletionRequest, Message, Text, ToolCall, Usage
from chatapp.ports import Completed, Health, Loading, ProviderEvent
from chatapp.privacy.gate import ClearedRequest, PrivacyGate
from chatapp.router.breaker import CircuitBreaker, Limits, Permit
from chatapp.router.candidate import Asker, Candidate, CloudCandidate, LocalCandidate
from chatapp.router.dispatch import Routed, dispatch
from chatapp.router.stats import Stats
from tests.fakes import (
    ANSWER,
    FakeClock,
    Records,
    ScriptedCloud,
    ScriptedLocal,
    Step,
    breaker_for,
    cloud_seat,
    find_canary,
    local_seat,
)

REQUEST = CompletionRequest("m", (Message("user", (Text("What is a normal potassium?"),)),))
WORD = Delta("Between ")
CALL = ToolCall("c1", "lookup", "{}")
DOWN = ProviderUnavailable("ollama")

FAULTS: list[ProviderError] = [
    ProviderUnavailable("p"),
    ProviderTimeout("p"),
    ProviderGarbled("p"),
    ProviderBusy("p", retry_after_s=7.0),
    ProviderMisconfigured("p"),
    ModelMissing("p", model="m"),
]
REJECTIONS: list[ProviderError] = [RequestRejected("p"), ContextTooLong("p"), ModelNotLocal("p")]


def route(provider: str) -> Route:
    return Route(provider, f"{provider}-model", "simple", "simple", "Because.", Privacy("clear"), Context(100, 1))


def local(provider: ScriptedLocal, breaker: CircuitBreaker | None = None) -> LocalCandidate:
    return LocalCandidate(local_seat(provider, breaker), route("ollama"), REQUEST)


def cloud(
    provider: ScriptedCloud, breaker: CircuitBreaker | None = None, records: Records | None = None
) -> CloudCandidate:
    cleared = PrivacyGate(find_canary).judge(REQUEST)
    assert isinstance(cleared, ClearedRequest)
    return CloudCandidate(cloud_seat(provider, breaker), route("anthropic"), cleared, Asker(), records or Records())


Said = list[Routed | ProviderEvent]


async def hear(candidates: Sequence[Candidate], stats: Stats | None = None) -> tuple[Said, BaseException | None]:
    """Everything that was said, and how it ended where it ended badly."""
    said: Said = []
    try:
        async for event in dispatch(candidates, stats or Stats()):
            said.append(event)
    except (ChatError, ZeroDivisionError) as error:
        return said, error
    return said, None


def words(said: Said) -> str:
    return "".join(event.text for event in said if isinstance(event, Delta))


def asked(said: Said) -> list[str]:
    return [event.candidate.route.provider for event in said if isinstance(event, Routed)]


# --- falling back ----------------------------------------------------------------------------------------------------


async def test_the_first_one_that_answers_is_the_only_one_asked() -> None:
    first, second = ScriptedLocal(), ScriptedCloud()
    said, error = await hear([local(first), cloud(second)])

    assert error is None
    assert isinstance(said[0], Routed)
    assert said[0].failure is None
    assert said[1:] == list(ANSWER)
    assert second.given == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("before", [(), (Loading("m"),), (Thinking("Hm."),)], ids=["at once", "load", "thought"])
async def test_a_fault_before_the_first_word_brings_the_next_one_with_the_reason(
    fault: ProviderError, before: tuple[Step, ...]
) -> None:
    said, error = await hear([local(ScriptedLocal((*before, fault))), cloud(ScriptedCloud())])

    assert error is None
    assert asked(said) == ["ollama", "anthropic"]
    assert [event.failure for event in said if isinstance(event, Routed)] == [None, fault]
    assert words(said) == "An answer."


@pytest.mark.parametrize("fault", [*FAULTS, *REJECTIONS], ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("shown", [WORD, CALL], ids=["word", "tool call"])
async def test_after_the_first_word_nobody_else_may_speak(fault: ProviderError, shown: ProviderEvent) -> None:
    second = ScriptedCloud()
    said, error = await hear([local(ScriptedLocal((shown, fault))), cloud(second)])

    if isinstance(fault, ModelNotLocal):
        assert error is fault  # P22: that words were read elsewhere is more than that they broke off
    else:
        assert isinstance(error, StreamInterrupted)
        assert error.__cause__ is fault
    assert said[1:] == [shown]
    assert second.given == []


@pytest.mark.parametrize("rejection", REJECTIONS, ids=lambda fault: type(fault).__name__)
async def test_a_request_that_is_itself_at_fault_is_offered_to_nobody_else(rejection: ProviderError) -> None:
    second = ScriptedLocal()
    _, error = await hear([cloud(ScriptedCloud((rejection,))), local(second)])

    assert isinstance(error, NoCandidateLeft)
    assert error.code == rejection.code
    assert second.given == []


async def test_where_all_fail_the_code_is_the_first_ones_and_the_sentence_names_all() -> None:
    timeout = ProviderTimeout("anthropic")
    said, error = await hear([local(ScriptedLocal((DOWN,))), cloud(ScriptedCloud((timeout,)))])

    assert isinstance(error, NoCandidateLeft)
    assert error.tried == (DOWN, timeout)
    assert error.code == DOWN.code
    assert str(error).startswith("Neither Ollama nor Anthropic can answer now.")
    assert words(said) == ""


async def test_nobody_at_all_is_an_error_too() -> None:
    _, error = await hear([])
    assert isinstance(error, NoCandidateLeft)
    assert error.tried == ()


async def test_a_bug_is_no_reason_to_ask_somebody_else() -> None:
    second = ScriptedCloud()
    _, error = await hear([local(ScriptedLocal((ZeroDivisionError(),))), cloud(second)])
    assert isinstance(error, ZeroDivisionError)
    assert second.given == []


async def test_r11_a_record_that_cannot_be_written_ends_the_request_without_a_call() -> None:
    records, first, second = Records(), ScriptedCloud(), ScriptedLocal()
    records.failure = StorageUnavailable()
    stats = Stats()
    _, error = await hear([cloud(first, records=records), local(second)], stats)

    assert isinstance(error, StorageUnavailable)
    assert (first.given, second.given) == ([], [])
    assert stats.view().left_house == 0


STEPS = st.one_of(st.sampled_from([WORD, CALL, Thinking("Hm."), Loading("m")]), st.sampled_from([*FAULTS, *REJECTIONS]))


@given(st.lists(STEPS, max_size=4), st.lists(STEPS, max_size=4))
def test_words_of_two_models_are_never_joined(first: list[Step], second: list[Step]) -> None:
    end = Completed("stop", Usage())
    candidates: list[Candidate] = [local(ScriptedLocal((*first, end))), cloud(ScriptedCloud((*second, end)))]
    said, error = asyncio.run(hear(candidates))

    speakers, speaker = set(), ""
    for event in said:
        if isinstance(event, Routed):
            speaker = event.candidate.route.provider
        elif isinstance(event, Delta | ToolCall):
            speakers.add(speaker)
    assert len(speakers) <= 1
    assert (error is None) == (said[-1:] == [end])
    assert error is None or isinstance(error, NoCandidateLeft | StreamInterrupted | ModelNotLocal)
    assert isinstance(error, StreamInterrupted | ModelNotLocal) <= bool(speakers)


# --- permits ---------------------------------------------------------------------------------------------------------


class NotingBreaker(CircuitBreaker):
    """A breaker that notes who took leave, and with which word it was given back."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__("ollama", "", Limits(), clock, lambda: 0.0)
        self.taken: list[Permit] = []
        self.given_back: list[tuple[Permit, Outcome]] = []

    def admit(self) -> Permit:
        permit = super().admit()
        self.taken.append(permit)
        return permit

    def settle(self, permit: Permit, outcome: Outcome, retry_after_s: float | None = None) -> None:
        self.given_back.append((permit, outcome))
        super().settle(permit, outcome, retry_after_s)

    @property
    def outstanding(self) -> list[Permit]:
        return [permit for permit in self.taken if permit not in [settled for settled, _ in self.given_back]]

    @property
    def last_word(self) -> Outcome:
        return self.given_back[-1][1]


@dataclass
class Stand:
    """One provider behind a breaker that notes; `due`: as it is when a trial is due."""

    due: bool
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.breaker = NotingBreaker(self.clock)
        if self.due:
            for _ in range(5):
                self.breaker.settle(self.breaker.admit(), "failed")
            self.clock.now += 61
            self.breaker.taken.clear()
            self.breaker.given_back.clear()

    def open(self, *script: Step) -> AsyncGenerator[Routed | ProviderEvent, None]:
        self.provider = ScriptedLocal(script)
        return dispatch([local(self.provider, self.breaker)], Stats(), self.clock)


@pytest.fixture(params=[False, True], ids=["closed", "trial"])
def stand(request: pytest.FixtureRequest) -> Stand:
    return Stand(request.param)


ENDS: list[tuple[tuple[Step, ...], Outcome]] = [
    (ANSWER, "succeeded"),
    *[((fault,), fault.outcome) for fault in (*FAULTS, *REJECTIONS)],
    *[((WORD, fault), fault.outcome) for fault in (*FAULTS, *REJECTIONS)],
    ((ZeroDivisionError(),), "released"),
    ((WORD, ZeroDivisionError()), "released"),
]


@pytest.mark.parametrize(
    ("script", "outcome"), ENDS, ids=["+".join(type(step).__name__ for step in end[0]) for end in ENDS]
)
async def test_r03_a_call_that_ends_gives_its_permit_back(
    stand: Stand, script: tuple[Step, ...], outcome: Outcome
) -> None:
    with_error: BaseException | None = None
    try:
        async for _ in stand.open(*script):
            pass
    except (ChatError, ZeroDivisionError) as error:
        with_error = error

    assert (with_error is None) == (outcome == "succeeded")
    assert len(stand.breaker.taken) == 1
    assert stand.breaker.outstanding == []
    assert stand.breaker.last_word == outcome
    assert stand.provider.open == 0


@pytest.mark.parametrize("shown", [(), (WORD,)], ids=["before the first word", "after it"])
async def test_r03_a_call_that_is_cancelled_gives_its_permit_back(stand: Stand, shown: tuple[Step, ...]) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async for event in stand.open(*shown, Loading("m"), never):
            if isinstance(event, Loading):
                reached.set()

    reading = asyncio.create_task(read())
    await reached.wait()
    assert stand.provider.open == 1
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert stand.breaker.outstanding == []
    assert stand.breaker.last_word == "released"
    assert stand.provider.open == 0


@pytest.mark.parametrize("read", [0, 1, 2, 3])
async def test_a_reader_who_goes_away_gives_the_permit_back(stand: Stand, read: int) -> None:
    """0: before it began. 1: `Routed` was read. 2: the first word. 3: the second."""
    async with aclosing(stand.open(*ANSWER)) as events:
        for _ in range(read):
            await anext(events)

    assert len(stand.breaker.taken) == (read > 1)
    assert stand.breaker.outstanding == []
    assert [word for _, word in stand.breaker.given_back][-1:] == (["released"] if read > 1 else [])
    assert stand.provider.open == 0


async def test_who_leaves_after_the_end_mark_has_had_a_whole_answer(stand: Stand) -> None:
    async with aclosing(stand.open(*ANSWER)) as events:
        while not isinstance(await anext(events), Completed):
            pass
    assert stand.breaker.last_word == "succeeded"


@pytest.mark.parametrize("error", [StorageUnavailable(), OSError(), asyncio.CancelledError()])
async def test_a_record_that_fails_gives_the_permit_back(error: BaseException) -> None:
    breaker, records = NotingBreaker(FakeClock()), Records()
    records.failure = error
    with pytest.raises(type(error)):
        async for _ in dispatch([cloud(ScriptedCloud(), breaker, records)], Stats()):
            pass
    assert breaker.outstanding == []
    assert breaker.last_word == "released"


# --- the breaker decides, the probe goes first -----------------------------------------------------------------------


async def test_five_failures_open_the_breaker_and_the_next_call_is_not_made() -> None:
    provider, breaker = ScriptedLocal(*[(DOWN,)] * 9), breaker_for("ollama")
    for _ in range(5):
        await hear([local(provider, breaker)])
    said, error = await hear([local(provider, breaker), cloud(ScriptedCloud())])

    assert len(provider.given) == 5
    assert breaker.view().state == "open"
    assert error is None
    assert [type(event.failure) for event in said if isinstance(event, Routed)] == [type(None), BreakerOpen]


@pytest.mark.parametrize("rejection", REJECTIONS, ids=lambda fault: type(fault).__name__)
async def test_a_rejected_request_is_not_counted_against_the_provider(rejection: ProviderError) -> None:
    provider, breaker = ScriptedLocal(*[(rejection,)] * 20), breaker_for("ollama")
    for _ in range(20):
        await hear([local(provider, breaker)])
    assert (breaker.view().state, breaker.view().failures) == ("closed", 0)


async def test_a_trial_is_probed_first_and_only_then_given_the_prompt() -> None:
    stand = Stand(due=True)
    said = [event async for event in stand.open(*ANSWER)]

    assert stand.provider.checks == 1
    assert len(stand.provider.given) == 1
    assert said[-1:] == [ANSWER[-1]]
    assert stand.breaker.view().state == "closed"


async def test_an_ordinary_call_is_not_probed() -> None:
    stand = Stand(due=False)
    async for _ in stand.open(*ANSWER):
        pass
    assert stand.provider.checks == 0


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("failed", "open"), ("misconfigured", "misconfigured"), ("released", "half_open"), ("answered", "closed")],
)
async def test_a_probe_that_finds_nobody_spends_no_prompt(outcome: Outcome, state: str) -> None:
    stand = Stand(due=True)
    events = stand.open(*ANSWER)
    stand.provider.health = Health(False, error="x", outcome=outcome)
    with pytest.raises(NoCandidateLeft):
        async for _ in events:
            pass

    assert stand.provider.given == []
    assert stand.breaker.outstanding == []
    assert stand.breaker.view().state == state


@pytest.mark.parametrize("error", [ValueError(), OSError()])
async def test_a_probe_that_trips_gives_the_permit_back(error: Exception) -> None:
    stand = Stand(due=True)
    events = stand.open(*ANSWER)
    stand.provider.health = error
    with pytest.raises(type(error)):
        async for _ in events:
            pass
    assert stand.breaker.outstanding == []
    assert stand.breaker.due_for_probe


async def test_a_cancelled_probe_gives_the_permit_back() -> None:
    stand, begun = Stand(due=True), asyncio.Event()

    class Silent(ScriptedLocal):
        async def check(self) -> Health:
            begun.set()
            await asyncio.Event().wait()
            return await super().check()

    async def read() -> None:
        async for _ in dispatch([local(Silent(), stand.breaker)], Stats()):
            pass

    reading = asyncio.create_task(read())
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert stand.breaker.outstanding == []
    assert stand.breaker.due_for_probe


async def test_r02_while_one_trial_runs_the_others_are_told_at_once_and_after_its_first_word_they_pass() -> None:
    stand, loaded, speak, end = Stand(due=True), asyncio.Event(), asyncio.Event(), asyncio.Event()
    provider = ScriptedLocal((Loading("m"), speak, WORD, end, *ANSWER[1:]))
    spoken = asyncio.Event()

    async def trial() -> None:
        async for event in dispatch([local(provider, stand.breaker)], Stats(), stand.clock):
            if isinstance(event, Loading):
                loaded.set()
            elif event == WORD:
                spoken.set()

    running = asyncio.create_task(trial())
    await loaded.wait()
    for _ in range(20):
        _, error = await hear([local(provider, stand.breaker)])
        assert isinstance(error, NoCandidateLeft)
        assert isinstance(error.tried[0], BreakerOpen)
    assert (len(provider.given), provider.checks) == (1, 1)
    speak.set()
    await spoken.wait()
    _, error = await hear([local(provider, stand.breaker)])
    assert error is None
    end.set()
    await running
    assert stand.breaker.view().state == "closed"


async def test_a_wish_to_wait_holds_the_next_call_back_and_opens_nothing() -> None:
    clock = FakeClock()
    breaker = breaker_for("ollama", clock)
    provider = ScriptedLocal((ProviderBusy("ollama", retry_after_s=7.0),))
    await hear([local(provider, breaker)])
    _, held = await hear([local(provider, breaker)])
    clock.now += 8
    _, passed = await hear([local(provider, breaker)])

    assert isinstance(held, NoCandidateLeft)
    assert held.retry_after_s == pytest.approx(7.0)
    assert passed is None
    assert len(provider.given) == 2


# --- what is counted -------------------------------------------------------------------------------------------------


class Ticking(FakeClock):
    """A clock on which every look takes a second."""

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


async def test_a_call_is_counted_with_its_times_and_tokens() -> None:
    stats = Stats()
    async for _ in dispatch([cloud(ScriptedCloud())], stats, Ticking()):
        pass
    view = stats.view()
    (model,) = view.models

    assert (model.provider, model.model, model.calls, model.failures) == ("anthropic", "anthropic-model", 1, 0)
    assert (view.prompt_tokens, view.completion_tokens, view.left_house) == (3, 2, 1)
    assert model.first_token_ms is not None
    assert model.total_ms is not None
    assert (model.first_token_ms.p50, model.total_ms.p50) == (1000.0, 2000.0)


@pytest.mark.parametrize(
    ("steps", "calls"),
    [
        (ANSWER, [(1, 0)]),
        ((DOWN,), [(1, 1)]),
        ((WORD, DOWN), [(1, 1)]),
        ((RequestRejected("p"),), [(1, 1)]),
        ((ProviderBusy("p"),), []),
    ],
)
async def test_failures_count_and_calls_that_never_were_do_not(
    steps: tuple[Step, ...], calls: list[tuple[int, int]]
) -> None:
    stats = Stats()
    await hear([local(ScriptedLocal(steps))], stats)
    assert [(model.calls, model.failures) for model in stats.view().models] == calls
