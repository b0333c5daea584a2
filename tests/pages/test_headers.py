"""What may a browser do with our pages, and what may it keep?"""

import re
from collections.abc import Iterator

import pytest

from tests.pages.house import Browser, House, Organisation

OPEN_PAGES = ("/sign-in", "/a", "/enrol", "/phone", "/no-such-page")
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)


def staff_pages(org: Organisation, incident: object) -> Iterator[str]:
    yield from (
        "/",
        "/drills",
        "/reachable",
        "/unverified",
        "/people",
        "/people/new",
        "/sites",
        "/sites/new",
    )
    yield from ("/import", "/record", "/sessions", "/account/second")
    yield from (f"/incidents/{incident}", f"/sites/{org.site_id}", f"/sites/{org.site_id}/edit")
    person = org.people["responder"]
    yield from (f"/people/{person}", f"/people/{person}/edit", f"/people/{person}/enrol")


def test_every_page_of_staff_is_strict_and_kept_nowhere(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    browser = house.signed_in(org, "safety_lead")
    for path in staff_pages(org, incident):
        shown = browser.get(path)
        assert shown.status_code == 200, path
        assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert "no-store" in shown.headers["Cache-Control"], path
        assert shown.headers["Referrer-Policy"] == "same-origin", path
        assert not INLINE.search(shown.text), path


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_a_page_without_sign_in_is_as_strict(house: House, path: str) -> None:
    shown = Browser(house.base).get(path)
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "unsafe" not in shown.headers["Content-Security-Policy"]
    assert "no-store" in shown.headers["Cache-Control"]
    assert not INLINE.search(shown.text)


@pytest.mark.parametrize(
    "path", ["/static/tocsin.css", "/sw.js", "/manifest.webmanifest", "/health"]
)
def test_files_carry_the_headers_too(house: House, path: str) -> None:
    shown = Browser(house.base).get(path)
    assert shown.status_code == 200
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_no_title_says_who_or_what(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    browser = house.signed_in(org, "safety_lead")
    titles = {
        re.findall(r"<title>(.*?)</title>", browser.get(path).text)[0]
        for path in staff_pages(org, incident)
    }
    assert not any("Sample" in title or "SOS" in title or "Depot" in title for title in titles)


def test_a_form_from_elsewhere_is_refused(house: House, org: Organisation) -> None:
    browser = house.signed_in(org)
    shown = browser.session.post(
        house.base + "/drills", data={"site": str(org.site_id)}, timeout=20
    )
    assert shown.status_code == 403


def test_cookies_are_kept_from_scripts_and_other_sites(house: House, org: Organisation) -> None:
    browser = house.signed_in(org)
    cookie = next(cookie for cookie in browser.session.cookies if cookie.name == "tocsin")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"


@pytest.mark.parametrize("size", [1_200_001])
def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole(house: House, size: int) -> None:  # fmt: skip
    shown = Browser(house.base).session.post(house.base + "/sign-in", data=b"x" * size, timeout=20)
    assert shown.status_code == 413


@pytest.mark.parametrize("path", ["/a/show", "/a/act", "/enrol/now"])
def test_the_address_of_a_form_that_somebody_types_answers_with_a_page(
    house: House, org: Organisation, path: str
) -> None:
    nobody = Browser(house.base, org.address)
    typed = nobody.get(path, Accept="text/html,*/*;q=0.8")
    assert (typed.status_code, typed.headers["Allow"]) == (405, "POST")
    assert "There is nothing at this address for you." in typed.text
    assert nobody.get(path).text == ""
