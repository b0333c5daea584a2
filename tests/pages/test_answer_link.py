"""What can the link in a message do, and when is it dead?"""

from uuid import UUID

import pytest
import requests

from tests.pages.house import IDS, House, Organisation
from tocsin.flow.announce_unplanned import LINES, announce_unplanned
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.runtime.database import viewing
from tocsin.runtime.links import answer_secret


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
