"""Positions in PostgreSQL: one visit is one sighting, already inside is said, hers are kept only while it matters."""

from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from tests import cast
from tests.builders import a_policy
from tests.store.a_case import CASE, a_fact, insert_the_case, lift_the_hold
from tests.store.test_sightings import House, house
from tocsin.decisions.rules.incident import ASKING, Incident, Kind
from tocsin.decisions.store_following import is_followed
from tocsin.flow.alarms import Change
from tocsin.registry.rules.order import FactKind, StayAway
from tocsin.runtime.postgres import Cluster
from tocsin.signals.rules.seen import Position, Source
from tocsin.signals.rules.walk import Walk
from tocsin.signals.store import save_walk
from tocsin.signals.store_fixes import erase_fixes

__all__ = ["house"]
MONITOR, PHONE = cast.number(0x9A1), cast.number(0x9A2)
OUTLINE = {
    "type": "Polygon",
    "coordinates": [[[-87.61, 41.88], [-87.6076, 41.88], [-87.6076, 41.8818], [-87.61, 41.8818], [-87.61, 41.88]]],
}  # fmt: skip
M = 1 / 111_195


@pytest.fixture
def drawn(house: House) -> House:
    """Return the house with its site drawn."""
    house.conn.execute(
        "update registry_site set outline = %s where id = %s", (Jsonb(OUTLINE), cast.HARBOUR.id)
    )
    return house


def fix(house: House, south_m: float, s: float, **changes: object) -> list[Change]:
    """Let a fix of his monitor come, so many metres south of the site, `s` seconds from now."""
    at = house.now + timedelta(seconds=s)
    position = Position(41.88 - south_m * M, -87.609, at, 5)
    values: dict[str, object] = {
        "source": Source.MONITOR,
        "track": f"m:{s}",
        "sender_id": MONITOR,
        "case_id": CASE,
        "site_id": None,
        "plates": (),
        "position": position,
    }
    house.report(**values | changes)
    return house.take()


def test_one_visit_is_one_sighting_and_the_next_is_another(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    assert fix(drawn, 900, -100) == []
    entered = fix(drawn, 40, -90)
    assert entered[0].incident is not None
    assert entered[0].incident.kind is Kind.POSSIBLE_BREACH
    assert entered[0].incident.site_id == cast.HARBOUR.id
    for n, metres in enumerate((60, 103, 99, 40)):
        assert fix(drawn, metres, -80 + 10 * n) == []
    for n in range(3):
        assert fix(drawn, 300, -40 + 10 * n) == []
    again = fix(drawn, 40, -5)
    assert [change.is_new for change in again] == [False]
    assert drawn.count("signals_sighting") == 2


@pytest.mark.guarantee("I14")
def test_a_circle_that_only_may_touch_it_is_possible_and_becomes_certain(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    maybe = fix(drawn, 130, -60, position=Position(41.88 - 130 * M, -87.609, drawn.now, 60))
    assert maybe[0].incident is not None
    assert not maybe[0].incident.is_confirmed
    sure = fix(drawn, 10, 5)
    assert sure[0].incident is not None
    assert sure[0].incident.is_confirmed
    assert drawn.count("signals_sighting") == 1


def test_already_inside_when_the_order_begins_is_an_event(drawn: House) -> None:
    tomorrow = drawn.now + timedelta(days=1)
    insert_the_case(
        drawn.conn,
        drawn.ring,
        a_fact(FactKind.ISSUED),
        a_fact(FactKind.EFFECTIVE, true_at=tomorrow),
        colleague=None,
    )
    first = fix(drawn, 0, -60)
    assert first[0].incident is not None
    assert first[0].incident.kind is Kind.INFORM
    assert fix(drawn, 0, -50) == []
    drawn.conn.execute(
        "update registry_orderfact set true_at = %s where kind = 'effective'",
        (drawn.now - timedelta(hours=1),),
    )
    begun = fix(drawn, 0, -40)
    assert begun[0].incident is not None
    assert begun[0].incident.kind is Kind.POSSIBLE_BREACH
    parts = drawn.conn.execute("select parts from signals_sighting order by heard_at").fetchall()
    assert any(["already_inside", 0] in row[0] for row in parts)


@pytest.mark.guarantee("I14")
def test_a_late_fix_inside_is_one_possible_sighting_at_its_own_time(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    late = [fix(drawn, metres, s, seen_at=drawn.now + timedelta(seconds=s)) for metres, s in ((0, -600), (10, -500), (5, -400))]  # fmt: skip
    assert late[0][0].incident is not None
    assert not late[0][0].incident.is_confirmed
    assert late[1:] == [[], []]
    found = drawn.conn.execute("select seen_at, certainty, parts from signals_sighting").fetchall()
    assert found == [(drawn.now - timedelta(seconds=600), "possible", [["was_inside_fence", 600]])]
    for s in (-390, -380, -370):
        assert fix(drawn, 900, s) == []
    assert len(fix(drawn, 0, -300)) == 1
    assert drawn.count("signals_sighting") == 2


def test_a_late_fix_and_then_one_in_time_are_one_stay_that_becomes_certain(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    fix(drawn, 0, -300)
    now = fix(drawn, 0, -10)
    assert now[0].incident is not None
    assert now[0].incident.is_confirmed
    assert drawn.count("signals_sighting") == 1


@pytest.mark.guarantee("I20")
def test_an_old_fix_far_away_is_no_sighting_and_no_leaving(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    assert fix(drawn, 900, -300) == []
    fix(drawn, 0, -60)
    for n in range(4):
        fix(
            drawn,
            5_000,
            -55 + n,
            position=Position(41.8, -87.6, drawn.now - timedelta(seconds=55 - n), 3_000),
        )
    assert fix(drawn, 0, -20) == []
    assert drawn.count("signals_sighting") == 1


@pytest.mark.guarantee("I23")
def test_her_own_position_is_kept_only_while_something_of_hers_is_open(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring, away=(StayAway(457),))
    hers = {
        "source": Source.OWN_DEVICE,
        "sender_id": PHONE,
        "case_id": None,
        "person_id": cast.PROTECTED.id,
    }
    assert fix(drawn, 0, -60, **hers) == []
    assert drawn.count("signals_fix") == 0
    drawn.report()
    drawn.take()
    fix(drawn, 0, -5, **hers)
    assert drawn.count("signals_fix") == 1


def follows(house: House) -> bool:
    """Return whether her own phone is followed now; the guard's never is: nothing of this is about him."""
    with house.alarms.atomically():
        assert not is_followed(house.conn, cast.HARBOUR_EMS, cast.GUARD.id)
        return is_followed(house.conn, cast.HARBOUR_EMS, cast.PROTECTED.id)


@pytest.mark.guarantee("I23")
def test_her_own_device_is_followed_while_a_walk_of_hers_is_open_and_no_longer(
    house: House,
) -> None:
    walk = Walk(
        id=cast.number(0x9B1), organisation_id=cast.HARBOUR_EMS, person_id=cast.PROTECTED.id, site_id=cast.HARBOUR.id,
        watcher_id=cast.GUARD.id, key="w1", state="open", started_at=house.now, timer_s=600, timer_set_at=house.now,
    )  # fmt: skip
    assert not follows(house)
    for state, is_so in (("open", True), ("overdue", False), ("ended", False)):
        save_walk(house.conn, house.ring, replace(walk, state=state))
        # Of a walk that is overdue it is the incident that asks for her which lets her phone be heard.
        assert follows(house) is is_so


@pytest.mark.guarantee("I23")
@pytest.mark.parametrize("kind", list(Kind))
def test_her_own_device_is_followed_while_an_incident_of_hers_is_open_and_in_no_question_and_no_drill(
    house: House, kind: Kind
) -> None:
    incident = Incident(
        id=cast.number(0x9B2), organisation_id=cast.HARBOUR_EMS, site_id=cast.HARBOUR.id, person_id=cast.PROTECTED.id,
        word="WXYZ", kind=kind, is_drill=False, key="k-1", opened_at=house.now, policy=a_policy(), ladder_from=house.now,
        last_raised_at=house.now,
    )  # fmt: skip
    with house.alarms.atomically():
        house.alarms.save([Change(incident=incident, is_new=True)])
    assert follows(house) is (kind not in ASKING)
    for column in ("is_drill = true", "is_about_place = true", "closed_at = now(), closed_how = 'over'"):  # fmt: skip
        with house.alarms.atomically(), house.conn.transaction(force_rollback=True):
            house.conn.execute(f"update decisions_incident set {column}")  # type: ignore[arg-type]
            assert not is_followed(house.conn, cast.HARBOUR_EMS, cast.PROTECTED.id)


def test_he_is_too_near_to_her_wherever_she_is(drawn: House) -> None:
    insert_the_case(drawn.conn, drawn.ring, away=(StayAway(457),))
    drawn.report()
    drawn.take()
    away = {"source": Source.OWN_DEVICE, "sender_id": PHONE, "case_id": None, "person_id": cast.PROTECTED.id}  # fmt: skip
    fix(drawn, 20_000, -2, **away)
    found = fix(drawn, 20_100, 0)
    assert [change.is_new for change in found] == [False]
    parts = drawn.conn.execute(
        "select parts, certainty from signals_sighting where source = 'monitor'"
    ).fetchall()
    assert [(row[0][0][0], row[1]) for row in parts] == [("near_her", "certain")]
    assert fix(drawn, 20_110, 1, **away) == []


@pytest.mark.guarantee("I26")
def test_positions_go_after_a_day_but_not_during_a_legal_hold(
    drawn: House, cluster: Cluster
) -> None:
    insert_the_case(drawn.conn, drawn.ring)
    tomorrow = drawn.now + timedelta(hours=24, minutes=1)
    fix(drawn, 900, -90)
    assert erase_fixes(drawn.conn, tomorrow) == 1
    hers = {"source": Source.OWN_DEVICE, "sender_id": PHONE, "person_id": cast.PROTECTED.id}
    # Inside the fence: an incident, and the hold of its case.
    fix(drawn, 40, -60)
    drawn.conn.execute("update decisions_incident set opened_at = now() - interval '30 seconds'")
    fix(drawn, 0, -40, **hers, case_id=None)
    fix(drawn, 0, -5, **hers, case_id=None)
    # What she sent before the incident is no part of it.
    assert erase_fixes(drawn.conn, tomorrow) == 1
    assert drawn.count("signals_fix") == 2
    lift_the_hold(drawn.conn, cluster)
    assert erase_fixes(drawn.conn, tomorrow) == 2


def test_her_first_fix_of_a_walk_was_measured_before_his_last_one_and_tells_of_him(
    drawn: House,
) -> None:
    insert_the_case(drawn.conn, drawn.ring, away=(StayAway(457),))
    drawn.report()
    drawn.take()
    hers = {"source": Source.OWN_DEVICE, "sender_id": PHONE, "case_id": None, "person_id": cast.PROTECTED.id}  # fmt: skip
    assert fix(drawn, 20_000, 0) == []
    assert len(fix(drawn, 20_010, -3, **hers)) == 1
    # What her phone had kept from before says nothing of where she is.
    assert fix(drawn, 30_000, -50, **hers) == []
    assert drawn.count("signals_fix") == 3
