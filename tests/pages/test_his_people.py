"""An administrator who is kept from her edits her record: it is so on his screens, and for her alarms it stands."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.pages.house import IDS, Browser, House, Organisation, hashed
from tests.pages.test_acts import falls_silent
from tests.pages.test_importing import CONTENT, take, upload
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import (
    HIM,
    HONEST,
    OWN,
    browser,
    hers,
    page,
    press,
    unified,
)
from tocsin.decisions.rules.incident import Doing
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Refused, respond
from tocsin.record.store import seal_all
from tocsin.registry import store_known as known
from tocsin.registry import store_people as people
from tocsin.registry import store_sign_ins as sign_ins
from tocsin.registry import store_sites as sites
from tocsin.registry.rules.rows import PersonRow, SiteRow
from tocsin.registry.store import load_short_names, load_site_facts
from tocsin.registry.store_calling import RaiserRow, load_raisers
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

LEFT = "she does not work here"
CONTESTED = "Somebody who may not has written of her"
MARKED = "it stands as it was"
OPTION = re.compile(r'<option value="([0-9a-f-]{36})"[^>]*>Far')


@pytest.fixture
def org(house: House) -> Organisation:
    return an_employer(house)


def an_employer(house: House) -> Organisation:
    """Return an employer whose shift lead is an administrator, with a second site far away."""
    found = house.new_organisation()
    with viewing(house.conn, found.id):
        house.conn.execute("update registry_person set role = 'admin' where id = %s", (found.people[HIM],))  # fmt: skip
        sites.save_site(house.conn, SiteRow(id=uuid7(), organisation_id=found.id, name="Far", time_zone="UTC"))  # fmt: skip
    return found


def edit(house: House, org: Organisation, name: str = HIM, /, **values: str) -> None:
    """Save her record as this person, with what differs from what its form shows."""
    far = OPTION.search(page(house, org, f"{hers(org)}/edit", name))
    assert far
    form = {"name": "Responder Sample", "short_name": "R. Sample", "staff_number": number_of(house, org), "role": "responder", "language": "en", "site": str(org.site_id), "is_active": "on"}  # fmt: skip
    form |= {key: far[1] if value == "Far" else value for key, value in values.items()}
    press(house, org, f"{hers(org)}/edit", name, **{key: text for key, text in form.items() if text})  # fmt: skip


def number_of(house: House, org: Organisation) -> str:
    return record_for(house, org, HONEST).staff_number


def record_for(house: House, org: Organisation, name: str) -> PersonRow:
    with viewing(house.conn, org.id, org.people[name]):
        return people.find_people(house.conn, house.ring, [org.people["responder"]])[org.people["responder"]]  # fmt: skip


def called(house: House, org: Organisation) -> tuple[object, ...]:
    """Return what an alarm knows of her: whether she is called, her name, and her row of the engine's snapshot."""
    her = org.people["responder"]
    with house.engine.transaction():
        facts = load_site_facts(house.engine, org.id, [org.site_id], at=datetime.now(UTC))
        (row,) = (row for row in known.load_people(house.engine) if row.id == her)
        names = load_short_names(house.engine, house.ring, [her])
        known_as = facts[org.site_id].people.get(her)
        # That he wrote so takes her out of the numbers on record, and of nothing else.
        return known_as and replace(known_as, is_said_gone=False), names, row[:7]


def pressing(house: House, org: Organisation) -> RaiserRow:
    """Return how a press of hers is judged."""
    with house.engine.transaction():
        (raiser,) = load_raisers(house.engine, [(org.id, org.people["responder"], None)], datetime.now(UTC))  # fmt: skip
    return raiser


@contextmanager
def signed_in_as_her(house: House, org: Organisation) -> Iterator[Browser]:
    login = f"wren-{org.id.hex[-8:]}"
    with viewing(house.conn, org.id):
        account = sign_ins.insert_account(house.conn, org.id, org.people["responder"], login, hashed())  # fmt: skip
        house.set_up_second_factor(account)
    org.logins["responder"] = login
    yield house.signed_in(org, "responder")


def plain(org: Organisation, text: str) -> str:
    """Return a page without what is this employer's own: its numbers, and the order of rows made in one moment."""
    text = OWN.sub("", text.replace(org.id.hex[-8:], ""))
    return "\n".join(sorted(re.sub("(</?t(r|body)>)", r"\n\1\n", text).splitlines()))


GONE = {"is_active": ""}
ELSEWHERE = {"site": "Far", "role": "manager", "language": "es", "name": "Nobody", "short_name": "N."}  # fmt: skip


@pytest.mark.guarantee("I12")
def test_she_whom_he_sets_inactive_is_gone_for_him_and_called_as_before(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    before = called(house, org)
    edit(house, org, **GONE)
    assert called(house, org) == before
    assert before[0] is not None
    assert pressing(house, org).labels == ()
    assert record_for(house, org, HIM).is_active is False
    assert record_for(house, org, HONEST).is_active is True
    assert ">left<" in page(house, org)
    assert ">left<" not in page(house, org, name=HONEST)


@pytest.mark.guarantee("I12")
def test_where_she_works_and_who_she_is_stands_for_her_alarms(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    before = called(house, org)
    edit(house, org, **ELSEWHERE)
    with viewing(house.conn, org.id, org.people[HIM]):
        people.set_manager(house.conn, org.people["responder"], org.people["guard"])
    assert called(house, org) == before
    assert pressing(house, org).site_id == org.site_id
    his = record_for(house, org, HIM)
    assert (his.name, his.short_name, his.role, his.language) == ("Nobody", "N.", "manager", "es")
    assert his.site_id != org.site_id
    assert his.manager_id == org.people["guard"]
    assert his.contested == ()
    assert set(record_for(house, org, HONEST).contested) == {"site_id", "manager_id", "role", "language", "name", "short_name"}  # fmt: skip


@pytest.mark.guarantee("I11")
def test_his_pages_read_the_same_whether_what_he_wrote_counted_or_not(house: House) -> None:
    told = []
    for is_kept in (False, True):
        org = an_employer(house)
        if is_kept:
            linked(house, org)
        texts = []
        for values in (ELSEWHERE, GONE, {}, GONE):
            edit(house, org, **values)
            texts += [page(house, org, each) for each in ("", "/people", f"{hers(org)}/edit", f"{hers(org)}/enrol", f"/sites/{org.site_id}", "/sites", "/", "/drills", f"{hers(org)}/emergency")]  # fmt: skip
        told.append([plain(org, text) for text in texts])
    for without, with_it in zip(*told, strict=True):
        assert unified(without, with_it) == ""


@pytest.mark.guarantee("I11")
def test_his_table_of_staff_answers_the_same_and_changes_nothing_for_her(house: House) -> None:
    told = []
    for is_kept in (False, True):
        org = an_employer(house)
        if is_kept:
            linked(house, org)
        before = called(house, org)
        table = f"staff_number,name,short_name,role,site,language,manager\n{number_of(house, org)},Nobody,N.,manager,Far,es,\n"
        him = browser(house, org, HIM)
        shown = upload(him, "people", table, org.site_id)
        answer = take(him, shown, "people", org.site_id)
        assert "Taken: 1 line" in answer.text
        told.append(plain(org, CONTENT.sub("", shown.text) + answer.text + page(house, org)))
        assert (called(house, org) == before) is is_kept
    assert unified(*told) == ""


@pytest.mark.guarantee("I11")
def test_a_drill_that_he_starts_does_not_show_him_that_she_is_still_called(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    edit(house, org, **GONE)
    him = browser(house, org, HIM)
    shown = him.post_to("/drills", him.token(him.get("/drills")), site=str(org.site_id))
    drill = shown.url.rpartition("/")[2]
    # She is asked at a later step, as the engine does it, which sees with nobody's eyes.
    with house.engine.transaction():
        house.engine.execute(
            """insert into notifications_delivery select (jsonb_populate_record(d, jsonb_build_object('id',
                gen_random_uuid(), 'person_id', %s::uuid, 'reference', gen_random_uuid(), 'state', 'failed'))).*
            from notifications_delivery d where incident_id = %s limit 1""",
            (org.people["responder"], drill),
        )
    where = f"/drills/{drill}"
    assert "R. Sample" not in page(house, org, where)
    assert "R. Sample" in page(house, org, where, HONEST)


@pytest.mark.guarantee("I11")
def test_what_she_does_about_an_alarm_shows_him_as_little_and_is_in_no_record_that_he_takes_out(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    edit(house, org, **GONE)
    incident_id, alarms = house.sos(org, by="guard"), PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        done = respond(alarms, org.id, incident_id, by=org.people["responder"], doing=Doing.GOING, via="page", ids=IDS)  # fmt: skip
        assert not isinstance(done, Refused), done
    where = f"/incidents/{incident_id}"
    assert "R. Sample" not in page(house, org, where)
    assert "R. Sample" in page(house, org, where, HONEST)
    seal_all(house.engine, house.keys.record, at=datetime.now(UTC))
    logs = "select kind, log_id <> organisation_id from record_entry where incident_id = %s and (leaf like %s or kind = 'step.begun')"
    hers = f"%{org.people['responder']}%".encode()
    assert dict(house.engine.execute(logs, (incident_id, hers)).fetchall()) == {"act.going": True, "step.begun": False}  # fmt: skip
    counted = "select convert_from(leaf, 'utf8')::jsonb -> 'body' -> 'called' from record_entry where incident_id = %s and kind = 'step.begun'"
    with house.engine.transaction():
        called_now = load_site_facts(house.engine, org.id, [org.site_id], at=datetime.now(UTC))[org.site_id]  # fmt: skip
    assert called_now.people[org.people["responder"]].is_said_gone
    # The guard presses and is not called; of those who are, she is not counted.
    assert house.engine.execute(counted, (incident_id,)).fetchone() == (len(called_now.on_duty) - 2,)  # fmt: skip


@pytest.mark.guarantee("I11")
def test_that_she_was_in_charge_and_fell_silent_afterwards_is_on_no_time_line_of_his(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    incident_id, alarms = house.sos(org, by="guard"), PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        done = respond(alarms, org.id, incident_id, by=org.people["responder"], doing=Doing.IN_CHARGE, via="page", ids=IDS)  # fmt: skip
        assert not isinstance(done, Refused), done
    edit(house, org, **GONE)
    falls_silent(house, org, incident_id)
    where = f"/incidents/{incident_id}"
    silent = "was silent and is no longer in charge"
    assert silent not in page(house, org, where)
    assert silent in page(house, org, where, HONEST)


@pytest.mark.guarantee("I18")
def test_her_session_goes_on_and_an_honest_leads_word_ends_it(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    with signed_in_as_her(house, org) as she:
        edit(house, org, **GONE)
        assert she.get("/").url == f"{house.base}/"
        edit(house, org, HONEST, **GONE)
        assert "/sign-in" in she.get("/").url


@pytest.mark.guarantee("I12")
def test_a_lead_sees_what_he_wrote_and_makes_it_so_by_saving_it_herself(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    edit(house, org, **GONE)
    shown = page(house, org, name=HONEST)
    assert CONTESTED in shown
    assert LEFT in shown
    assert MARKED in page(house, org, "/people", HONEST)
    assert CONTESTED not in page(house, org)
    assert MARKED not in page(house, org, "/people")
    edit(house, org, HONEST, **GONE)
    assert called(house, org)[0] is None or record_for(house, org, HONEST).is_active is False
    assert pressing(house, org).labels == ("inactive person",)
    assert CONTESTED not in page(house, org, name=HONEST)


@pytest.mark.guarantee("I12")
def test_what_another_writes_afterwards_holds_for_him_too(house: House, org: Organisation) -> None:
    linked(house, org)
    edit(house, org, **ELSEWHERE)
    edit(house, org, HONEST, short_name="Wren")
    for name in (HIM, HONEST):
        found = record_for(house, org, name)
        assert (found.name, found.short_name, found.role) == ("Responder Sample", "Wren", "responder")  # fmt: skip
        assert found.contested == ()


@pytest.mark.guarantee("I11")
def test_who_is_neither_she_nor_a_safety_lead_is_told_nothing_of_it(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    edit(house, org, **GONE)
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set role = 'manager' where id = %s", (org.people[HONEST],))  # fmt: skip
    assert CONTESTED not in page(house, org, name=HONEST)
    assert MARKED not in page(house, org, "/people", HONEST)


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(
    "statement",
    [
        "update registry_person set is_active = false where id = %s",
        "update registry_person set is_active = false, his_record = null where id = %s",
        "update registry_person set site_id = null, manager_id = null, role = 'none' where id = %s",
        "update registry_person set name_sealed = '', short_name_sealed = '' where id = %s",
        "update registry_person set id = gen_random_uuid() where id = %s",
        "delete from registry_person where id = %s",
        "update registry_personkey set wrapped = '' where person_id = %s",
        "update registry_personkey set person_id = tocsin_viewer() where person_id = %s",
    ],
)
def test_no_statement_of_the_web_role_takes_her_out_for_him(house: House, org: Organisation, statement: str) -> None:  # fmt: skip
    linked(house, org)
    before = called(house, org)
    with viewing(house.conn, org.id, org.people[HIM]):
        house.conn.execute(statement, (org.people["responder"],))
    assert called(house, org) == before
    assert pressing(house, org).labels == ()


def edit_lead(house: House, org: Organisation, name: str = HIM) -> None:
    """Say as this person that the safety lead, who reads the case, left."""
    lead = f"/people/{org.people[HONEST]}"
    number = re.search(r'name="staff_number" value="([^"]+)"', page(house, org, f"{lead}/edit", name))  # fmt: skip
    assert number
    press(house, org, f"{lead}/edit", name, name="Nobody", short_name="N.", staff_number=number[1], role="guard", language="en", site="")  # fmt: skip


@pytest.mark.guarantee("I12")
def test_he_takes_nobody_from_her_who_reads_her_case(house: House, org: Organisation) -> None:
    linked(house, org)
    before = page(house, org, "/cases", HONEST)
    edit_lead(house, org)
    assert ">left<" in page(house, org, f"/people/{org.people[HONEST]}")
    assert page(house, org, "/cases", HONEST) == before
    shown = page(house, org, f"/people/{org.people[HONEST]}", HONEST)
    assert CONTESTED in shown
    assert LEFT in shown
    with house.engine.transaction():
        facts = load_site_facts(house.engine, org.id, [org.site_id], at=datetime.now(UTC))
    assert org.people[HONEST] in facts[org.site_id].people


@pytest.mark.guarantee("I11")
def test_what_he_wrote_of_a_reader_stays_on_his_screens_when_she_reads_no_more(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    edit_lead(house, org)
    with viewing(house.conn, org.id, org.people[HONEST]):
        house.conn.execute("update registry_grant set ended_at = now() where person_id = tocsin_viewer()")  # fmt: skip
    assert ">left<" in page(house, org, f"/people/{org.people[HONEST]}")


@pytest.mark.guarantee("I18")
def test_who_is_on_no_side_of_a_case_of_hers_lets_a_lead_go_at_once(house: House, org: Organisation) -> None:  # fmt: skip
    lead = browser(house, org, HONEST)
    assert lead.get("/").url == f"{house.base}/"
    edit_lead(house, org)
    assert "/sign-in" in lead.get("/").url
