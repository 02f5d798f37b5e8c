"""Settings ─▶ the providers at the table, each with its breaker. In an airgapped house no cloud provider is built.

Shared by the server (`app.py`), the library (`llm.py`) and `doctor`.
"""

from __future__ import annotations

from chatapp.airgap import local_network
from chatapp.gatehouse import build_gate
from chatapp.ports import EgressLedger
from chatapp.providers.anthropic import AnthropicProvider
from chatapp.providers.ollama import OllamaProvider
from chatapp.router.breaker import CircuitBreaker, Limits
from chatapp.router.candidate import CloudSeat, Fit, LocalSeat, Seat
from chatapp.router.health import HealthWatch
from chatapp.router.route import Kind, Policy
from chatapp.router.router import Router
from chatapp.router.stats import Stats
from chatapp.settings import Settings


def build_seats(settings: Settings) -> tuple[Seat, ...]:
    """Every provider the settings name."""
    seats: tuple[Seat, ...] = (_ollama(settings),)
    return (*seats, _anthropic(settings)) if settings.cloud_configured else seats


def build_router(settings: Settings, seats: tuple[Seat, ...], *, ledger: EgressLedger, fit: Fit) -> Router:
    """The router over these seats."""
    default_kind: Kind = "cloud" if settings.default_provider == "anthropic" else "local"
    return Router(
        seats,
        gate=build_gate(settings),
        policy=Policy(default_kind, settings.enable_fallback, settings.airgap),
        health=HealthWatch(seats, every_s=settings.probe_every_s),
        stats=Stats(),
        ledger=ledger,
        fit=fit,
    )


def _limits(settings: Settings, *, longest_call_s: float) -> Limits:
    """A trial's permit lasts as long as the longest call may."""
    return Limits(failures=settings.breaker_failures, open_s=settings.breaker_open_s, permit_s=longest_call_s)


def _ollama(settings: Settings) -> LocalSeat:
    provider = OllamaProvider(
        settings.ollama_url,
        network=local_network(settings),
        num_ctx=settings.ollama_num_ctx,
        keep_alive=settings.ollama_keep_alive,
        connect_s=settings.connect_local_s,
        pool_s=settings.pool_s,
        first_token_s=settings.first_token_local_s,
        load_s=settings.model_load_s,
        idle_s=settings.idle_local_s,
        call_s=settings.call_s,
        line_bytes=settings.line_bytes,
        answer_bytes=settings.answer_bytes,
    )
    models = (
        ("simple", settings.ollama_fast_model),
        ("tools", settings.ollama_tool_model),
        ("code", settings.ollama_code_model),
    )
    longest_call_s = settings.model_load_s + settings.first_token_local_s + settings.call_s
    breaker = CircuitBreaker(provider.name, provider.endpoint, _limits(settings, longest_call_s=longest_call_s))
    return LocalSeat(provider, breaker, settings.ollama_model, models)


def _anthropic(settings: Settings) -> CloudSeat:
    if settings.anthropic_api_key is None:
        raise ValueError("a cloud provider needs a key")
    provider = AnthropicProvider(
        api_key=settings.anthropic_api_key.get_secret_value(),
        base_url=settings.anthropic_base_url,
        max_tokens=settings.anthropic_max_tokens,
        window=settings.anthropic_window,
        event_bytes=settings.line_bytes,
        answer_chars=settings.answer_bytes,
        connect_s=settings.connect_cloud_s,
        pool_s=settings.pool_s,
        first_token_s=settings.first_token_cloud_s,
        idle_s=settings.idle_cloud_s,
        call_s=settings.call_s,
    )
    longest_call_s = settings.first_token_cloud_s + settings.call_s
    breaker = CircuitBreaker(provider.name, provider.endpoint, _limits(settings, longest_call_s=longest_call_s))
    return CloudSeat(provider, breaker, settings.anthropic_model)
