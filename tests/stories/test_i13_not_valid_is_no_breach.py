"""I13: an order that is not valid never raises a breach; the sighting still informs staff, with the reason."""

from dataclasses import replace

import pytest

from tests import cast
from tests.simulation.sighting import CASES
from tests.stories.seen_night import HERS, OVER, SeenNight
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.memory_sightings import MemorySightings

pytestmark = pytest.mark.guarantee("I13")


def test_a_sighting_under_an_order_that_ended_is_told_to_the_door_and_calls_no_alarm() -> None:
    night = SeenNight()
    incident = night.sees(OVER)[0].incident
    assert incident is not None
    assert incident.kind is Kind.INFORM
    assert incident.because == ("order not valid", "ended")
    assert night.texts_to(cast.GUARD, incident) == {"sighting_inform"}
    # Rex works here: she would be called at each of his shifts.
    assert night.texts_to(cast.PROTECTED, incident) == set()
    night.waits(300)
    assert not {"call.unclaimed", "incident.unanswered"} & set(night.record()[:3])
    assert night.open().emergency_from is None


def test_the_same_face_under_a_valid_order_a_minute_later_is_a_possible_breach() -> None:
    night = SeenNight()
    night.sees(OVER)
    night.waits(60)
    night.sees(HERS)
    assert night.open().kind is Kind.POSSIBLE_BREACH
    assert "sighting" in night.texts_to(cast.DISPATCHER, night.open())
    assert "sighting_her" in night.texts_to(cast.PROTECTED, night.open())


def after_its_end(night: SeenNight, **facts: bool) -> Incident:
    """Let him be seen under the order that ended, with these facts of him."""
    cases = {case.case_id: replace(case, **facts) for case in CASES}  # type: ignore[arg-type]
    night.sightings = MemorySightings(night.alarms, cases)
    incident = night.sees(OVER)[0].incident
    assert incident is not None
    return incident


@pytest.mark.parametrize(
    "facts", [{"is_colleague": False}, {"is_colleague": True, "keeps_out": True}]
)
def test_she_is_told_first_where_he_has_no_business_though_his_order_ended(
    facts: dict[str, bool],
) -> None:
    night = SeenNight()
    incident = after_its_end(night, **facts)
    first = night.messages(incident)[0]
    assert (first.person_id, first.template) == (cast.PROTECTED.id, "sighting_inform_her")
    assert night.texts_to(cast.GUARD, incident) == {"sighting_inform"}
    told = sum(d.person_id == cast.PROTECTED.id for d in night.messages(incident))
    # Nobody takes it: the others are called again, and she is not.
    night.waits(1_300)
    assert sum(d.person_id == cast.PROTECTED.id for d in night.messages(incident)) == told
    assert night.texts_to(cast.PROTECTED, incident) == {"sighting_inform_her"}


def test_she_is_told_in_her_own_sos_too_that_he_was_seen_though_his_order_ended() -> None:
    night = SeenNight()
    night.presses()
    incident = after_its_end(night, is_colleague=False)
    assert "sighting_inform_her" in night.texts_to(cast.PROTECTED, incident)


def test_after_a_silent_press_her_phone_says_nothing_of_it() -> None:
    night = SeenNight()
    night.presses(is_silent=True)
    incident = after_its_end(night, is_colleague=False)
    assert "sighting_inform_her" not in night.texts_to(cast.PROTECTED, incident)
