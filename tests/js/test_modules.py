"""The page's pure modules, told by Node's own test runner: each `.test.mjs` beside this file is one test here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.parts import NODE, needs_node

FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))


def test_there_are_modules_to_test() -> None:
    assert FILES


@needs_node
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_module_keeps_its_word(file: Path) -> None:
    done = subprocess.run([NODE, "--test", str(file)], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout
