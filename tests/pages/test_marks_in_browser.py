"""Do pages whose marks are whole sentences fit a phone and a desk, and can the buttons beside them be pressed?"""

from collections.abc import Callable

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened
from tests.pages.test_his_friends import enters
from tests.pages.test_his_people import org
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, a_phone, browser, hers

pytestmark = pytest.mark.pages
__all__ = ["chromium", "opened", "org"]


@pytest.mark.parametrize("size", SIZES)
def test_who_is_to_confirm_a_phone_sees_its_mark_whole_and_the_button_beside_it(
    house: House, org: Organisation, opened: Callable[..., Watched], size: str
) -> None:
    a_phone(house, org, HIM)
    enters(house, org, HIM)
    linked(house, org)
    lead = browser(house, org, HONEST)
    opened("/people", size, lead).is_sound()
    watched = opened(hers(org), size, lead)
    watched.is_sound()
    # Playwright presses nothing that something else covers.
    watched.page.get_by_role("button", name="It is hers: confirm").click(trial=True, timeout=3000)
