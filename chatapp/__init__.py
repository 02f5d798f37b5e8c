"""A chat for hospitals in which patient data provably never leaves the house.

This file hands on the public names, lazily: importing `chatapp` does nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "LLMRouter": "llm",
    "LLMRequest": "llm",
    "LLMResponse": "llm",
    "LLMRouterStats": "llm",
    "TaskClassification": "llm",
    "ProviderHealth": "llm",
    "StreamChunk": "llm",
    "CircuitBreakerState": "llm",
    "LLMProvider": "llm",
    "LLMProviderError": "llm",
    "ProviderUnavailableError": "llm",
    "CircuitBreaker": "router.breaker",
    "ToolCall": "messages",
    "OllamaProvider": "providers.ollama",
    "AnthropicProvider": "providers.anthropic",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'chatapp' has no attribute {name!r}")
    return getattr(import_module(f"chatapp.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
