"""The router as a library, over model servers that speak the real APIs, with a real ledger in a real folder."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import chatapp
from chatapp import LLMRequest, LLMRouter
from chatapp.demo.anthropic import StandInAnthropic
from chatapp.demo.ollama import MODELS, StandInOllama, chunk, end_chunk, line, tool_call
from chatapp.demo.replies import reply
from chatapp.demo.scenes import Cut, Hang, Scene, Send
from chatapp.errors import ChatError, NotFound, StorageUnavailable
from chatapp.llm import LLMProviderError, ProviderUnavailableError
from chatapp.messages import Message, Mode, ProviderWish, Text
from chatapp.settings import Settings, SettingsError
from tests.house import house_settings

SIMPLE = "What is a normal potassium?"
COMPLEX = "Compare the trade-offs of night float and 24-hour call step by step, and design a schedule policy."
CODE = "Write a Python function that parses a CSV file and returns a list of dicts."
PHI = "Mrs. Okonkwo in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
CANARIES = (b"Okonkwo", b"4482913")
TOOL = {
    "type": "function",
    "function": {"name": "lookup", "description": "Looks it up.", "parameters": {"type": "object"}},
}


@dataclass
class Table:
    """Both model servers, and a router over them."""

    ollama: StandInOllama
    anthropic: StandInAnthropic
    settings: Settings
    router: LLMRouter

    @property
    def prompts(self) -> list[Any]:
        """What the cloud was asked."""
        return [request.json for request in self.anthropic.requests if request.path == "/v1/messages"]

    def assert_nothing_left(self) -> None:
        sent = b"".join(request.body + repr(request).encode() for request in self.anthropic.requests)
        assert not [canary for canary in CANARIES if canary in sent]

    def ledger(self) -> list[tuple[Any, ...]]:
        """What the egress ledger says has left: owner, provider, model, decision."""
        fields = ", ".join(f"entry ->> '{name}'" for name in ("owner", "provider", "model", "decision"))
        with closing(sqlite3.connect(self.settings.data_dir / "chatapp.sqlite3")) as ledger:
            return ledger.execute(f"SELECT {fields} FROM ledger WHERE kind = 'opened'").fetchall()


@asynccontextmanager
async def table(
    folder: Path, *, models: tuple[str, ...] = MODELS, cloud: bool = True, environ: dict[str, str] | None = None,
    **more: Any,
) -> AsyncIterator[Table]:  # fmt: skip
    async with StandInOllama(partial(reply, side="local"), models=models) as ollama, StandInAnthropic() as anthropic:
        settings = house_settings(folder, ollama.url, anthropic.url, cloud=cloud, environ=environ)
        async with LLMRouter(settings=settings, **more) as router:
            yield Table(ollama, anthropic, settings, router)


# --- whole answers ---------------------------------------------------------------------------------------------------


async def test_a_question_is_answered_with_who_and_why(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        local = await here.router.generate(LLMRequest(prompt=SIMPLE))
        cloud = await here.router.generate(LLMRequest(prompt=COMPLEX))
        wished = await here.router.generate(LLMRequest(prompt=SIMPLE, provider="anthropic"))
        ledger = here.ledger()

    assert (local.provider, local.model, local.rule) == ("ollama", "llama3.2", "simple")
    assert (cloud.provider, cloud.rule) == ("anthropic", "complex")
    assert (wished.provider, wished.rule) == ("anthropic", "wish")
    assert all(answer.content and answer.finish == "stop" and answer.reason for answer in (local, cloud, wished))
    assert local.usage.completion_tokens > 0
    assert [(owner, provider, decision) for owner, provider, _, decision in ledger] == [
        ("library", "anthropic", "complex"),
        ("library", "anthropic", "wish"),
    ]


async def test_everything_of_a_request_arrives(tmp_path: Path) -> None:
    history = (Message("user", (Text("Hello."),)), Message("assistant", (Text("Good morning."),)))
    request = LLMRequest(prompt=SIMPLE, system="Be brief.", history=history, max_tokens=77, mode="cloud")
    async with table(tmp_path) as here:
        await here.router.generate(request)
    (asked,) = here.prompts

    assert asked["system"] == "Be brief."
    assert asked["max_tokens"] == 77
    assert [message["role"] for message in asked["messages"]] == ["user", "assistant", "user"]
    assert asked["messages"][-1]["content"][0]["text"] == SIMPLE


@pytest.mark.parametrize(
    "tool",
    [
        TOOL,
        {"name": "lookup", "description": "Looks it up.", "input_schema": {"type": "object"}},
        {"name": "lookup", "description": "Looks it up.", "parameters": {"type": "object"}},
    ],
    ids=["openai", "anthropic", "ours"],
)
async def test_tools_in_any_form_reach_the_model_and_its_calls_come_back_unrun(
    tmp_path: Path, tool: dict[str, Any]
) -> None:
    async with table(tmp_path) as here:
        call = tool_call("call_1", "lookup", {"what": "potassium"})
        here.ollama.script((Send(line(chunk("mistral", tool_calls=[call])) + line(end_chunk("mistral"))),))
        answer = await here.router.generate(LLMRequest(prompt=SIMPLE, tools=[tool]))
        offered = here.ollama.requests[-1].json["tools"][0]["function"]

    assert (answer.model, answer.finish) == ("mistral", "tool_calls")
    assert (offered["name"], offered["description"]) == ("lookup", "Looks it up.")
    (called,) = answer.tool_calls
    assert (called.name, called.arguments) == ("lookup", {"what": "potassium"})


# --- pieces ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prompt", "provider"), [(SIMPLE, "ollama"), (COMPLEX, "anthropic")])
async def test_a_stream_is_the_answer_in_pieces_and_its_last_one_says_that_it_is_whole(
    tmp_path: Path, prompt: str, provider: str
) -> None:
    async with table(tmp_path) as here:
        whole = await here.router.generate(LLMRequest(prompt=prompt))
        chunks = [chunk async for chunk in here.router.stream(LLMRequest(prompt=prompt))]

    assert "".join(piece.content for piece in chunks) == whole.content
    assert [piece.done for piece in chunks] == [False] * (len(chunks) - 1) + [True]
    assert (chunks[-1].usage, chunks[-1].finish) == (whole.usage, "stop")
    assert {piece.provider for piece in chunks} == {provider}


async def test_a_reader_who_leaves_frees_the_model(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        async with aclosing(here.router.stream(LLMRequest(prompt="n=100000 gap=5"))) as chunks:
            await anext(chunks)
        await here.ollama.wait_closed()
        assert here.router.get_circuit_breaker("ollama").failures == 0
        assert here.router.get_stats().requests == 1


async def test_a_stream_that_breaks_off_says_so_and_nobody_goes_on_with_it(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        here.ollama.script((Send(line(chunk("llama3.2", "Between "))), Cut()))
        stream = here.router.stream(LLMRequest(prompt=SIMPLE))
        assert (await anext(stream)).content == "Between "
        with pytest.raises(ChatError) as caught:
            await anext(stream)
        stats = here.router.get_stats()

    assert caught.value.code == "stream_interrupted"
    assert here.prompts == []
    assert (stats.requests, stats.failures) == (1, 1)


# --- privacy ---------------------------------------------------------------------------------------------------------

PLACES: dict[str, LLMRequest] = {
    "prompt": LLMRequest(prompt=PHI),
    "system": LLMRequest(prompt=COMPLEX, system=PHI),
    "history": LLMRequest(prompt=COMPLEX, history=(Message("user", (Text(PHI),)),)),
    "split": LLMRequest(prompt=f"4482913\n{COMPLEX}", history=(Message("user", (Text("Mrs. Okonkwo, MRN:"),)),)),
    "tool": LLMRequest(prompt=COMPLEX, tools=[{"name": "t", "description": PHI}]),
    "schema": LLMRequest(prompt=COMPLEX, tools=[{"name": "t", "parameters": {"title": PHI}}]),
    "model": LLMRequest(prompt=COMPLEX, model="MRN 4482913"),
}
WAYS_OUT: list[tuple[ProviderWish, Mode]] = [("anthropic", "cloud"), ("auto", "hybrid")]
FAILURES: list[Any] = ["none", "refuse", "hang", "error", "cut"]


@pytest.mark.parametrize("place", PLACES)
async def test_n1_patient_data_never_leaves_from_anywhere_in_a_request(tmp_path: Path, place: str) -> None:
    request = PLACES[place]
    environ = {"OLLAMA_TIMEOUT": "0.2", "LLM_DEFAULT_PROVIDER": "anthropic"}
    async with table(tmp_path, environ=environ) as here:
        for failure in FAILURES:
            await here.ollama.fail(failure)
            for wish, mode in WAYS_OUT:
                asked = replace(request, provider=wish, mode=mode)
                provider, code, sentence = await outcome_of(here.router, asked)
                assert (provider or code) in ("ollama", "phi_local_only", "stream_interrupted")
                assert not [canary for canary in CANARIES if canary.decode() in sentence]
        here.assert_nothing_left()
    assert here.prompts == []


async def outcome_of(router: LLMRouter, request: LLMRequest) -> tuple[str, str, str]:
    """Who answered, or the error's code and sentence."""
    try:
        answer = await router.generate(request)
    except ChatError as error:
        return "", error.code, str(error)
    return answer.provider, "", answer.reason


async def test_what_was_kept_is_counted(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        await here.router.generate(LLMRequest(prompt=PHI))
        await here.router.generate(LLMRequest(prompt=SIMPLE))
        stats = here.router.get_stats()
    assert (stats.requests, stats.kept_local, stats.left_house) == (2, 1, 0)


async def test_without_a_ledger_nothing_leaves(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        here.settings.data_dir.parent.mkdir(exist_ok=True)
        here.settings.data_dir.write_text("a file where the folder should be")
        with pytest.raises(StorageUnavailable, match="nothing was sent"):
            await here.router.generate(LLMRequest(prompt=COMPLEX))
    assert here.prompts == []


async def test_a_text_that_cannot_be_read_stays_and_is_refused_in_words(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        with pytest.raises(ChatError) as caught:
            await here.router.generate(LLMRequest(prompt=f"{COMPLEX} \ud800", mode="cloud"))
    assert caught.value.code == "policy_unavailable"
    assert here.prompts == []


async def test_airgap_in_code_builds_no_cloud_whatever_the_environment_holds(tmp_path: Path) -> None:
    async with table(tmp_path, airgap_mode=True) as here:
        answer = await here.router.generate(LLMRequest(prompt=COMPLEX, provider="anthropic", mode="cloud"))
        health = await here.router.health_check_all()

    assert (answer.provider, answer.rule) == ("ollama", "airgap")
    assert list(health) == ["ollama"]
    assert here.anthropic.requests == []


# --- falling back ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["refuse", "error", "hang"])
async def test_a_cloud_that_is_down_is_replaced_by_the_local_model_and_the_answer_says_so(
    tmp_path: Path, failure: Any
) -> None:
    async with table(tmp_path, environ={"CHATAPP_FIRST_TOKEN_CLOUD_SECONDS": "0.2"}) as here:
        await here.anthropic.fail(failure)
        answer = await here.router.generate(LLMRequest(prompt=COMPLEX))
        stats = here.router.get_stats()

    assert (answer.provider, answer.rule) == ("ollama", "fallback")
    assert answer.reason == "Anthropic did not answer, so llama3.2 answers."
    assert [(fallback.origin, fallback.to, fallback.times) for fallback in stats.fallback_routes] == [
        ("anthropic", "ollama", 1)
    ]
    assert (stats.requests, stats.failures) == (1, 0)


async def test_a_local_model_that_is_down_is_replaced_by_the_cloud_for_a_clear_question(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        await here.ollama.fail("refuse")
        answer = await here.router.generate(LLMRequest(prompt=SIMPLE))
        ledger = here.ledger()
    assert (answer.provider, answer.rule) == ("anthropic", "fallback")
    assert [row[3] for row in ledger] == ["fallback"]


@pytest.mark.parametrize("more", [{"mode": "local"}, {"provider": "ollama"}])
async def test_who_asked_for_the_local_model_gets_no_other(tmp_path: Path, more: dict[str, Any]) -> None:
    async with table(tmp_path) as here:
        await here.ollama.fail("refuse")
        with pytest.raises(ChatError) as caught:
            await here.router.generate(LLMRequest(prompt=SIMPLE, **more))
    assert caught.value.code == "provider_unavailable"
    assert here.prompts == []


async def test_with_fallback_switched_off_the_failure_is_the_answer(tmp_path: Path) -> None:
    async with table(tmp_path, enable_fallback=False) as here:
        await here.anthropic.fail("refuse")
        with pytest.raises(ProviderUnavailableError) as caught:
            await here.router.generate(LLMRequest(prompt=COMPLEX))
        stats = here.router.get_stats()

    assert isinstance(caught.value, LLMProviderError)
    assert (caught.value.provider, caught.value.code) == ("anthropic", "provider_unavailable")
    assert [request for request in here.ollama.requests if request.path == "/api/chat"] == []
    assert (stats.requests, stats.failures, stats.fallbacks) == (1, 1, 0)


async def test_a_missing_role_model_is_replaced_by_the_default_one(tmp_path: Path) -> None:
    async with table(tmp_path, models=("llama3.2:latest",), cloud=False) as here:
        answer = await here.router.generate(LLMRequest(prompt=CODE))
        chunks = [piece async for piece in here.router.stream(LLMRequest(prompt=CODE))]

    assert answer.model == "llama3.2"
    assert "`ollama pull qwen2.5` adds it" in answer.reason
    assert chunks[-1].model == "llama3.2"


async def test_a_missing_default_model_is_named_with_its_mend(tmp_path: Path) -> None:
    async with table(tmp_path, models=("mistral:latest",), cloud=False) as here:
        with pytest.raises(LLMProviderError, match=re.escape("`ollama pull llama3.2`")) as caught:
            await here.router.generate(LLMRequest(prompt=SIMPLE))
    assert caught.value.code == "model_missing"


# --- breakers, health, counts ----------------------------------------------------------------------------------------


async def test_five_failures_open_the_breaker_and_a_reset_closes_it(tmp_path: Path) -> None:
    async with table(tmp_path, cloud=False) as here:
        await here.ollama.fail("error")
        for _ in range(5):
            with pytest.raises(ProviderUnavailableError):
                await here.router.generate(LLMRequest(prompt=SIMPLE))
        opened = here.router.get_circuit_breaker("ollama")
        await here.ollama.fail("none")
        with pytest.raises(LLMProviderError) as caught:
            await here.router.generate(LLMRequest(prompt=SIMPLE))
        here.router.reset_circuit_breaker("ollama")
        answer = await here.router.generate(LLMRequest(prompt=SIMPLE))

    assert (opened.state, opened.failures) == ("open", 5)
    assert caught.value.code == "breaker_open"
    assert caught.value.retry_after_s is not None
    assert answer.content


async def test_a_provider_that_is_not_there_has_no_breaker(tmp_path: Path) -> None:
    async with table(tmp_path, cloud=False) as here:
        for ask in (here.router.reset_circuit_breaker, here.router.get_circuit_breaker):
            with pytest.raises(NotFound):
                ask("anthropic")


async def test_health_is_asked_of_everybody_without_a_prompt(tmp_path: Path) -> None:
    async with table(tmp_path, models=("mistral:latest",)) as here:
        await here.anthropic.fail("refuse")
        health = await here.router.health_check_all()

    local, cloud = health["ollama"], health["anthropic"]
    assert local.available
    assert local.latency_ms is not None
    assert local.error_message is None
    assert local.missing_models == ("llama3.2", "qwen2.5")
    assert (cloud.available, cloud.latency_ms) == (False, None)
    assert cloud.error_message
    assert {request.method for request in here.ollama.requests} == {"GET"}


@pytest.mark.parametrize(("text", "task"), [(SIMPLE, "simple"), (COMPLEX, "complex"), (CODE, "code"), (PHI, "privacy")])
async def test_a_text_is_classified_without_asking_anybody(tmp_path: Path, text: str, task: str) -> None:
    async with table(tmp_path) as here:
        classification = here.router.classify(text)
    assert classification.task == task
    assert 0 <= classification.score <= 1
    assert (here.ollama.requests, here.anthropic.requests) == ([], [])


async def test_many_questions_at_once_share_one_ledger(tmp_path: Path) -> None:
    async with table(tmp_path) as here:
        answers = await asyncio.gather(*(here.router.generate(LLMRequest(prompt=COMPLEX)) for _ in range(8)))
        ledger = here.ledger()
    assert {answer.provider for answer in answers} == {"anthropic"}
    assert len(ledger) == 8


async def test_a_cancelled_question_is_closed_upstream_and_the_next_one_is_answered(tmp_path: Path) -> None:
    held: Scene = (Hang(),)
    async with table(tmp_path) as here:
        here.ollama.script(held)
        asking = asyncio.create_task(here.router.generate(LLMRequest(prompt=SIMPLE)))
        await here.ollama.wait_open()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await here.ollama.wait_closed()
        assert (await here.router.generate(LLMRequest(prompt=SIMPLE))).content


# --- construction ----------------------------------------------------------------------------------------------------


def test_the_environment_is_read_and_arguments_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHATAPP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "stand-in")
    assert repr(LLMRouter()) == "<LLMRouter ollama, anthropic>"
    assert repr(LLMRouter(airgap_mode=True)) == "<LLMRouter ollama>"
    monkeypatch.setenv("LLM_AIRGAP_MODE", "true")
    assert repr(LLMRouter()) == "<LLMRouter ollama>"
    monkeypatch.setenv("OLLAMA_URL", "not a url")
    with pytest.raises(SettingsError, match="OLLAMA_URL"):
        LLMRouter()


async def test_the_default_provider_answers_general_questions(tmp_path: Path) -> None:
    general = (
        "I am preparing a short talk for the new residents about how our wards are organised through the week and "
        "would like a friendly opening paragraph about the building."
    )
    async with table(tmp_path, default_provider="anthropic") as here:
        assert here.router.classify(general).task == "general"
        assert (await here.router.generate(LLMRequest(prompt=general))).provider == "anthropic"


def test_every_name_of_the_original_design_is_there() -> None:
    for name in (
        "LLMProvider", "OllamaProvider", "AnthropicProvider", "CircuitBreaker", "LLMRouter", "LLMRequest",
        "LLMResponse", "TaskClassification", "ProviderHealth", "CircuitBreakerState", "LLMRouterStats", "StreamChunk",
        "ToolCall", "LLMProviderError", "ProviderUnavailableError",
    ):  # fmt: skip
        assert isinstance(getattr(chatapp, name), type), name
