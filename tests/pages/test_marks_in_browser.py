"""Do pages whose marks are whole sentences fit a phone and a desk, can their buttons be pressed, has every field its label?"""

from collections.abc import Callable

import pytest

from tests.pages.case_in_house import a_case
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


UNNAMED = """[...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .filter((one) => !one.labels.length && !one.getAttribute("aria-label")).map((one) => one.outerHTML)"""


def test_every_field_of_a_page_with_several_forms_has_a_label_of_its_own(
    house: House, org: Organisation, opened: Callable[..., Watched]
) -> None:
    case_id = a_case(house, org)
    lead = browser(house, org, HONEST)
    for path in (f"/sites/{org.site_id}", "/access", f"/cases/{case_id}/access"):
        watched = opened(path, "desk", lead)
        assert watched.page.evaluate(UNNAMED) == []
