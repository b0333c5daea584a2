"""The pages of safeguards: her offers, one's own tasks, the case's list, the release, briefings and the door card."""

import base64
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.house import IDS, House, Organisation
from tocsin.flow.brief import ask_to_read
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tend_safeguards import FIRST, release_due, tend_safeguards
from tocsin.registry.rules.case_rows import CaseRow, DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import case_key, insert_case
from tocsin.registry.store_doors import save_door_entry
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC"
)
NAME = "Rex Notreal"


def a_case(house: House, org: Organisation, *, protected: str, colleague: str | None) -> UUID:
    """Return a case entered by the safety lead, with what the doors know of it and its safeguards."""
    case_id, viewer, at = uuid7(), org.people["safety_lead"], datetime.now(UTC)
    case = CaseRow(id=case_id, organisation_id=org.id, word="WREN" if colleague else "K7QX", respondent=Respondent(name=NAME), opened_at=at, opened_by_id=viewer, protected_id=org.people[protected], colleague_id=org.people[colleague] if colleague else None)  # fmt: skip
    with viewing(house.conn, org.id, viewer):
        key = insert_case(house.conn, house.ring, case)
        house.conn.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at)
            values (%s, %s, %s, %s, 'entered', %s, %s, %s)""",
            (uuid7(), org.id, case_id, viewer, at, viewer, at + timedelta(hours=11)),
        )
        match = DoorMatch(names=(NAME, "R. Notreal"), born_year=1981, plates=(KnownPlate("ABC123", "US-IL"),), badges=("4711",), description="Tall, grey beard, dark pick-up")  # fmt: skip
        save_door_entry(house.conn, key, DoorEntryRow(case_id=case_id, organisation_id=org.id, match=match, photo=PNG, photo_type="image/png", updated_at=at))  # fmt: skip
        open_safeguards(house.conn, organisation_id=org.id, case_id=case_id, event="order.entered", event_id=case_id, at=at, by=viewer)  # fmt: skip
    return case_id


def ids_in(text: str, path: str) -> list[str]:
    return re.findall(rf'action="{path}/([0-9a-f-]{{36}})', text)


def ask(house: House) -> None:
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        ask_to_read(alarms, ids=IDS)


@pytest.mark.guarantee("I11", "I12")
def test_the_respondent_finds_nothing_anywhere(house: House, org: Organisation) -> None:
    guard = house.signed_in(org, "guard")
    before = {path: guard.get(path) for path in ("/", "/tasks", "/offers", "/briefings")}
    case_id = a_case(house, org, protected="shift_lead", colleague="guard")
    ask(house)
    for path, shown in before.items():
        now = guard.get(path)
        assert (now.status_code, now.text) == (200, shown.text)
    unknown = guard.get(f"/cases/{uuid7()}/safeguards")
    for path in ("safeguards", "release"):
        found = guard.get(f"/cases/{case_id}/{path}")
        assert (found.status_code, found.text) == (404, unknown.text)
    for path in (f"/briefings/{case_id}", f"/briefings/{case_id}/photo"):
        assert guard.get(path).status_code == 404
    token = guard.token(guard.get("/drills") if "csrf" in guard.get("/drills").text else guard.get("/sessions"))  # fmt: skip
    assert guard.post_to(f"/briefings/{case_id}/card", token).status_code == 404
    assert guard.post_to(f"/cases/{case_id}/release", token, act="withdraw").status_code == 404


def test_she_takes_and_declines_with_one_press(house: House, org: Organisation) -> None:
    a_case(house, org, protected="shift_lead", colleague="guard")
    her = house.signed_in(org, "shift_lead")
    assert re.search(r"\d questions", her.get("/").text)
    shown = her.get("/offers")
    first, second = ids_in(shown.text, "/offers")[:2]
    taken = her.post_to(f"/offers/{first}", her.token(shown), act="take")
    assert "What you took" in taken.text
    declined = her.post_to(f"/offers/{second}", her.token(taken), act="decline")
    assert "What you declined" in declined.text
    assert NAME not in declined.text
    gone = her.post_to(f"/offers/{second}", her.token(declined), act="forget")
    assert "What you declined" not in gone.text


def test_a_lead_never_sees_which_offer_she_declined(house: House, org: Organisation) -> None:
    case_id = a_case(house, org, protected="shift_lead", colleague="guard")
    lead = house.signed_in(org, "safety_lead")
    her = house.signed_in(org, "shift_lead")
    before = lead.get(f"/cases/{case_id}/safeguards")
    shown = her.get("/offers")
    her.post_to(f"/offers/{ids_in(shown.text, '/offers')[0]}", her.token(shown), act="decline")
    after = lead.get(f"/cases/{case_id}/safeguards")
    hidden = re.compile(r'name="(csrfmiddlewaretoken|fact_id)" value="[^"]*"')
    assert hidden.sub("", after.text) == hidden.sub("", before.text)


def test_a_fact_is_entered_once_however_often_the_button_is_pressed(house: House, org: Organisation) -> None:  # fmt: skip
    case_id = a_case(house, org, protected="shift_lead", colleague=None)
    lead, path = house.signed_in(org, "safety_lead"), f"/cases/{case_id}/safeguards"
    shown = lead.get(path)
    fact = re.search(r'name="fact_id" value="([^"]+)"', shown.text)
    assert fact
    once = lead.post_to(path, lead.token(shown), event="threat.suicide", fact_id=fact[1])
    again = lead.post_to(path, lead.token(once), event="threat.suicide", fact_id=fact[1])
    assert once.text.count("Ask the police to look after him") == again.text.count("Ask the police to look after him") > 0  # fmt: skip


def test_what_waits_for_somebody_is_no_alarm_on_any_board(house: House, org: Organisation) -> None:
    a_case(house, org, protected="responder", colleague=None)
    alarms, after = PostgresAlarms(house.engine, house.ring), FIRST
    with alarms.atomically():
        while (after := tend_safeguards(alarms, after, ids=IDS).last) != FIRST:
            pass
    kinds = house.engine.execute("select distinct kind from decisions_incident where organisation_id = %s", (org.id,)).fetchall()  # fmt: skip
    assert {"task"} <= {kind for (kind,) in kinds} <= {"task", "task_due"}
    for role in ("shift_lead", "safety_lead"):
        board = house.signed_in(org, role).get("/")
        assert (board.status_code, "data-incident" in board.text) == (200, False)


@pytest.mark.parametrize(
    ("event", "opens"),
    [
        ("threat.heard", "Keep what was said, as it was said"),
        ("threat.suicide", "Ask the police to look after him"),
        ("threat.weapon", "Tell police and posts that a weapon was named"),
        ("divorce.served", "Put a second person at the post"),
        ("work.meeting", "Plan the meeting at which he is told"),
        ("work.suspended", "Plan the meeting at which he is told"),
        ("work.dismissed", "Plan the meeting at which he is told"),
        ("discharge.told", "Ask who holds him and who will say that he is free"),
        ("child.exchange", "Hand over the children away from work"),
    ],
)
def test_every_fact_that_people_hear_is_entered_on_the_page_and_opens_what_it_asks_for(house: House, org: Organisation, event: str, opens: str) -> None:  # fmt: skip
    case_id = a_case(house, org, protected="responder", colleague="guard")
    lead, path = house.signed_in(org, "safety_lead"), f"/cases/{case_id}/safeguards"
    before = lead.get(path)
    assert opens not in before.text
    fact = re.search(r'name="fact_id" value="([^"]+)"', before.text)
    assert fact
    assert opens in lead.post_to(path, lead.token(before), event=event, fact_id=fact[1]).text


def test_the_owner_finishes_her_task_and_says_by_what_it_is_seen(house: House, org: Organisation) -> None:  # fmt: skip
    case_id = a_case(house, org, protected="responder", colleague="guard")
    lead = house.signed_in(org, "shift_lead")
    shown = lead.get("/tasks")
    assert "Every post has read the briefing" in shown.text
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        looks = house.conn.execute("select what, why from registry_reading where person_id = %s", (org.people["shift_lead"],)).fetchall()  # fmt: skip
    assert ("task", "owner") in looks
    logs = house.engine.execute(
        """select tocsin_log_of(organisation_id, incident_id, kind, leaf) from record_entry
        where organisation_id = %s and kind = 'record.read' and actor_id = %s""",
        (org.id, org.people["shift_lead"]),
    ).fetchall()
    # In the employer's own log, which every administrator takes out, it would say that there is a case.
    assert set(logs) == {(case_id,)}
    assert NAME not in shown.text
    task = re.findall(r'action="/tasks/([0-9a-f-]{36})/done"', shown.text)[0]
    refused = lead.post_to(f"/tasks/{task}/done", lead.token(shown), words=" ")
    assert refused.status_code == 400
    done = lead.post_to(f"/tasks/{task}/done", lead.token(shown), words="Both posts, 22:10")
    assert "Done lately" in done.text


def test_the_visible_steps_wait_for_two_and_come_together(house: House, org: Organisation) -> None:
    case_id = a_case(house, org, protected="shift_lead", colleague="guard")
    lead, path = house.signed_in(org, "safety_lead"), f"/cases/{case_id}/release"
    shown = lead.get(path)
    assert "Quiet watch" in shown.text
    when = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    refused = lead.post_to(path, lead.token(shown), act="plan", release_at=when)
    assert "not served" in refused.text
    planned = lead.post_to(path, lead.token(shown), act="plan", release_at=when, before_service="on")  # fmt: skip
    assert "Proposed, not agreed" in planned.text
    alone = lead.post_to(path, lead.token(planned), act="agree")
    assert "it takes two" in alone.text
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        assert release_due(alarms) == 0
    her = house.signed_in(org, "shift_lead")
    done = her.post_form(path, act="agree")
    assert "Receipts" in done.text


@pytest.mark.guarantee("I6")
def test_steps_planned_for_an_hour_that_comes_twice_wait_for_the_second(house: House, org: Organisation) -> None:  # fmt: skip
    case_id = a_case(house, org, protected="shift_lead", colleague="guard")
    lead, path = house.signed_in(org, "safety_lead"), f"/cases/{case_id}/release"
    # The house is in Chicago, where this was half past one twice: at 06:30 and at 07:30 UTC.
    lead.post_form(path, act="plan", release_at="2026-11-01T01:30", before_service="on")
    row = house.engine.execute("select release_at from decisions_release where case_id = %s", (case_id,)).fetchone()  # fmt: skip
    assert row == (datetime(2026, 11, 1, 7, 30, tzinfo=UTC),)


def test_a_post_reads_its_briefing_and_the_receipt_shows(house: House, org: Organisation) -> None:
    case_id = a_case(house, org, protected="responder", colleague=None)
    guard, lead = house.signed_in(org, "guard"), house.signed_in(org, "safety_lead")
    assert guard.get(f"/briefings/{case_id}").status_code == 404
    ask(house)
    assert "not read yet" in guard.get("/briefings").text
    assert "2 people at posts have not read it" in lead.get("/briefings").text
    shown = guard.get(f"/briefings/{case_id}")
    assert NAME in shown.text
    assert guard.get(f"/briefings/{case_id}/photo").content == PNG
    for word in ("protection order", "petitioner", "R. Sample", "first-page"):
        assert word not in shown.text
    guard.post_form(f"/briefings/{case_id}")
    assert "1 person at a post has not read it" in lead.get("/briefings").text
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        looks = house.conn.execute("select why from registry_reading where case_id = %s and person_id = %s", (case_id, org.people["guard"])).fetchall()  # fmt: skip
    assert ("post",) in looks


@pytest.mark.guarantee("I19")
def test_whoever_keeps_no_post_any_more_reads_no_briefing_and_the_receipt_stays(house: House, org: Organisation) -> None:  # fmt: skip
    case_id = a_case(house, org, protected="responder", colleague=None)
    guard = house.signed_in(org, "guard")
    ask(house)
    guard.post_form(f"/briefings/{case_id}")
    house.engine.execute("update registry_shift set ends_at = now() where person_id = %s", (org.people["guard"],))  # fmt: skip
    assert guard.get(f"/briefings/{case_id}").status_code == 404
    assert guard.get(f"/briefings/{case_id}/photo").status_code == 404
    assert "Nothing waits for you." in guard.get("/briefings").text
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        receipts = house.conn.execute("select read_at is not null from decisions_briefing where case_id = %s and person_id = %s", (case_id, org.people["guard"])).fetchall()  # fmt: skip
        looks = house.conn.execute("select count(*) from registry_reading where why = 'post' and case_id = %s and person_id = %s", (case_id, org.people["guard"])).fetchone()  # fmt: skip
    assert (receipts, looks) == ([(True,)], (1,))
    house.engine.execute("update registry_shift set ends_at = now() + interval '8 hours' where person_id = %s", (org.people["guard"],))  # fmt: skip
    assert NAME in guard.get(f"/briefings/{case_id}").text


def test_a_changed_entry_is_read_again(house: House, org: Organisation) -> None:
    case_id = a_case(house, org, protected="responder", colleague=None)
    guard = house.signed_in(org, "guard")
    ask(house)
    guard.post_form(f"/briefings/{case_id}")
    ask(house)
    assert "not read yet" not in guard.get("/briefings").text
    house.engine.execute("update registry_doorentry set version = version + 1 where case_id = %s", (case_id,))  # fmt: skip
    ask(house)
    assert "not read yet" in guard.get("/briefings").text


def test_the_door_card_is_a_logged_act_and_says_no_reason(house: House, org: Organisation) -> None:
    case_id = a_case(house, org, protected="responder", colleague=None)
    guard = house.signed_in(org, "guard")
    ask(house)
    assert guard.get(f"/briefings/{case_id}/card").status_code == 405
    card = guard.post_form(f"/briefings/{case_id}/card", form=f"/briefings/{case_id}")
    for words in ("Do not admit.", "Do not say why, who works here or who is in.", "Do not block his way.", "Lock, step back, call, press.", NAME, "Tall, grey beard, dark pick-up", "ABC123", "1981"):  # fmt: skip
        assert words in card.text
    for words in ("order", "protect", "Sample", "court"):
        assert words not in re.sub(r"<[^>]+>", "", card.text)
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        rows = house.conn.execute("select count(*) from record_entry where kind = 'briefing.printed' and actor_id = %s", (org.people["guard"],)).fetchone()  # fmt: skip
    assert rows == (1,)


def test_a_plate_that_somebody_says_is_not_his_any_more_is_not_confirmed_on_briefing_and_card(
    house: House, org: Organisation
) -> None:
    case_id = a_case(house, org, protected="responder", colleague=None)
    key = case_key(house.engine, house.ring, case_id)
    sold, kept = KnownPlate("ABC123", "US-IL"), KnownPlate("XYZ789")
    match = DoorMatch(names=(NAME,), plates=(sold, kept), doubted_plates=(sold,))
    at = datetime.now(UTC)
    entry = DoorEntryRow(case_id=case_id, organisation_id=org.id, match=match, updated_at=at)
    save_door_entry(house.engine, key, entry)
    lead = house.signed_in(org, "safety_lead")
    briefing = lead.get(f"/briefings/{case_id}")
    card = lead.post_to(f"/briefings/{case_id}/card", lead.token(briefing))
    assert card.status_code == 200
    for shown in (briefing.text, card.text):
        plates = shown.partition("Plates</dt>")[2].partition("</dd>")[0]
        doubted, sure = plates.split(", ")
        assert "ABC123 (US-IL) <strong>not confirmed" in doubted
        assert "XYZ789" in sure
        assert "not confirmed" not in sure
