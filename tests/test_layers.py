"""The plan of the rooms as data, and the tree held against it: who may import whom, and what touches the world.

Marks: `pure` no I/O, clock, randomness or async; `given` async or clocked, through collaborators it was given; `world`
touches the world. A new file belongs in this plan before it belongs in the tree; README.md shows the same plan.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORDS, CORRIDOR = "words", ("privacy", "router", "chat", "web")
FLAT_ABOVE = ("airgap", "gatehouse", "seats", "storage")
"""Rooms of a file or two above the corridor, where settings become objects."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a room may import besides itself, and its files by mark."""

    may: tuple[str, ...]
    pure: str = ""
    given: str = ""
    world: str = ""


ROOMS = {
    WORDS: Room((), pure="messages events errors", given="ports"),
    "privacy": Room(
        (WORDS,),
        pure="beds contacts cues dates departures detect evidence gate growing identifiers ledger locality names "
        "normalise notation places records rules scripts signs site_list surroundings suspects tokens vocabulary",
        given="watch",
        world="lexicon weighing",
    ),
    "router": Room(
        (WORDS, "privacy"), pure="classify route stats", given="breaker candidate dispatch health reading router"
    ),
    "providers": Room(
        (WORDS, "privacy"),
        pure="anthropic_faults anthropic_reply anthropic_request ollama_faults ollama_request schema sse",
        given="ollama_reply patience",
        world="anthropic ollama transport",
    ),
    "store": Room(
        (WORDS,),
        pure="codec failures schema",
        given="conversations ledger records turns",
        world="database engine heads ledgerfile opening reader writer migrations/env "
        "migrations/versions/0001_first_tables migrations/versions/0002_chained_ledger",
    ),
    "tools": Room((WORDS,), pure="acgme rows schedules stretches when", given="validate_schedule"),
    "chat": Room(
        (WORDS, "privacy", "router"),
        pure="attachments endings feeds history log refusals round",
        given="drafts ear errands house latch scribe titles tools turn turns",
    ),
    "web": Room(
        (WORDS, "privacy", "router", "chat"),
        pure="blocktree follower frames highlight history links markdown mathml nodes pace panel routes "
        "segments strict",
        given="answers api auth entrance headers outbox socket",
        world="pages",
    ),
    "demo": Room((WORDS,), pure="anthropic replies topics", given="control scenes", world="ollama stage standin"),
    "settings": Room(("privacy",), pure="settings"),
    "airgap": Room((WORDS, "privacy", "providers", "settings"), pure="airgap", world="guard"),
    "gatehouse": Room((WORDS, "privacy", "settings"), world="gatehouse"),
    "seats": Room((WORDS, "privacy", "router", "providers", "settings", "airgap", "gatehouse"), pure="seats"),
    "storage": Room((WORDS, "privacy", "store", "settings"), world="storage"),
    "llm": Room((WORDS, *CORRIDOR[:3], "providers", "store", "tools", "settings", "seats", "storage"), world="llm"),
    "app": Room(
        (WORDS, *CORRIDOR, "providers", "store", "tools", "settings", "airgap", "seats", "storage"), world="app"
    ),
    "commands": Room(
        (WORDS, *CORRIDOR, "providers", "store", "tools", "settings", *FLAT_ABOVE, "app", "demo"),
        given="classify",
        world="demo doctor ledger serve site_list",
    ),
    "front door": Room(("settings", "commands"), pure="__init__", world="__main__"),
}
FLAT = (WORDS, "settings", *FLAT_ABOVE, "llm", "app", "front door")
"""Rooms whose files stand in `chatapp/` itself."""


def words(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


PURE_LIBRARIES = words(
    "__future__ array base64 binascii bisect collections contextlib csv dataclasses datetime decimal difflib email "
    "enum "
    "errno functools hashlib heapq hmac html importlib io ipaddress itertools json math operator pathlib re string "
    "types typing unicodedata urllib.parse xml zoneinfo "
    "latex2mathml orjson pydantic pygments pyromark sqlalchemy starlette.routing"
)
GIVEN_LIBRARIES = PURE_LIBRARIES | words("asyncio logging random time uuid starlette")
WORLDLY_CALLS = words("open print input now today read_text read_bytes write_text write_bytes mkdir unlink")

LATE = {
    "commands/serve": {"uvloop"},
    "providers/anthropic": {"anthropic"},
    "store/opening": {"alembic"},
    "web/highlight": {"pygments"},
    "web/mathml": {"latex2mathml"},
    "__main__": {"chatapp"},
}
"""Imports inside functions, and why: each is slow, and the first page, or another command, need not wait for it; or it
may not be imported at all where the house is airgapped."""


def file_of(room: str, name: str) -> str:
    """Where a planned file is: relative to `chatapp/`, without its ending."""
    return name if room in FLAT else f"{room}/{name}"


def planned() -> dict[str, tuple[str, str]]:
    """Every planned file: its room and its mark."""
    return {
        file_of(room, name): (room, mark)
        for room, plan in ROOMS.items()
        for mark, names in (("pure", plan.pure), ("given", plan.given), ("world", plan.world))
        for name in names.split()
    }


PLAN = planned()


def tree_of(file: str) -> ast.Module:
    return ast.parse((ROOT / "chatapp" / f"{file}.py").read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported; `from chatapp.web import nodes` gives `chatapp.web.nodes`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            module = node.module or ""
            if _is_folder(module):
                yield from (f"{module}.{alias.name}" for alias in node.names)
            else:
                yield module


def _is_folder(module: str) -> bool:
    return module.split(".")[0] == "chatapp" and (ROOT / module.replace(".", "/")).is_dir()


def own_imports(file: str) -> set[str]:
    """The files of ours that a file imports, named as in the plan."""
    own = {name for name in imports(tree_of(file)) if name.split(".")[0] == "chatapp"}
    return {name.removeprefix("chatapp.").replace(".", "/") for name in own}


def late_imports(file: str) -> set[str]:
    """Top names of what is imported inside a function."""
    functions = (node for node in ast.walk(tree_of(file)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {name.split(".")[0] for function in functions for name in imports(function)}


def test_every_file_is_in_the_plan_and_every_planned_file_is_there() -> None:
    files = {path.relative_to(ROOT / "chatapp").with_suffix("") for path in (ROOT / "chatapp").rglob("*.py")}
    there = {file.as_posix() for file in files if file.name != "__init__" or file.as_posix() == "__init__"}
    assert there == set(PLAN)


def test_an_init_file_of_a_room_holds_a_docstring_and_nothing_else() -> None:
    for path in (ROOT / "chatapp").rglob("__init__.py"):
        if path.parent.name != "chatapp":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert [type(node) for node in body] == [ast.Expr], path


@pytest.mark.parametrize("file", sorted(PLAN))
def test_a_file_imports_only_from_rooms_it_may_enter(file: str) -> None:
    room, _ = PLAN[file]
    entered = {PLAN[other][0] for other in own_imports(file)}
    assert entered <= {room, *ROOMS[room].may}


@pytest.mark.parametrize("file", sorted(file for file, (_, mark) in PLAN.items() if mark != "world"))
def test_a_file_uses_only_libraries_that_its_mark_allows(file: str) -> None:
    allowed = PURE_LIBRARIES if PLAN[file][1] == "pure" else GIVEN_LIBRARIES
    others = {name for name in imports(tree_of(file)) if name.split(".")[0] != "chatapp"}
    assert {name for name in others if not _within(name, allowed)} == set()


def _within(name: str, allowed: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[: length + 1]) in allowed for length in range(len(parts)))


@pytest.mark.parametrize("file", sorted(file for file, (_, mark) in PLAN.items() if mark == "pure"))
def test_a_pure_file_awaits_nothing_and_asks_the_world_nothing(file: str) -> None:
    for node in ast.walk(tree_of(file)):
        assert not isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith | ast.AsyncFunctionDef)
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func).split(".")[-1] not in WORLDLY_CALLS, ast.unparse(node)


@pytest.mark.parametrize("file", sorted(PLAN))
def test_only_slow_libraries_are_imported_late(file: str) -> None:
    assert late_imports(file) == LATE.get(file, set())


@pytest.mark.parametrize("file", sorted(set(PLAN) - set(LATE)))
def test_no_import_hides_from_the_interpreter(file: str) -> None:
    assert "TYPE_CHECKING" not in ast.unparse(tree_of(file))


def test_there_are_no_cycles() -> None:
    waiting = {file: own_imports(file) & set(PLAN) for file in PLAN}
    while free := [file for file, needs in waiting.items() if not needs]:
        for file in free:
            del waiting[file]
        waiting = {file: needs - set(free) for file, needs in waiting.items()}
    assert waiting == {}


@pytest.mark.parametrize("forbidden", ["starlette", "jinja2", "uvicorn", "websockets"])
def test_only_the_web_room_and_those_above_know_the_web(forbidden: str) -> None:
    below = [file for file, (room, _) in PLAN.items() if room in (WORDS, *CORRIDOR[:3], "providers", "store", "tools")]
    knowing = [file for file in below if any(name.split(".")[0] == forbidden for name in imports(tree_of(file)))]
    assert knowing == []
