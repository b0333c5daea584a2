"""What does one order say about being seen here, now? An order and a sighting in, its verdicts out.

Pure. What is not said exactly is read so that the protection is longer: an order without places and without
conditions keeps him from where she works; an order with conditions of which none is *stay away* does not.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.sighting import OrderSays
from tocsin.registry.rules.order import Evidence, Family, Order, StayAway, enforceable, valid
from tocsin.registry.rules.posture import Instruction, excludes, had_notice
from tocsin.registry.rules.second_look import looked_at
from tocsin.signals.rules.seen import Seen, Source

STAY_AWAY: Final = "04"
NO_COMMUNICATION: Final = "05"
# Whoever asked for these protects the work place itself, whoever of its people is there.
OF_THE_WORK_PLACE: Final = frozenset({Family.WORKPLACE, Family.TRESPASS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What must be known of places: `hers` are the sites where she works or is now; `site_of` whose a place is."""

    hers: frozenset[UUID] = frozenset()
    site_of: Mapping[UUID, UUID] = field(default_factory=dict)


def order_says(
    order: Order,
    seen: Seen,
    at: datetime,
    where: Where,
    *,
    is_colleague: bool,
    released_at: datetime | None = None,
    first_pages: Collection[UUID] = (),
    older: Order | None = None,
) -> OrderSays:
    """Return the order's verdicts at `at` for what was seen. `first_pages`: orders whose first page a door can show.

    `released_at`: when the visible steps against a colleague were released; before that, and before he had notice, he is
    watched quietly, and being at his own work place is no breach. `older`: the order whose place this one takes, as
    `second_look.carried_over` gives it: what that kept him from, this one does from its entry on.
    """
    standing, served = valid(order, at), enforceable(order, at)
    told = standing if not standing.holds else served
    here = named = _forbids_here(order, seen, where)
    # Her home is no work place of his: nothing of quiet watch holds there.
    is_at_work = seen.source is not Source.CONTACT and seen.order_id != order.id
    if here and is_colleague and is_at_work:
        here = _keeps_colleague_out(order, seen, at, released_at) or (
            older is not None
            and valid(older, at).holds
            and _forbids_here(older, seen, where)
            and _keeps_colleague_out(older, seen, at, released_at)
        )
    return OrderSays(
        order_id=order.id,
        valid=standing.holds,
        enforceable=served.holds,
        because=tuple(_code(one) for one in told.because),
        forbids_here=here,
        names_here=named,
        forbids_contact=_forbids_contact(order),
        has_firearm_mark=order.has_firearm_mark,
        is_mutual=order.is_mutual,
        has_first_page=order.id in first_pages,
    )


def _keeps_colleague_out(
    order: Order, seen: Seen, at: datetime, released_at: datetime | None
) -> bool:
    is_quiet = released_at is None or released_at > at
    # Nobody is kept from his own work place by an entry, or a later word, that no second person has looked at.
    stood = looked_at(order, at)
    if is_quiet and not all(had_notice(one, at) for one in stood):
        return False
    found = excludes(order, seen.site_id, at, is_colleague=True, place_id=seen.place_id)
    return found is Instruction.DO_NOT_ADMIT


def _code(evidence: Evidence) -> str:
    return evidence.code.value


def _forbids_contact(order: Order) -> bool:
    is_none = not order.conditions or order.family is Family.NO_CONTACT
    return is_none or NO_COMMUNICATION in order.conditions


def _forbids_here(order: Order, seen: Seen, where: Where) -> bool:
    if seen.order_id == order.id or any(_names(away, seen, where) for away in order.stay_away):
        return True
    if order.family in OF_THE_WORK_PLACE and not order.stay_away:
        return True
    keeps_away = not order.conditions or STAY_AWAY in order.conditions
    return keeps_away and (seen.site_id is None or seen.site_id in where.hers)


def _names(away: StayAway, seen: Seen, where: Where) -> bool:
    if away.place_id is not None:
        if seen.place_id is not None:
            return seen.place_id == away.place_id
        # Where exactly is not said: the site of the place is near enough to act on.
        return where.site_of.get(away.place_id, seen.site_id) == seen.site_id
    if away.site_id is not None:
        return seen.site_id == away.site_id
    return seen.site_id is None or seen.site_id in where.hers
