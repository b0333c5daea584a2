"""Which phones may raise, how did they come in, and what are a person's two codes?"""

from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.registry.rules.rows import DeviceRow, EnrolmentRow
from tocsin.registry.store_people import load_key
from tocsin.registry.store_standing import HIS_PHONE
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

CODES: Final = "registry_codepair"


def load_devices_of(conn: Connection, person_id: UUID) -> list[DeviceRow]:
    """Return her devices, those in use first. Who is kept from her sees what he made of them, and nothing of the rest (I11)."""
    rows = conn.execute(
        f"""
        select id, person_id, label, enrolled_at, tocsin_shown(revoked_at, his_revoked_at, person_id) as gone,
            in_vain and not coalesce(tocsin_is_kept_from(person_id), false),
            his_revoked_at is not null and not coalesce(tocsin_is_kept_from(person_id), false),
            confirmed_at is null and tocsin_made_by_other_side(person_id, enrolled_by_id), {HIS_PHONE}
        from registry_device
        where person_id = %s order by gone nulls first, enrolled_at desc
        """,  # noqa: S608 - a constant
        (person_id,),
    )
    return [DeviceRow(*row) for row in rows.fetchall()]


def insert_device(
    conn: Connection, organisation_id: UUID, device: DeviceRow, *, enrolled_by_id: UUID | None
) -> None:
    """Write a device that was just enrolled."""
    conn.execute(
        """
        insert into registry_device (id, organisation_id, person_id, label, enrolled_at, enrolled_by_id, in_vain)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (
            device.id,
            organisation_id,
            device.person_id,
            device.label,
            device.enrolled_at,
            enrolled_by_id,
            device.in_vain,
        ),
    )


def is_in_vain(conn: Connection, device_id: UUID) -> bool:
    """Return whether this device was let in by somebody who is kept from its person."""
    row = conn.execute("select in_vain from registry_device where id = %s", (device_id,)).fetchone()
    return bool(row and row[0])


def owner_of(
    conn: Connection, organisation_id: UUID, device_id: UUID, *, in_use: bool = False
) -> UUID | None:
    """Return whose device this is, or None; `in_use`: a revoked one is nobody's. One in vain is answered as in use."""
    row = conn.execute(
        """
        select person_id from registry_device
        where organisation_id = %s and id = %s and (revoked_at is null or not %s)
        """,
        (organisation_id, device_id, in_use),
    ).fetchone()
    return row[0] if row else None


def revoke_device(conn: Connection, device_id: UUID, at: datetime) -> bool:
    """Return whether this device was in use and is no longer, as the viewer sees it: who is kept from her does it in vain."""
    done = conn.execute(
        """update registry_device set revoked_at = %s
        where id = %s and tocsin_shown(revoked_at, his_revoked_at, person_id) is null""",
        (at, device_id),
    )
    return done.rowcount == 1


def load_doubted(conn: Connection, organisation_id: UUID) -> frozenset[UUID]:
    """Return who has a phone that waits to be confirmed, of those about whom the viewer may know it."""
    rows = conn.execute(
        """
        select distinct person_id from registry_device where organisation_id = %s and revoked_at is null
            and not in_vain and confirmed_at is null and tocsin_made_by_other_side(person_id, enrolled_by_id)
        """,
        (organisation_id,),
    )
    return frozenset(row[0] for row in rows)


def confirm_device(conn: Connection, device_id: UUID, by_id: UUID, at: datetime) -> bool:
    """Return whether this device waited to be confirmed, as the viewer may know, and is confirmed now.

    Raises:
        psycopg.errors.InsufficientPrivilege: the viewer is neither its person nor a safety lead.
    """
    done = conn.execute(
        f"""
        update registry_device set confirmed_at = %s, confirmed_by_id = %s
        where id = %s and (revoked_at is null and not in_vain and confirmed_at is null
            and tocsin_made_by_other_side(person_id, enrolled_by_id) or {HIS_PHONE})
        """,  # noqa: S608 - a constant
        (at, by_id, device_id),
    )
    return done.rowcount == 1


def bind_push(conn: Connection, contact_id: UUID, device_id: UUID) -> None:
    """Write whose phone a push goes to: it dies with the device."""
    conn.execute(
        "update registry_contactmethod set device_id = %s where id = %s", (device_id, contact_id)
    )


def push_device(conn: Connection, contact_id: UUID) -> UUID | None:
    """Return whose phone a push goes to, or None if nobody wrote it down."""
    row = conn.execute(
        "select device_id from registry_contactmethod where id = %s", (contact_id,)
    ).fetchone()
    return row[0] if row else None


def revoke_pushes(conn: Connection, device_id: UUID, at: datetime) -> None:
    """Send nothing more to this phone's browser."""
    conn.execute(
        """update registry_contactmethod set revoked_at = %s
        where device_id = %s and tocsin_shown(revoked_at, his_revoked_at, person_id) is null""",
        (at, device_id),
    )


def labels_of_pushes(conn: Connection, person_id: UUID) -> dict[UUID, str]:
    """Return the label of the phone that each of her pushes goes to, by contact method."""
    rows = conn.execute(
        """select c.id, d.label from registry_contactmethod c join registry_device d on d.id = c.device_id
        where c.person_id = %s""",
        (person_id,),
    )
    return dict(rows.fetchall())


def insert_enrolment(
    conn: Connection, enrolment: EnrolmentRow, digest: bytes, at: datetime
) -> None:
    """Write a new code, and end those of this person that were not used: one QR at a time.

    Who is kept from her ends none but those of the like of him.
    """
    end_enrolments(conn, enrolment.person_id, at)
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


def end_enrolments(conn: Connection, person_id: UUID, at: datetime) -> None:
    """End every code of this person that was not used."""
    conn.execute(
        "update registry_enrolment set expires_at = %s where person_id = %s and used_at is null and expires_at > %s",
        (at, person_id, at),
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
