"""The store of `flow.sightings`, in memory: for the simulator and the tests of rules. Reports wait in PostgreSQL."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.rules.sighting import CaseFacts
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.notifications.rules.disclosure import Disclosure
from tocsin.signals.rules.seen import Seen
from tocsin.signals.rules.sighting_row import SightingRow


class MemorySightings:
    """Cases are given; sightings and tasks are kept in dictionaries, undone with the transaction of `alarms`."""

    def __init__(self, alarms: MemoryAlarms, cases: Mapping[UUID, CaseFacts]) -> None:
        """Use this memory, and these facts for every sighting."""
        self._alarms = alarms
        self._cases = cases
        self.rows: dict[UUID, SightingRow] = {}
        self.tasks: dict[tuple[UUID, UUID], datetime] = {}

    def cases(self, seen: Seen, case_ids: Collection[UUID], at: datetime) -> dict[UUID, CaseFacts]:  # noqa: ARG002
        """Return what is known of these cases."""
        ours = (self._cases[i] for i in case_ids if i in self._cases)
        return {c.case_id: c for c in ours if c.organisation_id == seen.organisation_id}

    def of_track(self, organisation_id: UUID, track: str) -> dict[UUID, SightingRow]:
        """Return by case the sightings that are kept of this track."""
        rows = self.rows.values()
        return {
            r.case_id: r for r in rows if r.organisation_id == organisation_id and r.track == track
        }

    def find(self, organisation_id: UUID, sighting_id: UUID) -> SightingRow | None:
        """Return one sighting."""
        row = self.rows.get(sighting_id)
        return row if row and row.organisation_id == organisation_id else None

    def of_incident(self, organisation_id: UUID, incident_id: UUID) -> list[SightingRow]:
        """Return what was seen in an incident."""
        rows = self.rows.values()
        found = [
            r for r in rows if (r.organisation_id, r.incident_id) == (organisation_id, incident_id)
        ]
        return sorted(found, key=lambda row: (row.seen_at, row.id))

    def keep(self, row: SightingRow, seen: Seen) -> None:  # noqa: ARG002
        """Keep a sighting."""
        before = self.of_track(row.organisation_id, row.track).get(row.case_id)
        kept = replace(row, id=before.id) if before else row
        self._alarms._set(self.rows, kept.id, kept)  # noqa: SLF001 - one transaction, two halves of one store

    def judge(self, row: SightingRow) -> None:
        """Keep who compared it."""
        self._alarms._set(self.rows, row.id, row)  # noqa: SLF001

    def open_place(self, organisation_id: UUID, case_id: UUID) -> Incident | None:
        """Return the open incident of a case that protects a place."""
        found = self.incidents_of(organisation_id, case_id)
        return next((i for i in found if i.is_about_place and i.is_open), None)

    def incidents_of(self, organisation_id: UUID, case_id: UUID) -> list[Incident]:
        """Return the incidents of a case."""
        return [
            incident
            for incident in self._alarms.all_incidents()
            if incident.organisation_id == organisation_id and case_id in incident.case_ids
        ]

    def ledger_of(self, incident: Incident) -> list[Disclosure]:
        """Return who was told what of an incident."""
        return [d for d in self._alarms.ledger.values() if d.incident_id == incident.id]

    def open_tasks(self, incident: Incident, case_id: UUID, at: datetime) -> None:
        """Note that the tasks of this incident were opened."""
        if (incident.id, case_id) not in self.tasks:
            self._alarms._set(self.tasks, (incident.id, case_id), at)  # noqa: SLF001
