"""Somebody has forgotten her password or lost her second factor: both begin anew, and every session of hers ends.

An administrator does it for somebody else, never for himself: whoever sits at his unlocked screen could take his
sign-in over for good. Where the only administrator is locked out, the operator does it on the machine.
"""

from datetime import datetime
from uuid import UUID

from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry.access import Hidden, Viewer, find_person
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

ADMIN = "admin"
ON_THE_MACHINE = "operator"


def reset_account(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    person_id: UUID,
    password_hash: str,
    *,
    at: datetime,
) -> Refused | None:
    """Write a new first password, and take the second factor and every session away; None when it is done.

    For somebody kept from her it looks as though it were done, and her sign-in stays as it is: a refusal would tell
    him of the case, and a password of hers would let him read it (I11).

    Raises:
        Hidden: the viewer is no admin, it is himself, or she has no sign-in here.
    """
    find_person(conn, ring, viewer, person_id)
    account = sign_ins.find_account(conn, person_id)
    if viewer.role != ADMIN or person_id == viewer.person_id or account is None:
        raise Hidden
    if not account.is_active and not account.in_vain:
        return Refused("this sign-in is not active any more")
    if not people.is_kept_from(conn, person_id):
        sign_ins.reset_account(conn, account.id, password_hash)
        sign_ins.end_sessions(conn, person_id)
    _note(conn, viewer.organisation_id, account.id, person_id, viewer.person_id, at)
    return None


def reset_by_operator(
    conn: Connection, login: str, password_hash: str, *, at: datetime
) -> Refused | None:
    """Do it for a login, from the command line of the machine; None when it is done. One transaction of its own."""
    with conn.transaction():
        found = sign_ins.find_login(conn, login)
        if found is None:
            return Refused("there is no such login, or it is not active any more")
        account_id, organisation_id, person_id = found
        set_viewer(conn, organisation_id)
        sign_ins.reset_account(conn, account_id, password_hash)
        sign_ins.end_sessions(conn, person_id)
        _note(conn, organisation_id, account_id, person_id, None, at, because=ON_THE_MACHINE)
    return None


def _note(
    conn: Connection,
    organisation_id: UUID,
    account_id: UUID,
    person_id: UUID,
    by: UUID | None,
    at: datetime,
    because: str = "",
) -> None:
    body: dict[str, object] = {"person": person_id, "account": account_id}
    if because:
        body |= {"because": because}
    record.append(conn, [Entry(uuid7(), organisation_id, at, "account.reset", None, by, body)])
