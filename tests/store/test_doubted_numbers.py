"""A text from a number that her other side wrote down as hers: an SOS is raised, labelled; nothing else of it counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import Hands, SeededIds
from tests.store.a_case import insert_the_case
from tests.store.stores import Store
from tests.store.test_alarms_contract import a_delivery
from tocsin.decisions.rules.incident import Incident
from tocsin.engine.snapshotting import take_snapshot
from tocsin.flow.alarms import Alarms, Change, Sender
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.snapshot import from_dict, to_dict
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
@pytest.mark.parametrize("what", NUMBERS.values(), ids=NUMBERS)
def test_an_sos_from_there_calls_people_and_is_labelled(made: Made, what: str) -> None:
    (change,) = texts(made(what), "SOS")
    assert change.is_new
    assert change.deliveries
    assert change.entries[0].body["label"] == "unconfirmed number"
    assert [signal.press.labels for signal in change.signals] == [("unconfirmed number",)]


def an_incident(alarms: Alarms) -> Incident:
    """Return somebody else's SOS, of which she was told on this number with the code 123."""
    text = TextIn("harbour", "carrier", IDS.uuid().hex, cast.GUARD.phone, "SOS", AT)
    with alarms.atomically():
        (change,) = receive_text(alarms, text, ids=IDS)
        assert change.incident is not None
        hers = a_delivery(change.incident, WREN, code="123")
        alarms.save([Change(incident=change.incident, deliveries=(hers,))])
    return change.incident


@pytest.mark.guarantee("I4")
@pytest.mark.parametrize("what", NUMBERS.values(), ids=NUMBERS)
def test_a_code_from_there_answers_nothing_and_is_shown_as_unclear(made: Made, what: str) -> None:
    alarms = made(what)
    incident = an_incident(alarms)
    changed = texts(alarms, "1 123")
    assert [c.acts for c in changed] == [()]
    with alarms.atomically():
        after = alarms.incident(incident.organisation_id, incident.id)
    assert after is not None
    assert after.charge is None


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
            opened_at=at,
            state=State.HELD,
            told_at=at,
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
