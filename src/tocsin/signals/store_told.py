"""What has a person told that no person has put aside yet? Sealed under the machine's own key; all SQL of this table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.signals.rules.seen import Seen, read_seen, write_seen

PURPOSE: Final = "told"
MAX_SHOWN: Final = 50
# Told in one look; the next look tells of the others.
MAX_AT_ONCE: Final = 20
MAX_LEADS: Final = 50
_COLUMNS: Final = (
    "id, organisation_id, site_id, reported_by_id, heard_at, told_ids, tellings, taken_by_id"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One report that waits. `tellings`: how often somebody was told of it; `taken_by_id`: who said that she sees to it."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    reported_by_id: UUID
    heard_at: datetime
    told_ids: tuple[UUID, ...] = ()
    tellings: int = 0
    taken_by_id: UUID | None = None
    seen: Seen | None = None


def keep_told(conn: Connection, ring: KeyRing, report_id: UUID, seen: Seen) -> None:
    """Keep what a person told, once; where no site was said, at her own. An employer without a site has nobody to tell."""
    conn.execute(
        """insert into signals_toldreport (id, organisation_id, site_id, reported_by_id, track, heard_at, body_sealed)
        select %(id)s, p.organisation_id, coalesce(%(site)s::uuid, p.site_id, s.id), p.id, %(track)s, %(at)s, %(body)s
        from registry_person p cross join lateral (
            select id from registry_site where organisation_id = p.organisation_id order by id limit 1) s
        where p.id = %(by)s and p.organisation_id = %(organisation)s
        on conflict (organisation_id, track) do nothing""",
        {
            "id": report_id,
            "organisation": seen.organisation_id,
            "site": seen.site_id,
            "by": seen.reported_by_id,
            "track": seen.track,
            "at": seen.heard_at,
            "body": ring.seal_local(f"{PURPOSE} {report_id}", write_seen(seen).encode()),
        },
    )


def load_untold(
    conn: Connection, told_before: datetime, since: datetime | None = None
) -> list[Told]:
    """Return what nobody was told of, or nobody has taken on since `told_before`, locked; every employer's.

    `since`: only what was heard from then on (I8).
    """
    rows = conn.execute(
        f"""select {_COLUMNS} from signals_toldreport
        where taken_by_id is null and (told_at is null or told_at < %s)
          and heard_at >= coalesce(%s::timestamptz, '-infinity')
        order by told_at nulls first, heard_at limit %s for update skip locked""",  # noqa: S608 - constants
        (told_before, since, MAX_AT_ONCE),
    ).fetchall()
    return [_told(row) for row in rows]


def save_telling(conn: Connection, told: Told, people: Sequence[UUID], at: datetime) -> None:
    """Write who was told now, beside those before; nobody, too: it is tried again later."""
    conn.execute(
        """update signals_toldreport set told_at = %s, tellings = tellings + 1, told_ids = (
            select array_agg(distinct each) from unnest(told_ids || %s::uuid[]) each) where id = %s"""
        if people
        else "update signals_toldreport set told_at = %s, tellings = tellings + 1 where id = %s",
        (at, list(people), told.id) if people else (at, told.id),
    )


def load_kept_out(conn: Connection, organisation_id: UUID) -> frozenset[UUID]:
    """Return who is on the other side of anything here: free words may speak of it."""
    rows = conn.execute(
        """select person_id from registry_party where organisation_id = %(o)s and until is null
        union select colleague_id from registry_case
        where organisation_id = %(o)s and colleague_id is not null""",
        {"o": organisation_id},
    )
    return frozenset(row[0] for row in rows)


def load_leads(conn: Connection, organisation_id: UUID) -> tuple[UUID, ...]:
    """Return everybody of this employer who leads, safety leads first, as the records stand without a party's word."""
    rows = conn.execute(
        """select id from registry_person_shown where organisation_id = %s and is_active
          and role in ('safety_lead', 'admin', 'manager', 'shift_lead')
        order by array_position(array['safety_lead', 'admin', 'manager', 'shift_lead'], role::text), id limit %s""",
        (organisation_id, MAX_LEADS),
    )
    return tuple(row[0] for row in rows.fetchall())


def load_told(conn: Connection, ring: KeyRing, organisation_id: UUID) -> list[Told]:
    """Return what this viewer was told of and nobody has put aside, the latest first."""
    rows = conn.execute(
        f"""select {_COLUMNS}, body_sealed from signals_toldreport where organisation_id = %s
        order by heard_at desc, id desc limit %s""",  # noqa: S608 - constants
        (organisation_id, MAX_SHOWN),
    ).fetchall()
    return [_told(row, _opened(ring, row[0], bytes(row[-1]))) for row in rows]


def count_told(conn: Connection, organisation_id: UUID) -> int:
    """Return of how many of them this viewer was told and that nobody has taken on."""
    row = conn.execute(
        "select count(*) from signals_toldreport where organisation_id = %s and taken_by_id is null",
        (organisation_id,),
    ).fetchone()
    return int(row[0]) if row else 0


def take_told(conn: Connection, organisation_id: UUID, report_id: UUID, by: UUID) -> bool:
    """Return whether it is there for this viewer, who sees to it from now on."""
    return (
        conn.execute(
            "update signals_toldreport set taken_by_id = %s where organisation_id = %s and id = %s",
            (by, organisation_id, report_id),
        ).rowcount
        == 1
    )


def delete_told(conn: Connection, organisation_id: UUID, report_id: UUID) -> bool:
    """Return whether it was there for this viewer; it is gone now."""
    return (
        conn.execute(
            "delete from signals_toldreport where organisation_id = %s and id = %s",
            (organisation_id, report_id),
        ).rowcount
        == 1
    )


def _told(row: Sequence[object], seen: Seen | None = None) -> Told:
    known = dict(zip(_COLUMNS.split(", "), row, strict=False))
    return Told(**{**known, "told_ids": tuple(known["told_ids"])}, seen=seen)  # type: ignore[arg-type]


def _opened(ring: KeyRing, report_id: UUID, sealed: bytes) -> Seen | None:
    try:
        return read_seen(ring.open_local(f"{PURPOSE} {report_id}", sealed).decode())
    except (DecryptionRefused, ValueError):
        return None
