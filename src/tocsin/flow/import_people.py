"""An administrator brings people and contact methods from a table: the whole file, or nothing of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg

from tocsin.flow.change_contacts import WEBHOOK, WRITTEN
from tocsin.flow.import_report import Report, administrator, note_import, report
from tocsin.registry import store_people as people
from tocsin.registry import store_sites as sites
from tocsin.registry.access import ROLES, Viewer
from tocsin.registry.feeds.csv_contacts.reader import read as read_contacts
from tocsin.registry.feeds.csv_people.reader import read as read_people
from tocsin.registry.rules import imports
from tocsin.registry.rules.contact_document import rule_to_dict
from tocsin.registry.rules.imports import Refused
from tocsin.registry.rules.rows import ContactRow, PersonRow, TeamRow
from tocsin.registry.store import find_by_address
from tocsin.registry.store_turns import hold_staff_numbers
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7, webhook_secret


def import_people(
    conn: Connection, ring: KeyRing, viewer: Viewer, raw: bytes, *, at: datetime, save: bool
) -> Report:
    """Return what this table of staff brings; with `save` and nothing refused, it is taken.

    Known staff numbers are changed, others are new; nobody is removed, and who is inactive stays so. Of somebody known,
    a column that is missing and a cell that is empty leave what is there. A role that gives no right here is taken and warned of. A number that is known in other letters
    ("g1", "G1") is refused: it would make one person two.

    Raises:
        Hidden: the viewer is no administrator.
    """
    administrator(viewer)
    read = read_people(raw)
    if save:
        hold_staff_numbers(conn, viewer.organisation_id)
    site_ids = {site.name: site.id for site in sites.load_sites(conn, viewer.organisation_id)}
    numbers = {row.staff_number for row in read.rows} | {row.manager for row in read.rows}
    spelt = people.load_staff_numbers(conn, viewer.organisation_id)
    known = people.among(spelt, numbers)
    ids = _ids(read.rows, known)
    refused = [*read.refused, *_spelt_otherwise(read.rows, spelt)]
    for row in read.rows:
        if row.site and row.site not in site_ids:
            refused.append(Refused(row.line, "site", "there is no such site", row.site))
        if row.manager and row.manager not in ids:
            refused.append(Refused(row.line, "manager", "there is no such person", row.manager))
    new = sum(1 for row in read.rows if row.staff_number not in known)
    found = report(len(read.rows), new, refused, [*read.warned, *_without_rights(read.rows)])
    if not save or not found.may_be_saved:
        return found
    _save_people(conn, ring, viewer, read.rows, (ids, site_ids, known))
    note_import(conn, viewer, "people", raw, found, at=at)
    return replace(found, is_saved=True)


def _ids(rows: Sequence[imports.PersonRow], known: Mapping[str, UUID]) -> dict[str, UUID]:
    """Return by each number of the file, a manager's too, whose it is; who is new gets an id, an unknown manager none."""
    ids = {row.staff_number: known.get(row.staff_number, uuid7()) for row in rows}
    in_file = {number.casefold(): person_id for number, person_id in ids.items()}
    managers = {row.manager: in_file.get(row.manager.casefold()) for row in rows if row.manager}
    return {number: found for number, found in managers.items() if found} | dict(known) | ids


def _spelt_otherwise(rows: Sequence[imports.PersonRow], spelt: Collection[str]) -> list[Refused]:
    """Return the lines whose staff number is known here in other letters only; `spelt`: the numbers that are known."""
    found, folded = [], {number.casefold(): number for number in spelt}
    for row in rows:
        other = folded.get(row.staff_number.casefold())
        if other is not None and row.staff_number not in spelt:
            problem = f"is known here as {other}: write it in the same letters"
            found.append(Refused(row.line, "staff_number", problem, row.staff_number))
    return found


def _without_rights(rows: Sequence[imports.PersonRow]) -> list[Refused]:
    """Return the lines with a role that no right here goes by, to be looked at: a word of the house, or a slip."""
    problem = (
        "gives no rights here: it is taken, and this person may do what a responder may; "
        f"the roles are {', '.join(ROLES)}"
    )
    return [Refused(row.line, "role", problem, row.role) for row in rows if row.role not in ROLES]


def _save_people(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    rows: Sequence[imports.PersonRow],
    places: tuple[Mapping[str, UUID], Mapping[str, UUID], Mapping[str, UUID]],
) -> None:
    ids, site_ids, known = places
    before = people.find_people(conn, ring, known.values())
    # Everybody first without a manager: a manager may stand further down in the file.
    for row in rows:
        person = _person(row, viewer, ids, site_ids)
        if person.id in before:
            people.update_person(conn, ring, _changed(before[person.id], person, row.given))
        else:
            people.insert_person(conn, ring, replace(person, manager_id=None))
    for row in rows:
        if row.manager:
            people.set_manager(conn, ids[row.staff_number], ids[row.manager])
    _join_teams(conn, viewer, rows, ids)


def _person(
    row: imports.PersonRow, viewer: Viewer, ids: Mapping[str, UUID], site_ids: Mapping[str, UUID]
) -> PersonRow:
    return PersonRow(
        id=ids[row.staff_number],
        organisation_id=viewer.organisation_id,
        staff_number=row.staff_number,
        name=row.name,
        short_name=row.short_name,
        role=row.role,
        language=row.language,
        site_id=site_ids.get(row.site),
        manager_id=ids.get(row.manager),
    )


def _changed(before: PersonRow, person: PersonRow, given: Collection[str]) -> PersonRow:
    """Return somebody known as the file has her: what it does not say of her stays as it was."""
    return replace(
        before,
        name=person.name,
        role=person.role,
        short_name=person.short_name if "short_name" in given else before.short_name,
        language=person.language if "language" in given else before.language,
        site_id=person.site_id if "site" in given else before.site_id,
        manager_id=person.manager_id if "manager" in given else before.manager_id,
    )


def _join_teams(
    conn: Connection, viewer: Viewer, rows: Sequence[imports.PersonRow], ids: Mapping[str, UUID]
) -> None:
    teams = {team.name: team for team in sites.load_teams(conn, viewer.organisation_id)}
    for name in dict.fromkeys(name for row in rows for name in row.teams):
        members = [ids[row.staff_number] for row in rows if name in row.teams]
        if name not in teams:
            team = TeamRow(uuid7(), None, name, True, tuple(members))
            sites.insert_team(conn, viewer.organisation_id, team)
        else:
            sites.add_members(conn, viewer.organisation_id, teams[name], members)


def import_contacts(  # noqa: PLR0913 - a table, how to read it, and whether to keep it
    conn: Connection, ring: KeyRing, viewer: Viewer, raw: bytes, *, region: str, zone: str, at: datetime, save: bool, allows_plain: bool = False
) -> Report:  # fmt: skip
    """Return what this table of contact methods brings; with `save` and nothing refused, it is taken.

    None of them is verified by that, so none is used before somebody answered on it (a proof asks there too). An
    address that its owner has already is left as it is. A webhook gets a secret that a press on the person's page
    replaces by one that is shown. `allows_plain`: webhooks may be http://.

    Raises:
        Hidden: the viewer is no administrator.
    """
    administrator(viewer)
    read = read_contacts(raw, region=region, zone=ZoneInfo(zone))
    if save:
        # Pressed twice, the second file waits, and finds the addresses of the first as their owners'.
        hold_staff_numbers(conn, viewer.organisation_id)
    numbers = sorted({row.staff_number for row in read.rows})
    known = people.find_by_staff_number(conn, viewer.organisation_id, numbers)
    fresh, refused = _fresh_contacts(
        conn, ring, viewer, read.rows, known, allows_plain=allows_plain
    )
    found = report(len(read.rows), len(fresh), [*read.refused, *refused], read.warned)
    if not save or not found.may_be_saved:
        return found
    taken = _save_contacts(conn, ring, viewer, fresh, known)
    if taken is not None:
        return report(found.good, found.new, [taken], read.warned)
    note_import(conn, viewer, "contacts", raw, found, at=at)
    return replace(found, is_saved=True)


def _fresh_contacts(
    conn: Connection, ring: KeyRing, viewer: Viewer, rows: Sequence[imports.ContactRow], known: Mapping[str, UUID], *, allows_plain: bool
) -> tuple[list[imports.ContactRow], list[Refused]]:  # fmt: skip
    """Return the lines whose address nobody has, and those that are refused."""
    fresh, refused = [], []
    for row in rows:
        if row.channel == WEBHOOK and row.address.startswith("http:") and not allows_plain:
            refused.append(Refused(row.line, "address", "is not encrypted: use https", row.address))
            continue
        owner = find_by_address(conn, ring, viewer.organisation_id, row.channel, row.address)
        if row.staff_number not in known:
            refused.append(
                Refused(row.line, "staff_number", "there is no such person", row.staff_number)
            )
        elif owner is None or (
            # What he wrote down as hers stands in nobody's way but his own: taken from a file, it counts.
            owner.is_in_vain and not people.is_kept_from(conn, owner.person_id)
        ):
            fresh.append(row)
        elif owner.person_id != known[row.staff_number]:
            refused.append(Refused(row.line, "address", "is somebody else's here", row.address))
    return fresh, refused


def _save_contacts(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    rows: Sequence[imports.ContactRow],
    known: Mapping[str, UUID],
) -> Refused | None:
    """Write all of these lines, or none: return the one whose address came in on a page since it was looked up."""
    done = 0
    try:
        with conn.transaction():
            for row in rows:
                contact, secret = _contact(conn, row, known[row.staff_number])
                people.insert_contact(conn, ring, viewer.organisation_id, contact, secret=secret)
                done += 1
    except psycopg.errors.UniqueViolation:
        row = rows[done]
        problem = "was entered here at this moment: choose the file again"
        return Refused(row.line, "address", problem, row.address)
    return None


def _contact(
    conn: Connection, row: imports.ContactRow, person_id: UUID
) -> tuple[ContactRow, str | None]:
    contact = ContactRow(
        id=uuid7(),
        person_id=person_id,
        channel=row.channel,
        address=row.address,
        position=row.order,
        is_work=row.is_work,
        safe_rule=rule_to_dict(row.safe),
        in_vain=WRITTEN if people.is_kept_from(conn, person_id) else "",
    )
    return contact, webhook_secret() if row.channel == WEBHOOK else None
