"""The visible steps against a colleague are planned, agreed with her, and released together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions import store_releases as releases
from tocsin.decisions import store_safeguards as store
from tocsin.decisions.rules.release import (
    Chooser,
    Release,
    is_due,
    is_too_far,
    may_agree,
    may_choose,
)
from tocsin.decisions.rules.safeguards import Move, Safeguard, State, begun, moved
from tocsin.flow.respond import Refused
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.posture import had_notice
from tocsin.registry.store_orders import load_orders
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

SAFETY_LEAD: Final = "safety_lead"
NOT_SERVED: Final = "the order is not served: the steps would tell him before the court does"


def plan_release(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    release_at: datetime,
    *,
    at: datetime,
    before_service: bool = False,
) -> Release | Refused:
    """Propose when the visible steps are released. `before_service`: it is meant, although he was not served yet.

    Raises:
        Hidden: the viewer has no say in it.
    """
    who, _protected_id = _chooser(conn, viewer, case_id)
    if not may_choose(who):
        raise Hidden
    refused = _cannot_plan(conn, viewer, case_id, release_at, at)
    if refused:
        return refused
    if not before_service and not any(
        had_notice(order, at) for order in load_orders(conn, ring, case_id)
    ):
        return Refused(NOT_SERVED)
    plan = Release(
        id=uuid7(),
        organisation_id=viewer.organisation_id,
        case_id=case_id,
        release_at=release_at,
        planned_at=at,
        planned_by_id=viewer.person_id,
    )
    releases.insert_release(conn, plan)
    _say(conn, plan, "release.planned", at, viewer.person_id)
    return plan


def _cannot_plan(
    conn: Connection, viewer: Viewer, case_id: UUID, release_at: datetime, at: datetime
) -> Refused | None:
    around = store.load_around(conn, viewer.organisation_id, case_id, at=at)
    if around is None or around.colleague_id is None:
        return Refused("only steps against a colleague are released together")
    if around.is_released:
        return Refused("the steps are released already")
    if releases.open_release(conn, viewer.organisation_id, case_id):
        return Refused("there is a plan already: agree to it or withdraw it")
    if is_too_far(release_at, at):
        return Refused("choose a time within the next 90 days")
    return None


def agree_release(
    conn: Connection, viewer: Viewer, case_id: UUID, *, at: datetime, in_person: bool = False
) -> Release | Refused:
    """Make a plan hold. A time that has come already releases at once.

    Raises:
        Hidden: there is no plan for this viewer.
    """
    plan = _open(conn, viewer, case_id)
    who, protected_id = _chooser(conn, viewer, case_id)
    if not may_agree(plan, who, protected_id, in_person=in_person):
        return Refused("it takes two: she, and the safety lead")
    agreed = replace(
        plan,
        agreed_at=at,
        agreed_by_id=viewer.person_id,
        in_person=in_person and not who.is_protected,
    )
    releases.update_release(conn, agreed)
    _say(conn, agreed, "release.agreed", at, viewer.person_id, in_person=agreed.in_person)
    if is_due(agreed, at):
        release(conn, agreed, at=at)
    return agreed


def withdraw_release(
    conn: Connection, viewer: Viewer, case_id: UUID, *, at: datetime
) -> Refused | None:
    """Take a plan back before it is done; either of the two may.

    Raises:
        Hidden: there is no plan for this viewer.
    """
    plan = _open(conn, viewer, case_id)
    who, _protected_id = _chooser(conn, viewer, case_id)
    if not may_choose(who):
        raise Hidden
    withdrawn = replace(plan, withdrawn_at=at)
    releases.update_release(conn, withdrawn)
    _say(conn, withdrawn, "release.withdrawn", at, viewer.person_id)
    return None


def release(conn: Connection, plan: Release, *, at: datetime) -> tuple[Safeguard, ...]:
    """Release every prepared step of the case together: due now, each with its owner. Return them."""
    around = store.load_around(conn, plan.organisation_id, plan.case_id, at=at)
    known = store.load_safeguards(conn, plan.organisation_id, plan.case_id, lock=True)
    if around is None:
        raise Hidden
    steps = [moved(s, Move.RELEASE, at, None) for s in known if s.state is State.PREPARED]
    released = tuple(begun(step, around, at) for step in steps if step is not None)
    for step in released:
        store.update_safeguard(conn, step)
    releases.update_release(conn, replace(plan, released_at=at))
    _say(conn, plan, "release.done", at, None, steps=[s.id for s in released], count=len(released))
    return released


def _chooser(conn: Connection, viewer: Viewer, case_id: UUID) -> tuple[Chooser, UUID | None]:
    protected_id = store.protected_of(conn, case_id)
    who = Chooser(
        person_id=viewer.person_id,
        is_protected=protected_id is not None and protected_id == viewer.person_id,
        is_safety_lead=viewer.role == SAFETY_LEAD,
    )
    return who, protected_id


def _open(conn: Connection, viewer: Viewer, case_id: UUID) -> Release:
    plan = releases.open_release(conn, viewer.organisation_id, case_id)
    if plan is None:
        raise Hidden
    return plan


def _say(
    conn: Connection,
    plan: Release,
    kind: str,
    at: datetime,
    by: UUID | None,
    **more: bool | int | Sequence[UUID],
) -> None:
    body: dict[str, object] = {"case": plan.case_id, "row": plan.id, **more}
    if kind in {"release.planned", "release.agreed"}:
        body["release_at"] = plan.release_at
    record.append(conn, [Entry(uuid7(), plan.organisation_id, at, kind, None, by, body)])
