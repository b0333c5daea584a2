"""Is he held? Only a person who asked makes him so; in doubt he counts as free."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import utc
from tocsin.signals.rules.custody import (
    CONFIRM_WITHIN,
    MAX_CONFIRM_WITHIN,
    NOTICES,
    OFFICIAL,
    Because,
    CustodyFact,
    Source,
    State,
    custody_at,
    located,
)

NOON = utc("2026-11-20 12:00")
HOUR = timedelta(hours=1)


def a_word(
    state: State, source: Source = Source.JAIL, hours: float = 0, **changes: object
) -> CustodyFact:
    """Return what a source said so many hours after noon; by default a person asked it."""
    values: dict[str, object] = {
        "id": cast.number(0x7000 + int(hours * 60) % 4096),
        "case_id": cast.number(0x90),
        "state": state,
        "source": source,
        "heard_at": NOON + hours * HOUR,
        "heard_by_id": cast.SAFETY_LEAD.id,
        "is_confirmed": source in OFFICIAL,
    }
    return CustodyFact(**values | changes)  # type: ignore[arg-type]


def a_notice(state: State, hours: float = 0, **changes: object) -> CustodyFact:
    """Return what a mail said."""
    return a_word(state, Source.MAIL_NOTICE, hours, heard_by_id=None, is_confirmed=False, **changes)


@pytest.mark.guarantee("I20")
def test_custody_of_which_nobody_said_anything_counts_as_free():
    custody = custody_at([], NOON)
    assert (custody.counts_as_free, custody.because) == (True, Because.NOBODY_TOLD)


def test_a_person_who_asked_the_jail_makes_him_count_as_held():
    custody = custody_at([a_word(State.HELD)], NOON + HOUR)
    assert (custody.state, custody.counts_as_free) == (State.HELD, False)
    assert custody.lapses_at == NOON + CONFIRM_WITHIN


@pytest.mark.guarantee("I20")
def test_silence_counts_as_free_from_the_very_second_the_bound_is_reached():
    facts = [a_word(State.HELD)]
    assert not custody_at(facts, NOON + CONFIRM_WITHIN - timedelta(seconds=1)).counts_as_free
    assert custody_at(facts, NOON + CONFIRM_WITHIN).because is Because.SILENCE


def test_a_sentence_may_be_asked_about_less_often_but_once_a_month():
    facts = [a_word(State.HELD, confirm_by=NOON + timedelta(days=400))]
    assert not custody_at(facts, NOON + MAX_CONFIRM_WITHIN - timedelta(seconds=1)).counts_as_free
    assert custody_at(facts, NOON + MAX_CONFIRM_WITHIN).counts_as_free


def test_asking_again_counts_anew_though_the_arrest_was_days_ago():
    first = a_word(State.HELD)
    again = a_word(State.HELD, hours=23, true_at=NOON - 48 * HOUR)
    assert custody_at([first, again], NOON + 40 * HOUR).lapses_at == NOON + 47 * HOUR


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize(
    "source", [Source.PROTECTED, Source.SOMEBODY, Source.MAIL_NOTICE, Source.SMS_NOTICE]
)
def test_hearsay_and_notices_tighten_and_never_loosen(source: Source):
    held = a_word(State.HELD, source, is_confirmed=source in (Source.PROTECTED, Source.SOMEBODY))
    assert custody_at([held], NOON).because is Because.NOT_CONFIRMED
    asked = a_word(State.HELD)
    freed = a_word(State.RELEASED, source, hours=1)
    assert custody_at([asked, freed], NOON + 2 * HOUR).counts_as_free


@pytest.mark.guarantee("I20")
def test_two_sources_that_disagree_count_as_free_until_a_person_decides():
    jail, mail = a_word(State.HELD), a_notice(State.RELEASED, hours=1)
    custody = custody_at([jail, mail], NOON + 2 * HOUR)
    assert (custody.counts_as_free, custody.because) == (True, Because.DISAGREE)
    assert set(custody.facts) == {jail, mail}
    asked_again = a_word(State.HELD, hours=2)
    assert custody_at([jail, mail, asked_again], NOON + 3 * HOUR).because is Because.DISAGREE
    decided = replace(asked_again, settles=True)
    assert not custody_at([jail, mail, decided], NOON + 3 * HOUR).counts_as_free


def test_what_comes_after_a_decision_opens_the_question_anew():
    decided = a_word(State.HELD, hours=2, settles=True)
    late = a_notice(State.RELEASED, hours=3, true_at=NOON)
    assert custody_at([decided, late], NOON + 4 * HOUR).because is Because.DISAGREE


def test_an_announced_release_takes_effect_at_its_time_though_somebody_decided_before():
    announced = a_notice(State.RELEASED, true_at=NOON + 20 * HOUR)
    decided = a_word(State.HELD, hours=1, settles=True)
    facts = [announced, decided]
    assert not custody_at(facts, NOON + 20 * HOUR - timedelta(seconds=1)).counts_as_free
    assert custody_at(facts, NOON + 20 * HOUR).counts_as_free


def test_a_notice_that_came_late_does_not_undo_a_later_one_of_the_same_source():
    freed = a_notice(State.RELEASED, hours=2, true_at=NOON + HOUR)
    late = a_notice(State.HELD, hours=3, true_at=NOON)
    custody = custody_at([freed, late], NOON + 4 * HOUR)
    assert (custody.state, custody.facts) == (State.RELEASED, (freed,))


@pytest.mark.guarantee("I20")
def test_what_is_heard_after_somebody_asked_counts_though_it_speaks_of_an_hour_before():
    asked = a_word(State.HELD, hours=2)
    heard = a_word(State.RELEASED, hours=3, true_at=NOON + HOUR, is_confirmed=False)
    custody = custody_at([asked, heard], NOON + 4 * HOUR)
    assert (custody.because, custody.counts_as_free) == (Because.DISAGREE, True)
    # Who asks once more has heard of it.
    again = a_word(State.HELD, hours=4)
    assert not custody_at([asked, heard, again], NOON + 5 * HOUR).counts_as_free


def test_a_false_release_is_taken_back_and_what_was_believed_stays_answerable():
    jail = a_word(State.HELD)
    false = a_notice(State.RELEASED, hours=1, taken_back_at=NOON + 3 * HOUR)
    facts = [jail, false]
    assert not custody_at(facts, NOON + 4 * HOUR).counts_as_free
    assert custody_at(facts, NOON + 2 * HOUR).counts_as_free
    assert custody_at(facts, NOON + 2 * HOUR, known_at=NOON + 2 * HOUR).because is Because.DISAGREE
    assert not custody_at(facts, NOON + 2 * HOUR, known_at=NOON + 4 * HOUR).counts_as_free


def test_what_was_heard_later_was_not_known_before():
    late = a_word(State.RELEASED, Source.POLICE, hours=10, true_at=NOON + HOUR)
    facts = [a_word(State.HELD), late]
    assert not custody_at(facts, NOON + 2 * HOUR, known_at=NOON + 2 * HOUR).counts_as_free
    assert custody_at(facts, NOON + 2 * HOUR, known_at=NOON + 11 * HOUR).counts_as_free


@pytest.mark.guarantee("I20")
def test_a_notice_that_nobody_could_read_makes_him_count_as_free_though_the_word_before_it_runs_a_month():
    asked = a_word(State.HELD, confirm_by=NOON + timedelta(days=31))
    unread = a_notice(State.NOT_UNDERSTOOD, hours=48)
    assert not custody_at([asked, unread], NOON + 47 * HOUR).counts_as_free
    custody = custody_at([asked, unread], NOON + timedelta(days=20))
    assert (custody.state, custody.counts_as_free, custody.because) == (
        State.UNKNOWN,
        True,
        Because.UNREAD,
    )
    assert custody.facts == (unread, asked)
    assert custody_at([unread], NOON + timedelta(days=20)).because is Because.NOBODY_TOLD


def test_he_counts_as_held_again_once_a_person_has_read_it_or_asked_since():
    asked = a_word(State.HELD)
    unread = a_notice(State.NOT_UNDERSTOOD, hours=1)
    again = a_word(State.HELD, Source.POLICE, hours=2)
    taken_back = replace(unread, taken_back_at=NOON + 2 * HOUR)
    written_down = a_word(State.HELD, Source.SOMEBODY, hours=1.5)
    about_another = replace(taken_back, taken_back_because="other_person")
    for facts in (
        [asked, unread, again],
        [asked, taken_back, written_down],
        [asked, about_another],
    ):
        assert custody_at(facts, NOON + 2 * HOUR - timedelta(seconds=1)).counts_as_free
        assert not custody_at(facts, NOON + 2 * HOUR).counts_as_free


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("because", ["false_notice", "mistyped", "read_by_a_person"])
def test_taking_back_what_nobody_has_read_brings_no_older_held_back(because: str):
    asked = a_word(State.HELD)
    unread = a_notice(
        State.NOT_UNDERSTOOD,
        hours=1,
        taken_back_at=NOON + 2 * HOUR,
        taken_back_because=because,
    )
    assert custody_at([asked, unread], NOON + 3 * HOUR).because is Because.UNREAD
    another_mail = a_notice(State.HELD, hours=2.5)
    assert custody_at([asked, unread, another_mail], NOON + 3 * HOUR).because is Because.UNREAD
    asked_again = a_word(State.HELD, hours=3)
    assert not custody_at([asked, unread, asked_again], NOON + 3 * HOUR).counts_as_free


@pytest.mark.guarantee("I20")
def test_what_it_says_written_down_and_taken_back_in_its_turn_is_written_down_nowhere():
    unread = a_notice(State.NOT_UNDERSTOOD, hours=1, taken_back_at=NOON + 2 * HOUR)
    word = a_word(State.HELD, Source.SOMEBODY, hours=2)
    facts = [a_word(State.HELD), unread, word]
    assert not custody_at(facts, NOON + 3 * HOUR).counts_as_free
    facts[-1] = replace(word, taken_back_at=NOON + 3 * HOUR)
    assert custody_at(facts, NOON + 3 * HOUR).because is Because.UNREAD


def test_one_that_came_in_the_very_second_in_which_somebody_asked_counts_as_unread():
    asked, unread = a_word(State.HELD), a_notice(State.NOT_UNDERSTOOD)
    assert custody_at([asked, unread], NOON).because is Because.UNREAD


def test_one_that_nobody_could_read_hides_no_word_of_its_source():
    freed = a_notice(State.RELEASED)
    unread = a_notice(State.NOT_UNDERSTOOD, hours=1)
    custody = custody_at([freed, unread], NOON + 2 * HOUR)
    assert (custody.state, custody.facts) == (State.RELEASED, (freed,))


@pytest.mark.guarantee("I20")
def test_nobody_is_located_while_a_later_notice_waits_to_be_read():
    asked = a_word(State.HELD, hours=1)
    unread = a_notice(State.NOT_UNDERSTOOD, hours=2)
    assert located([asked, unread], NOON, NOON + HOUR) == asked
    assert located([asked, unread], NOON, NOON + 3 * HOUR) is None


def test_a_transfer_counts_as_free_until_somebody_asked_the_new_place():
    facts = [a_word(State.HELD), a_word(State.TRANSFERRED, hours=1)]
    assert custody_at(facts, NOON + 2 * HOUR).because is Because.SAID_UNKNOWN
    facts.append(a_word(State.HELD, hours=2))
    assert not custody_at(facts, NOON + 3 * HOUR).counts_as_free


@pytest.mark.guarantee("I20")
def test_only_a_persons_word_after_the_incident_ends_not_located():
    before, notice = a_word(State.HELD, hours=-1), a_notice(State.HELD, hours=1)
    after = a_word(State.HELD, Source.POLICE, hours=2)
    at = NOON + 3 * HOUR
    assert located([], NOON, at) is None
    assert located([before, notice], NOON, at) is None
    assert located([before, notice, after], NOON, at) == after
    freed = a_notice(State.RELEASED, hours=2)
    assert located([after, freed], NOON, at) is None


WORDS = st.builds(
    a_word,
    st.sampled_from(State),
    st.sampled_from(Source),
    st.integers(0, 60),
    is_confirmed=st.booleans(),
    settles=st.booleans(),
    heard_by_id=st.sampled_from([None, cast.GUARD.id]),
    true_at=st.none() | st.integers(-5, 70).map(lambda hours: NOON + hours * HOUR),
    taken_back_at=st.none() | st.integers(0, 60).map(lambda hours: NOON + hours * HOUR),
)
TIMES = st.integers(0, 80).map(lambda hours: NOON + hours * HOUR)


@pytest.mark.guarantee("I20")
@given(st.lists(WORDS, max_size=6), TIMES)
def test_whoever_counts_as_held_is_held_by_the_word_of_a_person_within_its_bound(
    facts: list[CustodyFact], at: datetime
):
    custody = custody_at(facts, at)
    if not custody.counts_as_free:
        assert all(fact.state is State.HELD for fact in custody.facts)
        assert any(
            fact.is_confirmed
            and fact.heard_by_id
            and fact.source in OFFICIAL
            and fact.is_known(at)
            and fact.heard_at <= at < fact.counts_until
            for fact in custody.facts
        )


@pytest.mark.guarantee("I20")
@given(st.lists(WORDS, max_size=5), WORDS, TIMES)
def test_one_more_notice_never_loosens(facts: list[CustodyFact], more: CustodyFact, at: datetime):
    notice = replace(
        more, id=cast.number(0x9999), source=Source.SMS_NOTICE, is_confirmed=False, settles=False
    )
    if custody_at(facts, at).counts_as_free:
        assert custody_at([*facts, notice], at).counts_as_free


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize("source", [Source.MAIL_NOTICE, Source.SOMEBODY, Source.JAIL])
def test_that_he_is_held_takes_no_release_away_unless_somebody_asked(source: Source):
    asked = a_word(State.HELD, Source.POLICE)
    freed = a_word(State.RELEASED, source, hours=1)
    again = a_word(State.HELD, source, hours=2, is_confirmed=False)
    custody = custody_at([asked, freed, again], NOON + 3 * HOUR)
    assert (custody.counts_as_free, custody.because) == (True, Because.DISAGREE)
    assert set(custody.facts) == {asked, freed, again}
    settled = a_word(State.HELD, hours=3, settles=True)
    assert not custody_at([asked, freed, again, settled], NOON + 4 * HOUR).counts_as_free


@pytest.mark.guarantee("I20")
@given(
    st.lists(WORDS, max_size=5),
    st.integers(0, 60),
    st.integers(0, 20),
    TIMES,
    st.sampled_from(["false_notice", "mistyped", "read_by_a_person", ""]),
)
def test_taking_back_a_notice_that_nobody_read_never_loosens(
    facts: list[CustodyFact], hours: int, later: int, at: datetime, because: str
):
    unread = a_notice(State.NOT_UNDERSTOOD, hours, id=cast.number(0x9999))
    back_at = unread.heard_at + later * HOUR
    taken_back = replace(unread, taken_back_at=back_at, taken_back_because=because)
    # Nobody has written anything down since it came: whatever came by itself says nothing of what it said.
    silent = [
        fact
        for fact in facts
        if fact.heard_at <= unread.heard_at or fact.heard_by_id is None or fact.source in NOTICES
    ]
    before, after = custody_at([*silent, unread], at), custody_at([*silent, taken_back], at)
    assert after.counts_as_free == before.counts_as_free
    if at >= unread.heard_at:
        assert after.counts_as_free
