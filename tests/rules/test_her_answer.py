"""She is told of what was seen, and says that she has read it: it is kept, once, and it stops and counts for nothing."""

from dataclasses import replace

import pytest

from tests import cast
from tests.rules.night import Night
from tests.rules.test_respondent import a_night
from tocsin.decisions.rules.incident import Doing, Kind
from tocsin.decisions.rules.progress import to_progress


def test_that_she_has_read_it_is_kept_once() -> None:
    night = a_night().acts(20, cast.PROTECTED, "seen").acts(40, cast.PROTECTED, "seen")
    assert night.incident.her_answer_at == Night.at(20)
    assert [second for second, kind in night.notes if kind == "her.answered"] == [20]
    assert to_progress(night.incident)["her_answer_at"] == Night.at(20).isoformat()


@pytest.mark.guarantee("I4")
def test_her_answer_stops_nothing_and_is_no_act_of_a_responder() -> None:
    read, unread = a_night().acts(5, cast.PROTECTED, "seen"), a_night()
    assert read.incident.seen_by == frozenset()
    assert read.incident.standing == {}
    assert read.incident.charge is None
    assert read.until(600).calls == unread.late(5).until(600).calls
    assert read.stopped == []


@pytest.mark.guarantee("I4")
@pytest.mark.parametrize("doing", [doing.value for doing in Doing if doing is not Doing.SEEN])
def test_nothing_else_that_she_says_about_it_is_taken(doing: str) -> None:
    unread = replace(a_night().late(5).incident, id=cast.number(0x7A1))
    said = a_night().acts(5, cast.PROTECTED, doing).incident
    assert replace(said, id=unread.id) == unread


@pytest.mark.guarantee("I22")
def test_her_answer_after_a_silent_press_says_nothing_to_any_device() -> None:
    night = a_night().presses(5, silent=True)
    n = len(night.calls)
    night.acts(10, cast.PROTECTED, "seen").until(120)
    assert night.incident.is_silent
    assert all("Wren" not in who for _, _, who in night.calls[n:])


def test_in_her_own_sos_there_is_nothing_to_have_read() -> None:
    night = a_night(Kind.SOS)
    assert night.acts(5, cast.PROTECTED, "seen").incident.her_answer_at is None
