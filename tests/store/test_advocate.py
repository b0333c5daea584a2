"""Her advocate hears of whoever reads the case, of who entered it too: by a word that says nothing, and on a page."""

import pytest

from tests import cast
from tests.store.test_cases import looking
from tests.store.test_order_chores import IDS, Office, office
from tocsin.flow.tell_quietly import Telling, tell_person
from tocsin.notifications.rules.templates import find_template
from tocsin.registry.access_cases import load_access, may_read
from tocsin.registry.rules.grants import GrantKind

__all__ = ["office"]
NOTES = "select count(*) from notifications_delivery where person_id = %s"
ACTIVE = "update registry_person set is_active = %s where id = %s"


@pytest.mark.guarantee("I17")
def test_who_enters_an_order_and_so_reads_the_case_is_told_to_her_advocate_at_once(
    office: Office,
) -> None:
    done = office.enter(cast.SHIFT_LEAD, advocate_id=cast.DISPATCHER.id)
    assert office.run(NOTES, cast.DISPATCHER.id)[0][0]
    with looking(office.web, cast.DISPATCHER) as dara:
        view = load_access(office.web, office.ring, dara, at=office.at)
        assert [each.kind for each in view.told] == [GrantKind.ENTERED]
        assert not may_read(office.web, dara, done.case_id)


def test_an_advocate_who_enters_it_herself_is_told_nothing(office: Office) -> None:
    office.enter(cast.SHIFT_LEAD, advocate_id=cast.SHIFT_LEAD.id)
    assert office.run(NOTES, cast.SHIFT_LEAD.id) == [(0,)]


@pytest.mark.guarantee("I24")
def test_what_the_advocate_gets_names_nobody_and_no_order() -> None:
    template = find_template("task", is_work=False)
    assert template is not None
    assert "Tocsin: something is there for you to read." in str(template)


def test_an_advocate_to_whom_no_way_leads_holds_up_no_entry_and_finds_it_on_her_page(
    office: Office,
) -> None:
    office.run(ACTIVE, False, cast.DISPATCHER.id)
    office.enter(cast.SHIFT_LEAD, advocate_id=cast.DISPATCHER.id)
    assert office.run(NOTES, cast.DISPATCHER.id) == [(0,)]
    office.run(ACTIVE, True, cast.DISPATCHER.id)
    with looking(office.web, cast.DISPATCHER) as dara:
        assert len(load_access(office.web, office.ring, dara, at=office.at).told) == 1


def test_nobody_is_told_and_nothing_is_written_where_no_way_to_a_person_may_be_used(
    office: Office,
) -> None:
    office.run(ACTIVE, False, cast.DISPATCHER.id)
    telling = Telling(organisation_id=cast.HARBOUR_EMS, site_id=cast.HARBOUR.id, case_id=None)
    before = office.run("select count(*) from decisions_incident")
    with office.alarms.atomically():
        assert tell_person(office.alarms, telling, cast.DISPATCHER.id, ids=IDS) is None
    assert office.run("select count(*) from decisions_incident") == before
