"""What does somebody read instead of a message on a way of hers that he has taken away in vain?

It went out, and he is not shown it. Without an order she would have been called on what is left, or on nothing; then he
would read why, so he reads it here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.notifications.rules.delivery import LEFT_OUT, NO_WAY, Delivery, State
from tocsin.registry.rules.contacts import LIVE, NEVER_VERIFIED
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import named_uuid

# The engine is on no side: it writes what he may take out.
_TAKEN: Final = """(his_revoked_at is not null
    and (session_user <> 'tocsin_web' or coalesce(tocsin_is_kept_from(person_id), false)))"""


def as_on_record(conn: Connection, sent: Sequence[Delivery]) -> list[Delivery]:
    """Return these messages as the employer's record counts them, which who took a way of hers away in vain may take out.

    For the engine. Those on such a way are left out since, and what he would read of her stands in their place.
    """
    rows = conn.execute(
        "select id, his_revoked_at from registry_contactmethod where id = any(%s) and his_revoked_at is not null",
        (list({one.contact_id for one in sent}),),
    )
    since: dict[UUID, datetime] = dict(rows.fetchall())
    is_taken = [d.contact_id in since and since[d.contact_id] <= d.made_at for d in sent]
    hidden = [one for one, is_his in zip(sent, is_taken, strict=True) if is_his]
    shown = [one for one, is_his in zip(sent, is_taken, strict=True) if not is_his]
    return with_instead(conn, hidden, shown)


def with_instead(
    conn: Connection, hidden: Sequence[Delivery], shown: Sequence[Delivery]
) -> list[Delivery]:
    """Return what this viewer is shown with what stands for what is hidden, in the order of time: no place tells which is which."""
    if not hidden:
        return list(shown)
    found = (*shown, *said_instead(conn, hidden, shown))
    return sorted(found, key=lambda d: (d.made_at, d.id))


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
        since, left = ways.get(one.person_id, (None, []))
        if wave in otherwise or since is None or one.made_at < since:
            continue
        why = LEFT_OUT[NEVER_VERIFIED]
        found += [_failed(one, way, channel, why) for way, channel, is_proven in left if not is_proven]  # fmt: skip
        if not left and wave not in on_screen:
            found.append(_failed(one, one.person_id, "", NO_WAY))
    return found


def _his_view(
    conn: Connection, people: Sequence[UUID]
) -> dict[UUID, tuple[datetime, list[tuple[UUID, str, bool]]]]:
    """Return, of whom he took a way, since when, and what he left of hers: (id, channel, did she ever answer on it)."""
    rows = conn.execute(
        f"""select person_id, id, channel, verified_at is not null, revoked_at is null and not {_TAKEN},
            case when {_TAKEN} then his_revoked_at end
        from registry_contactmethod where person_id = any(%s) order by person_id, position, id""",  # noqa: S608 - a constant
        (list(people),),
    ).fetchall()
    found: dict[UUID, tuple[datetime, list[tuple[UUID, str, bool]]]] = {}
    for person_id in people:
        hers = [row for row in rows if row[0] == person_id]
        taken = [row[5] for row in hers if row[5]]
        if taken:
            found[person_id] = min(taken), [(row[1], row[2], row[3]) for row in hers if row[4]]
    return found


def _failed(one: Delivery, way: UUID, channel: str, why: str) -> Delivery:
    # As `rules/delivery.left_out` names it: a row that stands for another has the name that a real one would have.
    reference = f"{one.reference.rpartition('.')[0]}.{way.hex}"
    return replace(
        one,
        id=named_uuid(one.incident_id, reference),
        contact_id=way,
        reference=reference,
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
