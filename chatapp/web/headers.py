"""Pure ASGI middleware: the security headers of every HTTP answer.

Says what a browser may do with what we send: no script or style but our own, no address but ours, no frame, no HTML
from strings. Leaves WebSockets alone (who may open one is `auth.py`) and `Cache-Control` to whoever makes the answer.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", PERMISSIONS_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""Names in lower case, as ASGI wants them."""

_OURS = frozenset(name for name, _ in SECURITY_HEADERS)


class SecurityHeaders:
    """Puts `SECURITY_HEADERS` on each HTTP answer of `app`, in place of any it set under those names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on; only the start of an HTTP answer is touched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            await send(_secured(message) if message["type"] == "http.response.start" else message)

        await self._app(scope, receive, send_with_headers)


def _secured(start: Message) -> Message:
    """A copy of `http.response.start` with our headers last."""
    others = [(name, value) for name, value in start.get("headers", ()) if name.lower() not in _OURS]
    return {**start, "headers": [*others, *SECURITY_HEADERS]}
