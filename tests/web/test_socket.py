"""A connection when something of ours fails: it says so, about what, closes with 1011, and repeats nobody's words."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from chatapp.chat.drafts import Drafts
from chatapp.chat.feeds import Feeds
from chatapp.chat.log import TurnLog
from chatapp.chat.turns import Turns
from chatapp.events import Delta
from chatapp.messages import Conversation
from chatapp.ports import Store
from chatapp.web.auth import Doorkeeper
from chatapp.web.entrance import ChatSocket
from chatapp.web.socket import Reception, SocketLimits
from tests.fakes import ScriptedLocal, local_seat, router_over
from tests.house import Browser, house_settings, serving

NAME = "Okonkwo"
HELLO = {"modes": ["local"], "mode": "local", "airgap": True, "demo": False}
CONVERSATION = Conversation("k1", "local", "Title", "local")


class OddTurns:
    """One turn, which said what no JSON can hold."""

    async def log(self, owner: str, turn: str) -> TurnLog:
        log = TurnLog(turn, "k1", owner)
        log.add(Delta("\ud800"))
        return log


class FailingStore:
    """Knows one conversation; fails on every other with an exception nobody foresaw."""

    async def conversation(self, owner: str, conversation: str) -> Conversation:
        if conversation == "k1":
            return CONVERSATION
        raise RuntimeError(f"{NAME} broke it")


def fails_on_names(text: str) -> bool:
    if NAME in text:
        raise LookupError(text)
    return False


@asynccontextmanager
async def a_browser(folder: Path, limits: SocketLimits | None = None) -> AsyncIterator[Browser]:
    drafts = Drafts(router_over(local_seat(ScriptedLocal())), default_mode="local", looks_like_schedule=fails_on_names)
    reception = Reception(
        turns=cast(Turns, OddTurns()),
        store=cast(Store, FailingStore()),
        feeds=Feeds(),
        drafts=drafts,
        doorkeeper=Doorkeeper(),
        hello=HELLO,
        limits=limits or SocketLimits(),
    )
    app = Starlette(routes=[WebSocketRoute("/ws/chat", ChatSocket(reception).serve)])
    settings = house_settings(folder, "http://127.0.0.1:9", "http://127.0.0.1:9")
    async with serving(app, settings) as port:
        origin = Origin(f"http://127.0.0.1:{port}")
        async with connect(f"ws://127.0.0.1:{port}/ws/chat", origin=origin, proxy=None) as connection:
            yield Browser(connection)


async def read_to_the_end(browser: Browser) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            await browser.next()
    return browser.socket.close_code


@pytest.mark.parametrize(
    ("type", "fields", "re"),
    [
        ("open", {"conversation": "k2"}, {"type": "open", "conversation": "k2"}),
        ("check", {"id": "c1", "text": f"Mrs. {NAME}"}, {"type": "check", "id": "c1"}),
        (
            "check",
            {"id": "c1", "text": "Hi", "conversation": "k2"},
            {"type": "check", "id": "c1", "conversation": "k2"},
        ),
        ("stop", {"turn": "t1"}, {"type": "stop", "turn": "t1"}),
        ("resume", {"turn": "t1", "after": 0}, {}),
    ],
)
async def test_c18_a_bug_is_told_and_closes_with_1011(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, type: str, fields: dict[str, object], re: dict[str, str]
) -> None:
    with caplog.at_level(logging.WARNING):
        async with a_browser(tmp_path) as browser:
            await browser.send(type, **fields)
            assert await read_to_the_end(browser) == 1011
    error = browser.frames[-1]
    assert (error["type"], error["code"], error["re"]) == ("error", "internal", re)
    assert NAME not in error["message"]
    assert NAME not in caplog.text
    assert "Traceback" not in caplog.text
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_a_postponed_draft_that_fails_is_told_too(tmp_path: Path) -> None:
    async with a_browser(tmp_path, SocketLimits(checks_per_s=1)) as browser:
        await browser.send("check", id="c1", text="Hi")
        await browser.send("check", id="c2", text=NAME)
        assert await read_to_the_end(browser) == 1011
    assert (browser.frames[-1]["code"], browser.frames[-1]["re"]["id"]) == ("internal", "c2")


async def test_one_bad_message_is_too_many_where_one_is_allowed(tmp_path: Path) -> None:
    async with a_browser(tmp_path, SocketLimits(bad_messages_per_min=1)) as browser:
        await browser.socket.send("{")
        assert await read_to_the_end(browser) == 1008
    assert browser.frames[-1]["code"] == "bad_message"


async def test_hello_says_who_and_what(tmp_path: Path) -> None:
    async with a_browser(tmp_path) as browser:
        hello = await browser.next()
    assert hello == {
        "type": "hello",
        "protocol": 1,
        "user": {"name": "You", "roles": ["user", "operator", "auditor"]},
        **HELLO,
    }
