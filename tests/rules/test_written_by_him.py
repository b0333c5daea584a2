"""May what goes to a lead be read by him, who wrote down where the lead is reached?"""

import pytest

from tests import cast
from tests.builders import a_contact, a_person, a_step, some_facts
from tocsin.registry.rules.contacts import WRITTEN_BY_HIM, SafeRule
from tocsin.registry.rules.policy import Recipient, select

REX, SEFA, LEA = cast.RESPONDENT.id, cast.SAFETY_LEAD.id, cast.SHIFT_LEAD.id
OUT = frozenset({REX})


def lea_called(*ways, kept_out=OUT, step=None) -> Recipient:
    facts = some_facts(people={LEA: a_person(cast.SHIFT_LEAD, contacts=ways)}, kept_out=kept_out)
    (recipient,) = select(step or a_step("shift_lead"), facts)
    return recipient


def his(channel, last=0xE1, **changes):
    return a_contact(channel, id=cast.number(last), **{"made_by_id": REX, **changes})


def hers(channel, **changes):
    return a_contact(channel, **{"made_by_id": SEFA, **changes})


def on(recipient: Recipient) -> set[str]:
    return {contact.channel for contact in recipient.contacts}


@pytest.mark.guarantee("I11")
def test_a_second_number_that_he_wrote_down_for_a_lead_is_not_called_about_her():
    number = his("sms")
    called = lea_called(hers("sms"), hers("webpush"), number)
    assert number not in called.contacts
    assert on(called) == {"sms", "webpush"}
    assert [(one.contact_id, one.reason) for one in called.left_out] == [
        (number.id, WRITTEN_BY_HIM)
    ]


@pytest.mark.parametrize("others", [("webpush",), ("email", "webhook"), ("live",), ()])
def test_a_number_of_his_stays_where_nothing_as_good_is_left(others):
    # Who entered everybody's number must not leave her alarm to the internet, or to a mailbox.
    assert "sms" in on(lea_called(*map(hers, others), his("sms")))


@pytest.mark.parametrize("other", ["voice", "sms", "webpush"])
def test_a_push_mail_or_webhook_of_his_is_left_out_for_a_number_or_a_push(other):
    ways = [his(channel, 0xE1 + at) for at, channel in enumerate(("webpush", "email", "webhook"))]
    assert on(lea_called(hers(other), *ways)) == {other}


def test_a_way_that_cannot_be_used_now_is_no_other_way():
    ended = hers("sms", revoked_at=some_facts().at)
    assert on(lea_called(ended, hers("voice", verified_at=None), his("sms"))) == {"sms"}
    only_mail = a_step("shift_lead", channels=("email",))
    assert on(lea_called(hers("sms"), his("email"), step=only_mail)) == {"email"}


def test_a_screen_is_neither_left_out_nor_another_way():
    assert on(lea_called(his("live", 0xE2), hers("sms"))) == {"live", "sms"}
    assert on(lea_called(hers("live"), his("email"))) == {"live", "email"}


def test_where_everything_is_his_everything_is_used():
    assert on(lea_called(his("sms"), his("voice", 0xE2), his("email", 0xE3))) == {"sms", "voice", "email"}  # fmt: skip


def test_another_persons_word_makes_it_the_leads_own_and_that_of_his_side_does_not():
    guard = cast.GUARD.id
    assert on(lea_called(hers("voice"), his("sms", confirmed_by_id=SEFA))) == {"voice", "sms"}
    for stands in (REX, guard):
        called = lea_called(
            hers("voice"), his("sms", confirmed_by_id=stands), kept_out=OUT | {guard}
        )
        assert on(called) == {"voice"}


def test_to_an_alarm_of_somebody_else_every_way_is_used():
    assert on(lea_called(hers("sms"), his("voice"), kept_out=frozenset())) == {"sms", "voice"}


def test_of_what_nobody_knows_who_wrote_it_down_nothing_is_left_out():
    assert on(lea_called(hers("sms"), a_contact("voice", made_by_id=None))) == {"sms", "voice"}


def test_a_way_that_he_removed_is_used_unless_he_wrote_it_down_himself():
    removed = {"revoked_at": some_facts().at, "removed_by_id": REX}
    assert on(lea_called(hers("sms", **removed))) == {"sms"}
    assert on(lea_called(hers("sms", **removed), kept_out=frozenset())) == set()
    assert on(lea_called(hers("voice"), his("sms", **removed))) == {"voice"}


def test_hours_that_he_wrote_hold_nothing_back_and_what_stood_before_counts():
    at_no_time = SafeRule(zone="UTC", only_owner_answers=False)
    assert on(lea_called(hers("sms", safe=at_no_time, ruled_by_id=REX))) == {"sms"}
    assert on(lea_called(hers("sms", safe=at_no_time, ruled_by_id=SEFA))) == set()
    ruled = {"safe": None, "ruled_by_id": REX, "safe_before": at_no_time}
    assert on(lea_called(hers("sms", **ruled))) == set()
