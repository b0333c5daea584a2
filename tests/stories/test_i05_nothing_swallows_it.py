"""I5: nothing swallows an SOS; two people's SOS are never merged."""

from uuid import UUID

import pytest

from tests import cast
from tests.snapshots import NIGHT
from tests.stories.night_shift import NightShift
from tests.stories.seen_night import HERS, ONLY_RULE, OVER, SeenNight
from tocsin.decisions.rules.incident import Shown

pytestmark = pytest.mark.guarantee("I5")


def test_two_people_with_the_same_key_are_two_incidents() -> None:
    night = NightShift()
    night.presses(key="the-same-key")
    night.presses(cast.GUARD, key="the-same-key")
    assert night.open().id != night.open(cast.GUARD).id


@pytest.mark.parametrize("key", ["one-key-for-all", "k" * 64])
def test_an_sos_under_the_key_of_her_walk_raises_and_is_told_under_that_key(key: str) -> None:
    night = NightShift()
    night.walks(key=key)
    (change,) = night.presses(key=key)
    assert change.is_new
    assert change.incident is not None
    assert change.incident.keys == (key,)
    assert night.presses(key=key) == []


def test_her_own_drill_does_not_swallow_her_sos() -> None:
    night = NightShift()
    drill = night.drills(by=cast.PROTECTED)
    (change,) = night.presses()
    assert change.is_new
    assert night.open().id != drill.id
    assert not night.open().is_drill


def test_a_press_while_one_is_open_joins_it_and_calls_everybody_again() -> None:
    night = NightShift()
    night.presses()
    night.waits(15)
    (again,) = night.presses()
    assert again.incident is not None
    assert again.incident.raised_count == 2
    assert {d.template for d in again.deliveries} == {"sos_again"}


def test_an_sos_while_somebody_is_in_charge_calls_everybody_again() -> None:
    night = NightShift()
    night.presses()
    night.acts(cast.GUARD, "in_charge", night.open())
    night.clock.wait(15)
    (again,) = night.presses()
    called = {d.person_id for d in again.deliveries}
    assert called >= {cast.DISPATCHER.id, cast.GUARD.id, cast.SHIFT_LEAD.id}


def test_an_sos_by_text_raises_like_a_press() -> None:
    night = NightShift()
    (change,) = night.texts(cast.PROTECTED, "please help")
    assert change.is_new
    assert change.deliveries


# --- what is open about her already ---------------------------------------------------------------


def seen_under(case: UUID) -> SeenNight:
    """Return a night in which Wren walks for a minute and he is seen meanwhile; Gus is in charge of that."""
    night = SeenNight()
    night.walks(60)
    night.waits(5)
    night.sees(case)
    night.acts(cast.GUARD, "in_charge", night.open())
    return night


@pytest.mark.parametrize("case", [OVER, HERS])
def test_an_overdue_walk_calls_everybody_although_a_sighting_is_open_and_somebody_is_in_charge(
    case: UUID,
) -> None:
    night = seen_under(case)
    before = len(night.messages(night.open()))
    night.waits(60)
    incident = night.open()
    new = night.messages(incident)[before:]
    overdue = {d.person_id for d in new if d.template == "walk_overdue"}
    assert overdue == {p.id for p in NIGHT if p is not cast.PROTECTED}
    assert {d.person_id for d in new if d.template == "walk_asked"} == {cast.PROTECTED.id}
    assert {d.person_id for d in new if d.template == "confirm_charge"} == {cast.GUARD.id}
    assert cast.RESPONDENT.id not in night.told(incident)
    assert incident.emergency_from is not None
    assert len(night.alarms.incidents()) == 1


def test_nobody_who_keeps_the_charge_of_a_sighting_keeps_it_by_silence_once_she_is_overdue() -> (
    None
):
    night = seen_under(OVER)
    night.waits(60 + 155)
    assert night.open().charge is None
    assert "charge.lapsed" in night.record()


def test_her_code_after_an_overdue_walk_ends_her_part_and_never_what_was_seen() -> None:
    night = seen_under(HERS)
    night.waits(60)
    assert night.ends_walk().grade == "ended"
    incident = night.open()
    assert (incident.is_open, incident.shown) == (True, Shown.CANCELLED)
    assert incident.not_located


def test_an_overdue_walk_during_her_own_sos_asks_whoever_is_in_charge_and_calls_nobody_twice() -> (
    None
):
    night = SeenNight()
    night.walks(60)
    night.presses()
    night.acts(cast.GUARD, "in_charge", night.open())
    night.acts(cast.DISPATCHER, "calling", night.open())
    night.waits(50)
    night.acts(cast.GUARD, "going", night.open())
    before = len(night.messages(night.open()))
    night.waits(11)
    new = night.messages(night.open())[before:]
    assert {(d.template, d.person_id) for d in new} == {("confirm_charge", cast.GUARD.id)}


@pytest.mark.guarantee("I17")
def test_one_doubtful_plate_lets_nobody_close_alone_what_is_certain_and_holds_her_sos() -> None:
    night = SeenNight()
    night.sees(ONLY_RULE)
    night.presses()
    night.waits(16)
    night.sees(HERS, "possible")
    night.acts(cast.GUARD, "over", night.open())
    incident = night.open()
    assert incident.needs_emergency_call
    night.acts(cast.SHIFT_LEAD, "over", incident)
    assert night.alarms.open_incidents([(cast.HARBOUR_EMS, cast.PROTECTED.id)]) == {}


def test_a_flood_that_was_counted_is_one_press_more_and_its_number_is_on_record() -> None:
    night = NightShift()
    night.presses()
    assert "sos.folded" not in night.record()
    (again,) = night.presses(key="flood-0030", labels=("folded",), stands_for=30)
    assert [entry.kind for entry in again.entries][:2] == ["sos.raised_again", "sos.folded"]
    assert {name: again.entries[1].body[name] for name in ("count", "last_key", "person")} == {
        "count": 30, "last_key": "flood-0030", "person": cast.PROTECTED.id,
    }  # fmt: skip


def test_what_is_known_of_the_phone_that_pressed_stays_with_her_incident() -> None:
    night = NightShift()
    night.presses(device_id=cast.number(0xDEAD))
    assert night.open().labels == ("unknown device",)
    night.presses()
    assert night.open().labels == ("unknown device",)
