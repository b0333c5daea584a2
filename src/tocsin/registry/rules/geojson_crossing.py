"""Does this polygon's outline cross itself, and where?

Positions are whole numbers of 1e-7 degrees (about a centimetre), so that every comparison is exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final

SCALE: Final = 10_000_000
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two sides that meet and should not: (ring, place) of where each starts, and about where."""

    first: tuple[int, int]
    second: tuple[int, int]
    near: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Side:
    ring: int
    place: int
    last: int
    start: Point
    end: Point
    west: int
    east: int
    south: int
    north: int


def _side(ring: int, place: int, last: int, ends: tuple[Point, Point]) -> _Side:
    (ax, ay), (bx, by) = ends
    box = (min(ax, bx), max(ax, bx), min(ay, by), max(ay, by))
    return _Side(ring, place, last, ends[0], ends[1], *box)


def crossings(rings: Sequence[Sequence[Point]]) -> Iterator[Crossing]:
    """Yield where closed rings touch or cross themselves, or cross each other.

    No position may be there twice in a row. Rings may touch each other in a point. Sides are
    compared only where they overlap from west to east.
    """
    sides = sorted(
        (
            _side(ring, place, len(points) - 2, ends)
            for ring, points in enumerate(rings)
            for place, ends in enumerate(pairwise(points))
        ),
        key=lambda side: side.west,
    )
    for index, side in enumerate(sides):
        for other in islice(sides, index + 1, None):
            if other.west > side.east:
                break
            if other.north < side.south or side.north < other.south:
                continue
            if _are_in_conflict(side, other):
                yield Crossing(
                    (side.ring, side.place), (other.ring, other.place), _near(side, other)
                )


def _are_in_conflict(side: _Side, other: _Side) -> bool:
    if side.ring != other.ring:
        return _cross(side, other)
    if abs(side.place - other.place) in {1, side.last}:
        return _fold_back(side, other)
    return _meet(side, other)


def turn(a: Point, b: Point, c: Point) -> int:
    """Return 1 if the way from a over b to c turns left, -1 if right, 0 if it is straight."""
    area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (area > 0) - (area < 0)


def _turns(one: _Side, other: _Side) -> tuple[int, int, int, int]:
    return (
        turn(one.start, one.end, other.start),
        turn(one.start, one.end, other.end),
        turn(other.start, other.end, one.start),
        turn(other.start, other.end, one.end),
    )


def _cross(one: _Side, other: _Side) -> bool:
    a, b, c, d = _turns(one, other)
    return a * b < 0 and c * d < 0


def _meet(one: _Side, other: _Side) -> bool:
    a, b, c, d = _turns(one, other)
    if a * b < 0 and c * d < 0:
        return True
    return (
        (a == 0 and _between(one, other.start))
        or (b == 0 and _between(one, other.end))
        or (c == 0 and _between(other, one.start))
        or (d == 0 and _between(other, one.end))
    )


def _fold_back(one: _Side, other: _Side) -> bool:
    # Neighbours share a position; they are wrong only if one runs back along the other.
    shared = one.end if one.end in {other.start, other.end} else one.start
    a, b = (side.start if side.end == shared else side.end for side in (one, other))
    ahead = (a[0] - shared[0]) * (b[0] - shared[0]) + (a[1] - shared[1]) * (b[1] - shared[1])
    return turn(a, shared, b) == 0 and ahead > 0


def _between(side: _Side, point: Point) -> bool:
    return side.west <= point[0] <= side.east and side.south <= point[1] <= side.north


def _near(one: _Side, other: _Side) -> tuple[float, float]:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = one.start, one.end, other.start, other.end
    across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if across == 0:
        shared = next((p for p in (one.start, one.end) if _between(other, p)), other.start)
        return _degrees(*shared)
    part = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / across
    return _degrees(ax + part * (bx - ax), ay + part * (by - ay))


def _degrees(x: float, y: float) -> tuple[float, float]:
    return round(x / SCALE, 6), round(y / SCALE, 6)


def is_left_turning(ring: Sequence[Point]) -> bool:
    """Return whether a closed ring runs counter-clockwise, as RFC 7946 wants it of an outline."""
    return area_of(ring) > 0


def area_of(ring: Sequence[Point]) -> int:
    """Return twice the signed area of a closed ring; zero if it encloses nothing."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring))


def is_outside(point: Point, ring: Sequence[Point]) -> bool:
    """Return whether the point is strictly outside a closed ring (on its line is not outside)."""
    x, y = point
    is_inside = False
    for a, b in pairwise(ring):
        if turn(a, b, point) == 0 and _between(_side(0, 0, 0, (a, b)), point):
            return False
        if (a[1] > y) != (b[1] > y):
            low, high = (a, b) if a[1] < b[1] else (b, a)
            is_inside ^= turn(low, high, (x, y)) > 0
    return not is_inside
