"""A person says what she does about an incident: seen, calling, going, in charge, there, over, cannot."""

from dataclasses import dataclass, replace
from uuid import UUID

from tocsin.decisions.rules.incident import Doing
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, facts_for
from tocsin.flow.walk_over import with_its_walk
from tocsin.notifications.rules.happenings import Acted, HandedOver, What
from tocsin.runtime.ids import Ids


@dataclass(frozen=True, slots=True)
class Refused:
    """An expected no, to be shown to the person."""

    because: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that was answered, and under which name the act is kept, if a try of it may come again."""

    delivery_id: UUID
    act_id: UUID | None = None


def respond(
    alarms: Alarms,
    organisation_id: UUID,
    incident_id: UUID,
    *,
    by: UUID,
    doing: Doing,
    via: str,
    ids: Ids,
    on: Answered | None = None,
) -> Change | Refused:
    """Return what the act has changed. `via` is page, link or text; `on`: what was answered, None on a page.

    Only *in charge* stops escalation. That she has read what was seen is her answer, and no act (I4). The one who raised it, and whoever she ruled out, cannot act on it. An act
    about a closed incident is refused with the reason, and changes nothing.
    """
    acted = Acted(by, doing, via, on.delivery_id if on else None)
    change = _decided(alarms, organisation_id, incident_id, acted, ids)
    if isinstance(change, Refused):
        return change
    if not change.acts and not change.answered:
        return Refused("this incident is not yours to act on")
    if on is not None:
        acts = tuple(replace(a, id=on.act_id, delivery_id=on.delivery_id) for a in change.acts)
        change = replace(change, acts=acts, answered_on=on.delivery_id)
    change = with_its_walk(alarms, change, "stood down", alarms.now(), ids, by=by)
    alarms.save([change])
    return change


def hand_over(
    alarms: Alarms, organisation_id: UUID, incident_id: UUID, *, by: UUID, to: UUID, ids: Ids
) -> Change | Refused:
    """Return what a hand-over has changed: the other is asked; until she takes it, the one before stays in charge.

    To nobody, to oneself, or to somebody whom no message reaches: refused with the reason, and changes nothing.
    """
    if to == by:
        return Refused("choose somebody else than yourself to hand over to")
    change = _decided(alarms, organisation_id, incident_id, HandedOver(by, to), ids)
    if isinstance(change, Refused):
        return change
    if not _is_asked(change, to):
        return _refused(change, by, to)
    alarms.save([change])
    return change


def _is_asked(change: Change, to: UUID) -> bool:
    """Return whether the other was asked: what time did at the same moment must not make a refused one look done."""
    asked = (e for e in change.entries if e.kind == "charge.confirm_asked")
    return any(e.body["person"] == to for e in asked)


def _refused(change: Change, by: UUID, to: UUID) -> Refused:
    incident = change.incident
    charge = incident.charge if incident else None
    if incident is None or charge is None or charge.person_id != by or to == incident.person_id:
        return Refused("only the one in charge can hand over, and not to the one who raised it")
    return Refused("whom you chose cannot be reached now; you stay in charge")


def _decided(
    alarms: Alarms, organisation_id: UUID, incident_id: UUID, what: What, ids: Ids
) -> Change | Refused:
    at = alarms.now()
    incident = alarms.incident(organisation_id, incident_id)
    if incident is None:
        return Refused("there is no such incident")
    if not incident.is_open:
        return Refused("this incident is over")
    return decide(incident, what, facts_for(alarms, incident, at), at, ids=ids)
