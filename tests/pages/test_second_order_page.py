"""The page of an order: what it replaces is said on purpose, all that is wrong is said at once, and by whose clock."""

import re

import pytest

from tests.pages.house import Browser, House, Organisation
from tests.pages.test_orders import CASE, entered, send, typed


@pytest.fixture
def lead(house: House, org: Organisation) -> Browser:
    """Return the shift lead's browser."""
    return house.signed_in(org, "shift_lead")


def another(lead: Browser, org: Organisation, case_id: str, **changes: object) -> tuple[int, str]:
    """Enter one more order of the case; return the answer's status and page."""
    fields = typed(org, case=case_id, family="no_contact", docket="CR-2025-9", **changes)
    shown = send(lead, f"/orders/new?case={case_id}", fields)
    return (200 if CASE.search(shown.url) else shown.status_code), shown.text


def test_an_order_of_another_court_ends_none_that_nobody_named(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org)
    page = lead.get(f"/orders/new?case={case_id}").text
    assert page.index('name="supersedes"') < page.index('name="docket"')
    status, shown = another(lead, org, case_id)
    assert (status, "Say whether it takes the place" in shown) == (400, True)
    status, shown = another(lead, org, case_id, supersedes="beside")
    assert (status, shown.count("nobody has said when it ends: it stays open")) == (200, 2)
    assert "took its place" not in shown


def test_an_order_that_is_named_ends_when_he_has_notice_of_the_new_one(
    lead: Browser, org: Organisation
) -> None:
    case_id = entered(lead, org)
    page = lead.get(f"/orders/new?case={case_id}").text
    older = page.split('name="supersedes"')[1].split("<option value=")[3].split('"')[1]
    status, shown = another(lead, org, case_id, supersedes=older, notice="in_court")
    assert (status, "another order took its place" in shown) == (200, True)


def test_the_first_order_of_a_case_is_not_asked_what_it_replaces(lead: Browser) -> None:
    assert 'name="supersedes"' not in lead.get("/orders/new").text


def test_a_wrong_value_does_not_hide_what_contradicts_itself(
    lead: Browser, org: Organisation
) -> None:
    wrong = typed(org, issued_on="2025-03-09", ends_on="2025-03-01", plates="🚗", court_time_zone="Mars/Base")  # fmt: skip
    shown = send(lead, "/orders/new", wrong)
    assert shown.status_code == 400
    for said in ("“🚗”:", "There is no such time zone", "It ends before it was issued"):
        assert said in shown.text


@pytest.mark.parametrize(
    ("zone", "served"),
    [("America/New_York", "31 Mar 2025 00:30:00 EDT"), ("America/Denver", "30 Mar 2025 23:30:00 MDT")],
)  # fmt: skip
def test_he_was_told_by_the_later_of_the_courts_clock_and_ours(
    lead: Browser, org: Organisation, zone: str, served: str
) -> None:
    told = {"issued_on": "2025-03-30", "notice": "served", "notice_on": "2025-03-30", "notice_time": "23:30"}  # fmt: skip
    case_id = entered(lead, org, court_time_zone=zone, **told)
    shown = lead.get(f"/cases/{case_id}/orders").text
    assert served in shown.replace("&nbsp;", " ")
    told = {
        "kind": "told_orally",
        "when_on": "2025-03-30",
        "when_time": "23:30",
        "source": "police",
    }
    path = re.findall(r"/cases/[0-9a-f-]+/orders/[0-9a-f-]+/tell", shown)[0]
    again = lead.post_to(path, lead.token(lead.get(f"/cases/{case_id}/orders")), **told).text
    assert again.count(served) > shown.count(served)


def test_somebody_who_works_here_is_not_entered_as_a_stranger_of_his_name(
    lead: Browser, org: Organisation
) -> None:
    guard = lead.get("/orders/new").text.split(f'value="{org.people["guard"]}"')[1]
    name = re.findall(r">([^<]+)<", guard)[0].upper()
    shown = send(lead, "/orders/new", typed(org, respondent_name=f"Dr. {name}"))
    assert (shown.status_code, "Somebody of this name works here" in shown.text) == (400, True)
    assert CASE.search(send(lead, "/orders/new", typed(org, respondent_name=name, colleague="not_here")).url)  # fmt: skip
