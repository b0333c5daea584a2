"""What stands behind the engine when its store goes away? The shipped desk for it, around the simulator's one store.

Only what PostgreSQL and the disk do is stood in for: taking a snapshot, keeping it beside the spool, keeping rows once.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from tests.simulation.faults import SimDesk, note
from tests.simulation.history import Fact, History
from tests.simulation.script import Script, write
from tocsin.engine.brownout import Recent, SteadyDesk
from tocsin.engine.chores import SNAPSHOT_S
from tocsin.engine.desk import ALARM, SLOW, Work
from tocsin.engine.standing_by import go_on, stand_by
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.memory_holds import NotUniqueError
from tocsin.flow.snapshot import Snapshot
from tocsin.flow.standby import Standby
from tocsin.notifications.rules.delivery import ENDS, OPEN, Delivery, State
from tocsin.record.rules.entries import Entry

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
LONGEST_S: Final = 60.0


class SimSnapshots:
    """Takes snapshots of the store as PostgreSQL's are taken; the last one outlives the process, in the world."""

    def __init__(self, world: "World", desk: SimDesk, recent: Recent) -> None:
        """Begin with a predecessor's."""
        self._world, self._desk, self._recent = world, desk, recent
        self.latest: Snapshot | None = world.sealed
        self.is_ours = False
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Have one taken now."""
        self._wanted.set()

    async def run(self) -> None:
        """Take one every 30 s, for ever."""
        while True:
            self._wanted.clear()
            self._recent.begin()
            drained = self._world.gate.drained
            taken = await self._desk.do(partial(_snapshot, self._world.script.snapshot), SLOW)
            self.latest, self.is_ours = replace(taken, drained=drained), True
            self._recent.taken()
            self._world.sealed = self.latest
            with suppress(TimeoutError):
                async with asyncio.timeout(SNAPSHOT_S):
                    await self._wanted.wait()


def _snapshot(base: Snapshot, alarms: Alarms) -> Snapshot:
    assert isinstance(alarms, MemoryAlarms)
    people = tuple(replace(k, codes=alarms._codes.get(k.person.id)) for k in base.people)
    return replace(
        base,
        taken_at=alarms.now(),
        people=people,
        stints=alarms._stints,
        keys=tuple(alarms._keys),
        walks=tuple(walk for walk in alarms._walks.values() if walk.is_open),
        holds=tuple(alarms._holds.values()),
        incidents=tuple(incident for incident in alarms.incidents() if incident.is_open),
        deliveries=tuple(d for d in alarms._deliveries.values() if d.state not in ENDS),
    )


class SimKeeper:
    """The simulator's store, kept as rows are: each once."""

    double: type[Exception] = NotUniqueError

    def __init__(self, alarms: Alarms) -> None:
        """Keep in this store."""
        assert isinstance(alarms, MemoryAlarms)
        self.alarms: MemoryAlarms = alarms

    def begin(self) -> None:
        """Each row is judged when it is kept."""

    def catch_up(self, deliveries: Sequence[Delivery]) -> None:
        """Bring messages to the state that they have reached; never back from a later one."""
        for reached in deliveries:
            kept = self.alarms._deliveries.get(reached.id)
            if kept is None or kept.attempt > reached.attempt:
                continue
            if kept.state in OPEN or (kept.state is State.SENT and reached.state not in OPEN):
                sent_at = reached.sent_at or kept.sent_at
                self.alarms._put_delivery(replace(reached, sent_at=sent_at))

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Keep messages alone."""
        for one in deliveries:
            if (one.organisation_id, one.reference) not in self.alarms._references:
                self.alarms._put_delivery(one)

    def append(self, entry: Entry) -> None:
        """Keep one line of the record."""
        self.alarms.save([Change(entries=(entry,))])


class Steady:
    """One process's desk for outages: verbs run in the store, or in memory, and each is written down as it happens."""

    def __init__(self, world: "World", desk: SimDesk) -> None:
        """Belong to one process; nothing of it outlives it but the snapshot."""
        self._world, self._inner = world, desk
        self._recent = Recent()
        desk.heard = self._recent.add
        self.snapshots = SimSnapshots(world, desk, self._recent)
        self._desk = SteadyDesk(desk, self._memory, world.clock.now, self._keeper)

    @property
    def is_away(self) -> bool:
        """Return whether verbs run in memory now."""
        return self._desk.is_away

    async def do(self, work: Work[T], lane: str = ALARM) -> T:
        """Return what `work` returns, in the store or in memory."""
        return await self._desk.do(partial(self._noted, work), lane)

    async def watch(self) -> None:
        """Look for the store's return, for ever."""
        await self._desk.watch(_nothing, self._back)

    def _noted(self, work: Callable[[Alarms], T], alarms: Alarms) -> T:
        if not isinstance(alarms, Standby):
            return work(alarms)
        before = len(alarms._saved)
        result = work(alarms)
        note(self._world.history, alarms._saved[before:], "memory", alarms.now())
        return result

    def _memory(self) -> Standby | None:
        engine = self._world.engine
        assert engine
        memory = stand_by(self.snapshots, self._recent, engine, self._world.clock.now)
        self._world.history.add(self._world.loop.time(), "away", memory=memory is not None)
        return memory

    def _keeper(self, alarms: Alarms) -> SimKeeper:
        # What is handed over happened before, and was written down then.
        self._inner.is_handing_over = True
        return SimKeeper(alarms)

    async def _back(self, _away_s: float) -> None:
        self._world.history.add(self._world.loop.time(), "back")
        if self._world.engine:
            await go_on(self._world.engine, self.snapshots, self._world.gate.drained)


async def _nothing() -> None:
    """Nothing was restored."""


def without_overtaken(history: History) -> None:
    """Call *overtaken* what memory did and nobody kept: a page, or a successor, has changed that incident meanwhile.

    Its messages went out, and are kept; its incident goes on from what the other made of it.
    """
    kept = {
        entry.id
        for fact in history.of("kept", "saved")
        if fact.kind == "kept" or fact.data["by"] != "memory"
        for change in (fact.data["changes"] if fact.kind == "kept" else [fact.data["change"]])
        if isinstance(change, Change)
        for entry in change.entries
    }
    history.facts = [
        replace(fact, kind="overtaken") if _is_overtaken(fact, kept) else fact
        for fact in history.facts
    ]


def _is_overtaken(fact: Fact, kept: set[UUID]) -> bool:
    if fact.kind != "saved" or fact.data["by"] != "memory":
        return False
    ids = {entry.id for entry in fact.data["change"].entries}
    return bool(ids) and not ids & kept


def write_outage(seed: int) -> Script:
    """Return the night of this seed in which the store goes away, once or twice, for up to a minute."""
    dice = random.Random(f"outage/{seed}")
    base = write(seed)
    away: list[tuple[float, float]] = []
    at = dice.uniform(3, base.until * 0.5)
    for _ in range(dice.choice((1, 1, 2))):
        ends = at + dice.uniform(2, LONGEST_S)
        away.append((at, ends))
        at = ends + dice.uniform(1, 20)
    return replace(
        base,
        seed=f"outage-{seed}",
        todo=[do for do in base.todo if not str(do.args.get("key", "")).startswith("poisoned")],
        away=away,
        until=max(base.until, away[-1][1] + 10),
        is_steady=True,
        pages_rest_s=SNAPSHOT_S + 1,
        crash=0.0,
        lost_bells=0.0,
        steps=[],
    )
