"""What may this viewer see of safeguards? Those of a case she may read, what is hers to do, what is offered to her.

Whoever owns a measure and holds no grant sees that measure and nothing of its case. What she declined is shown to nobody
but her: to others it looks like an offer that she has not taken.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions import store_releases as releases
from tocsin.decisions import store_safeguards as store
from tocsin.decisions.rules.release import Release
from tocsin.decisions.rules.safeguards import Around, Safeguard, State, due_first, may_own
from tocsin.decisions.store_briefings import insert_readings
from tocsin.registry.access import Viewer, note
from tocsin.registry.access_cases import CaseView, load_case_view
from tocsin.registry.rules.posture import had_notice
from tocsin.registry.store import load_short_names
from tocsin.registry.store_orders import load_orders
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing

SAFEGUARDS: Final = "safeguards"
RELEASE: Final = "release"
TASK: Final = "task"
SHOWN_DONE: Final = timedelta(days=2)
UTC_ZONE: Final = "UTC"


@dataclass(frozen=True, slots=True)
class SafeguardView:
    """One safeguard as its page shows it: names for its people, evidence opened."""

    safeguard: Safeguard
    owner: str = ""
    escalated_to: str = ""
    ended_by: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class CaseSafeguards:
    """The safeguards of a case, the next deadline first; who could own one; the zone of the site's clocks."""

    case: CaseView
    is_hers: bool
    views: tuple[SafeguardView, ...]
    owners: tuple[tuple[UUID, str], ...]
    plans: tuple[Release, ...]
    is_served: bool
    zone: str
    names: dict[UUID, str]


def load_case_safeguards(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    *,
    at: datetime,
    what: str = SAFEGUARDS,
) -> CaseSafeguards:
    """Return the safeguards of a case, after writing down that the viewer reads them.

    Raises:
        Hidden, StepUp: as `access_cases.load_case_view`.
    """
    case = load_case_view(conn, ring, viewer, case_id, at=at, what=what)
    is_hers = case.protected_id == viewer.person_id
    known = store.load_safeguards(conn, viewer.organisation_id, case_id)
    shown = due_first([s if is_hers else _kept_hers(s) for s in known])
    around = store.load_around(conn, viewer.organisation_id, case_id, at=at)
    plans = tuple(releases.load_releases(conn, viewer.organisation_id, case_id))
    able = [p for p in around.workers if may_own(p, around)] if around else []
    names = load_short_names(conn, ring, {*_people(shown), *_planners(plans), *able})
    return CaseSafeguards(
        case=case,
        is_hers=is_hers,
        views=_views(conn, case, shown, names),
        owners=tuple(sorted(((p, names.get(p, "")) for p in able), key=lambda one: one[1])),
        plans=plans,
        is_served=any(had_notice(order, at) for order in load_orders(conn, ring, case_id)),
        zone=_zone(conn, viewer, around),
        names=names,
    )


def _kept_hers(safeguard: Safeguard) -> Safeguard:
    if safeguard.state is not State.DECLINED:
        return safeguard
    return replace(safeguard, state=State.OFFERED, ended_at=None, ended_by_id=None)


def _people(safeguards: Sequence[Safeguard]) -> set[UUID]:
    people = {p for s in safeguards for p in (s.owner_id, s.escalated_to_id, s.ended_by_id)}
    return {person for person in people if person is not None}


def _planners(plans: Sequence[Release]) -> set[UUID]:
    return {p for plan in plans for p in (plan.planned_by_id, plan.agreed_by_id) if p}


def _views(
    conn: Connection, case: CaseView, shown: Sequence[Safeguard], names: dict[UUID, str]
) -> tuple[SafeguardView, ...]:
    sealed = store.load_evidence(conn, [s.id for s in shown if s.has_evidence])
    return tuple(
        SafeguardView(
            safeguard=s,
            owner=_name(s.owner_id, names),
            escalated_to=_name(s.escalated_to_id, names),
            ended_by=_name(s.ended_by_id, names),
            evidence=case.key.open(store.SAFEGUARDS, store.EVIDENCE, s.id, sealed[s.id])
            if s.id in sealed
            else "",
        )
        for s in shown
    )


def _name(person_id: UUID | None, names: dict[UUID, str]) -> str:
    return names.get(person_id, "") if person_id else ""


def _zone(conn: Connection, viewer: Viewer, around: Around | None) -> str:
    place = store.load_site_of(conn, viewer.organisation_id, [around.site_id if around else None])
    return place[1] if place else UTC_ZONE


@dataclass(frozen=True, slots=True)
class Mine:
    """What is the viewer's to do over all cases, the next deadline first, and what she did lately."""

    open: tuple[Safeguard, ...]
    done: tuple[Safeguard, ...]
    readable: dict[UUID, str]
    zone: str


def load_mine(conn: Connection, viewer: Viewer, *, at: datetime) -> Mine:
    """Return what the viewer owns, or has because an owner was late. Nothing of it says whom it is about.

    `readable`: the words of cases that she may open too.
    """
    found = store.load_owned(conn, viewer.organisation_id, viewer.person_id, since=at - SHOWN_DONE)
    _log(conn, viewer, {s.case_id for s in found}, at)
    readable = store.readable_cases(conn, {s.case_id for s in found})
    return Mine(
        open=due_first([s for s in found if s.state is State.OPEN]),
        done=tuple(s for s in found if s.state is State.DONE),
        readable=readable,
        zone=_zone_of_viewer(conn, viewer),
    )


def _log(conn: Connection, viewer: Viewer, case_ids: Collection[UUID], at: datetime) -> None:
    """Write down, before it is answered, that an owner reads what is hers of these cases."""
    if not case_ids:
        return
    looks = [(viewer.organisation_id, case_id, viewer.person_id) for case_id in case_ids]
    insert_readings(conn, looks, TASK, "owner", at)
    # One line for each case, in its own log: in the employer's it would say that there is one.
    for case_id in case_ids:
        body = {"what": TASK, "subject": case_id, "because": "owner"}
        note(conn, viewer, "record.read", body, at=at)


def _zone_of_viewer(conn: Connection, viewer: Viewer) -> str:
    place = store.load_site_of(
        conn, viewer.organisation_id, [store.site_of_person(conn, viewer.person_id)]
    )
    return place[1] if place else UTC_ZONE


@dataclass(frozen=True, slots=True)
class Offers:
    """What is offered to the viewer, what she took, what she declined; each the latest first."""

    offered: tuple[Safeguard, ...]
    taken: tuple[SafeguardView, ...]
    declined: tuple[Safeguard, ...]
    zone: str


def load_offers(conn: Connection, ring: KeyRing, viewer: Viewer) -> Offers:
    """Return what is offered to the viewer over all cases that protect her; for everybody else nothing."""
    found = store.load_offers_to(conn, viewer.organisation_id, viewer.person_id)
    taken = [s for s in found if s.state in {State.OPEN, State.DONE}]
    names = load_short_names(conn, ring, _people(taken))
    return Offers(
        offered=tuple(s for s in found if s.state is State.OFFERED),
        taken=tuple(SafeguardView(s, owner=_name(s.owner_id, names)) for s in taken),
        declined=tuple(s for s in found if s.state is State.DECLINED),
        zone=_zone_of_viewer(conn, viewer),
    )
