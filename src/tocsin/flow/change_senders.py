"""An administrator lets a machine report, gives it another key, or shuts it out. The key is shown once and never again.

A tracker is of a case (a monitor that a court ordered) or of a person (her own phone). It gets no name of its own: a name
that is taken would tell whoever may not know of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.flow.respond import Refused
from tocsin.registry import store_senders as senders
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules.sender import (
    KEY_HELD_BY,
    MOST_INTERVAL_S,
    SenderKind,
    SenderRow,
    refused_sender,
)
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids, secret
from tocsin.signals import store_quarantine as quarantine


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A sender that may report now. `key` is shown to the person who enrols it, once."""

    sender: SenderRow
    key: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with what was asked for, by field."""

    fields: dict[str, str]


def enrol_sender(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    wanted: SenderRow,
    *,
    case_word: str = "",
    at: datetime,
    ids: Ids,
) -> Enrolled | Wrong:
    """Return the new sender and its key, or what is wrong. `wanted` has no id and no organisation of its own yet.

    Raises:
        Hidden: the viewer is no administrator.
    """
    _refuse_others(viewer)
    sender = replace(wanted, id=ids.uuid(), organisation_id=viewer.organisation_id, made_at=at)
    if case_word.strip():
        case_id = senders.find_case_by_word(conn, viewer.organisation_id, case_word)
        if case_id is None:
            return Wrong({"case": "there is no such case here"})
        sender = replace(sender, case_id=case_id)
    wrong = refused_sender(sender)
    if sender.case_id or sender.person_id:
        sender = replace(
            sender,
            name=f"monitor {ids.word()}{ids.word()}",
            site_id=None,
            place_id=None,
            post_id=None,
        )
    elif not wrong and senders.is_name_taken(conn, viewer.organisation_id, sender.name):
        wrong = {"name": "another sender has this name"}
    if wrong:
        return Wrong(wrong)
    key = secret()
    # Who is shown the key can ask the door whatever the machine can: what he must not learn is left out of its answers.
    held = {**sender.settings, KEY_HELD_BY: str(viewer.person_id)}
    sender = replace(sender, settings=held)
    senders.insert_sender(conn, ring, sender, key.encode())
    _append(
        conn, viewer, "sender.enrolled", sender, {"kind": sender.kind, "site": sender.site_id}, at
    )
    return Enrolled(sender, key)


def enrol_own_phone(
    conn: Connection, ring: KeyRing, viewer: Viewer, kind: SenderKind, *, at: datetime, ids: Ids
) -> Enrolled | Wrong:
    """Return the viewer's own phone as a tracker, with its key; a phone before it is revoked. Hers alone to do."""
    stop_own_phone(conn, viewer, at=at)
    sender = SenderRow(
        id=ids.uuid(),
        organisation_id=viewer.organisation_id,
        name=f"phone {ids.word()}{ids.word()}",
        kind=kind,
        person_id=viewer.person_id,
        interval_s=MOST_INTERVAL_S,
        made_at=at,
    )
    wrong = refused_sender(sender)
    if wrong:
        return Wrong(wrong)
    key = secret()
    senders.insert_sender(conn, ring, sender, key.encode())
    _append(conn, viewer, "sender.enrolled", sender, {"kind": sender.kind}, at)
    return Enrolled(sender, key)


def stop_own_phone(conn: Connection, viewer: Viewer, *, at: datetime) -> None:
    """Take no position of the viewer's phone any more."""
    known = senders.find_own_tracker(conn, viewer.organisation_id, viewer.person_id)
    if known and senders.revoke_sender(conn, viewer.organisation_id, known.id, at):
        _append(conn, viewer, "sender.revoked", known, {}, at)


def change_key(
    conn: Connection, ring: KeyRing, viewer: Viewer, sender_id: UUID, *, at: datetime
) -> Enrolled | Refused:
    """Return the sender and its new key; the one before is good no more from this moment.

    Raises:
        Hidden: there is no such sender for this viewer.
    """
    sender = _get(conn, viewer, sender_id)
    key = secret()
    if not senders.set_sender_key(
        conn, ring, viewer.organisation_id, sender_id, key.encode(), held_by=viewer.person_id
    ):
        return Refused("this sender is revoked")
    _append(conn, viewer, "sender.rekeyed", sender, {}, at)
    return Enrolled(sender, key)


def revoke_sender(conn: Connection, viewer: Viewer, sender_id: UUID, *, at: datetime) -> None:
    """Take nothing more of this sender from this moment; revoking it again changes nothing.

    Raises:
        Hidden: there is no such sender for this viewer.
    """
    sender = _get(conn, viewer, sender_id)
    if senders.revoke_sender(conn, viewer.organisation_id, sender_id, at):
        _append(conn, viewer, "sender.revoked", sender, {}, at)


def remove_set_aside(conn: Connection, viewer: Viewer, sender_id: UUID) -> int:
    """Return how many messages that were set aside are gone now: somebody has looked.

    Raises:
        Hidden: there is no such sender for this viewer.
    """
    _get(conn, viewer, sender_id)
    return quarantine.remove_set_aside(conn, viewer.organisation_id, sender_id)


def _get(conn: Connection, viewer: Viewer, sender_id: UUID) -> SenderRow:
    _refuse_others(viewer)
    sender = senders.load_sender(conn, viewer.organisation_id, sender_id)
    if sender is None:
        raise Hidden
    return sender


def _refuse_others(viewer: Viewer) -> None:
    if not viewer.is_administrator:
        raise Hidden


def _append(
    conn: Connection,
    viewer: Viewer,
    kind: str,
    sender: SenderRow,
    more: dict[str, Any],
    at: datetime,
) -> None:
    body = {"sender": sender.id, "case": sender.case_id, "person": sender.person_id, **more}
    said = {name: value for name, value in body.items() if value is not None}
    note(conn, viewer, kind, said, at=at)
