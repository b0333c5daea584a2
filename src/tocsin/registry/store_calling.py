"""What does an alarm need of the registry? Who pressed, which policy, where a contact method leads."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from tocsin.registry.rules import policy_document
from tocsin.registry.rules.contacts import LIVE
from tocsin.registry.rules.policy import Policy
from tocsin.registry.store import TAKEN
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

# The shift she is on says where she is; without one, what is kept of hers; without that, her own site; without that, the organisation's first.
_RAISERS: Final = """
    select p.organisation_id, p.id, p.is_active, d.id is null, d.revoked_at <= %(at)s or d.in_vain,
        d.confirmed_at is null and tocsin_made_by_other_side(d.person_id, d.enrolled_by_id),
        coalesce(
            (select s.site_id from registry_shift s where s.organisation_id = p.organisation_id
             and s.person_id = p.id and s.starts_at <= %(at)s and s.ends_at > %(at)s
             order by s.starts_at desc limit 1),
            (select k.site_id from tocsin_kept_shifts(p.id, %(at)s, %(at)s) k order by k.starts_at desc limit 1),
            p.site_id,
            (select id from registry_site where organisation_id = p.organisation_id order by id limit 1)),
        array(select e.colleague_id from registry_emergencycontact e
            where e.person_id = p.id and e.colleague_id is not null and (e.never_notify or e.never_give_location)
            union select k.colleague_id from tocsin_kept_out(array[p.id]) k)
    from unnest(%(o)s::uuid[], %(p)s::uuid[], %(d)s::uuid[]) as g (o, p, d)
    join registry_person p on p.organisation_id = g.o and p.id = g.p
    left join registry_device d on d.organisation_id = g.o and d.id = g.d and d.person_id = g.p
"""


class RaiserRow(NamedTuple):
    """What is known of one who pressed; `labels` are what people must be told about the press."""

    organisation_id: UUID
    person_id: UUID
    site_id: UUID
    labels: tuple[str, ...]
    device_revoked: bool
    kept_out: frozenset[UUID]


def load_raisers(
    conn: Connection, asked: Sequence[tuple[UUID, UUID, UUID | None]], at: datetime
) -> list[RaiserRow]:
    """Return what is known of each (organisation, person, device); an unknown person is missing.

    A press without a device (a text, a page) is proved by its door. An unknown or revoked device is labelled
    and still counts as a press; nothing else of it is believed. So is one that somebody enrolled who is kept from her
    now, until it is confirmed: he may have kept its token.
    """
    values = {
        "at": at,
        "o": [o for o, _, _ in asked],
        "p": [p for _, p, _ in asked],
        "d": [d for _, _, d in asked],
    }
    without = {(o, p) for o, p, d in asked if d is None}
    return [_raiser(row, without) for row in conn.execute(_RAISERS, values).fetchall() if row[6]]


def _raiser(row: Sequence[Any], without_device: set[tuple[UUID, UUID]]) -> RaiserRow:
    organisation_id, person_id, is_active, is_unknown, is_revoked, is_doubted, site_id, kept_out = (
        row
    )
    needs_device = (organisation_id, person_id) not in without_device
    labels = {
        "inactive person": not is_active,
        "unknown device": needs_device and is_unknown,
        "revoked device": bool(is_revoked),
        "unconfirmed device": bool(is_doubted) and not is_revoked,
    }
    revoked = bool(is_revoked or is_doubted) or (needs_device and is_unknown)
    told = tuple(label for label, holds in labels.items() if holds)
    return RaiserRow(organisation_id, person_id, site_id, told, revoked, frozenset(kept_out or ()))


def load_inactive(
    conn: Connection, organisation_id: UUID, person_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Return which of these people do not work here any more: what stands there, and not what one kept from her wrote."""
    rows = conn.execute(
        "select id from registry_person where organisation_id = %s and id = any(%s) and not is_active",
        (organisation_id, list(person_ids)),
    )
    return frozenset(row[0] for row in rows)


def load_devices_in_use(
    conn: Connection, person_ids: Sequence[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """Return the devices of people that are neither revoked, in vain, nor waiting to be confirmed."""
    rows = conn.execute(
        """select person_id, array_agg(id order by id) from registry_device
        where person_id = any(%s) and revoked_at is null and not in_vain
            and not (confirmed_at is null and coalesce(tocsin_made_by_other_side(person_id, enrolled_by_id), false))
        group by person_id""",
        (list(person_ids),),
    )
    return {person_id: tuple(devices) for person_id, devices in rows}


def load_policies(
    conn: Connection, organisation_id: UUID, site_ids: Sequence[UUID], kind: str
) -> dict[UUID, Policy]:
    """Return each site's policy of a kind; a site without one is missing."""
    rows = conn.execute(
        """select site_id, body from registry_escalationpolicy
        where organisation_id = %s and site_id = any(%s) and kind = %s""",
        (organisation_id, list(site_ids), kind),
        binary=True,
    )
    return {site_id: policy_document.from_dict(body) for site_id, body in rows}


class AddressRow(NamedTuple):
    """Where one contact method leads, in the order of `flow.alarms.Address`."""

    contact_id: UUID
    organisation_id: UUID
    person_id: UUID
    channel: str
    address: str
    language: str
    is_work: bool
    secret: str | None


def load_addresses(
    conn: Connection, ring: KeyRing, contact_ids: Sequence[UUID]
) -> list[AddressRow]:
    """Return where contact methods lead, opened; an account's screen leads to its person.

    Revoked ones are missing, but for those that were removed by somebody who is a party of a case (`store.TAKEN`).
    """
    rows = conn.execute(
        f"""select c.id, c.organisation_id, c.person_id, c.channel, c.address_sealed, p.language, c.is_work,
            c.secret_sealed, k.wrapped
        from registry_contactmethod c join registry_person p on p.id = c.person_id
        join registry_personkey k on k.person_id = c.person_id
        where c.id = any(%s) and (c.revoked_at is null or {TAKEN})""",  # noqa: S608 - a constant of the store
        (list(contact_ids),),
        binary=True,
    ).fetchall()
    screens = conn.execute(
        """select a.id, a.organisation_id, a.person_id, p.language
        from registry_account a join registry_person p on p.id = a.person_id
        where a.id = any(%s) and a.is_active""",
        (list(contact_ids),),
        binary=True,
    ).fetchall()
    live = [
        AddressRow(i, o, p, LIVE, str(p), language, True, None) for i, o, p, language in screens
    ]
    return [_address(row, ring) for row in rows] + live


def _address(row: Sequence[Any], ring: KeyRing) -> AddressRow:
    contact_id, organisation_id, person_id, channel, sealed, language, is_work, signing, wrapped = (
        row
    )
    key = ring.person_key(person_id, wrapped)
    address = key.open("registry_contactmethod", "address_sealed", contact_id, sealed)
    secret = (
        key.open("registry_contactmethod", "secret_sealed", contact_id, signing)
        if signing
        else None
    )
    return AddressRow(
        contact_id, organisation_id, person_id, channel, address, language, is_work, secret
    )


# What a party of a case has written a site's address to be, and on whose screens it is so (`runtime/his_callers.py`).
HIS_ADDRESS: Final = """his_record->'address',
    case when his_record is not null then tocsin_all_with((his_record->>'by')::uuid) end"""


def load_places(
    conn: Connection, organisation_id: UUID, site_ids: Sequence[UUID]
) -> list[tuple[UUID, str, str, str, str, frozenset[UUID]]]:
    """Return (site, name, address in one line, time zone) of sites, and what a party of a case has written it to be, for whom.

    He is told what his screens say (`runtime/his_callers.py`), and everybody else what stands there.
    """
    rows = conn.execute(
        f"""select id, name, address, time_zone, {HIS_ADDRESS}
        from registry_site where organisation_id = %s and id = any(%s)""",  # noqa: S608 - a constant of this file
        (organisation_id, list(site_ids)),
        binary=True,
    )
    return [
        (i, name, one_line(address), zone, one_line(his or {}), frozenset(whose or ()))
        for i, name, address, zone, his, whose in rows
    ]


def one_line(address: dict[str, str]) -> str:
    """Return an address as a call-taker needs it: street, building, floor, room, then town."""
    parts = ("street", "building", "floor", "room", "locality", "region", "postal_code")
    return ", ".join(str(address[part]) for part in parts if address.get(part))


def find_organisation(conn: Connection, slug: str) -> UUID | None:
    """Return the organisation of this short name."""
    row = conn.execute("select id from registry_organisation where slug = %s", (slug,)).fetchone()
    return row[0] if row else None


def only_organisation(conn: Connection) -> UUID | None:
    """Return the organisation of an installation that has just one, else None."""
    rows = conn.execute("select id from registry_organisation limit 2").fetchall()
    return rows[0][0] if len(rows) == 1 else None


def slugs(conn: Connection) -> dict[UUID, str]:
    """Return the short name of every organisation, by which the gateways file knows it."""
    return dict(conn.execute("select id, slug from registry_organisation").fetchall())


def retire_pushes(
    conn: Connection, contact_ids: Sequence[UUID], at: datetime
) -> list[tuple[UUID, UUID, UUID]]:
    """Return which of these pushes were in use and are no longer: (contact method, organisation, person).

    No other channel's is touched. One that a page is writing to at this moment stays: the next message finds out.
    """
    return conn.execute(
        """update registry_contactmethod set revoked_at = %s, is_gone = true where id in (
            select id from registry_contactmethod
            where id = any(%s) and channel = 'webpush' and revoked_at is null order by id for update skip locked)
        returning id, organisation_id, person_id""",
        (at, list(contact_ids)),
    ).fetchall()
