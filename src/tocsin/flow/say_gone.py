"""A lead says that a reader which somebody revoked is gone on purpose: her case misses it no more, and no other case.

That nobody watches a door any more takes two (I17): who revoked it, and another who reads the case.
"""

from datetime import datetime
from uuid import UUID

from tocsin.decisions.store_blind import load_spots_of_case
from tocsin.flow.respond import Refused
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.store_senders import keep_gone, was_revoked_by_viewer
from tocsin.runtime.database import Connection
from tocsin.signals.rules.blind import Because


def say_gone(
    conn: Connection, viewer: Viewer, case_id: UUID, sender_id: UUID, *, at: datetime
) -> Refused | None:
    """Keep it, and who said it in the record; None when that is done.

    Raises:
        Hidden: no such case for this viewer, or he is no supervisor.
    """
    if not viewer.is_supervisor or not may_read(conn, viewer, case_id):
        raise Hidden
    missed = {
        spot.subject_id
        for spot in load_spots_of_case(conn, case_id)
        if spot.because is Because.REVOKED
    }
    if sender_id not in missed:
        return Refused("this reader is not missed, or not any more")
    if was_revoked_by_viewer(conn, sender_id):
        return Refused("you have revoked it yourself: another who may read this case says it")
    keep_gone(conn, viewer.organisation_id, case_id, sender_id, at)
    note(conn, viewer, "door.reader_gone", {"case": case_id, "sender": sender_id}, at=at)
    return None
