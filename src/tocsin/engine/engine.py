"""How does an alarm run? The loops of one engine: intake, sending, settling, time, housekeeping.

Everything comes in from outside (desk, spool, channels, clock, ids, bells), so that the simulator runs this very code in
virtual time. A loop that breaks an invariant is logged, recorded and started again; the others go on.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.engine.aside import keep_aside, of_entry, of_said
from tocsin.engine.composing import Composer, Links
from tocsin.engine.desk import ALARM, CLOCK, POST, Desk, StoreAwayError
from tocsin.engine.elsewhere import look_up, walk_time
from tocsin.engine.intake import SpoolReader, Taken, runs_of, sort_out, take
from tocsin.engine.outbox import Outbox, is_cancelled
from tocsin.engine.settling import SETTLE_AFTER_S, Settling
from tocsin.engine.telling import Telling
from tocsin.engine.timers import HORIZON_S, Timers
from tocsin.flow.alarms import Alarms, Change, Waiting
from tocsin.flow.let_time_pass import let_time_pass
from tocsin.flow.open_held_walks import hold_due
from tocsin.notifications.rules.delivery import LEASE_S, State
from tocsin.notifications.rules.due import next_due
from tocsin.notifications.rules.message import Channel
from tocsin.runtime import logs
from tocsin.runtime.clock import Clock
from tocsin.runtime.ids import Ids
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import Entry
from tocsin.signals.rules.hold import Hold
from tocsin.signals.rules.walk import CONFIRMED

SWEEP_S: Final = 1.0
RENEW_S: Final = 5.0
# Small enough that one batch is saved well within the desk's patience, large enough to share its round trips.
READ_AT_ONCE: Final = 32
CLAIM_AT_ONCE: Final = 500
AGAIN_S: Final = 0.25

DUE: Final = {"incident": let_time_pass, "walk": walk_time, "hold": hold_due}

log = logs.get("engine")


@dataclass(slots=True)
class Parts:
    """Everything that an engine is made of."""

    name: str
    desk: Desk
    spool: SpoolReader
    mark_drained: Callable[[int], None]
    drained: int
    channels: Mapping[str, Channel]
    links: Links
    telling: Telling
    clock: Clock
    ids: Ids
    gateways: Sequence[Gateway] = ()
    at_once: Mapping[str, int] = field(default_factory=dict)
    housekeeping: Sequence[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=tuple)
    settle_after_s: float = SETTLE_AFTER_S


@dataclass(frozen=True, slots=True)
class Moment:
    """The store's time `at` when this machine's monotonic clock said `began`."""

    at: datetime
    began: float


class Engine:
    """One engine. `run` until cancelled; `ring` when the spool has something, `look` when a page changed something."""

    def __init__(self, parts: Parts) -> None:
        """Nothing runs yet."""
        self.parts = parts
        self._made_at = parts.clock.now()
        self.composer = Composer(parts.desk, parts.clock, parts.links)
        self.settling = Settling(
            parts.desk, parts.telling, self.composer.known, parts.settle_after_s
        )
        self.outbox = Outbox(parts.channels, self.composer, self.settling.attempted, parts.at_once)
        self.timers = Timers(parts.clock)
        self._spool_rung = asyncio.Event()
        self._look = asyncio.Event()
        self._changed_elsewhere: set[tuple[UUID, UUID]] = set()
        self._drained = parts.drained
        self._read_from: int | None = None
        self.ready = asyncio.Event()
        # HOLD (I8): nothing that is older than this is sent or escalated, until a person lets the engine go.
        self.held_since: datetime | None = None

    # --- bells -------------------------------------------------------------------------------------------

    def ring(self) -> None:
        """Say that the spool may have something."""
        self._spool_rung.set()

    def read_again(self, drained: int) -> None:
        """Read the spool from here on once more: after a time in memory, for whom the snapshot did not know.

        What was raised meanwhile is known by its key and is not raised twice.
        """
        # Only noted: a batch that is under way must not set the mark past it.
        self._read_from = drained if self._read_from is None else min(drained, self._read_from)
        self._spool_rung.set()

    def look(self, about: tuple[UUID, UUID] | None = None) -> None:
        """Say that a page may have made or changed something; `about`: which (organisation, incident)."""
        if about:
            self._changed_elsewhere.add(about)
        self._look.set()

    # --- running -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take back what a dead predecessor held, then run every loop until cancelled."""
        await self._patiently("start", self._start)
        self.ready.set()
        loops = {
            "intake": self._intake,
            "outbox": self._claim,
            "settle": self.settling.run,
            "clock": self._clock,
            "sweep": self._sweep,
            "renew": self._renew,
            "telling": self.parts.telling.run,
        }
        async with asyncio.TaskGroup() as group:
            for name, loop in loops.items():
                group.create_task(self._patiently(name, loop), name=name)
            for number, chore in enumerate(self.parts.housekeeping):
                group.create_task(self._patiently(f"chore-{number}", chore), name=f"chore-{number}")

    async def _patiently(self, name: str, loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a loop again when it breaks: one defect must not stop the others, nor this one for good."""
        is_told = False
        while True:
            try:
                await loop()
            except StoreAwayError:
                # Once: an outage of ten minutes would be thousands of lines.
                if not is_told:
                    log.warning("store.away", loop=name)
                is_told = True
            except (Exception, asyncio.CancelledError) as problem:
                # A task group takes a cancelled loop for one that has ended well: nobody would run it again.
                if isinstance(problem, asyncio.CancelledError) and is_cancelled():
                    raise
                log.exception("loop.broken", loop=name)
            else:
                return
            await asyncio.sleep(AGAIN_S)

    async def take_back(self) -> None:
        """Take back what a dead predecessor holds, when the store is back that was away as this engine started.

        Its leases began before this engine did. What is in hand here is left, whatever the clocks say.
        """
        until = self._made_at + timedelta(seconds=LEASE_S)
        mine = {*self.outbox.held(), *(tried.id for tried, _ in self.settling.attempts)}
        name = self.parts.name
        taken_back = await self.parts.desk.do(
            lambda alarms: alarms.release(name, until, mine), ALARM
        )
        if taken_back:
            log.info("engine.took_back", taken_back=taken_back)

    async def _start(self) -> None:
        taken_back = await self.parts.desk.do(lambda alarms: alarms.release(self.parts.name), ALARM)
        await self._load_timers()
        log.info("engine.started", taken_back=taken_back, drained=self._drained)

    # --- intake ------------------------------------------------------------------------------------------

    async def _intake(self) -> None:
        while True:
            await self.settling.caught_up()
            if self._read_from is not None:
                self._drained, self._read_from = min(self._drained, self._read_from), None
            entries = self.parts.spool.read(self._drained, READ_AT_ONCE)
            if entries:
                await self._take(entries)
                continue
            self._spool_rung.clear()
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._spool_rung.wait()
            except TimeoutError:
                continue

    async def _take(self, entries: Sequence[Entry]) -> None:
        said, odd = sort_out(entries, self.parts.gateways)
        for run in runs_of(said):
            try:
                await self._publish(await self._do(run))
                # What goes out first goes before the books are kept.
                await asyncio.sleep(0)
            except StoreAwayError:
                raise
            except Exception:
                log.exception("run.poisoned", n=len(run) if isinstance(run, list) else 1)
                await self._one_by_one(run if isinstance(run, list) else [run])
        # After all the others: nobody's alarm waits for what says nothing.
        await keep_aside(self.parts.desk, [of_entry(one, self.parts.gateways) for one in odd])
        self._drained = entries[-1].seq
        if self._read_from is None:
            self.parts.mark_drained(self._drained)

    async def _one_by_one(self, presses: Sequence[Any]) -> None:
        for press in presses:
            try:
                await self._publish(await self._do(runs_of([press])[0]))
            except StoreAwayError:
                raise
            except Exception:
                log.exception("press.poisoned", key=getattr(press, "key", None))
                await keep_aside(self.parts.desk, [of_said(press)])

    async def _do(self, run: Any) -> tuple[Taken, Moment]:
        def work(alarms: Alarms) -> tuple[Taken, Moment]:
            # Measured here: a desk that has just found the store away has waited first, and is no later for it.
            began = self.parts.clock.monotonic()
            taken = take(alarms, run, self.parts.ids, self.parts.name)
            return taken, Moment(alarms.now(), began)

        return await self.parts.desk.do(work, ALARM)

    async def _publish(self, done: tuple[Taken, Moment]) -> None:
        """After the commit: send, wait for what comes next, tell."""
        taken, moment = done
        await self._publish_changes(taken.changes, moment)
        for press, word in taken.answers:
            self.parts.telling.answer(press, word)

    async def publish(self, changes: Sequence[Change]) -> None:
        """Send, wait for and tell of what a chore has changed just now."""
        clock = self.parts.clock
        await self._publish_changes(changes, Moment(clock.now(), clock.monotonic()))

    async def _publish_changes(self, changes: Sequence[Change], moment: Moment) -> None:
        # The store's time now: its clock when the transaction began, and what went by since.
        store_now = moment.at + timedelta(seconds=self.parts.clock.monotonic() - moment.began)
        for change in changes:
            try:
                self._learn(change, store_now)
            except Exception:
                # Its messages go out all the same, and everybody else's.
                log.exception("change.broken")
        leased = [d for change in changes for d in change.deliveries if d.state is State.LEASED]
        await self.outbox.put(leased)

    def _learn(self, change: Change, store_now: datetime) -> None:
        """Stop what need not be sent any more, wait for what comes next, tell."""
        walk, incident = change.walk, change.incident
        if incident:
            if change.stop_sending:
                self.outbox.stop_incident(incident.id)
            for person_id in change.answered:
                self.outbox.stop_incident(incident.id, person_id)
            self.outbox.stop(change.held_back)
            self._wait_for(incident, store_now)
            self.parts.telling.changed(incident)
        if walk and walk.is_open and walk.state == "open":
            ends = (walk.timer_set_at, walk.due_at)
            self.timers.set(Waiting("walk", walk.organisation_id, walk.id, *ends), store_now)
        elif walk and walk.ended_how == CONFIRMED:
            self.composer.know_ended(walk)
            self.parts.telling.walk_ended(walk)
        for hold in change.holds:
            self._wait_for_hold(hold, store_now)

    def _wait_for(self, incident: Incident, store_now: datetime) -> None:
        self.composer.know(incident)
        due, organisation_id = next_due(incident), incident.organisation_id
        if due:
            self.timers.set(Waiting("incident", organisation_id, incident.id, *due), store_now)
        else:
            self.timers.drop("incident", incident.id)

    def _wait_for_hold(self, hold: Hold, store_now: datetime) -> None:
        if hold.due_at and hold.due_set_at:
            due = Waiting("hold", hold.organisation_id, hold.id, hold.due_set_at, hold.due_at)
            self.timers.set(due, store_now)
        else:
            self.timers.drop("hold", hold.id)
        self.parts.telling.way(hold)

    # --- sending -----------------------------------------------------------------------------------------

    async def _claim(self) -> None:
        while True:
            claimed = await self.parts.desk.do(
                lambda alarms: alarms.claim(
                    self.parts.name, CLAIM_AT_ONCE, alarms.now(), self.held_since
                ),
                POST,
            )
            await self.outbox.put(claimed)
            if len(claimed) == CLAIM_AT_ONCE:
                continue
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._look.wait()
            except TimeoutError:
                continue
            self._look.clear()
            await self._load_timers()
            await self._take_over()

    async def _take_over(self) -> None:
        """Know, tell and time what a page has changed: an old state told later would be a lie to her (I15).

        Each in a transaction of its own, not at once: a load locks its incident, and pages lock one of them too.
        """
        while self._changed_elsewhere:
            about = self._changed_elsewhere.pop()
            began = self.parts.clock.monotonic()
            try:
                change, at = await self.parts.desk.do(partial(look_up, about), POST)
            except StoreAwayError:
                self._changed_elsewhere.add(about)
                raise
            except Exception:
                log.exception("incident.poisoned", incident_id=str(about[1]))
                continue
            if change:
                await self._publish_changes([change], Moment(at, began))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            if held := self.outbox.held():
                # What a page ended without its bell being heard must not go out any more.
                renew = partial(self._renew_leases, held)
                self.outbox.renewed(*await self.parts.desk.do(renew, POST))

    def _renew_leases(self, held: list[UUID], alarms: Alarms) -> tuple[list[UUID], datetime]:
        return alarms.renew(self.parts.name, held, alarms.now()), alarms.now()

    # --- time --------------------------------------------------------------------------------------------

    async def _load_timers(self) -> None:
        def load(alarms: Alarms) -> tuple[list[Waiting], datetime]:
            now = alarms.now()
            return alarms.waiting(now + timedelta(seconds=HORIZON_S), self.held_since), now

        waiting, now = await self.parts.desk.do(load, CLOCK)
        self.timers.set_all(waiting, now)

    async def _clock(self) -> None:
        while True:
            waiting = await self.timers.next()
            try:
                change, moment = await self.parts.desk.do(partial(self._pass, waiting), CLOCK)
            except StoreAwayError:
                self.timers.set(waiting, waiting.due_at)
                raise
            if change:
                await self._publish_changes([change], moment)
            else:
                await self._load_timers()

    def _pass(self, waiting: Waiting, alarms: Alarms) -> tuple[Change | None, Moment]:
        began = self.parts.clock.monotonic()
        what = (waiting.organisation_id, waiting.id, waiting.due_at)
        change = DUE[waiting.kind](alarms, *what, ids=self.parts.ids, engine=self.parts.name)
        return change, Moment(max(alarms.now(), waiting.due_at), began)

    async def _sweep(self) -> None:
        """End what nobody saw in time, and look for due times that no bell told of."""
        while True:
            await asyncio.sleep(SWEEP_S)
            await self.settling.expire()
            await self._load_timers()
