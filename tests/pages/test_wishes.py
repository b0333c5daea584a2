"""What does a page say of a wish that waits for its second person? Who, since when, until when; and nothing once it lapsed."""

import re

from tests.pages.case_in_house import a_case
from tests.pages.house import House, Organisation
from tests.pages.test_orders import act, entered

SAID = re.compile(r"\S+ asked at [^;]+ UTC; a second person can agree until [^.]+ UTC\.")


def test_a_hold_that_somebody_wants_away_says_who_asked_and_until_when(
    house: House, org: Organisation
) -> None:
    case_id = a_case(house, org)
    house.engine.execute("update registry_case set legal_hold_at = now() where id = %s", (case_id,))
    lead = house.signed_in(org, "safety_lead")
    path = f"/cases/{case_id}/access"
    shown = act(lead, lead.get(path), path, act="lift")
    assert SAID.search(shown.text)
    assert "You asked to take it away" in shown.text
    house.engine.execute(
        "update registry_case set hold_lift_asked_at = now() - interval '8 days' where id = %s",
        (case_id,),
    )
    later = lead.get(path).text
    assert not SAID.search(later)
    assert "Ask to take the hold away" in later


def test_a_house_rule_that_somebody_wants_lifted_says_so_too(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(
        lead,
        org,
        with_rule="on",
        rule_ground="threat",
        rule_contest="hr@example.org",
        rule_notice="given",
    )
    shown = lead.get(f"/cases/{case_id}/orders")
    found = re.search(rf"/cases/{case_id}/rules/[0-9a-f-]+", shown.text)
    assert found, shown.text
    assert SAID.search(act(lead, shown, found[0], act="lift").text)
