"""Somebody who is kept from her takes away what reaches her: on his screens it is gone, and for her alarms it stands."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from difflib import unified_diff
from uuid import UUID

import psycopg
import pytest

from tests.pages.house import IDS, Browser, House, Organisation
from tests.pages.test_enrolling import enrol
from tests.pages.test_importing import take, upload
from tests.pages.test_in_her_name import another_secret, claims_of, linked
from tocsin.decisions.rules.incident import Doing
from tocsin.flow.confirm_device import confirm_device
from tocsin.flow.enrol_device import open_enrolment
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.respond import Answered, Refused, respond
from tocsin.flow.run_drill import end_drill, prove_at_start
from tocsin.flow.tell_drills import tell_drills
from tocsin.notifications.rules.delivery import NO_WAY
from tocsin.notifications.store import load_of_incident
from tocsin.notifications.store_taken import as_on_record
from tocsin.registry import store_known as known
from tocsin.registry import store_people as people
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.contacts import Contact
from tocsin.registry.rules.rows import ContactRow, DeviceRow
from tocsin.registry.store_calling import RaiserRow, load_devices_in_use, load_raisers
from tocsin.registry.store_devices import load_devices_of
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.ids import named_uuid

LOST = re.compile(r"/devices/[0-9a-f-]+/revoke")
REMOVE = re.compile(r"/people/[0-9a-f-]+/contacts/[0-9a-f-]+/remove")
# What differs between two employers: ids, tokens, the hour.
OWN = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z]{64}|[0-9a-f]{8}-\d|\d\d:\d\d(:\d\d)?"
)
NIGHT = {"order": "4", "safe_from": "02:00", "safe_until": "02:01", "zone": "UTC"}
HIM, HONEST = "shift_lead", "safety_lead"


def hers(org: Organisation) -> str:
    return f"/people/{org.people['responder']}"


SIGNED: dict[tuple[UUID, str], Browser] = {}


def browser(house: House, org: Organisation, name: str) -> Browser:
    """Return this person's browser, signed in once: each code of the second step counts once."""
    if (org.id, name) not in SIGNED:
        SIGNED[org.id, name] = house.signed_in(org, name)
    return SIGNED[org.id, name]


def press(house: House, org: Organisation, where: str, name: str = HIM, /, **values: str) -> None:
    """Press a button, as the shift lead unless another is named."""
    lead = browser(house, org, name)
    answer = lead.post_to(where, lead.token(lead.get("/sessions")), **values)
    assert answer.status_code == 200, answer.text


def page(house: House, org: Organisation, address: str = "", name: str = HIM) -> str:
    """Return a page, hers unless another is named, as the shift lead sees it unless another is named."""
    return browser(house, org, name).get(address or hers(org)).text


def unified(one: str, other: str) -> str:
    """Return in which lines two pages differ, but for what differs between two employers and two moments."""
    lines = (OWN.sub("", text).splitlines() for text in (one, other))
    return "\n".join(unified_diff(*lines))


def called_by(house: House, org: Organisation) -> tuple[Contact, ...]:
    """Return the ways in which her alarms reach her."""
    with house.engine.transaction():
        return known.load_contacts(house.engine).get(org.people["responder"], ())


def contacts_for(house: House, org: Organisation, name: str) -> list[ContactRow]:
    with viewing(house.conn, org.id, org.people[name]):
        return people.load_contacts(house.conn, house.ring, org.people["responder"])


def devices_for(house: House, org: Organisation, name: str) -> list[DeviceRow]:
    with viewing(house.conn, org.id, org.people[name]):
        return load_devices_of(house.conn, org.people["responder"])


@contextmanager
def as_him(house: House, org: Organisation) -> Iterator[Connection]:
    """Open a transaction of the web role as the shift lead, for raw SQL."""
    with viewing(house.conn, org.id, org.people[HIM]):
        yield house.conn


def a_phone(house: House, org: Organisation, by: str = HONEST) -> UUID:
    """Return her phone, which this lead has enrolled."""
    lead = Viewer(org.id, org.people[by], by)
    with viewing(house.conn, org.id, lead.person_id):
        secret, _until = open_enrolment(house.conn, lead, org.people["responder"], at=datetime.now(UTC))  # fmt: skip
    return claims_of(house, enrol(house, secret)).device_id


@pytest.mark.guarantee("I12")
def test_a_way_to_reach_her_that_he_removes_is_gone_for_him_and_still_called(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    before = called_by(house, org)
    (remove, *_) = REMOVE.findall(page(house, org))
    press(house, org, remove)
    assert called_by(house, org) == before
    assert not REMOVE.findall(page(house, org))
    assert [bool(c.revoked_at) for c in contacts_for(house, org, HIM)] == [True]
    (others,) = contacts_for(house, org, HONEST)
    assert (others.revoked_at, others.is_contested) == (None, True)
    assert "it stands as it was" in page(house, org, name=HONEST)
    # Pressing again finds nothing, as where it is gone.
    press(house, org, remove)
    assert called_by(house, org) == before
    # Nor does the page of an alarm say that she is called on it.
    where = f"/incidents/{house.sos(org, by='guard')}"
    left_out = '<tr><td>R. Sample <span class="badge unknown">nothing could be sent</span>'
    assert [left_out in page(house, org, where, name) for name in (HIM, HONEST)] == [True, False]
    assert "text message: waiting" in page(house, org, where, HONEST)


@pytest.mark.guarantee("I11")
def test_his_page_reads_the_same_whether_his_removal_counted_or_not(house: House) -> None:
    pages = []
    for is_kept in (False, True):
        org = house.new_organisation()
        device = a_phone(house, org)
        if is_kept:
            linked(house, org)
        (remove, *_) = REMOVE.findall(page(house, org))
        change = remove.removesuffix("/remove")
        texts = []
        for address, values in ((change, NIGHT), (remove, {}), (f"/devices/{device}/revoke", {})):
            press(house, org, address, **values)
            texts.append(page(house, org))
        pages.append(texts)
    for without, with_it in zip(*pages, strict=True):
        assert unified(without, with_it) == ""


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("left", ["", "email"])
def test_an_alarm_and_a_proof_tell_him_the_same_of_whom_he_took_her_way_from(house: House, left: str) -> None:  # fmt: skip
    told = []
    for is_kept in (False, True):
        org = house.new_organisation()
        if is_kept:
            linked(house, org)
        if left:
            press(
                house,
                org,
                hers(org),
                HONEST,
                channel=left,
                address=f"wren.{org.id.hex}@example.org",
            )
        press(house, org, REMOVE.findall(page(house, org))[0])
        with house.engine.transaction():
            began = datetime.now(UTC), frozenset({org.people["responder"]})
            assert prove_at_start(PostgresAlarms(house.engine, house.ring), org.id, org.site_id, began, ids=IDS)  # fmt: skip
        alarm = page(house, org, f"/incidents/{house.sos(org, by='guard')}")
        rows = re.findall(
            r"<tr><td>R\. Sample.*?</tr>", alarm + page(house, org, "/reachable"), re.S
        )
        told.append([OWN.sub("", row) for row in rows])
    assert told[0] == told[1]
    assert len(told[0]) == 2


@pytest.mark.guarantee("I11")
def test_the_record_of_a_drill_counts_her_as_left_out_whose_way_he_took(house: House) -> None:
    told = []
    for is_kept in (False, True):
        org = house.new_organisation()
        if is_kept:
            linked(house, org)
        press(house, org, REMOVE.findall(page(house, org))[0])
        him = browser(house, org, HIM)
        shown = him.post_to("/drills", him.token(him.get("/drills")), site=str(org.site_id))
        drill = UUID(shown.url.rpartition("/")[2])
        alarms = PostgresAlarms(house.engine, house.ring)
        if is_kept:
            # She answers what he does not know of.
            with alarms.atomically():
                assert not isinstance(respond(alarms, org.id, drill, by=org.people["responder"], doing=Doing.GOING, via="text", ids=IDS), Refused)  # fmt: skip
        with alarms.atomically():
            assert not isinstance(end_drill(alarms, org.id, drill, ids=IDS), Refused)
            tell_drills(alarms)
        row = house.engine.execute("select convert_from(leaf, 'utf8')::jsonb -> 'body' from record_entry where incident_id = %s and kind = 'drill.ended'", (drill,)).fetchone()  # fmt: skip
        assert row is not None
        told.append({**row[0], "not_reached": str(org.people["responder"]) in row[0]["not_reached"]})  # fmt: skip
    assert told[0] == told[1]
    assert told[0]["not_reached"]
    assert told[0]["reasons"]["no_way"] > 0


@pytest.mark.guarantee("I11")
def test_what_she_answers_on_a_way_that_he_took_is_on_no_screen_of_his(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    press(house, org, REMOVE.findall(page(house, org))[0])
    incident = house.sos(org, by="guard")
    row = house.engine.execute("select id from notifications_delivery where incident_id = %s and person_id = %s and channel = 'sms'", (incident, org.people["responder"])).fetchone()  # fmt: skip
    assert row is not None
    alarms = PostgresAlarms(house.engine, house.ring)
    house.engine.execute("update decisions_incident set progress = progress || '{\"loops\": 1}' where id = %s", (incident,))  # fmt: skip
    for doing, is_page in ((Doing.CALLING, False), (Doing.IN_CHARGE, False), (Doing.GOING, True)):
        on = None if is_page else Answered(row[0])
        with alarms.atomically():
            done = respond(alarms, org.id, incident, by=org.people["responder"], doing=doing, via="page" if is_page else "text", ids=IDS, on=on)  # fmt: skip
            assert not isinstance(done, Refused), done
        for address in (f"/incidents/{incident}", "/"):
            texts = [page(house, org, address, name) for name in (HIM, HONEST)]
            if doing is Doing.CALLING:
                assert ["Nobody has answered." in one for one in texts] == [True, False]
            if doing is Doing.IN_CHARGE:
                assert ["R. Sample is in charge" in one for one in texts] == [False, True]
                assert '<span class="role">by text</span>' not in texts[0]
                assert 'held">somebody' not in texts[0]
    # What she does without such a message he reads as ever.
    assert "R. Sample</strong> is going" in page(house, org, f"/incidents/{incident}")


@pytest.mark.guarantee("I11")
def test_neither_place_nor_name_tells_him_what_stands_for_a_message_on_a_way_that_he_took(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    press(house, org, REMOVE.findall(page(house, org))[0])
    incident = house.sos(org, by="guard")
    with as_him(house, org) as conn:
        seen = load_of_incident(conn, org.id, incident)
    counted = as_on_record(house.engine, load_of_incident(house.engine, org.id, incident))
    for told in (seen, counted):
        assert [d.error for d in told if d.person_id == org.people["responder"]].count(NO_WAY) == 1
        assert [d.id for d in told] == [d.id for d in sorted(told, key=lambda d: (d.made_at, d.id))]
        assert [d.id for d in told] == [named_uuid(incident, d.reference) for d in told]
        assert {d.reference.rpartition(".")[2] for d in told} == {d.contact_id.hex for d in told}


@pytest.mark.guarantee("I12")
def test_hours_and_order_that_he_writes_are_on_his_page_and_not_in_her_alarms(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    before = called_by(house, org)
    (remove, *_) = REMOVE.findall(page(house, org))
    change = remove.removesuffix("/remove")
    press(house, org, change, **NIGHT)
    assert called_by(house, org) == before
    shown = page(house, org, change)
    assert 'value="4"' in shown
    assert "02:00" in shown
    (others,) = contacts_for(house, org, HONEST)
    assert (others.safe_rule, others.is_contested) == ({}, True)
    # What somebody else says afterwards is what he sees, too.
    press(house, org, change, HONEST, order="2")
    (his,) = contacts_for(house, org, HIM)
    assert (his.position, his.safe_rule) == (2, {})


@pytest.mark.guarantee("I1")
def test_her_phone_that_he_revokes_still_raises_cancels_and_is_called(house: House, org: Organisation) -> None:  # fmt: skip
    device = a_phone(house, org)
    linked(house, org)
    (lost,) = LOST.findall(page(house, org))
    press(house, org, lost)
    with house.engine.transaction():
        (raiser,) = load_raisers(house.engine, [(org.id, org.people["responder"], device)], datetime.now(UTC) + timedelta(minutes=1))  # fmt: skip
        devices = {d.id: d.is_revoked for d in known.load_devices(house.engine)}
    assert (raiser.labels, raiser.device_revoked) == ((), False)
    assert devices[device] is False
    assert not LOST.findall(page(house, org))
    assert [d.is_contested for d in devices_for(house, org, HONEST)] == [True]
    assert [d.is_contested for d in devices_for(house, org, HIM)] == [False]


@pytest.mark.guarantee("I18")
def test_an_honest_lead_revokes_her_lost_phone_at_once(house: House, org: Organisation) -> None:
    device = a_phone(house, org)
    linked(house, org)
    (lost,) = LOST.findall(page(house, org, name=HONEST))
    press(house, org, lost, HONEST)
    with house.engine.transaction():
        (raiser,) = load_raisers(house.engine, [(org.id, org.people["responder"], device)], datetime.now(UTC) + timedelta(minutes=1))  # fmt: skip
    assert raiser.device_revoked is True


@pytest.mark.guarantee("I12")
def test_he_ends_no_code_that_an_honest_lead_holds_out_to_her(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    honest = Viewer(org.id, org.people[HONEST], HONEST)
    with viewing(house.conn, org.id, honest.person_id):
        secret, _until = open_enrolment(house.conn, honest, org.people["responder"], at=datetime.now(UTC))  # fmt: skip
    his = another_secret(house, org)
    assert enrol(house, secret, "1357", "8642").status_code == 200
    # His own ends with it, as it would have if the other had been made after his.
    assert enrol(house, his, "246813", "975310").status_code == 400
    assert [d.in_vain for d in devices_for(house, org, HONEST)] == [False]


@pytest.mark.guarantee("I11")
def test_he_may_write_again_what_he_removed_and_nobody_is_called_there_for_it(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    before = called_by(house, org)
    (hers_now,) = contacts_for(house, org, HONEST)
    (remove, *_) = REMOVE.findall(page(house, org))
    press(house, org, remove)
    form = {"channel": hers_now.channel, "address": hers_now.address}
    press(house, org, hers(org), **form)
    assert [bool(c.revoked_at) for c in contacts_for(house, org, HIM)] == [False, True]
    # Once, as anybody.
    press(house, org, hers(org), **form)
    assert len(contacts_for(house, org, HIM)) == 2
    assert called_by(house, org) == before


@pytest.mark.guarantee("I12")
def test_what_he_wrote_stands_in_no_honest_leads_way(house: House, org: Organisation) -> None:
    linked(house, org)
    form = {"channel": "sms", "address": "+1 206 555 0177"}
    press(house, org, hers(org), **form)
    press(house, org, hers(org), HONEST, **form, is_verified="on")
    found = [c for c in contacts_for(house, org, HONEST) if c.address == "+12065550177"]
    assert sorted((c.in_vain, bool(c.revoked_at)) for c in found) == [("", False), ("written", True)]  # fmt: skip


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("whose", ["responder", "guard"])
def test_what_he_wrote_stands_in_no_way_of_an_honest_leads_file(house: House, org: Organisation, whose: str) -> None:  # fmt: skip
    linked(house, org)
    press(house, org, hers(org), channel="sms", address="+1 206 555 0177")
    with viewing(house.conn, org.id):
        (number,) = house.conn.execute("select staff_number from registry_person where id = %s", (org.people[whose],)).fetchone()  # fmt: skip
    lead, table = (
        browser(house, org, HONEST),
        f"staff_number,channel,address\n{number},sms,+12065550177\n",
    )
    shown = take(lead, upload(lead, "contacts", table, org.site_id), "contacts", org.site_id)
    assert "Taken: 1 lines, 1 of them new" in shown.text
    with viewing(house.conn, org.id, org.people[HONEST]):
        found = people.load_contacts(house.conn, house.ring, org.people[whose])
    assert [c.in_vain for c in found if c.address == "+12065550177" and not c.revoked_at] == [""]
    # Taken again it is there already.
    assert "0 of them new" in upload(lead, "contacts", table, org.site_id).text


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(
    "statement",
    [
        "update registry_contactmethod set revoked_at = now()",
        "update registry_contactmethod set verified_at = null, in_vain = 'written'",
        "update registry_contactmethod set address_index = null, address_sealed = '', channel = 'voice'",
        'update registry_contactmethod set position = 9, safe_rule = \'{"zone": "UTC"}\'',
        "update registry_contactmethod set person_id = tocsin_viewer()",
        "delete from registry_contactmethod",
    ],
)
def test_no_statement_of_the_web_role_takes_her_address_from_her_for_him(house: House, org: Organisation, statement: str) -> None:  # fmt: skip
    linked(house, org)
    before = called_by(house, org)
    with as_him(house, org) as conn:
        conn.execute(f"{statement} {'where' if 'where' not in statement else 'and'} person_id = %s", (org.people["responder"],))  # fmt: skip
    assert called_by(house, org) == before


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(
    "statement",
    [
        "update registry_device set revoked_at = now()",
        "update registry_device set in_vain = true",
        "update registry_device set person_id = tocsin_viewer()",
        "delete from registry_device",
    ],
)
def test_no_statement_of_the_web_role_takes_her_phone_from_her_for_him(house: House, org: Organisation, statement: str) -> None:  # fmt: skip
    device = a_phone(house, org)
    linked(house, org)
    with as_him(house, org) as conn:
        conn.execute(f"{statement} where person_id = %s", (org.people["responder"],))
    with house.engine.transaction():
        assert (device, org.people["responder"], False, False) in known.load_devices(house.engine)


DOUBTED = "enrolled by somebody about whom there is an entry"
CONFIRM = re.compile(r"/devices/[0-9a-f-]+/confirm")


def judged(house: House, org: Organisation, device: UUID) -> RaiserRow:
    """Return how a press of her phone is judged."""
    with house.engine.transaction():
        (raiser,) = load_raisers(house.engine, [(org.id, org.people["responder"], device)], datetime.now(UTC) + timedelta(minutes=1))  # fmt: skip
    return raiser


@pytest.mark.guarantee("I12")
def test_a_phone_that_he_enrolled_before_the_order_raises_and_is_believed_in_nothing_else(house: House, org: Organisation) -> None:  # fmt: skip
    device = a_phone(house, org, HIM)
    assert judged(house, org, device).labels == ()
    linked(house, org)
    raiser = judged(house, org, device)
    assert (raiser.labels, raiser.device_revoked) == (("unconfirmed device",), True)
    with house.engine.transaction():
        # Without a database it is judged the same, and called the same.
        assert (device, org.people["responder"], False, True) in known.load_devices(house.engine)
        assert load_devices_in_use(house.engine, [org.people["responder"]]) == {}


@pytest.mark.guarantee("I12")
def test_a_safety_lead_confirms_her_phone_with_one_tap(house: House, org: Organisation) -> None:
    device = a_phone(house, org, HIM)
    linked(house, org)
    assert "a phone waits to be confirmed" in page(house, org, "/people", HONEST)
    shown = page(house, org, name=HONEST)
    assert DOUBTED in shown
    (confirm,) = CONFIRM.findall(shown)
    press(house, org, confirm, HONEST)
    assert DOUBTED not in page(house, org, name=HONEST)
    assert (judged(house, org, device).labels, judged(house, org, device).device_revoked) == ((), False)  # fmt: skip


@pytest.mark.guarantee("I12")
def test_she_confirms_it_herself_and_the_database_lets_nobody_else(house: House, org: Organisation) -> None:  # fmt: skip
    device = a_phone(house, org, HIM)
    linked(house, org)
    at = datetime.now(UTC)
    for name, role in ((HIM, "admin"), ("guard", "admin"), (HIM, HIM)):
        viewer = Viewer(org.id, org.people[name], role)
        with pytest.raises(Hidden), viewing(house.conn, org.id, viewer.person_id):
            confirm_device(house.conn, viewer, device, at=at)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), as_him(house, org) as conn:
        conn.execute("update registry_device set confirmed_at = now(), confirmed_by_id = tocsin_viewer() where id = %s", (device,))  # fmt: skip
    assert judged(house, org, device).device_revoked is True
    wren = Viewer(org.id, org.people["responder"], "responder")
    with viewing(house.conn, org.id, wren.person_id):
        assert [d.is_doubted for d in load_devices_of(house.conn, wren.person_id)] == [True]
        assert confirm_device(house.conn, wren, device, at=at) == wren.person_id
    logs = house.engine.execute(
        """select tocsin_log_of(organisation_id, incident_id, kind, leaf) is not null from record_entry
        where organisation_id = %s and kind = 'device.confirmed'""",
        (org.id,),
    ).fetchall()
    assert logs == [(True,)]
    assert judged(house, org, device).device_revoked is False


@pytest.mark.guarantee("I11")
def test_nobody_but_she_and_safety_leads_is_told_that_he_enrolled_it(house: House, org: Organisation) -> None:  # fmt: skip
    a_phone(house, org, HIM)
    without = page(house, org)
    linked(house, org)
    assert unified(without, page(house, org)) == ""
    assert "waits to be confirmed" not in page(house, org, "/people")
    # Who is on no side and no safety lead is not told either, not even by a statement.
    other = org.people["guard"]
    with viewing(house.conn, org.id, other):
        row = house.conn.execute("select tocsin_made_by_other_side(%s, %s)", (org.people["responder"], org.people[HIM])).fetchone()  # fmt: skip
    assert row == (False,)


WHY = "not sent (this person has never answered on it)"


@pytest.mark.guarantee("I11")
def test_where_his_word_is_in_vain_he_does_not_read_that_she_was_left_out_for_it(house: House, org: Organisation) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_contactmethod set verified_at = null where person_id = %s", (org.people["responder"],))  # fmt: skip
    without = page(house, org, f"/incidents/{house.sos(org, by='guard')}")
    linked(house, org)
    (number,) = contacts_for(house, org, HIM)
    incident = f"/incidents/{house.sos(org, by='guard')}"
    # What she herself has not done is so for everybody, with an order and without.
    assert [WHY in one for one in (without, page(house, org, incident))] == [True, True]
    press(house, org, f"{hers(org)}/contacts/{number.id}/answered")
    assert WHY not in page(house, org, incident)
    assert WHY in page(house, org, incident, HONEST)
