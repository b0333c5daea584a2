"""Which rows does the demo write that no screen writes for others? The second factor of its made-up people."""

from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.runtime.database import Connection


def insert_second_factor(
    conn: Connection, account_id: UUID, sealed_secret: str, *, at: datetime
) -> None:
    """Write an account's TOTP secret, sealed as `console.sign_in.MfaAdapter` seals it."""
    conn.execute(
        "insert into mfa_authenticator (user_id, type, data, created_at) values (%s, 'totp', %s, %s)",
        (account_id, Jsonb({"secret": sealed_secret}), at),
    )


def count_readable(conn: Connection, incident_id: UUID) -> int:
    """Return how many rows about this incident the present viewer's organisation can read at all."""
    row = conn.execute(
        """
        select (select count(*) from decisions_incident where id = %(i)s)
             + (select count(*) from decisions_act where incident_id = %(i)s)
             + (select count(*) from notifications_delivery where incident_id = %(i)s)
             + (select count(*) from record_entry where incident_id = %(i)s)
        """,
        {"i": incident_id},
    ).fetchone()
    return int(row[0]) if row else 0


def count_naming(conn: Connection, organisation_id: UUID, named: UUID) -> int:
    """Return how many entries of an employer's record name this, as whoever did it or as what it was done to."""
    row = conn.execute(
        "select count(*) from record_entry where organisation_id = %s and position(%s in leaf) > 0",
        (organisation_id, str(named).encode()),
    ).fetchone()
    return int(row[0]) if row else 0


def count_unsealed(conn: Connection, organisation_id: UUID) -> int:
    """Return how many entries of the record are not signed yet."""
    row = conn.execute(
        "select count(*) from record_entry where organisation_id = %s and seq is null",
        (organisation_id,),
    ).fetchone()
    return int(row[0]) if row else 0
