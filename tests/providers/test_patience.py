from __future__ import annotations

import asyncio

import pytest

from chatapp.providers.patience import Patience


class Given:
    """Counts how often somebody gave up, and can be waited for."""

    def __init__(self) -> None:
        self.times = 0
        self.happened = asyncio.Event()

    def up(self) -> None:
        self.times += 1
        self.happened.set()


async def later(seconds: float) -> None:
    """Let time itself pass: it is what these tests are about."""
    await asyncio.sleep(seconds)


async def test_one_long_silence_ends_it_once() -> None:
    given = Given()
    patience = Patience(0.02, 60, given.up)
    patience.wait()
    await asyncio.wait_for(given.happened.wait(), 5)
    await later(0.03)
    assert (given.times, patience.is_over, repr(patience)) == (1, True, "<Patience: over>")


async def test_many_short_silences_do_not() -> None:
    given = Given()
    patience = Patience(0.05, 60, given.up)
    for _ in range(4):
        patience.wait()
        await later(0.02)
        patience.rest()
    assert (given.times, repr(patience)) == (0, "<Patience: at rest>")
    patience.stop()


async def test_a_busy_reader_is_no_silence() -> None:
    given = Given()
    patience = Patience(0.02, 60, given.up)
    patience.wait()
    patience.rest()
    await later(0.05)
    assert given.times == 0
    patience.wait()
    assert repr(patience) == "<Patience: waiting>"
    await asyncio.wait_for(given.happened.wait(), 5)


@pytest.mark.parametrize("waiting", [True, False], ids=["waiting", "at rest"])
async def test_the_whole_has_an_end_too(waiting: bool) -> None:
    given = Given()
    patience = Patience(60, 0.02, given.up)
    if waiting:
        patience.wait()
    await asyncio.wait_for(given.happened.wait(), 5)
    assert patience.is_over


async def test_stopped_it_gives_up_no_more() -> None:
    given = Given()
    patience = Patience(0.01, 0.01, given.up)
    patience.wait()
    patience.stop()
    await later(0.03)
    assert (given.times, patience.is_over) == (0, False)
