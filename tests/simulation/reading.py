"""How is a history read? Each commit beside the state that it changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tests import cast
from tests.simulation.history import History
from tests.snapshots import CLERK
from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Change
from tocsin.signals.rules.press import Press


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
