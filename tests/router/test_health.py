"""The watch: it asks without a prompt, remembers the answer, and outlives whatever a provider does to it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import Outcome
from chatapp.ports import Health
from chatapp.router.candidate import Seat
from chatapp.router.health import NEVER, Checked, HealthWatch, has_model
from tests.fakes import WELL, FakeClock, ScriptedCloud, ScriptedLocal, cloud_seat, local_seat


class SilentLocal(ScriptedLocal):
    """A provider whose probe never comes back."""

    async def check(self) -> Health:
        self.checks += 1
        await asyncio.Event().wait()
        return WELL


class ExpectedCloud(ScriptedCloud):
    """A provider that says when it was probed so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times, self.probed = times, asyncio.Event()

    async def check(self) -> Health:
        health = await super().check()
        if self.checks >= self.times:
            self.probed.set()
        return health


def watch_over(*seats: Seat, timeout_s: float = 8.0) -> HealthWatch:
    return HealthWatch(seats, every_s=0.001, timeout_s=timeout_s, now=FakeClock())


async def test_before_the_first_answer_nothing_is_known() -> None:
    local = ScriptedLocal()
    watch = watch_over(local_seat(local))

    assert watch.last(local) == NEVER
    assert not watch.last(local).health.available
    assert not watch.lacks(local, "anything")
    assert repr(watch) == "<HealthWatch 0 of 1 available>"


async def test_an_answer_is_remembered_with_its_time_and_no_prompt_was_sent() -> None:
    local, cloud = ScriptedLocal(), ScriptedCloud()
    watch = watch_over(local_seat(local), cloud_seat(cloud))
    await watch.check_all()

    assert watch.last(local) == Checked(WELL, 1000.0)
    assert (local.given, cloud.given) == ([], [])
    assert repr(watch) == "<HealthWatch 2 of 2 available>"


async def test_two_endpoints_of_one_name_are_told_apart() -> None:
    well, ill = ScriptedLocal(), ScriptedLocal()
    ill.endpoint, ill.health = "other.test:1", Health(False, error="gone", outcome="failed")
    watch = watch_over(local_seat(well), local_seat(ill))
    await watch.check_all()
    assert (watch.last(well).health.available, watch.last(ill).health.available) == (True, False)


@pytest.mark.parametrize(
    ("model", "lacks"), [("base", False), ("base:latest", False), ("base:7b", True), ("bas", True), ("other", True)]
)
async def test_a_name_means_its_latest_tag(model: str, lacks: bool) -> None:
    local = ScriptedLocal()
    watch = watch_over(local_seat(local))
    await watch.check_all()
    assert watch.lacks(local, model) is lacks


@pytest.mark.parametrize("health", [Health(False, models=("base",)), Health(True, models=())])
async def test_what_is_not_known_is_not_lacking(health: Health) -> None:
    local = ScriptedLocal()
    local.health = health
    watch = watch_over(local_seat(local))
    await watch.check_all()
    assert not watch.lacks(local, "other")


@given(st.text(max_size=10), st.lists(st.text(max_size=10), max_size=4))
def test_a_listed_model_is_there_by_its_own_name(model: str, others: list[str]) -> None:
    assert has_model(Health(True, models=(*others, model)), model)
    assert has_model(Health(True, models=(*others, f"{model}:latest")), model)


async def test_a_refused_key_is_told_to_the_breaker_and_an_outage_is_not() -> None:
    outcomes: tuple[Outcome, ...] = ("misconfigured", "failed", "released", "answered", "succeeded")
    states = {}
    for outcome in outcomes:
        cloud = ScriptedCloud()
        cloud.health = Health(outcome == "succeeded", error="x", outcome=outcome)
        seat = cloud_seat(cloud)
        for _ in range(10):
            await watch_over(seat).check(seat)
        states[outcome] = seat.breaker.view().state

    assert states.pop("misconfigured") == "misconfigured"
    assert set(states.values()) == {"closed"}


async def test_a_provider_that_says_nothing_is_given_up() -> None:
    silent = SilentLocal()
    seat = local_seat(silent)
    health = await watch_over(seat, timeout_s=0.001).check(seat)
    assert (health.available, health.error, health.outcome) == (False, "no answer in time", "failed")


async def test_one_silent_provider_holds_up_no_other_answer() -> None:
    silent, cloud = SilentLocal(), ExpectedCloud(times=1)
    watch = watch_over(local_seat(silent), cloud_seat(cloud))
    asking = asyncio.create_task(watch.check_all())
    await cloud.probed.wait()
    await asyncio.sleep(0)  # one step for the answer to be put down
    assert watch.last(cloud).health == WELL
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_probe_that_raises_is_a_provider_that_is_not_available_and_the_watch_goes_on() -> None:
    broken, cloud = ScriptedLocal(), ExpectedCloud(times=3)
    broken.health = ValueError("patient Okonkwo")
    watch = watch_over(local_seat(broken), cloud_seat(cloud))
    running = asyncio.create_task(watch.run())
    asked = asyncio.create_task(cloud.probed.wait())
    await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()

    assert not running.done()
    assert broken.checks >= 2
    assert watch.last(broken).health == Health(False, error="ValueError", outcome="failed")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
