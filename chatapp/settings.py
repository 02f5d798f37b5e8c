"""Settings.from_environ(mapping): every default and every unit of the house in one place, frozen.

An empty value counts as unset. An unknown `CHATAPP_` name or a malformed value is a `SettingsError` of one clear line.
Rooms are given values, not this object; only `app.py`, `llm.py` and `commands/` read it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from chatapp.privacy.locality import LocalNetwork


class SettingsError(ValueError):
    """The environment cannot be used; the message is one line that names the variable and the mend."""


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL such as http://localhost:11434")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain URL, without a user name, query or fragment")
    return value.rstrip("/")


Url = Annotated[str, AfterValidator(_http_url)]


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as UTC or America/New_York") from None
    return value


def _hosts(value: str) -> str:
    LocalNetwork.parse(value)
    return value


Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(gt=0)]


def _default(name: str, value: Any, about: str) -> Any:
    return Field(default=value, alias=name, description=about)


class Settings(BaseModel):
    """The configuration of one process. Field order is the order in which `doctor` and `.env.example` show it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    # Who answers
    default_provider: Literal["ollama", "anthropic"] = _default(
        "LLM_DEFAULT_PROVIDER", "ollama", "who answers general questions in hybrid mode"
    )
    enable_fallback: bool = _default(
        "LLM_ENABLE_FALLBACK", True, "ask the next provider when the first one fails before a word was shown"
    )
    airgap: bool = _default(
        "LLM_AIRGAP_MODE", False, "no cloud provider, no way out of the process; a cloud key or URL stops the start"
    )
    ollama_url: Url = _default("OLLAMA_URL", "http://localhost:11434", "the local model server")
    local_hosts: Annotated[str, AfterValidator(_hosts)] | None = _default(
        "CHATAPP_LOCAL_HOSTS",
        None,
        "hosts, addresses and networks that are in the house although they are neither loopback nor private",
    )
    ollama_model: str = _default("OLLAMA_DEFAULT_MODEL", "llama3.2", "local model for everything without its own")
    ollama_fast_model: str = _default("OLLAMA_FAST_MODEL", "llama3.2", "local model for short questions")
    ollama_tool_model: str = _default("OLLAMA_TOOL_MODEL", "mistral", "local model for tools and schedules")
    ollama_code_model: str = _default("OLLAMA_CODE_MODEL", "qwen2.5", "local model for code")
    first_token_local_s: Seconds = _default(
        "OLLAMA_TIMEOUT", 60.0, "seconds to the first token once the local model is loaded"
    )
    ollama_num_ctx: Count = _default(
        "CHATAPP_OLLAMA_NUM_CTX", 8192, "context window of local models, in tokens; the same in every call"
    )
    ollama_keep_alive: str = _default(
        "CHATAPP_OLLAMA_KEEP_ALIVE", "30m", "how long a local model stays in memory after its last use"
    )
    anthropic_api_key: SecretStr | None = _default("ANTHROPIC_API_KEY", None, "key of the cloud provider; unset: none")
    anthropic_model: str = _default("ANTHROPIC_DEFAULT_MODEL", "claude-sonnet-5-5", "cloud model")
    anthropic_base_url: Url = _default(
        "ANTHROPIC_BASE_URL", "https://api.anthropic.com", "the cloud provider's API; to be left empty with an airgap"
    )
    anthropic_window: Count = _default(
        "CHATAPP_ANTHROPIC_WINDOW", 200_000, "context window used of the cloud model, in tokens"
    )
    anthropic_max_tokens: Count = _default("CHATAPP_ANTHROPIC_MAX_TOKENS", 8192, "longest cloud answer, in tokens")
    local_openai_url: Url | None = _default(
        "CHATAPP_LOCAL_OPENAI_URL", None, "a local OpenAI-compatible engine (not supported yet)"
    )

    # What may leave
    privacy: Literal["balanced", "strict"] = _default(
        "CHATAPP_PRIVACY", "balanced", "strict: every statement about one patient stays, with an identifier or without"
    )
    every_name_stays: bool = _default("CHATAPP_EVERY_NAME_STAYS", False, "names of staff on a roster stay too")
    site_list: Path | None = _default(
        "CHATAPP_SITE_LIST", None, "file of known names and numbers, made by `chatapp site-list`; what is on it stays"
    )

    # Where things stay, who may come in
    data_dir: Path = _default("CHATAPP_DATA_DIR", Path("data"), "folder of the database")
    database_url: str | None = _default(
        "CHATAPP_DATABASE_URL", None, "database; unset: SQLite in the data folder (others are not supported yet)"
    )
    redis_url: str | None = _default("CHATAPP_REDIS_URL", None, "shared state of several nodes (not supported yet)")
    auth: Literal["none", "local", "proxy", "oidc"] = _default(
        "CHATAPP_AUTH", "none", "sign-in; none: one user, loopback only (others are not supported yet)"
    )
    public_url: Url | None = _default(
        "CHATAPP_PUBLIC_URL", None, "the address people type, where a proxy stands in front"
    )
    secret_key: SecretStr | None = _default(
        "CHATAPP_SECRET_KEY",
        None,
        "secret of this installation; seals the egress ledger. Unset: a key file in the data folder",
    )
    schedule_timezone: Annotated[str, AfterValidator(_time_zone)] = _default(
        "CHATAPP_TIMEZONE", "UTC", "time zone of schedules that name none"
    )
    log_level: Literal["debug", "info", "warning", "error"] = _default(
        "CHATAPP_LOG_LEVEL", "info", "our own log; libraries stay above debug, they print payloads there"
    )

    # Circuit breaker
    breaker_failures: Count = _default("CHATAPP_BREAKER_FAILURES", 5, "failures in a row that open the breaker")
    breaker_open_s: Seconds = _default("CHATAPP_BREAKER_OPEN_SECONDS", 60.0, "how long it stays open, at least")
    probe_every_s: Seconds = _default("CHATAPP_PROBE_SECONDS", 10.0, "pause between two prompt-free probes")
    airgap_proof_every_s: Seconds = _default(
        "CHATAPP_AIRGAP_PROOF_SECONDS", 60.0, "pause between two proofs that an airgapped process has no way out"
    )

    # Timeouts, in seconds
    connect_local_s: Seconds = _default("CHATAPP_CONNECT_LOCAL_SECONDS", 3.0, "connect to the local model server")
    connect_cloud_s: Seconds = _default("CHATAPP_CONNECT_CLOUD_SECONDS", 5.0, "connect to the cloud provider")
    pool_s: Seconds = _default("CHATAPP_POOL_SECONDS", 2.0, "wait for a free connection of our own")
    model_load_s: Seconds = _default("CHATAPP_MODEL_LOAD_SECONDS", 300.0, "a local model being read into memory")
    first_token_cloud_s: Seconds = _default("CHATAPP_FIRST_TOKEN_CLOUD_SECONDS", 30.0, "first token from the cloud")
    idle_local_s: Seconds = _default("CHATAPP_IDLE_LOCAL_SECONDS", 30.0, "silence between two local tokens")
    idle_cloud_s: Seconds = _default("CHATAPP_IDLE_CLOUD_SECONDS", 20.0, "silence between two cloud tokens")
    call_s: Seconds = _default("CHATAPP_CALL_SECONDS", 300.0, "one completion, from its first token to its end")
    turn_s: Seconds = _default("CHATAPP_TURN_SECONDS", 600.0, "one question with all its rounds")
    tool_s: Seconds = _default("CHATAPP_TOOL_SECONDS", 30.0, "one tool call")
    send_s: Seconds = _default("CHATAPP_SEND_SECONDS", 10.0, "one frame to a browser that reads slowly")
    ping_s: Seconds = _default("CHATAPP_PING_SECONDS", 20.0, "pause between two WebSocket pings")
    pong_s: Seconds = _default("CHATAPP_PONG_SECONDS", 20.0, "wait for the answer to one")
    database_s: Seconds = _default("CHATAPP_DATABASE_SECONDS", 5.0, "one database operation")
    drain_s: Seconds = _default("CHATAPP_DRAIN_SECONDS", 25.0, "running turns at shutdown")

    # Limits
    frame_bytes: Count = _default("CHATAPP_FRAME_BYTES", 262_144, "one WebSocket frame, in bytes")
    text_chars: Count = _default("CHATAPP_TEXT_CHARS", 32_000, "one message, in characters")
    command_bytes: Count = _default("CHATAPP_COMMAND_BYTES", 4096, "any other command, in bytes")
    body_bytes: Count = _default("CHATAPP_BODY_BYTES", 65_536, "one HTTP body, in bytes")
    attachment_bytes: Count = _default("CHATAPP_ATTACHMENT_BYTES", 10_485_760, "one attachment, in bytes")
    bad_messages_per_min: Count = _default(
        "CHATAPP_BAD_MESSAGES_PER_MINUTE", 10, "malformed frames of a socket in a minute before it is closed"
    )
    checks_per_s: Count = _default("CHATAPP_CHECKS_PER_SECOND", 10, "`check` and `ping` frames of a socket in a second")
    sockets: Count = _default("CHATAPP_SOCKETS", 2000, "WebSockets of this process")
    send_queue_frames: Count = _default("CHATAPP_SEND_QUEUE_FRAMES", 256, "frames waiting for one browser")
    send_queue_bytes: Count = _default("CHATAPP_SEND_QUEUE_BYTES", 524_288, "bytes waiting for one browser")
    waiting_turns: Count = _default("CHATAPP_WAITING_TURNS", 5, "questions waiting in one conversation")
    replay_bytes: Count = _default("CHATAPP_REPLAY_BYTES", 8_388_608, "a turn's log kept in memory, in bytes")
    answer_bytes: Count = _default("CHATAPP_ANSWER_BYTES", 2_097_152, "one answer, in bytes")
    line_bytes: Count = _default("CHATAPP_LINE_BYTES", 1_048_576, "one line from a provider, in bytes")
    tool_rounds: Count = _default("CHATAPP_TOOL_ROUNDS", 8, "rounds of tool calls in a turn")
    tool_calls: Count = _default("CHATAPP_TOOL_CALLS", 16, "tool calls in a turn")
    tool_calls_at_once: Count = _default("CHATAPP_TOOL_CALLS_AT_ONCE", 4, "tool calls running at once")
    tool_repeats: Count = _default("CHATAPP_TOOL_REPEATS", 3, "the same call with the same arguments ends the loop")
    tool_argument_bytes: Count = _default("CHATAPP_TOOL_ARGUMENT_BYTES", 16_384, "arguments of one call, in bytes")
    tool_result_bytes: Count = _default("CHATAPP_TOOL_RESULT_BYTES", 65_536, "a tool's result as stored, in bytes")
    tool_result_model_bytes: Count = _default(
        "CHATAPP_TOOL_RESULT_MODEL_BYTES", 32_768, "a tool's result as a model sees it, in bytes"
    )
    title_chars: Count = _default("CHATAPP_TITLE_CHARS", 120, "a conversation's title, in characters")
    disk_floor_bytes: Annotated[int, Field(ge=0)] = _default(
        "CHATAPP_DISK_FLOOR_BYTES", 524_288_000, "free disk below which we only read"
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read `environ`; names that are neither ours nor those of the original design are left alone.

        Raises:
            SettingsError: an unknown `CHATAPP_` name, or a value that cannot be used.
        """
        given = {name: value for name, value in environ.items() if value.strip()}
        for name in given:
            if name.startswith("CHATAPP_") and not name.startswith("CHATAPP_TEST_") and name not in SETTING_NAMES:
                raise SettingsError(f"{name}: there is no such setting; {_hint(name)}")
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise SettingsError(f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}") from None

    @property
    def cloud_configured(self) -> bool:
        """Whether a cloud provider may be built."""
        return self.anthropic_api_key is not None and not self.airgap


def _hint(name: str) -> str:
    ours = [known.removeprefix("CHATAPP_") for known in SETTING_NAMES if known.startswith("CHATAPP_")]
    near = difflib.get_close_matches(name.removeprefix("CHATAPP_"), ours, n=1)
    return f"did you mean CHATAPP_{near[0]}?" if near else "`chatapp doctor` lists those that exist"


def as_text(value: object) -> str:
    """A value as the environment writes it: `true`, `60`, `data`; nothing for one that is unset."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return str(value)


SETTING_NAMES = tuple(str(field.alias) for field in Settings.model_fields.values())
