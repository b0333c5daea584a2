"""Do the pages of grants work in a browser, at the size of a phone and of a desk, without barriers?"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from tests.insider.cases import Worlds
from tests.pages.house import Browser
from tests.pages.test_browser import FLAGS, SIZES, Watched

pytestmark = pytest.mark.pages


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Return a running Chromium."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lead(worlds: Worlds) -> Browser:
    """Return a lead's session who may agree and has what to look at."""
    return worlds.browser("nia")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["access", "case_access"])
def test_the_pages_of_grants_are_sound(
    chromium: Chromium, worlds: Worlds, lead: Browser, size: str, scheme: str, which: str
) -> None:
    path = "/access" if which == "access" else f"/cases/{worlds.secret.case_id}/access"
    context = chromium.new_context(viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
    try:
        base = worlds.inside.base
        context.add_cookies([{"name": c.name, "value": c.value or "", "url": base} for c in lead.session.cookies])  # fmt: skip
        watched = Watched(context)
        answer = watched.page.goto(base + path)
        assert answer is not None
        assert answer.status == 200
        if os.environ.get("SHOTS_TO"):
            watched.page.screenshot(path=f"{os.environ['SHOTS_TO']}/{which}-{size}-{scheme}.png", full_page=True)  # fmt: skip
        watched.is_sound()
        # Nothing of the case in the title or the address but its id (I24).
        assert worlds.secret.word not in watched.page.title()
    finally:
        context.close()
