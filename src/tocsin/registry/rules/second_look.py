"""What has only one person said of an order, who can be the second, and until when is he to look?

An entry waits for somebody besides who entered it; so does what is told later, each word for somebody besides its teller.
Until then it counts everywhere, and keeps no colleague from his own work place (`posture.py`). Pure.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.registry.rules.order import REVIEW_WITHIN, Fact, FactKind, Order

_MOMENT: Final = timedelta(microseconds=1)


def told_by_one(order: Order, at: datetime | None = None) -> tuple[Fact, ...]:
    """Return what was told by `at` (None: by now) and no second person has looked at by then, as it was heard.

    The look at the entry is one at all that was heard by then, but for what its reviewer had told himself. Nothing while
    that look is still to come: all of it waits with the entry.
    """
    if not _is_entry_seen(order, at):
        return ()
    alone = [
        fact
        for fact in order.facts
        if (at is None or fact.heard_at <= at) and not _is_seen(order, fact, at)
    ]
    return tuple(sorted(alone, key=lambda fact: (fact.heard_at, fact.id)))


def waits(order: Order) -> bool:
    """Return whether a second person has still to look: at the entry, or at what was told since."""
    return not order.is_reviewed or bool(told_by_one(order))


def due_at(order: Order) -> datetime | None:
    """Return by when somebody is to look: what was told first decides. None: nothing waits."""
    if not order.is_reviewed:
        return order.review_due_at
    return min((fact.heard_at + REVIEW_WITHIN for fact in told_by_one(order)), default=None)


def tellers(order: Order) -> frozenset[UUID]:
    """Return whose word waits for a second person."""
    if not order.is_reviewed:
        return frozenset({order.entered_by_id} - {None})  # type: ignore[arg-type]
    return frozenset(fact.heard_by_id for fact in told_by_one(order) if fact.heard_by_id)


def for_second(order: Order, person_id: UUID) -> tuple[Fact, ...]:
    """Return what of the words that wait this person can look at: those of others."""
    return tuple(fact for fact in told_by_one(order) if fact.heard_by_id != person_id)


def may_look(order: Order, person_id: UUID) -> bool:
    """Return whether something waits for which this person is a second one."""
    if not order.is_reviewed:
        return order.entered_by_id != person_id
    return bool(for_second(order, person_id))


def looked_at(order: Order, at: datetime) -> tuple[Order, ...]:
    """Return the order as two people know it by `at`, and as it stood after each word of one person that came on top.

    What any of them allows a colleague is allowed: so one person's word alone can end what keeps him from his own work
    place, and not begin it; not by taking back, either, what the same person had said to end it.
    """
    alone = told_by_one(order, at)
    if not _is_entry_seen(order, at):
        return (order,)
    seen = tuple(fact for fact in order.facts if fact.heard_at <= at and fact not in alone)
    later = sorted({fact.heard_at for fact in alone})
    more = [tuple(fact for fact in alone if fact.heard_at <= until) for until in later]
    return tuple(replace(order, facts=(*seen, *added)) for added in ((), *more))


def carried_over(orders: Iterable[Order], at: datetime) -> tuple[Order, ...]:
    """Return the orders at `at`; one whose place was taken by an entry that no second person has looked at stands on.

    What two people know keeps a colleague out until two know what came after it: the day of the hearing opens no door.
    """
    known = tuple(orders)
    taken = {order.supersedes_id for order in known if not _is_entry_seen(order, at)}
    return tuple(
        replace(order, facts=tuple(f for f in order.facts if f.kind is not FactKind.SUPERSEDED))
        if order.id in taken
        else order
        for order in known
    )


def heard_after(orders: Iterable[Order], at: datetime) -> datetime:
    """Return when something that is told now counts as heard: after each look at these orders, whatever the clock says.

    A clock that stepped back would otherwise put it among what was looked at.
    """
    seen = [order.reviewed_at + _MOMENT for order in orders if order.reviewed_at is not None]
    return max([at, *seen])


def _is_entry_seen(order: Order, at: datetime | None) -> bool:
    return order.reviewed_at is not None and (at is None or order.reviewed_at <= at)


def _is_seen(order: Order, fact: Fact, at: datetime | None) -> bool:
    """Return whether a second person has looked at this fact by `at`, of an order whose entry was seen by then."""
    if order.reviewed_at is not None and fact.heard_at <= order.reviewed_at:
        is_his_own = fact.heard_by_id is not None and fact.heard_by_id == order.reviewed_by_id
        if not is_his_own:
            return True
    return fact.reviewed_at is not None and (at is None or fact.reviewed_at <= at)
