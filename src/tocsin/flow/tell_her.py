"""People were told of her case: she has a notice of it, by a way that is safe for her, quietly and at most once a day.

Of an incident she is told with the message about it. Of briefings, tasks and requests no message told her.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import Telling, tell_person
from tocsin.notifications import store_disclosures as ledger
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.store_grants import site_of
from tocsin.runtime.ids import Ids

# What is told within an hour is one notice.
AFTER: Final = timedelta(hours=1)
AGAIN_AFTER: Final = timedelta(hours=24)


def tell_her(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return the notices to protected persons, saved; from then on the ledger says when it was planned, and what became of it.

    The message says that something is there to read. Where no way to her may be used now, it is tried again. While a silent
    alarm of hers is open it waits: her phone would sound where she hides (I22).
    """
    at = alarms.now()
    changes = []
    for one in ledger.load_unnoticed(alarms.conn, at - AFTER, at - AGAIN_AFTER):
        change = _tell(alarms, one, ids, engine)
        if change is None:
            continue
        ledger.give_notice_of_case(alarms.conn, one.organisation_id, one.case_id, at)
        body = {"case": one.case_id, "count": one.lines}
        entry = Entry(ids.uuid(), one.organisation_id, at, "case.noticed", None, None, body)
        record.append(alarms.conn, [entry])
        changes.append(change)
    return changes


def _tell(alarms: PostgresAlarms, one: ledger.Unnoticed, ids: Ids, engine: str) -> Change | None:
    site_id: UUID | None = site_of(alarms.conn, one.organisation_id, one.protected_id)
    if site_id is None:
        return None
    telling = Telling(
        organisation_id=one.organisation_id,
        site_id=site_id,
        case_id=one.case_id,
        her_id=one.protected_id,
    )
    return tell_person(alarms, telling, one.protected_id, ids=ids, engine=engine)
