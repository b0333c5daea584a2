"""What is held about a case: its key, its respondent, who is shut out of it?

Its orders are in `store_orders.py`, house rules and what the doors know in `store_doors.py`, documents and drafts in
`store_papers.py`. Rows, opened and sealed under the case's key. Row-level security shows the web nothing of a case on whose
other side the viewer is, and nothing to whom no live grant was given (`runtime/row_security.py`).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.case_rows import CaseClosed, CaseRow
from tocsin.registry.rules.order_document import (
    Respondent,
    respondent_from_dict,
    respondent_to_dict,
)
from tocsin.registry.store_readable import UNREADABLE, each_opened
from tocsin.runtime import logs
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7

CASES: Final = "registry_case"

log = logs.get("cases")


def insert_case(conn: Connection, ring: KeyRing, case: CaseRow) -> PersonKey:
    """Write a new case with a key of its own, and return that key.

    Raises:
        psycopg.errors.UniqueViolation: a case of the organisation has this word.
    """
    wrapped = ring.new_person_key(case.id)
    key = ring.person_key(case.id, wrapped)
    conn.execute(
        """
        insert into registry_case (id, organisation_id, word, protected_id, colleague_id, respondent_sealed, opened_at,
            opened_by_id, release_at, advocate_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            case.id,
            case.organisation_id,
            case.word,
            case.protected_id,
            case.colleague_id,
            _sealed_respondent(key, case),
            case.opened_at,
            case.opened_by_id,
            case.release_at,
            case.advocate_id,
        ),
    )
    conn.execute(
        "insert into registry_casekey (id, organisation_id, case_id, wrapped) values (%s, %s, %s, %s)",
        (uuid7(), case.organisation_id, case.id, wrapped),
    )
    return key


def case_key(conn: Connection, ring: KeyRing, case_id: UUID) -> PersonKey:
    """Return the case's key.

    Raises:
        LookupError: there is none: unknown, erased, or not to be seen by this viewer.
    """
    row = conn.execute(
        "select wrapped from registry_casekey where case_id = %s", (case_id,)
    ).fetchone()
    if row is None:
        raise LookupError(case_id)
    return ring.person_key(case_id, row[0])


def key_of(conn: Connection, ring: KeyRing, case: CaseRow) -> PersonKey:
    """Return the key of a case that was looked at.

    Raises:
        CaseClosed: it is lost or damaged.
    """
    try:
        return case_key(conn, ring, case.id)
    except UNREADABLE as problem:
        raise CaseClosed(case.id) from problem


_CASES: Final = """
    select c.id, c.organisation_id, c.word, c.respondent_sealed, c.opened_at, c.opened_by_id, c.protected_id,
        c.colleague_id, c.release_at, c.released_at, c.legal_hold_at, c.closed_at, c.erase_on, c.erased_at, k.wrapped,
        c.advocate_id
    from registry_case c join registry_casekey k on k.case_id = c.id
"""


# A lost key is no erased case.
_EVEN_CLOSED: Final = (
    _CASES.replace("join registry_casekey", "left join registry_casekey")
    + " where c.id = %s and c.erased_at is null"
)


def load_case(
    conn: Connection, ring: KeyRing, case_id: UUID, *, to_change: bool = False
) -> CaseRow | None:
    """Return the case, or None: unknown, erased, or not to be seen by this viewer.

    `to_change`: whoever else would change it waits until this transaction is over: what is sealed is written as a whole.

    Raises:
        CaseClosed: it is there and cannot be opened.
    """
    case = look_at_case(conn, ring, case_id, to_change=to_change)
    if case is not None and case.is_closed:
        raise CaseClosed(case_id)
    return case


def look_at_case(
    conn: Connection, ring: KeyRing, case_id: UUID, *, to_change: bool = False
) -> CaseRow | None:
    """Return the same, and one that cannot be opened as closed: for what is shown of it, and what only tightens."""
    held = " for update of c" if to_change else ""
    row = conn.execute(_EVEN_CLOSED + held, (case_id,)).fetchone()
    if row is None:
        return None
    try:
        return _case(ring, row)
    except UNREADABLE as problem:
        # No trace: it may hold what could not be read.
        log.error("case.unreadable", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
        return _case_of(row, Respondent(name=""), is_closed=True)


def load_cases_of(
    conn: Connection, ring: KeyRing, organisation_id: UUID, protected_id: UUID
) -> tuple[CaseRow, ...]:
    """Return the cases that protect this person, those that are not closed first; what cannot be opened is left out."""
    rows = conn.execute(
        _CASES
        + " where c.organisation_id = %s and c.protected_id = %s order by c.closed_at nulls first, c.id",
        (organisation_id, protected_id),
    )
    return tuple(each_opened(rows.fetchall(), partial(_case, ring)))


def load_cases(conn: Connection, ring: KeyRing, organisation_id: UUID) -> tuple[CaseRow, ...]:
    """Return the organisation's cases that are not closed, as far as row-level security shows them.

    One that cannot be opened is logged and hides no other; `load_damaged_cases` says which.
    """
    rows = conn.execute(
        _CASES + " where c.organisation_id = %s and c.closed_at is null order by c.id",
        (organisation_id,),
    )
    return tuple(each_opened(rows.fetchall(), partial(_case, ring)))


def load_damaged_cases(conn: Connection, ring: KeyRing) -> frozenset[UUID]:
    """Return the open cases, of every employer, whose document cannot be opened, or whose key is lost (the engine)."""
    rows = conn.execute(
        _CASES.replace("join registry_casekey", "left join registry_casekey")
        + " where c.closed_at is null and c.erased_at is null"
    ).fetchall()
    fine = {case.id for case in each_opened(rows, partial(_case, ring))}
    return frozenset(row[0] for row in rows) - fine


def load_case_ids(conn: Connection, organisation_id: UUID) -> tuple[UUID, ...]:
    """Return the ids of the same cases; nothing sealed is opened."""
    rows = conn.execute(
        "select id from registry_case where organisation_id = %s and closed_at is null and erased_at is null order by id",
        (organisation_id,),
    )
    return tuple(case_id for (case_id,) in rows.fetchall())


def load_cases_protecting(
    conn: Connection, organisation_id: UUID, person_id: UUID
) -> tuple[UUID, ...]:
    """Return the open cases that protect this person and that this connection sees."""
    rows = conn.execute(
        """select id from registry_case where organisation_id = %s and protected_id = %s
          and closed_at is null and erased_at is null order by id""",
        (organisation_id, person_id),
    )
    return tuple(row[0] for row in rows.fetchall())


def update_respondent(conn: Connection, key: PersonKey, case: CaseRow) -> None:
    """Write what is known of the respondent, and whether he works here.

    Raises:
        DocumentError: it could not be read back.
    """
    conn.execute(
        "update registry_case set respondent_sealed = %s, colleague_id = %s where id = %s",
        (
            _sealed_respondent(key, case),
            case.colleague_id,
            case.id,
        ),
    )


def insert_party(
    conn: Connection, organisation_id: UUID, case_id: UUID, person_id: UUID, *, at: datetime
) -> None:
    """Shut a person out of a case; once is enough."""
    conn.execute(
        """
        insert into registry_party (id, organisation_id, case_id, person_id, since) values (%s, %s, %s, %s, %s)
        on conflict (organisation_id, case_id, person_id) where until is null do nothing
        """,
        (uuid7(), organisation_id, case_id, person_id, at),
    )


def _sealed_respondent(key: PersonKey, case: CaseRow) -> bytes:
    if case.is_closed:
        raise CaseClosed(case.id)
    said = respondent_to_dict(case.respondent)
    # What could not be read back would take the case, and every list that it stands in, from everybody.
    respondent_from_dict(said)
    return seal_json(key, CASES, "respondent_sealed", case.id, said)


def _case(ring: KeyRing, row: Sequence[Any]) -> CaseRow:
    key = ring.person_key(row[0], row[14])
    said = open_json(key, CASES, "respondent_sealed", row[0], row[3])
    return _case_of(row, respondent_from_dict(said))


def _case_of(row: Sequence[Any], respondent: Respondent, *, is_closed: bool = False) -> CaseRow:
    return CaseRow(
        id=row[0],
        organisation_id=row[1],
        word=row[2],
        respondent=respondent,
        opened_at=row[4],
        opened_by_id=row[5],
        protected_id=row[6],
        colleague_id=row[7],
        release_at=row[8],
        released_at=row[9],
        legal_hold_at=row[10],
        closed_at=row[11],
        erase_on=row[12],
        erased_at=row[13],
        advocate_id=row[15],
        is_closed=is_closed,
    )


def seal_json(key: PersonKey, table: str, column: str, row_id: UUID, value: object) -> bytes:
    """Return JSON-able values as ciphertext of this row and column."""
    return key.seal(table, column, row_id, json.dumps(value, ensure_ascii=False))


def open_json(key: PersonKey, table: str, column: str, row_id: UUID, sealed: bytes) -> Any:
    """Return what `seal_json` closed."""
    return json.loads(key.open(table, column, row_id, sealed))
