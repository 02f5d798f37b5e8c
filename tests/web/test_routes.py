"""Every URL of the house, once, with the methods it takes; what is not in this list is not served."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.routing import Route, WebSocketRoute

from chatapp.app import create_app
from tests.house import house_settings

URLS = {
    ("/", "GET"),
    ("/static/{name:path}", "GET"),
    ("/healthz", "GET"),
    ("/readyz", "GET"),
    ("/api/health", "GET"),
    ("/api/stats", "GET"),
    ("/api/session", "GET"),
    ("/api/breakers/{provider}/reset", "POST"),
    ("/api/breakers/{provider}/hold", "POST"),
    ("/api/conversations", "GET"),
    ("/api/conversations/{id}", "GET"),
    ("/api/conversations/{id}", "PATCH"),
    ("/api/conversations/{id}", "DELETE"),
    ("/api/attachments", "POST"),
}


@pytest.fixture
def routes(tmp_path: Path) -> list[object]:
    return list(create_app(house_settings(tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:9")).routes)


def test_the_list_is_whole(routes: list[object]) -> None:
    served = [
        (route.path, method)
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or ())
        if method != "HEAD"
    ]
    assert sorted(served) == sorted(URLS)


def test_there_is_one_socket(routes: list[object]) -> None:
    assert [route.path for route in routes if isinstance(route, WebSocketRoute)] == ["/ws/chat"]
