"""`chatapp demo`: whole, marked as a demo, and deaf to whatever keys and addresses the machine has."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import httpx2
import orjson
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from chatapp.commands.demo import demo_settings
from chatapp.settings import SettingsError
from tests.commands.program import serving

ELSEWHERE = {
    "OLLAMA_URL": "http://192.0.2.1:1",
    "ANTHROPIC_API_KEY": "secret-word",
    "ANTHROPIC_BASE_URL": "http://192.0.2.1:1",
    "CHATAPP_DATABASE_URL": "postgresql://192.0.2.1/x",
    "CHATAPP_REDIS_URL": "redis://192.0.2.1",
    "CHATAPP_LOCAL_OPENAI_URL": "http://192.0.2.1:1",
    "CHATAPP_AUTH": "oidc",
    "CHATAPP_SECRET_KEY": "secret-word",
    "LLM_AIRGAP_MODE": "true",
    "LLM_DEFAULT_PROVIDER": "anthropic",
    "OLLAMA_DEFAULT_MODEL": "another",
}


def test_a_stranger_asks_and_is_answered_whatever_the_machine_is_set_to(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHATAPP_NO_SUCH_SETTING=1\n")
    with serving("demo", folder=tmp_path, environ={**ELSEWHERE, "TMPDIR": str(tmp_path)}) as server:
        assert "no model, no network" in server.greeting
        answer = _ask(server.url, "Say hello")
        assert server.stop() == (0, "")
    assert answer[0]["demo"] is True
    assert answer[-1]["type"] == "done"
    assert "demo" in "".join(str(frame["text"]) for frame in answer if frame["type"] == "delta").lower()
    assert [path.name for path in tmp_path.iterdir()] == [".env"], "nothing is left behind"


def _ask(url: str, text: str) -> list[dict[str, object]]:
    """A new conversation with one question; every frame to its end."""
    frames: list[dict[str, object]] = []
    with connect(url.replace("http", "ws") + "/ws/chat", origin=Origin(url), proxy=None) as browser:
        browser.send(orjson.dumps({"type": "chat", "id": "1", "text": text}).decode())
        while not frames or frames[-1]["type"] not in ("done", "error"):
            frames.append(orjson.loads(browser.recv()))
    return frames


def test_a_signal_waits_for_the_answers_that_run_and_the_same_again_does_not(tmp_path: Path) -> None:
    environ = {"CHATAPP_DRAIN_SECONDS": "1000", "TMPDIR": str(tmp_path)}
    with serving("demo", folder=tmp_path, environ=environ) as server:
        with connect(server.url.replace("http", "ws") + "/ws/chat", origin=Origin(server.url), proxy=None) as browser:
            browser.send(orjson.dumps({"type": "chat", "id": "1", "text": "Say n=20000 words gap=1000"}).decode())
            while orjson.loads(browser.recv())["type"] != "delta":
                pass
            server.process.send_signal(signal.SIGINT)
            with suppress(ConnectionClosed):
                while True:
                    browser.recv()
        assert server.process.poll() is None
        assert server.stop(signal.SIGINT) == (130, "")
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_its_data_stays_where_it_is_told_to(tmp_path: Path) -> None:
    with serving("demo", folder=tmp_path, environ={"CHATAPP_DATA_DIR": "kept"}) as server:
        with httpx2.Client(trust_env=False) as client:
            assert client.get(server.url).is_success
        assert server.stop() == (0, "")
    assert (tmp_path / "kept" / "chatapp.sqlite3").exists()


def test_only_our_own_limits_come_from_the_environment() -> None:
    environ = {**ELSEWHERE, "CHATAPP_TEXT_CHARS": "99", "CHATAPP_DRAIN_SECONDS": " "}
    settings = demo_settings(environ, "http://127.0.0.1:1", "http://127.0.0.1:2", "folder")
    assert settings == demo_settings({"CHATAPP_TEXT_CHARS": "99"}, "http://127.0.0.1:1", "http://127.0.0.1:2", "folder")
    assert (settings.text_chars, settings.ollama_url) == (99, "http://127.0.0.1:1")


def test_a_limit_that_cannot_be_used_is_told() -> None:
    with pytest.raises(SettingsError, match="CHATAPP_TEXT_CHARS"):
        demo_settings({"CHATAPP_TEXT_CHARS": "x"}, "http://127.0.0.1:1", "http://127.0.0.1:2", "folder")
