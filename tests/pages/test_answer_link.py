"""What can the link in a message do, and when is it dead?"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
import requests

from tests.pages.house import IDS, House, Organisation
from tocsin.flow.announce_unplanned import LINES, announce_unplanned
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry import store_people as people
from tocsin.registry.rules.rows import ContactRow
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.links import answer_secret

PRESS = "0123456789abcdef" * 2


@pytest.fixture
def delivery(house: House, org: Organisation) -> UUID:
    """Return a text message to the shift lead about an open incident."""
    house.sos(org)
    with viewing(house.conn, org.id):
        row = house.conn.execute(
            "select id from notifications_delivery where person_id = %s and channel = 'sms'",
            (org.people["shift_lead"],),
        ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def test_what_a_lead_is_told_of_the_roster_is_called_so_and_is_no_proof(house: House, org: Organisation) -> None:  # fmt: skip
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        told = announce_unplanned(alarms, org.id, org.site_id, (LINES, "a line"), ids=IDS)
    assert told is not None
    to_lead = next(d for d in told.deliveries if (d.person_id, d.channel) == (org.people["shift_lead"], "sms"))  # fmt: skip
    shown = post(house, "/a/show", secret=secret_of(house, org, to_lead.id)).text
    assert "The roster cannot be followed" in shown
    assert "Sign in to see it" in shown
    assert "Press to prove" not in shown


def post(house: House, path: str, **values: str) -> requests.Response:
    return requests.post(house.base + path, data=values, timeout=20)


def secret_of(house: House, org: Organisation, delivery: UUID) -> str:
    return answer_secret(house.keys.answer, org.id, delivery)


def acts(house: House, org: Organisation) -> list[tuple[str, str]]:
    with viewing(house.conn, org.id):
        return house.conn.execute("select act, via from decisions_act order by at").fetchall()


@pytest.mark.guarantee("I4")
def test_opening_the_link_changes_nothing(house: House, org: Organisation, delivery: UUID) -> None:
    requests.get(house.base + "/a", timeout=20)
    said = {"secret": secret_of(house, org, delivery), "act": "in_charge", "press": PRESS}
    asked = [requests.get(house.base + path, params=said, timeout=20) for path in ("/a", "/a/show", "/a/act")]  # fmt: skip
    assert [answer.status_code for answer in asked] == [200, 405, 405]
    shown = post(house, "/a/show", secret=secret_of(house, org, delivery))
    assert shown.status_code == 200
    assert "I am in charge" in shown.text
    assert acts(house, org) == []
    with viewing(house.conn, org.id):
        states = house.conn.execute("select distinct state from notifications_delivery").fetchall()
    assert ("seen",) not in states


@pytest.mark.guarantee("I24")
def test_the_page_of_every_link_is_the_same(house: House) -> None:
    pages = {
        requests.get(house.base + "/a" + tail, timeout=20).text for tail in ("", "#one", "#two")
    }
    assert len(pages) == 1


def test_a_press_on_the_link_counts_for_its_person(house: House, org: Organisation, delivery: UUID) -> None:  # fmt: skip
    shown = post(house, "/a/act", secret=secret_of(house, org, delivery), act="in_charge")
    assert "Received." in shown.text
    assert acts(house, org) == [("in_charge", "link")]


def sent_to(house: House, org: Organisation, role: str) -> UUID:
    """Return the text message to the one of this role."""
    with viewing(house.conn, org.id):
        row = house.conn.execute("select id from notifications_delivery where person_id = %s and channel = 'sms'", (org.people[role],)).fetchone()  # fmt: skip
    assert row is not None
    return UUID(str(row[0]))


def in_charge(house: House, org: Organisation, incident: UUID) -> str:
    """Return who is in charge of it, by id."""
    with viewing(house.conn, org.id):
        row = house.conn.execute("select progress -> 'charge' from decisions_incident where id = %s", (incident,)).fetchone()  # fmt: skip
    return str(row)


def test_a_press_that_is_sent_again_takes_nothing_back_from_who_took_over(house: House, org: Organisation) -> None:  # fmt: skip
    incident = house.sos(org)
    links = {role: secret_of(house, org, sent_to(house, org, role)) for role in ("guard", "shift_lead")}  # fmt: skip
    pressed = {"secret": links["guard"], "act": "in_charge", "press": PRESS}
    post(house, "/a/act", **pressed)
    post(house, "/a/act", secret=links["shift_lead"], act="in_charge", press=PRESS)
    assert "Received." in post(house, "/a/act", **pressed).text
    assert acts(house, org) == [("in_charge", "link")] * 2
    assert str(org.people["shift_lead"]) in in_charge(house, org, incident)


@pytest.mark.guarantee("I4")
def test_the_same_act_by_the_link_of_another_channel_or_incident_is_one_of_its_own(house: House, org: Organisation) -> None:  # fmt: skip
    mail = ContactRow(id=uuid7(), person_id=org.people["guard"], channel="email", address="guard@example.org", position=2, verified_at=datetime.now(UTC))  # fmt: skip
    with viewing(house.conn, org.id):
        people.insert_contact(house.conn, house.ring, org.id, mail)
    house.sos(org)
    house.sos(org, by="shift_lead")
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select id from notifications_delivery where person_id = %s and channel <> 'live'", (org.people["guard"],)).fetchall()  # fmt: skip
    assert len(rows) == 4
    for (delivery_id,) in rows:
        assert "Received." in post(house, "/a/act", secret=secret_of(house, org, delivery_id), act="going", press=PRESS).text  # fmt: skip
    assert acts(house, org) == [("going", "link")] * 4


def test_two_tries_of_one_press_at_the_same_time_count_once(house: House, org: Organisation, delivery: UUID) -> None:  # fmt: skip
    pressed = {"secret": secret_of(house, org, delivery), "act": "in_charge", "press": PRESS}
    with ThreadPoolExecutor(2) as both:
        with viewing(house.conn, org.id):
            # Whoever holds the incident holds up both, until both have opened the link and are about to judge.
            house.conn.execute("select 1 from decisions_incident for update")
            tries = [both.submit(post, house, "/a/act", **pressed) for _ in range(2)]
            assert are_waiting(house, 2)
        answers = [one.result() for one in tries]
    assert ["Received." in answer.text for answer in answers] == [True, True]
    assert acts(house, org) == [("in_charge", "link")]


def are_waiting(house: House, n: int) -> bool:
    """Return whether so many sessions come to wait for a lock, within ten seconds."""
    for _ in range(500):
        row = house.engine.execute("select count(distinct pid) from pg_locks where not granted").fetchone()  # fmt: skip
        if row and row[0] >= n:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("press", ["", "short", "g" * 32, PRESS * 2])
def test_a_press_without_a_name_counts_each_time(house: House, org: Organisation, delivery: UUID, press: str) -> None:  # fmt: skip
    pressed = {"secret": secret_of(house, org, delivery), "act": "going", "press": press}
    assert [post(house, "/a/act", **pressed).status_code for _ in range(2)] == [200, 200]
    assert acts(house, org) == [("going", "link")] * 2


@pytest.mark.parametrize("spoil", [lambda s: s[:-1] + ("A" if s[-1] != "A" else "B"), lambda s: s.replace(s[:4], "0000", 1), lambda _: "x", lambda _: "", lambda s: s * 9])  # fmt: skip
def test_a_secret_that_is_not_ours_opens_nothing(house: House, org: Organisation, delivery: UUID, spoil: object) -> None:  # fmt: skip
    spoiled = spoil(secret_of(house, org, delivery))  # type: ignore[operator]
    assert post(house, "/a/show", secret=spoiled).status_code == 404


def test_a_secret_of_one_organisation_opens_nothing_in_another(house: House, org: Organisation, delivery: UUID) -> None:  # fmt: skip
    other = house.new_organisation()
    assert post(house, "/a/show", secret=secret_of(house, other, delivery)).status_code == 404


@pytest.mark.guarantee("I18")
@pytest.mark.parametrize(
    "statement",
    [
        "update registry_contactmethod set revoked_at = now()",
        "update registry_person set is_active = false",
        "update decisions_incident set closed_at = now() - interval '61 minutes'",
    ],
)
def test_a_link_dies(house: House, org: Organisation, delivery: UUID, statement: str) -> None:
    with viewing(house.conn, org.id):
        house.conn.execute(statement)
    secret = secret_of(house, org, delivery)
    assert post(house, "/a/show", secret=secret).status_code == 404
    assert post(house, "/a/act", secret=secret, act="in_charge").status_code == 404


def test_a_private_phone_gets_neutral_words(
    house: House, org: Organisation, delivery: UUID
) -> None:
    secret = secret_of(house, org, delivery)
    assert "Depot" in post(house, "/a/show", secret=secret).text
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_contactmethod set is_work = false")
    assert "Depot" not in post(house, "/a/show", secret=secret).text
