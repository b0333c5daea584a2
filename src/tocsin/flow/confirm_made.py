"""Somebody made her sign-in, or wrote down where she is reached, who is kept from her now: another says that it is hers.

He may know the password, or read there. Until then the sign-in shows nothing of her case, and nothing that protects her
is sent there. A new first password, or removing it, is the other answer. What was made before anybody wrote down by whom
is confirmed in the same way, and counts meanwhile.
"""

from datetime import datetime
from uuid import UUID

from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_standing as standing
from tocsin.registry.access import Hidden, Viewer, find_person, note
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing


def confirm_contact(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    person_id: UUID,
    contact_id: UUID,
    *,
    at: datetime,
) -> None:
    """Write that a contact method is hers: she says so, or a safety lead to whom she answered on it.

    Raises:
        Hidden: none waits under this id for this viewer; whoever is kept from her is told of none that he made (I11).
    """
    find_person(conn, ring, viewer, person_id)
    if person_id != viewer.person_id and not viewer.is_administrator:
        raise Hidden
    if not standing.confirm_contact(conn, person_id, contact_id, viewer.person_id):
        raise Hidden
    note(conn, viewer, "contact.confirmed", {"row": contact_id, "person": person_id}, at=at)


def confirm_sign_in(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, *, at: datetime
) -> None:
    """Write that she stood before a safety lead, and that nobody else knows the password and the second step of hers.

    Never on that sign-in itself: there it may be he who says so.

    Raises:
        Hidden: hers does not wait for this viewer; whoever is kept from her is told of none that he made (I11).
    """
    find_person(conn, ring, viewer, person_id)
    if person_id == viewer.person_id or not viewer.is_administrator:
        raise Hidden
    account_id = sign_ins.confirm_account(conn, person_id, viewer.person_id)
    if account_id is None:
        raise Hidden
    note(conn, viewer, "account.confirmed", {"person": person_id, "account": account_id}, at=at)
