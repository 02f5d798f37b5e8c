"""The door: a cloud provider is asked only with a cleared request, and only after the record of it is written."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import aclosing, suppress

import orjson
import pytest

from chatapp.errors import ProviderTimeout, StorageFull, StorageUnavailable
from chatapp.events import Context, Delta, Privacy, Route
from chatapp.messages import CompletionRequest, Message, Text, ToolCall, Usage
from chatapp.ports import Completed, EgressRecord
from chatapp.privacy.gate import ClearedRequest, PrivacyGate
from chatapp.router.candidate import Asker, CloudCandidate, LocalCandidate
from tests.fakes import Records, ScriptedCloud, ScriptedLocal, Step, cloud_seat, find_canary, local_seat

REQUEST = CompletionRequest("strong", (Message("user", (Text("What is a normal potassium?"),)),))
ROUTE = Route("anthropic", "strong", "complex", "complex", "Because.", Privacy("clear"), Context(100, 1))


def cleared(request: CompletionRequest = REQUEST) -> ClearedRequest:
    judged = PrivacyGate(find_canary, version="9").judge(request)
    assert isinstance(judged, ClearedRequest)
    return judged


def candidate(cloud: ScriptedCloud, records: Records, asker: Asker | None = None) -> CloudCandidate:
    return CloudCandidate(cloud_seat(cloud), ROUTE, cleared(), asker or Asker(), records)


async def test_the_record_says_what_is_about_to_leave_and_holds_no_text() -> None:
    records = Records()
    before = time.time()
    await candidate(ScriptedCloud(), records, Asker("anna", "c1", "t1")).open()
    (record,) = records.written
    body = orjson.dumps(REQUEST)

    assert before <= record.at <= time.time()
    assert record == EgressRecord(
        record.at, "anna", "c1", "t1", "anthropic", "anthropic.test:1", "strong", len(body),
        hashlib.sha256(body).hexdigest(), "complex", "9", 1,
    )  # fmt: skip
    assert "potassium" not in repr(record)


@pytest.mark.parametrize("failure", [StorageUnavailable(), StorageFull(), OSError()])
async def test_r11_without_a_record_there_is_no_call(failure: Exception) -> None:
    cloud, records = ScriptedCloud(), Records()
    records.failure = failure
    with pytest.raises(type(failure)):
        await candidate(cloud, records).open()
    assert cloud.given == []


async def test_the_record_stands_before_the_provider_is_asked() -> None:
    cloud, records, written = ScriptedCloud(), Records(), asyncio.Event()
    records.gate = written
    opening = asyncio.create_task(candidate(cloud, records).open())
    await asyncio.sleep(0)
    assert not opening.done()
    assert cloud.given == []
    written.set()
    events = [event async for event in await opening]

    assert isinstance(events[-1], Completed)
    (given,) = cloud.given
    assert given.payload is REQUEST


async def test_a_cancelled_record_makes_no_call() -> None:
    cloud, records = ScriptedCloud(), Records()
    records.gate = asyncio.Event()
    opening = asyncio.create_task(candidate(cloud, records).open())
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert cloud.given == []


ENDINGS: dict[str, tuple[tuple[Step, ...], tuple[str, str | None, int, int, int]]] = {
    "its end mark": ((Delta("Añ "), Delta("answer."), Completed("stop", Usage(3, 2))), ("completed", None, 3, 2, 11)),
    "a call": ((ToolCall("c", "look", "{}"), Completed("tool_calls", Usage(3, 2))), ("completed", None, 3, 2, 6)),
    "a fault": ((Delta("An "), ProviderTimeout("anthropic")), ("failed", "provider_timeout", 0, 0, 3)),
    "a bug": ((ZeroDivisionError(),), ("failed", "internal", 0, 0, 0)),
}


@pytest.mark.parametrize("way", ENDINGS)
async def test_what_became_of_a_call_is_written_once(way: str) -> None:
    script, expected = ENDINGS[way]
    records = Records()
    with suppress(ProviderTimeout, ZeroDivisionError):
        async for _ in await candidate(ScriptedCloud(script), records, Asker("anna", "c1", "t1")).open():
            assert records.ends == []
    (end,) = records.ends
    assert (end.ended, end.code, end.prompt_tokens, end.completion_tokens, end.received_bytes) == expected
    assert (end.owner, end.conversation, end.turn, end.opening) == ("anna", "c1", "t1", 1)


async def test_an_answer_that_its_reader_leaves_is_written_as_stopped() -> None:
    cloud, records = ScriptedCloud(), Records()
    async with aclosing(await candidate(cloud, records).open()) as events:
        await anext(events)
    (end,) = records.ends
    assert (end.ended, end.received_bytes, cloud.open) == ("stopped", 3, 0)


async def test_a_cancelled_answer_is_written_as_stopped() -> None:
    cloud, records = ScriptedCloud((Delta("An "), asyncio.Event())), Records()

    async def read() -> None:
        async with aclosing(await candidate(cloud, records).open()) as events:
            async for _ in events:
                pass

    reading = asyncio.create_task(read())
    while not cloud.open:  # noqa: ASYNC110 - nobody announces it
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert [end.ended for end in records.ends] == ["stopped"]


async def test_every_opening_is_recorded_anew() -> None:
    records = Records()
    one = candidate(ScriptedCloud(), records)
    await one.open()
    await one.open()
    assert len(records.written) == 2


async def test_a_local_provider_is_given_the_request_as_it_is() -> None:
    local = ScriptedLocal()
    stream = await LocalCandidate(local_seat(local), ROUTE, REQUEST).open()
    assert [type(event).__name__ async for event in stream] == ["Delta", "Delta", "Completed"]
    assert local.given == [REQUEST]


def test_a_seat_knows_its_model_for_each_task() -> None:
    local, cloud = local_seat(ScriptedLocal()), cloud_seat(ScriptedCloud())
    assert [local.model_for(role) for role in ("simple", "tools", "code", "general", "privacy")] == [
        "fast", "tooler", "coder", "base", "base",
    ]  # fmt: skip
    assert {cloud.model_for(role) for role in ("simple", "tools", "code", "complex")} == {"strong"}
