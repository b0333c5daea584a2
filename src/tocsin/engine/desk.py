"""Where does a verb run? In a few threads with a connection each, or in memory while PostgreSQL is away.

A lane is one thread and one connection, so that slow work in one lane (sealing, a snapshot) never stands before an
alarm in another. Asyncio does network and timers only; the verbs are written once, synchronously.
"""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final, Protocol, TypeVar

import psycopg

from tocsin.flow.alarms import Alarms, Change, Settlement
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
KEEP: Final = "keep"
SEEN: Final = "seen"
LANES: Final = (ALARM, CLOCK, POST, SLOW, KEEP, SEEN)
IMPATIENT: Final = (ALARM, CLOCK, POST)
URGENT: Final = (ALARM, CLOCK, SEEN)
# The server gives up a statement before the desk gives up the server.
STATEMENT_TIMEOUT_MS: Final = 4_000
LOCK_TIMEOUT_MS: Final = 2_000
ANSWER_WITHIN_S: Final = {ALARM: 1.5, CLOCK: 1.5, POST: 5.0, SLOW: 60.0, KEEP: 20.0, SEEN: 20.0}
# The server is gone, hangs, is full, or cannot be written to. A constraint or a wrong value is none of these.
AWAY: Final = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)

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


def _forget(_saved: Sequence[Change | Settlement]) -> None:
    """Keep nothing."""


class PostgresDesk:
    """Lanes of threads, each with a connection that is opened again when it broke."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        ring: KeyRing,
        saved: Callable[[Sequence[Change | Settlement]], None] = _forget,
    ) -> None:
        """`connect` opens a connection as the role engine; `saved` hears, in a thread, of every commit."""
        self._lanes = {
            name: _Lane(name, partial(_Worker, name, connect, ring, saved)) for name in LANES
        }

    async def do(self, work: Work[T], lane: str = ALARM) -> T:
        """Return what `work` returns, having run it in one transaction of this lane."""
        return await self._lanes[lane].do(work)

    def give_up(self) -> None:
        """Have everybody who waits for PostgreSQL hear at once that it is away, but for the patient lanes."""
        for name in IMPATIENT:
            self._lanes[name].give_up()

    def close(self) -> None:
        """Give threads and connections back."""
        for lane in self._lanes.values():
            lane.close()


class _Lane:
    def __init__(self, name: str, new_worker: Callable[[], "_Worker"]) -> None:
        self.name, self._new = name, new_worker
        self._worker = new_worker()

    async def do(self, work: Work[T]) -> T:
        worker = self._worker
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(worker.thread, worker.call, work)
        worker.gone = worker.gone or loop.create_future()
        await asyncio.wait(
            (asked, worker.gone),
            timeout=ANSWER_WITHIN_S[self.name],
            return_when=asyncio.FIRST_COMPLETED,
        )
        # A call that was still queued when its worker was cut is cancelled; that is no end of the caller.
        if asked.done() and not asked.cancelled():
            return asked.result()
        asked.add_done_callback(_ignore)
        if worker is self._worker:
            log.warning("desk.abandoned", lane=self.name)
            self.give_up()
        raise StoreAwayError(self.name)

    def give_up(self) -> None:
        """Leave a thread that may hang in the server to itself; a new one takes over with a new connection."""
        old, self._worker = self._worker, self._new()
        old.cut()

    def close(self) -> None:
        self._worker.cut()


class _Worker:
    """One thread with one connection. Once it is cut, it can commit nothing more."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Connection],
        ring: KeyRing,
        saved: Callable[[Sequence[Change | Settlement]], None],
    ) -> None:
        self.name, self._connect, self._ring, self._saved = name, connect, ring, saved
        self.thread = ThreadPoolExecutor(1, thread_name_prefix=f"desk-{name}")
        self.gone: asyncio.Future[None] | None = None
        self._alarms: PostgresAlarms | None = None
        self._is_cut = False

    def call(self, work: Work[T]) -> T:
        try:
            alarms = self._open()
            with alarms.atomically():
                result = work(alarms)
                self._refuse_if_cut()
        except AWAY as problem:
            self._drop()
            raise StoreAwayError(self.name) from problem
        finally:
            saved = self._alarms.take_saved() if self._alarms else []
        if saved:
            self._saved(saved)
        return result

    def _refuse_if_cut(self) -> None:
        # What was given up here is done elsewhere by now: committed as well, it would be done twice.
        if self._is_cut:
            raise StoreAwayError(self.name)

    def _open(self) -> PostgresAlarms:
        self._refuse_if_cut()
        if self._alarms is None or self._alarms.conn.closed:
            conn = self._connect()
            conn.execute(f"set statement_timeout = {STATEMENT_TIMEOUT_MS}")
            conn.execute(f"set lock_timeout = {LOCK_TIMEOUT_MS}")
            # By then the desk has given it up. Of a machine that died with a transaction open the server would hear for
            # hours nothing, and keep what that had locked from whoever takes over.
            idle_ms = int(ANSWER_WITHIN_S[self.name] * 1000)
            conn.execute(f"set idle_in_transaction_session_timeout = {idle_ms}")
            conn.prepare_threshold = 2
            if self.name in URGENT:
                # Alert first, replicate next (design, 3): no commit here waits for a standby.
                conn.execute("set synchronous_commit to local")
            if self.name == ALARM:
                # The same few statements for every SOS, each by its keys: to plan them anew costs more than to run them.
                conn.execute("set plan_cache_mode = force_generic_plan")
            self._alarms = PostgresAlarms(conn, self._ring)
            log.info("desk.connected", lane=self.name)
        return self._alarms

    def _drop(self) -> None:
        alarms, self._alarms = self._alarms, None
        if alarms:
            alarms.conn.close()

    def cut(self) -> None:
        """Take the wire away from the thread, which may hang on it, and answer everybody who waits for it."""
        self._is_cut = True
        self.thread.shutdown(wait=False, cancel_futures=True)
        alarms = self._alarms
        if alarms:
            # Only the socket: libpq's memory is the thread's, which may be inside it.
            with (
                suppress(OSError, psycopg.Error),
                socket.socket(fileno=os.dup(alarms.conn.pgconn.socket)) as wire,
            ):
                wire.shutdown(socket.SHUT_RDWR)
        if self.gone and not self.gone.done():
            self.gone.set_result(None)


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
