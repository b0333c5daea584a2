"""Is an order valid, enforceable, and what decided it? At every boundary, with what was known when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tocsin.registry.rules.order import (
    Because,
    End,
    Fact,
    FactKind,
    Family,
    Order,
    end_of,
    enforceable,
    facts_known,
    start_of,
    valid,
)

SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
CHICAGO = ZoneInfo("America/Chicago")
# Where midnight is skipped, comes twice, or the hour before it comes twice.
ZONES = ["America/Chicago", "America/Havana", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "Atlantic/Azores", "UTC"]  # fmt: skip
ISSUED = datetime(2025, 3, 1, 15, 0, tzinfo=UTC)


def number(last: int) -> UUID:
    """Return a fixed id."""
    return cast.number(0x0F00 + last)


def fact(kind: FactKind, last: int, at: datetime | None = None, **changes: object) -> Fact:
    """Return something that happened, heard when it happened unless said otherwise."""
    values: dict[str, object] = {"id": number(last), "kind": kind, "true_at": at, "heard_at": at or ISSUED, "source": "court"}  # fmt: skip
    return Fact(**values | changes)  # type: ignore[arg-type]


def order(*facts: Fact, zone: str = "America/Chicago", end: End | None = None) -> Order:
    """Return a temporary order issued on 1 March 2025, and what happened to it."""
    issued = fact(FactKind.ISSUED, 1, ISSUED, end=end)
    return Order(
        id=number(0),
        case_id=number(0xFE),
        organisation_id=cast.HARBOUR_EMS,
        family=Family.TEMPORARY,
        court_time_zone=zone,
        facts=(issued, *facts),
    )


def code(found: object) -> Because | None:
    """Return what weighs most in a verdict."""
    return found.code  # type: ignore[attr-defined, no-any-return]


def test_an_order_is_valid_from_the_second_in_which_it_was_issued_and_not_before() -> None:
    assert code(valid(order(), ISSUED - TICK)) is Because.NOT_YET
    assert code(valid(order(), ISSUED)) is Because.END_UNKNOWN


def test_what_was_never_issued_is_not_valid() -> None:
    nothing = replace(order(), facts=())
    assert (valid(nothing, ISSUED).holds, code(valid(nothing, ISSUED))) == (
        False,
        Because.NOT_ISSUED,
    )


def test_an_end_on_a_date_ends_with_that_local_day_of_the_court() -> None:
    until_march_3 = order(end=End(on=date(2025, 3, 3)))
    last = datetime(2025, 3, 4, 6, 0, tzinfo=UTC) - TICK
    assert valid(until_march_3, last).holds
    assert code(valid(until_march_3, last + TICK)) is Because.ENDED


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2025, 3, 9), 23), (date(2025, 11, 2), 25)], ids=["spring", "autumn"]
)
def test_a_day_of_23_and_one_of_25_hours_end_with_their_last_hour(day: date, hours: int) -> None:
    ends = order(end=End(on=day))
    over = start_of(day, CHICAGO) + timedelta(hours=hours)
    assert over.astimezone(CHICAGO).date() == day + timedelta(days=1)
    assert valid(ends, over - TICK).holds
    assert not valid(ends, over).holds


@given(st.dates(date(2000, 1, 1), date(2037, 12, 30)), st.sampled_from(ZONES))
def test_local_days_meet_without_a_gap_in_every_zone(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    assert end_of(day, zone) == start_of(day + timedelta(days=1), zone)
    last = (end_of(day, zone) - TICK).astimezone(zone).date()
    first = start_of(day, zone).astimezone(zone).date()
    # Apia left out 30 December 2011: a day that never was is empty and ends where it starts.
    never_was = start_of(day, zone) == end_of(day, zone)
    assert never_was or (first, last) == (day, day)


@given(st.dates(date(2025, 3, 2), date(2030, 1, 1)), st.sampled_from(ZONES))
def test_an_end_on_a_date_holds_for_all_of_that_day_and_no_instant_longer(
    day: date, name: str
) -> None:
    ends, zone = order(zone=name, end=End(on=day)), ZoneInfo(name)
    assert valid(ends, end_of(day, zone) - TICK).holds
    assert not valid(ends, end_of(day, zone)).holds


@given(st.datetimes(datetime(2025, 3, 2), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_an_end_at_an_instant_ends_there(at: datetime) -> None:
    ends = order(end=End(at=at))
    assert (valid(ends, at - TICK).holds, valid(ends, at).holds) == (True, False)


@given(st.timedeltas(timedelta(0), timedelta(days=36_500)))
@pytest.mark.parametrize("end", [End(), None], ids=["until the court says", "nobody said"])
def test_an_open_end_and_one_that_nobody_has_told_stay_open(
    end: End | None, later: timedelta
) -> None:
    assert valid(order(end=end), ISSUED + later).holds


def test_it_counts_from_the_later_day_on_which_it_takes_effect() -> None:
    effective = order(fact(FactKind.EFFECTIVE, 2, local_date=date(2025, 3, 9)))
    from_then = datetime(2025, 3, 9, 6, 0, tzinfo=UTC)
    assert code(valid(effective, from_then - TICK)) is Because.NOT_YET
    assert valid(effective, from_then).holds


def test_served_one_second_before_the_sighting_it_is_enforceable_and_one_after_it_is_not() -> None:
    seen_at = datetime(2025, 3, 2, 22, 58, tzinfo=UTC)
    assert enforceable(order(fact(FactKind.SERVED, 2, seen_at - SECOND)), seen_at).holds
    late = enforceable(order(fact(FactKind.SERVED, 2, seen_at + SECOND)), seen_at)
    assert (late.holds, code(late)) == (False, Because.NOT_SERVED)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (FactKind.SERVED, True),
        (FactKind.TOLD_ORALLY, True),
        (FactKind.IN_COURT, True),
        (FactKind.SERVICE_ATTEMPTED, False),
        (FactKind.HEARING, False),
    ],
)
def test_only_service_an_officers_word_and_being_in_court_are_notice(
    kind: FactKind, counts: bool
) -> None:
    assert enforceable(order(fact(kind, 2, ISSUED)), ISSUED + SECOND).holds is counts


def test_served_on_a_date_counts_by_when_we_heard_of_it_or_with_the_end_of_that_day() -> None:
    heard = datetime(2025, 3, 2, 20, 0, tzinfo=UTC)
    on_that_day = fact(FactKind.SERVED, 2, local_date=date(2025, 3, 2), heard_at=heard)
    assert not enforceable(order(on_that_day), heard - SECOND).holds
    assert enforceable(order(on_that_day), heard).holds
    a_week_later = replace(on_that_day, heard_at=heard + timedelta(days=7))
    ends = datetime(2025, 3, 3, 6, 0, tzinfo=UTC)
    assert not enforceable(order(a_week_later), ends - TICK).holds
    assert enforceable(order(a_week_later), ends).holds


def test_an_order_that_ended_is_not_enforceable_however_it_was_served() -> None:
    ended = order(fact(FactKind.SERVED, 2, ISSUED), end=End(on=date(2025, 3, 3)))
    assert code(enforceable(ended, ISSUED + timedelta(days=9))) is Because.ENDED


def test_recalled_and_reinstated_it_is_not_valid_in_between_and_valid_again() -> None:
    off, on = ISSUED + timedelta(days=2), ISSUED + timedelta(days=5)
    found = order(fact(FactKind.RECALLED, 2, off), fact(FactKind.REINSTATED, 3, on))
    held = [valid(found, at).holds for at in (off - TICK, off, on - TICK, on)]
    assert held == [True, False, False, True]
    assert Because.REINSTATED in {one.code for one in valid(found, on).because}


def test_recalled_and_reinstated_on_one_date_without_hours_it_was_never_off() -> None:
    day = date(2025, 3, 4)
    off = fact(FactKind.RECALLED, 2, local_date=day, heard_at=ISSUED + timedelta(days=3))
    on = fact(FactKind.REINSTATED, 3, local_date=day, heard_at=ISSUED + timedelta(days=4))
    found = order(off, on)
    for hours in range(24 * 10):
        assert valid(found, ISSUED + timedelta(hours=hours)).holds


def test_recalled_on_a_date_it_ends_with_that_day() -> None:
    found = order(fact(FactKind.RECALLED, 2, local_date=date(2025, 3, 4)))
    over = datetime(2025, 3, 5, 6, 0, tzinfo=UTC)
    assert (valid(found, over - TICK).holds, valid(found, over).holds) == (True, False)


def test_a_final_order_that_runs_beside_a_temporary_one_leaves_it_alone_until_it_takes_its_place() -> (
    None
):
    served = ISSUED + timedelta(days=10)
    temporary = order(end=End(on=date(2025, 3, 29)))
    final = replace(order(end=End()), family=Family.FINAL)
    assert valid(temporary, served).holds
    assert valid(final, served).holds
    replaced = replace(temporary, facts=(*temporary.facts, fact(FactKind.SUPERSEDED, 9, served)))
    assert valid(replaced, served - TICK).holds
    assert code(valid(replaced, served)) is Because.SUPERSEDED


def test_a_renewal_after_the_end_revives_it_from_when_it_was_made() -> None:
    renewed = ISSUED + timedelta(days=20)
    found = order(
        fact(FactKind.RENEWED, 2, renewed, end=End(on=date(2026, 3, 1))),
        end=End(on=date(2025, 3, 10)),
    )
    held = [valid(found, at).holds for at in (ISSUED, renewed - TICK, renewed)]
    assert held == [True, False, True]


def test_a_hearing_that_was_put_off_moves_the_end_only_if_the_court_said_so() -> None:
    at = ISSUED + timedelta(days=15)
    ends = End(on=date(2025, 3, 10))
    assert not valid(order(fact(FactKind.CONTINUED, 2, ISSUED + SECOND), end=ends), at).holds
    longer = fact(FactKind.CONTINUED, 2, ISSUED + SECOND, end=End(on=date(2025, 4, 10)))
    assert valid(order(longer, end=ends), at).holds


def test_of_two_sources_about_the_end_the_later_one_counts() -> None:
    said = fact(FactKind.ENDS, 2, ISSUED, end=End(on=date(2025, 3, 20)), source="police")
    found = order(said, end=End(on=date(2025, 3, 10)))
    verdict = valid(found, ISSUED + timedelta(days=15))
    assert (verdict.holds, verdict.because[0].source) == (True, "police")


def test_what_did_we_know_at_16_58() -> None:
    served = datetime(2025, 3, 2, 21, 0, tzinfo=UTC)
    at_16_58 = datetime(2025, 3, 2, 22, 58, tzinfo=UTC)
    told = fact(FactKind.SERVED, 2, served, heard_at=at_16_58 + timedelta(hours=2))
    assert enforceable(order(told), at_16_58).holds
    assert not enforceable(order(told), at_16_58, known_at=at_16_58).holds


def test_what_is_taken_back_counts_until_it_is_and_its_retraction_can_be_taken_back() -> None:
    at = ISSUED + timedelta(days=9)
    off = fact(FactKind.RECALLED, 2, ISSUED + timedelta(days=1))
    back = fact(FactKind.RETRACTED, 3, heard_at=ISSUED + timedelta(days=2), retracts_id=off.id)
    again = fact(FactKind.RETRACTED, 4, heard_at=ISSUED + timedelta(days=3), retracts_id=back.id)
    assert not valid(order(off), at).holds
    assert valid(order(off, back), at).holds
    assert not valid(order(off, back), at, known_at=ISSUED + timedelta(days=1)).holds
    assert not valid(order(off, back, again), at).holds


MOMENTS = st.integers(0, 40).map(lambda hours: ISSUED + timedelta(hours=hours))
KINDS = st.sampled_from([kind for kind in FactKind if kind is not FactKind.RETRACTED])


@st.composite
def some_facts(draw: st.DrawFn) -> list[Fact]:
    """Return up to eight things that happened, in hours or days, heard in any order, some taken back."""
    found: list[Fact] = []
    for last in range(2, 2 + draw(st.integers(0, 8))):
        takes_back = found and draw(st.booleans())
        day = draw(st.one_of(st.none(), st.dates(date(2025, 2, 27), date(2025, 3, 5))))
        found.append(
            Fact(
                id=number(last),
                kind=FactKind.RETRACTED if takes_back else draw(KINDS),
                heard_at=draw(MOMENTS),
                source=draw(st.sampled_from(["court", "police"])),
                true_at=None if day else draw(st.one_of(st.none(), MOMENTS)),
                local_date=day,
                end=draw(st.sampled_from([None, End(), End(on=date(2025, 3, 3))])),
                retracts_id=draw(st.sampled_from([one.id for one in found]))
                if takes_back
                else None,
            )
        )
    return found


@given(some_facts(), MOMENTS, MOMENTS)
def test_whatever_happened_there_is_a_verdict_with_evidence_and_enforceable_means_valid(
    facts: list[Fact], at: datetime, known_at: datetime
) -> None:
    found = order(*facts)
    counts, enforced = valid(found, at, known_at), enforceable(found, at, known_at)
    assert counts.because
    assert enforced.because
    assert counts.holds or not enforced.holds


@given(some_facts(), MOMENTS, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_from_the_database_changes_nothing(
    facts: list[Fact], at: datetime, known_at: datetime, shuffle: object
) -> None:
    mixed = list(facts)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    assert valid(order(*facts), at, known_at) == valid(order(*mixed), at, known_at)
    assert enforceable(order(*facts), at, known_at).holds is enforceable(order(*mixed), at, known_at).holds  # fmt: skip


@given(some_facts(), MOMENTS, MOMENTS)
def test_what_is_heard_later_never_changes_what_was_known_then(
    facts: list[Fact], at: datetime, known_at: datetime
) -> None:
    then = order(*(one for one in facts if one.heard_at <= known_at))
    assert valid(order(*facts), at, known_at).holds is valid(then, at, known_at).holds
    assert facts_known(order(*facts).facts, known_at) == facts_known(then.facts, known_at)


@given(some_facts(), MOMENTS)
def test_evidence_names_facts_that_are_there_and_stand(facts: list[Fact], at: datetime) -> None:
    found = order(*facts)
    standing = {one.id for one in facts_known(found.facts)}
    verdict = enforceable(found, at)
    assert {one.row_id for one in verdict.because if one.row_id} <= standing
