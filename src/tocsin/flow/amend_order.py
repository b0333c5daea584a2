"""Something happened to an order, or what was said of it is taken back. Facts are added, never changed.

What is told counts at once. Once the entry was looked at, a second person looks at it too, within four hours; until then it
keeps nobody from his own place of work (`registry/rules/second_look.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.safeguard_kinds import Event
from tocsin.flow.ask_reviewers import ask_reviewers
from tocsin.flow.keep_doors import refresh_door
from tocsin.flow.open_safeguards import FACT_EVENTS, open_safeguards
from tocsin.registry import store_cases as cases
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.rules.case_rows import CaseClosed, CaseRow, ClosedOrder
from tocsin.registry.rules.findings import Finding, error
from tocsin.registry.rules.order import (
    NOTICES,
    Fact,
    FactKind,
    Order,
    valid,
)
from tocsin.registry.rules.order_amending import (
    CLOSED_LOOSENS,
    FactDraft,
    judge_fact,
    only_tightens,
)
from tocsin.registry.rules.second_look import heard_after
from tocsin.registry.rules.superseding import takes_place_at, was_at_once, written_by
from tocsin.registry.store_orders import insert_fact, load_each_order
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import Ids

# What moves when it takes an older order's place.
_MOVES: Final = NOTICES | {FactKind.ISSUED, FactKind.EFFECTIVE}


@dataclass(frozen=True, slots=True)
class Told:
    """What was kept: the fact, as it stands for ever. `reviewers`: who was asked to look at it, () with the entry's own."""

    fact: Fact
    reviewers: tuple[UUID, ...] = ()


def amend_order(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    which: tuple[UUID, UUID],
    draft: FactDraft,
    *,
    at: datetime,
    ids: Ids,
) -> Told | tuple[Finding, ...]:
    """Return the fact that is kept now, or what is wrong, each at its field. `which`: the case and the order.

    One person may say that an order ended: the doors keep their posture until two have looked at it (I13). Of a case whose
    document cannot be opened only what tightens is taken, and no order takes another's place.

    Raises:
        Hidden: no such order for this viewer, or it cannot be opened, or he is no supervisor and it does not protect him.
        CaseClosed: the key of the case is lost or damaged: nothing can be written for it.
    """
    case, orders, closed = _known(conn, ring, viewer, which)
    order = orders[which[1]]
    wrong = judge_fact(order, draft, at)
    if wrong:
        return wrong
    fact = _fact(draft, viewer.person_id, heard_after(orders.values(), at), ids)
    key = cases.key_of(conn, ring, case)
    if case.is_closed and not only_tightens(order, fact):
        return (error("closed", "kind", CLOSED_LOOSENS),)
    insert_fact(conn, key, order, fact)
    older = orders.get(order.supersedes_id) if order.supersedes_id else None
    if older is not None and not case.is_closed:
        # One that cannot be opened may replace the same order.
        is_sole = not closed and _is_sole(order, orders.values())
        _settle_place(conn, key, (older, order, is_sole), fact, ids)
    reviewers: tuple[UUID, ...] = ()
    if order.is_reviewed or (older is not None and older.is_reviewed):
        reviewers = ask_reviewers(conn, ring, viewer, case, at=at, ids=ids)
    _note(conn, viewer, order, fact, reviewers)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id)
    open_safeguards(
        conn,
        organisation_id=order.organisation_id,
        case_id=case.id,
        event=FACT_EVENTS.get(fact.kind, Event.ORDER_CHANGED),
        event_id=fact.id,
        at=at,
        by=viewer.person_id,
    )
    return Told(fact, reviewers)


def _known(
    conn: Connection, ring: KeyRing, viewer: Viewer, which: tuple[UUID, UUID]
) -> tuple[CaseRow, dict[UUID, Order], tuple[ClosedOrder, ...]]:
    case_id, order_id = which
    case = cases.look_at_case(conn, ring, case_id) if may_read(conn, viewer, case_id) else None
    if case is None or not (viewer.is_supervisor or case.protected_id == viewer.person_id):
        raise Hidden
    found, closed = load_each_order(conn, ring, case_id)
    orders = {order.id: order for order in found}
    if order_id not in orders:
        raise CaseClosed(case_id) if case.is_closed else Hidden
    return case, orders, closed


def _is_sole(order: Order, orders: Iterable[Order]) -> bool:
    """Return whether no other of these orders replaces the one that this one does."""
    return sum(one.supersedes_id == order.supersedes_id for one in orders) == 1


def _note(
    conn: Connection, viewer: Viewer, order: Order, fact: Fact, reviewers: tuple[UUID, ...]
) -> None:
    body: dict[str, object] = {
        "case": order.case_id,
        "order": order.id,
        "fact": fact.id,
        "kind": fact.kind.value,
        "source": fact.source,
    }
    body |= {"retracts": fact.retracts_id} if fact.retracts_id else {}
    body |= {"reviewers": list(reviewers)} if reviewers else {}
    note(conn, viewer, "order.told", body, at=fact.heard_at)


def _fact(draft: FactDraft, by: UUID, at: datetime, ids: Ids) -> Fact:
    return Fact(
        id=ids.uuid(),
        kind=draft.kind,
        heard_at=at,
        source=draft.source,
        true_at=draft.when.at,
        local_date=draft.when.on,
        end=draft.end,
        retracts_id=draft.retracts_id,
        heard_by_id=by,
        words=draft.words,
    )


def _settle_place(
    conn: Connection, key: PersonKey, which: tuple[Order, Order, bool], told: Fact, ids: Ids
) -> None:
    """Write on the older order when the newer one takes its place, by what is known with `told`; take back what was written.

    Not served with the newer one, or that not issued: he is still under the older one.
    """
    older, order, is_sole = which
    back = next((one for one in order.facts if one.id == told.retracts_id), told)
    if back.kind not in _MOVES:
        return
    wrote = written_by(order, older, is_sole=is_sole)
    is_at_once = was_at_once(order, wrote)
    since = takes_place_at(replace(order, facts=(*order.facts, told)), is_at_once=is_at_once)
    if wrote is not None and wrote.true_at == since:
        return
    word = Fact(
        id=ids.uuid(),
        kind=FactKind.RETRACTED,
        heard_at=told.heard_at,
        source=told.source,
        heard_by_id=told.heard_by_id,
    )
    if wrote is not None:
        back = replace(word, retracts_id=wrote.id)
        insert_fact(conn, key, older, back)
        older = replace(older, facts=(*older.facts, back))
    if since is not None and valid(older, since).holds:
        took = replace(word, id=ids.uuid(), kind=FactKind.SUPERSEDED, true_at=since)
        insert_fact(conn, key, older, took)
