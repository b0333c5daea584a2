"""What does the board ask of the tables? Who proved to be reachable, what is late, what failed, what was unverified.

Read as the viewer: row-level security leaves out what she must not know of.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.notifications.store import IN_USE, NOT_GONE
from tocsin.notifications.store_blocked import NOT_BLOCKED
from tocsin.runtime.database import Connection

BEFORE_SHIFT: Final = timedelta(hours=1)
MAX_SHOWN: Final = 100


def hidden_from(conn: Connection, incident_ids: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Return (incident, person) of who must not hear of these incidents; a viewer kept out hears it of himself only."""
    return conn.execute(
        "select incident_id, person_id from tocsin_hidden_from(%s)", (list(incident_ids),)
    ).fetchall()


def receipts_of(conn: Connection, incident_id: UUID) -> dict[UUID, str]:
    """Return what the providers say became of an incident's messages, by delivery."""
    rows = conn.execute(
        "select id, provider_state from notifications_delivery where incident_id = %s and provider_state <> ''",
        (incident_id,),
    )
    return dict(rows.fetchall())


def load_on_duty(
    conn: Connection, organisation_id: UUID, site_ids: Sequence[UUID], at: datetime
) -> list[UUID]:
    """Return who is on duty at these sites at `at` and works here still."""
    rows = conn.execute(
        """
        select distinct s.person_id from registry_shift s
        join registry_person_shown p on p.id = s.person_id and p.is_active
        where s.organisation_id = %s and s.site_id = any(%s) and s.starts_at <= %s and s.ends_at > %s
        """,
        (organisation_id, list(site_ids), at, at),
    )
    return [person_id for (person_id,) in rows]


def untold_drills(conn: Connection, since: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Return (organisation, drill) of the drills that ended after `since` and whose figures are not on record."""
    return conn.execute(
        """
        select i.organisation_id, i.id from decisions_incident i
        where i.is_drill and i.kind = 'sos' and i.closed_at > %s and not exists (
            select 1 from record_entry e where e.organisation_id = i.organisation_id and e.incident_id = i.id
              and e.kind = 'drill.ended')
        order by i.closed_at limit %s
        """,
        (since, limit),
    ).fetchall()


def required_proven(conn: Connection, organisation_id: UUID) -> dict[UUID, int]:
    """Return, by site, how many proven people its policy for an SOS asks for."""
    rows = conn.execute(
        """
        select site_id, (body->>'required_proven')::int from registry_escalationpolicy
        where organisation_id = %s and kind = 'sos'
        """,
        (organisation_id,),
    )
    return {site_id: required or 1 for site_id, required in rows.fetchall()}


def load_proven(conn: Connection, organisation_id: UUID, at: datetime) -> dict[UUID, set[UUID]]:
    """Return, by site, who on duty at `at` proved in this very shift that a message reaches her, and works here still.

    What was proved of a way that is taken away since, or that a carrier has blocked since, proves nothing any more (I20).
    """
    rows = conn.execute(
        f"""
        select s.site_id, s.person_id from registry_shift s
        join registry_person_shown p on p.id = s.person_id and p.is_active
        where s.organisation_id = %(o)s and s.starts_at <= %(at)s and s.ends_at > %(at)s and exists (
            select 1 from notifications_delivery d join decisions_incident i on i.id = d.incident_id
            where d.organisation_id = %(o)s and d.person_id = s.person_id and i.kind = 'proof' and d.state = 'seen'
              and d.made_at >= s.starts_at - %(before)s and {NOT_GONE} and {IN_USE}
              and {NOT_BLOCKED})
        """,  # noqa: S608 - constants
        {"o": organisation_id, "at": at, "before": BEFORE_SHIFT},
    ).fetchall()
    found: dict[UUID, set[UUID]] = {}
    for site_id, person_id in rows:
        found.setdefault(site_id, set()).add(person_id)
    return found


def load_lately(conn: Connection, organisation_id: UUID, since: datetime) -> list[UUID]:
    """Return the incidents that are open or were opened since then, as far as the viewer may know of them."""
    rows = conn.execute(
        "select id from decisions_incident where organisation_id = %s and (closed_at is null or opened_at > %s)",
        (organisation_id, since),
    )
    return [incident_id for (incident_id,) in rows]


# Messages are reached through the incidents that the viewer sees, and no other way: whoever is kept from one would else wait
# longer for his page, the more messages it has. `offset 0` keeps the planner from reading all messages first.
_OF_THESE: Final = """from unnest(%s::uuid[]) as these (id) cross join lateral (
    select * from notifications_delivery where incident_id = these.id and {} offset 0) d"""


def in_trouble(
    conn: Connection, incident_ids: Sequence[UUID], since: datetime, apart_from: Sequence[str]
) -> list[UUID]:
    """Return those of these incidents, no drills and of none of these kinds, of which messages wait or failed since then."""
    rows = conn.execute(
        """
        select i.id from decisions_incident i cross join lateral (
            select 1 from notifications_delivery d where d.incident_id = i.id
              and (d.state in ('pending', 'leased', 'retrying') or (d.state = 'failed' and d.ended_at > %s)) limit 1) found
        where i.id = any(%s) and not i.is_drill and i.kind <> all(%s)
        """,
        (since, list(incident_ids), list(apart_from)),
    )
    return [incident_id for (incident_id,) in rows]


def count_waiting(
    conn: Connection, incident_ids: Sequence[UUID], *, due_before: datetime, at: datetime
) -> int:
    """Return how many messages of these incidents were due before then and are in nobody's hands."""
    these = _OF_THESE.format(
        "state in ('pending', 'leased', 'retrying') and due_at < %s and (lease_until is null or lease_until < %s)"
    )
    row = conn.execute(f"select count(*) {these}", (list(incident_ids), due_before, at)).fetchone()
    return int(row[0]) if row else 0


def count_failed(conn: Connection, incident_ids: Sequence[UUID], since: datetime) -> dict[str, int]:
    """Return, by channel, how many messages failed since then; of what was not to go out its incident speaks."""
    these = _OF_THESE.format("state = 'failed' and attempt > 0 and ended_at > %s")
    rows = conn.execute(
        f"select channel, count(*) {these} group by channel", (list(incident_ids), since)
    )
    return dict(rows.fetchall())


def count_retrying(
    conn: Connection, incident_ids: Sequence[UUID], made_before: datetime
) -> dict[str, tuple[int, str]]:
    """Return, by channel, how many messages made before then are being tried again, and the commonest reason."""
    these = _OF_THESE.format("state in ('retrying', 'leased') and error <> '' and made_at < %s")
    rows = conn.execute(
        f"""select channel, count(*), mode() within group (order by error) {these} group by channel order by channel""",
        (list(incident_ids), made_before),
    )
    return {channel: (int(n), because) for channel, n, because in rows.fetchall()}


def count_unverified(conn: Connection, organisation_id: UUID, since: datetime) -> int:
    """Return how many signals since then could not be verified."""
    row = conn.execute(
        """
        select coalesce(sum(count), 0) from signals_unverifiedsignal
        where organisation_id = %s and received_at > %s
        """,
        (organisation_id, since),
    ).fetchone()
    return int(row[0]) if row else 0


def load_unverified(conn: Connection, organisation_id: UUID) -> list[tuple[Any, ...]]:
    """Return (received_at, source, why, size, count) of the latest that could not be verified."""
    return conn.execute(
        """
        select received_at, source, why, size, count from signals_unverifiedsignal
        where organisation_id = %s order by received_at desc limit %s
        """,
        (organisation_id, MAX_SHOWN),
    ).fetchall()
