"""R09: one door leads to a cloud provider. This lists every place that could be a second one, and fails on a new one.

What to do when it fails: most likely a title, a summary, an embedding or a tool wants to ask a model. Give it a
`Question` for `Router.decide` (or `LLMRouter`), which judges it, records it and falls back like any other, and leave
this list as it is. Only where the new place talks to nobody outside (a local server, a listening socket), add it here,
with the reason, and have somebody else look at it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatapp.tools.validate_schedule import ValidateSchedule
from tests.test_layers import PLAN, imports, tree_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: file, the class and function around it, and how it is written."""

    file: str
    within: str
    what: str


def places(file: str, wanted: Callable[[ast.AST], str | None]) -> Iterator[Place]:
    """Every node of a file that is wanted."""

    def walk(node: ast.AST, within: tuple[str, ...]) -> Iterator[Place]:
        found = wanted(node)
        if found:
            yield Place(file, ".".join(within), found)
        named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, (*within, node.name) if named else within)  # type: ignore[attr-defined]

    yield from walk(tree_of(file), ())


def everywhere(wanted: Callable[[ast.AST], str | None]) -> set[tuple[str, str, str]]:
    """The same, of the whole house; the demo's stand-ins are servers, and nobody's clients."""
    files = [file for file in PLAN if not file.startswith("demo/")]
    return {(place.file, place.within, place.what) for file in files for place in places(file, wanted)}


def calls(*names: str) -> Callable[[ast.AST], str | None]:
    """Calls of something that ends in one of these names."""

    def wanted(node: ast.AST) -> str | None:
        if not isinstance(node, ast.Call):
            return None
        called = ast.unparse(node.func)
        return called if called.split(".")[-1] in names else None

    return wanted


def mentions(*names: str) -> Callable[[ast.AST], str | None]:
    """Names in code, not in words; `from anthropic import x` mentions both."""

    def wanted(node: ast.AST) -> str | None:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                return name if name in names else None
            case _:
                return None

    return wanted


def imports_of(*tops: str) -> set[str]:
    """Files that import one of these libraries, wherever in them."""

    def wanted(node: ast.AST) -> str | None:
        match node:
            case ast.Import(names=aliases):
                found = [alias.name for alias in aliases]
            case ast.ImportFrom(module=module):
                found = [module or ""]
            case _:
                return None
        return next((name for name in found if name.split(".")[0] in tops), None)

    return {file for file, _, _ in everywhere(wanted)}


def test_R09_a_provider_is_asked_in_two_places_and_the_cloud_in_one() -> None:
    asked = everywhere(calls("stream", "send_message", "create_message"))
    assert sorted((file, within.partition(".")[0]) for file, within, _ in asked) == [
        ("providers/ollama", "OllamaProvider"),  # listings of the local server
        ("router/candidate", "CloudCandidate"),  # the door: a record first, then the cleared request
        ("router/candidate", "LocalCandidate"),  # a model server in the house
        ("web/api", "Api"),  # what a browser sends in
    ]


def test_R09_a_clearance_is_handled_by_few() -> None:
    assert {file for file, _, _ in everywhere(mentions("ClearedRequest"))} == {
        "privacy/gate",  # makes it
        "router/router",  # asks for it, for exactly what a cloud candidate would be given
        "router/candidate",  # carries it through the door
        "providers/anthropic",  # is handed it
        "commands/classify",  # only looks whether there is one
    }


def test_R09_only_the_router_makes_a_cloud_candidate_and_only_the_seats_a_cloud_provider() -> None:
    assert everywhere(calls("CloudCandidate", "CloudSeat", "AnthropicProvider", "AsyncAnthropic", "Anthropic")) == {
        ("router/router", "Router._cleared", "CloudCandidate"),
        ("seats", "_anthropic", "AnthropicProvider"),
        ("seats", "_anthropic", "CloudSeat"),
        ("providers/anthropic", "AnthropicProvider._build_sdk", "AsyncAnthropic"),
    }


def test_R09_the_sdk_is_known_to_its_adapter_alone() -> None:
    assert imports_of("anthropic") <= {"providers/anthropic", "providers/anthropic_faults", "providers/anthropic_reply"}


def test_R09_connections_are_made_in_one_place() -> None:
    made = calls(
        "AsyncClient", "Client", "ClientSession", "TCPConnector", "urlopen", "open_connection", "create_connection",
        "open_unix_connection", "HTTPConnection", "HTTPSConnection", "connect_ex", "sendto", "create_datagram_endpoint",
    )  # fmt: skip
    assert everywhere(made) == {
        ("providers/transport", "http_client", "httpx2.AsyncClient"),
        ("providers/transport", "AiohttpTransport._open_session", "aiohttp.ClientSession"),
        ("providers/transport", "AiohttpTransport._open_session", "aiohttp.TCPConnector"),
        ("guard", "Guard._first_hole", "loop.create_connection"),  # the airgap tries whether it holds, to no end
        ("guard", "Guard._first_hole", "loop.create_datagram_endpoint"),
    }
    assert imports_of("httpx2", "aiohttp") == {
        "providers/transport",
        "providers/anthropic",
        "providers/ollama",
    }
    assert imports_of("requests", "urllib3", "httpx", "smtplib", "ftplib", "telnetlib", "subprocess") == set()


def test_R09_the_clients_of_the_standard_library_are_not_used() -> None:
    modules = {"urllib.request", "http.client", "http"}
    used = {file for file in PLAN if not file.startswith("demo/") and modules & set(imports(tree_of(file)))}
    assert used == set()


def test_R09_no_tool_sends_its_arguments_out() -> None:
    """One that does is a door too: its arguments must pass the gate, and a latched conversation must not call it."""

    def far(node: ast.AST) -> str | None:
        return "far" if isinstance(node, ast.Constant) and node.value in ("intranet", "internet") else None

    assert [place for file in PLAN if file.startswith("tools/") for place in places(file, far)] == []
    assert ValidateSchedule("UTC").egress == "none"
