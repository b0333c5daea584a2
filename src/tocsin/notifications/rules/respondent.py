"""What follows when a respondent is seen again, compared, or located, while an incident is open?

Pure; times are aware UTC. A sighting joins her open incident, and her SOS joins the sighting's: neither hides the
other. *Not located* ends only when a person has recorded custody, whatever else people say.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import (
    MAX_KEYS,
    SEEN,
    Incident,
    Kind,
    Shown,
    stopped,
    strength,
)
from tocsin.decisions.rules.said import Said, decided_anew, for_police, joined, reasons
from tocsin.decisions.rules.sighting import kind_of
from tocsin.notifications.rules.calling import (
    HERSELF,
    KEEP_AWAY,
    KEEP_AWAY_AGAIN,
    TELL_HER,
    Result,
    call_all,
    stand_down,
    template_seen,
)
from tocsin.notifications.rules.due import seconds
from tocsin.notifications.rules.happenings import (
    Call,
    Compared,
    DecidedAnew,
    Effect,
    Located,
    Note,
    SeenAgain,
)
from tocsin.registry.rules.policy import Policy, SiteFacts, Step, select

SEEN_AGAIN_AT_MOST_EVERY_S: Final = 10
TELL_AGAIN_AT_MOST_EVERY_S: Final = 600
MAX_SITES: Final = 20
MAX_REASONS: Final = 20
# Told of one of these, people have heard that they keep away; the next one is "seen again".
_KEEPS_AWAY: Final = frozenset(
    strength(kind, is_confirmed=True) for kind in SEEN if kind is not Kind.INFORM
)


def step(
    incident: Incident,
    what: SeenAgain | DecidedAnew | Compared | Located,
    facts: SiteFacts,
    now: datetime,
) -> Result:
    """Return the incident after it, and what has to be done about it."""
    match what:
        case SeenAgain():
            return _seen_again(incident, what, facts, now)
        case DecidedAnew():
            return _decided_anew(incident, what, facts, now)
        case Compared():
            return _compared(incident, what, facts, now)
        case Located():
            return _located(incident, what)


def her_code(incident: Incident) -> Incident:
    """Return the incident as her devices see it after either code: her presses are withdrawn there (I9)."""
    return replace(
        incident,
        shown=Shown.CANCELLED,
        keys=(),
        cancelled_keys=(*incident.cancelled_keys, *incident.keys)[-MAX_KEYS:],
        # No press of hers stands there any more: after the true code the incident is over, and shows nothing else.
        outlived_keys=(),
    )


def is_to_be_located(kind: Kind, *, is_confirmed: bool) -> bool:
    """Return whether somebody has to say where he is: he was here, and a rule or an order keeps him away."""
    return is_confirmed and kind in {Kind.HOUSE_RULE, Kind.POSSIBLE_BREACH}


def _seen_again(incident: Incident, what: SeenAgain, facts: SiteFacts, now: datetime) -> Result:
    together = _joined(incident, what)
    note = Note(
        "incident.seen_again",
        (("case", what.case_id), ("cause", what.kind.value), ("confirmed", what.is_confirmed)),
    )
    changed, effects = _followed(together, what, facts, now)
    return changed, (note, *effects)


def _followed(incident: Incident, what: SeenAgain, facts: SiteFacts, now: datetime) -> Result:
    """Return what follows from one more reading, or from a person's word that a possible one is he."""
    if incident.kind not in SEEN:
        # An SOS or a walk runs already: people hear at once that he was seen, and what to do then.
        return _told_of(incident, what, facts, now)
    after = _weighed(incident, what)
    is_other = (after.kind, after.is_confirmed) != (incident.kind, incident.is_confirmed)
    # A doubtful reading in what is certain takes the louder ladder from nobody, nor does any from her SOS: it is told.
    is_new = what.is_confirmed and not incident.raised_count
    if is_other and (is_new or not incident.needs_emergency_call):
        return _begun_anew(_marked(after, what, now), what.policy, facts, now)
    return _told_of(after, what, facts, now)


def _weighed(incident: Incident, what: SeenAgain) -> Incident:
    """Return the incident as grave, and as certain, as it and one more reading are together: never less (I17).

    Whatever is certain and forbidden makes it so, of however less grave a kind. That he was here when nothing forbade it
    confirms no breach.
    """
    kind = max(incident.kind, what.kind, key=SEEN.index)
    counts = [
        one.is_confirmed
        for one in (incident, what)
        if one.kind is not Kind.INFORM or one.kind is kind
    ]
    # One doubt about who it is has to be settled with a photograph, whatever else is known.
    is_only_where = all(one.is_only_where for one in (incident, what) if not one.is_confirmed)
    return replace(incident, kind=kind, is_confirmed=any(counts), is_only_where=is_only_where)


def _joined(incident: Incident, what: SeenAgain) -> Incident:
    must = is_to_be_located(what.kind, is_confirmed=what.is_confirmed)
    sites = (
        (*incident.also_sites, what.site_id)
        if what.site_id != incident.site_id
        else incident.also_sites
    )
    return replace(
        _saying(incident, joined(incident.said, what.said)),
        # However many protect her: what is not among them has no ledger, and nobody could say that he is located.
        case_ids=tuple(dict.fromkeys((*incident.case_ids, what.case_id))),
        not_located=incident.not_located | ({what.case_id} if must else set()),
        also_sites=_sites_kept(sites),
        # Who said *over* before he was seen did not speak of this.
        over=incident.over if what.kind is Kind.INFORM else frozenset(),
    )


def _sites_kept(sites: Iterable[UUID]) -> tuple[UUID, ...]:
    """Return the sites that hear of it; of too many the first, which may be hers, and the latest, where he is now."""
    each = tuple(dict.fromkeys(sites))
    return each if len(each) <= MAX_SITES else (each[0], *each[1 - MAX_SITES :])


def _saying(incident: Incident, said: tuple[Said, ...]) -> Incident:
    """Return the incident with this said of it. Codes of which nobody kept the order stay beside it (older versions)."""
    is_older = bool({*incident.case_ids} - {one.case_id for one in said})
    police, because = (incident.police, incident.because) if is_older else ((), ())
    return replace(
        incident,
        said=said,
        police=tuple(dict.fromkeys((*police, *for_police(said)))),
        because=tuple(dict.fromkeys((*because, *reasons(said))))[:MAX_REASONS],
    )


def _decided_anew(incident: Incident, what: DecidedAnew, facts: SiteFacts, now: datetime) -> Result:
    """Tightened, it is as if he were seen so now; loosened, it is noted: nothing lowers what is open (I17)."""
    seen = what.seen
    before = kind_in(incident, seen.case_id)
    said = decided_anew(incident.said, seen.said)
    if said == incident.said:
        return incident, ()
    changed = _saying(incident, said)
    fields = (("case", seen.case_id), ("cause", seen.kind.value), ("before", before.value))
    note = Note("incident.decided_anew", fields)
    if SEEN.index(seen.kind) <= SEEN.index(before):
        return changed, (note,)
    must = is_to_be_located(seen.kind, is_confirmed=seen.is_confirmed) and what.counts_as_free
    changed = replace(
        changed,
        not_located=changed.not_located | ({seen.case_id} if must else set()),
        # Who said *over* before did not speak of this.
        over=frozenset(),
    )
    changed, effects = _followed(changed, seen, facts, now)
    return changed, (note, *effects)


def _told_of(incident: Incident, what: SeenAgain, facts: SiteFacts, now: datetime) -> Result:
    """Call again for one more sighting, at most every 10 s; what only informs, every ten minutes.

    The limit is of one strength: what is said for certain now is not what was only possible seconds ago.
    """
    wait = TELL_AGAIN_AT_MOST_EVERY_S if what.kind is Kind.INFORM else SEEN_AGAIN_AT_MOST_EVERY_S
    last = incident.told_of.get(strength(what.kind, is_confirmed=what.is_confirmed))
    if last is not None and seconds(0) <= now - last < seconds(wait):
        return incident, ()
    template = template_seen(
        replace(
            incident,
            kind=what.kind,
            is_confirmed=what.is_confirmed,
            is_only_where=what.is_only_where,
        ),
        again=not incident.told_of.keys().isdisjoint(_KEEPS_AWAY),
    )
    changed = _marked(incident, what, now)
    if template in {KEEP_AWAY, KEEP_AWAY_AGAIN}:
        changed, call = call_all(changed, template, facts)
        return changed, (call,)
    changed, effects = _told_herself(changed, what, facts)
    door = _rung(what.policy)
    call = Call(changed.calls, template, select(door, facts))
    return replace(changed, calls=changed.calls + 1), (*effects, call)


def _marked(incident: Incident, what: SeenAgain, now: datetime) -> Incident:
    code = strength(what.kind, is_confirmed=what.is_confirmed)
    return replace(incident, told_of=MappingProxyType({**incident.told_of, code: now}))


def _told_herself(
    incident: Incident, what: SeenAgain, facts: SiteFacts
) -> tuple[Incident, tuple[Call, ...]]:
    """Tell her first of what is only told; never on a phone that must stay silent (I22)."""
    if what.kind is not Kind.INFORM or incident.is_silent or not calls_her(what.policy):
        return incident, ()
    hers = select(Step(offset_s=0, who=("herself",)), facts)
    if not hers:
        return incident, ()
    call = Call(incident.calls, TELL_HER, hers)
    return replace(incident, calls=incident.calls + 1), (call,)


def calls_her(policy: Policy) -> bool:
    """Return whether a ladder has a step of her own."""
    return any(step.who == ("herself",) for step in policy.steps)


def _rung(policy: Policy) -> Step:
    return next(step for step in policy.steps if step.who != ("herself",))


def _begun_anew(incident: Incident, policy: Policy, facts: SiteFacts, now: datetime) -> Result:
    """Begin the graver ladder now. Whoever is in charge stays it; everybody is called all the same, she first."""
    changed = replace(incident, policy=policy, next_step=0, ladder_from=now, loops=0)
    if not stopped(changed):
        return changed, ()
    effects: list[Effect] = []
    hers = select(Step(offset_s=0, who=("herself",)), facts)
    if changed.needs_emergency_call:
        changed = replace(changed, emergency_from=now)
        if hers and not changed.is_silent:
            effects.append(Call(changed.calls, HERSELF, hers))
            changed = replace(changed, calls=changed.calls + 1)
    changed, call = call_all(changed, template_seen(changed), facts)
    return changed, (*effects, call)


def _compared(incident: Incident, what: Compared, facts: SiteFacts, now: datetime) -> Result:
    word = "confirmed" if what.is_he else "dismissed"
    note = Note(f"sighting.{word}", (("case", what.case_id),), what.person_id)
    is_hers = what.person_id == incident.person_id and not incident.stands_for_nobody
    if is_hers or what.person_id in facts.kept_out:
        return incident, ()
    seen = replace(incident, seen_by=incident.seen_by | {what.person_id})
    if not what.is_he:
        return _dismissed(seen, what, note, facts, now)
    kind = kind_in(incident, what.case_id)
    must = is_to_be_located(kind, is_confirmed=True)
    changed = replace(
        seen,
        not_located=seen.not_located | ({what.case_id} if must else set()),
        # Who said *over* while it was only possible did not speak of this.
        over=frozenset() if must else seen.over,
    )
    sure = SeenAgain(what.case_id, kind, True, (), what.policy, incident.site_id)
    changed, effects = _followed(changed, sure, facts, now)
    return changed, (note, *effects)


def kind_in(incident: Incident, case_id: UUID) -> Kind:
    """Return what the sightings of a case in it amount to; where nobody kept that (older versions), the gravest."""
    said = [one for one in incident.said if one.case_id == case_id]
    if said:
        return kind_of(said)
    return incident.kind if incident.kind in SEEN else Kind.POSSIBLE_BREACH


def _dismissed(
    incident: Incident, what: Compared, note: Note, facts: SiteFacts, now: datetime
) -> Result:
    only_possible = incident.kind in SEEN and not incident.is_confirmed
    if not (what.ends_it and only_possible and incident.raised_count == 0):
        return incident, (note,)
    changed, effects = stand_down(incident, "a person compared: it is not he", facts, now)
    return changed, (note, *effects)


def _located(incident: Incident, what: Located) -> Result:
    fields: tuple[tuple[str, str | UUID], ...] = (
        ("case", what.case_id),
        ("because", what.source),
    )
    if what.is_taken_back:
        if what.case_id not in incident.case_ids or what.case_id in incident.not_located:
            return incident, ()
        changed = replace(incident, not_located=incident.not_located | {what.case_id})
        return changed, (Note("incident.not_located", fields, what.person_id),)
    if what.case_id not in incident.not_located:
        return incident, ()
    changed = replace(incident, not_located=incident.not_located - {what.case_id})
    return changed, (Note("incident.located", fields, what.person_id),)
