"""The first employer of an installation comes with an administrator, whole or not at all."""

from collections.abc import Callable

import psycopg

from tests.builders import AT
from tocsin.flow.found_organisation import found_organisation
from tocsin.flow.respond import Refused
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.postgres import Cluster


def test_an_employer_is_made_once_and_a_refusal_leaves_nothing(
    cluster: Cluster, new_database: Callable[..., str], alarms_template: str, ring: KeyRing
) -> None:
    name = new_database(alarms_template)
    with psycopg.connect(cluster.url("web", database=name), autocommit=True) as conn:
        made = found_organisation(conn, ring, "mill", "The Mill", "mill.admin", "x", at=AT)
        again = found_organisation(conn, ring, "mill", "The Mill", "mill.admin2", "x", at=AT)
        taken = found_organisation(conn, ring, "mill2", "The Mill", "mill.admin", "x", at=AT)
    assert made is None
    assert isinstance(again, Refused)
    assert isinstance(taken, Refused)
    with psycopg.connect(cluster.url("engine", database=name)) as conn:
        rows = conn.execute(
            "select slug from registry_organisation where slug like 'mill%'"
        ).fetchall()
        accounts = conn.execute(
            "select login from registry_account where login like 'mill%'"
        ).fetchall()
    assert rows == [("mill",)]
    assert accounts == [("mill.admin",)]
