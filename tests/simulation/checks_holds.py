"""Is a walk held until somebody has really looked? Read from virtual time and from what people and phones saw."""

from collections.abc import Iterator
from typing import Final

from tests import cast
from tests.simulation.history import Fact, History
from tests.simulation.holding import ENDS_S
from tests.simulation.script import Script
from tocsin.decisions.rules.incident import Kind
from tocsin.signals.rules.hold import (
    FRESH_S,
    OPEN_BEFORE_S,
    OPEN_LATE_S,
    SAME_WALK_S,
    WAY_KEY,
    State,
)
from tocsin.signals.rules.hold import Kind as HoldKind

SOON_S: Final = 3.0
READ_S: Final = 5.0
WORDS: Final = frozenset({"none", "wait", "looked", "something", "stored"})


def her_phone_says_only_what_is_true(script: Script, history: History) -> Iterator[str]:
    """I20: *looked* is shown only while a look that saw nothing is three minutes old at most; never *clear*.

    A look of before a clock was set back is that much younger once the roster moves her walk, or another engine comes: the
    store keeps wall times. What her phone shows, the gate ends by its own clock (`gate/remembered.py`), which is not here.
    """
    told = [f for f in history.of("told") if f.data["key"] == WAY_KEY]
    for number, fact in enumerate(told):
        word = fact.data["grade"]
        if word not in WORDS:
            yield f"I20: her phone was told {word!r} at {fact.t:.1f}"
        until = told[number + 1].t if number + 1 < len(told) else history.seconds
        if word == "looked":
            yield from _looked(script, history, fact, until)


def _looked(script: Script, history: History, fact: Fact, until: float) -> Iterator[str]:
    looks = [f for f in history.of("look") if _counts(f) and f.t <= until + SOON_S]
    if not any(f.t <= fact.t + SOON_S and fact.t - f.t <= FRESH_S + SOON_S for f in looks):
        yield f"I20: her phone was told of a look that nobody took, at {fact.t:.1f}"
        return
    latest = max(f.t for f in looks)
    moved = [f.t for f in history.of("roster", "died") if latest < f.t <= until]
    back = -sum(s for t, s in script.steps if s < 0 and any(latest < t < at for at in moved))
    if history.late_s(latest + FRESH_S + 1, until) > SOON_S + back:
        yield f"I20: a look of {latest:.1f} was still shown at {until:.1f}"


def _counts(fact: Fact) -> bool:
    by_whom = fact.data["by"] not in {cast.RESPONDENT.id, cast.PROTECTED.id}
    return by_whom and fact.data["saw"] == "nothing"


def something_seen_waits_for_a_decision(script: Script, history: History) -> Iterator[str]:
    """I14: what was seen is not taken back by a second glance: a lead decides."""
    del script
    is_open = False
    for fact in history.of("told", "look"):
        if fact.kind == "look":
            allowed = fact.data["by"] not in {cast.RESPONDENT.id, cast.PROTECTED.id}
            if fact.data["saw"] == "something" and allowed and fact.data["is_kept"]:
                is_open = True
            elif fact.data["decides"] and fact.data["saw"] == "nothing":
                is_open = False
        elif fact.data["key"] == WAY_KEY and fact.data["grade"] == "looked" and is_open:
            yield f"I14: her phone was told of a look at {fact.t:.1f}; nobody had decided"


def one_walk_is_held_once(script: Script, history: History) -> Iterator[str]:
    """I6: one hold is open at a time, however the roster is changed; and it is there when her shift ends."""
    running: dict[object, object] = {}
    for t, change in history.changes():
        for hold in change.holds:
            if hold.is_open:
                running[hold.id] = hold
            else:
                running.pop(hold.id, None)
            if len(running) > 1:
                yield f"I6: two walks of hers are held at {t:.1f}"
                return
    if script.steps or any(f.data["ends_s"] != ENDS_S for f in history.of("roster")):
        return
    opened = [t for t, c in history.changes() if any(e.kind == "hold.opened" for e in c.entries)]
    if not opened:
        yield "I7: her shift ended and no walk was held"
    elif history.late_s(ENDS_S - OPEN_BEFORE_S, opened[0]) > READ_S + SOON_S:
        yield f"I7: her walk was held only at {opened[0]:.1f}"


def who_is_kept_from_her_is_never_asked(script: Script, history: History) -> Iterator[str]:
    """I11: no question about a way goes to the respondent, and no look of his counts."""
    del script
    questions = {i.id for i in history.incidents.values() if i.kind is Kind.LOOK}
    for fact in history.of("send"):
        if fact.data["incident"] in questions and fact.data["person"] == cast.RESPONDENT.id:
            yield f"I11: the respondent was asked to look at {fact.t:.1f}"
    for fact in history.of("look"):
        if fact.data["by"] == cast.RESPONDENT.id and fact.data["is_kept"]:
            yield f"I11: a look of the respondent was kept at {fact.t:.1f}"


def a_missed_look_is_the_employers(script: Script, history: History) -> Iterator[str]:
    """I20: going is put down as looked at only if somebody looked within three minutes of real time."""
    del script
    for t, change in history.changes():
        for entry in change.entries:
            if entry.kind != "hold.left" or entry.body["missed"]:
                continue
            seen = [f for f in history.of("look") if f.data["by"] != cast.RESPONDENT.id]
            is_fresh = any(_counts(f) and -SOON_S <= t - f.t <= FRESH_S + SOON_S for f in seen)
            is_known = any(f.data["saw"] == "something" and f.t <= t for f in seen)
            if not is_fresh and not is_known:
                yield f"I20: nobody had looked when she went at {t:.1f}, and that is not said"


def the_leads_are_asked_before_she_goes(script: Script, history: History) -> Iterator[str]:
    """I21: where nobody looks, the shift lead and the duty lead are asked before her shift ends."""
    is_plain = not (script.steps or script.away or script.crash or script.crash_at)
    if not is_plain or any(history.of("look", "roster")):
        return
    if any(p.act in {"walk", "decline"} and t < ENDS_S for t, p in history.presses()):
        return
    asked = {
        d.person_id
        for t, change in history.changes()
        if change.incident and change.incident.kind is Kind.LOOK and t < ENDS_S
        for d in change.deliveries
    }
    if not {cast.GUARD.id, cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id} <= asked:
        yield "I21: her shift ended, nobody had looked, and the leads were not asked"


def her_phone_hears_of_a_look_soon(script: Script, history: History) -> Iterator[str]:
    """I15: a look that counts is on her phone within seconds, unless she went or declined meanwhile.

    Before an arrival she is outside: her phone says nothing of it.
    """
    if script.steps or script.away or script.crash or script.crash_at:
        return
    seen = [f for f in history.of("look") if f.data["is_kept"] and f.data["saw"] == "something"]
    hers = [t for t, p in history.presses() if p.act in {"walk", "decline"}]
    for fact in history.of("look"):
        is_plain = _counts(fact) and fact.data["is_kept"] and fact.data["leaving"] and not seen
        if not is_plain or any(t <= fact.t + SOON_S for t in hers):
            continue
        told = [
            f for f in history.of("told") if f.data["key"] == WAY_KEY and f.t <= fact.t + SOON_S
        ]
        if not told or told[-1].data["grade"] != "looked":
            yield f"I15: a look of {fact.t:.1f} was not told to her phone"


def no_look_is_missed_at_a_start_that_was_put_off(
    script: Script, history: History
) -> Iterator[str]:
    """I15: where her start was put off by hours, nobody missed a look at the old one; she may come: it is held until then.

    What is put off by an hour at most is the same walk; and what she declined herself, nobody had looked at.
    """
    planned = [(f.t, f.data["starts_s"] or 0.0) for f in history.of("roster")]
    is_hours = all(starts_s > ENDS_S + SAME_WALK_S for _, starts_s in planned)
    if not planned or planned[0][0] >= ENDS_S or not is_hours or script.steps or script.away:
        return
    for t, change in history.changes():
        for hold in change.holds:
            if hold.kind is not HoldKind.ARRIVING or hold.is_open:
                continue
            if hold.missed_look and hold.state is not State.DECLINED:
                yield f"I15: her start was put off, and a look is said to be missed at {t:.1f}"
            if t < ENDS_S + OPEN_LATE_S and hold.state is State.MOVED:
                yield f"I15: her start was put off, and nobody was asked any more from {t:.1f}"


CHECKERS: Final = (
    no_look_is_missed_at_a_start_that_was_put_off,
    her_phone_hears_of_a_look_soon,
    her_phone_says_only_what_is_true,
    something_seen_waits_for_a_decision,
    one_walk_is_held_once,
    who_is_kept_from_her_is_never_asked,
    a_missed_look_is_the_employers,
    the_leads_are_asked_before_she_goes,
)
