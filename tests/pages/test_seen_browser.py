"""Do the pages of a sighting work in a browser, at the size of a phone and of a desk?"""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.pages.house import House, Organisation
from tests.pages.test_browser import Watched, chromium, opened
from tests.pages.test_seen import case_id, is_seen, org
from tocsin.signals.rules.seen import Source

pytestmark = pytest.mark.pages
__all__ = ["case_id", "chromium", "opened", "org"]


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_sighting_is_sound_on_every_page(
    house: House, org: Organisation, case_id: UUID, opened: Callable[..., Watched], size: str
) -> None:
    incident = is_seen(house, org, plates=(), source=Source.GUARD, name="Rex Notreal")
    lead, reader = house.signed_in(org), house.signed_in(org, "safety_lead")
    opened(f"/incidents/{incident}", size, lead).is_sound()
    opened(f"/cases/{case_id}/told", size, reader, color_scheme="dark").is_sound()
    opened(f"/cases/{case_id}/sightings", size, reader).is_sound()
    by_hand = opened(f"/incidents/{incident}", size, lead)
    by_hand.page.get_by_role("button", name="It is he").focus()
    by_hand.page.keyboard.press("Enter")
    by_hand.page.get_by_text("Confirmed by a person").wait_for()
    by_hand.is_sound()


def test_a_change_never_puts_the_keyboard_on_the_button_of_another_sighting(
    house: House, org: Organisation, case_id: UUID, opened: Callable[..., Watched]
) -> None:
    said = {"plates": (), "source": Source.GUARD, "name": "Rex Notreal"}
    (incident,) = {is_seen(house, org, **said) for _ in range(2)}
    page = opened(f"/incidents/{incident}", "desk", house.signed_in(org)).page
    expect(page.locator("#live")).to_have_text("LIVE")
    buttons = page.get_by_role("button", name="It is he")
    expect(buttons).to_have_count(2)
    for which in range(2):
        buttons.nth(which).focus()
        focused = page.evaluate("document.activeElement.form.action")
        assert is_seen(house, org, **said) == incident
        house.ring_screens(org, incident)
        expect(buttons).to_have_count(3 + which)
        assert page.evaluate("document.activeElement.form.action") == focused


def test_a_page_that_is_fetched_again_and_says_the_same_stays_as_it_is(
    house: House, org: Organisation, case_id: UUID, opened: Callable[..., Watched]
) -> None:
    incident = is_seen(house, org, plates=(), source=Source.GUARD, name="Rex Notreal")
    page = opened(f"/incidents/{incident}", "desk", house.signed_in(org)).page
    expect(page.locator("#live")).to_have_text("LIVE")
    first = page.locator("[data-part] button").first
    # What only this very element of the page knows.
    first.evaluate("one => { one.isTheSame = true; }")
    with page.expect_response(lambda answer: "x-tocsin-part" in answer.request.headers):
        house.ring_screens(org, incident)
    page.wait_for_timeout(300)
    assert first.evaluate("one => one.isTheSame")
