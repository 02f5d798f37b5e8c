from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, ClassVar

import pytest

from chatapp.demo.ollama import Chunk, StandInOllama, chunk, end_chunk, line, tool_call
from chatapp.demo.standin import Pause, Received, Scene, Send, StandIn, Status, Until, json_answer
from chatapp.errors import (
    ContextTooLong,
    ModelMissing,
    ModelNotLocal,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderMisconfigured,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
)
from chatapp.events import Delta
from chatapp.messages import CompletionRequest, Message, Text, ToolCall, Usage
from chatapp.ports import Completed, Loading, ProviderEvent
from chatapp.providers.ollama import OllamaProvider
from tests.house import name_server
from tests.providers.contract import QUESTION, SECRET, USAGE, Contender, ProviderContract

MODEL = "llama3.2"


class TestOllama(ProviderContract):
    model: ClassVar[str] = MODEL

    def server(self) -> StandIn:
        return StandInOllama()

    def contender(self, url: str, *, first_token_s: float, idle_s: float) -> Contender:
        provider = OllamaProvider(url, first_token_s=first_token_s, idle_s=idle_s)
        return Contender(provider.stream, provider.check, provider.aclose)

    def text_body(self, *pieces: str, usage: Usage = USAGE) -> bytes:
        end = end_chunk(MODEL, prompt_tokens=usage.prompt_tokens, tokens=usage.completion_tokens)
        return b"".join(map(line, [*(chunk(MODEL, piece) for piece in pieces), end]))

    def thinking_body(self, thought: str, text: str) -> bytes:
        return line(chunk(MODEL, thinking=thought)) + self.text_body(text)

    def tool_body(self, *calls: ToolCall) -> bytes:
        asked = chunk(MODEL, tool_calls=[tool_call(call.id, call.name, call.arguments) for call in calls])
        return line(asked) + self.text_body()

    def error_line(self) -> bytes:
        return line({"error": f"an error was encountered while running the model: {SECRET}"})

    def busy(self) -> Scene:
        return json_answer({"error": "server busy, please try again.  maximum pending requests exceeded"}, 503)

    def model_missing(self) -> Scene:
        return json_answer({"error": f"model '{MODEL}' not found"}, 404)

    def rejected(self) -> Scene:
        return json_answer({"error": f"invalid message: {SECRET}"}, 400)

    def tool_result_in(self, received: Received) -> tuple[str, str]:
        (result,) = [message for message in received.json["messages"] if message["role"] == "tool"]
        return result["tool_call_id"], result["content"]


@pytest.fixture
async def server() -> AsyncIterator[StandInOllama]:
    async with StandInOllama() as stand_in:
        yield stand_in


@pytest.fixture
async def provider(server: StandInOllama) -> AsyncIterator[OllamaProvider]:
    made = OllamaProvider(server.url)
    yield made
    await made.aclose()


async def ask(provider: OllamaProvider, model: str = MODEL, *, think: bool = False) -> list[ProviderEvent]:
    async with aclosing(provider.stream(CompletionRequest(model, QUESTION, think=think))) as stream:
        return [event async for event in stream]


def sent(server: StandInOllama) -> list[dict[str, Any]]:
    return [request.json for request in server.requests if request.path == "/api/chat"]


def lines(*chunks: Chunk) -> Send:
    return Send(b"".join(map(line, chunks)))


# --- what is sent ---


async def test_every_call_says_the_same_window_and_leaves_nothing_to_defaults(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, num_ctx=2048, keep_alive="5m")
    request = CompletionRequest(MODEL, QUESTION, system="Be brief.", max_tokens=50)
    async with aclosing(provider.stream(request)) as stream:
        assert [event async for event in stream]
    await ask(provider)
    await provider.aclose()
    first, second = sent(server)
    assert first == {
        "model": MODEL,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How are you?"}],
        "stream": True,
        "think": False,
        "truncate": False,
        "keep_alive": "5m",
        "options": {"num_ctx": 2048, "num_predict": 50},
    }
    assert second["options"] == {"num_ctx": 2048}
    assert (provider.window(MODEL), server.reloads) == (2048, 0)


async def test_thinking_is_asked_only_of_a_model_that_can(server: StandInOllama, provider: OllamaProvider) -> None:
    server.capabilities = {"mistral:latest": ("completion",)}
    await ask(provider, think=True)
    await ask(provider, "mistral", think=True)
    assert [request["think"] for request in sent(server)] == [True, False]


async def test_a_text_that_is_no_unicode_is_the_requests_fault(server: StandInOllama, provider: OllamaProvider) -> None:
    broken = CompletionRequest(MODEL, (Message("user", (Text("\ud83d"),)),))
    with pytest.raises(RequestRejected):
        await anext(provider.stream(broken))
    assert sent(server) == []


async def test_a_prompt_longer_than_the_window_is_an_error_not_cut(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, num_ctx=2)
    with pytest.raises(ContextTooLong):
        await ask(provider)
    await provider.aclose()


# --- what comes back ---


async def test_lines_that_came_together_are_one_delta(server: StandInOllama, provider: OllamaProvider) -> None:
    server.script((lines(*(chunk(MODEL, f"{number} ") for number in range(50)), end_chunk(MODEL, tokens=50)),))
    text, completed = await ask(provider)
    assert isinstance(text, Delta)
    assert text.text.split() == [str(number) for number in range(50)]
    assert completed == Completed("stop", Usage(0, 50))


@pytest.mark.parametrize("style", ["parser", "native"])
async def test_tool_calls_are_taken_from_every_chunk(
    server: StandInOllama, provider: OllamaProvider, style: str
) -> None:
    call = tool_call("call_1", "get_weather", {"city": "Paris"})
    middle = [chunk(MODEL, tool_calls=[call])] if style == "parser" else []
    end = end_chunk(MODEL, tool_calls=[] if middle else [call])
    server.script((lines(chunk(MODEL, "Let me look."), *middle, end),))
    text, made, completed = await ask(provider)
    assert text == Delta("Let me look.")
    assert made == ToolCall("call_1", "get_weather", '{"city":"Paris"}')
    assert completed == Completed("tool_calls", Usage())


async def test_calls_without_an_id_or_with_the_same_get_their_own(
    server: StandInOllama, provider: OllamaProvider
) -> None:
    calls = [tool_call(given, "get_weather", {}) for given in ("", "", "call_0", "call_0")]
    server.script((lines(end_chunk(MODEL, tool_calls=calls)),))
    *made, _ = await ask(provider)
    ids = [call.id for call in made if isinstance(call, ToolCall)]
    assert len(set(ids)) == 4
    assert all(ids)


async def test_an_answer_that_is_too_long_is_cut_off_and_closed(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, answer_bytes=100)
    held = Until(asyncio.Event())
    server.script((lines(chunk(MODEL, "x" * 60)), lines(chunk(MODEL, "y" * 60)), held))
    *_, completed = await ask(provider)
    assert isinstance(completed, Completed)
    assert completed.finish == "length"
    await server.wait_closed()
    await provider.aclose()


async def test_the_length_limit_is_said(server: StandInOllama, provider: OllamaProvider) -> None:
    server.script((lines(chunk(MODEL, "so"), end_chunk(MODEL, reason="length")),))
    assert (await ask(provider))[-1] == Completed("length", Usage())


async def test_a_connection_is_used_again(server: StandInOllama, provider: OllamaProvider) -> None:
    for _ in range(3):
        await ask(provider)
    assert (server.connections, server.closed_by_client) == (1, 0)


async def test_an_end_that_comes_a_little_later_keeps_the_connection(
    server: StandInOllama, provider: OllamaProvider
) -> None:
    server.script(*[(lines(chunk(MODEL, "Hi"), end_chunk(MODEL)), Pause(0.02))] * 2)
    await ask(provider)
    await ask(provider)
    assert (server.connections, server.closed_by_client) == (1, 0)


async def test_a_line_without_end_is_not_waited_for(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, line_bytes=1000)
    server.script((Send(b'{"message":{"content":"' + b"x" * 2000), Until(asyncio.Event())))
    with pytest.raises(ProviderGarbled):
        await ask(provider)
    await server.wait_closed()
    await provider.aclose()


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (400, {"error": "the prompt is longer than the context length currently available"}, ContextTooLong),
        (400, {"error": f"registry.ollama.ai/library/{MODEL}:latest does not support tools"}, RequestRejected),
        (401, {"error": "unauthorized", "signin_url": "x"}, ProviderMisconfigured),
        (403, {}, ProviderMisconfigured),
        (404, {"error": f'model "{MODEL}" not found, try pulling it first'}, ModelMissing),
        (404, {}, ProviderUnavailable),
        (408, {}, ProviderUnavailable),
        (429, {}, ProviderBusy),
        (500, {"error": 'option "temperature" must be of type float32'}, ProviderUnavailable),
        (502, {}, ProviderUnavailable),
        (503, {"error": "server busy, please try again.  maximum pending requests exceeded"}, ProviderBusy),
        (503, {}, ProviderUnavailable),
        (202, {}, ProviderGarbled),
        (302, {}, ProviderUnavailable),
    ],
)
async def test_each_status_has_its_error(
    server: StandInOllama, provider: OllamaProvider, code: int, body: dict[str, str], error: type[ProviderError]
) -> None:
    server.script(json_answer(body, code))
    with pytest.raises(error) as caught:
        await ask(provider)
    assert (type(caught.value), caught.value.detail in ("", f"HTTP {code}")) == (error, True)


async def test_a_missing_model_says_how_to_get_it(server: StandInOllama, provider: OllamaProvider) -> None:
    with pytest.raises(ModelMissing, match=r"The model mistrál is not on this machine. `ollama pull mistrál` adds it."):
        await ask(provider, "mistrál")
    assert sent(server) == []


async def test_a_model_removed_since_the_last_listing_is_missing(
    server: StandInOllama, provider: OllamaProvider
) -> None:
    await ask(provider)
    server.models = ()
    for _ in range(2):
        with pytest.raises(ModelMissing):
            await ask(provider)
    assert len(sent(server)) == 1


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("server busy, please try again", ProviderBusy),
        ("the input exceeds the context length", ContextTooLong),
        ("this model does not support tools", RequestRejected),
        ("unexpected EOF", ProviderUnavailable),
    ],
)
async def test_an_error_line_is_told_by_its_words(
    server: StandInOllama, provider: OllamaProvider, text: str, error: type[ProviderError]
) -> None:
    server.script((lines({"error": text}),))
    with pytest.raises(error) as caught:
        await ask(provider)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    "body",
    [
        b"[]\n",
        b'"text"\n',
        b'{"done":true}\n',
        b'{"message":[]}\n',
        b'{"message":{"content":7}}\n',
        b'{"message":{"thinking":{}}}\n',
        b'{"message":{"tool_calls":7}}\n',
        b'{"message":{"tool_calls":[{"function":{"name":""}}]}}\n',
        b'{"message":{"content":"a"}\n',
        b"\xff\xfe\n",
    ],
)
async def test_what_is_not_the_protocol_is_garbled(
    server: StandInOllama, provider: OllamaProvider, body: bytes
) -> None:
    server.script((Send(body),))
    with pytest.raises(ProviderGarbled):
        await ask(provider)


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"message":{"content":"a"}}\r\n\r\n{"message":{"content":null},"done":true}\r\n',
        b'{"message":{"content":"a","new":1},"more":{}}\n{"message":{},"done":true,"eval_count":"many"}',
    ],
    ids=["byte order mark, CRLF, blank lines", "unknown fields, a bad metric, no last newline"],
)
async def test_what_does_no_harm_is_read(server: StandInOllama, provider: OllamaProvider, body: bytes) -> None:
    server.script((Send(body),))
    assert await ask(provider) == [Delta("a"), Completed("stop", Usage())]


# --- local is a fact about the model ---


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "Kimi:Cloud", "deepseek-cloud", "kimi:cloud ", "innocent"])
async def test_P22_a_model_that_runs_elsewhere_is_sent_nothing(
    server: StandInOllama, provider: OllamaProvider, model: str
) -> None:
    server.remote_hosts = {"innocent:latest": "https://elsewhere.example"}
    with pytest.raises(ModelNotLocal):
        await ask(provider, model)
    assert sent(server) == []


async def _keep(stream: AsyncGenerator[ProviderEvent, None], shown: list[ProviderEvent]) -> None:
    async for event in stream:
        shown.append(event)


@pytest.mark.parametrize("mark", [{"remote_host": "https://elsewhere.example"}, {"remote_model": "gpt-oss:120b"}])
@pytest.mark.parametrize("before", [0, 1, 3])
async def test_P22_a_reply_that_names_a_remote_host_is_not_read_on(
    server: StandInOllama, provider: OllamaProvider, mark: dict[str, str], before: int
) -> None:
    local = tuple(step for _ in range(before) for step in (lines(chunk(MODEL, "here ")), Pause(0.02)))
    server.script((*local, lines(chunk(MODEL, "elsewhere") | mark), Until(asyncio.Event())))
    shown: list[ProviderEvent] = []
    with pytest.raises(ModelNotLocal):
        await _keep(provider.stream(CompletionRequest(MODEL, QUESTION)), shown)
    assert "".join(event.text for event in shown if isinstance(event, Delta)) == "here " * before
    await server.wait_closed()


async def test_P22_a_remote_chunk_is_refused_whatever_else_it_says(
    server: StandInOllama, provider: OllamaProvider
) -> None:
    server.script((lines({"error": "boom", "remote_host": "https://elsewhere.example"}),))
    with pytest.raises(ModelNotLocal):
        await ask(provider)


async def test_P22_a_model_whose_reply_gave_it_away_is_never_asked_again(
    server: StandInOllama, provider: OllamaProvider
) -> None:
    server.script((lines(chunk(MODEL, "Hello") | {"remote_host": "https://elsewhere.example"}),))
    for name in (MODEL, f"{MODEL}:latest", MODEL.upper()):
        with pytest.raises(ModelNotLocal):
            await ask(provider, name)
    health = await provider.check()
    assert len(sent(server)) == 1
    assert f"{MODEL}:latest" in health.not_local
    assert MODEL not in health.models
    assert await ask(provider, "mistral")


async def test_P22_a_name_that_comes_to_mean_a_remote_model_is_noticed_before_the_next_prompt(
    server: StandInOllama, provider: OllamaProvider
) -> None:
    await ask(provider)
    server.remote_hosts = {"llama3.2:latest": "https://elsewhere.example"}
    with pytest.raises(ModelNotLocal):
        await ask(provider)
    assert len(sent(server)) == 1
    server.remote_hosts = {}
    await ask(provider)


async def test_P22_without_a_listing_nothing_is_sent(server: StandInOllama, provider: OllamaProvider) -> None:
    await ask(provider)
    await server.fail("error")
    with pytest.raises(ProviderUnavailable):
        await ask(provider)
    assert len(sent(server)) == 1


@pytest.mark.parametrize("found", [["203.0.113.7"], ["203.0.113.7", "2001:db8::1"]])
async def test_P02_an_ollama_outside_is_unavailable_and_the_operator_reads_why(
    server: StandInOllama, found: list[str]
) -> None:
    provider = OllamaProvider(f"http://gpu.example:{server.port}")
    with name_server({"gpu.example": found}):
        with pytest.raises(ProviderUnavailable) as refused:
            await ask(provider)
        health = await provider.check()
    await provider.aclose()
    for said in (refused.value.detail, str(health.error)):
        assert "203.0.113.7 is neither loopback nor private" in said
        assert "CHATAPP_LOCAL_HOSTS" in said
    assert str(refused.value) == "Ollama is not answering. Send again in a moment."
    assert server.requests == []


async def test_P22_a_check_tells_models_that_run_elsewhere_apart(
    server: StandInOllama, provider: OllamaProvider
) -> None:
    server.models = ("llama3.2:latest", "qwen2.5:7b", "gpt-oss:20b-cloud")
    server.remote_hosts = {"innocent:latest": "https://elsewhere.example"}
    await ask(provider)
    health = await provider.check()
    assert health.models == ("llama3.2:latest", "qwen2.5:7b", "llama3.2")
    assert health.not_local == ("gpt-oss:20b-cloud", "innocent:latest", "innocent")
    assert health.loaded == ("llama3.2:latest",)


# --- waiting for the first token ---


async def test_a_model_that_is_being_loaded_is_waited_for(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, first_token_s=0.05, load_s=30, look_after_s=0.01, look_every_s=0.01)
    release = asyncio.Event()
    server.script((Until(release), lines(chunk(MODEL, "Here"), end_chunk(MODEL))))
    async with aclosing(provider.stream(CompletionRequest(MODEL, QUESTION))) as stream:
        assert await anext(stream) == Loading(MODEL)
        asyncio.get_running_loop().call_later(0.1, release.set)
        assert [event async for event in stream] == [Delta("Here"), Completed("stop", Usage())]
    await provider.aclose()


async def test_leaving_while_it_loads_closes_what_came_meanwhile(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, look_after_s=0.01)
    release = asyncio.Event()
    server.script((Until(release), lines(chunk(MODEL, "Here")), Until(asyncio.Event())))
    async with aclosing(provider.stream(CompletionRequest(MODEL, QUESTION))) as stream:
        assert await anext(stream) == Loading(MODEL)
        release.set()
        await provider.check()
    await server.wait_closed()
    await provider.aclose()


@pytest.mark.parametrize("unknown", [json_answer({}, 500), (Status(200, {}, b"<html>"),)])
async def test_without_word_of_what_is_in_memory_the_usual_time_stands(unknown: Scene) -> None:
    class Silent(StandInOllama):
        def answer(self, request: Received) -> Scene:
            return unknown if request.path == "/api/ps" else super().answer(request)

    async with Silent() as server:
        server.script((Until(asyncio.Event()),))
        provider = OllamaProvider(server.url, first_token_s=0.05, look_after_s=0.01)
        with pytest.raises(ProviderTimeout):
            await anext(provider.stream(CompletionRequest(MODEL, QUESTION)))
        await provider.aclose()


async def test_once_it_is_loaded_it_has_the_usual_time(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, first_token_s=0.05, load_s=30, look_after_s=0.01, look_every_s=0.01)
    server.script((Until(asyncio.Event()),))
    async with aclosing(provider.stream(CompletionRequest(MODEL, QUESTION))) as stream:
        assert await anext(stream) == Loading(MODEL)
        other = OllamaProvider(server.url)
        await ask(other)
        await other.aclose()
        with pytest.raises(ProviderTimeout):
            await anext(stream)
    await provider.aclose()


async def test_a_model_in_memory_has_no_more_than_the_usual_time(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, first_token_s=0.05, load_s=30, look_after_s=0.01, look_every_s=0.01)
    await ask(provider)
    server.script((Until(asyncio.Event()),))
    with pytest.raises(ProviderTimeout):
        await ask(provider)
    await provider.aclose()


async def test_a_call_that_never_ends_is_ended(server: StandInOllama) -> None:
    provider = OllamaProvider(server.url, call_s=0.05)
    server.script((lines(chunk(MODEL, "on and on")), Until(asyncio.Event())))
    with pytest.raises(ProviderTimeout):
        await ask(provider)
    await server.wait_closed()
    await provider.aclose()


# --- health ---


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/api/tags", json_answer([])),
        ("/api/ps", (Status(200, {}, b"<html>"),)),
        ("/api/version", json_answer({}, 404)),
    ],
)
async def test_a_check_of_something_else_says_so(path: str, answer: Scene) -> None:
    class SomethingElse(StandInOllama):
        def answer(self, request: Received) -> Scene:
            return answer if request.path == path else super().answer(request)

    async with SomethingElse() as server:
        provider = OllamaProvider(server.url)
        health = await provider.check()
        assert (health.available, health.outcome, bool(health.error)) == (False, "failed", True)
        await provider.aclose()


async def test_a_check_that_gets_no_answer_ends(server: StandInOllama) -> None:
    await server.fail("hang")
    provider = OllamaProvider(server.url, probe_s=0.05)
    assert (await provider.check()).error == "TimeoutError"
    await provider.aclose()


async def test_its_repr_says_what_it_knows(server: StandInOllama, provider: OllamaProvider) -> None:
    await provider.check()
    assert repr(provider) == f"<OllamaProvider 127.0.0.1:{server.port}: 3 models proven local>"
    assert json.dumps(provider.endpoint) == f'"127.0.0.1:{server.port}"'
