"""Can one person alone leave others with less? Asking is free; it is done when a second person agrees (I17)."""

import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.pages.house import Browser, House, Organisation
from tests.pages.test_sites import document
from tocsin.flow.agree_loosening import agree_loosening
from tocsin.flow.respond import Refused
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Viewer
from tocsin.runtime.database import viewing

pytestmark = pytest.mark.guarantee("I17")
LESS = [{"offset_s": 0, "who": ["everyone_on_duty"]}, {"offset_s": 90, "who": ["role:safety_lead"]}]
LINE = '{"kind": "override", "action": "add", "person_id": "%s", "starts": "2099-01-01T08:00", "ends": "2099-01-01T16:00", "role": "guard"}'


@pytest.fixture
def browser(house: House, org: Organisation) -> Browser:
    return house.signed_in(org, "safety_lead")


def policy_of(house: House, org: Organisation) -> int:
    with viewing(house.conn, org.id):
        row = house.conn.execute(
            "select body->'steps'->1->>'offset_s' from registry_escalationpolicy"
        ).fetchone()
    assert row is not None
    return int(row[0])


def ask_less(org: Organisation, browser: Browser) -> str:
    """Save a policy, then one that calls the safety lead a minute later; return the site's page."""
    path = f"/sites/{org.site_id}"
    browser.post_form(f"{path}/policy", path, document=document(org))
    return browser.post_form(f"{path}/policy", path, document=document(org, steps=LESS)).text


def decide(org: Organisation, browser: Browser, word: str) -> str:
    path = f"/sites/{org.site_id}"
    where = re.search(r'action="(/sites/[^"]+/loosenings/[^"]+)"', browser.get(path).text)
    assert where is not None
    return browser.post_form(where[1], path, **{word: "1"}).text


def test_a_policy_that_calls_later_waits_and_changes_nothing(
    house: House, org: Organisation, browser: Browser
) -> None:
    shown = ask_less(org, browser)
    assert "Waits for a second person" in shown
    assert "somebody is called later" in shown
    assert policy_of(house, org) == 30


def test_whoever_asked_cannot_agree_and_may_take_it_back(
    house: House, org: Organisation, browser: Browser
) -> None:
    ask_less(org, browser)
    assert "a second person must agree" in decide(org, browser, "agree")
    assert policy_of(house, org) == 30
    decide(org, browser, "refuse")
    assert "Waits for a second person" not in browser.get(f"/sites/{org.site_id}").text


def test_a_second_lead_sees_it_on_the_board_and_agrees(
    house: House, org: Organisation, browser: Browser
) -> None:
    ask_less(org, browser)
    second = house.signed_in(org, "shift_lead")
    assert "Waits for a second person" in second.get("/").text
    decide(org, second, "agree")
    assert policy_of(house, org) == 90
    with viewing(house.conn, org.id):
        kinds = [
            k
            for (k,) in house.conn.execute(
                "select kind from record_entry where kind like 'loosening%' order by at, id"
            )
        ]
    assert kinds == ["loosening.asked", "loosening.agreed"]


def test_a_guard_neither_sees_nor_decides(
    house: House, org: Organisation, browser: Browser
) -> None:
    ask_less(org, browser)
    where = re.search(
        r'action="(/sites/[^"]+/loosenings/[^"]+)"', browser.get(f"/sites/{org.site_id}").text
    )
    assert where is not None
    guard = house.signed_in(org, "guard")
    assert "Waits for a second person" not in guard.get("/").text
    token = guard.token(guard.get("/sessions"))
    assert guard.post_to(where[1], token, agree="1").status_code == 404
    assert policy_of(house, org) == 30


def test_after_a_day_nobody_can_agree_any_more(
    house: House, org: Organisation, browser: Browser
) -> None:
    ask_less(org, browser)
    with viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_loosening set asked_at = asked_at - interval '24 hours'"
        )
    second = house.signed_in(org, "shift_lead")
    assert "Waits for a second person" not in second.get("/").text
    assert policy_of(house, org) == 30


def test_the_database_lets_nobody_agree_with_himself(
    house: House, org: Organisation, browser: Browser
) -> None:
    ask_less(org, browser)
    with pytest.raises(psycopg.errors.CheckViolation), viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_loosening set decided_by_id = asked_by_id, is_agreed = true"
        )


def test_what_is_refused_in_the_same_moment_is_not_done(
    house: House, org: Organisation, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_less(org, browser)
    at = datetime.now(UTC)
    with viewing(house.conn, org.id):
        before = sites.load_loosenings(house.conn, org.id, at - timedelta(hours=1))
    decide(org, house.signed_in(org, "shift_lead"), "refuse")
    # The second press had read what waits just before the first was kept.
    monkeypatch.setattr(sites, "load_loosenings", lambda *_: before)
    second = Viewer(org.id, org.people["shift_lead"], "shift_lead")
    with viewing(house.conn, org.id, second.person_id):
        done = agree_loosening(house.conn, second, before[0].id, is_agreed=True, at=at)
    assert done == Refused("this does not wait for anybody any more")
    monkeypatch.undo()
    assert policy_of(house, org) == 30


def test_the_only_line_of_a_roster_is_removed_by_two(
    house: House, org: Organisation, browser: Browser
) -> None:
    path = f"/sites/{org.site_id}"
    day = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    browser.post_form(
        f"{path}/roster", path, document=(LINE % org.people["guard"]).replace("2099-01-01", day)
    )
    with viewing(house.conn, org.id):
        (line,) = house.conn.execute("select id from registry_rosterline").fetchone() or (None,)
    shown = browser.post_form(f"{path}/roster", path, remove=str(line))
    assert "too few are on duty at a time that was covered" in shown.text
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from registry_rosterline").fetchone() == (1,)
    decide(org, house.signed_in(org, "shift_lead"), "agree")
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from registry_rosterline").fetchone() == (0,)
