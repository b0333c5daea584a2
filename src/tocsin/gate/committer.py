"""When is a signal on disk? One thread writes and syncs; the loop goes on answering meanwhile.

Group commit: everything that came in while one sync ran goes out with the next one. An error that
is not the disk's ends the process: nothing was promised that is not on disk, and the supervisor
starts it anew.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from tocsin.gate import journal, limits
from tocsin.runtime.clock import SystemClock, wall_ns
from tocsin.runtime.doorbell import SPOOL, Sender
from tocsin.runtime.spool import Writer
from tocsin.runtime.unverified import UnverifiedWriter

Done = Callable[[int | None], None]


class _Job(NamedTuple):
    kind: int
    received_ns: int
    payload: bytes
    done: Done


class Committer:
    """Takes signals from the loop; calls `done` there with the number, or None = not stored."""

    def __init__(self, writer: Writer, unverified: UnverifiedWriter, bell: Sender) -> None:
        """Take over the files; `start` begins."""
        self.writer = writer
        self._unverified, self._bell = unverified, bell
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._strangers: deque[tuple[int, int, bytes]] = deque(maxlen=limits.UNVERIFIED_PER_TICK)
        self._thread = Thread(target=self._run, name="committer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._problem: str | None = None

    @property
    def directory(self) -> Path:
        """Return the spool's folder."""
        return self.writer.directory

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; the answers are called on `loop`."""
        self._loop = loop
        self._thread.start()

    def put(self, kind: int, payload: bytes, done: Done) -> None:
        """Queue one verified signal."""
        self._queue.put(_Job(kind, wall_ns(), payload, done))

    def put_unverified(self, kind: int, payload: bytes) -> None:
        """Keep an unverified signal at the next tick, if it is still among the newest then."""
        self._strangers.append((kind, wall_ns(), payload))

    def stop(self) -> None:
        """Write and sync what is queued, close the files, and return when that is done."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as problem:
            journal.error("gate.committer_broken", problem=repr(problem))
            os._exit(70)

    def _work(self) -> None:
        clock = SystemClock()
        next_tick = clock.monotonic()
        is_open = True
        while is_open:
            jobs, is_open = self._take(max(0.001, next_tick - clock.monotonic()))
            if jobs:
                self._commit(jobs)
            if clock.monotonic() >= next_tick:
                next_tick = clock.monotonic() + limits.TICK_S
                self._tick()
        self._tick()
        self._unverified.close()
        self.writer.close()

    def _take(self, timeout_s: float) -> tuple[list[_Job], bool]:
        """Return what is queued, and whether more may come; waits for the first."""
        jobs: list[_Job] = []
        try:
            job = self._queue.get(timeout=timeout_s)
            while job is not None:
                jobs.append(job)
                job = self._queue.get_nowait()
        except Empty:
            return jobs, True
        return jobs, False

    def _commit(self, jobs: Sequence[_Job]) -> None:
        # The engine calls people while the disk syncs; nobody is told "stored" before it has.
        numbers = self.writer.write([job[:3] for job in jobs], partial(self._bell.ring, SPOOL))
        if self._loop is not None:
            self._loop.call_soon_threadsafe(_settle, jobs, numbers)
        self._tell_problem()

    def _tick(self) -> None:
        self.writer.reclaim()
        n_waiting = len(self._strangers)
        for _ in range(n_waiting):
            self._unverified.add(*self._strangers.popleft())
        if n_waiting:
            self._unverified.sync()

    def _tell_problem(self) -> None:
        if self.writer.problem != self._problem:
            self._problem = self.writer.problem
            if self._problem:
                journal.error("gate.not_stored", problem=self._problem)
            else:
                journal.info("gate.stored_again")


def _settle(jobs: Sequence[_Job], numbers: Sequence[int | None]) -> None:
    for job, number in zip(jobs, numbers, strict=True):
        try:
            job.done(number)
        except Exception as problem:
            journal.error("gate.answer_broken", problem=repr(problem))
