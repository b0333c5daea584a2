"""Will enough people be on duty, and reachable? Rosters planned ahead, gaps said before they are needed (I21), proofs."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.engine.chores import postgres
from tocsin.engine.desk import SLOW, Desk
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.announce_gaps import AHEAD, announce_gap
from tocsin.flow.plan_shifts import plan_all
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.run_drill import prove_at_start
from tocsin.registry import store_calling as calling
from tocsin.registry import store_known as known
from tocsin.registry.rules.duty import Gap, Shift, gaps
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids

LOOK_S: Final = 60.0
PLAN_S: Final = 6 * 3600.0
SHORTEST: Final = timedelta(minutes=1)
MAX_ANNOUNCED_AT_ONCE: Final = 20
BEGUN_AT_MOST_S_AGO: Final = 900
MAX_ASKED_AT_ONCE: Final = 50

log = logs.get("cover")


class Cover:
    """Looks every minute; plans every six hours."""

    def __init__(self, desk: Desk, ids: Ids, engine: str) -> None:
        """`engine` is whose deliveries the announcements are."""
        self._desk, self._ids, self._engine = desk, ids, engine

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Look, for ever; `publish` sends what was announced. On HOLD nothing is: a restore would say it again (I8)."""
        while True:
            if not is_held():
                await publish(await self._desk.do(self._announce, SLOW))
                await publish(await self._desk.do(self._ask, SLOW))
            await asyncio.sleep(LOOK_S)

    async def plan(self) -> None:
        """Plan the shifts of every organisation anew, for ever."""
        while True:
            planned = await self._desk.do(_plan, SLOW)
            log.info("shifts.planned", n=planned)
            await asyncio.sleep(PLAN_S)

    def _announce(self, alarms: Alarms) -> list[Change]:
        store = postgres(alarms)
        changes = []
        for organisation_id, site_id, gap in coming_gaps(store)[:MAX_ANNOUNCED_AT_ONCE]:
            change = announce_gap(
                store, organisation_id, site_id, gap, ids=self._ids, engine=self._engine
            )
            if change:
                log.warning("gap.announced", site_id=str(site_id), have=gap.have)
                changes.append(change)
        return changes

    def _ask(self, alarms: Alarms) -> list[Change]:
        store = postgres(alarms)
        asked = (
            prove_at_start(
                store, organisation_id, site_id, began, ids=self._ids, engine=self._engine
            )
            for organisation_id, site_id, began in begun_shifts(store)[:MAX_ASKED_AT_ONCE]
        )
        return [change for change in asked if change]


def begun_shifts(
    store: PostgresAlarms,
) -> list[tuple[UUID, UUID, tuple[datetime, frozenset[UUID]]]]:
    """Return (organisation, site, (start, people)) of the shifts that began lately where the policy asks for proof.

    An engine that was away for longer asks no more: by then a lead has looked. Call-takers at their positions are not
    rung: they sit before the screen.
    """
    at = store.now()
    began: dict[tuple[UUID, datetime], set[UUID]] = defaultdict(set)
    for site_id, since, _until, duty in known.load_duties(store.conn, at, at + SHORTEST):
        is_lately = timedelta() <= at - since <= timedelta(seconds=BEGUN_AT_MOST_S_AGO)
        if is_lately and not duty.at_position:
            began[site_id, since].add(duty.person_id)
    if not began:
        return []
    of = {site.id: site.organisation_id for site in known.load_sites(store.conn)}
    asking = {site_id for site_id, p in known.load_policies(store.conn) if p.prove_at_start}
    return [
        (of[site_id], site_id, (since, frozenset(people)))
        for (site_id, since), people in sorted(began.items())
        if site_id in asking
    ]


def coming_gaps(store: PostgresAlarms) -> list[tuple[UUID, UUID, Gap]]:
    """Return (organisation, site, gap) of every gap in the next hours at a site that has a roster at all.

    A site nobody ever rostered is uncovered as a whole, which the board says; it is not told anew every night.
    """
    at = store.now()
    planned: dict[UUID, list[Shift]] = defaultdict(list)
    for site_id, since, until, duty in known.load_duties(store.conn, at, at + AHEAD):
        planned[site_id].append(_shift(since, until, duty.person_id, duty.role))
    found = []
    for site in known.load_sites(store.conn):
        policies = calling.load_policies(store.conn, site.organisation_id, [site.id], "sos")
        required = policies.get(site.id, usual_sos(site.id)).required_proven
        shifts = planned[site.id]
        if shifts or known.was_rostered(store.conn, site.id):
            coming = gaps(shifts, required, starts_at=at, ends_at=at + AHEAD)
            found += [
                (site.organisation_id, site.id, gap)
                for gap in coming
                if gap.ends_at - gap.starts_at >= SHORTEST
            ]
    return found


def _shift(since: datetime, until: datetime, person_id: UUID, role: str) -> Shift:
    return Shift(
        person_id=person_id,
        role=role,
        starts_at=since,
        ends_at=until,
        local_start=since,
        local_end=until,
        source="planned",
    )


def _plan(alarms: Alarms) -> int:
    store = postgres(alarms)
    organisations = calling.slugs(store.conn)
    return sum(
        plan_all(store.conn, organisation_id, at=store.now()) for organisation_id in organisations
    )
