"""The wheel: it holds what the program reads at run time, and the program runs from it in a folder of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import httpx2
import pytest
from packaging.requirements import Requirement

from tests.commands.program import serving

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MOST_PACKAGES, MOST_BYTES = 54, 100_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=50)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_every_file_that_the_program_reads(wheel: Path) -> None:
    expected = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "chatapp").rglob("*") if path.suffix in (".py", ".mako")
    }
    for folder in ("static", "templates"):
        expected |= {
            f"chatapp/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / folder).rglob("*") if path.is_file()
        }
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert expected <= held
    assert {name.split("/")[0] for name in held} == {"chatapp", f"chatapp-{PROJECT['version']}.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_the_demo_runs_from_the_wheel_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    environ = {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1", "TMPDIR": str(tmp_path)}
    with serving("demo", folder=elsewhere, environ=environ) as server, httpx2.Client(trust_env=False) as client:
        page = client.get(server.url)
        assert page.is_success
        linked = re.findall(r'(?:href|src)="(/static/[^"#]+)"', page.text)
        assert len(linked) > 10
        assert [path for path in linked if not client.get(server.url + path).is_success] == []
        assert server.stop() == (0, "")
    assert list(elsewhere.iterdir()) == []


def test_the_program_asks_for_few_packages_and_little_room() -> None:
    needed = _closure(PROJECT["dependencies"])
    room = sum(file.size or 0 for name in needed for file in distribution(name).files or ())
    assert len(needed) <= MOST_PACKAGES
    assert room < MOST_BYTES


def _closure(asked: list[str]) -> set[str]:
    """Every package that these requirements bring here, by name."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in asked]
    while waiting:
        requirement = waiting.pop()
        here = {"extra": ""}
        if requirement.marker is not None and not requirement.marker.evaluate(here):
            continue
        package = distribution(requirement.name)
        if package.name not in found:
            found.add(package.name)
            waiting += [Requirement(line) for line in package.requires or ()]
    return found


def _pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pins = (re.match(r"([a-z0-9-]+)==([^ ]+)", line) for line in lines)
    return {pin[1]: pin[2] for pin in pins if pin}


def test_both_lists_of_pins_agree_and_pin_all_that_is_needed() -> None:
    versions, hashed = _pins("constraints.txt"), _pins("hashes.txt")
    assert hashed.items() <= versions.items()
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in _closure(PROJECT["dependencies"])} <= set(hashed)
    for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(versions[requirement.name]), line


@pytest.mark.parametrize("file", ["constraints.txt", "hashes.txt"])
def test_a_list_of_pins_names_no_address(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text


def test_every_hashed_package_has_a_hash() -> None:
    entries = (ROOT / "hashes.txt").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    pins = [entry for entry in entries if "==" in entry and not entry.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", pin)] == []
