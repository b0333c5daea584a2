"""What may a post see of those whom it must know? Whom, what to do, whom to call; never why, never for whom.

    Hidden      there is no such entry for this viewer

An entry is shown to every viewer who is no party of its case; row-level security decides that (`tocsin_sees_door`), here
nothing is filtered. Every look is written down before it is answered (I19), and she sees it among those who looked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.store import load_short_names
from tocsin.registry.store_doors import has_door_page, load_door_entry, load_shown_entries
from tocsin.registry.store_sites import load_places
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

DOOR: Final = "door"
DESK: Final = "desk"
PHOTO: Final = "photo"
PHOTO_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
# Who leads, in the order in which a post calls them.
LEADING: Final = ("shift_lead", "safety_lead")


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as a post sees it. `stands_here`: it stands at the viewer's site; else staff only call.

    `places`: the names of single places of the viewer's site where it stands in any case.
    `has_first_page`: there is a page that may be opened for police.
    """

    case_id: UUID
    match: DoorMatch
    instruction: str
    has_photo: bool
    stands_here: bool
    has_first_page: bool = False
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnCall:
    """Somebody who leads now, by her short name."""

    person_id: UUID
    name: str
    role: str


def find_post_site(conn: Connection, viewer: Viewer, at: datetime) -> UUID | None:
    """Return the site at which the viewer is on duty now, else her own; None: she has none."""
    row = conn.execute(
        """select coalesce(
            (select site_id from registry_shift where person_id = %s and starts_at <= %s and ends_at > %s
             order by starts_at desc limit 1),
            (select site_id from registry_person where id = %s))""",
        (viewer.person_id, at, at, viewer.person_id),
    ).fetchone()
    return row[0] if row else None


def find_visible(conn: Connection, cases: Sequence[UUID]) -> list[UUID]:
    """Return those of these cases, in their order, whose entry the viewer may know of; nothing of them is read."""
    rows = conn.execute(
        "select case_id from registry_doorentry where case_id = any(%s) and is_active",
        (list(cases),),
    )
    visible = {case_id for (case_id,) in rows}
    return [case_id for case_id in cases if case_id in visible]


def load_shown(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    cases: Sequence[UUID],
    *,
    at: datetime,
    site_id: UUID | None,
) -> dict[UUID, Shown]:
    """Return, by case, those of these entries that the viewer may know of, after writing down that she looked.

    Asks the database the same, whether something matched or not, so that the time says little too.
    """
    found = load_shown_entries(conn, ring, cases)
    for entry in found:
        log_look(conn, viewer, entry.case_id, at=at, what=DESK)
    names = {place.id: place.name for place in load_places(conn, site_id)} if site_id else {}
    return {
        entry.case_id: Shown(
            case_id=entry.case_id,
            match=entry.match,
            instruction=entry.instruction,
            has_photo=entry.photo_type in PHOTO_TYPES,
            stands_here=not entry.sites or site_id in entry.sites,
            has_first_page=has_door_page(conn, entry.case_id),
            places=tuple(names[place] for place in entry.places if place in names),
        )
        for entry in found
    }


def load_photo(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> tuple[bytes, str]:
    """Return the photograph to compare with and its type, after writing down that the viewer looks at it.

    Raises:
        Hidden: there is none, or none for this viewer.
    """
    entry = load_door_entry(conn, ring, case_id)
    if (
        entry is None
        or not entry.is_active
        or entry.photo is None
        or entry.photo_type not in PHOTO_TYPES
    ):
        raise Hidden
    log_look(conn, viewer, case_id, at=at, what=PHOTO)
    return entry.photo, entry.photo_type


def load_on_call(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    cases: Sequence[UUID],
    *,
    at: datetime,
    site_id: UUID | None,
) -> tuple[OnCall, ...]:
    """Return who leads at this site now, without whoever left or is shut out of one of these cases, and without the viewer."""
    rows = conn.execute(
        """select s.person_id, min(s.role) from registry_shift s
        join registry_person_shown p on p.id = s.person_id and p.is_active
        where s.site_id = %s and s.role = any(%s) and s.starts_at <= %s and s.ends_at > %s and s.person_id <> %s
          and s.person_id not in (select tocsin_kept_out_of_cases(%s))
        group by s.person_id""",
        (site_id, list(LEADING), at, at, viewer.person_id, list(cases)),
    ).fetchall()
    rows.sort(key=lambda row: (LEADING.index(row[1]), row[0]))
    names = load_short_names(conn, ring, {person_id for person_id, _ in rows})
    return tuple(OnCall(person_id, names.get(person_id, ""), role) for person_id, role in rows)


def log_look(conn: Connection, viewer: Viewer, case_id: UUID, *, at: datetime, what: str) -> None:
    """Write down that a post looks at an entry; whoever calls this shows it afterwards.

    Raises:
        psycopg.Error: it cannot be written down, or the viewer is a party; nothing is shown then.
    """
    conn.execute(
        """insert into registry_reading (id, organisation_id, case_id, person_id, what, why, grant_id, read_at)
        values (%s, %s, %s, %s, %s, %s, null, %s)""",
        (uuid7(), viewer.organisation_id, case_id, viewer.person_id, what, DOOR, at),
    )
    body = {"what": what, "subject": case_id, "because": DOOR}
    note(conn, viewer, "record.read", body, at=at)
