"""What does nobody see who should not? Unknown, forbidden and elsewhere are one answer."""

import re

import pytest

from tests.pages.house import House, Organisation
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

TOKENS = re.compile(r'value="[A-Za-z0-9]{64}"')


def test_nothing_of_another_organisation_is_there(house: House, org: Organisation) -> None:
    other = house.new_organisation()
    incident = house.sos(other)
    browser = house.signed_in(org, "safety_lead")
    unknown = browser.get(f"/incidents/{uuid7()}")
    person = other.people["responder"]
    for path in (f"/incidents/{incident}", f"/people/{person}", f"/people/{person}/enrol", f"/sites/{other.site_id}", f"/drills/{incident}"):  # fmt: skip
        shown = browser.get(path)
        assert (shown.status_code, shown.text) == (404, unknown.text), path


def test_nothing_of_another_organisation_can_be_done(house: House, org: Organisation) -> None:
    other = house.new_organisation()
    incident = house.sos(other)
    browser = house.signed_in(org, "safety_lead")
    token = browser.token(browser.get("/sessions"))
    paths = (
        f"/incidents/{incident}/act",
        f"/sites/{other.site_id}/policy",
        f"/sites/{other.site_id}/roster",
    )
    for path in paths:
        assert browser.post_to(path, token, act="in_charge", document="{}").status_code == 404
    with viewing(house.conn, other.id):
        assert house.conn.execute("select count(*) from decisions_act").fetchone() == (0,)


@pytest.mark.parametrize("path", ["/people/new", "/sites/new", "/import", "/record", "/unverified"])
def test_who_is_no_administrator_finds_nothing(house: House, org: Organisation, path: str) -> None:
    assert house.signed_in(org, "guard").get(path).status_code == 404


def test_a_guard_reads_nobody_elses_addresses(house: House, org: Organisation) -> None:
    browser = house.signed_in(org, "guard")
    assert browser.get(f"/people/{org.people['responder']}").status_code == 404
    assert browser.get(f"/people/{org.people['guard']}").status_code == 200


def test_a_guard_starts_no_drill(house: House, org: Organisation) -> None:
    browser = house.signed_in(org, "guard")
    token = browser.token(browser.get("/sessions"))
    assert browser.post_to("/drills", token, site=str(org.site_id)).status_code == 404


@pytest.mark.guarantee("I9")
def test_who_pressed_never_sees_her_own_incident(house: House, org: Organisation) -> None:
    # Whatever she did with it afterwards, under whatever threat, her screen is the same.
    incident = house.sos(org, by="guard")
    browser = house.signed_in(org, "guard")
    assert str(incident) not in browser.get("/").text
    assert browser.get(f"/incidents/{incident}").status_code == 404
    assert str(incident) in house.signed_in(org, "shift_lead").get("/").text


def test_whom_she_ruled_out_learns_nothing(house: House, org: Organisation) -> None:
    with viewing(house.conn, org.id):
        house.conn.execute(
            """insert into registry_emergencycontact (id, organisation_id, person_id, name_sealed, address_sealed, relation,
            colleague_id, never_notify, never_give_location) values (%s, %s, %s, '', '', 'colleague', %s, true, true)""",
            (uuid7(), org.id, org.people["responder"], org.people["guard"]),
        )
    incident = house.sos(org)
    browser = house.signed_in(org, "guard")
    assert str(incident) not in browser.get("/").text
    assert browser.get(f"/incidents/{incident}").status_code == 404
