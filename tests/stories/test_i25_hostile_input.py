"""I25: hostile input never costs another person's alarm."""

import pytest

from tests import cast
from tests.snapshots import a_press
from tests.stories.night_shift import NightShift
from tocsin.flow.raise_sos import raise_sos

pytestmark = pytest.mark.guarantee("I25")


def test_somebody_unknown_in_a_batch_costs_nobody_anything() -> None:
    night = NightShift()
    stranger = a_press(person_id=cast.number(0xFF))
    changes = raise_sos(night.alarms, [stranger, a_press(), stranger], ids=night.ids)
    assert [c.incident.person_id for c in changes if c.incident] == [cast.PROTECTED.id]


def test_a_key_of_somebody_else_cannot_be_used_up() -> None:
    night = NightShift()
    night.presses(cast.GUARD, key="guessed-key")
    (change,) = night.presses(key="guessed-key")
    assert change.is_new


def test_a_person_of_another_employer_presses_in_vain_under_our_name() -> None:
    assert NightShift().presses(cast.OUTSIDER, organisation_id=cast.HARBOUR_EMS) == []
