"""Who may read whom she named for emergencies? She, after showing her second factor; a writer what he wrote himself.

A supervisor who wrote one down knows it already. Nobody else does: a list of whom she ruled out would tell a ruled-out
colleague that he is, and what a supervisor is shown must not hang on a case of hers (I11).
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tocsin.registry import store_emergency as store
from tocsin.registry.access import Viewer, find_person
from tocsin.registry.access_cases import STEP_UP, StepUp
from tocsin.registry.rules.rows import EmergencyRow
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing


def load_emergency(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, *, at: datetime
) -> tuple[EmergencyRow, ...]:
    """Return whom she named: all of them for herself, for a supervisor those whom he wrote down and did not take back.

    Raises:
        Hidden: there is no such person here, or she is no business of the viewer.
        StepUp: they are the viewer's own, and the second factor was shown too long ago.
    """
    person = find_person(conn, ring, viewer, person_id)
    is_own = person.id == viewer.person_id
    if is_own and (viewer.proved_at is None or at - viewer.proved_at > STEP_UP):
        raise StepUp
    try:
        found = store.load_emergency(conn, ring, person_id)
    except LookupError:
        # Her key is gone: she was erased, and so was what was sealed under it.
        return ()
    if is_own:
        return tuple(found)
    # Whether it counts by now is not his to see: it would hang on what others did, and on a case.
    return tuple(
        replace(one, waits=False)
        for one in found
        if one.added_by_id == viewer.person_id and one.removal_asked_by_id is None
    )
