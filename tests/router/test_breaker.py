"""The breaker: a table of every state and outcome, its times, its exits, and a reference model of the rules."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chatapp.errors import BreakerOpen, Outcome, ProviderBusy, ProviderError, ProviderMisconfigured
from chatapp.router.breaker import (
    RECENT_CALLS,
    CircuitBreaker,
    Closed,
    EndedCall,
    HalfOpen,
    Held,
    Limits,
    Misconfigured,
    Open,
    Permit,
    State,
    admit,
    later_hold,
    open_seconds,
    settle,
)

LIMITS = Limits()
OUTCOMES: tuple[Outcome, ...] = ("succeeded", "failed", "answered", "misconfigured", "released")
NOW = 1000.0


class FakeClock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> CircuitBreaker:
    return CircuitBreaker("ollama", clock=clock, jitter=lambda: 0.0)


def fail(breaker: CircuitBreaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.settle(breaker.admit(), "failed")


def refusal_of(breaker: CircuitBreaker) -> ProviderError:
    refusal = breaker.refusal()
    assert refusal is not None
    return refusal


# --- every state, every outcome --------------------------------------------------------------------------------------

CLOSED = Closed(4, failures=2)
LAST_CHANCE = Closed(4, failures=4)
OPEN = Open(5, until=NOW + 30, openings=2, failures=5)
TRYING = HalfOpen(6, permit_until=NOW + 300, openings=2, failures=5)
GOOD, BAD = EndedCall(NOW, failed=False), EndedCall(NOW, failed=True)

TABLE: list[tuple[State, Outcome, State]] = [
    (CLOSED, "succeeded", Closed(4, recent=(GOOD,))),
    (CLOSED, "failed", Closed(4, failures=3, recent=(BAD,))),
    (CLOSED, "answered", Closed(4)),
    (CLOSED, "misconfigured", Misconfigured(5)),
    (CLOSED, "released", CLOSED),
    (LAST_CHANCE, "succeeded", Closed(4, recent=(GOOD,))),
    (LAST_CHANCE, "failed", Open(5, until=NOW + 60, openings=1, failures=5)),
    (LAST_CHANCE, "answered", Closed(4)),
    (LAST_CHANCE, "misconfigured", Misconfigured(5)),
    (LAST_CHANCE, "released", LAST_CHANCE),
    *[(OPEN, outcome, OPEN) for outcome in OUTCOMES],
    (TRYING, "succeeded", Closed(6, openings=2, since=NOW)),
    (TRYING, "failed", Open(7, until=NOW + 240, openings=3, failures=6)),
    (TRYING, "answered", Closed(6, openings=2, since=NOW)),
    (TRYING, "misconfigured", Misconfigured(7)),
    (TRYING, "released", HalfOpen(7, None, openings=2, failures=5)),
    *[(Misconfigured(8), outcome, Misconfigured(8)) for outcome in OUTCOMES],
    *[(Held(9), outcome, Held(9)) for outcome in OUTCOMES],
]


@pytest.mark.parametrize(("before", "outcome", "after"), TABLE)
def test_each_outcome_leads_where_the_table_says(before: State, outcome: Outcome, after: State) -> None:
    permit = Permit(before.generation, trial=isinstance(before, HalfOpen))
    assert settle(before, permit, outcome, NOW, LIMITS) == after


@pytest.mark.parametrize("state", [CLOSED, LAST_CHANCE, OPEN, TRYING, Misconfigured(8), Held(9)])
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("generation", [-1, 1])
def test_word_from_another_generation_changes_nothing(state: State, outcome: Outcome, generation: int) -> None:
    assert settle(state, Permit(state.generation + generation, trial=True), outcome, NOW, LIMITS) == state


@pytest.mark.parametrize(
    ("state", "permit"),
    [
        (CLOSED, Permit(4)),
        (OPEN, None),
        (replace(OPEN, until=NOW), Permit(6, trial=True)),
        (TRYING, None),
        (replace(TRYING, permit_until=None), Permit(7, trial=True)),
        (replace(TRYING, permit_until=NOW), Permit(7, trial=True)),
        (Misconfigured(8), None),
        (Held(9), None),
    ],
)
def test_admission_is_as_the_state_says(state: State, permit: Permit | None) -> None:
    after, given = admit(state, NOW, LIMITS)
    assert given == permit
    assert after == state or (isinstance(after, HalfOpen) and after.permit_until == NOW + LIMITS.permit_s)


# --- when it opens, for how long -------------------------------------------------------------------------------------


def test_five_failures_in_a_row_open_it_and_four_do_not(breaker: CircuitBreaker) -> None:
    fail(breaker, 4)
    assert breaker.view().state == "closed"
    fail(breaker)
    assert breaker.view().state == "open"


@pytest.mark.parametrize("outcome", ["succeeded", "answered"])
def test_whatever_shows_that_it_is_there_ends_the_row(breaker: CircuitBreaker, outcome: Outcome) -> None:
    fail(breaker, 4)
    breaker.settle(breaker.admit(), outcome)
    fail(breaker, 4)
    assert breaker.view().state == "closed"


def test_a_released_call_neither_counts_nor_ends_the_row(breaker: CircuitBreaker) -> None:
    fail(breaker, 4)
    breaker.settle(breaker.admit(), "released")
    assert breaker.view().failures == 4


def test_half_of_ten_calls_within_a_minute_open_it(breaker: CircuitBreaker) -> None:
    for outcome in ("failed", "succeeded") * 4:
        breaker.settle(breaker.admit(), outcome)
    breaker.settle(breaker.admit(), "succeeded")
    assert breaker.view().state == "closed"
    fail(breaker)
    assert breaker.view().state == "open"


def test_failures_older_than_a_minute_no_longer_count_for_the_rate(breaker: CircuitBreaker, clock: FakeClock) -> None:
    for outcome in ("failed", "succeeded") * 4:
        breaker.settle(breaker.admit(), outcome)
    clock.now += 60
    fail(breaker, 2)
    assert breaker.view().state == "closed"


def test_what_the_rate_rule_remembers_is_bounded() -> None:
    state: State = Closed()
    for _ in range(10 * RECENT_CALLS):
        state = settle(state, Permit(0), "succeeded", NOW, LIMITS)
    assert isinstance(state, Closed)
    assert len(state.recent) == RECENT_CALLS


def test_the_open_time_doubles_up_to_its_limit() -> None:
    assert [open_seconds(n, LIMITS) for n in (1, 2, 3, 4, 5, 10_000)] == [60, 120, 240, 300, 300, 300]


def test_an_open_time_set_above_the_limit_is_kept() -> None:
    assert open_seconds(3, Limits(open_s=900)) == 900


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 60.0), (0.5, 63.0), (1.0, 66.0)])
def test_jitter_only_ever_lengthens_the_open_time(jitter: float, seconds: float) -> None:
    state = settle(LAST_CHANCE, Permit(4), "failed", 0.0, LIMITS, jitter)
    assert isinstance(state, Open)
    assert state.until == pytest.approx(seconds)


def test_each_failed_trial_makes_the_next_wait_longer(breaker: CircuitBreaker, clock: FakeClock) -> None:
    fail(breaker, 5)
    waits = []
    for _ in range(4):
        waits.append(round(breaker.view().retry_in_s or 0))
        clock.now += waits[-1]
        fail(breaker)
    assert waits == [60, 120, 240, 300]


@pytest.mark.parametrize(("calm", "wait"), [(599, 120), (600, 60)])
def test_only_ten_closed_minutes_bring_the_short_wait_back(
    breaker: CircuitBreaker, clock: FakeClock, calm: float, wait: float
) -> None:
    fail(breaker, 5)
    clock.now += 60
    fail(breaker)
    clock.now += 120
    breaker.settle(breaker.admit(), "succeeded")
    clock.now += calm
    fail(breaker, 5)
    assert breaker.view().retry_in_s == wait


# --- half-open: one trial, and how it ends ---------------------------------------------------------------------------


@pytest.fixture
def due(breaker: CircuitBreaker, clock: FakeClock) -> CircuitBreaker:
    """A breaker whose open time has just ended."""
    fail(breaker, 5)
    clock.now += 60
    return breaker


def test_r02_of_a_thousand_callers_at_half_open_one_gets_through(due: CircuitBreaker) -> None:
    permits, waits = [], []
    for _ in range(1000):
        try:
            permits.append(due.admit())
        except BreakerOpen as refused:
            waits.append(refused.retry_after_s)
    assert [permit.trial for permit in permits] == [True]
    assert waits == [5.0] * 999


@pytest.mark.parametrize(
    ("outcome", "state", "next_caller_is_trial"),
    [
        ("succeeded", "closed", False),
        ("answered", "closed", False),
        ("failed", "open", None),
        ("misconfigured", "misconfigured", None),
        ("released", "half_open", True),
    ],
)
def test_r03_every_exit_of_a_trial_gives_the_permit_back(
    due: CircuitBreaker, outcome: Outcome, state: str, next_caller_is_trial: bool | None
) -> None:
    due.settle(due.admit(), outcome)
    assert due.view().state == state
    if next_caller_is_trial is None:
        refusal_of(due)
    else:
        assert due.admit().trial is next_caller_is_trial


def test_r03_a_trial_that_hangs_loses_its_permit(due: CircuitBreaker, clock: FakeClock) -> None:
    hanging = due.admit()
    clock.now += 299.9
    assert isinstance(refusal_of(due), BreakerOpen)
    clock.now += 0.1
    second = due.admit()
    due.settle(hanging, "failed")
    assert due.view().state == "half_open"
    due.settle(second, "succeeded")
    assert due.view().state == "closed"


def test_a_first_token_lets_the_others_in_and_a_later_failure_shuts_them_out(due: CircuitBreaker) -> None:
    trial = due.admit()
    due.first_token(trial)
    due.settle(due.admit(), "succeeded")
    assert due.view().state == "closed"
    due.settle(trial, "failed")
    assert due.view().state == "open"
    assert due.view().retry_in_s == 120


def test_a_first_token_of_an_ordinary_call_does_not_end_the_row(breaker: CircuitBreaker) -> None:
    for _ in range(5):
        permit = breaker.admit()
        breaker.first_token(permit)
        breaker.settle(permit, "failed")
    assert breaker.view().state == "open"


def test_r04_a_call_from_before_the_opening_says_nothing_afterwards(breaker: CircuitBreaker, clock: FakeClock) -> None:
    early = breaker.admit()
    fail(breaker, 5)
    breaker.settle(early, "succeeded")
    assert breaker.view().state == "open"
    clock.now += 60
    trial = breaker.admit()
    breaker.settle(early, "succeeded")
    assert breaker.view().state == "half_open"
    breaker.settle(trial, "succeeded")
    breaker.settle(early, "failed")
    assert breaker.view().failures == 0


# --- what providers and operators ask for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry_after_s", "held_s"), [(2.5, 2.5), (300, 300), (1e9, 300), (math.inf, 300), (0, 5), (-7, 5), (math.nan, 5)]
)
def test_a_retry_after_is_believed_within_reason(retry_after_s: float, held_s: float) -> None:
    assert later_hold(-math.inf, NOW, retry_after_s) == NOW + held_s


def test_a_shorter_retry_after_does_not_cut_a_longer_one() -> None:
    assert later_hold(NOW + 200, NOW, 10) == NOW + 200


def test_a_busy_provider_is_held_back_without_opening(breaker: CircuitBreaker, clock: FakeClock) -> None:
    breaker.settle(breaker.admit(), "released", retry_after_s=30)
    refusal = refusal_of(breaker)
    assert isinstance(refusal, ProviderBusy)
    assert refusal.retry_after_s == breaker.held_back_s == 30
    assert breaker.view().state == "closed"
    clock.now += 30
    assert breaker.refusal() is None
    assert breaker.admit() == Permit(0)


def test_an_open_breaker_waits_for_the_longer_of_both_times(breaker: CircuitBreaker) -> None:
    fail(breaker, 4)
    breaker.settle(breaker.admit(), "failed", retry_after_s=200)
    assert refusal_of(breaker).retry_after_s == breaker.view().retry_in_s == 200


def test_a_wish_to_wait_does_not_use_up_the_trial(due: CircuitBreaker, clock: FakeClock) -> None:
    due.settle(due.admit(), "released", retry_after_s=10)
    assert isinstance(refusal_of(due), ProviderBusy)
    clock.now += 10
    assert due.admit().trial


def test_misconfigured_leaves_only_by_reset(breaker: CircuitBreaker, clock: FakeClock) -> None:
    breaker.settle(breaker.admit(), "misconfigured")
    clock.now += 1e6
    with pytest.raises(ProviderMisconfigured):
        breaker.admit()
    breaker.probed("succeeded")
    assert breaker.view().state == "misconfigured"
    breaker.reset()
    assert not breaker.admit().trial


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_probe_is_believed_only_about_keys(breaker: CircuitBreaker, outcome: Outcome) -> None:
    breaker.probed(outcome)
    assert breaker.view().state == ("misconfigured" if outcome == "misconfigured" else "closed")


def test_a_held_breaker_refuses_until_reset_whatever_calls_and_probes_say(breaker: CircuitBreaker) -> None:
    running = breaker.admit()
    breaker.hold()
    breaker.settle(running, "succeeded")
    breaker.probed("misconfigured")
    assert breaker.view().state == "held"
    assert "held back by an operator" in str(refusal_of(breaker))
    breaker.reset()
    assert breaker.refusal() is None


def test_a_reset_forgets_failures_holds_and_running_calls(breaker: CircuitBreaker) -> None:
    running = breaker.admit()
    breaker.settle(breaker.admit(), "failed", retry_after_s=100)
    breaker.reset()
    breaker.settle(running, "failed")
    assert breaker.refusal() is None
    assert breaker.view().failures == 0


def test_looking_changes_nothing(due: CircuitBreaker) -> None:
    for _ in range(3):
        assert due.refusal() is None
        assert due.view().state == "half_open"
        assert due.due_for_probe
    assert due.admit().trial
    assert not due.due_for_probe


def test_it_can_be_read_aloud(breaker: CircuitBreaker, clock: FakeClock) -> None:
    told = [repr(breaker)]
    breaker.settle(breaker.admit(), "released", retry_after_s=7)
    told.append(repr(breaker))
    clock.now += 7
    fail(breaker, 5)
    clock.now += 19
    told.append(repr(breaker))
    clock.now += 41
    told.append(repr(breaker))
    trial = breaker.admit()
    told.append(repr(breaker))
    breaker.settle(trial, "misconfigured")
    told.append(repr(breaker))
    breaker.hold()
    told.append(repr(breaker))
    assert told == [
        "<CircuitBreaker ollama: closed, 0 of 5 failures>",
        "<CircuitBreaker ollama: closed, held back for 7 s>",
        "<CircuitBreaker ollama: open, 41 s left>",
        "<CircuitBreaker ollama: half-open, waiting for a trial>",
        "<CircuitBreaker ollama: half-open, trial running>",
        "<CircuitBreaker ollama: misconfigured>",
        "<CircuitBreaker ollama: held>",
    ]


# --- the reference model ---------------------------------------------------------------------------------------------

SMALL = Limits(failures=3, open_s=10, longest_open_s=35, permit_s=50, rate_calls=6, rate_window_s=12, calm_s=90)


@dataclass
class ReferenceCall:
    """A call somebody made: which era it began in, and whether it was the trial of that era."""

    era: int
    trial: bool


@dataclass
class Reference:
    """The rules once more, as plain bookkeeping with one clock, no states and no generations."""

    now: float = 0.0
    era: int = 0
    word: str = "closed"
    row: int = 0
    history: list[tuple[float, bool]] = field(default_factory=list)
    steps: int = 0
    wake: float = 0.0
    trial_ends: float | None = None
    closed_at: float = -1e9

    def ask(self) -> ReferenceCall | None:
        if self.word == "closed":
            return ReferenceCall(self.era, trial=False)
        asleep = self.word == "open" and self.now < self.wake
        busy = self.trial_ends is not None and self.now < self.trial_ends
        if self.word not in ("open", "trying") or asleep or busy:
            return None
        self.word, self.era, self.trial_ends = "trying", self.era + 1, self.now + SMALL.permit_s
        return ReferenceCall(self.era, trial=True)

    def tell(self, call: ReferenceCall, outcome: Outcome) -> None:
        if call.era != self.era or self.word not in ("closed", "trying"):
            return
        if outcome == "misconfigured":
            self.become("misconfigured")
        elif self.word == "trying":
            self.tell_of_trial(outcome)
        elif outcome in ("succeeded", "answered"):
            self.row = 0
            if outcome == "succeeded":
                self.history.append((self.now, False))
        elif outcome == "failed":
            self.tell_of_failure(call)

    def tell_of_trial(self, outcome: Outcome) -> None:
        self.trial_ends = None
        if outcome == "released":
            self.era += 1
        elif outcome == "failed":
            self.fall_asleep(self.steps + 1)
        else:
            self.word, self.row, self.history, self.closed_at = "closed", 0, [], self.now

    def tell_of_failure(self, call: ReferenceCall) -> None:
        self.row += 1
        self.history.append((self.now, True))
        lately = [failed for at, failed in self.history if self.now - at < SMALL.rate_window_s]
        if call.trial:
            self.fall_asleep(self.steps + 1)
        elif self.row >= SMALL.failures or (len(lately) >= SMALL.rate_calls and 2 * sum(lately) >= len(lately)):
            calm = self.now - self.closed_at >= SMALL.calm_s
            self.fall_asleep(1 if calm or self.steps == 0 else self.steps)

    def fall_asleep(self, steps: int) -> None:
        self.become("open")
        self.steps = steps
        self.wake = self.now + {1: 10, 2: 20}.get(steps, 35)

    def become(self, word: str) -> None:
        self.word, self.era, self.trial_ends = word, self.era + 1, None

    def reset(self) -> None:
        self.become("closed")
        self.row, self.history, self.steps, self.closed_at = 0, [], 0, -1e9

    @property
    def shown(self) -> str:
        if self.word == "trying" or (self.word == "open" and self.now >= self.wake):
            return "half_open"
        return self.word


class AgainstTheReference(RuleBasedStateMachine):
    """Any order of calls, ends, pauses and operators' words: both always agree."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Reference()
        self.breaker = CircuitBreaker("ollama", limits=SMALL, clock=lambda: self.model.now, jitter=lambda: 0.0)
        self.running: list[tuple[Permit, ReferenceCall]] = []

    @rule(callers=st.integers(1, 4))
    def calls(self, callers: int) -> None:
        for _ in range(callers):
            expected = self.model.ask()
            try:
                permit = self.breaker.admit()
            except ProviderError:
                assert expected is None
            else:
                assert expected is not None
                assert permit.trial == expected.trial
                self.running.append((permit, expected))

    @precondition(lambda self: self.running)
    @rule(data=st.data(), outcome=st.sampled_from(("failed", *OUTCOMES)), keep=st.booleans())
    def a_call_ends(self, data: st.DataObject, outcome: Outcome, keep: bool) -> None:
        permit, call = self.running[index := data.draw(st.integers(0, len(self.running) - 1))]
        if not keep:
            del self.running[index]
        self.breaker.settle(permit, outcome)
        self.model.tell(call, outcome)

    @rule(outcomes=st.lists(st.sampled_from(("succeeded", "failed", "failed")), min_size=1, max_size=8))
    def calls_one_after_the_other(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            before = len(self.running)
            self.calls(1)
            if len(self.running) > before:
                permit, call = self.running.pop()
                self.breaker.settle(permit, outcome)
                self.model.tell(call, outcome)

    @rule(seconds=st.sampled_from((0.5, 3.0, 10.0, 20.0, 35.0, 50.0, 90.0)))
    def time_passes(self, seconds: float) -> None:
        self.model.now += seconds

    @precondition(lambda self: self.model.word == "misconfigured" or len(self.running) > 6)
    @rule()
    def an_operator_resets(self) -> None:
        self.breaker.reset()
        self.model.reset()

    @invariant()
    def both_show_the_same(self) -> None:
        view = self.breaker.view()
        assert view.state == self.model.shown
        if view.state == "open":
            assert view.retry_in_s == pytest.approx(self.model.wake - self.model.now)
        if view.state == "closed":
            assert view.failures == self.model.row


TestAgainstTheReference = AgainstTheReference.TestCase
TestAgainstTheReference.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
