"""Which sites are hers, when an order names her place of work and no place is drawn?"""

import pytest

from tests import cast
from tests.store.a_case import insert_the_case
from tests.store.test_sightings import House, house
from tocsin.decisions.rules.incident import Kind

__all__ = ["house"]
DEPOT = cast.DEPOT_NORTH.id


def her_shift(house: House, starts: str, ends: str) -> None:
    """Put her one shift at the depot: her own site is another one."""
    insert_the_case(house.conn, house.ring, colleague=None, away=())
    house.conn.execute(
        """update registry_shift set site_id = %s, starts_at = now() + %s::interval, ends_at = now() + %s::interval
        where person_id = %s""",
        (DEPOT, starts, ends, cast.PROTECTED.id),
    )


def kind_at_depot(house: House) -> Kind:
    house.report(site_id=DEPOT)
    (change,) = house.take()
    assert change.incident is not None
    return change.incident.kind


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("-1 hour", "6 hours"),
        ("10 minutes", "8 hours"),
        ("-8 hours", "-2 minutes"),
        ("5 days", "5 days 8 hours"),
        ("-14 days -6 hours", "-13 days -23 hours"),
        ("13 days 23 hours", "15 days"),
    ],
)
def test_he_waits_where_she_works_these_days_before_her_shift_and_after_it(house: House, starts: str, ends: str) -> None:  # fmt: skip
    her_shift(house, starts, ends)
    assert kind_at_depot(house) is Kind.POSSIBLE_BREACH


@pytest.mark.parametrize(
    ("starts", "ends"), [("14 days 1 hour", "15 days"), ("-15 days", "-14 days -1 hours")]
)
def test_a_site_where_she_worked_or_will_work_weeks_away_is_not_her_place_of_work(house: House, starts: str, ends: str) -> None:  # fmt: skip
    her_shift(house, starts, ends)
    assert kind_at_depot(house) is Kind.INFORM


@pytest.mark.parametrize("is_over", [False, True])
def test_where_her_walk_is_held_is_hers_though_the_shift_was_taken_from_the_roster(house: House, is_over: bool) -> None:  # fmt: skip
    her_shift(house, "-1 hour", "6 hours")
    house.conn.execute("delete from registry_shift where person_id = %s", (cast.PROTECTED.id,))
    house.conn.execute(
        """insert into signals_hold (id, organisation_id, person_id, site_id, kind, shift_ends_at, opened_at, state,
            missed_look, ended_at)
        values (%s, %s, %s, %s, 'leaving', now(), now(), %s, false, case when %s then now() end)""",
        (
            cast.number(0x7A1),
            cast.HARBOUR_EMS,
            cast.PROTECTED.id,
            DEPOT,
            "declined" if is_over else "held",
            is_over,
        ),
    )
    assert kind_at_depot(house) is (Kind.INFORM if is_over else Kind.POSSIBLE_BREACH)
