"""Does a screen stay quiet where a silent SOS was raised, and sound everywhere else?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from psycopg.types.json import Jsonb

from tests.pages.house import House, Organisation
from tests.pages.test_browser import Watched, chromium, opened
from tocsin.runtime.database import viewing

pytestmark = pytest.mark.pages
__all__ = ["chromium", "opened"]

# Counts the tones instead of playing them.
DEAF = """window.tones = 0; window.AudioContext = class {
    currentTime = 0; destination = {}; resume() {} createGain() { return { gain: {}, connect: (next) => next }; }
    createOscillator() { window.tones++; return { frequency: {}, connect: (next) => next, start() {}, stop() {} }; } }"""


def unclaimed(house: House, org: Organisation, incident: UUID) -> None:
    """Have nobody take its emergency call for half a minute, and ring the screens."""
    since = {"emergency_from": (datetime.now(UTC) - timedelta(seconds=30)).isoformat()}
    with viewing(house.engine, org.id):
        house.engine.execute("update decisions_incident set progress = progress || %s where id = %s", (Jsonb(since), incident))  # fmt: skip
    house.ring_screens(org, incident)


def armed(house: House, org: Organisation, opened: Callable[..., Watched], role: str, path: str = "/") -> Page:  # fmt: skip
    """Return a page of this person, whose sound is switched on: one tone so far."""
    page = opened(path, "desk", house.signed_in(org, role)).page
    page.add_init_script(DEAF)
    # Another page has looked at the board once before it knows what is new on it.
    with page.expect_response(lambda answer: answer.url == house.base + "/"):
        page.reload()
    page.locator("#arm").click()
    expect(page.locator("#live")).to_have_text("LIVE")
    return page


def test_an_armed_screen_sounds_as_soon_as_an_sos_comes_and_again_when_nobody_takes_its_call(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    page = armed(house, org, opened, "guard")
    incident = house.sos(org)
    house.ring_screens(org, incident)
    expect(page.get_by_text("Nobody is in charge")).to_be_visible(timeout=5000)
    assert page.evaluate("window.tones") == 7
    unclaimed(house, org, incident)
    expect(page.locator("[data-level=urgent]")).to_be_visible(timeout=5000)
    assert page.evaluate("window.tones") == 13


def test_a_page_that_shows_something_else_says_and_sounds_that_somebody_calls(house: House, org: Organisation, opened: Callable[..., Watched]) -> None:  # fmt: skip
    page = armed(house, org, opened, "guard", "/desk")
    with page.expect_response(lambda answer: answer.url == house.base + "/"):
        unclaimed(house, org, house.sos(org, by="safety_lead", silent=True))
    assert page.evaluate("window.tones") == 1
    loud = house.sos(org)
    house.ring_screens(org, loud)
    told = page.locator("#elsewhere")
    expect(told.get_by_role("link")).to_have_attribute("href", f"/incidents/{loud}", timeout=5000)
    # Beside it stands the loudest of what is true of it; the silent one, raised where the guard is, is not there.
    expect(told).to_contain_text("Nobody")
    assert page.evaluate("window.tones") >= 7


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize(("role", "silent", "tones"), [("guard", False, 7), ("guard", True, 1), ("safety_lead", True, 7)])  # fmt: skip
def test_an_armed_screen_sounds_for_a_silent_sos_only_elsewhere(house: House, org: Organisation, opened: Callable[..., Watched], role: str, silent: bool, tones: int) -> None:  # fmt: skip
    # The guard is on duty where it is raised, the safety lead is not.
    page = armed(house, org, opened, role)
    unclaimed(house, org, house.sos(org, silent=silent))
    expect(page.get_by_text("Nobody owns the emergency call")).to_be_visible(timeout=5000)
    assert page.evaluate("window.tones") == tones
