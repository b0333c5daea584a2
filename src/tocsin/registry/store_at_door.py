"""What must be known of a case when somebody was seen: whom it protects and where she is now? Without opening a name."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tocsin.registry.rules.duty import WORKS_WITHIN
from tocsin.runtime.database import Connection

_AT_DOOR = """
    select c.id, c.protected_id, c.colleague_id, c.opened_by_id, d.lowered_at, c.released_at, p.site_id,
        coalesce(
            (select s.site_id from registry_shift s where s.organisation_id = c.organisation_id
             and s.person_id = c.protected_id and s.starts_at <= %(at)s and s.ends_at > %(at)s
             order by s.starts_at desc limit 1),
            (select k.site_id from tocsin_kept_shifts(c.protected_id, %(at)s, %(at)s) k
             order by k.starts_at desc limit 1)),
        array(select s.site_id from registry_shift s where s.organisation_id = c.organisation_id
            and s.person_id = c.protected_id and s.starts_at <= %(until)s and s.ends_at >= %(since)s
            union select k.site_id from tocsin_kept_shifts(c.protected_id, %(since)s, %(until)s) k),
        (select id from registry_site where organisation_id = c.organisation_id order by id limit 1)
    from registry_case c
    left join registry_doorentry d on d.case_id = c.id
    left join registry_person p on p.id = c.protected_id
    where c.organisation_id = %(o)s and c.id = any(%(cases)s) and c.closed_at is null and c.erased_at is null
"""


class AtDoor(NamedTuple):
    """One case. `own_site_id`: where she usually works; `duty_site_id`: where she is on duty now.

    `roster_site_ids`: where she has a shift within `WORKS_WITHIN` before or after now.
    """

    case_id: UUID
    protected_id: UUID | None
    colleague_id: UUID | None
    opened_by_id: UUID
    lowered_at: datetime | None
    released_at: datetime | None
    own_site_id: UUID | None
    duty_site_id: UUID | None
    roster_site_ids: list[UUID]
    any_site_id: UUID

    @property
    def her_site_id(self) -> UUID | None:
        """Return where she is on duty now, else where she usually works."""
        return self.duty_site_id or self.own_site_id

    @property
    def her_sites(self) -> frozenset[UUID]:
        """Return the sites where she works: her own, and each of her roster, also minutes before and after a shift."""
        own = (self.own_site_id,) if self.own_site_id else ()
        return frozenset((*self.roster_site_ids, *own))


def load_at_door(
    conn: Connection, organisation_id: UUID, case_ids: Collection[UUID], *, at: datetime
) -> list[AtDoor]:
    """Return these cases as far as they are open and this role or viewer sees them."""
    values = {"o": organisation_id, "cases": list(case_ids), "at": at}
    values |= {"since": at - WORKS_WITHIN, "until": at + WORKS_WITHIN}
    return [AtDoor(*row) for row in conn.execute(_AT_DOOR, values).fetchall()]


def colleagues_on_duty(
    conn: Connection, at: datetime
) -> list[tuple[UUID, UUID, UUID, UUID, datetime]]:
    """Return organisation, case, shift, site and beginning of it of each respondent who is on duty now (the engine)."""
    rows = conn.execute(
        """
        select c.organisation_id, c.id, s.id, s.site_id, s.starts_at from registry_case c
        join registry_shift s on s.organisation_id = c.organisation_id and s.person_id = c.colleague_id
        where c.closed_at is null and c.erased_at is null and s.starts_at <= %(at)s and s.ends_at > %(at)s
        order by s.starts_at, s.id
        """,
        {"at": at},
    )
    return rows.fetchall()


def cases_of_colleagues(conn: Connection) -> dict[UUID, list[UUID]]:
    """Return by organisation the open cases whose respondent works here (the engine)."""
    rows = conn.execute(
        """select organisation_id, array_agg(id order by id) from registry_case
        where colleague_id is not null and closed_at is null and erased_at is null group by organisation_id"""
    )
    return dict(rows.fetchall())


def with_first_page(conn: Connection, case_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return the orders of these cases whose masked first page can be shown to police."""
    rows = conn.execute(
        """select order_id from registry_orderdocument
        where case_id = any(%s) and first_page_sealed is not null""",
        (list(case_ids),),
    )
    return frozenset(row[0] for row in rows.fetchall())


def sites_of_places(conn: Connection, place_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return whose sites these places are."""
    if not place_ids:
        return {}
    rows = conn.execute(
        "select id, site_id from registry_place where id = any(%s)", (list(place_ids),)
    )
    return dict(rows.fetchall())


def load_outlines(
    conn: Connection, organisation_id: UUID
) -> dict[UUID, tuple[UUID | None, dict[str, Any]]]:
    """Return by site or place (its site, its drawn area) of everything that was drawn."""
    rows = conn.execute(
        """select id, id, outline from registry_site where organisation_id = %s and outline is not null
        union all select id, site_id, geometry from registry_place
        where organisation_id = %s and geometry is not null""",
        (organisation_id, organisation_id),
    )
    return {row_id: (site_id, shape) for row_id, site_id, shape in rows.fetchall()}
