"""What kinds of sites are there, what has to be done at each, and does a place lie on its site?"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tocsin.registry.rules.findings import Finding, error, warning
from tocsin.registry.rules.geojson import judge
from tocsin.registry.rules.geojson_crossing import SCALE, Point, is_outside
from tocsin.registry.rules.policy import EMERGENCY_CALL_CENTRE

WORKPLACE: Final = "workplace"


DOORS: Final = "doors"
SHELTER: Final = "shelter"
BACK_UP_CENTRE: Final = "backup_centre"
HOLD_CREWS: Final = "hold_crews"
_TASKS: Final[Mapping[str, tuple[str, ...]]] = {
    WORKPLACE: (DOORS, SHELTER),
    # Those who take emergency calls go on taking them: what is asked of the site is that it keeps
    # working.
    EMERGENCY_CALL_CENTRE: (DOORS, BACK_UP_CENTRE, HOLD_CREWS),
}


def tasks_of(site_kind: str) -> tuple[str, ...]:
    """Return what has to be seen to at a site of this kind while an incident is open; an unknown kind is a workplace."""
    return _TASKS.get(site_kind, _TASKS[WORKPLACE])


def check_outline(outline: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what keeps normalised GeoJSON (`geojson.judge`) from being an outline: no area."""
    if not outlines_of(outline):
        return (error("no_area", "type", "An outline is a polygon; this has no area."),)
    return ()


def check_drawn(drawn: Mapping[str, Any], metres: int | None) -> tuple[Finding, ...]:
    """Return what keeps normalised GeoJSON from saying where somebody must not be; `metres`: to keep from it, if told.

    A point or a way is enough with a distance; without one only an area is.
    """
    if next(_points(drawn), None) is None:
        return (error("no_position", "", "Nothing is drawn in this."),)
    if not metres and not outlines_of(drawn):
        words = "A point or a line needs a distance; draw a polygon, or name one place with its distance."
        return (error("no_area", "type", words),)
    return ()


def check_somewhere(drawn: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what keeps normalised GeoJSON from being a place: nothing is drawn in it."""
    return check_drawn(drawn, 1)


def is_off_site(outline: object, drawn: object) -> bool:
    """Return whether a place lies outside of its site's outline; what is no GeoJSON (of before it was checked) does not."""
    ground, place = judge(outline).value, judge(drawn).value
    return ground is not None and place is not None and bool(check_place(ground, place))


def check_place(outline: Mapping[str, Any], drawn: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return where a place lies outside of its site's outline; both are normalised GeoJSON.

    A warning only: a car park across the street is the site's as well. One finding says how many
    positions.
    """
    rings = outlines_of(outline)
    points = list(_points(drawn))
    outside = [point for point in points if all(is_outside(point, ring) for ring in rings)]
    if not rings or not outside:
        return ()
    where = f"[{outside[0][0] / SCALE}, {outside[0][1] / SCALE}]"
    words = f"{len(outside)} of {len(points)} positions are outside of the site, first {where}."
    return (warning("outside", "geometry", words),)


def outlines_of(value: Mapping[str, Any]) -> list[list[Point]]:
    """Return the outer rings of normalised GeoJSON, as whole numbers of 1e-7 degrees."""
    found = []
    for geometry in _geometries(value):
        if geometry["type"] == "Polygon":
            found.append(_ring(geometry["coordinates"][0]))
        elif geometry["type"] == "MultiPolygon":
            found += [_ring(polygon[0]) for polygon in geometry["coordinates"]]
    return found


def _geometries(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if value["type"] == "FeatureCollection":
        for feature in value["features"]:
            yield from _geometries(feature)
    elif value["type"] == "Feature":
        if value["geometry"] is not None:
            yield value["geometry"]
    else:
        yield value


def _ring(positions: list[list[float]]) -> list[Point]:
    return [_point(position) for position in positions]


def _point(position: list[float]) -> Point:
    return round(position[0] * SCALE), round(position[1] * SCALE)


def _points(value: Mapping[str, Any]) -> Iterator[Point]:
    for geometry in _geometries(value):
        yield from _flat(geometry["coordinates"])


def _flat(coordinates: list[Any]) -> Iterator[Point]:
    if coordinates and not isinstance(coordinates[0], list):
        yield _point(coordinates)
        return
    for inner in coordinates:
        yield from _flat(inner)
