"""A sign-in that was made in vain is ended: whoever is kept from her made it, and she is not to have it.

Nobody could ever sign in with it. For him who made it all stays as it was (I11); a new first password from an
administrator puts it in use, as before.
"""

from datetime import datetime
from uuid import UUID

from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry.access import Hidden, Viewer, find_person, note
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing


def end_sign_in(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, *, at: datetime
) -> None:
    """End her sign-in that was made in vain. Tightening takes one lead.

    Raises:
        Hidden: the viewer leads nobody or is kept from her, or she has no sign-in that was made in vain and stands.
    """
    find_person(conn, ring, viewer, person_id)
    account = sign_ins.find_account(conn, person_id)
    # `in_vain` is said to nobody who is kept from her.
    if not viewer.is_lead or account is None or not account.in_vain or not account.is_active:
        raise Hidden
    sign_ins.end_in_vain(conn, account.id)
    body = {"person": person_id, "account": account.id}
    note(conn, viewer, "account.ended", body, at=at)
