"""What does somebody read instead of a message on a way of hers that he has taken away in vain?

It went out, and he is not shown it. Without an order she would have been called on what is left, or on nothing; then he
would read why, so he reads it here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tocsin.notifications.rules.delivery import LEFT_OUT, NO_WAY, Delivery, State
from tocsin.registry.rules.contacts import LIVE, NEVER_VERIFIED
from tocsin.runtime.database import Connection


def said_instead(
    conn: Connection, hidden: Sequence[Delivery], shown: Sequence[Delivery]
) -> list[Delivery]:
    """Return what stands for the messages that are hidden from this viewer: why she was left out, once a wave.

    Nothing for a wave that reached her otherwise as he sees it, nor where no way of hers was taken away by him.
    """
    waves: dict[tuple[UUID, datetime], Delivery] = {}
    for one in hidden:
        waves.setdefault((one.person_id, one.made_at), one)
    on_screen = {(d.person_id, d.made_at) for d in shown if d.channel == LIVE}
    otherwise = {(d.person_id, d.made_at) for d in shown if d.channel != LIVE}
    ways = _his_view(conn, [person_id for person_id, _ in waves])
    found = []
    for wave, one in waves.items():
        if wave in otherwise or one.person_id not in ways:
            continue
        left = ways[one.person_id]
        why = LEFT_OUT[NEVER_VERIFIED]
        found += [_failed(one, way, channel, why) for way, channel, is_proven in left if not is_proven]  # fmt: skip
        if not left and wave not in on_screen:
            found.append(_failed(one, one.person_id, "", NO_WAY))
    return found


def _his_view(conn: Connection, people: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, str, bool]]]:
    """Return (id, channel, did she ever answer on it) of what he left of her ways; only of people of whom he took one."""
    rows = conn.execute(
        """select person_id, id, channel, verified_at is not null, tocsin_shown(revoked_at, his_revoked_at, person_id) is null,
            his_revoked_at is not null and coalesce(tocsin_is_kept_from(person_id), false)
        from registry_contactmethod where person_id = any(%s) order by person_id, position, id""",
        (list(people),),
    ).fetchall()
    taken = {row[0] for row in rows if row[5]}
    return {
        person_id: [(row[1], row[2], row[3]) for row in rows if row[0] == person_id and row[4]]
        for person_id in taken
    }


def _failed(one: Delivery, way: UUID, channel: str, why: str) -> Delivery:
    return replace(
        one,
        id=way,
        contact_id=way,
        channel=channel,
        code="",
        state=State.FAILED,
        due_at=one.made_at,
        deadline_at=one.made_at,
        attempt=0,
        leased_by="",
        lease_until=None,
        sent_at=None,
        ended_at=one.made_at,
        provider_id="",
        error=why,
    )
