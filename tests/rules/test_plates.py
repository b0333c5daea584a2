"""Is this plate that plate? What cameras and people mistake, parts, regions, and what cannot be a plate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.decisions.rules.plates import (
    LOOK_ALIKE,
    MISREAD,
    ONE_OFF,
    SAME,
    compare_plates,
    doubt_points,
    region_points,
)
from tocsin.registry.rules.typed import PlateProblem, clean_plate, plate_problem

PLATES = st.text(alphabet="ABDGILOQSZ0123456789", min_size=5, max_size=8)


def like(read: str, known: str) -> tuple[str, int] | None:
    return compare_plates(clean_plate(read), clean_plate(known))


@pytest.mark.parametrize(
    ("read", "known", "code", "points"),
    [
        ("abc-1234", "ABC 1234", "plate_same", SAME),
        ("АВ 1234 С", "AB 1234 C", "plate_same", SAME),
        ("M-Ü 123", "MU123", "plate_same", SAME),
        ("O8C1Z34", "0BC1234", "plate_look_alike", LOOK_ALIKE - 60),
        ("ABC1Z34", "ABC1234", "plate_look_alike", LOOK_ALIKE),
        ("ABC1284", "ABC1234", "plate_misread", MISREAD),
        ("ABC9234", "ABC1234", "plate_one_off", ONE_OFF),
        ("BAC1234", "ABC1234", "plate_swapped", 640),
        ("ABC123", "ABC1234", "plate_part", MISREAD),
        ("C12", "ABC1234", "plate_part", 557),
        ("?BC1234", "ABC1234", "plate_part", MISREAD),
        ("A*34", "ABC1234", "plate_part", 557),
        ("AXC9234", "ABC1234", "plate_two_off", 250),
    ],
)
def test_a_reading_says_in_which_way_it_is_alike(
    read: str, known: str, code: str, points: int
) -> None:
    assert like(read, known) == (code, points)


@pytest.mark.parametrize(
    ("read", "known"),
    [("XYZ9876", "ABC1234"), ("12", "ABC1234"), ("A*", "ABC1234"), ("AB9", "AB1"), ("", "ABC1234")],
)
def test_another_plate_and_too_little_of_one_are_not_alike(read: str, known: str) -> None:
    assert like(read, known) is None


@given(PLATES, PLATES)
def test_a_likeness_is_the_same_from_both_sides(one: str, other: str) -> None:
    assert like(one, other) == like(other, one)


@given(PLATES, st.data())
def test_one_wrong_character_is_always_found(plate: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(plate) - 1))
    wrong = data.draw(st.sampled_from("ACEFHJKMNPRTUVWXY0123456789"))
    found = like(plate[:at] + wrong + plate[at + 1 :], plate)
    assert found is not None
    assert found[1] >= ONE_OFF


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    plate_problem(text)
    compare_plates(clean_plate(text), "ABC1234")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("🚗🚓🚑", PlateProblem.CHARACTERS),
        ("ABC\x00123", PlateProblem.CHARACTERS),
        ("ABC\u200b123", PlateProblem.CHARACTERS),
        ("ABC;DROP", PlateProblem.CHARACTERS),
        ("A", PlateProblem.SHORT),
        ("", PlateProblem.SHORT),
        ("?*?", PlateProblem.SHORT),
        ("A" * 12, None),
        ("A" * 13, PlateProblem.LONG),
        (" " * 21, PlateProblem.LONG),
        ("京A12345", None),
        ("B-MW 1234 E", None),
    ],
)
def test_what_cannot_be_a_plate_is_refused_with_a_reason(text: str, problem: str | None) -> None:
    assert plate_problem(text) == problem


def test_a_plate_that_is_to_be_known_has_no_character_that_nobody_could_read() -> None:
    assert plate_problem("7KL?234", is_read=True) is None
    assert plate_problem("7KL?234", is_read=False) is PlateProblem.CHARACTERS


@pytest.mark.parametrize("text", ["UNKNOWN", "no plate", "N/A", "000 000"])
def test_nobody_s_plate_is_what_readers_write_for_one_that_they_could_not_read(text: str) -> None:
    assert plate_problem(text, is_read=False) is PlateProblem.UNREAD
    assert plate_problem(text) is None
    assert plate_problem("000 001", is_read=False) is None


@pytest.mark.parametrize(
    ("one", "other", "points"),
    [("us-ca", "US CA", 30), ("us", "us-ca", 0), ("", "us-ca", 0), ("us-tx", "us-ca", -200)],
)
def test_another_region_takes_off_and_an_unknown_one_does_not(
    one: str, other: str, points: int
) -> None:
    assert region_points(one, other) == region_points(other, one) == points


def test_the_readers_own_doubt_takes_off_what_it_doubts() -> None:
    assert [doubt_points(score) for score in (1.0, 0.9, 0.8, 0.5)] == [0, 0, -30, -120]
