"""Whom has she named for emergencies, and whom did she rule out? Rows sealed under her own key."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.rows import EmergencyRow
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey

TABLE: Final = "registry_emergencycontact"
_WANTED: Final = """select id, name_sealed, address_sealed, relation, language, colleague_id, added_by_id, never_notify,
    never_give_location, asked_colleague_id is not null and colleague_id is null, removal_asked_by_id from registry_emergencycontact where person_id = %s order by id"""


def load_emergency(conn: Connection, ring: KeyRing, person_id: UUID) -> list[EmergencyRow]:
    """Return everybody whom she named, in the order of their writing.

    Raises:
        LookupError: she has no key: she was erased.
    """
    rows = conn.execute(_WANTED, (person_id,)).fetchall()
    key = load_key(conn, ring, person_id)
    return [_row(key, person_id, row) for row in rows]


def _row(key: PersonKey, person_id: UUID, row: Sequence[Any]) -> EmergencyRow:
    return EmergencyRow(
        id=row[0],
        person_id=person_id,
        name=key.open(TABLE, "name_sealed", row[0], row[1]) if row[1] else "",
        phone=key.open(TABLE, "address_sealed", row[0], row[2]) if row[2] else "",
        relation=row[3],
        language=row[4],
        colleague_id=row[5],
        added_by_id=row[6],
        never_notify=row[7],
        never_give_location=row[8],
        waits=row[9],
        removal_asked_by_id=row[10],
    )


def insert_emergency(
    conn: Connection, ring: KeyRing, organisation_id: UUID, one: EmergencyRow
) -> None:
    """Write somebody whom she named; a colleague whom one supervisor rules out waits (`runtime/in_vain.py`).

    Raises:
        LookupError: she has no key: she was erased.
    """
    key = load_key(conn, ring, one.person_id)
    conn.execute(
        """
        insert into registry_emergencycontact (id, organisation_id, person_id, name_sealed, address_sealed, relation,
            language, colleague_id, added_by_id, never_notify, never_give_location)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            one.id,
            organisation_id,
            one.person_id,
            key.seal(TABLE, "name_sealed", one.id, one.name),
            key.seal(TABLE, "address_sealed", one.id, one.phone),
            one.relation,
            one.language,
            one.colleague_id,
            one.added_by_id,
            one.never_notify,
            one.never_give_location,
        ),
    )


def agree_emergency(conn: Connection, person_id: UUID, one_id: UUID) -> bool:
    """Return whether this one waited for her yes and keeps his colleague out now; the viewer must be she."""
    done = conn.execute(
        """update registry_emergencycontact set colleague_id = asked_colleague_id
        where id = %s and person_id = %s and person_id = tocsin_viewer()
            and colleague_id is null and asked_colleague_id is not null""",
        (one_id, person_id),
    )
    return done.rowcount == 1


def delete_emergency(conn: Connection, person_id: UUID, one_id: UUID) -> bool:
    """Return whether this one was there and is no more; what a supervisor takes back counts until she does."""
    done = conn.execute(
        "delete from registry_emergencycontact where id = %s and person_id = %s",
        (one_id, person_id),
    )
    return done.rowcount == 1
