"""What may this viewer see or change of the registry?

    Hidden      there is nothing here for this viewer: unknown, forbidden, another organisation's

Pages come in here only. Every function takes the viewer first (after the connection); row-level security has
been set to the viewer's organisation before (`runtime/database.py`), so a forgotten check shows nothing of others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_devices as devices
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.rules.document import DocumentError
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.loosening import MAX_WAIT, Loosening
from tocsin.registry.rules.policy_lint import Workplace
from tocsin.registry.rules.roster_check import people_of
from tocsin.registry.rules.roster_document import line_from_dict
from tocsin.registry.rules.rows import (
    AccountRow,
    ContactRow,
    DeviceRow,
    PersonRow,
    PlaceRow,
    PostRow,
    RosterLineRow,
    ShiftRow,
    SiteRow,
    TeamRow,
)
from tocsin.registry.rules.wall_time import wall_of
from tocsin.registry.store import load_short_names, load_site_facts
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

REVOKED_CHANNEL: Final = "tocsin_revoked"
LIVE_CHANNEL: Final = "tocsin_live"
ROLES: Final = (
    "responder",
    "guard",
    "call_taker",
    "shift_lead",
    "safety_lead",
    "manager",
    "admin",
)
SUPERVISORS: Final = frozenset({"shift_lead", "safety_lead", "manager", "admin"})
LEADS: Final = frozenset({"shift_lead", "safety_lead", "admin"})
ADMINISTRATORS: Final = frozenset({"safety_lead", "admin"})


class Hidden(Exception):
    """There is nothing here for this viewer; the same answer for unknown, forbidden and elsewhere."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who looks or acts, of one organisation. `account_id` is None for a device or a link.

    `proved_at`: when she last showed a second factor in this session, None if that is not known.
    """

    organisation_id: UUID
    person_id: UUID
    role: str
    account_id: UUID | None = None
    language: str = "en"
    proved_at: datetime | None = None

    @property
    def is_supervisor(self) -> bool:
        """Return whether this viewer enrols and revokes the phones of others."""
        return self.role in SUPERVISORS

    @property
    def is_lead(self) -> bool:
        """Return whether this viewer starts drills and sees what nobody could verify."""
        return self.role in LEADS

    @property
    def is_administrator(self) -> bool:
        """Return whether this viewer changes the registry: people, sites, rosters, policies."""
        return self.role in ADMINISTRATORS


def find_viewer(conn: Connection, account_id: UUID) -> Viewer | None:
    """Return whom an account signs in, or None if it or its person is inactive.

    Sets the viewer of the open transaction: row-level security shows her organisation from here on.
    """
    account = sign_ins.find_active_account(conn, account_id)
    if account is None:
        return None
    organisation_id, person_id = account
    set_viewer(conn, organisation_id, person_id)
    person = people.find_role(conn, person_id)
    return Viewer(organisation_id, person_id, person[0], account_id, person[1]) if person else None


def note(
    conn: Connection,
    viewer: Viewer,
    kind: str,
    body: Mapping[str, object],
    *,
    at: datetime,
    incident_id: UUID | None = None,
) -> None:
    """Append to the record what the viewer did or read, in the transaction of it; `incident_id`: if it is about one."""
    entry = Entry(uuid7(), viewer.organisation_id, at, kind, incident_id, viewer.person_id, body)
    record.append(conn, [entry])


def zone_of(conn: Connection, viewer: Viewer) -> str:
    """Return the time zone of the viewer's own site, whose clock her pages speak by; "UTC" if there is none."""
    return sites.zone_of_person(conn, viewer.organisation_id, viewer.person_id)


def load_people(conn: Connection, ring: KeyRing, viewer: Viewer) -> list[PersonRow]:
    """Return everybody of the organisation, by name; addresses are not in it."""
    return people.load_people(conn, ring, viewer.organisation_id)


def find_person(conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID) -> PersonRow:
    """Return one person, for herself or a supervisor.

    Raises:
        Hidden: there is no such person here, or she is no business of the viewer.
    """
    found = people.find_people(conn, ring, [person_id]).get(person_id)
    if found is None or found.organisation_id != viewer.organisation_id:
        raise Hidden
    if person_id != viewer.person_id and not viewer.is_supervisor:
        raise Hidden
    return found


def load_doubted(conn: Connection, viewer: Viewer) -> frozenset[UUID]:
    """Return who has a phone that she or a safety lead must confirm; the viewer's own, for others nothing."""
    found = devices.load_doubted(conn, viewer.organisation_id)
    return found if viewer.is_administrator else found & {viewer.person_id}


def load_his_friends(conn: Connection, viewer: Viewer) -> frozenset[UUID]:
    """Return whom a party of a case entered shortly before its order, of those about whom the viewer may know it."""
    return people.load_his_friends(conn, viewer.organisation_id)


def load_doubted_sign_ins(conn: Connection, viewer: Viewer) -> frozenset[UUID]:
    """Return whose sign-in a safety lead must confirm; nothing for others."""
    if not viewer.is_administrator:
        return frozenset()
    return sign_ins.load_doubted(conn, viewer.organisation_id)


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person with what her page shows. `contacts` is empty for who may not read addresses.

    `push_labels`: the phone that a push goes to, by contact method.
    """

    person: PersonRow
    contacts: tuple[ContactRow, ...]
    devices: tuple[DeviceRow, ...]
    account: AccountRow | None
    push_labels: dict[UUID, str]


def load_person(conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID) -> PersonView:
    """Return one person with her contact methods and devices, for herself or a supervisor.

    Raises:
        Hidden: as `find_person`.
    """
    person = find_person(conn, ring, viewer, person_id)
    return PersonView(
        person,
        tuple(people.load_contacts(conn, ring, person_id)),
        tuple(devices.load_devices_of(conn, person_id)),
        sign_ins.find_account(conn, person_id),
        devices.labels_of_pushes(conn, person_id),
    )


@dataclass(frozen=True, slots=True)
class SiteView:
    """One site with everything that its page shows."""

    site: SiteRow
    places: tuple[PlaceRow, ...]
    posts: tuple[PostRow, ...]
    teams: tuple[TeamRow, ...]
    roster: tuple[RosterLineRow, ...]
    shifts: tuple[ShiftRow, ...]
    policies: dict[str, dict[str, Any]]
    names: dict[UUID, str]


def load_site_list(conn: Connection, viewer: Viewer) -> list[SiteRow]:
    """Return the organisation's sites."""
    return sites.load_sites(conn, viewer.organisation_id)


def load_site(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    site_id: UUID,
    *,
    from_at: datetime,
    until_at: datetime,
) -> SiteView:
    """Return one site, its shifts between two instants.

    Raises:
        Hidden: there is no such site here.
    """
    site = sites.find_site(conn, viewer.organisation_id, site_id)
    if site is None:
        raise Hidden
    shifts = [
        shift
        for shift in sites.load_shifts(conn, viewer.organisation_id, from_at, until_at)
        if shift.site_id == site_id
    ]
    lines = tuple(sites.load_roster_lines(conn, site_id))
    return SiteView(
        site,
        tuple(sites.load_places(conn, site_id)),
        tuple(sites.load_posts(conn, site_id)),
        tuple(sites.load_teams(conn, viewer.organisation_id)),
        lines,
        tuple(shifts),
        sites.load_policies(conn, site_id),
        load_short_names(conn, ring, {shift.person_id for shift in shifts} | _on_roster(lines)),
    )


def _on_roster(lines: Iterable[RosterLineRow]) -> set[UUID]:
    """Return whom the lines name; a line that cannot be read names nobody."""
    named: set[UUID] = set()
    for line in lines:
        try:
            named |= {*people_of(line_from_dict(line.kind, line.body))}
        except DocumentError:
            continue
    return named


def load_loosenings(conn: Connection, viewer: Viewer, *, at: datetime) -> tuple[Loosening, ...]:
    """Return what waits for a second person's word, for leads; nothing for others."""
    if not viewer.is_lead:
        return ()
    return tuple(sites.load_loosenings(conn, viewer.organisation_id, at - MAX_WAIT))


def load_workplace(
    conn: Connection, ring: KeyRing, viewer: Viewer, view: SiteView, *, at: datetime
) -> Workplace:
    """Return the site as the policy's linter sees it: who may be called, by name, and the shifts of the view."""
    workplace = workplace_of(conn, viewer.organisation_id, view.site, view.shifts, at=at)
    return replace(workplace, names=load_short_names(conn, ring, workplace.people))


def workplace_of(
    conn: Connection,
    organisation_id: UUID,
    site: SiteRow,
    shifts: Sequence[ShiftRow],
    *,
    at: datetime,
) -> Workplace:
    """Return a site with these shifts as the policy's linter sees it, nobody by name (`tocsin doctor` has no viewer)."""
    facts = load_site_facts(
        conn,
        organisation_id,
        [site.id],
        at=at,
        also={shift.person_id for shift in shifts},
    )[site.id]
    return Workplace(
        people=facts.people,
        shifts=tuple(_planned(shift, site.time_zone) for shift in shifts),
        teams=facts.teams,
        posts=facts.posts,
        site_kind=facts.site_kind,
    )


def _planned(shift: ShiftRow, zone: str) -> Shift:
    wall = ZoneInfo(zone)
    return Shift(
        person_id=shift.person_id,
        role=shift.role,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        local_start=wall_of(shift.starts_at, wall),
        local_end=wall_of(shift.ends_at, wall),
        source=shift.source,
        site_id=shift.site_id,
        post_id=shift.post_id,
        at_position=shift.at_position,
    )
