"""A push service says that a subscription is no more: nothing is sent there again, and that is on record."""

from collections.abc import Sequence
from uuid import UUID

from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications.rules.delivery import GONE, Delivery, is_gone
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.store_calling import retire_pushes
from tocsin.runtime.ids import uuid7


def retire_push(alarms: PostgresAlarms, settled: Sequence[Delivery]) -> list[UUID]:
    """Return the contact methods that are used no more because these deliveries showed that they are gone.

    For everybody, also for who is kept from her: the push service said it, and no person. Her browser may subscribe anew.
    """
    gone = sorted({delivery.contact_id for delivery in settled if is_gone(delivery)})
    at = alarms.now()
    retired = retire_pushes(alarms.conn, gone, at) if gone else []
    entries = [
        Entry(
            uuid7(),
            organisation_id,
            at,
            "contact.retired",
            None,
            None,
            {"row": contact_id, "person": person_id, "because": GONE},
        )
        for contact_id, organisation_id, person_id in retired
    ]
    if entries:
        record.append(alarms.conn, entries)
    return [contact_id for contact_id, _, _ in retired]
