"""Pins everything an installation takes: versions in `constraints.txt`, and the hash of every file in `hashes.txt`.

There are two files because pip asks for a hash of everything as soon as one is given, and a folder (`pip install .`)
has none. Asks pip alone, once for each kind of machine below. Run: `python -m scripts.constraints`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
GLIBC = (range(17, 29), range(17, 42))
"""Minor versions of glibc 2 that a machine accepts wheels for: an old machine's, and a new one's."""

CONSTRAINTS_HEAD = """\
# The versions that are tested together: pip install -c constraints.txt .
# Made by `python -m scripts.constraints`. What the program runs on stands in hashes.txt too, with a hash of every file.
"""
HASHES_HEAD = """\
# What chatapp runs on, each file with its hash: wheels for Linux with glibc, x86_64 and aarch64, Python 3.11 to 3.13.
# Made by `python -m scripts.constraints`. For an installation in which nothing unknown can enter:
#   pip install --require-hashes --only-binary :all: -r hashes.txt && pip install --no-deps .
"""


@dataclass
class Pin:
    """One package: its version and the SHA-256 of each of its files that some machine would take."""

    version: str
    hashes: set[str] = field(default_factory=set)


def requirements() -> tuple[list[str], list[str]]:
    """What pyproject.toml asks for: to run, and to test."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"], project["optional-dependencies"]["test"]


def resolve(
    asked: Iterable[str], pins: Mapping[str, Pin], *, python: str, machine: str, glibc: range
) -> dict[str, Pin]:
    """What pip would install on such a machine, where `pins` already hold; nothing is downloaded but descriptions."""
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "held.txt"
        held.write_text("".join(f"{name}=={pin.version}\n" for name, pin in pins.items()))
        tags = ["manylinux2014", *(f"manylinux_2_{minor}" for minor in glibc)]
        command = [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--report=-", "--only-binary=:all:"),
            *(f"--constraint={held}", f"--target={folder}/nowhere", f"--python-version={python}", "--no-cache-dir"),
            *(f"--platform={tag}_{machine}" for tag in tags),
            *asked,
        ]
        report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {
        _canonical(item["metadata"]["name"]): Pin(
            item["metadata"]["version"], {item["download_info"]["archive_info"]["hashes"]["sha256"]}
        )
        for item in report["install"]
    }


def gather(asked: list[str], pins: Mapping[str, Pin]) -> dict[str, Pin]:
    """The pins of every machine together; the first one decides the versions."""
    found: dict[str, Pin] = {}
    for python in PYTHONS:
        for machine in MACHINES:
            for glibc in GLIBC:
                for name, pin in resolve(asked, {**pins, **found}, python=python, machine=machine, glibc=glibc).items():
                    found.setdefault(name, pin).hashes |= pin.hashes
    return dict(sorted(found.items()))


def constraints_text(pins: Mapping[str, Pin]) -> str:
    """`constraints.txt`."""
    return CONSTRAINTS_HEAD + "".join(f"{name}=={pin.version}\n" for name, pin in sorted(pins.items()))


def hashes_text(pins: Mapping[str, Pin]) -> str:
    """`hashes.txt`."""
    lines = (
        " \\\n    ".join([f"{name}=={pin.version}", *(f"--hash=sha256:{value}" for value in sorted(pin.hashes))])
        for name, pin in pins.items()
    )
    return HASHES_HEAD + "".join(f"{line}\n" for line in lines)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Write both files. A version is kept where pyproject.toml still allows it; `--upgrade` takes the newest."""
    runtime, test = requirements()
    held: dict[str, Pin] = {}
    if "--upgrade" not in sys.argv:
        lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        held = {name: Pin(version) for name, _, version in (line.partition("==") for line in lines) if version}
    needed = gather(runtime, held)
    tools = resolve([*runtime, *test], {**held, **needed}, python=PYTHONS[0], machine=MACHINES[0], glibc=GLIBC[1])
    (ROOT / "constraints.txt").write_text(constraints_text({**tools, **needed}), encoding="utf-8")
    (ROOT / "hashes.txt").write_text(hashes_text(needed), encoding="utf-8")


if __name__ == "__main__":
    main()
