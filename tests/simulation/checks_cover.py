"""Is a gap in cover said before it is needed, once, and is who begins a shift asked? Worked out anew, second by second."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from tests import cast
from tests.simulation.covering import REQUIRED
from tests.simulation.history import History
from tests.simulation.script import Script
from tests.snapshots import HARBOUR_SITE
from tocsin.engine.cover import LOOK_S, LOOKS_BACK, SHORTEST
from tocsin.flow.announce_gaps import AHEAD
from tocsin.flow.snapshot import Stint

SOON_S: Final = 5.0
# A look that the store's absence broke is made again a second later; one that a death broke, at the next start.
EVERY_S: Final = 5.0
Span = tuple[datetime, datetime]


def a_gap_is_said_before_it_is_needed(script: Script, history: History) -> Iterator[str]:
    """I21: a gap of the next twelve hours is said within a minute of being there to see, or of being made."""
    said = {_minute(e.body["from_at"]) for _, c in history.changes() for e in c.entries if e.kind == "gap.announced"}  # fmt: skip
    since: dict[datetime, float] = {}
    t = 0.0
    while t < script.until:
        at, stints = _clock(script, t), _roster(script, history, t)
        seen = {_minute(start) for start, _ in _gaps(stints, at)}
        since = {start: since.get(start, t) for start in seen}
        for start, first in since.items():
            if history.late_s(first + LOOK_S, t) > SOON_S and start not in said:
                yield f"I21: a gap from {start:%d %H:%M} was there to see at {first:.0f} and never said"
                return
        t += EVERY_S
    times = {_minute(e.body["from_at"]): t for t, c in history.changes() for e in c.entries if e.kind == "gap.announced"}  # fmt: skip
    for start, at_s in times.items():
        due = script.wall + timedelta(seconds=at_s) if not script.steps else None
        known = _first_seen(script, history, start)
        if due and known is not None and history.late_s(known + LOOK_S, at_s) > SOON_S:
            yield f"I21: a gap from {start:%d %H:%M} was there to see at {known:.0f}, said at {at_s:.0f}"


def a_gap_is_said_once(script: Script, history: History) -> Iterator[str]:
    """I21: one announcement a gap, however long it lasts; a roster that is changed makes another."""
    counted = Counter(
        _minute(entry.body["from_at"])
        for _, change in history.changes()
        for entry in change.entries
        if entry.kind == "gap.announced"
    )
    for start, times in counted.items():
        if times > 1:
            yield f"I21: the gap from {start:%d %H:%M} was said {times} times"
    rosters = [script.snapshot.stints, *(f.data["stints"] for f in history.of("planned"))]
    steps = sorted({script.until, *(t for t, _ in script.steps)})
    starts = {
        _minute(start)
        for stints in rosters
        for t in (0.0, *steps)
        for s in (t - 0.1, t)
        for start, _ in _gaps(
            stints, _clock(script, s), ahead=AHEAD + timedelta(seconds=script.until)
        )
    }
    for start in set(counted) - starts:
        yield f"I21: a gap from {start:%d %H:%M} was said, and no roster has it"


def the_leads_hear_of_it(script: Script, history: History) -> Iterator[str]:
    """I21: each announcement goes to somebody who can do something about it."""
    del script
    leads = {cast.SHIFT_LEAD.id, cast.SAFETY_LEAD.id}
    for t, change in history.changes():
        if any(entry.kind == "gap.announced" for entry in change.entries):
            if not leads & {d.person_id for d in change.deliveries}:
                yield f"I21: a gap was announced at {t:.1f} to no lead"


def who_begins_is_asked(script: Script, history: History) -> Iterator[str]:
    """I21: who begins a shift is asked on every channel, within a minute, whether she can be reached."""
    if script.steps:
        return
    asked: dict[object, list[float]] = {}
    for t, change in history.changes():
        for d in change.deliveries:
            if d.template == "proof":
                asked.setdefault(d.person_id, []).append(t)
    plans = [(0.0, script.snapshot.stints)] + [
        (f.t, f.data["stints"]) for f in history.of("planned")
    ]
    for number, (since, stints) in enumerate(plans):
        until = plans[number + 1][0] if number + 1 < len(plans) else script.until
        for stint in stints:
            begins = (stint.starts_at - script.wall).total_seconds()
            if not since <= begins or begins + LOOK_S + SOON_S > until:
                continue
            times = [t for t in asked.get(stint.duty.person_id, []) if t >= begins]
            if history.late_s(begins + LOOK_S, min(times, default=1e9)) > SOON_S:
                yield f"I21: who began at {begins:.0f} was not asked whether she can be reached"


def _gaps(stints: tuple[Stint, ...], at: datetime, ahead: timedelta = AHEAD) -> Iterator[Span]:
    """Return the gaps that are not over, minute by minute of nothing but counting."""
    since = at.replace(hour=0, minute=0, second=0, microsecond=0) - LOOKS_BACK
    until = at + ahead
    here = [s for s in stints if s.site_id == HARBOUR_SITE.id]
    edges = {
        since,
        until,
        *(e for s in here for e in (s.starts_at, s.ends_at) if since < e < until),
    }
    moments = sorted(edges)
    found: list[tuple[datetime, datetime, int]] = []
    for a, b in zip(moments, moments[1:], strict=False):
        have = len({s.duty.person_id for s in here if s.starts_at <= a < s.ends_at})
        if have >= REQUIRED:
            continue
        if found and found[-1][1:] == (a, have):
            found[-1] = (found[-1][0], b, have)
        else:
            found.append((a, b, have))
    return ((a, b) for a, b, _ in found if b - max(a, at) >= SHORTEST)


def _first_seen(script: Script, history: History, start: datetime) -> float | None:
    t = 0.0
    while t < script.until:
        gaps = _gaps(_roster(script, history, t), _clock(script, t))
        if start in {_minute(begins) for begins, _ in gaps}:
            return t
        t += EVERY_S
    return None


def _roster(script: Script, history: History, t: float) -> tuple[Stint, ...]:
    stints = script.snapshot.stints
    for fact in history.of("planned"):
        if fact.t <= t:
            stints = fact.data["stints"]
    return stints


def _clock(script: Script, t: float) -> datetime:
    stepped = sum(seconds for at, seconds in script.steps if at <= t)
    return script.wall + timedelta(seconds=t + stepped)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


CHECKERS: Final = (
    a_gap_is_said_before_it_is_needed,
    a_gap_is_said_once,
    the_leads_hear_of_it,
    who_begins_is_asked,
)
