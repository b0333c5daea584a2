"""Where do people work, who watches which door, who is on duty when, and who is called in which order?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.registry.rules import his_record
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.loosening import Loosening
from tocsin.registry.rules.rows import (
    PlaceRow,
    PostRow,
    RosterLineRow,
    ShiftRow,
    SiteRow,
    TeamRow,
)
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

_SITE: Final = """select id, organisation_id, name, kind, time_zone, address, psap, outline, contested
    from registry_site_shown"""


def _site(row: Sequence[Any]) -> SiteRow:
    names = ("id", "organisation_id", "name", "kind", "time_zone", "address", "psap", "outline")
    stands = SiteRow(**dict(zip(names, row[:8], strict=True)))
    return his_record.with_site_contested(stands, row[8])


def load_sites(conn: Connection, organisation_id: UUID) -> list[SiteRow]:
    """Return the organisation's sites by name."""
    rows = conn.execute(f"{_SITE} where organisation_id = %s order by name", (organisation_id,))
    return [_site(row) for row in rows.fetchall()]


def find_site(conn: Connection, organisation_id: UUID, site_id: UUID) -> SiteRow | None:
    """Return one site, or None."""
    row = conn.execute(
        f"{_SITE} where organisation_id = %s and id = %s", (organisation_id, site_id)
    ).fetchone()
    return _site(row) if row else None


def number_to_dial(conn: Connection, organisation_id: UUID, person_id: UUID) -> str:
    """Return the emergency number of a person's site, else the one that all sites share, else an empty text."""
    rows = conn.execute(
        """select psap->>'number', id = (select site_id from registry_person where id = %s)
        from registry_site_shown where organisation_id = %s and psap->>'number' <> '' limit 1000""",
        (person_id, organisation_id),
    ).fetchall()
    hers = {number for number, is_hers in rows if is_hers} or {number for number, _ in rows}
    return str(hers.pop()) if len(hers) == 1 else ""


def save_site(conn: Connection, site: SiteRow) -> None:
    """Write a new site or the new state of a known one.

    Raises:
        psycopg.errors.UniqueViolation: another site of the organisation has this name.
    """
    conn.execute(
        """
        insert into registry_site (id, organisation_id, name, kind, time_zone, address, psap, outline)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (id) do update set name = excluded.name, kind = excluded.kind, time_zone = excluded.time_zone,
            address = excluded.address, psap = excluded.psap, outline = excluded.outline
        """,
        (
            site.id,
            site.organisation_id,
            site.name,
            site.kind,
            site.time_zone,
            Jsonb(site.address),
            Jsonb(site.psap),
            Jsonb(site.outline) if site.outline else None,
        ),
    )


def load_places(conn: Connection, site_id: UUID) -> list[PlaceRow]:
    """Return the named parts of a site."""
    rows = conn.execute(
        "select id, name, kind, geometry from registry_place where site_id = %s order by name",
        (site_id,),
    )
    return [PlaceRow(*row) for row in rows.fetchall()]


def insert_place(conn: Connection, organisation_id: UUID, site_id: UUID, place: PlaceRow) -> None:
    """Write a named part of a site.

    Raises:
        psycopg.errors.UniqueViolation: the site has one of this name.
    """
    conn.execute(
        """
        insert into registry_place (id, organisation_id, site_id, name, kind, geometry) values (%s, %s, %s, %s, %s, %s)
        """,
        (
            place.id,
            organisation_id,
            site_id,
            place.name,
            place.kind,
            Jsonb(place.geometry) if place.geometry else None,
        ),
    )


def load_posts(conn: Connection, site_id: UUID) -> list[PostRow]:
    """Return the posts of a site."""
    rows = conn.execute(
        "select id, name, is_staffed from registry_post where site_id = %s order by name",
        (site_id,),
    )
    return [PostRow(*row) for row in rows.fetchall()]


def insert_post(conn: Connection, organisation_id: UUID, site_id: UUID, post: PostRow) -> None:
    """Write a post.

    Raises:
        psycopg.errors.UniqueViolation: the site has one of this name.
    """
    conn.execute(
        "insert into registry_post (id, organisation_id, site_id, name, is_staffed) values (%s, %s, %s, %s, %s)",
        (post.id, organisation_id, site_id, post.name, post.is_staffed),
    )


def load_teams(conn: Connection, organisation_id: UUID) -> list[TeamRow]:
    """Return the organisation's teams with their members."""
    rows = conn.execute(
        """
        select t.id, t.site_id, t.name, t.is_rostered, coalesce(array_agg(m.person_id) filter (where m.id is not null), '{}')
        from registry_team t left join registry_teammember m on m.team_id = t.id
        where t.organisation_id = %s group by t.id order by t.name
        """,
        (organisation_id,),
    )
    return [
        TeamRow(id=i, site_id=site, name=name, is_rostered=rostered, members=tuple(members))
        for i, site, name, rostered, members in rows.fetchall()
    ]


def insert_team(conn: Connection, organisation_id: UUID, team: TeamRow) -> None:
    """Write a team and its members.

    Raises:
        psycopg.errors.UniqueViolation: the organisation has one of this name.
    """
    conn.execute(
        "insert into registry_team (id, organisation_id, site_id, name, is_rostered) values (%s, %s, %s, %s, %s)",
        (team.id, organisation_id, team.site_id, team.name, team.is_rostered),
    )
    add_members(conn, organisation_id, team, team.members)


def add_members(
    conn: Connection, organisation_id: UUID, team: TeamRow, members: Sequence[UUID]
) -> None:
    """Put people into a team; who is in it already stays."""
    for person_id in members:
        conn.execute(
            """insert into registry_teammember (id, organisation_id, team_id, person_id) values (%s, %s, %s, %s)
            on conflict do nothing""",
            (uuid7(), organisation_id, team.id, person_id),
        )


def load_roster_lines(conn: Connection, site_id: UUID) -> list[RosterLineRow]:
    """Return the lines of a site's roster, oldest first."""
    rows = conn.execute(
        "select id, kind, body from registry_rosterline where site_id = %s order by made_at, id",
        (site_id,),
    )
    return [RosterLineRow(*row) for row in rows.fetchall()]


def insert_roster_line(
    conn: Connection, organisation_id: UUID, site_id: UUID, line: RosterLineRow, *, at: datetime
) -> None:
    """Write one line of a roster; `flow/plan_shifts.py` makes shifts of it."""
    conn.execute(
        "insert into registry_rosterline (id, organisation_id, site_id, kind, body, made_at) values (%s, %s, %s, %s, %s, %s)",
        (line.id, organisation_id, site_id, line.kind, Jsonb(line.body), at),
    )


def delete_roster_line(conn: Connection, site_id: UUID, line_id: UUID) -> bool:
    """Return whether there was such a line."""
    done = conn.execute(
        "delete from registry_rosterline where id = %s and site_id = %s", (line_id, site_id)
    )
    return done.rowcount == 1


def replace_shifts(
    conn: Connection,
    organisation_id: UUID,
    site_id: UUID,
    shifts: Sequence[Shift],
    from_at: datetime,
    until_at: datetime,
) -> int:
    """Replace the planned shifts that touch the time from `from_at` up to `until_at`; return how many there are now.

    Shifts that came from a feed (a calendar) stay. What ended before `from_at` stays as it was: it is history.
    """
    conn.execute(
        """
        delete from registry_shift where organisation_id = %s and site_id = %s and source <> 'feed'
            and ends_at > %s and starts_at < %s
        """,
        (organisation_id, site_id, from_at, until_at),
    )
    insert_shifts(conn, organisation_id, site_id, shifts)
    return len(shifts)


def insert_shifts(
    conn: Connection, organisation_id: UUID, site_id: UUID, shifts: Sequence[Shift]
) -> None:
    """Write shifts, in one statement."""
    conn.execute(
        """
        insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source, post_id,
            at_position)
        select id, %s, %s, person_id, role, starts_at, ends_at, source, post_id, at_position
        from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::uuid[],
            %s::bool[]) as given (id, person_id, role, starts_at, ends_at, source, post_id, at_position)
        """,
        (
            organisation_id,
            site_id,
            [uuid7() for _ in shifts],
            [shift.person_id for shift in shifts],
            [shift.role for shift in shifts],
            [shift.starts_at for shift in shifts],
            [shift.ends_at for shift in shifts],
            [shift.source for shift in shifts],
            [shift.post_id for shift in shifts],
            [shift.at_position for shift in shifts],
        ),
    )


def load_shifts(
    conn: Connection, organisation_id: UUID, from_at: datetime, until_at: datetime
) -> list[ShiftRow]:
    """Return the shifts of all sites that touch this time, by start."""
    rows = conn.execute(
        """
        select site_id, person_id, role, starts_at, ends_at, source, post_id, at_position from registry_shift
        where organisation_id = %s and ends_at > %s and starts_at < %s order by starts_at, id
        """,
        (organisation_id, from_at, until_at),
    )
    return [ShiftRow(*row) for row in rows.fetchall()]


def zone_of_person(conn: Connection, organisation_id: UUID, person_id: UUID) -> str:
    """Return the time zone of the site where a person works, else of the organisation's first; "UTC" without any."""
    row = conn.execute(
        """
        select s.time_zone from registry_site s where s.organisation_id = %s
        order by s.id = (select p.site_id from registry_person p where p.id = %s) desc nulls last, s.id limit 1
        """,
        (organisation_id, person_id),
    ).fetchone()
    return row[0] if row else "UTC"


def load_policies(conn: Connection, site_id: UUID) -> dict[str, dict[str, Any]]:
    """Return the site's policies as documents, by kind."""
    rows = conn.execute(
        "select kind, body from registry_escalationpolicy where site_id = %s", (site_id,)
    )
    return dict(rows.fetchall())


def save_policy(
    conn: Connection,
    organisation_id: UUID,
    site_id: UUID,
    body: dict[str, Any],
    *,
    at: datetime,
    by_id: UUID | None,
) -> None:
    """Write the site's policy of the document's kind; a running incident keeps the one it began with."""
    conn.execute(
        """
        insert into registry_escalationpolicy (id, organisation_id, site_id, kind, name, body, made_at, made_by_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (organisation_id, site_id, kind) do update set name = excluded.name, body = excluded.body,
            made_at = excluded.made_at, made_by_id = excluded.made_by_id
        """,
        (
            uuid7(),
            organisation_id,
            site_id,
            body["kind"],
            body["name"],
            Jsonb(body),
            at,
            by_id,
        ),
    )


def insert_loosening(conn: Connection, organisation_id: UUID, asked: Loosening) -> None:
    """Keep a change until a second person decides."""
    conn.execute(
        """
        insert into registry_loosening (id, organisation_id, site_id, what, body, reasons, asked_at, asked_by_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            asked.id,
            organisation_id,
            asked.site_id,
            asked.what,
            Jsonb(asked.body),
            Jsonb(list(asked.reasons)),
            asked.asked_at,
            asked.asked_by_id,
        ),
    )


def load_loosenings(conn: Connection, organisation_id: UUID, since: datetime) -> list[Loosening]:
    """Return what waits for a second person and was asked after `since`, the oldest first."""
    rows = conn.execute(
        """
        select id, site_id, what, body, reasons, asked_at, asked_by_id from registry_loosening
        where organisation_id = %s and decided_at is null and asked_at > %s order by asked_at, id
        """,
        (organisation_id, since),
    )
    return [
        Loosening(
            id=i,
            site_id=site,
            what=what,
            body=body,
            reasons=tuple(reasons),
            asked_at=at,
            asked_by_id=by,
        )
        for i, site, what, body, reasons, at, by in rows
    ]


def decide_loosening(
    conn: Connection, loosening_id: UUID, *, by_id: UUID, is_agreed: bool, at: datetime
) -> bool:
    """Return whether it was open, and write who decided; one who agrees with himself is refused by the database.

    Raises:
        psycopg.errors.CheckViolation: the one who asked agrees.
    """
    done = conn.execute(
        """
        update registry_loosening set decided_at = %s, decided_by_id = %s, is_agreed = %s
        where id = %s and decided_at is null
        """,
        (at, by_id, is_agreed, loosening_id),
    )
    return done.rowcount == 1


def insert_organisation(
    conn: Connection, organisation_id: UUID, slug: str, name: str, *, at: datetime
) -> None:
    """Write a new employer.

    Raises:
        psycopg.errors.UniqueViolation: the slug is taken on this installation.
    """
    conn.execute(
        "insert into registry_organisation (id, slug, name, made_at) values (%s, %s, %s, %s)",
        (organisation_id, slug, name, at),
    )


def find_organisation(conn: Connection, organisation_id: UUID) -> str | None:
    """Return the organisation's name, or None."""
    row = conn.execute(
        "select name from registry_organisation where id = %s", (organisation_id,)
    ).fetchone()
    return row[0] if row else None
