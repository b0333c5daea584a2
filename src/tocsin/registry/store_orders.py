"""How do a case's orders lie in PostgreSQL, and what happened to each? All SQL of both.

Their words are sealed under the case's key. A fact is added and never changed.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.registry.rules.case_rows import ClosedOrder
from tocsin.registry.rules.order import Fact, FactKind, Family, Order
from tocsin.registry.rules.order_document import body_from_dict, body_to_dict
from tocsin.registry.rules.order_parts import (
    away_from_dict,
    away_to_dict,
    end_from_dict,
    fact_to_dict,
)
from tocsin.registry.store_cases import open_json, seal_json
from tocsin.registry.store_readable import UNREADABLE, Opened
from tocsin.runtime import logs
from tocsin.runtime.database import Connection, plain_json
from tocsin.runtime.encryption import KeyRing, PersonKey

ORDERS: Final = "registry_protectionorder"
FACTS: Final = "registry_orderfact"
log = logs.get("cases")


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
    where o.case_id = any(%s) order by o.entered_at, o.id
"""


def load_orders(conn: Connection, ring: KeyRing, case_id: UUID) -> tuple[Order, ...]:
    """Return those that can be opened; whoever judges what counts asks `load_each_order`, which names the others too."""
    return load_each_order(conn, ring, case_id)[0]


def find_order(conn: Connection, ring: KeyRing, case_id: UUID, order_id: UUID) -> Order | None:
    """Return one order of a case; None: there is none, it is not for this viewer, or it cannot be opened."""
    return next((one for one in load_orders(conn, ring, case_id) if one.id == order_id), None)


def load_orders_of(
    conn: Connection, ring: KeyRing, case_ids: Iterable[UUID]
) -> dict[UUID, tuple[Order, ...]]:
    """Return the orders of several cases by case; a case without one, or erased, is missing. A lost key is no erasure."""
    found: dict[UUID, tuple[Order, ...]] = {}
    for row, facts in _rows(conn, case_ids):
        order = _order(ring, row, facts)
        found[order.case_id] = (*found.get(order.case_id, ()), order)
    return found


def load_each_order(
    conn: Connection, ring: KeyRing, case_id: UUID
) -> tuple[tuple[Order, ...], tuple[ClosedOrder, ...]]:
    """Return the orders of a case that can be opened, and those that cannot: nobody takes one of these for none."""
    found, closed = [], []
    for row, facts in _rows(conn, [case_id]):
        try:
            found.append(_order(ring, row, facts))
        except UNREADABLE as problem:
            log.error("order.unreadable", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
            closed.append(ClosedOrder(row[0], Family(row[3]), row[11]))
    return tuple(found), tuple(closed)


def load_judged_of(conn: Connection, ring: KeyRing, case_ids: Iterable[UUID]) -> Opened:
    """Return by case the orders of which it can be judged whether they count, and the cases of which something is damaged.

    One of which only the words are damaged is judged, without its body: what happened to it and where it holds is there.
    """
    found: dict[UUID, tuple[Order, ...]] = {}
    damaged = set()
    for row, facts in _rows(conn, case_ids):
        case_id = row[1]
        try:
            judged = _order(ring, row, facts, is_judged=True)
        except UNREADABLE as problem:
            damaged.add(case_id)
            log.error("order.unreadable", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
            continue
        found[case_id] = (*found.get(case_id, ()), judged)
        if judged.body is None:
            damaged.add(case_id)
    return Opened(found, frozenset(damaged))


def _rows(
    conn: Connection, case_ids: Iterable[UUID]
) -> list[tuple[Sequence[Any], Sequence[Sequence[Any]]]]:
    """Return the orders of these cases in the order in which they were entered, each with its facts; nothing is opened."""
    wanted = list(case_ids)
    facts = _facts(conn, wanted)
    return [(row, facts.get(row[0], ())) for row in conn.execute(_ORDERS, (wanted,)).fetchall()]


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


def _order(
    ring: KeyRing, row: Sequence[Any], facts: Sequence[Sequence[Any]], *, is_judged: bool = False
) -> Order:
    """Return the order. `is_judged`: without its body, if that cannot be opened."""
    try:
        body = body_from_dict(
            open_json(ring.person_key(row[1], row[16]), ORDERS, "body_sealed", row[0], row[9])
        )
    except UNREADABLE:
        if not is_judged:
            raise
        body = None
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
        body=body,
        supersedes_id=row[10],
        entered_at=row[11],
        entered_by_id=row[12],
        review_due_at=row[13],
        reviewed_at=row[14],
        reviewed_by_id=row[15],
    )
