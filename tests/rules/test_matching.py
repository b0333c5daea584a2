"""Whom may this be, how sure is it, and why? Certain only by what singles out; everything else goes to a person."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import plate_noise
from tests.cast import HARBOUR_EMS
from tocsin.decisions.index import MAX_CANDIDATES, MAX_MATCHES, Index
from tocsin.decisions.rules import born, matching, names, plates
from tocsin.decisions.rules.born import Born, compare_born
from tocsin.decisions.rules.matching import (
    CERTAIN_FROM,
    POSSIBLE_FROM,
    Certainty,
    Entry,
    match_entry,
    match_person,
)
from tocsin.registry.rules.door import DoorMatch, KnownPlate, NotADoorDocument, from_text, to_text
from tocsin.signals.rules.seen import PlateRead, Seen, Source

AT = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
REX = Entry(
    case_id=UUID(int=1),
    names=("Rex Fielding", "Rexy"),
    born_on=date(1986, 4, 9),
    phones=("+13125550142",),
    badges=("00471",),
    plates=(KnownPlate("7KLM234", "US-CA"),),
    fleet_plates=(KnownPlate("CTY 0456", "US-IL"),),
)


def seen(**said: object) -> Seen:
    return Seen(
        organisation_id=HARBOUR_EMS, source=Source.DESK, track="t1", seen_at=AT, heard_at=AT, **said
    )  # type: ignore[arg-type]


def plate(text: str, score: float = 1.0, region: str = "") -> Seen:
    return seen(plates=(PlateRead(text, score, region),))


@pytest.mark.parametrize(
    "said",
    [
        seen(name="Rex Fielding", born_on=date(1986, 4, 9)),
        seen(name="FIELDING, Rex", phone="+1 (312) 555-0142"),
        seen(badge="471"),
        plate("7klm 234"),
        plate("7KLM234", region="us-ca"),
    ],
)
def test_what_singles_out_one_person_or_vehicle_is_certain(said: Seen) -> None:
    match = match_entry(said, REX)
    assert match is not None
    assert match.certainty is Certainty.CERTAIN


@pytest.mark.guarantee("I14")
@pytest.mark.parametrize(
    "said",
    [
        seen(name="Rex Fielding"),
        seen(name="Rex"),
        seen(name="Rexy"),
        seen(name="Rex Feilding", born_on=date(1986, 4, 9)),
        seen(name="Rex Fielding", born_on=date(1986, 9, 4)),
        seen(name="Rex Fielding", born_on=date(1986, 4, 8)),
        seen(name="Rex Fielding", born_year=1986),
        seen(name="Rex Fielding", born_on=date(1971, 12, 25)),
        seen(name="Ann Fielding", born_on=date(1986, 4, 9)),
        seen(phone="312 555 0142"),
        plate("7KLM2E4"),
        plate("7KLM234", region="us-tx"),
        plate("7KLM234", score=0.6),
        plate("KLM2"),
        plate("7KIM234"),
        plate("CTY 0456"),
        seen(name="Rex", plates=(PlateRead("7KLM2E4"),), phone="3125550142"),
    ],
)
def test_an_uncertain_match_is_possible_and_is_neither_dropped_nor_certain(said: Seen) -> None:
    match = match_entry(said, REX)
    assert match is not None
    assert match.certainty is Certainty.POSSIBLE
    assert match.score >= POSSIBLE_FROM


@pytest.mark.parametrize(
    "said",
    [
        seen(name="Gus Moreno"),
        seen(name="Ann Fielding"),
        seen(born_on=date(1986, 4, 9)),
        seen(badge="472"),
        seen(phone="312 555 0199"),
        plate("8XYZ999"),
        seen(),
    ],
)
def test_less_than_the_floor_is_no_entry_found(said: Seen) -> None:
    assert match_entry(said, REX) is None


def test_a_match_is_the_sum_of_its_parts() -> None:
    match = match_person(
        seen(name="Bill Smith", born_on=date(1986, 9, 4)), replace(REX, names=("William Smith",))
    )
    assert match is not None
    assert match.parts == (("name_same", 290), ("name_nickname", 269), ("born_swapped", 250))
    assert match.score == 809


def test_the_likest_of_several_candidates_of_a_reader_counts() -> None:
    said = seen(
        plates=(PlateRead("7KLM2S4", 0.95), PlateRead("7KLM234", 0.92), PlateRead("7KLM294", 0.4))
    )
    match = match_entry(said, REX)
    assert match is not None
    assert match.parts == (("plate_same", 950),)


def test_a_vehicle_of_the_employer_is_never_certain_since_others_have_its_keys() -> None:
    match = match_entry(seen(plates=(PlateRead("CTY0456", 1.0, "US-IL"),)), REX)
    assert match is not None
    assert match.certainty is Certainty.POSSIBLE
    assert match.parts[0] == ("fleet_same", 600)


def test_a_badge_that_may_be_somebody_else_s_by_now_is_possible_and_never_certain() -> None:
    him = replace(REX, badges=("0042", "815"), doubted_badges=("0042",))
    match = match_person(seen(badge="42"), him)
    assert match is not None
    assert (match.certainty, match.parts) == (Certainty.POSSIBLE, (("badge_doubted", 700),))
    sure = match_person(seen(badge="815"), him)
    assert sure is not None
    assert sure.certainty is Certainty.CERTAIN
    # Entered in another writing too, of which nobody doubts it.
    twice = match_person(seen(badge="42"), replace(him, badges=("0042", "42")))
    assert twice is not None
    assert twice.certainty is Certainty.CERTAIN


def test_a_plate_that_may_be_sold_is_possible_and_never_certain() -> None:
    (plate_known, *_) = REX.plates
    him = replace(REX, doubted_plates=(plate_known,))
    said = seen(plates=(PlateRead(plate_known.text, 1.0, plate_known.region),))
    before, now = match_entry(said, REX), match_entry(said, him)
    assert before is not None
    assert now is not None
    assert (before.certainty, now.certainty) == (Certainty.CERTAIN, Certainty.POSSIBLE)
    assert now.parts[0] == ("plate_doubted", 700)


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (date(1986, 4, 9), date(1986, 4, 9), "born_same"),
        (date(1986, 4, 9), date(1986, 9, 4), "born_swapped"),
        (date(1986, 4, 9), date(1985, 4, 9), "born_digit"),
        (date(1986, 4, 19), date(1986, 4, 9), "born_digit"),
        (date(1968, 4, 9), date(1986, 4, 9), "born_digit"),
        (date(1974, 4, 9), date(1986, 4, 9), "born_day_month"),
        (date(1986, 11, 30), date(1986, 4, 9), "born_year"),
        (date(1971, 11, 30), date(1986, 4, 9), "born_other"),
    ],
)
def test_birth_dates_are_alike_as_people_write_them_wrongly(
    one: date, other: date, code: str
) -> None:
    assert compare_born(Born(one), Born(other)) == compare_born(Born(other), Born(one))
    assert (compare_born(Born(one), Born(other)) or ("",))[0] == code


def test_a_year_alone_agrees_or_not_and_nothing_known_says_nothing() -> None:
    assert compare_born(Born(year=1986), Born(date(1986, 4, 9))) == ("born_year", 120)
    assert compare_born(Born(year=1985), Born(date(1986, 4, 9))) == ("born_other", -120)
    assert compare_born(Born(), Born(date(1986, 4, 9))) is None


AGREEING = (
    {"name": "Rex Fielding"},
    {"born_on": date(1986, 4, 9)},
    {"phone": "+13125550142"},
    {"badge": "471"},
    {"plates": (PlateRead("7KLM234", 1.0, "us-ca"),)},
)


@given(st.sets(st.integers(0, 4)), st.integers(0, 4))
def test_more_that_agrees_never_lowers_a_score_nor_its_certainty(some: set[int], more: int) -> None:
    less = match_entry(seen(**{k: v for i in some for k, v in AGREEING[i].items()}), REX)
    added = match_entry(seen(**{k: v for i in some | {more} for k, v in AGREEING[i].items()}), REX)
    if less is None:
        return
    assert added is not None
    assert added.score >= less.score
    assert (added.certainty, less.certainty) != (Certainty.POSSIBLE, Certainty.CERTAIN)


WORDS = (
    "Rex Fielding Wren Harlow Gus Moreno Ann Marie Smith Smyth Bill William Jon John O'Neil Oneil de Vries "
    "王小明 汪小明 小明 Wang Wong Xiao Ming Xiaoming 김민수 Kim Minsu محمد Mohamed Mahmoud طارق Tariq דוד David".split()
)
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
DATES = st.sampled_from([date(1986, 4, 9), date(1986, 9, 4), date(1986, 4, 8), date(1971, 1, 2)])
PLATES = st.sampled_from(["7KLM234", "7KIM234", "ABC123", "A8C123", "ABC12", "8XYZ999"])
ENTRIES = st.builds(
    lambda names, born, plates, badges, phones: Entry(
        case_id=UUID(int=1),
        names=tuple(names),
        born_on=born,
        plates=tuple(KnownPlate(p) for p in plates),
        badges=tuple(badges),
        phones=tuple(phones),
    ),
    st.lists(NAMES, max_size=2),
    st.none() | DATES,
    st.lists(PLATES, max_size=2),
    st.lists(st.sampled_from(["471", "0472"]), max_size=1),
    st.lists(st.sampled_from(["+13125550142", "3125550199"]), max_size=1),
)
TYPED = st.builds(
    lambda name, born, plates, badge, phone: seen(
        name=name,
        born_on=born,
        plates=tuple(PlateRead(p) for p in plates),
        badge=badge,
        phone=phone,
    ),
    st.just("")
    | NAMES
    | st.sampled_from(["Rex Feilding", "W Smith", "Jo", "Maryann Smith", "Oneill"]),
    st.none() | DATES,
    st.lists(PLATES | st.sampled_from(["KLM2", "7?LM*", "C12", "7KLMZ34", "ABC1234"]), max_size=2),
    st.sampled_from(["", "00471"]),
    st.sampled_from(["", "312-555-0142"]),
)


@pytest.mark.guarantee("I14")
@settings(max_examples=150)
@given(st.lists(ENTRIES, max_size=12), TYPED)
def test_the_index_finds_all_that_a_comparison_with_every_entry_finds(
    entries: list[Entry], said: Seen
) -> None:
    entries = [replace(entry, case_id=UUID(int=n + 1)) for n, entry in enumerate(entries)]
    found = {match.case_id: match for match in Index(entries).match(said)}
    assert found == {
        entry.case_id: match for entry in entries if (match := match_entry(said, entry))
    }


def test_an_entry_that_is_put_again_or_removed_is_not_found_as_it_was() -> None:
    index = Index([REX])
    index.put(replace(REX, names=("Rex Harlow",), version=2))
    assert index.match(seen(name="Rex Fielding")) == ()
    assert index.match(seen(name="Rex Harlow"))[0].score == 600
    index.remove(REX.case_id)
    assert index.match(seen(badge="471")) == ()
    assert len(index) == 0


def test_an_index_that_changed_often_still_finds_everything() -> None:
    index = Index(replace(REX, case_id=UUID(int=n)) for n in range(1, 9))
    for version in range(2, 200):
        index.put(replace(REX, case_id=UUID(int=version % 8 + 1), version=version))
    assert len(index.match(seen(badge="471"))) == 8


def test_more_matches_than_are_listed_are_counted_and_the_best_are_listed() -> None:
    many = [
        replace(REX, case_id=UUID(int=n + 2), born_on=None, badges=()) for n in range(MAX_MATCHES)
    ]
    found = Index([*many, REX]).find(seen(name="Rex Fielding", badge="471"))
    assert len(found.matches) == MAX_MATCHES
    assert found.matches[0].case_id == REX.case_id
    assert found.more == 1


@pytest.mark.guarantee("I14")
def test_what_is_certain_is_listed_however_many_orders_have_the_same_plate() -> None:
    many = [replace(REX, case_id=UUID(int=n + 2)) for n in range(MAX_MATCHES)]
    last = replace(REX, case_id=UUID(int=MAX_MATCHES + 2))
    found = Index([*many, last]).find(plate("7KLM234", 1.0, "US-CA"))
    assert len(found.matches) == MAX_MATCHES + 1
    assert last.case_id in {match.case_id for match in found.matches}
    assert found.more == 0


def test_a_door_document_is_read_as_it_was_written_and_holds_nothing_else() -> None:
    match = DoorMatch(
        names=("Rex",), born_on=date(1986, 4, 9), plates=(KnownPlate("7KLM234", "US-CA"),)
    )
    assert from_text(to_text(match)) == match
    with pytest.raises(NotADoorDocument):
        from_text('{"names": ["Rex"], "religion": "x"}')


PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "matching.md").read_text("utf-8")


def test_the_page_shows_the_confusion_model_as_it_is() -> None:
    assert plate_noise.table() in PAGE


SHOWN = (
    CERTAIN_FROM, POSSIBLE_FROM, names.FULL, names.SINGLE, names.MISSING, born.SAME, born.SWAPPED, born.DIGIT,
    born.DAY_AND_MONTH, born.YEAR, born.OTHER, matching.BADGE, matching.PHONE, matching.PHONE_END, plates.SAME,
    plates.LOOK_ALIKE, plates.MISREAD, plates.SWAPPED, plates.ONE_OFF, plates.TWO_MISREAD, plates.REGION_SAME,
    plates.REGION_OTHER, MAX_MATCHES, MAX_CANDIDATES,
)  # fmt: skip


@pytest.mark.parametrize("points", SHOWN)
def test_the_page_shows_the_points_as_they_are(points: int) -> None:
    assert re.search(rf"(?<![\d-]){points}\b", PAGE)


def test_the_index_finds_a_name_whose_parts_are_all_the_same() -> None:
    entry = Entry(case_id=UUID(int=1), names=("Rex Rex Rex",))
    assert [m.case_id for m in Index([entry]).match(seen(name="Rex Rex"))] == [entry.case_id]
