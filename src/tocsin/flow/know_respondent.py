"""More becomes known of the respondent: a name, a plate, a number, a photograph. The doors know it at once.

Only adding: what was known before stays, so that nobody takes a face or a plate from the doors alone (`not_his.py` takes two).
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tocsin.flow.keep_doors import refresh_door
from tocsin.registry import store_cases as cases
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.rules.findings import Finding
from tocsin.registry.rules.known import added, judge_known
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.order_entry import Picture
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing


def know_respondent(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    more: Respondent,
    *,
    at: datetime,
    photo: Picture | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong, each at its field; nothing is written then. An empty field of `more` says nothing.

    Raises:
        Hidden: no such case for this viewer, or she is neither a supervisor nor the one whom it protects.
    """
    may = may_read(conn, viewer, case_id)
    case = cases.load_case(conn, ring, case_id, to_change=True) if may else None
    if case is None or not (viewer.is_supervisor or case.protected_id == viewer.person_id):
        raise Hidden
    known = added(case.respondent, more)
    wrong = tuple(judge_known(known))
    if wrong:
        return wrong
    case = replace(case, respondent=known)
    cases.update_respondent(conn, cases.case_key(conn, ring, case_id), case)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id, photo=photo)
    # By the case's name it goes into the case's own log; the employer's would say that there is one.
    body = {"case": case_id, "row": case_id, "table": "registry_case", "columns": ["respondent"]}
    note(conn, viewer, "registry.changed", body, at=at)
    return ()
