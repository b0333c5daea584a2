"""Whom a supervisor rules out in her name waits for her yes, or for another supervisor who writes the same (I17)."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.pages.house import Browser, House, Organisation
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, browser, press
from tocsin.flow.change_emergency import agree_emergency, remove_emergency
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import StepUp
from tocsin.registry.access_emergency import load_emergency
from tocsin.registry.rules.rows import EmergencyRow
from tocsin.runtime import doorbell
from tocsin.runtime.database import viewing

REMOVE = re.compile(r'action="([^"]+/remove)"')
AGREE = re.compile(r'action="([^"]+/agree)"')
NEVER = {"never_notify": "on"}


def page_of(org: Organisation) -> str:
    return f"/people/{org.people['responder']}/emergency"


def ruled_out(house: House, org: Organisation, name: str = "guard") -> bool:
    """Return whether this colleague is left out of her alarms."""
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        return org.people[name] in alarms.kept_out(org.id, org.people["responder"])


def writes(house: House, org: Organisation, name: str, whom: str = "guard") -> None:
    press(house, org, page_of(org), name, colleague=str(org.people[whom]), **NEVER)


def her(org: Organisation) -> Viewer:
    return Viewer(org.id, org.people["responder"], "responder", proved_at=datetime.now(UTC))


def her_rows(house: House, org: Organisation) -> tuple[EmergencyRow, ...]:
    """Return what she reads of it herself."""
    with viewing(house.conn, org.id, her(org).person_id):
        return load_emergency(house.conn, house.ring, her(org), her(org).person_id, at=datetime.now(UTC))  # fmt: skip


def says_yes(house: House, org: Organisation, viewer: Viewer, one_id: UUID) -> None:
    with viewing(house.conn, org.id, viewer.person_id):
        agree_emergency(house.conn, house.ring, viewer, org.people["responder"], one_id, at=datetime.now(UTC))  # fmt: skip


@pytest.mark.guarantee("I17")
def test_one_supervisor_alone_keeps_nobody_out_of_her_alarms(house: House, org: Organisation) -> None:  # fmt: skip
    writes(house, org, HIM)
    writes(house, org, HIM)
    assert not ruled_out(house, org)
    assert [one.waits for one in her_rows(house, org)] == [True, True]
    says_yes(house, org, her(org), her_rows(house, org)[0].id)
    assert ruled_out(house, org)
    assert [one.waits for one in her_rows(house, org)] == [False, True]


@pytest.mark.guarantee("I17")
def test_two_supervisors_who_write_the_same_keep_him_out(house: House, org: Organisation) -> None:
    writes(house, org, HIM)
    bell = doorbell.Listener(house.settings.run_dir, doorbell.ENGINE)
    writes(house, org, HONEST)
    rung = bell.receive()
    bell.close()
    assert ruled_out(house, org)
    # Should the database go away now, the engine calls him no more: it writes down anew whom it would call.
    assert doorbell.LESS in rung


@pytest.mark.guarantee("I17")
def test_nobody_says_yes_in_her_place(house: House, org: Organisation) -> None:
    writes(house, org, HIM)
    (one,) = her_rows(house, org)
    for name in (HIM, HONEST, "guard"):
        with pytest.raises(Hidden):
            says_yes(house, org, Viewer(org.id, org.people[name], "admin"), one.id)
    with pytest.raises(StepUp):
        says_yes(house, org, Viewer(org.id, org.people["responder"], "responder"), one.id)
    # Nor by a statement of the web role.
    with viewing(house.conn, org.id, org.people[HONEST]):
        house.conn.execute("update registry_emergencycontact set colleague_id = asked_colleague_id where id = %s", (one.id,))  # fmt: skip
    assert not ruled_out(house, org)


@pytest.mark.guarantee("I17")
def test_whom_she_rules_out_stays_out_when_a_supervisor_takes_it_back(house: House, org: Organisation) -> None:  # fmt: skip
    writes(house, org, HIM)
    (one,) = her_rows(house, org)
    says_yes(house, org, her(org), one.id)
    lead = browser(house, org, HIM)
    (remove,) = REMOVE.findall(lead.get(page_of(org)).text)
    press(house, org, remove)
    assert REMOVE.findall(lead.get(page_of(org)).text) == []
    assert ruled_out(house, org)
    (left,) = her_rows(house, org)
    assert left.removal_asked_by_id == org.people[HIM]
    with viewing(house.conn, org.id, her(org).person_id):
        remove_emergency(house.conn, house.ring, her(org), her(org).person_id, left.id, at=datetime.now(UTC))  # fmt: skip
    assert not ruled_out(house, org)


@pytest.mark.guarantee("I11")
def test_whom_she_rules_out_stays_out_when_he_who_is_kept_from_her_takes_it_back(house: House, org: Organisation) -> None:  # fmt: skip
    writes(house, org, HIM, HONEST)
    (one,) = her_rows(house, org)
    says_yes(house, org, her(org), one.id)
    linked(house, org)
    lead = browser(house, org, HIM)
    (remove,) = REMOVE.findall(lead.get(page_of(org)).text)
    press(house, org, remove)
    assert REMOVE.findall(lead.get(page_of(org)).text) == []
    assert ruled_out(house, org, HONEST)


@pytest.mark.guarantee("I12")
def test_what_he_writes_is_no_second_word_for_anybodys(house: House, org: Organisation) -> None:
    linked(house, org)
    writes(house, org, HIM, HONEST)
    with viewing(house.conn, org.id, org.people[HIM]):
        house.conn.execute("update registry_emergencycontact set colleague_id = %s, asked_colleague_id = %s", (org.people[HONEST], org.people[HONEST]))  # fmt: skip
    assert not ruled_out(house, org, HONEST)
    assert [one.waits for one in her_rows(house, org)] == [False]


def test_she_says_yes_on_her_page(house: House, org: Organisation) -> None:
    page = f"/people/{org.people['guard']}/emergency"
    press(house, org, page, HIM, colleague=str(org.people[HONEST]), **NEVER)
    guard: Browser = browser(house, org, "guard")
    shown = guard.get(page)
    assert "waits for your yes" in shown.text
    (agree,) = AGREE.findall(shown.text)
    assert "waits for your yes" not in guard.post_form(agree, page).text
    assert "waits for your yes" not in browser(house, org, HIM).get(page).text
