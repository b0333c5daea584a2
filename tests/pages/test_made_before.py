"""Somebody made her sign-in, or wrote down where she is reached, before anybody knew that he is kept from her."""

from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import House, Organisation, hashed
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, as_him, hers, page, press, unified
from tocsin.flow.confirm_made import confirm_contact, confirm_sign_in
from tocsin.registry import store_known as known
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.contacts import usable
from tocsin.registry.rules.policy import Step, select
from tocsin.registry.store import load_site_facts
from tocsin.runtime.database import viewing

WROTE = "written down by somebody about whom there is an entry"
MADE = "made by somebody about whom there is an entry"
UNKNOWN = "nobody knows who"
MAIL = {"channel": "email", "address": "wren@post.example", "is_verified": "on"}


def sees_her_case(house: House, org: Organisation, case_id: object) -> bool:
    """Return whether her own sign-in shows her case."""
    with viewing(house.conn, org.id, org.people["responder"]):
        row = house.conn.execute("select tocsin_sees_case(%s), exists (select 1 from registry_case)", (case_id,)).fetchone()  # fmt: skip
    assert row in {(True, True), (False, False)}
    return bool(row and row[0])


def made_by(house: House, org: Organisation, name: str | None) -> None:
    """Let this person choose her first password; None: nobody knows who did."""
    person_id = org.people["responder"]
    with viewing(house.conn, org.id, org.people[name or HONEST]):
        account = sign_ins.find_account(house.conn, person_id)
        if account is None:
            sign_ins.insert_account(house.conn, org.id, person_id, f"wren-{person_id}", hashed())
        else:
            sign_ins.reset_account(house.conn, account.id, hashed())
    if name is None:
        with house.engine.transaction():
            house.engine.execute("update registry_account set made_by_id = null, is_maker_unknown = true where person_id = %s", (person_id,))  # fmt: skip


def the_case(house: House, org: Organisation) -> object:
    with house.engine.transaction():
        row = house.engine.execute("select id from registry_case where organisation_id = %s", (org.id,)).fetchone()  # fmt: skip
    assert row is not None
    return row[0]


def reached(
    house: House, org: Organisation, *, protects: bool = True, by: str = HONEST
) -> set[str]:
    """Return on what she is told of her own case, as this person reports it."""
    her, at = org.people["responder"], datetime.now(UTC)
    with viewing(house.conn, org.id, org.people[by]):
        facts = load_site_facts(house.conn, org.id, [org.site_id], at=at, also={her})[org.site_id]
    contacts = facts.people[her].contacts
    return {c.channel for c in contacts if usable(c, at, protects=protects).is_usable}


@pytest.mark.guarantee("I12")
def test_a_sign_in_that_he_made_before_the_order_shows_nothing_of_her_case(house: House, org: Organisation) -> None:  # fmt: skip
    made_by(house, org, HIM)
    linked(house, org)
    case_id = the_case(house, org)
    assert sees_her_case(house, org, case_id) is False
    assert "a sign-in waits to be confirmed" in page(house, org, "/people", HONEST)
    shown = page(house, org, name=HONEST)
    assert MADE in shown
    press(house, org, f"{hers(org)}/sign-in/confirm", HONEST)
    assert MADE not in page(house, org, name=HONEST)
    assert sees_her_case(house, org, case_id) is True


@pytest.mark.guarantee("I12")
def test_a_new_first_password_from_another_makes_it_hers_again(house: House, org: Organisation) -> None:  # fmt: skip
    made_by(house, org, HIM)
    linked(house, org)
    case_id = the_case(house, org)
    assert sees_her_case(house, org, case_id) is False
    made_by(house, org, HONEST)
    assert sees_her_case(house, org, case_id) is True


@pytest.mark.guarantee("I12")
def test_neither_he_nor_her_own_sign_in_stands_for_it(house: House, org: Organisation) -> None:
    made_by(house, org, HIM)
    linked(house, org)
    her = org.people["responder"]
    for name, role in ((HIM, "admin"), ("responder", "admin"), ("guard", "guard")):
        viewer, at = Viewer(org.id, org.people[name], role), datetime.now(UTC)
        with pytest.raises(Hidden), viewing(house.conn, org.id, viewer.person_id):
            confirm_sign_in(house.conn, house.ring, viewer, her, at=at)
    statement = "update registry_account set confirmed_by_id = %s where person_id = %s"
    for name, stands in (("responder", "responder"), ("responder", HONEST), (HONEST, "responder")):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), viewing(house.conn, org.id, org.people[name]):  # fmt: skip
            house.conn.execute(statement, (org.people[stands], her))
    with as_him(house, org) as conn:
        conn.execute(statement, (org.people[HIM], her))
        conn.execute("update registry_account set made_by_id = null, is_maker_unknown = true, password = 'his' where person_id = %s", (her,))  # fmt: skip
        conn.execute("delete from registry_account where person_id = %s", (her,))
    with house.engine.transaction():
        row = house.engine.execute("select made_by_id, confirmed_by_id, password = 'his' from registry_account where person_id = %s", (her,)).fetchone()  # fmt: skip
    assert row == (org.people[HIM], None, False)
    assert sees_her_case(house, org, the_case(house, org)) is False


@pytest.mark.guarantee("I12")
def test_his_word_for_what_he_made_counts_no_more_once_he_is_a_party(house: House, org: Organisation) -> None:  # fmt: skip
    made_by(house, org, None)
    case_id = a_case(house, org)
    assert sees_her_case(house, org, case_id) is True
    assert UNKNOWN in page(house, org, name=HONEST)
    press(house, org, f"{hers(org)}/sign-in/confirm", HONEST)
    assert UNKNOWN not in page(house, org, name=HONEST)


@pytest.mark.guarantee("I12")
def test_nothing_that_protects_her_goes_to_an_address_that_he_wrote_down(house: House, org: Organisation) -> None:  # fmt: skip
    press(house, org, hers(org), **MAIL)
    made_by(house, org, HIM)
    assert {"email", "live"} <= reached(house, org)
    linked(house, org)
    assert reached(house, org) & {"live", "email"} == set()
    # She is called to others' alarms as ever, and to him it says nothing.
    assert {"email", "live"} <= reached(house, org, by=HIM)
    assert {"email", "live"} <= reached(house, org, protects=False)
    # The engine knows it too while the database is away.
    with house.engine.transaction():
        kept = known.load_contacts(house.engine)[org.people["responder"]]
    assert {c.channel for c in kept if c.is_doubted} == {"live", "email"}
    shown = page(house, org, name=HONEST)
    assert WROTE in shown
    with viewing(house.conn, org.id, org.people[HONEST]):
        (contact,) = [c for c in people.load_contacts(house.conn, house.ring, org.people["responder"]) if c.is_doubted]  # fmt: skip
    her = Viewer(org.id, org.people["responder"], "responder")
    at = datetime.now(UTC)
    # On a sign-in that he made it may be he who says so.
    with pytest.raises(Hidden), viewing(house.conn, org.id, her.person_id):
        confirm_contact(house.conn, house.ring, her, her.person_id, contact.id, at=at)
    press(house, org, f"{hers(org)}/sign-in/confirm", HONEST)
    with viewing(house.conn, org.id, her.person_id):
        confirm_contact(house.conn, house.ring, her, her.person_id, contact.id, at=at)
    assert WROTE not in page(house, org, name=HONEST)
    assert {"email", "live"} <= reached(house, org)
    # Only where there is a case does anybody stand for what he made: he takes out the employer's log himself.
    logs = house.engine.execute(
        """select tocsin_log_of(organisation_id, incident_id, kind, leaf) is not null from record_entry
        where organisation_id = %s and kind in ('contact.confirmed', 'account.confirmed')""",
        (org.id,),
    ).fetchall()
    assert logs == [(True,), (True,)]


@pytest.mark.guarantee("I11")
def test_he_sees_nothing_of_it(house: House, org: Organisation) -> None:
    press(house, org, hers(org), **MAIL)
    made_by(house, org, HIM)
    without = page(house, org), page(house, org, "/people")
    linked(house, org)
    assert unified(without[0], page(house, org)) == ""
    assert unified(without[1], page(house, org, "/people")) == ""
    her = org.people["responder"]
    with as_him(house, org):
        (account,) = [sign_ins.find_account(house.conn, her)]
        assert account is not None
        assert (account.is_doubted, account.is_maker_unknown) == (False, False)


def test_a_selection_leaves_out_only_the_doubted_ways_of_whom_it_is_about(house: House, org: Organisation) -> None:  # fmt: skip
    press(house, org, hers(org), **MAIL)
    linked(house, org)
    her, at = org.people["responder"], datetime.now(UTC)
    with viewing(house.conn, org.id, org.people[HONEST]):
        facts = load_site_facts(house.conn, org.id, [org.site_id], at=at, also={her})[org.site_id]
    own = replace(facts, raiser_id=her, protected_id=her)
    (recipient,) = select(Step(offset_s=0, who=("herself",)), own)
    assert recipient.left_out[-1].reason == "nobody has confirmed that it is this person's"
    (recipient,) = select(Step(offset_s=0, who=("herself",)), replace(own, protected_id=None))
    assert "nobody has confirmed that it is this person's" not in {
        each.reason for each in recipient.left_out
    }
