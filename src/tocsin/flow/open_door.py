"""Who knocks at a door, and was this very message taken already? What an API door asks before it takes a message."""

from datetime import datetime
from uuid import UUID

from tocsin.registry import store_senders
from tocsin.registry.rules.sender import SenderRow
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import DecryptionRefused, KeyRing
from tocsin.signals import store_nonces


def find_sender(conn: Connection, ring: KeyRing, sender_id: UUID) -> tuple[SenderRow, bytes] | None:
    """Return a sender in use and its key, or None: unknown, revoked, or of a master key that is not here."""
    try:
        return store_senders.find_sender(conn, ring, sender_id)
    except DecryptionRefused:
        return None


def is_used(conn: Connection, sender: SenderRow, nonce: str, *, at: datetime) -> bool:
    """Return whether this sender used `nonce` before; if not, it has now, once the transaction is committed."""
    set_viewer(conn, sender.organisation_id)
    return not store_nonces.use_nonce(conn, sender.organisation_id, sender.id, nonce, at=at)


def is_in_use(conn: Connection, sender_id: UUID) -> bool:
    """Return whether a sender that a broker speaks for is still taken; what is revoked is not, from that moment."""
    return store_senders.is_in_use(conn, sender_id)


def load_listened(conn: Connection) -> list[SenderRow]:
    """Return the senders in use that a broker speaks for, of every employer."""
    return store_senders.load_listened(conn)
