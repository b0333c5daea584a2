"""How do planned releases lie in PostgreSQL?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.release import Release
from tocsin.runtime.database import Connection

_SELECT: Final = """
    select id, organisation_id, case_id, release_at, planned_at, planned_by_id, agreed_at, agreed_by_id, in_person,
        withdrawn_at, released_at from decisions_release
"""


def insert_release(conn: Connection, plan: Release) -> None:
    """Write a new plan.

    Raises:
        psycopg.errors.UniqueViolation: the case has one that is neither withdrawn nor done.
    """
    conn.execute(
        """
        insert into decisions_release (id, organisation_id, case_id, release_at, planned_at, planned_by_id, in_person)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (
            plan.id,
            plan.organisation_id,
            plan.case_id,
            plan.release_at,
            plan.planned_at,
            plan.planned_by_id,
            plan.in_person,
        ),
    )


def update_release(conn: Connection, plan: Release) -> None:
    """Save what may change of a plan, and on the case what others ask: when, and whether it is done."""
    conn.execute(
        """
        update decisions_release set agreed_at = %s, agreed_by_id = %s, in_person = %s, withdrawn_at = %s,
            released_at = %s where organisation_id = %s and id = %s
        """,
        (
            plan.agreed_at,
            plan.agreed_by_id,
            plan.in_person,
            plan.withdrawn_at,
            plan.released_at,
            plan.organisation_id,
            plan.id,
        ),
    )
    holds = plan.agreed_at is not None and plan.withdrawn_at is None
    conn.execute(
        "update registry_case set release_at = %s, released_at = %s where organisation_id = %s and id = %s",
        (
            plan.release_at if holds else None,
            plan.released_at,
            plan.organisation_id,
            plan.case_id,
        ),
    )


def load_releases(conn: Connection, organisation_id: UUID, case_id: UUID) -> list[Release]:
    """Return the plans of a case, the latest first."""
    rows = conn.execute(
        _SELECT
        + " where organisation_id = %s and case_id = %s order by planned_at desc, id limit 100",
        (organisation_id, case_id),
    ).fetchall()
    return [_release(row) for row in rows]


def open_release(conn: Connection, organisation_id: UUID, case_id: UUID) -> Release | None:
    """Return the plan of a case that is neither withdrawn nor done, locked."""
    row = conn.execute(
        _SELECT
        + """ where organisation_id = %s and case_id = %s and withdrawn_at is null and released_at is null
        for update""",
        (organisation_id, case_id),
    ).fetchone()
    return _release(row) if row else None


def due_releases(conn: Connection, at: datetime, limit: int) -> list[Release]:
    """Return the agreed plans whose time has come, locked; what another engine works on is left to it."""
    rows = conn.execute(
        _SELECT
        + """ where agreed_at is not null and withdrawn_at is null and released_at is null and release_at <= %s
        order by release_at limit %s for update skip locked""",
        (at, limit),
    ).fetchall()
    return [_release(row) for row in rows]


def _release(row: Sequence[Any]) -> Release:
    return Release(
        id=row[0],
        organisation_id=row[1],
        case_id=row[2],
        release_at=row[3],
        planned_at=row[4],
        planned_by_id=row[5],
        agreed_at=row[6],
        agreed_by_id=row[7],
        in_person=row[8],
        withdrawn_at=row[9],
        released_at=row[10],
    )
