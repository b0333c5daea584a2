"""Protection is blind: found in the database, told to who leads the shift, never to a party, once over restarts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from tests import cast
from tests.builders import AT
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Kind
from tocsin.decisions.store_blind import load_open_spots, load_shown_spots, load_watchers
from tocsin.flow.alarms import Change
from tocsin.flow.lapse_custody import lapse_custody
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.record_custody import record_custody
from tocsin.flow.tell_blind import tell_blind
from tocsin.registry.rules.case_rows import CaseRow, DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.store_cases import insert_case
from tocsin.registry.store_doors import save_door_entry
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, uuid7
from tocsin.runtime.postgres import Cluster
from tocsin.signals import store_custody
from tocsin.signals.rules.blind import Because, What
from tocsin.signals.rules.custody import CustodyFact, Source, State
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.store_quarantine import set_aside

CASE = cast.number(0x5E1)
READER = cast.number(0x6E1)
MINUTE = timedelta(minutes=1)
IDS = RandomIds()


@pytest.fixture
def alarms(postgres_store: Store) -> PostgresAlarms:
    """Return the engine's store, in which the time stands at AT."""
    found = postgres_store.alarms
    assert isinstance(found, PostgresAlarms)
    return found


@pytest.fixture
def web(alarms: PostgresAlarms, cluster: Cluster) -> Iterator[Connection]:
    """Return a connection of the web's role."""
    url = cluster.url("web", database=alarms.conn.info.dbname)
    with psycopg.connect(url, autocommit=True) as conn:
        yield conn


def a_case(alarms: PostgresAlarms, colleague: cast.Player = cast.RESPONDENT) -> None:
    """Write a case that protects Wren, and its door entry everywhere."""
    case = CaseRow(
        id=CASE,
        organisation_id=cast.HARBOUR_EMS,
        word="WREN",
        respondent=Respondent(name="Rex Notreal"),
        opened_at=AT,
        opened_by_id=cast.SAFETY_LEAD.id,
        protected_id=cast.PROTECTED.id,
        colleague_id=colleague.id,
    )
    key = insert_case(alarms.conn, alarms.ring, case)
    entry = DoorEntryRow(
        case_id=CASE,
        organisation_id=cast.HARBOUR_EMS,
        match=DoorMatch(names=("Rex Notreal",)),
        updated_at=AT - MINUTE,
    )
    save_door_entry(alarms.conn, key, entry)


def a_sender(alarms: PostgresAlarms, heard_at: datetime | None, **more: object) -> None:
    """Write a reader that should be heard every five minutes."""
    alarms.conn.execute(
        """insert into registry_sender (id, organisation_id, name, kind, site_id, case_id, key_sealed, interval_s,
            settings, made_at, heard_at) values (%s, %s, 'North gate', 'badge', %s, %s, '', 300, '{}', %s, %s)""",
        (
            READER,
            cast.HARBOUR_EMS,
            more.get("site", cast.HARBOUR.id),
            more.get("case"),
            AT,
            heard_at,
        ),
    )


def now(alarms: PostgresAlarms) -> datetime:
    """Return the database's time, by which the engine's verbs go."""
    with alarms.atomically():
        return alarms.now()


def look(alarms: PostgresAlarms) -> list[Change]:
    """Look once, as the engine does."""
    with alarms.atomically():
        return tell_blind(alarms, ids=IDS)


def on_duty(alarms: PostgresAlarms, *players: cast.Player) -> None:
    """Put these people on duty now, in their role, at Harbour, and nobody else."""
    alarms.conn.execute("delete from registry_shift")
    at = now(alarms)
    for player in players:
        alarms.conn.execute(
            """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source)
            values (%s, %s, %s, %s, %s, %s, %s, 'test')""",
            (uuid7(), cast.HARBOUR_EMS, cast.HARBOUR.id, player.id, player.role, at - 60 * MINUTE, at + 60 * MINUTE),
        )  # fmt: skip


def told(changes: list[Change]) -> set[UUID]:
    """Return who is paged."""
    return {delivery.person_id for change in changes for delivery in change.deliveries}


def test_a_dead_reader_is_shown_and_paged_once_also_after_a_restart(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_sender(alarms, now(alarms) - 11 * MINUTE)
    changes = look(alarms)
    assert told(changes) == {cast.SHIFT_LEAD.id}
    assert changes[0].incident is not None
    assert changes[0].incident.kind is Kind.BLIND
    assert [spot.what for spot in load_open_spots(alarms.conn)] == [What.READER]
    again = PostgresAlarms(alarms.conn, alarms.ring)
    assert look(again) == []


def test_a_reader_that_is_heard_pages_nobody(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_sender(alarms, now(alarms) - 9 * MINUTE)
    assert look(alarms) == []


@pytest.mark.guarantee("I20")
def test_a_reader_never_heard_since_it_was_enrolled_is_blind(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_sender(alarms, None)
    look(alarms)
    assert [spot.because for spot in load_open_spots(alarms.conn)] == [Because.NEVER_HEARD]


@pytest.mark.guarantee("I20")
def test_a_reader_whose_clock_is_wrong_is_blind_within_two_intervals_and_says_why(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    heard_at = now(alarms) - 10 * MINUTE
    a_sender(alarms, heard_at)
    set_aside(
        alarms.conn, alarms.ring, cast.HARBOUR_EMS, "badge", Why.TOO_OLD, b"1970", sender_id=READER,
        at=heard_at + MINUTE,
    )  # fmt: skip
    assert told(look(alarms)) == {cast.SHIFT_LEAD.id}
    assert [spot.because for spot in load_open_spots(alarms.conn)] == [Because.WRONG_CLOCK]
    assert look(alarms) == []


def test_what_was_too_old_before_a_reader_was_heard_last_is_not_why_it_is_silent(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    heard_at = now(alarms) - 11 * MINUTE
    a_sender(alarms, heard_at)
    set_aside(
        alarms.conn, alarms.ring, cast.HARBOUR_EMS, "badge", Why.TOO_OLD, b"1970", sender_id=READER,
        at=heard_at,
    )  # fmt: skip
    set_aside(
        alarms.conn, alarms.ring, cast.HARBOUR_EMS, "badge", Why.NO_BADGE, b"{}", sender_id=READER,
        at=heard_at + MINUTE,
    )  # fmt: skip
    look(alarms)
    assert [spot.because for spot in load_open_spots(alarms.conn)] == [Because.SILENT]


def test_when_it_sees_again_that_is_said_too(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_sender(alarms, now(alarms) - 11 * MINUTE)
    look(alarms)
    alarms.conn.execute("update registry_sender set heard_at = now()")
    assert look(alarms) == []
    alarms.conn.execute("update signals_blindspot set well_since = now() - interval '6 minutes'")
    (back,) = look(alarms)
    assert back.incident is not None
    assert back.incident.kind is Kind.SEES
    assert load_open_spots(alarms.conn) == []
    kinds = [
        row[0]
        for row in alarms.conn.execute(
            "select kind from record_entry where kind like 'protection%' order by at"
        )
    ]
    assert kinds == ["protection.blind", "protection.sees"]


@pytest.mark.guarantee("I15", "I20")
def test_a_dead_reader_that_is_taken_out_is_never_said_to_see_again(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_sender(alarms, now(alarms) - 11 * MINUTE)
    look(alarms)
    alarms.conn.execute("update registry_sender set revoked_at = now()")
    assert look(alarms) == []
    assert load_open_spots(alarms.conn) == []
    kinds = "select kind from record_entry where kind like 'protection%' order by at"
    assert alarms.conn.execute(kinds).fetchall() == [("protection.blind",), ("protection.unwatched",)]  # fmt: skip


@pytest.mark.guarantee("I11")
def test_no_party_is_ever_paged_though_he_leads_the_shift(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    a_case(alarms, cast.SHIFT_LEAD)
    a_sender(alarms, now(alarms) - 11 * MINUTE)
    assert told(look(alarms)) == {cast.SAFETY_LEAD.id}


def test_a_post_without_a_guard_is_blind_and_a_guard_who_is_a_party_does_not_man_it(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_case(alarms, cast.GUARD)
    assert told(look(alarms)) == {cast.SHIFT_LEAD.id}
    (spot,) = load_open_spots(alarms.conn)
    assert (spot.what, spot.subject_id, spot.case_id) == (What.POST, cast.FRONT_DOOR, CASE)
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    look(alarms)
    assert [spot.well_since for spot in load_open_spots(alarms.conn)] == [None]


@pytest.mark.guarantee("I20")
@pytest.mark.parametrize(("minutes", "is_blind"), [(9, False), (11, True)])
def test_a_post_that_its_guard_left_is_blind_and_paged_within_two_intervals(
    alarms: PostgresAlarms, minutes: int, *, is_blind: bool
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    a_case(alarms)
    alarms.conn.execute(
        "update registry_shift set ends_at = now() - make_interval(mins => %s) where person_id = %s",
        (minutes, cast.GUARD.id),
    )
    changes = look(alarms)
    assert told(changes) == ({cast.SHIFT_LEAD.id} if is_blind else set())
    found = [(spot.what, spot.because) for spot in load_open_spots(alarms.conn)]
    assert found == ([(What.POST, Because.UNMANNED)] if is_blind else [])


def test_a_post_with_its_guard_is_not_blind(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    a_case(alarms)
    assert look(alarms) == []


def test_without_a_case_no_post_is_anybodys_business(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    assert load_watchers(alarms.conn, now(alarms)) == []


def test_what_was_over_a_month_ago_is_forgotten(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_sender(alarms, now(alarms) - 11 * MINUTE)
    look(alarms)
    for days, left in ((29, 1), (31, 0)):
        alarms.conn.execute("update registry_sender set heard_at = now()")
        alarms.conn.execute(
            "update signals_blindspot set back_at = now() - make_interval(days => %s)", (days,)
        )
        look(alarms)
        assert alarms.conn.execute("select count(*) from signals_blindspot").fetchone() == (left,)


def test_a_briefing_that_nobody_read_is_blind_after_a_quarter_of_an_hour(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    a_case(alarms)
    at = now(alarms)
    alarms.conn.execute(
        """insert into decisions_briefing (id, organisation_id, case_id, site_id, person_id, version, asked_at)
        values (%s, %s, %s, %s, %s, 1, %s)""",
        (uuid7(), cast.HARBOUR_EMS, CASE, cast.HARBOUR.id, cast.GUARD.id, at - 16 * MINUTE),
    )
    look(alarms)
    assert [spot.because for spot in load_open_spots(alarms.conn)] == [Because.UNREAD]
    alarms.conn.execute("update decisions_briefing set read_at = now()")
    look(alarms)
    assert load_open_spots(alarms.conn) == []


def test_a_monitor_that_a_court_ordered_is_told_as_of_its_case(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    a_case(alarms)
    a_sender(alarms, now(alarms) - 11 * MINUTE, case=CASE)
    look(alarms)
    assert [(s.what, s.case_id) for s in load_open_spots(alarms.conn)] == [(What.TRACKER, CASE)]
    alarms.conn.execute("update registry_case set closed_at = now()")
    look(alarms)
    assert load_open_spots(alarms.conn) == []


@pytest.mark.guarantee("I23")
def test_her_own_phone_counts_only_while_a_walk_of_hers_is_open(alarms: PostgresAlarms) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    a_case(alarms)
    a_sender(alarms, now(alarms) - 60 * MINUTE)
    alarms.conn.execute("update registry_sender set person_id = %s", (cast.PROTECTED.id,))
    assert look(alarms) == []
    alarms.conn.execute(
        """insert into signals_walk (id, organisation_id, person_id, site_id, key, state, started_at, timer_s, timer_set_at,
            due_at, way, ended_how) values (%s, %s, %s, %s, 'w1', 'open', now() - interval '5 minutes', 600, now(), now(), '', '')""",
        (uuid7(), cast.HARBOUR_EMS, cast.PROTECTED.id, cast.HARBOUR.id),
    )
    assert look(alarms) == []
    alarms.conn.execute("update signals_walk set started_at = now() - interval '11 minutes'")
    look(alarms)
    assert [spot.what for spot in load_open_spots(alarms.conn)] == [What.TRACKER]


@pytest.mark.guarantee("I20")
def test_a_post_that_the_roster_gives_to_somebody_who_left_is_unmanned_from_the_begin_of_the_shift(
    alarms: PostgresAlarms,
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD, cast.GUARD)
    a_case(alarms)
    assert look(alarms) == []
    works_here = "update registry_person set is_active = %s where id = %s"
    alarms.conn.execute(works_here, (False, cast.GUARD.id))
    assert told(look(alarms)) == {cast.SHIFT_LEAD.id}
    began = alarms.conn.execute("select starts_at from registry_shift where person_id = %s", (cast.GUARD.id,)).fetchone()  # fmt: skip
    (spot,) = load_open_spots(alarms.conn)
    assert (spot.what, spot.because, (spot.since,)) == (What.POST, Because.UNMANNED, began)
    alarms.conn.execute(works_here, (True, cast.GUARD.id))
    look(alarms)
    assert [one for one in load_watchers(alarms.conn, now(alarms)) if one.last_at < now(alarms) - MINUTE] == []  # fmt: skip


@pytest.mark.guarantee("I12")
def test_the_screen_of_a_party_shows_the_readers_and_nothing_of_the_case(
    alarms: PostgresAlarms, web: Connection
) -> None:
    on_duty(alarms, cast.SHIFT_LEAD)
    a_case(alarms)
    a_sender(alarms, now(alarms) - 11 * MINUTE)
    look(alarms)
    shown = {}
    for player in (cast.RESPONDENT, cast.DISPATCHER):
        with web.transaction():
            set_viewer(web, cast.HARBOUR_EMS, player.id)
            shown[player] = {s.what for s in load_shown_spots(web, cast.HARBOUR_EMS, AT)}
    assert shown == {cast.RESPONDENT: {What.READER}, cast.DISPATCHER: {What.READER, What.POST}}


@pytest.mark.guarantee("I20")
def test_custody_that_nobody_confirmed_in_time_opens_what_the_unknown_asks_for_once(
    alarms: PostgresAlarms, ring: KeyRing
) -> None:
    a_case(alarms)
    held = CustodyFact(
        id=uuid7(),
        case_id=CASE,
        state=State.HELD,
        source=Source.JAIL,
        heard_at=now(alarms) - timedelta(hours=24),
        heard_by_id=cast.SAFETY_LEAD.id,
        is_confirmed=True,
    )
    record_custody(alarms.conn, ring, cast.HARBOUR_EMS, held)
    for expected in (1, 0):
        with alarms.atomically():
            assert lapse_custody(alarms).cases == expected
    events = alarms.conn.execute("select distinct event from decisions_safeguard order by 1")
    assert [row[0] for row in events] == ["custody.arrest", "custody.unknown"]


@pytest.mark.guarantee("I25")
def test_a_case_that_breaks_holds_up_no_other_whose_custody_lapsed(
    alarms: PostgresAlarms, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_case(alarms)
    held = CustodyFact(
        id=uuid7(),
        case_id=CASE,
        state=State.HELD,
        source=Source.JAIL,
        heard_at=now(alarms) - timedelta(hours=24),
        heard_by_id=cast.SAFETY_LEAD.id,
        is_confirmed=True,
    )
    record_custody(alarms.conn, ring, cast.HARBOUR_EMS, held)
    due = store_custody.load_due(alarms.conn, now(alarms))
    broken = (cast.HARBOUR_EMS, uuid7(), (uuid7(),))
    monkeypatch.setattr(store_custody, "load_due", lambda *_: [broken, *due])
    whole = store_custody.load_custody

    def breaks(conn: Connection, case_id: UUID) -> tuple[CustodyFact, ...]:
        if case_id == broken[1]:
            raise ValueError
        return whole(conn, case_id)

    monkeypatch.setattr(store_custody, "load_custody", breaks)
    with alarms.atomically():
        assert lapse_custody(alarms).cases == 1


def revoked(
    alarms: PostgresAlarms, by: cast.Player | None, ago: timedelta = 11 * MINUTE
) -> datetime:
    """Return when this person revoked the reader, heard until then; the case was opened now."""
    on_duty(alarms, cast.SHIFT_LEAD)
    at = now(alarms) - ago
    a_sender(alarms, at)
    alarms.conn.execute(
        "update registry_sender set made_at = %s, revoked_at = %s, revoked_by_id = %s",
        (at - MINUTE, at, by and by.id),
    )
    alarms.conn.execute("update registry_case set opened_at = now()")
    return at


def readers(alarms: PostgresAlarms) -> list[tuple[UUID | None, Because, datetime]]:
    """Return of which cases a reader is blind, why, and since when."""
    spots = load_open_spots(alarms.conn)
    return [(spot.case_id, spot.because, spot.since) for spot in spots if spot.what is What.READER]


@pytest.mark.guarantee("I12")
@pytest.mark.parametrize("by", [cast.RESPONDENT, cast.SHIFT_LEAD, cast.SAFETY_LEAD])
def test_a_reader_is_missed_by_her_case_whoever_revokes_it_and_no_party_is_told(
    alarms: PostgresAlarms, web: Connection, by: cast.Player
) -> None:
    a_case(alarms)
    at = revoked(alarms, by)
    assert told(look(alarms)) == {cast.SHIFT_LEAD.id}
    assert readers(alarms) == [(CASE, Because.REVOKED, at)]
    assert look(alarms) == []
    shown = {}
    for player in (cast.RESPONDENT, cast.DISPATCHER):
        with web.transaction():
            set_viewer(web, cast.HARBOUR_EMS, player.id)
            shown[player] = {s.what for s in load_shown_spots(web, cast.HARBOUR_EMS, AT)}
            assert load_watchers(web, AT) == []
    assert shown == {cast.RESPONDENT: set(), cast.DISPATCHER: {What.READER}}


def test_who_revokes_a_reader_has_ten_minutes_to_enrol_another_in_its_place(
    alarms: PostgresAlarms,
) -> None:
    a_case(alarms)
    revoked(alarms, cast.SHIFT_LEAD, 9 * MINUTE)
    assert look(alarms) == []


def test_a_reader_of_which_nobody_knows_who_revoked_it_pages_nobody_after_an_upgrade(
    alarms: PostgresAlarms,
) -> None:
    a_case(alarms)
    revoked(alarms, None)
    assert look(alarms) == []


@pytest.mark.parametrize(("where", "is_missed"), [(cast.HARBOUR.id, True), (cast.number(0x5F), False)])  # fmt: skip
def test_a_case_misses_the_readers_of_the_sites_that_it_relies_on(
    alarms: PostgresAlarms, where: UUID, *, is_missed: bool
) -> None:
    a_case(alarms)
    revoked(alarms, cast.SHIFT_LEAD)
    alarms.conn.execute(
        "update registry_doorentry set sites = jsonb_build_array(%s::text)", (str(where),)
    )
    look(alarms)
    assert bool(readers(alarms)) is is_missed


@pytest.mark.parametrize("days", [27, 29])
def test_a_reader_that_somebody_revoked_in_the_four_weeks_before_the_order_is_missed(
    alarms: PostgresAlarms, days: int
) -> None:
    a_case(alarms)
    revoked(alarms, cast.SHIFT_LEAD, timedelta(days=days))
    look(alarms)
    assert bool(readers(alarms)) is (days < 28)


@pytest.mark.parametrize(("holder", "kind", "is_missed"), [(cast.SAFETY_LEAD, "badge", False), (cast.SAFETY_LEAD, "alpr", True), (cast.RESPONDENT, "badge", True)])  # fmt: skip
def test_it_is_missed_until_another_than_he_has_enrolled_one_of_its_kind(
    alarms: PostgresAlarms, holder: cast.Player, kind: str, *, is_missed: bool
) -> None:
    a_case(alarms)
    revoked(alarms, cast.SHIFT_LEAD)
    look(alarms)
    assert readers(alarms)
    alarms.conn.execute(
        """insert into registry_sender (id, organisation_id, name, kind, site_id, key_sealed, interval_s, settings, made_at)
        values (%s, %s, 'Its heir', %s, %s, '', 300, jsonb_build_object('key_held_by', %s::text), now())""",
        (uuid7(), cast.HARBOUR_EMS, kind, cast.HARBOUR.id, str(holder.id)),
    )
    look(alarms)
    assert bool(readers(alarms)) is is_missed
