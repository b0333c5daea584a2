"""How would her shifts be if no party of her case had written of the roster? All SQL about it.

The engine plans and keeps them; on the web safety leads on no side are answered which lines of his it hangs on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.registry.rules.rows import HisLine, RosterLineRow
from tocsin.runtime.database import Connection, plain_json
from tocsin.runtime.ids import uuid7

# Whoever takes a line out may be a party of a case days later.
KEEPS_TAKEN: Final = timedelta(days=35)
KEEPS_ENDED: Final = timedelta(days=2)


@dataclass(slots=True)
class HisHand:
    """What parties of a person's cases have done to one site's roster: lines written, and lines taken out."""

    organisation_id: UUID
    person_id: UUID
    site_id: UUID
    written: set[UUID] = field(default_factory=set)
    taken: set[UUID] = field(default_factory=set)


def load_his_hands(conn: Connection) -> list[HisHand]:
    """Return by protected person and site what those have written of its roster who are parties of her open cases.

    `runtime/his_rosters.py` says since when. In one order, so that two engines never wait for each other.
    """
    found: dict[tuple[UUID, UUID], HisHand] = {}
    rows = conn.execute(
        """select organisation_id, her, site_id, line_id, is_taken from tocsin_his_lines(null)
        order by her, site_id"""
    )
    for organisation_id, person_id, site_id, line_id, is_taken in rows.fetchall():
        hand = found.setdefault((person_id, site_id), HisHand(organisation_id, person_id, site_id))
        (hand.taken if is_taken else hand.written).add(line_id)
    return list(found.values())


def load_versions(
    conn: Connection, site_ids: Collection[UUID]
) -> dict[UUID, tuple[int, datetime | None]]:
    """Return how many lines these sites' rosters have and when the last was written; a site without any is missing."""
    rows = conn.execute(
        """select site_id, count(*), max(made_at) from registry_rosterline where site_id = any(%s) group by site_id""",
        (list(site_ids),),
    )
    return {site_id: (count, last) for site_id, count, last in rows.fetchall()}


def load_lines_without(conn: Connection, hand: HisHand) -> list[RosterLineRow]:
    """Return a site's lines as if these had never been written or taken out, oldest first."""
    rows = conn.execute(
        """
        select id, kind, body from (
            select id, kind, body, made_at from registry_rosterline where site_id = %(s)s and id <> all(%(written)s)
            union all
            select id, kind, body, made_at from registry_takenline where site_id = %(s)s and id = any(%(taken)s)
        ) lines order by made_at, id
        """,
        {"s": hand.site_id, "written": list(hand.written), "taken": list(hand.taken)},
    )
    return [RosterLineRow(*row) for row in rows.fetchall()]


def load_hers(
    conn: Connection, hand: HisHand, since: datetime, until: datetime
) -> set[tuple[datetime, datetime]]:
    """Return (start, end) of her shifts at the site that end after `since` and begin before `until`, as planned."""
    rows = conn.execute(
        """select starts_at, ends_at from registry_shift
        where organisation_id = %s and site_id = %s and person_id = %s and ends_at > %s and starts_at < %s""",
        (hand.organisation_id, hand.site_id, hand.person_id, since, until),
    )
    return {(starts_at, ends_at) for starts_at, ends_at in rows.fetchall()}


def keep_shifts(
    conn: Connection, hand: HisHand, shifts: Collection[tuple[datetime, datetime]], at: datetime
) -> None:
    """Keep these (start, end) of hers at the site as those from now on; what has ended stays for a while."""
    whole = sorted(shifts)
    values = {
        "o": hand.organisation_id,
        "p": hand.person_id,
        "s": hand.site_id,
        "at": at,
        "ids": [uuid7() for _ in whole],
        "starts": [starts_at for starts_at, _ in whole],
        "ends": [ends_at for _, ends_at in whole],
    }
    conn.execute(
        """
        delete from registry_keptshift where organisation_id = %(o)s and person_id = %(p)s and site_id = %(s)s
            and ends_at > %(at)s and (starts_at, ends_at) not in (
            select * from unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]))
        """,
        values,
    )
    conn.execute(
        """
        insert into registry_keptshift (id, organisation_id, site_id, person_id, starts_at, ends_at)
        select id, %(o)s, %(s)s, %(p)s, starts_at, ends_at
        from unnest(%(ids)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) as g (id, starts_at, ends_at)
        on conflict do nothing
        """,
        values,
    )


def drop_kept(conn: Connection, hands: Sequence[HisHand], at: datetime) -> None:
    """Drop what is kept of whomever no party has touched any more, and what ended days ago."""
    conn.execute(
        """
        delete from registry_keptshift where ends_at < %s or (person_id, site_id) not in (
            select * from unnest(%s::uuid[], %s::uuid[]))
        """,
        (at - KEEPS_ENDED, [h.person_id for h in hands], [h.site_id for h in hands]),
    )


def drop_taken(conn: Connection, hands: Sequence[HisHand], at: datetime) -> None:
    """Forget the lines that were taken out weeks ago, but for those that a party of an open case took."""
    kept = list(set[UUID]().union(*(hand.taken for hand in hands)))
    conn.execute(
        "delete from registry_takenline where taken_at < %s and id <> all(%s)",
        (at - KEEPS_TAKEN, kept),
    )


def load_his_lines(conn: Connection, site_id: UUID) -> list[HisLine]:
    """Return those of a site, as far as this viewer may know of them; each once."""
    rows = conn.execute(
        "select distinct line_id, kind, body, is_taken from tocsin_his_lines(%s) order by line_id",
        (site_id,),
    )
    return [
        HisLine(RosterLineRow(line_id, kind, plain_json(body)), is_taken)
        for line_id, kind, body, is_taken in rows.fetchall()
    ]


def sites_of_his_lines(conn: Connection) -> list[UUID]:
    """Return the sites that have such a line, as far as this viewer may know of it."""
    rows = conn.execute("select distinct site_id from tocsin_his_lines(null) order by site_id")
    return [site_id for (site_id,) in rows.fetchall()]


def stand_for_line(conn: Connection, line_id: UUID) -> UUID | None:
    """Return of which case it was, and have what a party wrote or took out count as the viewer's; None: no such line."""
    row = conn.execute("select tocsin_stand_for_line(%s)", (line_id,)).fetchone()
    return row[0] if row else None


def mark_asked(conn: Connection, loosening_id: UUID | None) -> None:
    """Name the agreed change of which the roster's lines are written or taken out from here on; None: of no such."""
    conn.execute("select set_config('app.asked', %s, true)", (str(loosening_id or ""),))
