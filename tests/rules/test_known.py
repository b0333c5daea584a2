"""What is known of him when more becomes known: as much as a door can hold, and not one thing more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests import cast
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
from tocsin.registry.rules.known import (
    added,
    agreed_not_his,
    asked_not_his,
    doubted,
    judge_known,
)
from tocsin.registry.rules.not_his import MAX_NOT_HIS, NotHis, Sign, SignKind
from tocsin.registry.rules.order_document import (
    Respondent,
    respondent_from_dict,
    respondent_to_dict,
)

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


AT = datetime(2025, 11, 3, 8, tzinfo=UTC)
WEEK = timedelta(days=7)
ONE, TWO = cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id
BADGE = Sign(SignKind.BADGE, "0042")
PLATE = Sign(SignKind.PLATE, "ABC 123", "US-TX")
HIM = Respondent(
    name="Rex Notreal", badges=("0042", "43"), plates=(KnownPlate("ABC 123", "US-TX"),)
)


def test_what_one_says_is_not_his_any_more_is_doubted_and_taken_from_no_door() -> None:
    asked = asked_not_his(HIM, BADGE, ONE, AT)
    assert (asked.badges, asked.plates) == (HIM.badges, HIM.plates)
    assert doubted(asked, AT) == (BADGE,)
    assert doubted(asked, AT + WEEK - timedelta(seconds=1)) == (BADGE,)
    assert doubted(asked, AT + WEEK) == ()


def test_what_a_second_agrees_to_is_not_his_and_who_said_so_stays() -> None:
    done = agreed_not_his(asked_not_his(HIM, PLATE, ONE, AT), PLATE, TWO, AT + WEEK / 2)
    assert (done.badges, done.plates) == (HIM.badges, ())
    assert done.not_his == (NotHis(PLATE, AT, ONE, AT + WEEK / 2, TWO),)
    assert respondent_from_dict(respondent_to_dict(done)) == done


def test_whoever_says_again_that_it_is_his_ends_the_wish_and_brings_it_back() -> None:
    asked = asked_not_his(HIM, BADGE, ONE, AT)
    assert added(asked, Respondent(name="", badges=("0042",))).not_his == ()
    gone = agreed_not_his(asked, BADGE, TWO, AT)
    back = added(gone, Respondent(name="", badges=("0042",)))
    assert (back.badges, doubted(back, AT)) == (("43", "0042"), ())
    assert back.not_his == gone.not_his


def test_a_wish_stands_in_the_place_of_the_one_before_and_so_many_are_kept() -> None:
    again = asked_not_his(asked_not_his(HIM, BADGE, ONE, AT), BADGE, TWO, AT + WEEK)
    assert again.not_his == (NotHis(BADGE, AT + WEEK, TWO),)
    many = HIM
    for number in range(MAX_NOT_HIS + 1):
        many = asked_not_his(many, Sign(SignKind.BADGE, str(number)), ONE, AT)
    assert [one.sign.text for one in many.not_his[:: MAX_NOT_HIS - 1]] == ["1", str(MAX_NOT_HIS)]


def test_a_process_that_is_older_reads_every_case_of_which_nothing_is_doubted() -> None:
    assert "not_his" not in respondent_to_dict(HIM)
    assert "doubted" not in to_text(DoorMatch(badges=HIM.badges))
    match = DoorMatch(badges=HIM.badges, plates=HIM.plates, doubted_badges=("43",), doubted_plates=HIM.plates)  # fmt: skip
    assert from_text(to_text(match)) == match
