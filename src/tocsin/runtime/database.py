"""How does a process talk to PostgreSQL? Connections by role, and the viewer set inside the transaction.

Four roles (design, 3): `owner` migrates, `web` sees one organisation at a time, `engine` has policies of its
own, `door` reads what names are matched by and nothing else. None is superuser, none bypasses row-level security, so
a forgotten filter returns no rows.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from tocsin.runtime.postgres import database_url
from tocsin.runtime.settings import Settings

Connection = psycopg.Connection[TupleRow]

# so long a connection to the database is tried
CONNECT_TIMEOUT_S: Final = 5
# a line to a database elsewhere that is silent for so long is tried
KEEPALIVE_AFTER_S: Final = 4
# pause between two tries of it
KEEPALIVE_EVERY_S: Final = 2
# after so many without an answer the line is dead
KEEPALIVES: Final = 3
# what the database's machine has not received by then ends the wait for its answer
LINE_DEAD_AFTER_MS: Final = 10_000
# Behind a cut line nothing comes, not even an error, and a kernel waits for minutes. A local socket has none of these.
LINK: Final = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives": 1,
    "keepalives_idle": KEEPALIVE_AFTER_S,
    "keepalives_interval": KEEPALIVE_EVERY_S,
    "keepalives_count": KEEPALIVES,
    "tcp_user_timeout": LINE_DEAD_AFTER_MS,
}
ROLES: Final = ("owner", "web", "engine", "door")


def connect(settings: Settings, role: str) -> Connection:
    """Return a new connection as `owner`, `web`, `engine` or `door`, autocommit on (transactions are explicit).

    Raises:
        psycopg.OperationalError: PostgreSQL is away, or refuses the role.
    """
    named = {"application_name": f"tocsin-{role}"}
    return psycopg.connect(autocommit=True, **link(database_url(settings, role)) | named)


def link(url: str) -> dict[str, Any]:
    """Return how to connect to this address with an end to every wait for a dead line; what the address says itself stands."""
    return LINK | conninfo_to_dict(url)


@contextmanager
def viewing(
    conn: Connection, organisation_id: UUID, viewer_id: UUID | None = None
) -> Iterator[None]:
    """Open a transaction in which row-level security shows this organisation to this viewer, and nothing else."""
    with conn.transaction():
        set_viewer(conn, organisation_id, viewer_id)
        yield


def set_viewer(conn: Connection, organisation_id: UUID, viewer_id: UUID | None = None) -> None:
    """Name the organisation and the viewer for the transaction that is open on this connection."""
    conn.execute(
        "select set_config('app.organisation', %s, true), set_config('app.viewer', %s, true)",
        (str(organisation_id), str(viewer_id or "")),
    )


def plain_json(value: Any) -> Any:
    """Return a JSON column's value: Django's connections hand it over as text, plain psycopg parses it."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def django_database(settings: Settings, role: str = "web") -> dict[str, Any]:
    """Return Django's DATABASES entry for a role."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": link(database_url(settings, role)),
        "NAME": conninfo_to_dict(database_url(settings, role)).get("dbname", "tocsin"),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
