"""A person dismissed "may be inside", and then his monitor is inside for certain."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.store.a_case import insert_the_case
from tests.store.test_decided_anew import an_ended_order, renew, tend
from tests.store.test_positions import M, drawn, fix
from tests.store.test_seen_in_her_sos import DOUBTFUL, told
from tests.store.test_sightings import IDS, House, house
from tocsin.decisions.rules.incident import Kind
from tocsin.flow.alarms import Change
from tocsin.flow.compare_sighting import compare_sighting
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.respond import Refused
from tocsin.signals.rules.seen import PlateRead, Position

__all__ = ["drawn", "house"]


def may_be_inside(drawn: House, s: float) -> list[Change]:
    """Let a fix come that is outside by 130 m, give or take 60."""
    there = Position(41.88 - 130 * M, -87.609, drawn.now, 60)
    heard_at = drawn.now + timedelta(seconds=s)
    return fix(drawn, 130, s, position=there, heard_at=heard_at)


def says(drawn: House, *, is_he: bool) -> Change | Refused:
    row = drawn.conn.execute("select id from signals_sighting").fetchone()
    assert row is not None
    sighting_id: UUID = row[0]
    sightings = PostgresSightings(drawn.alarms)
    with drawn.alarms.atomically():
        return compare_sighting(
            drawn.alarms, sightings, cast.HARBOUR_EMS, sighting_id, by=cast.GUARD.id, is_he=is_he, ids=IDS
        )  # fmt: skip


@pytest.mark.guarantee("I14")
def test_who_is_called_is_asked_to_look_where_he_is_and_to_compare_nothing(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    (maybe,) = may_be_inside(drawn, -60)
    assert {d.template for d in maybe.deliveries} == {"sighting_where"}
    assert maybe.incident is not None
    with drawn.alarms.atomically():
        kept = drawn.alarms.incident(cast.HARBOUR_EMS, maybe.incident.id)
    assert kept is not None
    assert kept.is_only_where


@pytest.mark.guarantee("I14")
@pytest.mark.parametrize(("plates", "asked"), [((), "sighting_where"), (DOUBTFUL, "sighting_check")])  # fmt: skip
def test_renewed_meanwhile_people_are_asked_what_the_reading_asks(drawn: House, plates: tuple[PlateRead, ...], asked: str) -> None:  # fmt: skip
    an_ended_order(drawn)
    (maybe,) = may_be_inside(drawn, -60)
    assert maybe.incident is not None
    assert (maybe.incident.kind, maybe.incident.is_only_where) == (Kind.INFORM, True)
    if plates:
        drawn.report(plates=plates)
        drawn.take()
    renew(drawn)
    assert set(told(tend(drawn))) == {asked}
    with drawn.alarms.atomically():
        kept = drawn.alarms.incident(cast.HARBOUR_EMS, maybe.incident.id)
    assert kept is not None
    assert kept.is_only_where is not bool(plates)


@pytest.mark.guarantee("I14")
def test_a_certain_fix_of_the_same_visit_opens_it_again_once(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    (maybe,) = may_be_inside(drawn, -60)
    assert maybe.incident is not None
    assert not maybe.incident.is_confirmed
    dismissed = says(drawn, is_he=False)
    assert isinstance(dismissed, Change)
    assert dismissed.incident is not None
    assert not dismissed.incident.is_open
    (certain,) = fix(drawn, 0, 5)
    assert certain.incident is not None
    assert certain.incident.is_confirmed
    assert cast.GUARD.id in drawn.people([certain])
    assert fix(drawn, 0, 15) == []
    # One visit is one sighting still, kept with its incident, and nobody dismisses alone what is certain.
    rows = drawn.conn.execute(
        "select certainty, judged, erase_at, incident_id from signals_sighting"
    ).fetchall()
    assert rows == [("certain", "dismissed", None, certain.incident.id)]
    assert isinstance(says(drawn, is_he=False), Refused)


def test_another_fix_that_only_may_be_inside_changes_nothing_that_was_dismissed(drawn: House) -> None:  # fmt: skip
    insert_the_case(drawn.conn, drawn.ring)
    may_be_inside(drawn, -60)
    says(drawn, is_he=False)
    assert may_be_inside(drawn, 5) == []
    assert drawn.count("decisions_incident where closed_at is null") == 0
