"""What is written for people agrees with the code: settings, events, error codes, the tree, the examples."""

from __future__ import annotations

import ast
import itertools
import re
import typing
from pathlib import Path

import pytest

from chatapp import errors, events
from chatapp.privacy.detect import detect
from chatapp.router.route import KIND_WORDS
from chatapp.settings import SETTING_NAMES
from scripts.document_settings import env_example, with_table
from scripts.phi import measure
from tests.test_layers import PLAN, words

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVENTS_JS = (ROOT / "static/js/events.js").read_text(encoding="utf-8")
ERROR_CODES = words(
    "bad_message unknown_type too_large rate_limited duplicate not_found forbidden session_expired busy_turn overloaded"
    " draining provider_unavailable provider_timeout provider_rate_limited provider_misconfigured provider_bad_response"
    " breaker_open stream_interrupted context_too_long model_missing model_not_local empty_answer refused_by_model"
    " phi_local_only policy_unavailable airgap tool_unknown tool_bad_arguments tool_failed tool_timeout tool_denied"
    " mode_locked storage_unavailable storage_full internal"
)
"""Every code that clients were promised."""
WRITTEN_BY_HAND = ("chatapp", "static", "templates", "scripts", "docs", "tests")
NOT_OURS = re.compile(r"__pycache__|\.egg-info")
OF_ONE_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|Users)/|(?:#|//) ?(?:TODO|FIXME)\b")
"""Paths of somebody's machine, and work left for later."""


def files(folder: str, *endings: str) -> list[Path]:
    found = (path for path in (ROOT / folder).rglob("*") if path.suffix in endings)
    return sorted(path for path in found if not NOT_OURS.search(str(path)))


def tree() -> str:
    """The block of README.md that shows the rooms."""
    return README.partition("## The rooms")[2].split("```")[1]


def shown_under(room: str = "") -> str:
    """The lines of the tree that belong to a room of the program; without one, to the program's own folder."""
    lines = tree().partition("chatapp/\n")[2].partition("\ntemplates/")[0].splitlines()
    if not room:
        return "\n".join(line for line in lines if not line.startswith("    "))
    start = next(number for number, line in enumerate(lines) if line.startswith(f"  {room}/"))
    below = itertools.takewhile(lambda line: line.startswith("    "), lines[start + 1 :])
    return "\n".join([lines[start], *below])


@pytest.mark.parametrize("name", SETTING_NAMES)
def test_a_setting_is_in_the_readme_and_in_the_example_file(name: str) -> None:
    assert f"| `{name}` |" in README
    assert re.search(rf"^{name}=", env_example(), re.MULTILINE)


def test_the_table_and_the_example_file_are_what_the_settings_say() -> None:
    advice = "run `python -m scripts.document_settings`"
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example(), advice
    assert with_table(README) == README, advice


KINDS = words(
    "NAME MRN SSN ACCOUNT BENEFICIARY LICENSE VEHICLE DEVICE OTHER_ID PHONE FAX EMAIL URL IP ADDRESS ZIP GEO DATE"
    " AGE_90PLUS ROOM_BED PHOTO SITE_LIST STATEMENT"
)
"""Every kind of finding that a detector may give."""


def test_the_table_of_the_detector_is_what_the_held_out_sets_give() -> None:
    written = measure.DOCUMENT.read_text(encoding="utf-8")
    assert measure.with_table(written, measure.held_out()) == written, f"run `{measure.COMMAND}`"


@pytest.mark.parametrize("kind", sorted(KINDS - {"PHOTO"} | {"STATEMENT"}))
def test_a_kind_of_finding_is_told_of_in_the_page_about_the_detector(kind: str) -> None:
    assert f"`{kind}`" in measure.DOCUMENT.read_text(encoding="utf-8")


def examples_of_the_detector() -> list[tuple[str, str]]:
    """Each example of a kind in docs/privacy.md, with the kinds of its row."""
    rows = measure.DOCUMENT.read_text(encoding="utf-8").partition("| Kind | Seen in |")[2].partition("\n\n")[0]
    cells = [row.split(" | ") for row in rows.splitlines() if row.startswith("| `")]
    return [(kinds, example) for kinds, seen in cells for example in re.findall(r"`([^`_]+)`", seen)]


@pytest.mark.parametrize(("kinds", "example"), examples_of_the_detector())
def test_an_example_in_the_page_about_the_detector_is_found(kinds: str, example: str) -> None:
    assert [finding for finding in detect(example) if f"`{finding.kind}`" in kinds]


def event_names() -> list[str]:
    """What every event of a turn is called on the wire."""
    union = typing.get_args(typing.get_args(events.Event)[0])
    return [typing.get_args(typing.get_type_hints(event)["type"])[0] for event in union]


@pytest.mark.parametrize("name", event_names())
def test_the_page_has_a_type_for_every_event(name: str) -> None:
    assert f'type: "{name}"' in EVENTS_JS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_of_finding_has_words_in_a_reason_and_on_the_page(kind: str) -> None:
    page = (ROOT / "static/js/words.js").read_text(encoding="utf-8").partition("const KINDS")[2].partition("};")[0]
    assert kind in KIND_WORDS
    assert re.search(rf"\b{kind}: \"", page)


def every_error() -> list[type[errors.ChatError]]:
    """`ChatError` and all below it."""
    found, waiting = list[type[errors.ChatError]](), [errors.ChatError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_an_error_has_a_promised_code_a_sentence_for_a_person_and_a_place_in_the_tree(
    kind: type[errors.ChatError],
) -> None:
    assert kind.code in ERROR_CODES
    assert kind.sentence.endswith(".")
    assert "!" not in kind.sentence
    assert kind.__name__ in str(errors.__doc__)


@pytest.mark.parametrize("file", sorted(PLAN))
def test_a_file_of_the_program_stands_in_the_readme_under_its_room(file: str) -> None:
    *folders, name = file.split("/")
    if "migrations" in folders:
        folders, name = folders[:1], "env" if name == "env" else "schema"
    assert re.search(rf"\b{re.escape(name)}\.py\b", shown_under(*folders))


@pytest.mark.parametrize("path", files("static", ".js", ".css", ".svg") + files("templates", ".html"), ids=str)
def test_a_file_of_the_page_stands_in_the_readme(path: Path) -> None:
    assert re.search(rf"(?<![\w]){re.escape(path.name)}\b", tree())


def test_the_readme_names_no_file_that_is_not_there() -> None:
    there = {path.name for folder in WRITTEN_BY_HAND for path in (ROOT / folder).rglob("*")}
    named = re.findall(r"[\w.-]+\.(?:py|js|css|html|svg|png|mako|csv)\b", tree())
    assert sorted(set(named) - there) == []


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)|`(docs/[^`]+)`", README), ids=str)
def test_a_link_of_the_readme_leads_somewhere(link: tuple[str, str]) -> None:
    assert (ROOT / "".join(link)).exists()


@pytest.mark.parametrize("path", files("chatapp", ".py") + files("scripts", ".py"), ids=str)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_file_names_a_place_on_one_machine_or_leaves_work_for_later() -> None:
    texts = [path for folder in WRITTEN_BY_HAND for path in files(folder, ".py", ".js", ".mjs", ".css", ".html", ".md")]
    texts += [
        ROOT / name for name in ("README.md", "CHANGELOG.md", ".env.example", "constraints.txt", "pyproject.toml")
    ]
    speaking = {
        str(path.relative_to(ROOT)): found[0]
        for path in texts
        if path != Path(__file__) and (found := OF_ONE_MACHINE.search(path.read_text(encoding="utf-8")))
    }
    assert speaking == {}
