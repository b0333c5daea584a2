"""What does every store of alarms promise? One suite for PostgreSQL and for the memory."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests import cast
from tests.builders import AT, utc
from tests.snapshots import CLERK, HARBOUR_SITE, NIGHT_UNTIL, SeededIds, a_press, device_of
from tests.store.stores import Store
from tocsin.decisions.rules.incident import ASKING, Charge, Doing, Incident, Kind, Standing, closed
from tocsin.flow.alarms import ActDone, Change, Raiser, Sender, Settlement, Signal, TextKept
from tocsin.flow.raise_sos import new_incident
from tocsin.notifications.rules.delivery import Delivery, Outcome, State, settled
from tocsin.registry.rules.usual import usual_sos
from tocsin.signals.rules.repeat import name_of
from tocsin.signals.rules.walk import Walk, ended

IDS = SeededIds("contract")
YES = Outcome(is_accepted=True, provider_id="p-1")
BUSY = Outcome(is_accepted=False, error="busy")
WAITS = Outcome(is_accepted=False, error="refused", is_waiting=True)
HANGS = Outcome(is_accepted=False, error="timeout", is_waiting=True)
GONE = Outcome(is_accepted=False, error="no such number", is_permanent=True)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def an_incident(player: cast.Player = cast.PROTECTED, **changes: Any) -> Incident:
    site = HARBOUR_SITE.id
    raiser = Raiser(player.organisation_id, player.id, site)
    made = new_incident(a_press(player), raiser, usual_sos(site), AT)
    return replace(made, **({"id": IDS.uuid()} | changes))


def opened(store: Store, player: cast.Player = cast.PROTECTED, **changes: Any) -> Incident:
    incident = an_incident(player, **changes)
    store.save(Change(incident=incident, is_new=True))
    return incident


def a_delivery(incident: Incident, player: cast.Player = cast.GUARD, **changes: Any) -> Delivery:
    made = IDS.uuid()
    values: dict[str, Any] = {
        "id": made,
        "organisation_id": incident.organisation_id,
        "incident_id": incident.id,
        "person_id": player.id,
        "contact_id": made,
        "channel": "sms",
        "template": "sos",
        "step": 0,
        "reference": f"{incident.id.hex}.0.{made.hex}",
        "code": "123",
        "state": State.PENDING,
        "made_at": AT,
        "due_at": AT,
        "deadline_at": later(30),
    }
    return Delivery(**values | changes)


def planned(store: Store, *deliveries: Delivery, incident: Incident) -> None:
    store.save(Change(incident=incident, deliveries=deliveries))


def state_of(store: Store, delivery: Delivery) -> State:
    return store.delivery(delivery).state


# --- transactions -------------------------------------------------------------------------------


def test_nothing_of_a_failed_transaction_remains(store: Store) -> None:
    incident = an_incident()
    with pytest.raises(ZeroDivisionError), store.alarms.atomically():
        store.alarms.save([Change(incident=incident, is_new=True)])
        raise ZeroDivisionError
    assert store.incident(incident) is None


def test_a_failure_inside_undoes_only_its_own_part(store: Store) -> None:
    kept, lost = an_incident(), an_incident(cast.GUARD)
    with store.alarms.atomically():
        store.alarms.save([Change(incident=kept, is_new=True)])
        with pytest.raises(ZeroDivisionError), store.alarms.atomically():
            store.alarms.save([Change(incident=lost, is_new=True)])
            raise ZeroDivisionError
    assert (store.incident(kept), store.incident(lost)) == (kept, None)


def test_one_change_of_two_that_cannot_be_saved_takes_both_back(store: Store) -> None:
    opened(store, cast.GUARD)
    mine, second = an_incident(), an_incident(cast.GUARD)
    with pytest.raises(store.doubled), store.alarms.atomically():
        store.alarms.save(
            [Change(incident=mine, is_new=True), Change(incident=second, is_new=True)]
        )
    assert store.incident(mine) is None


# --- presses ------------------------------------------------------------------------------------


def test_a_press_is_known_by_its_key_to_its_own_person_only(store: Store) -> None:
    store.save(Change(signals=(Signal(IDS.uuid(), a_press()),)))
    hers, his = a_press(), a_press(cast.GUARD)
    with store.alarms.atomically():
        known = store.alarms.known_keys([hers, his, a_press(key="key-00000002")])
    assert known == {(cast.HARBOUR_EMS, cast.PROTECTED.id, "key-00000001"): "sos"}


def test_the_same_key_of_one_person_cannot_be_kept_twice(store: Store) -> None:
    store.save(Change(signals=(Signal(IDS.uuid(), a_press()),)))
    with pytest.raises(store.doubled):
        store.save(Change(signals=(Signal(IDS.uuid(), a_press()),)))


def test_a_raiser_is_where_her_shift_is(store: Store) -> None:
    with store.alarms.atomically():
        raiser = store.alarms.raisers([a_press()], AT)[cast.HARBOUR_EMS, cast.PROTECTED.id]
    assert (raiser.site_id, raiser.labels, raiser.device_revoked) == (HARBOUR_SITE.id, (), False)
    assert raiser.kept_out == {cast.RESPONDENT.id}


def test_a_revoked_or_unknown_device_is_labelled_and_not_believed(store: Store) -> None:
    store.revoke(device_of(cast.PROTECTED))
    presses = [a_press(), a_press(cast.GUARD, device_id=cast.number(0xDEAD))]
    with store.alarms.atomically():
        found = store.alarms.raisers(presses, later(60))
    hers = found[cast.HARBOUR_EMS, cast.PROTECTED.id]
    his = found[cast.HARBOUR_EMS, cast.GUARD.id]
    assert (hers.labels, hers.device_revoked) == (("revoked device",), True)
    assert (his.labels, his.device_revoked) == (("unknown device",), True)


def test_only_a_device_that_is_not_revoked_is_in_use(store: Store) -> None:
    people = [cast.PROTECTED.id, cast.GUARD.id]
    with store.alarms.atomically():
        before = store.alarms.devices_in_use(people)
    store.revoke(device_of(cast.PROTECTED))
    with store.alarms.atomically():
        after = store.alarms.devices_in_use(people)
    assert device_of(cast.PROTECTED) in before[cast.PROTECTED.id]
    assert device_of(cast.PROTECTED) not in after.get(cast.PROTECTED.id, ())
    assert before[cast.GUARD.id] == after[cast.GUARD.id] == (device_of(cast.GUARD),)


def test_a_text_without_a_device_is_believed(store: Store) -> None:
    with store.alarms.atomically():
        found = store.alarms.raisers([a_press(device_id=None, source="text")], AT)
    assert found[cast.HARBOUR_EMS, cast.PROTECTED.id].device_revoked is False


def test_somebody_unknown_or_of_another_employer_is_no_raiser(store: Store) -> None:
    strangers = [a_press(person_id=cast.number(0xFF)), a_press(organisation_id=cast.ORCHARD_STORES)]
    with store.alarms.atomically():
        assert store.alarms.raisers(strangers, AT) == {}


# --- incidents ----------------------------------------------------------------------------------


def test_an_incident_comes_back_as_it_was_saved(store: Store) -> None:
    incident = opened(
        store,
        charge=Charge(cast.GUARD.id, AT, later(5), later(9)),
        standing={cast.GUARD.id: Standing(Doing.IN_CHARGE, AT)},
        seen_by=frozenset({cast.GUARD.id}),
        over=frozenset({cast.GUARD.id}),
        caller_id=cast.SHIFT_LEAD.id,
        called_emergency_at=later(2),
        emergency_from=AT,
        watcher_id=cast.SHIFT_LEAD.id,
        next_step=1,
        loops=3,
        unheard=frozenset({1, 2}),
        labels=("revoked device",),
        calls=4,
        version=7,
    )
    assert store.incident(incident) == incident


def test_a_changed_incident_comes_back_changed(store: Store) -> None:
    incident = opened(store)
    after = closed(replace(incident, loops=2, version=9), "her code", later(40))
    store.save(Change(incident=after))
    assert store.incident(incident) == after


def test_another_employer_finds_no_incident_of_ours(store: Store) -> None:
    incident = opened(store)
    with store.alarms.atomically():
        assert store.alarms.incident(cast.ORCHARD_STORES, incident.id) is None


def test_a_person_has_one_open_incident_and_one_open_drill(store: Store) -> None:
    opened(store)
    opened(store, is_drill=True)
    with pytest.raises(store.doubled):
        opened(store)
    with pytest.raises(store.doubled):
        opened(store, is_drill=True)


@pytest.mark.guarantee("I5")
@pytest.mark.parametrize("kind", Kind)
def test_what_only_asks_or_tells_her_is_no_incident_that_her_press_could_join(
    store: Store, kind: Kind
) -> None:
    incident = opened(store, kind=kind)
    with store.alarms.atomically():
        found = store.alarms.open_incidents([(cast.HARBOUR_EMS, cast.PROTECTED.id)])
    assert found == ({} if kind in ASKING else {cast.PROTECTED.id: incident})


def test_proofs_and_closed_incidents_do_not_count_as_open(store: Store) -> None:
    opened(store, kind=Kind.PROOF, is_drill=True)
    opened(store, kind=Kind.PROOF, is_drill=True)
    opened(store, closed_at=later(1), closed_how="her code")
    real, other = opened(store), opened(store, cast.GUARD)
    everybody = [(p.organisation_id, p.id) for p in (*cast.EVERYBODY, CLERK)]
    with store.alarms.atomically():
        found = store.alarms.open_incidents(everybody)
        drills = store.alarms.open_incidents(everybody, is_drill=True)
    assert (found, drills) == ({cast.PROTECTED.id: real, cast.GUARD.id: other}, {})


def test_open_incidents_are_asked_by_employer_and_person(store: Store) -> None:
    opened(store)
    with store.alarms.atomically():
        assert store.alarms.open_incidents([(cast.ORCHARD_STORES, cast.PROTECTED.id)]) == {}
        assert store.alarms.open_incidents([(cast.HARBOUR_EMS, cast.GUARD.id)]) == {}


# --- walks and codes ----------------------------------------------------------------------------


def a_walk(**changes: Any) -> Walk:
    values: dict[str, Any] = {
        "id": IDS.uuid(),
        "organisation_id": cast.HARBOUR_EMS,
        "person_id": cast.PROTECTED.id,
        "site_id": HARBOUR_SITE.id,
        "watcher_id": cast.GUARD.id,
        "key": "walk-0000001",
        "state": "open",
        "started_at": AT,
        "timer_s": 60,
        "timer_set_at": AT,
        "way": "to the car park",
    }
    return Walk(**values | changes)


def test_a_walk_comes_back_as_it_was_saved_and_as_it_was_changed(store: Store) -> None:
    walk = a_walk()
    store.save(Change(walk=walk))
    with store.alarms.atomically():
        assert store.alarms.open_walk(cast.HARBOUR_EMS, cast.PROTECTED.id) == walk
    described = replace(walk, watcher_id=cast.SHIFT_LEAD.id, way="the ramp")
    after = ended(described, "her code", later(30))
    store.save(Change(walk=after))
    with store.alarms.atomically():
        assert store.alarms.walk(cast.HARBOUR_EMS, walk.id) == after
        assert store.alarms.open_walk(cast.HARBOUR_EMS, cast.PROTECTED.id) is None
        assert store.alarms.walk(cast.ORCHARD_STORES, walk.id) is None


def test_a_person_walks_once_at_a_time(store: Store) -> None:
    store.save(Change(walk=a_walk()))
    with pytest.raises(store.doubled):
        store.save(Change(walk=a_walk(key="walk-0000002")))


def test_wrong_codes_are_counted_with_the_pair(store: Store) -> None:
    with store.alarms.atomically():
        before = store.alarms.code_pair(cast.HARBOUR_EMS, cast.PROTECTED.id)
    store.save(Change(wrong_codes=((cast.HARBOUR_EMS, cast.PROTECTED.id, 2),)))
    with store.alarms.atomically():
        after = store.alarms.code_pair(cast.HARBOUR_EMS, cast.PROTECTED.id)
        assert store.alarms.code_pair(cast.ORCHARD_STORES, cast.PROTECTED.id) is None
    assert before is not None
    assert after == replace(before, wrong_count=2)


# --- the outbox ---------------------------------------------------------------------------------


def claimed(store: Store, at: datetime, engine: str = "e1", limit: int = 100) -> list[Delivery]:
    with store.alarms.atomically():
        return store.alarms.claim(engine, limit, at)


def settle(store: Store, delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    with store.alarms.atomically():
        store.alarms.settle([Settlement(settled(delivery, outcome, at), outcome)], at)


def test_what_is_due_is_claimed_once_the_longest_due_first(store: Store) -> None:
    incident = opened(store)
    second, first = a_delivery(incident, due_at=later(2)), a_delivery(incident, due_at=later(1))
    planned(store, second, first, a_delivery(incident, due_at=later(9)), incident=incident)
    assert [d.id for d in claimed(store, later(3), limit=1)] == [first.id]
    assert [(d.id, d.attempt) for d in claimed(store, later(3), "e2")] == [(second.id, 1)]
    assert claimed(store, later(3)) == []


@pytest.mark.guarantee("I10")
def test_what_is_about_a_real_alarm_is_claimed_before_drills_questions_and_tasks(
    store: Store,
) -> None:
    for kind, is_drill in ((Kind.SOS, True), (Kind.PROOF, True), (Kind.TASK, False)):
        other = opened(store, kind=kind, is_drill=is_drill)
        planned(store, a_delivery(other), incident=other)
    real = opened(store)
    second, first = a_delivery(real, due_at=later(2)), a_delivery(real, due_at=later(1))
    planned(store, second, first, incident=real)
    assert {d.id for d in claimed(store, later(3), limit=2)} == {first.id, second.id}
    assert len(claimed(store, later(3))) == 3


def test_a_lease_that_ran_out_is_taken_again_with_a_new_number(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    assert [d.attempt for d in claimed(store, AT)] == [1]
    assert claimed(store, later(14), "e2") == []
    again = claimed(store, later(16), "e2")
    assert [(d.attempt, d.leased_by, d.state) for d in again] == [(2, "e2", State.LEASED)]


def test_a_wave_made_ahead_of_the_store_s_clock_is_leased_from_now(store: Store) -> None:
    """Time passed for it when it was due, and the clock had been set back by a minute since (I6)."""
    incident = opened(store)
    with store.alarms.atomically():
        now = store.alarms.now()
    held: dict[str, Any] = {"state": State.LEASED, "leased_by": "e1", "attempt": 1}
    held["lease_until"] = now + timedelta(seconds=60 + 15)
    wave = a_delivery(incident, **held)
    planned(store, wave, incident=incident)
    until = store.delivery(wave).lease_until
    assert until is not None
    assert until <= now + timedelta(seconds=16)


def test_a_wave_may_be_born_leased(store: Store) -> None:
    incident = opened(store)
    held: dict[str, Any] = {"state": State.LEASED, "leased_by": "e1", "attempt": 1}
    held["lease_until"] = later(15)
    planned(store, a_delivery(incident, **held), incident=incident)
    assert claimed(store, later(1), "e2") == []
    assert [d.attempt for d in claimed(store, later(16), "e2")] == [2]


def test_a_wave_that_is_planned_twice_is_one(store: Store) -> None:
    incident = opened(store)
    delivery = a_delivery(incident)
    planned(store, delivery, incident=incident)
    planned(store, replace(delivery, id=IDS.uuid()), incident=incident)
    assert [d.id for d in claimed(store, AT)] == [delivery.id]


def test_an_accepted_message_is_sent_and_not_claimed_again(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    (taken,) = claimed(store, AT)
    settle(store, taken, YES, later(1))
    after = store.delivery(taken)
    assert (after.state, after.sent_at, after.provider_id) == (State.SENT, later(1), "p-1")
    assert claimed(store, later(60)) == []


def test_the_late_answer_of_an_earlier_attempt_changes_nothing(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    (old,) = claimed(store, AT)
    (new,) = claimed(store, later(16), "e2")
    settle(store, old, GONE, later(17))
    assert store.delivery(new).attempt == 2
    assert state_of(store, new) is State.LEASED


def test_a_temporary_failure_is_due_again(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    (taken,) = claimed(store, AT)
    settle(store, taken, BUSY, AT)
    assert claimed(store, later(0.5)) == []
    assert [d.attempt for d in claimed(store, later(1))] == [2]


@pytest.mark.guarantee("I2")
def test_what_waits_for_its_provider_says_why_and_stays_in_its_engine_s_hands(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    (taken,) = claimed(store, AT)
    settle(store, taken, WAITS, later(10))
    after = store.delivery(taken)
    assert (after.state, after.error, after.attempt) == (State.LEASED, "refused", 1)
    assert (after.leased_by, after.lease_until) == ("e1", later(25))
    assert claimed(store, later(24), "e2") == []
    settle(store, taken, YES, later(30))
    sent = store.delivery(taken)
    assert (sent.state, sent.error, sent.leased_by) == (State.SENT, "", "")


@pytest.mark.parametrize(
    "outcome", [BUSY, GONE, WAITS, HANGS], ids=["temporary", "permanent", "refused", "hangs"]
)
def test_a_failure_brings_that_persons_next_method_of_the_wave_forward(
    store: Store, outcome: Outcome
) -> None:
    incident = opened(store)
    first = a_delivery(incident)
    second = a_delivery(incident, due_at=later(30), deadline_at=later(60))
    third = a_delivery(incident, due_at=later(60), deadline_at=later(90))
    others = a_delivery(incident, cast.SHIFT_LEAD, due_at=later(30))
    wave = f"{incident.id.hex}.1.{second.id.hex}"
    elsewhere = a_delivery(incident, due_at=later(20), made_at=later(0.1), reference=wave)
    planned(store, first, second, third, others, elsewhere, incident=incident)
    (taken,) = claimed(store, AT)
    settle(store, taken, outcome, later(0.5))
    assert [d.id for d in claimed(store, later(0.6))] == [second.id]


def test_a_lease_lasts_as_long_as_its_engine_renews_it(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    (taken,) = claimed(store, AT)
    with store.alarms.atomically():
        assert store.alarms.renew("e1", [taken.id], later(10)) == []
        assert store.alarms.renew("e2", [taken.id], later(100)) == []
    assert claimed(store, later(20), "e2") == []
    assert len(claimed(store, later(26), "e2")) == 1


def test_a_dead_predecessors_leases_are_taken_back_and_nobody_elses(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    claimed(store, AT)
    planned(store, a_delivery(incident), incident=incident)
    claimed(store, AT, "e2")
    with store.alarms.atomically():
        assert store.alarms.release("e1") == 1
    assert [d.attempt for d in claimed(store, AT)] == [2]


def test_an_engine_that_runs_takes_back_no_lease_that_is_its_own(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), a_delivery(incident), incident=incident)
    before, in_hand = claimed(store, AT)
    planned(store, a_delivery(incident), incident=incident)
    claimed(store, later(0.1))
    with store.alarms.atomically():
        assert store.alarms.release("e1", later(15), {in_hand.id}) == 1
        assert store.alarms.release("e1", later(14.9)) == 0
    assert [d.id for d in claimed(store, later(1))] == [before.id]


def test_what_nobody_has_seen_by_its_deadline_is_unanswered(store: Store) -> None:
    incident = opened(store)
    sent, waiting = a_delivery(incident), a_delivery(incident, due_at=later(99))
    planned(store, sent, waiting, incident=incident)
    (taken,) = claimed(store, AT)
    settle(store, taken, YES, AT)
    with store.alarms.atomically():
        assert store.alarms.expire(later(29)) == []
        assert [d.id for d in store.alarms.expire(later(30))] == [sent.id]
        assert store.alarms.expire(later(31)) == []
    assert (state_of(store, sent), state_of(store, waiting)) == (State.UNANSWERED, State.PENDING)


@pytest.mark.parametrize("back_s", [3_600, 31_536_000])
def test_a_clock_that_was_set_back_puts_nothing_off(store: Store, back_s: int) -> None:
    incident = opened(store)
    waiting, sent = a_delivery(incident), a_delivery(incident, state=State.SENT, sent_at=AT)
    held = a_delivery(incident, state=State.LEASED, leased_by="e1", lease_until=later(15))
    planned(store, waiting, sent, held, incident=incident)
    before = AT - timedelta(seconds=back_s)
    assert {d.id for d in claimed(store, before)} == {waiting.id, held.id}
    with store.alarms.atomically():
        assert [d.id for d in store.alarms.expire(before)] == [sent.id]


def test_a_retry_waits_a_minute_at_most_whatever_the_clock_says(store: Store) -> None:
    incident = opened(store)
    trying = a_delivery(incident, state=State.RETRYING, due_at=later(700), made_at=later(-900))
    planned(store, trying, incident=incident)
    assert claimed(store, later(650)) == []
    assert [d.id for d in claimed(store, AT)] == [trying.id]


# --- acts and the end ---------------------------------------------------------------------------


@pytest.mark.guarantee("I15")
def test_an_act_makes_what_went_out_to_that_person_seen_and_what_did_not_no_longer_needed(
    store: Store,
) -> None:
    incident = opened(store)
    waiting, hers = a_delivery(incident, due_at=later(9)), a_delivery(incident, cast.SHIFT_LEAD)
    trying = a_delivery(incident, state=State.RETRYING, error="http_503", due_at=later(9))
    held = a_delivery(incident, state=State.LEASED, leased_by="e1", lease_until=later(15))
    sent = a_delivery(incident, state=State.SENT, sent_at=AT)
    late = a_delivery(incident, state=State.UNANSWERED, sent_at=AT, ended_at=later(1))
    failed = a_delivery(incident, state=State.FAILED, ended_at=later(1))
    planned(store, waiting, hers, trying, held, sent, late, failed, incident=incident)
    act = ActDone(cast.GUARD.id, Doing.GOING, "page", later(2))
    answer = a_delivery(incident)
    store.save(Change(incident=incident, acts=(act,), deliveries=(answer,)))
    assert [state_of(store, d) for d in (sent, late)] == [State.SEEN, State.SEEN]
    assert {state_of(store, d) for d in (waiting, trying, held)} == {State.CANCELLED}
    assert [state_of(store, d) for d in (failed, hers, answer)] == [
        State.FAILED,
        State.PENDING,
        State.PENDING,
    ]
    assert store.delivery(held).leased_by == ""
    assert (store.delivery(trying).error, store.delivery(sent).ended_at) == ("http_503", later(2))


@pytest.mark.guarantee("I15")
@pytest.mark.parametrize("state", [State.LEASED, State.RETRYING, State.CANCELLED, State.FAILED])
def test_the_message_that_she_answered_is_seen_whatever_was_known_of_it(
    store: Store, state: State
) -> None:
    incident = opened(store)
    hers = a_delivery(incident, state=state, error="timeout")
    planned(store, hers, incident=incident)
    act = ActDone(cast.GUARD.id, Doing.GOING, "link", later(2), hers.id)
    store.save(Change(incident=incident, acts=(act,)))
    after = store.delivery(hers)
    assert (after.state, after.error, after.ended_at) == (State.SEEN, "", later(2))


@pytest.mark.guarantee("I15")
def test_an_answer_to_a_proof_proves_its_own_channel_and_leaves_the_others_to_run_on(
    store: Store,
) -> None:
    proof = opened(store, kind=Kind.PROOF, is_drill=True)
    push = a_delivery(proof, channel="webpush", state=State.SENT, sent_at=AT)
    live = a_delivery(proof, channel="live", state=State.SENT, sent_at=AT)
    text = a_delivery(proof, state=State.RETRYING, error="http_503", due_at=later(4))
    mail = a_delivery(proof, channel="email", state=State.FAILED, ended_at=AT)
    planned(store, push, live, text, mail, incident=proof)
    act = ActDone(cast.GUARD.id, Doing.SEEN, "link", later(2), push.id)
    store.save(Change(incident=proof, acts=(act,)))
    states = [state_of(store, d) for d in (push, live, text, mail)]
    assert states == [State.SEEN, State.SENT, State.RETRYING, State.FAILED]
    assert [d.id for d in claimed(store, later(4))] == [text.id]


@pytest.mark.guarantee("I15")
@pytest.mark.parametrize(("sent_at", "shown"), [(AT, State.SEEN), (None, State.PENDING)])
def test_an_answer_to_a_proof_on_a_page_proves_her_screen_if_something_went_out_to_it(
    store: Store, sent_at: datetime | None, shown: State
) -> None:
    proof = opened(store, kind=Kind.PROOF, is_drill=True)
    state = State.SENT if sent_at else State.PENDING
    live = a_delivery(proof, channel="live", state=state, sent_at=sent_at)
    push = a_delivery(proof, channel="webpush", state=State.SENT, sent_at=AT)
    planned(store, live, push, incident=proof)
    act = ActDone(cast.GUARD.id, Doing.SEEN, "page", later(2))
    store.save(Change(incident=proof, acts=(act,)))
    assert (state_of(store, live), state_of(store, push)) == (shown, State.SENT)


def test_whoever_pressed_again_is_asked_no_more(store: Store) -> None:
    incident = opened(store)
    hers, his = a_delivery(incident, cast.PROTECTED), a_delivery(incident)
    sent = a_delivery(incident, cast.PROTECTED, state=State.SENT, sent_at=AT)
    link = a_delivery(incident, cast.PROTECTED, state=State.RETRYING, error="timeout")
    planned(store, hers, his, sent, link, incident=incident)
    store.save(Change(incident=incident, answered=(cast.PROTECTED.id,), answered_on=link.id))
    assert (state_of(store, hers), state_of(store, his)) == (State.CANCELLED, State.PENDING)
    assert (state_of(store, sent), state_of(store, link)) == (State.SEEN, State.SEEN)


def test_the_end_stops_what_waits_except_what_says_so(store: Store) -> None:
    incident = opened(store)
    sent = a_delivery(incident, state=State.SENT, sent_at=AT)
    held = a_delivery(incident, state=State.LEASED, leased_by="e1", lease_until=later(15))
    trying = a_delivery(incident, state=State.RETRYING)
    other = opened(store, cast.GUARD)
    others = a_delivery(other)
    planned(store, sent, held, trying, incident=incident)
    planned(store, others, incident=other)
    over, last = closed(incident, "her code", later(5)), a_delivery(incident)
    store.save(Change(incident=over, stop_sending=True, deliveries=(last,)))
    states = [state_of(store, d) for d in (sent, held, trying, last, others)]
    stopped = State.CANCELLED
    assert states == [State.SENT, stopped, stopped, State.PENDING, State.PENDING]


def test_an_engine_learns_what_ended_while_it_held_it_and_of_nothing_unknown(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    (taken,) = claimed(store, AT)
    store.save(Change(incident=closed(incident, "her code", later(1)), stop_sending=True))
    with store.alarms.atomically():
        assert store.alarms.renew("e1", [taken.id, IDS.uuid()], later(2)) == [taken.id]


def test_the_late_answer_for_a_cancelled_message_changes_nothing(store: Store) -> None:
    incident = opened(store)
    planned(store, a_delivery(incident), incident=incident)
    (taken,) = claimed(store, AT)
    store.save(Change(incident=closed(incident, "her code", later(1)), stop_sending=True))
    settle(store, taken, BUSY, later(2))
    assert state_of(store, taken) is State.CANCELLED


# --- time ---------------------------------------------------------------------------------------


def waits(store: Store, until: datetime) -> list[tuple[str, Any, datetime, datetime]]:
    with store.alarms.atomically():
        found = store.alarms.waiting(until)
    return sorted((w.kind, w.id, w.set_at, w.due_at) for w in found)


def test_incidents_and_walks_say_when_they_are_due(store: Store) -> None:
    incident = opened(store, next_step=1)
    walk = a_walk(person_id=cast.GUARD.id)
    store.save(Change(walk=walk))
    assert waits(store, later(30)) == []
    assert waits(store, later(31)) == [("incident", incident.id, AT, later(30))]
    assert waits(store, later(61))[1] == ("walk", walk.id, AT, later(60))


def test_a_clock_that_was_set_back_hides_nothing_that_waits(store: Store) -> None:
    incident = opened(store, next_step=1)
    before = AT - timedelta(days=365)
    assert waits(store, before) == [("incident", incident.id, AT, later(30))]


def test_what_is_over_is_due_no_more(store: Store) -> None:
    incident, walk = opened(store), a_walk()
    store.save(Change(walk=ended(walk, "her code", later(1))))
    store.save(Change(incident=closed(incident, "her code", later(1))))
    assert waits(store, later(9_999)) == []


# --- texts and what devices are told ------------------------------------------------------------


def test_a_text_that_a_gateway_repeats_is_one(store: Store) -> None:
    text = TextKept(cast.HARBOUR_EMS, cast.GUARD.id, "carrier", "m-1", AT, "answer")
    with store.alarms.atomically():
        told = [store.alarms.keep_text(t) for t in (text, text, replace(text, provider_id="m-2"))]
    assert told == [True, False, True]


def test_an_id_means_the_same_text_for_ten_minutes_and_no_longer(store: Store) -> None:
    texts = [
        TextKept(
            cast.HARBOUR_EMS,
            cast.GUARD.id,
            "carrier",
            name_of("7", cast.GUARD.phone, "SOS", utc(at)),
            utc(at),
            "sos",
        )
        for at in (
            "2026-11-06 05:39:59",
            "2026-11-06 05:40:01",
            "2026-11-06 05:49:58",
            "2026-11-06 05:49:59",
            "2026-11-07 05:40:00",
        )
    ]
    with store.alarms.atomically():
        told = [store.alarms.keep_text(text) for text in texts]
    assert told == [True, False, False, True, True]


def test_a_number_leads_to_whoever_enrolled_it_with_that_employer(store: Store) -> None:
    with store.alarms.atomically():
        gus = store.alarms.sender("harbour", cast.GUARD.phone)
        assert store.alarms.sender("orchard", cast.GUARD.phone) == Sender(cast.ORCHARD_STORES)
        assert store.alarms.sender("nobody", cast.GUARD.phone) is None
    assert gus is not None
    assert (gus.organisation_id, gus.person_id) == (cast.HARBOUR_EMS, cast.GUARD.id)
    assert (gus.contact_id is None, gus.is_doubted) == (False, False)


def test_a_code_finds_that_persons_message_and_is_remembered_for_a_day(store: Store) -> None:
    incident = opened(store)
    his, other = a_delivery(incident), a_delivery(incident, code="456")
    planned(store, his, other, a_delivery(incident, cast.SHIFT_LEAD), incident=incident)
    with store.alarms.atomically():
        found = store.alarms.by_code(cast.HARBOUR_EMS, cast.GUARD.id, "123")
        assert store.alarms.told(cast.HARBOUR_EMS, cast.GUARD.id) == [incident.id]
    assert [d.id for d in found] == [his.id]
    with store.alarms.atomically():
        now = store.alarms.now()
    store.save(Change(incident=closed(incident, "her code", now)))
    with store.alarms.atomically():
        found = store.alarms.by_code(cast.HARBOUR_EMS, cast.GUARD.id, "123")
        assert [d.id for d in found] == [his.id]
        assert store.alarms.told(cast.HARBOUR_EMS, cast.GUARD.id) == []


def test_an_incident_knows_whether_anything_was_sent(store: Store) -> None:
    incident, quiet = opened(store), opened(store, cast.GUARD)
    planned(store, a_delivery(incident, state=State.SENT, sent_at=AT), incident=incident)
    with store.alarms.atomically():
        assert store.alarms.was_sent([incident.id, quiet.id]) == {incident.id}


def test_people_are_shown_by_their_short_names(store: Store) -> None:
    with store.alarms.atomically():
        names = store.alarms.short_names([cast.GUARD.id, cast.number(0xFF)])
    assert names == {cast.GUARD.id: "Gus"}


# --- the registry -------------------------------------------------------------------------------


def test_duty_is_computed_for_the_moment_that_is_asked_about(store: Store) -> None:
    with store.alarms.atomically():
        now = store.alarms.site_facts(cast.HARBOUR_EMS, [HARBOUR_SITE.id], AT)[HARBOUR_SITE.id]
        then = store.alarms.site_facts(cast.HARBOUR_EMS, [HARBOUR_SITE.id], NIGHT_UNTIL)
        none = store.alarms.site_facts(cast.ORCHARD_STORES, [HARBOUR_SITE.id], AT)
    night = {cast.PROTECTED.id, cast.DISPATCHER.id, cast.GUARD.id, cast.SHIFT_LEAD.id}
    assert {duty.person_id for duty in now.on_duty} == night
    assert then[HARBOUR_SITE.id].on_duty == ()
    assert none == {}
    assert now.people[cast.SAFETY_LEAD.id].roles == {"safety_lead"}
    assert now.teams[cast.NIGHT_TEAM].members == (cast.GUARD.id,)
    assert now.posts[cast.FRONT_DOOR].has_guard


def test_whom_she_ruled_out_is_known(store: Store) -> None:
    with store.alarms.atomically():
        hers = store.alarms.kept_out(cast.HARBOUR_EMS, cast.PROTECTED.id)
        his = store.alarms.kept_out(cast.HARBOUR_EMS, cast.GUARD.id)
    assert (set(hers), set(his)) == ({cast.RESPONDENT.id}, set())


def test_a_policy_is_of_a_site_and_a_kind(store: Store) -> None:
    sites = [HARBOUR_SITE.id, cast.DEPOT_NORTH.id]
    with store.alarms.atomically():
        found = store.alarms.policies(cast.HARBOUR_EMS, sites, "sos")
        assert store.alarms.policies(cast.HARBOUR_EMS, sites, "sensor") == {}
    assert [(site, policy.name) for site, policy in found.items()] == [
        (HARBOUR_SITE.id, "SOS at night")
    ]


def test_contact_methods_lead_to_their_owner_in_her_language(store: Store) -> None:
    with store.alarms.atomically():
        facts = store.alarms.site_facts(cast.HARBOUR_EMS, [HARBOUR_SITE.id], AT)
        person = facts[HARBOUR_SITE.id].people[cast.DISPATCHER.id]
        found = store.alarms.addresses([contact.id for contact in person.contacts])
    by_channel = {address.channel: address for address in found.values()}
    assert by_channel["sms"].address == cast.DISPATCHER.phone
    assert by_channel["live"].address == str(cast.DISPATCHER.id)
    assert {address.language for address in found.values()} == {"es"}


def test_a_place_says_its_name_and_the_zone_of_its_clocks(store: Store) -> None:
    with store.alarms.atomically():
        found = store.alarms.places(cast.HARBOUR_EMS, [HARBOUR_SITE.id, cast.number(0xBB)])
    place = found[HARBOUR_SITE.id]
    assert list(found) == [HARBOUR_SITE.id]
    assert (place.name, place.address) == ("Harbour Dispatch Centre", "1 Sample Street")
    assert place.time_zone == "America/Chicago"
