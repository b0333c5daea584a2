"""What must never have happened? Each checker reads a history and names the invariant that it breaks (design, 5).

A checker trusts virtual time and what providers, devices and people saw; of the engine it reads only what was committed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tests import cast
from tests.simulation.history import History
from tests.simulation.reading import Committed, committed, is_known, owners
from tests.simulation.script import SHOP_PEOPLE, Script, player
from tests.snapshots import device_of
from tocsin.decisions.rules.incident import ASKING, Incident, Kind, Shown, stopped
from tocsin.notifications.rules.delivery import ENDS, LEASE_S, Delivery, State
from tocsin.registry.rules.policy import Policy

SOON_S: Final = 2.05
AGAIN_S: Final = 10.0
EVERYONE: Final = "everyone_on_duty"

Checker = Callable[[Script, History], Iterator[str]]


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
    """I5: a press calls everyone on duty at once, again every ten seconds at most."""
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
        if called >= _on_duty(script, incident, c.at) or c.before is None:
            told_at[incident.id] = c.t


def _is_due(incident: Incident, c: Committed, told_at: dict[UUID, float]) -> bool:
    if c.before is None:
        return EVERYONE in incident.policy.steps[0].who
    return c.t - told_at.get(incident.id, -1e9) >= AGAIN_S + 0.1


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
    """I2: seen, unanswered, failed or cancelled; nothing is left lying."""
    del script
    since = {d.id: c.t for c in committed(history) for d in c.change.deliveries}
    since |= {s.delivery.id: t for t, s in history.settlements()}
    for delivery in history.last.values():
        wait = (delivery.deadline_at - delivery.made_at).total_seconds()
        is_over = history.late_s(since[delivery.id] + wait, history.seconds) > SOON_S
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
            if late > SOON_S + _lease(script, history, due, done):
                name = f"{d.template} to {player(d.person_id).short_name} by {d.channel}"
                if _is_probed(script, d.channel, due, done):
                    continue
                yield f"I7: {name} was due at {due:.1f}, tried at {done:.1f}"


def _lease(script: Script, history: History, since: float, until: float) -> float:
    """Return how much longer a lease of a dead machine, or a lost answer, may hold a message."""
    deaths = any(since - 1 <= f.t <= until for f in history.of("died"))
    lost = any(a - 1 <= until and since <= b + 1 for a, b in script.away)
    return LEASE_S + 1.5 if (deaths and script.changes_name) or lost else 0.0


def _is_probed(script: Script, channel: str, since: float, until: float) -> bool:
    """Return whether its provider refused connections then: one probes for all that wait."""
    provider = {"webpush": "push", "sms": "carrier"}.get(channel, "")
    refusing = (t for t in script.troubles if t.how == "refuse" and t.provider == provider)
    return any(t.starts <= until and since <= t.ends + SOON_S for t in refusing)


def _ended_at(history: History) -> dict[UUID, float]:
    """Return when acts and stand-downs ended deliveries, by virtual time."""
    ended: dict[UUID, float] = {}
    living: dict[UUID, set[tuple[UUID, UUID]]] = defaultdict(set)
    for c in committed(history):
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
    """I2: a temporary failure is tried again; any failure brings the next contact method at once."""
    sends: dict[UUID, list[float]] = defaultdict(list)
    for fact in history.of("send"):
        sends[fact.data["delivery"]].append(fact.t)
    ended = _ended_at(history)
    for t, settlement in history.settlements():
        d = settlement.delivery
        if d.state is not State.RETRYING:
            continue
        due = t + min(60.0, settlement.outcome.retry_after_s or 15.0)
        again = next((s for s in sends[d.id] if s > t), 1e9)
        done = min(again, ended.get(d.id, 1e9), history.seconds)
        if history.late_s(due, done) > SOON_S + _lease(script, history, due, done):
            if not _is_probed(script, d.channel, due, done):
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
        allowed = SOON_S + _lease(script, history, t, done)
        if history.late_s(t, done) > allowed and not _is_probed(script, following.channel, t, done):
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
    """I8: after the stand-down only its own news goes out; after a restart nothing at all."""
    del script
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
            if fact.t > closed.get(incident_id, 1e9) + SOON_S:
                yield f"I8: {fact.data['text'][:40]!r} went out at {fact.t:.1f}, after the end"


# --- I3, I6: never quiet, no step skipped or doubled ----------------------------------------------


def the_ladder_runs_step_by_step(script: Script, history: History) -> Iterator[str]:
    """I6: each step once and in order; the next one neither late nor (unless a clock jumped) early."""
    for states in _by_incident(history).values():
        since = 0.0
        for c in states:
            expected = c.before.next_step if c.before else 0
            jumps = _jumps_to(c)
            for entry in c.change.entries:
                if entry.kind not in {"step.begun", "step.skipped"}:
                    continue
                number = entry.body["step"]
                if number != expected and number != jumps:
                    yield f"I6: step {number} at {c.t:.1f} though step {expected} was next"
                elif number == expected and number > 0 and jumps is None:
                    yield from _step_in_time(script, history, c, number, since)
                expected, since = number + 1, c.t
                if entry.kind == "step.skipped":
                    since = -1.0
            yield from _nothing_after_a_skip(c)
            if jumps is not None:
                since = max(since, c.t)


def _nothing_after_a_skip(c: Committed) -> Iterator[str]:
    """A step that rang nobody is followed at once by the next, in the same breath."""
    after = c.change.incident
    steps = [e for e in c.change.entries if e.kind in {"step.begun", "step.skipped"}]
    if after is None or not steps or steps[-1].kind != "step.skipped" or stopped(after):
        return
    if steps[-1].body["step"] + 1 < len(after.policy.steps) and after.is_open:
        yield f"I6: step {steps[-1].body['step']} was skipped at {c.t:.1f} and nothing followed"


def _step_in_time(
    script: Script, history: History, c: Committed, number: int, since: float
) -> Iterator[str]:
    incident = c.before
    if incident is None or since <= 0 or _rested(c, since):
        return
    steps = incident.policy.steps
    wait = steps[number].offset_s - steps[number - 1].offset_s
    jumped = any(t <= c.t for t, _ in script.steps)
    if history.late_s(since + wait, c.t) > SOON_S + _unknown(script, history, since, c.t, wait):
        yield f"I6: step {number} was due at {since + wait:.1f}, begun at {c.t:.1f}"
    before = sum(max(0.0, min(since, b) - max(since - 60, a)) for a, b in history.outages)
    if c.t < since + wait - 0.2 - before and not jumped:
        yield f"I6: step {number} was due at {since + wait:.1f}, begun already at {c.t:.1f}"


def _rested(c: Committed, since: float) -> bool:
    """Return whether somebody was in charge meanwhile, so that the ladder stood still."""
    return any(t >= since and incident.charge is not None for t, incident in c.earlier)


def _jumps_to(c: Committed) -> int | None:
    """Return the step at which the ladder begins again in this change, or None."""
    if c.change.incident is None:
        return None
    before, after = c.before, c.change.incident
    kinds = {entry.kind for entry in c.change.entries}
    anew = {"charge.lapsed", "act.cannot", "sos.raised_again", "cancel.accepted"} & kinds
    if not anew or before is None:
        return None
    if "charge.lapsed" in kinds or (before.charge and after.charge is None):
        return _first_public(after.policy)
    return _first_public(after.policy) if before.emergency_from is None else None


def _first_public(policy: Policy) -> int:
    private = ({"herself"}, {"watcher"})
    return next(i for i, step in enumerate(policy.steps) if set(step.who) not in private)


def nobody_is_ever_quiet(script: Script, history: History) -> Iterator[str]:
    """I3: while nobody is in charge something is said at least every so often, and is on record."""
    for states in _by_incident(history).values():
        loud = states[0].t
        for now, following in zip(states, [*states[1:], None], strict=True):
            incident = now.change.incident
            assert incident is not None
            if now.change.deliveries or _is_said(now):
                loud = now.t
            if stopped(incident) or not incident.is_open or incident.kind in ASKING:
                loud = following.t if following else now.t
                continue
            until = following.t if following else _calm(history)
            wait = _longest_wait(incident.policy)
            if history.late_s(loud + wait, until) > SOON_S + _unknown(script, history, loud, until, wait):
                yield f"I3: {incident.key} was quiet from {loud:.1f} to {until:.1f}"
                loud = until


def _unknown(
    script: Script, history: History, since: float, until: float, wait: float
) -> float:
    """Return how much is waited again: a process that starts on a stepped clock knows no remainder."""
    stepped = [seconds for t, seconds in script.steps if t <= until]
    if not stepped:
        return 0.0
    longest = max(wait, float(script.policy.repeat_after_s), 30.0)
    away = sum(max(0.0, min(until, b) - max(since, a)) for a, b in history.outages)
    deaths = sum(1 for f in history.of("died") if since - 1 <= f.t <= until)
    # On a clock that was set back, time passes for an incident only from one wait to the next.
    return away + longest * (deaths + (min(stepped) < 0))


def _is_said(c: Committed) -> bool:
    said = {"step.skipped", "incident.unanswered", "call.unclaimed"}
    return any(entry.kind in said for entry in c.change.entries)


def _longest_wait(policy: Policy) -> float:
    offsets = [step.offset_s for step in policy.steps]
    between = (b - a for a, b in zip(offsets, offsets[1:], strict=False))
    return float(max(policy.repeat_after_s, *between, offsets[0], 0))


def _calm(history: History) -> float:
    return next((f.t for f in history.of("calm")), history.seconds)


def the_emergency_call_has_an_owner_or_is_missed_aloud(
    script: Script, history: History
) -> Iterator[str]:
    """I3: a call that nobody owns is said after the policy's seconds, and again, at the right pace."""
    for states in _by_incident(history).values():
        since: float | None = None
        wait = 0.0
        for c in states:
            after = c.change.incident
            assert after is not None
            said = [e for e in c.change.entries if e.kind == "call.unclaimed"]
            if since is not None:
                patience = SOON_S + _unknown(script, history, since, c.t, wait)
                if history.late_s(since + wait, c.t) > patience:
                    yield f"I3: the unclaimed call of {after.key} was due {since + wait:.1f}, not said"
                    since = None
            if len(said) > 1:
                yield f"I6: the unclaimed call was said {len(said)} times at {c.t:.1f}"
            if after.emergency_from is None or after.caller_id or not after.is_open:
                since = None
            elif after.kind in ASKING:
                since = None
            elif said:
                since, wait = c.t, float(after.policy.repeat_after_s)
            elif since is None or (c.before and c.before.caller_id):
                since, wait = c.t, float(after.policy.call_unclaimed_s)


# --- I4, I16: only people stop it -----------------------------------------------------------------


def only_people_stop_it(script: Script, history: History) -> Iterator[str]:
    """I4: nobody is in charge, and nothing is over, without an authenticated act of a person."""
    acts = [f for f in history.of("act")]
    for c in committed(history):
        after = c.change.incident
        if after is None:
            continue
        if after.charge and (not c.before or owners(c.before) != owners(after)):
            who = after.charge.person_id
            mine = (f for f in acts if f.t <= c.t and f.data["person"] == who)
            if not any(f.data["doing"] == "in_charge" and _about(f.data, after) for f in mine):
                yield f"I4: {player(who).short_name} came in charge at {c.t:.1f} without saying so"
        if after.closed_at and (c.before is None or c.before.is_open):
            if not _may_be_over(script, history, c, after):
                yield f"I4: {after.key} was over at {c.t:.1f} ({after.closed_how})"


def _about(data: dict[str, object], incident: Incident) -> bool:
    return data["incident"] == incident.id


def _may_be_over(script: Script, history: History, c: Committed, after: Incident) -> bool:
    acts = (f for f in history.of("act") if f.t <= c.t and _about(f.data, after))
    said_over = {f.data["person"] for f in acts if f.data["doing"] == "over"}
    if len(said_over) >= (1 if after.is_drill else 2):
        return True
    if after.is_drill:
        ended = any(_about(f.data, after) for f in history.of("drill ended"))
        return ended or after.kind in ASKING
    if after.kind is Kind.WALK and any(f.t <= c.t for f in history.of("confirmed")):
        return True
    return any(_closes(script, t, p, c, after) for t, p in history.presses())


def _closes(script: Script, t: float, press: object, c: Committed, after: Incident) -> bool:
    from tocsin.signals.rules.press import Press

    if not isinstance(press, Press) or t > c.t or press.person_id != after.person_id:
        return False
    if press.device_id != device_of(player(press.person_id)):
        return False
    if press.act == "extend":
        return after.kind is Kind.WALK
    return press.act in {"cancel", "end"} and press.code == "4821"


def charge_lapses_unless_renewed(script: Script, history: History) -> Iterator[str]:
    """I16: an owner who says nothing for the policy's time is asked once, then owns it no more."""
    for states in _by_incident(history).values():
        last, asked = 0.0, False
        for c in states:
            before, after = c.before, c.change.incident
            assert after is not None
            kinds = [e.kind for e in c.change.entries]
            if before and before.charge:
                limit = after.policy.confirm_every_s + 35.0
                if history.late_s(last + limit, c.t) > SOON_S and "charge.lapsed" not in kinds:
                    yield f"I16: an owner silent since {last:.1f} still owned it at {c.t:.1f}"
            if "charge.confirm_asked" in kinds:
                asked = True
            if "charge.lapsed" in kinds:
                if not asked:
                    yield f"I16: charge lapsed at {c.t:.1f} and nobody had asked"
                if c.t < last + 10 and not script.steps:
                    yield f"I16: charge lapsed at {c.t:.1f}, renewed at {last:.1f}"
            mine = after.charge and any(a.person_id == after.charge.person_id for a in c.change.acts)
            if mine or owners(before) != owners(after):
                last, asked = c.t, False
        incident = states[-1].change.incident
        assert incident is not None
        if incident.charge and incident.is_open:
            limit = incident.policy.confirm_every_s + 35.0
            if history.late_s(last + limit, _calm(history)) > SOON_S:
                yield f"I16: an owner silent since {last:.1f} owned it to the end"


# --- I9, I10, I11, I15, I22: who hears what -------------------------------------------------------


def a_silent_sos_never_reaches_her_own_devices(script: Script, history: History) -> Iterator[str]:
    """I22: nothing rings for the one who pressed; a silent device only ever hears *stored*."""
    del script
    raisers = {i: incident for i, incident in history.incidents.items()}
    for fact in history.of("send"):
        incident = raisers[fact.data["incident"]]
        if fact.data["person"] != incident.person_id:
            continue
        if incident.kind is not Kind.WALK or fact.data["is_silent"]:
            yield f"I22: her own {fact.data['channel']} was sent {fact.data['text'][:40]!r}"
    silent = {
        (str(p.person_id), p.key) for _, p in history.presses() if p.act == "sos" and p.is_silent
    }
    for fact in history.of("told"):
        name = (fact.data["person"], fact.data["key"])
        if name in silent and fact.data["grade"] not in {"stored", "cancelled"}:
            yield f"I22: a silent press was told {fact.data['grade']} at {fact.t:.1f}"


def a_silent_incident_stays_silent(script: Script, history: History) -> Iterator[str]:
    """I22, I9: once silent or cancelled under duress, an incident never shows the truth again."""
    del script
    cancelled: set[tuple[str, str]] = set()
    for fact in history.of("told"):
        name = (fact.data["person"], fact.data["key"])
        if name in cancelled and fact.data["grade"] != "cancelled":
            yield f"I9: {name[1]} was told {fact.data['grade']} at {fact.t:.1f}, after its cancel"
        if fact.data["grade"] == "cancelled":
            cancelled.add(name)
    for c in committed(history):
        after = c.change.incident
        for signal in c.change.signals:
            if signal.press.act == "sos" and signal.press.is_silent and after:
                if after.shown is Shown.TRUTH:
                    yield f"I22: a silent press left {after.key} loud at {c.t:.1f}"


def drills_and_real_ones_are_told_apart(script: Script, history: History) -> Iterator[str]:
    """I10: every message of a drill says so, and no real one does."""
    del script
    for fact in history.of("send"):
        incident = history.incidents[fact.data["incident"]]
        says = "DRILL" in str(fact.data["text"]).upper() or "SIMULACRO" in str(fact.data["text"])
        if incident.is_drill != (fact.data["is_drill"] and says):
            yield f"I10: {fact.data['text'][:50]!r} of a {'drill' if incident.is_drill else 'real'}"


def nobody_hears_who_must_not(script: Script, history: History) -> Iterator[str]:
    """I11: whom she ruled out hears nothing of her, nor does another employer."""
    del script
    shop = {p.id for p in SHOP_PEOPLE}
    for fact in history.of("send"):
        incident = history.incidents[fact.data["incident"]]
        who = fact.data["person"]
        if incident.person_id == cast.PROTECTED.id and who == cast.RESPONDENT.id:
            yield f"I11: Rex was sent {fact.data['text'][:40]!r}"
        if (who in shop) != (incident.organisation_id == cast.ORCHARD_STORES):
            yield "I11: a message crossed to another employer"


def a_device_is_told_only_what_is_true(script: Script, history: History) -> Iterator[str]:
    """I15: no grade is told before it was true."""
    del script
    person_of = {(str(p.person_id), p.key): p for _, p in history.presses()}
    for fact in history.of("told"):
        press = person_of.get((fact.data["person"], fact.data["key"]))
        if press is None or press.act != "sos":
            continue
        grade = fact.data["grade"]
        about = [i for i in history.incidents.values() if i.person_id == press.person_id]
        if not _was_true(history, grade, {i.id for i in about if not i.is_drill}, fact.t):
            yield f"I15: {press.key} was told {grade} at {fact.t:.1f}"


def _was_true(history: History, grade: str, incidents: set[UUID], until: float) -> bool:
    doings = {"seen": "", "calling": "calling", "in_charge": "in_charge", "there": "there"}
    if grade in {"stored", "cancelled", "over"}:
        return True
    if grade == "sent":
        return any(f.t <= until and f.data["incident"] in incidents for f in history.of("taken"))
    acts = (f for f in history.of("act") if f.t <= until and f.data["incident"] in incidents)
    return any(f.data["doing"].startswith(doings[grade]) for f in acts)


# --- I25 and the engine itself --------------------------------------------------------------------


def nothing_broke(script: Script, history: History) -> Iterator[str]:
    """I25: no loop of the engine ever broke, whatever came in."""
    del script
    for line in history.broken[:3]:
        yield f"I25: {line[-300:]}"


def _by_incident(history: History) -> dict[UUID, list[Committed]]:
    found: dict[UUID, list[Committed]] = defaultdict(list)
    for c in committed(history):
        if c.change.incident:
            found[c.change.incident.id].append(c)
    return found


CHECKERS: Final[tuple[Checker, ...]] = (
    every_press_is_heard,
    every_press_calls_everybody,
    every_delivery_ends,
    every_message_goes_out_in_time,
    a_failure_is_tried_again_and_moves_on,
    the_next_method_goes_at_once,
    sent_means_taken,
    seen_means_a_person,
    nothing_is_sent_twice,
    one_message_has_one_reference,
    what_is_over_sends_nothing,
    the_ladder_runs_step_by_step,
    nobody_is_ever_quiet,
    the_emergency_call_has_an_owner_or_is_missed_aloud,
    only_people_stop_it,
    charge_lapses_unless_renewed,
    a_silent_sos_never_reaches_her_own_devices,
    a_silent_incident_stays_silent,
    drills_and_real_ones_are_told_apart,
    nobody_hears_who_must_not,
    a_device_is_told_only_what_is_true,
    nothing_broke,
)


def violations(script: Script, history: History) -> list[str]:
    """Return what this history breaks, each with its invariant's number first."""
    return [found for checker in CHECKERS for found in checker(script, history)]
