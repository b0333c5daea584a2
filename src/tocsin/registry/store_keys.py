"""What hangs on the master key? Every wrapped key, blind index and field of the machine's own, closed anew in batches.

Each function closes at most so many rows with the newest master key and returns how many it did; 0 is the end. Rows that
a writer holds are left for the next round, so that nobody waits.
"""

import base64
import json
from typing import Any, Final
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from tocsin.registry.store import CONTACTS
from tocsin.registry.store_people import AGAIN
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

BATCH: Final = 200
# Table, the column that says whose key it is.
WRAPPED: Final = (("registry_personkey", "person_id"), ("registry_casekey", "case_id"))
TOTP: Final = "totp"


def rewrap_batch(conn: Connection, ring: KeyRing, table: str, owner: str) -> int:
    """Wrap keys of people or cases with the newest master key."""
    found = conn.execute(
        sql.SQL(
            "select id, {owner}, wrapped from {table} where get_byte(wrapped, 1) <> %s order by id limit %s"
            " for update skip locked"
        ).format(owner=sql.Identifier(owner), table=sql.Identifier(table)),
        (ring.newest, BATCH),
    ).fetchall()
    for row_id, owner_id, wrapped in found:
        conn.execute(
            sql.SQL("update {} set wrapped = %s where id = %s").format(sql.Identifier(table)),
            (ring.rewrap(owner_id, bytes(wrapped)), row_id),
        )
    return len(found)


def reseal_batch(conn: Connection, ring: KeyRing, table: str, column: str, purpose: str) -> int:
    """Close fields of the machine's own; `purpose` with `{}` for the row's id."""
    found = conn.execute(
        sql.SQL(
            "select id, {column} from {table} where {column} is not null and get_byte({column}, 1) <> %s"
            " order by id limit %s for update skip locked"
        ).format(column=sql.Identifier(column), table=sql.Identifier(table)),
        (ring.newest, BATCH),
    ).fetchall()
    for row_id, sealed in found:
        conn.execute(
            sql.SQL("update {} set {} = %s where id = %s").format(
                sql.Identifier(table), sql.Identifier(column)
            ),
            (ring.reseal_local(purpose.format(row_id), bytes(sealed)), row_id),
        )
    return len(found)


def reindex_batch(conn: Connection, ring: KeyRing, after: UUID | None) -> UUID | None:
    """Index addresses by the newest master key, those after an id; return the last id done, None at the end."""
    rows = conn.execute(
        """
        select c.id, c.organisation_id, c.person_id, c.channel, c.address_sealed, c.address_index, k.wrapped
        from registry_contactmethod c join registry_personkey k on k.person_id = c.person_id
        where (%s::uuid is null or c.id > %s) order by c.id limit %s
        """,
        (after, after, BATCH),
    ).fetchall()
    for row_id, organisation_id, person_id, channel, sealed, index, wrapped in rows:
        key = ring.person_key(person_id, wrapped)
        address = key.open(CONTACTS, "address_sealed", row_id, sealed)
        fresh = ring.blind_index(organisation_id, channel, address)
        if len(index) > len(fresh):
            fresh = AGAIN + fresh
        if fresh != bytes(index):
            conn.execute(
                "update registry_contactmethod set address_index = %s where id = %s",
                (fresh, row_id),
            )
    return rows[-1][0] if rows else None


def reseal_second_factors(conn: Connection, ring: KeyRing) -> int:
    """Close the secrets of second factors, as the role `web`: the engine has no business in them."""
    rows = conn.execute("select id, data from mfa_authenticator for update").fetchall()
    done = 0
    for row_id, data in rows:
        said: dict[str, Any] = json.loads(data) if isinstance(data, str) else dict(data)
        for name in ("secret", "seed"):
            if name in said and base64.b64decode(said[name])[1] != ring.newest:
                fresh = ring.reseal_local(TOTP, base64.b64decode(said[name]))
                said[name] = base64.b64encode(fresh).decode()
                done += 1
                conn.execute(
                    "update mfa_authenticator set data = %s where id = %s", (Jsonb(said), row_id)
                )
    return done


def now_running(conn: Connection) -> int:
    """Return a number that every transaction that begins from now on is not below."""
    row = conn.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    return int(row[0]) if row else 0


def oldest_running(conn: Connection) -> int:
    """Return the oldest transaction that is still open: below it, all is decided."""
    row = conn.execute("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()
    return int(row[0]) if row else 0
