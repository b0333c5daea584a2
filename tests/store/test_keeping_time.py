"""A machine whose clock was moved: what the engine counts by follows, and the record says by how much."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeVar

import pytest

from tests import cast
from tests.store.stores import Store
from tocsin.api import sightings
from tocsin.console import installation
from tocsin.engine.desk import ALARM, StoreAwayError, Work
from tocsin.engine.keeping_time import KeepingTime
from tocsin.runtime import clock as clock_module
from tocsin.runtime.clock import SystemClock, WallClock
from tocsin.runtime.database import Connection

T = TypeVar("T")


class Moved:
    """A clock that the machine's was moved against."""

    def __init__(self, by_s: float) -> None:
        self.by_s = by_s

    def stepped_s(self) -> float:
        return self.by_s

    def anchor(self) -> None:
        self.by_s = 0.0


class Lane:
    """A desk of one lane on a store."""

    def __init__(self, store: Store) -> None:
        self._alarms = store.alarms

    async def do(self, work: Work[T], lane: str = ALARM) -> T:
        del lane
        with self._alarms.atomically():
            return work(self._alarms)


class Later(datetime):
    """The time of a machine whose clock was set an hour ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Later":
        return super().now(tz) + timedelta(hours=1)


def said(engine: Connection) -> list[bytes]:
    rows = engine.execute(
        "select leaf from record_entry where kind = 'clock.stepped' and organisation_id = %s",
        (cast.HARBOUR_EMS,),
    ).fetchall()
    return [bytes(row[0]) for row in rows]


def test_a_step_is_followed_and_on_record_once(postgres_store: Store, engine: Connection) -> None:
    clock = Moved(-90.25)
    keeping = KeepingTime(Lane(postgres_store), clock, lambda: False)
    asyncio.run(keeping.look())
    asyncio.run(keeping.look())
    assert clock.by_s == 0
    (leaf,) = said(engine)
    assert b"-90250" in leaf


def test_less_than_a_second_is_no_step(postgres_store: Store, engine: Connection) -> None:
    asyncio.run(KeepingTime(Lane(postgres_store), Moved(0.9), lambda: False).look())
    assert said(engine) == []


def test_while_memory_counts_by_it_nothing_is_followed(postgres_store: Store, engine: Connection) -> None:  # fmt: skip
    clock = Moved(600.0)
    asyncio.run(KeepingTime(Lane(postgres_store), clock, lambda: True).look())
    assert clock.by_s == 600.0
    assert said(engine) == []


def test_a_store_that_has_just_gone_says_so(memory_store: Store) -> None:
    with pytest.raises(StoreAwayError):
        asyncio.run(KeepingTime(Lane(memory_store), Moved(5.0), lambda: False).look())


def test_what_others_check_has_the_machines_time_and_what_is_waited_for_has_not(monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    anchored, wall = SystemClock(), WallClock()
    monkeypatch.setattr(clock_module, "datetime", Later)
    assert wall.now() - anchored.now() > timedelta(minutes=59)
    assert anchored.stepped_s() > 3500
    anchored.anchor()
    assert abs(wall.now() - anchored.now()) < timedelta(minutes=1)
    assert wall.now().tzinfo is UTC


def test_pages_and_the_doors_of_machines_go_by_the_machines_time() -> None:
    assert isinstance(installation.clock(), WallClock)
    assert isinstance(sightings._clock(), WallClock)
