"""What stands in for PostgreSQL while it is away, and what must it tell PostgreSQL afterwards?

It begins with a snapshot and everything that was saved since. From then on it remembers what it does: changes in
their order, the state that each delivery reached, and the version of each incident that it began with, by which
the one who takes over sees whether anybody else has changed it meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Change, Settlement, TextKept
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.snapshot import Snapshot
from tocsin.notifications.rules.delivery import LEASE_S, OPEN, Delivery, State
from tocsin.record.rules.entries import Entry


class Standby(MemoryAlarms):
    """The store in memory, with a memory of what is to be handed over."""

    def __init__(self, snapshot: Snapshot, clock: Callable[[], datetime]) -> None:
        """Start from what was known; `clock` gives aware UTC."""
        self._touched: dict[UUID, None] = {}
        self._new_texts: list[TextKept] = []
        super().__init__(snapshot, clock)
        self._touched.clear()

    # --- what it begins with ----------------------------------------------------------------------

    def learn(self, saved: Sequence[Change | Settlement]) -> None:
        """Know what PostgreSQL saved since the snapshot; nothing of it is handed over."""
        with self.atomically():
            for one in saved:
                if isinstance(one, Settlement):
                    self._learn_settlement(one)
                else:
                    self._learn(one)
        self._touched.clear()

    def learn_incident(self, incident: Incident) -> None:
        """Know an incident as it was last told, if that is later; what waits for one that is over is not sent."""
        with self.atomically():
            self._learn_incident(incident)
            if not incident.is_open:
                for delivery in self._living(incident.id):
                    self._put_delivery(_unless_over(delivery, incident))
        self._touched.clear()

    def learn_in_hand(self, deliveries: Sequence[Delivery]) -> None:
        """Know what this engine is sending just now: taken once more here, it would be sent twice."""
        until = self.now() + timedelta(seconds=LEASE_S)
        with self.atomically():
            for one in deliveries:
                known = self._deliveries.get(one.id)
                is_later = known is None or (known.state in OPEN and known.attempt <= one.attempt)
                if is_later and (incident := self._incidents.get(one.incident_id)):
                    self._put_delivery(_unless_over(replace(one, lease_until=until), incident))
        self._touched.clear()

    def _learn(self, change: Change) -> None:
        for signal in change.signals:
            press = signal.press
            self._set(self._keys, (press.organisation_id, press.person_id, press.key), press)
        if change.incident:
            self._learn_incident(change.incident)
        known = self._walks.get(change.walk.id) if change.walk else None
        if change.walk and (known is None or known.is_open):
            self._set(self._walks, change.walk.id, change.walk)
        for hold in change.holds:
            self._set(self._holds, hold.id, hold)
        for look in change.looks:
            self._set(self._looks, look.id, look)
        self._hold_back(change.held_back)
        self._save_deliveries(change)

    def _learn_incident(self, incident: Incident) -> None:
        known = self._incidents.get(incident.id)
        if known is None or known.version < incident.version:
            self._set(self._incidents, incident.id, incident)

    def _learn_settlement(self, settlement: Settlement) -> None:
        after = settlement.delivery
        known = self._deliveries.get(after.id)
        if known and known.state in OPEN and known.attempt <= after.attempt:
            self._put_delivery(after)

    def versions(self) -> dict[UUID, int]:
        """Return the version of every incident, as it is now."""
        return {incident.id: incident.version for incident in self._incidents.values()}

    # --- what it remembers ------------------------------------------------------------------------

    @contextmanager
    def atomically(self) -> Iterator[None]:
        """Save everything inside or nothing; a text that led to no change is remembered by itself."""
        try:
            with super().atomically():
                yield
                if self._new_texts and self._depth == 1:
                    self._keep(Change())
        except BaseException:
            self._new_texts.clear()
            raise

    def keep_text(self, text: TextKept) -> bool:
        """Return whether this text is new, and keep it, with the change that it leads to."""
        is_new = super().keep_text(text)
        if is_new:
            self._new_texts.append(text)
        return is_new

    def settle(
        self, settlements: Sequence[Settlement], at: datetime, entries: Sequence[Entry] = ()
    ) -> None:
        """Keep what became of attempts, of deliveries that nobody here knows too.

        A page made those just before: what failed of them is tried again here, not only when PostgreSQL is back.
        """
        super().settle(settlements, at, entries)
        with self.atomically():
            for settlement in settlements:
                delivery = settlement.delivery
                if delivery.id in self._deliveries:
                    continue
                self._keep(settlement)
                if incident := self._incidents.get(delivery.incident_id):
                    self._put_delivery(_unless_over(delivery, incident))

    def _keep(self, what: Change | Settlement) -> None:
        if isinstance(what, Change) and self._new_texts:
            what = replace(what, texts=tuple(self._new_texts))
            self._new_texts.clear()
        super()._keep(what)

    def _put_delivery(self, delivery: Delivery) -> None:
        super()._put_delivery(delivery)
        self._touched[delivery.id] = None

    # --- what it hands over -----------------------------------------------------------------------

    def backlog(self) -> int:
        """Return how much is still to be handed over."""
        return len(self._saved) + len(self._touched)

    def take_part(self, most: int) -> tuple[list[Change | Settlement], list[UUID]]:
        """Return the next changes and deliveries to hand over, at most so many of each, and forget them."""
        with self._lock:
            part, self._saved = self._saved[:most], self._saved[most:]
            touched = list(self._touched)[: most * 10]
            for delivery_id in touched:
                del self._touched[delivery_id]
            return part, touched

    def take_back(self, part: Sequence[Change | Settlement], touched: Sequence[UUID]) -> None:
        """Take back a part that could not be kept elsewhere yet."""
        self.put_back(part)
        self._touched |= dict.fromkeys(touched)

    def as_is(self, delivery: Delivery) -> Delivery:
        """Return a delivery in the state that it has reached by now."""
        return self._deliveries.get(delivery.id, delivery)

    def found(self, delivery_ids: Sequence[UUID]) -> list[Delivery]:
        """Return these deliveries as they are now."""
        return [self._deliveries[i] for i in delivery_ids if i in self._deliveries]


def _unless_over(delivery: Delivery, incident: Incident) -> Delivery:
    """Return a delivery cancelled if it still waits and its incident is over; the news of the end still goes out."""
    is_over = incident.closed_at is not None and delivery.made_at < incident.closed_at
    return (
        replace(delivery, state=State.CANCELLED) if is_over and delivery.state in OPEN else delivery
    )
