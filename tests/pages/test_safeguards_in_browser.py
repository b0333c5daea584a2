"""Are the pages of safeguards sound in a browser, at the size of a phone and of a desk, and does the card fit one side?"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.pages.house import House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tests.pages.test_safeguards import a_case, ask

pytestmark = pytest.mark.pages
PAGE = re.compile(rb"/Type\s*/Page[^s]")


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_of_safeguards_are_sound(house: House, org: Organisation, opened: Callable[..., Watched], size: str) -> None:  # noqa: F811  # fmt: skip
    case_id = a_case(house, org, protected="responder", colleague="guard")
    lead = house.signed_in(org, "safety_lead")
    of_case = f"/cases/{case_id}"
    # Each page once, at the size at which it is most likely used.
    paths = {
        "phone": ("/tasks", "/offers", f"/briefings/{case_id}"),
        "desk": ("/briefings", f"{of_case}/safeguards", f"{of_case}/release"),
    }
    for path in paths[size]:
        watched = opened(path, size, lead, color_scheme="dark" if size == "phone" else "light")
        expect(watched.page.locator("#live")).to_have_text("LIVE")
        watched.is_sound()


def test_the_door_card_fits_one_side_of_a5(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # noqa: F811  # fmt: skip
    case_id = a_case(house, org, protected="responder", colleague=None)
    ask(house)
    watched = opened(f"/briefings/{case_id}", "desk", house.signed_in(org, "guard"))
    watched.page.get_by_role("button", name="Door card to print").click()
    expect(watched.page.get_by_text("Do not block his way.")).to_be_visible()
    watched.is_sound()
    assert len(PAGE.findall(watched.page.pdf(format="A5"))) == 1
