"""Which stores are there to hold to the contract, and how do the tests look into them?"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.flow.alarms import Alarms, Change
from tocsin.notifications.rules.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Store:
    """One implementation with what the tests need beside the contract.

    `doubled` is what a second row where only one may be raises; `revoke` revokes a device; `find`
    looks a delivery up.
    """

    alarms: Alarms
    doubled: type[Exception]
    revoke: Callable[[UUID], None]
    find: Callable[[UUID, UUID], Delivery]

    def save(self, change: Change) -> None:
        """Save one change in a transaction of its own."""
        with self.alarms.atomically():
            self.alarms.save([change])

    def incident(self, incident: Incident) -> Incident | None:
        """Return this incident as it is stored."""
        with self.alarms.atomically():
            return self.alarms.incident(incident.organisation_id, incident.id)

    def delivery(self, delivery: Delivery) -> Delivery:
        """Return this delivery as it is stored."""
        return self.find(delivery.incident_id, delivery.id)
