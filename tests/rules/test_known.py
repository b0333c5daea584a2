"""What is known of him when more becomes known: as much as a door can hold, and not one thing more."""

from dataclasses import replace

import pytest

from tocsin.registry.rules.document import MAX_TEXT
from tocsin.registry.rules.door import (
    MAX_ADDRESSES,
    MAX_BADGES,
    MAX_NAMES,
    MAX_PHONES,
    MAX_PLATES,
    DoorMatch,
    KnownPlate,
    NotADoorDocument,
    from_text,
    to_text,
)
from tocsin.registry.rules.known import added, judge_known
from tocsin.registry.rules.order_document import Respondent

REX = Respondent(name="Rex Notreal")


def some(count: int) -> tuple[str, ...]:
    """Return so many texts, each another."""
    return tuple(f"one {number}" for number in range(count))


def full(**more: int) -> Respondent:
    """Return of whom as much is known as is kept, and so many more of what `more` says."""
    plates = some(MAX_PLATES + more.get("plates", 0))
    return Respondent(
        name="Rex Notreal",
        aliases=some(MAX_NAMES - 1 + more.get("aliases", 0)),
        phones=some(MAX_PHONES + more.get("phones", 0)),
        addresses=some(MAX_ADDRESSES + more.get("addresses", 0)),
        badges=some(MAX_BADGES + more.get("badges", 0)),
        plates=tuple(KnownPlate(text) for text in plates),
        description="t" * (MAX_TEXT + more.get("description", 0)),
        vehicles="v" * (MAX_TEXT + more.get("vehicles", 0)),
    )


def test_as_much_as_is_kept_of_one_person_is_taken() -> None:
    assert list(judge_known(full())) == []


@pytest.mark.parametrize(
    "field", ["aliases", "phones", "addresses", "badges", "plates", "description", "vehicles"]
)
def test_one_more_than_is_kept_is_said_at_its_field(field: str) -> None:
    assert [(one.level, one.path) for one in judge_known(full(**{field: 1}))] == [("error", field)]


def test_two_additions_that_are_short_enough_alone_are_too_long_together() -> None:
    one, two = (
        Respondent(name="", description="t" * 1_200),
        Respondent(name="", description="u" * 1_200),
    )
    known = added(REX, one)
    assert list(judge_known(known)) == []
    assert [one.path for one in judge_known(added(known, two))] == ["description"]


def test_a_name_that_is_known_already_is_not_counted_twice() -> None:
    known = full()
    assert list(judge_known(added(known, replace(REX, aliases=known.aliases)))) == []


@pytest.mark.parametrize(
    ("field", "most"),
    [("names", MAX_NAMES), ("phones", MAX_PHONES), ("badges", MAX_BADGES), ("addresses", MAX_ADDRESSES)],
)  # fmt: skip
def test_what_a_door_could_not_read_back_is_never_written(field: str, most: int) -> None:
    at_most = DoorMatch(**{field: some(most)})  # type: ignore[arg-type]
    assert from_text(to_text(at_most)) == at_most
    with pytest.raises(NotADoorDocument):
        to_text(DoorMatch(**{field: some(most + 1)}))  # type: ignore[arg-type]


def test_nor_is_one_plate_too_many() -> None:
    plates = tuple(KnownPlate(text) for text in some(MAX_PLATES + 1))
    assert from_text(to_text(DoorMatch(plates=plates[1:]))).plates == plates[1:]
    with pytest.raises(NotADoorDocument):
        to_text(DoorMatch(plates=plates))
