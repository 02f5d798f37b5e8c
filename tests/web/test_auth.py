"""From where a request may come: exactly our own page, under a name of ours, or no browser at all."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from chatapp.web.auth import THE_ONE_USER, Doorkeeper, HostCheck, User

HOST = "127.0.0.1:8000"
ORIGIN = "http://127.0.0.1:8000"
OURS = [("host", HOST), ("origin", ORIGIN)]
FOREIGN_ORIGINS = [
    "",
    "null",
    "http://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:8001",
    "http://127.0.0.1:80000",
    "http://127.0.0.1:8000.evil.example",
    "http://evil.example:8000",
    "http://evil127.0.0.1:8000",
    "http://127.0.0.1:8000/",
    "http://127.0.0.1:8000@evil.example",
    "http://user@127.0.0.1:8000",
    "http://localhost:8000",
    "http://[::1]:8000",
    "https://127.0.0.1:8000",
    "ws://127.0.0.1:8000",
    "file://",
    "127.0.0.1:8000",
    " http://127.0.0.1:8000",
    "http://127.0.0.1:8000, http://127.0.0.1:8000",
]
FOREIGN_HOSTS = [
    "",
    "evil.example",
    "evil.example:8000",
    "127.0.0.1.evil.example:8000",
    "evil-127.0.0.1:8000",
    "127.0.0.1@evil.example",
    "evil.example@127.0.0.1:8000",
    "127.0.0.1:8000@evil.example",
    "127.0.0.1:8000/",
    "127.0.0.1:8000?x",
    "127.0.0.1:8000#x",
    "127.0.0.1:80:80",
    "127.0.0.1:",
    "127.0.0.1:http",
    "127.0.0.1:-1",
    "localhost.",
    "localhost.evil.example",
    "xlocalhost",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0.0.0.0:8000",
    "::1",
    "[::1",
    "[::ffff:127.0.0.1]:8000",
    "127.0.0.1:8000\n",
    "127.0.0.1:٨",
]


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.encode(), value.encode("utf-8")) for name, value in pairs])


# --- handshakes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000", "localhost"])
def test_our_own_page_may_open_a_socket(host: str) -> None:
    assert Doorkeeper().allows_handshake(headers(("host", host), ("origin", f"http://{host.lower()}")))


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a1_any_other_origin_may_not(origin: str) -> None:
    assert not Doorkeeper().allows_handshake(headers(("host", HOST), ("origin", origin)))


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a1_a_name_that_is_not_ours_lets_nobody_in(host: str) -> None:
    assert not Doorkeeper().allows_host(host)
    assert not Doorkeeper().allows_handshake(headers(("host", host), ("origin", f"http://{host}")))


@pytest.mark.parametrize(
    "given",
    [
        [("host", HOST)],
        [("origin", ORIGIN)],
        [*OURS, ("origin", ORIGIN)],
        [*OURS, ("origin", "http://evil.example")],
        [*OURS, ("host", "evil.example")],
        [("host", "evil.example"), *OURS],
    ],
)
def test_a1_a_header_that_is_missing_or_there_twice_lets_nobody_in(given: list[tuple[str, str]]) -> None:
    assert not Doorkeeper().allows_handshake(headers(*given))


PUBLIC = Doorkeeper("https://chat.hospital.example")


def test_behind_a_proxy_the_public_page_may_open_a_socket() -> None:
    assert PUBLIC.allows_handshake(
        headers(("host", "Chat.Hospital.example"), ("origin", "https://chat.hospital.example"))
    )


@pytest.mark.parametrize(
    "origin",
    [
        "http://chat.hospital.example",
        "https://chat.hospital.example:444",
        "https://chat.hospital.example.evil.example",
        "https://evilchat.hospital.example",
        "https://hospital.example",
        "http://127.0.0.1:8000",
    ],
)
def test_a1_behind_a_proxy_any_other_page_may_not(origin: str) -> None:
    assert not PUBLIC.allows_handshake(headers(("host", "chat.hospital.example"), ("origin", origin)))


# --- changes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
@pytest.mark.parametrize(
    "given",
    [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("sec-fetch-site", "")],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        [("origin", "null")],
        [("origin", "http://evil.example")],
        [("origin", ORIGIN), ("origin", "http://evil.example")],
        [("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-origin")],
    ],
)
def test_a6_another_site_changes_nothing(method: str, given: list[tuple[str, str]]) -> None:
    assert not Doorkeeper().allows_change(method, headers(("host", HOST), *given))


@pytest.mark.parametrize("given", [[], [("origin", ORIGIN), ("sec-fetch-site", "same-origin")]])
def test_our_page_and_programs_change_things(given: list[tuple[str, str]]) -> None:
    assert Doorkeeper().allows_change("POST", headers(("host", HOST), *given))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_no_origin(method: str) -> None:
    assert Doorkeeper().allows_change(method, headers(("host", HOST), ("sec-fetch-site", "cross-site")))


# --- over HTTP -------------------------------------------------------------------------------------------------------


async def here(request: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", here, methods=["GET", "POST", "PATCH", "DELETE"])]
    app = Starlette(routes=routes, middleware=[Middleware(HostCheck, doorkeeper=Doorkeeper())])
    return TestClient(app, base_url=ORIGIN)


def test_a_request_of_ours_passes(client: TestClient) -> None:
    assert client.post("/", json={}, headers={"origin": ORIGIN}).text == "here"


def test_a_foreign_host_is_refused(client: TestClient) -> None:
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "forbidden"
    assert "evil" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "TEXT/PLAIN;charset=UTF-8",
        " text/plain ; x=application/json",
    ],
)
def test_a6_what_a_form_can_send_is_refused(client: TestClient, method: str, kind: str) -> None:
    answer = client.request(method, "/", content=b"x=1", headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "given", [{f"x-{number}": "1" for number in range(50)}, {"x-long": "x" * 16_384}, {"x" * 16_384: "1"}]
)
def test_headers_without_end_are_refused(client: TestClient, given: dict[str, str]) -> None:
    answer = client.get("/", headers=given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (431, "too_large")


# --- users -----------------------------------------------------------------------------------------------------------


def test_without_sign_in_there_is_one_user_who_may_do_everything() -> None:
    assert THE_ONE_USER.is_operator()


def test_not_everybody_is_an_operator() -> None:
    assert not User("anna", "Anna", ("user", "auditor")).is_operator()
