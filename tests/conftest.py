"""What every test stands on: asyncio as the event loop of async tests, and how examples are drawn."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A check that says yes or no to a change draws the same examples each time; whoever runs the tests by hand explores.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None)  # how long an example takes says something about the machine
settings.load_profile("repeatable" if os.environ.get("CI") else "exploring")


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the server does."""
    return "asyncio"
