"""What waits for the engine to be matched? Reports, sealed; all SQL of this table.

The web role only adds. The engine takes some, decides about them and deletes them in one transaction: what hits no case
is gone within seconds, and nothing of it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.signals.rules.seen import Seen, read_seen, write_seen

PURPOSE: Final = "report"
TAKE: Final = 200
# Tried so often and still failing, it is set aside: the others go on.
MAX_TRIES: Final = 3

# Of each sender so many times the wanted number is looked at: another engine may hold the first of them.
EACH: Final = 2
# Walks from sender to sender in the index `report_turn`, so that what one flood has piled up is not read.
_NEXT: Final = """
with recursive turn (who) as (
    (select coalesce(sender_id, '00000000-0000-0000-0000-000000000000'::uuid) from signals_report order by 1 limit 1)
    union all
    select (select coalesce(sender_id, '00000000-0000-0000-0000-000000000000'::uuid) from signals_report
            where coalesce(sender_id, '00000000-0000-0000-0000-000000000000'::uuid) > turn.who order by 1 limit 1)
    from turn where who is not null
)
select r.id, r.organisation_id, r.source, r.sender_id, r.received_at, r.tries, r.body_sealed
from turn cross join lateral (
    select id, row_number() over (order by tries, received_at) as place from (
        select id, tries, received_at from signals_report
        where coalesce(sender_id, '00000000-0000-0000-0000-000000000000'::uuid) = turn.who
          and received_at >= coalesce(%(since)s::timestamptz, '-infinity')
        order by tries, received_at limit %(each)s) first
) mine join signals_report r on r.id = mine.id
order by r.tries, mine.place, r.received_at limit %(limit)s for update of r skip locked
"""


@dataclass(frozen=True, slots=True)
class Report:
    """One report, locked until its transaction ends. `seen` is None when it could not be read."""

    id: UUID
    organisation_id: UUID
    source: str
    sender_id: UUID | None
    received_at: datetime
    tries: int
    seen: Seen | None


def insert_report(conn: Connection, ring: KeyRing, report_id: UUID, seen: Seen) -> None:
    """Add what was seen, sealed under the machine's own key."""
    conn.execute(
        """insert into signals_report (id, organisation_id, source, sender_id, reported_by_id, received_at, body_sealed,
            tries) values (%s, %s, %s, %s, %s, %s, %s, 0)""",
        (
            report_id,
            seen.organisation_id,
            seen.source,
            seen.sender_id,
            seen.reported_by_id,
            seen.heard_at,
            ring.seal_local(f"{PURPOSE} {report_id}", write_seen(seen).encode()),
        ),
    )


def take_reports(
    conn: Connection, ring: KeyRing, *, limit: int = TAKE, since: datetime | None = None
) -> list[Report]:
    """Return the next reports, locked, one of every sender before a second of any; failed ones come last.

    `since`: only what was received from then on (a restored database's older reports wait for a person, I8). Another
    engine takes others at the same time. Raises nothing for what cannot be read: its `seen` is None.
    """
    rows = conn.execute(_NEXT, {"each": limit * EACH, "limit": limit, "since": since}).fetchall()
    return [
        Report(i, organisation_id, source, sender_id, at, tries, _opened(ring, i, bytes(sealed)))
        for i, organisation_id, source, sender_id, at, tries, sealed in rows
    ]


def delete_reports(conn: Connection, report_ids: Sequence[UUID]) -> int:
    """Return how many of these were still there and are gone now."""
    return conn.execute(
        "delete from signals_report where id = any(%s)", (list(report_ids),)
    ).rowcount


def check_now(conn: Connection) -> None:
    """Check what the database would check at the commit, so that what fails fails behind its own savepoint.

    Raises:
        psycopg.errors.ForeignKeyViolation: something points at what is not there.
    """
    conn.execute("set constraints all immediate")
    conn.execute("set constraints all deferred")


def count_try(conn: Connection, report_id: UUID) -> int:
    """Return how often deciding about this report has failed by now; at `MAX_TRIES` it is to be set aside."""
    row = conn.execute(
        "update signals_report set tries = tries + 1 where id = %s returning tries", (report_id,)
    ).fetchone()
    return int(row[0]) if row else MAX_TRIES


def _opened(ring: KeyRing, report_id: UUID, sealed: bytes) -> Seen | None:
    try:
        return read_seen(ring.open_local(f"{PURPOSE} {report_id}", sealed).decode())
    except (DecryptionRefused, ValueError):
        return None
