"""One question walks the whole house: typed in a browser, routed, answered, streamed back, stored."""

from __future__ import annotations

from pathlib import Path

from tests.house import assert_whole, of, one, open_house, text_of


async def test_a_short_question_is_answered_by_the_local_model(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask("What is a normal potassium?")

    assert [frame["type"] for frame in frames[:3]] == ["conversation", "turn", "route"]
    route, done = one(frames, "route"), one(frames, "done")
    assert (route["provider"], route["model"], route["task"]) == ("ollama", "llama3.2", "simple")
    assert route["privacy"] == {"verdict": "clear", "kinds": []}
    assert text_of(frames).strip()
    assert done["finish"] == "stop"
    assert done["usage"]["completion_tokens"] > 0
    assert done["timing"]["first_token_ms"] <= done["timing"]["total_ms"]
    assert_whole(frames, done["turn"])


async def test_a_complex_question_goes_to_the_cloud_in_hybrid_mode(tmp_path: Path) -> None:
    question = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask(question)
        assert question.encode() in house.cloud_bytes()

    assert one(frames, "route")["provider"] == "anthropic"
    assert one(frames, "done")["provider"] == "anthropic"


async def test_what_was_said_is_there_when_the_conversation_is_read(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        frames = await browser.ask("What is a normal potassium?")
        async with house.http() as http:
            listed = (await http.get("/api/conversations")).json()["conversations"]
            read = (await http.get(f"/api/conversations/{listed[0]['id']}")).json()

    assert listed[0]["title"] == "What is a normal potassium?"
    (turn,) = read["turns"]
    assert turn["text"] == "What is a normal potassium?"
    assert turn["state"] == "done"
    assert "".join(segment["text"] for segment in turn["segments"]) == text_of(frames)
    assert turn["route"]["model"] == "llama3.2"
    assert turn["last_seq"] == one(frames, "done")["seq"]


async def test_the_next_question_carries_the_conversation(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house, house.browser() as browser:
        first = await browser.ask("What is a normal potassium?")
        conversation = of(first, "conversation")[0]["id"]
        await browser.ask("And sodium?", conversation=conversation)
        asked = house.ollama.requests[-1].json["messages"]

    assert [message["role"] for message in asked] == ["system", "user", "assistant", "user"]
    assert asked[1]["content"] == "What is a normal potassium?"
    assert asked[2]["content"] == text_of(first)
