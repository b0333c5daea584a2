"""Who works here, and how is each person reached? Rows of people and their contact methods, opened and sealed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.registry.rules import his_record
from tocsin.registry.rules.rows import ContactRow, PersonRow
from tocsin.registry.store import CONTACTS, PEOPLE, TAKEN
from tocsin.registry.store_standing import HIS_WAY, NOBODY_STANDS
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7

NO_NAME: Final = "(erased)"
# Before the index of an address that is not free, and looks so to who is kept from its owner: nobody is found by it.
AGAIN: Final = b"+"


def insert_person(conn: Connection, ring: KeyRing, person: PersonRow) -> None:
    """Write a new person with a key of her own."""
    wrapped = ring.new_person_key(person.id)
    key = ring.person_key(person.id, wrapped)
    conn.execute(
        """
        insert into registry_person (id, organisation_id, site_id, staff_number, name_sealed, short_name_sealed,
            role, language, manager_id, is_active)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            person.id,
            person.organisation_id,
            person.site_id,
            person.staff_number,
            key.seal(PEOPLE, "name_sealed", person.id, person.name),
            key.seal(PEOPLE, "short_name_sealed", person.id, person.short_name),
            person.role,
            person.language,
            person.manager_id,
            person.is_active,
        ),
    )
    conn.execute(
        "insert into registry_personkey (id, organisation_id, person_id, wrapped) values (%s, %s, %s, %s)",
        (uuid7(), person.organisation_id, person.id, wrapped),
    )


def update_person(conn: Connection, ring: KeyRing, person: PersonRow) -> bool:
    """Write the fields of a person that the screens change; return whether she works here now.

    What somebody writes who is kept from her, or from whose case he is kept, is so on his screens only.

    Raises:
        LookupError: she has no key: she was erased.
    """
    key = load_key(conn, ring, person.id)
    row = conn.execute(
        """
        update registry_person set site_id = %s, staff_number = %s, name_sealed = %s, short_name_sealed = %s,
            role = %s, language = %s, manager_id = %s, is_active = %s where id = %s returning is_active
        """,
        (
            person.site_id,
            person.staff_number,
            key.seal(PEOPLE, "name_sealed", person.id, person.name),
            key.seal(PEOPLE, "short_name_sealed", person.id, person.short_name),
            person.role,
            person.language,
            person.manager_id,
            person.is_active,
            person.id,
        ),
    ).fetchone()
    return bool(row and row[0])


def is_active(conn: Connection, organisation_id: UUID, person_id: UUID) -> bool:
    """Return whether this person works here, as the viewer sees it."""
    row = conn.execute(
        "select 1 from registry_person_shown where organisation_id = %s and id = %s and is_active",
        (organisation_id, person_id),
    ).fetchone()
    return row is not None


def find_role(conn: Connection, person_id: UUID) -> tuple[str, str] | None:
    """Return (role, language) of somebody who works here, or None."""
    row: tuple[str, str] | None = conn.execute(
        "select role, language from registry_person where id = %s and is_active", (person_id,)
    ).fetchone()
    return row


def set_manager(conn: Connection, person_id: UUID, manager_id: UUID) -> None:
    """Write who a person's manager is."""
    conn.execute(
        "update registry_person set manager_id = %s where id = %s", (manager_id, person_id)
    )


def load_key(conn: Connection, ring: KeyRing, person_id: UUID) -> PersonKey:
    """Return the person's key.

    Raises:
        LookupError: she has none: unknown, or erased.
    """
    row = conn.execute(
        "select wrapped from registry_personkey where person_id = %s", (person_id,)
    ).fetchone()
    if row is None:
        raise LookupError(person_id)
    return ring.person_key(person_id, row[0])


_PEOPLE: Final = """
    select p.id, p.organisation_id, p.staff_number, p.name_sealed, p.short_name_sealed, p.role, p.language,
        p.site_id, p.manager_id, p.is_active, k.wrapped, p.contested
    from registry_person_shown p left join registry_personkey k on k.person_id = p.id
"""


def load_people(conn: Connection, ring: KeyRing, organisation_id: UUID) -> list[PersonRow]:
    """Return everybody of the organisation, by name."""
    rows = conn.execute(_PEOPLE + " where p.organisation_id = %s", (organisation_id,)).fetchall()
    return sorted((_person(ring, row) for row in rows), key=lambda person: person.name.casefold())


def find_people(
    conn: Connection, ring: KeyRing, person_ids: Iterable[UUID]
) -> dict[UUID, PersonRow]:
    """Return these people by id; an unknown one is missing."""
    rows = conn.execute(_PEOPLE + " where p.id = any(%s)", (list(person_ids),)).fetchall()
    return {row[0]: _person(ring, row) for row in rows}


def find_by_staff_number(
    conn: Connection, organisation_id: UUID, numbers: Sequence[str]
) -> dict[str, UUID]:
    """Return the ids of people by these staff numbers, as `among` finds them.

    PostgreSQL folds only what is ASCII, and so the same in every database and in Python; what holds other letters is
    loaded whatever it is, and folded here.
    """
    rows = conn.execute(
        r"""select staff_number, id from registry_person where organisation_id = %s
        and (lower(staff_number collate "C") = any(%s) or staff_number ~ '[^\u0001-\u007f]') order by id""",
        (organisation_id, [number.casefold() for number in numbers]),
    )
    return among(dict(rows.fetchall()), numbers)


def among(known: Mapping[str, UUID], numbers: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of these staff numbers, whatever their letters' case; one that is not known is missing.

    Of two known numbers that differ in that only, the one that is written so is meant.
    """
    folded = {number.casefold(): person_id for number, person_id in known.items()} | dict(known)
    found = {number: folded.get(number) or folded.get(number.casefold()) for number in numbers}
    return {number: person_id for number, person_id in found.items() if person_id}


def load_staff_numbers(conn: Connection, organisation_id: UUID) -> dict[str, UUID]:
    """Return every staff number of an organisation, as it is written there, and whose it is."""
    rows = conn.execute(
        "select staff_number, id from registry_person where organisation_id = %s order by id",
        (organisation_id,),
    )
    return dict(rows.fetchall())


def _person(ring: KeyRing, row: Sequence[Any]) -> PersonRow:
    found, contested = _opened(ring, row), row[11]
    if not contested:
        return found
    his = _opened(ring, his_record.as_he_wrote(row, contested, starting_at=3))
    return replace(found, contested=his_record.otherwise(found, his))


def _opened(ring: KeyRing, row: Sequence[Any]) -> PersonRow:
    person_id, wrapped = row[0], row[10]
    name = short_name = NO_NAME
    if wrapped is not None:
        key = ring.person_key(person_id, wrapped)
        name = key.open(PEOPLE, "name_sealed", person_id, row[3])
        short_name = key.open(PEOPLE, "short_name_sealed", person_id, row[4])
    return PersonRow(
        id=person_id,
        organisation_id=row[1],
        staff_number=row[2],
        name=name,
        short_name=short_name,
        role=row[5],
        language=row[6],
        site_id=row[7],
        manager_id=row[8],
        is_active=row[9],
    )


def load_contacts(conn: Connection, ring: KeyRing, person_id: UUID) -> list[ContactRow]:
    """Return her contact methods in her order, the revoked ones last; none when she was erased.

    Who is kept from her sees what he made of them: of a push that he removed himself, not that it was used on.
    """
    rows = conn.execute(
        f"""
        select c.id, c.channel, c.address_sealed, tocsin_shown(c.position, c.his_position, c.person_id) as place,
            c.is_work, tocsin_shown(c.safe_rule, c.his_safe_rule, c.person_id),
            case when c.in_vain <> '' and not coalesce(tocsin_is_kept_from(c.person_id), false) then null
                else c.verified_at end,
            tocsin_shown(c.revoked_at, c.his_revoked_at, c.person_id) as gone, k.wrapped, c.in_vain,
            c.secret_sealed is not null,
            (c.his_revoked_at is not null or c.his_position is not null)
                and not coalesce(tocsin_is_kept_from(c.person_id), false),
            c.device_id is null and tocsin_made_by_other_side(c.person_id, c.made_by_id) and {NOBODY_STANDS},
            c.device_id is null and c.is_maker_unknown and {NOBODY_STANDS},
            tocsin_shown(c.is_gone, case when c.his_revoked_at is not null then false end, c.person_id),
            {HIS_WAY}, c.revoked_at is not null and tocsin_is_administrator() and {TAKEN}
        from registry_contactmethod c join registry_personkey k on k.person_id = c.person_id
        where c.person_id = %s order by gone nulls first, place, c.id
        """,  # noqa: S608 - a constant of this file
        (person_id,),
    ).fetchall()
    return [
        ContactRow(
            id=row[0],
            person_id=person_id,
            channel=row[1],
            address=ring.person_key(person_id, row[8]).open(
                CONTACTS, "address_sealed", row[0], row[2]
            ),
            position=row[3],
            is_work=row[4],
            safe_rule=row[5],
            verified_at=row[6],
            revoked_at=row[7],
            in_vain=row[9],
            has_secret=row[10],
            is_contested=row[11],
            is_doubted=row[12],
            is_maker_unknown=row[13],
            is_gone=row[14],
            is_his=row[15],
            is_taken=bool(row[16]),
        )
        for row in rows
    ]


def insert_contact(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    contact: ContactRow,
    *,
    secret: str | None = None,
) -> None:
    """Write a new contact method; `secret` signs what is sent to it (webhooks).

    What somebody wrote in vain stands in nobody's way, and ends; where he removed the address in vain, he may write it
    again, as he might if it were gone.

    Raises:
        psycopg.errors.UniqueViolation: somebody of the organisation has this address on this channel.
    """
    key = load_key(conn, ring, contact.person_id)
    indexes = ring.blind_indexes(organisation_id, contact.channel, contact.address)
    index = ring.blind_index(organisation_id, contact.channel, contact.address)
    if _is_left_to_him(conn, organisation_id, contact.channel, indexes):
        index = AGAIN + index
    conn.execute(
        """
        insert into registry_contactmethod (id, organisation_id, person_id, channel, address_sealed, address_index,
            secret_sealed, position, is_work, safe_rule, verified_at, in_vain)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            contact.id,
            organisation_id,
            contact.person_id,
            contact.channel,
            key.seal(CONTACTS, "address_sealed", contact.id, contact.address),
            index,
            key.seal(CONTACTS, "secret_sealed", contact.id, secret) if secret else None,
            contact.position,
            contact.is_work,
            Jsonb(contact.safe_rule),
            contact.verified_at,
            contact.in_vain,
        ),
    )


def _is_left_to_him(
    conn: Connection, organisation_id: UUID, channel: str, indexes: list[bytes]
) -> bool:
    """End what was written in vain under this address; return whether it is free on the viewer's screens only."""
    conn.execute(
        """update registry_contactmethod set revoked_at = now()
        where organisation_id = %s and channel = %s and address_index = any(%s) and revoked_at is null
            and in_vain = 'written' and not coalesce(tocsin_is_kept_from(person_id), false)""",
        (organisation_id, channel, indexes),
    )
    row = conn.execute(
        """select 1 from registry_contactmethod
        where organisation_id = %s and channel = %s and address_index = any(%s) and revoked_at is null
            and tocsin_shown(revoked_at, his_revoked_at, person_id) is not null""",
        (organisation_id, channel, indexes),
    ).fetchone()
    return row is not None


def change_contact(
    conn: Connection, contact_id: UUID, position: int, safe_rule: dict[str, Any]
) -> None:
    """Write a contact method's place in her order and when it is safe; for who is kept from her, on his screens only."""
    conn.execute(
        "update registry_contactmethod set position = %s, safe_rule = %s where id = %s",
        (position, Jsonb(safe_rule), contact_id),
    )


def set_contact_secret(
    conn: Connection, ring: KeyRing, person_id: UUID, contact_id: UUID, secret: str
) -> None:
    """Write what signs the messages to a webhook.

    Raises:
        LookupError: she has no key: she was erased.
    """
    sealed = load_key(conn, ring, person_id).seal(CONTACTS, "secret_sealed", contact_id, secret)
    conn.execute(
        "update registry_contactmethod set secret_sealed = %s where id = %s and person_id = %s",
        (sealed, contact_id, person_id),
    )


def is_kept_from(conn: Connection, person_id: UUID) -> bool:
    """Return whether the viewer of this transaction is on the other side of a case of hers."""
    row = conn.execute("select coalesce(tocsin_is_kept_from(%s), false)", (person_id,)).fetchone()
    return bool(row and row[0])


def revoke_contact(conn: Connection, person_id: UUID, contact_id: UUID, at: datetime) -> bool:
    """Return whether this contact method of hers was in use and is no longer, as the viewer sees it.

    What another has removed who must not hear of her alarms is in use, for a safety lead on no other side.
    """
    done = conn.execute(
        f"""update registry_contactmethod c set revoked_at = %s where id = %s and person_id = %s
        and (tocsin_shown(revoked_at, his_revoked_at, person_id) is null or tocsin_is_administrator() and {TAKEN})""",  # noqa: S608 - a constant of the store
        (at, contact_id, person_id),
    )
    return done.rowcount == 1


def next_position(conn: Connection, person_id: UUID) -> int:
    """Return the place after her last contact method, counted from 1."""
    row = conn.execute(
        """select coalesce(max(tocsin_shown(position, his_position, person_id)), 0) + 1 from registry_contactmethod
        where person_id = %s and tocsin_shown(revoked_at, his_revoked_at, person_id) is null""",
        (person_id,),
    ).fetchone()
    return int(row[0]) if row else 1


def load_person_ids(conn: Connection, organisation_id: UUID) -> frozenset[UUID]:
    """Return everybody of an organisation, by id."""
    rows = conn.execute(
        "select id from registry_person where organisation_id = %s", (organisation_id,)
    )
    return frozenset(person_id for (person_id,) in rows)


def load_his_friends(conn: Connection, organisation_id: UUID) -> frozenset[UUID]:
    """Return who comes to an alarm and was entered, in the weeks before an order, by a party of its case.

    Only safety leads on no side of it are told. None of them is called the less for it.
    """
    rows = conn.execute(
        """
        select id from registry_person where organisation_id = %s and is_active and made_by_id <> id
            and tocsin_is_administrator() and tocsin_is_against(id, made_by_id, made_at)
        """,
        (organisation_id,),
    )
    return frozenset(person_id for (person_id,) in rows)
