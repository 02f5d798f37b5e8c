"""What the environment may say, and how a mistake in it is told: one line that names the variable and the mend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from chatapp.settings import SETTING_NAMES, Settings, SettingsError, as_text

ROOT = Path(__file__).parent.parent
ORIGINAL_DESIGN = {
    "LLM_DEFAULT_PROVIDER": "ollama",
    "LLM_ENABLE_FALLBACK": "true",
    "LLM_AIRGAP_MODE": "false",
    "OLLAMA_URL": "http://localhost:11434",
    "OLLAMA_DEFAULT_MODEL": "llama3.2",
    "OLLAMA_FAST_MODEL": "llama3.2",
    "OLLAMA_TOOL_MODEL": "mistral",
    "OLLAMA_CODE_MODEL": "qwen2.5",
    "OLLAMA_TIMEOUT": "60",
    "ANTHROPIC_API_KEY": "",
}


@pytest.mark.parametrize(("name", "default"), ORIGINAL_DESIGN.items())
def test_a_setting_of_the_original_design_keeps_its_name_and_default(name: str, default: str) -> None:
    (field,) = (field for field in Settings.model_fields.values() if field.alias == name)
    assert as_text(field.default) == default


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environ({}) == Settings()


@pytest.mark.parametrize("name", SETTING_NAMES)
@pytest.mark.parametrize("empty", ["", "  ", "\t"])
def test_an_empty_value_counts_as_unset(name: str, empty: str) -> None:
    assert Settings.from_environ({name: empty}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_DEFAULT_PROVIDER", "openai"),
        ("LLM_ENABLE_FALLBACK", "perhaps"),
        ("OLLAMA_URL", "localhost:11434"),
        ("OLLAMA_URL", "ftp://localhost"),
        ("OLLAMA_URL", "http://user:secret-word@localhost"),
        ("OLLAMA_URL", "http://localhost/?key=secret-word"),
        ("OLLAMA_URL", "http://[::1"),
        ("OLLAMA_TIMEOUT", "0"),
        ("OLLAMA_TIMEOUT", "-1"),
        ("OLLAMA_TIMEOUT", "soon"),
        ("OLLAMA_TIMEOUT", "nan"),
        ("OLLAMA_TIMEOUT", "inf"),
        ("CHATAPP_BREAKER_FAILURES", "0"),
        ("CHATAPP_BREAKER_FAILURES", "2.5"),
        ("CHATAPP_TEXT_CHARS", "many"),
        ("CHATAPP_AUTH", "everybody"),
        ("CHATAPP_LOG_LEVEL", "verbose"),
        ("CHATAPP_PUBLIC_URL", "chat.example"),
        ("CHATAPP_TIMEZONE", "Mars/Olympus"),
        ("CHATAPP_DISK_FLOOR_BYTES", "-1"),
    ],
)
def test_a_malformed_value_is_one_line_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as told:
        Settings.from_environ({name: value})
    assert str(told.value).startswith(f"{name}: ")
    assert "\n" not in str(told.value)
    assert "secret-word" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CHATAPP_DATADIR", "did you mean CHATAPP_DATA_DIR?"),
        ("CHATAPP_BREAKER_FAILURE", "did you mean CHATAPP_BREAKER_FAILURES?"),
        ("CHATAPP_XYZZY_PLUGH", "`chatapp doctor` lists those that exist"),
    ],
)
def test_an_unknown_name_of_ours_stops_the_start_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(hint)):
        Settings.from_environ({name: "1"})


@pytest.mark.parametrize("name", ["CHATAPP_TEST_REQUIRE", "OLLAMA_HOST", "PATH", "chatapp_data_dir"])
def test_names_that_are_not_ours_are_left_alone(name: str) -> None:
    assert Settings.from_environ({name: "x"}) == Settings()


def test_a_secret_is_not_shown_by_repr() -> None:
    settings = Settings.from_environ({"ANTHROPIC_API_KEY": "secret-word", "CHATAPP_SECRET_KEY": "secret-word"})
    assert "secret-word" not in repr(settings)
    assert "secret-word" not in settings.model_dump_json()


def test_a_url_loses_its_last_slash() -> None:
    assert Settings.from_environ({"OLLAMA_URL": "http://models:1/"}).ollama_url == "http://models:1"


@pytest.mark.parametrize(
    ("environ", "cloud"),
    [
        ({}, False),
        ({"ANTHROPIC_API_KEY": "k"}, True),
        ({"ANTHROPIC_API_KEY": "k", "LLM_AIRGAP_MODE": "true"}, False),
    ],
)
def test_a_cloud_needs_a_key_and_no_airgap(environ: dict[str, str], cloud: bool) -> None:
    assert Settings.from_environ(environ).cloud_configured is cloud


@given(st.sampled_from(SETTING_NAMES), st.text(max_size=20))
def test_any_value_is_taken_or_told_and_nothing_else(name: str, value: str) -> None:
    try:
        Settings.from_environ({name: value})
    except SettingsError as error:
        assert str(error).startswith(f"{name}: ")  # noqa: PT017 - either ending is right


def test_the_example_file_says_what_the_defaults_are() -> None:
    values = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example", interpolate=False).items()}
    assert tuple(values) == SETTING_NAMES
    assert Settings.from_environ(values) == Settings()


def test_every_setting_is_read_by_somebody_or_says_that_it_is_not_yet() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "chatapp").rglob("*.py"))
    unread = {name for name in Settings.model_fields if f"settings.{name}" not in code}
    silent = {name for name in unread if " yet)" not in str(Settings.model_fields[name].description)}
    assert silent == set()
