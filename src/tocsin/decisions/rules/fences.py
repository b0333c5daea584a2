"""Which fences does a case have now, and which visits does a track make to them?

Pure. A fence that begins (an order is entered or takes effect) has no past: somebody who is inside already enters it
with his next fix, and that is said ("already inside"). An order that ends closes its fence and opens one that only
informs, so that a visit is told of anew, by what holds now (I13).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.distance import (
    LEAVE_MARGIN_M,
    Apart,
    Fence,
    Side,
    Zone,
    area_of,
    is_late,
    zone_after,
    zone_on_side,
)
from tocsin.registry.rules.order import Order, StayAway, valid
from tocsin.signals.rules.seen import Position

INSIDE_POINTS: Final = 1000
MAYBE_POINTS: Final = 600
# What nobody has drawn cannot be fenced: it is found by readers and posts alone, and counts as blind (`undrawn`).
Outlines = Mapping[UUID, tuple[UUID | None, Mapping[str, Any]]]
"""By site or place: (its site, its normalised GeoJSON)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """He is inside a fence, or may be: `key` names the fence and since when, the same for every fix of one visit.

    `order_id`: whose fence it is, of a place that is not ours.
    """

    key: str
    side: Side
    site_id: UUID | None
    place_id: UUID | None
    parts: tuple[tuple[str, int], ...]
    order_id: UUID | None = None

    @property
    def score(self) -> int:
        """Return 0 to 1000."""
        return INSIDE_POINTS if self.side is Side.INSIDE else MAYBE_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Undrawn:
    """What an order keeps him from and nobody has drawn. `subject_id`: our site or place, else the order, of all else."""

    subject_id: UUID
    is_ours: bool
    since: datetime


def undrawn(orders: Iterable[Order], outlines: Outlines, at: datetime) -> tuple[Undrawn, ...]:
    """Return, once each, what the valid orders of a case name and no position can be held against; the oldest entry tells since when.

    The distance to herself needs no outline. An order that is not valid asks for none.
    """
    found: dict[UUID, Undrawn] = {}
    for order in orders:
        if order.entered_at is None or not valid(order, at).holds:
            continue
        for subject_id, is_ours in _subjects(order, outlines):
            one = Undrawn(subject_id=subject_id, is_ours=is_ours, since=order.entered_at)
            known = found.setdefault(subject_id, one)
            found[subject_id] = min(known, one, key=lambda each: each.since)
    return tuple(found.values())


def _subjects(order: Order, outlines: Outlines) -> Iterator[tuple[UUID, bool]]:
    for away in order.stay_away:
        named = away.place_id or away.site_id
        if named is not None and named not in outlines:
            yield named, True
    if order.body and any(place.geometry is None for place in order.body.elsewhere):
        yield order.id, False


def fences_of(orders: Iterable[Order], outlines: Outlines, at: datetime) -> dict[str, Fence]:
    """Return the fences of a case by a name that changes when its order begins or ends."""
    found: dict[str, Fence] = {}
    for order in orders:
        state = "valid" if valid(order, at).holds else "not valid"
        for number, away in enumerate(order.stay_away):
            drawn = _drawn(away, outlines)
            if drawn is None:
                continue
            site_id, shape = drawn
            found[f"{order.id.hex}.{number}.{state}"] = Fence(
                id=order.id,
                case_id=order.case_id,
                area=area_of(shape),
                metres=float(away.metres),
                site_id=site_id,
                place_id=away.place_id,
            )
        for number, other in enumerate(order.body.elsewhere if order.body else ()):
            if other.geometry is not None:
                found[f"{order.id.hex}.o{number}.{state}"] = Fence(
                    id=order.id,
                    case_id=order.case_id,
                    area=area_of(other.geometry),
                    metres=float(other.metres or 0),
                )
    return found


def _drawn(away: StayAway, outlines: Outlines) -> tuple[UUID | None, Mapping[str, Any]] | None:
    named = away.place_id or away.site_id
    return outlines.get(named) if named else None


def moving_distance(orders: Iterable[Order], at: datetime) -> float | None:
    """Return how many metres he has to keep from her, wherever she is; None if no valid order says so."""
    said = [
        away.metres
        for order in orders
        if valid(order, at).holds
        for away in order.stay_away
        if away.place_id is None and away.site_id is None
    ]
    return float(max(said)) if said else None


def visits(
    fences: Mapping[str, Fence], before: Mapping[str, Zone], position: Position, at: datetime
) -> tuple[dict[str, Zone], tuple[Visit, ...]]:
    """Return what is known of every fence after this fix, and each one that he is in, or may be in, since it."""
    after: dict[str, Zone] = {}
    found = []
    for name, fence in fences.items():
        known = before.get(name, Zone())
        zone = after[name] = zone_after(known, fence, position, at)
        if zone.since is not None and zone is not known:
            found.append(_visit(name, fence, zone, known, is_late=is_late(position, at)))
    return after, tuple(found)


def _visit(name: str, fence: Fence, zone: Zone, known: Zone, *, is_late: bool) -> Visit:
    """Return the visit; by a late fix only possible: he was inside then, and nobody knows where he is."""
    side = Side.MAYBE if is_late else zone.side
    points = INSIDE_POINTS if side is Side.INSIDE else MAYBE_POINTS
    code = "inside_fence" if side is Side.INSIDE else "may_be_inside_fence"
    parts = [("was_inside_fence" if is_late else code, points)]
    if known.latest is None and not is_late:
        parts.append(("already_inside", 0))
    since = zone.since.isoformat() if zone.since else ""
    return Visit(
        key=f"{name}.{since}",
        side=side,
        site_id=fence.site_id,
        place_id=fence.place_id,
        parts=tuple(parts),
        order_id=None if fence.site_id or fence.place_id else fence.id,
    )


def near_her(
    before: Zone, between: Apart, metres: float, fixed_at: datetime
) -> tuple[Zone, Visit | None]:
    """Return what is known of his distance to her after a new fix of either, and the visit if he is, or may be, too near.

    `fixed_at`: of the newer fix. The new one may be the older of the two: her phone sends what it measured before his
    monitor spoke, and it is the first that tells how far they are apart. While that is not known, nothing is learnt.
    """
    if between.at_least_m is None:
        return before, None
    # Not the time of the last fix, which may have been of one alone: a fix that came late was let go for it.
    latest = max(fixed_at, before.latest or fixed_at)
    far = between.at_least_m - metres >= LEAVE_MARGIN_M
    zone = zone_on_side(before, between.within(metres), latest, is_beyond=far)
    if zone.since is None:
        return zone, None
    points = INSIDE_POINTS if zone.side is Side.INSIDE else MAYBE_POINTS
    code = "near_her" if zone.side is Side.INSIDE else "may_be_near_her"
    visit = Visit(
        key=f"her.{zone.since.isoformat()}",
        side=zone.side,
        site_id=None,
        place_id=None,
        parts=((code, points),),
    )
    return zone, visit


def to_dict(zones: Mapping[str, Zone]) -> dict[str, list[Any]]:
    """Return zones as JSON-able values."""
    return {
        name: [
            zone.side.value,
            zone.since.isoformat() if zone.since else None,
            zone.latest.isoformat() if zone.latest else None,
            zone.beyond,
        ]
        for name, zone in zones.items()
    }


def from_dict(value: Mapping[str, Any]) -> dict[str, Zone]:
    """Return the zones that `to_dict` wrote."""
    return {
        name: replace(
            Zone(side=Side(side), beyond=int(beyond)),
            since=datetime.fromisoformat(since) if since else None,
            latest=datetime.fromisoformat(latest) if latest else None,
        )
        for name, (side, since, latest, beyond) in value.items()
    }
