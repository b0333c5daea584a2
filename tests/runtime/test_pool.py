"""Does a pool lend, take back, and say when it cannot?"""

import psycopg
import pytest

from tocsin.runtime import pool as pool_module
from tocsin.runtime.pool import CONNECTIONS, Busy, Pool
from tocsin.runtime.postgres import Cluster


def test_a_pool_lends_the_same_connection_again(cluster: Cluster) -> None:
    made = []

    def connect() -> psycopg.Connection[tuple[object, ...]]:
        made.append(psycopg.connect(cluster.url("postgres", database="postgres"), autocommit=True))
        return made[-1]

    pool = Pool(connect)
    for _ in range(3):
        with pool.connection() as conn:
            assert conn.execute("show statement_timeout").fetchone() == ("5s",)
    assert len(made) == 1
    # One that broke is made anew.
    made[0].close()
    with pool.connection() as conn:
        assert conn.execute("select 1").fetchone() == (1,)
    assert len(made) == 2
    made[1].close()


def test_a_server_that_is_away_is_busy_and_costs_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> psycopg.Connection[tuple[object, ...]]:
        raise psycopg.OperationalError

    pool = Pool(away)
    for _ in range(CONNECTIONS + 2):
        with pytest.raises(Busy), pool.connection():
            pass


def test_more_than_a_pool_has_wait_and_are_then_turned_away(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "WAIT_S", 0.05)
    pool = Pool(
        lambda: psycopg.connect(cluster.url("postgres", database="postgres"), autocommit=True)
    )
    lent = [pool.connection() for _ in range(CONNECTIONS)]
    conns = [one.__enter__() for one in lent]
    with pytest.raises(Busy), pool.connection():
        pass
    for one in lent:
        one.__exit__(None, None, None)
    with pool.connection() as conn:
        assert conn in conns
    for conn in conns:
        conn.close()
