"""I1: an accepted SOS is never lost."""

from dataclasses import replace

import pytest

from tests import cast
from tests.builders import a_person
from tests.snapshots import a_press, a_snapshot, device_of, known
from tests.stories.night_shift import NightShift
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.snapshot import KnownDevice

pytestmark = pytest.mark.guarantee("I1")


def test_the_same_press_again_is_one_incident_and_calls_once() -> None:
    night = NightShift()
    (first,) = night.presses(key="key-of-hers")
    assert night.presses(key="key-of-hers") == []
    assert first.incident is not None
    assert night.messages(first.incident) == list(first.deliveries)


@pytest.mark.parametrize(
    ("word", "said"), [("is_revoked", "revoked device"), ("is_doubted", "unconfirmed device")]
)
def test_a_press_of_a_phone_that_is_not_believed_alarms_labelled(word: str, said: str) -> None:
    phone = KnownDevice(id=device_of(cast.PROTECTED), person_id=cast.PROTECTED.id)
    night = NightShift(devices=(replace(phone, **{word: True}),))
    (change,) = night.presses()
    assert change.deliveries
    assert change.entries[0].body["label"] == said
    assert night.alarms.devices_in_use([cast.PROTECTED.id]) == {cast.PROTECTED.id: ()}
    # Its code is void (I4), and the record says why in the same words.
    assert night.cancels().grade == "wrong"
    (refused,) = (e for e in night.alarms.entries() if e.kind == "cancel.refused")
    assert (refused.body["because"], night.open().is_open) == (said, True)


def test_a_press_of_somebody_who_left_alarms_labelled() -> None:
    people = tuple(
        replace(person, is_active=person.person.id != cast.PROTECTED.id)
        for person in a_snapshot().people
    )
    (change,) = NightShift(people=people).presses()
    assert change.deliveries
    assert change.entries[0].body["label"] == "inactive person"


def test_a_site_without_a_policy_calls_everybody_on_duty() -> None:
    (change,) = NightShift().presses(cast.OUTSIDER)
    assert {d.person_id for d in change.deliveries} == {cast.number(0x08)}


def test_a_person_whom_nobody_can_reach_still_has_an_incident_on_record() -> None:
    mute = known(cast.PROTECTED, person=a_person(cast.PROTECTED, contacts=()))
    night = NightShift(people=(mute,))
    (change,) = night.presses()
    assert change.incident is not None
    assert "step.skipped" in night.record()


def test_in_a_batch_each_press_is_its_own() -> None:
    night = NightShift()
    batch = [a_press(), a_press(cast.GUARD), a_press(), a_press(key="key-00000002")]
    changes = raise_sos(night.alarms, batch, ids=night.ids)
    assert len(changes) == 3
    assert {i.person_id: i.raised_count for i in night.alarms.incidents()} == {
        cast.PROTECTED.id: 2,
        cast.GUARD.id: 1,
    }
