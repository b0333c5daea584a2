"""How often did the desks ask? A number a day; who was looked for is kept nowhere unless somebody was found."""

from datetime import date
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7


def count_check(conn: Connection, organisation_id: UUID, on: date) -> None:
    """Count one question of a desk on this day (UTC)."""
    conn.execute(
        """insert into signals_deskcount as c (id, organisation_id, on_date, checks) values (%s, %s, %s, 1)
        on conflict (organisation_id, on_date) do update set checks = c.checks + 1""",
        (uuid7(), organisation_id, on),
    )
