"""Whom did he enter in the weeks before the order? She comes as everybody does, and a safety lead is told of her."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_his_callers import SAMPLE
from tests.pages.test_his_people import an_employer
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, page, unified
from tocsin.registry import store_people as people
from tocsin.registry import store_sites as sites
from tocsin.registry.rules.duty import Shift
from tocsin.registry.rules.rows import PersonRow
from tocsin.registry.store import load_site_facts
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

HE_ENTERED = "entered by somebody about whom there is an entry"


@pytest.fixture
def org(house: House) -> Organisation:
    return an_employer(house)


def enters(house: House, org: Organisation, name: str) -> UUID:
    """Return a guard on duty whom this person has entered."""
    person = PersonRow(id=uuid7(), organisation_id=org.id, staff_number=f"{org.id.hex[-8:]}-8", site_id=org.site_id, **SAMPLE)  # fmt: skip
    at = datetime.now(UTC)
    wall = at.replace(tzinfo=None)
    shift = Shift(person_id=person.id, role="guard", starts_at=at - timedelta(hours=1), ends_at=at + timedelta(hours=7), local_start=wall, local_end=wall, source="pattern")  # fmt: skip
    with viewing(house.conn, org.id, org.people[name]):
        people.insert_person(house.conn, house.ring, person)
        sites.insert_shifts(house.conn, org.id, org.site_id, [shift])
    return person.id


@pytest.mark.guarantee("I5")
def test_a_guard_whom_he_entered_before_the_order_comes_and_a_safety_lead_is_told_of_him(house: House, org: Organisation) -> None:  # fmt: skip
    guard = enters(house, org, HIM)
    assert HE_ENTERED not in page(house, org, "/people", HONEST)
    linked(house, org)
    assert HE_ENTERED in page(house, org, "/people", HONEST)
    with house.engine.transaction():
        facts = load_site_facts(house.engine, org.id, [org.site_id], at=datetime.now(UTC))
    assert guard in {duty.person_id for duty in facts[org.site_id].on_duty}


def test_of_a_guard_whom_another_entered_nothing_is_said(house: House, org: Organisation) -> None:
    enters(house, org, HONEST)
    linked(house, org)
    assert HE_ENTERED not in page(house, org, "/people", HONEST)


@pytest.mark.guarantee("I11")
def test_his_list_reads_the_same_with_an_order_and_without(house: House, org: Organisation) -> None:
    enters(house, org, HIM)
    without = page(house, org, "/people")
    linked(house, org)
    assert unified(without, page(house, org, "/people")) == ""


@pytest.mark.guarantee("I12")
def test_no_statement_of_the_web_role_changes_who_entered_her(house: House, org: Organisation) -> None:  # fmt: skip
    guard = enters(house, org, HIM)
    with viewing(house.conn, org.id, org.people[HIM]):
        house.conn.execute("update registry_person set made_by_id = null, made_at = now() - interval '1 year' where id = %s", (guard,))  # fmt: skip
    linked(house, org)
    assert HE_ENTERED in page(house, org, "/people", HONEST)
