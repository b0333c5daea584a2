"""When is protection blind, whom is it told, and when does it see again?"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.builders import AT
from tocsin.signals.rules.blind import Because, Judged, Spot, Watcher, What, judge

MINUTE = timedelta(minutes=1)
IDS = [cast.number(0x6100 + n) for n in range(50)]


def a_reader(last_at: datetime = AT, **changes: object) -> Watcher:
    """Return a reader that should be heard every five minutes."""
    values: dict[str, object] = {
        "what": What.READER,
        "subject_id": cast.number(0x6001),
        "organisation_id": cast.HARBOUR_EMS,
        "site_id": cast.HARBOUR.id,
        "case_id": None,
        "interval_s": 300,
        "last_at": last_at,
        "because": Because.SILENT,
    }
    return Watcher(**values | changes)  # type: ignore[arg-type]


def look(
    watchers: list[Watcher], spots: list[Spot], at: datetime, told: frozenset[object] = frozenset()
) -> Judged:
    """Look once."""
    return judge(watchers, spots, told, at, IDS)  # type: ignore[arg-type]


@pytest.mark.guarantee("I20")
def test_a_reader_is_blind_once_two_intervals_have_gone_by_and_no_second_sooner():
    assert look([a_reader()], [], AT + 10 * MINUTE - timedelta(seconds=1)) == Judged((), (), ())
    (spot,) = look([a_reader()], [], AT + 10 * MINUTE).tell
    assert (spot.since, spot.found_at, spot.because) == (AT, AT + 10 * MINUTE, Because.SILENT)


@pytest.mark.guarantee("I20")
def test_what_was_never_heard_is_blind_too():
    (spot,) = look([a_reader(because=Because.NEVER_HEARD)], [], AT + 10 * MINUTE).tell
    assert spot.because is Because.NEVER_HEARD


def test_it_is_told_once_and_again_only_until_somebody_could_be_told():
    (spot,) = look([a_reader()], [], AT + 10 * MINUTE).tell
    assert look([a_reader()], [spot], AT + 11 * MINUTE).tell == (spot,)
    told = replace(spot, told_at=AT + 11 * MINUTE)
    assert look([a_reader()], [told], AT + 60 * MINUTE) == Judged((), (), ())


def test_it_sees_again_only_after_an_interval_without_a_hole():
    (spot,) = look([a_reader()], [], AT + 10 * MINUTE).tell
    heard = a_reader(AT + 20 * MINUTE)
    (watched,) = look([heard], [spot], AT + 20 * MINUTE).changed
    assert (watched.well_since, watched.back_at) == (AT + 20 * MINUTE, None)
    assert look([heard], [watched], AT + 25 * MINUTE - timedelta(seconds=1)).back == ()
    (back,) = look([a_reader(AT + 24 * MINUTE)], [watched], AT + 25 * MINUTE).back
    assert back.back_at == AT + 25 * MINUTE


def test_one_message_and_silence_again_is_one_blindness():
    (spot,) = look([a_reader(interval_s=60)], [], AT + 2 * MINUTE).tell
    watched = replace(spot, told_at=AT + 2 * MINUTE, well_since=AT + 3 * MINUTE)
    silent = a_reader(AT + 3 * MINUTE, interval_s=600)
    after = look([silent], [watched], AT + 23 * MINUTE)
    assert [one.well_since for one in after.changed] == [None]
    assert (after.tell, after.back) == ((), ())


def test_what_comes_and_goes_is_shown_each_time_and_told_once_an_hour():
    reader = a_reader()
    again = look([reader], [], AT + 10 * MINUTE, frozenset({reader.key}))
    assert len(again.changed) == 1
    assert again.tell == ()


def test_a_reader_that_was_revoked_ends_its_blindness_at_once():
    (spot,) = look([a_reader()], [], AT + 10 * MINUTE).tell
    (back,) = look([], [spot], AT + 11 * MINUTE).back
    assert back.back_at == AT + 11 * MINUTE
    # It is gone, and did not see again; what is no longer undrawn is in order.
    assert back.is_gone
    assert not replace(back, because=Because.NOT_DRAWN).is_gone
    assert not replace(back, well_since=AT + 10 * MINUTE).is_gone
    assert not spot.is_gone


def test_the_same_post_in_two_cases_is_two_things():
    posts = [
        a_reader(what=What.POST, case_id=cast.number(n), because=Because.UNMANNED) for n in (1, 2)
    ]
    assert len(look(posts, [], AT + 10 * MINUTE).tell) == 2


@given(st.lists(st.booleans(), max_size=120))
def test_however_it_flaps_each_hour_is_told_at_most_once(heard: list[bool]):
    spots: dict[object, Spot] = {}
    told: list[datetime] = []
    last_at, ids = AT, iter([cast.number(0x8000 + n) for n in range(2000)])
    for minute, is_heard in enumerate(heard, 1):
        at = AT + minute * MINUTE
        last_at = at if is_heard else last_at
        lately = a_reader().key
        recent = frozenset({lately} if told and at - told[-1] < timedelta(hours=1) else ())
        found = judge([a_reader(last_at, interval_s=60)], list(spots.values()), recent, at, ids)
        for spot in found.changed:
            spots[spot.id] = spot
        for spot in found.tell:
            spots[spot.id] = replace(spots[spot.id], told_at=at)
            told.append(at)
        spots = {key: spot for key, spot in spots.items() if spot.back_at is None}
        assert len(spots) <= 1
    assert all(b - a >= timedelta(hours=1) for a, b in zip(told, told[1:], strict=False))
