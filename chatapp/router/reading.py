"""Where a text is read: a short one at once, a long one in a thread, so that nobody else waits for it.

What takes too long is not read, and whoever asked treats it as what it could not rule out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

AT_ONCE_CHARS: Final = 4096
"""So much is read in a few milliseconds."""


async def read(work: Callable[[], T], size: int, *, within_s: float) -> T | None:
    """Do the work of reading `size` characters; None where it took too long."""
    if size <= AT_ONCE_CHARS:
        return work()
    try:
        async with asyncio.timeout(within_s):
            return await asyncio.to_thread(work)
    except TimeoutError:
        return None
