"""A sign-in that somebody kept from her has made: a lead who is not ends it; for him it stands."""

from datetime import UTC, datetime

import pytest

from tests.pages.house import House, Organisation, hashed
from tests.pages.test_in_her_name import linked
from tocsin.flow.change_registry import add_account
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry.access import Viewer
from tocsin.runtime.database import viewing


@pytest.mark.guarantee("I11")
def test_a_lead_ends_what_he_made_in_vain_and_for_him_it_stands(
    house: House, org: Organisation
) -> None:
    linked(house, org)
    person_id, login = org.people["responder"], f"hers-{org.id.hex[-6:]}"
    him = Viewer(org.id, org.people["shift_lead"], "admin")
    with viewing(house.conn, org.id, him.person_id):
        person = people.find_people(house.conn, house.ring, [person_id])[person_id]
        add_account(house.conn, him, person, login, hashed(), at=datetime.now(UTC))
        before = sign_ins.find_account(house.conn, person_id)
    his, lead = house.signed_in(org, "shift_lead"), house.signed_in(org, "safety_lead")
    path = f"/people/{person_id}"
    assert "end it" not in his.get(path).text
    assert his.post_to(f"{path}/sign-in/end", his.token(his.get(path))).status_code == 404
    done = lead.post_to(f"{path}/sign-in/end", lead.token(lead.get(path)))
    assert "ended" in done.text
    assert "end it" not in done.text
    with viewing(house.conn, org.id, him.person_id):
        assert sign_ins.find_account(house.conn, person_id) == before
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        found = sign_ins.find_account(house.conn, person_id)
        assert found is not None
        assert (found.is_active, found.in_vain) == (False, True)
        sign_ins.reset_account(house.conn, found.id, hashed())
        again = sign_ins.find_account(house.conn, person_id)
        assert again is not None
        assert (again.is_active, again.in_vain) == (True, False)


def test_a_sign_in_that_is_in_use_has_no_such_end(house: House, org: Organisation) -> None:
    lead = house.signed_in(org, "safety_lead")
    path = f"/people/{org.people['guard']}"
    assert "end it" not in lead.get(path).text
    assert lead.post_to(f"{path}/sign-in/end", lead.token(lead.get(path))).status_code == 404
