"""Somebody on the other side was shown a reader's key: who may read the case sees it, and nobody else."""

import pytest

from tests.pages.house import House, Organisation
from tests.pages.senders import Machine
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, browser, page
from tocsin.registry.access import Viewer
from tocsin.registry.access_cases import load_other_side
from tocsin.registry.rules.sender import KEY_HELD_BY
from tocsin.runtime.database import viewing

SHOWN_TO_HIM = "Its key was shown to somebody about whom there is an entry"
UNKNOWN = "Nobody knows to whom its key was shown"


@pytest.mark.guarantee("I12")
def test_who_may_read_the_case_sees_that_he_holds_a_readers_key(house: House, org: Organisation) -> None:  # fmt: skip
    his = Machine(house, org, "badge", settings={KEY_HELD_BY: str(org.people[HIM])})
    assert SHOWN_TO_HIM not in page(house, org, "/senders", HONEST)
    linked(house, org)
    assert SHOWN_TO_HIM in page(house, org, "/senders", HONEST)
    address = f"/senders/{his.id}"
    assert SHOWN_TO_HIM in page(house, org, address, HONEST)
    lead = browser(house, org, HONEST)
    lead.post_form(f"{address}/change", address, do="key")
    assert SHOWN_TO_HIM not in page(house, org, address, HONEST)


@pytest.mark.guarantee("I12")
def test_a_key_of_which_nobody_knows_who_saw_it_is_shown_as_unknown(house: House, org: Organisation) -> None:  # fmt: skip
    machine = Machine(house, org, "badge")
    assert UNKNOWN in page(house, org, f"/senders/{machine.id}", HONEST)


@pytest.mark.guarantee("I11")
def test_who_may_not_read_the_case_learns_of_no_other_side(house: House, org: Organisation) -> None:
    linked(house, org)
    sides = {}
    for name in (HONEST, HIM, "guard"):
        viewer = Viewer(org.id, org.people[name], "safety_lead")
        with viewing(house.conn, org.id, viewer.person_id):
            sides[name] = load_other_side(house.conn, viewer)
    both = frozenset({org.people[HIM], org.people["guard"]})
    assert sides == {HONEST: both, HIM: frozenset(), "guard": frozenset()}
