"""Can a workplace be set up on the pages, and what is said about what is wrong with it?"""

import json
import re

import pytest

from tests.pages.house import Browser, House, Organisation
from tocsin.runtime.database import viewing

SITE = {"name": "Harbour", "kind": "workplace", "time_zone": "America/Chicago", "street": "2 Example Road", "locality": "Riverside", "number": "911"}  # fmt: skip


@pytest.fixture
def browser(house: House, org: Organisation) -> Browser:
    """Return a browser of the safety lead."""
    return house.signed_in(org, "safety_lead")


def document(org: Organisation, **values: object) -> str:
    steps = [{"offset_s": 0, "who": ["everyone_on_duty"]}, {"offset_s": 30, "who": ["role:safety_lead"]}]  # fmt: skip
    return json.dumps({"id": str(org.site_id), "name": "ours", "kind": "sos", "steps": steps, **values})  # fmt: skip


def test_a_site_is_added_and_changed(browser: Browser) -> None:
    added = browser.post_form("/sites/new", **SITE)
    assert "2 Example Road" in added.text
    changed = browser.post_form(added.url.removeprefix(browser.base) + "/edit", **(SITE | {"floor": "3"}))  # fmt: skip
    assert "<dd>3</dd>" in changed.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("street", ""), ("outline", "{"), ("outline", "[1]"), ("name", "x" * 200)],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_and_not_kept(browser: Browser, field: str, value: str) -> None:  # fmt: skip
    shown = browser.post_form("/sites/new", **(SITE | {field: value}))
    assert shown.url.endswith("/sites/new")
    assert "errorlist" in shown.text


def test_two_sites_of_one_name_are_refused(browser: Browser) -> None:
    browser.post_form("/sites/new", **SITE)
    assert "another site has this name" in browser.post_form("/sites/new", **SITE).text


def test_a_policy_is_kept_and_its_weak_points_are_named(house: House, org: Organisation, browser: Browser) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    shown = browser.post_form(f"{path}/policy", path, document=document(org))
    assert shown.url == house.base + path
    assert "Everything away from the screens goes by sms only." in shown.text
    with viewing(house.conn, org.id):
        assert house.conn.execute("select name from registry_escalationpolicy").fetchall() == [("ours",)]  # fmt: skip
        assert house.conn.execute("select count(*) from record_entry where kind = 'policy.changed'").fetchone() == (1,)  # fmt: skip


@pytest.mark.parametrize("bad", [{"steps": []}, {"surprise": 1}, {"repeat_after_s": "soon"}, {"steps": [{"offset_s": 0, "who": ["nobody_of_that_kind"]}]}])  # fmt: skip
def test_a_policy_with_an_error_is_not_kept(house: House, org: Organisation, browser: Browser, bad: dict[str, object]) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    shown = browser.post_form(f"{path}/policy", path, document=document(org, **bad))
    assert shown.status_code == 400
    assert "errorlist" in shown.text
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from registry_escalationpolicy").fetchone() == (0,)  # fmt: skip


def test_a_roster_line_becomes_shifts_and_can_be_taken_back(house: House, org: Organisation, browser: Browser) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    line = {"kind": "pattern", "first_date": "2026-01-01", "start": "22:00", "end": "06:00", "role": "guard", "turns": [{"people": [str(org.people["guard"])]}]}  # fmt: skip
    # With somebody else at the same hours, taking it back leaves nobody with less, and one person may.
    lead = line | {"role": "shift_lead", "turns": [{"people": [str(org.people["shift_lead"])]}]}
    shown = browser.post_form(f"{path}/roster", path, document=json.dumps(line))
    assert shown.url == house.base + path
    assert len(re.findall(r"G\. Sample", shown.text)) >= 10
    number = re.findall(r'name="remove" value="([0-9a-f-]+)"', shown.text)[0]
    browser.post_to(f"{path}/roster", browser.token(shown), document=json.dumps(lead))
    after = browser.post_to(f"{path}/roster", browser.token(shown), remove=number)
    assert len(re.findall(r"<td>G\. Sample", after.text)) <= 1
    assert len(re.findall(r"<td>S\. Sample", after.text)) >= 10


@pytest.mark.parametrize("text", ["", "{", "[]", '{"kind": "pattern"}', '{"kind": "party"}'])
def test_a_roster_line_that_is_none_is_refused(org: Organisation, browser: Browser, text: str) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    assert browser.post_form(f"{path}/roster", path, document=text).status_code == 400


def test_posts_and_places_are_added(org: Organisation, browser: Browser) -> None:
    path = f"/sites/{org.site_id}"
    browser.post_form(f"{path}/parts", path, what="post", name="Front door", is_staffed="on")
    plan = json.dumps({"type": "Point", "coordinates": [-87.6, 41.9]})
    shown = browser.post_form(f"{path}/parts", path, what="place", name="Car park", kind="car park", geometry=plan)  # fmt: skip
    assert "Front door" in shown.text
    assert "car park, Point" in shown.text
    again = browser.post_form(f"{path}/parts", path, what="post", name="Front door")
    assert "the site has one of this name" in again.text
