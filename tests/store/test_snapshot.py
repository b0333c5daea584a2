"""Does a snapshot come back from the disk as it was, and does it know who is on duty later?"""

import json
from datetime import time

from tests import cast
from tests.builders import AT, a_contact, a_person
from tests.snapshots import Hands, SeededIds, a_press, a_snapshot, known
from tocsin.flow import snapshot as snapshots
from tocsin.flow.alarms import Change
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.snapshot import Snapshot
from tocsin.registry.rules.contacts import SafeRule


def a_full_snapshot() -> Snapshot:
    safe = SafeRule(zone="America/Chicago", start=time(22), end=time(6), weekdays=frozenset({0, 6}))
    person = a_person(cast.GUARD, contacts=(a_contact(safe=safe),))
    alarms = MemoryAlarms(a_snapshot(), Hands().now)
    (change,) = raise_sos(alarms, [a_press()], ids=SeededIds(), engine="e1")
    assert change.incident is not None
    return a_snapshot(
        people=(known(cast.GUARD, person=person), known(cast.PROTECTED)),
        keys=((cast.HARBOUR_EMS, cast.PROTECTED.id, "key-00000001"),),
        incidents=(change.incident,),
        deliveries=change.deliveries,
    )


def test_a_snapshot_comes_back_from_json_as_it_was() -> None:
    before = a_full_snapshot()
    assert snapshots.from_dict(json.loads(json.dumps(snapshots.to_dict(before)))) == before


def test_an_incident_goes_on_from_a_snapshot() -> None:
    before = a_full_snapshot()
    alarms = MemoryAlarms(snapshots.from_dict(snapshots.to_dict(before)), Hands().now)
    (incident,) = before.incidents
    assert alarms.incidents() == [incident]
    assert alarms.deliveries(incident.id) == list(before.deliveries)
    assert raise_sos(alarms, [a_press()], ids=SeededIds(2)) == []


def test_what_was_saved_is_handed_over_once_and_in_order() -> None:
    alarms = MemoryAlarms(a_snapshot(), Hands().now)
    first = raise_sos(alarms, [a_press()], ids=SeededIds())
    second = raise_sos(alarms, [a_press(cast.GUARD)], ids=SeededIds(2))
    assert alarms.take_saved() == [*first, *second]
    alarms.save([Change()])
    assert alarms.take_saved() == [Change()]
    assert alarms.now() == AT
