"""Where does a verb run? In a few threads with a connection each, or in memory while PostgreSQL is away.

A lane is one thread and one connection, so that slow work in one lane (sealing, a snapshot) never stands before an
alarm in another. Asyncio does network and timers only; the verbs are written once, synchronously.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

import psycopg

from tocsin.flow.alarms import Alarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.runtime import logs
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

T = TypeVar("T")
Work = Callable[[Alarms], T]

ALARM: Final = "alarm"
CLOCK: Final = "clock"
POST: Final = "post"
SLOW: Final = "slow"
LANES: Final = (ALARM, CLOCK, POST, SLOW)
# The server gives up a statement before the desk gives up the server.
STATEMENT_TIMEOUT_MS: Final = 4_000
LOCK_TIMEOUT_MS: Final = 2_000
ANSWER_WITHIN_S: Final = {ALARM: 1.5, CLOCK: 1.5, POST: 5.0, SLOW: 60.0}

log = logs.get("desk")


class StoreAwayError(Exception):
    """PostgreSQL does not answer: nothing was saved, or it is not known whether it was."""


class Desk(Protocol):
    """Runs verbs. The engine knows no more of the store than this."""

    async def do(self, work: Work[T], lane: str = ALARM) -> T:
        """Return what `work` returns, having run it in one transaction.

        Raises:
            StoreAwayError: the store is away; with a memory behind it, this never happens.
        """
        ...


class PostgresDesk:
    """Lanes of threads, each with a connection that is opened again when it broke."""

    def __init__(self, connect: Callable[[], Connection], ring: KeyRing) -> None:
        """`connect` opens a connection as the role engine."""
        self._lanes = {name: _Lane(name, connect, ring) for name in LANES}

    async def do(self, work: Work[T], lane: str = ALARM) -> T:
        """Return what `work` returns, having run it in one transaction of this lane."""
        return await self._lanes[lane].do(work)

    def close(self) -> None:
        """Give threads and connections back."""
        for lane in self._lanes.values():
            lane.close()


class _Lane:
    def __init__(self, name: str, connect: Callable[[], Connection], ring: KeyRing) -> None:
        self.name, self._connect, self._ring = name, connect, ring
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"desk-{name}")
        self._alarms: PostgresAlarms | None = None

    async def do(self, work: Work[T]) -> T:
        asked = asyncio.get_running_loop().run_in_executor(self._thread, self._call, work)
        try:
            return await asyncio.wait_for(asyncio.shield(asked), ANSWER_WITHIN_S[self.name])
        except TimeoutError:
            self._abandon()
            asked.add_done_callback(_ignore)
            raise StoreAwayError(self.name) from None

    def _call(self, work: Work[T]) -> T:
        try:
            alarms = self._open()
            with alarms.atomically():
                return work(alarms)
        except (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            psycopg.errors.QueryCanceled,
        ) as problem:
            self._drop()
            raise StoreAwayError(self.name) from problem

    def _open(self) -> PostgresAlarms:
        if self._alarms is None or self._alarms.conn.closed:
            conn = self._connect()
            conn.execute(f"set statement_timeout = {STATEMENT_TIMEOUT_MS}")
            conn.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")
            conn.prepare_threshold = 2
            self._alarms = PostgresAlarms(conn, self._ring, is_urgent=self.name in {ALARM, CLOCK})
            log.info("desk.connected", lane=self.name)
        return self._alarms

    def _drop(self) -> None:
        alarms, self._alarms = self._alarms, None
        if alarms:
            alarms.conn.close()

    def _abandon(self) -> None:
        """Leave a thread that hangs in the server to itself; a new one takes over with a new connection."""
        log.warning("desk.abandoned", lane=self.name)
        old, self._thread = (
            self._thread,
            ThreadPoolExecutor(1, thread_name_prefix=f"desk-{self.name}"),
        )
        alarms, self._alarms = self._alarms, None
        old.shutdown(wait=False, cancel_futures=True)
        if alarms:
            alarms.conn.pgconn.finish()

    def close(self) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._drop()


def _ignore(future: asyncio.Future[T]) -> None:
    """Take the exception of an abandoned call, which nobody waits for any more."""
    if not future.cancelled():
        future.exception()


class Stopwatch:
    """How long the store has been away, for the banner and the record."""

    def __init__(self) -> None:
        """Not away."""
        self._since: float | None = None

    def away(self) -> None:
        """Note that it is away, from now if it was not."""
        self._since = self._since if self._since is not None else time.monotonic()

    def back(self) -> float:
        """Return for how many seconds it was away; 0 if it was not."""
        since, self._since = self._since, None
        return time.monotonic() - since if since is not None else 0.0
