"""What an airgap means for the settings: which of them would be a way out, and which hosts may still be talked to.

Pure. Keeping the process to it is `guard.py`'s work; building no cloud provider is `seats.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from chatapp.ports import Tool
from chatapp.privacy.locality import LocalNetwork, bare
from chatapp.providers.ollama_faults import is_cloud_name
from chatapp.settings import Settings, SettingsError

_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "postgres": 5432, "redis": 6379, "rediss": 6379}
_LOCAL_MODELS = (
    ("OLLAMA_DEFAULT_MODEL", "ollama_model"),
    ("OLLAMA_FAST_MODEL", "ollama_fast_model"),
    ("OLLAMA_TOOL_MODEL", "ollama_tool_model"),
    ("OLLAMA_CODE_MODEL", "ollama_code_model"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host that the settings name, and the setting that does."""

    setting: str
    host: str
    port: int


def endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """Everything outside this process that the settings name, the cloud left out."""
    named = (
        ("OLLAMA_URL", settings.ollama_url),
        ("CHATAPP_LOCAL_OPENAI_URL", settings.local_openai_url),
        ("CHATAPP_DATABASE_URL", settings.database_url),
        ("CHATAPP_REDIS_URL", settings.redis_url),
    )
    return tuple(endpoint for setting, url in named if url for endpoint in _endpoint(setting, url))


def local_network(settings: Settings) -> LocalNetwork:
    """What counts as being in the house."""
    return LocalNetwork.parse(settings.local_hosts or "")


def refuse_ways_out(settings: Settings) -> None:
    """Stop the start of an airgapped house where a setting leads out of it. Nothing is looked up.

    Raises:
        SettingsError: one line that names the setting and the mend.
    """
    if not settings.airgap:
        return
    if settings.anthropic_api_key is not None:
        raise SettingsError("LLM_AIRGAP_MODE: a cloud key is set; take ANTHROPIC_API_KEY away, or the airgap")
    if "anthropic_base_url" in settings.model_fields_set:
        raise SettingsError(
            "LLM_AIRGAP_MODE: a cloud address is set; leave ANTHROPIC_BASE_URL empty, or end the airgap"
        )
    for endpoint in endpoints(settings):
        if why := local_network(settings).why_not_host(endpoint.host):
            raise SettingsError(f"{endpoint.setting}: {why}, or end the airgap (LLM_AIRGAP_MODE)")
    for setting, field in _LOCAL_MODELS:
        if is_cloud_name(str(getattr(settings, field))):
            raise SettingsError(f"{setting}: Ollama passes this model on to a cloud; choose one that runs here")


def refuse_tools_that_leave(tools: Sequence[Tool], *, airgap: bool) -> None:
    """Stop the start of an airgapped house with a tool that talks to the Internet.

    Raises:
        SettingsError: one line that names the tool.
    """
    leaving = [tool.spec.name for tool in tools if tool.egress == "internet"]
    if airgap and leaving:
        raise SettingsError(
            f"LLM_AIRGAP_MODE: the tool {leaving[0]} talks to the Internet; take it away, or the airgap"
        )


def _endpoint(setting: str, url: str) -> Iterator[Endpoint]:
    """The hosts of a URL, also of one that names them in its query, as PostgreSQL's may. A file has none.

    Raises:
        SettingsError: it is none that anybody could connect to.
    """
    try:
        parts = urlsplit(url)
        hosts, port = [parts.hostname or "", *parse_qs(parts.query).get("host", ())], parts.port
    except ValueError:
        raise SettingsError(f"{setting}: cannot be read as a URL") from None
    for host in hosts:
        if host and not host.startswith("/"):
            yield Endpoint(setting, bare(host), port or _PORTS.get(parts.scheme.partition("+")[0], 0))
