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


def test_a_plate_that_somebody_doubts_is_marked_on_the_page_of_the_order(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org, plates="ABC 123, TX")
    shown = lead.get(f"/cases/{case_id}/orders")
    assert "not confirmed: somebody says" not in shown.text
    path = f"/cases/{case_id}/respondent/not-his"
    found = re.search(r'name="text" value="([^"]+)"><input[^>]*name="region" value="([^"]*)"', shown.text)  # fmt: skip
    assert found, re.findall(r".{80}not-his.{300}", shown.text)
    asked = act(lead, shown, path, kind="plate", text=found[1], region=found[2])
    assert "not confirmed: somebody says that it is not his any more" in asked.text


def test_a_badge_that_somebody_says_is_not_his_any_more_says_who_asked_and_waits_for_a_second(
    house: House, org: Organisation
) -> None:
    lead = house.signed_in(org, "shift_lead")
    case_id = entered(lead, org, badges="0042", plates="ABC 123, TX")
    path = f"/cases/{case_id}/respondent/not-his"
    shown = lead.get(f"/cases/{case_id}/orders")
    assert shown.text.count("Not his any more: ask") == 2
    asked = act(lead, shown, path, kind="badge", text="0042")
    assert SAID.search(asked.text)
    assert "you say that it is not his any more; a second person has to agree" in asked.text
    again = act(lead, asked, path, kind="badge", text="0042")
    assert "a second person has to agree" in again.text
    assert again.status_code == 400
    assert act(lead, asked, path, kind="badge", text="815").status_code == 400
    assert act(lead, asked, path, kind="shoe", text="0042").status_code == 400
    sefa = house.signed_in(org, "safety_lead")
    waiting = sefa.get("/orders")
    take = re.search(r"/orders/reviews/[0-9a-f-]{36}", waiting.text)
    assert take
    theirs = act(sefa, waiting, take[0])
    assert "It is not his any more: I agree" in theirs.text
    done = act(sefa, theirs, path, kind="badge", text="0042")
    assert re.search(r"since [^;]+ UTC: \S+ .+ asked, \S+ .+ agreed", done.text)
    assert done.text.count("Not his any more: ask") == 1
