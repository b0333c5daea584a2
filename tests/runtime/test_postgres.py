"""Does the embedded PostgreSQL come up, stay up, and leave everybody else alone?"""

from collections.abc import Callable

import psycopg

from tocsin.runtime.postgres import ROLES, Cluster


def test_each_role_reaches_the_database_and_none_is_above_row_security(cluster: Cluster) -> None:
    for role in ROLES:
        with psycopg.connect(cluster.url(role)) as connection:
            row = connection.execute(
                "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert row == (role, False, False)


def test_the_server_listens_on_no_network(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_new_database_is_empty_and_the_owners(
    cluster: Cluster, new_database: Callable[..., str]
) -> None:
    with psycopg.connect(cluster.url("tocsin_owner", database=new_database())) as connection:
        connection.execute("CREATE TABLE t (x int)")
