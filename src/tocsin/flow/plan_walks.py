"""She says how her walks go; a lead offers, she takes or declines; the employer explains a look that nobody took.

Her plan, her phrase and her answers are hers and stand in no record; that something was offered, and how a missed look
was explained, does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.change_way import change_way
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import Ids
from tocsin.signals import store_holds as store
from tocsin.signals.access_walks import load_walks_of
from tocsin.signals.rules import offers, phrase
from tocsin.signals.rules.hold import WalkPlan
from tocsin.signals.rules.press import TIMER_S
from tocsin.signals.rules.serving import way_mark

BECAUSE: Final = ("nobody_on_duty", "nobody_asked", "camera_out", "busy", "forgotten", "other")
MAX_PLACES: Final = 20


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What she typed. An empty phrase leaves the one that is agreed as it is."""

    at_start: bool
    at_end: bool
    timer_s: int
    places: tuple[UUID, ...]
    phrase: str = ""
    answer: str = ""
    forget_phrase: bool = False


class PlanKept(NamedTuple):
    """The problem of each field (then nothing is kept), and what another way has changed of what is open."""

    problems: Mapping[str, str]
    changes: Sequence[Change] = ()


def set_plan(
    alarms: PostgresAlarms, viewer: Viewer, draft: PlanDraft, *, at: datetime, ids: Ids
) -> PlanKept:
    """Keep how the viewer's own walks go. Other places to be looked at make a look at the ones before none."""
    conn, ring = alarms.conn, alarms.ring
    problems = _problems(conn, viewer, draft)
    if problems:
        return PlanKept(problems)
    before = _way_of(alarms, viewer.person_id)
    known = store.load_plan(conn, ring, viewer.organisation_id, viewer.person_id)
    said = (known.phrase, known.answer) if known and not draft.forget_phrase else ("", "")
    plan = WalkPlan(
        viewer.organisation_id,
        viewer.person_id,
        draft.at_start,
        draft.at_end,
        draft.timer_s,
        draft.places,
        draft.phrase or said[0],
        draft.answer or said[1],
    )
    store.save_plan(conn, ring, plan, at=at)
    return PlanKept({}, _if_changed(alarms, viewer, viewer.person_id, before, ids))


def _way_of(alarms: PostgresAlarms, person_id: UUID) -> str:
    return way_mark(alarms.walk_plans([person_id]).get(person_id))


def _if_changed(
    alarms: PostgresAlarms, viewer: Viewer, person_id: UUID, before: str, ids: Ids
) -> list[Change]:
    if _way_of(alarms, person_id) == before:
        return []
    return change_way(alarms, viewer.organisation_id, person_id, ids=ids)


def _problems(conn: Connection, viewer: Viewer, draft: PlanDraft) -> dict[str, str]:
    found: dict[str, str] = {}
    low, high = TIMER_S
    if not low <= draft.timer_s <= high:
        found["timer_s"] = "range"
    known = store.load_places(conn, viewer.organisation_id)
    if len(draft.places) > MAX_PLACES or any(str(place) not in known for place in draft.places):
        found["places"] = "unknown"
    if draft.phrase and (because := phrase.problem_of(draft.phrase)):
        found["phrase"] = because
    if draft.answer and (because := phrase.problem_of(draft.answer, phrase.MAX_ANSWER)):
        found["answer"] = because
    return found


def make_offer(
    alarms: PostgresAlarms,
    viewer: Viewer,
    person_id: UUID,
    offer: offers.Offer,
    *,
    at: datetime,
    ids: Ids,
) -> str | list[Change]:
    """Offer something to her, and return why it is no offer, or what it has changed.

    Another exit that is offered instead of the one that she took takes that one back.

    Raises:
        Hidden: the viewer is no lead with a grant on her case.
    """
    conn, ring = alarms.conn, alarms.ring
    load_walks_of(conn, ring, viewer, person_id, at=at)
    known = store.load_places(conn, viewer.organisation_id)
    problem = offers.problem_of(offer)
    if problem or (offer.what is offers.What.EXIT and offer.value not in known):
        return problem or "value"
    before = _way_of(alarms, person_id)
    now = offers.from_json(store.load_offers(conn, viewer.organisation_id, person_id))
    made = offers.to_json(offers.offered(now, offer))
    store.save_offers(conn, viewer.organisation_id, person_id, made, at=at)
    body = {"person": person_id, "what": offer.what.value}
    note(conn, viewer, "hold.offered", body, at=at)
    return _if_changed(alarms, viewer, person_id, before, ids)


def answer_offer(
    alarms: PostgresAlarms,
    viewer: Viewer,
    what: offers.What,
    *,
    takes: bool,
    at: datetime,
    ids: Ids,
) -> list[Change]:
    """Keep that the viewer takes or declines what was offered to her. One tap, no reason, nothing on record.

    What is returned has changed because she goes by another exit now: at that way nobody has looked.

    Raises:
        Hidden: nothing of this kind was offered to her.
    """
    conn, before = alarms.conn, _way_of(alarms, viewer.person_id)
    now = offers.from_json(store.load_offers(conn, viewer.organisation_id, viewer.person_id))
    if what not in now:
        raise Hidden
    answer = offers.Answer.TAKEN if takes else offers.Answer.DECLINED
    after = offers.to_json(offers.answered(now, what, answer))
    store.save_offers(conn, viewer.organisation_id, viewer.person_id, after, at=at)
    return _if_changed(alarms, viewer, viewer.person_id, before, ids)


def forget_choices(conn: Connection, viewer: Viewer) -> int:
    """Forget when the viewer went or declined at walks that are over: they are hers to delete."""
    return store.forget_choices(conn, viewer.organisation_id, viewer.person_id)


def explain_missed(
    conn: Connection, viewer: Viewer, hold_id: UUID, because: str, *, at: datetime
) -> None:
    """Keep why nobody had looked. What she chose is not asked and not shown.

    Raises:
        Hidden: the viewer is no lead, it is her own walk, or there is no such missed look here.
    """
    hold = store.load_hold(conn, viewer.organisation_id, hold_id)
    if not viewer.is_lead or because not in BECAUSE or hold is None:
        raise Hidden
    if hold.person_id == viewer.person_id:
        raise Hidden
    who = viewer.person_id
    if not store.explain(conn, viewer.organisation_id, hold_id, because, by=who, at=at):
        raise Hidden
    # With whose walk it was, it goes into the log of her case; in the employer's it would say that there is one.
    body = {"hold": hold_id, "person": hold.person_id, "because": because}
    note(conn, viewer, "hold.explained", body, at=at)
