"""What does a door do about him now, and what may be said of the order?

    do_not_admit   a house rule stands, or an order is valid (and reviewed, if he works here)
    inform         he is known, nobody stops him: staff call who has charge
    none           nothing (any more)

An order that ended lowers no door by itself: the posture stays until two people have reviewed it, 14 days at most
(I13). Nobody is kept from his own place of work by an entry that no second person has looked at: that takes a house rule
of the duty manager. A court's order keeps a colleague from the sites that it names, and from no other; and only once he
has had notice of it or the visible steps were released: a door that refuses him before tells him (quiet watch). What one
person tells later (served, reinstated, renewed) keeps him from nothing either, before a second has looked at it anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.house_rule import HouseRule, house_rule
from tocsin.registry.rules.order import (
    NOTICES,
    Because,
    Evidence,
    Order,
    enforceable,
    facts_known,
    last_instant,
    valid,
)
from tocsin.registry.rules.second_look import carried_over, looked_at

KEPT_AFTER_END: Final = timedelta(days=14)
_MOMENT: Final = timedelta(microseconds=1)


class Instruction(StrEnum):
    """What the door does."""

    DO_NOT_ADMIT = "do_not_admit"
    INFORM = "inform"
    NONE = "none"


class Standing(StrEnum):
    """What may be said of the order, the strongest first. The words are in `console/pages/order_words.py`."""

    BREACH = "possible_breach"
    NOT_SERVED = "valid_not_served"
    HOUSE_RULE = "house_rule"
    ENDED_RULE = "ended_house_rule_stands"
    ENDED = "ended"
    NOT_YET = "not_yet"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Posture:
    """What the door does and why. `ended_on`: the last local day of the order that ended last, for the words."""

    instruction: Instruction
    standing: Standing
    because: tuple[Evidence, ...] = ()
    order_id: UUID | None = None
    ended_on: date | None = None
    is_kept_after_end: bool = False


def posture(
    orders: Sequence[Order],
    rules: Iterable[HouseRule],
    at: datetime,
    *,
    is_colleague: bool,
    lowered_at: datetime | None = None,
    released_at: datetime | None = None,
    site_id: UUID | None = None,
    known_at: datetime | None = None,
) -> Posture:
    """Return what a door of this site (None: of any) does at `at`, by what was known at `known_at`.

    `lowered_at`: when two people agreed to let the posture go; it counts for what had ended by then. `released_at`: when
    the visible steps against a colleague were released. Neither was known before.
    """
    known = at if known_at is None else min(at, known_at)
    is_quiet = is_colleague and (released_at is None or released_at > known)
    if lowered_at is not None and lowered_at > known:
        lowered_at = None
    found = [
        _least(order, at, (is_colleague, is_quiet), lowered_at, site_id, known_at)
        for order in orders
    ]
    rule = house_rule(rules, at, site_id, known_at)
    best = max(found, key=_weight, default=Posture(Instruction.NONE, Standing.NONE))
    if not rule.holds:
        return best
    standing = {Standing.ENDED: Standing.ENDED_RULE}.get(best.standing, best.standing)
    if standing in {Standing.NONE, Standing.NOT_YET}:
        standing = Standing.HOUSE_RULE
    return Posture(
        Instruction.DO_NOT_ADMIT,
        standing,
        (*rule.because, *best.because),
        best.order_id,
        best.ended_on,
    )


_STANDINGS: Final = tuple(Standing)
# From the mildest to the strictest.
INSTRUCTIONS: Final = (Instruction.NONE, Instruction.INFORM, Instruction.DO_NOT_ADMIT)


def _weight(found: Posture) -> tuple[int, int, date]:
    return (
        INSTRUCTIONS.index(found.instruction),
        -_STANDINGS.index(found.standing),
        found.ended_on or date.min,
    )


def _least(
    order: Order,
    at: datetime,
    who: tuple[bool, bool],
    lowered_at: datetime | None,
    site_id: UUID | None,
    known_at: datetime | None,
) -> Posture:
    found = _of_order(order, at, who, lowered_at, site_id, known_at)
    if found.instruction is not Instruction.DO_NOT_ADMIT or not who[0]:
        return found
    # Only what refuses a colleague waits for a second person; what is said of the order never does.
    told = (
        _of_order(one, at, who, lowered_at, site_id, known_at).instruction
        for one in looked_at(order, min(at, known_at or at))
    )
    if all(one is Instruction.DO_NOT_ADMIT for one in told):
        return found
    return replace(found, instruction=Instruction.INFORM)


def _of_order(
    order: Order,
    at: datetime,
    who: tuple[bool, bool],
    lowered_at: datetime | None,
    site_id: UUID | None,
    known_at: datetime | None,
) -> Posture:
    verdict = valid(order, at, known_at)
    is_colleague, is_quiet = who
    told = excludes(order, site_id, min(at, known_at or at), is_colleague=is_colleague)
    if is_quiet and not had_notice(order, at, known_at):
        told = Instruction.INFORM
    if verdict.holds:
        served = enforceable(order, at, known_at)
        standing = Standing.BREACH if served.holds else Standing.NOT_SERVED
        return Posture(told, standing, served.because, order.id)
    since = counted_until(order, at, known_at)
    keeps = since is not None and at < _let_go(since, lowered_at)
    if verdict.code is Because.NOT_YET:
        inform = told if keeps else Instruction.INFORM
        return Posture(inform, Standing.NOT_YET, verdict.because, order.id, None, keeps)
    return Posture(
        told if keeps else Instruction.NONE,
        Standing.ENDED if verdict.at is not None or keeps else Standing.NONE,
        verdict.because,
        order.id,
        _last_day(verdict.at, order.court_time_zone) if verdict.at else None,
        is_kept_after_end=keeps,
    )


def had_notice(order: Order, at: datetime, known_at: datetime | None = None) -> bool:
    """Return whether he was served, told or in court by `at`, whether or not the order still counts."""
    zone = ZoneInfo(order.court_time_zone)
    return any(
        fact.kind in NOTICES and last_instant(fact, zone) <= at
        for fact in facts_known(order.facts, known_at)
    )


def excludes(
    order: Order,
    site_id: UUID | None,
    at: datetime | None = None,
    *,
    is_colleague: bool,
    place_id: UUID | None = None,
) -> Instruction:
    """Return what a door does while this order counts; a colleague is kept only from what a reviewed order names.

    `at`: by when a second person must have looked at it; None: by now. `place_id`: a place of the site, a car park: an
    order that names only that keeps a colleague from there, and from nothing else of his own work place.
    """
    if not is_colleague:
        return Instruction.DO_NOT_ADMIT
    named = {one.site_id for one in order.stay_away if one.site_id and not one.place_id}
    places = {one.place_id for one in order.stay_away if one.place_id is not None}
    here = bool(named) if site_id is None else site_id in named
    here = here or (place_id is not None and place_id in places)
    reviewed = order.reviewed_at is not None and (at is None or order.reviewed_at <= at)
    return Instruction.DO_NOT_ADMIT if reviewed and here else Instruction.INFORM


def kept_places(
    orders: Iterable[Order], at: datetime, *, released_at: datetime | None = None
) -> frozenset[UUID]:
    """Return the single places that a colleague is to be kept from, where his order does not name the whole site.

    As `excludes`: reviewed, and only once he has had notice or the visible steps were released.
    """
    is_quiet = released_at is None or released_at > at
    return frozenset(
        away.place_id
        for order in carried_over(orders, at)
        if all(
            valid(one, at).holds and (had_notice(one, at) or not is_quiet)
            for one in looked_at(order, at)
        )
        for away in order.stay_away
        if away.place_id is not None
        and excludes(order, None, at, is_colleague=True, place_id=away.place_id)
        is Instruction.DO_NOT_ADMIT
    )


def counted_until(order: Order, at: datetime, known_at: datetime | None = None) -> datetime | None:
    """Return the last instant up to `at` at which the order counted as valid by what was then known, or None.

    A recall that we hear of a week late counts from when we heard of it: until then the doors acted on the order.
    """
    heard = sorted(
        {f.heard_at for f in order.facts if f.heard_at <= min(at, known_at or at)}, reverse=True
    )
    until = at
    for since in heard:
        last = until - _MOMENT
        verdict = valid(order, last, since)
        if verdict.holds:
            return until
        if verdict.at is not None and verdict.at > since and verdict.code is not Because.NOT_YET:
            return verdict.at
        until = since
    return None


def _let_go(since: datetime, lowered_at: datetime | None) -> datetime:
    latest = since + KEPT_AFTER_END
    return min(lowered_at, latest) if lowered_at is not None and lowered_at >= since else latest


def _last_day(over: datetime, zone: str) -> date:
    # Over at midnight: the day before was its last.
    return (over - _MOMENT).astimezone(ZoneInfo(zone)).date()
