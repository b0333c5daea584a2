"""A colleague who is inside when an order begins to count: an event, once he has had notice; before that a quiet task."""

from dataclasses import replace
from datetime import timedelta

from tests import cast
from tests.builders import AT
from tests.store.a_case import a_fact
from tocsin.decisions.rules.inside import (
    BADGED_IN,
    Inside,
    Presence,
    already_inside,
    graver,
    inside_by_entry,
    may_have_come_before,
)
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.house_rule import Ground, HouseRule, Notice
from tocsin.registry.rules.order import Fact, FactKind, Family, Order, StayAway

HOUR = timedelta(hours=1)
NOW = AT
REX = Presence(
    organisation_id=cast.HARBOUR_EMS,
    case_id=cast.number(0x5E7),
    key=cast.number(0x5F1),
    site_id=cast.HARBOUR.id,
    since=NOW - 3 * HOUR,
    her_sites=frozenset({cast.HARBOUR.id}),
)


def fact(kind: FactKind, **changes: object) -> Fact:
    """Return what we heard of the order half an hour ago."""
    return a_fact(kind, **{"heard_at": NOW - HOUR / 2, "true_at": NOW - HOUR / 2} | changes)


def order(*facts: Fact, **changes: object) -> Order:
    """Return an order that names the harbour and was looked at by a second person."""
    values: dict[str, object] = {
        "id": cast.number(0x5E8),
        "case_id": REX.case_id,
        "organisation_id": cast.HARBOUR_EMS,
        "family": Family.FINAL,
        "court_time_zone": "America/Chicago",
        "stay_away": (StayAway(100, site_id=cast.HARBOUR.id),),
        "facts": facts or (fact(FactKind.ISSUED), fact(FactKind.SERVED)),
        "reviewed_at": NOW - HOUR / 4,
    }
    return Order(**values | changes)  # type: ignore[arg-type]


def rule(**changes: object) -> HouseRule:
    """Return a house rule that was made half an hour ago."""
    values: dict[str, object] = {
        "id": cast.number(0x5E9),
        "case_id": REX.case_id,
        "organisation_id": cast.HARBOUR_EMS,
        "sites": (),
        "owner_id": cast.SAFETY_LEAD.id,
        "ground": Ground.THREAT,
        "notice": Notice.GIVEN,
        "contest": "the office",
        "starts_at": NOW - HOUR / 2,
        "ends_at": NOW + 24 * HOUR,
        "made_at": NOW - HOUR / 2,
        "made_by_id": cast.SAFETY_LEAD.id,
    }
    return HouseRule(**values | changes)  # type: ignore[arg-type]


def test_served_while_he_is_on_duty_at_a_site_that_it_names_is_an_event() -> None:
    assert already_inside(REX, [order()], [], NOW) is Inside.EVENT


def test_a_house_rule_while_he_is_inside_is_an_event() -> None:
    assert already_inside(REX, [], [rule()], NOW) is Inside.EVENT


def test_whom_the_door_would_have_refused_when_he_came_is_not_inside() -> None:
    came_after = replace(REX, since=NOW - HOUR / 8, how=BADGED_IN)
    assert already_inside(came_after, [order()], [rule()], NOW) is Inside.NOTHING


def test_before_notice_and_release_only_the_safety_lead_is_asked_to_relieve_him() -> None:
    unserved = order(fact(FactKind.ISSUED))
    assert already_inside(REX, [unserved], [], NOW) is Inside.RELIEVE
    released = replace(REX, released_at=NOW - HOUR / 8)
    assert already_inside(released, [unserved], [], NOW) is Inside.EVENT
    later = replace(REX, released_at=NOW + HOUR)
    assert already_inside(later, [unserved], [], NOW) is Inside.RELIEVE


def test_an_entry_that_no_second_person_looked_at_is_no_event_for_a_colleague() -> None:
    assert already_inside(REX, [order(reviewed_at=None)], [], NOW) is Inside.RELIEVE


def test_quiet_watch_asks_once_and_not_at_every_shift() -> None:
    next_shift = replace(REX, since=NOW - HOUR / 8)
    assert already_inside(next_shift, [order(fact(FactKind.ISSUED))], [], NOW) is Inside.NOTHING


def test_another_site_is_none_of_it() -> None:
    elsewhere = replace(REX, site_id=cast.number(0x777))
    assert already_inside(elsewhere, [order()], [], NOW) is Inside.NOTHING
    there_only = rule(sites=(cast.HARBOUR.id,))
    assert already_inside(elsewhere, [], [there_only], NOW) is Inside.NOTHING


def test_without_an_order_nothing_follows() -> None:
    assert already_inside(REX, [], [], NOW) is Inside.NOTHING


def test_an_order_that_names_only_a_car_park_relieves_nobody_of_his_work() -> None:
    only = order(stay_away=(StayAway(100, place_id=cast.CAR_PARK),))
    assert already_inside(REX, [only], [], NOW) is Inside.NOTHING


# The rule was made 25 minutes before his shift began, five minutes ago; people come before that.
SHIFT = replace(REX, since=NOW - HOUR / 12)


def test_who_may_have_come_before_his_shift_and_before_the_rule_may_be_inside() -> None:
    assert already_inside(SHIFT, [], [rule()], NOW) is Inside.EVENT
    assert may_have_come_before(SHIFT, [], [rule()])
    came = replace(SHIFT, at_door=NOW - HOUR * 2 / 3)
    assert already_inside(came, [], [rule()], NOW) is Inside.EVENT


def test_who_was_at_a_door_since_the_rule_is_the_door_s() -> None:
    refused = replace(SHIFT, at_door=NOW - HOUR / 4)
    assert already_inside(refused, [], [rule()], NOW) is Inside.NOTHING
    assert not may_have_come_before(refused, [], [rule()])


def test_a_rule_from_more_than_an_hour_before_his_shift_is_the_door_s_too() -> None:
    for ago, follows in ((65, Inside.NOTHING), (64, Inside.EVENT)):
        made = NOW - timedelta(minutes=ago)
        old = rule(made_at=made, starts_at=made)
        assert already_inside(SHIFT, [], [old], NOW) is follows


def test_a_rule_during_his_shift_is_an_event_wherever_his_badge_was_since() -> None:
    seen = replace(REX, at_door=NOW - HOUR / 12)
    assert already_inside(seen, [], [rule()], NOW) is Inside.EVENT
    assert not may_have_come_before(seen, [], [rule()])


def entry(**changes: object) -> DoorEntryRow:
    """Return what the doors know of him since half an hour ago."""
    values: dict[str, object] = {
        "case_id": REX.case_id,
        "organisation_id": cast.HARBOUR_EMS,
        "match": DoorMatch(),
        "updated_at": NOW - HOUR / 2,
    }
    return DoorEntryRow(**values | changes)  # type: ignore[arg-type]


def test_where_an_order_cannot_be_opened_the_doors_entry_says_whether_he_is_inside() -> None:
    assert inside_by_entry(REX, entry()) is Inside.EVENT
    assert inside_by_entry(REX, entry(instruction="inform")) is Inside.RELIEVE
    assert inside_by_entry(REX, entry(instruction="none")) is Inside.NOTHING
    assert inside_by_entry(REX, entry(is_active=False)) is Inside.NOTHING
    assert inside_by_entry(REX, entry(sites=(cast.DEPOT_NORTH.id,))) is Inside.NOTHING
    assert inside_by_entry(REX, None) is Inside.NOTHING


def test_an_entry_that_was_so_before_he_can_have_come_is_the_door_s() -> None:
    came_after = REX.since - HOUR
    assert inside_by_entry(REX, entry(updated_at=came_after)) is Inside.NOTHING
    later = came_after + timedelta(microseconds=1)
    assert inside_by_entry(REX, entry(updated_at=later)) is Inside.EVENT
    badged = replace(REX, how=BADGED_IN)
    assert inside_by_entry(badged, entry(updated_at=REX.since)) is Inside.NOTHING
    assert inside_by_entry(badged, entry()) is Inside.EVENT
    seen = replace(REX, at_door=NOW - HOUR)
    assert inside_by_entry(seen, entry(updated_at=NOW - HOUR)) is Inside.NOTHING


def test_an_event_is_graver_than_a_quiet_task() -> None:
    assert graver(Inside.RELIEVE, Inside.EVENT) is Inside.EVENT
    assert graver(Inside.RELIEVE, Inside.NOTHING) is Inside.RELIEVE
    assert graver(Inside.NOTHING, Inside.NOTHING) is Inside.NOTHING
