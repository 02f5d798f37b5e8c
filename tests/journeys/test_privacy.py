"""Patient data never leaves the house, whatever fails: asserted on every byte the cloud received."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import House, assert_whole, of, one, open_house, text_of

PHI = "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
CANARIES = (b"Okonkwo", b"4482913")
COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."


def assert_nothing_left(house: House) -> None:
    sent = house.cloud_bytes()
    for canary in CANARIES:
        assert canary not in sent


async def test_patient_data_is_answered_here_and_locks_the_conversation(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(PHI, mode="cloud")
        assert_nothing_left(house)

    assert [frame["type"] for frame in frames[:4]] == ["conversation", "turn", "conversation", "route"]
    before, locked = of(frames, "conversation")
    assert (before["locked"], locked["locked"], locked["locked_by"]) == (False, True, "detector")
    assert "Okonkwo" not in before["title"]
    assert locked["title"].startswith("Conversation ")
    route = one(frames, "route")
    assert (route["provider"], route["rule"], route["otherwise"]) == ("ollama", "phi", "anthropic")
    assert route["privacy"]["verdict"] == "sensitive"
    assert "MRN" in route["privacy"]["kinds"]
    assert text_of(frames).strip()
    assert_whole(frames, one(frames, "done")["turn"])


async def test_the_next_innocent_question_stays_too(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        first = await browser.ask(PHI)
        frames = await browser.ask(COMPLEX, conversation=of(first, "conversation")[0]["id"], provider="anthropic")
        assert_nothing_left(house)

    assert one(frames, "route")["provider"] == "ollama"
    assert one(frames, "done")["provider"] == "ollama"


@pytest.mark.parametrize("failure", ["refuse", "hang", "error", "cut"])
async def test_with_the_local_model_broken_it_is_refused_and_nothing_leaves(tmp_path: Path, failure: str) -> None:
    environ = {"OLLAMA_TIMEOUT": "0.3", "CHATAPP_IDLE_LOCAL_SECONDS": "0.3"}
    async with open_house(tmp_path, environ=environ) as house, house.browser() as browser:
        first = await browser.ask(PHI, mode="cloud")
        await house.ollama.fail(failure)  # type: ignore[arg-type]
        frames = await browser.ask(COMPLEX, conversation=of(first, "conversation")[0]["id"])
        assert_nothing_left(house)
        assert not [request for request in house.anthropic.requests if request.path == "/v1/messages"]

    error = one(frames, "error")
    assert error["code"] == ("stream_interrupted" if failure == "cut" else "phi_local_only")
    assert error["retryable"]
    assert_whole(frames, error["turn"])


async def test_a_refusal_of_a_first_message_says_all_in_order(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await house.ollama.fail("refuse")
        frames = await browser.ask(PHI, mode="hybrid")
        assert_nothing_left(house)
        async with house.http() as http:
            read = (await http.get(f"/api/conversations/{frames[0]['id']}")).json()

    assert [frame["type"] for frame in frames] == ["conversation", "turn", "conversation", "route", "error"]
    assert frames[3]["provider"] == "ollama"
    assert frames[3]["otherwise"]
    assert frames[4]["code"] == "phi_local_only"
    assert "patient data" in frames[4]["message"]
    assert read["locked"]
    assert read["turns"][0]["text"] == PHI
    assert read["turns"][0]["error"]["code"] == "phi_local_only"


async def test_a_locked_conversation_cannot_be_unlocked(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        first = await browser.ask(PHI)
        conversation = of(first, "conversation")[0]["id"]
        await browser.send("mode", conversation=conversation, mode="cloud")
        error = await browser.until("error")

    assert error["code"] == "mode_locked"
    assert error["re"]["type"] == "mode"


async def test_a_lock_survives_a_restart(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        conversation = of(await browser.ask(PHI), "conversation")[0]["id"]
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(COMPLEX, conversation=conversation)
        assert_nothing_left(house)

    assert one(frames, "route")["provider"] == "ollama"


async def test_this_was_phi_stops_a_cloud_answer_and_asks_here(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.send("chat", id="q1", text="n=4000 gap=5 " + COMPLEX, mode="cloud")
        conversation = (await browser.until("conversation"))["id"]
        turn = (await browser.until("turn"))["turn"]
        assert (await browser.until("route"))["provider"] == "anthropic"
        await browser.until("delta")
        await browser.send("lock", conversation=conversation, turn=turn)
        locked = await browser.until("conversation")
        route = await browser.until("route")
        await house.anthropic.wait_closed()
        await browser.send("stop", turn=turn)
        done = await browser.until("done")

    assert (locked["locked"], locked["locked_by"]) == (True, "user")
    assert (route["provider"], route["rule"]) == ("ollama", "locked")
    assert done["finish"] == "stopped"
    assert_whole(browser.frames, turn)


async def test_a_draft_is_judged_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        await browser.send("check", id="c1", text=f"🙂 {PHI}")
        checked = await browser.until("checked")
        async with house.http() as http:
            listed = (await http.get("/api/conversations")).json()["conversations"]

    units = f"🙂 {PHI}".encode("utf-16-le")
    numbers = [finding for finding in checked["findings"] if finding["kind"] == "MRN"]
    found = [units[2 * finding["start"] : 2 * finding["end"]].decode("utf-16-le") for finding in numbers]
    assert (checked["id"], checked["verdict"], checked["route"]["provider"]) == ("c1", "sensitive", "ollama")
    assert any("4482913" in text for text in found)
    assert listed == []
    assert b"Okonkwo" not in b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())


async def test_an_airgapped_house_has_no_cloud(tmp_path: Path) -> None:
    async with open_house(tmp_path, cloud=False, environ={"LLM_AIRGAP_MODE": "true"}) as house:
        async with house.browser() as browser:
            frames = await browser.ask(COMPLEX)
            await browser.send("chat", id="q2", text=COMPLEX, mode="cloud")
            error = await browser.until("error")
        async with house.http() as http:
            health = (await http.get("/api/health")).json()

    assert one(frames, "route")["provider"] == "ollama"
    assert error["code"] == "airgap"
    assert health["airgap"]
    assert list(health["providers"]) == ["ollama"]
    assert house.cloud_bytes() == b""
