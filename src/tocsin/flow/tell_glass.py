"""Glass was broken while nobody could be told of it: told as soon as somebody can be, however late."""

from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import Telling, tell_person
from tocsin.notifications.rules.due import GLASS
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.store_glass import Untold, load_seconds, load_untold, mark_told
from tocsin.registry.store_grants import site_of
from tocsin.runtime.ids import Ids


def tell_glass(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return the messages about broken glass of which nobody had been told, saved; [] if still nobody can be.

    It is late, so not only the first hears: everybody who may be told. Doing it twice changes nothing more.
    """
    found: list[Change] = []
    for grant in load_untold(alarms.conn):
        seconds = load_seconds(alarms.conn, *grant[1:], alarms.now())
        told = {one: _told(alarms, grant, one, ids, engine) for one in seconds}
        reached = [(one, change) for one, change in told.items() if change is not None]
        if reached:
            found += [change for _one, change in reached]
            mark_told(alarms.conn, grant.id, reached[0][0])
            record.append(alarms.conn, [_entry(alarms, grant, reached[0][0], ids)])
    return found


def _told(
    alarms: PostgresAlarms, grant: Untold, person_id: UUID, ids: Ids, engine: str
) -> Change | None:
    site_id = site_of(alarms.conn, grant.organisation_id, person_id)
    if site_id is None:
        return None
    telling = Telling(
        organisation_id=grant.organisation_id, site_id=site_id, case_id=grant.case_id, text=GLASS
    )
    return tell_person(alarms, telling, person_id, ids=ids, engine=engine)


def _entry(alarms: PostgresAlarms, grant: Untold, told_id: UUID, ids: Ids) -> Entry:
    body = {"row": grant.id, "case": grant.case_id, "person": grant.person_id, "told": told_id}
    return Entry(ids.uuid(), grant.organisation_id, alarms.now(), "grant.told", None, None, body)
