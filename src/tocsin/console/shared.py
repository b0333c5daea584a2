"""How do Django and our own stores work in one transaction?"""

from typing import Any, Final

import psycopg
from django.db import connection

from tocsin.runtime.database import Connection

_SHARED: Final = "_tocsin_shared"


def shared_connection() -> Connection:
    """Return a psycopg connection over the same wire as Django's, in the transaction that is open there.

    Django reads JSON and times in a way of its own; our `store` modules expect psycopg's. Two objects over one
    libpq connection keep both right and everything in one transaction.
    """
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    shared: Any = getattr(connection, _SHARED, None)
    if shared is None or shared.pgconn is not pgconn:
        shared = psycopg.Connection(pgconn)
        setattr(connection, _SHARED, shared)
    # A statement of ours must find the transaction open, or it would commit at the end of its own.
    shared.execute("select 1")
    found: Connection = shared
    return found
