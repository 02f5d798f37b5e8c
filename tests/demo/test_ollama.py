from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx2
import orjson
import pytest

from chatapp.demo.ollama import StandInOllama
from chatapp.demo.replies import Reply
from chatapp.providers.transport import http_client

QUESTION = {"role": "user", "content": "How are you?"}


def wordy(question: str, *, tools: Sequence[str] = (), tool_results: Sequence[str] = ()) -> Reply:
    if tool_results:
        return Reply(f"It says {' and '.join(tool_results)}")
    if tools:
        return Reply("I look.", tool=(tools[0], {"city": "Paris"}))
    return Reply(f"You asked: {question}", thinking="A question.")


@pytest.fixture
async def server() -> AsyncIterator[StandInOllama]:
    async with StandInOllama(wordy) as stand_in:
        yield stand_in


@pytest.fixture
async def client(server: StandInOllama) -> AsyncIterator[httpx2.AsyncClient]:
    async with http_client(connect_s=5, pool_s=5, base_url=server.url) as made:
        yield made


async def chat(client: httpx2.AsyncClient, **changes: Any) -> list[dict[str, Any]]:
    asked = {"model": "llama3.2", "messages": [QUESTION], "think": False, "options": {"num_ctx": 8192}} | changes
    answer = await client.post("/api/chat", content=orjson.dumps(asked))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [orjson.loads(line) for line in answer.content.splitlines()]


def text_of(chunks: list[dict[str, Any]]) -> str:
    return "".join(chunk["message"]["content"] for chunk in chunks)


async def test_it_streams_a_reply_and_ends_with_the_metrics_that_are_not_zero(client: httpx2.AsyncClient) -> None:
    *pieces, end = await chat(client)
    assert text_of(pieces) == "You asked: How are you?"
    assert {piece["done"] for piece in pieces} == {False}
    assert (end["done"], end["done_reason"], end["eval_count"], end["prompt_eval_count"]) == (True, "stop", 5, 4)


async def test_it_thinks_only_when_asked(client: httpx2.AsyncClient) -> None:
    first, *_ = await chat(client, think=True)
    assert first["message"] == {"role": "assistant", "content": "", "thinking": "A question."}
    assert "thinking" not in (await chat(client))[0]["message"]


@pytest.mark.parametrize("style", ["parser", "native"])
async def test_it_calls_tools_in_both_styles_and_reads_their_results(
    server: StandInOllama, client: httpx2.AsyncClient, style: str
) -> None:
    server.tool_style = "native" if style == "native" else "parser"
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {}}}]
    chunks = await chat(client, tools=tools)
    asking = [chunk for chunk in chunks if "tool_calls" in chunk["message"]]
    (call,) = asking[0]["message"]["tool_calls"]
    assert (call["function"]["name"], call["function"]["arguments"]) == ("get_weather", {"city": "Paris"})
    assert asking[0]["done"] is (style == "native")
    result = {"role": "tool", "tool_name": "get_weather", "tool_call_id": call["id"], "content": "18 C"}
    assert text_of(await chat(client, tools=tools, messages=[QUESTION, result])) == "It says 18 C"


async def test_no_messages_only_load_the_model(server: StandInOllama, client: httpx2.AsyncClient) -> None:
    (end,) = await chat(client, messages=[])
    assert end["done_reason"] == "load"
    running = (await client.get("/api/ps")).json()["models"]
    assert [(model["name"], model["context_length"]) for model in running] == [("llama3.2:latest", 8192)]


async def test_another_window_reads_the_model_again(server: StandInOllama, client: httpx2.AsyncClient) -> None:
    await chat(client)
    await chat(client)
    assert server.reloads == 0
    await chat(client, options={"num_ctx": 4096})
    assert server.reloads == 1


async def test_a_model_that_loads_is_not_in_memory_yet(server: StandInOllama, client: httpx2.AsyncClient) -> None:
    server.load_s = 60
    asking = asyncio.create_task(chat(client))
    await server.wait_open()
    assert (await client.get("/api/ps")).json() == {"models": []}
    asking.cancel()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"", 400, "missing request body"),
        (b"{", 400, "invalid character"),
        (b'{"messages":[]}', 400, "model is required"),
        (b'{"model":"nobody"}', 404, "model 'nobody' not found"),
        (b'{"model":"plain","think":true}', 400, '"plain:latest" does not support thinking'),
        (b'{"model":"plain","tools":[{}]}', 400, "registry.ollama.ai/library/plain:latest does not support tools"),
        (b'{"model":"plain","options":{"temperature":"warm"}}', 500, 'option "temperature" must be of type'),
        (
            b'{"model":"plain","truncate":false,"options":{"num_ctx":2},"messages":[{"content":"too much to read"}]}',
            400,
            "longer than the context length",
        ),
    ],
)
async def test_it_refuses_what_ollama_refuses(
    server: StandInOllama, client: httpx2.AsyncClient, body: bytes, code: int, words: str
) -> None:
    server.models = ("plain:latest",)
    server.capabilities = {"plain:latest": ("completion",)}
    answer = await client.post("/api/chat", content=body)
    assert answer.status_code == code
    assert words in answer.json()["error"]


async def test_it_lists_and_shows_its_models(server: StandInOllama, client: httpx2.AsyncClient) -> None:
    server.remote_hosts = {"kimi:cloud": "https://elsewhere.example"}
    models = (await client.get("/api/tags")).json()["models"]
    assert [model["name"] for model in models][-1] == "kimi:cloud"
    assert [model.get("remote_host") for model in models] == [None, None, None, "https://elsewhere.example"]
    shown = (await client.post("/api/show", content=b'{"model":"llama3.2"}')).json()
    assert shown["capabilities"] == ["completion", "tools", "thinking"]
    assert (await client.post("/api/show", content=b'{"model":"nobody"}')).status_code == 404
    assert (await chat(client, model="kimi:cloud"))[0]["remote_host"] == "https://elsewhere.example"


async def test_it_says_that_it_runs(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/")).text == "Ollama is running"
    assert set((await client.get("/api/version")).json()) == {"version"}
    assert (await client.get("/api/embed")).status_code == 404
