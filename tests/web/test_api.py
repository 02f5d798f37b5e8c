"""JSON over HTTP: what a well-behaved page is told, and what it is told when something breaks."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatapp.app import create_app
from chatapp.errors import ChatError, NotFound, StorageFull, StorageUnavailable
from tests.house import Browser, House, house_settings, of, one, open_house, serving

NAME = "Okonkwo"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


@pytest.fixture
async def browser(house: House) -> AsyncIterator[Browser]:
    async with house.browser() as browser:
        yield browser


@pytest.fixture
async def http(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with house.http() as http:
        yield http


async def ask(browser: Browser, text: str) -> str:
    """The conversation a question began."""
    return str((await browser.ask(text))[0]["id"])


# --- conversations ---------------------------------------------------------------------------------------------------


async def test_the_list_is_newest_first_and_comes_in_pages(browser: Browser, http: httpx2.AsyncClient) -> None:
    asked = [await ask(browser, f"Question {number} about potassium?") for number in range(3)]
    first = (await http.get("/api/conversations?limit=2")).json()["conversations"]
    rest = (await http.get(f"/api/conversations?limit=2&before={first[-1]['updated_at']!r}")).json()["conversations"]
    assert [entry["id"] for entry in (*first, *rest)] == asked[::-1]
    assert set(first[0]) == {"id", "title", "mode", "locked", "locked_by", "created_at", "updated_at"}


async def test_the_list_is_searched_by_words_of_the_title(browser: Browser, http: httpx2.AsyncClient) -> None:
    wanted = await ask(browser, "What is a normal potassium?")
    await ask(browser, "What is a normal sodium?")
    found = (await http.get("/api/conversations?q=POTASSIUM normal")).json()["conversations"]
    assert [entry["id"] for entry in found] == [wanted]


async def test_a_rename_is_one_line_and_reaches_who_has_it_open(browser: Browser, http: httpx2.AsyncClient) -> None:
    id = await ask(browser, "What is a normal potassium?")
    answer = await http.patch(f"/api/conversations/{id}", json={"title": "  Two\n lines " + "x" * 200})
    told = await browser.until("conversation")
    assert answer.json()["title"] == told["title"] == ("Two lines " + "x" * 200)[:120]


async def test_what_was_deleted_is_gone_and_can_be_taken_back(browser: Browser, http: httpx2.AsyncClient) -> None:
    id = await ask(browser, "What is a normal potassium?")
    for _ in range(2):
        assert (await http.delete(f"/api/conversations/{id}")).status_code == 204
    assert (await http.get(f"/api/conversations/{id}")).status_code == 404
    assert (await http.get("/api/conversations")).json()["conversations"] == []
    assert (await http.patch(f"/api/conversations/{id}", json={"deleted": False})).json()["id"] == id
    assert (await http.get(f"/api/conversations/{id}")).status_code == 200


async def test_deleting_stops_what_runs(browser: Browser, http: httpx2.AsyncClient) -> None:
    await browser.send("chat", id="q1", text="n=100000 gap=5")
    turn = await browser.until("turn")
    await browser.until("delta")
    assert (await http.delete(f"/api/conversations/{turn['conversation']}")).status_code == 204
    assert (await browser.until("done"))["finish"] == "stopped"


async def test_a_change_of_nothing_changes_nothing(browser: Browser, http: httpx2.AsyncClient) -> None:
    id = await ask(browser, "What is a normal potassium?")
    answer = await http.patch(f"/api/conversations/{id}", json={})
    assert (answer.status_code, answer.json()["title"]) == (200, "What is a normal potassium?")


async def test_nothing_is_kept_by_a_cache(browser: Browser, http: httpx2.AsyncClient) -> None:
    id = await ask(browser, "What is a normal potassium?")
    for path in ("/api/conversations", f"/api/conversations/{id}", "/api/session", "/api/health", "/api/nothing"):
        assert (await http.get(path)).headers["cache-control"] == "no-store"


# --- files -----------------------------------------------------------------------------------------------------------


async def test_a_file_is_kept_judged_and_used_once_named(browser: Browser, http: httpx2.AsyncClient) -> None:
    rows = "resident,start,end\nKim,2026-11-02 07:00,2026-11-02 19:00\nLee,2026-11-02 07:00,2026-11-02 19:00\n"
    answer = await http.post("/api/attachments?name=C:%5Cweek.csv", content=rows.encode())
    file = answer.json()
    assert answer.status_code == 201
    assert (file["name"], file["kind"], file["rows"]) == ("week.csv", "table", 2)
    frames = await browser.ask("Is this schedule legal?", attachments=[file["id"]])
    read = (await http.get(f"/api/conversations/{frames[0]['id']}")).json()
    assert one(frames, "done")
    assert read["turns"][0]["attachments"] == [file]


async def test_a_file_with_patient_data_says_so(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/api/attachments?name=a.txt", content=f"Mrs. {NAME}, MRN 4482913".encode())
    assert answer.json()["verdict"] == "sensitive"
    assert NAME not in answer.text


# --- how the house is ------------------------------------------------------------------------------------------------


async def test_who_am_i(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/api/session")).json() == {
        "user": {"name": "You", "roles": ["user", "operator", "auditor"]},
        "signed_in": True,
    }


async def test_it_lives_and_takes_questions(http: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_stats_count_what_was_asked(browser: Browser, http: httpx2.AsyncClient) -> None:
    await ask(browser, "What is a normal potassium?")
    stats = (await http.get("/api/stats")).json()
    assert stats == (await http.get("/api/health")).json()["stats"]


async def test_a_breaker_is_held_and_reset(browser: Browser, http: httpx2.AsyncClient) -> None:
    held = await http.post("/api/breakers/ollama/hold")
    assert held.json() == {"provider": "ollama", "state": "held"}
    refused = await browser.ask("What is a normal potassium?", mode="local")
    reset = await http.post("/api/breakers/ollama/reset")
    assert of(refused, "error")
    assert reset.json() == {"provider": "ollama", "state": "closed"}
    assert of(await browser.ask("What is a normal potassium?", mode="local"), "done")


# --- what breaks -----------------------------------------------------------------------------------------------------


def failing(failure: Exception) -> Route:
    async def fail(request: Request) -> Response:
        raise failure

    return Route("/fails", fail)


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (RuntimeError(NAME), 500, "internal"),
        (KeyError(NAME), 500, "internal"),
        (ChatError(), 500, "internal"),
        (NotFound(), 404, "not_found"),
        (StorageUnavailable(), 503, "storage_unavailable"),
        (StorageFull(), 507, "storage_full"),
    ],
)
async def test_a_failure_is_json_with_a_policy_and_without_a_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, failure: Exception, status: int, code: str
) -> None:
    settings = house_settings(tmp_path, "http://127.0.0.1:9", "http://127.0.0.1:9")
    app = create_app(settings, more_routes=[failing(failure)])
    with caplog.at_level(logging.WARNING):
        async with serving(app, settings) as port, httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"http://127.0.0.1:{port}/fails")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert "content-security-policy" in answer.headers
    for words in (answer.text, caplog.text):
        assert NAME not in words
        assert "Traceback" not in words
