"""How far is a position from a fence, and how far are two people from each other, at worst?

Pure. A position is a circle that was true at an instant; since then its owner may have moved. What is too old or too
coarse is *unknown*, never safe (I20). A track enters a fence when its circle may touch it, and has left only when whole
circles lie beyond it, with room to spare, several times: jitter at the edge is one event (`zone_after`).

Metres on a plane tangent at the fence (errors below 0.2 % within 50 km); degrees are WGS 84.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from tocsin.signals.rules.seen import Position

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

EARTH_M: Final = 6_371_008.8
STALE_AFTER: Final = timedelta(seconds=120)
# What a receiver that does not say its accuracy is believed to have.
ASSUMED_ACCURACY_M: Final = 100.0
# A circle larger than this says which town, not which side of a fence.
USELESS_ACCURACY_M: Final = 2_000.0
# He has left once whole circles lie this far beyond the fence, so often in a row.
LEAVE_MARGIN_M: Final = 50.0
LEAVE_AFTER_FIXES: Final = 3
# Of whom nothing was heard for so long, nobody knows that it is the same stay: the next fix inside is told of anew.
STAY_FORGOTTEN_AFTER: Final = timedelta(minutes=30)
# Nobody on our roads is faster; a receiver that says so is believed.
HIS_SPEED_M_S: Final = 40.0
HER_SPEED_M_S: Final = 40.0
MAX_FENCES: Final = 50_000


class Side(StrEnum):
    """Where somebody is, seen from a fence."""

    INSIDE = "inside"
    MAYBE = "maybe"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """An area to stay away from by `metres`, in degrees (longitude, latitude) as GeoJSON has them."""

    id: UUID
    case_id: UUID
    area: "BaseGeometry"
    metres: float
    site_id: UUID | None = None
    place_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """What a track has told about one fence. `since`: the fix by which he entered; `beyond`: circles outside since."""

    side: Side = Side.UNKNOWN
    since: datetime | None = None
    latest: datetime | None = None
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class Apart:
    """The distance of two people at an instant: at least and at most so many metres; None where it is not known."""

    at_least_m: float | None
    at_most_m: float | None

    def within(self, metres: float) -> Side:
        """Return whether they are within so many metres of each other; not known is UNKNOWN, never OUTSIDE."""
        if self.at_least_m is None or self.at_most_m is None:
            return Side.UNKNOWN
        if self.at_most_m <= metres:
            return Side.INSIDE
        return Side.MAYBE if self.at_least_m <= metres else Side.OUTSIDE


@cache
def _shapely() -> Any:
    """Load shapely with the first fence: it brings numpy, 28 MB, and most workplaces have no monitor."""
    import shapely  # noqa: PLC0415
    import shapely.geometry  # noqa: PLC0415

    return shapely


def area_of(geometry: Mapping[str, Any]) -> "BaseGeometry":
    """Return the area of normalised GeoJSON (`registry/rules/geojson.py`): a geometry, a feature, or several."""
    kind = geometry.get("type")
    if kind == "Feature":
        return area_of(geometry["geometry"])
    if kind == "FeatureCollection":
        # A feature without a geometry is allowed (RFC 7946, 3.2) and covers nothing.
        drawn = [feature for feature in geometry["features"] if feature.get("geometry")]
        return _shapely().union_all([area_of(feature) for feature in drawn])
    found: BaseGeometry = _shapely().geometry.shape(geometry)
    return found


def gap_m(area: "BaseGeometry", position: Position) -> float:
    """Return the metres from a position to the nearest point of an area; 0 inside."""
    point = _shapely().Point(position.longitude, position.latitude)
    if area.covers(point):
        return 0.0
    scale = math.cos(math.radians(position.latitude))
    flat = _shapely().transform(area, lambda xy: _plane(xy, position, scale))
    return float(flat.distance(_shapely().Point(0.0, 0.0)))


def _plane(degrees: Any, origin: Position, scale: float) -> Any:
    """Return (n, 2) degrees as metres east and north of the origin."""
    east = (degrees[:, 0:1] - origin.longitude + 180.0) % 360.0 - 180.0
    north = degrees[:, 1:2] - origin.latitude
    metres = math.radians(1.0) * EARTH_M
    flat = degrees.copy()
    flat[:, 0:1], flat[:, 1:2] = east * metres * scale, north * metres
    return flat


def accuracy_of(position: Position) -> float | None:
    """Return the radius of the circle in metres; None: it says nothing."""
    accuracy = ASSUMED_ACCURACY_M if position.accuracy_m is None else position.accuracy_m
    return accuracy if 0 <= accuracy <= USELESS_ACCURACY_M else None


def side_of(fence: Fence, position: Position, at: datetime) -> Side:
    """Return where this one fix puts him at `at`. Old, from the future, or too coarse is UNKNOWN, never OUTSIDE."""
    accuracy = accuracy_of(position)
    if accuracy is None or is_stale(position, at):
        return Side.UNKNOWN
    gap = gap_m(fence.area, position)
    if gap - accuracy > fence.metres:
        # A receiver whose place was typed in shows where he says he is.
        return Side.UNKNOWN if position.is_mocked else Side.OUTSIDE
    sure = gap + accuracy <= fence.metres and not position.is_mocked
    return Side.INSIDE if sure else Side.MAYBE


def is_stale(position: Position, at: datetime) -> bool:
    """Return whether a fix is too old at `at`, or from a future that no clock explains."""
    return abs(at - position.fixed_at) > STALE_AFTER


def is_late(position: Position, at: datetime) -> bool:
    """Return whether a fix says where he was, and not where he is."""
    return at - position.fixed_at > STALE_AFTER


def zone_after(before: Zone, fence: Fence, position: Position, at: datetime) -> Zone:
    """Return what is known of a fence after one more fix. Repeated fixes, and older ones than the latest, change nothing.

    INSIDE and MAYBE last through jitter: `since` stays the fix by which he entered until he has left. A late fix says that
    he may have been inside then; that he was beyond it ends his stay and leaves UNKNOWN, never OUTSIDE (I20).
    """
    if is_late(position, at):
        then = side_of(fence, position, position.fixed_at)
        after = _moved_on(before, fence, position, Side.MAYBE if then is Side.INSIDE else then)
        return replace(after, side=Side.UNKNOWN) if after.side is Side.OUTSIDE else after
    return _moved_on(before, fence, position, side_of(fence, position, at))


def _moved_on(before: Zone, fence: Fence, position: Position, side: Side) -> Zone:
    is_beyond = False
    if side is Side.OUTSIDE and _is_in(before.side):
        room = gap_m(fence.area, position) - (accuracy_of(position) or 0.0) - fence.metres
        is_beyond = room >= LEAVE_MARGIN_M
    return zone_of_side(before, side, position.fixed_at, is_beyond=is_beyond)


def zone_of_side(before: Zone, side: Side, fixed_at: datetime, *, is_beyond: bool) -> Zone:
    """Return the zone after a fix that puts him there, as `zone_on_side`; one not newer than the latest changes nothing."""
    if before.latest is not None and fixed_at <= before.latest:
        return before
    return zone_on_side(before, side, fixed_at, is_beyond=is_beyond)


def zone_on_side(before: Zone, side: Side, fixed_at: datetime, *, is_beyond: bool) -> Zone:
    """Return the zone after a fix that puts him there. `is_beyond`: wholly outside, with the margin to spare.

    A stay of which nothing was heard for `STAY_FORGOTTEN_AFTER` is over: a later fix inside begins another.
    """
    if before.latest is not None and fixed_at - before.latest > STAY_FORGOTTEN_AFTER:
        before = Zone()
    after = replace(before, latest=fixed_at)
    if side is Side.UNKNOWN:
        return replace(after, side=before.side if _is_in(before.side) else Side.UNKNOWN)
    if side is Side.OUTSIDE:
        return _outside(after, is_beyond=is_beyond)
    entered = before.since if _is_in(before.side) else fixed_at
    surer = Side.INSIDE if Side.INSIDE in {side, before.side} else Side.MAYBE
    return replace(after, side=surer, since=entered, beyond=0)


def _is_in(side: Side) -> bool:
    return side in {Side.INSIDE, Side.MAYBE}


def _outside(zone: Zone, *, is_beyond: bool) -> Zone:
    if not _is_in(zone.side):
        return replace(zone, side=Side.OUTSIDE, since=None, beyond=0)
    beyond = zone.beyond + 1 if is_beyond else zone.beyond
    if beyond >= LEAVE_AFTER_FIXES:
        return replace(zone, side=Side.OUTSIDE, since=None, beyond=0)
    return replace(zone, beyond=beyond)


def shown(zone: Zone, at: datetime) -> Side:
    """Return what may be said of a fence now: after silence nothing but *unknown* (I20)."""
    is_silent = zone.latest is None or abs(at - zone.latest) > STALE_AFTER
    return Side.UNKNOWN if is_silent else zone.side


def apart(his: Position | None, hers: Position | None, at: datetime) -> Apart:
    """Return how far two people are apart at `at`, from both fixes with their ages and circles, at worst."""
    if his is None or hers is None or is_stale(his, at) or is_stale(hers, at):
        return Apart(None, None)
    circles = (accuracy_of(his), accuracy_of(hers))
    if circles[0] is None or circles[1] is None:
        return Apart(None, None)
    between = metres_between(his, hers)
    blur = (
        circles[0] + circles[1] + _moved(his, at, HIS_SPEED_M_S) + _moved(hers, at, HER_SPEED_M_S)
    )
    at_most = None if his.is_mocked or hers.is_mocked else between + blur
    return Apart(max(0.0, between - blur), math.inf if at_most is None else at_most)


def _moved(position: Position, at: datetime, fastest_m_s: float) -> float:
    age_s = abs((at - position.fixed_at).total_seconds())
    return age_s * max(fastest_m_s, position.speed_m_s or 0.0)


def metres_between(one: Position, other: Position) -> float:
    """Return the great-circle distance of two positions (haversine)."""
    phi, other_phi = math.radians(one.latitude), math.radians(other.latitude)
    d_phi = other_phi - phi
    d_lambda = math.radians(other.longitude - one.longitude)
    a = math.sin(d_phi / 2) ** 2 + math.cos(phi) * math.cos(other_phi) * math.sin(d_lambda / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(a)))


class Fences:
    """Many fences, of which a position is compared only with those that may matter."""

    def __init__(self, fences: Iterable[Fence]) -> None:
        """Index the fences.

        Raises:
            ValueError: more than MAX_FENCES.
        """
        self._fences = tuple(fences)
        if len(self._fences) > MAX_FENCES:
            message = f"more than {MAX_FENCES} fences"
            raise ValueError(message)
        self._tree = _shapely().STRtree([fence.area for fence in self._fences])
        self._widest_m = max((fence.metres for fence in self._fences), default=0.0)

    def near(self, position: Position) -> Sequence[Fence]:
        """Return every fence that this position, its circle and the margin for leaving may touch."""
        reach_m = self._widest_m + (accuracy_of(position) or 0.0) + LEAVE_MARGIN_M
        north = math.degrees(reach_m / EARTH_M)
        east = north / max(0.01, math.cos(math.radians(position.latitude)))
        x, y = position.longitude, position.latitude
        found = self._tree.query(_shapely().box(x - east, y - north, x + east, y + north))
        return [self._fences[number] for number in sorted(found)]

    def sides(self, position: Position, at: datetime) -> Mapping[UUID, Side]:
        """Return where one fix puts him for each fence that is near; all others are OUTSIDE (UNKNOWN if it is stale)."""
        return {fence.id: side_of(fence, position, at) for fence in self.near(position)}
