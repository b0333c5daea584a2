"""Are the pages of safeguards sound in a browser, at the size of a phone and of a desk, and does the card fit one side?"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.pages.house import House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tests.pages.test_safeguards import PNG, a_case, ask
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import save_door_entry
from tocsin.runtime.database import viewing

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


def test_on_a_telephone_a_briefing_shows_the_face_and_what_to_do_at_once(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # noqa: F811  # fmt: skip
    case_id = a_case(house, org, protected="responder", colleague=None)
    ask(house)
    page = opened(f"/briefings/{case_id}", "phone", house.signed_in(org, "guard")).page
    expect(page.get_by_text("Lock, step back, call, press.")).to_be_in_viewport(ratio=1)
    expect(page.locator("img.face")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("length", ["short", "middling", "long"])
def test_the_door_card_fills_its_paper_and_says_above_all_whom_not_to_admit(house: House, org: Organisation, opened: Callable[..., Watched], length: str, language: str) -> None:  # noqa: F811  # fmt: skip
    case_id = a_case(house, org, protected="responder", colleague=None)
    ask(house)
    if length != "short":
        name, times = ("Bartholomew Notreal-Oberdorf", 2) if length == "middling" else ("Maximilian-Bartholomew von und zu Notreal-Wolkenkuckucksheim-Oberunterdorf", 16)  # fmt: skip
        match = DoorMatch(names=(name, "R. Notreal"), born_year=1981, description="Tall, grey beard, dark pick-up. " * times, plates=(KnownPlate("ABC123", "US-IL"),))  # fmt: skip
        entry = DoorEntryRow(case_id=case_id, organisation_id=org.id, match=match, photo=PNG, photo_type="image/png", updated_at=datetime.now(UTC))  # fmt: skip
        save_door_entry(house.engine, case_key(house.engine, house.ring, case_id), entry)
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = %s", (language,))
    page = opened(f"/briefings/{case_id}", "desk", house.signed_in(org, "safety_lead")).page
    page.locator("form[action$=card] button").click()
    page.locator(".must").first.wait_for()
    assert [len(PAGE.findall(page.pdf(format=paper))) for paper in ("A4", "A5", "Letter")] == [1, 1, 1]  # fmt: skip
    page.emulate_media(media="print")
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    sizes = [one.evaluate(size) for one in page.locator(".sheet > *").all()]
    assert page.locator(".must").first.evaluate(size) == max(sizes)
