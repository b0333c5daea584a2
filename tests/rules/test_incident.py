"""What is true about an incident, for the one who pressed and for the record?"""

import pytest

from tests import cast
from tests.builders import AT
from tests.rules.night import Night, an_incident
from tocsin.decisions.rules.incident import Grade, Kind, Shown, grade, may_stand_down
from tocsin.decisions.rules.progress import from_progress, to_progress

COLUMNS = (
    *("id", "organisation_id", "site_id", "person_id", "walk_id", "word", "kind", "is_drill"),
    *("key", "opened_at", "closed_at", "closed_how", "version"),
)


@pytest.mark.parametrize(
    ("doing", "word"),
    [
        ("seen", "seen"),
        ("going", "seen"),
        ("calling", "calling"),
        ("in_charge", "in_charge"),
        ("there", "there"),
    ],
)
def test_she_is_shown_who_does_what(doing: str, word: str) -> None:
    night = Night().opens().acts(5, cast.GUARD, doing)
    assert grade(night.incident, was_sent=True) == Grade(word, cast.GUARD.id)


@pytest.mark.parametrize(("was_sent", "word"), [(False, "stored"), (True, "sent")])
def test_before_anybody_answers_she_is_shown_how_far_it_went(was_sent: bool, word: str) -> None:
    assert grade(Night().opens().incident, was_sent=was_sent) == Grade(word)


def test_a_silent_one_shows_stored_whatever_people_do() -> None:
    night = Night(an_incident(shown=Shown.STORED)).opens().acts(5, cast.GUARD, "there")
    assert grade(night.incident, was_sent=True) == Grade("stored")


def test_her_code_shows_cancelled_also_on_a_silent_one() -> None:
    loud, silent = Night().opens().cancels(9), Night(an_incident(shown=Shown.STORED)).opens()
    silent.cancels(9)
    assert {grade(n.incident, was_sent=True).word for n in (loud, silent)} == {"cancelled"}


def test_after_a_duress_cancel_cancelled_is_all_she_is_shown() -> None:
    night = Night().opens().cancels(9, under_duress=True).acts(12, cast.GUARD, "in_charge")
    assert grade(night.incident, was_sent=True) == Grade("cancelled")


def test_stood_down_by_its_people_it_is_over() -> None:
    night = Night().opens().acts(5, cast.GUARD, "over").acts(6, cast.SHIFT_LEAD, "over")
    assert grade(night.incident, was_sent=True) == Grade("over")


@pytest.mark.parametrize(
    ("kind", "is_drill", "people"),
    [(Kind.SOS, False, 2), (Kind.SOS, True, 1), (Kind.PROOF, True, 1), (Kind.WALK, False, 2)],
)
def test_a_real_one_takes_two_people_to_be_over(kind: Kind, is_drill: bool, people: int) -> None:
    enough = frozenset([cast.GUARD.id, cast.SHIFT_LEAD.id][:people])
    incident = an_incident(kind=kind, is_drill=is_drill, over=enough)
    assert may_stand_down(incident) is not None
    one_less = frozenset(list(enough)[1:])
    assert may_stand_down(an_incident(kind=kind, is_drill=is_drill, over=one_less)) is None


def test_saying_over_twice_is_saying_it_once() -> None:
    night = Night().opens().acts(5, cast.GUARD, "over").acts(6, cast.GUARD, "over")
    assert night.incident.is_open


def test_seen_is_never_taken_back() -> None:
    night = Night().opens().acts(5, cast.GUARD, "seen").acts(9, cast.GUARD, "cannot")
    assert night.incident.seen_by == {cast.GUARD.id}


def test_its_progress_is_written_down_and_read_back_as_it_was() -> None:
    night = Night().opens().acts(5, cast.GUARD, "in_charge").presses(20).until(200)
    night.cancels(201, under_duress=True).acts(210, cast.DISPATCHER, "calling")
    incident = night.incident
    columns = {name: getattr(incident, name) for name in COLUMNS}
    assert from_progress(columns, incident.policy, to_progress(incident)) == incident


def test_a_press_that_is_owed_a_call_is_owed_it_after_a_restart_too() -> None:
    incident = Night().opens().presses(4).incident
    columns = {name: getattr(incident, name) for name in COLUMNS}
    read = from_progress(columns, incident.policy, to_progress(incident))
    assert [at for at, _ in Night(read).until(12).called("sos_again")] == [10]


def test_to_whom_the_charge_was_offered_is_read_back_and_stands_where_an_older_version_does_not_look() -> None:  # fmt: skip
    night = Night().opens().acts(5, cast.GUARD, "in_charge")
    assert "offered_to" not in to_progress(night.incident)
    incident = night.hands_over(9, cast.GUARD, cast.SHIFT_LEAD).incident
    columns = {name: getattr(incident, name) for name in COLUMNS}
    written = to_progress(incident)
    assert from_progress(columns, incident.policy, written).charge == incident.charge
    assert (len(written["charge"]), written["offered_to"]) == (4, str(cast.SHIFT_LEAD.id))


def test_a_progress_of_an_older_version_begins_with_what_it_lacks() -> None:
    columns = {name: getattr(an_incident(), name) for name in COLUMNS}
    read = from_progress(columns, an_incident().policy, {"ladder_from": AT.isoformat()})
    assert (read.calls, read.loops, read.charge, read.shown) == (0, 0, None, Shown.TRUTH)
