"""A door, a reader or a person says what was seen: keep it for the engine, which matches it. Nothing is decided here.

Whoever calls this rings the engine's bell (`doorbell.REPORT`) once the transaction is committed, never inside it.
"""

from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.seen import Seen
from tocsin.signals.store_reports import insert_report


def receive_report(conn: Connection, ring: KeyRing, seen: Seen, *, ids: Ids) -> UUID:
    """Return the id of the report that now waits for the engine. Its organisation is the transaction's."""
    report_id = ids.uuid()
    insert_report(conn, ring, report_id, seen)
    return report_id
