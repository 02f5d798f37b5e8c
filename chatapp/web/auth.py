"""Who is asking, and from where: the user of a request, the Host and Origin it may come from.

With `CHATAPP_AUTH=none` there is one user with all roles, and only loopback may ask. Sign-in goes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chatapp.errors import NotAllowed
from chatapp.web.frames import error_fields

LOOPBACK_NAMES: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_SAFE_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_SAFE_SITES: Final = frozenset(("same-origin", "none"))


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may ask. `id` is the owner of what they make."""

    id: str
    name: str
    roles: tuple[str, ...]

    def is_operator(self) -> bool:
        """Whether they see error details and work the breakers."""
        return "operator" in self.roles


THE_ONE_USER: Final = User("local", "You", ("user", "operator", "auditor"))


class Doorkeeper:
    """Decides whether a request comes from where it may, and who sent it.

    Args:
        public_url: the address people type, where it is not loopback.
    """

    def __init__(self, public_url: str | None = None) -> None:
        parts = urlsplit(public_url) if public_url else None
        self._public_origin = f"{parts.scheme}://{parts.netloc}".lower() if parts else None
        self._public_host = parts.netloc.lower() if parts else None

    def __repr__(self) -> str:
        return f"<Doorkeeper of {self._public_origin or 'loopback'}>"

    def user(self, connection: HTTPConnection) -> User:
        """Who is asking."""
        return THE_ONE_USER

    def allows_host(self, host: str) -> bool:
        """Whether a Host header names this server: a page elsewhere that points its name here does not get in."""
        host = host.lower()
        return host == self._public_host or _hostname(host) in LOOPBACK_NAMES

    def allows_origin(self, origin: str | None, host: str) -> bool:
        """Whether a page of this origin may talk to us: it is the page we served, port and all."""
        if origin is None or not self.allows_host(host):
            return False
        origin = origin.lower()
        if host.lower() == self._public_host:
            return origin == self._public_origin
        return origin in (f"http://{host.lower()}", f"https://{host.lower()}")

    def allows_change(self, method: str, headers: Mapping[str, str]) -> bool:
        """Whether a request that changes something was made by our own page or by no browser at all."""
        if method in _SAFE_METHODS:
            return True
        if headers.get("sec-fetch-site", "none") not in _SAFE_SITES:
            return False
        origin = headers.get("origin")
        return origin is None or self.allows_origin(origin, headers.get("host", ""))


class HostCheck:
    """ASGI middleware: a foreign Host is refused, and a change that another site asks for.

    A form can send three kinds of content without asking anybody; bodies of these kinds are refused, too.
    """

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper) -> None:
        self._app = app
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        headers = request.headers
        if not self._doorkeeper.allows_host(headers.get("host", "")):
            refusal = NotAllowed("This server is not reached by that name. See CHATAPP_PUBLIC_URL.")
            await JSONResponse({"error": error_fields(refusal)}, 400)(scope, receive, send)
        elif not self._doorkeeper.allows_change(request.method, headers) or _is_form(request):
            refusal = NotAllowed("Only this server's own page may change things.")
            await JSONResponse({"error": error_fields(refusal)}, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    is_form = kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
    return request.method not in _SAFE_METHODS and is_form


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
