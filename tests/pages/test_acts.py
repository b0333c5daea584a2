"""What happens when somebody presses a button on an incident?"""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import IDS, House, Organisation
from tocsin.flow.let_time_pass import let_time_pass
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications.rules.due import next_due
from tocsin.runtime.database import viewing


def test_the_loudest_line_is_the_call_that_nobody_owns(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    browser = house.signed_in(org)
    assert "Nobody owns the emergency call" in browser.get("/").text
    browser.post_form(f"/incidents/{incident}/act", f"/incidents/{incident}", act="calling")
    board = browser.get("/").text
    assert "S. Sample owns the emergency call" in board
    assert "Nobody is in charge" in board


def test_in_charge_is_shown_to_everybody_and_kept(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    house.signed_in(org).post_form(f"/incidents/{incident}/act", f"/incidents/{incident}", act="in_charge")  # fmt: skip
    shown = house.signed_in(org, "guard").get(f"/incidents/{incident}").text
    assert "S. Sample is in charge" in shown
    with viewing(house.conn, org.id):
        acts = house.conn.execute("select act, via from decisions_act").fetchall()
    assert acts == [("in_charge", "page")]


def test_a_real_one_is_over_when_two_people_say_so(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    path = f"/incidents/{incident}"
    lead, guard = house.signed_in(org), house.signed_in(org, "guard")
    lead.post_form(f"{path}/act", path, act="in_charge")
    one = lead.post_form(f"{path}/act", path, act="over")
    assert "Over since" not in one.text
    two = guard.post_form(f"{path}/act", path, act="over")
    assert "Over since" in two.text


def test_an_act_that_is_none_is_refused_in_words(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    shown = house.signed_in(org).post_form(f"/incidents/{incident}/act", f"/incidents/{incident}", act="shrug")  # fmt: skip
    assert shown.status_code == 409
    assert "there is no such act" in shown.text


def test_looking_at_it_is_no_act(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    browser = house.signed_in(org)
    browser.get(f"/incidents/{incident}")
    browser.get(f"/incidents/{incident}/act")
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from decisions_act").fetchone() == (0,)


def test_a_drill_says_so_and_ends_with_figures(house: House, org: Organisation) -> None:
    browser = house.signed_in(org)
    drill = browser.post_form("/drills", site=str(org.site_id))
    assert "DRILL" in drill.text
    number = drill.url.rsplit("/", 1)[1]
    house.signed_in(org, "guard").post_form(f"/incidents/{number}/act", f"/incidents/{number}", act="in_charge")  # fmt: skip
    ended = browser.post_form(f"/drills/{number}", confirm="yes")
    assert "To somebody in charge" in ended.text
    assert "1 of" in ended.text


def test_whom_the_one_in_charge_has_asked_to_take_over_is_on_the_screens_until_she_has_answered(house: House, org: Organisation) -> None:  # fmt: skip
    path = f"/incidents/{house.sos(org)}"
    browser, guard = house.signed_in(org), house.signed_in(org, "guard")
    browser.post_form(f"{path}/act", path, act="in_charge")
    browser.post_form(f"{path}/act", path, act="hand_over", to=str(org.people["guard"]))
    said = "S. Sample is in charge and has asked G. Sample to take over"
    assert said in guard.get(path).text
    guard.post_form(f"{path}/act", path, act="cannot")
    shown = browser.get(path).text
    assert (said in shown, "S. Sample is in charge" in shown) == (False, True)


def falls_silent(house: House, org: Organisation, incident_id: UUID) -> None:
    """Let time pass, as the engine would, until nobody is in charge of it and everybody was called again."""
    alarms = PostgresAlarms(house.engine, house.ring)
    for _ in range(40):
        with alarms.atomically():
            found = alarms.incident(org.id, incident_id)
            assert found is not None
            waiting = next_due(found)
            if found.nobody_answered or waiting is None:
                return
            let_time_pass(alarms, org.id, incident_id, waiting[1], ids=IDS)


def shown_line(page: str) -> list[str]:
    """Return the lines of the incident's time line, without their times."""
    part = page.split('<ol class="timeline">', 1)[1].split("</ol>", 1)[0]
    lines = re.findall(r"<li><time>[^<]*</time>(.*?)</li>", part, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in lines]


@pytest.mark.guarantee("I15")
def test_the_time_line_says_who_took_over_and_who_fell_silent_and_nobody_reads_that_nobody_answered(house: House, org: Organisation) -> None:  # fmt: skip
    incident = house.sos(org)
    path = f"/incidents/{incident}"
    browser, guard = house.signed_in(org), house.signed_in(org, "guard")
    browser.post_form(f"{path}/act", path, act="in_charge")
    guard.post_form(f"{path}/act", path, act="in_charge")
    falls_silent(house, org, incident)
    page = guard.get(path).text
    assert shown_line(page) == [
        "opened",
        "S. Sample is in charge on a page",
        "G. Sample is in charge on a page",
        "G. Sample took over from S. Sample",
        "G. Sample was silent and is no longer in charge",
    ]
    assert "People have answered, and nobody is in charge." in page
    assert "Nobody has answered" not in page


def comes_on_duty(house: House, org: Organisation, name: str, until: timedelta = timedelta(hours=5)) -> None:  # fmt: skip
    """Have somebody new begin a shift half an hour ago."""
    at = datetime.now(UTC)
    with viewing(house.conn, org.id):
        house._person(org, name, f"{org.id.hex[-8:]}-{len(org.people) + 1}", at)
        house.conn.execute(
            """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source)
            values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, 'test')""",
            (org.id, org.site_id, org.people[name], name, at - timedelta(minutes=30), at + until),
        )


@pytest.mark.guarantee("I11")
def test_charge_may_be_handed_to_whoever_came_on_duty_since_and_never_to_the_other_side(house: House, org: Organisation) -> None:  # fmt: skip
    a_case(house, org)
    path = f"/incidents/{house.sos(org)}"
    browser = house.signed_in(org)
    browser.post_form(f"{path}/act", path, act="in_charge")
    comes_on_duty(house, org, "newcomer")
    comes_on_duty(house, org, "gone_home", until=-timedelta(minutes=1))
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_shift set ends_at = now() where person_id = %s", (org.people["responder"],))  # fmt: skip
    choice = re.search(r'<select id="to".*?</select>', browser.get(path).text, re.DOTALL)
    assert choice is not None
    assert re.findall(r">([^<]+)</option>", choice[0]) == ["N. Sample"]
    browser.post_form(f"{path}/act", path, act="hand_over", to=str(org.people["newcomer"]))
    assert "has asked N. Sample to take over" in browser.get(path).text


@pytest.mark.guarantee("I2")
def test_whoever_is_on_duty_without_a_usable_way_is_not_left_out_silently(house: House, org: Organisation) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_contactmethod set verified_at = null where person_id = %s",
            (org.people["responder"],),
        )
    browser = house.signed_in(org)
    number = browser.post_form("/drills", site=str(org.site_id)).url.rsplit("/", 1)[1]
    why = "text message: not sent (this person has never answered on it)"
    shown = browser.get(f"/drills/{number}").text
    assert "People to whom nothing could be sent</th><td>1<" in shown
    assert f"<strong>R. Sample</strong>: {why}</li>" in shown
    incident = browser.get(f"/incidents/{number}").text
    # Nothing failed, and nobody kept silent: neither red nor "no answer".
    assert f"<li>{why}</li>" in incident
    assert 'R. Sample <span class="badge unknown">nothing could be sent</span>' in incident
    with viewing(house.conn, org.id):
        house.conn.execute(
            "update registry_contactmethod set revoked_at = now() where person_id = %s",
            (org.people["responder"],),
        )
    browser.post_form(f"/drills/{number}", confirm="yes")
    again = browser.post_form("/drills", site=str(org.site_id)).text
    assert "message: not sent (nothing is written down by which this person can be called)" in again


@pytest.mark.guarantee("I20")
def test_a_carrier_that_blocks_her_number_is_named_wherever_she_would_count(house: House, org: Organisation) -> None:  # fmt: skip
    browser, her = house.signed_in(org), org.people["responder"]
    browser.post_form("/reachable", site=str(org.site_id))
    with viewing(house.engine, org.id):
        house.engine.execute(
            "update notifications_delivery set state = 'failed', error = 'opted_out', ended_at = now() where person_id = %s and channel = 'sms'",
            (her,),
        )
    words = "the carrier blocks our texts to this number since STOP was texted"
    for path in ("/reachable", f"/people/{her}"):
        assert browser.get(path).text.count(words) == 1
    assert browser.get("/").text.count("the carrier blocks our texts (STOP)") == 1


def test_everybody_on_duty_can_be_asked_whether_they_are_reachable(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org)
    shown = browser.post_form("/reachable", site=str(org.site_id))
    assert "NOT covered" in shown.text
    with viewing(house.conn, org.id):
        number = house.conn.execute("select id from decisions_incident where kind = 'proof'").fetchone()[0]  # fmt: skip
    guard = house.signed_in(org, "guard")
    guard.post_form(f"/incidents/{number}/act", f"/incidents/{number}", act="seen")
    assert "proven" not in browser.get("/reachable").text
    with viewing(house.engine, org.id):
        house.engine.execute("update notifications_delivery set state = 'sent', sent_at = now() where incident_id = %s and channel = 'live'", (number,))  # fmt: skip
    guard.post_form(f"/incidents/{number}/act", f"/incidents/{number}", act="seen")
    shown = browser.get("/reachable").text
    assert "NOT covered" not in shown
    assert shown.count("screen: proven") == 1
    assert "text message: proven" not in shown
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set is_active = false where id = %s", (org.people["guard"],))  # fmt: skip
    assert "NOT covered" in browser.get("/reachable").text


@pytest.mark.guarantee("I5")
def test_an_sos_of_somebody_inactive_alarms_and_every_screen_says_so(house: House, org: Organisation) -> None:  # fmt: skip
    said, guard = "From somebody who is written down as not working here", house.signed_in(org, "guard")  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set is_active = false where id = %s", (org.people["responder"],))  # fmt: skip
    path = f"/incidents/{house.sos(org)}"
    assert said in guard.get(path).text
    assert said in guard.get("/").text


def test_it_can_be_handed_over_to_whoever_was_told_and_not_to_the_one_who_pressed(house: House, org: Organisation) -> None:  # fmt: skip
    path, guard = f"/incidents/{house.sos(org)}", house.signed_in(org, "guard")
    guard.post_form(f"{path}/act", path, act="in_charge")
    assert re.findall(r"<option value=[^>]*>([^<]*)", guard.get(path).text) == ["S. Sample"]


@pytest.mark.guarantee("I19")
def test_a_lead_takes_the_time_line_of_an_incident_as_a_text_and_that_is_in_it(house: House, org: Organisation) -> None:  # fmt: skip
    path, guard = f"/incidents/{house.sos(org)}", house.signed_in(org, "guard")
    guard.post_form(f"{path}/act", path, act="in_charge")
    told = house.signed_in(org).post_form(f"{path}/timeline", path)
    assert told.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert told.headers["Content-Disposition"] == 'attachment; filename="timeline.txt"'
    assert "R. Sample: An SOS was raised and is stored." in told.text
    assert "G. Sample: " in told.text
    assert "A protected record was read" in told.text
    assert guard.post_form(f"{path}/timeline", path).status_code == 404


def test_the_page_says_what_has_to_be_seen_to_at_a_site_of_its_kind_and_who_does(house: House, org: Organisation) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_site set kind = 'emergency_call_centre' where id = %s", (org.site_id,))  # fmt: skip
    path, guard = f"/incidents/{house.sos(org)}", house.signed_in(org, "guard")
    guard.post_form(f"{path}/act", path, act="locking")
    shown = guard.get(path).text
    assert 'Lock the doors and keep them locked <span class="badge good">G. Sample</span>' in shown
    assert "<li>Ask the back-up centre to take the calls</li>" in shown
    assert "<li>Hold inbound crews off the site</li>" in shown
    assert "Tell everybody to stay inside" not in shown


@pytest.mark.guarantee("I15")
@pytest.mark.parametrize(("lead_works_here", "said", "unsaid"), [(True, "Step 1 called nobody: nobody on duty can be reached by it.", "Nobody on duty can be called"), (False, "Nobody on duty can be called from here. Call people by phone.", "Step 1")])  # fmt: skip
def test_a_step_that_rings_nobody_is_said_on_every_screen(house: House, org: Organisation, lead_works_here: bool, said: str, unsaid: str) -> None:  # fmt: skip
    browser = house.signed_in(org, "guard")
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_shift set ends_at = now() where organisation_id = %s", (org.id,))  # fmt: skip
        house.conn.execute("update registry_person set is_active = %s where id = %s", (lead_works_here, org.people["safety_lead"]))  # fmt: skip
    incident = house.sos(org)
    for path in ("/", f"/incidents/{incident}"):
        shown = browser.get(path).text
        assert said in shown
        assert unsaid not in shown


@pytest.mark.guarantee("I15")
def test_with_too_few_coming_it_is_said_that_others_are_called_still(house: House, org: Organisation) -> None:  # fmt: skip
    path, guard = f"/incidents/{house.sos(org)}", house.signed_in(org, "guard")
    with viewing(house.engine, org.id):
        house.engine.execute("update decisions_incident set policy = jsonb_set(policy, '{steps,0,quorum}', '2') where organisation_id = %s", (org.id,))  # fmt: skip
    guard.post_form(f"{path}/act", path, act="in_charge")
    assert "1 of 2 people are coming: others are called still" in guard.get("/").text
    house.signed_in(org).post_form(f"{path}/act", path, act="going")
    assert "others are called still" not in guard.get("/").text


@pytest.mark.guarantee("I15")
@pytest.mark.parametrize(
    ("became", "said", "mark"),
    [
        ("state = 'failed', error = 'outside_hours'", "not sent (outside the hours at which it may be used)", "unknown"),
        ("state = 'failed', error = 'http_503', attempt = 1", "not delivered (the provider refused it: 503)", "bad"),
        ("state = 'retrying', error = 'timeout', attempt = 1", "trying again (the provider did not answer in time)", "unknown"),
        ("state = 'sent', sent_at = now(), attempt = 1", "sent; nobody has seen it", "unknown"),
        ("state = 'unanswered', attempt = 1", "unanswered", "bad"),
        ("state = 'cancelled'", "not sent, no longer needed", "unknown"),
        ("state = 'seen', attempt = 1", "proven", "good"),
    ],
)  # fmt: skip
def test_who_is_reachable_says_of_each_question_what_became_of_it_and_only_what_failed_in_red(
    house: House, org: Organisation, became: str, said: str, mark: str
) -> None:
    browser = house.signed_in(org)
    browser.post_form("/reachable", site=str(org.site_id))
    with viewing(house.engine, org.id):
        house.engine.execute(f"update notifications_delivery set {became} where organisation_id = %s and channel = 'sms'", (org.id,))  # fmt: skip
    shown = browser.get("/reachable").text
    assert f'<span class="badge {mark}">text message: {said}</span>' in shown


@pytest.mark.guarantee("I15")
def test_who_is_reachable_shows_the_last_question_only_and_no_way_that_is_taken_away(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org)
    browser.post_form("/reachable", site=str(org.site_id))
    with viewing(house.engine, org.id):
        house.engine.execute("update notifications_delivery set state = 'failed', channel = '', error = 'no_way' where organisation_id = %s and channel = 'sms'", (org.id,))  # fmt: skip
    nothing = "nothing is written down by which this person can be called"
    assert nothing in browser.get("/reachable").text
    browser.post_form("/reachable", site=str(org.site_id))
    assert "text message:" in browser.get("/reachable").text
    assert nothing not in browser.get("/reachable").text
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_contactmethod set revoked_at = now() where channel = 'sms'")  # fmt: skip
    assert "text message:" not in browser.get("/reachable").text


@pytest.mark.guarantee("I20")
def test_what_was_proved_of_a_number_that_is_taken_away_covers_nothing(house: House, org: Organisation) -> None:  # fmt: skip
    browser = house.signed_in(org)
    browser.post_form("/reachable", site=str(org.site_id))
    with viewing(house.engine, org.id):
        house.engine.execute("update notifications_delivery set state = 'seen' where organisation_id = %s and channel = 'sms' and person_id = %s", (org.id, org.people["guard"]))  # fmt: skip
    assert "NOT covered" not in browser.get("/reachable").text
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_contactmethod set revoked_at = now() where person_id = %s", (org.people["guard"],))  # fmt: skip
    assert "NOT covered" in browser.get("/reachable").text


def test_a_site_is_covered_only_with_as_many_proven_people_as_its_policy_asks_for(house: House, org: Organisation) -> None:  # fmt: skip
    steps = [{"offset_s": 0, "who": ["everyone_on_duty"]}, {"offset_s": 30, "who": ["role:safety_lead", "manager", "everyone_on_duty"]}]  # fmt: skip
    body = json.dumps({"id": str(org.site_id), "name": "two", "kind": "sos", "required_proven": 2, "steps": steps})  # fmt: skip
    lead, path = house.signed_in(org, "safety_lead"), f"/sites/{org.site_id}"
    lead.post_form(f"{path}/policy", path, document=body)
    lead.post_form("/reachable", site=str(org.site_id))
    shown = []
    for role in ("guard", "shift_lead"):
        with viewing(house.engine, org.id):
            house.engine.execute("update notifications_delivery set state = 'seen' where organisation_id = %s and channel = 'sms' and person_id = %s", (org.id, org.people[role]))  # fmt: skip
        shown.append(["NOT covered" in lead.get(page).text for page in ("/reachable", "/")])
    assert shown == [[True, True], [False, False]]


@pytest.mark.guarantee("I18")
def test_who_is_set_inactive_is_in_charge_of_nothing_from_that_press_on(house: House, org: Organisation) -> None:  # fmt: skip
    path = f"/incidents/{house.sos(org)}"
    house.signed_in(org, "guard").post_form(f"{path}/act", path, act="in_charge")
    edit, lead = f"/people/{org.people['guard']}/edit", house.signed_in(org, "safety_lead")
    values = {"staff_number": f"{org.id.hex[-8:]}-2", "name": "Guard Sample", "short_name": "G. Sample", "role": "guard", "language": "en", "site": str(org.site_id)}  # fmt: skip
    assert lead.post_form(edit, edit, **values, is_active="on").ok
    assert "G. Sample is in charge" in lead.get("/").text
    assert lead.post_form(edit, edit, **values).ok
    board = lead.get("/").text
    assert ("G. Sample is in charge" in board, "Nobody is in charge" in board) == (False, True)


@pytest.mark.guarantee("I15")
def test_who_handed_over_or_lapsed_is_shown_in_charge_no_longer(house: House, org: Organisation) -> None:  # fmt: skip
    path = f"/incidents/{house.sos(org)}"
    lead, guard = house.signed_in(org), house.signed_in(org, "guard")
    lead.post_form(f"{path}/act", path, act="in_charge")
    lead.post_form(f"{path}/act", path, act="hand_over", to=str(org.people["guard"]))
    shown = guard.post_form(f"{path}/act", path, act="in_charge").text
    assert "<strong>S. Sample</strong> was in charge and is no longer" in shown
    assert "<strong>G. Sample</strong> is in charge" in shown
    assert 'aria-pressed="true" class="act-in_charge"' in shown
    with viewing(house.engine, org.id):
        house.engine.execute("update decisions_incident set progress = jsonb_set(progress, '{charge}', 'null') where organisation_id = %s", (org.id,))  # fmt: skip
    shown = guard.get(path).text
    assert "Nobody is in charge" in shown
    assert "<strong>G. Sample</strong> was in charge and is no longer" in shown
    assert 'aria-pressed="true" class="act-in_charge"' not in shown
