"""Does an engine hold only where the database is older than what was signed? Not because it is sealed while it looks."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from tests import cast
from tests.record.conftest import Connect, Installation
from tests.record.entries import START, some_entries
from tocsin.engine.assembly import Assembly
from tocsin.engine.chores import Sealer
from tocsin.engine.desk import SLOW, Desk, PostgresDesk, Work
from tocsin.record import store
from tocsin.runtime import database, doorbell
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.keys import Signer
from tocsin.runtime.postgres import Cluster
from tocsin.signals.rules.seen import Seen, Source
from tocsin.signals.store_reports import insert_report

T = TypeVar("T")
RING = KeyRing([bytes(range(32))])

pytestmark = pytest.mark.guarantee("I8")


class LateDesk:
    """A desk whose answers come late: before each, more is written and sealed, as a busy engine does."""

    def __init__(self, desk: Desk, conn: psycopg.Connection[TupleRow], sealer: Sealer) -> None:
        self.desk, self.conn, self.sealer = desk, conn, sealer

    async def do(self, work: Work[T], lane: str = SLOW) -> T:
        found = await self.desk.do(work, lane)
        store.append(self.conn, some_entries(5, first=100))
        await sealed_once(self.sealer, self.conn)
        return found


async def sealed_once(
    sealer: Sealer, conn: psycopg.Connection[TupleRow], *, is_held: bool = False
) -> None:
    sealing = asyncio.create_task(sealer.run(lambda: is_held))
    unsealed = "select count(*) from record_entry where seq is null"
    while conn.execute(unsealed).fetchone() != (0,):
        await asyncio.sleep(0.01)
    # What was committed is remembered in the same step in which the loop hears of it.
    await asyncio.sleep(0.1)
    sealing.cancel()


def test_what_is_sealed_while_the_engine_looks_makes_it_hold_nothing(
    connect: Connect, signer: Signer, tmp_path: Path
) -> None:
    conn = connect("engine")

    async def play() -> list[UUID]:
        desk = PostgresDesk(lambda: connect("engine"), RING)
        store.append(conn, some_entries(20))
        sealer = Sealer(desk, signer, tmp_path)
        await sealed_once(sealer, conn)
        looking = Sealer(LateDesk(desk, conn, sealer), signer, tmp_path)
        behind = await looking.behind()
        assert store.remembered(tmp_path)[cast.HARBOUR_EMS].size == 25
        desk.close()
        return behind

    assert asyncio.run(play()) == []


def test_a_database_that_is_older_than_what_was_signed_is_still_seen(
    connect: Connect, signer: Signer, tmp_path: Path
) -> None:
    conn = connect("engine")

    async def play() -> list[UUID]:
        desk = PostgresDesk(lambda: connect("engine"), RING)
        store.append(conn, some_entries(20))
        sealer = Sealer(desk, signer, tmp_path)
        await sealed_once(sealer, conn)
        heads = store.remembered(tmp_path)
        store.replace_remembered(
            tmp_path, {name: replace(head, size=21) for name, head in heads.items()}
        )
        behind = await sealer.behind()
        desk.close()
        return behind

    assert asyncio.run(play()) == [cast.HARBOUR_EMS]


def test_a_restored_database_that_has_grown_past_what_was_signed_is_still_seen(
    connect: Connect, signer: Signer, tmp_path: Path
) -> None:
    conn = connect("engine")

    async def play() -> tuple[list[UUID], int, list[UUID]]:
        desk = PostgresDesk(lambda: connect("engine"), RING)
        sealer = Sealer(desk, signer, tmp_path)
        store.append(conn, some_entries(20))
        await sealed_once(sealer, conn)
        # Signed, and lost with the database that was restored: one of 22 entries.
        [signed] = store.remembered(tmp_path).values()
        store.replace_remembered(tmp_path, {signed.organisation_id: replace(signed, size=22)})
        # A held engine seals what happens meanwhile, and its database has 25 at its next start.
        store.append(conn, some_entries(5, first=100))
        await sealed_once(sealer, conn, is_held=True)
        size = store.remembered(tmp_path)[cast.HARBOUR_EMS].size
        behind = await sealer.behind()
        await sealer.accept()
        released = await sealer.behind()
        desk.close()
        return behind, size, released

    assert asyncio.run(play()) == ([cast.HARBOUR_EMS], 22, [])


def test_what_is_sealed_before_a_database_that_was_away_has_been_looked_at_is_not_remembered(
    installation: Installation,
) -> None:
    conn = database.connect(installation.settings, "engine")

    async def play() -> list[bool]:
        assembly = Assembly(installation.settings, installation.keys)
        await assembly._snapshots.take()
        known = [bool(store.remembered(installation.settings.spool_dir))]
        # It is back already, and maybe from a restore: nobody has asked it yet.
        assembly.desk.stand_by()
        for first, is_away in ((20, True), (25, False)):
            if not is_away:
                await assembly.desk._hand_over(assembly.desk._memory)  # type: ignore[arg-type]
            store.append(conn, some_entries(5, first=first))
            [sealing] = [chore for chore in assembly._chores() if getattr(chore, "func", None) == assembly._sealer.run]  # fmt: skip
            running = asyncio.create_task(sealing())
            while conn.execute("select 1 from record_entry where seq is null limit 1").fetchone():
                assert not running.done(), running.exception()
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            running.cancel()
            known.append(bool(store.remembered(installation.settings.spool_dir)))
        conn.close()
        assembly._bell.close()
        assembly._postgres.close()
        return known

    installation.settings.spool_dir.mkdir(parents=True, exist_ok=True)
    assert asyncio.run(play()) == [False, False, True]


def test_a_report_of_before_an_outage_waits_until_the_database_that_is_back_has_been_looked_at(
    installation: Installation,
) -> None:
    conn = database.connect(installation.settings, "engine")
    ring = KeyRing(installation.keys.masters)

    def is_taken(report_id: UUID) -> bool:
        return not conn.execute("select from signals_report where id = %s", (report_id,)).fetchall()

    def report(at: datetime) -> UUID:
        seen = Seen(organisation_id=cast.HARBOUR_EMS, source=Source.PLATE, track="cam1-0001", seen_at=at, heard_at=at)  # fmt: skip
        insert_report(conn, ring, report_id := uuid7(), seen)
        return report_id

    async def play() -> list[bool]:
        assembly = Assembly(installation.settings, installation.keys)
        await assembly._snapshots.take()
        now = assembly.clock.now()
        # Both wait in a database that is back already, and maybe from a restore: nobody has asked it yet.
        assembly.desk.stand_by()
        old, new = report(now - timedelta(hours=1)), report(now + timedelta(minutes=1))
        known = []
        for is_away in (True, False):
            if not is_away:
                await assembly.desk._hand_over(assembly.desk._memory)  # type: ignore[arg-type]
            [taking] = [chore for chore in assembly._chores() if getattr(chore, "func", None) == assembly._sighted.run]  # fmt: skip
            running = asyncio.create_task(taking())
            while not is_taken(new if is_away else old):
                assert not running.done(), running.exception()
                await asyncio.sleep(0.01)
            running.cancel()
            known.append(is_taken(old))
        conn.close()
        assembly._bell.close()
        assembly._postgres.close()
        return known

    installation.settings.spool_dir.mkdir(parents=True, exist_ok=True)
    assert asyncio.run(play()) == [False, True]


def test_an_engine_that_has_nothing_to_stand_by_with_holds_when_the_database_comes_back_from_a_restore(
    cluster: Cluster, installation: Installation
) -> None:
    config = installation.settings
    conn = database.connect(config, "engine")
    name = config.database_url.rpartition("/")[2].partition("?")[0]

    def allow(*, is_allowed: bool) -> None:
        with psycopg.connect(cluster.url("postgres", database="postgres"), autocommit=True) as owner:  # fmt: skip
            owner.execute(f"alter database {name} allow_connections {is_allowed}")

    async def play() -> tuple[bool, bool]:
        desk = PostgresDesk(lambda: database.connect(config, "engine"), RING)
        store.append(conn, some_entries(20))
        await sealed_once(Sealer(desk, installation.keys.record, config.spool_dir), conn)
        desk.close()
        conn.close()
        [signed] = store.remembered(config.spool_dir).values()
        store.replace_remembered(config.spool_dir, {signed.organisation_id: replace(signed, size=22)})  # fmt: skip
        allow(is_allowed=False)
        assembly = Assembly(config, installation.keys)
        running = asyncio.create_task(assembly.run())
        await asyncio.sleep(0.5)
        was_ready = assembly.engine.ready.is_set()
        allow(is_allowed=True)
        async with asyncio.timeout(60):
            await assembly.engine.ready.wait()
        is_held = assembly._is_held()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await assembly.close()
        return was_ready, is_held

    config.spool_dir.mkdir(parents=True, exist_ok=True)
    assert asyncio.run(play()) == (False, True)


def test_a_release_that_is_said_while_the_database_is_away_is_heeded_when_it_is_back(
    cluster: Cluster, installation: Installation
) -> None:
    config = installation.settings
    name = config.database_url.rpartition("/")[2].partition("?")[0]

    def allow(*, is_allowed: bool) -> None:
        with psycopg.connect(cluster.url("postgres", database="postgres"), autocommit=True) as conn:
            conn.execute(f"alter database {name} allow_connections {is_allowed}")

    async def play() -> list[bool]:
        assembly = Assembly(config, installation.keys)
        assembly.engine.held_since = START
        patiently = assembly.engine._patiently("release", assembly._release)
        releasing = asyncio.create_task(patiently)
        bell = doorbell.Sender(config.run_dir, doorbell.ENGINE)
        allow(is_allowed=False)
        bell.ring(doorbell.RELEASE)
        assembly._hear()
        await asyncio.sleep(0.1)
        was_held = assembly._is_held()
        allow(is_allowed=True)
        for _ in range(200):
            if not assembly._is_held():
                break
            await asyncio.sleep(0.02)
        releasing.cancel()
        bell.close()
        assembly._bell.close()
        assembly._postgres.close()
        return [was_held, assembly._is_held()]

    config.spool_dir.mkdir(parents=True, exist_ok=True)
    assert asyncio.run(play()) == [True, False]
