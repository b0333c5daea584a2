"""What senders report lies sealed, is taken once, and is seen by nobody who may not know of its sender."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from tests import cast
from tests.builders import AT
from tocsin.flow import take_message as take_message_module
from tocsin.flow.receive_report import receive_report
from tocsin.flow.take_message import Remembered, Taken, take_or_set_aside
from tocsin.registry import store_senders as senders
from tocsin.registry.rules.sender import SenderKind, SenderRow
from tocsin.runtime.database import Connection, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, uuid7
from tocsin.runtime.postgres import Cluster
from tocsin.signals import store_nonces as nonces
from tocsin.signals import store_quarantine as quarantine
from tocsin.signals import store_reports as reports
from tocsin.signals.feeds.reading import Message
from tocsin.signals.rules.quarantine import KEEP_RAW, Why
from tocsin.signals.rules.seen import PlateRead, Position, Seen, Source

HERE = cast.HARBOUR_EMS
IDS = RandomIds()
KEY = b"k" * 32


@pytest.fixture
def roles(
    cluster: Cluster, new_database: Callable[..., str], alarms_template: str
) -> Iterator[dict[str, Connection]]:
    """Return connections to one database as the web, the engine and the superuser."""
    name = new_database(alarms_template)
    found = {
        role: psycopg.connect(cluster.url(role, database=name), autocommit=True)
        for role in ("web", "engine", "postgres")
    }
    yield found
    for conn in found.values():
        conn.close()


def a_seen(**changes: object) -> Seen:
    values: dict[str, object] = {
        "organisation_id": HERE,
        "source": Source.PLATE,
        "track": "t1",
        "seen_at": AT,
        "heard_at": AT,
        "plates": (PlateRead("ABC123", 0.9, "us-il"),),
        "position": Position(41.8, -87.6, AT, accuracy_m=5),
        "codes": ("late",),
    }
    return Seen(**values | changes)  # type: ignore[arg-type]


def a_sender(**changes: object) -> SenderRow:
    values: dict[str, object] = {
        "id": uuid7(),
        "organisation_id": HERE,
        "name": f"gate {uuid7().hex[-6:]}",
        "kind": "signed_json",
        "site_id": cast.HARBOUR.id,
        "made_at": AT,
    }
    return SenderRow(**values | changes)  # type: ignore[arg-type]


def put(conn: Connection, ring: KeyRing, seen: Seen) -> UUID:
    with viewing(conn, seen.organisation_id):
        return receive_report(conn, ring, seen, ids=IDS)


def test_what_was_seen_is_taken_as_it_was_put_and_is_sealed_in_between(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    seen = a_seen(name="Rex Notreal", sender_id=uuid7(), case_id=uuid7(), person_id=uuid7())
    put(roles["web"], ring, seen)
    raw = roles["postgres"].execute("select body_sealed from signals_report").fetchone()
    assert raw
    assert b"Rex" not in bytes(raw[0])
    with roles["engine"].transaction():
        taken = reports.take_reports(roles["engine"], ring)
        assert [report.seen for report in taken] == [seen]
        assert reports.delete_reports(roles["engine"], [taken[0].id]) == 1
    assert roles["engine"].execute("select count(*) from signals_report").fetchone() == (0,)


def test_the_web_reads_no_report_back(roles: dict[str, Connection], ring: KeyRing) -> None:
    put(roles["web"], ring, a_seen())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), viewing(roles["web"], HERE):
        roles["web"].execute("select * from signals_report")


@pytest.mark.guarantee("I25")
def test_a_sender_that_floods_is_taken_one_for_one_with_the_others(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    loud, quiet = uuid7(), uuid7()
    for n in range(5):
        put(roles["web"], ring, a_seen(sender_id=loud, track=f"l{n}"))
    put(roles["web"], ring, a_seen(sender_id=quiet, heard_at=AT + timedelta(seconds=9)))
    with roles["engine"].transaction():
        first = reports.take_reports(roles["engine"], ring, limit=2)
    assert {report.sender_id for report in first} == {loud, quiet}


@pytest.mark.guarantee("I25")
def test_a_report_that_failed_comes_after_those_that_did_not(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    poison = put(roles["web"], ring, a_seen(track="poison"))
    assert reports.count_try(roles["engine"], poison) == 1
    put(roles["web"], ring, a_seen(track="good", heard_at=AT + timedelta(hours=1)))
    with roles["engine"].transaction():
        order = [report.tries for report in reports.take_reports(roles["engine"], ring)]
    assert order == [0, 1]


@pytest.mark.guarantee("I8")
def test_what_a_restored_database_holds_hides_nothing_that_comes_after(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    for n in range(5):
        put(roles["web"], ring, a_seen(track=f"old-{n}", heard_at=AT - timedelta(days=1)))
    put(roles["web"], ring, a_seen(track="new"))
    with roles["engine"].transaction():
        taken = reports.take_reports(roles["engine"], ring, limit=2, since=AT)
    assert [report.seen and report.seen.track for report in taken] == ["new"]


def test_two_engines_take_different_reports(
    roles: dict[str, Connection], ring: KeyRing, cluster: Cluster
) -> None:
    for n in range(2):
        put(roles["web"], ring, a_seen(track=str(n)))
    name = roles["engine"].info.dbname
    with psycopg.connect(cluster.url("engine", database=name), autocommit=True) as other:
        with roles["engine"].transaction(), other.transaction():
            mine = reports.take_reports(roles["engine"], ring, limit=1)
            theirs = reports.take_reports(other, ring)
            assert len(mine) == 1
            assert mine[0].id not in {report.id for report in theirs}


def test_a_body_that_cannot_be_opened_is_no_seen(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    put(roles["web"], ring, a_seen())
    roles["postgres"].execute("update signals_report set body_sealed = 'x'")
    with roles["engine"].transaction():
        assert [report.seen for report in reports.take_reports(roles["engine"], ring)] == [None]


def enrol(roles: dict[str, Connection], ring: KeyRing, sender: SenderRow) -> SenderRow:
    with viewing(roles["web"], HERE, cast.SAFETY_LEAD.id):
        senders.insert_sender(roles["web"], ring, sender, KEY)
    return sender


def test_a_door_finds_its_sender_before_it_knows_whose_it_is(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    sender = enrol(roles, ring, a_sender(settings={"fault": "E4"}, interval_s=60))
    assert senders.find_sender(roles["web"], ring, sender.id) == (sender, KEY)
    assert senders.find_sender(roles["web"], ring, uuid7()) is None


@pytest.mark.guarantee("I18")
def test_a_revoked_sender_is_found_no_more(roles: dict[str, Connection], ring: KeyRing) -> None:
    sender = enrol(roles, ring, a_sender())
    with viewing(roles["web"], HERE, cast.SAFETY_LEAD.id):
        assert senders.revoke_sender(roles["web"], HERE, sender.id, AT)
    assert senders.find_sender(roles["web"], ring, sender.id) is None


@pytest.mark.guarantee("I12")
def test_a_page_reaches_no_sender_through_the_door_s_function(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    sender = enrol(roles, ring, a_sender(settings={"topic": "frigate"}, kind="frigate"))
    with viewing(roles["web"], HERE, cast.RESPONDENT.id):
        assert senders.find_sender(roles["web"], ring, sender.id) is None
        assert senders.load_listened(roles["web"]) == []
    assert [one.id for one in senders.load_listened(roles["web"])] == [sender.id]


def a_case(roles: dict[str, Connection]) -> UUID:
    """Return a case of Wren against Rex, who works here; Sefa entered it."""
    case_id = uuid7()
    owner = roles["postgres"]
    owner.execute(
        """insert into registry_case (id, organisation_id, word, protected_id, respondent_sealed, opened_at, opened_by_id)
        values (%s, %s, 'WREN', %s, '', %s, %s)""",
        (case_id, HERE, cast.PROTECTED.id, AT, cast.SAFETY_LEAD.id),
    )
    owner.execute(
        "insert into registry_party (id, organisation_id, case_id, person_id, since) values (%s, %s, %s, %s, %s)",
        (uuid7(), HERE, case_id, cast.RESPONDENT.id, AT),
    )
    owner.execute("alter table registry_grant disable trigger user")
    owner.execute(
        """insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at)
        values (%s, %s, %s, %s, 'entered', %s, %s, now() + interval '1 day')""",
        (uuid7(), HERE, case_id, cast.SAFETY_LEAD.id, AT, cast.SAFETY_LEAD.id),
    )
    owner.execute("alter table registry_grant enable trigger user")
    return case_id


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("bound_to", ["case", "her phone"])
def test_a_respondent_sees_neither_her_tracker_nor_what_it_left_behind(
    roles: dict[str, Connection], ring: KeyRing, bound_to: str
) -> None:
    case_id = a_case(roles)
    ties = {"case_id": case_id} if bound_to == "case" else {"person_id": cast.PROTECTED.id}
    sender = enrol(roles, ring, a_sender(kind="owntracks", **ties))
    with viewing(roles["web"], HERE):
        quarantine.set_aside(
            roles["web"], ring, HERE, "owntracks", Why.FUTURE, b"{}", sender_id=sender.id, at=AT
        )
        assert nonces.use_nonce(roles["web"], HERE, sender.id, "n", at=AT)
        senders.note_heard(roles["web"], sender.id, AT, dropped=3)
    with viewing(roles["web"], HERE, cast.RESPONDENT.id):
        assert senders.load_senders(roles["web"], HERE) == []
        assert quarantine.load_set_aside(roles["web"], HERE) == []
        assert roles["web"].execute("select * from signals_nonce").fetchall() == []
    with viewing(roles["web"], HERE, cast.SAFETY_LEAD.id):
        (found,) = senders.load_senders(roles["web"], HERE)
        assert (found.heard_at, found.dropped_count) == (AT, 3)
        (aside,) = quarantine.load_set_aside(roles["web"], HERE)
        assert quarantine.open_raw(roles["web"], ring, HERE, aside.id) == "{}"


@pytest.mark.guarantee("I12")
def test_a_respondent_enrols_no_tracker_in_her_case(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    case_id = a_case(roles)
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        viewing(roles["web"], HERE, cast.RESPONDENT.id),
    ):
        senders.insert_sender(roles["web"], ring, a_sender(kind="owntracks", case_id=case_id), KEY)


@pytest.mark.guarantee("I25")
def test_what_cannot_be_read_is_kept_so_often_and_then_counted(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    sender = enrol(roles, ring, a_sender())
    with viewing(roles["web"], HERE):
        for n in range(KEEP_RAW + 5):
            quarantine.set_aside(
                roles["web"], ring, HERE, "signed_json", Why.NOT_JSON, b"\xff%d" % n,
                sender_id=sender.id, at=AT + timedelta(seconds=n),
            )  # fmt: skip
        found = quarantine.load_set_aside(roles["web"], HERE)
        assert len(found) == KEEP_RAW
        assert sum(one.count for one in found) == KEEP_RAW + 5
        assert quarantine.open_raw(roles["web"], ring, HERE, found[-1].id) == "\ufffd0"


def test_a_nonce_is_used_once_by_each_sender_and_forgotten_later(
    roles: dict[str, Connection],
) -> None:
    first, second = uuid7(), uuid7()
    with viewing(roles["web"], HERE):
        assert nonces.use_nonce(roles["web"], HERE, first, "n", at=AT)
        assert not nonces.use_nonce(roles["web"], HERE, first, "n", at=AT)
        assert nonces.use_nonce(roles["web"], HERE, second, "n", at=AT)
        assert nonces.forget_nonces(roles["web"], AT + nonces.KEPT_FOR) == 0
        assert nonces.forget_nonces(roles["web"], AT + nonces.KEPT_FOR + timedelta(seconds=1)) == 2


@pytest.mark.guarantee("I23")
def test_a_monitor_is_heard_no_longer_than_its_case_is_open(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    case_id = a_case(roles)
    monitor = enrol(roles, ring, a_sender(kind="osmand", case_id=case_id, settings={"topic": "x"}))
    assert senders.find_sender(roles["web"], ring, monitor.id) is not None
    assert [one.id for one in senders.load_listened(roles["web"])] == [monitor.id]
    roles["postgres"].execute(
        "update registry_case set closed_at = now() where id = %s", (case_id,)
    )
    assert senders.find_sender(roles["web"], ring, monitor.id) is None
    assert senders.load_listened(roles["web"]) == []


@pytest.mark.guarantee("I25")
def test_what_can_be_read_and_not_be_kept_is_set_aside_and_the_next_message_goes_on(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    def taken(sender: SenderRow, name: str) -> Taken:
        body = f'{{"name": "{name}"}}'.encode()
        return take_or_set_aside(
            roles["web"], ring, sender, Message(body), at=AT, ids=IDS, remembered=Remembered()
        )

    feed = enrol(roles, ring, a_sender())
    roles["postgres"].execute("alter table signals_report alter column source type varchar(3)")
    assert [str(bad.why) for bad in taken(feed, "Rex").bad] == ["could not be decided about"]
    roles["postgres"].execute("alter table signals_report alter column source type varchar(30)")
    assert len(taken(feed, "Nova").kept) == 1
    rows = roles["engine"].execute("select why, count from signals_quarantined").fetchall()
    assert rows == [("could not be decided about", 1)]


@pytest.mark.guarantee("I25")
@pytest.mark.parametrize(
    "problem", [KeyError, TypeError, AttributeError, OverflowError, RecursionError]
)
def test_whatever_a_message_does_to_its_reader_it_is_set_aside(
    roles: dict[str, Connection],
    ring: KeyRing,
    problem: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*_: object) -> None:
        raise problem

    feed = enrol(roles, ring, a_sender())
    monkeypatch.setattr(take_message_module, "READERS", {SenderKind(feed.kind): breaks})
    taken = take_or_set_aside(
        roles["web"], ring, feed, Message(b"{}"), at=AT, ids=IDS, remembered=Remembered()
    )
    assert [str(bad.why) for bad in taken.bad] == ["could not be decided about"]


GATE_NOW = AT + timedelta(minutes=9)
DEAD_BATTERY = b'{"name": "Rex Notreal", "at": "1970-01-01T00:00:07Z"}'
NOW = b'{"name": "Rex Notreal", "at": "%s"}' % GATE_NOW.isoformat().encode()
A_SIGN_OF_LIFE = b"{}"


def heard(roles: dict[str, Connection], sender: SenderRow) -> object:
    row = (
        roles["postgres"]
        .execute("select heard_at from registry_sender where id = %s", (sender.id,))
        .fetchone()
    )
    assert row
    return row[0]


@pytest.mark.guarantee("I20")
def test_a_sender_whose_clock_is_wrong_lives_and_does_not_count_as_heard(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    feed, remembered = enrol(roles, ring, a_sender()), Remembered()

    def takes(body: bytes) -> Taken:
        how = {"at": GATE_NOW, "ids": IDS, "remembered": remembered}
        taken = take_or_set_aside(roles["web"], ring, feed, Message(body), **how)  # type: ignore[arg-type]
        remembered.keep(taken)
        return taken

    assert [bad.why for bad in takes(DEAD_BATTERY).bad] == [Why.TOO_OLD]
    assert heard(roles, feed) is None
    takes(A_SIGN_OF_LIFE)
    takes(b"[{}]")
    assert heard(roles, feed) is None
    assert len(takes(NOW).kept) == 1
    assert heard(roles, feed) == GATE_NOW


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize(
    "body", [A_SIGN_OF_LIFE, b"[{}]", b'{"events": [%s, %s]}' % (DEAD_BATTERY, NOW)]
)
def test_a_sign_of_life_what_cannot_be_read_and_an_event_of_now_among_old_ones_are_heard(
    roles: dict[str, Connection], ring: KeyRing, body: bytes
) -> None:
    feed = enrol(roles, ring, a_sender())
    how = {"at": GATE_NOW, "ids": IDS, "remembered": Remembered()}
    take_or_set_aside(roles["web"], ring, feed, Message(body), **how)  # type: ignore[arg-type]
    assert heard(roles, feed) == GATE_NOW


@pytest.mark.guarantee("I20")
def test_a_monitor_counts_as_heard_until_its_newest_fix_and_what_a_broker_had_kept_is_no_sign_of_life(
    roles: dict[str, Connection], ring: KeyRing
) -> None:
    case_id, remembered = a_case(roles), Remembered()
    monitor = enrol(roles, ring, a_sender(kind="owntracks", case_id=case_id))
    camera = enrol(roles, ring, a_sender(kind="frigate", settings={"topic": "frigate"}))

    def takes(sender: SenderRow, message: Message) -> object:
        how = {"at": GATE_NOW, "ids": IDS, "remembered": remembered}
        remembered.keep(take_or_set_aside(roles["web"], ring, sender, message, **how))  # type: ignore[arg-type]
        return heard(roles, sender)

    def fix(at: datetime) -> Message:
        said = f'{{"_type": "location", "lat": 41.8, "lon": -87.6, "tst": {int(at.timestamp())}}}'
        return Message(said.encode())

    # It lives, and nobody knows where he is.
    assert takes(monitor, Message(b'{"_type": "status"}')) is None
    assert takes(monitor, fix(AT)) == AT
    assert takes(monitor, fix(GATE_NOW)) == GATE_NOW
    assert takes(monitor, fix(AT)) == GATE_NOW
    online = Message(b"online", topic="available", is_kept=True)
    assert takes(camera, online) is None
    assert takes(camera, replace(online, is_kept=False)) == GATE_NOW
