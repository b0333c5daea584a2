"""Does a database of an older version get the roles that came since?"""

import tempfile

import psycopg

from tocsin.runtime import embedded_roles
from tocsin.runtime import settings as settings_module
from tocsin.runtime.database import connect
from tocsin.runtime.postgres import Cluster


def test_a_role_that_came_later_is_made_at_the_next_start() -> None:
    # A server of its own: roles are the server's, and others have given rights to them.
    with tempfile.TemporaryDirectory(prefix="tocsin-test-") as folder:
        settings = settings_module.load({"TOCSIN_DATA": folder})
        cluster = Cluster(settings, durable=False)
        cluster.start()
        try:
            with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
                conn.execute("revoke connect, temporary on database tocsin from tocsin_door")
                conn.execute("drop role tocsin_door")
            assert embedded_roles.complete(settings) == ("tocsin_door",)
            assert embedded_roles.complete(settings) == ()
            with connect(settings, "door") as conn:
                row = conn.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user").fetchone()  # fmt: skip
            assert row == (False,)
        finally:
            cluster.remove()
