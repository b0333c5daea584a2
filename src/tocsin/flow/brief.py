"""Whoever keeps a post is asked to read what the door knows of a case, reads it, and a card of it is printed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions import store_briefings as store
from tocsin.decisions.rules.briefing import Asked, Keeper, keepers, to_ask
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import Telling, tell_person
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import Ids, uuid7

MAX_ASKED_AT_ONCE: Final = 200


def ask_to_read(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Ask whoever keeps a post now for what she has not been asked to read yet, one message a person and case."""
    at = alarms.now()
    kept = keepers_now(alarms, at)
    everybody = [(organisation_id, k) for organisation_id, ks in kept.items() for k in ks]
    case_ids = store.cases_to_ask(alarms.conn, everybody, MAX_ASKED_AT_ONCE)
    entries = store.load_entries(alarms.conn, case_ids)
    receipts = store.load_receipts(alarms.conn, case_ids)
    found: list[Asked] = []
    for organisation_id, several in kept.items():
        own = [entry for entry in entries if entry.organisation_id == organisation_id]
        found += to_ask(own, several, receipts)
    found = found[:MAX_ASKED_AT_ONCE]
    store.insert_asked(alarms.conn, found, at)
    record.append(alarms.conn, [_asked(one, at) for one in found])
    return _told(alarms, found, ids, engine)


def keepers_now(alarms: PostgresAlarms, at: datetime) -> dict[UUID, list[Keeper]]:
    """Return who keeps a post now, by organisation."""
    kept: dict[UUID, list[Keeper]] = defaultdict(list)
    for organisation_id, site_id in store.sites_with_duties(alarms.conn, at):
        facts = alarms.site_facts(organisation_id, [site_id], at).get(site_id)
        kept[organisation_id] += keepers(site_id, facts) if facts else ()
    return kept


def _told(alarms: PostgresAlarms, asked: Sequence[Asked], ids: Ids, engine: str) -> list[Change]:
    """Tell each person once, however many cases there are to read; it is shown on her page in any case.

    The ledger of each of these cases says so.
    """
    changes = []
    several: dict[UUID, list[Asked]] = defaultdict(list)
    for one in asked:
        several[one.keeper.person_id].append(one)
    for one, *others in several.values():
        cases = dict.fromkeys(other.entry.case_id for other in others)
        telling = Telling(
            organisation_id=one.entry.organisation_id,
            site_id=one.keeper.site_id,
            case_id=one.entry.case_id,
            also_cases=tuple(case_id for case_id in cases if case_id != one.entry.case_id),
            ground="briefing",
            what=("briefing",),
            kept_out=one.entry.shut_out,
        )
        change = tell_person(alarms, telling, one.keeper.person_id, ids=ids, engine=engine)
        if change:
            changes.append(change)
    return changes


def _asked(one: Asked, at: datetime) -> Entry:
    body = _body(one.entry.case_id, one.keeper.person_id, one.entry.version)
    body |= {"site": one.keeper.site_id, "because": one.because.value}
    if one.keeper.post_id:
        body["post"] = one.keeper.post_id
    return Entry(uuid7(), one.entry.organisation_id, at, "briefing.asked", None, None, body)


def _body(case_id: UUID, person_id: UUID, version: int) -> dict[str, object]:
    return {"case": case_id, "person": person_id, "version": version}


def read_briefing(conn: Connection, viewer: Viewer, case_id: UUID, *, at: datetime) -> None:
    """Write the receipt: she has read the version that holds now.

    Raises:
        Hidden: she was not asked to.
    """
    done = store.mark_read(conn, viewer.organisation_id, case_id, viewer.person_id, at)
    if done is None:
        raise Hidden
    version, site_id, post_id = done
    body = _body(case_id, viewer.person_id, version) | {"site": site_id}
    if post_id:
        body["post"] = post_id
    note(conn, viewer, "briefing.read", body, at=at)


def print_card(
    conn: Connection, viewer: Viewer, case_id: UUID, version: int, *, at: datetime
) -> None:
    """Write down that a door card is printed; called before the card is shown."""
    note(conn, viewer, "briefing.printed", {"case": case_id, "version": version}, at=at)
