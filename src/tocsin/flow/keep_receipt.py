"""A provider says what became of a message. It is shown beside it, goes into the record, and stops nothing (I4)."""

from datetime import datetime

from tocsin.notifications import store as notifications
from tocsin.notifications.channels.sms.receipts import Receipt, is_news
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.store_calling import find_organisation
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.ids import uuid7


def keep_receipt(conn: Connection, organisation: str, receipt: Receipt, *, at: datetime) -> bool:
    """Return whether the receipt says anything new of a message of this organisation (its short name).

    Kannel and its like give no id of their own: they send our reference back, and that is enough.
    """
    organisation_id = find_organisation(conn, organisation)
    if organisation_id is None:
        return False
    set_viewer(conn, organisation_id)
    found = notifications.lock_receipt(
        conn, organisation_id, receipt.reference or "", receipt.provider_id or ""
    )
    if found is None or not is_news(found[1], receipt.state):
        return False
    delivery = found[0]
    words = f"{receipt.state} {receipt.error}" if receipt.error else receipt.state
    notifications.keep_receipt(conn, delivery.id, words)
    body = {
        "delivery": delivery.id,
        "person": delivery.person_id,
        "channel": delivery.channel,
        "status": words,
    }
    said = Entry(uuid7(), organisation_id, at, "delivery.receipt", delivery.incident_id, None, body)
    record.append(conn, [said])
    return True
