"""A roster that cannot be followed is told to the leads: once a week while it lasts, anew for something else (I21)."""

from dataclasses import replace
from datetime import date, time
from typing import cast as typed

import pytest

from tests import cast
from tests.snapshots import HARBOUR_SITE
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.engine.cover import Cover
from tocsin.engine.desk import Desk
from tocsin.flow.alarms import Change
from tocsin.flow.announce_unplanned import LINES, WHOLE, announce_unplanned
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications.rules.due import UNPLANNED
from tocsin.registry import store_sites as sites
from tocsin.registry.rules import roster_document
from tocsin.registry.rules.roster import Pattern, Turn
from tocsin.registry.rules.rows import RosterLineRow
from tocsin.runtime.ids import RandomIds

IDS = RandomIds()
pytestmark = pytest.mark.guarantee("I21")
LINE = Pattern(id=cast.number(0x11E), first_date=date(2026, 1, 1), start=time(6), turns=(Turn(people=(cast.GUARD.id,)),), length_min=720)  # fmt: skip


def told(store: Store, why: tuple[str, str] = (WHOLE, "KeyError")) -> Change | None:
    with store.alarms.atomically():
        return announce_unplanned(
            store.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, why, ids=IDS, engine="e1"
        )


def about(change: Change | None) -> Incident:
    assert change is not None
    assert change.incident is not None
    return change.incident


def test_the_leads_are_told_once_and_anew_of_something_else(store: Store) -> None:
    change = told(store)
    assert about(change).kind is Kind.GAP
    assert change is not None
    assert {d.template for d in change.deliveries} == {UNPLANNED}
    to = {d.person_id for d in change.deliveries}
    assert {cast.SAFETY_LEAD.id} <= to <= {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}
    assert change.entries[0].kind == "roster.unplanned"
    assert told(store) is None
    assert told(store, (LINES, "another line")) is not None


def test_it_asks_for_no_emergency_call(store: Store) -> None:
    incident = about(told(store))
    assert not incident.needs_emergency_call
    assert incident.is_open


def keep(alarms: PostgresAlarms, body: dict[str, object]) -> None:
    at = alarms.now()
    row = RosterLineRow(LINE.id, "pattern", body)
    sites.delete_roster_line(alarms.conn, HARBOUR_SITE.id, LINE.id)
    sites.insert_roster_line(alarms.conn, cast.HARBOUR_EMS, HARBOUR_SITE.id, row, at=at)


@pytest.mark.parametrize(
    ("body", "because"),
    [
        ({}, WHOLE),
        # Its team is gone since.
        (roster_document.line_to_dict(replace(LINE, turns=(Turn(team_id=cast.number(0xDEAD)),))), LINES),
    ],
    ids=["a line that cannot be read", "a line of a team that is gone"],
)  # fmt: skip
def test_the_engine_tells_of_what_its_planning_found_until_it_is_mended(postgres_store: Store, body: dict[str, object], because: str) -> None:  # fmt: skip
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    cover = Cover(typed(Desk, None), IDS, "e1")
    with alarms.atomically():
        keep(alarms, body)
        cover._plan(alarms)
        (change,) = cover.announce_unplanned(alarms)
        assert change.entries[0].body["because"] == because
        assert cover.announce_unplanned(alarms) == []
    with alarms.atomically():
        keep(alarms, roster_document.line_to_dict(LINE))
        cover._plan(alarms)
        assert cover._unplanned == {}
