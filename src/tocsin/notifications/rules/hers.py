"""What follows when her walk runs out, or one of her codes comes, while something is open about her?

Pure; times are aware UTC. Both codes show the same on her devices (I9); only what people hear differs.
"""

from dataclasses import replace
from datetime import datetime

from tocsin.decisions.rules.incident import MAX_KEYS, Incident, Kind
from tocsin.notifications.rules import respondent
from tocsin.notifications.rules.calling import (
    Result,
    anew,
    ask_to_confirm,
    call_all,
    everybody_now,
    stand_down,
)
from tocsin.notifications.rules.happenings import Call, Cancelled, Note, WalkOverdue
from tocsin.registry.rules.policy import SiteFacts, Step, select


def walk_overdue(incident: Incident, what: WalkOverdue, facts: SiteFacts, now: datetime) -> Result:
    """Return what is open about her with her overdue walk in it; who said *over* did not know of that.

    Whoever is in charge of it is asked to confirm: she did not arrive. Her SOS, or her other walk, calls people anyway;
    what a sighting opened only told them of it, or rests: then everybody is called, and she is asked at the same time.
    """
    # The walk's own key comes first: the last one is that of her newest press (`cancel`).
    keys = () if incident.is_silent else (what.key,)
    pressed = [key for key in incident.keys if key not in keys]
    changed = replace(
        incident,
        walk_id=what.walk_id,
        watcher_id=what.watcher_id or incident.watcher_id,
        keys=(*keys, *pressed[len(keys) - MAX_KEYS :]),
        over=frozenset(),
    )
    changed, asked = ask_to_confirm(changed, facts, now, "her walk is overdue")
    effects = [*asked]
    if incident.raised_count > 0 or not incident.case_ids:
        return changed, tuple(effects)
    hers = () if incident.is_silent else select(Step(offset_s=0, who=("herself",)), facts)
    if hers:
        effects.append(Call(changed.calls, "walk_asked", hers))
        changed = replace(changed, calls=changed.calls + 1)
    changed = replace(anew(changed, now), raised_count=1, last_raised_at=now, called_at=now)
    changed = replace(
        changed, next_step=changed.next_step + 1, emergency_from=changed.emergency_from or now
    )
    changed, call = call_all(changed, "walk_overdue", facts)
    return changed, (*effects, call)


def cancel(incident: Incident, what: Cancelled, facts: SiteFacts, now: datetime) -> Result:
    """Return the incident after one of her codes.

    The true one stands down what it means: her newest press (`of` empty: whatever is open). One for an older press
    arrived late: that key shows *cancelled*, and the incident goes on. What was seen is not hers to end, and once the
    duress code was heard people stand it down: who forces her knows that there are two codes, and asks for both. A press of
    a revoked phone, which her own phone never hears of, is none that her code must name: whoever found it could else keep
    her alarm open for good.
    """
    note = Note("cancel.accepted", (("duress", what.under_duress),), incident.person_id)
    if what.under_duress:
        changed, effects = _under_duress(incident, what, facts, now)
        return changed, (note, *effects)
    if _is_late(incident, what) or incident.case_ids or incident.is_under_duress:
        return _shown_cancelled(incident, what), (note,)
    changed, effects = stand_down(incident, "her code", facts, now)
    return changed, (note, *effects)


def _under_duress(incident: Incident, what: Cancelled, facts: SiteFacts, now: datetime) -> Result:
    changed = replace(
        _shown_cancelled(incident, what),
        is_under_duress=True,
        raised_count=incident.raised_count + 1,
        last_raised_at=now,
        over=frozenset(),
    )
    if incident.case_ids and not incident.needs_emergency_call:
        # What nobody had compared, or what only informed, is her SOS now, as with a press of hers.
        changed = replace(changed, kind=Kind.SOS, is_confirmed=True)
    # Whoever is in charge may take what her phone shows for her word: he has to say that he knows, or the ladder goes on.
    changed, asked = ask_to_confirm(changed, facts, now, "her duress code")
    if incident.emergency_from is None:
        changed, effects = everybody_now(changed, facts, now)
        return changed, (*asked, *effects)
    changed, call = call_all(changed, "duress", facts)
    return changed, (*asked, call)


def _is_late(incident: Incident, what: Cancelled) -> bool:
    return bool(what.of) and incident.keys[-1:] != (what.of,)


def _shown_cancelled(incident: Incident, what: Cancelled) -> Incident:
    """Return the incident as her devices see it after either code; of one that came late only its own key."""
    if not _is_late(incident, what):
        return respondent.her_code(incident)
    if what.of not in incident.keys:
        return incident
    return replace(
        incident,
        keys=tuple(key for key in incident.keys if key != what.of),
        cancelled_keys=(*incident.cancelled_keys, what.of)[-MAX_KEYS:],
    )
