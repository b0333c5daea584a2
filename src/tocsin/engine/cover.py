"""Will enough people be on duty, and reachable? Rosters planned ahead, gaps said before they are needed (I21), proofs."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from tocsin.engine.chores import postgres
from tocsin.engine.desk import SLOW, Desk
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.announce_gaps import AHEAD, announce_gap
from tocsin.flow.announce_unplanned import LINES, WHOLE, announce_unplanned
from tocsin.flow.plan_shifts import plan_all
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.run_drill import prove_at_start
from tocsin.registry import store_calling as calling
from tocsin.registry import store_known as known
from tocsin.registry.rules.duty import Gap, Shift, gaps
from tocsin.registry.rules.policy import Duty
from tocsin.registry.rules.usual import usual_sos
from tocsin.registry.store import load_said_gone
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids

LOOK_S: Final = 60.0
PLAN_S: Final = 6 * 3600.0
SHORTEST: Final = timedelta(minutes=1)
MAX_ANNOUNCED_AT_ONCE: Final = 20
BEGUN_AT_MOST_S_AGO: Final = 900
MAX_ASKED_AT_ONCE: Final = 50

# From midnight so many days ago: a gap that lasts keeps its beginning, and is said once, or once a day if it is older.
LOOKS_BACK: Final = timedelta(days=1)

log = logs.get("cover")


class Rosters(Protocol):
    """What is planned, of every organisation."""

    @property
    def alarms(self) -> Alarms:
        """Return the store that they are in."""
        ...

    def sites(self) -> list[tuple[UUID, UUID]]:
        """Return (organisation, site) of every site."""
        ...

    def duties(
        self, since: datetime, until: datetime
    ) -> list[tuple[UUID, datetime, datetime, Duty]]:
        """Return (site, from, to, duty) of every shift that touches this time."""
        ...

    def said_gone(self, people: Collection[UUID]) -> Collection[UUID]:
        """Return which of these people have left as somebody wrote in vain who is kept from them."""
        ...

    def was_rostered(self, site_id: UUID) -> bool:
        """Return whether somebody means this site to be covered."""
        ...

    def asking(self) -> set[UUID]:
        """Return the sites where who begins a shift is asked to prove that she is reachable."""
        ...


class PostgresRosters:
    """Rosters as rows."""

    def __init__(self, alarms: Alarms) -> None:
        """Take PostgreSQL's store.

        Raises:
            StoreAwayError: it is another one.
        """
        self.alarms: PostgresAlarms = postgres(alarms)

    def sites(self) -> list[tuple[UUID, UUID]]:
        """Return every site."""
        return [(site.organisation_id, site.id) for site in known.load_sites(self.alarms.conn)]

    def duties(
        self, since: datetime, until: datetime
    ) -> list[tuple[UUID, datetime, datetime, Duty]]:
        """Return every shift that touches this time."""
        return known.load_duties(self.alarms.conn, since, until, is_cover=True)

    def said_gone(self, people: Collection[UUID]) -> Collection[UUID]:
        """Return whom somebody wrote away in vain."""
        return load_said_gone(self.alarms.conn, people)

    def was_rostered(self, site_id: UUID) -> bool:
        """Return whether it has roster lines."""
        return known.was_rostered(self.alarms.conn, site_id)

    def asking(self) -> set[UUID]:
        """Return the sites with a policy that asks."""
        return {site for site, p in known.load_policies(self.alarms.conn) if p.prove_at_start}


class Cover:
    """Looks every minute; plans every six hours."""

    def __init__(
        self,
        desk: Desk,
        ids: Ids,
        engine: str,
        rosters: Callable[[Alarms], Rosters] = PostgresRosters,
    ) -> None:
        """`engine` is whose deliveries the announcements are."""
        self._desk, self._ids, self._engine, self._rosters = desk, ids, engine, rosters
        # By (organisation, site): what the last planning could not follow.
        self._unplanned: dict[tuple[UUID, UUID], tuple[str, str]] = {}

    async def run(
        self, publish: Callable[[list[Change]], Awaitable[None]], is_held: Callable[[], bool]
    ) -> None:
        """Look, for ever; `publish` sends what was announced. On HOLD nothing is: a restore would say it again (I8)."""
        while True:
            if not is_held():
                await publish(await self._desk.do(self._announce, SLOW))
                await publish(await self._desk.do(self.announce_unplanned, SLOW))
                await publish(await self._desk.do(self._ask, SLOW))
            await asyncio.sleep(LOOK_S)

    async def plan(self) -> None:
        """Plan the shifts of every organisation anew, for ever."""
        while True:
            planned = await self._desk.do(self._plan, SLOW)
            log.info("shifts.planned", n=planned)
            await asyncio.sleep(PLAN_S)

    def _plan(self, alarms: Alarms) -> int:
        store, planned = postgres(alarms), 0
        found: dict[tuple[UUID, UUID], tuple[str, str]] = {}
        for organisation_id in calling.slugs(store.conn):
            of_one = plan_all(store.conn, organisation_id, at=store.now())
            planned += of_one.count
            found |= {(organisation_id, s): (LINES, why) for s, why in of_one.left_out.items()}
            found |= {(organisation_id, s): (WHOLE, why) for s, why in of_one.stopped.items()}
        # Logged once, and again only after it was mended in between; people are told by `announce_unplanned`.
        for organisation_id, site_id in found.keys() - self._unplanned.keys():
            because, why = found[organisation_id, site_id]
            log.error("shifts.unplannable", site_id=str(site_id), what=because, because=why)
        self._unplanned = found
        return planned

    def announce_unplanned(self, alarms: Alarms) -> list[Change]:
        """Return the messages about what the last planning could not follow; who cannot be told is tried at each look."""
        changes: list[Change] = []
        for (organisation_id, site_id), why in self._unplanned.items():
            change = announce_unplanned(
                alarms, organisation_id, site_id, why, ids=self._ids, engine=self._engine
            )
            changes += [change] if change else []
            if len(changes) == MAX_ANNOUNCED_AT_ONCE:
                break
        return changes

    def _announce(self, alarms: Alarms) -> list[Change]:
        changes: list[Change] = []
        for organisation_id, site_id, gap in coming_gaps(self._rosters(alarms)):
            change = announce_gap(
                alarms, organisation_id, site_id, gap, ids=self._ids, engine=self._engine
            )
            if change:
                log.warning("gap.announced", site_id=str(site_id), have=gap.have)
                changes.append(change)
            # Counted are those that are new: many that were said long ago must not hide the next one.
            if len(changes) == MAX_ANNOUNCED_AT_ONCE:
                break
        return changes

    def _ask(self, alarms: Alarms) -> list[Change]:
        changes: list[Change] = []
        for organisation_id, site_id, began in begun_shifts(self._rosters(alarms)):
            change = prove_at_start(
                alarms, organisation_id, site_id, began, ids=self._ids, engine=self._engine
            )
            if change:
                changes.append(change)
            if len(changes) == MAX_ASKED_AT_ONCE:
                break
        return changes


def begun_shifts(
    rosters: Rosters,
) -> list[tuple[UUID, UUID, tuple[datetime, frozenset[UUID]]]]:
    """Return (organisation, site, (start, people)) of the shifts that began lately where the policy asks for proof.

    An engine that was away for longer asks no more: by then a lead has looked. Call-takers at their positions are not
    rung: they sit before the screen.
    """
    at = rosters.alarms.now()
    began: dict[tuple[UUID, datetime], set[UUID]] = defaultdict(set)
    for site_id, since, _until, duty in rosters.duties(at, at + SHORTEST):
        is_lately = timedelta() <= at - since <= timedelta(seconds=BEGUN_AT_MOST_S_AGO)
        if is_lately and not duty.at_position:
            began[site_id, since].add(duty.person_id)
    if not began:
        return []
    of = {site_id: organisation_id for organisation_id, site_id in rosters.sites()}
    asking = rosters.asking()
    return [
        (of[site_id], site_id, (since, frozenset(people)))
        for (site_id, since), people in sorted(began.items())
        if site_id in asking
    ]


def coming_gaps(rosters: Rosters) -> list[tuple[UUID, UUID, Gap]]:
    """Return (organisation, site, gap) of every gap now or in the next hours at a site that has a roster at all.

    A gap that runs already has the time at which it began. A site nobody ever rostered is uncovered as a whole, which
    the board says; it is not told anew every night.

    Whoever was written away in vain covers nothing here: else who wrote it would read in the silence that she still counts.
    Every lead hears of it, for who is told stands beside it; what really holds, safety leads read on its page.
    """
    at = rosters.alarms.now()
    since = at.replace(hour=0, minute=0, second=0, microsecond=0) - LOOKS_BACK
    planned: dict[UUID, list[Shift]] = defaultdict(list)
    duties = rosters.duties(since, at + AHEAD)
    gone = rosters.said_gone({duty.person_id for _site, _from, _to, duty in duties})
    for site_id, starts_at, ends_at, duty in duties:
        if duty.person_id in gone:
            continue
        planned[site_id].append(_shift(starts_at, ends_at, duty.person_id, duty.role))
    found = []
    for organisation_id, site_id in rosters.sites():
        policies = rosters.alarms.policies(organisation_id, [site_id], "sos")
        required = policies.get(site_id, usual_sos(site_id)).required_proven
        shifts = planned[site_id]
        if shifts or rosters.was_rostered(site_id):
            coming = gaps(shifts, required, starts_at=since, ends_at=at + AHEAD)
            found += [
                (organisation_id, site_id, gap)
                for gap in coming
                if gap.ends_at - max(gap.starts_at, at) >= SHORTEST
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
