"""Do the pages of what reports, and of what people saw, work on a phone and at a desk?"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.pages.house import House
from tests.pages.senders import Machine
from tests.pages.test_browser import SIZES, Watched, chromium, opened

__all__ = ["chromium", "opened"]
pytestmark = pytest.mark.pages


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_of_what_reports_are_sound(
    house: House, opened: Callable[..., Watched], size: str
) -> None:
    org = house.new_organisation()
    feed = Machine(house, org, "signed_json")
    feed.posts(b"{")
    Machine(house, org, "badge")
    browser = house.signed_in(org, "safety_lead")
    for path in ("/senders", "/senders/new", f"/senders/{feed.id}", "/my-position", "/seen", "/seen/contact", "/visitors"):  # fmt: skip
        watched = opened(path, size, browser, color_scheme="dark" if size == "phone" else "light")
        watched.page.wait_for_load_state()
        watched.is_sound()


def test_a_plate_is_reported_on_a_phone_by_one_field_and_one_button(
    house: House, opened: Callable[..., Watched]
) -> None:
    org = house.new_organisation()
    watched = opened("/seen", "phone", house.signed_in(org, "guard"))
    watched.page.get_by_label("Number plate").fill("abc 123")
    watched.page.get_by_role("button", name="Report").click()
    expect(watched.page.get_by_text("Whoever must know is called")).to_be_visible()
    assert watched.complaints == []


def test_a_key_is_shown_with_what_sets_the_phone_up(
    house: House, opened: Callable[..., Watched]
) -> None:
    org = house.new_organisation()
    watched = opened("/my-position", "phone", house.signed_in(org, "guard"))
    watched.page.get_by_role("button", name="Set it up").click()
    expect(watched.page.get_by_alt_text("QR code that sets up OwnTracks")).to_be_visible()
    watched.is_sound()
