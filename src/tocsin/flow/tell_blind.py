"""Something that protection rests on sees nothing: show it, page who leads the shift, and say so when it sees again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions import store_blind as store
from tocsin.decisions.rules.incident import Kind
from tocsin.flow.alarms import Change
from tocsin.flow.find_undrawn import find_undrawn
from tocsin.flow.find_unreadable import find_unreadable
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.tell_quietly import Telling, page_duty
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.blind import TOLD_AGAIN_AFTER, Spot, Watcher, judge

MAX_PAGES_AT_ONCE: Final = 20


def tell_blind(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return the pages to send, saved with what was found, in one transaction; a second look finds nothing new.

    Several things of one site are one page. Where nobody can be told, the screen shows it and the next look tries
    again. No party is ever told, nor is anything of a case told to one.
    """
    conn, at = alarms.conn, alarms.now()
    # All of every open case is opened at every look: 0.3 s for 2,000 cases, and what a lost key took is found by the next.
    cases = store.load_open_cases(conn)
    undrawn, damaged = find_undrawn(alarms, cases, at)
    watchers = [
        *store.load_watchers(conn, at),
        *undrawn,
        *find_unreadable(alarms, cases, at, damaged),
    ]
    judged = judge(
        watchers,
        store.load_open_spots(conn),
        store.told_since(conn, at - TOLD_AGAIN_AFTER),
        at,
        _new_ids(watchers, ids),
    )
    store.save_spots(conn, judged.changed)
    store.forget_old_spots(conn, at)
    changes = []
    for several in _by_place(judged.tell):
        change = _told(alarms, several, (Kind.BLIND, at), ids, engine)
        changes += [change] if change else []
    ended = [spot for spot in judged.back if spot.told_at]
    # Nobody is called for it: who took it out has said so, or it goes with a walk or a case.
    gone = [_said(spot, "protection.unwatched", (), at, ids) for spot in ended if spot.is_gone]
    record.append(conn, gone)
    for several in _by_place(spot for spot in ended if not spot.is_gone):
        change = _told(alarms, several, (Kind.SEES, at), ids, engine)
        changes += [change] if change else []
    return changes


def _new_ids(watchers: list[Watcher], ids: Ids) -> Iterable[UUID]:
    return (ids.uuid() for _ in watchers)


def _by_place(spots: Iterable[Spot]) -> list[list[Spot]]:
    found: dict[tuple[UUID, UUID | None], list[Spot]] = defaultdict(list)
    for spot in spots:
        found[spot.site_id, spot.case_id].append(spot)
    return list(found.values())[:MAX_PAGES_AT_ONCE]


def _told(
    alarms: PostgresAlarms,
    spots: list[Spot],
    what: tuple[Kind, datetime],
    ids: Ids,
    engine: str,
) -> Change | None:
    (kind, at), first = what, spots[0]
    shut_out = store.load_shut_out(alarms.conn, first.organisation_id, first.case_id)
    telling = Telling(
        organisation_id=first.organisation_id,
        site_id=first.site_id,
        case_id=first.case_id,
        kept_out=shut_out,
    )
    paged = page_duty(alarms, telling, ids=ids, engine=engine, kind=kind)
    told = paged[1] if paged else ()
    name = "protection.blind" if kind is Kind.BLIND else "protection.sees"
    record.append(
        alarms.conn,
        [_said(spot, name, told, at, ids) for spot in spots if told or kind is Kind.SEES],
    )
    if paged is None:
        return None
    if kind is Kind.BLIND:
        store.save_spots(alarms.conn, [replace(spot, told_at=at) for spot in spots])
    return paged[0]


def _said(spot: Spot, name: str, told: tuple[UUID, ...], at: datetime, ids: Ids) -> Entry:
    body: dict[str, object] = {
        "row": spot.subject_id,
        "what": spot.what.value,
        "site": spot.site_id,
    }
    if spot.case_id:
        body["case"] = spot.case_id
    if name == "protection.blind":
        body |= {"since": spot.since, "because": spot.because.value, "told": list(told)}
    else:
        body["blind_s"] = int((at - spot.since).total_seconds())
    return Entry(ids.uuid(), spot.organisation_id, at, name, None, None, body)
