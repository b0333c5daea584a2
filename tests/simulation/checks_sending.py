"""Is every SOS heard, and does every message go out, in time and once?"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tests import cast
from tests.simulation.history import History
from tests.simulation.reading import (
    SOON_S,
    Committed,
    by_incident,
    calm_at,
    committed,
    is_known,
    is_probed,
    lease_s,
    unknown_s,
)
from tests.simulation.script import Script, player
from tocsin.decisions.rules.incident import ASKING, Incident, Kind
from tocsin.engine.engine import RENEW_S
from tocsin.notifications.rules.delivery import ENDS, RETRY_S, Delivery, State
from tocsin.registry.rules.contacts import LIVE

AGAIN_S: Final = 10.0
EVERYONE: Final = "everyone_on_duty"
PRIVATE: Final = ({"herself"}, {"watcher"})


# --- I1, I5: nothing swallows an SOS --------------------------------------------------------------


def every_press_is_heard(script: Script, history: History) -> Iterator[str]:
    """I1: what the gate took is in an incident of its own person within two seconds of running."""
    kept: dict[tuple[UUID, str], tuple[float, Incident | None]] = {}
    for t, change in history.changes():
        for signal in change.signals:
            kept.setdefault((signal.press.person_id, signal.press.key), (t, change.incident))
    first: dict[tuple[UUID, str], float] = {}
    for t, press in history.presses():
        if press.act == "sos" and is_known(press) and not press.key.startswith("poisoned"):
            first.setdefault((press.person_id, press.key), t)
    for (person_id, key), t in first.items():
        when, incident = kept.get((person_id, key), (1e9, None))
        if history.late_s(t, when) > SOON_S:
            yield f"I1: {key} was stored at {t:.1f} and taken at {when:.1f}"
        elif incident is None or incident.person_id != person_id:
            yield f"I5: {key} of {player(person_id).short_name} is in no incident of hers"
        elif incident.is_drill or incident.kind in ASKING:
            yield f"I10: {key} was swallowed by a drill"


def every_press_calls_everybody(script: Script, history: History) -> Iterator[str]:
    """I5: a press calls everyone on duty at once, again every ten seconds at most.

    A code of duress is a press too: the ten seconds run from it.
    """
    told_at: dict[UUID, float] = {}
    for c in committed(history):
        presses = [s.press for s in c.change.signals if s.press.act == "sos"]
        incident = c.change.incident
        if incident is None:
            continue
        called = {d.person_id for d in c.change.deliveries}
        if presses and not incident.is_drill and _is_due(incident, c, told_at):
            missing = _on_duty(script, incident, c.at) - called
            if missing:
                names = sorted(player(p).short_name for p in missing)
                yield f"I5: {presses[0].key} at {c.t:.1f} did not call {names}"
        is_first = c.before is None or c.before.emergency_from is None
        begins = is_first and incident.emergency_from is not None and bool(c.change.signals)
        if called >= _on_duty(script, incident, c.at) or begins:
            told_at[incident.id] = c.t


def _is_due(incident: Incident, c: Committed, told_at: dict[UUID, float]) -> bool:
    if c.before is None or c.before.emergency_from is None:
        public = (step for step in incident.policy.steps if set(step.who) not in PRIVATE)
        return EVERYONE in next(public).who
    return c.t - told_at.get(incident.id, -1e9) >= AGAIN_S + 1.1


def a_press_too_soon_is_heard_when_it_is_time(script: Script, history: History) -> Iterator[str]:
    """I5: one more press that calls nobody, so soon after a call, has called everybody when the ten seconds are over.

    Unless it is over by then, or whoever is on duty has been called by something else since. Hers may be the first that
    counts: then it has begun the ladder. A clock that was set knows two answers to who is on duty: any call will do.
    What was seen goes on after her true code, and her press, taken back by it, is owed no call.
    """
    for states in by_incident(history).values():
        owed: Committed | None = None
        for c in states:
            incident = c.change.incident
            assert incident is not None
            called = {d.person_id for d in c.change.deliveries}
            if owed and _was_late(script, history, owed, c.t):
                yield f"I5: the press at {owed.t:.1f} was owed a call until {c.t:.1f}"
                owed = None
            is_called = called >= _on_duty(script, incident, c.at) or (script.steps and called)
            begins = c.before is None or c.before.emergency_from is None
            if is_called or begins or not incident.is_open or _took_back(c, incident):
                owed = None
            elif any(entry.kind == "sos.raised_again" for entry in c.change.entries):
                owed = owed or c
        if owed and _was_late(script, history, owed, calm_at(history)):
            yield f"I5: the press at {owed.t:.1f} was owed a call to the end"


def _took_back(c: Committed, incident: Incident) -> bool:
    """Return whether her true code came for her newest press, of an incident that goes on, and no duress code before."""
    is_code = any(e.kind == "cancel.accepted" and not e.body["duress"] for e in c.change.entries)
    is_newest = not incident.keys and not incident.is_under_duress
    return is_code and bool(incident.case_ids) and is_newest


def _was_late(script: Script, history: History, owed: Committed, t: float) -> bool:
    patience = SOON_S + unknown_s(script, history, owed.t, t, AGAIN_S)
    return history.late_s(owed.t + AGAIN_S, t) > patience


def _on_duty(script: Script, incident: Incident, at: datetime) -> set[UUID]:
    kept_out = {cast.RESPONDENT.id} if incident.person_id == cast.PROTECTED.id else set()
    on = {
        s.duty.person_id
        for s in script.snapshot.stints
        if s.site_id == incident.site_id and s.starts_at <= at < s.ends_at
    }
    return on - kept_out - {incident.person_id}


# --- I2, I7: every message goes out in time, and ends ---------------------------------------------


def every_delivery_ends(script: Script, history: History) -> Iterator[str]:
    """I2: seen, unanswered, failed or cancelled; nothing is left lying.

    A clock that was set back by a minute or less puts a deadline off by that, each time.
    """
    back = -sum(seconds for _, seconds in script.steps if -61 < seconds < 0)
    since = {
        d.id: f.t for f in history.of("saved", "overtaken") for d in f.data["change"].deliveries
    }
    since |= {s.delivery.id: t for t, s in history.settlements()}
    for delivery in history.last.values():
        wait = (delivery.deadline_at - delivery.made_at).total_seconds()
        is_over = history.late_s(since[delivery.id] + wait, history.seconds) > SOON_S + back
        if delivery.state not in ENDS and is_over:
            name = player(delivery.person_id).short_name
            yield f"I2: {delivery.template} to {name} by {delivery.channel} is {delivery.state}"


def every_message_goes_out_in_time(script: Script, history: History) -> Iterator[str]:
    """I7: due means on its way within two seconds of running, whatever another provider does."""
    tried: dict[UUID, float] = {}
    for fact in history.of("send"):
        tried.setdefault(fact.data["delivery"], fact.t)
    ended = _ended_at(history)
    for t, settlement in history.settlements():
        if not settlement.outcome.is_accepted:
            tried.setdefault(settlement.delivery.id, t)
    for c in committed(history):
        for d in c.change.deliveries:
            due = c.t + max(0.0, (d.due_at - d.made_at).total_seconds())
            done = min(tried.get(d.id, 1e9), ended.get(d.id, 1e9))
            late = history.late_s(due, min(done, history.seconds))
            if late > SOON_S + lease_s(script, history, due, done):
                name = f"{d.template} to {player(d.person_id).short_name} by {d.channel}"
                if is_probed(script, d.channel, due, done):
                    continue
                yield f"I7: {name} was due at {due:.1f}, tried at {done:.1f}"


def _ended_at(history: History) -> dict[UUID, float]:
    """Return when acts and stand-downs ended deliveries, by virtual time."""
    ended: dict[UUID, float] = {}
    living: dict[UUID, set[tuple[UUID, UUID]]] = defaultdict(set)
    for c in committed(history):
        # At a silent press what waits for her is held back, in the same change: it ended then (I22).
        for delivery_id in c.change.held_back:
            ended.setdefault(delivery_id, c.t)
        incident = c.change.incident
        if incident is None:
            continue
        acting = {act.person_id for act in c.change.acts} | set(c.change.answered)
        for delivery_id, person_id in list(living[incident.id]):
            if person_id in acting or c.change.stop_sending:
                ended.setdefault(delivery_id, c.t)
        living[incident.id] |= {(d.id, d.person_id) for d in c.change.deliveries}
    return ended


def a_failure_is_tried_again_and_moves_on(script: Script, history: History) -> Iterator[str]:
    """I2: a temporary failure is tried again, later by what a clock was set back (a minute at most)."""
    back = 60.0 if any(seconds < 0 for _, seconds in script.steps) else 0.0
    sends: dict[UUID, list[float]] = defaultdict(list)
    for fact in history.of("send"):
        sends[fact.data["delivery"]].append(fact.t)
    ended = _ended_at(history)
    for t, settlement in history.settlements():
        d = settlement.delivery
        if d.state is not State.RETRYING:
            continue
        usual = RETRY_S[min(d.attempt, len(RETRY_S)) - 1]
        due = t + min(60.0, settlement.outcome.retry_after_s or usual)
        again = next((s for s in sends[d.id] if s > t), 1e9)
        done = min(again, ended.get(d.id, 1e9), history.seconds)
        if history.late_s(due, done) > SOON_S + back + lease_s(script, history, due, done):
            if not is_probed(script, d.channel, due, done):
                yield f"I2: {d.reference[-8:]} failed at {t:.1f} and was tried again at {again:.1f}"


def the_next_method_goes_at_once(script: Script, history: History) -> Iterator[str]:
    """I2: in order, a failure sends that person's next contact method within two seconds."""
    sent: dict[UUID, float] = {}
    for fact in history.of("send"):
        sent.setdefault(fact.data["delivery"], fact.t)
    ended = _ended_at(history)
    waves: dict[tuple[str, UUID], list[Delivery]] = defaultdict(list)
    for c in committed(history):
        for d in c.change.deliveries:
            waves[d.reference.rpartition(".")[0], d.person_id].append(d)
    for t, settlement in history.settlements():
        failed = settlement.delivery
        if settlement.outcome.is_accepted or failed.attempt > 1:
            continue
        wave = waves[failed.reference.rpartition(".")[0], failed.person_id]
        after = [d for d in wave if d.due_at - d.made_at > _wait_of(wave, failed)]
        if not after:
            continue
        following = min(after, key=lambda d: d.due_at)
        done = min(sent.get(following.id, 1e9), ended.get(following.id, 1e9), history.seconds)
        allowed = SOON_S + lease_s(script, history, t, done)
        if history.late_s(t, done) > allowed and not is_probed(script, following.channel, t, done):
            yield f"I2: {failed.channel} failed at {t:.1f}, {following.channel} went at {done:.1f}"


def _wait_of(wave: list[Delivery], delivery: Delivery) -> timedelta:
    planned = next(d for d in wave if d.id == delivery.id)
    return planned.due_at - planned.made_at


def sent_means_taken(script: Script, history: History) -> Iterator[str]:
    """I2: what is kept as sent was taken by a provider before."""
    del script
    taken: set[UUID] = set()
    for fact in history.facts:
        if fact.kind == "taken":
            taken.add(fact.data["delivery"])
        elif fact.kind == "settled":
            delivery = fact.data["settlement"].delivery
            if delivery.state is State.SENT and delivery.id not in taken:
                yield f"I2: {delivery.template} is kept as sent at {fact.t:.1f}, and was not"


def seen_means_a_person(script: Script, history: History) -> Iterator[str]:
    """I4: a message is seen only when its person did something."""
    del script
    active = {(f.data["incident"], f.data["person"]) for f in history.of("act")}
    pressed = {p.person_id for _, p in history.presses()}
    for delivery in history.last.values():
        did = (delivery.incident_id, delivery.person_id) in active or delivery.person_id in pressed
        if delivery.state is State.SEEN and not did:
            yield f"I4: {delivery.template} by {delivery.channel} is seen, by nobody"


def seen_means_that_it_went_out(script: Script, history: History) -> Iterator[str]:
    """I15: what was never handed over is seen by nobody, and an answer to a proof proves its own channel."""
    del script
    tried = {fact.data["delivery"] for fact in history.of("send")}
    acts = [
        (act, fact.data["change"].incident.id)
        for fact in history.of("saved", "overtaken")
        for act in fact.data["change"].acts
    ]
    answered = {act.delivery_id for act, _ in acts}
    on_pages = {(incident, act.person_id) for act, incident in acts if act.delivery_id is None}
    for delivery in history.last.values():
        if delivery.state is not State.SEEN or delivery.id in answered:
            continue
        name = (
            f"{delivery.template} to {player(delivery.person_id).short_name} by {delivery.channel}"
        )
        if delivery.id not in tried:
            yield f"I15: {name} is seen, and never went out"
        is_shown = (delivery.incident_id, delivery.person_id) in on_pages
        is_proof = history.incidents[delivery.incident_id].kind is Kind.PROOF
        if is_proof and not (is_shown and delivery.channel == LIVE):
            yield f"I15: {name} is proven by an answer to another"


def a_provider_that_refuses_is_said(script: Script, history: History) -> Iterator[str]:
    """I2: within two seconds a message whose provider refuses says so, for as long as it waits."""
    refused: dict[UUID, float] = {}
    for fact in history.of("not taken"):
        if fact.data["error"] == "refused":
            refused.setdefault(fact.data["delivery"], fact.t)
    said: dict[UUID, float] = {}
    # Of one that comes while its provider refuses it is said at once, before it is tried itself.
    for t, settlement in history.settlements():
        if settlement.outcome.is_waiting or t >= refused.get(settlement.delivery.id, 1e9):
            said.setdefault(settlement.delivery.id, t)
    ended = _ended_at(history)
    for one, t in refused.items():
        done = min(said.get(one, 1e9), ended.get(one, 1e9), history.seconds)
        if history.late_s(t, done) > SOON_S + lease_s(script, history, t, done):
            yield f"I2: a message was refused at {t:.1f}, which was said at {done:.1f}"


def nothing_is_sent_twice(script: Script, history: History) -> Iterator[str]:
    """I7: one reference a message; it is repeated only when nobody knows whether it went out."""
    under_way: dict[str, float] = {}
    settled: set[str] = set()
    by_reference: dict[str, UUID] = {}
    for fact in history.facts:
        if fact.kind in {"died", "restart"}:
            under_way.clear()
        elif fact.kind == "settled":
            delivery = fact.data["settlement"].delivery
            if delivery.state is State.SENT:
                settled.add(delivery.reference)
        elif fact.kind == "send":
            reference = fact.data["reference"]
            if reference in settled:
                yield f"I7: {reference[-8:]} was sent at {fact.t:.1f} though it was sent before"
            if reference in under_way:
                yield f"I7: {reference[-8:]} was sent twice at once at {fact.t:.1f}"
            under_way[reference] = fact.t
            if by_reference.setdefault(reference, fact.data["delivery"]) != fact.data["delivery"]:
                yield f"I7: {reference[-8:]} names two messages"
        elif fact.kind in {"taken", "not taken"}:
            under_way.pop(fact.data["reference"], None)


def one_message_has_one_reference(script: Script, history: History) -> Iterator[str]:
    """I7: a message that is tried again keeps its reference, so that a phone shows it once."""
    del script
    seen: dict[UUID, str] = {}
    for fact in history.of("send"):
        known = seen.setdefault(fact.data["delivery"], fact.data["reference"])
        if known != fact.data["reference"]:
            yield f"I7: {fact.data['delivery']} went out under two references"


def what_is_over_sends_nothing(script: Script, history: History) -> Iterator[str]:
    """I8: after the stand-down only its own news goes out; after a restart nothing at all.

    A page whose bell was lost is found out when the engine renews its leases.
    """
    closed: dict[UUID, float] = {}
    last: dict[UUID, set[UUID]] = defaultdict(set)
    for c in committed(history):
        incident = c.change.incident
        if incident and incident.closed_at:
            closed.setdefault(incident.id, c.t)
            last[incident.id] |= {d.id for d in c.change.deliveries}
    restart = next((f.t for f in history.of("restart")), 1e9)
    for fact in history.of("send"):
        incident_id = fact.data["incident"]
        if fact.t > restart:
            yield f"I8: a restart sent {fact.data['reference'][-8:]} again"
        elif fact.data["delivery"] not in last[incident_id]:
            if fact.t > closed.get(incident_id, 1e9) + SOON_S + RENEW_S * (script.lost_bells > 0):
                yield f"I8: {fact.data['text'][:40]!r} went out at {fact.t:.1f}, after the end"
