"""Are all roles in the embedded PostgreSQL? One made by an older version lacks those that came since.

Run as a program, before the tables are brought up to date: the migrations give rights to the roles.
"""

import sys

import psycopg

from tocsin.runtime import settings
from tocsin.runtime.postgres import database_url
from tocsin.runtime.postgres_make import DATABASE, ROLES, role_statements
from tocsin.runtime.settings import Settings

CONNECT_WITHIN_S = 60


def complete(config: Settings) -> tuple[str, ...]:
    """Return the roles that were missing and are there now.

    Raises:
        psycopg.OperationalError: the server cannot be reached.
    """
    url = database_url(config, "postgres")
    with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_WITHIN_S) as conn:
        rows = conn.execute("select rolname from pg_roles where rolname = any(%s)", (list(ROLES),))
        known = {name for (name,) in rows.fetchall()}
        missing = tuple(role for role in ROLES if role not in known)
        for role in missing:
            for statement in role_statements(role):
                conn.execute(statement.encode())
        if missing:
            # Who may come in as a new role stands in a file that a running server has read already.
            conn.execute("select pg_reload_conf()")
    return missing


def main() -> int:
    """Return 0 when every role is there, else 1 after saying why not."""
    try:
        complete(settings.load())
    except psycopg.Error as problem:
        sys.stderr.write(f"the roles of {DATABASE} cannot be completed: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
