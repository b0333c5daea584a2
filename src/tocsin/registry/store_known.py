"""What does the engine keep of the registry for the time without a database? Everything at once, of everybody."""

from collections import defaultdict
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from tocsin.registry.rules import policy_document
from tocsin.registry.rules.contacts import Contact
from tocsin.registry.rules.policy import Duty, Person, Policy, Post, Team
from tocsin.registry.store import (
    STANDING_ROLES,
    TAKEN,
    contact_of,
    load_doubted_ways,
    screen_of,
)
from tocsin.registry.store_calling import HIS_ADDRESS, one_line
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

PAIR: Final = ("registry_codepair", "pair_sealed")


class PersonRow(NamedTuple):
    """One person as the rows have her."""

    id: UUID
    organisation_id: UUID
    site_id: UUID | None
    role: str
    language: str
    manager_id: UUID | None
    is_active: bool
    pair_id: UUID | None
    pair_sealed: bytes | None
    wrong_count: int | None
    wrapped: bytes
    is_said_gone: bool


class SiteRow(NamedTuple):
    """One site, its address in one line; `his_address` is what a party of a case has written it to be, for `his_eyes`."""

    id: UUID
    organisation_id: UUID
    kind: str
    name: str
    address: str
    time_zone: str
    his_address: str
    his_eyes: frozenset[UUID]


def load_people(conn: Connection) -> list[PersonRow]:
    """Return everybody whose key is not erased; the inactive too, since their SOS counts."""
    rows = conn.execute(
        """select p.id, p.organisation_id, p.site_id, p.role, p.language, p.manager_id, p.is_active,
            c.id, c.pair_sealed, c.wrong_count, k.wrapped, coalesce(p.contested ->> 'is_active' = 'false', false)
        from registry_person_shown p join registry_personkey k on k.person_id = p.id
        left join registry_codepair c on c.person_id = p.id""",
        binary=True,
    )
    return [PersonRow(*row) for row in rows.fetchall()]


def person(row: PersonRow, contacts: tuple[Contact, ...]) -> Person:
    """Return the person as `select` wants her."""
    return Person(
        id=row.id,
        contacts=contacts,
        language=row.language,
        roles=frozenset({row.role}) if row.role in STANDING_ROLES else frozenset(),
        manager_id=row.manager_id,
        is_said_gone=row.is_said_gone,
    )


def open_pair(ring: KeyRing, row: PersonRow) -> tuple[str, int]:
    """Return a person's codes as their text, and the wrong ones in a row."""
    key = ring.person_key(row.id, row.wrapped)
    if row.pair_id is None or row.pair_sealed is None:
        message = "this person has no codes"
        raise ValueError(message)
    return key.open(*PAIR, row.pair_id, row.pair_sealed), row.wrong_count or 0


def load_contacts(conn: Connection) -> dict[UUID, tuple[Contact, ...]]:
    """Return, by person, every way to reach her that is not revoked, her screen first.

    One that a party of a case removed is there too, as removed by him: what he must not hear of calls it (`store.TAKEN`).
    """
    found: dict[UUID, list[Contact]] = defaultdict(list)
    doubted = _doubted_ways(conn)
    for account_id, person_id in conn.execute(
        "select id, person_id from registry_account where is_active and not in_vain"
    ):
        found[person_id].append(screen_of(account_id, doubted))
    rows = conn.execute(
        f"""select c.id, c.person_id, c.channel, c.position, c.is_work, case when c.in_vain = '' then c.verified_at end,
            nullif(c.safe_rule, '{{}}'), case when d.id is null then c.made_by_id else d.enrolled_by_id end,
            case when d.id is null then c.confirmed_by_id else d.confirmed_by_id end,
            c.ruled_by_id, nullif(c.rule_before, '{{}}'), c.removed_by_id, c.revoked_at
        from registry_contactmethod c left join registry_device d on d.id = c.device_id
        where (c.revoked_at is null or {TAKEN}) and c.in_vain <> 'written'
        order by c.person_id, c.position, c.id""",  # noqa: S608 - a constant of the store
        binary=True,
    )
    for row in rows.fetchall():
        found[row[1]].append(contact_of(row, doubted))
    return {person_id: tuple(contacts) for person_id, contacts in found.items()}


def load_numbers_in_vain(conn: Connection) -> list[UUID]:
    """Return the phone numbers that somebody kept from their owner wrote down: nothing goes there."""
    rows = conn.execute(
        """select id from registry_contactmethod
        where channel = 'sms' and revoked_at is null and in_vain = 'written' order by id"""
    )
    return [row[0] for row in rows.fetchall()]


def _doubted_ways(conn: Connection) -> frozenset[UUID]:
    # Only who is protected has another side.
    rows = conn.execute(
        """select organisation_id, array_agg(distinct protected_id) from registry_case
        where protected_id is not null and erased_at is null group by organisation_id"""
    ).fetchall()
    return frozenset().union(*(load_doubted_ways(conn, org, people) for org, people in rows))


def load_kept_out(conn: Connection) -> dict[UUID, frozenset[UUID]]:
    """Return, by person, whom her incidents leave out: the colleagues whom she ruled out, the parties of her cases."""
    rows = conn.execute(
        """select person_id, colleague_id from registry_emergencycontact
        where colleague_id is not null and (never_notify or never_give_location)
        union select person_id, colleague_id
            from tocsin_kept_out(array(select protected_id from registry_case where protected_id is not null))"""
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for person_id, colleague_id in rows.fetchall():
        found[person_id].add(colleague_id)
    return {person_id: frozenset(colleagues) for person_id, colleagues in found.items()}


def load_parties(conn: Connection) -> dict[UUID, frozenset[UUID]]:
    """Return, by case, who must learn nothing of it."""
    rows = conn.execute(
        """select case_id, array_agg(person_id) from (
            select case_id, person_id from registry_party where until is null
            union select id, colleague_id from registry_case where colleague_id is not null) as every
        group by case_id"""
    )
    return {case_id: frozenset(people) for case_id, people in rows}


class DeviceRow(NamedTuple):
    """One device. Revoked (or in vain), or waiting to be confirmed, it is believed in nothing but a press."""

    id: UUID
    person_id: UUID
    is_revoked: bool
    is_doubted: bool


def load_devices(conn: Connection) -> list[DeviceRow]:
    """Return every device, once."""
    rows = conn.execute(
        """with other_side (her, him) as (
            select c.protected_id, p.person_id from registry_case c join registry_party p on p.case_id = c.id
                where p.until is null and c.erased_at is null
            union select protected_id, colleague_id from registry_case where erased_at is null)
        select id, person_id, revoked_at is not null or in_vain, confirmed_at is null and o.her is not null
        from registry_device left join other_side o on o.her = person_id and o.him = enrolled_by_id"""
    ).fetchall()
    return [DeviceRow(*row) for row in rows]


def load_sites(conn: Connection) -> list[SiteRow]:
    """Return every site."""
    rows = conn.execute(
        f"select id, organisation_id, kind, name, address, time_zone, {HIS_ADDRESS} from registry_site",  # noqa: S608 - a constant
        binary=True,
    )
    return [
        SiteRow(
            i, o, kind, name, one_line(address), zone, one_line(his or {}), frozenset(whose or ())
        )
        for i, o, kind, name, address, zone, his, whose in rows
    ]


def load_teams(conn: Connection) -> list[tuple[UUID, UUID | None, Team]]:
    """Return (organisation, site or None, team)."""
    rows: list[tuple[Any, ...]] = conn.execute(
        """select t.organisation_id, t.site_id, t.id, t.is_rostered, array_agg(m.person_id order by m.id)
        from registry_team t join registry_teammember m on m.team_id = t.id group by t.id"""
    ).fetchall()
    return [
        (o, s, Team(id=i, members=tuple(members), is_rostered=rostered))
        for o, s, i, rostered, members in rows
    ]


def load_posts(conn: Connection) -> list[tuple[UUID, Post]]:
    """Return (site, post)."""
    rows = conn.execute("select site_id, id, is_staffed from registry_post").fetchall()
    return [(site_id, Post(id=post_id, has_guard=guard)) for site_id, post_id, guard in rows]


def load_policies(conn: Connection) -> list[tuple[UUID, Policy]]:
    """Return (site, policy)."""
    rows = conn.execute(
        "select site_id, body from registry_escalationpolicy", binary=True
    ).fetchall()
    return [(site_id, policy_document.from_dict(body)) for site_id, body in rows]


def load_duties(
    conn: Connection, since: datetime, until: datetime, *, is_cover: bool = False
) -> list[tuple[UUID, datetime, datetime, Duty]]:
    """Return (site, from, to, duty) of every shift that touches this time.

    `is_cover`: only of who works here. The roster's line of somebody who has left still says where her phone is, and calls
    nobody.
    """
    rows = conn.execute(
        """select site_id, starts_at, ends_at, person_id, role, post_id, at_position from registry_shift s
        where starts_at < %s and ends_at > %s and (not %s or exists (
            select 1 from registry_person p where p.id = s.person_id and p.is_active)) order by starts_at, id""",
        (until, since, is_cover),
        binary=True,
    ).fetchall()
    return [
        (site, start, end, Duty(person_id=p, role=role, post_id=post, at_position=at, site_id=site))
        for site, start, end, p, role, post, at in rows
    ]


def was_rostered(conn: Connection, site_id: UUID) -> bool:
    """Return whether this site has roster lines, so that somebody means it to be covered."""
    row = conn.execute(
        "select 1 from registry_rosterline where site_id = %s limit 1", (site_id,)
    ).fetchone()
    return row is not None
