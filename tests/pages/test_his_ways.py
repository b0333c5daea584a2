"""He writes of where a colleague is reached who comes to her: it counts for all that he may hear, and for her alarms not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.pages.house import House, Organisation
from tests.pages.test_his_callers import a_colleague
from tests.pages.test_his_people import an_employer
from tests.pages.test_in_her_name import linked
from tests.pages.test_in_vain import HIM, HONEST, NIGHT, page, press, unified
from tocsin.flow.confirm_device import confirm_device
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry import store_people as people
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.rows import ContactRow, DeviceRow
from tocsin.registry.store import find_reader
from tocsin.registry.store_devices import bind_push, insert_device
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import uuid7

HE_REMOVED = "removed by somebody about whom there is an entry"
HE_ENROLLED = "enrolled by somebody about whom there is an entry"
HE_WROTE = "what he must not hear goes there only where nothing as good is left"
STAYS = "It is to stay removed"
DAY = timedelta(days=1)


@pytest.fixture
def org(house: House) -> Organisation:
    found = an_employer(house)
    a_colleague(house, found, ended=timedelta(hours=-5))
    return found


def number(house: House, org: Organisation, by: str = HONEST, *, last: int = 160) -> UUID:
    """Return the colleague's number, which this person has written down."""
    phone = ContactRow(id=uuid7(), person_id=org.people["colleague"], channel="sms", address=f"+1312555{last:04d}", position=1, verified_at=datetime.now(UTC) - DAY)  # fmt: skip
    with viewing(house.conn, org.id, org.people[by]):
        people.insert_contact(house.conn, house.ring, org.id, phone)
    return phone.id


def where(org: Organisation) -> str:
    return f"/people/{org.people['colleague']}"


def remove(house: House, org: Organisation, contact_id: UUID, name: str = HIM) -> None:
    press(house, org, f"{where(org)}/contacts/{contact_id}/remove", name)


def a_push_by_him(house: House, org: Organisation) -> tuple[UUID, UUID]:
    """Return the colleague's phone, which he has enrolled, and the push that goes to it."""
    phone = DeviceRow(uuid7(), org.people["colleague"], "phone", datetime.now(UTC) - DAY, None)
    push = ContactRow(id=uuid7(), person_id=org.people["colleague"], channel="webpush", address="https://push.example.org/1", position=2, verified_at=datetime.now(UTC) - DAY)  # fmt: skip
    with viewing(house.conn, org.id, org.people[HIM]):
        insert_device(house.conn, org.id, phone, enrolled_by_id=org.people[HIM])
        people.insert_contact(house.conn, house.ring, org.id, push)
        bind_push(house.conn, push.id, phone.id)
    return phone.id, push.id


def called(house: House, org: Organisation, by: str = "responder", *, channel: str = "sms") -> set[UUID]:  # fmt: skip
    """Return by which messages of a channel the colleague is called to this person's SOS."""
    incident = house.sos(org, by=by)
    with house.engine.transaction():
        rows = house.engine.execute("select contact_id from notifications_delivery where incident_id = %s and person_id = %s and channel = %s and state <> 'failed'", (incident, org.people["colleague"], channel)).fetchall()  # fmt: skip
        house.engine.execute("update decisions_incident set closed_at = now() where id = %s", (incident,))  # fmt: skip
    return {row[0] for row in rows}


def opened(house: House, contact_id: UUID) -> bool:
    """Return whether the address can be sent to."""
    with house.engine.transaction():
        return contact_id in PostgresAlarms(house.engine, house.ring).addresses([contact_id])


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("is_before", [True, False])
def test_a_number_that_he_removes_is_called_to_her_and_to_nobody_else(house: House, org: Organisation, *, is_before: bool) -> None:  # fmt: skip
    phone = number(house, org)
    if is_before:
        remove(house, org, phone)
        assert called(house, org) == set()
    linked(house, org)
    if not is_before:
        remove(house, org, phone)
    assert called(house, org, HONEST) == set()
    assert called(house, org) == {phone}
    assert opened(house, phone)
    with viewing(house.conn, org.id, org.people["colleague"]):
        assert find_reader(house.conn, org.people["colleague"], phone) == ("en", True)
    assert ">revoked<" in page(house, org, where(org))
    assert HE_REMOVED not in page(house, org, where(org))


@pytest.mark.guarantee("I12")
def test_a_safety_lead_sees_that_he_removed_it_and_says_that_it_is_to_stay_so(house: House, org: Organisation) -> None:  # fmt: skip
    phone = number(house, org)
    linked(house, org)
    remove(house, org, phone)
    shown = page(house, org, where(org), HONEST)
    assert HE_REMOVED in shown
    assert STAYS in shown
    # His own word again changes nothing.
    remove(house, org, phone)
    assert called(house, org) == {phone}
    remove(house, org, phone, HONEST)
    assert HE_REMOVED not in page(house, org, where(org), HONEST)
    assert called(house, org) == set()
    assert not opened(house, phone)


@pytest.mark.guarantee("I5")
@pytest.mark.parametrize(("days", "is_called"), [(27, True), (29, False)])
def test_what_he_removed_long_before_the_order_stays_removed(house: House, org: Organisation, *, days: int, is_called: bool) -> None:  # fmt: skip
    phone = number(house, org)
    remove(house, org, phone)
    with house.engine.transaction():
        house.engine.execute("update registry_contactmethod set revoked_at = now() - %s where id = %s", (timedelta(days=days), phone))  # fmt: skip
    linked(house, org)
    assert (called(house, org) == {phone}) is is_called


def test_a_number_that_another_removed_or_that_is_in_use_elsewhere_is_not_called(house: House, org: Organisation) -> None:  # fmt: skip
    linked(house, org)
    phone = number(house, org)
    remove(house, org, phone, HONEST)
    assert called(house, org) == set()
    again = number(house, org)
    remove(house, org, again)
    assert called(house, org) == {again}
    anew = number(house, org)
    assert called(house, org) == {anew}
    remove(house, org, anew, HONEST)
    assert called(house, org) == {again}


def test_a_lead_with_another_number_is_not_called_on_one_that_may_have_been_lost(house: House, org: Organisation) -> None:  # fmt: skip
    lost, other = number(house, org), number(house, org, last=161)
    linked(house, org)
    remove(house, org, lost)
    assert called(house, org) == {other}


@pytest.mark.guarantee("I12")
def test_hours_that_he_writes_for_a_lead_hold_for_all_but_her_alarms(house: House, org: Organisation) -> None:  # fmt: skip
    phone = number(house, org)
    press(house, org, f"{where(org)}/contacts/{phone}", **{**NIGHT, "safe_until": "02:02"})
    linked(house, org)
    if datetime.now(UTC).hour != 2:
        assert called(house, org, HONEST) == set()
    assert called(house, org) == {phone}
    # What another writes then holds for her, too.
    press(house, org, f"{where(org)}/contacts/{phone}", HONEST, **NIGHT)
    if datetime.now(UTC).hour != 2:
        assert called(house, org) == set()


@pytest.mark.guarantee("I11")
def test_a_second_number_that_he_writes_down_is_not_called_until_a_lead_stands_for_it(house: House, org: Organisation) -> None:  # fmt: skip
    own, his = number(house, org), number(house, org, HIM, last=162)
    assert called(house, org) == {own, his}
    linked(house, org)
    assert called(house, org) == {own}
    assert called(house, org, HONEST) == {own, his}
    assert HE_WROTE not in page(house, org, where(org))
    assert HE_WROTE in page(house, org, where(org), HONEST)
    press(house, org, f"{where(org)}/contacts/{his}/confirm", HONEST)
    assert HE_WROTE not in page(house, org, where(org), HONEST)
    assert called(house, org) == {own, his}


@pytest.mark.guarantee("I5")
def test_the_only_number_of_a_colleague_is_called_although_he_wrote_it_down(house: House, org: Organisation) -> None:  # fmt: skip
    his = number(house, org, HIM)
    linked(house, org)
    assert called(house, org) == {his}


@pytest.mark.guarantee("I12")
def test_a_phone_that_he_enrolled_for_a_colleague_counts_when_a_safety_lead_stands_for_it(house: House, org: Organisation) -> None:  # fmt: skip
    number(house, org)
    device, push = a_push_by_him(house, org)
    assert push in called(house, org, channel="webpush")
    linked(house, org)
    assert called(house, org, channel="webpush") == set()
    assert called(house, org, HONEST, channel="webpush") == {push}
    confirm = f"/devices/{device}/confirm"
    for name, is_told in ((HIM, False), (HONEST, True)):
        shown = page(house, org, where(org), name)
        assert (HE_ENROLLED in shown, confirm in shown) == (is_told, is_told)
    # His own word, a lead's without that office, and hers, to whom it is not told, change nothing.
    for name, role in ((HIM, "admin"), ("guard", "guard"), ("colleague", "shift_lead")):
        viewer = Viewer(org.id, org.people[name], role)
        with pytest.raises(Hidden), viewing(house.conn, org.id, viewer.person_id):
            confirm_device(house.conn, viewer, device, at=datetime.now(UTC))
    press(house, org, confirm, HONEST)
    assert HE_ENROLLED not in page(house, org, where(org), HONEST)
    assert called(house, org, channel="webpush") == {push}


@pytest.mark.guarantee("I11")
def test_his_pages_and_what_others_are_sent_read_the_same_with_an_order_and_without(house: House) -> None:  # fmt: skip
    heard = []
    for is_kept in (False, True):
        org = an_employer(house)
        a_colleague(house, org, ended=timedelta(hours=-5))
        names = {number(house, org): "theirs", number(house, org, HIM, last=162): "his"}
        if is_kept:
            linked(house, org)
        first, second = names
        texts: list[str] = []
        for act in (first, second):
            press(house, org, f"{where(org)}/contacts/{act}", **NIGHT)
            texts += [
                page(house, org, where(org)),
                page(house, org, f"{where(org)}/contacts/{act}"),
            ]
            remove(house, org, act)
            texts += [page(house, org, where(org)), page(house, org, "/people")]
            texts.append(
                " ".join(sorted(names[each] for each in called(house, org, "safety_lead")))
            )
        heard.append(texts)
    for without, with_it in zip(*heard, strict=True):
        assert unified(without, with_it) == ""


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize(
    "statement",
    [
        "update registry_contactmethod set revoked_at = now(), removed_by_id = person_id where id = %s",
        "update registry_contactmethod set removed_by_id = null, ruled_by_id = null where id = %s",
        "update registry_contactmethod set safe_rule = '{\"only_owner_answers\": false}', ruled_by_id = null, rule_before = safe_rule where id = %s",
        "update registry_contactmethod set made_by_id = null where id = %s",
    ],
)
def test_no_statement_of_the_web_role_hides_whose_hand_it_was(house: House, org: Organisation, statement: str) -> None:  # fmt: skip
    phone = number(house, org)
    linked(house, org)
    remove(house, org, phone)
    with viewing(house.conn, org.id, org.people[HIM]):
        house.conn.execute(statement, (phone,))
    assert called(house, org) == {phone}
