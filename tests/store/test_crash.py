"""A process killed at any moment has lost nothing that it said was stored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chatapp.store.database import Database

PROGRAM = """
import asyncio, sys
from pathlib import Path
from chatapp.store.database import Database
from tests.store.samples import opening_question, question, row

async def ask(database, line):
    for number in range(10_000):
        new = question(turn=f"{line}-{number}", client_id=f"{line}-{number}")
        await database.add_turn(new, [row(new.turn, 1)])
        await database.append("ann", [row(new.turn, 2)])
        print(new.turn, flush=True)

async def main():
    database = Database(Path(sys.argv[1]))
    await database.open()
    await database.add_turn(opening_question(client_id="first"), [])
    async with asyncio.TaskGroup() as tasks:
        for line in range(8):
            tasks.create_task(ask(database, line))

asyncio.run(main())
"""


def acknowledged_before_the_kill(path: Path, count: int) -> list[str]:
    """Run a writer, kill it (signal 9) once it has said yes `count` times, and return all it said yes to."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(count)]
        writer.kill()
        said += writer.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]


@pytest.mark.parametrize("count", [1, 40, 120])
async def test_every_acknowledged_turn_is_there_after_a_kill(path: Path, count: int) -> None:
    acknowledged = acknowledged_before_the_kill(path, count)
    assert len(acknowledged) >= count
    database = Database(path)
    await database.open()
    await database.sweep("node-1", 0.0, "{}")
    stored = {turn.turn: turn for turn in await database.turns("ann", "c1")}
    logs = await database.logs("ann", "c1")
    assert {turn for turn in acknowledged if stored[turn].last_seq != 3} == set()
    assert [turn.position for turn in stored.values()] == list(range(1, len(stored) + 1))
    assert {turn.state for turn in stored.values()} == {"interrupted"}
    assert all([row.seq for row in log] == list(range(1, len(log) + 1)) for log in logs.values())
    await database.close()
