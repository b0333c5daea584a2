"""Where does a message go that could not be read? Aside: sealed, counted, shown; it holds up nothing. All SQL of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.quarantine import KEEP_RAW, MAX_RAW_BYTES, Why

SHOWN: Final = 200
KEPT_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SetAside:
    """One message, or many of the same sender and reason; `raw` only where it was asked for."""

    id: UUID
    sender_id: UUID | None
    source: str
    why: str
    size: int
    count: int
    received_at: datetime
    raw: str = ""


def set_aside(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    source: str,
    why: Why,
    raw: bytes,
    *,
    sender_id: UUID | None = None,
    at: datetime,
) -> None:
    """Keep a message that could not be read: as it came, or, after `KEEP_RAW` of this sender and reason, its count."""
    newest = conn.execute(
        """select id, count(*) over () from signals_quarantined
        where organisation_id = %s and sender_id is not distinct from %s and source = %s and why = %s
        order by received_at desc, id desc limit 1""",
        (organisation_id, sender_id, source, why),
    ).fetchone()
    if newest and newest[1] >= KEEP_RAW:
        conn.execute(
            "update signals_quarantined set count = count + 1, received_at = %s where id = %s",
            (at, newest[0]),
        )
        return
    row_id = uuid7()
    conn.execute(
        """insert into signals_quarantined (id, organisation_id, sender_id, source, why, size, count, raw_sealed,
            received_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            row_id,
            organisation_id,
            sender_id,
            source,
            why,
            len(raw),
            1,
            ring.seal_local(_purpose(row_id), raw[:MAX_RAW_BYTES]),
            at,
        ),
    )


def count_more(
    conn: Connection,
    organisation_id: UUID,
    source: str,
    why: Why,
    more: int,
    sender_id: UUID | None,
) -> None:
    """Count so many more, like the latest of this sender and reason, which was set aside in this transaction."""
    conn.execute(
        """update signals_quarantined set count = count + %s where id = (
            select id from signals_quarantined
            where organisation_id = %s and sender_id is not distinct from %s and source = %s and why = %s
            order by received_at desc, id desc limit 1)""",
        (more, organisation_id, sender_id, source, why),
    )


def load_set_aside(
    conn: Connection, organisation_id: UUID, sender_id: UUID | None = None
) -> list[SetAside]:
    """Return the latest of what was set aside and this viewer may know of; of one sender, if it is named."""
    rows = conn.execute(
        """select id, sender_id, source, why, size, count, received_at from signals_quarantined
        where organisation_id = %s and (%s::uuid is null or sender_id = %s)
        order by received_at desc limit %s""",
        (organisation_id, sender_id, sender_id, SHOWN),
    )
    return [SetAside(*row) for row in rows]


def sender_of(conn: Connection, organisation_id: UUID, row_id: UUID) -> UUID | None:
    """Return whose message this is, or None: nobody's, or nothing that this viewer may know of."""
    row = conn.execute(
        "select sender_id from signals_quarantined where organisation_id = %s and id = %s",
        (organisation_id, row_id),
    ).fetchone()
    return row[0] if row else None


def open_raw(conn: Connection, ring: KeyRing, organisation_id: UUID, row_id: UUID) -> str | None:
    """Return a message as it came (what is no text in it is replaced), or None if there is no such one here."""
    row = conn.execute(
        "select raw_sealed from signals_quarantined where organisation_id = %s and id = %s",
        (organisation_id, row_id),
    ).fetchone()
    if row is None or row[0] is None:
        return None
    try:
        return ring.open_local(_purpose(row_id), bytes(row[0])).decode("utf-8", "replace")
    except DecryptionRefused:
        return None


def remove_set_aside(conn: Connection, organisation_id: UUID, sender_id: UUID) -> int:
    """Return how many rows of this sender were looked at and are gone now."""
    return conn.execute(
        "delete from signals_quarantined where organisation_id = %s and sender_id = %s",
        (organisation_id, sender_id),
    ).rowcount


def erase_set_aside(conn: Connection, at: datetime) -> int:
    """Return how many were older than `KEPT_FOR` and are gone now; of every employer, for the engine."""
    return conn.execute(
        "delete from signals_quarantined where received_at < %s", (at - KEPT_FOR,)
    ).rowcount


def _purpose(row_id: UUID) -> str:
    return f"quarantined {row_id}"
