"""How is a person reached, whom does she rule out, and how does she come in again? What the pages keep of it."""

import html
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
import requests

from tests.pages.house import IDS, PASSWORD, Browser, House, Organisation, hashed
from tests.pages.test_live import opened
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.reset_account import reset_by_operator
from tocsin.flow.respond import Refused
from tocsin.flow.run_drill import prove_reachable
from tocsin.registry import store_people as people
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.rows import ContactRow
from tocsin.registry.store_calling import load_addresses
from tocsin.registry.store_cases import insert_case
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.links import answer_secret

ONCE = re.compile(r'<code class="break">(.*?)</code>')
AT = datetime(2026, 11, 6, 5, 30, tzinfo=UTC)


@pytest.fixture
def imported(house: House, org: Organisation) -> UUID:
    """Return a number of the guard as an import leaves it: not verified."""
    contact = ContactRow(id=uuid7(), person_id=org.people["guard"], channel="sms", address="+13125550188", position=2)  # fmt: skip
    with viewing(house.conn, org.id):
        people.insert_contact(house.conn, house.ring, org.id, contact)
    return contact.id


def contact(house: House, org: Organisation, contact_id: UUID) -> ContactRow:
    with viewing(house.conn, org.id):
        found = people.load_contacts(house.conn, house.ring, org.people["guard"])
    return next(one for one in found if one.id == contact_id)


def verified(house: House, org: Organisation) -> list[UUID]:
    """Return by whom it is on record that somebody answered on a contact method."""
    with viewing(house.conn, org.id):
        rows = house.conn.execute("select actor_id from record_entry where kind = 'contact.verified'")  # fmt: skip
        return [row[0] for row in rows.fetchall()]


def proof_to(house: House, org: Organisation, contact_id: UUID) -> UUID | None:
    """Ask who is reachable, and return the delivery that went to this contact method, if one did."""
    alarms = PostgresAlarms(house.engine, house.ring)
    with alarms.atomically():
        begun = prove_reachable(alarms, org.id, org.site_id, by=org.people["shift_lead"], ids=IDS)
    assert not isinstance(begun, Refused)
    return next((d.id for d in begun.deliveries if d.contact_id == contact_id), None)


def shown_once(shown: requests.Response) -> str:
    found = ONCE.search(shown.text)
    assert found, shown.text
    return html.unescape(found[1])


def test_a_supervisor_verifies_an_imported_number(house: House, org: Organisation, imported: UUID) -> None:  # fmt: skip
    page = f"/people/{org.people['guard']}"
    lead = house.signed_in(org)
    shown = lead.post_form(f"{page}/contacts/{imported}/answered", page)
    assert shown.status_code == 200, shown.text
    assert "not verified: not used" not in shown.text
    assert contact(house, org, imported).verified_at
    assert verified(house, org) == [org.people["shift_lead"]]


def test_a_guard_verifies_nothing_by_hand(house: House, org: Organisation, imported: UUID) -> None:
    page = f"/people/{org.people['guard']}"
    guard = house.signed_in(org, "guard")
    assert guard.post_form(f"{page}/contacts/{imported}/answered", page).status_code == 404
    guard.post_form(page, channel="sms", address="+13125550199", is_verified="on")
    assert contact(house, org, imported).verified_at is None
    with viewing(house.conn, org.id):
        rows = people.load_contacts(house.conn, house.ring, org.people["guard"])
    assert [r.verified_at for r in rows if r.address == "+13125550199"] == [None]


def test_an_imported_number_is_verified_when_its_owner_answers_a_proof_on_it(house: House, org: Organisation, imported: UUID) -> None:  # fmt: skip
    delivery = proof_to(house, org, imported)
    assert delivery
    secret = answer_secret(house.keys.answer, org.id, delivery)
    requests.post(house.base + "/a/show", data={"secret": secret}, timeout=20)
    assert contact(house, org, imported).verified_at is None
    requests.post(house.base + "/a/act", data={"secret": secret, "act": "seen"}, timeout=20)
    assert contact(house, org, imported).verified_at
    assert verified(house, org) == [org.people["guard"]]


def test_an_sos_goes_to_no_number_that_nobody_has_answered_on(house: House, org: Organisation, imported: UUID) -> None:  # fmt: skip
    house.sos(org)
    with viewing(house.conn, org.id):
        told = house.conn.execute("select contact_id from notifications_delivery where person_id = %s", (org.people["guard"],)).fetchall()  # fmt: skip
    assert told
    assert (imported,) not in told


def test_a_safe_rule_is_made_narrower_by_a_supervisor_and_wider_by_its_owner_only(house: House, org: Organisation, imported: UUID) -> None:  # fmt: skip
    page = f"/people/{org.people['guard']}/contacts/{imported}"
    lead = house.signed_in(org)
    lead.post_form(page, order="1", safe_from="09:00", safe_until="17:00", zone="America/Chicago")
    kept = contact(house, org, imported)
    assert (kept.position, kept.safe_rule["start"]) == (1, "09:00:00")
    assert "only she herself says" in lead.post_form(page, order="1").text
    assert contact(house, org, imported).safe_rule == kept.safe_rule
    house.signed_in(org, "guard").post_form(page, order="1")
    assert contact(house, org, imported).safe_rule == {}


def test_hours_without_a_zone_are_refused(house: House, org: Organisation, imported: UUID) -> None:
    page = f"/people/{org.people['guard']}/contacts/{imported}"
    shown = house.signed_in(org).post_form(page, safe_from="09:00", safe_until="17:00")
    assert "Say in which time zone." in shown.text
    assert contact(house, org, imported).safe_rule == {}


def kept_apart(house: House, org: Organisation) -> None:
    """Put the shift lead on the other side of a case of the guard's."""
    case_id, by = uuid7(), org.people["safety_lead"]
    case = CaseRow(id=case_id, organisation_id=org.id, word=f"W{case_id.hex[-7:]}", respondent=Respondent(name="N. N."), opened_at=AT, opened_by_id=by, protected_id=org.people["guard"])  # fmt: skip
    with viewing(house.conn, org.id, by):
        insert_case(house.conn, house.ring, case)
    house.engine.execute("insert into registry_party (id, organisation_id, case_id, person_id, since) values (%s, %s, %s, %s, now())", (uuid7(), org.id, case_id, org.people["shift_lead"]))  # fmt: skip


@pytest.mark.guarantee("I11")
def test_the_word_of_somebody_kept_from_her_verifies_nothing_and_he_sees_no_difference(house: House, org: Organisation, imported: UUID) -> None:  # fmt: skip
    kept_apart(house, org)
    page = f"/people/{org.people['guard']}"
    shown = house.signed_in(org).post_form(f"{page}/contacts/{imported}/answered", page)
    assert shown.status_code == 200, shown.text
    assert "not verified: not used" not in shown.text
    assert "not verified: not used" in house.signed_in(org, "safety_lead").get(page).text
    house.sos(org)
    with viewing(house.conn, org.id):
        assert house.conn.execute("select 1 from notifications_delivery where contact_id = %s", (imported,)).fetchall() == []  # fmt: skip
    # Her own answer still verifies it.
    assert proof_to(house, org, imported)


@pytest.mark.guarantee("I11")
def test_nothing_goes_to_a_number_that_somebody_kept_from_her_wrote_down(house: House, org: Organisation) -> None:  # fmt: skip
    kept_apart(house, org)
    page = f"/people/{org.people['guard']}"
    shown = house.signed_in(org).post_form(page, channel="sms", address="+13125550166", is_verified="on")  # fmt: skip
    assert shown.status_code == 200, shown.text
    assert "not verified: not used" not in shown.text
    with viewing(house.conn, org.id):
        rows = people.load_contacts(house.conn, house.ring, org.people["guard"])
    his = next(row for row in rows if row.address == "+13125550166")
    assert his.verified_at is None
    assert proof_to(house, org, his.id) is None


def test_a_webhook_gets_a_secret_that_is_shown_once_and_signs(house: House, org: Organisation) -> None:  # fmt: skip
    page = f"/people/{org.people['guard']}"
    lead = house.signed_in(org)
    secret = shown_once(lead.post_form(page, channel="webhook", address="https://x.example/hook"))
    assert secret.startswith("whsec_")
    again = lead.get(page)
    assert secret not in again.text
    with viewing(house.conn, org.id):
        hook = next(c for c in people.load_contacts(house.conn, house.ring, org.people["guard"]) if c.channel == "webhook")  # fmt: skip
        assert load_addresses(house.conn, house.ring, [hook.id])[0].secret == secret
    renewed = shown_once(lead.post_form(f"{page}/contacts/{hook.id}/secret", page))
    with viewing(house.conn, org.id):
        assert load_addresses(house.conn, house.ring, [hook.id])[0].secret == f"{renewed} {secret}"
    third = shown_once(lead.post_form(f"{page}/contacts/{hook.id}/secret", page))
    with viewing(house.conn, org.id):
        assert load_addresses(house.conn, house.ring, [hook.id])[0].secret == f"{third} {renewed}"


def test_a_webhook_that_is_not_encrypted_is_refused_when_it_is_typed(house: House, org: Organisation) -> None:  # fmt: skip
    page = f"/people/{org.people['guard']}"
    shown = house.signed_in(org).post_form(page, channel="webhook", address="http://x.example/hook")
    assert "Use https" in shown.text


@pytest.mark.guarantee("I11")
def test_a_colleague_whom_she_rules_out_gets_nothing_and_does_not_learn_it(house: House, org: Organisation) -> None:  # fmt: skip
    page = f"/people/{org.people['guard']}/emergency"
    lead = house.signed_in(org, "shift_lead")
    before = lead.get(page)
    guard = house.signed_in(org, "guard")
    shown = guard.post_form(page, colleague=str(org.people["shift_lead"]), never_notify="on")
    assert "never told" in shown.text
    after = lead.get(page)
    same = [re.sub(r'value="[A-Za-z0-9]{64}"', "", one.text) for one in (before, after)]
    assert same[0] == same[1]
    incident = house.sos(org, by="guard")
    with viewing(house.conn, org.id):
        told = house.conn.execute("select distinct person_id from notifications_delivery where incident_id = %s", (incident,)).fetchall()  # fmt: skip
    assert told
    assert (org.people["shift_lead"],) not in told


def test_a_supervisor_sees_whom_he_wrote_down_and_she_sees_all(house: House, org: Organisation) -> None:  # fmt: skip
    page = f"/people/{org.people['guard']}/emergency"
    house.signed_in(org, "guard").post_form(page, name="Her mother", phone="+13125550155")
    shown = house.signed_in(org).post_form(page, name="Her sister", relation="sister")
    assert "Her sister" in shown.text
    assert "Her mother" not in shown.text
    hers = house.signed_in(org, "guard", again=True).get(page).text
    assert "Her sister" in hers
    assert "Her mother" in hers
    with viewing(house.conn, org.id):
        cells = house.conn.execute("select name_sealed, address_sealed from registry_emergencycontact").fetchall()  # fmt: skip
    assert not any(word in bytes(cell) for row in cells for cell in row for word in (b"Her", b"555"))  # fmt: skip


def test_she_takes_back_whom_she_ruled_out(house: House, org: Organisation) -> None:
    page = f"/people/{org.people['guard']}/emergency"
    guard = house.signed_in(org, "guard")
    shown = guard.post_form(page, colleague=str(org.people["shift_lead"]), never_notify="on")
    found = re.search(r'action="([^"]+/remove)"', shown.text)
    assert found
    assert "never told" not in guard.post_form(found[1], page).text


@pytest.mark.guarantee("I11")
def test_whoever_is_kept_from_her_rules_nobody_out(house: House, org: Organisation) -> None:
    kept_apart(house, org)
    page = f"/people/{org.people['guard']}/emergency"
    values = {"colleague": str(org.people["safety_lead"]), "never_notify": "on"}
    shown = house.signed_in(org).post_form(page, **values)
    assert "Safety_Lead Sample" in shown.text
    assert "never told" in shown.text
    alarms = PostgresAlarms(house.engine, house.ring)
    assert org.people["safety_lead"] not in alarms.kept_out(org.id, org.people["guard"])


@pytest.fixture
def admin(house: House, org: Organisation) -> Browser:
    """Return a browser of an administrator."""
    with viewing(house.conn, org.id):
        house._person(org, "admin", f"{org.id.hex[-8:]}-5", datetime.now(UTC))
    return house.signed_in(org, "admin")


def test_a_new_first_password_ends_every_session_and_the_second_step(house: House, org: Organisation, admin: Browser) -> None:  # fmt: skip
    guard = house.signed_in(org, "guard")
    page = f"/people/{org.people['guard']}"
    password = shown_once(admin.post_form(f"{page}/sign-in/reset", page, do="reset"))
    assert "/sign-in" in guard.get("/").url
    again = Browser(house.base, org.address)
    assert "/account/second" not in again.post_form("/sign-in", login=org.logins["guard"], password=PASSWORD).url  # fmt: skip
    shown = again.post_form("/sign-in", login=org.logins["guard"], password=password)
    assert "/account/second/set-up" in again.get("/").url, shown.text
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from record_entry where kind = 'account.reset'").fetchone() == (1,)  # fmt: skip


def test_nobody_resets_himself_and_only_an_admin_resets(house: House, org: Organisation, admin: Browser) -> None:  # fmt: skip
    token = admin.token(admin.get("/sessions"))
    own = f"/people/{org.people['admin']}/sign-in/reset"
    assert admin.post_to(own, token, do="reset").status_code == 404
    lead = house.signed_in(org, "safety_lead")
    token = lead.token(lead.get("/sessions"))
    other = f"/people/{org.people['guard']}/sign-in/reset"
    assert lead.post_to(other, token, do="reset").status_code == 404


@pytest.mark.guarantee("I11")
def test_an_admin_kept_from_her_is_shown_a_password_that_is_none(house: House, org: Organisation, admin: Browser) -> None:  # fmt: skip
    kept_apart(house, org)
    house.engine.execute("update registry_party set person_id = %s where organisation_id = %s", (org.people["admin"], org.id))  # fmt: skip
    guard = house.signed_in(org, "guard")
    page = f"/people/{org.people['guard']}"
    assert shown_once(admin.post_form(f"{page}/sign-in/reset", page, do="reset"))
    assert guard.get(page).status_code == 200


def test_the_operator_lets_a_locked_out_administrator_in_again(house: House, org: Organisation, admin: Browser) -> None:  # fmt: skip
    login = org.logins["admin"]
    unknown = reset_by_operator(house.conn, "nobody-of-this-name", hashed(), at=AT)
    assert isinstance(unknown, Refused)
    assert reset_by_operator(house.conn, login, hashed(), at=AT) is None
    assert "/sign-in" in admin.get("/").url
    shown = Browser(house.base, org.address).post_form("/sign-in", login=login, password=PASSWORD)
    assert "/account/second/set-up" in shown.url
    with viewing(house.conn, org.id):
        assert house.conn.execute("select count(*) from record_entry where kind = 'account.reset'").fetchone() == (1,)  # fmt: skip


def test_a_webhook_without_a_secret_is_given_one(house: House, org: Organisation) -> None:
    hook = ContactRow(id=uuid7(), person_id=org.people["guard"], channel="webhook", address="https://x.example/old", verified_at=AT)  # fmt: skip
    with viewing(house.conn, org.id):
        people.insert_contact(house.conn, house.ring, org.id, hook)
    page = f"/people/{org.people['guard']}"
    lead = house.signed_in(org)
    assert "not signed" in lead.get(page).text
    secret = shown_once(lead.post_form(f"{page}/contacts/{hook.id}/secret", page))
    assert "not signed" not in lead.get(page).text
    with viewing(house.conn, org.id):
        assert load_addresses(house.conn, house.ring, [hook.id])[0].secret == secret


def test_the_stream_of_whoever_is_given_a_new_password_is_cut_within_a_second(house: House, org: Organisation, admin: Browser) -> None:  # fmt: skip
    page = f"/people/{org.people['guard']}"
    with opened(house, house.signed_in(org, "guard")) as stream:
        admin.post_form(f"{page}/sign-in/reset", page, do="reset")
        assert stream.ends(within_s=1)


def test_what_somebody_is_at_work_is_chosen_in_the_language_of_who_chooses(house: House, org: Organisation) -> None:  # fmt: skip
    with viewing(house.conn, org.id):
        house.conn.execute("update registry_person set language = 'es' where id = %s", (org.people["safety_lead"],))  # fmt: skip
    page = house.signed_in(org, "safety_lead").get(f"/people/{org.people['guard']}/edit").text
    found = re.search(r'<select name="role".*?</select>', page, re.DOTALL)
    assert found is not None
    assert re.findall(r"<option[^>]*>(.*?)</option>", found[0]) == [
        "interviniente",
        "vigilante",
        "teleoperador",
        "jefe de turno",
        "responsable de seguridad",
        "superior",
        "administrador",
    ]
