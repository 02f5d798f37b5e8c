"""Which Ollama names are local, and which of our errors its errors are. Pure.

Of what the server says only the kind is kept, never the text: it may quote a prompt.
Sources: ollama/ollama `server/routes.go`, `server/sched.go`, `internal/modelref`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from chatapp.errors import (
    ContextTooLong,
    ModelMissing,
    ModelNotLocal,
    ProviderBusy,
    ProviderError,
    ProviderGarbled,
    ProviderMisconfigured,
    ProviderUnavailable,
    RequestRejected,
)

PROVIDER: Final = "ollama"


def full_name(model: str) -> str:
    """The name with its tag, in lower case: Ollama takes `Llama3.2` for `llama3.2:latest`."""
    name = model.lower()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def is_cloud_name(model: str) -> bool:
    """Whether Ollama hands this name to its own cloud, whatever it lists. See `internal/modelref`."""
    return model.strip().lower().endswith((":cloud", "-cloud"))


def not_local(sentence: str | None = None) -> ModelNotLocal:
    """The error for a model that runs elsewhere; the usual sentence says that nothing was sent."""
    return ModelNotLocal(PROVIDER, sentence)


def missing(model: str) -> ModelMissing:
    """The error for a model that is not pulled, with the mend."""
    sentence = f"The model {model} is not on this machine. `ollama pull {model}` adds it."
    return ModelMissing(PROVIDER, sentence, model=model)


def refusal(status: int, body: bytes, model: str) -> ProviderError:
    """The error for an answer that is no 200. Only what kind of error the text names is kept, never the text."""
    text = _error_text(body)
    detail = f"HTTP {status}"
    match status:
        case 404 if text:
            return missing(model)
        case 401 | 402 | 403:
            return ProviderMisconfigured(PROVIDER, detail=detail)
        case 400 | 413 | 422:
            return _fault_of_the_request(text, detail)
        case 429:
            return ProviderBusy(PROVIDER, detail=detail)
        case 503 if "busy" in text:
            return ProviderBusy(PROVIDER, detail=detail)
        case _ if 200 <= status < 300:
            return ProviderGarbled(PROVIDER, detail=detail)
        case _:
            return ProviderUnavailable(PROVIDER, detail=detail)


def error_in_stream(text: str) -> ProviderError:
    """The error for an `error` line: it comes with status 200, so its text is all there is to go by."""
    lowered = text.lower()
    detail = "error in the stream"
    if "busy" in lowered:
        return ProviderBusy(PROVIDER, detail=detail)
    if "context" in lowered or "does not support" in lowered:
        return _fault_of_the_request(lowered, detail)
    return ProviderUnavailable(PROVIDER, detail=detail)


def _fault_of_the_request(text: str, detail: str) -> RequestRejected:
    return (ContextTooLong if "context" in text else RequestRejected)(PROVIDER, detail=detail)


def _error_text(body: bytes) -> str:
    """What Ollama says in its error shape, in lower case; empty where it is not that shape."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    text = answer.get("error") if isinstance(answer, Mapping) else None
    return text.lower() if isinstance(text, str) else ""
