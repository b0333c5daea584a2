"""A walk: started, extended, ended at "left the site"; not ended in time it asks her, then the watcher, then everybody.

Each press says which walk it means (`of`): one that arrives late must not end, or prolong, a later walk.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.alarms import Alarms, Change, Raiser, Signal
from tocsin.flow.cancel_sos import Answer, cancelled, judged
from tocsin.flow.decide import decide, facts_for
from tocsin.flow.leave import held_walk, leave, watcher_for
from tocsin.flow.raise_sos import joined
from tocsin.flow.walk_over import end_overdue
from tocsin.notifications.rules.happenings import Cancelled, Opened, StoodDown, WalkOverdue
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.usual import usual_sos, walk_before
from tocsin.runtime.ids import Ids, named_uuid, named_word
from tocsin.signals.rules.codes import Verdict
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.walk import CONFIRMED, OVERDUE, Walk, described, ended, extended, overdue

HER_CODE: Final = "her code"


def start_walk(alarms: Alarms, press: Press, *, ids: Ids) -> Answer | None:
    """Return the walk that this press starts; if one is under way, its timer is set anew. None: known already.

    A walk that stayed overdue after its alarm was over is ended first, and a new one begins. Whoever found a revoked
    device must not turn off what is under way: its press is kept, labelled, and changes neither a walk nor a hold.
    """
    at = alarms.now()
    raiser = alarms.raisers([press], at).get((press.organisation_id, press.person_id))
    if raiser is None or alarms.known_keys([press]):
        return None
    press = replace(press, labels=(*press.labels, *raiser.labels))
    under_way = _under_way(alarms, press, at, ids)
    hold = held_walk(alarms, press)
    if raiser.device_revoked and (under_way or hold):
        alarms.save([Change(signals=(Signal(ids.uuid(), press),))])
        return None
    begun = _begun(press, at)
    if under_way:
        walk = replace(_going_on(under_way, press, at), key=press.key)
        answer = _saved(alarms, press, raiser, walk, "walk.extended", (at, ids))
    else:
        if press.watcher_id is None:
            press = replace(press, watcher_id=watcher_for(alarms, raiser, hold, at))
        walk = _new_walk(press, raiser, begun)
        answer = _saved(alarms, press, raiser, walk, "walk.started", (at, ids))
    if hold is None:
        return answer
    left = leave(alarms, hold, walk, at, ids=ids)
    alarms.save(left)
    return replace(answer, more=tuple(left))


def extend_walk(alarms: Alarms, press: Press, *, ids: Ids) -> Answer | None:
    """Return the walk with its timer running anew from now; what was asked meanwhile is answered by it."""
    at = alarms.now()
    raiser = alarms.raisers([press], at).get((press.organisation_id, press.person_id))
    walk = _meant(alarms, press)
    if raiser is None or walk is None or raiser.device_revoked or alarms.known_keys([press]):
        return None
    answer = _saved(
        alarms,
        press,
        raiser,
        _going_on(walk, press, at),
        "walk.extended",
        (at, ids),
    )
    return replace(answer, more=_stand_down_asking(alarms, walk, "the walk was extended", at, ids))


def end_walk(alarms: Alarms, press: Press, *, ids: Ids, engine: str = "") -> Answer | None:
    """Return what her code at *left the site* has changed. The duress code ends it on the screen like the true one.

    It raises silently whether or not a walk is open: her phone may not know yet that the walk was confirmed.
    """
    at = alarms.now()
    raiser = alarms.raisers([press], at).get((press.organisation_id, press.person_id))
    if raiser is None or alarms.known_keys([press]):
        return None
    walk = _meant(alarms, press)
    verdict, wrong = judged(alarms, press, raiser)
    codes = ((press.organisation_id, press.person_id, wrong),)
    if verdict is Verdict.WRONG or (walk is None and verdict is Verdict.TRUE):
        alarms.save([Change(signals=(Signal(ids.uuid(), press),), wrong_codes=codes)])
        return Answer("wrong" if verdict is Verdict.WRONG else "ended", Change())
    change = _ended_by_code(walk, verdict, at, ids) if walk else Change()
    if verdict is Verdict.TRUE and walk:
        alarms.save([replace(change, signals=(Signal(ids.uuid(), press),), wrong_codes=codes)])
        return Answer("ended", change, _stand_down_asking(alarms, walk, HER_CODE, at, ids))
    running = alarms.open_incidents([(press.organisation_id, press.person_id)]).get(press.person_id)
    # Of what else she has open the true code shows nothing either, at *left the site*.
    of = walk.key if walk else press.of or press.key
    raised = cancelled(alarms, press, raiser, running, verdict, of=of, how=(at, ids, engine))
    change = replace(
        raised, walk=change.walk, entries=(*change.entries, *raised.entries), wrong_codes=codes
    )
    alarms.save([change])
    return Answer("ended", change)


def _meant(alarms: Alarms, press: Press) -> Walk | None:
    """Return her open walk, if the press means it; one that names no walk means whichever is open."""
    walk = alarms.open_walk(press.organisation_id, press.person_id)
    return walk if walk and press.of in {"", walk.key} else None


def _under_way(alarms: Alarms, press: Press, at: datetime, ids: Ids) -> Walk | None:
    """Return her walk under way; one whose alarm is over, and that nobody ended, is ended now."""
    walk = alarms.open_walk(press.organisation_id, press.person_id)
    who = (press.organisation_id, press.person_id)
    if walk is None or walk.state != OVERDUE or press.person_id in alarms.open_incidents([who]):
        return walk
    alarms.save([end_overdue(walk, "stood down", at, ids)])
    return None


def _ended_by_code(walk: Walk, verdict: Verdict, at: datetime, ids: Ids) -> Change:
    is_duress = verdict is Verdict.DURESS
    body = {"walk": walk.id, "person": walk.person_id, "duress": is_duress, "via": HER_CODE}
    entry = _entry(walk, "walk.ended", body, at, ids)
    return Change(walk=ended(walk, HER_CODE, at), entries=(entry,))


def confirm_left(
    alarms: Alarms, organisation_id: UUID, walk_id: UUID, *, by: UUID, ids: Ids
) -> list[Change] | None:
    """Return what changes because the one who watches saw her leave; None if it is over or he may not say so."""
    at = alarms.now()
    walk = alarms.walk(organisation_id, walk_id)
    if walk is None or not walk.is_open or by not in {walk.watcher_id} - {walk.person_id}:
        return None
    body = {"walk": walk.id, "person": walk.person_id, "confirmed_by": by, "via": "watcher"}
    entries = (_entry(walk, "walk.ended", body, at, ids),)
    change = Change(walk=ended(walk, CONFIRMED, at), entries=entries)
    alarms.save([change])
    return [change, *_stand_down_asking(alarms, walk, "the watcher saw her leave", at, ids)]


def walk_due(
    alarms: Alarms,
    organisation_id: UUID,
    walk_id: UUID,
    due: datetime,
    *,
    ids: Ids,
    engine: str = "",
) -> Change | None:
    """Return the incident that a walk's timer opens: she is asked first. None if she ended or extended it.

    `due`: when it was due; the store's clock may have been set back since and must not put it off (I6).
    """
    at = max(alarms.now(), due)
    walk = alarms.walk(organisation_id, walk_id)
    if walk is None or walk.state != "open" or walk.due_at > at:
        return None
    late = int((at - walk.due_at).total_seconds())
    body = {"walk": walk.id, "person": walk.person_id, "due_at": walk.due_at, "late_s": late}
    change = Change(walk=overdue(walk), entries=(_entry(walk, "walk.overdue", body, at, ids),))
    running = alarms.open_incidents([(organisation_id, walk.person_id)]).get(walk.person_id)
    if running:
        change = _also_overdue(alarms, walk, running, change, (at, ids, engine))
    else:
        change = _asking(alarms, walk, change, (at, ids, engine))
    alarms.save([change])
    return change


def _also_overdue(
    alarms: Alarms, walk: Walk, running: Incident, change: Change, how: tuple[datetime, Ids, str]
) -> Change:
    """Return what an overdue walk changes in what is open about her already: it is never swallowed by it."""
    at, ids, engine = how
    policy = alarms.policies(walk.organisation_id, [walk.site_id], "sos").get(walk.site_id)
    incident = joined(running, walk.site_id, policy or usual_sos(walk.site_id))
    what = WalkOverdue(walk.id, walk.key, walk.watcher_id)
    facts = facts_for(alarms, incident, at)
    after = decide(incident, what, facts, at, ids=ids, engine=engine)
    return replace(after, walk=change.walk, entries=(*change.entries, *after.entries))


def _asking(alarms: Alarms, walk: Walk, change: Change, how: tuple[datetime, Ids, str]) -> Change:
    at, ids, engine = how
    policy = alarms.policies(walk.organisation_id, [walk.site_id], "sos").get(walk.site_id)
    own_id = named_uuid(walk.id, "overdue", walk.id, walk.timer_set_at)
    incident = Incident(
        id=own_id,
        organisation_id=walk.organisation_id,
        site_id=walk.site_id,
        person_id=walk.person_id,
        word=named_word(own_id),
        kind=Kind.WALK,
        is_drill=False,
        key=walk.key,
        keys=(walk.key,),
        opened_at=at,
        policy=walk_before(policy or usual_sos(walk.site_id)),
        ladder_from=at,
        walk_id=walk.id,
        watcher_id=walk.watcher_id,
        last_raised_at=at,
    )
    opened = decide(incident, Opened(), facts_for(alarms, incident, at), at, ids=ids, engine=engine)
    return replace(
        opened, is_new=True, walk=change.walk, entries=(*change.entries, *opened.entries)
    )


def _stand_down_asking(
    alarms: Alarms, walk: Walk, how: str, at: datetime, ids: Ids
) -> tuple[Change, ...]:
    """Close the incident that only asked about this walk, and return it; one with an SOS in it goes on.

    Where a sighting was open when it became overdue, her part of it is withdrawn; what was seen is not hers to end.
    """
    running = alarms.open_incidents([(walk.organisation_id, walk.person_id)]).get(walk.person_id)
    what: StoodDown | Cancelled
    if running and running.is_only_a_walk:
        what = StoodDown(how)
    elif running and (_took_in(running, walk) or (how == HER_CODE and _also_has(running, walk))):
        what = Cancelled(under_duress=False, of=walk.key)
    else:
        return ()
    change = decide(running, what, facts_for(alarms, running, at), at, ids=ids)
    alarms.save([change])
    return (change,)


def _took_in(running: Incident, walk: Walk) -> bool:
    """Return whether a sighting had opened it when this walk became overdue."""
    is_walk = running.kind is Kind.WALK
    return bool(running.case_ids) and running.walk_id == walk.id and not is_walk


def _also_has(running: Incident, walk: Walk) -> bool:
    """Return whether her SOS goes on, and only the walk's own key is to show that it is ended."""
    return walk.key in running.keys[:-1]


def _going_on(walk: Walk, press: Press, at: datetime) -> Walk:
    """Return the walk with its timer anew, another way or watcher if she names one: nobody is to look at the old one."""
    told = described(walk, watcher_id=press.watcher_id, way=press.way, note=press.note)
    return extended(told, press.timer_s, _begun(press, at))


def _begun(press: Press, at: datetime) -> datetime:
    """Return from when the timer runs: from her press, however long the engine was away since."""
    return min(press.received_at, at)


def _new_walk(press: Press, raiser: Raiser, at: datetime) -> Walk:
    return Walk(
        id=named_uuid(
            int(press.received_at.timestamp() * 1000),
            press.organisation_id,
            press.person_id,
            press.key,
            "walk",
        ),
        organisation_id=press.organisation_id,
        person_id=press.person_id,
        site_id=raiser.site_id,
        watcher_id=press.watcher_id if press.watcher_id != press.person_id else None,
        key=press.key,
        state="open",
        started_at=at,
        timer_s=press.timer_s,
        timer_set_at=at,
        way=press.way,
        note=press.note,
    )


def _saved(
    alarms: Alarms, press: Press, raiser: Raiser, walk: Walk, kind: str, how: tuple[datetime, Ids]
) -> Answer:
    at, ids = how
    body: dict[str, Any] = {"walk": walk.id, "person": raiser.person_id, "due_at": walk.due_at}
    if kind == "walk.started":
        body |= {"timer_s": walk.timer_s, "watcher": walk.watcher_id, "device": press.device_id}
    change = Change(
        signals=(Signal(ids.uuid(), press),),
        walk=walk,
        entries=(_entry(walk, kind, body, at, ids),),
    )
    alarms.save([change])
    return Answer("walking", change)


def _entry(walk: Walk, kind: str, body: dict[str, Any], at: datetime, ids: Ids) -> Entry:
    return Entry(ids.uuid(), walk.organisation_id, at, kind, None, walk.person_id, body)
