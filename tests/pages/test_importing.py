"""Is a file taken whole, or not at all?"""

import re
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.pages.house import Browser, House, Organisation
from tocsin.registry import store_people as people_store
from tocsin.registry import store_sites as sites
from tocsin.registry.rules.roster import Override
from tocsin.registry.rules.roster_document import line_to_dict
from tocsin.registry.rules.rows import RosterLineRow
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

HEAD = "staff_number,name,role,site,manager\n"
GOOD = HEAD + "n-1,Nova Sample,guard,Depot,n-2\nn-2,Odo Sample,shift lead,Depot,\n"
CONTENT = re.compile(r'name="content" value="([^"]*)"')


def upload(browser: Browser, kind: str, text: str, site: object) -> requests.Response:
    token = browser.token(browser.get("/import"))
    values = {"csrfmiddlewaretoken": token, "kind": kind, "site": str(site), "region": "US"}
    return browser.session.post(browser.base + "/import", data=values, files={"file": ("f.csv", text)}, timeout=20)  # fmt: skip


def take(browser: Browser, shown: requests.Response, kind: str, site: object) -> requests.Response:
    content = CONTENT.findall(shown.text)[0]
    return browser.post_to("/import", browser.token(shown), kind=kind, site=str(site), region="US", content=content, do="save")  # fmt: skip


def people(house: House, org: Organisation) -> set[str]:
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select staff_number from registry_person").fetchall()
    return {row[0] for row in rows}


@pytest.mark.parametrize(("n", "more"), [(500, ""), (501, "1 more line is not shown here."), (640, "140 more lines are not shown here.")])  # fmt: skip
def test_of_very_many_bad_lines_the_first_are_shown_and_all_are_counted(house: House, org: Organisation, n: int, more: str) -> None:  # fmt: skip
    bad = "".join(f"n-{i},Nova Sample,,Depot,\n" for i in range(n))
    shown = upload(house.signed_in(org, "safety_lead"), "people", HEAD + bad, org.site_id).text
    assert f"{n} refused." in shown
    assert shown.count('class="state-failed"') == min(n, 500)
    assert (more in shown) if more else ("not shown here" not in shown)


def test_a_report_comes_first_and_takes_nothing(house: House, org: Organisation) -> None:
    before = people(house, org)
    shown = upload(house.signed_in(org, "safety_lead"), "people", GOOD, org.site_id)
    assert "2 good lines, 2 of them new; 0 refused." in shown.text
    assert people(house, org) == before


def test_a_role_that_gives_no_right_is_taken_and_said_before(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    text = "staff_number,name,role\nn-1,Nova Sample,emperor\nn-2,Odo Sample,Shift-Lead\n"
    shown = upload(browser, "people", text, org.site_id)
    assert "gives no rights here: it is taken" in shown.text
    assert shown.text.count("To look at:") == 1
    take(browser, shown, "people", org.site_id)
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select staff_number, role from registry_person where staff_number like 'n-_'").fetchall()  # fmt: skip
    assert {("n-1", "emperor"), ("n-2", "shift_lead")} <= set(rows)


def test_a_good_file_is_taken_whole(house: House, org: Organisation) -> None:
    browser = house.signed_in(org, "safety_lead")
    shown = take(browser, upload(browser, "people", GOOD, org.site_id), "people", org.site_id)
    assert "Taken: 2 lines" in shown.text
    assert {"n-1", "n-2"} <= people(house, org)
    with viewing(house.conn, org.id):
        managed = house.conn.execute(
            "select m.staff_number from registry_person p join registry_person m on m.id = p.manager_id"
        ).fetchall()
    assert managed == [("n-2",)]


def test_one_bad_line_and_nothing_is_taken(house: House, org: Organisation) -> None:
    before = people(house, org)
    browser = house.signed_in(org, "safety_lead")
    shown = upload(browser, "people", GOOD + "n-3,,guard,Nowhere,\n", org.site_id)
    assert "Nothing was taken" in shown.text
    assert ">4</td>" in shown.text
    assert not CONTENT.search(shown.text)
    assert people(house, org) == before


def test_a_staff_number_that_is_known_in_other_letters_is_refused_and_its_line_named(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    take(browser, upload(browser, "people", GOOD, org.site_id), "people", org.site_id)
    before = people(house, org)
    known = HEAD + "n-2,Odo Sample,shift lead,Depot,\nN-1,Nova Sample,guard,Depot,n-2\n"
    shown = upload(browser, "people", known, org.site_id)
    assert "Nothing was taken" in shown.text
    assert ">3</td>" in shown.text
    assert "is known here as n-1: write it in the same letters" in shown.text
    assert people(house, org) == before


def test_a_staff_number_that_is_known_as_it_stands_there_is_taken_again(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    take(browser, upload(browser, "people", GOOD, org.site_id), "people", org.site_id)
    shown = upload(browser, "people", GOOD, org.site_id)
    assert "2 good lines, 0 of them new; 0 refused." in shown.text


def test_a_manager_is_found_whatever_the_case_of_the_number_in_the_file_and_here(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    in_file = GOOD.replace("Depot,n-2", "Depot,N-2")
    assert "Taken: 2 lines" in take(browser, upload(browser, "people", in_file, org.site_id), "people", org.site_id).text  # fmt: skip
    known = HEAD + "n-3,Pia Sample,guard,Depot,N-1\n"
    assert "Taken: 1 line" in take(browser, upload(browser, "people", known, org.site_id), "people", org.site_id).text  # fmt: skip
    with viewing(house.conn, org.id):
        managed = house.conn.execute(
            "select p.staff_number, m.staff_number from registry_person p join registry_person m on m.id = p.manager_id order by 1"
        ).fetchall()
    assert managed == [("n-1", "n-2"), ("n-3", "n-1")]


def test_a_way_to_reach_somebody_finds_her_whatever_the_case_of_her_number(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    take(browser, upload(browser, "people", GOOD, org.site_id), "people", org.site_id)
    table = "staff_number,channel,address\nN-1,email,nova@example.org\n"
    shown = upload(browser, "contacts", table, org.site_id)
    assert "1 good lines, 1 of them new; 0 refused." in shown.text


def test_a_roster_finds_her_whatever_the_case_of_her_number(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    take(browser, upload(browser, "people", GOOD, org.site_id), "people", org.site_id)
    day = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    table = f"staff_number,date,start,end\nN-1,{day},22:00,06:00\n"
    shown = upload(browser, "roster", table, org.site_id)
    assert "1 good lines, 1 of them new; 0 refused." in shown.text


def test_a_number_that_somebody_has_in_other_letters_is_refused_on_her_page(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    take(browser, upload(browser, "people", GOOD, org.site_id), "people", org.site_id)
    form = {"name": "Pia Sample", "short_name": "P. Sample", "role": "guard", "language": "en", "site": str(org.site_id), "is_active": "on"}  # fmt: skip
    token = browser.token(browser.get("/people/new"))
    refused = browser.post_to("/people/new", token, staff_number="N-1", **form)
    assert "another person has this staff number" in refused.text
    assert "N-1" not in people(house, org)
    browser.post_to("/people/new", token, staff_number="N-9", **form)
    assert "N-9" in people(house, org)


@pytest.mark.parametrize("field", ["name", "short_name"])
def test_a_name_that_turns_the_direction_of_reading_is_refused_on_her_page_as_in_a_file(house: House, org: Organisation, field: str) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    form = {"name": "مريم عبد الله", "short_name": "מ. כהן", "role": "guard", "language": "en", "site": str(org.site_id), "is_active": "on"}  # fmt: skip
    token = browser.token(browser.get("/people/new"))
    turned = form | {field: "Pia \u202eelpmaS"}
    refused = browser.post_to("/people/new", token, staff_number="N-7", **turned)
    assert "turns the direction of reading" in refused.text
    assert "N-7" not in people(house, org)
    browser.post_to("/people/new", token, staff_number="N-8", **form)
    assert "N-8" in people(house, org)


def test_a_report_cannot_be_skipped(house: House, org: Organisation) -> None:
    # The second press carries the file again, and it is judged again.
    before = people(house, org)
    browser = house.signed_in(org, "safety_lead")
    shown = upload(browser, "people", GOOD, org.site_id)
    bad = "c3RhZmZfbnVtYmVyLG5hbWUscm9sZQp4LTEsLGd1YXJkCg=="
    browser.post_to("/import", browser.token(shown), kind="people", site="", content=bad, do="save")
    assert people(house, org) == before


def test_contacts_come_in_unverified(house: House, org: Organisation) -> None:
    browser = house.signed_in(org, "safety_lead")
    with viewing(house.conn, org.id):
        number = house.conn.execute("select staff_number from registry_person where role = 'guard'").fetchone()[0]  # fmt: skip
    text = f"staff_number,channel,address\n{number},email,guard@depot.example\n"
    take(browser, upload(browser, "contacts", text, org.site_id), "contacts", org.site_id)
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select verified_at from registry_contactmethod where channel = 'email'").fetchall()  # fmt: skip
    assert rows == [(None,)]


def test_an_address_of_somebody_else_is_refused(house: House, org: Organisation) -> None:
    browser = house.signed_in(org, "safety_lead")
    with viewing(house.conn, org.id):
        number = house.conn.execute("select staff_number from registry_person where role = 'guard'").fetchone()[0]  # fmt: skip
    text = f"staff_number,channel,address\n{number},sms,+13125550001\n"
    assert "Nothing was taken" in upload(browser, "contacts", text, org.site_id).text


def test_a_roster_becomes_shifts(house: House, org: Organisation) -> None:
    browser = house.signed_in(org, "safety_lead")
    with viewing(house.conn, org.id):
        number = house.conn.execute("select staff_number from registry_person where role = 'guard'").fetchone()[0]  # fmt: skip
        day = house.conn.execute("select (now() + interval '3 days')::date::text").fetchone()[0]
    text = f"staff_number,date,start,end,role\n{number},{day},22:00,06:00,guard\n"
    take(browser, upload(browser, "roster", text, org.site_id), "roster", org.site_id)
    with viewing(house.conn, org.id):
        rows = house.conn.execute(
            "select ends_at - starts_at, source from registry_shift where starts_at > now()"
        ).fetchall()
    assert [(row[0].total_seconds(), row[1]) for row in rows] == [(28_800, "override")]


def test_a_webhook_that_is_not_encrypted_is_refused_and_one_that_is_gets_a_secret(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    number = f"{org.id.hex[-8:]}-2"
    head = "staff_number,channel,address,is_work\n"
    plain = upload(browser, "contacts", f"{head}{number},webhook,http://x.example/h,yes\n", org.site_id)  # fmt: skip
    assert "; 1 refused." in plain.text
    good = upload(browser, "contacts", f"{head}{number},webhook,https://x.example/h,yes\n", org.site_id)  # fmt: skip
    take(browser, good, "contacts", org.site_id)
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select secret_sealed is not null from registry_contactmethod where channel = 'webhook'").fetchall()  # fmt: skip
    assert rows == [(True,)]


def test_a_newer_file_puts_nobody_on_duty_again_who_was_taken_out(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    with viewing(house.conn, org.id):
        number = house.conn.execute("select staff_number from registry_person where role = 'guard'").fetchone()[0]  # fmt: skip
        day, next_day = house.conn.execute("select (now() + interval '3 days')::date::text, (now() + interval '4 days')::date::text").fetchone()  # fmt: skip
    first = f"staff_number,date,start,end,role\n{number},{day},22:00,06:00,guard\n"
    take(browser, upload(browser, "roster", first, org.site_id), "roster", org.site_id)
    off = Override(id=uuid7(), action="remove", person_id=org.people["guard"], starts=datetime.fromisoformat(day), ends=datetime.fromisoformat(next_day) + timedelta(days=1))  # fmt: skip
    row = RosterLineRow(off.id, "override", line_to_dict(off))
    with viewing(house.conn, org.id):
        sites.insert_roster_line(house.conn, org.id, org.site_id, row, at=datetime.now(UTC))
    newer = f"{first}{number},{next_day},22:00,23:00,guard\n"
    shown = upload(browser, "roster", newer, org.site_id)
    assert "2 good lines, 1 of them new; 0 refused." in shown.text
    take(browser, shown, "roster", org.site_id)
    with viewing(house.conn, org.id):
        starts = house.conn.execute("select (starts_at at time zone 'America/Chicago')::date::text from registry_shift where starts_at > now() and source = 'override'").fetchall()  # fmt: skip
    assert starts == [(next_day,)]


def test_what_a_file_does_not_say_of_somebody_known_stays_and_nobody_is_let_in_again(house: House, org: Organisation) -> None:  # fmt: skip
    guard, lead = org.people["guard"], org.people["shift_lead"]
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set is_active = false, language = 'es', manager_id = %s where id = %s", (lead, guard))  # fmt: skip
        number = house.conn.execute("select staff_number from registry_person where id = %s", (guard,)).fetchone()[0]  # fmt: skip
    browser = house.signed_in(org, "safety_lead")
    text = f"staff_number,name,role\n{number},Gus Renamed,responder\n"
    take(browser, upload(browser, "people", text, org.site_id), "people", org.site_id)
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select role, is_active, language, manager_id, site_id from registry_person where id = %s", (guard,)).fetchall()  # fmt: skip
        known = people_store.find_people(house.conn, house.ring, [guard])[guard]
    assert rows == [("responder", False, "es", lead, org.site_id)]
    assert (known.name, known.short_name) == ("Gus Renamed", "G. Sample")
