"""What is known of held walks while PostgreSQL is away, or in the simulator: the store in memory's part for them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from tocsin.flow.alarms import Change, Waiting
from tocsin.flow.known import Known
from tocsin.flow.snapshot import Snapshot
from tocsin.signals.rules.hold import Hold, Look, State


class NotUniqueError(Exception):
    """A second row where only one may be: the transaction is undone, as PostgreSQL would."""


class MemoryHolds(Known):
    """Holds and looks in dictionaries; `MemoryAlarms` changes them."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Start from what was known."""
        super().__init__(snapshot)
        self._holds = {hold.id: hold for hold in snapshot.holds}
        self._looks = {look.id: look for look in snapshot.looks}

    def holds(self, since: datetime, until: datetime) -> list[Hold]:
        """Return the holds of this time, and every open one."""
        return [h for h in self._holds.values() if h.is_open or since <= h.edge_at <= until]

    def hold(self, organisation_id: UUID, hold_id: UUID) -> Hold | None:
        """Return one hold of this organisation."""
        found = self._holds.get(hold_id)
        return found if found and found.organisation_id == organisation_id else None

    def open_holds(
        self, organisation_id: UUID, *, person_id: UUID | None = None, site_id: UUID | None = None
    ) -> list[Hold]:
        """Return the open holds of a person or of a site, the earliest first."""
        own = [
            h for h in self._holds.values() if h.is_open and h.organisation_id == organisation_id
        ]
        found = (
            [h for h in own if h.person_id == person_id]
            if person_id
            else [h for h in own if h.site_id == site_id]
        )
        return sorted(found, key=lambda h: (h.edge_at, h.id))

    def looks(self, organisation_id: UUID, site_id: UUID, since: datetime) -> list[Look]:
        """Return what was looked at a site since then."""
        here = [
            k
            for k in self._looks.values()
            if (k.organisation_id, k.site_id) == (organisation_id, site_id) and k.at >= since
        ]
        return sorted(here, key=lambda k: (k.at, k.id))

    def _of_holds(self, change: Change) -> Iterator[tuple[dict[UUID, Any], UUID, Any]]:
        """Return (table, key, row) of what a change keeps of holds and looks.

        Raises:
            NotUniqueError: another hold is of the same person, kind and instant.
        """
        for look in change.looks:
            yield self._looks, look.id, look
        for hold in change.holds:
            name = (hold.organisation_id, hold.person_id, hold.kind, hold.edge_at)
            kept = hold.state is not State.MOVED
            others = (
                h for h in self._holds.values() if h.id != hold.id and h.state is not State.MOVED
            )
            if kept and any(
                (h.organisation_id, h.person_id, h.kind, h.edge_at) == name for h in others
            ):
                raise NotUniqueError("hold_once")
            known = self._holds.get(hold.id)
            # What has ended stays as it ended, but for what a changed shift had ended.
            if known is None or known.is_open or known.state in {State.MOVED, hold.state}:
                yield self._holds, hold.id, hold

    def _waiting_holds(self, since: datetime | None) -> list[Waiting]:
        return [
            Waiting("hold", h.organisation_id, h.id, h.due_set_at, h.due_at)
            for h in self._holds.values()
            if h.due_at and h.due_set_at and (since is None or h.opened_at >= since)
        ]
