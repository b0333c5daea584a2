"""Where are the words of a text without a code? On every incident that its sender knows of, and before nobody kept from one."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.pages.case_in_house import a_case
from tests.pages.house import IDS, House, Organisation
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.runtime.ids import uuid7

WORDS = "north gate, he has a knife"
NOBODY = "from a number that nobody has confirmed"
NUMBERS = {"responder": 1, "guard": 2, "shift_lead": 3, "safety_lead": 4}


def texts(house: House, org: Organisation, by: str, words: str = WORDS) -> UUID | None:
    """Let a gateway hand in what somebody wrote; return whose incident it opened."""
    slug, phone = f"house-{org.id.hex[-8:]}", f"+1312555{NUMBERS[by]:04d}"
    alarms = PostgresAlarms(house.engine, house.ring)
    text = TextIn(slug, "carrier", uuid7().hex, phone, words, datetime.now(UTC))
    with alarms.atomically():
        changes = receive_text(alarms, text, ids=IDS)
    return changes[0].incident.id if changes and changes[0].incident else None


def test_words_without_a_code_stand_on_the_incident_with_who_wrote_them(house: House, org: Organisation) -> None:  # fmt: skip
    incident = house.sos(org)
    texts(house, org, "guard")
    browser = house.signed_in(org)
    shown = browser.get(f"/incidents/{incident}").text
    assert f"“{WORDS}”" in shown
    assert "G. Sample wrote" in " ".join(shown.split())
    assert "1 text without a code: read it" in browser.get("/").text


def test_what_she_writes_herself_stands_on_her_own_incident(house: House, org: Organisation) -> None:  # fmt: skip
    incident = house.sos(org)
    texts(house, org, "responder")
    assert WORDS in house.signed_in(org).get(f"/incidents/{incident}").text


def test_the_words_of_a_cry_for_help_stand_on_the_incident_that_it_raised(house: House, org: Organisation) -> None:  # fmt: skip
    incident = texts(house, org, "responder", f"SOS {WORDS}")
    assert f"“SOS {WORDS}”" in house.signed_in(org).get(f"/incidents/{incident}").text


def test_words_cannot_break_the_page(house: House, org: Organisation) -> None:
    incident = house.sos(org)
    texts(house, org, "guard", "<script>alert(1)</script>\u202e\nthere")
    shown = house.signed_in(org).get(f"/incidents/{incident}").text
    assert "“&lt;script&gt;alert(1)&lt;/script&gt; there”" in shown


def test_words_stand_on_every_open_incident_that_their_writer_knows_of(house: House, org: Organisation) -> None:  # fmt: skip
    both = house.sos(org), house.sos(org, by="shift_lead")
    texts(house, org, "guard")
    browser = house.signed_in(org, "safety_lead")
    assert all(WORDS in browser.get(f"/incidents/{incident}").text for incident in both)


@pytest.mark.guarantee("I11")
def test_whoever_is_kept_from_one_of_several_incidents_reads_the_words_on_none(house: House, org: Organisation) -> None:  # fmt: skip
    a_case(house, org)
    hers, other = house.sos(org), house.sos(org, by="shift_lead")
    texts(house, org, "shift_lead")
    guard = house.signed_in(org, "guard")
    assert guard.get(f"/incidents/{hers}").status_code == 404
    shown = guard.get(f"/incidents/{other}")
    assert shown.status_code == 200
    assert WORDS not in shown.text
    assert "without a code" not in guard.get("/").text + shown.text
    lead = house.signed_in(org, "safety_lead")
    assert all(WORDS in lead.get(f"/incidents/{each}").text for each in (hers, other))


def test_words_of_a_colleague_while_nothing_is_open_are_counted_for_a_lead(house: House, org: Organisation) -> None:  # fmt: skip
    texts(house, org, "guard")
    shown = house.signed_in(org, "safety_lead").get("/unverified").text
    assert "words without a code, while nothing was open" in shown
    assert WORDS not in shown


def written_down_by_the_guard(house: House, org: Organisation) -> None:
    """Let her number be one that the guard wrote down, and nobody has confirmed."""
    with house.engine.transaction():
        house.engine.execute(
            "update registry_contactmethod set made_by_id = %s where person_id = %s and channel = 'sms'",
            (org.people["guard"], org.people["responder"]),
        )


@pytest.mark.guarantee("I11")
def test_words_from_a_number_that_her_other_side_wrote_down_say_so_and_not_to_him(house: House, org: Organisation) -> None:  # fmt: skip
    a_case(house, org)
    written_down_by_the_guard(house, org)
    other = house.sos(org, by="shift_lead")
    texts(house, org, "responder")
    guard = house.signed_in(org, "guard")
    counted = guard.get("/").text
    hers = texts(house, org, "responder", f"SOS {WORDS}")
    lead = house.signed_in(org, "safety_lead")
    for each in (other, hers):
        shown = lead.get(f"/incidents/{each}").text
        assert WORDS in shown
        assert NOBODY in shown
    # Perhaps he wrote it, and looks: it stands there as it does of anybody.
    shown = guard.get(f"/incidents/{other}").text
    assert f"“{WORDS}”" in shown
    assert "R. Sample wrote" in " ".join(shown.split())
    assert NOBODY not in shown
    assert "1 text without a code: read it" in counted


@pytest.mark.guarantee("I12")
def test_while_she_has_an_alarm_of_her_own_nobody_kept_from_her_reads_what_she_may_have_written(house: House, org: Organisation) -> None:  # fmt: skip
    a_case(house, org)
    written_down_by_the_guard(house, org)
    other, _hers = house.sos(org, by="shift_lead"), house.sos(org)
    texts(house, org, "responder")
    assert WORDS not in house.signed_in(org, "guard").get(f"/incidents/{other}").text
    assert WORDS in house.signed_in(org, "safety_lead").get(f"/incidents/{other}").text


@pytest.mark.guarantee("I12")
def test_once_another_stands_for_the_number_he_reads_nothing_more_from_there(house: House, org: Organisation) -> None:  # fmt: skip
    a_case(house, org)
    written_down_by_the_guard(house, org)
    with house.engine.transaction():
        house.engine.execute(
            "update registry_contactmethod set confirmed_by_id = %s where person_id = %s and channel = 'sms'",
            (org.people["safety_lead"], org.people["responder"]),
        )
    other = house.sos(org, by="shift_lead")
    texts(house, org, "responder")
    assert WORDS not in house.signed_in(org, "guard").get(f"/incidents/{other}").text


@pytest.mark.guarantee("I11")
def test_an_answer_from_such_a_number_counts_and_where_it_came_from_is_not_said_to_him(house: House, org: Organisation) -> None:  # fmt: skip
    a_case(house, org)
    hers = org.people["responder"]
    written_down_by_the_guard(house, org)
    other = house.sos(org, by="shift_lead")
    with house.engine.transaction():
        house.engine.execute(
            "update notifications_delivery set code = '123' where incident_id = %s and person_id = %s",
            (other, hers),
        )
    texts(house, org, "responder", "1 123")
    lead = house.signed_in(org, "safety_lead").get(f"/incidents/{other}").text
    guard = house.signed_in(org, "guard").get(f"/incidents/{other}").text
    charge = house.engine.execute("select progress -> 'charge' ->> 0 from decisions_incident where id = %s", (other,)).fetchone()  # fmt: skip
    assert charge == (str(hers),)
    for shown in (lead, guard):
        assert "R. Sample" in shown
    assert NOBODY in lead
    assert "1 123" in lead
    assert NOBODY not in guard
    assert "1 123" not in guard
