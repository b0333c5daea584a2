"""Do the pages of what a person told work in a browser, at the size of a phone in the dark?"""

from collections.abc import Callable

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_browser import Watched, chromium, opened
from tests.pages.test_seen import org
from tests.pages.test_told import NOBODY, report

pytestmark = pytest.mark.pages
__all__ = ["chromium", "opened", "org"]


def test_what_a_person_told_is_sound_on_a_phone_in_the_dark(
    house: House, org: Organisation, opened: Callable[..., Watched]
) -> None:
    guard, lead = house.signed_in(org, "guard"), house.signed_in(org)
    report(house, org, guard, NOBODY)
    for address, who in (
        ("/reports", lead),
        ("/", lead),
        ("/seen", guard),
        ("/seen/contact", guard),
    ):
        opened(address, "phone", who, color_scheme="dark").is_sound()
