"""Whom does she name for emergencies, and whom does she rule out? It holds from her next alarm on.

A supervisor may write it down for her: whom he rules out is out once she says yes, or another supervisor has written
the same; what he takes back counts until she takes it back (I17). What somebody kept from her writes or takes back
changes nothing of her alarms (I11). The database sees to both.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.flow.change_registry import note_changed
from tocsin.flow.respond import Refused
from tocsin.registry import store_emergency as store
from tocsin.registry import store_people as people
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_emergency import load_emergency
from tocsin.registry.rules.contacts import MAX_CONTACTS
from tocsin.registry.rules.rows import EmergencyRow
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

EMERGENCY: Final = "emergency"


def add_emergency(
    conn: Connection, ring: KeyRing, viewer: Viewer, one: EmergencyRow, *, at: datetime
) -> Refused | None:
    """Write somebody whom she named; None when it is done.

    Raises:
        Hidden: no such person here, or none of the viewer's business; or there is no such colleague.
        StepUp: they are the viewer's own, and the second factor was shown too long ago.
    """
    known = load_emergency(conn, ring, viewer, one.person_id, at=at)
    if len(known) >= MAX_CONTACTS:
        return Refused("so many people are named already")
    if one.colleague_id is not None:
        colleague = people.find_people(conn, ring, [one.colleague_id]).get(one.colleague_id)
        if colleague is None or colleague.organisation_id != viewer.organisation_id:
            raise Hidden
        if one.colleague_id == one.person_id:
            return Refused("nobody is ruled out of her own alarms")
    row = replace(one, added_by_id=viewer.person_id)
    store.insert_emergency(conn, ring, viewer.organisation_id, row)
    note_changed(conn, viewer, EMERGENCY, row.id, person_id=row.person_id, at=at)
    return None


def remove_emergency(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, one_id: UUID, *, at: datetime
) -> None:
    """Take back somebody whom she named: whoever reads the row may, and a colleague ruled out stays out until she does.

    Raises:
        Hidden: there is no such row for this viewer.
        StepUp: as `add_emergency`.
    """
    known = load_emergency(conn, ring, viewer, person_id, at=at)
    if one_id not in {one.id for one in known}:
        raise Hidden
    store.delete_emergency(conn, person_id, one_id)
    note_changed(conn, viewer, EMERGENCY, one_id, person_id=person_id, at=at)


def agree_emergency(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, one_id: UUID, *, at: datetime
) -> None:
    """Say yes to whom a supervisor ruled out in her name: he is out from her next alarm on.

    Raises:
        Hidden: it is not she, or nothing waits under this id.
        StepUp: her second factor was shown too long ago.
    """
    if person_id != viewer.person_id:
        raise Hidden
    load_emergency(conn, ring, viewer, person_id, at=at)
    if not store.agree_emergency(conn, person_id, one_id):
        raise Hidden
    note_changed(conn, viewer, EMERGENCY, one_id, person_id=person_id, at=at)
