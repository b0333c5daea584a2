"""A text from a number that her other side wrote down as hers: an SOS is raised, labelled; of hers nothing else counts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import Hands, SeededIds, a_press
from tests.store.a_case import insert_the_case
from tests.store.stores import Store
from tests.store.test_alarms_contract import a_delivery
from tocsin.decisions.rules.incident import Incident
from tocsin.engine.snapshotting import take_snapshot
from tocsin.flow.alarms import Alarms, Change, Sender
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.snapshot import from_dict, to_dict
from tocsin.notifications.rules.calling import template_again
from tocsin.runtime.encryption import KeyRing
from tocsin.signals.rules.hold import Hold, Kind, State

IDS = SeededIds("doubted numbers")
WREN = cast.PROTECTED
NUMBERS = {
    "his own making": "made_by_id = '{rex}'",
    "written in vain": "in_vain = 'written'",
    "his making, for which he stands": "made_by_id = '{rex}', confirmed_by_id = '{rex}'",
}
HERS = {
    "of nobody": "made_by_id = null",
    "of an honest lead": "made_by_id = '{lea}'",
    "his making, for which another stands": "made_by_id = '{rex}', confirmed_by_id = '{lea}'",
    "vouched for by him alone": "in_vain = 'vouched', verified_at = now()",
}

Made = Callable[[str], Alarms]


@pytest.fixture(params=["memory", "postgres"])
def made(request: pytest.FixtureRequest, postgres_store: Store, ring: KeyRing) -> Made:
    """Return how to make a store that knows her number as this says: the rows, or the snapshot that is taken of them."""
    rows = postgres_store.alarms
    assert isinstance(rows, PostgresAlarms)

    def make(what: str) -> Alarms:
        said = what.format(rex=cast.RESPONDENT.id, lea=cast.SAFETY_LEAD.id)
        insert_the_case(rows.conn, ring)
        statement = f"update registry_contactmethod set {said} where channel = 'sms' and person_id = %s"  # fmt: skip
        rows.conn.execute(statement.encode(), (WREN.id,))
        if request.param == "postgres":
            return rows
        with rows.atomically():
            snapshot = take_snapshot(rows)
        return MemoryAlarms(from_dict(to_dict(snapshot)), Hands().now)

    return make


def texts(alarms: Alarms, words: str) -> list[Change]:
    """Let a gateway hand in what came from her number."""
    text = TextIn("harbour", "carrier", IDS.uuid().hex, WREN.phone, words, AT)
    with alarms.atomically():
        return receive_text(alarms, text, ids=IDS)


def sender(alarms: Alarms) -> Sender:
    with alarms.atomically():
        found = alarms.sender("harbour", WREN.phone)
    assert found is not None
    return found


@pytest.mark.parametrize("what", NUMBERS.values(), ids=NUMBERS)
def test_it_is_said_which_way_of_hers_it_is_and_that_it_is_doubted(made: Made, what: str) -> None:
    found = sender(made(what))
    assert (found.person_id, found.is_doubted) == (WREN.id, True)
    assert found.contact_id is not None


@pytest.mark.parametrize("what", HERS.values(), ids=HERS)
def test_whatever_another_stands_for_is_hers(made: Made, what: str) -> None:
    found = sender(made(what))
    assert (found.person_id, found.is_doubted) == (WREN.id, False)


@pytest.mark.guarantee("I5")
def test_whoever_is_called_is_told_that_nobody_has_confirmed_the_number_until_a_phone_of_hers_presses(made: Made) -> None:  # fmt: skip
    alarms = made(NUMBERS["his own making"])
    (first,) = texts(alarms, "SOS")
    assert first.incident is not None
    assert template_again(first.incident) == "sos_doubted_again"
    with alarms.atomically():
        kept = alarms.incident(cast.HARBOUR_EMS, first.incident.id)
        assert kept is not None
        assert kept.is_from_doubted
        (pressed,) = raise_sos(alarms, [a_press(WREN, received_at=alarms.now())], ids=IDS)
    assert pressed.incident is not None
    assert template_again(pressed.incident) == "sos_again"
    # What the other phone writes then takes nothing from it.
    texts(alarms, "SOS")
    with alarms.atomically():
        after = alarms.incident(cast.HARBOUR_EMS, first.incident.id)
    assert after is not None
    assert not after.is_from_doubted


@pytest.mark.guarantee("I5")
@pytest.mark.parametrize("what", NUMBERS.values(), ids=NUMBERS)
def test_an_sos_from_there_calls_people_and_is_labelled(made: Made, what: str) -> None:
    (change,) = texts(made(what), "SOS")
    assert change.is_new
    assert {d.template for d in change.deliveries} == {"sos_doubted"}
    assert change.entries[0].body["label"] == "unconfirmed number"
    assert [signal.press.labels for signal in change.signals] == [("unconfirmed number",)]


def an_incident(alarms: Alarms, of: cast.Player = cast.GUARD) -> Incident:
    """Return somebody else's SOS, of which she was told on this number with the code 123."""
    text = TextIn("harbour", "carrier", IDS.uuid().hex, of.phone, "SOS", AT)
    with alarms.atomically():
        (change,) = receive_text(alarms, text, ids=IDS)
        assert change.incident is not None
        hers = a_delivery(change.incident, WREN, code="123")
        alarms.save([Change(incident=change.incident, deliveries=(hers,))])
    return change.incident


def in_charge(alarms: Alarms, incident: Incident) -> UUID | None:
    """Return who is in charge of it now."""
    with alarms.atomically():
        after = alarms.incident(incident.organisation_id, incident.id)
    assert after is not None
    return after.charge.person_id if after.charge else None


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("what", NUMBERS.values(), ids=NUMBERS)
def test_a_code_from_there_counts_where_he_would_see_that_it_does_not(made: Made, what: str) -> None:  # fmt: skip
    alarms = made(what)
    incident = an_incident(alarms)
    texts(alarms, "1 123")
    assert in_charge(alarms, incident) == WREN.id
    if isinstance(alarms, PostgresAlarms):
        rows = alarms.conn.execute(
            "select meaning, incident_ids from signals_textreceived where meaning <> 'sos'"
        ).fetchall()
        # It is shown there with where it came from, and to him no line of hers is.
        assert rows == [("doubted answer", [incident.id])]


def rules_out_rex(alarms: Alarms) -> None:
    """Let the guard say that Rex must not hear of hers."""
    if isinstance(alarms, PostgresAlarms):
        alarms.conn.execute(
            """insert into registry_emergencycontact (id, organisation_id, person_id, colleague_id, name_sealed,
                address_sealed, relation, never_notify, never_give_location)
            values (%s, %s, %s, %s, '', '', 'colleague', true, true)""",
            (cast.number(0xE1), cast.HARBOUR_EMS, cast.GUARD.id, cast.RESPONDENT.id),
        )
        return
    assert isinstance(alarms, MemoryAlarms)
    known = alarms._people[cast.GUARD.id]
    alarms._people[cast.GUARD.id] = replace(known, kept_out=frozenset({cast.RESPONDENT.id}))


@pytest.mark.guarantee("I4")
@pytest.mark.parametrize("what", NUMBERS.values(), ids=NUMBERS)
def test_a_code_from_there_answers_nothing_of_which_he_must_not_hear(made: Made, what: str) -> None:  # fmt: skip
    alarms = made(what)
    rules_out_rex(alarms)
    incident = an_incident(alarms)
    changed = texts(alarms, "1 123")
    assert [c.acts for c in changed] == [()]
    assert in_charge(alarms, incident) is None


@pytest.mark.guarantee("I11")
def test_the_record_of_an_incident_says_of_unclear_words_what_it_says_of_any(made: Made) -> None:
    alarms = made(NUMBERS["his own making"])
    an_incident(alarms)
    texts(alarms, "hello")
    if isinstance(alarms, PostgresAlarms):
        ((leaf,),) = alarms.conn.execute("select leaf from record_entry where kind = 'answer.unclear'").fetchall()  # fmt: skip
        assert b"no code" in leaf
        assert b"unconfirmed" not in leaf


def test_the_same_code_from_a_number_that_is_hers_is_an_answer(made: Made) -> None:
    alarms = made(HERS["of an honest lead"])
    incident = an_incident(alarms)
    texts(alarms, "1 123")
    with alarms.atomically():
        after = alarms.incident(incident.organisation_id, incident.id)
    assert after is not None
    assert after.charge is not None
    assert after.charge.person_id == WREN.id


def her_hold(alarms: Alarms) -> Hold:
    """Return her held walk, of which she was told by her phrase."""
    with alarms.atomically():
        at = alarms.now()
        hold = Hold(
            id=cast.number(0x7A4),
            organisation_id=cast.HARBOUR_EMS,
            person_id=WREN.id,
            site_id=cast.HARBOUR.id,
            kind=Kind.LEAVING,
            edge_at=at + timedelta(minutes=5),
            opened_at=AT,
            state=State.HELD,
            told_at=AT,
        )
        alarms.save([Change(holds=(hold,))])
    return hold


@pytest.mark.parametrize(
    ("what", "is_told"),
    [(NUMBERS["his own making"], False), (NUMBERS["written in vain"], False), (HERS["of nobody"], True)],
)  # fmt: skip
def test_her_answer_to_the_phrase_counts_only_from_a_number_that_is_hers(made: Made, what: str, is_told: bool) -> None:  # fmt: skip
    alarms = made(what)
    her_hold(alarms)
    texts(alarms, "ok")
    with alarms.atomically():
        (hold,) = alarms.open_holds(cast.HARBOUR_EMS, person_id=WREN.id)
    assert (hold.answered_at is not None) is is_told


def test_a_lead_is_shown_that_it_came_where_nothing_is_open(made: Made) -> None:
    alarms = made(NUMBERS["written in vain"])
    texts(alarms, "1 123")
    if isinstance(alarms, PostgresAlarms):
        rows = alarms.conn.execute("select source, why from signals_unverifiedsignal").fetchall()
        assert rows == [("carrier", "words without a code")]
        kept = alarms.conn.execute("select meaning, incident_ids from signals_textreceived").fetchall()  # fmt: skip
        assert kept == [("doubted", [])]


def shown_where_nothing_is_open(alarms: PostgresAlarms) -> tuple[object, ...]:
    """Return what leads, and the employer's log, are shown of words that stand on no alarm."""
    rows = alarms.conn.execute("select source, why from signals_unverifiedsignal").fetchall()
    lines = alarms.conn.execute("select count(*) from record_entry where kind = 'answer.unclear' and incident_id is null").fetchone()  # fmt: skip
    return rows, lines


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("what", NUMBERS.values(), ids=NUMBERS)
@pytest.mark.parametrize("words", ["hello", "1 123"])
def test_whoever_writes_from_there_is_shown_the_same_whether_something_of_hers_is_open_or_not(made: Made, what: str, words: str) -> None:  # fmt: skip
    alarms = made(what)
    if not isinstance(alarms, PostgresAlarms):
        return
    with alarms.atomically():
        (hers,) = raise_sos(alarms, [a_press(WREN, received_at=alarms.now())], ids=IDS)
    assert hers.incident is not None
    texts(alarms, words)
    assert shown_where_nothing_is_open(alarms) == ([("carrier", "words without a code")], (1,))
    kept = alarms.conn.execute("select meaning, incident_ids from signals_textreceived").fetchall()
    assert kept == [("doubted", [hers.incident.id])]


def test_words_that_stand_on_an_alarm_that_he_may_see_are_not_said_a_second_time(made: Made) -> None:  # fmt: skip
    alarms = made(NUMBERS["his own making"])
    an_incident(alarms)
    texts(alarms, "hello")
    if isinstance(alarms, PostgresAlarms):
        assert shown_where_nothing_is_open(alarms) == ([], (0,))
