"""What is held about a case: its key, its respondent, its orders and what happened to them?

House rules and what the doors know are in `store_doors.py`, documents and drafts in `store_papers.py`. Rows, opened and sealed under the case's key. Row-level security shows the web nothing of a case on whose other side
the viewer is, and nothing to whom no live grant was given (`runtime/row_security.py`).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.registry.rules.case_rows import CaseRow, ClosedOrder
from tocsin.registry.rules.order import Fact, FactKind, Family, Order
from tocsin.registry.rules.order_document import (
    body_from_dict,
    body_to_dict,
    respondent_from_dict,
    respondent_to_dict,
)
from tocsin.registry.rules.order_parts import (
    away_from_dict,
    away_to_dict,
    end_from_dict,
    fact_to_dict,
)
from tocsin.registry.store_readable import UNREADABLE, each_opened
from tocsin.runtime import logs
from tocsin.runtime.database import Connection, plain_json
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7

CASES: Final = "registry_case"
ORDERS: Final = "registry_protectionorder"
FACTS: Final = "registry_orderfact"
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


_CASES: Final = """
    select c.id, c.organisation_id, c.word, c.respondent_sealed, c.opened_at, c.opened_by_id, c.protected_id,
        c.colleague_id, c.release_at, c.released_at, c.legal_hold_at, c.closed_at, c.erase_on, c.erased_at, k.wrapped,
        c.advocate_id
    from registry_case c join registry_casekey k on k.case_id = c.id
"""


def load_case(
    conn: Connection, ring: KeyRing, case_id: UUID, *, to_change: bool = False
) -> CaseRow | None:
    """Return the case, or None: unknown, erased, or not to be seen by this viewer.

    `to_change`: whoever else would change it waits until this transaction is over: what is sealed is written as a whole.
    """
    held = " for update of c" if to_change else ""
    row = conn.execute(_CASES + " where c.id = %s" + held, (case_id,)).fetchone()
    return _case(ring, row) if row else None


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
    said = respondent_to_dict(case.respondent)
    # What could not be read back would take the case, and every list that it stands in, from everybody.
    respondent_from_dict(said)
    return seal_json(key, CASES, "respondent_sealed", case.id, said)


def _case(ring: KeyRing, row: Sequence[Any]) -> CaseRow:
    key = ring.person_key(row[0], row[14])
    return CaseRow(
        id=row[0],
        organisation_id=row[1],
        word=row[2],
        respondent=respondent_from_dict(open_json(key, CASES, "respondent_sealed", row[0], row[3])),
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
    )


def insert_order(conn: Connection, key: PersonKey, order: Order) -> None:
    """Write a new order with its facts. It needs `body`, `entered_at`, `entered_by_id` and `review_due_at`."""
    body = order.body
    if body is None:
        message = "an order is written with its body"
        raise ValueError(message)
    conn.execute(
        """
        insert into registry_protectionorder (id, organisation_id, case_id, family, court_time_zone, conditions,
            stay_away, has_firearm_mark, is_mutual, body_sealed, supersedes_id, entered_at, entered_by_id,
            review_due_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            order.id,
            order.organisation_id,
            order.case_id,
            order.family.value,
            order.court_time_zone,
            Jsonb(list(order.conditions)),
            Jsonb([away_to_dict(one) for one in order.stay_away]),
            order.has_firearm_mark,
            order.is_mutual,
            seal_json(key, ORDERS, "body_sealed", order.id, body_to_dict(body)),
            order.supersedes_id,
            order.entered_at,
            order.entered_by_id,
            order.review_due_at,
        ),
    )
    for fact in order.facts:
        insert_fact(conn, key, order, fact)


def insert_fact(conn: Connection, key: PersonKey, order: Order, fact: Fact) -> None:
    """Write one thing that happened to an order; nothing changes it later."""
    conn.execute(
        """
        insert into registry_orderfact (id, organisation_id, order_id, case_id, kind, true_at, local_date, heard_at,
            heard_by_id, source, retracts_id, body_sealed)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            fact.id,
            order.organisation_id,
            order.id,
            order.case_id,
            fact.kind.value,
            fact.true_at,
            fact.local_date,
            fact.heard_at,
            fact.heard_by_id,
            fact.source,
            fact.retracts_id,
            seal_json(key, FACTS, "body_sealed", fact.id, fact_to_dict(fact)),
        ),
    )


def update_body(conn: Connection, key: PersonKey, order: Order) -> None:
    """Write the words of an order; what happened to it is never changed."""
    words = body_to_dict(order.body) if order.body else None
    conn.execute(
        "update registry_protectionorder set body_sealed = %s where id = %s",
        (seal_json(key, ORDERS, "body_sealed", order.id, words), order.id),
    )


_ORDERS: Final = """
    select o.id, o.case_id, o.organisation_id, o.family, o.court_time_zone, o.conditions, o.stay_away,
        o.has_firearm_mark, o.is_mutual, o.body_sealed, o.supersedes_id, o.entered_at, o.entered_by_id,
        o.review_due_at, o.reviewed_at, o.reviewed_by_id, k.wrapped
    from registry_protectionorder o left join registry_casekey k on k.case_id = o.case_id
"""


def load_orders(conn: Connection, ring: KeyRing, case_id: UUID) -> tuple[Order, ...]:
    """Return those that can be opened; whoever judges what counts asks `load_each_order`, which names the others too."""
    return load_each_order(conn, ring, case_id)[0]


def load_orders_of(
    conn: Connection, ring: KeyRing, case_ids: Iterable[UUID]
) -> dict[UUID, tuple[Order, ...]]:
    """Return the orders of several cases by case; a case without one, or erased, is missing. A lost key is no erasure."""
    wanted = list(case_ids)
    rows = conn.execute(
        _ORDERS + " where o.case_id = any(%s) order by o.entered_at, o.id", (wanted,)
    ).fetchall()
    facts = _facts(conn, wanted)
    found: dict[UUID, tuple[Order, ...]] = {}
    for row in rows:
        order = _order(ring, row, facts.get(row[0], ()))
        found[order.case_id] = (*found.get(order.case_id, ()), order)
    return found


def load_each_order(
    conn: Connection, ring: KeyRing, case_id: UUID
) -> tuple[tuple[Order, ...], tuple[ClosedOrder, ...]]:
    """Return the orders of a case that can be opened, and those that cannot: nobody takes one of these for none."""
    rows = conn.execute(_ORDERS + " where o.case_id = %s order by o.entered_at, o.id", (case_id,))
    facts, found, closed = _facts(conn, [case_id]), [], []
    for row in rows.fetchall():
        try:
            found.append(_order(ring, row, facts.get(row[0], ())))
        except UNREADABLE as problem:
            log.error("order.unreadable", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
            closed.append(ClosedOrder(row[0], Family(row[3]), row[11]))
    return tuple(found), tuple(closed)


def _facts(conn: Connection, case_ids: Iterable[UUID]) -> dict[UUID, list[Sequence[Any]]]:
    rows = conn.execute(
        """
        select f.order_id, f.case_id, f.id, f.kind, f.heard_at, f.source, f.true_at, f.local_date, f.retracts_id,
            f.heard_by_id, f.body_sealed, k.wrapped, f.reviewed_at, f.reviewed_by_id
        from registry_orderfact f left join registry_casekey k on k.case_id = f.case_id
        where f.case_id = any(%s) order by f.heard_at, f.id
        """,
        (list(case_ids),),
    )
    found: dict[UUID, list[Sequence[Any]]] = {}
    for row in rows.fetchall():
        found.setdefault(row[0], []).append(row)
    return found


def _fact(ring: KeyRing, row: Sequence[Any]) -> Fact:
    key = ring.person_key(row[1], row[11])
    body = open_json(key, FACTS, "body_sealed", row[2], row[10]) if row[10] else {}
    return Fact(
        id=row[2],
        kind=FactKind(row[3]),
        heard_at=row[4],
        source=row[5],
        true_at=row[6],
        local_date=row[7],
        end=end_from_dict(body.get("end")),
        retracts_id=row[8],
        heard_by_id=row[9],
        words=str(body.get("words", "")),
        reviewed_at=row[12],
        reviewed_by_id=row[13],
    )


def _order(ring: KeyRing, row: Sequence[Any], facts: Sequence[Sequence[Any]]) -> Order:
    key = ring.person_key(row[1], row[16])
    return Order(
        id=row[0],
        case_id=row[1],
        organisation_id=row[2],
        family=Family(row[3]),
        court_time_zone=row[4],
        facts=tuple(_fact(ring, one) for one in facts),
        conditions=tuple(plain_json(row[5])),
        stay_away=tuple(away_from_dict(one) for one in plain_json(row[6])),
        has_firearm_mark=row[7],
        is_mutual=row[8],
        body=body_from_dict(open_json(key, ORDERS, "body_sealed", row[0], row[9])),
        supersedes_id=row[10],
        entered_at=row[11],
        entered_by_id=row[12],
        review_due_at=row[13],
        reviewed_at=row[14],
        reviewed_by_id=row[15],
    )


def seal_json(key: PersonKey, table: str, column: str, row_id: UUID, value: object) -> bytes:
    """Return JSON-able values as ciphertext of this row and column."""
    return key.seal(table, column, row_id, json.dumps(value, ensure_ascii=False))


def open_json(key: PersonKey, table: str, column: str, row_id: UUID, sealed: bytes) -> Any:
    """Return what `seal_json` closed."""
    return json.loads(key.open(table, column, row_id, sealed))
