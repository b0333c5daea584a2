"""Has this signed message been used up already? All SQL of the numbers used once."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

# Longer than twice the window in which a signature is good: a number is remembered while its signature could pass.
KEPT_FOR: Final = timedelta(minutes=30)


def use_nonce(
    conn: Connection, organisation_id: UUID, sender_id: UUID, nonce: str, *, at: datetime
) -> bool:
    """Return whether this sender had not used `nonce` yet; now it has."""
    return (
        conn.execute(
            """insert into signals_nonce (id, organisation_id, sender_id, nonce, at) values (%s, %s, %s, %s, %s)
            on conflict do nothing""",
            (uuid7(), organisation_id, sender_id, nonce, at),
        ).rowcount
        == 1
    )


def forget_nonces(conn: Connection, at: datetime) -> int:
    """Return how many were so old that their signature is refused anyway, and are gone now."""
    return conn.execute("delete from signals_nonce where at < %s", (at - KEPT_FOR,)).rowcount
