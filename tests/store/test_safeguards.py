"""What a fact opens in PostgreSQL, who is told of it and when, and what time does to it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests import cast
from tests.builders import AT, utc
from tests.store.stores import Store
from tocsin.decisions import store_releases as releases
from tocsin.decisions import store_safeguards as store
from tocsin.decisions.rules.safeguard_templates import BEFORE_SHIFT
from tocsin.decisions.rules.safeguards import Safeguard, State
from tocsin.decisions.store_briefings import cases_to_ask
from tocsin.engine.safeguarding import Safeguarding
from tocsin.flow import tend_safeguards as tending
from tocsin.flow.alarms import Change
from tocsin.flow.brief import ask_to_read, keepers_now
from tocsin.flow.do_safeguard import (
    assign_safeguard,
    decline_offer,
    finish_safeguard,
    forget_offer,
    take_offer,
)
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.release_steps import agree_release, plan_release
from tocsin.flow.respond import Refused
from tocsin.flow.tend_safeguards import FIRST, drop_closed, release_due, tend_safeguards
from tocsin.registry.access import Hidden, Viewer
from tocsin.runtime.database import viewing
from tocsin.runtime.ids import RandomIds, uuid7

IDS = RandomIds()
CASE = cast.number(0xC0)
ORDER = cast.number(0xC1)


class Place:
    """One database with one case: Wren is protected, Rex is the respondent and a colleague."""

    def __init__(self, store: Store) -> None:
        assert isinstance(store.alarms, PostgresAlarms)
        self.alarms, self.conn, self.ring = store.alarms, store.alarms.conn, store.alarms.ring

    @contextmanager
    def at(self, at: datetime) -> Iterator[PostgresAlarms]:
        """Open a transaction whose clock says `at`."""
        with self.alarms.atomically():
            self.alarms._now = at
            yield self.alarms

    def insert(self, table: str, **values: Any) -> None:
        names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        self.conn.execute(f"insert into {table} ({names}) values ({marks})".encode(), list(values.values()))  # fmt: skip

    def case(self, colleague: cast.Player | None = cast.RESPONDENT) -> None:
        """Write the case and who is shut out of it."""
        mine = {"organisation_id": cast.HARBOUR_EMS}
        wrapped = self.ring.new_person_key(CASE)
        with self.alarms.atomically():
            self.insert("registry_case", id=CASE, **mine, word="K7QX", protected_id=cast.PROTECTED.id, colleague_id=colleague.id if colleague else None, respondent_sealed=b"", opened_at=AT, opened_by_id=cast.SAFETY_LEAD.id)  # fmt: skip
            self.insert("registry_casekey", id=uuid7(), **mine, case_id=CASE, wrapped=wrapped)
            if colleague:
                self.insert("registry_party", id=uuid7(), **mine, case_id=CASE, person_id=colleague.id, since=AT)  # fmt: skip

    def open(self, event: str = "order.entered", *, at: datetime = AT, event_id: UUID = ORDER) -> tuple[UUID, ...]:  # fmt: skip
        with self.at(at):
            return open_safeguards(self.conn, organisation_id=cast.HARBOUR_EMS, case_id=CASE, event=event, event_id=event_id, at=at, by=cast.SAFETY_LEAD.id)  # fmt: skip

    def all(self) -> dict[str, Safeguard]:
        with self.alarms.atomically():
            return {s.template: s for s in store.load_safeguards(self.conn, cast.HARBOUR_EMS, CASE)}

    def tend(self, at: datetime) -> list[tuple[str, str, UUID]]:
        """Let the engine look at `at`; return (kind, channel, person) of every message."""
        with self.at(at):
            released = release_due(self.alarms)
            done = tend_safeguards(self.alarms, FIRST, ids=IDS)
        del released
        return [
            (change.incident.kind.value, d.channel, d.person_id)
            for change in done.changes
            for d in change.deliveries
            if change.incident
        ]

    def kinds(self) -> list[str]:
        rows = self.conn.execute("select kind from record_entry where kind ~ '^(safeguard|release|briefing)'").fetchall()  # fmt: skip
        return [row[0] for row in rows]


@pytest.fixture
def place(postgres_store: Store) -> Place:
    found = Place(postgres_store)
    found.case()
    return found


def viewer(player: cast.Player, role: str = "") -> Viewer:
    return Viewer(player.organisation_id, player.id, role or player.role)


def test_an_order_opens_prepares_and_offers_and_the_same_order_does_so_once(place: Place) -> None:
    place.open()
    first = place.all()
    assert first["cameras"].state is State.OPEN
    assert first["badge"].state is State.PREPARED
    assert first["parking"].state is State.OFFERED
    assert place.open() == ()
    assert place.open("order.served", event_id=cast.number(0xC2)) != ()
    assert len([k for k in place.kinds() if k == "safeguard.prepared"]) == 10


def test_what_nobody_did_after_one_release_is_asked_for_anew_after_the_next(place: Place) -> None:
    place.open("custody.release")
    offer = place.all()["parking"]
    with place.at(AT):
        assert take_offer(place.conn, viewer(cast.PROTECTED), offer.id, at=AT) is None
    place.tend(AT + timedelta(hours=5))
    next_week = AT + timedelta(days=7, hours=9)
    place.open("custody.release", at=next_week, event_id=cast.number(0xC5))
    with place.at(next_week):
        kept = store.load_safeguards(place.conn, cast.HARBOUR_EMS, CASE)
    now = {s.template: s for s in kept if not s.is_ended}
    assert now["second_at_post"].event_id == cast.number(0xC5)
    assert now["second_at_post"].due_at == next_week + timedelta(hours=4)
    assert now["second_at_post"].escalated_at is None
    # What she took is hers: it is neither dropped nor offered once more.
    assert now["parking"].event_id == ORDER
    assert now["parking"].state is State.OPEN
    assert place.tend(next_week)
    assert "safeguard.dropped" in place.kinds()


@pytest.mark.guarantee("I11")
def test_no_owner_is_a_party_nor_she_herself_nor_whom_she_ruled_out(place: Place) -> None:
    place.conn.execute("update registry_person set role = 'admin' where id = %s", (cast.RESPONDENT.id,))  # fmt: skip
    place.open()
    owners = {s.owner_id for s in place.all().values()}
    assert cast.RESPONDENT.id not in owners
    assert cast.PROTECTED.id not in owners
    assert cast.SAFETY_LEAD.id in owners


@pytest.mark.guarantee("I11")
def test_an_owner_who_becomes_a_party_loses_it_and_is_told_nothing(place: Place) -> None:
    place.open()
    place.insert("registry_party", id=uuid7(), organisation_id=cast.HARBOUR_EMS, case_id=CASE, person_id=cast.SHIFT_LEAD.id, since=AT)  # fmt: skip
    told = place.tend(AT + timedelta(minutes=1))
    assert cast.SHIFT_LEAD.id not in {person for _, _, person in told}
    assert cast.SHIFT_LEAD.id not in {s.owner_id for s in place.all().values()}
    assert "safeguard.assigned" in place.kinds()


def test_the_owner_is_told_once_and_in_the_quiet_of_a_live_screen_or_mail(place: Place) -> None:
    place.open()
    first = place.tend(utc("2026-11-06 16:00"))
    assert {kind for kind, _, _ in first} == {"task"}
    assert "sms" not in {channel for _, channel, _ in first}
    sefas = [one for one in first if one[2] == cast.SAFETY_LEAD.id and one[1] == "live"]
    assert len(sefas) == 1
    assert place.tend(utc("2026-11-06 16:01")) == []


def test_nobody_is_woken_for_what_can_wait(place: Place) -> None:
    place.open()
    # 03:00 at Harbour: Lea is on duty until six, Sefa sleeps.
    told = {person for _, _, person in place.tend(utc("2026-11-06 09:00"))}
    assert cast.SAFETY_LEAD.id not in told
    assert cast.SHIFT_LEAD.id in told


def test_what_is_late_goes_to_the_owners_manager(place: Place) -> None:
    place.conn.execute("update registry_person set manager_id = %s where id = %s", (cast.DISPATCHER.id, cast.SAFETY_LEAD.id))  # fmt: skip
    place.open()
    told = place.tend(AT + timedelta(hours=5))
    cameras = place.all()["cameras"]
    assert cameras.escalated_to_id == cast.DISPATCHER.id
    assert place.all()["keys"].escalated_at is None
    assert place.kinds().count("safeguard.escalated") > 0
    # Half past ten in the morning: he hears of it, by nothing that rings like an alarm.
    his = {(kind, channel) for kind, channel, person in told if person == cast.DISPATCHER.id}
    assert ("task", "live") in his
    assert {channel for _, channel in his} <= {"live", "webpush", "email"}
    before = place.kinds()
    place.tend(AT + timedelta(hours=5, minutes=1))
    assert place.kinds().count("safeguard.escalated") == before.count("safeguard.escalated")


def test_only_what_is_due_before_her_next_shift_pages_the_duty_lead(place: Place) -> None:
    place.insert("registry_shift", id=uuid7(), organisation_id=cast.HARBOUR_EMS, site_id=cast.HARBOUR.id, person_id=cast.PROTECTED.id, role="dispatcher", starts_at=AT + timedelta(hours=24), ends_at=AT + timedelta(hours=32), source="test")  # fmt: skip
    place.open()
    told = place.tend(AT + timedelta(minutes=5))
    assert ("task_due", "live", cast.SHIFT_LEAD.id) in told
    paged = {s.template for s in place.all().values() if s.paged_at}
    assert paged == {"posts_briefed"}
    assert not [one for one in place.tend(AT + timedelta(minutes=6)) if one[0] == "task_due"]


def test_a_shift_that_was_swapped_to_sooner_pages_an_hour_before_it_whatever_the_deadline_was(place: Place) -> None:  # fmt: skip
    shift_id = uuid7()
    place.insert("registry_shift", id=shift_id, organisation_id=cast.HARBOUR_EMS, site_id=cast.HARBOUR.id, person_id=cast.PROTECTED.id, role="dispatcher", starts_at=AT + timedelta(hours=48), ends_at=AT + timedelta(hours=56), source="test")  # fmt: skip
    place.open()
    place.tend(AT + timedelta(minutes=5))
    early = {s.template for s in place.all().values() if s.paged_at}
    place.conn.execute("update registry_shift set starts_at = %s, ends_at = %s where id = %s", (AT + timedelta(hours=3), AT + timedelta(hours=11), shift_id))  # fmt: skip
    place.tend(AT + timedelta(hours=1, minutes=59))
    assert {s.template for s in place.all().values() if s.paged_at} == early
    place.tend(AT + timedelta(hours=2))
    paged = {s.template for s in place.all().values() if s.paged_at}
    assert paged > early
    assert paged == {t for t, s in place.all().items() if t in BEFORE_SHIFT and s.state is State.OPEN}  # fmt: skip


def test_without_a_planned_shift_of_hers_nobody_is_paged(place: Place) -> None:
    place.open()
    kinds = {kind for kind, _, _ in place.tend(AT + timedelta(hours=3))}
    assert "task_due" not in kinds


@pytest.mark.guarantee("I11")
def test_until_the_release_nothing_visible_begins_then_everything_at_once(place: Place) -> None:
    place.open()
    place.tend(utc("2026-11-06 16:00"))
    prepared = {t for t, s in place.all().items() if s.state is State.PREPARED}
    assert {"badge", "accounts", "group_chats", "vehicle_pool", "roster_apart"} <= prepared
    notices = place.conn.execute(
        "select count(*) from decisions_safeguardnotice n join decisions_safeguard s on s.id = n.safeguard_id where s.is_visible_step"
    ).fetchone()
    assert notices == (0,)
    when = utc("2026-11-09 15:00")
    with place.at(utc("2026-11-06 16:05")):
        plan = plan_release(place.conn, place.ring, viewer(cast.SAFETY_LEAD), CASE, when, at=utc("2026-11-06 16:05"), before_service=True)  # fmt: skip
        assert not isinstance(plan, Refused)
    place.tend(when)
    assert {t for t, s in place.all().items() if s.state is State.PREPARED} == prepared
    with place.at(utc("2026-11-06 17:00")):
        agree_release(place.conn, viewer(cast.PROTECTED), CASE, at=utc("2026-11-06 17:00"))
    place.tend(when - timedelta(minutes=1))
    assert {t for t, s in place.all().items() if s.state is State.PREPARED} == prepared
    place.tend(when)
    after = place.all()
    assert {after[t].state for t in prepared} == {State.OPEN}
    assert {after[t].due_at for t in prepared} == {when}
    assert place.kinds().count("release.done") == 1
    with place.alarms.atomically():
        [done] = releases.load_releases(place.conn, cast.HARBOUR_EMS, CASE)
        row = place.conn.execute("select released_at from registry_case where id = %s", (CASE,)).fetchone()  # fmt: skip
    assert done.released_at == when
    assert row == (when,)
    # What a later fact opens is not held back any more.
    place.open("work.dismissed", at=when, event_id=cast.number(0xC3))
    assert State.PREPARED not in {s.state for s in place.all().values()}


def test_it_takes_two_or_a_lead_who_records_that_she_chose(place: Place) -> None:
    place.open()
    with place.at(AT):
        plan = plan_release(place.conn, place.ring, viewer(cast.SAFETY_LEAD), CASE, AT, at=AT)
        assert isinstance(plan, Refused)
        plan_release(place.conn, place.ring, viewer(cast.SAFETY_LEAD), CASE, AT, at=AT, before_service=True)  # fmt: skip
        assert isinstance(agree_release(place.conn, viewer(cast.SAFETY_LEAD), CASE, at=AT), Refused)
        with pytest.raises(Hidden):
            plan_release(place.conn, place.ring, viewer(cast.GUARD), CASE, AT, at=AT)
        done = agree_release(place.conn, viewer(cast.SAFETY_LEAD), CASE, at=AT, in_person=True)
        assert not isinstance(done, Refused)
    assert place.all()["badge"].state is State.OPEN


def test_her_no_is_in_no_record_and_lowers_nothing(place: Place) -> None:
    place.open()
    offer = place.all()["parking"]
    door = place.conn.execute("select * from registry_doorentry").fetchall()
    others = {t: s for t, s in place.all().items() if t != "parking"}
    entries = place.kinds()
    with place.at(AT):
        assert decline_offer(place.conn, viewer(cast.PROTECTED), offer.id, at=AT) is None
    assert place.all()["parking"].state is State.DECLINED
    assert place.kinds() == entries
    assert place.conn.execute("select * from registry_doorentry").fetchall() == door
    assert {t: s for t, s in place.all().items() if t != "parking"} == others
    with place.at(AT):
        assert take_offer(place.conn, viewer(cast.PROTECTED), offer.id, at=AT) is None
    taken = place.all()["parking"]
    assert taken.state is State.OPEN
    assert taken.owner_id == cast.SHIFT_LEAD.id
    with place.at(AT):
        assert decline_offer(place.conn, viewer(cast.PROTECTED), offer.id, at=AT) is None
        forget_offer(place.conn, viewer(cast.PROTECTED), offer.id, at=AT)
    # Nothing is left of her no; an offer that is gone would tell of it.
    assert place.all()["parking"] == offer


@pytest.mark.guarantee("I19")
def test_whatever_she_says_no_to_the_record_and_the_leads_list_read_the_same(place: Place) -> None:
    place.open()
    with place.at(AT):
        assert decline_offer(place.conn, viewer(cast.PROTECTED), place.all()["shift"].id, at=AT) is None  # fmt: skip
    days = {day: AT + timedelta(days=day) for day in (1, 6, 8)}
    for day, at in days.items():
        place.tend(at)
        place.open("custody.unknown", at=at, event_id=cast.number(0xD0 + day))
        rows = place.conn.execute("select template, count(*) from decisions_safeguard where touches_her group by 1")  # fmt: skip
        assert set(dict(rows.fetchall()).values()) == {1}
        assert place.all()["shift"].state is (State.OFFERED if day == 8 else State.DECLINED)
    said = place.conn.execute("select leaf from record_entry where kind = 'safeguard.offered'")
    offered = [json.loads(bytes(leaf))["body"]["template"] for (leaf,) in said.fetchall()]
    assert len(offered) == len(set(offered))
    # She is told of it once more.
    assert cast.PROTECTED.id in {person for _, _, person in place.tend(AT + timedelta(days=8, hours=12))}  # fmt: skip


def test_an_offer_is_hers_alone(place: Place) -> None:
    place.open()
    offer = place.all()["parking"]
    with place.at(AT):
        for player in (cast.SAFETY_LEAD, cast.GUARD, cast.RESPONDENT):
            with pytest.raises(Hidden):
                decline_offer(place.conn, viewer(player), offer.id, at=AT)
            with pytest.raises(Hidden):
                take_offer(place.conn, viewer(player), offer.id, at=AT)
        assert take_offer(place.conn, viewer(cast.SAFETY_LEAD), offer.id, at=AT, in_person=True) is None  # fmt: skip


def test_the_owner_finishes_it_with_evidence_that_only_the_cases_key_opens(place: Place) -> None:
    place.open()
    cameras = place.all()["cameras"]
    lead = viewer(cast.SAFETY_LEAD)
    with place.at(AT):
        assert isinstance(finish_safeguard(place.conn, place.ring, lead, cameras.id, " ", at=AT), Refused)  # fmt: skip
        assert finish_safeguard(place.conn, place.ring, lead, cameras.id, "Lot seen at 22:10", at=AT) is None  # fmt: skip
        with pytest.raises(Hidden):
            finish_safeguard(place.conn, place.ring, viewer(cast.GUARD), place.all()["keys"].id, "done", at=AT)  # fmt: skip
        sealed = store.load_evidence(place.conn, [cameras.id])[cameras.id]
    assert place.all()["cameras"].state is State.DONE
    assert b"Lot" not in sealed


@pytest.mark.guarantee("I11")
def test_it_is_never_given_to_a_party(place: Place) -> None:
    place.open()
    cameras = place.all()["cameras"]
    with place.at(AT):
        lead = viewer(cast.SAFETY_LEAD)
        refused = assign_safeguard(place.conn, lead, cameras.id, cast.RESPONDENT.id, at=AT)
        assert isinstance(refused, Refused)
        assert assign_safeguard(place.conn, lead, cameras.id, cast.GUARD.id, at=AT) is None
    assert place.all()["cameras"].owner_id == cast.GUARD.id


def test_she_is_told_of_offers_by_one_quiet_message_and_it_is_in_no_record(place: Place) -> None:
    place.open()
    told = place.tend(AT + timedelta(minutes=1))
    hers = [one for one in told if one[2] == cast.PROTECTED.id]
    assert hers
    assert {kind for kind, _, _ in hers} == {"task"}
    rows = place.conn.execute("select leaf from record_entry where kind = 'safeguard.told'").fetchall()  # fmt: skip
    assert not [row for row in rows if str(cast.PROTECTED.id).encode() in bytes(row[0])]


def test_what_was_open_of_a_case_that_is_over_is_dropped_and_tells_nobody(place: Place) -> None:
    place.open()
    place.conn.execute("update registry_case set closed_at = %s", (AT,))
    with place.at(AT):
        assert drop_closed(place.alarms) > 10
    assert {s.state for s in place.all().values()} == {State.DROPPED}
    assert place.tend(utc("2026-11-06 16:00")) == []


def test_what_belongs_to_an_incident_wakes_its_owner(place: Place) -> None:
    place.open("incident.open", event_id=cast.number(0xC9))
    # 03:00 at Harbour: Sefa sleeps.
    told = {person for _, _, person in place.tend(utc("2026-11-06 09:00"))}
    assert cast.SAFETY_LEAD.id in told


@pytest.mark.guarantee("I11")
def test_an_owner_whom_she_rules_out_loses_it(place: Place) -> None:
    place.open()
    place.insert("registry_emergencycontact", id=uuid7(), organisation_id=cast.HARBOUR_EMS, person_id=cast.PROTECTED.id, name_sealed=b"", address_sealed=b"", relation="", colleague_id=cast.SHIFT_LEAD.id, never_notify=True, never_give_location=True)  # fmt: skip
    told = place.tend(AT + timedelta(minutes=1))
    assert cast.SHIFT_LEAD.id not in {person for _, _, person in told}
    assert cast.SHIFT_LEAD.id not in {s.owner_id for s in place.all().values()}


def test_the_ledger_says_who_was_told_and_nothing_of_what_she_was_told(place: Place) -> None:
    place.open()
    place.tend(utc("2026-11-06 21:30"))
    rows = place.conn.execute("select to_id, ground, what from notifications_disclosure").fetchall()
    assert cast.PROTECTED.id not in {row[0] for row in rows}
    assert (cast.SAFETY_LEAD.id, "task", ["text task", "measure"]) in rows


def test_two_engines_do_not_do_the_same_twice(place: Place) -> None:
    place.open()
    other = psycopg.connect(place.conn.info.dsn, autocommit=True, password=place.conn.info.password)
    with place.at(utc("2026-11-06 16:00")):
        tend_safeguards(place.alarms, FIRST, ids=IDS)
        second = PostgresAlarms(other, place.ring)
        with second.atomically():
            second._now = utc("2026-11-06 16:00")
            assert tend_safeguards(second, FIRST, ids=IDS).changes == ()
    other.close()


class OneDesk:
    """A desk with one lane: every work is one transaction, as PostgresDesk does it."""

    def __init__(self, alarms: PostgresAlarms, at: datetime) -> None:
        self.alarms, self.at, self.works = alarms, at, 0

    async def do(self, work: Any, _lane: str) -> Any:
        self.works += 1
        with self.alarms.atomically():
            self.alarms._now = self.at
            return work(self.alarms)


def _round(place: Place, at: datetime) -> list[Change]:
    sent: list[Change] = []

    async def publish(changes: list[Change]) -> None:
        sent.extend(changes)

    desk = OneDesk(place.alarms, at)
    asyncio.run(Safeguarding(desk, IDS, "engine-1")._round(publish))  # type: ignore[arg-type]
    return sent


def test_the_engine_sends_what_it_has_just_saved_and_nothing_on_the_next_round(place: Place) -> None:  # fmt: skip
    place.open()
    sent = _round(place, utc("2026-11-06 16:00"))
    deliveries = [d for change in sent for d in change.deliveries]
    assert deliveries
    assert {d.leased_by for d in deliveries} == {"engine-1"}
    assert {d.template for d in deliveries} == {"task"}
    assert _round(place, utc("2026-11-06 16:00")) == []


@pytest.mark.guarantee("I7")
def test_an_engine_that_dies_between_a_release_and_its_messages_tells_after_its_start(place: Place) -> None:  # fmt: skip
    place.open()
    _round(place, utc("2026-11-06 16:00"))
    with place.at(utc("2026-11-06 16:05")):
        plan_release(place.conn, place.ring, viewer(cast.SAFETY_LEAD), CASE, utc("2026-11-06 16:10"), at=utc("2026-11-06 16:05"), before_service=True)  # fmt: skip
        agree_release(place.conn, viewer(cast.PROTECTED), CASE, at=utc("2026-11-06 16:06"))
    with place.at(utc("2026-11-06 16:10")):
        assert release_due(place.alarms) == 10
    sent = _round(place, utc("2026-11-06 16:30"))
    assert {d.person_id for change in sent for d in change.deliveries} >= {cast.SAFETY_LEAD.id}
    assert place.kinds().count("release.done") == 1


def test_a_batch_is_bounded_and_the_rest_comes_in_the_next(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(tending, "AT_ONCE", 2)
    place.open()
    monkeypatch.setattr("tocsin.engine.safeguarding.MAX_BATCHES", 50)
    desk = OneDesk(place.alarms, utc("2026-11-06 09:00"))
    asyncio.run(Safeguarding(desk, IDS, "e")._round(_nowhere))  # type: ignore[arg-type]
    assert desk.works > 5
    # Sefa sleeps; what is hers is looked at in each round and keeps nobody else's back.
    notices = place.conn.execute("select distinct person_id from decisions_safeguardnotice").fetchall()  # fmt: skip
    assert (cast.SHIFT_LEAD.id,) in notices


async def _nowhere(_changes: list[Change]) -> None:
    pass


def test_a_post_is_asked_once_and_again_when_the_entry_changes(place: Place) -> None:
    place.insert("registry_doorentry", id=CASE, organisation_id=cast.HARBOUR_EMS, case_id=CASE, match_sealed=b"", photo_type="", instruction="do_not_admit", sites="[]", version=1, is_active=True, updated_at=AT)  # fmt: skip
    with place.at(AT):
        first = ask_to_read(place.alarms, ids=IDS)
    with place.at(AT):
        assert ask_to_read(place.alarms, ids=IDS) == []
    people = {d.person_id for change in first for d in change.deliveries}
    assert people == {cast.GUARD.id, cast.SHIFT_LEAD.id}
    place.conn.execute("update registry_doorentry set version = 2")
    with place.at(AT):
        assert len(ask_to_read(place.alarms, ids=IDS)) == 2
    assert place.kinds().count("briefing.asked") == 4


def test_whoever_takes_the_post_over_is_asked_to_read_too_and_the_receipts_before_stay(place: Place) -> None:  # fmt: skip
    place.insert("registry_doorentry", id=CASE, organisation_id=cast.HARBOUR_EMS, case_id=CASE, match_sealed=b"", photo_type="", instruction="do_not_admit", sites="[]", version=1, is_active=True, updated_at=AT)  # fmt: skip
    with place.at(AT):
        ask_to_read(place.alarms, ids=IDS)
    place.conn.execute("update decisions_briefing set read_at = %s", (AT,))
    place.conn.execute("update registry_shift set person_id = %s where person_id = %s", (cast.SAFETY_LEAD.id, cast.GUARD.id))  # fmt: skip
    with place.at(AT + timedelta(minutes=5)):
        sent = ask_to_read(place.alarms, ids=IDS)
    assert {d.person_id for change in sent for d in change.deliveries} == {cast.SAFETY_LEAD.id}
    said = place.conn.execute("select leaf from record_entry where kind = 'briefing.asked'")
    because = [json.loads(bytes(leaf))["body"]["because"] for (leaf,) in said.fetchall()]
    assert sorted(because) == ["first", "first", "new_person"]
    read = "select person_id from decisions_briefing where read_at is not null"
    assert {row[0] for row in place.conn.execute(read)} == {cast.GUARD.id, cast.SHIFT_LEAD.id}


@pytest.mark.guarantee("I11")
def test_a_guard_who_is_a_party_is_never_asked_to_read(place: Place) -> None:
    place.insert("registry_doorentry", id=CASE, organisation_id=cast.HARBOUR_EMS, case_id=CASE, match_sealed=b"", photo_type="", instruction="do_not_admit", sites="[]", version=1, is_active=True, updated_at=AT)  # fmt: skip
    place.insert("registry_party", id=uuid7(), organisation_id=cast.HARBOUR_EMS, case_id=CASE, person_id=cast.GUARD.id, since=AT)  # fmt: skip
    with place.at(AT):
        sent = ask_to_read(place.alarms, ids=IDS)
    assert {d.person_id for change in sent for d in change.deliveries} == {cast.SHIFT_LEAD.id}


@pytest.mark.guarantee("I11")
@pytest.mark.parametrize("is_party", [False, True])
def test_where_the_only_guard_of_a_post_is_a_party_the_shift_lead_reads_instead(place: Place, is_party: bool) -> None:  # fmt: skip
    place.insert("registry_doorentry", id=CASE, organisation_id=cast.HARBOUR_EMS, case_id=CASE, match_sealed=b"", photo_type="", instruction="do_not_admit", sites="[]", version=1, is_active=True, updated_at=AT)  # fmt: skip
    place.conn.execute("update registry_shift set post_id = %s where person_id = %s", (cast.FRONT_DOOR, cast.GUARD.id))  # fmt: skip
    if is_party:
        place.insert("registry_party", id=uuid7(), organisation_id=cast.HARBOUR_EMS, case_id=CASE, person_id=cast.GUARD.id, since=AT)  # fmt: skip
    with place.at(AT):
        sent = ask_to_read(place.alarms, ids=IDS)
    reads = cast.SHIFT_LEAD if is_party else cast.GUARD
    assert {d.person_id for change in sent for d in change.deliveries} == {reads.id}
    with place.at(AT):
        kept = keepers_now(place.alarms, AT)[cast.HARBOUR_EMS]
        assert cases_to_ask(place.conn, [(cast.HARBOUR_EMS, one) for one in kept], 9) == []


# --- the wall in the database -----------------------------------------------------------------------------


def seen_by(place: Place, player: cast.Player, statement: str) -> list[Any]:
    """Return what the web role reads as this viewer."""
    dsn = place.conn.info.dsn.replace("user=tocsin_engine", "user=tocsin_web")
    with psycopg.connect(dsn, autocommit=True) as web:
        with viewing(web, cast.HARBOUR_EMS, player.id):
            return web.execute(statement.encode()).fetchall()


@pytest.mark.guarantee("I12")
def test_an_owner_without_a_grant_reads_her_own_measure_and_no_other(place: Place) -> None:
    place.open()
    rows = seen_by(place, cast.SHIFT_LEAD, "select template, owner_id, state from decisions_safeguard")  # fmt: skip
    assert {owner for _, owner, _ in rows} == {cast.SHIFT_LEAD.id}
    assert {state for _, _, state in rows} == {"open"}
    assert seen_by(place, cast.SHIFT_LEAD, "select id from registry_case") == []


@pytest.mark.guarantee("I12")
def test_a_party_who_owned_one_before_reads_none(place: Place) -> None:
    place.open()
    place.insert("registry_party", id=uuid7(), organisation_id=cast.HARBOUR_EMS, case_id=CASE, person_id=cast.SHIFT_LEAD.id, since=AT)  # fmt: skip
    for player in (cast.SHIFT_LEAD, cast.RESPONDENT):
        for table in ("safeguard", "safeguardnotice", "release", "briefing"):
            assert seen_by(place, player, f"select id from decisions_{table}") == []


@pytest.mark.guarantee("I12")
def test_the_message_about_a_task_is_there_for_its_reader_alone(place: Place) -> None:
    place.open()
    place.tend(utc("2026-11-06 16:00"))
    count = "select count(*) from decisions_incident where kind = 'task'"
    assert seen_by(place, cast.SAFETY_LEAD, count) != [(0,)]
    for player in (cast.GUARD, cast.RESPONDENT):
        assert seen_by(place, player, count) == [(0,)]
