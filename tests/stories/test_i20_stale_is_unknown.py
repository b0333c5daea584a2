"""I20: stale is shown as unknown, never as safe; custody that nobody confirms counts as free."""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import utc
from tocsin.signals.feeds.custody_mail.notice import read_notice
from tocsin.signals.rules.blind import Because as BlindBecause
from tocsin.signals.rules.blind import Watcher, What, judge
from tocsin.signals.rules.custody import Because, CustodyFact, Source, State, custody_at

pytestmark = pytest.mark.guarantee("I20")

ARREST = utc("2026-11-09 20:00")
CASE = cast.number(0x90)
NOTICE = "VINE\nOffender: REX NOTREAL\nFacility: County Jail\nEvent: {}\nDate: {}\n"


def asked(day: int, state: State = State.HELD, **changes: object) -> CustodyFact:
    """Return what the safety lead was told when she telephoned, so many days after the arrest."""
    values: dict[str, object] = {
        "id": cast.number(0x7200 + day),
        "case_id": CASE,
        "state": state,
        "source": Source.JAIL,
        "heard_at": ARREST + timedelta(days=day),
        "heard_by_id": cast.SAFETY_LEAD.id,
        "is_confirmed": True,
    }
    return CustodyFact(**values | changes)  # type: ignore[arg-type]


def by_mail(event: str, date: str, heard: str) -> CustodyFact:
    """Return what a mail says, as it is read."""
    notice = read_notice(NOTICE.format(event, date), utc(heard))
    assert notice is not None
    return CustodyFact(
        id=cast.number(0x7300),
        case_id=CASE,
        state=notice.state,
        source=Source.MAIL_NOTICE,
        heard_at=utc(heard),
        true_at=notice.true_at,
    )


def test_arrested_and_never_asked_about_again_he_counts_as_free_twelve_days_later() -> None:
    facts = [asked(0)]
    assert not custody_at(facts, ARREST + timedelta(hours=23)).counts_as_free
    twelve_days_later = custody_at(facts, ARREST + timedelta(days=12))
    assert (twelve_days_later.counts_as_free, twelve_days_later.because) == (True, Because.SILENCE)


def test_a_feed_that_is_down_for_two_months_never_keeps_him_in_jail() -> None:
    facts = [by_mail("In custody", "11/09/2026 16:00 CST", "2026-11-09 22:05")]
    for days in (0, 1, 30, 60):
        assert custody_at(facts, utc("2026-11-09 22:05") + timedelta(days=days)).counts_as_free


def test_one_of_eight_thousand_false_releases_is_believed_until_it_is_taken_back() -> None:
    jail = asked(0)
    false = by_mail("Released", "11/10/2026 03:00 CST", "2026-11-10 09:01")
    night = utc("2026-11-10 09:30")
    assert custody_at([jail, false], night).because is Because.DISAGREE
    taken_back = CustodyFact(
        **{**{name: getattr(false, name) for name in false.__slots__}, "taken_back_at": night}
    )
    assert not custody_at([jail, taken_back], night).counts_as_free
    assert custody_at([jail, taken_back], night, known_at=utc("2026-11-10 09:10")).counts_as_free


def test_a_tracker_of_any_age_is_no_position_and_a_dead_reader_is_said_to_be_dead() -> None:
    reader = Watcher(
        what=What.READER,
        subject_id=cast.number(0x6001),
        organisation_id=cast.HARBOUR_EMS,
        site_id=cast.HARBOUR.id,
        case_id=None,
        interval_s=300,
        last_at=ARREST,
        because=BlindBecause.SILENT,
    )
    at = ARREST + timedelta(seconds=600)
    found = judge([reader], [], frozenset(), at, [cast.number(1)])
    assert [spot.since for spot in found.tell] == [ARREST]
