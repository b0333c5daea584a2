"""Somebody who is a party chooses a password for one who reads the case: on that sign-in there is no case."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, page, press, unified
from tests.pages.test_made_before import MADE, reached, the_case
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry.store import load_site_facts
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

SECOND = "admin"
WORD = "WREN"


def set_by(house: House, org: Organisation, name: str, of: str = HONEST) -> None:
    """Let this person choose a new first password for another."""
    with viewing(house.conn, org.id, org.people[name]):
        account = sign_ins.find_account(house.conn, org.people[of])
        assert account is not None
        sign_ins.reset_account(house.conn, account.id, f"!{uuid7()}")


def with_second(house: House, org: Organisation) -> None:
    """Let another administrator work here, and him be one."""
    with viewing(house.conn, org.id):
        house._person(org, SECOND, f"{org.id.hex[-8:]}-9", datetime.now(UTC))
        house.conn.execute("update registry_person set role = 'admin' where id = %s", (org.people[HIM],))  # fmt: skip


def seen(house: House, org: Organisation, name: str = HONEST) -> tuple[bool, bool, bool, bool]:
    """Return whether this sign-in reads the case, its row, its grants, and what the door is told."""
    case_id = the_case(house, org)
    with viewing(house.conn, org.id, org.people[name]):
        row = house.conn.execute(
            """select tocsin_sees_case(%(c)s), exists (select 1 from registry_case), exists (select 1 from registry_grant),
                tocsin_sees_door(%(c)s)""",
            {"c": case_id},
        ).fetchone()
    assert row is not None
    return row


def confirm(house: House, org: Organisation, by: str, of: str = HONEST) -> None:
    """Say by raw SQL that a sign-in is this person's alone."""
    with viewing(house.conn, org.id, org.people[by]):
        house.conn.execute("update registry_account set confirmed_by_id = %s where person_id = %s", (org.people[by], org.people[of]))  # fmt: skip


def grants_itself(house: House, org: Organisation, name: str, kind: str, told: UUID | None) -> None:
    at, who = datetime.now(UTC), org.people[name]
    with viewing(house.conn, org.id, who):
        house.conn.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at,
                told_id, reason_sealed) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'why')""",
            (uuid7(), org.id, the_case(house, org), who, kind, at, who, at + timedelta(minutes=50), told),
        )  # fmt: skip


ALL, NOTHING = (True, True, True, True), (False, False, False, False)


@pytest.mark.guarantee("I12")
def test_a_reader_whose_password_he_chose_reads_nothing_until_a_safety_lead_confirms_it(house: House, org: Organisation) -> None:  # fmt: skip
    with_second(house, org)
    linked(house, org)
    assert seen(house, org) == ALL
    set_by(house, org, HIM)
    assert seen(house, org) == NOTHING
    assert "a sign-in waits to be confirmed" in page(house, org, "/people", SECOND)
    address = f"/people/{org.people[HONEST]}"
    assert MADE in page(house, org, address, SECOND)
    press(house, org, f"{address}/sign-in/confirm", SECOND)
    assert MADE not in page(house, org, address, SECOND)
    assert seen(house, org) == ALL


@pytest.mark.guarantee("I12")
def test_on_that_sign_in_nobody_breaks_glass_asks_or_finds_the_case_by_its_word(house: House, org: Organisation) -> None:  # fmt: skip
    with_second(house, org)
    linked(house, org)
    set_by(house, org, HIM)
    told = org.people["responder"]
    for kind in ("break_glass", "granted"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            grants_itself(house, org, HONEST, kind, told if kind == "break_glass" else None)
    with viewing(house.conn, org.id, org.people[HONEST]):
        row = house.conn.execute(
            """select tocsin_case_of_word(%s), tocsin_case_word(%s), (select count(*) from tocsin_uncovered(now(), now() + interval '1 hour'))""",
            (WORD, the_case(house, org)),
        ).fetchone()  # fmt: skip
        changed = house.conn.execute("update registry_grant set ended_at = now()").rowcount
    assert row == (None, None, 0)
    assert changed == 0
    # Somebody whose sign-in he did not touch breaks glass as ever.
    grants_itself(house, org, SECOND, "break_glass", told)


@pytest.mark.guarantee("I12")
def test_whose_sign_in_he_made_long_ago_enters_the_case_and_keeps_the_door_and_agrees_to_nothing(house: House, org: Organisation) -> None:  # fmt: skip
    with_second(house, org)
    set_by(house, org, HIM)
    set_by(house, org, HIM, of=SECOND)
    linked(house, org)
    assert seen(house, org) == ALL
    # The other reads by no entry of his own: the door is all that he is told of.
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        grants_itself(house, org, SECOND, "break_glass", org.people["responder"])
    assert seen(house, org, SECOND) == (False, False, False, True)
    set_by(house, org, HIM)
    assert seen(house, org) == NOTHING


@pytest.mark.guarantee("I12")
def test_her_advocate_is_none_on_a_sign_in_that_he_made(house: House, org: Organisation) -> None:
    with_second(house, org)
    linked(house, org)
    case_id = the_case(house, org)
    with house.engine.transaction():
        house.engine.execute("update registry_case set advocate_id = %s where id = %s", (org.people[SECOND], case_id))  # fmt: skip
    asked = "select tocsin_is_advocate(%s)"
    for by, is_one in (("", True), (HIM, False), (HONEST, True)):
        if by:
            set_by(house, org, by, of=SECOND)
        with viewing(house.conn, org.id, org.people[SECOND]):
            assert house.conn.execute(asked, (case_id,)).fetchone() == (is_one,), by


@pytest.mark.guarantee("I12")
def test_neither_he_nor_a_sign_in_of_his_making_stands_for_it(house: House, org: Organisation) -> None:  # fmt: skip
    with_second(house, org)
    linked(house, org)
    set_by(house, org, HIM)
    set_by(house, org, HIM, of=SECOND)
    confirm(house, org, HIM)
    confirm(house, org, SECOND)
    assert seen(house, org) == NOTHING
    with viewing(house.conn, org.id, org.people[SECOND]):
        assert not sign_ins.load_doubted(house.conn, org.id)
        assert sign_ins.confirm_account(house.conn, org.people[HONEST], org.people[SECOND]) is None
    with viewing(house.conn, org.id, org.people[HONEST]):
        house.conn.execute("update registry_account set made_by_id = %s, confirmed_by_id = null where person_id = %s", (org.people[HONEST],) * 2)  # fmt: skip
    assert seen(house, org) == NOTHING
    # The operator on the machine is the way out when he made every sign-in.
    with house.engine.transaction():
        house.engine.execute("update registry_account set made_by_id = null where person_id = %s", (org.people[SECOND],))  # fmt: skip
    confirm(house, org, SECOND)
    assert seen(house, org) == ALL
    confirm(house, org, HIM)
    assert seen(house, org) == ALL


@pytest.mark.guarantee("I12")
def test_a_second_password_of_his_is_doubted_although_the_first_was_confirmed(house: House, org: Organisation) -> None:  # fmt: skip
    with_second(house, org)
    linked(house, org)
    set_by(house, org, HIM)
    confirm(house, org, SECOND)
    assert seen(house, org) == ALL
    with viewing(house.conn, org.id, org.people[HIM]):
        house.conn.execute("update registry_account set password = %s where person_id = %s", ("!his", org.people[HONEST]))  # fmt: skip
    assert seen(house, org) == NOTHING


@pytest.mark.guarantee("I11")
def test_he_sees_no_difference_and_the_reader_is_called_as_ever(house: House, org: Organisation) -> None:  # fmt: skip
    with_second(house, org)
    set_by(house, org, HIM)
    address = f"/people/{org.people[HONEST]}"
    without = page(house, org, address), page(house, org, "/people")
    linked(house, org)
    set_by(house, org, HIM)
    assert unified(without[0], page(house, org, address)) == ""
    assert unified(without[1], page(house, org, "/people")) == ""
    her, at = org.people[HONEST], datetime.now(UTC)
    with house.engine.transaction():
        facts = load_site_facts(house.engine, org.id, [org.site_id], at=at, also={her})[org.site_id]
    assert {c.channel for c in facts.people[her].contacts if not c.is_doubted} == {"live", "sms"}
    assert reached(house, org, by=SECOND)
