"""A protected person's shift ends, or begins: her walk is opened by itself, held, and somebody is asked to look.

The roster is read every few seconds, so a shift that was changed, swapped or prolonged takes its hold with it. Custody
is not read at all: whatever it says, the walk is held, and only she lets it go.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.ask_to_look import ASKED, UNWATCHED, ask, can_look, close, lookers
from tocsin.notifications.rules.delivery import is_left_out
from tocsin.record.rules.entries import Entry
from tocsin.runtime.ids import Ids, named_uuid
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules import replanning
from tocsin.signals.rules.hold import Edge, Hold, Look, Saw, State, Stay, WalkPlan
from tocsin.signals.rules.serving import moved_to, serves, stands

AROUND: Final = timedelta(days=1)
# How long before her shift ends it is said that nobody will be there to look.
AHEAD: Final = timedelta(hours=2)
Who = tuple[UUID, UUID]


def open_held_walks(alarms: Alarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return what the roster has changed: holds opened, moved to another time, or ended for a later one."""
    at = alarms.now()
    stays: dict[Who, list[Stay]] = defaultdict(list)
    for stay in alarms.stays(at - AROUND, at + AROUND):
        stays[stay.organisation_id, stay.person_id].append(stay)
    known: dict[Who, list[Hold]] = defaultdict(list)
    for hold in alarms.holds(at - AROUND, at + AROUND):
        known[hold.organisation_id, hold.person_id].append(hold)
    plans = alarms.walk_plans([person for _, person in stays])
    changes: list[Change] = []
    for who, hers in stays.items():
        plan = plans.get(who[1]) or WalkPlan(*who)
        found = replanning.edges(hers, plan)
        changes += _replanned(alarms, who, (found, known[who]), at, (ids, engine))
    return changes


def _replanned(
    alarms: Alarms,
    who: Who,
    what: tuple[Sequence[Edge], Sequence[Hold]],
    at: datetime,
    how: tuple[Ids, str],
) -> list[Change]:
    planned = replanning.replan(*what, at)
    changes = [_opened(alarms, who, edge, at, how) for edge in planned.opens]
    for hold, edge in planned.moves:
        changes += _moved(alarms, hold, edge, at, how[0])
    for hold in planned.ends:
        changes += _ended(alarms, hold, at, how[0])
    alarms.save(changes)
    for edge in what[0]:
        changes += _unwatched(alarms, who, edge, at, how)
    return changes


def _opened(alarms: Alarms, who: Who, edge: Edge, at: datetime, how: tuple[Ids, str]) -> Change:
    ids, engine = how
    hold = Hold(
        id=hold_id(who, edge),
        organisation_id=who[0],
        person_id=who[1],
        site_id=edge.site_id,
        kind=edge.kind,
        edge_at=edge.at,
        opened_at=at,
    )
    hold = _seen_already(alarms, hold, at)
    change = Change(holds=(hold,))
    if hold.state is State.HELD:
        change = ask(alarms, hold, ASKED, at, ids=ids, engine=engine)
    body = {"edge_at": hold.edge_at, "cause": hold.kind.value, "state": hold.state.value}
    return replace(change, entries=(said(hold, "hold.opened", body, at, ids), *change.entries))


def hold_id(who: Who, edge: Edge) -> UUID:
    """Return the id that the hold of this edge always has: two engines, or one twice, open one hold."""
    return named_uuid(
        int(edge.at.timestamp() * 1000), *who, edge.kind.value, edge.at.isoformat(), "hold"
    )


def _seen_already(alarms: Alarms, hold: Hold, at: datetime) -> Hold:
    """Return the hold with what was seen for somebody else, who goes the same way, in the last three minutes."""
    kept_out = alarms.kept_out(hold.organisation_id, hold.person_id)
    for look in _serving(alarms, hold, at - holds.seconds(holds.FRESH_S), at):
        hold = holds.considered(hold, look, at, kept_out, decides=look.decides)
    return hold


def _serving(alarms: Alarms, hold: Hold, since: datetime, at: datetime) -> list[Look]:
    """Return the looks since then that were taken for somebody who goes the same way, and still stand."""
    looks: Sequence[Look] = alarms.looks(hold.organisation_id, hold.site_id, since)
    if not looks:
        return []
    # Read without their locks: two holds locked in this order and in a page's would wait for each other.
    asked = {one.id: one for one in alarms.holds(at - AROUND, at + AROUND)}
    people = {asked[look.hold_id].person_id for look in looks if look.hold_id in asked}
    plans = alarms.walk_plans([hold.person_id, *people])
    found = ((look, asked.get(look.hold_id) if look.hold_id else None) for look in looks)
    return [k for k, its in found if stands(k, its) and serves(k, hold, its, plans)]


def _moved(alarms: Alarms, hold: Hold, edge: Edge, at: datetime, ids: Ids) -> list[Change]:
    found = alarms.hold(hold.organisation_id, hold.id) or hold
    if not found.is_open:
        # A page ended it since it was read: it stays as it ended.
        return []
    after = holds.poked(moved_to(found, edge), at)
    moved = said(after, "hold.moved", {"edge_at": edge.at, "from_at": hold.edge_at}, at, ids)
    closed = []
    if after.site_id != found.site_id and after.state is not State.SOMETHING:
        # Who was asked stands at the old site: her answer would be a look at the new one. Others are asked at once.
        questions = alarms.questions(hold.organisation_id, hold.id)
        closed = [close(alarms, q, "the shift was changed", at, ids=ids) for q in questions]
    return [Change(holds=(after,), entries=(moved,)), *closed]


def _ended(alarms: Alarms, hold: Hold, at: datetime, ids: Ids) -> list[Change]:
    found = alarms.hold(hold.organisation_id, hold.id) or hold
    after = holds.moved_away(found, at)
    moved = said(after, "hold.moved", {"from_at": hold.edge_at}, at, ids)
    questions = alarms.questions(hold.organisation_id, hold.id)
    closed = [close(alarms, q, "the shift was changed", at, ids=ids) for q in questions]
    return [Change(holds=(after,), entries=(moved,)), *closed]


def _unwatched(
    alarms: Alarms, who: Who, edge: Edge, at: datetime, how: tuple[Ids, str]
) -> list[Change]:
    """Tell the leads, once and hours before, that nobody will be on duty who could look (I21)."""
    if not at + holds.seconds(holds.OPEN_BEFORE_S) < edge.at <= at + AHEAD:
        return []
    ids, engine = how
    key = f"{UNWATCHED}-{hold_id(who, edge).hex[-20:]}"
    if alarms.was_opened(who[0], key):
        return []
    facts = alarms.site_facts(who[0], [edge.site_id], edge.at).get(edge.site_id)
    if facts is None:
        return []
    facts = replace(facts, raiser_id=who[1], kept_out=facts.kept_out | alarms.kept_out(*who))
    if can_look(lookers(facts, (0, 0, 0))[:2], facts):
        return []
    coming = Hold(hold_id(who, edge), *who, edge.site_id, edge.kind, edge.at, at)
    change = ask(alarms, coming, UNWATCHED, at, ids=ids, engine=engine)
    question = change.incident
    if question is None or all(is_left_out(d) for d in change.deliveries):
        return []
    told = replace(change, incident=replace(question, key=key), holds=())
    alarms.save([told])
    return [told]


def hold_due(
    alarms: Alarms,
    organisation_id: UUID,
    hold_id: UUID,
    due: datetime,
    *,
    ids: Ids,
    engine: str = "",
) -> Change | None:
    """Return what time does to a hold: its look grows too old, somebody is asked anew, or it is over.

    `due`: when it was due; the store's clock may have been set back since and must not keep a look young (I6).
    """
    at = max(alarms.now(), due)
    hold = alarms.hold(organisation_id, hold_id)
    if hold is None or hold.due_at is None or hold.due_at > at:
        return None
    change = _after(alarms, hold, at, (ids, engine))
    alarms.save([change])
    return change


def _after(alarms: Alarms, hold: Hold, at: datetime, how: tuple[Ids, str]) -> Change:
    ids = how[0]
    if not hold.is_open:
        return _judged(alarms, hold, at, ids)
    if at >= hold.keeps_until:
        return _over(holds.over(hold, at), at, ids)
    after = holds.lapsed(hold, at)
    lapse = (said(after, "look.lapsed", {"look": hold.look_id}, at, ids),)
    entries = lapse if after is not hold else ()
    if after.state is State.LOOKED and after.looked_until:
        return Change(holds=(holds.waits(after, after.looked_until + holds.seconds(1), at),))
    if after.state is State.SOMETHING:
        return Change(holds=(holds.waits(after, after.keeps_until, at),))
    change = _held(alarms, after, at, how)
    return replace(change, entries=(*entries, *change.entries))


def _judged(alarms: Alarms, hold: Hold, at: datetime, ids: Ids) -> Change:
    """Return what time does to a hold that has ended: her phone is told; of one that she declined, it is over.

    On record it is then like any that time ended, so that nothing there says what she chose.
    """
    if not hold.is_unjudged:
        return Change(holds=(replace(hold, due_at=None, due_set_at=None),))
    if at < hold.keeps_until:
        return Change(holds=(holds.waits(hold, hold.keeps_until, at),))
    kept_out = alarms.kept_out(hold.organisation_id, hold.person_id) | {hold.person_id}
    since = hold.ended_at or hold.opened_at
    looks = alarms.looks(hold.organisation_id, hold.site_id, since)
    own = [look for look in looks if look.hold_id == hold.id]
    served = _serving(alarms, hold, since, at)
    is_looked = any(
        k.person_id not in kept_out and k.saw is not Saw.COULD_NOT for k in (*own, *served)
    )
    return _over(holds.judged(hold, is_looked=is_looked), at, ids)


def _over(hold: Hold, at: datetime, ids: Ids) -> Change:
    entry = said(hold, "hold.over", {"missed": hold.missed_look}, at, ids)
    return Change(holds=(hold,), entries=(entry,))


def _held(alarms: Alarms, hold: Hold, at: datetime, how: tuple[Ids, str]) -> Change:
    questions = alarms.questions(hold.organisation_id, hold.id)
    if questions:
        ends = max(q.opened_at + holds.seconds(q.policy.deadline_s + 1) for q in questions)
        return Change(holds=(holds.waits(hold, max(ends, at + holds.seconds(1)), at),))
    last_minutes = hold.edge_at - holds.seconds(holds.FRESH_S)
    if hold.look_id is not None and at < last_minutes:
        # Somebody has looked, too early: asked again when it can count at her shift's end.
        return Change(holds=(holds.waits(hold, last_minutes, at),))
    if at <= hold.edge_at + holds.seconds(holds.ASK_UNTIL_S):
        ids, engine = how
        return ask(alarms, hold, ASKED, at, ids=ids, engine=engine)
    return Change(holds=(holds.waits(hold, hold.keeps_until, at),))


def said(hold: Hold, kind: str, body: dict[str, Any], at: datetime, ids: Ids) -> Entry:
    """Return one line of the record about a hold."""
    whole = {"hold": hold.id, "person": hold.person_id, "site": hold.site_id} | body
    return Entry(ids.uuid(), hold.organisation_id, at, kind, None, None, whole)
