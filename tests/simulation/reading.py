"""How is a history read? Each commit beside the state that it changed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tests import cast
from tests.simulation.history import History
from tests.simulation.script import Script
from tests.snapshots import CLERK
from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Change
from tocsin.notifications.rules.delivery import LEASE_S
from tocsin.signals.rules.press import Press

SOON_S: Final = 2.05


@dataclass(frozen=True, slots=True)
class Committed:
    """One commit at `t` (virtual) and `at` (the store's clock), and the incident before it."""

    t: float
    at: datetime
    change: Change
    before: Incident | None
    earlier: list[tuple[float, Incident]]


def committed(history: History) -> Iterator[Committed]:
    """Return every commit in order."""
    states: dict[UUID, list[tuple[float, Incident]]] = {}
    for fact in history.of("saved"):
        change: Change = fact.data["change"]
        incident = change.incident
        earlier = states.setdefault(incident.id, []) if incident else []
        before = earlier[-1][1] if earlier else None
        yield Committed(fact.t, fact.data["at"], change, before, list(earlier))
        if incident:
            earlier.append((fact.t, incident))


def is_known(press: Press) -> bool:
    """Return whether the one who pressed is somebody here."""
    return any(p.id == press.person_id for p in (*cast.EVERYBODY, CLERK))


def owners(incident: Incident | None) -> UUID | None:
    """Return who is in charge."""
    return incident.charge.person_id if incident and incident.charge else None


def by_incident(history: History) -> dict[UUID, list[Committed]]:
    found: dict[UUID, list[Committed]] = defaultdict(list)
    for c in committed(history):
        if c.change.incident:
            found[c.change.incident.id].append(c)
    return found


def lease_s(script: Script, history: History, since: float, until: float) -> float:
    """Return how much longer a lease of a dead machine, or a lost answer, may hold a message.

    A clock that is set back by less than a minute while it lasts makes it that much longer.
    """
    deaths = sum(since - 1 <= f.t <= until for f in history.of("died"))
    lost = any(a - 1 <= until and since <= b + 1 for a, b in script.away)
    behind = -min(
        (s for t, s in script.steps if since - 1 <= t <= until and -61 < s < 0), default=0.0
    )
    of_dead = (LEASE_S + 1.5) * deaths + (behind if deaths else 0.0)
    return (LEASE_S + 1.5) * lost + (of_dead if script.changes_name else 0.0)


def is_probed(script: Script, channel: str, since: float, until: float) -> bool:
    """Return whether its provider refused connections then: one probes for all that wait."""
    provider = {"webpush": "push", "sms": "carrier"}.get(channel, "")
    refusing = (t for t in script.troubles if t.how == "refuse" and t.provider == provider)
    return any(t.starts <= until and since <= t.ends + SOON_S for t in refusing)


def unknown_s(script: Script, history: History, since: float, until: float, wait: float) -> float:
    """Return how much is waited again: a process that starts on a stepped clock knows no remainder."""
    stepped = [seconds for t, seconds in script.steps if t <= until]
    if not stepped:
        return 0.0
    longest = max(wait, float(script.policy.repeat_after_s), 30.0)
    away = sum(max(0.0, min(until, b) - max(since, a)) for a, b in history.outages)
    deaths = sum(1 for f in history.of("died") if since - 1 <= f.t <= until)
    # On a clock that was set back, time passes for an incident only from one wait to the next.
    return away + longest * (deaths + (min(stepped) < 0))


def calm_at(history: History) -> float:
    return next((f.t for f in history.of("calm")), history.seconds)
