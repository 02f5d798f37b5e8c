"""N6: what a person typed, a file, a tool or a model said, and every key, stand in no log, error, metric or repr.

Canaries are planted wherever text can come from, turns are run through failures of each kind with our own log at its
most talkative, and everything that an operator may get to see is searched for them.
"""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.chat.latch import Latches
from chatapp.chat.log import TurnLog
from chatapp.chat.scribe import Scribe
from chatapp.chat.turn import TurnRun
from chatapp.chat.turns import Turns
from chatapp.commands.serve import set_up_logging
from chatapp.demo.anthropic import error_body, stream
from chatapp.demo.ollama import chunk, line
from chatapp.demo.scenes import Cut, Hang, Raw, Reset, Scene, Send, Status
from chatapp.privacy.gate import PrivacyGate
from chatapp.router.breaker import CircuitBreaker
from chatapp.router.router import Router
from chatapp.store.database import Database
from tests.house import Browser, Frame, House, of, open_house

CANARY = "Zqkanari"
KEY = f"sk-{CANARY}-key"
PHI = f"Mrs. {CANARY}name in bed 12, MRN 4482913, has a potassium of 6.1. What now?"
CLEAR = f"Compare the trade-offs of {CANARY.lower()}plan and night float step by step, and weigh them."
ROSTER = (
    "Please validate this schedule.\nresident,date,start,end\nR1,2026-07-01,07:00,23:00\nR2,2026-07-02,07:00,19:00\n"
)
SHORT_WAITS = {
    "OLLAMA_TIMEOUT": "0.2",
    "CHATAPP_IDLE_LOCAL_SECONDS": "0.2",
    "CHATAPP_IDLE_CLOUD_SECONDS": "0.2",
    "CHATAPP_FIRST_TOKEN_CLOUD_SECONDS": "0.2",
    "CHATAPP_MODEL_LOAD_SECONDS": "0.2",
    "ANTHROPIC_API_KEY": KEY,
}
ECHO = f"the prompt was: {CANARY}echo {KEY}"
STATEFUL = (CircuitBreaker, PrivacyGate, Router, Turns, TurnRun, TurnLog, Scribe, Latches, Database)


class Everything(logging.Handler):
    """Keeps each record as it would be written, traces and all."""

    def __init__(self) -> None:
        super().__init__(0)
        self.written: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[Everything]:
    """All that is logged with the shipped set-up, ours at DEBUG."""
    before = {name: logging.getLogger(name).level for name in (*logging.root.manager.loggerDict, "chatapp")}
    set_up_logging("debug")
    handler = Everything()
    logging.root.addHandler(handler)
    yield handler
    logging.root.removeHandler(handler)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(before.get(name, logging.NOTSET))


def found_in(text: str) -> bool:
    return CANARY.lower() in text.lower()


async def take_the_key(house: House) -> None:
    """Have the cloud know the key that is a canary, and forget that it refused it before."""
    house.anthropic.api_key = KEY
    async with house.http() as http:
        await http.post("/api/breakers/anthropic/reset", headers={"origin": house.url})


async def operators_view(house: House) -> str:
    """Everything about the house that is shown without anybody's conversation."""
    async with house.http() as http:
        pages = [(await http.get(path)).text for path in ("/api/health", "/api/stats", "/readyz", "/api/session")]
    held = [repr(thing) for thing in gc.get_objects() if type(thing) in STATEFUL]
    assert any("CircuitBreaker" in text or "Breaker" in text for text in held)
    return "\n".join([*pages, *held])


def told_about(frames: list[Frame]) -> str:
    """What a frame says beside the person's own words."""
    return json.dumps([frame for frame in frames if frame["type"] in ("error", "route", "fallback", "status")])


LOCAL_FAULTS: dict[str, Scene] = {
    "400": (Status(400, {}, json.dumps({"error": ECHO}).encode()),),
    "401": (Status(401, {}, json.dumps({"error": ECHO}).encode()),),
    "404": (Status(404, {}, json.dumps({"error": ECHO}).encode()),),
    "429": (Status(429, {"retry-after": ECHO}, ECHO.encode()),),
    "500": (Status(500, {}, f"<html>{ECHO}</html>".encode()),),
    "503": (Status(503, {}, json.dumps({"error": ECHO}).encode()),),
    "redirect": (Status(307, {"location": f"http://{CANARY}.invalid/?{CANARY}"}),),
    "error in a line": (Send(json.dumps({"error": ECHO}).encode() + b"\n"),),
    "error in the middle": (Send(line(chunk("llama3.2", "The "))), Send(json.dumps({"error": ECHO}).encode() + b"\n")),
    "garbage": (Send(ECHO.encode() + b"\n"),),
    "wrong types": (Send(json.dumps({"message": ECHO, "done": ECHO}).encode() + b"\n"),),
    "runs elsewhere": (Send(line(chunk("llama3.2", "The ") | {"remote_host": ECHO})),),
    "no HTTP at all": (Raw(ECHO.encode() + b"\r\n"),),
    "hang": (Hang(),),
    "cut": (Send(line(chunk("llama3.2", CANARY))), Cut()),
    "reset": (Reset(),),
    "a tool with an odd name": (
        Send(line(chunk("llama3.2", tool_calls=[{"function": {"name": CANARY, "arguments": {CANARY: CANARY}}}]))),
    ),
}


@pytest.mark.parametrize("fault", LOCAL_FAULTS)
async def test_N6_a_local_fault_tells_nobody_what_was_asked(
    tmp_path: Path, fault: str, logged: Everything, capfd: pytest.CaptureFixture[str]
) -> None:
    async with open_house(tmp_path, environ=SHORT_WAITS) as house, house.browser() as browser:
        house.ollama.script(LOCAL_FAULTS[fault])
        frames = await browser.ask(PHI)
        shown = await operators_view(house)

    assert of(frames, "error") or of(frames, "done")
    assert_nothing_told(logged, capfd, told_about(frames), shown)


CLOUD_FAULTS: dict[str, Scene] = {
    **{
        str(code): (Status(code, {"content-type": "application/json"}, json.dumps(error_body(code, ECHO)).encode()),)
        for code in (400, 401, 402, 403, 404, 413, 429, 500, 529)
    },
    "an event that is none": (Send(f"event: message_start\ndata: {ECHO}\n\n".encode()),),
    "an error in the middle": (
        *map(Send, list(stream([["An ", "answer."]]))[:3]),
        Send(f"event: error\ndata: {json.dumps(error_body(529, ECHO))}\n\n".encode()),
    ),
    "cut": (*map(Send, list(stream([[CANARY, "answer."]]))[:3]), Cut()),
    "hang": (Hang(),),
    "names a person": tuple(map(Send, stream([[f"Mrs. {CANARY} in bed 12, MRN 4482913.", *[" Words."] * 200]]))),
}


@pytest.mark.parametrize("fault", CLOUD_FAULTS)
async def test_N6_a_cloud_fault_tells_nobody_what_was_asked(
    tmp_path: Path, fault: str, logged: Everything, capfd: pytest.CaptureFixture[str]
) -> None:
    async with open_house(tmp_path, environ=SHORT_WAITS) as house, house.browser() as browser:
        await take_the_key(house)
        house.anthropic.script(CLOUD_FAULTS[fault], CLOUD_FAULTS[fault], CLOUD_FAULTS[fault])
        await house.ollama.fail("error")
        frames = await browser.ask(CLEAR, mode="cloud")
        shown = await operators_view(house)

    assert "/v1/messages" in [request.path for request in house.anthropic.requests]
    assert_nothing_told(logged, capfd, told_about(frames), shown)


async def plant_everywhere(house: House, browser: Browser) -> list[Frame]:
    """A file, a title, a tool's arguments and result, a draft, odd frames, and requests that name what is not there."""
    async with house.http() as http:
        file = await http.post(f"/api/attachments?name={CANARY}.txt", content=f"{PHI}\n{CANARY}".encode())
        await http.post(f"/api/attachments?name={CANARY}.bin", content=b"%PDF-" + CANARY.encode())
        first = await browser.ask(ROSTER, mode="cloud")
        conversation = of(first, "conversation")[0]["id"]
        await http.patch(f"/api/conversations/{conversation}", json={"title": CANARY}, headers={"origin": house.url})
        refused = [
            await http.patch(f"/api/conversations/{conversation}", json={CANARY: 1}, headers={"origin": house.url}),
            await http.get(f"/api/conversations/{CANARY}"),
            await http.get(f"/{CANARY}"),
            await http.get(f"/api/conversations?before={CANARY}"),
        ]
        assert not any(found_in(answer.text) for answer in refused)
    more = await browser.ask(CLEAR, conversation=conversation, attachments=[file.json()["id"]])
    await browser.send("check", id="c1", text=PHI)
    await browser.until("checked")
    for odd in ('{"type": "%s"}', '{"%s"', '{"type": "chat", "id": "k", "text": "x", "%s": 1}', "%s"):
        await browser.socket.send(odd % CANARY)
        more.append(await browser.until("error"))
    for type, field in (("open", "conversation"), ("stop", "turn"), ("resume", "turn"), ("lock", "conversation")):
        await browser.send(type, **{field: CANARY}, **({"after": 0} if type == "resume" else {}))
        frame = await browser.until("error")
        assert not found_in(frame["message"])
    return [*first, *[frame for frame in more if "re" not in frame]]


async def test_N6_wherever_it_is_planted_it_is_told_nobody(
    tmp_path: Path, logged: Everything, capfd: pytest.CaptureFixture[str]
) -> None:
    schedule = f"resident,date,start,end\n{CANARY},2026-07-01,07:00,23:00\nMrs. {CANARY} MRN 4482913,x,y,z\n"
    use = {"type": "tool_use", "id": f"toolu_{CANARY}", "name": "validate_schedule", "input": {"schedule": schedule}}
    async with open_house(tmp_path, environ=SHORT_WAITS) as house, house.browser() as browser:
        await take_the_key(house)
        house.anthropic.script(tuple(map(Send, stream([use]))))
        frames = await plant_everywhere(house, browser)
        shown = await operators_view(house)
        sent = house.cloud_bytes()

    assert CANARY.lower().encode() not in sent.replace(KEY.encode(), b"").lower()
    assert of(frames, "tool_result")
    assert_nothing_told(logged, capfd, told_about(frames), shown)


def assert_nothing_told(logged: Everything, capfd: pytest.CaptureFixture[str], told: str, shown: str) -> None:
    assert [text for text in logged.written if found_in(text)] == []
    assert not found_in(told)
    assert not found_in(shown)
    out, err = capfd.readouterr()
    assert not found_in(out)
    assert not found_in(err)


def test_N6_libraries_that_print_payloads_stay_above_debug(logged: Everything) -> None:
    for name in ("websockets.server", "websockets.client", "anthropic._base_client", "httpx2", "sqlalchemy.engine"):
        logging.getLogger(name).debug(CANARY)
    logging.getLogger("chatapp.web").debug("heard")
    assert logged.written == ["DEBUG chatapp.web: heard"]
