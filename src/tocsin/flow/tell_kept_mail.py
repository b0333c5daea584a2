"""Custody mail lies on this machine that could not be taken in: whoever leads is paged, at once and then once a day.

As where protection is blind: nobody knows what it says, and it may say that he is out. No party to any case is told, for
nobody knows either whose it is; and the page is there for whom it is sent to alone, as of a task.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.decisions import store_blind as blind
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import DUTY, Telling, page_duty
from tocsin.notifications.rules.due import MAIL_KEPT
from tocsin.registry.rules.policy import Step
from tocsin.registry.store_calling import slugs
from tocsin.registry.store_sites import load_sites
from tocsin.runtime.ids import Ids
from tocsin.signals.store_told import load_kept_out, load_leads

TOLD_AGAIN_AFTER: Final = timedelta(days=1)
# Several of one hour are one page, also if they come one by one: whoever sends what breaks us pages nobody all night.
_HOUR: Final = "%Y%m%d%H"
MAX_PLACES: Final = 20


def tell_kept_mail(
    alarms: PostgresAlarms, newest: Mapping[str, datetime], *, ids: Ids, engine: str = ""
) -> list[Change]:
    """Return the pages to send, saved: at each site that an open case names, else at every one, to who leads there.

    `newest`: when the last of what lies there came, by the employer's short name; one that is no employer's is nobody's here,
    and stands with the doctor. Where nobody can be told it is tried again. Where all who lead are some party, other leads hear.
    """
    employers = {slug: owner_id for owner_id, slug in slugs(alarms.conn).items()}
    changes = []
    for slug, last_at in sorted(newest.items()):
        if slug in employers:
            changes += _told(alarms, employers[slug], last_at, ids, engine)
    return changes


def mark_of(last_at: datetime, at: datetime) -> str:
    """Return what is the same for all that is told once: of the mail of one hour, for a day from then."""
    # Counted from the mail, not from midnight: two looks beside midnight are one telling.
    return f"{last_at:{_HOUR}}-{(at - last_at) // TOLD_AGAIN_AFTER}"


def _told(
    alarms: PostgresAlarms, organisation_id: UUID, last_at: datetime, ids: Ids, engine: str
) -> list[Change]:
    conn, at = alarms.conn, alarms.now()
    mark = mark_of(last_at, at)
    kept_out = load_kept_out(conn, organisation_id)
    leads = tuple(f"person:{one}" for one in load_leads(conn, organisation_id))
    steps = (*DUTY, *((Step(offset_s=0, who=leads),) if leads else ()))
    changes = []
    for site_id in _places(alarms, organisation_id):
        telling = Telling(
            organisation_id=organisation_id,
            site_id=site_id,
            case_id=None,
            kept_out=kept_out,
            text=MAIL_KEPT,
            key=f"mail-{mark}-{site_id.hex}",
        )
        if incidents.opened_since(conn, organisation_id, telling.key, at - 2 * TOLD_AGAIN_AFTER):
            continue
        paged = page_duty(alarms, telling, ids=ids, engine=engine, steps=steps)
        changes += [paged[0]] if paged else []
    return changes


def _places(alarms: PostgresAlarms, organisation_id: UUID) -> list[UUID]:
    """Return the sites of open cases; where there are none, every one: what came may be about a case that is no more."""
    cases = blind.load_open_cases(alarms.conn)
    of_cases = {site_id for _, owner_id, site_id in cases if owner_id == organisation_id}
    every = {site.id for site in load_sites(alarms.conn, organisation_id)}
    return sorted(of_cases or every)[:MAX_PLACES]
