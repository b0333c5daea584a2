"""Somebody who is kept from her acts in her name: his screens say what they always say, and nothing comes of it."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests

from tests.channels.messages import a_subscription
from tests.pages.case_in_house import a_case
from tests.pages.house import IDS, PASSWORD, Browser, House, Organisation, hashed
from tests.pages.test_enrolling import enrol
from tocsin.flow.change_registry import add_account
from tocsin.flow.enrol_device import open_enrolment
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.reset_account import reset_by_operator
from tocsin.registry import store_known as known
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry.access import Viewer, find_viewer
from tocsin.registry.store_calling import load_raisers
from tocsin.registry.store_devices import load_devices_of
from tocsin.runtime import tokens
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules.press import Press

PUSH = json.loads(a_subscription("https://push.example/in-vain"))
UNUSED = "not in use"


def linked(house: House, org: Organisation, name: str = "shift_lead") -> None:
    """Link this person to the guard, in a case that protects the responder."""
    case_id, viewer = a_case(house, org), org.people["safety_lead"]
    with viewing(house.conn, org.id, viewer):
        house.conn.execute(
            """insert into registry_party (id, organisation_id, case_id, person_id, since, added_by_id)
            values (%s, %s, %s, %s, %s, %s)""",
            (uuid7(), org.id, case_id, org.people[name], datetime.now(UTC), viewer),
        )


def another_secret(house: House, org: Organisation) -> str:
    """Return the secret of a new QR for the responder that the shift lead makes: what he reads off his own screen."""
    lead = Viewer(org.id, org.people["shift_lead"], "shift_lead")
    with viewing(house.conn, org.id, lead.person_id):
        return open_enrolment(house.conn, lead, org.people["responder"], at=datetime.now(UTC))[0]


def claims_of(house: House, answer: requests.Response) -> tokens.Claims:
    keys = tokens.read_public_keys(house.settings.keys_dir / "device-public.txt")
    found = tokens.verify(keys, answer.json()["token"])
    assert found is not None
    return found


def pair(house: House, org: Organisation) -> bytes:
    with viewing(house.conn, org.id):
        row = house.conn.execute("select pair_sealed from registry_codepair where person_id = %s", (org.people["responder"],)).fetchone()  # fmt: skip
    assert row is not None
    return bytes(row[0])


def call_by_push(house: House, answer: requests.Response) -> requests.Response:
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    return requests.post(house.base + "/phone/push", json={"subscription": PUSH}, headers=headers, timeout=20)  # fmt: skip


@pytest.mark.guarantee("I12")
def test_a_phone_that_somebody_kept_from_her_lets_in_counts_as_a_revoked_one(house: House, org: Organisation) -> None:  # fmt: skip
    enrol(house, another_secret(house, org), "1357", "8642")
    hers = pair(house, org)
    linked(house, org)
    answer = enrol(house, another_secret(house, org), "246813", "975310")
    assert answer.status_code == 200, answer.text
    claims = claims_of(house, answer)
    asked = [(org.id, claims.person_id, claims.device_id)]
    with house.engine.transaction():
        (raiser,) = load_raisers(house.engine, asked, datetime.now(UTC))
        devices = {d.id: d.is_revoked for d in known.load_devices(house.engine)}
    # It alarms, labelled; nothing else of it is believed. Without a database it is judged the same.
    assert (raiser.labels, raiser.device_revoked) == (("revoked device",), True)
    assert devices[claims.device_id] is True
    assert pair(house, org) == hers


@pytest.mark.guarantee("I18")
def test_a_phone_that_counts_for_nothing_is_told_nothing_of_its_sos(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    claims = claims_of(house, enrol(house, another_secret(house, org)))
    at = datetime.now(UTC)
    press = Press(org.id, claims.person_id, claims.device_id, "key-00000001", "sos", "device", at)
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        (change,) = raise_sos(alarms, [press], ids=IDS)
    assert change.incident is not None
    assert change.incident.keys == ()
    with alarms.atomically():
        (again,) = raise_sos(alarms, [replace(press, key="key-00000002")], ids=IDS)
    assert again.incident is not None
    assert (again.incident.id, again.incident.keys) == (change.incident.id, ())


@pytest.mark.guarantee("I12")
def test_no_push_of_hers_goes_to_a_phone_that_somebody_kept_from_her_let_in(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    assert call_by_push(house, enrol(house, another_secret(house, org))).status_code == 200
    person_id = org.people["responder"]
    with house.engine.transaction():
        contacts = known.load_contacts(house.engine).get(person_id, ())
    assert "webpush" not in {contact.channel for contact in contacts}
    with viewing(house.conn, org.id, org.people["shift_lead"]):
        his = [c for c in people.load_contacts(house.conn, house.ring, person_id) if c.channel == "webpush"]  # fmt: skip
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        others = [c for c in people.load_contacts(house.conn, house.ring, person_id) if c.channel == "webpush"]  # fmt: skip
    assert [bool(c.verified_at) for c in his + others] == [True, False]


@pytest.mark.guarantee("I11")
def test_only_who_is_not_kept_from_her_sees_that_a_phone_is_not_in_use(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    enrol(house, another_secret(house, org))
    page = f"/people/{org.people['responder']}"
    assert UNUSED not in house.signed_in(org, again=True).get(page).text
    assert UNUSED in house.signed_in(org, "safety_lead").get(page).text
    with viewing(house.conn, org.id, org.people["responder"]):
        assert [d.in_vain for d in load_devices_of(house.conn, org.people["responder"])] == [True]


@pytest.mark.guarantee("I18")
def test_the_push_and_the_links_of_a_lost_phone_die_with_it(house: House, org: Organisation) -> None:  # fmt: skip
    assert call_by_push(house, enrol(house, another_secret(house, org))).status_code == 200
    lead = house.signed_in(org, again=True)
    shown = lead.get(f"/people/{org.people['responder']}")
    assert html.unescape(shown.text).count("her phone") == 2
    lead.post_to(re.findall(r"/devices/[0-9a-f-]+/revoke", shown.text)[0], lead.token(shown))
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select revoked_at is not null from registry_contactmethod where channel = 'webpush'").fetchall()  # fmt: skip
    assert rows == [(True,)]


@pytest.mark.guarantee("I18")
def test_a_browser_that_is_enrolled_anew_goes_with_its_new_phone(house: House, org: Organisation) -> None:  # fmt: skip
    call_by_push(house, enrol(house, another_secret(house, org)))
    lead = house.signed_in(org, again=True)
    shown = lead.get(f"/people/{org.people['responder']}")
    first = re.findall(r"/devices/[0-9a-f-]+/revoke", shown.text)[0]
    call_by_push(house, enrol(house, another_secret(house, org)))
    lead.post_to(first, lead.token(lead.get("/sessions")))
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select revoked_at is null from registry_contactmethod where channel = 'webpush' order by id").fetchall()  # fmt: skip
    assert rows == [(False,), (True,)]


@pytest.mark.guarantee("I12")
def test_a_sign_in_that_somebody_kept_from_her_makes_lets_nobody_in(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    person_id, login, at = org.people["responder"], f"hers-{org.id.hex[-6:]}", datetime.now(UTC)
    lead = Viewer(org.id, org.people["shift_lead"], "admin")
    with viewing(house.conn, org.id, lead.person_id):
        person = people.find_people(house.conn, house.ring, [person_id])[person_id]
        assert add_account(house.conn, lead, person, login, hashed(), at=at) is None
        his = sign_ins.find_account(house.conn, person_id)
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        others = sign_ins.find_account(house.conn, person_id)
    assert his is not None
    assert others is not None
    assert (his.in_vain, others.in_vain) == (False, True)
    with house.conn.transaction():
        assert find_viewer(house.conn, his.id) is None
    browser = Browser(house.base, org.address)
    right = browser.post_form("/sign-in", login=login, password=PASSWORD)
    wrong = browser.post_form("/sign-in", login=login, password="something else entirely")
    assert (right.status_code, right.url, len(right.content)) == (wrong.status_code, wrong.url, len(wrong.content))  # fmt: skip
    page = house.signed_in(org, "safety_lead").get(f"/people/{person_id}").text
    assert "needs a new first password" in page
    assert "She is not to have it: end it" in page
    # A new first password from somebody else puts it in use.
    assert reset_by_operator(house.conn, login, hashed(), at=at) is None
    with house.conn.transaction():
        assert find_viewer(house.conn, his.id) is not None
