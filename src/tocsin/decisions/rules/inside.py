"""Is he inside already? An order or a house rule that begins to count while a colleague is here is itself an event.

Pure. What the door did when he came, by what was known then, is held against what it does now. Whom it would have refused
when he came is not inside: the door answers for that. A roster says when his shift begins and not when he came: where nobody saw
him at a door since, he may have come up to an hour before. Before he had notice or the visible steps were released, nothing
that he could see may follow: only the safety lead is asked, quietly, to relieve him first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.house_rule import HouseRule
from tocsin.registry.rules.order import Order, valid
from tocsin.registry.rules.posture import Instruction, posture

ON_ROSTER: Final = "on_the_roster"
BADGED_IN: Final = "badged_in"
# People come before their shift begins, to change and to hand over.
BEFORE_SHIFT: Final = timedelta(hours=1)


class Inside(StrEnum):
    """What follows from it that he is here."""

    EVENT = "event"
    RELIEVE = "relieve"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A colleague who is on a side of a case, and where he is. `how`: by the roster or by his badge.

    `at_door`: when a reader last saw him here, at most `BEFORE_SHIFT` before the shift began; None: not at all. `came_by`: the
    sighting of that, if he came in by it before the shift: what it was then is told under its key, and was perhaps already.
    `key`: the shift or the sighting that says so: one presence is one event, never two.
    """

    organisation_id: UUID
    case_id: UUID
    key: UUID
    site_id: UUID
    since: datetime
    how: str = ON_ROSTER
    at_door: datetime | None = None
    came_by: UUID | None = None
    released_at: datetime | None = None
    lowered_at: datetime | None = None
    her_sites: frozenset[UUID] = frozenset()


def already_inside(
    presence: Presence, orders: Sequence[Order], rules: Sequence[HouseRule], at: datetime
) -> Inside:
    """Return what follows from his being here when an order or a house rule was entered, served or released."""
    then, now = (_done(presence, orders, rules, moment) for moment in (presence.since, at))
    if now is Instruction.DO_NOT_ADMIT:
        refused = then is Instruction.DO_NOT_ADMIT
        before = may_have_come_before(presence, orders, rules)
        return Inside.NOTHING if refused and not before else Inside.EVENT
    is_new = now is Instruction.INFORM and then is Instruction.NONE
    return Inside.RELIEVE if is_new and _is_meant(presence, orders, at) else Inside.NOTHING


def may_have_come_before(
    presence: Presence, orders: Sequence[Order], rules: Sequence[HouseRule]
) -> bool:
    """Return whether the door refused him only since shortly before his shift began, and nobody saw him there since."""
    if presence.how != ON_ROSTER:
        return False
    first = presence.at_door or presence.since - BEFORE_SHIFT
    refused, before = (
        _done(presence, orders, rules, moment) is Instruction.DO_NOT_ADMIT
        for moment in (presence.since, first)
    )
    return refused and not before


def inside_by_entry(presence: Presence, entry: DoorEntryRow | None) -> Inside:
    """Return what follows by what the doors know, where an order cannot be opened: nobody can say since when it counts.

    An entry that was so before he can have come refused him then, or somebody was told of him: the door answers for that. None:
    the doors know nothing of him.
    """
    is_on_roster = presence.how == ON_ROSTER
    first = presence.at_door or (presence.since - BEFORE_SHIFT if is_on_roster else presence.since)
    if entry is None or not entry.is_active or entry.updated_at <= first:
        return Inside.NOTHING
    does = entry.instruction_at([presence.site_id])
    if does == Instruction.DO_NOT_ADMIT:
        return Inside.EVENT
    return Inside.RELIEVE if does == Instruction.INFORM else Inside.NOTHING


def graver(one: Inside, other: Inside) -> Inside:
    """Return which of the two is to be done: it is an event before it is a quiet task."""
    return min(one, other, key=list(Inside).index)


def _done(
    presence: Presence, orders: Sequence[Order], rules: Sequence[HouseRule], moment: datetime
) -> Instruction:
    """Return what the door of his site did at this moment, by what was known then."""
    return posture(
        orders,
        rules,
        at=moment,
        is_colleague=True,
        lowered_at=presence.lowered_at,
        released_at=presence.released_at,
        site_id=presence.site_id,
        known_at=moment,
    ).instruction


def _is_meant(presence: Presence, orders: Sequence[Order], at: datetime) -> bool:
    """Return whether an order that counts names this site, or none and she works here."""
    for order in orders:
        named = {away.site_id for away in order.stay_away if away.site_id and not away.place_id}
        is_from_her = any(not (one.site_id or one.place_id) for one in order.stay_away)
        hers = presence.her_sites if is_from_her or not order.stay_away else frozenset()
        meant = named | hers
        if presence.site_id in meant and valid(order, at).holds:
            return True
    return False
