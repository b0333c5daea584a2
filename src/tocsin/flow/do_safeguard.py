"""Somebody does something with a safeguard: she takes or declines an offer, its owner finishes it, a lead re-assigns it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions import store_safeguards as store
from tocsin.decisions.rules.safeguards import Move, Safeguard, begun, may_own, moved
from tocsin.flow.open_safeguards import said
from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.store_cases import case_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

MAX_EVIDENCE: Final = 4_000
MIN_EVIDENCE: Final = 3


def take_offer(
    conn: Connection, viewer: Viewer, safeguard_id: UUID, *, at: datetime, in_person: bool = False
) -> Refused | None:
    """Take what was offered: hers to do, or a safety lead's who records that she said so in person.

    Raises:
        Hidden: there is no such offer for this viewer.
    """
    found = _hers(conn, viewer, safeguard_id, in_person=in_person)
    around = store.load_around(conn, found.organisation_id, found.case_id, at=at)
    taken = moved(found, Move.TAKE, at, viewer.person_id)
    if taken is None or around is None:
        return Refused("this is not offered any more")
    taken = begun(taken, around, at)
    store.update_safeguard(conn, taken)
    more = {"owner": taken.owner_id, "due_at": taken.due_at}
    entry = said(taken, "safeguard.taken", at, viewer.person_id, **more)
    record.append(conn, [replace(entry, body={**entry.body, "in_person": in_person})])
    return None


def decline_offer(
    conn: Connection, viewer: Viewer, safeguard_id: UUID, *, at: datetime
) -> Refused | None:
    """Decline what was offered, or give back what was taken. Hers alone; no reason, and no line in the record.

    It changes this row and nothing else: not the door, not the other safeguards, not a shift, not a wage.

    Raises:
        Hidden: there is no such offer for this viewer.
    """
    found = _hers(conn, viewer, safeguard_id, in_person=False)
    declined = moved(found, Move.DECLINE, at, viewer.person_id)
    if declined is None:
        return Refused("this is not offered any more")
    store.update_safeguard(conn, replace(declined, owner_id=None, due_at=None))
    return None


def forget_offer(conn: Connection, viewer: Viewer, safeguard_id: UUID, *, at: datetime) -> None:
    """Delete a refusal: it is hers. The offer stands as if she had said nothing; were it gone, that would tell of her no.

    Raises:
        Hidden: she declined no such thing.
    """
    found = _hers(conn, viewer, safeguard_id, in_person=False)
    offered = moved(found, Move.OFFER, at, None)
    if offered is None:
        raise Hidden
    store.update_safeguard(conn, offered)


def _hers(conn: Connection, viewer: Viewer, safeguard_id: UUID, *, in_person: bool) -> Safeguard:
    found = _find(conn, viewer, safeguard_id)
    protected_id = store.protected_of(conn, found.case_id)
    is_hers = protected_id == viewer.person_id
    if not found.touches_her or not (is_hers or (in_person and viewer.is_administrator)):
        raise Hidden
    return found


def finish_safeguard(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    safeguard_id: UUID,
    evidence: str,
    *,
    at: datetime,
) -> Refused | None:
    """Say that it is done, and by what that is seen; the words are sealed under the case's key.

    Raises:
        Hidden: it is not the viewer's: neither its owner, nor to whom it escalated, nor a lead of the case.
    """
    words = evidence.strip()
    if not MIN_EVIDENCE <= len(words) <= MAX_EVIDENCE:
        return Refused("say in a few words by what it is seen that it is done")
    return _ended(conn, ring, viewer, safeguard_id, (Move.FINISH, "safeguard.done", words), at)


def drop_safeguard(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    safeguard_id: UUID,
    reason: str,
    *,
    at: datetime,
) -> Refused | None:
    """Drop what is not wanted any more, with a reason; a lead's to do.

    Raises:
        Hidden: it is not the viewer's.
    """
    if not viewer.is_lead:
        raise Hidden
    words = reason.strip()
    if not MIN_EVIDENCE <= len(words) <= MAX_EVIDENCE:
        return Refused("say in a few words why it is dropped")
    return _ended(conn, ring, viewer, safeguard_id, (Move.DROP, "safeguard.dropped", words), at)


def _ended(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    safeguard_id: UUID,
    how: tuple[Move, str, str],
    at: datetime,
) -> Refused | None:
    move, kind, words = how
    found = _find(conn, viewer, safeguard_id)
    _check_worker(viewer, found)
    ended = moved(found, move, at, viewer.person_id)
    if ended is None:
        return Refused("this cannot be done with it now")
    try:
        key = case_key(conn, ring, found.case_id)
    except LookupError as erased:
        raise Hidden from erased
    sealed = key.seal(store.SAFEGUARDS, store.EVIDENCE, found.id, words)
    store.update_safeguard(conn, ended, sealed)
    entry = said(ended, kind, at, viewer.person_id)
    if move is Move.FINISH:
        digest = hashlib.sha256(sealed).hexdigest()
        entry = replace(entry, body={**entry.body, "evidence": digest})
    record.append(conn, [entry])
    return None


def reopen_safeguard(
    conn: Connection, viewer: Viewer, safeguard_id: UUID, *, at: datetime
) -> Refused | None:
    """Say that it is not done after all: due anew by its template, its evidence kept.

    Raises:
        Hidden: it is not the viewer's.
    """

    def again(found: Safeguard) -> Safeguard | None:
        around = store.load_around(conn, found.organisation_id, found.case_id, at=at)
        opened = moved(found, Move.REOPEN, at, viewer.person_id)
        if opened is None:
            return None
        # An owner who holds no grant reads nothing of the case: it is due now, and stays hers.
        return begun(opened, around, at) if around else replace(opened, due_at=at)

    return _changed(conn, viewer, safeguard_id, again, ("safeguard.reopened", at))


def assign_safeguard(
    conn: Connection, viewer: Viewer, safeguard_id: UUID, owner_id: UUID, *, at: datetime
) -> Refused | None:
    """Give it to somebody else; never to a party, nor to her whom it protects. A lead's to do.

    Raises:
        Hidden: it is not the viewer's.
    """
    if not viewer.is_lead:
        raise Hidden

    def given(found: Safeguard) -> Safeguard | None:
        around = store.load_around(
            conn, found.organisation_id, found.case_id, at=at, also=[owner_id]
        )
        if around is None or found.is_ended or not may_own(owner_id, around):
            return None
        return replace(found, owner_id=owner_id, escalated_to_id=None, escalated_at=None)

    return _changed(conn, viewer, safeguard_id, given, ("safeguard.assigned", at))


def _changed(
    conn: Connection,
    viewer: Viewer,
    safeguard_id: UUID,
    change: Callable[[Safeguard], Safeguard | None],
    what: tuple[str, datetime],
) -> Refused | None:
    kind, at = what
    found = _find(conn, viewer, safeguard_id)
    _check_worker(viewer, found)
    changed = change(found)
    if changed is None:
        return Refused("this cannot be done with it now")
    store.update_safeguard(conn, changed)
    more = (
        {"owner": changed.owner_id} if kind == "safeguard.assigned" else {"due_at": changed.due_at}
    )
    record.append(conn, [said(changed, kind, at, viewer.person_id, **more)])
    return None


def _find(conn: Connection, viewer: Viewer, safeguard_id: UUID) -> Safeguard:
    found = store.find_safeguard(conn, viewer.organisation_id, safeguard_id, lock=True)
    if found is None:
        raise Hidden
    return found


def _check_worker(viewer: Viewer, found: Safeguard) -> None:
    # Row-level security let the viewer see it: as its owner, or with a grant. A grant alone is for reading, but for a lead.
    if viewer.person_id not in {found.owner_id, found.escalated_to_id} and not viewer.is_lead:
        raise Hidden
