"""JSON answers over HTTP, those to whatever went wrong among them. They say what happened, never how we are built.

Which errors there are is `errors.py`; their fields are `frames.py`, the same as on the socket.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatapp.errors import BadInput, ChatError, NotFound, TooLarge
from chatapp.web.frames import error_fields

logger = logging.getLogger(__name__)
_STATUS: Final = {
    "not_found": 404, "forbidden": 403, "bad_message": 400, "too_large": 413, "airgap": 409, "mode_locked": 409,
    "storage_full": 507, "rate_limited": 429, "internal": 500,
}  # fmt: skip


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that no cache keeps: it is about somebody."""
    return Response(
        orjson.dumps(value), status, {"cache-control": "no-store", **(headers or {})}, media_type="application/json"
    )


def error_response(error: ChatError, status: int | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the page reads it. `status`: where the error's own does not say it best."""
    return json_response({"error": error_fields(error)}, status or _STATUS.get(error.code, 503), headers)


async def on_chat_error(request: Request, error: Exception) -> Response:
    """Exception handler: whatever a handler raises of ours is an answer."""
    if not isinstance(error, ChatError):
        raise error
    return error_response(error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Exception handler: no such path, or no such method on it."""
    if not isinstance(error, HTTPException):
        raise error
    match error.status_code:
        case 404:
            answer: ChatError = NotFound("There is nothing at this address. Go back to the start page.")
        case 405:
            answer = BadInput("This address does not take that method. See the Allow header.")
        case 413:
            answer = TooLarge()
        case _:
            answer = BadInput("This request cannot be read. Reload the page.")
    return error_response(answer, error.status_code, error.headers)


class LastResort:
    """ASGI middleware: an exception that nobody foresaw becomes a plain 500.

    The log gets its class; its text, and the lines it passed, may hold what somebody typed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as bug:  # noqa: BLE001 - the last resort
            logger.error("a request failed: %s", type(bug).__name__)
            if not started:
                await error_response(ChatError())(scope, receive, send)
