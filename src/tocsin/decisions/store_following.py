"""May her own device be followed now? Only while a walk or an incident of hers is open (I23). SQL of that question."""

from uuid import UUID

from tocsin.decisions.rules.incident import ASKING
from tocsin.runtime.database import Connection


def is_followed(conn: Connection, organisation_id: UUID, person_id: UUID) -> bool:
    """Return whether a walk of hers is under way (an overdue one: its incident), or an incident about her that is no drill, no question and not about a place, is open."""
    row = conn.execute(
        """select exists (select 1 from signals_walk
                where organisation_id = %s and person_id = %s and state = 'open')
            or exists (select 1 from decisions_incident
                where organisation_id = %s and person_id = %s and closed_at is null and not is_drill
                  and not is_about_place and kind <> all(%s))""",
        (organisation_id, person_id, organisation_id, person_id, [str(kind) for kind in ASKING]),
    ).fetchone()
    return bool(row and row[0])
