"""What does a sighting mean? Orders of every kind, at a place and a time, seen by whom."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT, a_policy, a_step
from tocsin.decisions.rules.incident import Kind
from tocsin.decisions.rules.level import Level, sighting_policy
from tocsin.decisions.rules.order_says import Where, order_says
from tocsin.decisions.rules.sighting import CaseFacts, OrderSays, decide_on_sighting
from tocsin.registry.rules.order import End, Fact, FactKind, Family, Order, StayAway
from tocsin.registry.rules.policy import MAX_STEPS
from tocsin.registry.rules.usual import usual_sos
from tocsin.signals.rules.seen import Seen, Source

CASE, OTHER = cast.number(0x701), cast.number(0x702)
VALID = OrderSays(order_id=cast.number(0x711), valid=True, enforceable=True, because=("served",))
UNSERVED = replace(VALID, enforceable=False, because=("not_served",))
ENDED = replace(VALID, valid=False, enforceable=False, because=("ended",))
SEEN = Seen(
    organisation_id=cast.HARBOUR_EMS,
    source=Source.PLATE,
    track="cam1-1",
    seen_at=AT,
    heard_at=AT,
    site_id=cast.HARBOUR.id,
)


@dataclass(frozen=True)
class A:
    """A match, as matching gives it."""

    case_id: Any = CASE
    certainty: str = "certain"
    score: int = 950
    parts: tuple[tuple[str, int], ...] = (("plate_same", 950),)


MAYBE = A(certainty="possible", score=520)


def a_case(*orders: OrderSays, **changes: Any) -> CaseFacts:
    """Return what is known of the case with these orders."""
    values: dict[str, Any] = {
        "case_id": CASE,
        "organisation_id": cast.HARBOUR_EMS,
        "stands_in_id": cast.SAFETY_LEAD.id,
        "any_site_id": cast.HARBOUR.id,
        "protected_id": cast.PROTECTED.id,
        "orders": orders,
        "keeps_out": any(order.valid for order in orders),
    }
    return CaseFacts(**values | changes)


def decided(case: CaseFacts, hit: A = A(), **seen: Any) -> Any:
    """Return the one decision about this case."""
    found = decide_on_sighting(replace(SEEN, **seen), [hit], {case.case_id: case})
    assert len(found) == 1
    return found[0]


def test_a_valid_served_order_is_a_possible_breach_for_police() -> None:
    found = decided(a_case(VALID))
    assert (found.kind, found.level, found.posture) == (Kind.POSSIBLE_BREACH, Level.NOW, "lock")
    assert found.police == ("possible_breach", "served")


def test_a_valid_order_that_was_not_served_says_so() -> None:
    found = decided(a_case(UNSERVED))
    assert found.kind is Kind.POSSIBLE_BREACH
    assert "valid, not served" in found.because
    assert "not_served" in found.police


@pytest.mark.guarantee("I13")
def test_an_order_that_is_not_valid_only_informs_with_the_reason() -> None:
    found = decided(a_case(ENDED, keeps_out=True))
    assert (found.kind, found.level) == (Kind.INFORM, Level.TELL)
    assert found.because[:2] == ("order not valid", "ended")
    assert found.police == ()
    assert found.posture == "lock"


@pytest.mark.guarantee("I13")
def test_the_house_rule_stands_when_the_order_ended() -> None:
    found = decided(a_case(ENDED, house_rule=True, keeps_out=True))
    assert found.kind is Kind.HOUSE_RULE
    assert found.police == ("house_rule",)
    assert {"order not valid", "ended", "house rule"} <= set(found.because)


@pytest.mark.guarantee("I13")
@given(
    valid=st.booleans(),
    house=st.booleans(),
    source=st.sampled_from([s for s in Source if s is not Source.OWN_DEVICE]),
    certainty=st.sampled_from(("certain", "possible")),
)
def test_no_breach_without_a_valid_order(
    valid: bool, house: bool, source: Source, certainty: str
) -> None:
    order = replace(VALID, valid=valid, forbids_contact=True)
    found = decided(a_case(order, house_rule=house), A(certainty=certainty), source=source)
    assert (found.kind is Kind.POSSIBLE_BREACH) == valid


@pytest.mark.guarantee("I14")
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 1000)), min_size=1, max_size=6))
def test_no_hit_is_dropped_and_no_possible_one_is_confirmed(hits: list[tuple[bool, int]]) -> None:
    matches = [
        A(cast.number(0x800 + n), "certain" if sure else "possible", score)
        for n, (sure, score) in enumerate(hits)
    ]
    cases = {m.case_id: a_case(VALID, case_id=m.case_id) for m in matches}
    found = {d.case_id: d for d in decide_on_sighting(SEEN, matches, cases)}
    assert found.keys() == cases.keys()
    for match in matches:
        assert found[match.case_id].is_confirmed == (match.certainty == "certain")
        assert (found[match.case_id].level is Level.CHECK) == (match.certainty == "possible")


@pytest.mark.guarantee("I14")
def test_the_surest_of_several_readings_counts() -> None:
    found = decide_on_sighting(
        SEEN, [A(score=910), replace_(MAYBE, score=990)], {CASE: a_case(VALID)}
    )
    assert [(d.certainty, d.score) for d in found] == [("certain", 910)]


def replace_(hit: A, **changes: Any) -> A:
    """Return the match with other values."""
    return replace(hit, **changes)


def test_a_mutual_entry_is_not_symmetric() -> None:
    mutual = replace(VALID, is_mutual=True)
    assert decided(a_case(mutual)) == decided(a_case(VALID))
    hers = decide_on_sighting(
        replace(SEEN, source=Source.OWN_DEVICE), [A()], {CASE: a_case(mutual)}
    )
    assert hers == ()


def test_a_contact_attempt_asks_whether_contact_is_forbidden() -> None:
    assert decided(a_case(VALID), source=Source.CONTACT).kind is Kind.INFORM
    forbids = replace(VALID, forbids_contact=True, forbids_here=False)
    assert decided(a_case(forbids), source=Source.CONTACT).kind is Kind.POSSIBLE_BREACH
    house = decided(a_case(house_rule=True), source=Source.CONTACT)
    assert house.kind is Kind.INFORM


def test_an_order_that_does_not_name_this_place_informs() -> None:
    found = decided(a_case(replace(VALID, forbids_here=False)))
    assert found.kind is Kind.INFORM
    assert "order does not name this place" in found.because


def test_nobody_is_made_to_say_that_no_order_names_this_place_while_one_waits() -> None:
    waiting = replace(VALID, forbids_here=False, names_here=True)
    found = decided(a_case(waiting, house_rule=True))
    assert found.kind is Kind.HOUSE_RULE
    assert found.police == ("house_rule_and_order",)
    assert "order waits" in found.because
    assert "order does not name this place" not in found.because


def test_the_gravest_case_comes_first() -> None:
    cases = {CASE: a_case(ENDED), OTHER: a_case(VALID, case_id=OTHER)}
    found = decide_on_sighting(SEEN, [A(), A(OTHER)], cases)
    assert [d.case_id for d in found] == [OTHER, CASE]


def test_she_is_told_first_and_nobody_is_sent_towards_him() -> None:
    sos = usual_sos(cast.HARBOUR.id)
    now = sighting_policy(Level.NOW, sos, [cast.FRONT_DOOR], has_her=True)
    assert now.steps[0].who == ("herself",)
    assert now.steps[0].offset_s == 0
    assert now.steps[1:] == sos.steps
    check = sighting_policy(Level.CHECK, sos, [cast.FRONT_DOOR], has_her=True)
    assert check.steps[0].who == (f"post:{cast.FRONT_DOOR}", "shift_lead")
    assert check.steps[-1].who == ("herself",)
    assert sighting_policy(Level.NOW, sos, [], has_her=False).steps == sos.steps


def test_the_fullest_ladder_keeps_its_last_step_when_she_is_told_first():
    full = a_policy(*(a_step(offset_s=10 * n) for n in range(MAX_STEPS)))
    assert sighting_policy(Level.NOW, full, [], has_her=True).steps[1:] == full.steps


# --- what one order says ------------------------------------------------------------------------------

LONG = AT - timedelta(days=30)
WHERE = Where(hers=frozenset({cast.HARBOUR.id}), site_of={cast.CAR_PARK: cast.HARBOUR.id})


def fact(kind: FactKind, **changes: Any) -> Fact:
    """Return something that happened a month ago."""
    values: dict[str, Any] = {
        "id": cast.number(0x7A0 + list(FactKind).index(kind)),
        "kind": kind,
        "heard_at": LONG,
        "source": "clerk",
        "true_at": LONG,
    }
    return Fact(**values | changes)


def an_order(*facts: Fact, **changes: Any) -> Order:
    """Return an order of the case, reviewed."""
    values: dict[str, Any] = {
        "id": cast.number(0x731),
        "case_id": CASE,
        "organisation_id": cast.HARBOUR_EMS,
        "family": Family.FINAL,
        "court_time_zone": "America/Chicago",
        "facts": facts or (fact(FactKind.ISSUED), fact(FactKind.SERVED)),
        "reviewed_at": LONG,
    }
    return Order(**values | changes)


def says(order: Order, *, colleague: bool = False, **seen: Any) -> OrderSays:
    """Return what the order says of this sighting."""
    return order_says(order, replace(SEEN, **seen), AT, WHERE, is_colleague=colleague)


def test_it_says_what_it_rests_on() -> None:
    found = says(an_order())
    assert (found.valid, found.enforceable, found.because[0]) == (True, True, "served")
    ended = says(
        an_order(fact(FactKind.ISSUED), fact(FactKind.ENDS, end=End(at=LONG + timedelta(days=1))))
    )
    assert (ended.valid, ended.because[0]) == (False, "ended")


@pytest.mark.parametrize(
    ("away", "conditions", "site", "forbids"),
    [
        ((StayAway(100, site_id=cast.HARBOUR.id),), ("01",), cast.HARBOUR.id, True),
        ((StayAway(100, site_id=cast.HARBOUR.id),), ("01",), cast.DEPOT_NORTH.id, False),
        ((StayAway(100, place_id=cast.CAR_PARK),), ("01",), cast.HARBOUR.id, True),
        ((StayAway(457),), ("01",), cast.HARBOUR.id, True),
        ((StayAway(457),), ("01",), cast.DEPOT_NORTH.id, False),
        ((), ("04",), cast.HARBOUR.id, True),
        ((), ("04",), cast.DEPOT_NORTH.id, False),
        ((), ("01",), cast.HARBOUR.id, False),
        ((), (), cast.HARBOUR.id, True),
        ((), ("04",), None, True),
    ],
)
def test_whether_it_forbids_being_here(
    away: tuple[StayAway, ...], conditions: tuple[str, ...], site: Any, forbids: bool
) -> None:
    order = an_order(stay_away=away, conditions=conditions)
    assert says(order, site_id=site).forbids_here is forbids


def test_a_workplace_injunction_forbids_every_site_of_ours() -> None:
    order = an_order(family=Family.WORKPLACE, conditions=("01",))
    assert says(order, site_id=cast.DEPOT_NORTH.id).forbids_here


def test_a_colleague_who_was_told_nothing_yet_is_watched_quietly() -> None:
    named = (StayAway(100, site_id=cast.HARBOUR.id),)
    order = an_order(fact(FactKind.ISSUED), stay_away=named)
    assert not says(order, colleague=True).forbids_here
    assert says(order).forbids_here
    released = order_says(order, SEEN, AT, WHERE, is_colleague=True, released_at=LONG)
    assert released.forbids_here


def test_nobody_is_kept_from_his_own_work_place_by_an_entry_nobody_reviewed() -> None:
    named = (StayAway(100, site_id=cast.HARBOUR.id),)
    assert says(an_order(stay_away=named), colleague=True).forbids_here
    assert not says(an_order(stay_away=named, reviewed_at=None), colleague=True).forbids_here
    assert says(an_order(stay_away=named, reviewed_at=None)).forbids_here


def test_what_one_person_told_since_calls_at_once_and_ends_no_quiet_watch_before_a_second_look() -> (
    None
):
    named = (StayAway(100, site_id=cast.HARBOUR.id),)
    since = AT - timedelta(hours=1)
    issued = fact(FactKind.ISSUED)
    served = fact(FactKind.SERVED, heard_at=since, heard_by_id=cast.SHIFT_LEAD.id)
    alone = an_order(issued, served, stay_away=named)
    found = says(alone, colleague=True)
    assert (found.forbids_here, found.names_here, found.enforceable) == (False, True, True)
    assert says(alone).forbids_here
    seen = replace(served, reviewed_at=since, reviewed_by_id=cast.SAFETY_LEAD.id)
    assert says(an_order(issued, seen, stay_away=named), colleague=True).forbids_here
    # He has had notice by two people's word: that it counts again is held against him at once.
    recalled = fact(FactKind.RECALLED, id=cast.number(0x7F1), true_at=since, heard_at=since)
    back = fact(FactKind.REINSTATED, id=cast.number(0x7F2), true_at=AT, heard_at=AT)
    again = says(
        an_order(issued, fact(FactKind.SERVED), recalled, back, stay_away=named), colleague=True
    )
    assert (again.valid, again.forbids_here) == (True, True)


CAR_PARK_ONLY = (StayAway(100, place_id=cast.CAR_PARK),)


def test_an_order_that_names_only_a_car_park_keeps_a_colleague_from_there_and_from_nothing_else() -> (
    None
):
    order = an_order(stay_away=CAR_PARK_ONLY)
    assert says(order, colleague=True, place_id=cast.CAR_PARK).forbids_here
    assert not says(order, colleague=True, place_id=cast.number(0x7E1)).forbids_here
    # Where exactly is not said: he works here, so it is told and not called a breach.
    assert not says(order, colleague=True, place_id=None).forbids_here
    assert says(order, place_id=None).forbids_here


def test_a_colleague_in_the_car_park_is_watched_quietly_before_notice_and_before_review() -> None:
    unserved = an_order(fact(FactKind.ISSUED), stay_away=CAR_PARK_ONLY)
    assert not says(unserved, colleague=True, place_id=cast.CAR_PARK).forbids_here
    unseen = an_order(stay_away=CAR_PARK_ONLY, reviewed_at=None)
    assert not says(unseen, colleague=True, place_id=cast.CAR_PARK).forbids_here
