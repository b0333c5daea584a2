"""When does one order take another's place, and what does the older one still keep him from?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import cast
from tests.rules.test_order import ISSUED, fact, order
from tests.rules.test_sighting import SEEN, WHERE
from tocsin.decisions.rules.order_says import order_says
from tocsin.registry.rules.order import FactKind, Family, Order, StayAway
from tocsin.registry.rules.posture import kept_places
from tocsin.registry.rules.second_look import carried_over
from tocsin.registry.rules.superseding import takes_place_at, was_at_once, written_by

HOUR = timedelta(hours=1)
NOON = datetime(2025, 3, 8, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("happened", "is_at_once", "since"),
    [
        ((), True, ISSUED),
        ((), False, None),
        (((FactKind.SERVED, 2),), False, 2),
        (((FactKind.SERVED, 2), (FactKind.EFFECTIVE, 48)), False, 48),
        (((FactKind.EFFECTIVE, 48),), True, 48),
        (((FactKind.SERVED, 72), (FactKind.EFFECTIVE, 48)), False, 72),
        (((FactKind.SERVICE_ATTEMPTED, 2),), False, None),
    ],
)
def test_it_takes_the_place_once_it_counts_itself_and_he_knows_of_it(
    happened: tuple[tuple[FactKind, int], ...], is_at_once: bool, since: Any
) -> None:
    newer = order(*(fact(kind, 5 + n, ISSUED + hours * HOUR) for n, (kind, hours) in enumerate(happened)))  # fmt: skip
    expected = ISSUED + since * HOUR if isinstance(since, int) else since
    assert takes_place_at(newer, is_at_once=is_at_once) == expected


def test_one_that_was_never_issued_takes_no_place() -> None:
    newer = order(fact(FactKind.SERVED, 2, ISSUED), fact(FactKind.RETRACTED, 3, NOON, retracts_id=fact(FactKind.ISSUED, 1).id))  # fmt: skip
    assert takes_place_at(newer, is_at_once=True) is None


def test_what_it_wrote_on_the_older_one_is_known_again_beside_another_that_replaces_it_too() -> (
    None
):
    served = ISSUED + HOUR
    newer = replace(order(fact(FactKind.SERVED, 2, served)), id=cast.number(0xB1))
    own = fact(FactKind.SUPERSEDED, 7, served)
    other = fact(FactKind.SUPERSEDED, 6, served - timedelta(minutes=1))
    assert written_by(newer, order(other, own), is_sole=False) == own
    assert written_by(newer, order(other), is_sole=False) is None
    assert written_by(newer, order(other), is_sole=True) == other
    assert not was_at_once(newer, own)
    assert was_at_once(newer, fact(FactKind.SUPERSEDED, 7, ISSUED))
    assert not was_at_once(newer, None)


def pair(*, is_seen: bool) -> tuple[Order, Order]:
    """Return a reviewed temporary order, served, and the final one that took its place at noon; seen by a second or not."""
    named = (StayAway(100, site_id=cast.HARBOUR.id), StayAway(50, place_id=cast.CAR_PARK))
    taken = (fact(FactKind.SERVED, 2, ISSUED), fact(FactKind.SUPERSEDED, 3, NOON))
    older = replace(order(*taken), stay_away=named, reviewed_at=ISSUED + HOUR)
    issued = (fact(FactKind.ISSUED, 8, NOON), fact(FactKind.IN_COURT, 9, NOON))
    newer = replace(
        older,
        id=cast.number(0xB2),
        family=Family.FINAL,
        facts=issued,
        supersedes_id=older.id,
        reviewed_at=NOON + HOUR if is_seen else None,
    )
    return older, newer


def forbids(newer: Order, older: Order, at: datetime) -> bool:
    """Return whether the newer order holds it against a colleague that he is at the site."""
    carried = {one.id: one for one in carried_over((older, newer), at)}[older.id]
    said = order_says(newer, SEEN, at, WHERE, is_colleague=True, older=carried)
    return said.valid and said.forbids_here


def test_the_day_of_the_hearing_opens_no_door_to_a_colleague() -> None:
    older, newer = pair(is_seen=False)
    assert forbids(newer, older, NOON + timedelta(minutes=5))
    assert cast.CAR_PARK in kept_places((older, newer), NOON + timedelta(minutes=5))


def test_once_a_second_person_looked_the_newer_order_alone_decides() -> None:
    older, newer = pair(is_seen=True)
    narrower = replace(newer, stay_away=(StayAway(100, site_id=cast.DEPOT_NORTH.id),))
    assert forbids(newer, older, NOON + 2 * HOUR)
    assert not forbids(narrower, older, NOON + 2 * HOUR)
    assert kept_places((older, narrower), NOON + 2 * HOUR) == frozenset()


def test_an_unreviewed_entry_forbids_nothing_that_the_older_one_did_not() -> None:
    older, newer = pair(is_seen=False)
    assert not forbids(newer, replace(older, stay_away=(StayAway(9, site_id=cast.DEPOT_NORTH.id),)), NOON + HOUR)  # fmt: skip
    assert not forbids(newer, replace(older, reviewed_at=None), NOON + HOUR)
