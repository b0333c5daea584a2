"""Reports in PostgreSQL: matched, decided, called, kept, or gone without a trace."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests import cast
from tests.builders import utc
from tests.snapshots import a_press
from tests.store.a_case import CASE, PLATE, a_fact, insert_the_case, lift_the_hold
from tests.store.stores import Store
from tocsin.decisions import store as decisions
from tocsin.decisions.rules.incident import Doing, Kind
from tocsin.decisions.store_following import is_followed
from tocsin.engine.sightings import Sighted
from tocsin.flow.alarms import Change
from tocsin.flow.compare_sighting import compare_sighting
from tocsin.flow.locate_respondent import locate_respondent
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_report import receive_report
from tocsin.flow.respond import Refused, respond
from tocsin.notifications import store_disclosures as ledger
from tocsin.registry.rules.order import End, Fact, FactKind
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.runtime.postgres import Cluster
from tocsin.signals import store_sightings
from tocsin.signals.rules.seen import PlateRead, Seen, Source

IDS = RandomIds()
# What is done elsewhere while nobody knows where he is.
ELSEWHERE = {"other_sites", "crews_in_vehicles", "childrens_carers", "people_close"}


class House:
    """The engine's store, and what is reported to it."""

    def __init__(self, store: Store, ring: KeyRing) -> None:
        assert isinstance(store.alarms, PostgresAlarms)
        self.alarms, self.ring = store.alarms, ring
        self.conn = self.alarms.conn
        self.sighted = Sighted(None, ring, IDS, "engine-test")  # type: ignore[arg-type]
        with self.alarms.atomically():
            self.now = self.alarms.now()

    def report(self, **changes: object) -> None:
        """Put something that was seen where the engine takes it from."""
        values: dict[str, object] = {
            "organisation_id": cast.HARBOUR_EMS,
            "source": Source.PLATE,
            "track": "cam1-0001",
            "seen_at": self.now,
            "heard_at": self.now,
            "site_id": cast.HARBOUR.id,
            "plates": (PlateRead(PLATE, 0.98, "US-IL"),),
        }
        seen = Seen(**values | changes)  # type: ignore[arg-type]
        with self.alarms.atomically():
            receive_report(self.conn, self.ring, seen, ids=IDS)

    def take(self) -> list[Change]:
        """Let the engine take everything that waits."""
        with self.alarms.atomically():
            return self.sighted.take(self.alarms)[1]

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        row = self.conn.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        return int(row[0])

    def people(self, changes: list[Change]) -> set[UUID]:
        """Return everybody to whom something goes."""
        return {d.person_id for change in changes for d in change.deliveries}


@pytest.fixture
def house(postgres_store: Store, ring: KeyRing) -> House:
    """Return the night of the tests, moved to now: everybody of it is on duty."""
    house = House(postgres_store, ring)
    house.conn.execute(
        "update registry_shift set starts_at = now() - interval '1 hour', ends_at = now() + interval '6 hours'"
    )
    return house


def test_a_plate_that_hits_calls_everybody_but_him_and_her_first(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report()
    changes = house.take()
    incident = changes[0].incident
    assert incident is not None
    assert incident.kind is Kind.POSSIBLE_BREACH
    assert incident.not_located == {CASE}
    assert incident.police == ("possible_breach", "served")
    assert changes[0].deliveries[0].person_id == cast.PROTECTED.id
    assert changes[0].deliveries[0].template == "sighting_her"
    assert {cast.GUARD.id, cast.DISPATCHER.id, cast.SHIFT_LEAD.id} <= house.people(changes)
    assert cast.RESPONDENT.id not in house.people(changes)
    assert house.count("signals_report") == 0
    assert house.count("signals_sighting") == 1
    tasks = house.conn.execute(
        "select template, owner_id, due_at - opened_at from decisions_safeguard where state = 'open'"
    ).fetchall()
    # Each is somebody's, with a deadline of minutes, and nobody's who is a party.
    assert {code for code, _, _ in tasks} == ELSEWHERE
    assert {owner_id for _, owner_id, _ in tasks} <= {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}
    assert {due for _, _, due in tasks} == {timedelta(minutes=10), timedelta(minutes=15)}


def test_a_time_that_has_not_come_is_said_beside_what_matched(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report(codes=("clock_wrong",))
    house.take()
    (parts,) = house.conn.execute("select parts from signals_sighting").fetchone() or ([],)
    assert parts[-1] == ["clock_wrong", 0]


def her_sos(house: House, *facts: Fact) -> int:
    """Let her press, let a minute and a second pass, and return how many tasks there are then, and a second before."""
    insert_the_case(house.conn, house.ring, *facts)
    with house.alarms.atomically():
        press = a_press(cast.PROTECTED, received_at=house.now)
        raise_sos(house.alarms, [press], ids=IDS)
    house.conn.execute("update decisions_incident set opened_at = now() - interval '59 seconds'")
    house.take()
    assert house.count("decisions_safeguard") == 0
    house.conn.execute("update decisions_incident set opened_at = now() - interval '61 seconds'")
    house.take()
    return house.count("decisions_safeguard")


def test_her_sos_that_nobody_explains_opens_the_tasks_of_her_case_once_and_discloses_nothing(
    house: House,
) -> None:
    tasks = her_sos(house)
    assert tasks >= 4
    house.take()
    assert house.count("decisions_safeguard") == tasks
    row = house.conn.execute("select case_id, progress from decisions_incident").fetchone()
    assert row is not None
    # Nobody whom it calls learns by it that an order protects her.
    assert (row[0], "cases" in row[1]) == (None, False)
    names_it = "select count(*) from record_entry where incident_id is not null and convert_from(leaf, 'utf8') like %s"
    assert house.conn.execute(names_it, (f"%{CASE}%",)).fetchone() == (0,)


def test_tasks_that_nobody_did_after_one_incident_do_not_stand_in_the_way_of_the_next(
    house: House,
) -> None:
    tasks = her_sos(house)
    house.conn.execute("update decisions_incident set closed_at = now()")
    house.conn.execute("update decisions_safeguard set due_at = now() - interval '2 days'")
    with house.alarms.atomically():
        again = a_press(cast.PROTECTED, received_at=house.now, key="another")
        raise_sos(house.alarms, [again], ids=IDS)
    house.conn.execute(
        "update decisions_incident set opened_at = now() - interval '61 seconds' where closed_at is null"
    )
    house.take()
    states = house.conn.execute("select state, count(*) from decisions_safeguard group by state")
    assert dict(states.fetchall()) == {"dropped": tasks, "open": tasks}
    house.take()
    assert house.count("decisions_safeguard") == 2 * tasks


def test_her_sos_opens_no_such_task_when_no_order_counts(house: House) -> None:
    ended = a_fact(FactKind.ENDS, end=End(at=utc("2026-03-03 06:00")), id=cast.number(0x5FFF))
    issued = a_fact(FactKind.ISSUED, true_at=utc("2025-12-01 12:00"))
    assert her_sos(house, issued, ended) == 0


def test_what_hits_nothing_is_gone_without_a_trace(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report(plates=(PlateRead("ZZZ 0001", 0.9),))
    assert house.take() == []
    assert house.count("signals_report") == 0
    assert house.count("signals_sighting") == 0
    assert house.count("decisions_incident") == 0


def test_one_track_is_one_sighting_and_another_joins(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report()
    house.report()
    assert len(house.take()) == 1
    house.report(track="cam2-0007")
    changes = house.take()
    assert [c.is_new for c in changes] == [False]
    assert house.count("signals_sighting") == 2
    assert house.count("decisions_incident") == 1


@pytest.mark.guarantee("I13")
def test_an_order_that_ended_informs_with_the_reason_and_is_no_breach(house: House) -> None:
    ended = a_fact(FactKind.ENDS, end=End(at=utc("2026-03-03 06:00")), id=cast.number(0x5FFF))
    insert_the_case(
        house.conn, house.ring, a_fact(FactKind.ISSUED, true_at=utc("2025-12-01 12:00")), ended
    )
    house.report()
    changes = house.take()
    assert changes[0].incident is not None
    assert changes[0].incident.kind is Kind.INFORM
    assert changes[0].incident.emergency_from is None
    matched = next(e for e in changes[0].entries if e.kind == "sighting.matched")
    assert "ended" in matched.body["because"]
    assert {d.template for d in changes[0].deliveries} == {"sighting_inform"}


@pytest.mark.guarantee("I14")
def test_a_possible_match_goes_to_the_door_and_a_person_confirms_it(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report(plates=(), source=Source.GUARD, name="Rex Notreal", reported_by_id=cast.GUARD.id)
    first = house.take()
    assert first[0].incident is not None
    assert not first[0].incident.is_confirmed
    assert {d.template for d in first[0].deliveries} == {"sighting_check"}
    assert cast.PROTECTED.id not in house.people(first)
    sightings = PostgresSightings(house.alarms)
    with house.alarms.atomically():
        row = sightings.of_incident(cast.HARBOUR_EMS, first[0].incident.id)[0]
        change = compare_sighting(
            house.alarms, sightings, cast.HARBOUR_EMS, row.id, by=cast.GUARD.id, is_he=True, ids=IDS
        )
    assert isinstance(change, Change)
    assert change.incident is not None
    assert change.incident.is_confirmed
    assert change.incident.not_located == {CASE}
    assert cast.PROTECTED.id in house.people([change])
    with house.alarms.atomically():
        kept = sightings.find(cast.HARBOUR_EMS, row.id)
    assert kept is not None
    assert (kept.certainty, kept.judged, kept.judged_by_id) == (
        "possible",
        "confirmed",
        cast.GUARD.id,
    )


@pytest.mark.guarantee("I14")
@pytest.mark.guarantee("I26")
def test_dismissed_it_ends_and_is_erased_after_thirty_days_but_not_during_a_legal_hold(
    house: House, cluster: Cluster
) -> None:
    insert_the_case(house.conn, house.ring)
    house.report(plates=(), source=Source.GUARD, name="Rex Notreal")
    incident = house.take()[0].incident
    assert incident is not None
    sightings = PostgresSightings(house.alarms)
    with house.alarms.atomically():
        row = sightings.of_incident(cast.HARBOUR_EMS, incident.id)[0]
        change = compare_sighting(
            house.alarms,
            sightings,
            cast.HARBOUR_EMS,
            row.id,
            by=cast.GUARD.id,
            is_he=False,
            ids=IDS,
        )
    assert isinstance(change, Change)
    assert change.incident is not None
    assert not change.incident.is_open
    with house.alarms.atomically():
        at = house.alarms.now() + timedelta(days=30, minutes=1)
        assert store_sightings.erase_due(house.conn, at) == 0
    lift_the_hold(house.conn, cluster)
    with house.alarms.atomically():
        assert store_sightings.erase_due(house.conn, at - timedelta(days=1)) == 0
        assert store_sightings.erase_due(house.conn, at) == 1


def test_not_located_stays_until_custody_is_recorded(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report()
    incident = house.take()[0].incident
    assert incident is not None
    for who in (cast.GUARD, cast.SHIFT_LEAD):
        with house.alarms.atomically():
            done = respond(
                house.alarms,
                cast.HARBOUR_EMS,
                incident.id,
                by=who.id,
                doing=Doing.OVER,
                via="page",
                ids=IDS,
            )
        assert isinstance(done, Change)
    assert done.incident is not None
    assert not done.incident.is_open
    assert "not located" in done.incident.closed_how
    assert done.incident.not_located == {CASE}
    assert {d.template for d in done.deliveries} == {"stood_down_not_located"}
    with house.alarms.atomically():
        located = locate_respondent(
            house.alarms, PostgresSightings(house.alarms), cast.HARBOUR_EMS, CASE,
            by=cast.SAFETY_LEAD.id, source="jail", ids=IDS,
        )  # fmt: skip
    assert len(located) == 1
    with house.alarms.atomically():
        kept = decisions.load_incident(house.conn, cast.HARBOUR_EMS, incident.id)
    assert kept is not None
    assert kept.not_located == frozenset()


def test_a_place_without_a_protected_person_has_an_incident_of_its_own(house: House) -> None:
    insert_the_case(house.conn, house.ring, protected=None)
    house.report()
    incident = house.take()[0].incident
    assert incident is not None
    assert incident.is_about_place
    house.report(track="again")
    assert house.take()[0].is_new is False
    # It is about nobody: the phone of whoever answers for its rule is followed no more than before (I23).
    with house.alarms.atomically():
        assert not is_followed(house.conn, cast.HARBOUR_EMS, incident.person_id)


def test_who_was_told_is_written_with_the_telling_and_with_her_notice(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report()
    house.take()
    lines = ledger.load_of_case(house.conn, cast.HARBOUR_EMS, CASE)
    assert {line.to_id for line in lines} == {cast.GUARD.id, cast.DISPATCHER.id, cast.SHIFT_LEAD.id}
    assert {line.ground for line in lines} == {"possible_breach"}
    assert all(line.notice_at is not None for line in lines)
    assert all(line.what[0] == "text sighting" for line in lines)


def test_a_poisoned_report_is_set_aside_and_holds_up_nobody(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report(track="bad", sender_id=cast.number(0x77))
    house.conn.execute("update signals_report set body_sealed = '\\x00'")
    house.report()
    assert len(house.take()) == 1
    for _ in range(3):
        house.take()
    assert house.count("signals_report") == 0
    assert house.count("signals_quarantined") == 1


def test_nobody_compares_twice_against_a_confirmation(house: House) -> None:
    insert_the_case(house.conn, house.ring)
    house.report(plates=(), source=Source.GUARD, name="Rex Notreal")
    incident = house.take()[0].incident
    assert incident is not None
    sightings = PostgresSightings(house.alarms)
    with house.alarms.atomically():
        row = sightings.of_incident(cast.HARBOUR_EMS, incident.id)[0]
        said = [
            compare_sighting(
                house.alarms, sightings, cast.HARBOUR_EMS, row.id, by=by.id, is_he=is_he, ids=IDS
            )
            for by, is_he in (
                (cast.RESPONDENT, False),
                (cast.GUARD, True),
                (cast.SHIFT_LEAD, False),
            )
        ]
    assert isinstance(said[0], Refused)
    assert isinstance(said[1], Change)
    assert isinstance(said[2], Refused)


@pytest.mark.guarantee("I14")
def test_who_says_no_in_the_moment_in_which_another_confirms_takes_nothing_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_the_case(house.conn, house.ring)
    house.report(plates=(), source=Source.GUARD, name="Rex Notreal")
    incident = house.take()[0].incident
    assert incident is not None
    sightings = PostgresSightings(house.alarms)

    def says(by: cast.Player, *, is_he: bool) -> Change | Refused:
        with house.alarms.atomically():
            return compare_sighting(
                house.alarms, sightings, cast.HARBOUR_EMS, row.id, by=by.id, is_he=is_he, ids=IDS
            )

    with house.alarms.atomically():
        row = sightings.of_incident(cast.HARBOUR_EMS, incident.id)[0]
    assert isinstance(says(cast.GUARD, is_he=True), Change)
    # The second press read the sighting before the first was kept, and then waited for the incident.
    whole, before = sightings.find, [row]
    monkeypatch.setattr(sightings, "find", lambda *which: before.pop() if before else whole(*which))
    assert isinstance(says(cast.SHIFT_LEAD, is_he=False), Refused)
    with house.alarms.atomically():
        kept = whole(cast.HARBOUR_EMS, row.id)
    assert kept is not None
    assert kept.judged == "confirmed"


@pytest.mark.guarantee("I25")
def test_a_report_that_fails_only_at_the_commit_costs_no_other_report_anything(
    house: House,
) -> None:
    # Its site is gone, which the database would notice when everything else has been done.
    insert_the_case(house.conn, house.ring)
    house.report(track="cam9-0001", site_id=UUID(int=7))
    house.report()
    assert len(house.take()) == 1
    assert house.count("signals_sighting") == 1
    assert house.count("signals_report") == 1
    house.take()
    house.take()
    assert house.count("signals_report") == 0
    assert house.count("signals_quarantined") == 1
