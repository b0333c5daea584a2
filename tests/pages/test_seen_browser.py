"""Do the pages of a sighting work in a browser, at the size of a phone and of a desk?"""

from collections.abc import Callable
from uuid import UUID

import pytest

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
