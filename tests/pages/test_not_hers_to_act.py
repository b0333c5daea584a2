"""What does the page of an incident say to the one who raised it, and does a refusal stay readable?"""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.pages.house import House, Organisation
from tests.pages.test_browser import Watched, chromium, opened

pytestmark = pytest.mark.pages
__all__ = ["chromium", "opened"]
CALLS = "I call the emergency number"


def drill_of(house: House, org: Organisation) -> str:
    """Start a drill as the safety lead, and return the path of its incident."""
    lead = house.signed_in(org, "safety_lead")
    shown = lead.post_form("/drills", site=str(org.site_id))
    return "/incidents/" + shown.url.rstrip("/").split("/")[-1]


@pytest.mark.guarantee("I15")
def test_who_started_a_drill_is_shown_no_buttons_that_would_not_count(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    path = drill_of(house, org)
    hers = opened(path, "phone", house.signed_in(org, "safety_lead", again=True), color_scheme="dark")  # fmt: skip
    expect(hers.page.get_by_text("You raised this: others answer it.")).to_be_visible()
    expect(hers.page.get_by_role("button", name=CALLS)).to_have_count(0)
    hers.is_sound()
    others = opened(path, "phone", house.signed_in(org, "shift_lead"))
    others.page.get_by_role("button", name=CALLS).click()
    expect(others.page.get_by_text("S. Sample owns the emergency call").first).to_be_visible()


@pytest.mark.guarantee("I15")
def test_a_refusal_stays_on_the_page_while_it_is_kept_true(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    incident: UUID = house.sos(org)
    watched = opened(f"/incidents/{incident}", "phone", house.signed_in(org), color_scheme="dark")
    # Two people end it while her finger is on its way.
    watched.page.evaluate(
        """() => {
            window.late = document.querySelector("form.acts").cloneNode(false);
            const act = document.createElement("input"), token = document.querySelector("form.acts [name=csrfmiddlewaretoken]");
            act.name = "act"; act.value = "going";
            window.late.append(token.cloneNode(), act);
        }"""
    )
    for role in ("guard", "safety_lead"):
        house.signed_in(org, role).post_form(f"/incidents/{incident}/act", form=f"/incidents/{incident}", act="over")  # fmt: skip
    watched.page.evaluate("document.body.append(window.late), window.late.submit()")
    refusal = watched.page.locator("main > .problem")
    expect(refusal).to_contain_text("this incident is over")
    expect(watched.page.locator("#live")).to_have_text("LIVE")
    house.ring_screens(org, incident, version=9)
    watched.page.wait_for_timeout(1500)
    expect(refusal).to_be_visible()
    watched.complaints.clear()
    watched.is_sound()
    # Opened anew, its address leads to the incident.
    watched.page.goto(watched.page.url)
    assert watched.page.url.endswith(f"/incidents/{incident}")
    expect(watched.page.locator(".word").first).to_be_visible()
