"""When does an order take an older one's place? Pure.

Never before it counts itself: what is issued today and in effect in two days leaves the older one in force until then.
"""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.registry.rules.order import NOTICES, Fact, FactKind, Order, facts_known, first_instant


def takes_place_at(order: Order, *, is_at_once: bool) -> datetime | None:
    """Return from when (UTC) the older order is replaced: once this one is in effect and, unless at once, he had notice.

    None: nobody has said that it was issued, or that he knows of it.
    """
    zone = ZoneInfo(order.court_time_zone)
    known = facts_known(order.facts)

    def earliest(*kinds: FactKind) -> datetime | None:
        found = [first_instant(fact, zone) for fact in known if fact.kind in kinds]
        return min(found, default=None)

    issued = earliest(FactKind.ISSUED)
    if issued is None:
        return None
    begins = max(issued, earliest(FactKind.EFFECTIVE) or issued)
    if is_at_once:
        return begins
    notice = earliest(*NOTICES)
    return None if notice is None else max(notice, begins)


def written_by(order: Order, older: Order, *, is_sole: bool) -> Fact | None:
    """Return what this order's facts wrote on the older one: that its place was taken.

    `is_sole`: no other order of the case replaces that one; else it is told by when it was heard.
    """
    heard: Collection[datetime] = {fact.heard_at for fact in order.facts}
    return next(
        (
            fact
            for fact in facts_known(older.facts)
            if fact.kind is FactKind.SUPERSEDED and (is_sole or fact.heard_at in heard)
        ),
        None,
    )


def was_at_once(order: Order, wrote: Fact | None) -> bool:
    """Return whether it took the place without his notice of it; where both are the same instant, with it."""
    if wrote is None:
        return False
    return wrote.true_at != takes_place_at(order, is_at_once=False)
