"""What an order names and nobody has drawn is a blind spot: shown, paged once, over when it is drawn."""

from dataclasses import replace
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests import cast
from tests.store.a_case import CASE, a_fact, insert_the_case
from tests.store.test_blind import alarms, look, on_duty, told
from tests.store.test_positions import OUTLINE, fix
from tests.store.test_sightings import House, house
from tocsin.decisions.rules.incident import Kind
from tocsin.decisions.store_blind import load_open_spots
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.rules.order import FactKind, Order, StayAway
from tocsin.registry.rules.order_document import Elsewhere, OrderBody
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_orders import load_orders, update_body
from tocsin.signals.rules.blind import Because, What

__all__ = ["alarms", "house"]
HERSELF = (StayAway(100),)


def say_elsewhere(alarms: PostgresAlarms, *places: Elsewhere) -> Order:
    """Let the order name these places that are not ours."""
    (order,) = load_orders(alarms.conn, alarms.ring, CASE)
    named = replace(order, body=OrderBody(elsewhere=places))
    update_body(alarms.conn, case_key(alarms.conn, alarms.ring, CASE), named)
    return named


@pytest.mark.guarantee("I20")
def test_a_site_that_an_order_names_and_nobody_drew_is_degraded_and_paged_once_until_it_is_drawn(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    insert_the_case(alarms.conn, alarms.ring)
    assert told(look(alarms)) == {cast.SHIFT_LEAD.id}
    (spot,) = load_open_spots(alarms.conn)
    assert (spot.what, spot.subject_id, spot.case_id, spot.because) == (
        What.PLACE,
        cast.HARBOUR.id,
        CASE,
        Because.NOT_DRAWN,
    )
    assert look(alarms) == []
    alarms.conn.execute(
        "update registry_site set outline = %s where id = %s", (Jsonb(OUTLINE), cast.HARBOUR.id)
    )
    (back,) = look(alarms)
    assert back.incident is not None
    assert back.incident.kind is Kind.SEES
    assert load_open_spots(alarms.conn) == []


def test_whoever_enters_an_order_has_half_an_hour_to_draw_what_it_names(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    insert_the_case(alarms.conn, alarms.ring)
    for minutes, spots in ((29, 0), (30, 1)):
        alarms.conn.execute(
            "update registry_protectionorder set entered_at = now() - make_interval(mins => %s)",
            (minutes,),
        )
        look(alarms)
        assert len(load_open_spots(alarms.conn)) == spots


def test_her_home_in_words_alone_is_a_blind_spot_of_that_order_and_drawn_it_is_none(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    insert_the_case(alarms.conn, alarms.ring, away=HERSELF)
    assert look(alarms) == []
    order = say_elsewhere(alarms, Elsewhere("her home", 150))
    assert told(look(alarms)) == {cast.SHIFT_LEAD.id}
    (spot,) = load_open_spots(alarms.conn)
    assert (spot.what, spot.subject_id) == (What.ELSEWHERE, order.id)
    say_elsewhere(alarms, Elsewhere("her home", 150, OUTLINE))
    look(alarms)
    assert load_open_spots(alarms.conn) == []


def test_an_order_that_ended_asks_nobody_to_draw(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    insert_the_case(alarms.conn, alarms.ring)
    look(alarms)
    alarms.conn.execute("update registry_orderfact set kind = 'dismissed' where kind = 'served'")
    look(alarms)
    assert load_open_spots(alarms.conn) == []


@pytest.mark.guarantee("I25")
def test_papers_that_cannot_be_opened_hold_up_no_other_case(alarms: PostgresAlarms) -> None:
    other = cast.number(0x5D7)
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    insert_the_case(alarms.conn, alarms.ring)
    issued = a_fact(FactKind.ISSUED, id=cast.number(0x5D8))
    insert_the_case(alarms.conn, alarms.ring, issued, case_id=other, colleague=None)
    alarms.conn.execute(
        "update registry_protectionorder set body_sealed = 'x' where case_id = %s", (other,)
    )
    look(alarms)
    spots = {spot.case_id: spot.because for spot in load_open_spots(alarms.conn)}
    assert spots == {CASE: Because.NOT_DRAWN, other: Because.UNREADABLE}


@pytest.mark.parametrize("colleague", [None, cast.RESPONDENT.id], ids=["stranger", "colleague"])
def test_a_position_in_her_drawn_home_is_a_possible_breach_of_a_colleague_too(
    house: House, colleague: UUID | None
) -> None:
    insert_the_case(house.conn, house.ring, away=HERSELF, colleague=colleague)
    say_elsewhere(house.alarms, Elsewhere("her home", 100, OUTLINE))
    assert fix(house, 900, -100) == []
    (entered,) = fix(house, 40, -90)
    assert entered.incident is not None
    assert entered.incident.kind is Kind.POSSIBLE_BREACH
