"""Can a workplace be set up on the pages, and what is said about what is wrong with it?"""

import json
import re
from collections.abc import Callable

import pytest

from tests.pages.house import Browser, House, Organisation
from tocsin.flow.plan_shifts import plan_all
from tocsin.runtime.database import viewing

SITE = {"name": "Harbour", "kind": "workplace", "time_zone": "America/Chicago", "street": "2 Example Road", "locality": "Riverside", "number": "911"}  # fmt: skip


@pytest.fixture
def browser(house: House, org: Organisation) -> Browser:
    """Return a browser of the safety lead."""
    return house.signed_in(org, "safety_lead")


def document(org: Organisation, **values: object) -> str:
    steps = [{"offset_s": 0, "who": ["everyone_on_duty"]}, {"offset_s": 30, "who": ["role:safety_lead", "manager", "everyone_on_duty"]}]  # fmt: skip
    return json.dumps({"id": str(org.site_id), "name": "ours", "kind": "sos", "steps": steps, **values})  # fmt: skip


def test_a_site_is_added_and_changed(browser: Browser) -> None:
    added = browser.post_form("/sites/new", **SITE)
    assert "2 Example Road" in added.text
    changed = browser.post_form(added.url.removeprefix(browser.base) + "/edit", **(SITE | {"floor": "3"}))  # fmt: skip
    assert "<dd>3</dd>" in changed.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("street", ""), ("outline", "{"), ("outline", "[1]"), ("outline", '{"type": "Square"}'), ("outline", '{"type": "Point", "coordinates": [-87.6, 41.9]}'), ("outline", '{"type": "Polygon", "coordinates": [[[41.9, -187.6], [42, -187.6], [42, -187], [41.9, -187.6]]]}'), ("name", "x" * 200)],
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


@pytest.mark.guarantee("I17")
def test_a_first_policy_that_calls_less_than_what_holds_without_one_takes_two(house: House, org: Organisation, browser: Browser) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    tiny = [{"offset_s": 0, "who": [f"person:{org.people['guard']}"]}]
    shown = browser.post_form(f"{path}/policy", path, document=document(org, steps=tiny, repeat_after_s=3600))  # fmt: skip
    assert "Waits for a second person" in shown.text
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from registry_escalationpolicy").fetchone() == (0,)  # fmt: skip


@pytest.mark.guarantee("I17")
def test_who_is_alone_here_sets_the_first_policy_by_herself(house: House, org: Organisation, browser: Browser) -> None:  # fmt: skip
    with house.engine.transaction():
        house.engine.execute("update registry_account set is_active = false where organisation_id = %s and person_id <> %s", (org.id, org.people["safety_lead"]))  # fmt: skip
    path = f"/sites/{org.site_id}"
    browser.post_form(f"{path}/policy", path, document=document(org, repeat_after_s=3600))
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from registry_escalationpolicy").fetchone() == (1,)  # fmt: skip


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
    assert "car park, a point on the map" in shown.text
    again = browser.post_form(f"{path}/parts", path, what="post", name="Front door")
    assert "the site has one of this name" in again.text


@pytest.mark.parametrize("geometry", ["{", '{"near": "the gate"}', '{"type": "Point", "coordinates": [1, 91]}', '{"type": "FeatureCollection", "features": []}'])  # fmt: skip
def test_a_place_that_is_nowhere_is_refused(org: Organisation, browser: Browser, geometry: str) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    browser.post_form(f"{path}/parts", path, what="place", name="Nowhere", kind="yard", geometry=geometry)  # fmt: skip
    assert "Nowhere" not in browser.get(path).text


def test_a_place_outside_of_the_outline_says_so(browser: Browser) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    added = browser.post_form("/sites/new", **(SITE | {"outline": json.dumps(square)})).url
    path = added.removeprefix(browser.base)
    for name, at in (("Here", [0.5, 0.5]), ("Away", [2, 0.5])):
        point = json.dumps({"type": "Point", "coordinates": at})
        browser.post_form(f"{path}/parts", path, what="place", name=name, kind="yard", geometry=point)  # fmt: skip
    outside = "outside of the site&#x27;s outline"
    shown = browser.get(path).text.replace("'", "&#x27;")
    assert shown.count(outside) == 1
    assert outside in shown.partition("Away")[2]


def line_of(org: Organisation, **values: object) -> dict[str, object]:
    turns = [{"people": [str(org.people["guard"])]}]
    return {"kind": "pattern", "first_date": "2026-01-01", "start": "22:00", "end": "06:00", "role": "guard", "turns": turns} | values  # fmt: skip


def add(org: Organisation, **values: object) -> dict[str, object]:
    who = str(org.people["guard"])
    return {"kind": "override", "action": "add", "person_id": who, "starts": "2098-01-01T08:00", "ends": "2098-01-01T16:00"} | values  # fmt: skip


NOBODY_HERE = "00000000-0000-4000-8000-00000000dead"
WRONG_LINES = [
    (add, {"action": "removed"}, "write add or remove"),
    (add, {"ends": "2098-01-01T07:00"}, "It ends before it begins"),
    (add, {"person_id": NOBODY_HERE}, "is not here"),
    (add, {"starts": "9999-12-31T22:00", "ends": "9999-12-31T23:00"}, "too far away"),
    (line_of, {"every_n_days": 0}, "every_n_days: This number"),
    (line_of, {"turn_days": 0}, "turn_days: This number"),
    (line_of, {"end": None, "length_min": 10**12}, "length_min: This number"),
    (line_of, {"end": None, "length_min": 10**12, "first_date": "2098-01-01"}, "length_min: This number"),
    (line_of, {"end": None}, "an end or a length"),
    (line_of, {"valid_until": "9999-12-31"}, "too far away"),
    (line_of, {"role": "a\x01b"}, "A role is a word"),
    (line_of, {"turns": [{"people": [NOBODY_HERE]}]}, "is not here"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "said"), WRONG_LINES)
def test_a_roster_line_that_cannot_work_is_refused_in_words_and_not_kept(house: House, org: Organisation, browser: Browser, kind: Callable[..., dict[str, object]], values: dict[str, object], said: str) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    shown = browser.post_form(f"{path}/roster", path, document=json.dumps(kind(org, **values)))
    assert shown.status_code == 400
    assert said in shown.text
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from registry_rosterline").fetchone() == (0,)


def test_a_swap_of_shifts_that_do_not_exist_is_refused_in_her_language(house: House, org: Organisation, browser: Browser) -> None:  # fmt: skip
    keys = [{"pattern_id": NOBODY_HERE, "local_date": "2098-01-01", "person_id": str(org.people[role])} for role in ("guard", "shift_lead")]  # fmt: skip
    swap = {"kind": "swap", "first": keys[0], "second": keys[1]}
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es' where role = 'safety_lead'")
    path = f"/sites/{org.site_id}"
    shown = browser.post_form(f"{path}/roster", path, document=json.dumps(swap))
    assert (shown.status_code, "no se cambia nada" in shown.text) == (400, True)


def test_a_roster_line_says_who_and_when(org: Organisation, browser: Browser) -> None:
    path = f"/sites/{org.site_id}"
    browser.post_form(f"{path}/roster", path, document=json.dumps(add(org, role="guard")))
    shown = browser.post_form(f"{path}/roster", path, document=json.dumps(line_of(org))).text
    assert "On duty: G. Sample, guard, Wed 1 Jan 2098 08:00 – Wed 1 Jan 2098 16:00" in shown
    assert "G. Sample, guard, 22:00 – 06:00, every day, from Thu 1 Jan 2026" in shown


def test_a_line_that_went_bad_is_said_at_its_place_and_can_be_removed(house: House, org: Organisation, browser: Browser) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    shown = browser.post_form(f"{path}/roster", path, document=json.dumps(line_of(org)))
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_rosterline set body = body || '{\"end\": null}'")
    shown = browser.get(path)
    assert "this line is left out. end: A shift has an end or a length" in shown.text
    number = re.findall(r'name="remove" value="([0-9a-f-]+)"', shown.text)[0]
    assert browser.post_to(f"{path}/roster", browser.token(shown), remove=number).status_code == 200
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from registry_rosterline").fetchone() == (0,)


def test_one_site_that_cannot_be_planned_stops_no_other_and_says_so(house: House, org: Organisation, browser: Browser) -> None:  # fmt: skip
    path = f"/sites/{org.site_id}"
    browser.post_form(f"{path}/roster", path, document=json.dumps(line_of(org)))
    other = browser.post_form("/sites/new", **SITE)
    other_id = other.url.rpartition("/")[2]
    browser.post_form(f"/sites/{other_id}/roster", f"/sites/{other_id}", document=json.dumps(line_of(org)))  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_rosterline set body = '{}' where site_id = %s", (org.site_id,))  # fmt: skip
        at = house.conn.execute("select now() + interval '70 days'").fetchone()[0]  # type: ignore[index]
        planned = plan_all(house.conn, org.id, at=at)
    assert (planned.count > 50, list(planned.stopped)) == (True, [org.site_id])
    assert "The shifts of this site cannot be planned" in browser.get(path).text
