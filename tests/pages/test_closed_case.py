"""The page of a case that cannot be opened itself: it says so, whom to call and what still protects her; nothing is loosened."""

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_closed_rule import RULE
from tests.pages.test_orders import act, entered
from tests.pages.test_second_order_page import another

CANNOT = "This case cannot be opened"
DAMAGED_DOCUMENT = "update registry_case set respondent_sealed = 'damaged' where id = %s"
DAMAGED_KEY = "update registry_casekey set wrapped = 'damaged' where case_id = %s"
LOST_KEY = "delete from registry_casekey where case_id = %s"


@pytest.mark.parametrize("damage", [DAMAGED_DOCUMENT, DAMAGED_KEY, LOST_KEY])
def test_a_case_that_cannot_be_opened_says_so_and_keeps_its_house_rule(
    house: House, org: Organisation, damage: str
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    page = f"/cases/{case_id}/orders"
    act(lead, lead.get(page), f"/cases/{case_id}/rules", **RULE)
    assert CANNOT not in lead.get(page).text
    house.engine.execute(damage.encode(), (case_id,))
    shown = lead.get(page)
    assert shown.status_code == 200
    assert CANNOT in shown.text
    assert "call whoever runs this system" in shown.text
    assert "Do not admit." in shown.text
    assert "He is not admitted" in shown.text
    assert "Rex Notreal" not in shown.text
    assert "Ask to lift it" not in shown.text


@pytest.mark.parametrize("damage", [DAMAGED_DOCUMENT, LOST_KEY])
def test_nothing_of_a_case_that_cannot_be_opened_is_loosened(
    house: House, org: Organisation, damage: str
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    page = f"/cases/{case_id}/orders"
    act(lead, lead.get(page), f"/cases/{case_id}/rules", **RULE)
    (rule_id,) = house.engine.execute("select id from registry_houserule where case_id = %s", (case_id,)).fetchone() or (None,)  # fmt: skip
    house.engine.execute(damage.encode(), (case_id,))
    refused = act(lead, lead.get(page), f"/cases/{case_id}/rules/{rule_id}", act="lift")
    assert refused.status_code == 409
    assert CANNOT in refused.text
    asked = house.engine.execute("select lift_asked_by_id from registry_houserule where id = %s", (rule_id,)).fetchone()  # fmt: skip
    assert asked == (None,)


def test_a_house_rule_is_set_on_a_case_whose_document_is_damaged_and_the_doors_follow(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    page = f"/cases/{case_id}/orders"
    match = "select match_sealed is not null, instruction, is_active from registry_doorentry where case_id = %s"
    house.engine.execute(DAMAGED_DOCUMENT.encode(), (case_id,))
    assert act(lead, lead.get(page), f"/cases/{case_id}/rules", **RULE).status_code == 200
    assert "He is not admitted" in lead.get(page).text
    row = house.engine.execute(match.encode(), (case_id,)).fetchone()
    assert row == (True, "do_not_admit", True)


def test_on_a_case_whose_key_is_lost_a_house_rule_cannot_be_written_and_that_is_said(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    page = f"/cases/{case_id}/orders"
    house.engine.execute(LOST_KEY.encode(), (case_id,))
    refused = act(lead, lead.get(page), f"/cases/{case_id}/rules", **RULE)
    assert refused.status_code == 409
    assert "Nothing was written" in refused.text


@pytest.mark.parametrize("page", ["custody", "safeguards"])
def test_the_other_pages_of_a_case_that_cannot_be_opened_say_so(
    house: House, org: Organisation, page: str
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    house.engine.execute(LOST_KEY.encode(), (case_id,))
    shown = lead.get(f"/cases/{case_id}/{page}")
    assert (shown.status_code, CANNOT in shown.text) == (409, True)
    orders = f"/cases/{case_id}/orders"
    assert f'<a href="{orders}">Orders</a>' in shown.text
    assert lead.get(orders).status_code == 200


def test_what_tightens_is_told_of_a_damaged_case_and_what_may_loosen_is_refused_with_the_reason(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    page = f"/cases/{case_id}/orders"
    (order_id,) = house.engine.execute("select id from registry_protectionorder where case_id = %s", (case_id,)).fetchone() or (None,)  # fmt: skip
    house.engine.execute(DAMAGED_DOCUMENT.encode(), (case_id,))
    tell = f"/cases/{case_id}/orders/{order_id}/tell"
    assert act(lead, lead.get(page), tell, kind="served").status_code == 200
    refused = act(lead, lead.get(page), tell, kind="recalled")
    assert refused.status_code == 400
    assert "only what protects her for longer is taken now" in refused.text
    house.engine.execute(LOST_KEY.encode(), (case_id,))
    assert act(lead, lead.get(page), tell, kind="served").status_code == 409


@pytest.mark.parametrize("damage", [DAMAGED_DOCUMENT, LOST_KEY])
def test_an_order_typed_for_a_case_that_cannot_be_opened_is_entered_beside_or_stays_a_draft(
    house: House, org: Organisation, damage: str
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    house.engine.execute(damage.encode(), (case_id,))
    if damage == DAMAGED_DOCUMENT:
        status, shown = another(lead, org, case_id, supersedes="beside")
        assert (status, "CR-2025-9" in shown) == (200, True)
        return
    status, shown = another(lead, org, case_id)
    assert (status, "The key of this case is lost" in shown) == (400, True)
    drafts = "select count(*) from registry_orderdraft where organisation_id = %s"
    assert house.engine.execute(drafts, (org.id,)).fetchone() == (1,)
