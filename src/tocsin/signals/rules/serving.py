"""Whose held walk does a look serve, besides the one that it was asked for?

What saw something serves everybody who waits at the site. What saw nothing serves only who goes the same way: a look at
the front door knows nothing of the back exit and the west lot.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from tocsin.signals.rules.hold import Edge, Hold, Kind, Look, Saw, State, WalkPlan

Way = tuple[Kind, frozenset[UUID], UUID | None]


def serves(look: Look, hold: Hold, asked: Hold | None, plans: Mapping[UUID, WalkPlan]) -> bool:
    """Return whether this look counts for `hold`. `asked`: the hold it was taken for; `plans`: by person.

    Of the same site both are; that somebody may be kept from her is `considered`'s. Two who named no place go the same
    way: the site's usual one. A look whose hold is not known any more saw nobody knows what.
    """
    if look.saw is Saw.SOMETHING or look.hold_id == hold.id:
        return True
    return asked is not None and _way(asked, plans) == _way(hold, plans)


def moved_to(hold: Hold, edge: Edge) -> Hold:
    """Return the open hold at its new time and site. A look at the old site is none at the new one."""
    moved = replace(hold, edge_at=edge.at, site_id=edge.site_id)
    if edge.site_id == hold.site_id or hold.state is State.SOMETHING:
        # What was seen goes with her until a person decides.
        return moved
    return no_longer_seen(moved)


def no_longer_seen(hold: Hold) -> Hold:
    """Return the hold as nobody has looked: who did has looked at another site, or at another way."""
    return replace(hold, state=State.HELD, look_id=None, looked_by_id=None, looked_until=None)


def stands(look: Look, asked: Hold | None) -> bool:
    """Return whether a look is still one at the way of the hold that it was taken for; what saw something always is.

    A hold that went to another site or way since has let go of it; so has one for which it grew too old: by a clock that was
    set back since it would be young again. Only of a look that is kept already.
    """
    if look.saw is Saw.SOMETHING:
        return True
    return asked is not None and asked.look_id == look.id and asked.looked_until is not None


def way_mark(plan: WalkPlan | None) -> str:
    """Return a mark of the way by which this plan's walks go: equal only for the same places and the same exit.

    Her times, her phrase and a car at the door change nothing of what is to be looked at.
    """
    places, exit_id = (plan.places, plan.exit_id) if plan else ((), None)
    said = ",".join(sorted(str(place) for place in set(places))) + f"|{exit_id or ''}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _way(hold: Hold, plans: Mapping[UUID, WalkPlan]) -> Way:
    plan = plans.get(hold.person_id) or WalkPlan(hold.organisation_id, hold.person_id)
    return hold.kind, frozenset(plan.places), plan.exit_id
