"""The examples of the manual run as they stand, against a model server on loopback, and say what they promise."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from chatapp.demo.ollama import StandInOllama

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


async def run(example: str, url: str, folder: Path) -> str:
    """What the example prints; it must end well."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OLLAMA_URL": url, "CHATAPP_DATA_DIR": str(folder)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / example),
        env=environ,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.parametrize(
    ("example", "promises"),
    [
        ("ask.py", ("Short question", "You said: Explain the ACGME 80-hour rule", "ollama · llama3.2 · ")),
        ("stream.py", ("You said: Which team is on call", "ollama · mistral · ")),
        ("airgapped.py", ("ollama: answers", "You said: How many hours off", "0 requests left the house")),
    ],
)
async def test_an_example_prints_what_the_manual_says(example: str, promises: tuple[str, ...], tmp_path: Path) -> None:
    async with StandInOllama() as server:
        printed = await run(example, server.url, tmp_path)
    for promise in promises:
        assert promise in printed


async def test_the_airgapped_example_says_which_model_to_pull_and_that_nobody_answers(tmp_path: Path) -> None:
    async with StandInOllama(models=("mistral:latest",)) as server:
        assert "`ollama pull llama3.2` adds it" in await run("airgapped.py", server.url, tmp_path)
        await server.fail("refuse")
        printed = await run("airgapped.py", server.url, tmp_path)
    assert "ollama: answers" not in printed
    assert "is not answering" in printed
