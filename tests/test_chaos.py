"""The chaos run in its short form: whatever the local model does, no byte of a private turn reaches a healthy cloud."""

from __future__ import annotations

from chatapp.demo.scenes import Received
from scripts import chaos
from scripts.chaos import Figures, Searched, private, run, ways_to_fail


async def test_N1_a_failing_local_model_sends_no_private_turn_to_a_healthy_cloud() -> None:
    figures = await run(150, seed=7, at_once=12)

    assert figures.wrong == []
    assert figures.marked == 0
    assert figures.cloud_requests > 10
    assert figures.private >= 150
    assert figures.ends["phi_local_only"] > 0
    assert figures.holds
    assert len(figures.stories) == len(chaos.STORIES)


def test_what_is_sent_is_searched_whatever_stands_around_it() -> None:
    searched = Searched()
    searched.append(Received("POST", "/v1/messages", {}, b'{"text": "What is a normal potassium?"}'))
    assert (searched.number, searched.marked) == (1, 0)
    searched.append(Received("POST", "/v1/messages", {}, private("Zqkanariabc").upper().encode()))
    searched.append(Received("GET", "/v1/models", {"x-name": "zqkanariabc"}, b""))
    assert (searched.number, searched.marked) == (3, 2)


def test_a_run_that_saw_something_leave_does_not_hold() -> None:
    good = Figures(1, private=1, turns=1, cloud_requests=1, seconds=1)
    assert good.holds
    assert not Figures(1, private=1, turns=1, cloud_requests=1, seconds=1, marked=1).holds
    assert not Figures(1, private=1, turns=1, cloud_requests=1, seconds=1, wrong=["two ends"]).holds
    assert not Figures(1, private=1, turns=1, seconds=1).holds
    assert "DOES NOT HOLD" in list(Figures(1, seconds=1).lines())


def test_the_local_model_fails_in_many_ways() -> None:
    assert len(ways_to_fail("http://127.0.0.1:1")) >= 20
