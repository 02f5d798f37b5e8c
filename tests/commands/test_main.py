"""The front door: a mistake is one clear line and exit 2, wherever it is made."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from chatapp.__main__ import environment, main
from tests.commands.program import chatapp

A_MISTAKE = {
    "an unknown name": ("CHATAPP_DATADIR", "x", "did you mean CHATAPP_DATA_DIR?"),
    "a malformed number": ("CHATAPP_SOCKETS", "many", "valid integer"),
    "a malformed address": ("OLLAMA_URL", "localhost", "must be a URL"),
    "sign-in that is not there": ("CHATAPP_AUTH", "oidc", "not supported yet"),
    "a shared store that is not there": ("CHATAPP_REDIS_URL", "redis://:word@localhost", "not supported yet"),
    "another database": ("CHATAPP_DATABASE_URL", "postgresql://me:word@localhost/x", "is supported yet"),
    "a database without a file": ("CHATAPP_DATABASE_URL", "sqlite://", "names no file"),
}


@pytest.fixture(autouse=True)
def _a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("name", "value", "mend"), A_MISTAKE.values(), ids=A_MISTAKE.keys())
def test_a_setting_that_cannot_be_used_stops_the_start_with_one_line(
    name: str, value: str, mend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["serve", "--port", "0"]) == 2
    out, said = capsys.readouterr()
    assert said.startswith(f"chatapp: {name}: ")
    assert mend in said
    assert said.count("\n") == 1
    assert "word" not in said
    assert out == ""


def test_an_airgapped_house_with_a_cloud_key_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLM_AIRGAP_MODE", "true")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret-word")
    assert main(["serve", "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert "LLM_AIRGAP_MODE" in said
    assert "secret-word" not in said


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "chat.example"])
def test_without_sign_in_no_other_machine_may_reach_the_server(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", host, "--port", "0"]) == 2
    assert "use 127.0.0.1" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["65536", "-1", "999999"])
def test_a_number_that_is_no_port_is_told(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", f"--port={port}"]) == 2
    assert capsys.readouterr().err == f"chatapp: --port: {port} is no port; choose one from 1 to 65535\n"


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_one_line(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = chatapp(command, "--port", str(port), folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode() == (
        f"chatapp: --port: {port} is taken by another program; stop that one, or choose another with --port\n"
    )


def test_a_damaged_database_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chatapp.sqlite3").write_bytes(b"no database at all " * 100)
    monkeypatch.setenv("CHATAPP_DATA_DIR", str(tmp_path))
    assert main(["serve", "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("chatapp: database: ")
    assert "restore it from a backup" in said
    assert said.count("\n") == 1


def test_more_than_one_worker_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--workers", "2"]) == 2
    assert "not supported yet" in capsys.readouterr().err


def test_no_command_at_all_shows_how_it_is_used(tmp_path: Path) -> None:
    done = chatapp(folder=tmp_path)
    assert done.returncode == 2
    assert b"{serve,demo,doctor,classify,site-list,ledger}" in done.stderr


@pytest.mark.parametrize(
    ("file", "shell", "value"),
    [
        ("OLLAMA_URL=http://file:1", None, "http://file:1"),
        ("OLLAMA_URL=http://file:1", "http://shell:1", "http://shell:1"),
        ("OLLAMA_URL=http://file:1", "", "http://file:1"),
        ("OLLAMA_URL=", None, None),
        ("OLLAMA_URL=http://a${HOME}b", None, "http://a${HOME}b"),
    ],
)
def test_the_environment_wins_over_the_file_and_emptiness_over_neither(
    file: str, shell: str | None, value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(file + "\n")
    if shell is None:
        monkeypatch.delenv("OLLAMA_URL", raising=False)
    else:
        monkeypatch.setenv("OLLAMA_URL", shell)
    assert environment().get("OLLAMA_URL") == value


def test_a_file_that_is_no_text_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".env").write_bytes(b"OLLAMA_URL=\xff\xfe\n")
    assert main(["serve", "--port", "0"]) == 2
    assert (
        capsys.readouterr().err
        == "chatapp: .env: cannot be read (UnicodeDecodeError); it is to be a text file in UTF-8\n"
    )
