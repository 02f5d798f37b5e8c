"""Who is asking, and from where: the user of a request, the Host and Origin it may come from.

With `CHATAPP_AUTH=none` there is one user with all roles, and only loopback may ask. Sign-in goes here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chatapp.errors import ChatError, NotAllowed, TooLarge
from chatapp.web.answers import error_response

_LOOPBACK_HOST: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
_SAFE_METHODS: Final = frozenset(("GET", "HEAD", "OPTIONS"))
_SAFE_SITES: Final = frozenset(("same-origin", "none"))
_FORM_KINDS: Final = frozenset(("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"))
_MOST_HEADERS: Final = 50
_MOST_HEADER_BYTES: Final = 16_384


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
        return host == self._public_host or _LOOPBACK_HOST.fullmatch(host) is not None

    def allows_origin(self, origin: str | None, host: str) -> bool:
        """Whether a page of this origin may talk to us: it is the page we served, port and all."""
        if origin is None or not self.allows_host(host):
            return False
        host = host.lower()
        return origin == (self._public_origin if host == self._public_host else f"http://{host}")

    def allows_handshake(self, headers: Headers) -> bool:
        """Whether a WebSocket may be opened: one Origin, one Host, and they fit."""
        origins = headers.getlist("origin")
        return len(origins) == 1 and self.allows_origin(origins[0], host_of(headers))

    def allows_change(self, method: str, headers: Headers) -> bool:
        """Whether a request that changes something was made by our own page or by no browser at all."""
        if method in _SAFE_METHODS:
            return True
        if not _SAFE_SITES.issuperset(headers.getlist("sec-fetch-site")):
            return False
        return all(self.allows_origin(origin, host_of(headers)) for origin in headers.getlist("origin"))


def host_of(headers: Headers) -> str:
    """The Host that a request names; empty where it names none, or several."""
    hosts = headers.getlist("host")
    return hosts[0] if len(hosts) == 1 else ""


class HostCheck:
    """ASGI middleware: a foreign Host is refused, a change that another site asks for, and headers without end.

    A form can send three kinds of content without asking anybody; bodies of these kinds are refused, too.
    """

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper) -> None:
        self._app = app
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        refusal = self._refusal(Request(scope)) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            error, status = refusal
            await error_response(error, status)(scope, receive, send)

    def _refusal(self, request: Request) -> tuple[ChatError, int] | None:
        headers = request.headers
        if len(headers.raw) > _MOST_HEADERS or sum(map(_size, headers.raw)) > _MOST_HEADER_BYTES:
            return TooLarge("The headers of this request are too large. Clear this site's cookies."), 431
        if not self._doorkeeper.allows_host(host_of(headers)):
            return NotAllowed("This server is not reached by that name. See CHATAPP_PUBLIC_URL."), 400
        if not self._doorkeeper.allows_change(request.method, headers) or _is_form(request):
            return NotAllowed("Only this server's own page may change things."), 403
        return None


def _size(header: tuple[bytes, bytes]) -> int:
    name, value = header
    return len(name) + len(value)


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    return request.method not in _SAFE_METHODS and kind in _FORM_KINDS
