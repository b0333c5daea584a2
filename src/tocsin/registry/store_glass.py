"""Who can be told that somebody broke glass, and of whose reading nobody could be told yet?"""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from tocsin.runtime.database import Connection

# Leads of one employer; of more, the first so many in their order.
MOST_ASKED: Final = 50


class Untold(NamedTuple):
    """A grant by broken glass of which nobody could be told yet."""

    id: UUID
    organisation_id: UUID
    case_id: UUID
    person_id: UUID


def load_seconds(
    conn: Connection, organisation_id: UUID, case_id: UUID, not_id: UUID, at: datetime
) -> tuple[UUID, ...]:
    """Return who may be told when `not_id` breaks glass: leads who are no party of the case, those on duty first.

    Then by role: safety lead, administrator, shift lead, manager. Whether a message reaches them is another question.
    """
    rows = conn.execute(
        """
        select p.id from registry_person_shown p
        where p.organisation_id = %(organisation)s and p.is_active and p.id <> %(not)s
          and p.role in ('safety_lead', 'admin', 'shift_lead', 'manager')
          and p.id not in (select tocsin_kept_out_of_cases(array[%(case)s]::uuid[]))
        order by exists (select 1 from registry_shift s where s.organisation_id = p.organisation_id
              and s.person_id = p.id and s.starts_at <= %(at)s and s.ends_at > %(at)s) desc,
            array_position(array['safety_lead', 'admin', 'shift_lead', 'manager'], p.role::text), p.id limit %(most)s
        """,
        {"organisation": organisation_id, "not": not_id, "case": case_id, "at": at, "most": MOST_ASKED},
    )  # fmt: skip
    return tuple(row[0] for row in rows.fetchall())


def load_untold(conn: Connection) -> tuple[Untold, ...]:
    """Return the grants of which a second person must still be told, the oldest first; locked (the engine)."""
    rows = conn.execute(
        """select id, organisation_id, case_id, person_id from registry_grant
        where kind = 'break_glass' and told_id is null and reviewed_at is null order by asked_at limit 50 for update"""
    )
    return tuple(Untold(*row) for row in rows.fetchall())


def mark_told(conn: Connection, grant_id: UUID, told_id: UUID) -> None:
    """Write who was told at last; only the engine's role may."""
    conn.execute("update registry_grant set told_id = %s where id = %s", (told_id, grant_id))
