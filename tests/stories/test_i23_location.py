"""I23: a position is taken only while a walk or an incident is open, of her own device, and of a monitor that a court ordered.

That it reaches only responders, and that her own phone is heard only while something of hers is open, is tried on the
database: `tests/pages/test_sightings.py`, `tests/store/test_intake.py`.
"""

from typing import Any

import pytest

from tests import cast
from tests.feeds.messages import AT, GATE, MONITOR, PHONE
from tocsin.flow.take_message import _without_others_business
from tocsin.registry.rules.sender import SenderKind, SenderRow, refused_sender
from tocsin.signals.feeds.catalogue import READERS
from tocsin.signals.feeds.reading import Message, Origin, Reading

pytestmark = pytest.mark.guarantee("I23")
POSITION = b'{"position": {"lat": 41.88, "lon": -87.63, "fixed_at": "2026-11-06T05:29:30Z", "accuracy_m": 5}}'
CASE = cast.number(0x601)


def a_sender(kind: str = "signed_json", **changes: Any) -> SenderRow:
    known: dict[str, Any] = {"id": GATE.sender_id, "organisation_id": cast.HARBOUR_EMS, "name": "north gate", "kind": kind}  # fmt: skip
    return SenderRow(**known | changes)


def read(origin: Origin, kind: SenderKind = SenderKind.SIGNED_JSON) -> Reading:
    return READERS[kind](Message(POSITION), origin, AT)


@pytest.mark.parametrize("kind", ["owntracks", "osmand"])
def test_a_tracker_of_nobody_cannot_be_enrolled(kind: str) -> None:
    assert "case" in refused_sender(a_sender(kind, site_id=cast.HARBOUR.id))
    assert refused_sender(a_sender(kind, case_id=CASE)) == {}
    assert refused_sender(a_sender(kind, person_id=cast.PROTECTED.id)) == {}


@pytest.mark.parametrize(
    "kind", ["badge", "plate_recognizer", "frigate", "visitor_list", "contact"]
)
def test_no_camera_and_no_reader_follows_a_person(kind: str) -> None:
    wrong = refused_sender(a_sender(kind, person_id=cast.PROTECTED.id, settings={"topic": "frigate"} if kind == "frigate" else {}))  # fmt: skip
    assert "case" in wrong


def test_a_tracker_is_of_a_case_or_of_a_person_and_never_of_both() -> None:
    assert "case" in refused_sender(a_sender("osmand", case_id=CASE, person_id=cast.GUARD.id))


def test_a_position_of_any_other_system_is_dropped_and_counted() -> None:
    reading = read(GATE)
    assert len(reading.seen) == 1
    kept = _without_others_business(None, a_sender(site_id=cast.HARBOUR.id), reading)  # type: ignore[arg-type]
    assert (kept.seen, kept.dropped) == ((), 1)


def test_a_monitor_s_position_is_taken_for_its_own_case_only() -> None:
    monitor = a_sender(case_id=MONITOR.case_id)
    (seen,) = _without_others_business(None, monitor, read(MONITOR)).seen  # type: ignore[arg-type]
    assert (seen.case_id, seen.person_id, seen.site_id) == (MONITOR.case_id, None, None)


def test_her_own_phone_speaks_for_her_and_for_no_case() -> None:
    (seen,) = read(PHONE).seen
    assert (seen.person_id, seen.case_id) == (PHONE.person_id, None)
