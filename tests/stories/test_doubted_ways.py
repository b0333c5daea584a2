"""What is about her goes to no phone or address that her other side may read; whoever else is called hears it as ever."""

from dataclasses import replace

import pytest

from tests import cast
from tests.builders import a_person, a_policy, a_step
from tests.snapshots import HARBOUR_SITE, NIGHT, a_site, known
from tests.stories.held_walks import EndOfShift
from tests.stories.night_shift import WREN, NightShift
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.snapshot import KnownPerson
from tocsin.flow.tell_quietly import Telling, page_duty, tell_person
from tocsin.registry.rules.policy import Person


def doubted(*channels: str) -> Person:
    """Return Wren, whose ways of these channels somebody of her other side made, and nobody has confirmed."""
    wren = a_person(WREN)
    return replace(wren, contacts=tuple(replace(c, is_doubted=c.channel in channels) for c in wren.contacts))  # fmt: skip


def everybody(wren: Person) -> tuple[KnownPerson, ...]:
    """Return whom Harbour knows, with this Wren."""
    others = (player for player in cast.COLLEAGUES if player is not WREN)
    return (known(WREN, person=wren), *map(known, others))


ALL = ("live", "webpush", "sms")


def of_hers(night: NightShift, kind: Kind) -> set[str]:
    """Return on what she was sent anything of an incident of this kind."""
    found = (i for i in night.alarms.incidents() if i.kind is kind)
    return {d.channel for i in found for d in night.messages(i) if d.person_id == WREN.id}


def first(night: NightShift, kind: Kind) -> Incident:
    """Return the incident of this kind."""
    (found,) = (i for i in night.alarms.incidents() if i.kind is kind)
    return found


@pytest.mark.guarantee("I11")
def test_her_phrase_goes_to_what_is_hers_and_to_nothing_that_he_may_read() -> None:
    night = EndOfShift(people=everybody(doubted("sms")))
    hold = night.opens()
    assert of_hers(night, Kind.LOOK) == {"webpush"}
    assert hold.told_at is not None


@pytest.mark.guarantee("I11")
def test_who_has_no_way_of_her_own_is_not_said_to_be_told_and_somebody_is_asked_to_look_all_the_same() -> None:  # fmt: skip
    night = EndOfShift(people=everybody(doubted(*ALL)))
    hold = night.opens()
    assert (of_hers(night, Kind.LOOK), hold.told_at) == (set(), None)
    assert night.asked()


@pytest.mark.guarantee("I11")
def test_something_seen_goes_to_the_leads_and_not_to_what_he_may_read() -> None:
    night = EndOfShift(people=everybody(doubted(*ALL)))
    night.opens()
    night.looks(saw="something")
    (question,) = (i for i in night.alarms.incidents() if i.kind is Kind.LOOK and i.is_open)
    assert night.told(question) == {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}


@pytest.mark.guarantee("I11")
def test_an_overdue_walk_asks_nobody_else_in_her_name_and_her_watcher_at_once() -> None:
    night = NightShift(people=everybody(doubted(*ALL)))
    night.walks(60, watcher_id=cast.GUARD.id)
    night.waits(61)
    assert of_hers(night, Kind.WALK) == set()
    # Hers first would have been ten seconds; there is nobody to wait for.
    assert cast.GUARD.id in night.told(first(night, Kind.WALK))


@pytest.mark.guarantee("I5")
def test_her_sos_calls_everybody_whatever_is_doubted_and_a_step_of_her_own_holds_nobody_up() -> None:  # fmt: skip
    ladder = a_policy(a_step("herself"), a_step(offset_s=30))
    site = a_site(HARBOUR_SITE, policies=(ladder,))
    night = NightShift(people=everybody(doubted(*ALL)), sites=(site,))
    night.presses()
    assert night.told(night.open()) == {player.id for player in NIGHT} - {WREN.id}


@pytest.mark.guarantee("I11")
def test_who_is_called_to_anothers_alarm_is_called_on_everything() -> None:
    night = NightShift(people=everybody(doubted("sms")))
    night.presses(cast.GUARD)
    assert of_hers(night, Kind.SOS) == {"live", "webpush", "sms"}


@pytest.mark.guarantee("I11")
def test_that_something_about_her_waits_to_be_read_is_told_to_no_such_way() -> None:
    telling = Telling(organisation_id=cast.HARBOUR_EMS, site_id=HARBOUR_SITE.id, case_id=cast.number(0xCA5E), her_id=WREN.id)  # fmt: skip
    night = NightShift(people=everybody(doubted("live")))
    change = tell_person(night.alarms, telling, WREN.id, ids=night.ids)
    assert change is not None
    assert {d.channel for d in change.deliveries} == {"webpush"}
    assert tell_person(night.alarms, replace(telling, her_id=None), WREN.id, ids=night.ids)
    assert {d.channel for d in night.messages(night.alarms.incidents()[-1])} >= {"live"}
    # Nobody else is about whom it is: a duty lead whose own ways are doubted for a case of hers is paged as ever.
    night = NightShift(people=everybody(doubted(*ALL)))
    assert tell_person(night.alarms, telling, WREN.id, ids=night.ids) is None
    assert page_duty(night.alarms, telling, ids=night.ids) is not None
