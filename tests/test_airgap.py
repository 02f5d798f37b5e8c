"""What would be a way out of an airgapped house stops the start; nothing is looked up to find that out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chatapp.airgap import Endpoint, endpoints, refuse_tools_that_leave, refuse_ways_out
from chatapp.app import refuse_what_is_not_there
from chatapp.events import Egress
from chatapp.messages import ToolSpec
from chatapp.ports import ToolOutput
from chatapp.settings import Settings, SettingsError
from tests.commands.program import chatapp

AIRGAP = {"LLM_AIRGAP_MODE": "true"}
WAYS_OUT = [
    ({"ANTHROPIC_API_KEY": "k"}, "LLM_AIRGAP_MODE", "take ANTHROPIC_API_KEY away"),
    ({"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}, "LLM_AIRGAP_MODE", "leave ANTHROPIC_BASE_URL empty"),
    ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, "LLM_AIRGAP_MODE", "leave ANTHROPIC_BASE_URL empty"),
    ({"OLLAMA_URL": "https://ollama.com"}, "OLLAMA_URL", "CHATAPP_LOCAL_HOSTS"),
    ({"OLLAMA_URL": "http://8.8.8.8:11434"}, "OLLAMA_URL", "8.8.8.8 is neither"),
    ({"OLLAMA_URL": "http://134744072:11434"}, "OLLAMA_URL", "write it out"),
    ({"OLLAMA_URL": "http://0.0.0.0:11434"}, "OLLAMA_URL", "use 127.0.0.1"),
    ({"OLLAMA_URL": "http://169.254.169.254"}, "OLLAMA_URL", "metadata"),
    ({"CHATAPP_DATABASE_URL": "postgresql://u:p@db.example.com/x"}, "CHATAPP_DATABASE_URL", "db.example.com"),
    ({"CHATAPP_DATABASE_URL": "postgresql:///x?host=/run/pg&host=db.example.com"}, "CHATAPP_DATABASE_URL", "db.ex"),
    ({"CHATAPP_REDIS_URL": "rediss://:p@1.2.3.4"}, "CHATAPP_REDIS_URL", "1.2.3.4"),
    ({"CHATAPP_LOCAL_OPENAI_URL": "https://api.openai.com"}, "CHATAPP_LOCAL_OPENAI_URL", "api.openai.com"),
    ({"OLLAMA_FAST_MODEL": "gpt-oss:120b-cloud"}, "OLLAMA_FAST_MODEL", "one that runs here"),
]


@pytest.mark.parametrize(("environ", "setting", "said"), WAYS_OUT, ids=lambda value: str(value)[:40])
def test_R10_a_way_out_stops_the_start_and_is_named(environ: dict[str, str], setting: str, said: str) -> None:
    settings = Settings.from_environ({**environ, **AIRGAP})
    with pytest.raises(SettingsError) as refused:
        refuse_what_is_not_there(settings)
    assert str(refused.value).startswith(f"{setting}: ")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert ":p@" not in str(refused.value)


@pytest.mark.parametrize(("environ", "setting", "said"), WAYS_OUT[:8], ids=lambda value: str(value)[:40])
def test_R10_without_an_airgap_none_of_them_does(environ: dict[str, str], setting: str, said: str) -> None:
    refuse_what_is_not_there(Settings.from_environ(environ))


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OLLAMA_URL": "http://ollama:11434"},
        {"OLLAMA_URL": "http://10.1.2.3:11434"},
        {"OLLAMA_URL": "http://[fd00::7]:11434"},
        {"OLLAMA_URL": "https://gpu.hospital.example", "CHATAPP_LOCAL_HOSTS": "gpu.hospital.example"},
        {"OLLAMA_URL": "http://203.0.113.7", "CHATAPP_LOCAL_HOSTS": "203.0.113.0/24"},
        {"ANTHROPIC_BASE_URL": ""},
    ],
    ids=str,
)
def test_R10_a_house_that_keeps_to_itself_starts(environ: dict[str, str]) -> None:
    refuse_what_is_not_there(Settings.from_environ({**environ, **AIRGAP}))


def test_R10_the_program_says_so_in_one_line(tmp_path: Path) -> None:
    done = chatapp("serve", folder=tmp_path, environ={**AIRGAP, "OLLAMA_URL": "https://ollama.com"})
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "chatapp: OLLAMA_URL: ollama.com may stand anywhere; if it is in the house, name it in CHATAPP_LOCAL_HOSTS, "
        "or end the airgap (LLM_AIRGAP_MODE)"
    ]


@dataclass(frozen=True)
class Calling:
    """A tool that says where its arguments go."""

    egress: Egress
    spec: ToolSpec = field(default_factory=lambda: ToolSpec("look_it_up", "", "{}"))
    writes: bool = False
    approval: bool = False
    file_arguments: tuple[str, ...] = ()

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutput:
        return ToolOutput("")


@pytest.mark.parametrize(("egress", "airgap", "stops"), [
    ("internet", True, True), ("internet", False, False), ("intranet", True, False), ("none", True, False),
])  # fmt: skip
def test_R10_a_remote_tool_stops_the_start(egress: Egress, airgap: bool, stops: bool) -> None:
    refusal = (
        pytest.raises(SettingsError, match="the tool look_it_up talks to the Internet") if stops else nullcontext()
    )
    with refusal:
        refuse_tools_that_leave([Calling(egress)], airgap=airgap)


def test_R10_what_may_be_talked_to_is_what_the_settings_name() -> None:
    settings = Settings.from_environ(
        {
            "OLLAMA_URL": "http://Ollama.:11434/x",
            "CHATAPP_DATABASE_URL": "postgresql+psycopg://me@db.internal/x",
            "CHATAPP_REDIS_URL": "redis://[fd00::1]",
        }
    )
    assert endpoints(settings) == (
        Endpoint("OLLAMA_URL", "ollama", 11434),
        Endpoint("CHATAPP_DATABASE_URL", "db.internal", 5432),
        Endpoint("CHATAPP_REDIS_URL", "fd00::1", 6379),
    )
    assert endpoints(Settings.from_environ({"CHATAPP_DATABASE_URL": "sqlite:///x.db"})) == (
        Endpoint("OLLAMA_URL", "localhost", 11434),
    )


def test_R10_a_url_that_cannot_be_read_is_one_line_too() -> None:
    settings = Settings.from_environ({**AIRGAP, "CHATAPP_REDIS_URL": "redis://[half"})
    with pytest.raises(SettingsError, match=r"^CHATAPP_REDIS_URL: cannot be read as a URL$"):
        refuse_ways_out(settings)
