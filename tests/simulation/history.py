"""What happened? One line a fact, in the order of time; the checkers read nothing else.

`t` is virtual seconds: the truth, which no wall clock in the simulation knows.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Change, Settlement
from tocsin.notifications.rules.delivery import Delivery
from tocsin.signals.rules.press import Press


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; `data` depends on the kind."""

    t: float
    kind: str
    data: dict[str, Any]


@dataclass(slots=True)
class History:
    """Everything that happened in one run, and what the world was like when it ended."""

    seed: object
    facts: list[Fact] = field(default_factory=list)
    outages: list[list[float]] = field(default_factory=list)
    last: dict[UUID, Delivery] = field(default_factory=dict)
    incidents: dict[UUID, Incident] = field(default_factory=dict)
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    def add(self, t: float, kind: str, **data: Any) -> None:
        """Write one fact down."""
        self.facts.append(Fact(t, kind, data))

    def of(self, *kinds: str) -> Iterator[Fact]:
        """Return the facts of these kinds, in order."""
        return (fact for fact in self.facts if fact.kind in kinds)

    def changes(self) -> Iterator[tuple[float, Change]]:
        """Return what was committed."""
        return ((f.t, f.data["change"]) for f in self.facts if f.kind == "saved")

    def settlements(self) -> Iterator[tuple[float, Settlement]]:
        """Return what became of attempts."""
        return ((f.t, f.data["settlement"]) for f in self.facts if f.kind == "settled")

    def presses(self) -> Iterator[tuple[float, Press]]:
        """Return what the gate took, repeats included."""
        return ((f.t, f.data["press"]) for f in self.facts if f.kind == "stored")

    def late_s(self, due: float, done: float) -> float:
        """Return by how much `done` is after `due`, not counting the time when nothing ran."""
        away = sum(max(0.0, min(done, b) - max(due, a)) for a, b in self.outages)
        return done - due - away

    def trace(self) -> list[str]:
        """Return the history as text, the same in every replay of the seed."""
        return [f"{fact.t:10.4f} {fact.kind} {_said(fact.data)}" for fact in self.facts]

    def digest(self) -> str:
        """Return one number for all of it."""
        return hashlib.sha256("\n".join(self.trace()).encode()).hexdigest()


def _said(data: dict[str, Any]) -> str:
    return " ".join(f"{name}={_text(value)}" for name, value in sorted(data.items()))


def _text(value: Any) -> str:
    if isinstance(value, Change):
        entries = [(e.kind, sorted((k, str(v)) for k, v in e.body.items())) for e in value.entries]
        deliveries = [(d.reference, d.state.value) for d in value.deliveries]
        return f"{entries} {deliveries}"
    if isinstance(value, Settlement):
        return f"{value.delivery.reference} {value.delivery.state.value} {value.outcome.error}"
    if isinstance(value, Press):
        return f"{value.person_id} {value.act} {value.key}"
    return str(value)
