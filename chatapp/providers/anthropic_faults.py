"""What Anthropic's error answers mean for a call: the status or the error's type, folded into our own tree of errors.

Pure. What the network does to a call (refused, cut, silent) is translated where it is seen, in `anthropic.py`.
"""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

from chatapp.errors import (
    ContextTooLong,
    ModelMissing,
    ProviderBusy,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    RequestRejected,
)

LONGEST_HOLD_S = 300.0
UNREADABLE_HOLD_S = 5.0
UNNAMED_HOLD_S = 60.0
"""A 429 that names no time is often a spend limit: it will not be over in a second."""

_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_SPEND_LIMITS = ("spend limit", "spend_limit", "usage limit", "credit balance")
_TOO_LONG = ("too long", "context limit", "context window")


def fault(provider: str, model: str, status: int, body: object, retry_after: str | None, now: float) -> ProviderError:
    """The error that an answer with this status and body stands for.

    Args:
        status: of the answer; 200 for an `error` event in a stream, which is then judged by its type alone.
        body: the answer as JSON, or whatever came instead.
        retry_after: the header, as it came. now: seconds since 1970, UTC.
    """
    kind, code, message = _read_error(body)
    if status == 200:
        status = _STATUS_OF_TYPE.get(kind, 500)
    detail = " ".join(filter(None, (str(status), code or kind)))
    if status in (401, 402, 403) or (status in (400, 429) and _mentions(_SPEND_LIMITS, code, message)):
        return ProviderMisconfigured(provider, detail=detail)
    if status == 404:
        sentence = f"{provider.capitalize()} does not offer the model {model} (any more). Tell your operator."
        return ModelMissing(provider, sentence, model=model, detail=detail)
    if status == 429:
        return ProviderBusy(provider, detail=detail, retry_after_s=hold_s(retry_after, now) or UNNAMED_HOLD_S)
    if status == 413 or (status == 400 and _mentions(_TOO_LONG, code, message)):
        return ContextTooLong(provider, detail=detail)
    if 400 <= status < 500 and status != 408:
        return RequestRejected(provider, detail=detail)
    return ProviderUnavailable(provider, detail=detail, retry_after_s=hold_s(retry_after, now))


def hold_s(retry_after: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for, at most 300; None where there is none. See RFC 9110, 10.2.3."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        seconds = _until_date(retry_after, now)
    if not math.isfinite(seconds) or seconds <= 0:
        return UNREADABLE_HOLD_S
    return min(seconds, LONGEST_HOLD_S)


def _until_date(text: str, now: float) -> float:
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, OverflowError):
        return math.nan


def _read_error(body: object) -> tuple[str, str, str]:
    """Type, code and message (in lower case) of an error body; empty where it has another shape."""
    match body:
        case {"error": {"type": str(kind), **rest}}:
            message = rest.get("message")
            details = rest.get("details")
            code = details.get("error_code") if isinstance(details, dict) else None
            return kind, code if isinstance(code, str) else "", message.lower() if isinstance(message, str) else ""
        case _:
            return "", "", ""


def _mentions(words: tuple[str, ...], *texts: str) -> bool:
    return any(word in text for word in words for text in texts)
