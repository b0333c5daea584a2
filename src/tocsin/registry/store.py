"""Who may be called for a site now, and by which address? What the engine asks the registry.

What people look at and change is in `store_people.py`, `store_devices.py` and `store_sites.py`. Every function takes
a psycopg connection first and runs in the caller's transaction. Personal fields leave sealed under the
person's own key, bound to table, column and row.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.contacts import EVERY_DAY, LIVE, Contact, SafeRule
from tocsin.registry.rules.policy import Duty, Person, Post, SiteFacts, Team
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

# Roles that a person holds without a roster; any other role counts only on a shift.
STANDING_ROLES: Final = ("safety_lead", "manager", "admin")
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)

_SITES: Final = (
    "select id, kind from registry_site_shown where organisation_id = %s and id = any(%s)"
)
_DUTIES: Final = """
    select site_id, person_id, role, post_id, at_position from registry_shift
    where organisation_id = %s and site_id = any(%s) and starts_at <= %s and ends_at > %s
    order by starts_at, id
"""
_TEAMS: Final = """
    select t.id, t.site_id, t.is_rostered, array_agg(m.person_id order by m.id)
    from registry_team t join registry_teammember m on m.team_id = t.id
    where t.organisation_id = %s and (t.site_id is null or t.site_id = any(%s))
    group by t.id
"""
_POSTS: Final = """
    select id, site_id, is_staffed from registry_post where organisation_id = %s and site_id = any(%s)
"""
# Whoever may be called at all: on its roster now, with a standing role, in a team, named, or up the line of one named.
# Not everybody who works here: a site has thousands, and this runs for every SOS. `_shown`: who is kept from somebody reads
# what he wrote of her himself (`runtime/his_people.py`); the engine, and everybody else, what stands there.
_PEOPLE: Final = """
    with recursive line (id, manager_id, height) as (
        select id, manager_id, 0 from registry_person_shown where organisation_id = %(o)s and id = any(%(also)s)
        union all
        select p.id, p.manager_id, line.height + 1 from registry_person_shown p join line on p.id = line.manager_id
        where line.height < 5
    ), wanted (id) as (
        select id from line
        union select person_id from registry_shift where organisation_id = %(o)s and site_id = any(%(s)s)
            and starts_at <= %(at)s and ends_at > %(at)s
        union select id from registry_person_shown where organisation_id = %(o)s and role = any(%(r)s)
        union select m.person_id from registry_teammember m join registry_team t on t.id = m.team_id
            where t.organisation_id = %(o)s and (t.site_id is null or t.site_id = any(%(s)s))
    )
    select p.id, p.role, p.language, p.manager_id, coalesce(p.contested ->> 'is_active' = 'false', false), a.id
    from wanted join registry_person_shown p on p.id = wanted.id
    left join registry_account a on a.person_id = p.id and a.is_active
        and (not a.in_vain or coalesce(tocsin_is_kept_from(p.id), false))
    where p.is_active
"""
# A way of somebody who is called, which was removed by one who must not hear of it all. What is in use elsewhere by now, or
# was ended by its push service, is nobody's way.
TAKEN: Final = """(c.removed_by_id <> c.person_id and not c.is_gone and not exists (
                select 1 from registry_contactmethod n where n.organisation_id = c.organisation_id
                and n.channel = c.channel and n.address_index = c.address_index and n.revoked_at is null)
            and tocsin_is_against(c.person_id, c.removed_by_id, c.revoked_at))"""
# What somebody kept from her has written down counts on his own screens only, so that he learns nothing of it (I11).
_CONTACTS: Final = f"""
    select c.id, c.person_id, c.channel, tocsin_shown(c.position, c.his_position, c.person_id) as place, c.is_work,
        case when c.in_vain <> '' and not coalesce(tocsin_is_kept_from(c.person_id), false) then null
            else c.verified_at end,
        nullif(tocsin_shown(c.safe_rule, c.his_safe_rule, c.person_id), '{{}}'),
        case when d.id is null then c.made_by_id else d.enrolled_by_id end,
        case when d.id is null then c.confirmed_by_id else d.confirmed_by_id end,
        c.ruled_by_id, nullif(c.rule_before, '{{}}'), c.removed_by_id, c.revoked_at
    from registry_contactmethod c left join registry_device d on d.id = c.device_id
    where c.organisation_id = %(o)s and c.person_id = any(%(p)s)
        and (c.revoked_at is null and tocsin_shown(c.revoked_at, c.his_revoked_at, c.person_id) is null or {TAKEN})
        and not (c.in_vain = 'written' and not coalesce(tocsin_is_kept_from(c.person_id), false))
    order by c.person_id, place, c.id
"""  # noqa: S608 - a constant of this file
# Screens, addresses and phones made by somebody who is on the other side of a case of hers, and confirmed by nobody else.
_DOUBTED: Final = """
    with out as materialized (select person_id, colleague_id from tocsin_kept_out(%(p)s)), made (id, person_id, by_id, stood) as (
        select id, person_id, made_by_id, confirmed_by_id from registry_account where person_id = any(%(p)s)
        union all select id, person_id, made_by_id, confirmed_by_id from registry_contactmethod
            where person_id = any(%(p)s) and organisation_id = %(o)s and device_id is null
        union all select c.id, c.person_id, d.enrolled_by_id, d.confirmed_by_id from registry_contactmethod c
            join registry_device d on d.id = c.device_id where c.person_id = any(%(p)s) and c.organisation_id = %(o)s)
    select made.id from made join out on out.person_id = made.person_id and out.colleague_id = made.by_id
    where made.stood is null or exists (select 1 from out o where o.person_id = made.person_id and o.colleague_id = made.stood)
"""


def load_site_facts(
    conn: Connection,
    organisation_id: UUID,
    site_ids: Sequence[UUID],
    *,
    at: datetime,
    also: Collection[UUID] = (),
) -> dict[UUID, SiteFacts]:
    """Return what decides who is called, by site, at `at` (aware UTC); an unknown site is missing.

    `raiser_id`, `watcher_id` and `kept_out` are of one incident: the caller puts them in with
    `dataclasses.replace` (`load_kept_out` gives the last). `also`: people who must be among `people` whatever
    their site (the raiser, a watcher). Two round trips.
    """
    sites, org = list(site_ids), organisation_id
    wanted = {"o": org, "s": sites, "r": list(STANDING_ROLES), "also": list(also), "at": at}
    with conn.pipeline():
        site_rows = conn.execute(_SITES, (org, sites), binary=True)
        duty_rows = conn.execute(_DUTIES, (org, sites, at, at), binary=True)
        team_rows = conn.execute(_TEAMS, (org, sites), binary=True)
        post_rows = conn.execute(_POSTS, (org, sites), binary=True)
        person_rows = conn.execute(_PEOPLE, wanted, binary=True)
    people = _people(conn, organisation_id, person_rows.fetchall())
    duties = [_duty(row) for row in duty_rows.fetchall() if row[1] in people]
    teams = [
        (site, Team(id=i, members=tuple(m), is_rostered=r))
        for i, site, r, m in team_rows.fetchall()
    ]
    posts = [(site, Post(id=i, has_guard=guard)) for i, site, guard in post_rows.fetchall()]
    return {
        site_id: SiteFacts(
            at=at,
            people=people,
            on_duty=tuple(duty for duty in duties if duty.site_id == site_id),
            teams={team.id: team for site, team in teams if site in {None, site_id}},
            posts={post.id: post for site, post in posts if site == site_id},
            site_kind=kind,
        )
        for site_id, kind in site_rows.fetchall()
    }


def _duty(row: Sequence[Any]) -> Duty:
    site_id, person_id, role, post_id, at_position = row
    return Duty(
        person_id=person_id, role=role, post_id=post_id, at_position=at_position, site_id=site_id
    )


def _people(
    conn: Connection, organisation_id: UUID, rows: Sequence[tuple[Any, ...]]
) -> Mapping[UUID, Person]:
    contacts: dict[UUID, list[Contact]] = defaultdict(list)
    wanted = [row[0] for row in rows]
    with conn.pipeline():
        doubted_rows = _ask_doubted(conn, organisation_id, wanted)
        found = conn.execute(_CONTACTS, {"o": organisation_id, "p": wanted}, binary=True)
    doubted = {row[0] for row in doubted_rows}
    for person_id, *_, account_id in rows:
        if account_id is not None:
            contacts[person_id].append(screen_of(account_id, doubted))
    for row in found.fetchall():
        contacts[row[1]].append(contact_of(row, doubted))
    return {
        person_id: Person(
            id=person_id,
            contacts=tuple(contacts.get(person_id, ())),
            language=language,
            roles=frozenset({role}) if role in STANDING_ROLES else frozenset(),
            manager_id=manager_id,
            is_said_gone=is_said_gone,
        )
        for person_id, role, language, manager_id, is_said_gone, _account in rows
    }


def screen_of(account_id: UUID, doubted: Collection[UUID]) -> Contact:
    """Return the screen of whoever can sign in: the first way to her, which needs no address."""
    return Contact(
        id=account_id,
        channel=LIVE,
        order=0,
        is_work=True,
        verified_at=LONG_AGO,
        is_doubted=account_id in doubted,
    )


def contact_of(row: Sequence[Any], doubted: Collection[UUID]) -> Contact:
    """Return a contact method of its row, as `_CONTACTS` selects it."""
    contact_id, _person, channel, order, is_work, verified_at, rule, maker, stood, *hands = row
    ruled_by_id, before, removed_by_id, revoked_at = hands
    return Contact(
        id=contact_id,
        channel=channel,
        order=order,
        is_work=is_work,
        verified_at=verified_at,
        safe=safe_rule(rule) if rule else None,
        is_doubted=contact_id in doubted,
        made_by_id=maker,
        confirmed_by_id=stood,
        ruled_by_id=ruled_by_id,
        safe_before=safe_rule(before) if before else None,
        removed_by_id=removed_by_id,
        revoked_at=revoked_at,
    )


def load_doubted_ways(
    conn: Connection, organisation_id: UUID, people: Sequence[UUID]
) -> frozenset[UUID]:
    """Return which accounts and contact methods of these people were made by her other side, unconfirmed."""
    return frozenset(row[0] for row in _ask_doubted(conn, organisation_id, people))


def _ask_doubted(
    conn: Connection, organisation_id: UUID, people: Sequence[UUID]
) -> Iterable[tuple[Any, ...]]:
    """Return the question on its way: inside a pipeline it costs no turn of its own."""
    asked = {"o": organisation_id, "p": list(people)}
    return conn.execute(_DOUBTED, asked, binary=True)


def safe_rule(body: Mapping[str, Any]) -> SafeRule:
    """Return the rule that a contact's JSON spells: zone, start, end ("HH:MM"), weekdays, only_owner_answers."""
    return SafeRule(
        zone=body.get("zone", "UTC"),
        start=time.fromisoformat(body.get("start", "00:00")),
        end=time.fromisoformat(body.get("end", "00:00")),
        weekdays=frozenset(body.get("weekdays", EVERY_DAY)),
        only_owner_answers=body.get("only_owner_answers", True),
    )


def load_kept_out(
    conn: Connection, organisation_id: UUID, person_ids: Iterable[UUID]
) -> dict[UUID, frozenset[UUID]]:
    """Return, by person, who learns nothing of her incidents: whom she ruled out, and every party of her cases.

    A viewer who is kept from her himself is told of nobody.
    """
    ids = list(person_ids)
    rows = conn.execute(
        """
        select person_id, colleague_id from registry_emergencycontact
        where organisation_id = %s and person_id = any(%s) and colleague_id is not null
          and (never_notify or never_give_location)
        union select person_id, colleague_id from tocsin_kept_out(%s)
        """,
        (organisation_id, ids, ids),
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for person_id, colleague_id in rows.fetchall():
        found[person_id].add(colleague_id)
    return {person_id: frozenset(colleagues) for person_id, colleagues in found.items()}


def load_parties(conn: Connection, case_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return who learns nothing of these cases; a viewer who is a party himself is told of nobody."""
    rows = conn.execute("select tocsin_kept_out_of_cases(%s)", (list(case_ids),)).fetchall()
    return frozenset(row[0] for row in rows)


CONTACTS: Final = "registry_contactmethod"
PEOPLE: Final = "registry_person"


@dataclass(frozen=True, slots=True)
class Found:
    """Whose address it is; `is_active` False: she left, but her SOS still counts.

    `is_in_vain`: somebody kept from her wrote it down as hers. Of one that another wrote down and he only vouched for, it is
    as before: his word takes nothing from her either.
    """

    person_id: UUID
    organisation_id: UUID
    contact_id: UUID
    is_active: bool
    is_in_vain: bool = False


def find_by_address(
    conn: Connection, ring: KeyRing, organisation_id: UUID, channel: str, address: str
) -> Found | None:
    """Return whose contact method this is (a phone number in E.164), or None; unverified ones count too."""
    row = conn.execute(
        """
        select c.person_id, c.id, p.is_active, c.in_vain = 'written' as is_his
        from registry_contactmethod c join registry_person p on p.id = c.person_id
        where c.organisation_id = %s and c.channel = %s and c.revoked_at is null and c.address_index = any(%s)
            and tocsin_shown(c.revoked_at, c.his_revoked_at, c.person_id) is null
        order by is_his limit 1
        """,
        (organisation_id, channel, ring.blind_indexes(organisation_id, channel, address)),
    ).fetchone()
    return Found(row[0], organisation_id, *row[1:]) if row else None


def find_reader(
    conn: Connection, person_id: UUID, contact_id: UUID | None
) -> tuple[str, bool] | None:
    """Return (language, is it a work device) of who reads at a contact method; None if it or the person is no more."""
    row: tuple[str, bool] | None = conn.execute(
        f"""
        select p.language, c.is_work from registry_person p join registry_contactmethod c on c.person_id = p.id
        where p.id = %s and c.id = %s and p.is_active and (c.revoked_at is null or {TAKEN})
        """,  # noqa: S608 - a constant of this file
        (person_id, contact_id),
    ).fetchone()
    return row


def load_short_names(
    conn: Connection, ring: KeyRing, person_ids: Iterable[UUID]
) -> dict[UUID, str]:
    """Return the short name ("R. Mayer") of each person; one whose key was erased is missing."""
    rows = conn.execute(
        """
        select p.id, p.short_name_sealed, k.wrapped from registry_person_shown p
        join registry_personkey k on k.person_id = p.id where p.id = any(%s)
        """,
        (list(person_ids),),
        binary=True,
    )
    return {
        person_id: ring.person_key(person_id, wrapped).open(
            PEOPLE, "short_name_sealed", person_id, sealed
        )
        for person_id, sealed, wrapped in rows
    }


def load_said_gone(conn: Connection, person_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return since when each of these people has left, as a party of a case wrote in vain; of all others nothing."""
    rows = conn.execute(
        """select id, (contested ->> 'left_at')::timestamptz from registry_person_shown
        where id = any(%s) and is_active and contested ->> 'is_active' = 'false'""",
        (list(person_ids),),
    )
    return dict(rows.fetchall())
