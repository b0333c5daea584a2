"""Is this drawing of a place good GeoJSON (RFC 7946), and if not, where exactly not?

Taken: every geometry but collections of geometries, alone, in a Feature or in a FeatureCollection.
Winding is tolerated and put right, positions are rounded to 1e-7 degrees and repeated ones
dropped. Refused with the JSON path: everything that would put a place somewhere else than meant.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NoReturn

from tocsin.registry.rules.findings import Finding, error
from tocsin.registry.rules.geojson_crossing import (
    SCALE,
    Point,
    area_of,
    crossings,
    is_left_turning,
    is_outside,
)

MAX_BYTES: Final = 256 * 1024
MAX_POSITIONS: Final = 2_000
MAX_FINDINGS: Final = 50
PLACES: Final = 7
POINT_NUMBERS: Final = (2, 3)
RING_POSITIONS: Final = 4
BBOX_NUMBERS: Final = (4, 6)
MAX_WHOLE: Final = 2**53
HALF_TURN: Final = 180 * SCALE
# Members that mean something on another type only: RFC 7946, 7.1 forbids them here.
_GEOMETRY_BANS: Final = frozenset({"geometry", "properties", "features", "geometries", "crs"})
_FEATURE_BANS: Final = frozenset({"coordinates", "geometries", "features", "crs"})
_COLLECTION_BANS: Final = frozenset({"coordinates", "geometries", "geometry", "properties", "crs"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a drawing: the normalised value, or None and at most 50 findings."""

    value: dict[str, Any] | None
    findings: tuple[Finding, ...]


class _FullError(Exception):
    """Enough is wrong to stop reading."""


@dataclass(slots=True)
class _Notes:
    """What is found while reading."""

    findings: list[Finding] = field(default_factory=list)
    positions: int = 0

    def wrong(self, path: str, words: str, code: str = "geojson") -> None:
        self.findings.append(error(code, path, words))
        if len(self.findings) >= MAX_FINDINGS:
            raise _FullError

    def one_more(self, path: str) -> None:
        self.positions += 1
        if self.positions > MAX_POSITIONS:
            self.wrong(path, f"There are more than {MAX_POSITIONS} positions.", "too_many")
            raise _FullError


def read(raw: bytes) -> Judged:
    """Return what came of an uploaded file: UTF-8, at most 256 KB, no name twice in an object."""
    if len(raw) > MAX_BYTES:
        return _refused("too_large", f"It is larger than {MAX_BYTES // 1024} KB.")
    try:
        value = json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except RecursionError:
        return _refused("json", "It is nested too deeply.")
    except ValueError as problem:
        return _refused("json", f"It is no JSON: {str(problem)[:200]}.")
    return judge(value)


def _refused(code: str, words: str) -> Judged:
    return Judged(None, (error(code, "", words),))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "one object has the same name twice"
        raise ValueError(message)
    return found


def _no_constant(text: str) -> NoReturn:
    message = f"{text} is no number"
    raise ValueError(message)


def judge(value: object) -> Judged:
    """Return what came of a parsed GeoJSON value."""
    notes = _Notes()
    result = None
    with suppress(_FullError):
        result = _anything(value, notes)
    return Judged(None if notes.findings else result, tuple(notes.findings))


def _anything(value: object, notes: _Notes) -> dict[str, Any]:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "FeatureCollection":
        return _collection(_object(value, "", _COLLECTION_BANS, notes), notes)
    if kind == "Feature":
        return _feature(value, "", notes)
    return _geometry(value, "", notes)


def _object(value: object, path: str, bans: frozenset[str], notes: _Notes) -> dict[str, Any]:
    if not isinstance(value, dict):
        notes.wrong(path, "This is not an object.")
        return {}
    for name in sorted(bans & value.keys()):
        notes.wrong(_at(path, name), f"A {_word(value.get('type'))} has no {name}.")
    if "bbox" in value:
        _bbox(value["bbox"], _at(path, "bbox"), notes)
    return value


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _bbox(value: object, path: str, notes: _Notes) -> None:
    is_list = isinstance(value, list) and len(value) in BBOX_NUMBERS
    if not is_list or not all(_is_number(number) for number in value):  # type: ignore[attr-defined]
        notes.wrong(path, "A bbox is four or six numbers.")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # A whole number of a thousand digits is JSON too, and no float.
    return math.isfinite(value) if isinstance(value, float) else abs(value) < MAX_WHOLE


def _word(value: object) -> str:
    return value[:40] if isinstance(value, str) else "value without a type"


def _collection(value: dict[str, Any], notes: _Notes) -> dict[str, Any]:
    features = value.get("features")
    if not isinstance(features, list):
        notes.wrong("features", "A FeatureCollection has a list of features.")
        return {}
    found = [_feature(one, f"features[{index}]", notes) for index, one in enumerate(features)]
    return _kept(value) | {"features": found}


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in ("type", "id", "bbox", "properties") if name in value}


def _feature(value: object, path: str, notes: _Notes) -> dict[str, Any]:
    feature = _object(value, path, _FEATURE_BANS, notes)
    if not feature:
        return {}
    if feature.get("type") != "Feature":
        notes.wrong(_at(path, "type"), "This is not a Feature.")
    identity = feature.get("id", "")
    if isinstance(identity, bool) or not isinstance(identity, str | int | float):
        notes.wrong(_at(path, "id"), "An id is a text or a number.")
    if not isinstance(feature.get("properties", 0), dict | None):
        notes.wrong(_at(path, "properties"), "Properties are an object or null.")
    if "geometry" not in feature:
        notes.wrong(_at(path, "geometry"), "A Feature has a geometry, or null.")
        return {}
    geometry = feature["geometry"]
    drawn = None if geometry is None else _geometry(geometry, _at(path, "geometry"), notes)
    return _kept(feature) | {"geometry": drawn}


def _geometry(value: object, path: str, notes: _Notes) -> dict[str, Any]:
    geometry = _object(value, path, _GEOMETRY_BANS, notes)
    kind = geometry.get("type")
    draw = _DRAW.get(kind) if isinstance(kind, str) else None
    if draw is None:
        if isinstance(value, dict):
            words = f"{_word(kind)!r} is none of {', '.join(_DRAW)}."
            notes.wrong(_at(path, "type"), words)
        return {}
    drawn = draw(geometry.get("coordinates"), _at(path, "coordinates"), notes)
    return _kept(geometry) | {"coordinates": drawn}


def _list(value: object, path: str, what: str, notes: _Notes) -> Iterator[tuple[object, str]]:
    if not isinstance(value, list):
        notes.wrong(path, f"This is not a list of {what}.")
        return
    for index, one in enumerate(value):
        yield one, f"{path}[{index}]"


def _position(value: object, path: str, notes: _Notes) -> list[float]:
    notes.one_more(path)
    if not isinstance(value, list) or len(value) not in POINT_NUMBERS:
        notes.wrong(path, "A position is two or three numbers: longitude, latitude, height.")
        return []
    if not all(_is_number(number) for number in value):
        notes.wrong(path, "A position is made of numbers only.")
        return []
    if not -180 <= value[0] <= 180:
        notes.wrong(f"{path}[0]", f"Longitude {value[0]:.7g} is not from -180 to 180.", "range")
    if not -90 <= value[1] <= 90:
        words = f"Latitude {value[1]:.7g} is not from -90 to 90 (longitude comes first)."
        notes.wrong(f"{path}[1]", words, "range")
    return [round(number, PLACES) for number in value]


def _positions(value: object, path: str, notes: _Notes) -> list[list[float]]:
    return [_position(one, at, notes) for one, at in _list(value, path, "positions", notes)]


def _line(value: object, path: str, notes: _Notes) -> list[list[float]]:
    line = _without_repeats(_positions(value, path, notes))
    if isinstance(value, list) and len(line) < 2:
        notes.wrong(path, "A line has at least two different positions.")
    _no_long_jump(line, path, notes)
    return line


def _without_repeats(positions: list[list[float]]) -> list[list[float]]:
    return positions[:1] + [
        after for before, after in pairwise(positions) if after[:2] != before[:2]
    ]


def _no_long_jump(line: list[list[float]], path: str, notes: _Notes) -> None:
    for index, (before, after) in enumerate(pairwise(_exact(line))):
        if abs(before[0] - after[0]) > HALF_TURN:
            words = "This side goes more than half around the earth: cut it at the antimeridian."
            notes.wrong(f"{path}[{index}]", words, "antimeridian")


def _exact(positions: list[list[float]]) -> list[Point]:
    return [(round(one[0] * SCALE), round(one[1] * SCALE)) for one in positions if one]


def _is_flat(ring: list[Point]) -> bool:
    """Return whether all points lie in one line. A bow-tie of two equal halves does not, and crosses itself."""
    return all(area_of([ring[0], one, other, ring[0]]) == 0 for one, other in pairwise(ring))


def _ring(value: object, path: str, notes: _Notes) -> list[list[float]]:
    known = len(notes.findings)
    given = _positions(value, path, notes)
    if len(notes.findings) > known:
        return []
    if len(given) < RING_POSITIONS:
        notes.wrong(path, f"A ring has at least four positions; this one has {len(given)}.")
    elif given[0] != given[-1]:
        notes.wrong(path, "A ring ends where it began; this one is open.", "open_ring")
    elif _is_flat(_exact(given)):
        notes.wrong(path, "This ring encloses nothing.", "empty_ring")
    _no_long_jump(given, path, notes)
    return _without_repeats(given)


def _polygon(value: object, path: str, notes: _Notes) -> list[list[list[float]]]:
    known = len(notes.findings)
    rings = [_ring(one, at, notes) for one, at in _list(value, path, "rings", notes)]
    if len(notes.findings) > known:
        return []
    if not rings:
        notes.wrong(path, "A polygon has an outline.")
        return []
    exact = [_exact(ring) for ring in rings]
    for meeting in crossings(exact):
        (ring, side), (other_ring, other_side) = meeting.first, meeting.second
        where = f"[{meeting.near[0]}, {meeting.near[1]}]"
        words = f"Meets the side that starts at {path}[{other_ring}][{other_side}] near {where}."
        notes.wrong(f"{path}[{ring}][{side}]", words, "crossing")
    for index, hole in enumerate(exact[1:], start=1):
        if any(is_outside(point, exact[0]) for point in hole):
            notes.wrong(f"{path}[{index}]", "This hole is outside of the outline.", "hole")
    # RFC 7946, 3.1.6: the outline counter-clockwise, holes clockwise.
    return [
        ring if is_left_turning(points) == (index == 0) else ring[::-1]
        for index, (ring, points) in enumerate(zip(rings, exact, strict=True))
    ]


def _many(
    draw: Callable[[object, str, _Notes], list[Any]], what: str
) -> Callable[[object, str, _Notes], list[Any]]:
    def read_each(value: object, path: str, notes: _Notes) -> list[Any]:
        return [draw(one, at, notes) for one, at in _list(value, path, what, notes)]

    return read_each


_DRAW: Final[Mapping[str, Callable[[object, str, _Notes], list[Any]]]] = {
    "Point": _position,
    "MultiPoint": _positions,
    "LineString": _line,
    "MultiLineString": _many(_line, "lines"),
    "Polygon": _polygon,
    "MultiPolygon": _many(_polygon, "polygons"),
}
