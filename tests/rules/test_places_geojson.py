"""Is a drawing of a place taken only if it means what it says?"""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.registry.rules.geojson import MAX_BYTES, MAX_FINDINGS, MAX_POSITIONS, judge, read
from tocsin.registry.rules.geojson_crossing import is_left_turning

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
SAMPLES = Path(__file__).parents[3] / "shared" / "testdata" / "geojson"
# We differ from the samples' own verdict here, each for a reason.
TOLERATED = {
    "bad-polygon-interiorring-rhr.geojson": "winding is put right",
    "excessive_precision_truncated.geojson": "positions are rounded to 1e-7 degrees",
}
STRICTER = {"issue82.geojson": "a latitude of -107 degrees is nowhere"}


def a_polygon(*rings):
    return {"type": "Polygon", "coordinates": [list(ring) for ring in rings]}


def a_ring(count, radius=1.0):
    """Return a closed ring of `count` positions around the origin."""
    around = [2 * math.pi * place / (count - 1) for place in range(count - 1)]
    points = [[radius * math.cos(angle), radius * math.sin(angle)] for angle in around]
    return [*points, points[0]]


def problems(value):
    return [(finding.path, finding.words) for finding in judge(value).findings]


def codes(value):
    return [(finding.path, finding.code) for finding in judge(value).findings]


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Point", "coordinates": [-87.6, 41.9]},
        {"type": "Point", "coordinates": [-87.6, 41.9, 181.5]},
        {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]]},
        a_polygon(SQUARE),
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        {"type": "Feature", "geometry": None, "properties": {"floor": 2}},
        {"type": "FeatureCollection", "features": []},
    ],
)
def test_good_geojson_comes_back_unchanged(value):
    assert judge(value).findings == ()
    assert judge(value).value == value


def test_a_clockwise_outline_and_a_counter_clockwise_hole_are_turned_round():
    hole = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8], [0.2, 0.2]]
    drawn = judge(a_polygon(SQUARE[::-1], hole)).value
    assert drawn["coordinates"] == [SQUARE, hole[::-1]]


def test_positions_are_rounded_to_a_centimetre():
    drawn = judge({"type": "Point", "coordinates": [1.00000000049, 2.123456789]}).value
    assert drawn["coordinates"] == [1.0, 2.1234568]


def test_a_position_given_twice_in_a_row_counts_once():
    assert judge(a_polygon([SQUARE[0], *SQUARE])).value == a_polygon(SQUARE)


@pytest.mark.parametrize(
    ("coordinates", "path", "words"),
    [
        ([-87.6], "coordinates", "two or three numbers"),
        ([0, 0, 0, 0], "coordinates", "two or three numbers"),
        (["0", 0], "coordinates", "numbers only"),
        ([True, 0], "coordinates", "numbers only"),
        ([math.nan, 0], "coordinates", "numbers only"),
        ([10**400, 0], "coordinates", "numbers only"),
        ([180.001, 0], "coordinates[0]", "Longitude 180.001 is not"),
        ([41.9, -90.1], "coordinates[1]", "longitude comes first"),
        (None, "coordinates", "two or three numbers"),
    ],
)
def test_a_position_that_is_nowhere_is_refused_with_its_place(coordinates, path, words):
    ((where, said),) = problems({"type": "Point", "coordinates": coordinates})
    assert where == path
    assert words in said


def test_a_bow_tie_of_two_equal_halves_is_said_to_cross_itself() -> None:
    tie = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    ((where, said),) = problems({"type": "Polygon", "coordinates": [tie]})
    assert where == "coordinates[0][0]"
    assert "Meets the side that starts at coordinates[0][2] near [0.5, 0.5]" in said


@pytest.mark.parametrize(
    ("ring", "path", "words"),
    [
        (SQUARE[:3], "coordinates[0]", "at least four positions; this one has 3"),
        (SQUARE[:4], "coordinates[0]", "ends where it began"),
        ([[0, 0], [1, 1], [2, 2], [0, 0]], "coordinates[0]", "encloses nothing"),
        ("ring", "coordinates[0]", "not a list of positions"),
    ],
)
def test_a_ring_that_encloses_nothing_is_refused(ring, path, words):
    ((where, said),) = problems({"type": "Polygon", "coordinates": [ring]})
    assert where == path
    assert words in said


def test_an_outline_that_crosses_itself_is_refused_and_the_place_said():
    bow_tie = a_polygon([[0, 0], [2, 2], [2, 0], [0, 1], [0, 0]])
    ((path, words),) = problems(bow_tie)
    assert path == "coordinates[0][0]"
    assert words == "Meets the side that starts at coordinates[0][2] near [0.666667, 0.666667]."


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [2, 0], [1, 1], [2, 2], [0, 2], [1, 1], [0, 0]],  # two parts that hang by a point
        [[0, 0], [4, 0], [4, 2], [2, 2], [2, 5], [2, 2], [0, 2], [0, 0]],  # a thorn
        [[0, 0], [4, 0], [4, 2], [2, 0], [0, 2], [0, 0]],  # touches its own base
    ],
)
def test_an_outline_that_touches_itself_is_refused(ring):
    assert "crossing" in {code for _, code in codes(a_polygon(ring))}


def test_a_hole_is_inside_and_crosses_nothing():
    outside = [[5, 5], [6, 5], [6, 6], [5, 6], [5, 5]]
    across = [[0.5, 0.5], [2, 0.5], [2, 0.6], [0.5, 0.6], [0.5, 0.5]]
    corner = [[0, 0], [0.5, 0.2], [0.2, 0.5], [0, 0]]
    assert codes(a_polygon(SQUARE, outside)) == [("coordinates[1]", "hole")]
    assert {code for _, code in codes(a_polygon(SQUARE, across))} == {"crossing", "hole"}
    assert codes(a_polygon(SQUARE, corner)) == []


def test_a_side_across_the_antimeridian_is_refused():
    ring = [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
    assert ("coordinates[0][0]", "antimeridian") in codes(a_polygon(ring))


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, ""),
        ([], ""),
        ({}, "type"),
        ({"type": ["Point"]}, "type"),
        ({"type": "GeometryCollection", "geometries": []}, "geometries"),
        ({"type": "Feature", "geometry": None, "properties": []}, "properties"),
        ({"type": "Feature", "properties": {}}, "geometry"),
        ({"type": "Feature", "geometry": None, "id": {}}, "id"),
        ({"type": "Feature", "geometry": None, "id": True}, "id"),
        ({"type": "FeatureCollection"}, "features"),
        ({"type": "FeatureCollection", "features": [{"type": "Point"}]}, "features[0].type"),
        ({"type": "Point", "coordinates": [0, 0], "crs": {}}, "crs"),
        ({"type": "Point", "coordinates": [0, 0], "bbox": [0, 0, "1", 1]}, "bbox"),
    ],
)
def test_what_is_no_geojson_is_refused_with_its_place(value, path):
    assert path in {where for where, _ in problems(value)}


def test_a_drawing_has_at_most_two_thousand_positions():
    assert judge(a_polygon(a_ring(MAX_POSITIONS))).findings == ()
    (finding,) = judge(a_polygon(a_ring(MAX_POSITIONS + 1))).findings
    assert (finding.code, finding.path) == ("too_many", f"coordinates[0][{MAX_POSITIONS}]")


def test_a_thousand_mistakes_are_reported_as_fifty():
    broken = {"type": "MultiPoint", "coordinates": [["x", 0]] * 1000}
    assert len(judge(broken).findings) == MAX_FINDINGS


def test_a_file_is_at_most_256_kilobytes_large():
    text = json.dumps(a_polygon(SQUARE)).encode()
    assert read(text + b" " * (MAX_BYTES - len(text))).value
    assert [one.code for one in read(text + b" " * MAX_BYTES).findings] == ["too_large"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"type": "Point", "type": "Point", "coordinates": [0, 0]}',
        b'{"type": "Point", "coordinates": [NaN, 0]}',
        b'{"type": "Point", "coordinates": [' + b"9" * 5000 + b", 0]}",
    ],
)
def test_a_file_that_is_no_json_is_refused(raw):
    assert [finding.code for finding in read(raw).findings] == ["json"]


def test_a_byte_order_mark_is_no_mistake():
    assert read(b'\xef\xbb\xbf{"type": "Point", "coordinates": [0, 0]}').value


NAMES = st.sampled_from(["type", "coordinates", "geometry", "features", "properties", "bbox"])
KINDS = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "Feature"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner | KINDS, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_no_json_whatever_makes_the_reader_fail(value):
    result = judge(value)
    assert (result.value is None) == bool(result.findings)


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(list), min_size=3, max_size=8)
)
def test_whatever_is_taken_is_taken_again_and_runs_counter_clockwise(points):
    drawn = judge(a_polygon([*points, points[0]])).value
    if drawn is not None:
        assert judge(drawn).value == drawn
        exact = [(round(x * 10**7), round(y * 10**7)) for x, y in drawn["coordinates"][0]]
        assert is_left_turning(exact)


def sample(kind):
    found = sorted((SAMPLES / kind).glob("*.geojson"))
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=f"{SAMPLES} is not here"))]


@pytest.mark.parametrize("path", sample("good"), ids=lambda path: getattr(path, "name", "none"))
def test_the_good_samples_of_others_are_taken(path):
    assert (read(path.read_bytes()).findings == ()) == (path.name not in STRICTER)


@pytest.mark.parametrize("path", sample("bad"), ids=lambda path: getattr(path, "name", "none"))
def test_the_bad_samples_of_others_are_refused(path):
    assert (read(path.read_bytes()).findings != ()) == (path.name not in TOLERATED)
