"""A site's own list: what is on it is found however it is written; the list itself tells nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.privacy.detect import Detector
from chatapp.privacy.site_list import BadSiteList, make, read, written
from tests.commands.program import chatapp

ENTRIES = ("Okonkwo, Ada", "Zielinski", "Wiśniewska", "MRN 44-71-902", "4415 7781", "José María de la Cruz")
LIST = make(ENTRIES, b"salt")
DETECTOR = Detector(site_list=LIST)


def listed(text: str) -> list[str]:
    """Everything that stays: an entry may also be found as what it is."""
    return [text[found.start : found.end] for found in DETECTOR(text)]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("who wrote to Ada Okonkwo", "Ada Okonkwo"),
        ("OKONKWO, ADA came by", "OKONKWO, ADA"),
        ("lunch with zielinski at noon", "zielinski"),
        ("lunch with wisniewska at noon", "wisniewska"),
        ("lunch with Z\u200bielinski at noon", "Z\u200bielinski"),
        ("lunch with Ziеlinski at noon", "Ziеlinski"),
        ("part 4415-7781 is out of stock", "4415-7781"),
        ("part 44157781 is out of stock", "44157781"),
        ("part ４４１５７７８１ is out of stock", "４４１５７７８１"),
        ("a book of Jose Maria de la Cruz", "Jose Maria de la Cruz"),
    ],
)
def test_an_entry_is_found_wherever_and_however_it_is_written(text: str, entry: str) -> None:
    assert entry in listed(text)


@pytest.mark.parametrize("text", ["Ada is a language", "Zielinskis", "part 4415", "", "lunch at noon"])
def test_what_is_not_on_it_is_not_found(text: str) -> None:
    assert "SITE_LIST" not in {found.kind for found in DETECTOR(text)}


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), min_size=3, max_size=30))
def test_any_entry_of_three_letters_is_found_as_it_was_given(entry: str) -> None:
    site_list = make([entry], b"salt")
    if site_list.hashes and site_list.longest < 5:
        found = Detector(site_list=site_list)(f"x. {entry} .x")
        assert found


def test_too_short_an_entry_is_left_out() -> None:
    assert not make(["K", "Li", "", " . "], b"salt").hashes


def test_a_list_is_read_as_it_was_written_and_names_nobody() -> None:
    text = written(LIST)
    assert read(text) == LIST
    assert not any(
        part.lower() in text.lower() for entry in ENTRIES for part in entry.split() if part.isalpha() and len(part) > 3
    )
    assert repr(LIST) == f"<SiteList of {len(LIST.hashes)} entries>"


def test_another_salt_makes_another_list() -> None:
    other = make(ENTRIES, b"pepper")
    assert not other.hashes & LIST.hashes
    assert other.fingerprint != LIST.fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Okonkwo\nZielinski\n",
        written(LIST)[:-1],
        written(LIST).replace("1\n", "2\n", 1),
        written(LIST) + "no hash\n",
    ],
    ids=["empty", "names", "cut", "another version", "a line too many"],
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(BadSiteList):
        read(text)


# --- the commands, as a person runs them -----------------------------------------------------------------------------

HARMLESS = "order part 4415-7781 again"
VIGNETTE = "62M with COPD, what is the next step?"
ROSTER = "Dr. Lee covers the ICU tonight"


def verdicts(folder: Path, **environ: str) -> list[str]:
    """What `chatapp classify` says of the three, in a process of its own."""
    given = "".join(json.dumps({"id": text, "text": text}) + "\n" for text in (HARMLESS, VIGNETTE, ROSTER))
    done = chatapp("classify", folder=folder, environ=environ, given=given.encode())
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["verdict"] for line in done.stdout.splitlines()]


def test_without_a_setting_none_of_them_stays(tmp_path: Path) -> None:
    assert verdicts(tmp_path) == ["clear", "clear", "clear"]


def test_a_list_made_by_the_command_keeps_what_is_on_it(tmp_path: Path) -> None:
    made = chatapp("site-list", folder=tmp_path, given="44157781\nWiśniewska, Ann\n\n".encode())
    assert (made.returncode, made.stderr) == (0, b"")
    assert b"44157781" not in made.stdout
    assert b"ann" not in made.stdout.lower()
    (tmp_path / "site.list").write_bytes(made.stdout)
    assert verdicts(tmp_path, CHATAPP_SITE_LIST=str(tmp_path / "site.list")) == ["sensitive", "clear", "clear"]


def test_strict_keeps_every_statement_about_one_patient(tmp_path: Path) -> None:
    assert verdicts(tmp_path, CHATAPP_PRIVACY="strict") == ["clear", "sensitive", "clear"]


def test_every_name_keeps_the_staff_too(tmp_path: Path) -> None:
    assert verdicts(tmp_path, CHATAPP_EVERY_NAME_STAYS="true")[1:] == ["clear", "sensitive"]


@pytest.mark.parametrize("text", [None, "Okonkwo\n"])
def test_a_list_that_cannot_be_read_stops_the_program_with_one_line(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "site.list"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    done = chatapp(
        "classify", folder=tmp_path, environ={"CHATAPP_SITE_LIST": str(path)}, given=b'{"id": 1, "text": "x"}\n'
    )
    assert done.returncode != 0
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert "CHATAPP_SITE_LIST" in line
    assert "Okonkwo" not in line


def test_nothing_to_list_is_said_and_nothing_written(tmp_path: Path) -> None:
    done = chatapp("site-list", folder=tmp_path, given=b"ab\n\n")
    assert (done.returncode, done.stdout) == (1, b"")
    assert len(done.stderr.decode().splitlines()) == 1
