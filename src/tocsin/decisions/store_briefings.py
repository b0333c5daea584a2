"""How do briefings and their receipts lie in PostgreSQL?"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.briefing import Asked, Entry, Keeper, Receipt
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

MAX_ENTRIES: Final = 2_000

# Whoever is a party, the colleague himself, and she whom it is about keep no briefing of it.
_ENTRIES: Final = """
    select d.organisation_id, d.case_id, d.version, d.sites, d.informs, c.protected_id, c.colleague_id,
        array(select p.person_id from registry_party p where p.case_id = d.case_id and p.until is null)
    from registry_doorentry d join registry_case c on c.id = d.case_id
    where d.is_active and d.instruction <> 'none' and c.closed_at is null and c.erased_at is null
"""
# At a site of which a post is kept, where it refuses or informs; an entry of no site stands at all.
_STANDS: Final = "((%s and d.sites = '[]'::jsonb) or d.sites || d.informs ?| %s)"
_TO_ASK: Final = """
    select distinct d.case_id from registry_doorentry d join registry_case c on c.id = d.case_id
    join unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[]) as k (organisation_id, person_id, site_id, instead_of)
        on k.organisation_id = d.organisation_id
    where d.is_active and d.instruction <> 'none' and c.closed_at is null and c.erased_at is null
      and (d.sites = '[]'::jsonb or d.sites || d.informs ? k.site_id)
      and k.person_id is distinct from c.protected_id and k.person_id is distinct from c.colleague_id
      and not exists (select 1 from registry_party p
          where p.case_id = d.case_id and p.person_id = k.person_id and p.until is null)
      and not exists (select 1 from unnest(k.instead_of::uuid[]) as there (id)
          where there.id is distinct from c.protected_id and there.id is distinct from c.colleague_id
            and not exists (select 1 from registry_party p
                where p.case_id = d.case_id and p.person_id = there.id and p.until is null))
      and not exists (select 1 from decisions_briefing b where b.organisation_id = d.organisation_id
          and b.case_id = d.case_id and b.person_id = k.person_id and b.version = d.version)
    limit %s
"""


def load_entries(conn: Connection, case_ids: Collection[UUID] | None = None) -> list[Entry]:
    """Return the door entries that posts act on, as far as this role or viewer may read their cases.

    `case_ids`: only those of these cases.
    """
    wanted = None if case_ids is None else list(case_ids)
    rows = conn.execute(
        _ENTRIES
        + " and (%s::uuid[] is null or d.case_id = any(%s::uuid[])) order by d.case_id limit %s",
        (wanted, wanted, MAX_ENTRIES),
    ).fetchall()
    return [_entry(row) for row in rows]


def cases_to_ask(conn: Connection, kept: Sequence[tuple[UUID, Keeper]], limit: int) -> list[UUID]:
    """Return cases of which somebody who keeps a post now was not asked to read the version that holds.

    `kept`: (organisation, who keeps a post of it). Most of the time there is none, and this is all that is read.
    """
    rows = conn.execute(
        _TO_ASK,
        (
            [organisation_id for organisation_id, _ in kept],
            [keeper.person_id for _, keeper in kept],
            [str(keeper.site_id) for _, keeper in kept],
            ["{" + ",".join(map(str, keeper.instead_of)) + "}" for _, keeper in kept],
            limit,
        ),
    )
    return [row[0] for row in rows.fetchall()]


def find_entry(conn: Connection, case_id: UUID) -> Entry | None:
    """Return one door entry, or None."""
    row = conn.execute(_ENTRIES + " and d.case_id = %s", (case_id,)).fetchone()
    return _entry(row) if row else None


def _entry(row: Sequence[Any]) -> Entry:
    organisation_id, case_id, version, sites, informs, protected_id, colleague_id, parties = row
    shut_out = {person for person in (protected_id, colleague_id, *parties) if person}
    return Entry(
        organisation_id=organisation_id,
        case_id=case_id,
        version=version,
        # Everywhere, if it refuses nowhere in particular.
        sites=frozenset(UUID(site) for site in (*sites, *informs)) if sites else frozenset(),
        shut_out=frozenset(shut_out),
    )


def load_receipts(conn: Connection, case_ids: Collection[UUID]) -> dict[UUID, list[Receipt]]:
    """Return who was asked and who has read, by case."""
    rows = conn.execute(
        """
        select case_id, person_id, version, asked_at, read_at from decisions_briefing
        where case_id = any(%s) order by asked_at, id
        """,
        (list(case_ids),),
    )
    found: dict[UUID, list[Receipt]] = defaultdict(list)
    for case_id, person_id, version, asked_at, read_at in rows.fetchall():
        found[case_id].append(
            Receipt(
                case_id=case_id,
                person_id=person_id,
                version=version,
                asked_at=asked_at,
                read_at=read_at,
            )
        )
    return found


def insert_asked(conn: Connection, asked: Sequence[Asked], at: datetime) -> None:
    """Write who was asked to read what."""
    conn.cursor().executemany(
        """
        insert into decisions_briefing (id, organisation_id, case_id, post_id, site_id, person_id, version, asked_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
        """,
        [
            (
                uuid7(),
                a.entry.organisation_id,
                a.entry.case_id,
                a.keeper.post_id,
                a.keeper.site_id,
                a.keeper.person_id,
                a.entry.version,
                at,
            )
            for a in asked
        ],
    )


def _sites(kept: Collection[UUID]) -> tuple[bool, list[str]]:
    return bool(kept), [str(site_id) for site_id in kept]


def load_asked_of(
    conn: Connection, organisation_id: UUID, person_id: UUID, kept: Collection[UUID]
) -> list[tuple[UUID, int, UUID, UUID | None, datetime, datetime | None]]:
    """Return (case, version, site, post, asked at, read at) of a person's briefings that hold now, unread first.

    `kept`: the sites of which she keeps a post now; only what stands at one of them.
    """
    return conn.execute(
        f"""
        select b.case_id, b.version, b.site_id, b.post_id, b.asked_at, b.read_at
        from decisions_briefing b join registry_doorentry d on d.case_id = b.case_id and d.version = b.version
        where b.organisation_id = %s and b.person_id = %s and d.is_active and d.instruction <> 'none' and {_STANDS}
        order by b.read_at nulls first, b.asked_at desc limit 200
        """,  # noqa: S608 - a constant
        (organisation_id, person_id, *_sites(kept)),
    ).fetchall()


def count_unread(
    conn: Connection, organisation_id: UUID, person_id: UUID, kept: Collection[UUID]
) -> int:
    """Return how many briefings a person was asked to read and has not, as `load_asked_of` returns them."""
    found = load_asked_of(conn, organisation_id, person_id, kept)
    return sum(read_at is None for *_what, read_at in found)


def find_asked(
    conn: Connection,
    organisation_id: UUID,
    case_id: UUID,
    person_id: UUID,
    kept: Collection[UUID],
) -> Receipt | None:
    """Return what a person was asked to read of a case, in the version that holds now; None: nothing.

    `kept`: the sites of which she keeps a post now; None too if it stands at none of them.
    """
    row = conn.execute(
        f"""
        select b.version, b.asked_at, b.read_at from decisions_briefing b
        join registry_doorentry d on d.case_id = b.case_id and d.version = b.version
        where b.organisation_id = %s and b.case_id = %s and b.person_id = %s and d.is_active and {_STANDS}
        """,  # noqa: S608 - a constant
        (organisation_id, case_id, person_id, *_sites(kept)),
    ).fetchone()
    if row is None:
        return None
    return Receipt(
        case_id=case_id, person_id=person_id, version=row[0], asked_at=row[1], read_at=row[2]
    )


def load_words(conn: Connection, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the words of cases, for whoever is on no other side of them."""
    rows = conn.execute(
        "select id, tocsin_case_word(id) from unnest(%s::uuid[]) as asked (id)", (list(case_ids),)
    )
    return {case_id: word for case_id, word in rows.fetchall() if word}


def insert_readings(
    conn: Connection, looks: Sequence[tuple[UUID, UUID, UUID]], what: str, why: str, at: datetime
) -> None:
    """Write that (organisation, case, person) were read without a grant, for her who is protected to see.

    `what` and `why`: codes, as (briefing, post) and (task, owner).
    """
    conn.cursor().executemany(
        """
        insert into registry_reading (id, organisation_id, case_id, person_id, what, why, grant_id, read_at)
        values (%s, %s, %s, %s, %s, %s, null, %s)
        """,
        [(uuid7(), *look, what, why, at) for look in looks],
    )


def mark_read(
    conn: Connection, organisation_id: UUID, case_id: UUID, person_id: UUID, at: datetime
) -> tuple[int, UUID, UUID | None] | None:
    """Write that a person has read the version that holds now; return (version, site, post), None: nothing to read."""
    row = conn.execute(
        """
        update decisions_briefing b set read_at = %s from registry_doorentry d
        where b.organisation_id = %s and b.case_id = %s and b.person_id = %s and b.read_at is null
          and d.case_id = b.case_id and d.version = b.version
        returning b.version, b.site_id, b.post_id
        """,
        (at, organisation_id, case_id, person_id),
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def sites_with_duties(conn: Connection, at: datetime) -> list[tuple[UUID, UUID]]:
    """Return (organisation, site) of every site where somebody is on duty and an organisation's doors know somebody."""
    return conn.execute(
        """
        select distinct s.organisation_id, s.site_id from registry_shift s
        where s.starts_at <= %s and s.ends_at > %s and exists (
            select 1 from registry_doorentry d where d.organisation_id = s.organisation_id and d.is_active)
        """,
        (at, at),
    ).fetchall()
