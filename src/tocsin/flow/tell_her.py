"""People were told of her case: she has a notice of it, by a way that is safe for her, quietly and at most once a day.

Of an incident she is told with the message about it. Of briefings, tasks and requests no message told her.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import QUIET_CHANNELS, Telling, tell_person
from tocsin.notifications import store_disclosures as ledger
from tocsin.notifications.rules.disclosure import NOTICE
from tocsin.notifications.store_disclosures import Unnoticed, Unsent
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.contacts import CHANNELS
from tocsin.registry.store_grants import site_of
from tocsin.runtime.ids import Ids

# What is told within an hour is one notice.
AFTER: Final = timedelta(hours=1)
AGAIN_AFTER: Final = timedelta(hours=24)
# One of which every message failed is sent once more then, and not after `AFTER`.
ONCE_MORE_AFTER: Final = timedelta(minutes=30)


def tell_her(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return the notices to protected persons, saved; from then on the ledger says when it was planned, and what became of it.

    The message says that something is there to read. Where no way to her may be used now, it is tried again. While a silent
    alarm of hers is open it waits: her phone would sound where she hides (I22). One of which every message failed is sent
    once more, first by channels that were not tried; one that a silent press held back is sent when her alarm is over.
    """
    at = alarms.now()
    changes = []
    for new in ledger.load_unnoticed(alarms.conn, at - AFTER, at - AGAIN_AFTER):
        change = _tell(alarms, new, f"{NOTICE}{ids.uuid().hex}", (), (ids, engine))
        if change:
            ledger.give_notice_of_case(alarms.conn, new.organisation_id, new.case_id, at)
            changes.append(_noted(alarms, change, new, new.lines, ids))
    since, until = at - AFTER, at - ONCE_MORE_AFTER
    for one in ledger.load_unsent(alarms.conn, since, until, at - AGAIN_AFTER):
        change = _tell(alarms, one, one.key, one.tried, (ids, engine))
        if change:
            lines = ledger.move_notice(alarms.conn, one, at)
            changes.append(_noted(alarms, change, one, lines, ids))
    return changes


def _noted(
    alarms: PostgresAlarms, change: Change, of: Unnoticed | Unsent, lines: int, ids: Ids
) -> Change:
    body = {"case": of.case_id, "count": lines}
    said = Entry(ids.uuid(), of.organisation_id, alarms.now(), "case.noticed", None, None, body)
    record.append(alarms.conn, [said])
    return change


def _tell(
    alarms: PostgresAlarms,
    of: Unnoticed | Unsent,
    key: str,
    tried: Sequence[str],
    made: tuple[Ids, str],
) -> Change | None:
    site_id: UUID | None = site_of(alarms.conn, of.organisation_id, of.protected_id)
    if site_id is None:
        return None
    telling = Telling(
        organisation_id=of.organisation_id,
        site_id=site_id,
        case_id=of.case_id,
        her_id=of.protected_id,
        key=key,
    )
    others = tuple(channel for channel in CHANNELS if channel not in tried)
    quiet = tuple(channel for channel in QUIET_CHANNELS if channel not in tried)
    ways = (*filter(None, (quiet, others)), ())
    ids, engine = made
    return tell_person(alarms, telling, of.protected_id, ids=ids, engine=engine, ways=ways)
