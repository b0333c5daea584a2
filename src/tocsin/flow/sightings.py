"""What does deciding about a sighting need of its store, beside `flow.alarms`?

PostgreSQL (`postgres_sightings.py`) and memory (`memory_sightings.py`, for the simulator). Every call runs inside the
transaction that the caller opened. The web may ask only what row-level security shows its viewer.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.rules.sighting import CaseFacts
from tocsin.notifications.rules.disclosure import Disclosure
from tocsin.signals.rules.seen import Seen
from tocsin.signals.rules.sighting_row import SightingRow


class Sightings(Protocol):
    """The store behind the verbs about sightings."""

    def cases(self, seen: Seen, case_ids: Collection[UUID], at: datetime) -> dict[UUID, CaseFacts]:
        """Return what is known of these cases for what was seen; a closed, erased or unknown one is missing."""
        ...

    def of_track(self, organisation_id: UUID, track: str) -> dict[UUID, SightingRow]:
        """Return by case the sightings that are kept of this track."""
        ...

    def find(self, organisation_id: UUID, sighting_id: UUID) -> SightingRow | None:
        """Return one sighting."""
        ...

    def of_incident(self, organisation_id: UUID, incident_id: UUID) -> list[SightingRow]:
        """Return what was seen in an incident, the earliest first."""
        ...

    def keep(self, row: SightingRow, seen: Seen) -> None:
        """Keep a sighting, or what a better message of the same track says of it."""
        ...

    def judge(self, row: SightingRow) -> None:
        """Keep who compared it and what she said."""
        ...

    def open_place(self, organisation_id: UUID, case_id: UUID) -> Incident | None:
        """Return the open incident of a case that protects a place, locked."""
        ...

    def incidents_of(self, organisation_id: UUID, case_id: UUID) -> list[Incident]:
        """Return the incidents of a case, open or not, locked."""
        ...

    def ledger_of(self, incident: Incident) -> list[Disclosure]:
        """Return who was told what of an incident."""
        ...

    def open_tasks(self, incident: Incident, case_id: UUID, at: datetime) -> None:
        """Open what has to be seen to until he is located: each with an owner and a deadline."""
        ...
