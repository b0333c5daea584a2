"""A STOP turns nothing off here. What a carrier makes of it ends what was proved, and is told to her and to a lead."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import HARBOUR_SITE, SLUGS, SeededIds, a_press
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Doing, Kind
from tocsin.engine.intake import take
from tocsin.flow.alarms import Change
from tocsin.flow.keep_receipt import keep_receipt
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.respond import Answered, respond
from tocsin.flow.run_drill import prove_at_start
from tocsin.flow.tell_blocked import tell_blocked
from tocsin.notifications import store_blocked, store_board
from tocsin.notifications.channels.sms.receipts import Receipt
from tocsin.notifications.rules.delivery import Delivery
from tocsin.notifications.rules.due import BLOCKED, STOP_HEARD, STOP_SAID
from tocsin.runtime.database import Connection, viewing

IDS = SeededIds("opted out")
GUS = cast.GUARD
HARBOUR = cast.HARBOUR_EMS


@pytest.fixture
def alarms(postgres_store: Store) -> PostgresAlarms:
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    return postgres_store.alarms


def asked(alarms: PostgresAlarms, number: int = 0) -> Delivery:
    """Return the text that asks Gus whether he is reachable; another `number` asks anew."""
    began = (AT - timedelta(minutes=number), frozenset({GUS.id}))
    with alarms.atomically():
        change = prove_at_start(alarms, HARBOUR, HARBOUR_SITE.id, began, ids=IDS, engine="e1")
    assert change is not None
    return next(d for d in change.deliveries if d.channel == "sms")


def answered(alarms: PostgresAlarms, question: Delivery) -> None:
    on = Answered(question.id)
    with alarms.atomically():
        respond(alarms, HARBOUR, question.incident_id, by=GUS.id, doing=Doing.SEEN, via="text", ids=IDS, on=on)  # fmt: skip


def refused(alarms: PostgresAlarms, *messages: Delivery) -> None:
    """Have the carrier refuse these texts at once, as Twilio's 21610 does."""
    with alarms.atomically():
        alarms.conn.execute(
            "update notifications_delivery set state = 'failed', error = 'opted_out', ended_at = now() where id = any(%s)",
            ([message.id for message in messages],),
        )


def now(web: Connection) -> datetime:
    row = web.execute("select now()").fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def proven(web: Connection, viewer: UUID | None = None) -> bool:
    with viewing(web, HARBOUR, viewer):
        return GUS.id in store_board.load_proven(web, HARBOUR, AT).get(HARBOUR_SITE.id, set())


def blocked(web: Connection, viewer: UUID | None = None) -> set[UUID]:
    with viewing(web, HARBOUR, viewer):
        found = store_blocked.load_blocked(web, HARBOUR, now(web))
    return {person_id for person_id, _since in found.values()}


def told(alarms: PostgresAlarms) -> list[Change]:
    with alarms.atomically():
        return tell_blocked(alarms, ids=IDS, engine="e1")


def texted(alarms: PostgresAlarms, words: str, who: cast.Player = GUS) -> list[Change]:
    """Return what this text has changed, as the engine takes it."""
    with alarms.atomically():
        text = TextIn(SLUGS[HARBOUR], "carrier", IDS.uuid().hex, who.phone, words, alarms.now())
        return take(alarms, text, IDS, "e1").changes


def templates(changes: list[Change]) -> dict[str, set[UUID]]:
    """Return to whom each text goes."""
    found: dict[str, set[UUID]] = {}
    for change in changes:
        for delivery in change.deliveries:
            found.setdefault(delivery.template, set()).add(delivery.person_id)
    return found


def test_a_stop_that_was_only_shown_while_the_database_was_away_is_answered_once_it_is_back(
    alarms: PostgresAlarms,
) -> None:
    text = TextIn(SLUGS[HARBOUR], "carrier", IDS.uuid().hex, GUS.phone, "STOP", alarms.now())
    with alarms.atomically():
        # As memory hands it over; then the spool is read once more.
        receive_text(alarms, text, ids=IDS)
    with alarms.atomically():
        found = templates(take(alarms, text, IDS, "e1").changes)
    assert found[STOP_SAID] == {GUS.id}
    assert found[STOP_HEARD]


@pytest.mark.guarantee("I20")
def test_a_proof_counts_no_more_once_the_carrier_refuses_and_again_when_it_is_proved_anew(alarms: PostgresAlarms, web: Connection) -> None:  # fmt: skip
    answered(alarms, asked(alarms))
    assert (proven(web), blocked(web)) == (True, set())
    refused(alarms, asked(alarms, 1))
    assert (proven(web), blocked(web)) == (False, {GUS.id})
    answered(alarms, asked(alarms, 2))
    assert (proven(web), blocked(web)) == (True, set())


@pytest.mark.guarantee("I20")
def test_a_receipt_that_says_so_later_counts_as_a_refusal_and_a_delivered_one_ends_it(alarms: PostgresAlarms, web: Connection) -> None:  # fmt: skip
    answered(alarms, asked(alarms))
    with web.transaction():
        assert keep_receipt(web, SLUGS[HARBOUR], Receipt(None, asked(alarms, 1).reference, "failed", "opted_out"), at=AT)  # fmt: skip
    assert (proven(web), blocked(web)) == (False, {GUS.id})
    with web.transaction():
        assert keep_receipt(web, SLUGS[HARBOUR], Receipt(None, asked(alarms, 2).reference, "delivered", None), at=AT)  # fmt: skip
    # It arrives again; that he reads it is to be proved anew.
    assert (proven(web), blocked(web)) == (False, set())


@pytest.mark.guarantee("I2")
def test_leads_and_the_owner_are_told_once_a_day_and_it_is_on_record(alarms: PostgresAlarms) -> None:  # fmt: skip
    refused(alarms, asked(alarms))
    changes = told(alarms)
    to = templates(changes)
    assert set(to) == {BLOCKED, STOP_SAID}
    assert to[STOP_SAID] == {GUS.id}
    assert to[BLOCKED] <= {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}
    to_him = [d for change in changes for d in change.deliveries if d.person_id == GUS.id]
    assert "sms" not in {d.channel for d in to_him}
    with alarms.atomically():
        kinds = alarms.conn.execute("select count(*) from record_entry where kind = 'number.blocked'").fetchone()  # fmt: skip
    assert kinds == (1,)
    refused(alarms, asked(alarms, 1))
    assert told(alarms) == []


@pytest.mark.guarantee("I4")
@pytest.mark.parametrize("words", ["STOP", "cancel", "End."])
def test_whoever_texts_a_word_that_carriers_heed_is_told_on_every_way_and_so_is_a_lead(alarms: PostgresAlarms, web: Connection, words: str) -> None:  # fmt: skip
    answered(alarms, asked(alarms))
    changes = texted(alarms, words)
    to = templates(changes)
    assert to[STOP_SAID] == {GUS.id}
    assert to[STOP_HEARD]
    assert GUS.id not in to[STOP_HEARD]
    assert "sms" in {d.channel for c in changes for d in c.deliveries if d.template == STOP_SAID}
    assert {c.incident.kind for c in changes if c.incident and c.is_new} == {Kind.TASK, Kind.GAP}
    # The word itself ends nothing.
    assert (proven(web), blocked(web)) == (True, set())
    assert templates(texted(alarms, words)) == {}
    with viewing(web, HARBOUR, cast.SAFETY_LEAD.id):
        assert set(store_blocked.load_stopped(web, HARBOUR, now(web))) == {GUS.id}


@pytest.mark.guarantee("I9")
def test_whoever_holds_her_phone_is_answered_alike_whether_an_alarm_of_hers_is_open_or_not(alarms: PostgresAlarms) -> None:  # fmt: skip
    with alarms.atomically():
        raise_sos(alarms, [a_press(is_silent=True)], ids=IDS, engine="e1")
    to = templates(texted(alarms, "STOP", cast.PROTECTED))
    assert (to[STOP_SAID], bool(to[STOP_HEARD])) == ({cast.PROTECTED.id}, True)


@pytest.mark.guarantee("I22")
def test_her_phone_does_not_ring_for_what_a_carrier_did_while_an_alarm_of_hers_is_open(alarms: PostgresAlarms) -> None:  # fmt: skip
    refused(alarms, asked(alarms))
    with alarms.atomically():
        raise_sos(alarms, [a_press(person_id=GUS.id, is_silent=True)], ids=IDS, engine="e1")
    to = templates(told(alarms))
    assert (STOP_SAID in to, BLOCKED in to) == (False, True)


@pytest.mark.guarantee("I22")
def test_what_became_of_her_own_alarms_messages_does_not_show_on_her_screens(alarms: PostgresAlarms, web: Connection) -> None:  # fmt: skip
    answered(alarms, asked(alarms))
    with alarms.atomically():
        alarms.conn.execute(
            """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source)
            values (gen_random_uuid(), %s, %s, %s, 'guard', now() - interval '1 hour', now() + interval '1 hour', 'test')""",
            (HARBOUR, HARBOUR_SITE.id, GUS.id),
        )
        (change,) = raise_sos(alarms, [a_press(is_silent=True)], ids=IDS, engine="e1")
    refused(alarms, *(d for d in change.deliveries if d.person_id == GUS.id and d.channel == "sms"))
    assert (proven(web, cast.PROTECTED.id), blocked(web, cast.PROTECTED.id)) == (True, set())
    assert (proven(web, cast.SAFETY_LEAD.id), blocked(web, cast.SAFETY_LEAD.id)) == (False, {GUS.id})  # fmt: skip
    assert cast.PROTECTED.id not in templates(told(alarms)).get(BLOCKED, set())


@pytest.mark.guarantee("I22")
def test_to_tell_of_a_blocked_number_locks_no_alarm_of_its_owner(alarms: PostgresAlarms, web: Connection) -> None:  # fmt: skip
    refused(alarms, asked(alarms))
    with alarms.atomically():
        (change,) = raise_sos(alarms, [a_press(person_id=GUS.id)], ids=IDS, engine="e1")
    assert change.incident is not None
    with viewing(web, HARBOUR, cast.SAFETY_LEAD.id):
        mine = "select id from decisions_incident where id = %s for update"
        web.execute(mine, (change.incident.id,))
        # Whoever acts on it holds it meanwhile: the look waits for nobody, and so nobody for the look.
        with alarms.atomically():
            alarms.conn.execute("set local lock_timeout = '200ms'")
            assert set(templates(tell_blocked(alarms, ids=IDS, engine="e1"))) == {BLOCKED}


def test_midnight_makes_no_second_telling_of_a_number_and_a_whole_day_does(alarms: PostgresAlarms) -> None:  # fmt: skip
    refused(alarms, asked(alarms))
    assert set(templates(told(alarms))) == {BLOCKED, STOP_SAID}
    # As if it had been told one day earlier, shortly before midnight.
    rename = """update decisions_incident set key = regexp_replace(key, '[0-9]{8}$', to_char(%s::timestamptz at time zone 'UTC', 'YYYYMMDD')),
        opened_at = now() - make_interval(secs => %s) where key ~ '^(said|blocked)-'"""
    with alarms.atomically():
        day = alarms.conn.execute("select max(made_at) - interval '1 day' from notifications_delivery where error = 'opted_out'").fetchone()  # fmt: skip
        assert day is not None
        alarms.conn.execute(rename, (day[0], 120))
    assert told(alarms) == []
    with alarms.atomically():
        alarms.conn.execute(rename, (day[0], 24 * 3600 + 1))
    assert set(templates(told(alarms))) == {BLOCKED, STOP_SAID}


def test_a_full_hour_of_the_clock_makes_no_second_telling_of_a_stop_and_an_hour_since_does(alarms: PostgresAlarms) -> None:  # fmt: skip
    assert set(templates(texted(alarms, "STOP"))) == {STOP_SAID, STOP_HEARD}
    # As if it had been told in the clock's last hour: two minutes ago, then an hour and a second ago.
    rename = """update decisions_incident set opened_at = now() - make_interval(secs => %s), key = regexp_replace(key, '[0-9]{10}$',
        to_char((now() - interval '1 hour') at time zone 'UTC', 'YYYYMMDDHH24')) where key ~ '^(said|stop)-'"""
    with alarms.atomically():
        alarms.conn.execute(rename, (120,))
    assert templates(texted(alarms, "STOP")) == {}
    with alarms.atomically():
        alarms.conn.execute(rename, (3601,))
    assert set(templates(texted(alarms, "STOP"))) == {STOP_SAID, STOP_HEARD}
