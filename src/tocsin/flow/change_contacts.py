"""How is somebody reached? Added, put in order, verified, signed and removed; each of it is on record, never an address.

A contact method counts from when its owner has answered on it: she answers a proof, or a supervisor says that she did.
Whoever is kept from her is answered as anybody else, and nothing of what he says or writes is used (I11).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg

from tocsin.flow.change_registry import note_changed
from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_people as people
from tocsin.registry import store_standing as standing
from tocsin.registry.access import Hidden, Viewer, find_person
from tocsin.registry.rules.contact_document import rule_from_dict, rule_to_dict
from tocsin.registry.rules.contacts import MAX_CONTACTS, SafeRule, loosens
from tocsin.registry.rules.rows import ContactRow
from tocsin.registry.store_calling import load_addresses
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7, webhook_secret

CONTACT: Final = "contact"
WEBHOOK: Final = "webhook"
VOUCHED: Final = "vouched"
WRITTEN: Final = "written"
BY_HAND: Final = "page"


@dataclass(frozen=True, slots=True)
class Added:
    """A contact method that is kept. `secret` ("" but for a webhook) is shown to who added it, once."""

    contact_id: UUID
    secret: str = ""


def add_contact(
    conn: Connection, ring: KeyRing, viewer: Viewer, contact: ContactRow, *, at: datetime
) -> Added | Refused:
    """Return the contact method that was written, at its place in the person's order (0: the end).

    Raises:
        Hidden: no such person here, or none of the viewer's business.
    """
    find_person(conn, ring, viewer, contact.person_id)
    known = [c for c in people.load_contacts(conn, ring, contact.person_id) if not c.revoked_at]
    if len(known) >= MAX_CONTACTS:
        return Refused("so many ways to reach one person are kept already")
    position = contact.position or people.next_position(conn, contact.person_id)
    in_vain = WRITTEN if people.is_kept_from(conn, contact.person_id) else ""
    secret = webhook_secret() if contact.channel == WEBHOOK else ""
    row = replace(contact, position=position, in_vain=in_vain)
    try:
        with conn.transaction():
            people.insert_contact(conn, ring, viewer.organisation_id, row, secret=secret or None)
    except psycopg.errors.UniqueViolation:
        return Refused("somebody here has this address on this channel")
    note_changed(conn, viewer, CONTACT, contact.id, person_id=contact.person_id, at=at)
    return Added(contact.id, secret)


def change_contact(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    contact: ContactRow,
    position: int,
    safe: SafeRule | None,
    *,
    at: datetime,
) -> Refused | None:
    """Write the place of a contact method in her order and when it is safe; None when it is done.

    When her number is safe is hers to say: a supervisor may add hours or make them narrower, and only she takes a
    rule away or widens it. Written wider by somebody else, a message could come while another holds her phone.

    Raises:
        Hidden: no such person here, or none of the viewer's business.
    """
    find_person(conn, ring, viewer, contact.person_id)
    is_own = contact.person_id == viewer.person_id
    if not is_own and loosens(rule_from_dict(contact.safe_rule), safe):
        return Refused("only she herself says that it is safe at more hours than before")
    people.change_contact(conn, contact.id, position or contact.position, rule_to_dict(safe))
    note_changed(conn, viewer, CONTACT, contact.id, person_id=contact.person_id, at=at)
    return None


def get_contact(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, contact_id: UUID
) -> ContactRow:
    """Return a contact method of hers that is in use.

    Raises:
        Hidden: there is none, or she is none of the viewer's business.
    """
    find_person(conn, ring, viewer, person_id)
    found = people.load_contacts(conn, ring, person_id)
    contact = next((one for one in found if one.id == contact_id and not one.revoked_at), None)
    if contact is None:
        raise Hidden
    return contact


def vouch_for_contact(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    person_id: UUID,
    contact_id: UUID,
    *,
    at: datetime,
) -> None:
    """Write that a supervisor was there when she answered on it; what is verified already stays as it is.

    The word of somebody who is kept from her is written down for his own screens, and nothing follows from it.

    Raises:
        Hidden: the viewer is no supervisor, or there is no such contact method.
    """
    contact = get_contact(conn, ring, viewer, person_id, contact_id)
    if not viewer.is_supervisor:
        raise Hidden
    if contact.verified_at is not None:
        return
    in_vain = ""
    if people.is_kept_from(conn, person_id):
        in_vain = contact.in_vain or VOUCHED
    standing.vouch_for_contact(conn, contact_id, at, in_vain=in_vain)
    _note_verified(
        conn, viewer.organisation_id, contact_id, person_id, BY_HAND, viewer.person_id, at
    )


def verify_by_answer(
    conn: Connection,
    organisation_id: UUID,
    person_id: UUID,
    contact_id: UUID | None,
    *,
    via: str,
    at: datetime,
) -> None:
    """Write that she answered the message that went to this contact method: it is verified by that."""
    if contact_id is not None and standing.verify_contact(conn, person_id, contact_id, at):
        _note_verified(conn, organisation_id, contact_id, person_id, via, person_id, at)


def renew_secret(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    person_id: UUID,
    contact_id: UUID,
    *,
    at: datetime,
) -> str:
    """Return a new secret of a webhook, shown once. The one before signs beside it until the next one is made.

    Else every message would be refused from this press until the machine has the new one. A receiver takes what fits the
    secret that it has, so that signing with one that leaked gives nothing away (Standard Webhooks 1.0, several signatures).

    Raises:
        Hidden: there is no such webhook for this viewer.
    """
    contact = get_contact(conn, ring, viewer, person_id, contact_id)
    if contact.channel != WEBHOOK:
        raise Hidden
    secret = webhook_secret()
    before = [known.secret for known in load_addresses(conn, ring, [contact_id]) if known.secret]
    several = " ".join([secret, *(text.split()[0] for text in before)])
    people.set_contact_secret(conn, ring, person_id, contact_id, several)
    note_changed(conn, viewer, CONTACT, contact_id, person_id=person_id, at=at)
    return secret


def remove_contact(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    person_id: UUID,
    contact_id: UUID,
    *,
    at: datetime,
) -> None:
    """Revoke a contact method: nothing more is sent there, and its links are dead.

    It is never held up for a second person: a phone in the wrong hands must fall silent now.

    Raises:
        Hidden: no such person here, or none of the viewer's business.
    """
    find_person(conn, ring, viewer, person_id)
    if people.revoke_contact(conn, person_id, contact_id, at):
        note_changed(conn, viewer, CONTACT, contact_id, person_id=person_id, at=at)


def _note_verified(
    conn: Connection,
    organisation_id: UUID,
    contact_id: UUID,
    person_id: UUID,
    via: str,
    by: UUID,
    at: datetime,
) -> None:
    body = {"row": contact_id, "person": person_id, "via": via}
    entry = Entry(uuid7(), organisation_id, at, "contact.verified", None, by, body)
    record.append(conn, [entry])
