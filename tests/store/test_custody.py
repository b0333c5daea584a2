"""Custody as it lies in the database: kept side by side, taken back, never lost, read by nobody on the other side."""

import io
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests import cast
from tests.builders import AT, a_policy
from tests.snapshots import a_snapshot
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.decisions.store import load_incident
from tocsin.engine.custody_door import BAD_MAIL, NO_EMPLOYER, TRY_AGAIN, WRONG_USE, main, take_mail
from tocsin.engine.intake import take
from tocsin.flow.alarms import Change
from tocsin.flow.hear_custody_notice import MAX_RAW, NoticeIn, hear_about_case, hear_notice
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_text import TextIn
from tocsin.flow.record_custody import Recorded, record_custody
from tocsin.flow.respond import Refused
from tocsin.flow.take_back_custody import take_back_custody
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import case_key, insert_case
from tocsin.runtime import keys
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.postgres import Cluster
from tocsin.signals import store_custody
from tocsin.signals.feeds.custody_mail.mail import MAX_MAIL_BYTES, read_mail
from tocsin.signals.rules.custody import Because, CustodyFact, Source, State, custody_at
from tocsin.signals.store_custody import load_all_custody, load_bodies, load_custody

HOUR = timedelta(hours=1)
CASE = cast.number(0x5E1)
OTHER = cast.number(0x5E2)
NOTICE = """VINE Custody Status Notification

Offender: NOTREAL, REX
Offender ID: 0012345
Facility: Riverside County Jail
Event: Released

Enter your PIN to stop these calls.
"""


@pytest.fixture
def conn(postgres_store: Store, ring: KeyRing) -> Connection:
    """Return the engine's connection to a database with two cases of Harbour."""
    alarms = postgres_store.alarms
    assert isinstance(alarms, PostgresAlarms)
    a_case(alarms.conn, ring, CASE, "WREN", "Rex Notreal")
    a_case(alarms.conn, ring, OTHER, "OTTER", "Nobody Atall")
    return alarms.conn


@pytest.fixture
def cluster_web(conn: Connection, cluster: Cluster) -> Iterator[Connection]:
    """Return a connection of the web's role to the same database."""
    with psycopg.connect(cluster.url("web", database=conn.info.dbname), autocommit=True) as web:
        yield web


def a_case(conn: Connection, ring: KeyRing, case_id: UUID, word: str, name: str) -> None:
    """Write a case that protects Wren."""
    insert_case(
        conn,
        ring,
        CaseRow(
            id=case_id,
            organisation_id=cast.HARBOUR_EMS,
            word=word,
            respondent=Respondent(name=name),
            opened_at=AT,
            opened_by_id=cast.SAFETY_LEAD.id,
            protected_id=cast.PROTECTED.id,
            colleague_id=cast.RESPONDENT.id,
        ),
    )


def held(hours: float = 0, **changes: object) -> CustodyFact:
    """Return what Sefa heard when she asked the jail."""
    values: dict[str, object] = {
        "id": cast.number(0x7100 + int(hours * 10)),
        "case_id": CASE,
        "state": State.HELD,
        "source": Source.JAIL,
        "heard_at": AT + hours * HOUR,
        "heard_by_id": cast.SAFETY_LEAD.id,
        "is_confirmed": True,
    }
    return CustodyFact(**values | changes)  # type: ignore[arg-type]


def a_notice(text: str = NOTICE, hours: float = 1, digest: str = "d1") -> NoticeIn:
    """Return a mail's words."""
    return NoticeIn(
        organisation_id=cast.HARBOUR_EMS,
        source=Source.MAIL_NOTICE,
        text=text,
        digest=digest,
        heard_at=AT + hours * HOUR,
    )


def events(conn: Connection) -> list[str]:
    """Return which events opened safeguards."""
    return [
        row[0] for row in conn.execute("select distinct event from decisions_safeguard order by 1")
    ]


def kinds(conn: Connection) -> list[str]:
    """Return what is on record about custody."""
    rows = conn.execute("select kind from record_entry where kind like 'custody%' order by at, id")
    return [row[0] for row in rows]


def test_what_a_person_heard_is_kept_counts_and_opens_safeguards(
    conn: Connection, ring: KeyRing
) -> None:
    done = record_custody(conn, ring, cast.HARBOUR_EMS, held())
    assert isinstance(done, Recorded)
    assert load_custody(conn, CASE) == (done.fact,)
    assert not custody_at([done.fact], AT).counts_as_free
    assert (events(conn), kinds(conn)) == (["custody.arrest"], ["custody.recorded"])


def test_hearsay_loses_its_mark_and_is_kept(conn: Connection, ring: KeyRing) -> None:
    done = record_custody(conn, ring, cast.HARBOUR_EMS, held(source=Source.SOMEBODY, settles=True))
    assert isinstance(done, Recorded)
    assert not done.fact.is_confirmed
    assert not done.fact.settles
    assert events(conn) == ["custody.unknown"]


@pytest.mark.parametrize(
    "changes", [{"true_at": AT + HOUR}, {"confirm_by": AT}], ids=["from tomorrow", "until now"]
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    conn: Connection, ring: KeyRing, changes: dict[str, object]
) -> None:
    assert isinstance(record_custody(conn, ring, cast.HARBOUR_EMS, held(**changes)), Refused)
    assert load_custody(conn, CASE) == ()


def test_a_false_release_stands_beside_the_jails_word_until_it_is_taken_back(
    conn: Connection, ring: KeyRing
) -> None:
    record_custody(conn, ring, cast.HARBOUR_EMS, held())
    (freed,) = hear_notice(conn, ring, a_notice())
    assert isinstance(freed, Recorded)
    facts = load_custody(conn, CASE)
    assert custody_at(facts, AT + 2 * HOUR).because is Because.DISAGREE
    undo = {"by": cast.SAFETY_LEAD.id, "because": "false_notice", "at": AT + 3 * HOUR}
    assert take_back_custody(conn, ring, cast.HARBOUR_EMS, CASE, freed.fact.id, **undo) == []  # type: ignore[arg-type]
    facts = load_custody(conn, CASE)
    assert len(facts) == 2
    assert not custody_at(facts, AT + 4 * HOUR).counts_as_free
    assert custody_at(facts, AT + 2 * HOUR, known_at=AT + 2 * HOUR).counts_as_free
    assert kinds(conn) == ["custody.recorded", "custody.recorded", "custody.taken_back"]
    again = take_back_custody(conn, ring, cast.HARBOUR_EMS, CASE, freed.fact.id, **undo)  # type: ignore[arg-type]
    assert isinstance(again, Refused)


def test_taking_back_the_only_word_that_held_him_opens_what_the_unknown_asks_for(
    conn: Connection, ring: KeyRing
) -> None:
    record_custody(conn, ring, cast.HARBOUR_EMS, held())
    by = cast.SAFETY_LEAD.id
    take_back_custody(
        conn, ring, cast.HARBOUR_EMS, CASE, held().id, by=by, because="mistyped", at=AT + HOUR
    )
    assert events(conn) == ["custody.arrest", "custody.unknown"]


def test_the_same_notice_twice_is_kept_once(conn: Connection, ring: KeyRing) -> None:
    hear_notice(conn, ring, a_notice())
    (again,) = hear_notice(conn, ring, a_notice(hours=2))
    assert isinstance(again, Recorded)
    assert not again.is_new
    assert len(load_custody(conn, CASE)) == 1


def test_the_raw_words_lie_sealed_under_the_cases_key(conn: Connection, ring: KeyRing) -> None:
    (done,) = hear_notice(conn, ring, a_notice())
    assert isinstance(done, Recorded)
    body = load_bodies(conn, case_key(conn, ring, CASE), [done.fact.id])[done.fact.id]
    assert (body.place, body.raw, body.asks_to_be_answered) == (
        "Riverside County Jail",
        NOTICE,
        True,
    )
    (sealed,) = conn.execute("select body_sealed from signals_custodyfact").fetchone() or (b"",)
    assert b"NOTREAL" not in bytes(sealed)


@pytest.mark.guarantee("I25")
@pytest.mark.parametrize(("flood", "read"), [(2, 3), (3, 3), (6, 3)])
def test_a_flood_of_notices_refuses_nothing_and_hides_no_word_that_he_is_out(
    conn: Connection, ring: KeyRing, monkeypatch: pytest.MonkeyPatch, flood: int, read: int
) -> None:
    monkeypatch.setattr(store_custody, "MAX_FACTS", 2)
    assert isinstance(record_custody(conn, ring, cast.HARBOUR_EMS, held()), Recorded)
    assert hear_notice(conn, ring, a_notice())
    for n in range(flood):
        again = held(2 + n, source=Source.MAIL_NOTICE, heard_by_id=None, is_confirmed=False)
        assert isinstance(record_custody(conn, ring, cast.HARBOUR_EMS, again), Recorded)
    facts, whole = load_custody(conn, CASE), load_all_custody(conn, CASE)
    assert (len(facts), len(whole)) == (read + 1, flood + 2)
    at = AT + (flood + 3) * HOUR
    custody = custody_at(facts, at)
    assert (custody.because, custody.counts_as_free) == (Because.DISAGREE, True)
    assert custody == custody_at(whole, at)
    # What comes next is decided about as ever.
    done = hear_notice(conn, ring, a_notice("VINE: see the app", flood + 3, "d2"), ("WREN",))
    assert [isinstance(one, Recorded) and one.is_new for one in done] == [True]


def a_text(conn: Connection, ring: KeyRing, player: cast.Player, words: str) -> None:
    """Have this player send a text to the employer's number, as the engine takes it."""
    number = a_number(player)
    text = TextIn("harbour", "gw", f"id-{hash(words)}", number, words, AT)
    alarms = PostgresAlarms(conn, ring)
    with alarms.atomically():
        take(alarms, text, RandomIds(), "engine-1")


def a_number(player: cast.Player) -> str:
    """Return the number of this player in the snapshot."""
    found = (a for a in a_snapshot().addresses if a.person_id == player.id and a.channel == "sms")
    return next(found).address


def test_a_notice_that_she_forwards_by_text_is_kept_in_the_case_that_it_names(
    conn: Connection, ring: KeyRing
) -> None:
    a_text(conn, ring, cast.PROTECTED, NOTICE)
    (fact,) = load_custody(conn, CASE)
    assert (fact.state, fact.source) == (State.RELEASED, Source.SMS_NOTICE)
    assert load_custody(conn, OTHER) == ()


def test_one_in_another_layout_waits_for_a_person_in_each_of_her_cases(
    conn: Connection, ring: KeyRing
) -> None:
    a_text(conn, ring, cast.PROTECTED, "VINE: an update is ready")
    for case_id in (CASE, OTHER):
        assert [fact.state for fact in load_custody(conn, case_id)] == [State.NOT_UNDERSTOOD]


@pytest.mark.parametrize(
    ("player", "words"),
    [(cast.GUARD, NOTICE), (cast.RESPONDENT, NOTICE), (cast.PROTECTED, "1 123")],
)
def test_another_persons_text_and_an_ordinary_one_say_nothing_about_custody(
    conn: Connection, ring: KeyRing, player: cast.Player, words: str
) -> None:
    a_text(conn, ring, player, words)
    assert load_custody(conn, CASE) == ()


@pytest.mark.guarantee("I25")
def test_a_notice_that_breaks_undoes_no_sos_in_the_same_text(
    conn: Connection, ring: KeyRing, cluster: Cluster
) -> None:
    with psycopg.connect(cluster.url("postgres", database=conn.info.dbname)) as owner:
        owner.execute("alter table signals_custodyfact add constraint none check (false)")
    a_text(conn, ring, cast.PROTECTED, "SOS " + NOTICE)
    found = conn.execute("select kind from decisions_incident").fetchall()
    assert found == [("sos",)]
    assert load_custody(conn, CASE) == ()


def an_incident(conn: Connection, ring: KeyRing) -> UUID:
    """Open an incident of the case, in which he is not located."""
    alarms = PostgresAlarms(conn, ring)
    incident = Incident(
        id=cast.number(0x1E1),
        organisation_id=cast.HARBOUR_EMS,
        site_id=cast.HARBOUR.id,
        person_id=cast.PROTECTED.id,
        word="WXYZ",
        kind=Kind.POSSIBLE_BREACH,
        is_drill=False,
        key="sighting-1",
        opened_at=AT,
        policy=a_policy(),
        ladder_from=AT,
        last_raised_at=AT,
        case_ids=(CASE,),
        not_located=frozenset({CASE}),
    )
    with alarms.atomically():
        alarms.save([Change(incident=incident, is_new=True)])
    return incident.id


def not_located(conn: Connection, incident_id: UUID) -> bool:
    """Return whether the incident says that he is not located."""
    found = load_incident(conn, cast.HARBOUR_EMS, incident_id, lock=False)
    assert found is not None
    return CASE in found.not_located


@pytest.mark.guarantee("I20")
def test_a_persons_word_ends_not_located_and_a_release_or_a_mistake_brings_it_back(
    conn: Connection, ring: KeyRing
) -> None:
    incident = an_incident(conn, ring)
    hear_notice(conn, ring, a_notice(NOTICE.replace("Released", "In custody")))
    assert not_located(conn, incident)
    done = record_custody(conn, ring, cast.HARBOUR_EMS, held(2))
    assert isinstance(done, Recorded)
    assert [change.incident.id for change in done.changes if change.incident] == [incident]
    assert not not_located(conn, incident)
    hear_notice(conn, ring, a_notice(hours=3, digest="d2"))
    assert not_located(conn, incident)
    record_custody(conn, ring, cast.HARBOUR_EMS, held(4, settles=True))
    assert not not_located(conn, incident)
    undo = {"by": cast.SAFETY_LEAD.id, "because": "mistyped", "at": AT + 5 * HOUR}
    take_back_custody(conn, ring, cast.HARBOUR_EMS, CASE, held(4).id, **undo)  # type: ignore[arg-type]
    assert not_located(conn, incident)


@pytest.mark.guarantee("I20")
def test_another_layout_is_kept_for_a_person_and_until_she_has_read_it_he_counts_as_free(
    conn: Connection, ring: KeyRing
) -> None:
    incident = an_incident(conn, ring)
    record_custody(conn, ring, cast.HARBOUR_EMS, held())
    assert not not_located(conn, incident)
    (done,) = hear_notice(conn, ring, a_notice("Rex Notreal salió libre. VINE."))
    assert isinstance(done, Recorded)
    assert done.fact.state is State.NOT_UNDERSTOOD
    custody = custody_at(load_custody(conn, CASE), AT + HOUR)
    assert (custody.counts_as_free, custody.because) == (True, Because.UNREAD)
    assert "custody.unknown" in events(conn)
    assert not_located(conn, incident)
    read = {"by": cast.SAFETY_LEAD.id, "because": "read_by_a_person", "at": AT + 2 * HOUR}
    take_back_custody(conn, ring, cast.HARBOUR_EMS, CASE, done.fact.id, **read)  # type: ignore[arg-type]
    custody = custody_at(load_custody(conn, CASE), AT + 2 * HOUR)
    assert (custody.counts_as_free, custody.because) == (True, Because.UNREAD)
    said = held(2, source=Source.SOMEBODY, is_confirmed=False)
    record_custody(conn, ring, cast.HARBOUR_EMS, said)
    assert not custody_at(load_custody(conn, CASE), AT + 2 * HOUR).counts_as_free
    # That she has read it says of no place where he is now.
    assert not_located(conn, incident)


def test_a_notice_about_somebody_else_is_not_understood_in_the_case_it_was_sent_to(
    conn: Connection, ring: KeyRing
) -> None:
    done = hear_about_case(conn, ring, a_notice(), OTHER)
    assert isinstance(done, Recorded)
    assert done.fact.state is State.NOT_UNDERSTOOD


def test_the_word_in_the_address_decides_over_the_name(conn: Connection, ring: KeyRing) -> None:
    hear_notice(conn, ring, a_notice(), ("OTTER",))
    assert load_custody(conn, CASE) == ()
    assert len(load_custody(conn, OTHER)) == 1


@pytest.mark.guarantee("I25")
def test_a_notice_about_nobody_known_is_set_aside_and_belongs_to_nobody(
    conn: Connection, ring: KeyRing
) -> None:
    assert hear_notice(conn, ring, a_notice("VINE\nOffender: Some One\nEvent: Released")) == ()
    (count,) = conn.execute("select count(*) from signals_quarantined").fetchone() or (0,)
    assert count == 1


@pytest.mark.guarantee("I11")
def test_no_count_says_which_notices_found_a_case(conn: Connection, ring: KeyRing) -> None:
    other = NOTICE.replace("REX", "ROY")
    for text, finds in ((NOTICE, 1), (NOTICE, 1), (other.replace("NOTREAL", "NOBODYX"), 0)):
        assert len(hear_notice(conn, ring, a_notice(text))) == finds
    rows = conn.execute(
        "select source, why, count, size, octet_length(raw_sealed) from signals_quarantined"
    ).fetchall()
    assert {row[:3] for row in rows} == {("mail_notice", "a custody notice", 1)}
    assert len(rows) == 3
    assert {row[4] - row[3] for row in rows} == {rows[0][4] - rows[0][3]}


def test_a_notice_that_does_not_fit_is_kept_as_far_as_it_goes_and_says_that_it_was_cut(
    conn: Connection, ring: KeyRing
) -> None:
    def raw_of(text: str, digest: str) -> str:
        (done,) = hear_notice(conn, ring, a_notice(text, digest=digest), ("WREN",))
        assert isinstance(done, Recorded)
        assert done.is_new
        return load_bodies(conn, case_key(conn, ring, CASE), [done.fact.id])[done.fact.id].raw

    long = raw_of(NOTICE + "\N{PILE OF POO}\x00" * 200_000, "d1")
    assert long.startswith(NOTICE)
    assert long.endswith("\n[…]")
    whole = NOTICE.ljust(MAX_RAW, ".")
    assert raw_of(whole, "d2") == whole
    assert raw_of(whole + ".", "d3") == whole + "\n[…]"


@pytest.mark.guarantee("I12")
def test_a_party_reads_no_word_of_it_and_writes_none(
    conn: Connection, ring: KeyRing, cluster_web: Connection
) -> None:
    record_custody(conn, ring, cast.HARBOUR_EMS, held())
    with cluster_web.transaction():
        set_viewer(cluster_web, cast.HARBOUR_EMS, cast.RESPONDENT.id)
        assert load_custody(cluster_web, CASE) == ()
        with pytest.raises(LookupError):
            record_custody(cluster_web, ring, cast.HARBOUR_EMS, held(1))
    with cluster_web.transaction():
        set_viewer(cluster_web, cast.HARBOUR_EMS, cast.PROTECTED.id)
        assert len(load_custody(cluster_web, CASE)) == 1


def test_a_mail_is_taken_from_the_pipe(conn: Connection, ring: KeyRing) -> None:
    mail = EmailMessage()
    mail["To"] = "custody+WREN@harbour.example"
    mail.set_content(NOTICE)
    taken = take_mail(conn, ring, read_mail(mail.as_bytes()), "harbour", (), AT + HOUR)
    assert (taken, len(load_custody(conn, CASE))) == (0, 1)


def test_the_mail_server_is_told_that_there_is_no_such_employer(
    conn: Connection, ring: KeyRing
) -> None:
    assert take_mail(conn, ring, read_mail(b"VINE"), "nobody", (), AT) == NO_EMPLOYER
    assert conn.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


def piped(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    """Have the mail server write this mail to the command."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))


@pytest.mark.parametrize(
    ("size", "code"), [(MAX_MAIL_BYTES, TRY_AGAIN), (MAX_MAIL_BYTES + 1, BAD_MAIL)]
)
def test_a_mail_that_is_too_large_is_refused_for_good_also_while_the_database_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, code: int
) -> None:
    keys.ensure(tmp_path / "keys")
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    piped(monkeypatch, b"x" * size)
    assert main(["harbour"]) == code


def test_nothing_is_said_of_a_mail_that_is_kept_so_nobody_learns_by_a_receipt_of_a_case_about_him(
    conn: Connection,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    keys.ensure(tmp_path / "keys")
    (tmp_path / "keys" / "master.key").write_text(b64encode(bytes(range(32))).decode())
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    monkeypatch.setenv("TOCSIN_DATABASE_URL", cluster.url("owner", database=conn.info.dbname))
    capfd.readouterr()
    for words, kept in ((NOTICE, 1), (NOTICE.replace("NOTREAL, REX", "STRANGER, SAM"), 1)):
        piped(monkeypatch, f"Subject: a\n\n{words}".encode())
        assert main(["harbour"]) == 0
        assert len(load_custody(conn, CASE)) == kept
    assert capfd.readouterr() == ("", "")


def test_whatever_goes_wrong_here_the_mail_server_keeps_the_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    keys.ensure(tmp_path / "keys")
    (tmp_path / "keys" / "master.key").write_bytes(b"\xff" * 45)
    piped(monkeypatch, NOTICE.encode())
    assert main(["harbour"]) == TRY_AGAIN


def test_while_the_database_is_away_the_mail_server_keeps_the_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path))
    piped(monkeypatch, NOTICE.encode())
    assert main(["harbour"]) == TRY_AGAIN
    keys.ensure(tmp_path / "keys")
    monkeypatch.setenv("TOCSIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    piped(monkeypatch, NOTICE.encode())
    assert main(["harbour"]) == TRY_AGAIN
    assert main([]) == WRONG_USE
    assert main(["harbour", "a b"]) == WRONG_USE


@pytest.mark.guarantee("I25")
def test_a_flood_makes_no_decision_read_more_than_the_last_words_of_each_kind(
    conn: Connection, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_custody, "MAX_FACTS", 2)
    for n in range(3):
        again = held(2 + n, source=Source.MAIL_NOTICE, heard_by_id=None, is_confirmed=False)
        assert isinstance(record_custody(conn, ring, cast.HARBOUR_EMS, again), Recorded)
    few = words_read(conn)
    conn.execute(
        """insert into signals_custodyfact (id, organisation_id, case_id, state, source, heard_at, is_confirmed, settles)
        select gen_random_uuid(), organisation_id, case_id, state, source, heard_at - n * interval '1 minute', false, false
        from signals_custodyfact, generate_series(1, 500) n"""
    )
    assert 0 < words_read(conn) <= few + 1
    assert len(load_custody(conn, CASE)) == 2


def words_read(conn: Connection) -> float:
    """Return how many rows of the table are read to decide about the case; few are there, so that it says by the index."""
    asked = {"cases": [CASE], "notices": ["mail_notice"], "most": 2}
    with conn.transaction():
        conn.execute("set local enable_seqscan = off")
        conn.execute("set local enable_bitmapscan = off")
        plan = conn.execute(f"explain (analyze, format json) {store_custody.DECIDING}", asked).fetchone()  # fmt: skip
    assert plan is not None
    nodes, found = [plan[0][0]["Plan"]], 0.0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name") == "signals_custodyfact":
            found += node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))  # fmt: skip
    return found
