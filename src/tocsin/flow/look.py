"""A named person has looked at the way: nothing seen, something seen, or could not see. Never "clear"."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.ask_to_look import LOOKED, SOMETHING, ask, close, next_one
from tocsin.flow.open_held_walks import said
from tocsin.flow.respond import Refused
from tocsin.notifications.rules.happenings import Acted
from tocsin.runtime.ids import Ids
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules.hold import Hold, How, Look, Saw
from tocsin.signals.rules.serving import serves, way_mark

NOT_YOURS = "this is not yours to look at"
IS_OVER = "nobody waits for this look any more"
TOO_OLD = "this came too late: please look once more"


@dataclass(frozen=True, slots=True)
class Looking:
    """What somebody says of her look. `via` is page, link or text; `decides`: a lead decided about what was seen.

    `way`: the mark of the way that she was shown; None if she answers a question, which `is_old` once she who waits
    goes another way. `id`: the name of the press, if a try of it may come again. `waited`: how long ago she pressed, where
    her page, or an engine that was away, kept it meanwhile.
    """

    by: UUID
    how: How
    saw: Saw
    via: str
    decides: bool = False
    way: str | None = None
    is_old: bool = False
    id: UUID | None = None
    waited: timedelta = timedelta(0)


def look(
    alarms: Alarms,
    organisation_id: UUID,
    hold_id: UUID,
    looking: Looking,
    *,
    ids: Ids,
    engine: str = "",
) -> list[Change] | Refused:
    """Return what a look has changed: for this hold, and for everybody else of the site whom it serves.

    Who could not see has not looked: the next person is asked at once. Something seen goes to the leads, also when she
    has gone already, and she is asked to stay inside. A look at the way that she went before is none at hers. One that saw
    nothing is as old as its press, however late that comes; what saw something counts whenever it comes.
    """
    at, by = alarms.now(), looking.by
    hold = alarms.hold(organisation_id, hold_id)
    if hold is None or by in {hold.person_id, *alarms.kept_out(organisation_id, hold.person_id)}:
        return Refused(NOT_YOURS)
    is_wanted = holds.is_looked_for(hold, at) or looking.saw is Saw.SOMETHING
    if not is_wanted and not alarms.questions(organisation_id, hold_id):
        return Refused(IS_OVER)
    if looking.saw is not Saw.SOMETHING and _is_at_old_way(alarms, hold, looking):
        return Refused(IS_OVER)
    taken_at = at - looking.waited if looking.saw is Saw.NOTHING else at
    name = looking.id or ids.uuid()
    made = Look(name, organisation_id, hold.site_id, by, looking.how, looking.saw, taken_at, hold.id, looking.decides)  # fmt: skip
    if looking.saw is Saw.NOTHING and not holds.counts(made, at):
        return Refused(TOO_OLD)
    body = {
        "look": made.id,
        "how": made.how.value,
        "saw": made.saw.value,
        "via": looking.via,
        "decided": looking.decides,
    }
    entry = replace(said(hold, "look.done", body, at, ids), actor_id=by)
    changes = [Change(looks=(made,), entries=(entry,))]
    for one in _waiting(alarms, hold, made):
        changes += _seen(alarms, one, made, looking, (at, ids, engine))
    alarms.save(changes)
    return changes


def _is_at_old_way(alarms: Alarms, hold: Hold, looking: Looking) -> bool:
    if looking.way is None:
        return looking.is_old
    # Her way is read under the lock of her hold, which a change of it takes too.
    return looking.way != way_mark(alarms.walk_plans([hold.person_id]).get(hold.person_id))


def _waiting(alarms: Alarms, hold: Hold, made: Look) -> list[Hold]:
    """Return this hold and every other open one of its site that the look serves too."""
    here = alarms.open_holds(hold.organisation_id, site_id=hold.site_id)
    plans = alarms.walk_plans([hold.person_id, *(one.person_id for one in here)])
    others = (one for one in here if one.id != hold.id and serves(made, one, hold, plans))
    return [hold, *others]


def _seen(
    alarms: Alarms, hold: Hold, made: Look, looking: Looking, how: tuple[datetime, Ids, str]
) -> list[Change]:
    at, ids, _ = how
    kept_out = alarms.kept_out(hold.organisation_id, hold.person_id)
    if made.person_id in {hold.person_id, *kept_out}:
        return []
    questions = alarms.questions(hold.organisation_id, hold.id)
    if made.saw is Saw.COULD_NOT:
        blind = Acted(made.person_id, Doing.CANNOT, looking.via)
        asked = questions if made.hold_id == hold.id else []
        return [next_one(alarms, question, blind, at, ids=ids) for question in asked]
    after = holds.considered(hold, made, at, kept_out, decides=looking.decides)
    if after is hold and hold.is_open:
        return []
    closed = [_closed(alarms, question, made, at, (ids, looking.via)) for question in questions]
    if made.saw is Saw.SOMETHING:
        return [*closed, _something(alarms, after, how)]
    return [*closed, Change(holds=(holds.poked(after, at),))] if after.is_open else closed


def _something(alarms: Alarms, hold: Hold, how: tuple[datetime, Ids, str]) -> Change:
    """Return the question to the leads what is to be done about what was seen."""
    at, ids, engine = how
    asked = ask(alarms, hold, SOMETHING, at, ids=ids, engine=engine)
    kept = holds.poked(asked.holds[0], at) if hold.is_open else None
    return replace(asked, holds=(kept,) if kept else ())


def _closed(
    alarms: Alarms, question: Incident, made: Look, at: datetime, how: tuple[Ids, str]
) -> Change:
    ids, via = how
    acted = Acted(made.person_id, Doing.WATCHING, via)
    why = LOOKED if made.saw is Saw.NOTHING else "something was seen"
    return close(alarms, question, why, at, ids=ids, by=acted)


def met_at_door(
    alarms: Alarms, organisation_id: UUID, hold_id: UUID, *, by: UUID, via: str, ids: Ids
) -> list[Change] | Refused:
    """Return the hold of an arrival ended: somebody met her at the door."""
    at = alarms.now()
    hold = alarms.hold(organisation_id, hold_id)
    if (
        hold is None
        or by == hold.person_id
        or by in alarms.kept_out(organisation_id, hold.person_id)
    ):
        return Refused(NOT_YOURS)
    if not holds.is_looked_for(hold, at) or hold.kind is not holds.Kind.ARRIVING:
        return Refused(IS_OVER)
    entry = replace(said(hold, "hold.met", {"via": via}, at, ids), actor_id=by)
    questions = alarms.questions(organisation_id, hold_id)
    closed = [close(alarms, q, "she was met", at, ids=ids) for q in questions]
    changes = [Change(holds=(holds.met(hold, at),), entries=(entry,)), *closed]
    alarms.save(changes)
    return changes
