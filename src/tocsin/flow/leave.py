"""She goes, declines, or answers that she stays. She can always go; whether somebody had looked is not hers to explain.

That she declined is written nowhere in the record: her refusals are hers. Who was asked to look is asked all the same, and
whether a look was missed is said when her walk would have been over by itself (`open_held_walks.hold_due`).
"""

from datetime import datetime
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change, Raiser
from tocsin.flow.ask_to_look import SOMETHING, close, lookers
from tocsin.flow.cancel_sos import Answer
from tocsin.flow.open_held_walks import said
from tocsin.registry.rules.policy import select
from tocsin.runtime.ids import Ids
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules.hold import Hold, Kind
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.walk import Walk


def held_walk(alarms: Alarms, press: Press) -> Hold | None:
    """Return the hold that the walk of this press leaves, or None."""
    found = alarms.open_holds(press.organisation_id, person_id=press.person_id)
    left = (h for h in found if h.kind is Kind.LEAVING and holds.is_left_by(h, press.received_at))
    return next(left, None)


def watcher_for(alarms: Alarms, raiser: Raiser, hold: Hold | None, at: datetime) -> UUID | None:
    """Return who watches her walk: the one who looked, or else whoever keeps a post, or the shift lead."""
    if hold and holds.is_fresh(hold, at) and hold.looked_by_id:
        return hold.looked_by_id
    site_id = hold.site_id if hold else raiser.site_id
    facts = alarms.site_facts(raiser.organisation_id, [site_id], at)[site_id]
    steps = lookers(facts, (0, 0, 0))[:2]
    ruled_out = facts.kept_out | raiser.kept_out | {raiser.person_id}
    ruled_out |= alarms.kept_out(raiser.organisation_id, raiser.person_id)
    found = (r for step in steps for r in select(step, facts) if r.person_id not in ruled_out)
    return next((r.person_id for r in found if r.contacts and not r.is_quiet), None)


def leave(alarms: Alarms, hold: Hold, walk: Walk, at: datetime, *, ids: Ids) -> list[Change]:
    """Return what her going changes about the hold; nothing is saved."""
    after = holds.went(hold, walk.id, at)
    body = {"walk": walk.id, "missed": after.missed_look, "look": after.look_id}
    entry = said(after, "hold.left", body, at, ids)
    # What was seen is still the leads' to decide about: that she goes all the same makes it no smaller.
    asked = (
        q for q in alarms.questions(hold.organisation_id, hold.id) if q.policy.name != SOMETHING
    )
    closed = [close(alarms, question, "she went", at, ids=ids) for question in asked]
    return [Change(holds=(after,), entries=(entry,)), *closed]


def decline_hold(
    alarms: Alarms,
    organisation_id: UUID,
    person_id: UUID,
    *,
    is_page: bool = False,
    said_at: datetime | None = None,
) -> list[Change]:
    """Return her open holds declined: one tap, no reason, nothing on record. The door's posture stays as it is.

    `said_at`: when her phone's word came in. One that lay there while no engine ran is not about what opened since.
    """
    at = alarms.now()
    found = alarms.open_holds(organisation_id, person_id=person_id)
    after = [holds.declined(hold, at) for hold in found if holds.is_about(hold, said_at)]
    # An engine tells her phone what a page has ended.
    changes = [Change(holds=(holds.poked(h, at) if is_page else h,)) for h in after]
    alarms.save(changes)
    return changes


def answer_hold(
    alarms: Alarms,
    organisation_id: UUID,
    person_id: UUID,
    *,
    is_page: bool = False,
    said_at: datetime | None = None,
) -> list[Change]:
    """Return her open holds with her answer: only now she is *told*. `said_at`: as of `decline_hold`."""
    at = alarms.now()
    found = alarms.open_holds(organisation_id, person_id=person_id)
    waiting = [hold for hold in found if hold.answered_at is None]
    after = [holds.answered(hold, at) for hold in waiting if holds.is_about(hold, said_at)]
    changes = [Change(holds=(holds.poked(h, at) if is_page else h,)) for h in after]
    alarms.save(changes)
    return changes


def way_now(alarms: Alarms, press: Press) -> Answer | None:
    """Return what her phone shows about the way: none, wait, looked or something. It changes nothing.

    What was seen where she comes to is said before all else. A look goes with its hold: an engine that has just started,
    which never heard of it, must tell her phone until when it counts.
    """
    if _believed(alarms, press) is None:
        return None
    found = alarms.open_holds(press.organisation_id, person_id=press.person_id)
    words = [holds.word_for_her(hold) for hold in found]
    said = (word for word in ("something", "wait", "looked") if word in words)
    looked = tuple(hold for hold in found if hold.state is holds.State.LOOKED)
    return Answer(next(said, "none"), Change(holds=looked))


def decline_press(alarms: Alarms, press: Press) -> Answer | None:
    """Return what her *decline* on the phone changes. A revoked device declines nothing."""
    if _believed(alarms, press) is None:
        return None
    changes = decline_hold(
        alarms, press.organisation_id, press.person_id, said_at=press.received_at
    )
    return Answer("none", Change(), tuple(changes))


def stay_press(alarms: Alarms, press: Press) -> Answer | None:
    """Return what her *I stay* on the phone changes: she has answered."""
    if _believed(alarms, press) is None:
        return None
    changes = answer_hold(alarms, press.organisation_id, press.person_id, said_at=press.received_at)
    return Answer("told", Change(), tuple(changes))


def _believed(alarms: Alarms, press: Press) -> Raiser | None:
    raiser = alarms.raisers([press], alarms.now()).get((press.organisation_id, press.person_id))
    return raiser if raiser and not raiser.device_revoked else None
