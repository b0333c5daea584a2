"""How does an engine come to its store in memory, and go on when PostgreSQL is back?

`Assembly` puts this together for production, the simulator for its nights: one code.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tocsin.engine.brownout import Recent
from tocsin.engine.desk import POST, StoreAwayError
from tocsin.engine.engine import Engine
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.snapshot import Snapshot
from tocsin.flow.standby import Standby
from tocsin.flow.stop_asking import stop_asking
from tocsin.runtime import logs

log = logs.get("standing_by")


class Latest(Protocol):
    """The latest snapshot. `is_ours`: taken by this process, not by a predecessor."""

    latest: Snapshot | None
    is_ours: bool

    def want(self) -> None:
        """Have one taken now."""
        ...


def stand_by(
    snapshots: Latest, recent: Recent, engine: Engine, clock: Callable[[], datetime]
) -> Standby | None:
    """Return the store in memory as of now, or None if there never was a snapshot."""
    snapshot = snapshots.latest
    if snapshot is None:
        return None
    memory = Standby(snapshot, clock)
    memory.learn(recent.all())
    memory.learn([Change(walk=walk) for walk in engine.composer.ended_walks()])
    held = memory.versions()
    for incident in engine.composer.all_known():
        if incident.is_open or incident.id in held:
            memory.learn_incident(incident)
    # Under way, or tried and not kept yet.
    memory.learn_in_hand(
        [*engine.outbox.in_hand(), *(tried for tried, _ in engine.settling.attempts)]
    )
    if not snapshots.is_ours:
        # A predecessor's: what it took in between its snapshot and its end is in the spool only.
        engine.read_again(snapshot.drained)
    return memory


def mark_while_kept(
    is_away: Callable[[], bool], mark: Callable[[int], None]
) -> Callable[[int], None]:
    """Return `mark` for the times when PostgreSQL is there: without it the spool is the only durable copy."""

    def marking(seq: int) -> None:
        if not is_away():
            mark(seq)

    return marking


async def go_on(engine: Engine, snapshots: Latest, drained: int) -> None:
    """Read again what came in from `drained` on, look for what pages did, have a new snapshot taken.

    An engine that started without PostgreSQL took its predecessor's leases back in memory only: now in the rows too.
    What memory asked about a walk that a page had ended before is over: who was called hears so.
    """
    engine.read_again(drained)
    snapshots.want()
    # Away again: then the next return does it, or the end of the lease.
    with suppress(StoreAwayError):
        await engine.take_back()
    engine.look()
    for incident in engine.composer.all_known():
        if incident.is_open and incident.walk_id:
            about = (incident.organisation_id, incident.walk_id)
            await _stop_asking(engine, about)


async def _stop_asking(engine: Engine, about: tuple[UUID, UUID]) -> None:
    def work(alarms: Alarms) -> Change | None:
        return stop_asking(alarms, *about, ids=engine.parts.ids, engine=engine.parts.name)

    try:
        change = await engine.parts.desk.do(work, POST)
    except Exception:
        # It goes on calling, which somebody hears; the watch over the store must go on too.
        log.exception("walk.not_stopped", walk_id=str(about[1]))
        return
    if change:
        await engine.publish([change])
