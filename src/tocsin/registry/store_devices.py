"""Which phones may raise, how did they come in, and what are a person's two codes?"""

from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.registry.rules.rows import DeviceRow, EnrolmentRow
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

CODES: Final = "registry_codepair"


def load_devices_of(conn: Connection, person_id: UUID) -> list[DeviceRow]:
    """Return her devices, those in use first."""
    rows = conn.execute(
        """
        select id, person_id, label, enrolled_at, revoked_at from registry_device
        where person_id = %s order by revoked_at nulls first, enrolled_at desc
        """,
        (person_id,),
    )
    return [DeviceRow(*row) for row in rows.fetchall()]


def insert_device(
    conn: Connection, organisation_id: UUID, device: DeviceRow, *, enrolled_by_id: UUID | None
) -> None:
    """Write a device that was just enrolled."""
    conn.execute(
        """
        insert into registry_device (id, organisation_id, person_id, label, enrolled_at, enrolled_by_id)
        values (%s, %s, %s, %s, %s, %s)
        """,
        (
            device.id,
            organisation_id,
            device.person_id,
            device.label,
            device.enrolled_at,
            enrolled_by_id,
        ),
    )


def owner_of(
    conn: Connection, organisation_id: UUID, device_id: UUID, *, in_use: bool = False
) -> UUID | None:
    """Return whose device this is, or None; `in_use`: a revoked one is nobody's."""
    row = conn.execute(
        """
        select person_id from registry_device
        where organisation_id = %s and id = %s and (revoked_at is null or not %s)
        """,
        (organisation_id, device_id, in_use),
    ).fetchone()
    return row[0] if row else None


def revoke_device(conn: Connection, device_id: UUID, at: datetime) -> bool:
    """Return whether this device was in use and is no longer."""
    done = conn.execute(
        "update registry_device set revoked_at = %s where id = %s and revoked_at is null",
        (at, device_id),
    )
    return done.rowcount == 1


def insert_enrolment(
    conn: Connection, enrolment: EnrolmentRow, digest: bytes, at: datetime
) -> None:
    """Write a new code, and end those of this person that were not used: one QR at a time."""
    conn.execute(
        "update registry_enrolment set expires_at = %s where person_id = %s and used_at is null and expires_at > %s",
        (at, enrolment.person_id, at),
    )
    conn.execute(
        """
        insert into registry_enrolment (id, organisation_id, person_id, secret_digest, made_by_id, made_at, expires_at)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (
            enrolment.id,
            enrolment.organisation_id,
            enrolment.person_id,
            digest,
            enrolment.made_by_id,
            at,
            enrolment.expires_at,
        ),
    )


def find_enrolment(conn: Connection, digest: bytes) -> EnrolmentRow | None:
    """Return the enrolment with this secret's digest, locked, or None."""
    row = conn.execute(
        """
        select id, organisation_id, person_id, made_by_id, expires_at, used_at from registry_enrolment
        where secret_digest = %s for update
        """,
        (digest,),
    ).fetchone()
    return EnrolmentRow(*row) if row else None


def use_enrolment(conn: Connection, enrolment_id: UUID, at: datetime) -> bool:
    """Return whether the code was unused until now."""
    done = conn.execute(
        "update registry_enrolment set used_at = %s where id = %s and used_at is null",
        (at, enrolment_id),
    )
    return done.rowcount == 1


def save_codes(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    person_id: UUID,
    pair: str,
    *,
    at: datetime,
) -> None:
    """Write both codes of a person: `pair` is their digests as text (`signals.store.write_pair`), sealed here."""
    row = conn.execute(
        "select id from registry_codepair where person_id = %s", (person_id,)
    ).fetchone()
    row_id = row[0] if row else uuid7()
    sealed = load_key(conn, ring, person_id).seal(CODES, "pair_sealed", row_id, pair)
    conn.execute(
        """
        insert into registry_codepair (id, organisation_id, person_id, pair_sealed, set_at, wrong_count)
        values (%s, %s, %s, %s, %s, 0)
        on conflict (id) do update set pair_sealed = excluded.pair_sealed, set_at = excluded.set_at, wrong_count = 0
        """,
        (row_id, organisation_id, person_id, sealed, at),
    )
