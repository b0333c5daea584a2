"""Where can a process die? At every call that it makes to the world outside; the seed says at which."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from tests.simulation.history import History
from tests.simulation.script import Script
from tocsin.engine.desk import ALARM, IMPATIENT, StoreAwayError
from tocsin.flow.alarms import Alarms, Change, Settlement
from tocsin.flow.memory_alarms import MemoryAlarms

T = TypeVar("T")


class Died(BaseException):
    """The process is no more; nothing may catch this."""


class Deaths:
    """Decides at each step whether it is the process's last; counts the steps of the whole run."""

    def __init__(self, script: Script) -> None:
        """Draw from the script's seed alone."""
        self._script = script
        self._dice = random.Random(f"{script.seed}/deaths")
        self.count = 0
        self.is_over = False

    def comes(self) -> bool:
        """Return whether this step is the last one."""
        self.count += 1
        if self.is_over:
            return False
        if self.count in self._script.crash_at:
            return True
        return self._script.crash > 0 and self._dice.random() < self._script.crash


class Life:
    """One process from its start to its end: after its death nothing that it does has an effect."""

    def __init__(self, deaths: Deaths) -> None:
        """It lives."""
        self._deaths = deaths
        self.end = asyncio.Event()

    def point(self) -> None:
        """Die here, or not.

        Raises:
            Died: the process ends at this step.
        """
        if self.end.is_set() or self._deaths.comes():
            self.end.set()
            raise Died

    async def point_async(self) -> None:
        """Die here, or not; the dead wait for ever."""
        if self.end.is_set() or self._deaths.comes():
            self.end.set()
            await asyncio.get_running_loop().create_future()


class PoisonedError(Exception):
    """A row that the store cannot take."""


class PoisonedStore(MemoryAlarms):
    """The shipped store in memory, which some presses break (I25)."""

    def _save(self, change: Change) -> None:
        if any(signal.press.key.startswith("poisoned") for signal in change.signals):
            raise PoisonedError
        super()._save(change)


class SimDesk:
    """Runs verbs on the one durable store; the store may be away, or its answer lost after the commit."""

    def __init__(self, store: MemoryAlarms, history: History, script: Script, life: Life) -> None:
        """Belong to one process; the store outlives it."""
        self._store, self._history, self._script, self._life = store, history, script, life
        self._lost: set[tuple[float, float]] = set()
        self._given_up = 0
        self.is_handing_over = False
        self.heard: Callable[[Sequence[Change | Settlement]], None] = lambda _saved: None

    def give_up(self) -> None:
        """Have what is under way in an impatient lane be refused: it is done elsewhere by now."""
        self._given_up += 1

    async def do(self, work: Callable[[Alarms], T], lane: str = ALARM) -> T:
        """Return what `work` returns, in one transaction, or die on the way."""
        await self._life.point_async()
        before = self._given_up
        await asyncio.sleep(0.001)
        window = self._away()
        if window is not None and (window in self._lost or self._script.lost_bells == 0.0):
            await asyncio.sleep(0.2)
            raise StoreAwayError("away")
        if before != self._given_up and lane in IMPATIENT:
            raise StoreAwayError("given up")
        self.is_handing_over = False
        with self._store.atomically():
            result = work(self._store)
        saved = self._store.take_saved()
        if self.is_handing_over:
            self._history.add(asyncio.get_running_loop().time(), "kept", changes=saved)
        else:
            note(self._history, saved, "engine", self._store.now())
        await self._life.point_async()
        if window is not None:
            self._lost.add(window)
            raise StoreAwayError("answer lost")
        self.heard(saved)
        return result

    def _away(self) -> tuple[float, float] | None:
        now = asyncio.get_running_loop().time()
        return next((w for w in self._script.away if w[0] <= now < w[1]), None)


def committed(store: MemoryAlarms, history: History, work: Callable[[Alarms], T], by: str) -> T:
    """Return what `work` returns, committed, and write down what it saved."""
    with store.atomically():
        result = work(store)
    note(history, store.take_saved(), by, store.now())
    return result


def note(history: History, saved: Sequence[Change | Settlement], by: str, at: datetime) -> None:
    """Write down what was saved just now; `at` is the store's time."""
    now = asyncio.get_running_loop().time()
    for what in saved:
        if not isinstance(what, Change):
            history.add(now, "settled", settlement=what)
        elif what != Change():
            history.add(now, "saved", by=by, change=what, at=at)


def dice(*names: Any) -> random.Random:
    """Return dice for exactly this throw, so that leaving something else out does not change it."""
    return random.Random("/".join(map(str, names)))
