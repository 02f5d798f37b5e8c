"""Long texts are read elsewhere, so that nobody waits for them; what takes too long counts as not read."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from chatapp.messages import CompletionRequest, Message, Text
from chatapp.ports import Finding
from chatapp.privacy.gate import CLEAR, PrivacyGate
from chatapp.router.candidate import CloudCandidate, LocalCandidate
from chatapp.router.health import HealthWatch
from chatapp.router.reading import AT_ONCE_CHARS, read
from chatapp.router.route import Policy
from chatapp.router.router import Question, Router
from chatapp.router.stats import Stats
from tests.fakes import CANARY, Records, ScriptedCloud, ScriptedLocal, cloud_seat, find_canary, local_seat, take_all

LONG = "Potassium is an electrolyte. " * 400


def router_with(gate: PrivacyGate, *, reading_s: float = 5.0) -> Router:
    seats = (local_seat(ScriptedLocal()), cloud_seat(ScriptedCloud()))
    return Router(
        seats, gate=gate, policy=Policy(), health=HealthWatch(seats), stats=Stats(), ledger=Records(), fit=take_all,
        reading_s=reading_s,
    )  # fmt: skip


def asking(text: str) -> Question:
    return Question(CompletionRequest("", (Message("user", (Text(text),)),)), text, "cloud")


@pytest.mark.parametrize(("size", "elsewhere"), [(AT_ONCE_CHARS, False), (AT_ONCE_CHARS + 1, True)])
async def test_a_short_text_is_read_here_and_a_long_one_elsewhere(size: int, elsewhere: bool) -> None:
    thread = await read(threading.current_thread, size, within_s=5)
    assert (thread is not threading.main_thread()) == elsewhere


async def test_while_a_long_text_is_read_the_loop_goes_on() -> None:
    looped = threading.Event()

    def waiting(text: str) -> Sequence[Finding]:
        assert len(text) < AT_ONCE_CHARS or looped.wait(5)
        return ()

    deciding = asyncio.create_task(router_with(PrivacyGate(waiting)).decide(asking(LONG)))
    await asyncio.sleep(0)
    looped.set()
    assert isinstance((await deciding).candidates[0], CloudCandidate)


@pytest.mark.parametrize("text", ["What now?", LONG, f"{CANARY} {LONG}", f"{LONG} {CANARY}"])
async def test_deciding_is_routing(text: str) -> None:
    decided = await router_with(PrivacyGate(find_canary)).decide(asking(text))
    routed = router_with(PrivacyGate(find_canary)).route(asking(text))
    assert [candidate.route for candidate in decided.candidates] == [item.route for item in routed.candidates]
    assert decided.judgement == routed.judgement


async def test_R08_a_detector_that_hangs_keeps_the_request_here_and_is_asked_once() -> None:
    go_on = threading.Event()
    asked: list[int] = []

    def hanging(text: str) -> Sequence[Finding]:
        asked.append(len(text))
        go_on.wait(5)
        return ()

    router = router_with(PrivacyGate(hanging), reading_s=0.05)
    try:
        routing = await router.decide(asking(LONG))
        judged = await router.judge(lambda: router.gate.examine(LONG), len(LONG))
    finally:
        go_on.set()
    (candidate,) = routing.candidates
    assert isinstance(candidate, LocalCandidate)
    assert (candidate.route.rule, routing.latches, judged.verdict) == ("unknown", True, "unknown")
    assert len(asked) <= 2


async def test_what_was_read_elsewhere_is_not_read_again_here() -> None:
    here: list[str] = []

    def note(text: str) -> Sequence[Finding]:
        if threading.current_thread() is threading.main_thread():
            here.append(text)
        return ()

    await router_with(PrivacyGate(note)).decide(asking(LONG))
    assert max(map(len, here), default=0) < 100  # the name of the model that is asked


async def test_a_request_over_the_budget_is_decided_at_once() -> None:
    router = router_with(PrivacyGate(lambda text: (), budget_bytes=1000), reading_s=0.0)
    assert (await router.decide(asking(LONG))).judgement.verdict == "unknown"
    assert await router.judge(lambda: CLEAR, 10) == CLEAR
