"""May this way of reaching a person be used now?"""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from tests import cast
from tests.builders import AT, a_contact, utc
from tocsin.registry.rules.contact_document import check_rule, rule_from_dict, rule_to_dict
from tocsin.registry.rules.contacts import (
    NEVER_VERIFIED,
    OUTSIDE_HOURS,
    REVOKED,
    SOMEBODY_ELSE,
    Contact,
    EmergencyContact,
    SafeRule,
    channels_of,
    in_order,
    kept_out,
    loosens,
    usable,
)
from tocsin.registry.rules.document import DocumentError


def reason(at=AT, **changes):
    return usable(a_contact(**changes), at).reason


def a_rule(start, end, **changes):
    """Return a rule in Chicago from `start` to `end`, both given as hours."""
    return SafeRule(**{"zone": "America/Chicago", "start": time(start), "end": time(end)} | changes)


def test_a_verified_method_may_be_used():
    assert usable(a_contact(), AT).is_usable
    assert reason() is None


def test_a_method_that_nobody_verified_may_not():
    assert reason(verified_at=None) == NEVER_VERIFIED


def test_a_revoked_method_may_not_be_used():
    assert reason(revoked_at=AT) == REVOKED


@pytest.mark.guarantee("I6")
def test_what_was_verified_or_revoked_while_the_clock_ran_ahead_is_so():
    next_year = AT + timedelta(days=365)
    assert reason(verified_at=next_year) is None
    assert reason(revoked_at=next_year) == REVOKED


def test_a_method_that_somebody_else_may_answer_is_never_used_by_itself():
    assert reason(safe=a_rule(0, 0, only_owner_answers=False)) == SOMEBODY_ELSE


@pytest.mark.parametrize(
    ("at", "is_safe"),
    [
        ("2026-11-05 13:59", False),  # 07:59 in Chicago
        ("2026-11-05 14:00", True),
        ("2026-11-05 22:59", True),
        ("2026-11-05 23:00", False),
    ],
)
def test_safe_hours_are_told_by_the_owner_s_clock(at, is_safe):
    assert (reason(utc(at), safe=a_rule(8, 17)) is None) == is_safe


@pytest.mark.parametrize(
    ("at", "is_safe"),
    [
        ("2026-11-07 04:00", True),  # Friday 22:00 in Chicago
        ("2026-11-07 11:59", True),  # Saturday 05:59, still Friday's night
        ("2026-11-07 12:00", False),
        ("2026-11-08 04:00", False),  # Saturday 22:00
        ("2026-11-06 11:00", False),  # Friday 05:00, Thursday's night
    ],
)
def test_safe_hours_past_midnight_belong_to_the_day_on_which_they_begin(at, is_safe):
    friday_night = a_rule(22, 6, weekdays=frozenset({4}))
    assert (reason(utc(at), safe=friday_night) is None) == is_safe


def test_a_rule_of_equal_times_means_the_whole_day():
    weekend = a_rule(0, 0, weekdays=frozenset({5, 6}))
    assert reason(utc("2026-11-07 18:00"), safe=weekend) is None
    assert reason(utc("2026-11-06 18:00"), safe=weekend) == OUTSIDE_HOURS


def test_channels_come_once_each_in_the_person_s_order_without_those_that_may_not_be_used():
    contacts = [
        a_contact("email", order=4),
        a_contact("sms", order=2),
        a_contact("sms", order=3, id=cast.number(9)),
        a_contact("webpush", order=1, revoked_at=AT),
    ]
    assert channels_of(contacts, AT) == ("sms", "email")


def test_methods_in_the_same_place_keep_one_order():
    first, second = a_contact("sms", id=cast.number(1)), a_contact("sms", id=cast.number(2))
    assert in_order([second, first]) == in_order([first, second]) == (first, second)


def named(person_id, **flags):
    """Return an emergency contact of Wren's."""
    return EmergencyContact(
        id=cast.number(7), of_person_id=cast.PROTECTED.id, person_id=person_id, **flags
    )


def test_a_colleague_whom_she_ruled_out_is_kept_out_of_her_incidents_only():
    contacts = [
        named(cast.RESPONDENT.id, never_notify=True),
        named(cast.DISPATCHER.id, never_location=True),
        named(cast.GUARD.id),
        named(None, never_notify=True),
    ]
    ruled_out = {cast.RESPONDENT.id, cast.DISPATCHER.id}
    assert kept_out(contacts, cast.PROTECTED.id) == ruled_out
    assert kept_out(contacts, cast.SHIFT_LEAD.id) == frozenset()


@pytest.mark.parametrize("rule", [None, a_rule(22, 6, weekdays=frozenset({4})), a_rule(0, 0)])
def test_a_rule_comes_back_exactly(rule):
    assert rule_from_dict(rule_to_dict(rule)) == rule


def test_a_rule_with_an_unknown_field_is_refused():
    with pytest.raises(DocumentError, match="hours: is not a known field"):
        rule_from_dict({"hours": "8-17"})


def test_a_rule_with_an_unknown_zone_or_without_a_day_is_refused():
    wrong = a_rule(0, 0, weekdays=frozenset(), zone="Harbour/Town")
    assert [finding.path for finding in check_rule(wrong)] == ["zone", "weekdays"]
    assert check_rule(a_rule(0, 0)) == ()


def in_chicago(**values: object) -> SafeRule:
    return SafeRule(zone="America/Chicago", **values)  # type: ignore[arg-type]


DAY = {"start": time(9), "end": time(17)}
NIGHT = {"start": time(22), "end": time(6)}


@pytest.mark.parametrize(
    ("before", "after", "is_looser"),
    [
        (None, None, False),
        (None, in_chicago(**DAY), False),
        (in_chicago(**DAY), None, True),
        (in_chicago(**DAY), in_chicago(start=time(10), end=time(17)), False),
        (in_chicago(**DAY), in_chicago(start=time(9), end=time(17, 1)), True),
        (in_chicago(**DAY), in_chicago(**NIGHT), True),
        (in_chicago(), None, False),
        (in_chicago(**DAY), replace(in_chicago(**DAY), zone="Europe/Madrid"), True),
        (in_chicago(**DAY), in_chicago(**DAY, weekdays=frozenset({0})), False),
        (in_chicago(**DAY, weekdays=frozenset({0})), in_chicago(**DAY), True),
        (in_chicago(only_owner_answers=False), in_chicago(**DAY), True),
        (in_chicago(**DAY), in_chicago(only_owner_answers=False), False),
    ],
)
def test_a_rule_is_looser_when_a_minute_opens_that_was_shut(
    before: SafeRule | None, after: SafeRule | None, is_looser: bool
) -> None:
    assert loosens(before, after) is is_looser


def test_only_a_proof_asks_where_nobody_has_answered_yet() -> None:
    contact = Contact(id=cast.PROTECTED.id, channel="sms")
    assert usable(contact, AT).reason == NEVER_VERIFIED
    assert usable(contact, AT, even_unverified=True).is_usable
    unsafe = replace(contact, safe=in_chicago(only_owner_answers=False))
    assert not usable(unsafe, AT, even_unverified=True).is_usable
