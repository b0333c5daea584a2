"""A sighting on the screens: compared at a door, read by who may, told in a ledger; nothing for the one it is about."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
import requests

from tests.pages.case_in_house import a_case
from tests.pages.house import IDS, Browser, House, Organisation
from tocsin.engine.sightings import Sighted
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_report import receive_report
from tocsin.flow.want_notices import want_notices
from tocsin.notifications.access_seen import load_ledger
from tocsin.notifications.rules.disclosure import Disclosure
from tocsin.notifications.store_disclosures import insert
from tocsin.registry.access import Viewer
from tocsin.registry.rules.case_rows import CaseRow, DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.rules.order import Fact, FactKind, Family, Order
from tocsin.registry.rules.order_document import OrderBody, Respondent
from tocsin.registry.store_cases import case_key, insert_case
from tocsin.registry.store_doors import save_door_entry
from tocsin.registry.store_orders import insert_order
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.links import answer_secret
from tocsin.signals.rules.seen import PlateRead, Seen, Source

PLATE = "NTR 4821"


@pytest.fixture
def org(house: House) -> Organisation:
    """Return an employer of this test."""
    return house.new_organisation()


@pytest.fixture
def case_id(house: House, org: Organisation) -> UUID:
    """Return a case whose order is valid and served; the guard is the respondent."""
    case_id = a_case(house, org)
    house.engine.execute("update registry_case set colleague_id = null where id = %s", (case_id,))
    house.engine.execute(
        """insert into registry_party (id, organisation_id, case_id, person_id, since)
        values (%s, %s, %s, %s, now())""",
        (uuid7(), org.id, case_id, org.people["guard"]),
    )
    an_order(house, org, case_id, FactKind.ISSUED, FactKind.SERVED)
    return case_id


def an_order(house: House, org: Organisation, case_id: UUID, *kinds: FactKind) -> None:
    """Write an order of this case to which these happened three days ago, and what the door knows."""
    then = datetime.now(UTC) - timedelta(days=3)
    key = case_key(house.engine, house.ring, case_id)
    facts = tuple(
        Fact(id=uuid7(), kind=kind, heard_at=then, source="clerk", true_at=then) for kind in kinds
    )
    order = Order(
        id=uuid7(),
        case_id=case_id,
        organisation_id=org.id,
        family=Family.WORKPLACE,
        court_time_zone="America/Chicago",
        facts=facts,
        body=OrderBody(),
        entered_at=then,
        entered_by_id=org.people["safety_lead"],
        review_due_at=then,
    )
    insert_order(house.engine, key, order)
    match = DoorMatch(names=("Rex Notreal",), plates=(KnownPlate(PLATE, "US-IL"),))
    door = DoorEntryRow(case_id=case_id, organisation_id=org.id, match=match, updated_at=then)
    save_door_entry(house.engine, key, door)


def is_seen(house: House, org: Organisation, **changes: object) -> UUID:
    """Let the engine take one report, and return the incident."""
    now = datetime.now(UTC)
    values: dict[str, object] = {
        "organisation_id": org.id,
        "source": Source.PLATE,
        "track": f"t-{uuid7().hex}",
        "seen_at": now,
        "heard_at": now,
        "site_id": org.site_id,
        "plates": (PlateRead(PLATE, 0.98, "US-IL"),),
    }
    alarms = PostgresAlarms(house.engine, house.ring)
    sighted = Sighted(None, house.ring, IDS, "engine")  # type: ignore[arg-type]
    with alarms.atomically():
        receive_report(house.engine, house.ring, Seen(**values | changes), ids=IDS)  # type: ignore[arg-type]
    with alarms.atomically():
        _, done = sighted.take(alarms)
    incident = next(c.incident for c in done if c.incident and c.incident.organisation_id == org.id)
    return incident.id


def test_the_page_says_what_to_do_why_it_matched_and_what_to_say_to_police(
    house: House, org: Organisation, case_id: UUID
) -> None:
    incident = is_seen(house, org)
    shown = house.signed_in(org, "shift_lead").get(f"/incidents/{incident}").text
    for words in (
        "Seen: possible breach, for police",
        "Do not approach, detain or touch.",
        "Rex Notreal",
        "the plate is the same",
        "The order was served on him.",
        "NOT LOCATED",
        "Somebody who must stay away was seen here",
    ):
        assert words in shown
    assert "raised an SOS" not in shown
    board = house.signed_in(org, "safety_lead").get("/").text
    assert "Not located: nobody has recorded where he is" in board


@pytest.mark.guarantee("I15")
def test_of_two_orders_of_which_one_was_served_it_is_said_which_and_for_whom_they_are_is_not(
    house: House, org: Organisation, case_id: UUID
) -> None:
    other = CaseRow(
        id=uuid7(),
        organisation_id=org.id,
        word="OTTER",
        respondent=Respondent(name="Rex Notreal"),
        opened_at=datetime.now(UTC),
        opened_by_id=org.people["safety_lead"],
        protected_id=org.people["responder"],
    )
    insert_case(house.engine, house.ring, other)
    an_order(house, org, other.id, FactKind.ISSUED)
    incident = is_seen(house, org)
    shown = house.signed_in(org, "shift_lead").get(f"/incidents/{incident}").text
    police = shown.partition("For police, word for word")[2].partition("</blockquote>")[0]
    assert police.count("There is a protection order.") == 1
    assert "<p>The order of case WREN: The order was served on him.</p>" in police
    assert "<p>The order of case OTTER: The order is valid and not served yet.</p>" in police
    assert police.count("served") == 2


@pytest.mark.guarantee("I14")
def test_a_possible_match_is_compared_at_the_door(
    house: House, org: Organisation, case_id: UUID
) -> None:
    incident = is_seen(house, org, plates=(), source=Source.GUARD, name="Rex Notreal")
    browser = house.signed_in(org, "shift_lead")
    shown = browser.get(f"/incidents/{incident}")
    assert "Possible: somebody has to compare" in shown.text
    assert "Not confirmed: do not detain or touch." in shown.text
    assert "possible breach" not in shown.text.lower().replace("possible breach, for police.", "")
    row = house.engine.execute(
        "select id from signals_sighting where incident_id = %s", (incident,)
    ).fetchone()
    assert row is not None
    path = f"/incidents/{incident}/sightings/{row[0]}"
    done = browser.post_to(path, browser.token(shown), who="he")
    assert done.status_code == 200
    assert "Confirmed by a person" in done.text
    again = browser.post_to(path, browser.token(done), who="not")
    assert again.status_code == 409
    kept = house.engine.execute(
        "select certainty, judged, judged_by_id from signals_sighting where id = %s", (row[0],)
    ).fetchone()
    assert kept == ("possible", "confirmed", org.people["shift_lead"])


@pytest.mark.guarantee("I14")
def test_of_a_courts_monitor_that_may_be_near_it_is_asked_where_he_is_and_not_who(
    house: House, org: Organisation, case_id: UUID
) -> None:
    incident = is_seen(house, org, plates=(), source=Source.GUARD, name="Rex Notreal")
    house.engine.execute(
        "update signals_sighting set source = 'monitor' where incident_id = %s", (incident,)
    )
    house.engine.execute(
        """update decisions_incident set progress = progress || '{"only_where": true}' where id = %s""",
        (incident,),
    )
    browser = house.signed_in(org, "shift_lead")
    shown = browser.get(f"/incidents/{incident}")
    for words in ("He is there", "He is not there", "His monitor is near, not certain where"):
        assert words in shown.text
    assert "Possible: somebody has to look from cover whether he is there" in shown.text
    assert "Not certain where: do not approach." in shown.text
    for words in ("It is he", "It is somebody else", "Compare", "has to compare"):
        assert words not in shown.text
    row = house.engine.execute(
        "select id from signals_sighting where incident_id = %s", (incident,)
    ).fetchone()
    assert row is not None
    path = f"/incidents/{incident}/sightings/{row[0]}"
    done = browser.post_to(path, browser.token(shown), who="he")
    assert "a person looked: he is there" in done.text


@pytest.mark.guarantee("I11")
def test_the_one_it_is_about_finds_nothing_of_it(
    house: House, org: Organisation, case_id: UUID
) -> None:
    incident = is_seen(house, org)
    browser = house.signed_in(org, "guard")
    for path in (f"/incidents/{incident}", f"/cases/{case_id}/sightings", f"/cases/{case_id}/told"):
        assert browser.get(path).status_code == 404
    assert "Seen:" not in browser.get("/").text
    told = house.engine.execute(
        "select count(*) from notifications_delivery where incident_id = %s and person_id = %s",
        (incident, org.people["guard"]),
    ).fetchone()
    assert told == (0,)


def test_who_was_told_is_there_for_who_may_read_the_case_and_nobody_else(
    house: House, org: Organisation, case_id: UUID
) -> None:
    is_seen(house, org)
    reader = house.signed_in(org, "safety_lead")
    shown = reader.get(f"/cases/{case_id}/told").text
    assert "safety at work: a possible breach" in shown
    assert "lock what you keep, stay inside, do not approach" in shown
    sightings = reader.get(f"/cases/{case_id}/sightings").text
    assert "by a plate reader" in sightings
    assert house.signed_in(org, "shift_lead").get(f"/cases/{case_id}/told").status_code == 404


def test_the_ledger_says_that_her_notice_was_planned_and_that_it_did_not_arrive(
    house: House, org: Organisation, case_id: UUID
) -> None:
    is_seen(house, org)
    reader = house.signed_in(org, "safety_lead")
    waits = reader.get(f"/cases/{case_id}/told").text
    assert "Notice to her: planned <time" in waits
    assert '<span class="badge bad">not sent yet</span>' in waits
    hers = (org.people["responder"],)
    house.engine.execute("update notifications_delivery set state = 'failed' where person_id = %s", hers)  # fmt: skip
    assert '<span class="badge bad">it did not arrive</span>' in reader.get(f"/cases/{case_id}/told").text  # fmt: skip


def test_she_has_notice_of_a_briefing_once_she_herself_has_read_who_was_told(
    house: House, org: Organisation, case_id: UUID
) -> None:
    line = Disclosure(
        id=uuid7(),
        organisation_id=org.id,
        case_id=case_id,
        incident_id=None,
        to_id=org.people["shift_lead"],
        to_role="",
        ground="briefing",
        what=("text task", "briefing"),
        at=datetime.now(UTC),
    )
    insert(house.engine, [line])
    page = f"/cases/{case_id}/told"
    reader = house.signed_in(org, "safety_lead")
    assert "not yet" in reader.get(page).text
    assert "not yet" in reader.get(page).text
    at = datetime.now(UTC)
    her = Viewer(org.id, org.people["responder"], "responder", proved_at=at)
    with viewing(house.conn, org.id, her.person_id):
        found = load_ledger(house.conn, house.ring, her, case_id, at=at)
    assert [one.notice_at for one in found.lines] == [at]
    assert "not yet" not in reader.get(page).text


def test_whether_she_is_sent_notices_is_hers_alone_to_say(
    house: House, org: Organisation, case_id: UUID
) -> None:
    page = f"/cases/{case_id}/told"
    at = datetime.now(UTC)
    her = Viewer(org.id, org.people["responder"], "responder", proved_at=at)
    for wants in (True, False):
        with viewing(house.conn, org.id, her.person_id):
            found = load_ledger(house.conn, house.ring, her, case_id, at=at)
            assert found.wants is wants
            want_notices(house.conn, found.reading, wants=False, at=at)
    lead = house.signed_in(org, "safety_lead")
    assert "Send me" not in lead.get(page).text
    token = lead.token(lead.get("/sessions"))
    assert lead.post_to(f"{page}/notices", token, wants="1").status_code == 404
    with (
        viewing(house.conn, org.id, org.people["safety_lead"]),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        house.conn.transaction(),
    ):
        house.conn.execute(
            "update registry_case set no_notices_at = null where id = %s", (case_id,)
        )


@pytest.mark.guarantee("I19")
@pytest.mark.parametrize(
    "statement", ["delete from notifications_disclosure", "update notifications_disclosure set to_id = null"]
)  # fmt: skip
def test_no_page_changes_or_removes_a_line_of_who_was_told(
    house: House, org: Organisation, statement: str
) -> None:
    with (
        viewing(house.conn, org.id, org.people["safety_lead"]),
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        house.conn.transaction(),
    ):
        house.conn.execute(statement)


@pytest.mark.guarantee("I24")
def test_a_link_names_neither_order_nor_reason(
    house: House, org: Organisation, case_id: UUID
) -> None:
    incident = is_seen(house, org)
    rows = house.engine.execute(
        """select person_id, id from notifications_delivery where incident_id = %s and channel = 'sms'""",
        (incident,),
    ).fetchall()
    shown = {
        person: Browser(house.base)
        .session.post(
            f"{house.base}/a/show",
            data={"secret": answer_secret(house.keys.answer, org.id, delivery)},
            timeout=20,
        )
        .text
        for person, delivery in rows
    }
    hers, lead = shown[org.people["responder"]], shown[org.people["shift_lead"]]
    assert "Please stay where you are" in hers
    assert "Lock, stay inside, do not approach" in lead
    for text in (hers, lead):
        assert not {"breach", "breach,", "Rex", "court", "served"} & set(text.split())


@pytest.mark.guarantee("I4")
def test_she_says_by_her_link_that_she_has_read_it_and_the_one_in_charge_sees_it(
    house: House, org: Organisation, case_id: UUID
) -> None:
    incident = is_seen(house, org)
    lead = house.signed_in(org, "shift_lead")
    assert "She has answered" not in lead.get(f"/incidents/{incident}").text
    row = house.engine.execute(
        """select id from notifications_delivery where incident_id = %s and channel = 'sms' and person_id = %s""",
        (incident, org.people["responder"]),
    ).fetchone()
    assert row is not None
    secret = {"secret": answer_secret(house.keys.answer, org.id, row[0])}
    shown = requests.post(f"{house.base}/a/show", data=secret, timeout=20).text
    assert "I have read it" in shown
    shown = requests.post(f"{house.base}/a/act", data=secret | {"act": "seen"}, timeout=20).text
    assert "Whoever is in charge sees that you have read it." in shown
    assert "I have read it" not in shown
    page = lead.get(f"/incidents/{incident}").text
    assert "She has answered: she read it at" in page
    assert "Nobody has said anything yet." in page
