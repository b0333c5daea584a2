"""Who must look sees a way and no name; she sees her own; the one who is kept from her sees what he always sees."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import requests

from tests.pages.house import IDS, Browser, House, Organisation
from tocsin.decisions.store_following import is_followed
from tocsin.flow.ask_to_look import SOMETHING
from tocsin.flow.open_held_walks import hold_due, open_held_walks
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.links import answer_secret
from tocsin.signals.rules.hold import WalkPlan
from tocsin.signals.rules.serving import way_mark
from tocsin.signals.store_holds import load_plan, load_plans, save_offers, save_plan

# The guard is the one who is protected here: she can sign in.
HER = "guard"
PHRASE = "Is the blue folder still with you?"
USUAL = way_mark(None)
# What moves on with the clock.
MINUTES = re.compile(r"\d+ minutes? left|csrfmiddlewaretoken\" value=\"\w+|\d\d:\d\d(:\d\d)?")


def protect(house: House, org: Organisation, party: str = "") -> UUID:
    """Open a case for the guard, whose shift ends in five minutes; `party` is kept from her."""
    case_id, at = uuid7(), datetime.now(UTC)
    her = org.people[HER]
    house.engine.execute(
        """insert into registry_case (id, organisation_id, word, protected_id, respondent_sealed, opened_at, opened_by_id)
        values (%s, %s, %s, %s, '', %s, %s)""",
        (case_id, org.id, case_id.hex[-6:], her, at, org.people["safety_lead"]),
    )
    if party:
        house.engine.execute(
            "insert into registry_party (id, organisation_id, case_id, person_id, since) values (%s, %s, %s, %s, %s)",
            (uuid7(), org.id, case_id, org.people[party], at),
        )
    house.engine.execute(
        "update registry_shift set ends_at = %s where organisation_id = %s and person_id = %s",
        (at + timedelta(minutes=5), org.id, her),
    )
    return case_id


def hold(house: House, org: Organisation) -> UUID:
    """Let the engine read the roster, and return the hold that it opened for her leaving."""
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        open_held_walks(alarms, ids=IDS)
    row = house.engine.execute(
        "select id from signals_hold where organisation_id = %s and kind = 'leaving'", (org.id,)
    ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found


def its_time_is_over(house: House, org: Organisation, hold_id: UUID) -> None:
    """Let the engine come to a hold of three hours ago."""
    house.engine.execute(
        """update signals_hold set shift_ends_at = shift_ends_at - interval '3 hours', due_at = now(), due_set_at = now()
        where id = %s""",
        (hold_id,),
    )
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        assert hold_due(alarms, org.id, hold_id, alarms.now(), ids=IDS)


def state(house: House, hold_id: UUID) -> tuple[str, bool]:
    row = house.engine.execute(
        "select state, missed_look from signals_hold where id = %s", (hold_id,)
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_who_is_to_look_sees_the_way_and_the_minutes_and_no_name(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold(house, org)
    shown = house.signed_in(org).get("/walks").text
    assert "NOBODY HAS LOOKED" in shown
    assert "5 minutes left" in shown
    assert "G. Sample" not in shown
    board = house.signed_in(org, again=True).get("/").text
    assert "NOBODY HAS LOOKED" in board


def test_a_look_is_kept_with_the_one_who_looked(house: House, org: Organisation) -> None:
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org)
    shown = browser.post_form(
        f"/walks/{hold_id}/look", "/walks", way=USUAL, how="camera", saw="nothing"
    )
    assert "S. Sample has looked; nothing seen" in shown.text
    assert state(house, hold_id) == ("looked", False)
    for word in ("clear", "safe"):
        assert word not in shown.text.lower().replace("never makes a place clear", "")


@pytest.mark.guarantee("I20")
def test_who_is_off_duty_and_was_not_asked_has_not_looked_but_may_have_seen_something(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    who = org.people["shift_lead"]
    house.engine.execute("update registry_shift set ends_at = now() where person_id = %s", (who,))
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set role = 'responder' where id = %s", (who,))
    hold_id, browser = hold(house, org), house.signed_in(org)
    shown = browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="nothing")
    assert "You are not on duty, and nobody asked you" in shown.text
    assert state(house, hold_id)[0] == "held"
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="something")
    assert state(house, hold_id)[0] == "something"


def test_who_could_not_see_has_not_looked(house: House, org: Organisation) -> None:
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org)
    shown = browser.post_form(
        f"/walks/{hold_id}/look", "/walks", way=USUAL, how="camera", saw="could_not"
    )
    assert "NOBODY HAS LOOKED" in shown.text
    assert "last look" in shown.text


def test_something_seen_waits_for_a_lead_who_decides(house: House, org: Organisation) -> None:
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org)
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, how="patrol", saw="something")
    assert state(house, hold_id)[0] == "something"
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="nothing")
    assert state(house, hold_id)[0] == "something"
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="nothing", decides="1")
    assert state(house, hold_id)[0] == "looked"


def test_her_shift_is_read_by_the_wall_clock_of_its_site(house: House, org: Organisation) -> None:
    protect(house, org)
    house.engine.execute(
        "update registry_site set time_zone = 'America/Denver' where organisation_id = %s",
        (org.id,),
    )
    alarms, at = PostgresAlarms(house.engine, house.ring), datetime.now(UTC)
    with alarms.atomically():
        stays = alarms.stays(at, at + timedelta(hours=1))
    hers = [stay for stay in stays if stay.person_id == org.people[HER]]
    assert [stay.time_zone for stay in hers] == ["America/Denver"]


@pytest.mark.guarantee("I12")
def test_who_is_kept_from_her_sees_no_way_and_cannot_look(house: House, org: Organisation) -> None:
    browser = house.signed_in(org)
    before = browser.get("/walks").text, browser.get("/").text
    protect(house, org, party="shift_lead")
    hold_id = hold(house, org)
    after = browser.get("/walks").text, browser.get("/").text
    assert "NOBODY HAS LOOKED" not in "".join(after)
    assert [len(text) for text in after] == [len(text) for text in before]
    refused = browser.post_form(f"/walks/{hold_id}/look", "/my-walks", way=USUAL, saw="nothing")
    assert refused.status_code == 404
    assert state(house, hold_id) == ("held", False)
    asked = house.engine.execute(
        "select person_id from notifications_delivery where organisation_id = %s", (org.id,)
    ).fetchall()
    assert org.people["shift_lead"] not in {row[0] for row in asked}
    assert asked


def look_secret(house: House, org: Organisation) -> str:
    """Return the secret of the link that asked the shift lead to look."""
    row = house.engine.execute(
        "select id, template from notifications_delivery where organisation_id = %s and person_id = %s and channel = 'sms'",
        (org.id, org.people["shift_lead"]),
    ).fetchone()
    assert row is not None
    assert row[1] == "look_asked"
    return answer_secret(house.keys.answer, org.id, row[0])


def test_a_link_asks_what_was_seen_and_keeps_the_look(house: House, org: Organisation) -> None:
    protect(house, org)
    hold_id = hold(house, org)
    secret = look_secret(house, org)
    shown = _post(house, "/a/show", secret=secret)
    assert "Could not see" in shown.text
    assert "G. Sample" not in shown.text
    assert state(house, hold_id)[0] == "held"
    _post(house, "/a/act", secret=secret, act="look-nothing", how="car")
    assert state(house, hold_id)[0] == "looked"
    assert _post(house, "/a/act", secret=secret, act="look-everything").status_code == 404


def test_a_look_by_link_that_is_sent_again_counts_once_and_asks_the_leads_once(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id = hold(house, org)
    press = "0123456789abcdef" * 2
    pressed = {"secret": look_secret(house, org), "act": "look-something", "how": "camera", "press": press}  # fmt: skip
    assert "Received." in _post(house, "/a/act", **pressed).text
    # The answer was lost on its way: the page tries again.
    assert "Received." in _post(house, "/a/act", **pressed).text
    assert looks(house, hold_id) == [("camera", "something")]
    assert asked_of_leads(house, hold_id) == 1
    # Another press of the same minute is another look, and not a try of this one.
    _post(house, "/a/act", **{**pressed, "how": "patrol", "press": press[::-1]})
    assert looks(house, hold_id) == [("camera", "something"), ("patrol", "something")]


def test_a_look_by_link_that_the_page_kept_for_minutes_is_asked_for_once_more(
    house: House, org: Organisation
) -> None:
    protect(house, org)
    hold_id = hold(house, org)
    pressed = {"secret": look_secret(house, org), "act": "look-nothing", "how": "car"}
    late = _post(house, "/a/act", **pressed, waited_ms="181000").text
    assert "please look once more" in late
    assert state(house, hold_id)[0] == "held"
    assert looks(house, hold_id) == []
    _post(house, "/a/act", **pressed, waited_ms="20000")
    assert state(house, hold_id)[0] == "looked"


def looks(house: House, hold_id: UUID) -> list[tuple[str, str]]:
    return house.engine.execute(
        "select how, saw from signals_look where walk_id = %s order by at, id", (hold_id,)
    ).fetchall()


def asked_of_leads(house: House, hold_id: UUID) -> int:
    rows = house.engine.execute(
        "select policy ->> 'name' from decisions_incident where walk_id = %s", (hold_id,)
    ).fetchall()
    return [name for (name,) in rows].count(SOMETHING)


def _post(house: House, path: str, **values: str) -> requests.Response:
    return requests.post(house.base + path, data=values, timeout=20)


def test_she_sets_her_plan_and_her_phrase_is_sealed_and_not_shown(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    browser = house.signed_in(org, HER)
    browser.post_form("/my-walks", at_end="1", timer_s="180", phrase=PHRASE, answer="blue")
    shown = browser.get("/my-walks").text
    assert "A sentence is agreed" in shown
    assert PHRASE not in shown
    with viewing(house.conn, org.id):
        row = house.conn.execute(
            "select phrase_sealed, at_start, timer_s from signals_walkplan where person_id = %s",
            (org.people[HER],),
        ).fetchone()
    assert row is not None
    assert PHRASE.encode() not in bytes(row[0])
    assert row[1:] == (False, 180)
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        plan = alarms.walk_plan(org.id, org.people[HER])
    assert (plan.phrase, plan.answer) == (PHRASE, "blue")


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("help is near", "call everybody"),
        ("Stay inside", "tells too much"),
        ("x" * 61, "too long"),
        ("...", "at least one word"),
    ],
)
def test_a_phrase_that_tells_or_calls_is_refused_at_its_field(house: House, org: Organisation, phrase: str, said: str) -> None:  # fmt: skip
    browser = house.signed_in(org, HER)
    shown = browser.post_form("/my-walks", at_end="1", timer_s="300", phrase=phrase)
    assert (shown.status_code, said in shown.text) == (422, True)


def test_her_page_says_that_nobody_has_looked_and_lets_her_decline(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org, HER)
    assert "Nobody has looked yet" in browser.get("/my-walks").text
    browser.post_form("/my-walks/hold", "/my-walks", act="decline")
    assert state(house, hold_id) == ("declined", False)
    assert "Nobody has looked yet" not in browser.get("/my-walks").text


def test_a_way_that_she_declined_looks_to_all_others_as_if_she_had_said_nothing(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, she, other = hold(house, org), house.signed_in(org, HER), house.signed_in(org)
    ways, board = (MINUTES.sub("", other.get(path).text) for path in ("/walks", "/"))
    she.post_form("/my-walks/hold", "/my-walks", act="decline")
    assert (ways, board) == tuple(MINUTES.sub("", other.get(path).text) for path in ("/walks", "/"))
    # Whoever looks all the same is answered, and is shown, as ever.
    for saw, said in (("could_not", "NOBODY HAS LOOKED"), ("nothing", "S. Sample has looked; nothing seen")):  # fmt: skip
        shown = other.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, how="camera", saw=saw)  # fmt: skip
        assert said in shown.text
    she.post_form("/my-walks/hold", "/my-walks", act="forget")
    assert "S. Sample has looked; nothing seen" in other.get("/walks").text
    assert "Nobody has looked yet" not in she.get("/my-walks").text
    its_time_is_over(house, org, hold_id)
    assert "Nobody waits for a look now." in other.get("/walks").text


@pytest.mark.parametrize("declines", [False, True])
def test_what_a_lead_decided_about_a_way_is_shown_alike_whether_she_declined_it_or_not(house: House, org: Organisation, declines: bool) -> None:  # fmt: skip
    protect(house, org)
    hold_id, she, other = hold(house, org), house.signed_in(org, HER), house.signed_in(org)
    if declines:
        she.post_form("/my-walks/hold", "/my-walks", act="decline")
    look = {"way": USUAL, "how": "camera"}
    other.post_form(f"/walks/{hold_id}/look", "/walks", **look, saw="something")
    shown = other.post_form(f"/walks/{hold_id}/look", "/walks", **look, saw="nothing").text
    assert "Something was seen. A lead decides" in shown
    shown = other.post_form(f"/walks/{hold_id}/look", "/walks", **look, saw="nothing", decides="1").text  # fmt: skip
    assert "S. Sample has looked; nothing seen" in shown
    assert "Something was seen. A lead decides" not in shown


def test_a_way_that_she_declined_is_gone_when_she_starts_a_walk(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold(house, org)
    house.signed_in(org, HER).post_form("/my-walks/hold", "/my-walks", act="decline")
    other = house.signed_in(org)
    assert "NOBODY HAS LOOKED" in other.get("/walks").text
    house.engine.execute(
        """insert into signals_walk (id, organisation_id, person_id, site_id, key, state, started_at, timer_s, timer_set_at,
            due_at, way, ended_how) values (%s, %s, %s, %s, %s, 'walking', now(), 180, now(), now() + interval '3 min', '', '')""",
        (uuid7(), org.id, org.people[HER], org.site_id, uuid7().hex),
    )
    assert "Nobody waits for a look now." in other.get("/walks").text


def way_card(browser: Browser) -> str:
    """Return the card of the only way, without what moves on with the clock."""
    shown = browser.get("/walks").text
    return MINUTES.sub("", shown.split("<article", 1)[1].split("</article>", 1)[0])


@pytest.mark.guarantee("I15")
def test_whether_she_knows_is_said_alike_before_and_after_a_silent_press_and_never_that_it_was_sent(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, other = hold(house, org), house.signed_in(org)
    before = way_card(other)
    assert "She has not answered, so nobody knows whether she knows that she is to stay inside." in before  # fmt: skip
    assert "was sent" not in before
    # Her sentence waits still, and is held back.
    house.sos(org, by=HER, silent=True)
    assert way_card(other) == before
    # To what is seen now she is sent none.
    other.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, how="camera", saw="something")
    assert "nobody knows whether she knows that she is to stay inside" in way_card(other)


@pytest.mark.guarantee("I20")
def test_her_page_takes_no_look_for_one_that_grew_too_old_while_no_engine_ran(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org)
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="nothing")
    hers = house.signed_in(org, HER, again=True)
    assert "Somebody has looked in the last three minutes" in hers.get("/my-walks").text
    house.engine.execute(
        "update signals_hold set looked_until = looked_until - interval '200 seconds' where id = %s",
        (hold_id,),
    )
    assert "Nobody has looked yet" in hers.get("/my-walks").text


def test_her_page_shows_the_walk_off_one_site_also_when_she_is_to_be_met_at_another(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id = hold(house, org)
    house.engine.execute(
        """insert into signals_hold (id, organisation_id, person_id, site_id, kind, shift_ends_at, opened_at, state,
        missed_look, explained) select %s, organisation_id, person_id, site_id, 'arriving',
        shift_ends_at - interval '5 minutes', opened_at, 'held', false, '' from signals_hold where id = %s""",
        (uuid7(), hold_id),
    )
    assert "Nobody has looked yet" in house.signed_in(org, HER).get("/my-walks").text


def test_who_has_no_case_sees_the_same_page_with_nothing_held(house: House, org: Organisation) -> None:  # fmt: skip
    shown = house.signed_in(org).get("/my-walks")
    assert (shown.status_code, "No walk of yours is held" in shown.text) == (200, True)


def test_a_missed_look_is_the_employers_to_explain(house: House, org: Organisation) -> None:
    case_id = protect(house, org)
    hold_id = hold(house, org)
    house.signed_in(org, HER).post_form("/my-walks/hold", "/my-walks", act="decline")
    lead = house.signed_in(org, "safety_lead")
    # That she chose just now is not to be seen.
    assert "No look was missed" in lead.get("/walks/missed").text
    its_time_is_over(house, org, hold_id)
    shown = lead.get("/walks/missed").text
    assert "Not explained" in shown
    assert "G. Sample" not in shown
    assert "declined" not in shown
    lead.post_form(f"/walks/{hold_id}/explain", "/walks/missed", because="camera_out")
    assert "the camera did not work" in lead.get("/walks/missed").text
    logs = house.engine.execute(
        """select tocsin_log_of(organisation_id, incident_id, kind, leaf) from record_entry
        where organisation_id = %s and kind = 'hold.explained'""",
        (org.id,),
    ).fetchall()
    # Whoever takes the employer's log out would learn of her by it.
    assert logs == [(case_id,)]
    assert house.signed_in(org, HER, again=True).get("/walks/missed").status_code == 404


def test_a_lead_with_a_grant_offers_and_she_takes_or_declines(house: House, org: Organisation) -> None:  # fmt: skip
    case_id = protect(house, org)
    lead, path = house.signed_in(org, "safety_lead"), f"/people/{org.people[HER]}/walks"
    assert lead.get(path).status_code == 404
    with viewing(house.conn, org.id, org.people["safety_lead"]):
        house.conn.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, reason_sealed, asked_at,
                asked_by_id, told_id, until_at)
            values (%s, %s, %s, %s, 'break_glass', 'x', now(), %s, %s, now() + interval '30 minutes')""",
            (
                uuid7(),
                org.id,
                case_id,
                org.people["safety_lead"],
                org.people["safety_lead"],
                org.people["shift_lead"],
            ),
        )
    lead.post_form(path, what="time", value="15")
    lead.post_form(path, what="pick_up")
    assert lead.post_form(path, what="time", value="900").status_code == 422
    with viewing(house.conn, org.id, org.people[HER]):
        looks = house.conn.execute(
            "select person_id from registry_reading where case_id = %s and what = 'walks'",
            (case_id,),
        ).fetchall()
    assert (org.people["safety_lead"],) in looks
    hers = house.signed_in(org, HER)
    assert "15 minutes" in hers.get("/my-walks").text
    hers.post_form("/my-walks/offer", "/my-walks", what="time", act="decline")
    hers.post_form("/my-walks/offer", "/my-walks", what="pick_up", act="take")
    hold(house, org)
    ways = house.signed_in(org).get("/walks").text
    assert "a car comes to the door" in ways
    assert "min off" not in ways
    her = org.people[HER]
    assert load_plans(house.engine, [her])[her].later_min == 0
    hers.post_form("/my-walks/offer", "/my-walks", what="time", act="take")
    assert load_plans(house.engine, [her])[her].later_min == 15


@pytest.mark.guarantee("I20")
def test_another_exit_that_a_lead_offers_is_her_way_once_she_takes_it_and_not_before(house: House, org: Organisation) -> None:  # fmt: skip
    case_id, lead = protect(house, org), house.signed_in(org, "safety_lead")
    path, sefa, back = f"/people/{org.people[HER]}/walks", org.people["safety_lead"], uuid7()
    with viewing(house.conn, org.id, sefa):
        house.conn.execute(
            """insert into registry_grant (id, organisation_id, case_id, person_id, kind, reason_sealed, asked_at,
                asked_by_id, told_id, until_at)
            values (%s, %s, %s, %s, 'break_glass', 'x', now(), %s, %s, now() + interval '30 minutes')""",
            (uuid7(), org.id, case_id, sefa, sefa, org.people["shift_lead"]),
        )
    house.engine.execute(
        "insert into registry_place (id, organisation_id, site_id, kind, name) values (%s, %s, %s, 'door', 'Back exit')",
        (back, org.id, org.site_id),
    )
    assert lead.post_form(path, what="exit", value=str(uuid7())).status_code == 422
    assert lead.post_form(path, what="exit", value=str(back)).status_code == 200
    hold(house, org)
    post, hers = house.signed_in(org), house.signed_in(org, HER)
    assert "Back exit" not in post.get("/walks").text
    assert "Back exit" in hers.get("/my-walks").text
    hers.post_form("/my-walks/offer", "/my-walks", what="exit", act="take")
    assert "Back exit" in post.get("/walks").text


def test_both_stores_know_the_places_and_the_exit_that_she_took(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    her, there, back = org.people[HER], uuid7(), uuid7()
    plan = WalkPlan(org.id, her, places=(there,), timer_s=180)
    taken = {"exit": {"value": str(back), "answer": "taken"}}
    with viewing(house.conn, org.id, her):
        save_plan(house.conn, house.ring, plan, at=datetime.now(UTC))
        save_offers(house.conn, org.id, her, taken, at=datetime.now(UTC))
    wanted = replace(plan, exit_id=back)
    assert load_plans(house.engine, [her])[her] == wanted
    # What the snapshot takes for the hours without PostgreSQL.
    assert load_plan(house.engine, house.ring, org.id, her) == wanted


def open_questions(house: House, org: Organisation) -> int:
    row = house.engine.execute(
        "select count(*) from decisions_incident where organisation_id = %s and kind = 'look' and closed_at is null",
        (org.id,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def offer_another_exit(house: House, org: Organisation) -> UUID:
    there = uuid7()
    offered = {"exit": {"value": str(there), "answer": "offered"}}
    with viewing(house.conn, org.id, org.people[HER]):
        save_offers(house.conn, org.id, org.people[HER], offered, at=datetime.now(UTC))
    return there


@pytest.mark.guarantee("I20")
def test_the_tap_that_takes_another_exit_takes_the_look_at_the_old_one_away(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org)
    there = offer_another_exit(house, org)
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="nothing")
    assert state(house, hold_id)[0] == "looked"
    hers = house.signed_in(org, HER, again=True)
    hers.post_form("/my-walks/offer", "/my-walks", what="exit", act="take")
    assert state(house, hold_id)[0] == "held"
    assert "Nobody has looked yet" in hers.get("/my-walks").text
    mark = way_mark(WalkPlan(org.id, org.people[HER], exit_id=there))
    assert f'name="way" value="{mark}"' in house.signed_in(org, again=True).get("/walks").text


@pytest.mark.guarantee("I20")
def test_a_look_at_the_way_that_was_shown_before_she_took_another_exit_is_none_at_hers(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org)
    offer_another_exit(house, org)
    assert open_questions(house, org) == 1
    hers = house.signed_in(org, HER, again=True)
    hers.post_form("/my-walks/offer", "/my-walks", what="exit", act="take")
    assert open_questions(house, org) == 0
    for way in (USUAL, ""):
        shown = browser.post_form(f"/walks/{hold_id}/look", "/walks", way=way, saw="nothing")
        assert "Nobody waits for this look any more." in shown.text
    assert state(house, hold_id)[0] == "held"
    # What somebody saw is never turned away, whichever way she was shown.
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="something")
    assert state(house, hold_id)[0] == "something"


def test_other_places_to_be_looked_at_take_the_look_away_and_another_timer_does_not(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, browser = hold(house, org), house.signed_in(org)
    browser.post_form(f"/walks/{hold_id}/look", "/walks", way=USUAL, saw="nothing")
    hers, place = house.signed_in(org, HER, again=True), uuid7()
    hers.post_form("/my-walks", at_end="1", timer_s="180")
    assert state(house, hold_id)[0] == "looked"
    house.engine.execute(
        """insert into registry_place (id, organisation_id, site_id, kind, name)
        select %s, organisation_id, site_id, 'door', 'West lot' from signals_hold where id = %s""",
        (place, hold_id),
    )
    hers.post_form("/my-walks", at_end="1", timer_s="180", places=str(place))
    assert state(house, hold_id)[0] == "held"


@pytest.mark.guarantee("I23")
def test_while_she_comes_to_her_shift_and_somebody_is_to_meet_her_her_phone_is_not_followed(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    her = org.people[HER]
    house.engine.execute(
        "update registry_shift set starts_at = now() + interval '5 minutes', ends_at = now() + interval '8 hours' where person_id = %s",
        (her,),
    )
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        open_held_walks(alarms, ids=IDS)
    kinds = house.engine.execute("select kind, state from signals_hold where person_id = %s", (her,)).fetchall()  # fmt: skip
    assert kinds == [("arriving", "held")]
    assert open_questions(house, org) == 1
    assert not is_followed(house.engine, org.id, her)


def test_nothing_that_she_declined_is_in_the_record(house: House, org: Organisation) -> None:
    protect(house, org)
    hold(house, org)
    house.signed_in(org, HER).post_form("/my-walks/hold", "/my-walks", act="decline")
    with viewing(house.conn, org.id):
        kinds = house.conn.execute("select distinct kind from record_entry").fetchall()
    found = {row[0] for row in kinds}
    assert "hold.opened" in found
    assert not any("declin" in kind for kind in found)


def test_what_she_chose_is_hers_to_delete_and_the_missed_look_stays(house: House, org: Organisation) -> None:  # fmt: skip
    protect(house, org)
    hold_id, her = hold(house, org), house.signed_in(org, HER)
    her.post_form("/my-walks/hold", "/my-walks", act="decline")
    her.post_form("/my-walks/hold", "/my-walks", act="forget")
    its_time_is_over(house, org, hold_id)
    row = house.engine.execute(
        "select state, declined_at, missed_look from signals_hold where id = %s", (hold_id,)
    ).fetchone()
    assert row == ("over", None, True)
