"""Who may read a case, and who has? The only way in which pages read one.

    Hidden      there is no such case for this viewer: unknown, forbidden, another organisation's, the other side's
    StepUp      it is hers, and she has not shown her second factor for a while

Every look is written down before it is answered (I19), in the transaction of the page: Django commits it before the answer
leaves, and an answer whose transaction cannot commit is an error page. Row-level security says the same as this
module does (`runtime/firewall.py`); whoever forgets to ask here reads nothing of the other side.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7

CASES: Final = "registry_case"
CASE: Final = "case"
HERSELF: Final = "herself"
STEP_UP: Final = timedelta(minutes=10)


class StepUp(Exception):
    """She reads her own case only after showing her second factor anew."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A look that was allowed and is on record. `why`: herself, entered, granted, break_glass."""

    viewer: Viewer
    case_id: UUID
    why: str
    grant_id: UUID | None
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its page begins: who, and by which right it is read. `key` opens what is sealed in it."""

    reading: Reading
    case_id: UUID
    word: str
    protected_id: UUID | None
    colleague_id: UUID | None
    advocate_id: UUID | None
    respondent: str
    opened_at: datetime
    released_at: datetime | None
    legal_hold_at: datetime | None
    closed_at: datetime | None
    key: PersonKey


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list: its word only. `is_hers`: it protects the viewer."""

    case_id: UUID
    word: str
    is_hers: bool
    opened_at: datetime


def may_read(conn: Connection, viewer: Viewer, case_id: UUID) -> bool:
    """Return whether the viewer may read this case now; the database decides, and again on each row."""
    row = conn.execute(
        "select tocsin_sees_case(id) and organisation_id = %s from registry_case where id = %s",
        (viewer.organisation_id, case_id),
    ).fetchone()
    return bool(row and row[0])


def load_cases(conn: Connection, viewer: Viewer) -> tuple[CaseLine, ...]:
    """Return the cases that the viewer may read, by their words; nothing in it names anybody, so it is no look."""
    rows = conn.execute(
        """
        select id, word, coalesce(protected_id = %s, false), opened_at from registry_case
        where organisation_id = %s and erased_at is null order by opened_at desc, id
        """,
        (viewer.person_id, viewer.organisation_id),
    )
    return tuple(CaseLine(*row) for row in rows.fetchall())


def log_read(
    conn: Connection, viewer: Viewer, case_id: UUID, *, at: datetime, what: str = CASE
) -> Reading:
    """Return by which right the viewer reads (a code `what` of) this case, after writing down that she does.

    Raises:
        Hidden: there is no such case for her.
        StepUp: it is hers, and her second factor is older than `STEP_UP`.
        psycopg.Error: it cannot be written down, so it is not read.
    """
    if not may_read(conn, viewer, case_id):
        raise Hidden
    reading = _right(conn, viewer, case_id)
    if reading.why == HERSELF and (viewer.proved_at is None or at - viewer.proved_at > STEP_UP):
        raise StepUp
    conn.execute(
        """
        insert into registry_reading (id, organisation_id, case_id, person_id, what, why, grant_id, read_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            uuid7(),
            viewer.organisation_id,
            case_id,
            viewer.person_id,
            what,
            reading.why,
            reading.grant_id,
            at,
        ),
    )
    body = {"what": what, "subject": case_id, "because": reading.why.replace("_", " ")}
    entry = Entry(uuid7(), viewer.organisation_id, at, "record.read", None, viewer.person_id, body)
    record.append(conn, [entry])
    return reading


def load_case_view(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    *,
    at: datetime,
    what: str = CASE,
) -> CaseView:
    """Return a case, after writing down that the viewer reads it.

    Raises:
        Hidden, StepUp: as `log_read`.
    """
    reading = log_read(conn, viewer, case_id, at=at, what=what)
    row = conn.execute(
        """
        select c.word, c.protected_id, c.colleague_id, c.advocate_id, c.respondent_sealed, c.opened_at, c.released_at,
            c.legal_hold_at, c.closed_at, k.wrapped
        from registry_case c join registry_casekey k on k.case_id = c.id where c.id = %s
        """,
        (case_id,),
    ).fetchone()
    if row is None:
        raise Hidden
    key = ring.person_key(case_id, row[9])
    return CaseView(
        reading=reading,
        case_id=case_id,
        word=row[0],
        protected_id=row[1],
        colleague_id=row[2],
        advocate_id=row[3],
        respondent=key.open(CASES, "respondent_sealed", case_id, row[4]),
        opened_at=row[5],
        released_at=row[6],
        legal_hold_at=row[7],
        closed_at=row[8],
        key=key,
    )


def _right(conn: Connection, viewer: Viewer, case_id: UUID) -> Reading:
    row = conn.execute(
        "select protected_id = %s from registry_case where id = %s", (viewer.person_id, case_id)
    ).fetchone()
    if row and row[0]:
        return Reading(viewer, case_id, HERSELF, None, None)
    grant = conn.execute(
        """
        select kind, id, until_at from registry_grant
        where case_id = %s and person_id = %s and ended_at is null and until_at > now()
          and (kind <> 'granted' or agreed_at is not null)
        order by kind = 'break_glass', until_at desc limit 1
        """,
        (case_id, viewer.person_id),
    ).fetchone()
    if grant is None:
        raise Hidden
    return Reading(viewer, case_id, grant[0], grant[1], grant[2])
