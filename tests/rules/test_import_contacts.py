"""Is each contact method of a table taken in one form, or refused with its line and reason?"""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from tests import cast
from tocsin.registry.feeds.csv_contacts import reader as contacts
from tocsin.registry.rules.contacts import SafeRule

CHICAGO = ZoneInfo("America/Chicago")


def said(result):
    return [(one.line, one.field, one.problem) for one in result.refused]


def contacts_in(*lines, header="staff_number,channel,address"):
    return contacts.read("\n".join([header, *lines]).encode(), region="US", zone=CHICAGO)


@pytest.mark.parametrize(
    "text", ["(312) 555-0103", "312.555.0103", "+1 312 555 0103", "1 312-555-0103"]
)
def test_a_telephone_number_is_kept_in_one_form(text):
    (row,) = contacts_in(f"H-003,sms,{text}").rows
    assert row.address == cast.GUARD.phone


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("call me", "is no telephone number"),
        ("911", "is no telephone number that exists (read as one of US)"),
        ("555-0103", "is no telephone number that exists (read as one of US)"),
        ("312 555 0103 x7", "has an extension, which nothing here can dial"),
        ("900-555-0100", "is a number of a service, not of a person"),
    ],
)
def test_a_number_that_reaches_nobody_is_refused(text, problem):
    assert said(contacts_in(f"H-003,sms,{text}")) == [(2, "address", problem)]


def test_a_land_line_for_text_messages_is_warned_about():
    result = contacts_in("H-003,sms,+34 910 00 00 01", "H-003,voice,+34 910 00 00 02")
    assert len(result.rows) == 2
    assert [one.line for one in result.warned] == [2]


@pytest.mark.parametrize(
    "text", ["gus", "gus@", "@x.example", "a b@x.example", "gus@x..example", "gus@x"]
)
def test_what_is_no_mail_address_is_refused(text):
    assert said(contacts_in(f"H-003,email,{text}")) == [(2, "address", "is no mail address")]


def test_a_mail_address_keeps_its_local_part_as_written():
    assert contacts_in("H-003,email,Gus@Harbour.EXAMPLE").rows[0].address == "Gus@harbour.example"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ftp://pager.example", "is no web address"),
        ("https://", "is no web address"),
        ("https://[::1", "is no web address"),
        ("https://pager.example:99999/", "is no web address"),
        (
            "https://gus:word@pager.example/",
            "holds a password, which would be shown to whoever sees the address",
        ),
    ],
)
def test_what_is_no_web_address_is_refused(text, problem):
    assert said(contacts_in(f"H-003,webhook,{text}")) == [(2, "address", problem)]


def test_a_web_address_without_encryption_is_warned_about():
    result = contacts_in("H-003,webhook,http://pager.example/1")
    assert result.rows
    assert [one.field for one in result.warned] == ["address"]


def test_one_telephone_of_two_people_is_refused():
    result = contacts_in(
        "H-003,sms,+13125550103", "H-004,sms,(312) 555-0103", "H-003,voice,+13125550103"
    )
    assert said(result) == [(3, "", "says the same as line 2")]


def test_a_channel_that_only_a_device_can_enrol_is_refused():
    result = contacts_in("H-003,webpush,x", "H-003,pigeon,x")
    words = "is none of sms, voice, email, webhook"
    assert said(result) == [(2, "channel", words), (3, "channel", words)]


SAFE = (
    "staff_number,channel,address,order,is_work,safe_from,safe_until,safe_days,only_owner_answers"
)


def test_a_safe_contact_rule_is_read_on_the_site_s_clock():
    result = contacts_in("H-001,sms,3125550101,2,no,08:00,17:00,mon tue,yes", header=SAFE)
    (row,) = result.rows
    assert (row.order, row.is_work) == (2, False)
    assert row.safe == SafeRule(
        zone="America/Chicago", start=time(8), end=time(17), weekdays=frozenset({0, 1})
    )


def test_a_contact_method_without_a_rule_has_none():
    assert contacts_in("H-001,sms,3125550101,,,,,,", header=SAFE).rows[0].safe is None


def test_a_telephone_that_somebody_else_may_answer_keeps_that_note():
    row = contacts_in("H-001,voice,3125550101,,,,,,no", header=SAFE).rows[0]
    assert row.safe is not None
    assert not row.safe.only_owner_answers


@pytest.mark.parametrize(
    ("cells", "field", "problem"),
    [
        ("13,no,,,,", "order", "is not a whole number from 1 to 12"),
        ("0,no,,,,", "order", "is not a whole number from 1 to 12"),
        ("1,maybe,,,,", "is_work", "is neither yes nor no"),
        ("1,no,8:00,17:00,,", "safe_from", "is not a time like 22:30"),
        ("1,no,08:00,,,", "safe_until", "is empty"),
        ("1,no,,,monday,", "safe_days", "is not made of mon tue wed thu fri sat sun"),
    ],
)
def test_a_wrong_cell_of_a_contact_method_is_said(cells, field, problem):
    result = contacts_in(f"H-001,sms,3125550101,{cells}", header=SAFE)
    assert said(result) == [(2, field, problem)]
