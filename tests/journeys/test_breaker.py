"""Models that fail, seen from the page: what it is told, what the panel shows, who steps in, and who never does."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from chatapp.demo.ollama import chunk, end_chunk, line
from chatapp.demo.scenes import Cut, Send, Until, json_answer
from tests.house import Browser, Frame, House, assert_whole, of, one, open_house, text_of

SIMPLE = "What is a normal potassium?"
COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
CODE = "Write a Python function that parses a CSV file and returns a list of dicts."
PHI = "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
QUIET = {"CHATAPP_PROBE_SECONDS": "3600"}
"""One round of probes at the start, none afterwards: what a model server hears then comes from questions."""


async def breaker(house: House, provider: str) -> dict[str, Any]:
    """As the panel shows it."""
    async with house.http() as http:
        view: dict[str, Any] = (await http.get("/api/health")).json()["providers"][provider]["breaker"]
        return view


async def breaker_until(house: House, provider: str, state: str) -> dict[str, Any]:
    """Look until it is so; the ceiling is the test's."""
    while (view := await breaker(house, provider))["state"] != state:
        pass
    return view


async def known(house: House) -> dict[str, Any]:
    """The panel once everybody has been asked how they are."""
    async with house.http() as http:
        while True:
            panel: dict[str, Any] = (await http.get("/api/health")).json()
            if all(provider["checked_at"] for provider in panel["providers"].values()):
                return panel


async def open_the_breaker(house: House, browser: Browser, provider: str = "ollama", mode: str = "local") -> None:
    stand_in = house.ollama if provider == "ollama" else house.anthropic
    await stand_in.fail("error")
    for _ in range(5):
        await browser.ask(SIMPLE, mode=mode)


def prompts(house: House) -> list[bytes]:
    """What the cloud was asked."""
    return [request.body for request in house.anthropic.requests if request.path == "/v1/messages"]


def code_of(frames: list[Frame]) -> str:
    error = one(frames, "error")
    assert_whole(frames, error["turn"])
    return str(error["code"])


def providers_of(frames: list[Frame]) -> list[str]:
    return [route["provider"] for route in of(frames, "route")]


# --- the circle: closed, open, half-open, closed ---------------------------------------------------------------------


async def test_five_failures_open_it_and_it_counts_down_and_nobody_is_asked_meanwhile(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ=QUIET) as house, house.browser() as browser:
        await known(house)
        before = await breaker(house, "ollama")
        await open_the_breaker(house, browser)
        opened, panel = await breaker(house, "ollama"), await known(house)
        heard = len(house.ollama.requests)
        refused = await browser.ask(SIMPLE, mode="local")
        later = await breaker(house, "ollama")
        private = await browser.ask(PHI, mode="cloud")
        assert len(house.ollama.requests) == heard
        asked_cloud = prompts(house)

    assert before == {"state": "closed", "failures": 0, "threshold": 5, "retry_in_s": None}
    assert (opened["state"], opened["failures"]) == ("open", 5)
    assert (panel["status"], panel["providers"]["ollama"]["available"]) == ("degraded", True)
    assert 50 < later["retry_in_s"] < opened["retry_in_s"] <= 66
    assert code_of(refused) == "breaker_open"
    assert 0 < one(refused, "error")["retry_after_s"] <= opened["retry_in_s"]
    assert code_of(private) == "phi_local_only"
    assert "failed repeatedly" in one(private, "error")["message"]
    assert asked_cloud == []


async def test_after_the_open_time_a_probe_without_a_prompt_goes_first_and_one_trial_closes_it(tmp_path: Path) -> None:
    environ = {**QUIET, "CHATAPP_BREAKER_OPEN_SECONDS": "0.05"}
    async with open_house(tmp_path, environ=environ) as house, house.browser() as browser:
        await known(house)
        await open_the_breaker(house, browser)
        await breaker_until(house, "ollama", "half_open")
        heard = len(house.ollama.requests)
        still_down = await browser.ask(SIMPLE, mode="local")
        probes = house.ollama.requests[heard:]
        await breaker_until(house, "ollama", "half_open")
        await house.ollama.fail("none")
        heard = len(house.ollama.requests)
        answered = await browser.ask(SIMPLE, mode="local")
        trial = house.ollama.requests[heard:]
        closed = await breaker(house, "ollama")

    assert code_of(still_down) in ("breaker_open", "provider_unavailable")
    assert {request.method for request in probes} == {"GET"}
    assert b"potassium" not in b"".join(request.body for request in probes)
    assert (trial[0].method, trial[0].path) == ("GET", "/api/version")
    assert [request.path for request in trial].count("/api/chat") == 1
    assert one(answered, "done")["provider"] == "ollama"
    assert (closed["state"], closed["failures"]) == ("closed", 0)


async def test_r02_while_the_trial_runs_the_others_are_told_at_once(tmp_path: Path) -> None:
    environ = {**QUIET, "CHATAPP_BREAKER_OPEN_SECONDS": "0.05"}
    speak = asyncio.Event()
    answer = Send(line(chunk("llama3.2", "3.5 to 5.")) + line(end_chunk("llama3.2")))
    async with open_house(tmp_path, environ=environ) as house, house.browser() as first, house.browser() as second:
        await known(house)
        await open_the_breaker(house, second)
        await breaker_until(house, "ollama", "half_open")
        await house.ollama.fail("none")
        heard = len(house.ollama.requests)
        house.ollama.script((Until(speak), answer))
        await first.send("chat", id="trial", text=SIMPLE, mode="local")
        await house.ollama.wait_open()
        refusals = [await second.ask(SIMPLE, mode="local") for _ in range(3)]
        asked = [request.path for request in house.ollama.requests[heard:]].count("/api/chat")
        speak.set()
        await first.until("done")
        answered = await second.ask(SIMPLE, mode="local")

    assert {code_of(frames) for frames in refusals} == {"breaker_open"}
    assert asked == 1
    assert one(answered, "done")["provider"] == "ollama"


async def test_an_operator_holds_and_resets_it_and_both_are_written_down(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ=QUIET) as house, house.browser() as browser, house.http() as http:
        await known(house)
        held = (await http.post("/api/breakers/ollama/hold")).json()
        shown = await breaker(house, "ollama")
        heard = len(house.ollama.requests)
        refused = await browser.ask(SIMPLE, mode="local")
        private = await browser.ask(PHI)
        assert len(house.ollama.requests) == heard
        reset = (await http.post("/api/breakers/ollama/reset")).json()
        answered = await browser.ask(SIMPLE, mode="local")
        unknown = await http.post("/api/breakers/nobody/hold")
        foreign = await http.post("/api/breakers/ollama/hold", headers={"origin": "http://elsewhere.test"})
        with sqlite3.connect(house.settings.data_dir / "chatapp.sqlite3") as database:
            audit = database.execute("SELECT owner, action, subject FROM audit ORDER BY id").fetchall()

    assert (held["state"], shown["state"], shown["retry_in_s"]) == ("held", "held", None)
    assert code_of(refused) == "breaker_open"
    assert code_of(private) == "phi_local_only"
    assert "held back by an operator" in one(private, "error")["message"]
    assert reset["state"] == "closed"
    assert one(answered, "done")["finish"] == "stop"
    assert (unknown.status_code, foreign.status_code) == (404, 403)
    assert audit == [("local", "breaker_hold", "ollama"), ("local", "breaker_reset", "ollama")]


async def test_p12_a_wrong_key_is_misconfigured_and_not_down(tmp_path: Path) -> None:
    environ = {**QUIET, "ANTHROPIC_API_KEY": "a-wrong-key"}
    async with open_house(tmp_path, environ=environ) as house, house.browser() as browser, house.http() as http:
        panel = await known(house)
        frames = await browser.ask(COMPLEX, mode="cloud")
        asked = prompts(house)
        house.anthropic.api_key = "a-wrong-key"
        reset = (await http.post("/api/breakers/anthropic/reset")).json()
        mended = await browser.ask(COMPLEX, mode="cloud")

    cloud = panel["providers"]["anthropic"]
    assert (cloud["breaker"]["state"], cloud["available"], panel["status"]) == ("misconfigured", False, "degraded")
    assert "a-wrong-key" not in str(panel)
    assert asked == []
    assert one(frames, "fallback")["cause"] == "provider_misconfigured"
    assert one(frames, "done")["provider"] == "ollama"
    assert reset["state"] == "closed"
    assert one(mended, "done")["provider"] == "anthropic"


# --- who is asked instead --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["refuse", "hang"])
async def test_a_cloud_that_is_down_is_answered_for_by_the_local_model_and_the_page_is_told(
    tmp_path: Path, failure: Any
) -> None:
    async with (
        open_house(tmp_path, environ={"CHATAPP_FIRST_TOKEN_CLOUD_SECONDS": "0.2"}) as house,
        house.browser() as browser,
    ):
        await house.anthropic.fail(failure)
        frames = await browser.ask(COMPLEX, mode="cloud")
        async with house.http() as http:
            stats = (await http.get("/api/stats")).json()

    first, fallback, second = [frame for frame in frames if frame["type"] in ("route", "fallback")]
    assert (first["provider"], first["rule"]) == ("anthropic", "mode")
    assert (fallback["from"], fallback["to"]) == ("anthropic", "ollama")
    assert fallback["cause"] == {"refuse": "provider_unavailable", "hang": "provider_timeout"}[failure]
    assert (second["provider"], second["rule"]) == ("ollama", "fallback")
    assert "Anthropic did not answer" in second["reason"]
    assert one(frames, "done")["provider"] == "ollama"
    assert frames.index(second) < frames.index(of(frames, "delta")[0])
    assert stats["fallbacks"] == 1
    assert_whole(frames, first["turn"])


async def test_a_local_model_that_is_down_is_answered_for_by_the_cloud_when_the_question_is_clear(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, environ=QUIET) as house, house.browser() as browser:
        await house.ollama.fail("refuse")
        clear = await browser.ask(SIMPLE, mode="hybrid")
        asked = prompts(house)
        private = await browser.ask(PHI, mode="hybrid")
        again = await browser.ask(COMPLEX, conversation=of(private, "conversation")[0]["id"])
        wished = await browser.ask(COMPLEX, mode="hybrid", provider="ollama")
        assert prompts(house) == asked
        assert b"Okonkwo" not in house.cloud_bytes()

    assert providers_of(clear) == ["ollama", "anthropic"]
    assert (one(clear, "fallback")["to"], one(clear, "done")["provider"]) == ("anthropic", "anthropic")
    assert [code_of(private), code_of(again)] == ["phi_local_only", "phi_local_only"]
    assert code_of(wished) == "provider_unavailable"


async def test_with_fallback_switched_off_nobody_steps_in(tmp_path: Path) -> None:
    environ = {**QUIET, "LLM_ENABLE_FALLBACK": "false"}
    async with open_house(tmp_path, environ=environ) as house, house.browser() as browser:
        await known(house)
        await house.ollama.fail("refuse")
        local = await browser.ask(SIMPLE, mode="hybrid")
        assert prompts(house) == []
        await house.ollama.fail("none")
        await house.anthropic.fail("refuse")
        heard = len(house.ollama.requests)
        cloud = await browser.ask(COMPLEX, mode="hybrid")
        assert len(house.ollama.requests) == heard

    for frames, provider in ((local, "ollama"), (cloud, "anthropic")):
        assert providers_of(frames) == [provider]
        assert code_of(frames) == "provider_unavailable"
        assert of(frames, "fallback") == []


async def test_p07_after_the_first_word_the_text_stands_and_nobody_else_goes_on(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ=QUIET) as house, house.browser() as browser:
        house.ollama.script((Send(line(chunk("llama3.2", "Between 3.5 "))), Cut()))
        frames = await browser.ask(SIMPLE)
        counted = await breaker(house, "ollama")
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{of(frames, 'conversation')[0]['id']}")).json()
        asked = prompts(house)

    assert code_of(frames) == "stream_interrupted"
    assert one(frames, "error")["retryable"]
    assert text_of(frames) == "Between 3.5 "
    assert providers_of(frames) == ["ollama"]
    assert read["turns"][0]["segments"][0]["text"] == "Between 3.5 "
    assert read["turns"][0]["error"]["code"] == "stream_interrupted"
    assert counted["failures"] == 1
    assert asked == []


async def test_p11_a_request_that_is_refused_is_offered_to_nobody_else_and_counts_against_nobody(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, environ=QUIET) as house, house.browser() as browser:
        house.ollama.script(*[json_answer({"error": "Okonkwo is not a valid option"}, 400)] * 6)
        for _ in range(6):
            frames = await browser.ask(SIMPLE)
            assert code_of(frames) == "provider_bad_response"
            assert not one(frames, "error")["retryable"]
        counted = await breaker(house, "ollama")
        asked = prompts(house)

    assert (counted["state"], counted["failures"]) == ("closed", 0)
    assert providers_of(frames) == ["ollama"]
    assert asked == []
    assert "Okonkwo" not in str(browser.frames)


# --- models that are not there ---------------------------------------------------------------------------------------


async def test_p13_a_missing_role_model_is_replaced_and_both_the_reply_and_the_panel_say_so(tmp_path: Path) -> None:
    async with open_house(tmp_path, environ=QUIET, models=("llama3.2:latest", "mistral:latest")) as house:
        panel = await known(house)
        async with house.browser() as browser:
            frames = await browser.ask(CODE)

    local = panel["providers"]["ollama"]
    assert (local["missing_models"], local["available"], panel["status"]) == (["qwen2.5"], True, "degraded")
    route = one(frames, "route")
    assert (route["task"], route["model"]) == ("code", "llama3.2")
    assert "`ollama pull qwen2.5` adds it" in route["reason"]
    assert one(frames, "done")["model"] == "llama3.2"


@pytest.mark.parametrize("asked_before_the_first_probe", [False, True])
async def test_p13_a_missing_default_model_is_an_error_that_names_its_mend(
    tmp_path: Path, asked_before_the_first_probe: bool
) -> None:
    async with open_house(tmp_path, environ=QUIET, models=("mistral:latest",)) as house, house.browser() as browser:
        if not asked_before_the_first_probe:
            await known(house)
        frames = await browser.ask(SIMPLE, mode="local")
        private = await browser.ask(PHI, mode="cloud")
        counted = await breaker(house, "ollama")
        asked = prompts(house)

    assert code_of(frames) == "model_missing"
    assert "`ollama pull llama3.2`" in one(frames, "error")["message"]
    assert code_of(private) == "phi_local_only"
    assert "`ollama pull llama3.2`" in one(private, "error")["message"]
    assert (counted["state"], counted["failures"]) == ("closed", 0)
    assert asked == []
