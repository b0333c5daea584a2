"""What a person told waits for a person who decides: whoever leads there now is told, then who comes next.

Every such report, matched or not: who reads the employer's log, or was told, must not tell the two apart (I11). Free words
may speak of anything, so nobody hears of them who is kept from anything here; nor who reported them: she knows.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import DUTY, Telling, page_duty
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.policy import Step
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids
from tocsin.signals import store_told as store
from tocsin.signals.store_told import Told

# So long nobody has taken it on: whoever comes next is told as well.
NEXT_AFTER: Final = timedelta(minutes=3)


def tell_reports(
    alarms: PostgresAlarms, *, ids: Ids, engine: str = "", since: datetime | None = None
) -> list[Change]:
    """Return the pages to send, saved with who was told. Where nobody can be told now, it is tried again.

    `since`: only what was heard from then on (a restored database's older ones wait, I8).
    """
    at = alarms.now()
    changes = []
    for told in store.load_untold(alarms.conn, at - NEXT_AFTER, since):
        change, people = _tell(alarms, told, ids, engine)
        store.save_telling(alarms.conn, told, people, at)
        changes += [change] if change else []
    return changes


def _tell(
    alarms: PostgresAlarms, told: Told, ids: Ids, engine: str
) -> tuple[Change | None, tuple[UUID, ...]]:
    kept_out = store.load_kept_out(alarms.conn, told.organisation_id)
    telling = Telling(
        organisation_id=told.organisation_id,
        site_id=told.site_id,
        case_id=None,
        kept_out=kept_out | {told.reported_by_id},
    )
    steps = _ladder(alarms, told)
    first = told.tellings % len(steps)
    steps = (*steps[first:], *steps[:first])
    paged = page_duty(alarms, telling, ids=ids, engine=engine, steps=steps)
    if paged is None:
        return None, ()
    change, people = paged
    body = {"row": told.id, "site": told.site_id, "told": list(people)}
    entry = Entry(
        ids.uuid(),
        told.organisation_id,
        alarms.now(),
        "report.waits",
        None,
        told.reported_by_id,
        body,
    )
    record.append(alarms.conn, [entry])
    return change, people


def _ladder(alarms: PostgresAlarms, told: Told) -> tuple[Step, ...]:
    """Return who is told, one after the other: who leads, the safety lead or manager, the site's own policy, at last every lead.

    Where all who lead here are on some other side, those of other sites hear, on duty or not: it is never nobody's.
    """
    leads = store.load_leads(alarms.conn, told.organisation_id)
    last = (Step(offset_s=0, who=tuple(f"person:{one}" for one in leads)),) if leads else ()
    for kind in ("sighting", "sos"):
        found = alarms.policies(told.organisation_id, [told.site_id], kind).get(told.site_id)
        if found:
            return (*DUTY, *found.steps, *last)
    return (*DUTY, *usual_sos(told.site_id).steps, *last)
