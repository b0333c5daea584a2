"""An order changes while he stands there, in PostgreSQL: tightening acts, loosening is noted, police hear one word."""

from datetime import timedelta

import pytest

from tests import cast
from tests.store.a_case import CASE, a_fact, insert_the_case
from tests.store.test_seen_in_her_sos import DOUBTFUL, press, the_open_one, told
from tests.store.test_sightings import IDS, House, house
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.decisions.store import load_open_with_cases
from tocsin.flow.alarms import Change
from tocsin.flow.tend_seen import tend_seen
from tocsin.registry.rules.order import End, Fact, FactKind
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_orders import insert_fact, load_orders

__all__ = ["house"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def tell(house: House, kind: FactKind, **changes: object) -> None:
    """Add what just happened to the order."""
    (order,) = load_orders(house.conn, house.ring, CASE)
    values: dict[str, object] = {"heard_at": house.now, "true_at": house.now - MINUTE}
    fact = a_fact(kind, **values | changes)
    insert_fact(house.conn, case_key(house.conn, house.ring, CASE), order, fact)


def tend(house: House) -> list[Change]:
    """Let the engine look once."""
    with house.alarms.atomically():
        return tend_seen(house.alarms, ids=IDS, engine="engine-test")


def the_incident(house: House) -> Incident:
    """Return her open incident."""
    incident = the_open_one(house)
    assert incident is not None
    return incident


def an_ended_order(house: House, *more: Fact) -> None:
    """Write a case whose order ended an hour ago, of a stranger to the house."""
    ended = a_fact(FactKind.ISSUED, end=End(at=house.now - HOUR))
    insert_the_case(house.conn, house.ring, ended, a_fact(FactKind.SERVED), *more, colleague=None)


def renew(house: House) -> None:
    """Renew it for the year."""
    tell(house, FactKind.RENEWED, end=End(at=house.now + 300 * 24 * HOUR))


@pytest.mark.guarantee("I17")
def test_an_order_renewed_while_he_stands_there_makes_it_a_possible_breach(house: House) -> None:
    an_ended_order(house)
    house.report()
    house.take()
    assert the_incident(house).kind is Kind.INFORM
    assert tend(house) == []
    renew(house)
    changes = tend(house)
    assert set(told(changes)) == {"sighting_her", "sighting"}
    assert cast.RESPONDENT.id not in house.people(changes)
    incident = the_incident(house)
    assert incident.kind is Kind.POSSIBLE_BREACH
    assert incident.police == ("possible_breach", "served")
    assert incident.not_located == {CASE}
    assert house.count("decisions_safeguard") >= 4
    assert tend(house) == []


@pytest.mark.guarantee("I14")
def test_renewed_of_what_nobody_has_compared_it_is_asked_and_never_stated(house: House) -> None:
    an_ended_order(house)
    house.report(plates=DOUBTFUL)
    house.take()
    renew(house)
    assert set(told(tend(house))) == {"sighting_check"}
    incident = the_incident(house)
    assert (incident.kind, incident.is_confirmed) == (Kind.POSSIBLE_BREACH, False)
    assert incident.not_located == frozenset()


@pytest.mark.guarantee("I17")
def test_renewed_in_her_sos_people_hear_to_keep_away(house: House) -> None:
    an_ended_order(house)
    press(house)
    house.report()
    assert set(told(house.take())) >= {"sighting_inform"}
    renew(house)
    assert set(told(tend(house))) == {"sighting"}
    assert the_incident(house).not_located == {CASE}


@pytest.mark.guarantee("I15")
def test_served_while_he_stands_there_police_hear_that_and_no_more_that_it_was_not(
    house: House,
) -> None:
    insert_the_case(house.conn, house.ring, a_fact(FactKind.ISSUED), colleague=None)
    house.report()
    house.take()
    assert the_incident(house).police == ("possible_breach", "not_served")
    tell(house, FactKind.SERVED)
    assert [set(told([change])) for change in tend(house)] == [set()]
    house.report(track="cam2-0002")
    house.take()
    incident = the_incident(house)
    assert incident.police == ("possible_breach", "served")
    assert "valid, not served" not in incident.because


@pytest.mark.guarantee("I17")
@pytest.mark.guarantee("I15")
def test_recalled_while_it_is_open_it_stays_a_possible_breach_and_says_so(house: House) -> None:
    insert_the_case(house.conn, house.ring, colleague=None)
    house.report()
    house.take()
    tell(house, FactKind.RECALLED)
    changes = tend(house)
    assert [entry.kind for change in changes for entry in change.entries] == [
        "incident.decided_anew"
    ]
    assert house.people(changes) == set()
    incident = the_incident(house)
    assert (incident.kind, incident.is_confirmed) == (Kind.POSSIBLE_BREACH, True)
    assert incident.police == ("possible_breach", "no_longer")
    assert "recalled" in incident.because
    assert tend(house) == []


def test_what_was_dismissed_is_decided_no_more(house: House) -> None:
    an_ended_order(house)
    press(house)
    # Nobody dismisses what is certain.
    house.report(plates=DOUBTFUL)
    house.take()
    house.conn.execute("update signals_sighting set judged = 'dismissed'")
    renew(house)
    assert tend(house) == []


def test_what_is_open_and_of_no_case_is_not_even_loaded(house: House) -> None:
    an_ended_order(house)
    press(house)
    assert load_open_with_cases(house.conn) == []
    house.report()
    house.take()
    assert [one.id for one in load_open_with_cases(house.conn)] == [the_incident(house).id]
