"""Does somebody read at this contact method, and who says so? She by an answer, another by his word.

Of what somebody kept from her has said or written, it is told here how far it counts (`runtime/his_making.py`, `his_ways.py`).
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.runtime.database import Connection

# Who is kept from her is answered that he is no other side: what he has confirmed is so on his screens.
NOBODY_STANDS: Final = """(c.confirmed_by_id is null
                or tocsin_made_by_other_side(c.person_id, c.confirmed_by_id))"""


def _his(of: str, maker: str, only: str) -> str:
    """Return whether a party of a case has made this of a colleague who is called to it, and nobody else stands for it.

    Who is a party of that case is answered that there is none. `of`: the row; `maker`: which column names who made it.
    """
    return f"""({of}revoked_at is null and {only} and tocsin_is_administrator()
                and tocsin_is_against({of}person_id, {of}{maker}, null)
                and ({of}confirmed_by_id is null or tocsin_is_against({of}person_id, {of}confirmed_by_id, null)))"""


HIS_WAY: Final = _his("c.", "made_by_id", "c.device_id is null")
HIS_PHONE: Final = _his("", "enrolled_by_id", "not in_vain")


def vouch_for_contact(conn: Connection, contact_id: UUID, at: datetime, *, in_vain: str) -> None:
    """Write that somebody vouched for a contact method; `in_vain`: why it counts on his screens only."""
    conn.execute(
        "update registry_contactmethod set verified_at = %s, in_vain = %s where id = %s",
        (at, in_vain, contact_id),
    )


def verify_contact(conn: Connection, person_id: UUID, contact_id: UUID, at: datetime) -> bool:
    """Return whether an address of hers is verified by her answer now, and was not before.

    What somebody kept from her wrote down stays unused: he would answer there himself.
    """
    done = conn.execute(
        """update registry_contactmethod set verified_at = %s, in_vain = ''
        where id = %s and person_id = %s
        and revoked_at is null and ((verified_at is null and in_vain = '') or in_vain = 'vouched') returning id""",
        (at, contact_id, person_id),
    )
    # Inside a pipeline nothing is counted before it is fetched.
    return done.fetchone() is not None


def confirm_contact(conn: Connection, person_id: UUID, contact_id: UUID, by_id: UUID) -> bool:
    """Return whether this contact method of hers waited for somebody to stand for it, as the viewer may know; now he does.

    Raises:
        psycopg.errors.InsufficientPrivilege: the viewer is neither she nor a safety lead.
    """
    done = conn.execute(
        f"""
        update registry_contactmethod c set confirmed_by_id = %s where c.id = %s and c.person_id = %s
            and (c.device_id is null and {NOBODY_STANDS}
              and (c.is_maker_unknown or tocsin_made_by_other_side(c.person_id, c.made_by_id)) or {HIS_WAY})
        """,  # noqa: S608 - a constant of this file
        (by_id, contact_id, person_id),
    )
    return done.rowcount == 1
