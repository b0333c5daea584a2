"""What does a lane of the desk do when PostgreSQL hangs? It says so in time, and commits nothing afterwards."""

import asyncio
import threading
import time
from collections.abc import Callable

import psycopg
import pytest

from tocsin.engine.desk import ALARM, CLOCK, LANES, POST, SEEN, PostgresDesk, StoreAwayError
from tocsin.flow.alarms import Alarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.postgres import Cluster

INSERT = "insert into lines values ('one')"


def asking(statement: str) -> Callable[[Alarms], None]:
    def work(alarms: Alarms) -> None:
        assert isinstance(alarms, PostgresAlarms)
        alarms.conn.execute(statement)

    return work


def hanging(alarms: Alarms) -> None:
    asking(INSERT)(alarms)
    asking("select pg_sleep(2.5)")(alarms)


@pytest.fixture
def name(cluster: Cluster, new_database: Callable[..., str]) -> str:
    name = new_database()
    with psycopg.connect(cluster.url("postgres", database=name)) as conn:
        conn.execute("create table lines (text text)")
        conn.execute("grant all on lines to tocsin_engine")
        conn.execute("grant usage on schema public to tocsin_engine")
    return name


@pytest.fixture
def desk(cluster: Cluster, name: str, ring: KeyRing) -> PostgresDesk:
    url = cluster.url("engine", database=name)
    return PostgresDesk(lambda: psycopg.connect(url, autocommit=True), ring)


def lines(cluster: Cluster, name: str) -> int:
    with psycopg.connect(cluster.url("postgres", database=name)) as conn:
        row = conn.execute("select count(*) from lines").fetchone()
    assert row is not None
    return int(row[0])


def test_whoever_waits_behind_a_call_that_hangs_hears_it_too_and_is_not_ended(
    desk: PostgresDesk, cluster: Cluster, name: str
) -> None:
    async def play() -> list[object]:
        calls = [desk.do(hanging, ALARM), desk.do(asking(INSERT), ALARM)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        await desk.do(asking("select 1"), ALARM)
        await asyncio.sleep(2)
        desk.close()
        return list(answers)

    answers = asyncio.run(play())
    assert [type(answer) for answer in answers] == [StoreAwayError, StoreAwayError]
    assert lines(cluster, name) == 0


def test_a_desk_that_is_given_up_answers_at_once_and_works_again(
    desk: PostgresDesk, cluster: Cluster, name: str
) -> None:
    async def play() -> float:
        asked = asyncio.create_task(desk.do(hanging, POST))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        desk.give_up()
        with pytest.raises(StoreAwayError):
            await asked
        waited = time.monotonic() - began
        await desk.do(asking(INSERT), POST)
        await asyncio.sleep(3)
        desk.close()
        return waited

    assert asyncio.run(play()) < 0.5
    assert lines(cluster, name) == 1


def test_no_commit_of_an_alarm_waits_for_a_standby_and_any_other_does(desk: PostgresDesk) -> None:
    def commits_how(alarms: Alarms) -> str:
        assert isinstance(alarms, PostgresAlarms)
        row = alarms.conn.execute("show synchronous_commit").fetchone()
        return str(row[0]) if row else ""

    async def play() -> dict[str, str]:
        said = {lane: await desk.do(commits_how, lane) for lane in LANES}
        desk.close()
        return said

    said = asyncio.run(play())
    assert {lane for lane, how in said.items() if how == "local"} == {ALARM, CLOCK, SEEN}
    assert {how for lane, how in said.items() if lane not in {ALARM, CLOCK, SEEN}} == {"on"}


@pytest.mark.guarantee("I7")
def test_a_machine_that_died_in_the_middle_keeps_its_locks_no_longer_than_its_desk_would_have_waited(
    desk: PostgresDesk, cluster: Cluster, name: str
) -> None:
    began = threading.Event()
    is_over = threading.Event()

    def dies(alarms: Alarms) -> None:
        asking(INSERT)(alarms)
        asking("lock table lines in access exclusive mode")(alarms)
        began.set()
        is_over.wait(10)

    # As of a machine without power: no word of the end reaches the server, and nobody here gives the call up.
    lane = desk._lanes[CLOCK]
    asked = lane._worker.thread.submit(lane._worker.call, dies)
    assert began.wait(5)
    with psycopg.connect(cluster.url("postgres", database=name)) as conn:
        conn.execute("set lock_timeout = 4000")
        conn.execute("insert into lines values ('of whoever takes over')")
    is_over.set()
    assert isinstance(asked.exception(5), StoreAwayError)
    desk.close()
    assert lines(cluster, name) == 1
