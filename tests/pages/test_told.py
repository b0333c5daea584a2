"""A person's report on the screens: the same answer whoever it was, and a page for those who were told of it."""

import re
from uuid import UUID, uuid4

import pytest
import requests

from tests.pages.case_in_house import a_case
from tests.pages.house import IDS, Browser, House, Organisation
from tests.pages.test_seen import case_id, org
from tocsin.engine.sightings import Sighted
from tocsin.flow.postgres_alarms import PostgresAlarms

__all__ = ["case_id", "org"]
NOBODY = "A man in a grey jacket waits by the gate"
HE = "Rex Notreal waits by the gate, he is here"


def report(house: House, org: Organisation, browser: Browser, words: str) -> requests.Response:
    """Report on the page, and let the engine take it."""
    answer = browser.post_form("/seen", words=words, where=str(org.site_id), before_s="0", track=str(uuid4()))  # fmt: skip
    alarms = PostgresAlarms(house.engine, house.ring)
    sighted = Sighted(None, house.ring, IDS, "engine")  # type: ignore[arg-type]
    with alarms.atomically():
        sighted.take(alarms)
    return answer


def masked(text: str) -> str:
    """Return a page without its tokens and the time of day."""
    text = re.sub(r'value="[A-Za-z0-9-]{36,64}"', "", text)
    return re.sub(r"\d\d:\d\d(:\d\d)?", "TIME", text)


@pytest.mark.guarantee("I15")
@pytest.mark.guarantee("I11")
def test_the_answer_is_the_same_whoever_it_was_and_says_what_is_true(
    house: House, org: Organisation, case_id: UUID
) -> None:
    # The guard is a party of the case: he learns no more than anybody.
    browser = house.signed_in(org, "guard")
    answers = [report(house, org, browser, words) for words in (HE, NOBODY)]
    assert masked(answers[0].text) == masked(answers[1].text)
    assert len(answers[0].content) == len(answers[1].content)
    assert "whoever leads here is told that it waits" in answers[0].text
    assert browser.get("/reports").text.count(NOBODY) == 0


def test_who_leads_reads_the_words_takes_them_on_and_puts_them_aside(
    house: House, org: Organisation
) -> None:
    guard, lead = house.signed_in(org, "guard"), house.signed_in(org)
    report(house, org, guard, NOBODY)
    assert "Somebody reported something that waits for you" in lead.get("/").text
    shown = lead.get("/reports")
    assert NOBODY in shown.text
    row = house.engine.execute(
        "select id from signals_toldreport where organisation_id = %s", (org.id,)
    ).fetchone()
    assert row
    assert guard.post_to(f"/reports/{row[0]}", guard.token(guard.get("/seen")), act="aside").status_code == 404  # fmt: skip
    taken = lead.post_to(f"/reports/{row[0]}", lead.token(shown), act="take")
    assert "sees to it" in taken.text
    assert "waits for you" not in lead.get("/").text
    gone = lead.post_to(f"/reports/{row[0]}", lead.token(taken), act="aside")
    assert NOBODY not in gone.text
    assert "Nothing waits for you." in gone.text


@pytest.mark.guarantee("I12")
def test_whoever_becomes_a_party_reads_nothing_of_it_any_more(
    house: House, org: Organisation, case_id: UUID
) -> None:
    lead = house.signed_in(org)
    report(house, org, house.signed_in(org, "guard"), NOBODY)
    assert NOBODY in lead.get("/reports").text
    house.engine.execute("update registry_party set until = now() where case_id = %s", (case_id,))
    house.engine.execute(
        """insert into registry_party (id, organisation_id, case_id, person_id, since)
        values (%s, %s, %s, %s, now())""",
        (uuid4(), org.id, case_id, org.people["shift_lead"]),
    )
    assert NOBODY not in lead.get("/reports").text


def test_who_has_several_open_cases_is_asked_which_on_her_own_page_only(
    house: House, org: Organisation, case_id: UUID
) -> None:
    house.engine.execute("update registry_case set word = 'LARK' where id = %s", (case_id,))
    other = a_case(house, org)
    house.engine.execute(
        "update registry_case set protected_id = %s where id = any(%s)",
        (org.people["shift_lead"], [case_id, other]),
    )
    hers, others = house.signed_in(org), house.signed_in(org, "safety_lead")
    assert "Which of your own?" in hers.get("/seen/contact").text
    assert str(other) in hers.get("/seen/contact").text
    assert "Which of your own?" not in others.get("/seen/contact").text
    house.engine.execute("update registry_case set closed_at = now() where id = %s", (other,))
    assert "Which of your own?" not in hers.get("/seen/contact").text
