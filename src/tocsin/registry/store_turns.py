"""Who looks and then writes, one after the other? Locks that are held until the transaction's end.

Everything that asks for two of them asks for the staff numbers first.
"""

from uuid import UUID

from tocsin.runtime.database import Connection


def hold_staff_numbers(conn: Connection, organisation_id: UUID) -> None:
    """Wait until nobody else of this organisation gives staff numbers, or imports by them; they are this transaction's until its end.

    The table refuses a number that is spelt alike. One that differs in its letters' case cannot be refused there: from before
    that was compared some stand in both spellings. Whoever looks and then writes does it one after the other.
    """
    _hold(conn, "staff numbers", organisation_id)


def hold_roster(conn: Connection, site_id: UUID) -> None:
    """Wait until nobody else changes this site's roster or plans its shifts; it is this transaction's until its end.

    Two who plan at once see each other's lines too late: the shifts of both would stand side by side, and somebody who
    was just taken out would count as on duty until the next planning.
    """
    _hold(conn, "roster", site_id)


def _hold(conn: Connection, what: str, whose: UUID) -> None:
    conn.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s || ' ' || %s::text, 0))", (what, whose)
    )
