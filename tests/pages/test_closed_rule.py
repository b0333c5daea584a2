"""The page of a case of which a house rule cannot be opened: the rule is named and stands, the rest is read and acted on."""

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_orders import act, entered

RULE = {
    "rule_ground": "threat",
    "rule_days": "30",
    "rule_contest": "hr@example.org",
    "rule_notice": "delayed",
    "rule_reason": "his chief tells him",
    "rule_delay_days": "7",
}
CANNOT = "The words of this rule cannot be opened"


@pytest.mark.parametrize("sealed", [b"damaged", b""])
def test_a_house_rule_that_cannot_be_opened_is_named_and_he_is_not_admitted(
    house: House, org: Organisation, sealed: bytes
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    page = f"/cases/{case_id}/orders"
    act(lead, lead.get(page), f"/cases/{case_id}/rules", **RULE)
    assert "hr@example.org" in lead.get(page).text
    assert CANNOT not in lead.get(page).text
    house.engine.execute("update registry_houserule set contest_sealed = %s where case_id = %s", (sealed, case_id))  # fmt: skip
    shown = lead.get(page)
    assert shown.status_code == 200
    assert CANNOT in shown.text
    assert "He is not admitted" in shown.text
    assert "hr@example.org" not in shown.text
    assert "DR-2025-1" in shown.text
    assert "The words of a house rule cannot be opened" in lead.get("/orders").text


def test_beside_a_house_rule_that_cannot_be_opened_another_is_set_and_it_is_lifted_by_two(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org)
    page = f"/cases/{case_id}/orders"
    act(lead, lead.get(page), f"/cases/{case_id}/rules", **RULE)
    house.engine.execute("update registry_houserule set contest_sealed = 'damaged' where case_id = %s", (case_id,))  # fmt: skip
    assert act(lead, lead.get(page), f"/cases/{case_id}/rules", **RULE).status_code == 200
    (rule_id,), _ = house.engine.execute("select id from registry_houserule where case_id = %s order by made_at", (case_id,)).fetchall()  # fmt: skip
    asked = act(lead, lead.get(page), f"/cases/{case_id}/rules/{rule_id}", act="lift")
    assert asked.status_code == 200
    assert "you want it lifted; a second person has to agree" in asked.text
