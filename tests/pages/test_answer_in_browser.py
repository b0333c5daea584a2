"""Does the page of a link keep what was pressed until the server has it, and call a link dead only when it is?"""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Route, expect

from tests.pages.house import House, Organisation
from tests.pages.test_answer_link import acts, secret_of
from tests.pages.test_browser import Watched, chromium, opened
from tocsin.runtime.database import viewing

pytestmark = [pytest.mark.pages, pytest.mark.guarantee("I4")]
__all__ = ["chromium", "opened"]


@pytest.fixture
def link(house: House, org: Organisation) -> str:
    """Return the fragment of the guard's link about an SOS."""
    house.sos(org)
    with viewing(house.conn, org.id):
        row = house.conn.execute("select id from notifications_delivery where person_id = %s and channel = 'sms'", (org.people["guard"],)).fetchone()  # fmt: skip
    assert row is not None
    return secret_of(house, org, row[0])


@pytest.fixture
def page(link: str, opened: Callable[..., Watched]) -> Watched:
    """Return the open page of this link, on a phone in the dark."""
    watched = opened(f"/a#{link}", "phone", color_scheme="dark")
    expect(watched.page.get_by_role("button", name="I am in charge")).to_be_visible()
    return watched


def answers(status: int) -> Callable[[Route], None]:
    """Return what a proxy before a server that is away answers to everything."""
    return lambda route: route.fulfill(status=status, body="<h1>Bad Gateway</h1>")


@pytest.mark.parametrize("fails", ["500", "502", "503", "cut", "portal"])
def test_a_press_is_kept_and_sent_again_until_the_server_has_it(house: House, org: Organisation, page: Watched, fails: str) -> None:  # fmt: skip
    status = 200 if fails == "portal" else int(fails) if fails.isdigit() else 0
    page.page.route("**/a/*", answers(status) if status else lambda route: route.abort())
    page.page.get_by_role("button", name="I am in charge").click()
    expect(page.page.get_by_text("NOT SENT: no connection. It is tried again")).to_be_visible()
    expect(page.page.locator("#dead")).to_be_hidden()
    expect(page.page.get_by_role("button", name="I am in charge")).to_be_visible()
    assert acts(house, org) == []
    page.complaints.clear()
    page.is_sound()
    page.page.unroute("**/a/*")
    expect(page.page.get_by_text("Received.")).to_be_visible(timeout=9000)
    expect(page.page.locator("#offline")).to_be_hidden()
    assert [act for act, _ in acts(house, org)] == ["in_charge"]


def test_a_press_is_kept_over_a_reload(house: House, org: Organisation, page: Watched) -> None:
    page.page.route("**/a/*", answers(502))
    page.page.get_by_role("button", name="I am going").click()
    expect(page.page.locator("#offline")).to_be_visible()
    page.page.reload()
    expect(page.page.locator("#offline")).to_be_visible()
    page.page.unroute("**/a/*")
    expect(page.page.get_by_text("Received.")).to_be_visible(timeout=9000)
    assert [act for act, _ in acts(house, org)] == ["going"]


def test_a_press_whose_answer_was_lost_counts_once(house: House, org: Organisation, page: Watched) -> None:  # fmt: skip
    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.page.route("**/a/act", lost, times=2)
    page.page.get_by_role("button", name="I am in charge").click()
    expect(page.page.get_by_text("Received.")).to_be_visible(timeout=9000)
    assert [act for act, _ in acts(house, org)] == ["in_charge"]
    # A press anew is a new one: it says that she still is.
    page.page.get_by_role("button", name="I am in charge").click()
    page.page.wait_for_timeout(700)
    assert [act for act, _ in acts(house, org)] == ["in_charge", "in_charge"]


def test_a_page_that_only_lies_open_outlives_a_server_that_is_away(page: Watched) -> None:
    # It looks every ten seconds, by a clock that this test moves on.
    page.page.clock.install()
    page.page.reload()
    expect(page.page.get_by_role("button", name="I am in charge")).to_be_visible()
    page.page.route("**/a/*", answers(500))
    page.page.clock.fast_forward(10_000)
    expect(page.page.get_by_text("No connection: what you see may be old.")).to_be_visible()
    expect(page.page.get_by_role("button", name="I am in charge")).to_be_visible()
    page.complaints.clear()
    page.is_sound()
    page.page.unroute("**/a/*")
    page.page.clock.fast_forward(10_000)
    expect(page.page.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize("status", [404, 410])
def test_only_the_server_makes_a_link_dead(page: Watched, status: int) -> None:
    page.page.route("**/a/*", answers(status))
    page.page.get_by_role("button", name="I am in charge").click()
    expect(page.page.locator("#dead")).to_be_visible()
    expect(page.page.get_by_role("button", name="I am in charge")).to_be_hidden()


def test_a_link_that_is_none_is_said_to_be_dead(opened: Callable[..., Watched]) -> None:
    expect(opened(f"/a#{UUID(int=7).hex}", "phone").page.locator("#dead")).to_be_visible()
