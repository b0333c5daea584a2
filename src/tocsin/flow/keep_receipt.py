"""A provider says what became of a message. It is shown beside it, and stops nothing (I4)."""

from tocsin.notifications import store as notifications
from tocsin.notifications.channels.sms.receipts import Receipt
from tocsin.registry.store_calling import find_organisation
from tocsin.runtime.database import Connection, set_viewer


def keep_receipt(conn: Connection, organisation: str, receipt: Receipt) -> int:
    """Return how many messages of this organisation (its short name) the receipt was about."""
    organisation_id = find_organisation(conn, organisation)
    if organisation_id is None or not receipt.provider_id:
        return 0
    set_viewer(conn, organisation_id)
    words = f"{receipt.state} {receipt.error}" if receipt.error else receipt.state
    return notifications.keep_receipt(conn, receipt.provider_id, words)
