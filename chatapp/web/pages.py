"""HTML: the page itself, and the static files it is made of.

Files come from a table filled once at start: a request names a key of that table or gets 404, and no path is ever
joined with what a client sent. What the page shows after its first paint arrives over the socket and `api.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from chatapp.messages import Mode

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)
"""Suffixes that are served; a file with any other is not in the table."""

ONE_YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served. `version`: the first 16 hex digits of its SHA-256."""

    content: bytes
    media_type: str
    version: str

    @property
    def etag(self) -> str:
        """The version as HTTP quotes it."""
        return f'"{self.version}"'


def read_static(folder: Path) -> Mapping[str, StaticFile]:
    """All files below `folder` that may be served, by their path in it (`js/main.js`), sorted; links are left out."""
    found = sorted(
        path for path in folder.rglob("*") if path.suffix in MEDIA_TYPES and path.is_file() and not path.is_symlink()
    )
    return MappingProxyType({path.relative_to(folder).as_posix(): _read(path) for path in found})


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    return StaticFile(content, MEDIA_TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:16])


class Pages:
    """Handlers of `GET /` and `GET /static/{name:path}`.

    Args:
        templates_dir, static_dir: read once, here; a file changed later is served after a restart.
        demo, airgap, default_mode, version: what the page must know before the socket's `hello`.
    """

    def __init__(
        self,
        templates_dir: Path,
        static_dir: Path,
        *,
        demo: bool = False,
        airgap: bool = False,
        default_mode: Mode = "local",
        version: str = "",
    ) -> None:
        self._files = read_static(static_dir)
        self._html = self._render(
            templates_dir, {"demo": demo, "airgap": airgap, "mode": default_mode, "version": version}
        )

    def __repr__(self) -> str:
        return f"<Pages: {len(self._files)} static files>"

    async def page(self, request: Request) -> Response:
        """The one page. It is the same for everybody, and still never stored: what fills it is not."""
        return HTMLResponse(self._html, headers={"Cache-Control": "no-store"})

    async def static(self, request: Request) -> Response:
        """A file of the table, or 404.

        Modules import each other by plain name, so a plain URL is revalidated each time; one that carries the right
        `v` may be kept for good.
        """
        file = self._files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("There is no such file.\n", status_code=404)
        pinned = request.query_params.get("v") == file.version
        headers = {
            "ETag": file.etag,
            "Cache-Control": f"public, max-age={ONE_YEAR}, immutable" if pinned else "no-cache",
        }
        if _names(request.headers.get("if-none-match", ""), file.etag):
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=file.media_type, headers=headers)

    def _render(self, templates_dir: Path, boot: Mapping[str, object]) -> str:
        environment = Environment(
            loader=FileSystemLoader(templates_dir), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        environment.globals["asset"] = self._asset
        modules = [f"/static/{name}" for name in self._files if name.startswith("js/")]
        return environment.get_template("chat.html").render(boot=boot, modules=modules)

    def _asset(self, name: str) -> str:
        """The URL under which a static file may be cached for good.

        Raises:
            KeyError: a template names a file that is not there.
        """
        return f"/static/{name}?v={self._files[name].version}"


def _names(if_none_match: str, etag: str) -> bool:
    """Whether an `If-None-Match` header names this version (RFC 9110, section 13.1.2: weak comparison)."""
    candidates = (candidate.strip().removeprefix("W/") for candidate in if_none_match.split(","))
    return any(candidate in (etag, "*") for candidate in candidates)
