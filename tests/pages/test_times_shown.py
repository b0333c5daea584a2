"""By which clock do the pages of a case speak? By the reader's own, and by UTC; and they fit the smallest telephone."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from tests.builders import utc
from tests.pages.case_in_house import a_case
from tests.pages.house import House, Organisation
from tests.pages.test_browser import Watched, chromium, opened  # noqa: F401 - fixtures
from tests.pages.test_orders import CASE, send, typed
from tocsin.console.pages.tags import browser_words, local_and_utc, span

pytestmark = pytest.mark.pages


@pytest.fixture
def case_id(house: House, org: Organisation) -> UUID:
    """Return a case that the safety lead has entered."""
    return a_case(house, org)


@pytest.fixture
def english() -> None:
    """Have Django name days in English; the pages themselves are served by another process."""
    if not settings.configured:
        settings.configure(USE_I18N=False)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        (utc("2026-11-27 03:36:07"), "America/Chicago", "Thu 26 Nov 21:36:07 CST · Fri 03:36"),
        (utc("2026-11-26 18:00:00"), "America/Chicago", "Thu 26 Nov 12:00:00 CST · 18:00"),
        (utc("2026-11-26 18:00:00"), "UTC", "Thu 26 Nov 18:00:00"),
        (utc("2026-11-26 18:00:00"), "Europe/London", "Thu 26 Nov 18:00:00"),
        (None, "America/Chicago", ""),
    ],
)
def test_a_time_stands_by_the_readers_clock_and_by_utc(
    at: datetime | None, zone: str, shown: str
) -> None:
    assert local_and_utc(at, zone) == shown


@pytest.mark.usefixtures("english")
def test_what_is_planned_is_told_to_the_minute_and_its_day_once() -> None:
    begins, ends = utc("2026-11-27 17:30:00"), utc("2026-11-28 05:30:59")
    assert span(begins, ends, "America/Chicago") == "Fri 27 Nov 11:30 – 23:30"
    assert span(begins, ends) == "Fri 27 Nov 17:30 – Sat 28 Nov 05:30"
    assert span(begins, None) == "Fri 27 Nov 17:30 –"


def test_who_looked_and_who_may_read_are_told_by_the_sites_clock_too(
    house: House, org: Organisation, case_id: UUID
) -> None:
    (zone,) = house.engine.execute(
        "select time_zone from registry_site where id = %s", (org.site_id,)
    ).fetchone() or ("",)
    name = datetime.now(ZoneInfo(zone)).tzname()
    assert name != "UTC"
    lead = house.signed_in(org, "safety_lead")
    for page in (f"/cases/{case_id}/access", "/access"):
        assert f" {name} · " in lead.get(page).text


def test_the_page_of_the_orders_fits_the_smallest_telephone(
    house: House,
    org: Organisation,
    opened: Callable[..., Watched],  # noqa: F811
) -> None:
    lead = house.signed_in(org, "safety_lead")
    entered = CASE.search(send(lead, "/orders/new", typed(org)).url)
    assert entered is not None
    page = opened(f"/cases/{entered[1]}/orders", "phone", lead).page
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox, Android"),
    ],
)  # fmt: skip
def test_a_session_is_named_by_browser_and_machine(agent: str, words: str) -> None:
    assert browser_words(agent) == words
