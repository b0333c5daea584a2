"""Who may read a case: two people, or one with a reason and an hour; the database refuses the rest."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from tests import cast
from tocsin.flow.agree_grant import agree_grant, end_grant, review_grant
from tocsin.flow.ask_grant import NO_CASE, ask_grant
from tocsin.flow.break_glass import break_glass
from tocsin.flow.erase import CASE, ON_HOLD, PERSON, erase, erase_again, erase_due, remembered
from tocsin.flow.keep_case import lift_hold, set_erase_on
from tocsin.flow.link_account import agree_unlink, ask_unlink, link_account, name_advocate
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.respond import Refused
from tocsin.record.rules.entries import entry_of
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import (
    Reading,
    StepUp,
    load_access,
    load_case_access,
    load_case_view,
    log_read,
    may_read,
)
from tocsin.registry.rules.case_rows import CaseRow
from tocsin.registry.rules.grants import Grant, GrantKind
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store import load_kept_out
from tocsin.registry.store_cases import insert_case
from tocsin.registry.store_grants import (
    add_party,
    find_advocate,
    insert_grant,
    load_keeping,
    load_parties,
)
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.postgres import Cluster
from tocsin.signals.rules.press import Press

IDS = RandomIds()
CASE_ID = cast.number(0xE1)
WORD = "K7Q4"
WHY = "The night shift has to know this."


@contextmanager
def looking(conn: Connection, player: cast.Player) -> Iterator[Viewer]:
    """Open a transaction as this person."""
    with conn.transaction():
        set_viewer(conn, player.organisation_id, player.id)
        yield Viewer(player.organisation_id, player.id, player.role)


@pytest.fixture
def case(web: Connection, ring: KeyRing, at: datetime) -> UUID:
    """Return a case that Lea has entered just now: Wren is protected from Rex, who works here."""
    row = CaseRow(
        id=CASE_ID,
        organisation_id=cast.HARBOUR_EMS,
        word=WORD,
        respondent=Respondent(name="Rex Notreal"),
        opened_at=at,
        opened_by_id=cast.SHIFT_LEAD.id,
        protected_id=cast.PROTECTED.id,
        colleague_id=cast.RESPONDENT.id,
    )
    with looking(web, cast.SHIFT_LEAD) as lea:
        insert_case(web, ring, row)
        insert_grant(web, ring, cast.HARBOUR_EMS, _grant(at, GrantKind.ENTERED, lea.person_id))
        add_party(web, cast.HARBOUR_EMS, CASE_ID, cast.RESPONDENT.id, at)
    return CASE_ID


def _grant(at: datetime, kind: GrantKind, person_id: UUID, **more: object) -> Grant:
    known = {"asked_by_id": person_id, "until_at": at + timedelta(hours=12)}
    return Grant(id=IDS.uuid(), case_id=CASE_ID, person_id=person_id, kind=kind, asked_at=at, **(known | more))  # type: ignore[arg-type]  # fmt: skip


def asked(web: Connection, ring: KeyRing, at: datetime, by: cast.Player, who: cast.Player) -> Grant:
    """Return a grant that `by` asks for `who`."""
    with looking(web, by) as viewer:
        found = ask_grant(web, ring, viewer, WORD, who.id, reason=WHY, lasting=timedelta(days=1), at=at)  # fmt: skip
    assert isinstance(found, Grant), found
    return found


def lets_read(web: Connection, ring: KeyRing, at: datetime, who: cast.Player) -> None:
    """Let somebody read the case, by two."""
    grant = asked(web, ring, at, cast.SHIFT_LEAD, who)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        agree_grant(PostgresAlarms(web, ring), sefa, grant.id, at=at, ids=IDS)


def herself(web: Connection, wren: Viewer, at: datetime) -> Reading:
    """Return how the one whom the case protects looks into it, her second factor just shown."""
    proved = Viewer(wren.organisation_id, wren.person_id, wren.role, proved_at=at)
    return log_read(web, proved, CASE_ID, at=at)


def reads(web: Connection, player: cast.Player) -> bool:
    """Return whether this person may read the case now."""
    with looking(web, player) as viewer:
        return may_read(web, viewer, CASE_ID)


@pytest.mark.usefixtures("case")
def test_nobody_reads_a_case_by_his_role(web: Connection) -> None:
    assert [p.short_name for p in cast.EVERYBODY if reads(web, p)] == ["Wren", "Lea"]


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
def test_a_grant_takes_two_people(web: Connection, ring: KeyRing, at: datetime) -> None:
    grant = asked(web, ring, at, cast.SHIFT_LEAD, cast.GUARD)
    assert not reads(web, cast.GUARD)
    alarms = PostgresAlarms(web, ring)
    for player in (cast.SHIFT_LEAD, cast.GUARD):
        with looking(web, player) as viewer:
            assert isinstance(agree_grant(alarms, viewer, grant.id, at=at, ids=IDS), Refused)
    assert not reads(web, cast.GUARD)
    with looking(web, cast.SAFETY_LEAD) as viewer:
        assert not isinstance(agree_grant(alarms, viewer, grant.id, at=at, ids=IDS), Refused)
    assert reads(web, cast.GUARD)


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
def test_the_database_itself_wants_the_second_person(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    grant = asked(web, ring, at, cast.SHIFT_LEAD, cast.GUARD)
    statement = "update registry_grant set agreed_at = now(), agreed_by_id = %s where id = %s"
    for player in (cast.SHIFT_LEAD, cast.GUARD, cast.DISPATCHER):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, player):
            web.execute(statement, (player.id, grant.id))
            # Whoever may not even see the row changes none.
            raise psycopg.errors.InsufficientPrivilege
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, cast.SHIFT_LEAD):
        web.execute(statement, (cast.SAFETY_LEAD.id, grant.id))
    assert not reads(web, cast.GUARD)


@pytest.mark.guarantee("I12")
@pytest.mark.usefixtures("case")
def test_for_the_respondent_there_is_no_such_case(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    alarms = PostgresAlarms(web, ring)
    with looking(web, cast.RESPONDENT) as rex:
        rex = Viewer(rex.organisation_id, rex.person_id, "admin")
        wanted = {"reason": WHY, "at": at}
        lasting = timedelta(days=1)
        assert ask_grant(web, ring, rex, WORD, rex.person_id, lasting=lasting, **wanted) == Refused(NO_CASE)  # type: ignore[arg-type]  # fmt: skip
        assert break_glass(alarms, rex, WORD, ids=IDS, **wanted) == Refused(NO_CASE)  # type: ignore[arg-type]
        assert break_glass(alarms, rex, "ZZZZ", ids=IDS, **wanted) == Refused(NO_CASE)  # type: ignore[arg-type]
        with pytest.raises(Hidden):
            load_case_view(web, ring, rex, CASE_ID, at=at)
        view = load_access(web, ring, rex, at=at)
        assert (view.waiting, view.to_review, view.mine, view.told) == ((), (), (), ())
    with looking(web, cast.SHIFT_LEAD) as lea:
        assert isinstance(ask_grant(web, ring, lea, WORD, cast.RESPONDENT.id, reason=WHY, lasting=lasting, at=at), Refused)  # fmt: skip


@pytest.mark.guarantee("I19")
@pytest.mark.usefixtures("case")
def test_glass_is_broken_for_an_hour_and_a_second_is_told(
    web: Connection, ring: KeyRing, engine: Connection, at: datetime
) -> None:
    alarms = PostgresAlarms(web, ring)
    with looking(web, cast.GUARD) as gus, pytest.raises(Hidden):
        break_glass(alarms, gus, WORD, reason=WHY, at=at, ids=IDS)
    with looking(web, cast.DISPATCHER) as dara:
        dara = Viewer(dara.organisation_id, dara.person_id, "manager")
        assert isinstance(break_glass(alarms, dara, WORD, reason="short", at=at, ids=IDS), Refused)
        done = break_glass(alarms, dara, WORD, reason=WHY, at=at, ids=IDS)
        assert not isinstance(done, Refused)
    grant = done[0]
    assert (grant.told_id, grant.until_at - at) == (cast.SAFETY_LEAD.id, timedelta(minutes=60))
    assert reads(web, cast.DISPATCHER)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        view = load_access(web, ring, sefa, at=at)
        assert [each.id for each in view.to_review] == [each.id for each in view.told] == [grant.id]
        assert view.to_review[0].reason == WHY
        assert review_grant(alarms, sefa, grant.id, at=at) is None
        assert not load_access(web, ring, sefa, at=at).to_review
        end_grant(alarms, sefa, grant.id, at=at)
    assert not reads(web, cast.DISPATCHER)
    rows = engine.execute("select kind from record_entry where kind like 'grant%' order by id")
    assert [kind for (kind,) in rows] == ["grant.broken", "grant.reviewed", "grant.ended"]


@pytest.mark.guarantee("I12")
@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(
    "more",
    [
        {"kind": GrantKind.BREAK_GLASS, "reason": "", "told_id": cast.SAFETY_LEAD.id},
        {"kind": GrantKind.BREAK_GLASS, "reason": WHY, "told_id": cast.GUARD.id},
        {"kind": GrantKind.BREAK_GLASS, "reason": WHY, "told_id": cast.RESPONDENT.id},
        {"kind": GrantKind.ENTERED},
        {"kind": GrantKind.GRANTED, "asked_by_id": cast.SHIFT_LEAD.id},
        {"kind": GrantKind.GRANTED, "agreed": True},
    ],
)
def test_the_database_takes_no_grant_of_another_shape(
    web: Connection, ring: KeyRing, at: datetime, more: dict[str, object]
) -> None:
    more = dict(more)
    is_agreed = more.pop("agreed", False)
    kind = more.pop("kind")
    assert isinstance(kind, GrantKind)
    grant = _grant(at, kind, cast.GUARD.id, **({"until_at": at + timedelta(minutes=50)} | more))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, cast.GUARD):
        if is_agreed:
            web.execute("insert into registry_grant (id, organisation_id, case_id, person_id, kind, asked_at, asked_by_id, until_at, agreed_at, agreed_by_id) values (%s, %s, %s, %s, 'granted', now(), %s, now() + interval '1 hour', now(), %s)", (grant.id, cast.HARBOUR_EMS, CASE_ID, grant.person_id, grant.person_id, cast.SAFETY_LEAD.id))  # fmt: skip
        insert_grant(web, ring, cast.HARBOUR_EMS, grant)


@pytest.mark.usefixtures("case")
def test_glass_is_never_broken_for_longer_than_an_hour(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    statement = "insert into registry_grant (id, organisation_id, case_id, person_id, kind, reason_sealed, asked_at, asked_by_id, told_id, until_at) values (%s, %s, %s, %s, 'break_glass', 'x', now(), %s, %s, now() + interval '61 minutes')"  # fmt: skip
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, cast.GUARD) as gus:
        web.execute(statement, (IDS.uuid(), cast.HARBOUR_EMS, CASE_ID, gus.person_id, gus.person_id, cast.SAFETY_LEAD.id))  # fmt: skip


@pytest.mark.guarantee("I19")
@pytest.mark.usefixtures("case")
def test_every_look_is_written_before_it_is_answered_and_she_sees_who_looked(
    web: Connection, ring: KeyRing, engine: Connection, at: datetime
) -> None:
    with looking(web, cast.SHIFT_LEAD) as lea:
        view = load_case_view(web, ring, lea, CASE_ID, at=at)
        assert (view.word, view.reading.why) == (WORD, "entered")
    with looking(web, cast.PROTECTED) as wren, pytest.raises(StepUp):
        load_case_access(web, ring, wren, CASE_ID, at=at)
    with looking(web, cast.PROTECTED) as wren:
        proved = Viewer(wren.organisation_id, wren.person_id, wren.role, proved_at=at)
        seen = load_case_access(web, ring, proved, CASE_ID, at=at + timedelta(minutes=9))
        assert seen.is_hers
        assert {(look.person_id, look.what, look.why) for look in seen.looks} == {
            (cast.SHIFT_LEAD.id, "case", "entered"),
            (cast.PROTECTED.id, "who_looked", "herself"),
        }
    with looking(web, cast.PROTECTED) as wren, pytest.raises(StepUp):
        stale = Viewer(wren.organisation_id, wren.person_id, wren.role, proved_at=at)
        load_case_access(web, ring, stale, CASE_ID, at=at + timedelta(minutes=11))
    leaves = engine.execute("select leaf from record_entry where kind = 'record.read' order by id")
    assert [entry_of(leaf).actor_id for (leaf,) in leaves] == [
        cast.SHIFT_LEAD.id,
        cast.PROTECTED.id,
    ]


@pytest.mark.guarantee("I19")
@pytest.mark.usefixtures("case")
def test_a_look_that_cannot_be_written_is_not_answered(
    web: Connection, ring: KeyRing, at: datetime, cluster: Cluster
) -> None:
    with psycopg.connect(cluster.url("postgres", database=web.info.dbname), autocommit=True) as dba:
        dba.execute("revoke insert on record_entry from tocsin_web")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, cast.SHIFT_LEAD) as lea:
        load_case_view(web, ring, lea, CASE_ID, at=at)


@pytest.mark.guarantee("I18")
@pytest.mark.usefixtures("case")
def test_a_linked_account_is_shut_out_at_once_and_let_in_again_by_two(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    def as_holder(player: cast.Player, act: Callable[..., object], *what: object) -> object:
        with looking(web, player) as viewer:
            return act(web, log_read(web, viewer, CASE_ID, at=at), *what, at=at)

    grant = asked(web, ring, at, cast.SHIFT_LEAD, cast.DISPATCHER)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        agree_grant(PostgresAlarms(web, ring), sefa, grant.id, at=at, ids=IDS)
    second = asked(web, ring, at, cast.SHIFT_LEAD, cast.GUARD)
    with looking(web, cast.SAFETY_LEAD) as sefa:
        agree_grant(PostgresAlarms(web, ring), sefa, second.id, at=at, ids=IDS)
    assert reads(web, cast.GUARD)
    assert as_holder(cast.SHIFT_LEAD, link_account, cast.GUARD.id) is None
    assert not reads(web, cast.GUARD)
    with looking(web, cast.SHIFT_LEAD):
        kept = load_kept_out(web, cast.HARBOUR_EMS, [cast.PROTECTED.id])[cast.PROTECTED.id]
        assert kept >= {cast.GUARD.id, cast.RESPONDENT.id}
        parties = load_parties(web, CASE_ID)
    gus = next(party for party in parties if party.person_id == cast.GUARD.id)
    rex = next(party for party in parties if party.is_respondent)
    as_holder(cast.SHIFT_LEAD, ask_unlink, gus.id)
    assert isinstance(as_holder(cast.SHIFT_LEAD, agree_unlink, gus.id), Refused)
    assert as_holder(cast.DISPATCHER, agree_unlink, gus.id) is None
    assert reads(web, cast.GUARD)
    # What was found out a second time shuts him out a second time, and lets nobody off the two people.
    assert as_holder(cast.SHIFT_LEAD, link_account, cast.GUARD.id) is None
    assert not reads(web, cast.GUARD)
    assert as_holder(cast.SHIFT_LEAD, link_account, cast.GUARD.id) is None
    with pytest.raises(Hidden):
        as_holder(cast.SHIFT_LEAD, ask_unlink, gus.id)
    with pytest.raises(Hidden):
        as_holder(cast.SHIFT_LEAD, ask_unlink, rex.id)


@pytest.mark.usefixtures("case")
def test_nobody_shuts_her_out_of_her_own_case_nor_its_readers_out_from_outside(
    web: Connection, at: datetime
) -> None:
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, CASE_ID, at=at)
        assert isinstance(link_account(web, reading, cast.PROTECTED.id, at=at), Refused)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, cast.GUARD):
        add_party(web, cast.HARBOUR_EMS, CASE_ID, cast.SHIFT_LEAD.id, at)


@pytest.mark.usefixtures("case")
def test_her_advocate_hears_the_word_and_nothing_else(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    with looking(web, cast.SHIFT_LEAD) as lea:
        name_advocate(web, log_read(web, lea, CASE_ID, at=at), cast.DISPATCHER.id, at=at)
    lets_read(web, ring, at, cast.GUARD)
    with looking(web, cast.DISPATCHER) as dara:
        view = load_access(web, ring, dara, at=at)
        told = {(each.word, each.kind) for each in view.told}
        assert told == {(WORD, GrantKind.GRANTED), (WORD, GrantKind.ENTERED)}
        assert view.names == {}
        assert not may_read(web, dara, CASE_ID)


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
def test_another_hears_in_her_advocate_s_place_when_two_say_so_or_she(
    web: Connection, ring: KeyRing, at: datetime
) -> None:
    lets_read(web, ring, at, cast.GUARD)
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, CASE_ID, at=at)
        assert name_advocate(web, reading, cast.DISPATCHER.id, at=at) is None
        assert name_advocate(web, reading, cast.SAFETY_LEAD.id, at=at) is None
        assert isinstance(name_advocate(web, reading, cast.SAFETY_LEAD.id, at=at), Refused)
        assert find_advocate(web, CASE_ID) == cast.DISPATCHER.id
    with looking(web, cast.GUARD) as gus:
        late = at + timedelta(days=8)
        reading = log_read(web, gus, CASE_ID, at=at)
        assert name_advocate(web, reading, cast.SAFETY_LEAD.id, at=at) is None
        assert find_advocate(web, CASE_ID) == cast.SAFETY_LEAD.id
        assert name_advocate(web, reading, None, at=at) is None
    with looking(web, cast.SHIFT_LEAD) as lea:
        # What was asked for more than a week ago is asked for anew.
        assert name_advocate(web, log_read(web, lea, CASE_ID, at=at), None, at=late) is None
        assert find_advocate(web, CASE_ID) == cast.SAFETY_LEAD.id
    with looking(web, cast.PROTECTED) as wren:
        assert name_advocate(web, herself(web, wren, at), None, at=at) is None
        assert find_advocate(web, CASE_ID) is None


@pytest.mark.guarantee("I17")
@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(
    "change",
    [
        "advocate_id = null",
        "advocate_id = '{safety_lead}'",
        "advocate_id = null, advocate_asked_by_id = '{shift_lead}'",
        "advocate_asked_by_id = '{safety_lead}'",
        "erase_on = current_date + 30",
        "erase_on = current_date + 30, erase_asked_on = current_date + 30, erase_asked_by_id = '{shift_lead}'",
        "erase_asked_by_id = '{safety_lead}'",
    ],
)
def test_the_database_lets_one_person_neither_replace_her_advocate_nor_erase_sooner(
    web: Connection, ring: KeyRing, at: datetime, change: str
) -> None:
    with looking(web, cast.SHIFT_LEAD) as lea:
        name_advocate(web, log_read(web, lea, CASE_ID, at=at), cast.DISPATCHER.id, at=at)
    words = change.format(safety_lead=cast.SAFETY_LEAD.id, shift_lead=cast.SHIFT_LEAD.id)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), looking(web, cast.SHIFT_LEAD):
        web.execute(f"update registry_case set {words} where id = %s", (CASE_ID,))


@pytest.mark.usefixtures("case")
def test_a_later_day_or_none_is_one_person_s_to_say(web: Connection, at: datetime) -> None:
    soon, later = at.date() + timedelta(days=20), at.date() + timedelta(days=40)
    with looking(web, cast.SHIFT_LEAD) as lea:
        set_erase_on(web, log_read(web, lea, CASE_ID, at=at), soon, at=at)
    with looking(web, cast.PROTECTED) as wren:
        set_erase_on(web, herself(web, wren, at), soon, at=at)
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, CASE_ID, at=at)
        assert load_keeping(web, CASE_ID).erase_on == soon
        set_erase_on(web, reading, later, at=at)
        assert load_keeping(web, CASE_ID).erase_on == later
        set_erase_on(web, reading, None, at=at)
        assert load_keeping(web, CASE_ID).erase_on is None


@pytest.mark.guarantee("I26")
@pytest.mark.usefixtures("case")
def test_a_case_is_erased_on_its_date_and_again_after_a_restore(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, tmp_path: Path
) -> None:
    keys_dir = tmp_path
    day = at.date() + timedelta(days=20)
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, CASE_ID, at=at)
        assert isinstance(set_erase_on(web, reading, at.date(), at=at), Refused)
        assert set_erase_on(web, reading, day, at=at) is None
        assert isinstance(set_erase_on(web, reading, day, at=at), Refused)
    assert erase_due(engine, keys_dir, at=at + timedelta(days=21)) == 0
    with looking(web, cast.PROTECTED) as wren:
        assert set_erase_on(web, herself(web, wren, at), day, at=at) is None
    kept = engine.execute("select * from registry_casekey").fetchall()
    assert erase_due(engine, keys_dir, at=at + timedelta(days=19)) == 0
    assert erase_due(engine, keys_dir, at=at + timedelta(days=21)) == 1
    assert engine.execute("select 1 from registry_casekey").fetchall() == []
    for table in ("registry_grant", "registry_party", "registry_reading"):
        assert engine.execute(f"select 1 from {table}").fetchall() == []
    assert list(remembered(keys_dir)) == [(CASE, CASE_ID)]
    # A restore brings the key back.
    marks = ", ".join(["%s"] * len(kept[0]))
    engine.execute(f"insert into registry_casekey values ({marks})", kept[0])
    assert erase_again(engine, keys_dir, at=at) == 1
    assert engine.execute("select 1 from registry_casekey").fetchall() == []
    assert not reads(web, cast.SHIFT_LEAD)


@pytest.mark.guarantee("I26")
@pytest.mark.usefixtures("case")
def test_nothing_is_erased_during_a_legal_hold_and_two_take_it_away(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime, tmp_path: Path
) -> None:
    keys_dir = tmp_path
    engine.execute("update registry_case set legal_hold_at = %s", (at,))
    for what, row_id in (
        (CASE, CASE_ID),
        (PERSON, cast.PROTECTED.id),
        (PERSON, cast.RESPONDENT.id),
    ):
        assert erase(engine, keys_dir, what, row_id, at=at, because="asked") == ON_HOLD
    assert list(remembered(keys_dir)) == []
    with looking(web, cast.SHIFT_LEAD) as lea:
        reading = log_read(web, lea, CASE_ID, at=at)
        assert lift_hold(web, reading, at=at) is None
        assert isinstance(lift_hold(web, reading, at=at), Refused)
    with looking(web, cast.PROTECTED) as wren:
        assert lift_hold(web, herself(web, wren, at), at=at) is None
    assert erase(engine, keys_dir, CASE, CASE_ID, at=at, because="asked") is None
    assert erase(engine, keys_dir, PERSON, cast.PROTECTED.id, at=at, because="asked") is None
    gone = engine.execute(
        "select (select count(*) from registry_personkey where person_id = %(p)s),"
        " (select count(*) from registry_contactmethod where person_id = %(p)s)",
        {"p": cast.PROTECTED.id},
    ).fetchone()
    assert gone == (0, 0)


@pytest.mark.guarantee("I11")
@pytest.mark.usefixtures("case")
def test_what_waits_to_be_sent_to_who_is_shut_out_is_taken_back(
    web: Connection, engine: Connection, ring: KeyRing, at: datetime
) -> None:
    press = Press(organisation_id=cast.HARBOUR_EMS, person_id=cast.PROTECTED.id, device_id=None, key="k-1", act="sos", source="page", received_at=at)  # fmt: skip
    alarms = PostgresAlarms(engine, ring)
    with alarms.atomically():
        raise_sos(alarms, [press], ids=IDS)
    waiting = "select distinct person_id from notifications_delivery where state = 'pending'"
    called = {person_id for (person_id,) in engine.execute(waiting)}
    assert cast.SAFETY_LEAD.id in called
    assert cast.RESPONDENT.id not in called
    with looking(web, cast.SHIFT_LEAD) as lea:
        link_account(web, log_read(web, lea, CASE_ID, at=at), cast.SAFETY_LEAD.id, at=at)
    assert {person_id for (person_id,) in engine.execute(waiting)} == called - {cast.SAFETY_LEAD.id}
