"""A few threads that read, each with a connection that cannot write; reading never waits for the writer.

A reader that is given up on finishes in its thread with its own connection, which nobody else gets meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
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
        self._idle: list[Connection] = []
        self._stopping = False

    def __repr__(self) -> str:
        return f"<Readers: at most {READERS} at once{', stopped' if self._stopping else ''}>"

    def stop(self) -> None:
        """Wait for those who read, then end the threads. Blocks."""
        self._stopping = True
        self._threads.shutdown(wait=True)
        while self._idle:
            self._idle.pop().close()

    async def run(self, operation: Callable[[Connection], T]) -> T:
        """Return what `operation` finds in one state of the database.

        Raises:
            StorageUnavailable: it did not answer in time.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._free.acquire()
                return await self._begin(operation)
        except TimeoutError:
            raise StorageUnavailable from None

    def _begin(self, operation: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Hand it to a thread. The place is given back when the thread is done with it, not when the caller is."""
        if self._stopping:
            self._free.release()
            raise StorageUnavailable
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._threads.submit(self._read, operation).add_done_callback(lambda read: self._hand_over(read, answer))
        return answer

    def _hand_over(self, read: Future[T], answer: asyncio.Future[T]) -> None:
        """Go back to the event loop, once: every way there costs more than a small read."""
        # The loop may be gone when a program ends without `close`; then nobody waits.
        with suppress(RuntimeError):
            answer.get_loop().call_soon_threadsafe(self._settle, read, answer)

    def _settle(self, read: Future[T], answer: asyncio.Future[T]) -> None:
        self._free.release()
        if answer.done():
            return
        if (failure := read.exception()) is not None:
            answer.set_exception(failure)
        else:
            answer.set_result(read.result())

    def _read(self, operation: Callable[[Connection], T]) -> T:
        try:
            with self._connection() as connection, connection.begin():
                return operation(connection)
        except Exception as error:
            ours = as_ours(error)
            if ours is error:
                raise
            raise ours from error

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """One that nobody else has meanwhile; it waits for the next reader unless this one fails."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._engine.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
