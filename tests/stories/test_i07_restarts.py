"""I7: every wait survives a restart: what is due goes out within two seconds of start."""

import pytest

from tests.snapshots import a_press, a_snapshot
from tests.stories.night_shift import NightShift
from tocsin.flow import snapshot as snapshots
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.raise_sos import raise_sos

pytestmark = pytest.mark.guarantee("I7")


def test_a_dead_engines_messages_are_sent_by_the_next_under_the_same_references() -> None:
    night = NightShift()
    (change,) = raise_sos(night.alarms, [a_press()], ids=night.ids, engine="engine")
    assert night.alarms.release("engine") == len(change.deliveries)
    again = night.alarms.claim("engine", 100, night.clock.now())
    assert {d.reference for d in again} == {d.reference for d in change.deliveries}
    assert {d.attempt for d in again} == {2}


def test_a_step_that_came_due_meanwhile_is_the_first_thing_that_waits() -> None:
    night = NightShift()
    night.presses()
    night.clock.wait(600)
    (waiting,) = night.alarms.waiting(night.clock.now())
    assert (waiting.due_at - night.open().opened_at).total_seconds() == 10


def test_an_incident_goes_on_where_it_was_after_the_database_went_away() -> None:
    night = NightShift()
    night.presses()
    incident = night.open()
    kept = a_snapshot(incidents=(incident,), deliveries=tuple(night.messages(incident)))
    stored = snapshots.from_dict(snapshots.to_dict(kept))
    night.alarms = MemoryAlarms(stored, night.clock.now)
    night.waits(61)
    assert night.record().count("step.begun") == 2
