"""`chatapp serve` as a process: it comes up whatever is missing, says what that is, and ends well."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from chatapp.commands.serve import is_loopback
from tests.commands.program import serving

NOBODY = {"OLLAMA_URL": "http://127.0.0.1:9", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}


def get(url: str) -> httpx2.Response:
    with httpx2.Client(trust_env=False) as client:
        return client.get(url)


def test_with_nothing_reachable_the_page_comes_up_and_says_what_is_missing(tmp_path: Path) -> None:
    with serving("serve", folder=tmp_path, environ={**NOBODY, "ANTHROPIC_API_KEY": "secret-word"}) as server:
        assert get(f"{server.url}/healthz").json() == {"status": "ok"}
        assert get(f"{server.url}/readyz").status_code == 200
        assert "<title>" in get(server.url).text
        health = get(f"{server.url}/api/health").json()
        while not all(provider["checked_at"] for provider in health["providers"].values()):
            health = get(f"{server.url}/api/health").json()
        assert health["status"] == "down"
        assert {name: provider["available"] for name, provider in health["providers"].items()} == {
            "ollama": False,
            "anthropic": False,
        }
        assert all(provider["error"] for provider in health["providers"].values())
        code, said = server.stop()
    assert code == 0
    assert "Traceback" not in said
    assert "secret-word" not in said + str(health)


def test_it_keeps_its_data_in_the_folder_it_is_told_and_reads_env_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OLLAMA_URL=http://127.0.0.1:9\nCHATAPP_DATA_DIR=kept\n")
    with serving("serve", folder=tmp_path) as server:
        assert get(f"{server.url}/healthz").is_success
        assert server.stop() == (0, "")
    with closing(sqlite3.connect(tmp_path / "kept" / "chatapp.sqlite3")) as database:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_browsers_still_connected(number: signal.Signals, tmp_path: Path) -> None:
    with serving("serve", folder=tmp_path, environ=NOBODY) as server:
        address = server.url.replace("http", "ws") + "/ws/chat"
        with connect(address, origin=Origin(server.url), proxy=None) as browser:
            assert "hello" in str(browser.recv())
            assert server.stop(number) == (0, "")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_is_an_address_and_not_a_look(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
