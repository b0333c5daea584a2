"""Is nobody ever quiet, is no step skipped or doubled, and do only people stop it?"""

from collections.abc import Iterator

from tests.simulation.history import History
from tests.simulation.reading import (
    SOON_S,
    Committed,
    by_incident,
    calm_at,
    committed,
    owners,
    unknown_s,
)
from tests.simulation.script import Script, player
from tests.snapshots import device_of
from tocsin.decisions.rules.incident import ASKING, Incident, Kind, stopped
from tocsin.registry.rules.policy import Policy
from tocsin.signals.rules.press import Press

# --- I3, I6: never quiet, no step skipped or doubled ----------------------------------------------


def the_ladder_runs_step_by_step(script: Script, history: History) -> Iterator[str]:
    """I6: each step once and in order; the next one neither late nor (unless a clock jumped) early."""
    for states in by_incident(history).values():
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
    if history.late_s(since + wait, c.t) > SOON_S + unknown_s(script, history, since, c.t, wait):
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
    anew = kinds & {
        *("charge.lapsed", "act.cannot", "part.ended", "sos.raised_again", "cancel.accepted")
    }
    if not anew or before is None:
        return None
    if "charge.lapsed" in kinds or (before.charge and after.charge is None):
        return _first_public(after.policy)
    # A watcher who cannot, or leaves, moves nothing: her ladder goes on to everybody as planned.
    if before.emergency_from is not None or anew <= {"act.cannot", "part.ended"}:
        return None
    return _first_public(after.policy)


def _first_public(policy: Policy) -> int:
    private = ({"herself"}, {"watcher"})
    return next(i for i, step in enumerate(policy.steps) if set(step.who) not in private)


def nobody_is_ever_quiet(script: Script, history: History) -> Iterator[str]:
    """I3: while nobody is in charge something is said at least every so often, and is on record."""
    for states in by_incident(history).values():
        loud = states[0].t
        for now, following in zip(states, [*states[1:], None], strict=True):
            incident = now.change.incident
            assert incident is not None
            if now.change.deliveries or _is_said(now):
                loud = now.t
            if stopped(incident) or not incident.is_open or incident.kind in ASKING:
                loud = following.t if following else now.t
                continue
            until = following.t if following else calm_at(history)
            wait = _longest_wait(incident.policy)
            if history.late_s(loud + wait, until) > SOON_S + unknown_s(
                script, history, loud, until, wait
            ):
                yield f"I3: {incident.key} was quiet from {loud:.1f} to {until:.1f}"
                loud = until


def _is_said(c: Committed) -> bool:
    said = {"step.skipped", "incident.unanswered", "incident.called_instead", "call.unclaimed"}
    return any(entry.kind in said for entry in c.change.entries)


def unanswered_is_said_only_after_a_call(script: Script, history: History) -> Iterator[str]:
    """I15: that nobody has answered is on record only once somebody had time to, or none could be called for a while."""
    del script
    for states in by_incident(history).values():
        was_tried = False
        for c in states:
            kinds = {entry.kind for entry in c.change.entries}
            if "incident.unanswered" in kinds and not was_tried:
                assert c.change.incident is not None
                yield f"I15: {c.change.incident.key} was called unanswered at {c.t:.1f}, with its first call"
            was_tried |= bool(c.change.deliveries) or "step.skipped" in kinds


def _longest_wait(policy: Policy) -> float:
    offsets = [step.offset_s for step in policy.steps]
    between = (b - a for a, b in zip(offsets, offsets[1:], strict=False))
    return float(max(policy.repeat_after_s, *between, offsets[0], 0))


def the_emergency_call_has_an_owner_or_is_missed_aloud(
    script: Script, history: History
) -> Iterator[str]:
    """I3: a call that nobody owns is said after the policy's seconds, and again, at the right pace."""
    for states in by_incident(history).values():
        since: float | None = None
        wait = 0.0
        for c in states:
            after = c.change.incident
            assert after is not None
            said = [e for e in c.change.entries if e.kind == "call.unclaimed"]
            if since is not None:
                patience = SOON_S + unknown_s(script, history, since, c.t, wait)
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
            if not _may_be_over(history, c, after):
                yield f"I4: {after.key} was over at {c.t:.1f} ({after.closed_how})"


def _about(data: dict[str, object], incident: Incident) -> bool:
    return data["incident"] == incident.id


def _may_be_over(history: History, c: Committed, after: Incident) -> bool:
    acts = (f for f in history.of("act") if f.t <= c.t and _about(f.data, after))
    said_over = {f.data["person"] for f in acts if f.data["doing"] == "over"}
    if len(said_over) >= (1 if after.is_drill else 2):
        return True
    if after.is_drill:
        ended = any(_about(f.data, after) for f in history.of("drill ended"))
        return ended or after.kind in ASKING
    if after.kind is Kind.WALK and any(f.t <= c.t for f in history.of("confirmed")):
        return True
    return any(_closes(t, p, c, after) for t, p in history.presses())


def _closes(t: float, press: Press, c: Committed, after: Incident) -> bool:
    if t > c.t or press.person_id != after.person_id:
        return False
    if press.device_id != device_of(player(press.person_id)):
        return False
    if press.act == "extend":
        return after.kind is Kind.WALK
    return press.act in {"cancel", "end"} and press.code == "4821"


def charge_lapses_unless_renewed(script: Script, history: History) -> Iterator[str]:
    """I16: an owner who says nothing for the policy's time is asked once, then owns it no more.

    Whoever asks another to take it over has said something.
    """
    handed = [f for f in history.of("act") if f.data["via"] == "hand-over"]
    for states in by_incident(history).values():
        last, asked = 0.0, False
        for c in states:
            before, after = c.before, c.change.incident
            assert after is not None
            kinds = [e.kind for e in c.change.entries]
            if before and before.charge:
                limit = after.policy.confirm_every_s + 35.0
                patience = SOON_S + unknown_s(script, history, last, c.t, limit)
                if history.late_s(last + limit, c.t) > patience and "charge.lapsed" not in kinds:
                    yield f"I16: an owner silent since {last:.1f} still owned it at {c.t:.1f}"
            if "charge.confirm_asked" in kinds:
                asked = True
            if "charge.lapsed" in kinds:
                if not asked:
                    yield f"I16: charge lapsed at {c.t:.1f} and nobody had asked"
                if c.t < last + 10 and not script.steps:
                    yield f"I16: charge lapsed at {c.t:.1f}, renewed at {last:.1f}"
            owner = after.charge.person_id if after.charge else None
            mine = owner and any(a.person_id == owner for a in c.change.acts)
            if "charge.confirm_asked" in kinds:
                mine = mine or any(f.t == c.t and f.data["person"] == owner for f in handed)
            if mine or owners(before) != owners(after):
                last, asked = c.t, False
        incident = states[-1].change.incident
        assert incident is not None
        if incident.charge and incident.is_open:
            limit = incident.policy.confirm_every_s + 35.0
            patience = SOON_S + unknown_s(script, history, last, calm_at(history), limit)
            if history.late_s(last + limit, calm_at(history)) > patience:
                yield f"I16: an owner silent since {last:.1f} owned it to the end"
