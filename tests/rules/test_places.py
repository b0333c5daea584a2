"""Can somebody be sent to this place, and does it lie on its site?"""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.registry.rules.address import (
    MAX_LINE,
    Address,
    check,
    from_dict,
    to_dict,
    to_say,
    within,
)
from tocsin.registry.rules.document import DocumentError
from tocsin.registry.rules.places import check_outline, check_place, tasks_of

HARBOUR = Address(
    country="US",
    region="IL",
    city="Samplewater",
    postcode="00000",
    street="Example Quay",
    house_number="100",
    floor="2",
    room="214",
    way_in="east gate",
)
SITE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def codes(address, **site):
    return [(finding.path, finding.level) for finding in check(address, **site)]


def test_a_dispatchable_address_has_nothing_missing():
    assert codes(HARBOUR, storeys=3) == []


@pytest.mark.parametrize(
    ("part", "level", "words"),
    [
        ("street", "error", "The call-taker will ask: what street?"),
        ("house_number", "error", "The call-taker will ask: what number, or next to what?"),
        ("city", "error", "The call-taker will ask: what town?"),
        ("country", "error", "Two capital letters say which country, like US or ES."),
        ("region", "warning", "The state or province is missing."),
        ("postcode", "warning", "The postcode is missing."),
        ("floor", "error", "The call-taker will ask: which of the 3 floors?"),
        ("room", "warning", "The call-taker will ask: which room, or which part of it?"),
        ("way_in", "warning", "The call-taker will ask: which entrance should they use?"),
    ],
)
def test_a_missing_part_is_the_question_that_a_call_taker_would_ask(part, level, words):
    (finding,) = check(replace(HARBOUR, **{part: " "}), storeys=3)
    assert (finding.path, finding.level, finding.words) == (part, level, words)


def test_a_site_of_several_buildings_needs_the_building():
    assert codes(HARBOUR, buildings=2) == [("building", "error")]
    assert codes(replace(HARBOUR, building="B"), buildings=2) == []


def test_a_landmark_stands_in_for_a_house_number():
    rural = replace(HARBOUR, house_number="", near="the white water tower")
    assert codes(rural) == [("house_number", "warning")]


@pytest.mark.parametrize("street", ["PO Box 12", "P.O. Box 12", "Apartado de Correos 3"])
def test_a_post_box_is_no_place(street):
    assert ("street", "error") in codes(replace(HARBOUR, street=street))


@pytest.mark.parametrize("country", ["us", "USA", "U", "ÑÑ", ""])
def test_a_country_is_two_capital_letters(country):
    assert ("country", "error") in codes(replace(HARBOUR, country=country))


def test_a_part_is_one_line_of_at_most_120_characters():
    assert codes(replace(HARBOUR, way_in="x" * MAX_LINE)) == []
    assert codes(replace(HARBOUR, way_in="x" * (MAX_LINE + 1))) == [("way_in", "error")]
    assert codes(replace(HARBOUR, way_in="east\ngate")) == [("way_in", "error")]


def test_a_place_takes_from_its_site_what_it_leaves_out():
    car_park = within(HARBOUR, Address(room="level -1", way_in="ramp"))
    assert car_park == replace(HARBOUR, room="level -1", way_in="ramp")


def test_an_address_is_said_from_the_street_inwards():
    assert to_say(HARBOUR) == (
        "100 Example Quay, Samplewater, IL 00000, floor 2, room 214, way in: east gate"
    )


KEPT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)


@given(st.builds(Address, **dict.fromkeys(("city", "floor", "near"), KEPT)))
def test_any_address_comes_back_exactly_through_json(address):
    assert from_dict(json.loads(json.dumps(to_dict(address)))) == address


def test_an_unknown_part_of_an_address_is_refused():
    with pytest.raises(DocumentError, match="flor: is not a known field"):
        from_dict({"flor": "2"})


def test_an_outline_has_an_area():
    assert check_outline(SITE) == ()
    feature = {"type": "Feature", "geometry": SITE, "properties": None}
    assert check_outline({"type": "FeatureCollection", "features": [feature]}) == ()
    for thin in (
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "FeatureCollection", "features": []},
        {"type": "Feature", "geometry": None, "properties": None},
    ):
        assert [finding.code for finding in check_outline(thin)] == ["no_area"]


def test_a_place_on_the_site_or_on_its_edge_is_inside():
    for point in ([0.5, 0.5], [1, 0.5], [0, 0]):
        assert check_place(SITE, {"type": "Point", "coordinates": point}) == ()


def test_a_place_that_leaves_the_site_is_said_with_the_first_position():
    way = {"type": "LineString", "coordinates": [[0.5, 0.5], [1.5, 0.5], [2, 0.5]]}
    (finding,) = check_place(SITE, way)
    assert finding.level == "warning"
    assert finding.words == "2 of 3 positions are outside of the site, first [1.5, 0.5]."


def test_a_place_in_any_of_several_outlines_is_inside():
    other = [[[5, 5], [6, 5], [6, 6], [5, 6], [5, 5]]]
    both = {"type": "MultiPolygon", "coordinates": [SITE["coordinates"], other]}
    assert check_place(both, {"type": "Point", "coordinates": [5.5, 5.5]}) == ()


def test_an_emergency_call_centre_sees_to_its_doors_its_back_up_and_its_crews():
    assert tasks_of("emergency_call_centre") == ("doors", "backup_centre", "hold_crews")
    assert tasks_of("something new") == tasks_of("workplace")
