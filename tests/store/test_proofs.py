"""Whoever begins a shift is asked to prove that she is reachable, without anybody pressing for it, and once."""

from datetime import datetime, timedelta

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import HARBOUR_SITE
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Doing, Incident, Kind
from tocsin.engine.cover import PostgresRosters, begun_shifts
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import respond
from tocsin.flow.run_drill import prove_at_start
from tocsin.registry.rules.policy import MAX_SELECTORS
from tocsin.runtime.ids import RandomIds

IDS = RandomIds()
BEGINNERS = frozenset({cast.GUARD.id, cast.SHIFT_LEAD.id})


def _asked(
    store: Store, people: frozenset = BEGINNERS, ago: timedelta = timedelta(minutes=1)
) -> Incident | None:
    with store.alarms.atomically():
        change = prove_at_start(
            store.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, (AT - ago, people), ids=IDS
        )
    return change.incident if change else None


def test_everybody_whose_shift_begins_is_asked_and_nobody_else(store: Store) -> None:
    incident = _asked(store)
    assert incident is not None
    assert incident.kind is Kind.PROOF
    with store.alarms.atomically():
        told = {
            player.short_name
            for player in cast.COLLEAGUES
            if incident.id in store.alarms.told(cast.HARBOUR_EMS, player.id)
        }
    assert told == {"Gus", "Lea"}


def test_the_same_beginning_is_asked_once(store: Store) -> None:
    assert _asked(store) is not None
    assert _asked(store) is None


def test_who_begins_ten_seconds_later_is_asked_too(store: Store) -> None:
    assert _asked(store, frozenset({cast.GUARD.id})) is not None
    assert _asked(store, frozenset({cast.SHIFT_LEAD.id}), timedelta(seconds=50)) is not None


def test_nobody_beginning_is_nobody_asked(store: Store) -> None:
    assert _asked(store, frozenset()) is None


@pytest.mark.parametrize("who", [cast.GUARD, cast.SHIFT_LEAD])
def test_each_of_them_can_answer_also_the_one_who_stands_in_for_who_began_it(
    store: Store, who: cast.Player
) -> None:
    incident = _asked(store)
    assert incident is not None
    with store.alarms.atomically():
        done = respond(
            store.alarms,
            cast.HARBOUR_EMS,
            incident.id,
            by=who.id,
            doing=Doing.SEEN,
            via="page",
            ids=IDS,
        )
    assert getattr(done, "acts", ()) != ()


@pytest.mark.parametrize(
    ("n", "step"), [(MAX_SELECTORS, "person:"), (MAX_SELECTORS + 1, "everyone_on_duty")]
)
def test_more_beginners_than_a_step_can_name_are_asked_as_everybody(
    store: Store, n: int, step: str
) -> None:
    crowd = frozenset({*BEGINNERS, *(cast.number(0x900 + i) for i in range(n - len(BEGINNERS)))})
    incident = _asked(store, crowd)
    assert incident is not None
    assert incident.policy.steps[0].who[0].startswith(step)


@pytest.mark.parametrize(
    ("began_s_ago", "found"), [(0, True), (900, True), (901, False), (-1, False)]
)
def test_the_engine_finds_who_began_lately_where_the_policy_asks_for_it(
    postgres_store: Store, began_s_ago: int, found: bool
) -> None:
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    with alarms.atomically():
        since = alarms.now() - timedelta(seconds=began_s_ago)
        _begin(alarms, since)
        assert begun_shifts(PostgresRosters(alarms)) == []
        alarms.conn.execute(
            """update registry_escalationpolicy set body = jsonb_set(body, '{prove_at_start}', 'true')
            where site_id = %s""",
            (HARBOUR_SITE.id,),
        )
        begun = [(site, began) for _, site, began in begun_shifts(PostgresRosters(alarms))]
    assert begun == ([(HARBOUR_SITE.id, (since, frozenset({cast.GUARD.id})))] if found else [])


def _begin(alarms: PostgresAlarms, since: datetime) -> None:
    """Have the guard's shift begin at `since`, and a call-taker's at her position; nobody else's."""
    alarms.conn.execute("delete from registry_shift")
    for number, (who, at_position) in enumerate(((cast.GUARD, False), (cast.DISPATCHER, True))):
        alarms.conn.execute(
            """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source,
                at_position) values (%s, %s, %s, %s, 'guard', %s, %s, 'test', %s)""",
            (
                cast.number(0x700 + number),
                cast.HARBOUR_EMS,
                HARBOUR_SITE.id,
                who.id,
                since,
                since + timedelta(hours=8),
                at_position,
            ),
        )
