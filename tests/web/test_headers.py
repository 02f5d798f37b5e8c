"""What every HTTP answer says about itself, and that WebSockets pass untouched."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from chatapp.web.headers import SECURITY_HEADERS, SecurityHeaders

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


async def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("here", headers={"Cache-Control": "no-store"})


async def careless(request: Request) -> PlainTextResponse:
    return PlainTextResponse("here", headers={"Content-Security-Policy": "default-src *"})


async def echo(websocket: WebSocket) -> None:
    await websocket.accept(headers=[(b"x-own", b"1")])
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", plain), Route("/careless", careless), WebSocketRoute("/ws", echo)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_every_answer_carries_the_header(client: TestClient, path: str, name: str, value: str) -> None:
    assert client.get(path).headers[name] == value


def test_the_camera_and_its_like_are_off(client: TestClient) -> None:
    assert "camera=()" in client.get("/").headers["permissions-policy"]


def test_a_handler_cannot_loosen_the_policy(client: TestClient) -> None:
    assert client.get("/careless").headers.get_list("content-security-policy") == [POLICY]


def test_caching_is_left_to_the_handler(client: TestClient) -> None:
    assert client.get("/").headers["cache-control"] == "no-store"


def test_a_websocket_passes_untouched(client: TestClient) -> None:
    with client.websocket_connect("/ws") as websocket:
        websocket.send_text("hello")
        assert websocket.receive_text() == "hello"
        headers: list[tuple[bytes, bytes]] = list(websocket.extra_headers or ())
        names = {name.lower() for name, _ in headers}
    assert not names & {name for name, _ in SECURITY_HEADERS}
