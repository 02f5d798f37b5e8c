"""The page and its files: what is served, what is not, and that no template breaks the page's own policy."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from chatapp.web.pages import Pages, read_static

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"


def serve(pages: Pages) -> TestClient:
    return TestClient(Starlette(routes=[Route("/", pages.page), Route("/static/{name:path}", pages.static)]))


@pytest.fixture
def client() -> TestClient:
    return serve(Pages(TEMPLATES, STATIC, demo=True, default_mode="hybrid", version="1.2.3"))


class Elements(HTMLParser):
    """Every start tag of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_is_never_stored(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_carries_what_it_must_know_at_once(client: TestClient) -> None:
    boot = re.search(r'<script type="application/json" id="boot">(.*?)</script>', client.get("/").text, re.DOTALL)
    assert boot is not None
    assert json.loads(boot[1]) == {"demo": True, "airgap": False, "mode": "hybrid", "version": "1.2.3"}


def test_boot_data_cannot_end_its_element() -> None:
    html = serve(Pages(TEMPLATES, STATIC, version="</script><b>")).get("/").text
    assert "</script><b>" not in html


@pytest.mark.parametrize("demo", [True, False])
def test_only_a_demo_wears_the_demo_band(demo: bool) -> None:
    html = serve(Pages(TEMPLATES, STATIC, demo=demo)).get("/").text
    assert ('id="demo-band"' in html) is demo


def test_the_page_has_no_inline_script_style_or_handler(client: TestClient) -> None:
    for tag, attributes in Elements(client.get("/").text).found:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "script":
            assert attributes.get("src") or attributes.get("type") == "application/json"


def test_every_file_the_page_names_is_served(client: TestClient) -> None:
    named = [
        url
        for _, attributes in Elements(client.get("/").text).found
        for url in (attributes.get("src"), attributes.get("href"))
        if url and not url.startswith("#")
    ]
    assert len(named) > 10
    for url in named:
        assert url.startswith("/static/"), url
        assert client.get(url).status_code == 200, url


def test_every_import_of_a_module_is_in_the_table() -> None:
    table = read_static(STATIC)
    for name, file in table.items():
        for imported in re.findall(r'^(?:import|export) .*?from "(.+?)";', file.content.decode(), re.MULTILINE):
            assert imported.startswith("./"), f"{name} imports {imported}"
            assert f"js/{imported[2:]}" in table, f"{name} imports {imported}"


def test_a_plain_url_is_asked_again_and_a_versioned_one_is_kept(client: TestClient) -> None:
    version = read_static(STATIC)["css/tokens.css"].version
    assert client.get("/static/css/tokens.css").headers["cache-control"] == "no-cache"
    assert "immutable" in client.get(f"/static/css/tokens.css?v={version}").headers["cache-control"]
    assert client.get("/static/css/tokens.css?v=older").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("wrap", ["{}", "W/{}", '"other", {}', "*"])
def test_a_file_that_has_not_changed_is_not_sent_again(client: TestClient, wrap: str) -> None:
    etag = client.get("/static/js/main.js").headers["etag"]
    answer = client.get("/static/js/main.js", headers={"If-None-Match": wrap.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")


def test_another_version_is_sent_whole(client: TestClient) -> None:
    answer = client.get("/static/js/main.js", headers={"If-None-Match": '"0123456789abcdef"'})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "js",
        "js/",
        "../templates/chat.html",
        "..%2ftemplates%2fchat.html",
        "js/..%2f..%2fpyproject.toml",
        "%2e%2e/pyproject.toml",
        "..\\pyproject.toml",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "js/main.js%00",
        "js/main.js/",
        "JS/main.js",
        "js//main.js",
        "./js/main.js.",
    ],
)
def test_a10_what_is_not_in_the_table_is_not_there(client: TestClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_links_and_unknown_kinds_of_file_stay_out_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "own.js").write_text("export {};")
    (tmp_path / "link.js").symlink_to(tmp_path / "secret")
    assert list(read_static(tmp_path)) == ["own.js"]
