"""The side panel: how each provider is, what it lacks, and what its breaker does, as last seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house import House, open_house

PROVIDER = {
    "kind", "available", "latency_ms", "models", "missing_models", "loaded", "error", "checked_at", "breaker",
    "endpoints", "active", "queued",
}  # fmt: skip
BREAKER = {"state", "failures", "threshold", "retry_in_s"}
STATES = {"closed", "open", "half_open", "misconfigured", "held"}


async def health(house: House) -> dict[str, Any]:
    async with house.http() as http:
        for name in ("ollama", "anthropic"):
            await http.post(f"/api/breakers/{name}/reset")  # asks the provider at once
        answer: dict[str, Any] = (await http.get("/api/health")).json()
    return answer


async def test_a_house_that_is_well_says_so(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        seen = await health(house)
    assert (seen["status"], seen["airgap"]) == ("ok", False)
    assert {name: view["kind"] for name, view in seen["providers"].items()} == {"ollama": "local", "anthropic": "cloud"}
    for view in seen["providers"].values():
        assert view.keys() >= PROVIDER
        assert view["breaker"].keys() >= BREAKER
        assert view["breaker"]["state"] in STATES
        assert (view["available"], view["error"], view["missing_models"]) == (True, None, [])
        assert view["latency_ms"] >= 0


async def test_a_model_that_is_not_pulled_is_named(tmp_path: Path) -> None:
    async with open_house(tmp_path, models=("llama3.2:latest",)) as house:
        seen = await health(house)
    assert seen["status"] == "degraded"
    assert seen["providers"]["ollama"]["missing_models"] == ["mistral", "qwen2.5"]


@pytest.mark.parametrize(("cloud", "status"), [(True, "degraded"), (False, "down")])
async def test_a_provider_that_is_away_is_told(tmp_path: Path, cloud: bool, status: str) -> None:
    async with open_house(tmp_path, cloud=cloud) as house:
        await house.ollama.fail("refuse")
        seen = await health(house)
    view = seen["providers"]["ollama"]
    assert (seen["status"], view["available"]) == (status, False)
    assert view["error"]
    assert view["missing_models"] == []


async def test_an_open_breaker_counts_down(tmp_path: Path) -> None:
    async with open_house(tmp_path, cloud=False, environ={"CHATAPP_BREAKER_FAILURES": "2"}) as house:
        async with house.browser() as browser:
            await house.ollama.fail("error")
            for _ in range(2):
                await browser.ask("What is a normal potassium?")
        async with house.http() as http:
            seen = (await http.get("/api/health")).json()
    breaker = seen["providers"]["ollama"]["breaker"]
    assert (seen["status"], breaker["state"], breaker["threshold"]) == ("down", "open", 2)
    assert 0 < breaker["retry_in_s"] <= 66


async def test_who_is_answering_is_counted(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.send("chat", id="q1", text="n=100000 gap=5", mode="local")
        turn = await browser.until("turn")
        await browser.until("delta")
        await browser.send("chat", id="q2", text="And sodium?", conversation=turn["conversation"])
        await browser.until("status")
        async with house.http() as http:
            seen = (await http.get("/api/health")).json()
        await browser.send("stop", turn=turn["turn"])
        await browser.until("done", turn=turn["turn"])
    assert seen["providers"]["ollama"]["active"] == 1
    assert seen["providers"]["anthropic"]["active"] == 0
    assert seen["queued"] == 1
