"""What does every store promise about held walks? One suite for PostgreSQL and for the memory."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import cast
from tests.builders import AT
from tests.snapshots import HARBOUR_SITE, Hands, SeededIds, a_press, a_snapshot, addresses_of
from tests.store.stores import Store
from tests.store.test_alarms_contract import a_delivery, an_incident, opened
from tocsin.decisions.rules.incident import Kind as Cause
from tocsin.engine.composing import Composer, Links
from tocsin.flow import snapshot as snapshots
from tocsin.flow.alarms import Change, Waiting
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.notifications.channels.webpush.wording import payload
from tocsin.notifications.rules.delivery import State as Out
from tocsin.notifications.rules.message import Message
from tocsin.signals.rules import hold as holds
from tocsin.signals.rules.hold import Hold, How, Kind, Look, Saw, State, WalkPlan

IDS = SeededIds("holds")
ENDS_AT = AT + timedelta(minutes=10)
DAY = timedelta(days=1)
PHRASE = "Is the blue folder still with you?"


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def a_hold(**changes: Any) -> Hold:
    values: dict[str, Any] = {
        "id": IDS.uuid(),
        "organisation_id": cast.HARBOUR_EMS,
        "person_id": cast.PROTECTED.id,
        "site_id": HARBOUR_SITE.id,
        "kind": Kind.LEAVING,
        "edge_at": ENDS_AT,
        "opened_at": AT,
    }
    return Hold(**values | changes)


def kept(store: Store, **changes: Any) -> Hold:
    hold = a_hold(**changes)
    store.save(Change(holds=(hold,)))
    return hold


def read(store: Store, hold: Hold) -> Hold:
    with store.alarms.atomically():
        found = store.alarms.hold(hold.organisation_id, hold.id)
    assert found is not None
    return found


def test_a_hold_comes_back_as_it_was_saved(store: Store) -> None:
    hold = kept(
        store,
        told_at=AT,
        answered_at=later(5),
        look_id=IDS.uuid(),
        looked_by_id=cast.GUARD.id,
        looked_until=later(180),
        due_at=later(181),
        due_set_at=AT,
        state=State.LOOKED,
    )
    assert read(store, hold) == hold
    with store.alarms.atomically():
        assert store.alarms.open_holds(cast.HARBOUR_EMS, person_id=cast.PROTECTED.id) == [hold]
        assert store.alarms.open_holds(cast.HARBOUR_EMS, site_id=HARBOUR_SITE.id) == [hold]
        assert store.alarms.holds(AT - DAY, AT + DAY) == [hold]
        assert store.alarms.hold(cast.ORCHARD_STORES, hold.id) is None


def test_a_second_hold_of_one_shifts_end_is_refused(store: Store) -> None:
    kept(store)
    with pytest.raises(store.doubled):
        kept(store)
    kept(store, kind=Kind.ARRIVING)


def test_what_has_ended_stays_as_it_ended(store: Store) -> None:
    hold = kept(store)
    declined = holds.declined(hold, later(5))
    store.save(Change(holds=(declined,)))
    store.save(Change(holds=(hold,)))
    assert read(store, hold) == declined
    with store.alarms.atomically():
        assert store.alarms.open_holds(cast.HARBOUR_EMS, person_id=cast.PROTECTED.id) == []


def test_what_a_changed_shift_ended_opens_again(store: Store) -> None:
    hold = kept(store)
    store.save(Change(holds=(holds.moved_away(hold, later(5)),)))
    store.save(Change(holds=(hold,)))
    assert read(store, hold) == hold


@pytest.mark.guarantee("I7")
def test_a_hold_that_is_due_is_waited_for(store: Store) -> None:
    hold = kept(store, due_at=later(60), due_set_at=AT)
    with store.alarms.atomically():
        assert store.alarms.waiting(later(59)) == []
        (waiting,) = store.alarms.waiting(later(61))
    assert waiting == Waiting("hold", cast.HARBOUR_EMS, hold.id, AT, later(60))


@pytest.mark.guarantee("I6")
def test_a_clock_set_back_hides_no_hold(store: Store) -> None:
    kept(store, due_at=later(60), due_set_at=AT)
    with store.alarms.atomically():
        assert len(store.alarms.waiting(later(-3_600))) == 1


def test_a_hold_that_a_page_ended_is_waited_for_until_her_phone_is_told(store: Store) -> None:
    hold = kept(store)
    ended = holds.poked(holds.declined(hold, AT), AT)
    store.save(Change(holds=(ended,)))
    with store.alarms.atomically():
        assert [w.id for w in store.alarms.waiting(later(1))] == [hold.id]
    store.save(Change(holds=(replace(ended, due_at=None, due_set_at=None),)))
    with store.alarms.atomically():
        assert store.alarms.waiting(later(1)) == []


def test_looks_come_back_in_their_order_since_a_time(store: Store) -> None:
    hold = kept(store)
    made = [
        Look(IDS.uuid(), cast.HARBOUR_EMS, HARBOUR_SITE.id, cast.GUARD.id, How.CAR, saw, later(n), hold.id, n == 1)
        for n, saw in enumerate((Saw.NOTHING, Saw.COULD_NOT, Saw.SOMETHING))
    ]  # fmt: skip
    store.save(Change(looks=tuple(made)))
    with store.alarms.atomically():
        assert store.alarms.looks(cast.HARBOUR_EMS, HARBOUR_SITE.id, later(1)) == made[1:]
        assert store.alarms.looks(cast.HARBOUR_EMS, cast.DEPOT_NORTH.id, AT) == []
        assert [k.decides for k in store.alarms.looks(cast.HARBOUR_EMS, HARBOUR_SITE.id, AT)] == [False, True, False]  # fmt: skip


@pytest.mark.guarantee("I5")
def test_a_question_stands_beside_her_open_incident_and_is_found_by_its_hold(store: Store) -> None:
    hold = kept(store)
    opened(store)
    question = opened(store, kind=Cause.LOOK, key="look-1", walk_id=hold.id)
    opened(store, kind=Cause.LOOK, key="look-2", walk_id=IDS.uuid())
    with store.alarms.atomically():
        found = store.alarms.questions(cast.HARBOUR_EMS, hold.id)
        assert [one.id for one in found] == [question.id]
        about = [(cast.HARBOUR_EMS, cast.PROTECTED.id)]
        assert store.alarms.open_incidents(about)[cast.PROTECTED.id].kind is Cause.SOS


def test_a_snapshot_brings_holds_looks_and_plans_back(store: Store) -> None:
    del store
    hold = a_hold(state=State.LOOKED, looked_until=later(180), due_at=later(181), due_set_at=AT)
    look = Look(IDS.uuid(), cast.HARBOUR_EMS, HARBOUR_SITE.id, cast.GUARD.id, How.CAMERA, Saw.NOTHING, AT)  # fmt: skip
    plan = WalkPlan(cast.HARBOUR_EMS, cast.PROTECTED.id, places=(cast.CAR_PARK,), phrase=PHRASE)
    before = a_snapshot(holds=(hold,), looks=(look,), plans=(plan,))
    after = snapshots.from_dict(json.loads(json.dumps(snapshots.to_dict(before))))
    assert after == before
    alarms = MemoryAlarms(after, Hands().now)
    assert alarms.walk_plan(cast.HARBOUR_EMS, cast.PROTECTED.id).phrase == PHRASE
    (stay,) = alarms.stays(AT - DAY, AT + DAY)
    assert (stay.person_id, stay.time_zone) == (cast.PROTECTED.id, "America/Chicago")


class _OneStore:
    """A desk with one store and no waiting."""

    def __init__(self, alarms: MemoryAlarms) -> None:
        self._alarms = alarms

    async def do(self, work: Any, _lane: str = "") -> Any:
        return work(self._alarms)


@pytest.mark.guarantee("I24")
@pytest.mark.parametrize("channel", ["sms", "webpush"])
def test_what_she_is_sent_is_her_phrase_and_nothing_else(channel: str) -> None:
    plan = WalkPlan(cast.HARBOUR_EMS, cast.PROTECTED.id, phrase=PHRASE)
    alarms = MemoryAlarms(a_snapshot(plans=(plan,)), Hands().now)
    question = an_incident(kind=Cause.LOOK, key="look-1")
    to = next(a.contact_id for a in addresses_of(cast.PROTECTED) if a.channel == channel)
    delivery = a_delivery(
        question, cast.PROTECTED, channel=channel, contact_id=to, template="hold_her"
    )
    alarms.save([Change(incident=question, is_new=True, deliveries=(delivery,))])
    clock = Hands()
    clock.wait(1)
    composer = Composer(_OneStore(alarms), clock, Links(lambda *_: "https://t.example/a#x"))  # type: ignore[arg-type]
    message = asyncio.run(composer([delivery]))[delivery.id]
    assert isinstance(message, Message)
    assert (message.subject, message.text) == (PHRASE, PHRASE)
    assert (message.link, message.code) == ("", None)


@pytest.mark.parametrize(("kind", "is_quiet"), [(Cause.TASK, True), (Cause.TASK_DUE, False)])
def test_work_that_waits_is_pushed_without_a_sound_and_what_pages_the_duty_lead_with_one(
    kind: Cause, *, is_quiet: bool
) -> None:
    alarms = MemoryAlarms(a_snapshot(), Hands().now)
    waits = an_incident(kind=kind, key="task-1")
    to = next(a.contact_id for a in addresses_of(cast.GUARD) if a.channel == "webpush")
    delivery = a_delivery(waits, cast.GUARD, channel="webpush", contact_id=to, template=kind.value)
    alarms.save([Change(incident=waits, is_new=True, deliveries=(delivery,))])
    clock = Hands()
    clock.wait(1)
    composer = Composer(_OneStore(alarms), clock, Links(lambda *_: "https://t.example/a#x"))  # type: ignore[arg-type]
    message = asyncio.run(composer([delivery]))[delivery.id]
    assert isinstance(message, Message)
    assert (message.is_quiet, json.loads(payload(message))["silent"]) == (is_quiet, is_quiet)
    assert not message.is_alarm


def test_the_answer_to_a_look_that_came_after_she_had_gone_is_sent_though_the_question_is_closed(
    store: Store,
) -> None:
    hold = kept(store)
    with store.alarms.atomically():
        at = store.alarms.now()
    question = opened(store, kind=Cause.LOOK, walk_id=hold.id, key="look_asked-1", opened_at=at)
    asked = a_delivery(question, code="471", made_at=at, due_at=at, deadline_at=at + DAY)
    store.save(Change(incident=question, deliveries=(asked,)))
    over = replace(question, closed_at=at, closed_how="she went", version=question.version + 1)
    gone = holds.went(hold, IDS.uuid(), at)
    store.save(Change(incident=over, stop_sending=True, holds=(gone,)))
    text = TextIn("harbour", "carrier", "late-1", cast.GUARD.phone, "1 471", at)
    with store.alarms.atomically():
        (change,) = receive_text(store.alarms, text, ids=IDS)
    assert [(d.person_id, d.template) for d in change.deliveries] == [(cast.GUARD.id, "look_late")]
    with store.alarms.atomically():
        claimed = store.alarms.claim("e1", 10, store.alarms.now())
    assert [d.template for d in claimed] == ["look_late"]
    after = store.incident(question)
    assert after is not None
    assert after.closed_at == at
    assert read(store, hold) == gone


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("is_silent", [True, False])
def test_a_silent_press_holds_back_her_sentence_that_waits_to_be_sent_or_to_be_tried_again(store: Store, is_silent: bool) -> None:  # fmt: skip
    question = opened(store, kind=Cause.LOOK, walk_id=kept(store).id, key="look_asked-1")
    lease = {"leased_by": "e1", "lease_until": later(15)}
    pending, trying = (a_delivery(question, cast.PROTECTED, state=s) for s in (Out.PENDING, Out.RETRYING))  # fmt: skip
    leased = a_delivery(question, cast.PROTECTED, state=Out.LEASED, **lease)
    sent = a_delivery(question, cast.PROTECTED, state=Out.SENT, sent_at=AT)
    others = a_delivery(question, cast.GUARD)
    # By an answer to STOP that does not come, whoever holds her phone would know that an alarm is open (I9).
    answer = opened(store, kind=Cause.TASK, key="said-1")
    to_stop = a_delivery(answer, cast.PROTECTED)
    alarm = opened(store, cast.GUARD)
    called = a_delivery(alarm, cast.PROTECTED)
    for incident, made in ((question, (pending, trying, leased, sent, others)), (answer, (to_stop,)), (alarm, (called,))):  # fmt: skip
        store.save(Change(incident=incident, deliveries=made))
    with store.alarms.atomically():
        (change,) = raise_sos(store.alarms, [a_press(is_silent=is_silent)], ids=IDS)
    after = Out.CANCELLED if is_silent else None
    states = [store.delivery(one).state for one in (pending, trying, leased)]
    assert states == [after or s for s in (Out.PENDING, Out.RETRYING, Out.LEASED)]
    assert [store.delivery(one).state for one in (sent, others, to_stop, called)] == [Out.SENT, *[Out.PENDING] * 3]  # fmt: skip
    said = [(e.incident_id, e.body) for e in change.entries if e.kind == "look.held_back"]
    assert said == ([(question.id, {"messages": 3})] if is_silent else [])


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("is_silent", [True, False])
def test_a_silent_press_holds_back_the_question_whether_she_is_reachable(store: Store, is_silent: bool) -> None:  # fmt: skip
    proof = opened(store, cast.SHIFT_LEAD, kind=Cause.PROOF, is_drill=True, key="proof-1")
    pending, trying = (a_delivery(proof, cast.PROTECTED, template="proof", state=s) for s in (Out.PENDING, Out.RETRYING))  # fmt: skip
    others = a_delivery(proof, cast.GUARD, template="proof")
    store.save(Change(incident=proof, deliveries=(pending, trying, others)))
    with store.alarms.atomically():
        (change,) = raise_sos(store.alarms, [a_press(is_silent=is_silent)], ids=IDS)
    after = Out.CANCELLED if is_silent else None
    states = [store.delivery(one).state for one in (pending, trying, others)]
    assert states == [after or Out.PENDING, after or Out.RETRYING, Out.PENDING]
    # In her own alarm's record: that of the proof may be read by whoever must not hear of her press (I11).
    said = [(e.incident_id, e.body) for e in change.entries if e.kind.endswith("held_back")]
    assert change.incident is not None
    assert said == ([(change.incident.id, {"messages": 2})] if is_silent else [])


@pytest.mark.guarantee("I22")
@pytest.mark.parametrize("is_silent", [True, False])
def test_a_silent_press_holds_back_her_notice_that_waits_and_no_other_task(store: Store, is_silent: bool) -> None:  # fmt: skip
    notice = opened(store, kind=Cause.TASK, key="notice-1")
    pending, trying = (a_delivery(notice, cast.PROTECTED, template="task", state=s) for s in (Out.PENDING, Out.RETRYING))  # fmt: skip
    task, anothers = opened(store, kind=Cause.TASK, key="task-1"), opened(store, cast.GUARD, kind=Cause.TASK, key="notice-2")  # fmt: skip
    others = (a_delivery(task, cast.PROTECTED, template="task"), a_delivery(anothers, cast.GUARD, template="task"))  # fmt: skip
    store.save(Change(incident=notice, deliveries=(pending, trying)))
    for incident, delivery in zip((task, anothers), others, strict=True):
        store.save(Change(incident=incident, deliveries=(delivery,)))
    with store.alarms.atomically():
        (change,) = raise_sos(store.alarms, [a_press(is_silent=is_silent)], ids=IDS)
    after = Out.CANCELLED if is_silent else None
    states = [store.delivery(one).state for one in (pending, trying, *others)]
    assert states == [after or Out.PENDING, after or Out.RETRYING, Out.PENDING, Out.PENDING]
    # In her own alarm's record: that of the case is read by others (I11).
    said = [(e.kind, e.incident_id, e.body) for e in change.entries if e.kind.endswith("held_back")]
    assert change.incident is not None
    assert said == ([("notice.held_back", change.incident.id, {"messages": 2})] if is_silent else [])  # fmt: skip
