"""A supervisor enrols a person's phone in front of her: one QR, used once, good for ten minutes.

Both codes are set there and then, by everybody, so that having a second one says nothing. The device gets its token
and may raise from that moment; it can read nothing.

A supervisor who is kept from her lets it in in vain: he is answered as ever, and could otherwise be her with the token
that he reads off his own screen. What comes of it counts as from a revoked phone, and her codes stay hers.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.flow.change_contacts import WRITTEN
from tocsin.flow.respond import Refused
from tocsin.notifications.channels.webpush.subscription import pushed_to
from tocsin.notifications.rules.message import ChannelError
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_devices as devices
from tocsin.registry import store_people as people
from tocsin.registry.access import SUPERVISORS, Hidden, Viewer
from tocsin.registry.rules.rows import ContactRow, DeviceRow, EnrolmentRow
from tocsin.registry.store import find_by_address
from tocsin.registry.store_sites import number_to_dial
from tocsin.runtime import tokens
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import secret, uuid7
from tocsin.signals.rules.codes import make_pair, refused_pair
from tocsin.signals.store import write_pair

GOOD_FOR: Final = timedelta(minutes=10)
MAX_LABEL: Final = 60
MAX_SUBSCRIPTION: Final = 2_000
SALT_BYTES: Final = 16
PHONE: Final = "phone"
NOT_GOOD: Final = "this code is not good any more; ask for a new one"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the phone's page says at enrolment. The secret was in the QR's fragment."""

    secret: str
    label: str
    code: str
    other_code: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the phone keeps: its token, shown never again, and the emergency number of her site, if one is known."""

    token: str
    device_id: UUID
    organisation_id: UUID
    psap: str = ""


def open_enrolment(
    conn: Connection, viewer: Viewer, person_id: UUID, *, at: datetime
) -> tuple[str, datetime]:
    """Return the secret of a new QR for this person, and until when it is good.

    Raises:
        Hidden: the viewer is no supervisor, or there is no such person here.
    """
    if not viewer.is_supervisor:
        raise Hidden
    if not people.is_active(conn, viewer.organisation_id, person_id):
        raise Hidden
    words = f"{viewer.organisation_id.hex}.{secret(24)}"
    enrolment = EnrolmentRow(
        uuid7(), viewer.organisation_id, person_id, viewer.person_id, at + GOOD_FOR, None
    )
    devices.insert_enrolment(conn, enrolment, _digest(words), at)
    return words, enrolment.expires_at


def organisation_of(words: str) -> UUID | None:
    """Return the organisation that a QR's secret names, or None; says nothing about whether it is good."""
    try:
        return UUID(hex=words.partition(".")[0])
    except ValueError:
        return None


def enrol_device(
    conn: Connection, ring: KeyRing, wanted: Wanted, *, key: Ed25519PrivateKey, at: datetime
) -> Enrolled | Refused:
    """Return the new device's token, or why there is none. The organisation of the transaction is the secret's.

    One answer for an unknown, used and expired code, and for one whose person or maker works here no more, or whose maker
    is no supervisor any more (I18). Codes that cannot be chosen leave the QR good.
    """
    enrolment = devices.find_enrolment(conn, _digest(wanted.secret))
    if enrolment is None or enrolment.used_at is not None or enrolment.expires_at <= at:
        return Refused(NOT_GOOD)
    # Asked now and not when the QR was made: between the two an order may have been entered, or somebody have left.
    is_good, in_vain = _of_its_maker(conn, enrolment)
    if not is_good:
        return Refused(NOT_GOOD)
    refused = refused_pair(wanted.code, wanted.other_code)
    if refused:
        return Refused(refused)
    devices.use_enrolment(conn, enrolment.id, at)
    person_id, organisation_id = enrolment.person_id, enrolment.organisation_id
    label = _shown(wanted.label)[:MAX_LABEL] or PHONE
    device = DeviceRow(uuid7(), person_id, label, at, None, in_vain)
    devices.insert_device(conn, organisation_id, device, enrolled_by_id=enrolment.made_by_id)
    # Reckoned in either case, so that both take as long.
    pair = make_pair(wanted.code, wanted.other_code, secret(SALT_BYTES).encode())
    if not in_vain:
        # One that somebody kept from her holds ends with it, as if this had been made after his.
        devices.end_enrolments(conn, person_id, at)
        devices.save_codes(conn, ring, organisation_id, person_id, write_pair(pair), at=at)
    body = {"device": device.id, "person": person_id, "kind": PHONE}
    _append(conn, organisation_id, "device.enrolled", enrolment.made_by_id, body, at=at)
    token = tokens.issue(
        key,
        organisation_id=organisation_id,
        person_id=person_id,
        device_id=device.id,
        issued_at=at,
    )
    # As the screens say it of whoever holds this phone: for one enrolled in vain, of him who made the QR.
    set_viewer(conn, organisation_id, enrolment.made_by_id if in_vain else person_id)
    psap = number_to_dial(conn, organisation_id, person_id)
    return Enrolled(token, device.id, organisation_id, psap)


def _shown(label: str) -> str:
    # Neither a NUL nor half a letter can be kept, and nothing that cannot be seen helps to tell two phones apart.
    return "".join(c if c.isprintable() else " " for c in label).strip()


def _of_its_maker(conn: Connection, enrolment: EnrolmentRow) -> tuple[bool, bool]:
    """Return whether who made the QR could make it now, and whether he is kept from its person.

    As he sees her: whom he has set inactive in vain works here no more for him. The phone itself has no viewer.
    """
    set_viewer(conn, enrolment.organisation_id, enrolment.made_by_id)
    maker = people.find_role(conn, enrolment.made_by_id)
    is_good = maker is not None and maker[0] in SUPERVISORS
    is_good = is_good and people.is_active(conn, enrolment.organisation_id, enrolment.person_id)
    in_vain = people.is_kept_from(conn, enrolment.person_id)
    set_viewer(conn, enrolment.organisation_id)
    return is_good, in_vain


def _append(
    conn: Connection,
    organisation_id: UUID,
    kind: str,
    actor_id: UUID,
    body: dict[str, Any],
    *,
    at: datetime,
) -> None:
    record.append(conn, [Entry(uuid7(), organisation_id, at, kind, None, actor_id, body)])


def add_push(
    conn: Connection, ring: KeyRing, claims: tokens.Claims, subscription: str, *, at: datetime
) -> Refused | None:
    """Let this device's browser be called by Web Push; None when it is so. The device must be in use.

    `subscription` is what the browser gave, as JSON. It is verified at once: the browser made it on this very device. One
    to which no push can be made is refused, and one that calls somebody else: it would stand there as a way that works.
    """
    refused = _refused_subscription(subscription)
    if refused:
        return refused
    if (
        devices.owner_of(conn, claims.organisation_id, claims.device_id, in_use=True)
        != claims.person_id
    ):
        return Refused("this device is not enrolled")
    # A browser that subscribes anew has a new address; the one of the same address is this one, repeated.
    known = find_by_address(conn, ring, claims.organisation_id, "webpush", subscription)
    in_vain = devices.is_in_vain(conn, claims.device_id)
    if known and in_vain:
        return None
    if known and known.person_id != claims.person_id:
        # A phone that was handed on: what is pushed still comes to the one before, and this person would not be called.
        return Refused("this browser calls somebody else: end that phone first")
    if known and devices.push_device(conn, known.contact_id) == claims.device_id:
        return None
    if known:
        # The same browser, enrolled anew: it goes with the phone that it is now.
        people.revoke_contact(conn, claims.person_id, known.contact_id, at)
    contact = ContactRow(
        id=uuid7(),
        person_id=claims.person_id,
        channel="webpush",
        address=subscription,
        position=people.next_position(conn, claims.person_id),
        verified_at=at,
        in_vain=WRITTEN if in_vain else "",
    )
    people.insert_contact(conn, ring, claims.organisation_id, contact)
    devices.bind_push(conn, contact.id, claims.device_id)
    return None


def _refused_subscription(subscription: str) -> Refused | None:
    if len(subscription) > MAX_SUBSCRIPTION:
        return Refused("this is not a push subscription")
    try:
        target = pushed_to(subscription)
    except ChannelError:
        return Refused("this is not a push subscription")
    return None if target.scheme == "https" else Refused("push needs https")


def _digest(words: str) -> bytes:
    return hashlib.sha256(words.encode("utf-8", "replace")).digest()
