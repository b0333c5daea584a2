"""A push service says that a subscription is no more: is it used again, and what do her pages say of it?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_enrolling import enrol
from tests.pages.test_in_her_name import another_secret, call_by_push, linked
from tests.rules.test_delivery import a_delivery
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.retire_push import retire_push
from tocsin.notifications.rules.delivery import Delivery, State
from tocsin.registry import store_people as people
from tocsin.registry.rules.rows import ContactRow
from tocsin.registry.store_calling import load_addresses
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

pytestmark = pytest.mark.pages
GONE = "the device takes no more messages; enrol it again"


@pytest.fixture
def push(house: House, org: Organisation) -> ContactRow:
    """Return the responder's push, on a phone that was enrolled just now."""
    call_by_push(house, enrol(house, another_secret(house, org)))
    return next(one for one in contacts(house, org) if one.channel == "webpush")


def contacts(house: House, org: Organisation, viewer: str = "responder") -> list[ContactRow]:
    with viewing(house.conn, org.id, org.people[viewer]):
        return people.load_contacts(house.conn, house.ring, org.people["responder"])


def gone_to(org: Organisation, contact: ContactRow) -> Delivery:
    """Return a message that its push service has answered with 410."""
    return replace(
        a_delivery(contact_id=contact.id, organisation_id=org.id, person_id=contact.person_id),
        channel="webpush",
        state=State.FAILED,
        error="gone",
    )


def retire(house: House, org: Organisation, *to: ContactRow) -> list[UUID]:
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        return retire_push(alarms, [gone_to(org, one) for one in to])


@pytest.mark.guarantee("I2")
def test_a_push_that_is_gone_is_tried_no_more_and_her_page_says_why(house: House, org: Organisation, push: ContactRow) -> None:  # fmt: skip
    assert retire(house, org, push) == [push.id]
    assert load_addresses(house.engine, house.ring, [push.id]) == []
    assert GONE in house.signed_in(org).get(f"/people/{push.person_id}").text
    with viewing(house.conn, org.id):
        told = house.conn.execute("select actor_id from record_entry where kind = 'contact.retired' and organisation_id = %s", (org.id,)).fetchall()  # fmt: skip
    assert told == [(None,)]


def test_it_is_retired_and_put_on_record_once(house: House, org: Organisation, push: ContactRow) -> None:  # fmt: skip
    assert retire(house, org, push, push) == [push.id]
    assert retire(house, org, push) == []


def test_her_browser_may_subscribe_again(house: House, org: Organisation, push: ContactRow) -> None:
    retire(house, org, push)
    assert call_by_push(house, enrol(house, another_secret(house, org))).status_code == 200
    assert [c.is_gone for c in contacts(house, org) if c.channel == "webpush"] == [False, True]


@pytest.mark.guarantee("I5")
def test_whatever_a_message_says_nothing_but_a_push_is_retired(house: House, org: Organisation) -> None:  # fmt: skip
    others = [one for one in contacts(house, org) if one.channel != "webpush"]
    assert others
    assert retire(house, org, *others) == []
    assert not any(one.revoked_at for one in contacts(house, org))


@pytest.mark.guarantee("I11")
def test_it_is_gone_for_who_is_kept_from_her_as_for_everybody(house: House, org: Organisation, push: ContactRow) -> None:  # fmt: skip
    linked(house, org)
    assert retire(house, org, push) == [push.id]
    for name in ("shift_lead", "safety_lead"):
        assert GONE in house.signed_in(org, name, again=True).get(f"/people/{push.person_id}").text


@pytest.mark.guarantee("I11")
def test_he_does_not_learn_that_a_push_which_he_removed_was_used_on(house: House, org: Organisation, push: ContactRow) -> None:  # fmt: skip
    linked(house, org)
    with viewing(house.conn, org.id, org.people["shift_lead"]):
        people.revoke_contact(house.conn, push.person_id, push.id, datetime.now(UTC) - timedelta(days=1))  # fmt: skip
    his = contacts(house, org, "shift_lead")
    assert retire(house, org, push) == [push.id]
    assert contacts(house, org, "shift_lead") == his
    assert next(c for c in contacts(house, org) if c.id == push.id).is_gone


def test_one_that_is_unknown_costs_nothing(house: House, org: Organisation, push: ContactRow) -> None:  # fmt: skip
    assert retire(house, org, replace(push, id=uuid7())) == []
