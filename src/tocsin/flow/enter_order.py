"""One person enters an order: it counts at once. The case, the doors, the safeguards and who is shut out come with it.

A second person looks at it within four hours; until then nobody is kept from his own place of work by it
(`registry/rules/posture.py`). What contradicts itself is said at its field, and nothing is written.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg

from tocsin.decisions.rules.safeguard_kinds import Event
from tocsin.flow.add_paper import keep_document
from tocsin.flow.agree_grant import tell_advocate
from tocsin.flow.ask_reviewers import ask_reviewers
from tocsin.flow.keep_doors import refresh_door
from tocsin.flow.link_account import NOT_SHUT_OUT
from tocsin.flow.open_safeguards import FACT_EVENTS, open_safeguards
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.set_house_rule import write_rule
from tocsin.registry import store_cases as cases
from tocsin.registry import store_papers as papers
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import may_read
from tocsin.registry.rules.case_rows import CaseClosed, CaseRow
from tocsin.registry.rules.findings import Finding, error, errors
from tocsin.registry.rules.grants import ENTERED_FOR, Grant, GrantKind
from tocsin.registry.rules.known import added, judge_known
from tocsin.registry.rules.order import (
    REVIEW_WITHIN,
    Fact,
    FactKind,
    Order,
)
from tocsin.registry.rules.order_entry import OrderDraft, facts_of, judge, judge_second
from tocsin.registry.rules.second_look import heard_after
from tocsin.registry.rules.superseding import takes_place_at
from tocsin.registry.store_grants import add_party, insert_grant, set_advocate
from tocsin.registry.store_orders import find_order, insert_fact, insert_order
from tocsin.registry.store_reviews import is_crossed
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import Ids

# Of a case that cannot be opened.
REPLACES_NONE: Final = "This case cannot be opened: an order can only be entered beside the others."
KEY_IS_LOST: Final = (
    "The key of this case is lost: nothing can be written in it. Call whoever runs this system."
)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered. `reviewers`: who was asked to look at it; nobody is itself a thing to say."""

    case_id: UUID
    order_id: UUID
    reviewers: tuple[UUID, ...]
    is_crossed: bool
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong, each at its field; nothing was written."""

    findings: tuple[Finding, ...]


def enter_order(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    draft: OrderDraft,
    *,
    at: datetime,
    ids: Ids,
    case_id: UUID | None = None,
) -> Entered | Refused:
    """Return what was entered, or what is wrong. `case_id`: the case it belongs to, if there is one already.

    In a case whose document cannot be opened an order is entered beside the others and in the place of none; what it says of
    him is not added, for nobody can read to what.

    Raises:
        Hidden: the viewer may not enter orders, or there is no such case for him.
    """
    _may_enter(conn, viewer, draft, case_id)
    known = _known(conn, ring, case_id) if case_id else None
    findings = (*_himself(viewer, draft), *judge(draft, at), *_second(draft, known))
    if errors(findings):
        return Refused(errors(findings))
    opened = _opened(conn, ring, viewer, draft, (known, at, ids))
    if isinstance(opened, Refused):
        return opened
    case, key = opened
    order = _order(draft, case, viewer, at, ids)
    insert_order(conn, key, order)
    _supersede(conn, ring, key, draft, order, at=at, ids=ids)
    rule_id = (
        write_rule(conn, key, viewer, case, draft.house_rule, at=at, ids=ids)
        if draft.house_rule
        else None
    )
    reviewers = ask_reviewers(conn, ring, viewer, case, at=at, ids=ids)
    _note(conn, viewer, order, reviewers, rule_id)
    # Before the doors: the masked page is shown there with the order.
    _add_papers(conn, key, viewer, draft, order)
    refresh_door(conn, ring, case, at=at, by=viewer.person_id, photo=draft.photo)
    _open_safeguards(conn, order, at, viewer.person_id)
    return Entered(case.id, order.id, reviewers, is_crossed(conn, case.id), findings)


def _note(
    conn: Connection,
    viewer: Viewer,
    order: Order,
    reviewers: tuple[UUID, ...],
    rule_id: UUID | None,
) -> None:
    body = {
        "case": order.case_id,
        "order": order.id,
        "family": order.family.value,
        "conditions": list(order.conditions),
        "facts": [fact.id for fact in order.facts],
        "review_due_at": order.review_due_at,
        "reviewers": list(reviewers),
    } | ({"house_rule": rule_id} if rule_id else {})
    note(conn, viewer, "order.entered", body, at=order.facts[0].heard_at)


def _may_enter(conn: Connection, viewer: Viewer, draft: OrderDraft, case_id: UUID | None) -> None:
    if not viewer.is_supervisor and viewer.person_id != draft.protected_id:
        raise Hidden
    if case_id is not None and not may_read(conn, viewer, case_id):
        raise Hidden


def _himself(viewer: Viewer, draft: OrderDraft) -> tuple[Finding, ...]:
    if viewer.person_id in (draft.colleague_id, *draft.linked_ids):
        words = "You are named here: somebody else has to enter it."
        return (error("himself", "colleague", words),)
    return ()


def _known(conn: Connection, ring: KeyRing, case_id: UUID) -> CaseRow:
    known = cases.look_at_case(conn, ring, case_id)
    if known is None:
        raise Hidden
    return known


def _second(draft: OrderDraft, known: CaseRow | None) -> tuple[Finding, ...]:
    if known is None:
        return tuple(judge_known(draft.respondent))
    parties = known.protected_id, known.colleague_id, known.advocate_id
    if known.is_closed:
        replaces = draft.supersedes_id is not None
        closed = (error("closed", "supersedes", REPLACES_NONE),) if replaces else ()
        return (*judge_second(draft, *parties), *judge_known(draft.respondent), *closed)
    held = judge_known(added(known.respondent, draft.respondent))
    return (*judge_second(draft, *parties), *held)


def _opened(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    draft: OrderDraft,
    how: tuple[CaseRow | None, datetime, Ids],
) -> tuple[CaseRow, PersonKey] | Refused:
    known, at, ids = how
    try:
        with conn.transaction():
            if known is not None:
                return _more(conn, ring, viewer, draft, (known, at))
            return _new_case(conn, ring, viewer, draft, (at, ids))
    except CaseClosed:
        return Refused((error("closed", "", KEY_IS_LOST),))
    except psycopg.errors.InsufficientPrivilege:
        # So many shut out by one person alone: nothing of it is written.
        return Refused((error("linked", "linked", NOT_SHUT_OUT),))


def _new_case(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    draft: OrderDraft,
    how: tuple[datetime, Ids],
) -> tuple[CaseRow, PersonKey]:
    at, ids = how
    case = CaseRow(
        id=ids.uuid(),
        organisation_id=viewer.organisation_id,
        word=ids.word(),
        respondent=draft.respondent,
        opened_at=at,
        opened_by_id=viewer.person_id,
        protected_id=draft.protected_id,
        colleague_id=draft.colleague_id,
        advocate_id=draft.advocate_id,
    )
    key = cases.insert_case(conn, ring, case)
    entered = None
    if viewer.person_id != draft.protected_id:
        entered = Grant(
            id=ids.uuid(),
            case_id=case.id,
            person_id=viewer.person_id,
            kind=GrantKind.ENTERED,
            asked_at=at,
            asked_by_id=viewer.person_id,
            until_at=at + ENTERED_FOR,
        )
        insert_grant(conn, ring, viewer.organisation_id, entered)
    for person_id in {draft.colleague_id, *draft.linked_ids} - {None}:
        if person_id is not None:
            cases.insert_party(conn, viewer.organisation_id, case.id, person_id, at=at)
    if entered is not None:
        tell_advocate(PostgresAlarms(conn, ring), viewer, entered, ids=ids)
    return case, key


def _more(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    draft: OrderDraft,
    how: tuple[CaseRow, datetime],
) -> tuple[CaseRow, PersonKey]:
    """Add to a case what the page of one more order says of him, and shut out at once whoever it names."""
    known, at = how
    case, key = known, cases.key_of(conn, ring, known)
    said: list[tuple[str, dict[str, object]]] = [
        ("party.linked", {"case": case.id, "person": person_id})
        for person_id in sorted(set(draft.linked_ids))
        if add_party(conn, viewer.organisation_id, case.id, person_id, at)
    ]
    respondent = added(case.respondent, draft.respondent)
    if respondent != case.respondent and not case.is_closed:
        case = replace(case, respondent=respondent)
        cases.update_respondent(conn, key, case)
        changed = {"case": case.id, "row": case.id, "table": cases.CASES, "columns": ["respondent"]}
        said.append(("registry.changed", changed))
    if draft.advocate_id is not None and case.advocate_id is None:
        case = replace(case, advocate_id=draft.advocate_id)
        set_advocate(conn, case.id, draft.advocate_id)
        said.append(("case.advocate", {"case": case.id, "person": draft.advocate_id}))
    for kind, body in said:
        note(conn, viewer, kind, body, at=at)
    return case, key


def _order(draft: OrderDraft, case: CaseRow, viewer: Viewer, at: datetime, ids: Ids) -> Order:
    return Order(
        id=ids.uuid(),
        case_id=case.id,
        organisation_id=case.organisation_id,
        family=draft.family,
        court_time_zone=draft.court_time_zone,
        facts=facts_of(draft, at, viewer.person_id, ids.uuid),
        conditions=draft.conditions,
        stay_away=draft.stay_away,
        has_firearm_mark=draft.has_firearm_mark,
        is_mutual=draft.is_mutual,
        body=draft.body,
        supersedes_id=draft.supersedes_id,
        entered_at=at,
        entered_by_id=viewer.person_id,
        review_due_at=at + REVIEW_WITHIN,
    )


def _supersede(
    conn: Connection,
    ring: KeyRing,
    key: PersonKey,
    draft: OrderDraft,
    order: Order,
    *,
    at: datetime,
    ids: Ids,
) -> None:
    """Write on the older order when this one takes its place (`registry/rules/superseding.py`), if that is known."""
    if draft.supersedes_id is None:
        return
    older = find_order(conn, ring, order.case_id, draft.supersedes_id)
    if older is None:
        return
    since = takes_place_at(order, is_at_once=not draft.supersedes_when_served)
    if since is not None:
        fact = Fact(
            id=ids.uuid(),
            kind=FactKind.SUPERSEDED,
            heard_at=heard_after([older], at),
            source=draft.source,
            true_at=since,
            heard_by_id=order.entered_by_id,
        )
        insert_fact(conn, key, older, fact)


def _add_papers(
    conn: Connection, key: PersonKey, viewer: Viewer, draft: OrderDraft, order: Order
) -> None:
    document = draft.document or draft.first_page
    if document is None:
        return
    which = order.case_id, order.id
    paper = keep_document(conn, key, viewer, which, document, at=order.facts[0].heard_at)
    if draft.first_page is not None:
        papers.set_first_page(conn, key, paper.id, draft.first_page, by=viewer.person_id)


def _open_safeguards(conn: Connection, order: Order, at: datetime, by: UUID) -> None:
    events = [(Event.ORDER_ENTERED, order.id)]
    asking = (fact for fact in order.facts if fact.kind in FACT_EVENTS)
    events += [(FACT_EVENTS[fact.kind], fact.id) for fact in asking]
    for event, event_id in events:
        open_safeguards(
            conn,
            organisation_id=order.organisation_id,
            case_id=order.case_id,
            event=event,
            event_id=event_id,
            at=at,
            by=by,
        )
