"""What follows when she presses again, her walk runs out, or one of her codes comes, while something is open about her?

Pure; times are aware UTC. Both codes show the same on her devices (I9); only what people hear differs.
"""

from dataclasses import replace
from datetime import datetime

from tocsin.decisions.rules.incident import MAX_KEYS, Incident, Kind, Shown
from tocsin.notifications.rules import respondent
from tocsin.notifications.rules.calling import (
    Result,
    anew,
    ask_to_confirm,
    call_all,
    everybody_now,
    sos_of,
    stand_down,
)
from tocsin.notifications.rules.due import CALL_AGAIN_AT_MOST_EVERY_S, seconds
from tocsin.notifications.rules.happenings import Call, Cancelled, Note, RaisedAgain, WalkOverdue
from tocsin.registry.rules.policy import SiteFacts, Step, select


def press_again(incident: Incident, what: RaisedAgain, facts: SiteFacts, now: datetime) -> Result:
    """Return what is open about her after one more press of hers: everybody is called again, every ten seconds at most.

    A press that comes sooner after the last call is owed one, which goes when they are over (`call_again`): she may have
    more to fear by then, and nothing swallows a press (I5). Several of them are one call. Whoever is in charge is asked at
    once, in any case.
    """
    changed = replace(
        incident,
        raised_count=incident.raised_count + 1,
        shown=_shown_after(incident, what),
        keys=(*incident.keys, *((what.key,) if what.key else ()))[-MAX_KEYS:],
        # Who said *over* before it did not speak of this.
        over=frozenset(),
    )
    changed, asked = ask_to_confirm(changed, facts, now, "she pressed again")
    asked_only = incident.kind is Kind.WALK or bool(incident.case_ids)
    if asked_only and incident.emergency_from is None:
        # An SOS skips the ladder of a walk, or of what nobody has compared: everybody, now.
        changed, effects = everybody_now(_just_called(changed, facts.at), facts, now)
        return changed, (*asked, *effects)
    last = incident.last_raised_at or incident.opened_at
    # Of a walk that ran out she has not pressed yet: hers is the first SOS, and no "again".
    is_first = incident.raised_count == 0 or incident.is_only_a_walk
    # A clock that was set back must not swallow a press: then the last one lies in the future.
    if is_first or not seconds(0) <= facts.at - last < seconds(CALL_AGAIN_AT_MOST_EVERY_S):
        changed = _just_called(changed, facts.at)
        changed, call = call_all(changed, sos_of(changed, again=not is_first), facts)
        return changed, (*asked, call)
    return replace(changed, is_again_owed=True), asked


def call_again(incident: Incident, facts: SiteFacts) -> Result:
    """Return the call that is owed to a press which came too soon after the last one: the ten seconds are over."""
    changed = _just_called(incident, facts.at)
    changed, call = call_all(changed, sos_of(changed, again=True), facts)
    return changed, (call,)


def _just_called(incident: Incident, at: datetime) -> Incident:
    """Return the incident as of a call to everybody: no press is owed one, and the ten seconds run from here."""
    return replace(incident, last_raised_at=at, is_again_owed=False)


def _shown_after(incident: Incident, what: RaisedAgain) -> Shown:
    """A press after a seeming cancel looks like the first press of a new SOS, as after a true one (I9)."""
    if what.is_silent:
        return Shown.STORED
    return Shown.TRUTH if incident.shown is Shown.CANCELLED else incident.shown


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
    arrived late: that key shows that it is cancelled and a newer press goes on. What was seen is not hers to end, and once the
    duress code was heard people stand it down: who forces her knows that there are two codes, and asks for both. A press of
    a revoked phone, which her own phone never hears of, is none that her code must name: whoever found it could else keep
    her alarm open for good. What a phone sent that was revoked only later stays a press of hers: one person revokes, and a
    code that came late must not end it by that.
    """
    note = Note("cancel.accepted", (("duress", what.under_duress),), incident.person_id)
    if what.under_duress:
        changed, effects = _under_duress(incident, what, facts, now)
        return changed, (note, *effects)
    if _is_late(incident, what) or incident.is_under_duress:
        return _shown_cancelled(incident, what), (note,)
    if incident.case_ids:
        # The call that this press was still owed would ring everybody with her SOS after she has taken it back.
        return replace(_shown_cancelled(incident, what), is_again_owed=False), (note,)
    changed, effects = stand_down(incident, "her code", facts, now)
    return changed, (note, *effects)


def _under_duress(incident: Incident, what: Cancelled, facts: SiteFacts, now: datetime) -> Result:
    changed = replace(
        _just_called(_shown_cancelled(incident, what), now),
        is_under_duress=True,
        raised_count=incident.raised_count + 1,
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
        outlived_keys=(*incident.outlived_keys, what.of)[-MAX_KEYS:],
    )
