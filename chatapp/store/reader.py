"""A few threads that read, each with a connection that cannot write; reading never waits for the writer.

A reader that is given up on finishes in its thread with its own connection, which nobody else gets meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from chatapp.errors import StorageUnavailable
from chatapp.store.failures import as_ours

T = TypeVar("T")
READERS = 4


class Readers:
    """Runs reading operations, at most `READERS` at once.

    Args:
        timeout_s: how long a caller waits, its turn in the queue included.
    """

    def __init__(self, engine: Engine, *, timeout_s: float) -> None:
        self._engine = engine
        self._timeout_s = timeout_s
        self._free = asyncio.Semaphore(READERS)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="chatapp-reader")
        self._stopping = False

    def __repr__(self) -> str:
        return f"<Readers: at most {READERS} at once{', stopped' if self._stopping else ''}>"

    def stop(self) -> None:
        """Wait for those who read, then end the threads. Blocks."""
        self._stopping = True
        self._threads.shutdown(wait=True)

    async def run(self, operation: Callable[[Connection], T]) -> T:
        """Return what `operation` finds in one state of the database.

        Raises:
            StorageUnavailable: it did not answer in time.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._free.acquire()
                return await asyncio.wrap_future(self._begin(operation))
        except TimeoutError:
            raise StorageUnavailable from None

    def _begin(self, operation: Callable[[Connection], T]) -> Future[T]:
        """Hand it to a thread. The place is given back when the thread is done with it, not when the caller is."""
        if self._stopping:
            self._free.release()
            raise StorageUnavailable
        loop = asyncio.get_running_loop()
        future = self._threads.submit(self._read, operation)
        future.add_done_callback(lambda _: _give_back(loop, self._free))
        return future

    def _read(self, operation: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection, connection.begin():
                return operation(connection)
        except Exception as error:
            ours = as_ours(error)
            if ours is error:
                raise
            raise ours from error


def _give_back(loop: asyncio.AbstractEventLoop, places: asyncio.Semaphore) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(places.release)
