"""Whoever enters an order, or tells what happened to it, asks for its second person in the same moment."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.registry.access import Viewer
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.grants import Grant, GrantKind
from tocsin.registry.store_grants import insert_grant, load_granted
from tocsin.registry.store_reviews import load_reviewers
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids

REVIEWER_FOR: Final = timedelta(hours=72)


def ask_reviewers(
    conn: Connection, ring: KeyRing, viewer: Viewer, case: CaseRow, *, at: datetime, ids: Ids
) -> tuple[UUID, ...]:
    """Return who was asked to look at what this viewer says; nobody is itself a thing to say.

    Each reads the case once he takes it on, unless he reads it already. Nobody who is on a side of it is asked. The
    engine tells them (`tend_orders.py`).
    """
    chosen = load_reviewers(
        conn,
        viewer.organisation_id,
        case.id,
        entered_by=viewer.person_id,
        protected=case.protected_id,
        at=at,
    )
    for person_id in set(chosen) - load_granted(conn, case.id, viewer.person_id, at):
        asked = Grant(
            id=ids.uuid(),
            case_id=case.id,
            person_id=person_id,
            kind=GrantKind.GRANTED,
            asked_at=at,
            asked_by_id=viewer.person_id,
            until_at=at + REVIEWER_FOR,
        )
        insert_grant(conn, ring, viewer.organisation_id, asked)
    return chosen
