"""`chatapp doctor`: 0 over a healthy house; for each fault a line that says how to mend it; never a secret."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from chatapp.commands.doctor import doctor
from chatapp.demo.anthropic import StandInAnthropic
from chatapp.demo.ollama import StandInOllama
from chatapp.demo.replies import reply
from chatapp.settings import SETTING_NAMES, Settings
from chatapp.storage import build_database
from tests.commands.program import chatapp
from tests.house import MODELS
from tests.store.books import unguarded
from tests.store.samples import egress_record

KEY = "secret-word"


@asynccontextmanager
async def model_servers(folder: Path, models: tuple[str, ...] = MODELS) -> AsyncIterator[dict[str, str]]:
    """Both stand-ins, and the environment that names them."""
    local = StandInOllama(partial(reply, side="local"), models=models)
    async with local, StandInAnthropic(api_key=KEY) as anthropic:
        yield {
            "CHATAPP_DATA_DIR": str(folder / "data"),
            "CHATAPP_DISK_FLOOR_BYTES": "0",
            "OLLAMA_URL": local.url,
            "ANTHROPIC_BASE_URL": anthropic.url,
            "ANTHROPIC_API_KEY": KEY,
        }


async def told(environ: Mapping[str, str]) -> tuple[int, str]:
    """The exit code and the text, from another thread: the stand-ins live on this one."""
    out = io.StringIO()
    code = await asyncio.to_thread(doctor, environ, out)
    assert KEY not in out.getvalue()
    return code, out.getvalue()


async def test_a_healthy_house_is_all_well(tmp_path: Path) -> None:
    async with model_servers(tmp_path) as environ:
        code, text = await told(environ)
    assert code == 0
    assert "BAD  " not in text
    for model in ("llama3.2", "mistral", "qwen2.5"):
        assert f"ok   model {model}: there, and truly local" in text
    assert f"ok   database: {tmp_path / 'data' / 'chatapp.sqlite3'} takes writes" in text
    assert "sign-in: none" in text


async def test_the_ledger_has_a_line_and_is_bad_when_it_was_altered(tmp_path: Path) -> None:
    async with model_servers(tmp_path) as environ:
        _, empty = await told(environ)
        database = build_database(Settings.from_environ(environ))
        await database.open()
        await database.open_egress(egress_record())
        await database.close()
        code, whole = await told(environ)
        with unguarded(database.path) as plain:
            plain.execute("DELETE FROM ledger")
        broken_code, broken = await told(environ)
        (tmp_path / "data" / "ledger.key").write_text("no key")
        _, keyless = await told(environ)
    assert "ok   ledger: empty, nothing has left (key: ledger.key)" in empty
    assert code == 0
    assert re.search(r"ok   ledger: \S+ whole, head 1:[0-9a-f]{64} \(key: ledger.key\)", whole)
    assert broken_code == 1
    assert "BAD  ledger: altered; `chatapp ledger verify` says what and where" in broken
    assert "holds no key; restore it from a backup" in keyless


async def test_no_model_is_asked_anything(tmp_path: Path) -> None:
    async with StandInOllama(partial(reply, side="local"), models=MODELS) as ollama:
        await told({"CHATAPP_DATA_DIR": str(tmp_path), "OLLAMA_URL": ollama.url})
        assert not [request for request in ollama.requests if "chat" in request.path or "generate" in request.path]


@pytest.mark.parametrize(
    ("changed", "mend"),
    [
        ({"OLLAMA_URL": "http://127.0.0.1:9"}, "start it with `ollama serve`, or set OLLAMA_URL"),
        ({"OLLAMA_DEFAULT_MODEL": "medllama"}, "`ollama pull medllama` adds it"),
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}, "see ANTHROPIC_BASE_URL"),
        ({"ANTHROPIC_API_KEY": "another-key"}, "the key is refused; see ANTHROPIC_API_KEY"),
        ({"ANTHROPIC_DEFAULT_MODEL": "claude-of-old"}, "see ANTHROPIC_DEFAULT_MODEL"),
        ({"CHATAPP_DATABASE_URL": "postgresql://me:secret-word@127.0.0.1/x"}, "only sqlite:/// is supported yet"),
        ({"CHATAPP_DATA_DIR": "/dev/null/data"}, "check the folder and its rights"),
        ({"CHATAPP_REDIS_URL": "redis://me:secret-word@127.0.0.1"}, "leave it unset"),
        ({"CHATAPP_AUTH": "oidc"}, "use none, on loopback"),
        ({"LLM_AIRGAP_MODE": "true"}, "take ANTHROPIC_API_KEY away, or the airgap"),
        ({"CHATAPP_SOKETS": "1"}, "did you mean CHATAPP_SOCKETS?"),
        ({"CHATAPP_SOCKETS": "many", "CHATAPP_TITLE_CHARS": "few"}, "CHATAPP_TITLE_CHARS: Input should be"),
    ],
)
async def test_a_fault_is_a_line_with_its_mend(changed: dict[str, str], mend: str, tmp_path: Path) -> None:
    async with model_servers(tmp_path) as environ:
        code, text = await told({**environ, **changed})
    assert code == 1
    assert any(mend in line for line in text.splitlines() if line.startswith("BAD  ")), text


async def test_a_missing_model_that_another_stands_in_for_is_a_note(tmp_path: Path) -> None:
    async with model_servers(tmp_path, models=("llama3.2:latest",)) as environ:
        code, text = await told(environ)
    assert code == 0
    note = "note model mistral: missing; `ollama pull mistral` adds it (until then llama3.2 answers in its place)"
    assert note in text


async def test_a_house_without_a_cloud_is_whole(tmp_path: Path) -> None:
    async with model_servers(tmp_path) as environ:
        del environ["ANTHROPIC_API_KEY"]
        code, text = await told(environ)
        del environ["ANTHROPIC_BASE_URL"]
        airgapped = await told({**environ, "LLM_AIRGAP_MODE": "true"})
    assert code == 0
    assert "note anthropic: no ANTHROPIC_API_KEY; every answer is local" in text
    assert airgapped[0] == 0
    assert "airgap: on; no cloud provider is built" in airgapped[1]


async def test_R10_an_airgap_is_proven_with_the_time_and_still_reaches_what_is_in_the_house(tmp_path: Path) -> None:
    async with StandInOllama(partial(reply, side="local"), models=MODELS) as ollama:
        environ = {"LLM_AIRGAP_MODE": "true", "OLLAMA_URL": ollama.url, "CHATAPP_DISK_FLOOR_BYTES": "0"}
        done = await asyncio.to_thread(chatapp, "doctor", folder=tmp_path, environ=environ)
    lines = done.stdout.decode().splitlines()
    proven = next(line for line in lines if "airgap: proven at" in line)
    assert done.returncode == 0
    assert re.match(
        rf"ok   airgap: proven at {datetime.now(UTC):%Y}-\d\d-\d\d \d\d:\d\d:\d\d \S+: a connection to ", proven
    )
    assert proven.endswith("were refused before a packet left")
    assert any(line.startswith("ok   ollama at ") for line in lines)


@pytest.mark.parametrize("airgap", ["true", "false"])
def test_P02_an_ollama_outside_the_house_is_named_with_how_to_allow_it(airgap: str, tmp_path: Path) -> None:
    environ = {"LLM_AIRGAP_MODE": airgap, "OLLAMA_URL": "http://203.0.113.7:11434", "CHATAPP_DISK_FLOOR_BYTES": "0"}
    done = chatapp("doctor", folder=tmp_path, environ=environ)
    assert done.returncode == 1
    assert (
        "BAD  ollama at 203.0.113.7:11434: 203.0.113.7 is neither loopback nor private; "
        "if it is in the house, name it in CHATAPP_LOCAL_HOSTS" in done.stdout.decode().splitlines()
    )


@pytest.mark.parametrize("remote", [{"llama3.2:latest": "https://elsewhere.example"}, {}])
async def test_P22_a_model_that_runs_elsewhere_is_found_before_anybody_asks(
    remote: dict[str, str], tmp_path: Path
) -> None:
    model = "llama3.2" if remote else "gpt-oss:120b-cloud"
    async with StandInOllama(partial(reply, side="local"), models=(*MODELS, "gpt-oss:120b-cloud")) as ollama:
        ollama.remote_hosts = remote
        code, text = await told(
            {"CHATAPP_DATA_DIR": str(tmp_path), "OLLAMA_URL": ollama.url, "OLLAMA_DEFAULT_MODEL": model}
        )
    assert code == 1
    assert f"BAD  model {model}: runs elsewhere; choose a local one, and set OLLAMA_NO_CLOUD=1" in text


def test_every_setting_is_printed_with_where_it_came_from_and_secrets_are_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"CHATAPP_SECRET_KEY={KEY}\nCHATAPP_TITLE_CHARS=60\nOLLAMA_URL=http://127.0.0.1:8\n")
    environ = {
        "OLLAMA_URL": "http://127.0.0.1:9",
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
        "CHATAPP_REDIS_URL": f"redis://:{KEY}@127.0.0.1",
    }
    done = chatapp("doctor", folder=tmp_path, environ=environ)
    assert (done.returncode, done.stderr) == (1, b"")
    text = done.stdout.decode()
    assert KEY not in text
    lines = [line.strip() for line in text.partition("settings:\n")[2].splitlines() if "=" in line]
    assert tuple(line.partition("=")[0] for line in lines if line.partition("=")[0] in SETTING_NAMES) == SETTING_NAMES
    for expected in (
        "OLLAMA_URL=http://127.0.0.1:9  (environment: ",
        "ANTHROPIC_API_KEY=set  (environment: ",
        "CHATAPP_SECRET_KEY=set  (.env: ",
        "CHATAPP_REDIS_URL=redis://:***@127.0.0.1  (environment: ",
        "CHATAPP_TITLE_CHARS=60  (.env: ",
        "OLLAMA_TIMEOUT=60  (default: ",
        "CHATAPP_DATABASE_URL=unset  (default: ",
    ):
        assert any(line.startswith(expected) for line in lines), expected
