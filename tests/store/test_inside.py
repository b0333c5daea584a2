"""A colleague who is inside when an order begins to count, in PostgreSQL: one incident, or one quiet task, never two."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests import cast
from tests.store.a_case import CASE, a_fact, insert_the_case
from tests.store.stores import Store
from tocsin.decisions.rules.incident import Kind
from tocsin.engine.sightings import Sighted
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.receive_report import receive_report
from tocsin.flow.tend_inside import tend_inside
from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.order import FactKind, StayAway
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import save_door_entry
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.signals.rules.seen import Seen, Source

IDS = RandomIds()
HOUR = timedelta(hours=1)
AWAY = (StayAway(100, site_id=cast.HARBOUR.id),)


@dataclass
class Night:
    """The engine's store in a night that is now: everybody came an hour ago, and Rex with them."""

    alarms: PostgresAlarms
    ring: KeyRing

    def a_case(self, *, served: bool = True, away: tuple[StayAway, ...] = AWAY) -> None:
        """Write a case whose order was heard of and looked at five minutes ago."""
        with self.alarms.atomically():
            heard = self.alarms.now() - HOUR / 12
        kinds = (FactKind.ISSUED, *((FactKind.SERVED,) if served else ()))
        facts = [a_fact(kind, heard_at=heard, true_at=heard) for kind in kinds]
        insert_the_case(self.alarms.conn, self.ring, *facts, away=away)
        self.run("update registry_protectionorder set reviewed_at = %s", heard)

    def run(self, sql: str, *values: object) -> None:
        """Change something."""
        self.alarms.conn.execute(sql, values)

    def tend(self) -> list[Change]:
        """Let the engine look once."""
        with self.alarms.atomically():
            return tend_inside(self.alarms, ids=IDS, engine="engine-test")

    def count(self, what: str) -> int:
        """Return how many rows there are."""
        row = self.alarms.conn.execute(f"select count(*) from {what}").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def night(postgres_store: Store, ring: KeyRing) -> Night:
    """Return the night, with Rex on duty at the harbour."""
    assert isinstance(postgres_store.alarms, PostgresAlarms)
    night = Night(postgres_store.alarms, ring)
    night.run("delete from registry_shift where person_id = %s", cast.RESPONDENT.id)
    night.run(
        """insert into registry_shift (id, organisation_id, site_id, person_id, role, starts_at, ends_at, source)
        values (%s, %s, %s, %s, 'medic', now(), now() + interval '1 hour', 'hand')""",
        cast.number(0x5F7),
        cast.HARBOUR_EMS,
        cast.HARBOUR.id,
        cast.RESPONDENT.id,
    )
    night.run(
        "update registry_shift set starts_at = now() - interval '1 hour', ends_at = now() + interval '6 hours'"
    )
    return night


def test_served_while_he_is_on_duty_opens_one_incident_and_tells_no_party(night: Night) -> None:
    night.a_case()
    changes = night.tend()
    assert [c.incident.kind for c in changes if c.incident] == [Kind.POSSIBLE_BREACH]
    told = {d.person_id for c in changes for d in c.deliveries}
    assert cast.PROTECTED.id in told
    assert cast.SHIFT_LEAD.id in told
    assert cast.RESPONDENT.id not in told
    assert night.tend() == []
    assert night.count("signals_sighting where source = 'on_duty'") == 1
    assert night.count("decisions_incident") == 1


def test_before_notice_there_is_one_quiet_task_and_no_incident(night: Night) -> None:
    night.a_case(served=False)
    assert night.tend() == []
    assert night.tend() == []
    assert night.count("decisions_incident") == 0
    assert night.count("decisions_safeguard where template = 'relieve_first'") == 1
    owner = night.alarms.conn.execute("select owner_id from decisions_safeguard").fetchone()
    assert owner is not None
    assert owner[0] == cast.SAFETY_LEAD.id


def test_the_release_of_the_visible_steps_makes_it_an_event(night: Night) -> None:
    night.a_case(served=False)
    night.tend()
    night.run("update registry_case set released_at = now() - interval '1 minute'")
    changes = night.tend()
    assert [c.incident.kind for c in changes if c.incident] == [Kind.POSSIBLE_BREACH]
    assert changes[0].incident is not None
    assert "not_served" in changes[0].incident.police


def test_who_is_not_on_duty_is_not_inside_unless_his_badge_came_in_and_not_out(
    night: Night,
) -> None:
    night.a_case(served=False)
    night.run("delete from registry_shift where person_id = %s", cast.RESPONDENT.id)
    assert night.tend() == []
    assert night.count("decisions_safeguard") == 0
    _badge(night, "in", "b1", -HOUR / 24)
    night.run("update registry_case set released_at = now() - interval '1 minute'")
    changes = night.tend()
    assert [c.incident.kind for c in changes if c.incident] == [Kind.POSSIBLE_BREACH]
    assert night.tend() == []


def test_a_badge_that_went_out_again_is_nobody_inside(night: Night) -> None:
    night.a_case(served=False)
    night.run("delete from registry_shift where person_id = %s", cast.RESPONDENT.id)
    _badge(night, "in", "b1", -HOUR / 24)
    _badge(night, "out", "b2", -HOUR / 30)
    night.run("update registry_case set released_at = now() - interval '1 minute'")
    assert night.tend() == []


def test_who_may_have_come_before_his_shift_and_the_order_is_told_once_with_what_is_not_known(
    night: Night,
) -> None:
    night.a_case()
    _shift_began(night, minutes=2)
    changes = night.tend()
    assert [c.incident.kind for c in changes if c.incident] == [Kind.POSSIBLE_BREACH]
    (parts,) = night.alarms.conn.execute("select parts from signals_sighting").fetchone() or ((),)
    assert [code for code, _points in parts] == ["on_the_roster", "perhaps_before_his_shift"]
    assert night.tend() == []


def test_whom_a_reader_saw_since_the_door_refuses_him_is_the_door_s(night: Night) -> None:
    night.a_case()
    _shift_began(night, minutes=2)
    _badge(night, "in", "b1", -HOUR / 20)
    assert night.tend() == []
    assert night.count("signals_sighting where source = 'on_duty'") == 0


def test_who_badged_in_before_his_shift_is_told_once_however_he_is_known_to_be_here(
    night: Night,
) -> None:
    night.a_case()
    _shift_began(night, minutes=-2)
    _badge(night, "in", "b1", -HOUR / 6)
    night.tend()
    assert night.count("signals_sighting where source = 'on_duty'") == 1
    _shift_began(night, minutes=2)
    assert night.tend() == []
    assert night.count("signals_sighting where source = 'on_duty'") == 1


@pytest.mark.parametrize(
    "damage",
    [
        "delete from registry_casekey where case_id = %s",
        "update registry_casekey set wrapped = 'damaged' where case_id = %s",
        "update signals_sighting set body_sealed = 'damaged' where case_id = %s",
    ],
)
def test_a_badge_that_cannot_be_opened_holds_up_nobody_else(night: Night, damage: str) -> None:
    night.a_case(served=False)
    night.run("delete from registry_shift where person_id = %s", cast.RESPONDENT.id)
    _badge(night, "in", "b1", -HOUR / 24)
    other = cast.number(0x5F7 + 0x100)
    told = a_fact(FactKind.ISSUED, id=cast.number(0x5FA0))
    insert_the_case(night.alarms.conn, night.ring, told, case_id=other, protected=cast.GUARD.id)
    night.run("update registry_case set released_at = now() - interval '1 minute'")
    night.run(
        """insert into signals_sighting select (jsonb_populate_record(s, jsonb_build_object('id', %s::text,
            'case_id', %s::text, 'track', 'b9'))).* from signals_sighting s where case_id = %s""",
        str(cast.number(0x7A9)),
        str(other),
        CASE,
    )
    night.run(damage, other)
    changes = night.tend()
    assert [c.incident.kind for c in changes if c.incident] == [Kind.POSSIBLE_BREACH]


@pytest.mark.parametrize("is_over", [False, True])
def test_where_her_walk_is_held_he_is_to_be_relieved_though_her_shift_was_taken_from_the_roster(
    night: Night, is_over: bool
) -> None:
    night.a_case(served=False, away=())
    depot = cast.DEPOT_NORTH.id
    night.run("delete from registry_shift where person_id = %s", cast.PROTECTED.id)
    night.run(
        "update registry_shift set site_id = %s where person_id = %s", depot, cast.RESPONDENT.id
    )
    night.run(
        """insert into signals_hold (id, organisation_id, person_id, site_id, kind, shift_ends_at, opened_at, state,
            missed_look, ended_at)
        values (%s, %s, %s, %s, 'leaving', now(), now(), %s, false, case when %s then now() end)""",
        cast.number(0x7A2),
        cast.HARBOUR_EMS,
        cast.PROTECTED.id,
        depot,
        "declined" if is_over else "held",
        is_over,
    )
    night.tend()
    relieved = night.count("decisions_safeguard where template = 'relieve_first'")
    assert relieved == (0 if is_over else 1)


def _entry_since(night: Night, instruction: str, *, hours: int) -> None:
    night.run(
        """update registry_doorentry set instruction = %s, updated_at = now() - make_interval(hours => %s)
        where case_id = %s""",
        instruction,
        hours,
        CASE,
    )


@pytest.mark.guarantee("I20")
def test_an_order_that_cannot_be_opened_keeps_nobody_silent_about_him(night: Night) -> None:
    night.a_case()
    _entry_since(night, "do_not_admit", hours=0)
    night.run("update registry_orderfact set body_sealed = 'damaged'")
    changes = night.tend()
    assert [c.is_new for c in changes if c.incident] == [True]
    told = {d.person_id for c in changes for d in c.deliveries}
    assert cast.PROTECTED.id in told
    assert cast.RESPONDENT.id not in told
    assert night.tend() == []
    assert night.count("decisions_incident") == 1


def test_an_order_of_which_only_the_words_are_damaged_is_an_event_like_any(night: Night) -> None:
    night.a_case()
    _entry_since(night, "do_not_admit", hours=9)
    night.run("update registry_protectionorder set body_sealed = 'damaged'")
    assert [c.is_new for c in night.tend() if c.incident] == [True]


def test_beside_an_order_that_cannot_be_opened_another_that_begins_to_count_is_an_event(
    night: Night,
) -> None:
    night.a_case()
    _entry_since(night, "do_not_admit", hours=9)
    night.run(
        """insert into registry_protectionorder select (jsonb_populate_record(o, jsonb_build_object('id', %s::text))).*
        from registry_protectionorder o where case_id = %s""",
        str(cast.number(0x5EF)),
        CASE,
    )
    changes = night.tend()
    assert [c.is_new for c in changes if c.incident] == [True]


def test_whom_the_door_refused_before_he_can_have_come_is_the_door_s_though_an_order_is_damaged(
    night: Night,
) -> None:
    night.a_case()
    _entry_since(night, "do_not_admit", hours=9)
    night.run("update registry_orderfact set body_sealed = 'damaged'")
    assert night.tend() == []
    assert night.count("decisions_incident") == 0


def test_where_the_doors_only_announce_him_a_damaged_order_is_one_quiet_task(night: Night) -> None:
    night.a_case(served=False)
    _entry_since(night, "inform", hours=0)
    night.run("update registry_orderfact set body_sealed = 'damaged'")
    assert night.tend() == []
    assert night.tend() == []
    assert night.count("decisions_incident") == 0
    assert night.count("decisions_safeguard where template = 'relieve_first'") == 1


@pytest.mark.guarantee("I20")
def test_a_case_whose_key_is_lost_is_told_by_what_the_doors_do_and_holds_up_no_other(
    night: Night,
) -> None:
    night.a_case()
    other = cast.number(0x5F7 + 0x100)
    told = a_fact(FactKind.ISSUED, id=cast.number(0x5FA0))
    insert_the_case(night.alarms.conn, night.ring, told, case_id=other, protected=cast.GUARD.id)
    night.run("update registry_doorentry set updated_at = now() where case_id = %s", other)
    night.run("delete from registry_casekey where case_id = %s", other)
    changes = night.tend()
    found = {c.incident.case_ids: c for c in changes if c.incident}
    kinds = {case_ids: c.incident.kind for case_ids, c in found.items() if c.incident}
    assert kinds == {(CASE,): Kind.POSSIBLE_BREACH, (other,): Kind.INFORM}
    told_of = {d.person_id for d in found[(other,)].deliveries}
    assert cast.GUARD.id in told_of
    assert cast.SHIFT_LEAD.id in told_of
    assert cast.RESPONDENT.id not in told_of
    assert night.tend() == []
    # What is kept of it is nothing that had to be sealed.
    assert night.count("signals_sighting where body_sealed = ''") == 1


def _shift_began(night: Night, *, minutes: int) -> None:
    night.run(
        "update registry_shift set starts_at = now() - make_interval(mins => %s) where person_id = %s",
        minutes,
        cast.RESPONDENT.id,
    )


def _badge(night: Night, direction: str, track: str, ago: timedelta) -> None:
    with night.alarms.atomically():
        at = night.alarms.now()
        door = DoorEntryRow(
            case_id=CASE,
            organisation_id=cast.HARBOUR_EMS,
            match=DoorMatch(names=("Rex Notreal",), badges=("B77",)),
            updated_at=at,
        )
        save_door_entry(night.alarms.conn, case_key(night.alarms.conn, night.ring, CASE), door)
        seen = Seen(
            organisation_id=cast.HARBOUR_EMS,
            source=Source.BADGE,
            track=track,
            seen_at=at + ago,
            heard_at=at,
            site_id=cast.HARBOUR.id,
            badge="B77",
            codes=(direction,),
        )
        receive_report(night.alarms.conn, night.ring, seen, ids=IDS)
    with night.alarms.atomically():
        Sighted(None, night.ring, IDS, "engine-test").take(night.alarms)  # type: ignore[arg-type]
