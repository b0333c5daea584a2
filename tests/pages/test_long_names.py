"""Do long names and long lists stay on the screen, and can a thumb meet what leads on?"""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import House, Organisation
from tests.pages.test_browser import Watched, chromium, opened
from tocsin.registry import store_people as people
from tocsin.registry.rules.rows import PersonRow
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

pytestmark = pytest.mark.pages
__all__ = ["chromium", "opened"]
UNBROKEN = "Maximiliana" * 9 + "x"
# WCAG 2.5.5, in CSS pixels.
THUMB = 44


def named(house: House, org: Organisation, name: str) -> UUID:
    """Return a colleague of this name."""
    person = PersonRow(id=uuid7(), organisation_id=org.id, staff_number=uuid7().hex, name=name, short_name=name, role="responder", site_id=org.site_id)  # fmt: skip
    with viewing(house.conn, org.id):
        people.insert_person(house.conn, house.ring, person)
    return person.id


def test_a_name_of_a_hundred_letters_scrolls_no_list_sideways(
    house: House, org: Organisation, opened: Callable[..., Watched]
) -> None:
    named(house, org, UNBROKEN)
    opened("/people", "phone", house.signed_in(org, "safety_lead")).is_sound()


def test_a_long_fact_leaves_room_for_what_the_sources_say_of_it(
    house: House, org: Organisation, opened: Callable[..., Watched]
) -> None:
    lead = house.signed_in(org, "safety_lead")
    page = f"/accounts/case/{a_case(house, org)}"
    for number in range(6):
        lead.post_form(page, label=UNBROKEN, source=f"report {number}", words=f"at {number}")
    watched = opened(page, "desk", lead)
    watched.is_sound()
    fact = watched.page.locator('.accounts th[scope="row"]').first
    assert fact.evaluate("one => one.getBoundingClientRect().width") < 400


def test_what_leads_on_is_as_high_as_a_thumb(
    house: House, org: Organisation, opened: Callable[..., Watched]
) -> None:
    case_id, lead = a_case(house, org), house.signed_in(org, "safety_lead")
    for path, what in (("orders", ".links a"), ("custody", ".back a"), ("custody", ".brand")):
        page = f"/cases/{case_id}/{path}"
        watched = opened(page, "phone", lead, has_touch=True, is_mobile=True)
        heights = watched.page.locator(what).evaluate_all("all => all.map(one => one.offsetHeight)")
        assert heights, what
        assert min(heights) >= THUMB, what


def test_who_is_reachable_stands_by_name_as_on_the_board(house: House, org: Organisation) -> None:
    shown = house.signed_in(org, "safety_lead").get("/reachable").text
    places = [shown.index(f"<td>{name}<") for name in ("G. Sample", "R. Sample", "S. Sample")]
    assert places == sorted(places)
