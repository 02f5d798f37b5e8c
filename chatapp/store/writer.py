"""The one thread that writes: takes all operations that wait, runs them in one transaction, commits once, wakes all.

A lone operation goes at once; fifty that come together share one fsync (group commit). What an operation does to the
tables is not known here; reading is `reader.py`.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Transaction
from sqlalchemy.exc import SQLAlchemyError

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.ports import Clock
from chatapp.store.engine import send
from chatapp.store.failures import as_ours, sqlite_name

logger = logging.getLogger(__name__)
T = TypeVar("T")
MAX_WAITING = 1000
MAX_BATCH = 200
COMMIT_GRACE_S = 1.0
"""How long an operation that was begun in time is waited for, so that its caller is not told "no" about a "yes"."""


class DiskFloor:
    """Refuses writes while the disk is nearly full, so that there is room for reading, logs and the way back.

    Args:
        free_bytes: free space of the disk now. clock: monotonic seconds; the disk is asked at most once a second.
    """

    def __init__(self, free_bytes: Callable[[], int], floor_bytes: int, clock: Clock = time.monotonic) -> None:
        self._free_bytes = free_bytes
        self._floor_bytes = floor_bytes
        self._clock = clock
        self._asked_at = float("-inf")
        self._below = False

    def __repr__(self) -> str:
        return f"<DiskFloor {self._floor_bytes} bytes: {'below' if self._below else 'above'}>"

    def check(self) -> None:
        """Let a write pass.

        Raises:
            StorageFull: there is less free space than the floor.
        """
        if self._clock() - self._asked_at >= 1.0:
            self._asked_at = self._clock()
            self._below = self._floor_bytes > 0 and self._free_bytes() < self._floor_bytes
        if self._below:
            raise StorageFull


def free_bytes_of(folder: Path) -> Callable[[], int]:
    """A question to the disk that holds `folder`."""
    return lambda: shutil.disk_usage(folder).free


class _Job(Generic[T]):
    """An operation on its way: made on the event loop, run on the thread, settled on the event loop."""

    __slots__ = ("_deadline", "_operation", "_result", "_then", "begun", "failure", "future")

    def __init__(
        self,
        operation: Callable[[Connection], T],
        then: Callable[[T], None] | None,
        future: asyncio.Future[T],
        deadline: float,
    ) -> None:
        self._operation = operation
        self._then = then
        self._deadline = deadline
        self._result: T
        self.future = future
        self.begun = False
        self.failure: Exception | None = None

    def run(self, connection: Connection) -> None:
        """Do it. What it fails with stays in `failure`; what it did until then is for others to take back."""
        self.begun = True  # before the clock is read: whoever gives up later than this sees it
        if time.monotonic() >= self._deadline:
            self.failure = StorageUnavailable()
            return
        try:
            self._result = self._operation(connection)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the caller who waits
            self.failure = error

    def follow_up(self) -> None:
        """Do what belongs to it and can only be done once it is committed."""
        if self._then is None or self.failure is not None:
            return
        try:
            self._then(self._result)
        except Exception as error:  # noqa: BLE001 - as above
            self.failure = error

    def settle(self) -> None:
        """Tell the caller, unless they have gone."""
        if self.future.done():
            return
        if self.failure is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(as_ours(self.failure))


class Writer:
    """Owns the writing connection and its thread, from `start` to `stop`.

    Args:
        timeout_s: how long a caller waits for an operation to begin.
    """

    def __init__(self, engine: Engine, floor: DiskFloor, *, timeout_s: float) -> None:
        self.commits = 0
        self._engine = engine
        self._floor = floor
        self._timeout_s = timeout_s
        self._connection: Connection | None = None
        self._waiting: queue.Queue[_Job[Any] | None] = queue.Queue(MAX_WAITING)
        self._stopping = False
        self._ended = False
        # A daemon: a disk that never answers does not keep the process from ending.
        self._thread = threading.Thread(target=self._serve, name="chatapp-writer", daemon=True)

    def __repr__(self) -> str:
        return f"<Writer: {self.commits} commits, {self._waiting.qsize()} waiting>"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end the thread. Blocks."""
        self._stopping = True
        if self._thread.is_alive():
            # A disk that never answers leaves the queue full; the thread then ends with the process.
            with suppress(queue.Full):
                self._waiting.put(None, timeout=self._timeout_s)
            self._thread.join(2 * self._timeout_s)

    async def run(self, operation: Callable[[Connection], T], then: Callable[[T], None] | None = None) -> T:
        """Have `operation` run and committed, and return what it returned.

        Once begun it runs to its end, whether or not the caller still waits.

        Args:
            then: is given what it returned once that is committed, on the same thread; its failure is the caller's.

        Raises:
            StorageUnavailable: it was not stored in time. StorageFull: there is no room.
        """
        return await self._outcome(self._enqueue(operation, then))

    def post(self, operation: Callable[[Connection], T], then: Callable[[T], None], failed: Callable[[], None]) -> None:
        """Have `operation` run and committed after all that waits already; nobody waits for it.

        Args:
            failed: is called on the event loop where it was not stored.
        """

        def look_at(future: asyncio.Future[T]) -> None:
            if future.exception() is not None:
                failed()

        try:
            self._enqueue(operation, then).future.add_done_callback(look_at)
        except StorageUnavailable:
            failed()

    def _enqueue(self, operation: Callable[[Connection], T], then: Callable[[T], None] | None) -> _Job[T]:
        job = _Job(operation, then, asyncio.get_running_loop().create_future(), time.monotonic() + self._timeout_s)
        if self._stopping or not self._thread.is_alive():
            raise StorageUnavailable
        try:
            self._waiting.put_nowait(job)
        except queue.Full:
            raise StorageUnavailable from None
        return job

    async def _outcome(self, job: _Job[T]) -> T:
        try:
            await asyncio.wait({job.future}, timeout=self._timeout_s)
            if job.begun and not job.future.done():
                await asyncio.wait({job.future}, timeout=COMMIT_GRACE_S)
            if not job.future.done():
                raise StorageUnavailable
            return job.future.result()
        finally:
            job.future.cancel()

    def _serve(self) -> None:
        while not self._ended:
            if batch := self._next_batch():
                self._carry_out(batch)
                # The loop may be gone when a program ends without `close`; then nobody waits.
                with suppress(RuntimeError):
                    batch[0].future.get_loop().call_soon_threadsafe(_settle_all, batch)
        self._drop_connection()

    def _next_batch(self) -> list[_Job[Any]]:
        """All that wait, once there is one. The mark to end (`None`) comes after everything that is to be done."""
        batch: list[_Job[Any]] = []
        job = self._waiting.get()
        while job is not None:
            batch.append(job)
            if len(batch) == MAX_BATCH:
                return batch
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return batch
        self._ended = True
        return batch

    def _carry_out(self, batch: list[_Job[Any]]) -> None:
        """Run a batch in one transaction. If that fails, all of it has failed."""
        try:
            self._floor.check()
            self._connection = self._connection or self._engine.connect()
            with self._connection.begin() as transaction:
                if len(batch) > 1:
                    _run_apart(batch, self._connection)
                else:
                    _run_alone(batch[0], transaction)
            self.commits += 1
            for job in reversed(batch):  # of many heads of a chain the newest is written, and the others are done with
                job.follow_up()
        except Exception as error:  # noqa: BLE001 - the thread outlives any batch, and every caller gets an answer
            logger.warning("%d writes were not stored: %s", len(batch), sqlite_name(error))
            for job in batch:
                job.failure = error
            self._drop_connection()

    def _drop_connection(self) -> None:
        """Close the connection: after a failure nobody knows its state, so it is not used again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.invalidate()
                connection.close()


def _run_alone(job: _Job[Any], transaction: Transaction) -> None:
    """Run the only operation of a transaction; its failure takes back all there is.

    Raises:
        SQLAlchemyError: it failed at the file.
    """
    job.run(transaction.connection)
    if isinstance(job.failure, SQLAlchemyError):
        raise job.failure
    if job.failure is not None:
        transaction.rollback()


def _run_apart(batch: list[_Job[Any]], connection: Connection) -> None:
    """Run operations that share a transaction, each in a savepoint: a failure takes back that operation alone.

    Raises:
        SQLAlchemyError: SQLite gave up the whole transaction.
    """
    for job in batch:
        send(connection, "SAVEPOINT operation")
        job.run(connection)
        if job.failure is not None:
            _take_back(connection, job.failure)
        send(connection, "RELEASE operation")


def _take_back(connection: Connection, failure: Exception) -> None:
    """Undo an operation. After a full disk its savepoint may be gone, and with it what came before."""
    try:
        send(connection, "ROLLBACK TO operation")
    except SQLAlchemyError as second:
        raise (failure if isinstance(failure, SQLAlchemyError) else second) from None


def _settle_all(batch: list[_Job[Any]]) -> None:
    for job in batch:
        job.settle()
