"""What was seen hours ago is held against the orders of that time: one that began since was not breached."""

from datetime import timedelta

import pytest

from tests.store.a_case import a_fact, insert_the_case
from tests.store.test_sightings import House, house
from tocsin.decisions.rules.incident import Kind
from tocsin.flow.alarms import Change
from tocsin.registry.rules.order import End, FactKind

__all__ = ["house"]
HOUR = timedelta(hours=1)


def seen_hours_ago(house: House, hours: float) -> Change:
    """Let a camera hand in a plate that it had kept so long."""
    house.report(seen_at=house.now - hours * HOUR)
    return house.take()[0]


@pytest.mark.guarantee("I13")
def test_an_order_that_began_after_he_was_there_was_not_breached(house: House) -> None:
    begun = a_fact(FactKind.ISSUED, true_at=house.now - HOUR)
    insert_the_case(house.conn, house.ring, begun, a_fact(FactKind.SERVED), colleague=None)
    incident = seen_hours_ago(house, 3).incident
    assert incident is not None
    assert incident.kind is Kind.INFORM
    assert not incident.police


@pytest.mark.guarantee("I13")
def test_an_order_that_ended_since_was_breached_while_it_ran(house: House) -> None:
    ended = a_fact(FactKind.ISSUED, end=End(at=house.now - HOUR))
    insert_the_case(house.conn, house.ring, ended, a_fact(FactKind.SERVED), colleague=None)
    incident = seen_hours_ago(house, 3).incident
    assert incident is not None
    assert incident.kind is Kind.POSSIBLE_BREACH


def test_he_who_was_seen_minutes_ago_may_stand_there_still(house: House) -> None:
    begun = a_fact(FactKind.ISSUED, true_at=house.now - 0.1 * HOUR)
    insert_the_case(house.conn, house.ring, begun, a_fact(FactKind.SERVED), colleague=None)
    incident = seen_hours_ago(house, 0.2).incident
    assert incident is not None
    assert incident.kind is Kind.POSSIBLE_BREACH
