"""What is around the shipped engine? A gate's spool, providers, people, pages; all of it from one script.

Everything here is a stand-in for hardware and people. Verbs, rules, store and engine are the shipped ones; a wrong
engine (`mutants.py`) comes in as `Shipped`.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from tests import cast
from tests.simulation import covering, holding, leaving, sighting
from tests.simulation.faults import Deaths, Life, PoisonedStore, SimDesk, committed, dice
from tests.simulation.history import History
from tests.simulation.outages import Steady, without_overtaken
from tests.simulation.people import People
from tests.simulation.providers import PROVIDERS, SimChannel
from tests.simulation.script import Do, Script
from tests.simulation.virtual_time import VirtualClock
from tests.snapshots import SLUGS, TRUE_CODE, SeededIds, device_of
from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.engine.composing import Links
from tocsin.engine.cover import Cover
from tocsin.engine.engine import Engine, Parts
from tocsin.engine.held_walks import HeldWalks
from tocsin.engine.standing_by import mark_while_kept
from tocsin.engine.telling import Telling
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.run_drill import end_drill, prove_reachable, run_drill
from tocsin.flow.snapshot import Snapshot
from tocsin.flow.walks import confirm_left
from tocsin.runtime.settings import Gateway
from tocsin.runtime.spool_format import DEVICE, INBOUND, Entry
from tocsin.signals.rules.press import Press, read_press

CALM_S: Final = 3.0
USUAL_DEADLINE_S: Final = 30.0
GATEWAYS: Final = tuple(Gateway(f"gw-{slug}", "http", slug, "", "") for slug in SLUGS.values())


@dataclass(frozen=True, slots=True)
class Shipped:
    """Which engine and which store run: the shipped ones, unless a mutant comes instead."""

    engine: type[Engine] = Engine
    store: type[MemoryAlarms] = PoisonedStore


class Gate:
    """The spool, which outlives every process, and what devices are told."""

    def __init__(self, world: "World") -> None:
        """Nothing came in yet."""
        self._world = world
        self.entries: list[Entry] = []
        self.drained = 0
        self.told: dict[tuple[str, str], tuple[str, str | None]] = {}

    def store(self, kind: int, payload: bytes) -> None:
        """Put an entry on disk; only then the sender is answered."""
        entry = Entry(len(self.entries) + 1, self._world.clock.now(), kind, payload)
        self.entries.append(entry)
        self._world.ring()

    def ring_all(self, lines: list[dict[str, Any]]) -> bool:
        """Hear from the engine what is true about some keys."""
        for line in lines:
            name = (line["p"], line["k"])
            if self.told.get(name) != (line["g"], line["by"]):
                self.told[name] = (line["g"], line["by"])
                fact = {"person": line["p"], "key": line["k"], "grade": line["g"], "by": line["by"]}
                self._world.history.add(self._world.loop.time(), "told", **fact)
        return True


class SpoolOf:
    """The engine's end of the spool, of one process."""

    def __init__(self, gate: Gate, life: Life) -> None:
        """Read what is on the disk."""
        self._gate, self._life = gate, life

    def read(self, after_seq: int, limit: int) -> list[Entry]:
        """Return the entries above a number."""
        self._life.point()
        return self._gate.entries[after_seq : after_seq + limit]

    def mark_drained(self, seq: int) -> None:
        """Remember how far we are; not synced, so that a death may lose it."""
        self._life.point()
        self._gate.drained = seq


class World:
    """One run of one script."""

    def __init__(self, script: Script, shipped: Shipped) -> None:
        """Nothing has happened yet."""
        self.script, self._shipped = script, shipped
        self.loop = asyncio.get_running_loop()
        self.history = History(script.seed)
        self.clock = VirtualClock(script.wall)
        self.ids = SeededIds(f"{script.seed}/ids")
        self.store = shipped.store(script.snapshot, self.clock.now)
        self.gate = Gate(self)
        self.sightings = sighting.Reports(self)
        self.people = People(self)
        self._deaths = Deaths(script)
        self._life: Life | None = None
        self.engine: Engine | None = None
        self._is_over = False
        # The snapshot that lies beside the spool, sealed.
        self.sealed: Snapshot | None = None
        self.steady: Steady | None = None

    # --- the engine's process -------------------------------------------------------------------

    async def _supervise(self) -> None:
        number = 0
        while not self._is_over:
            number += 1
            since = self.loop.time()
            name = f"engine-{number}" if self.script.changes_name else "engine"
            life = Life(self._deaths)
            engine = self._make(name, life)
            self._life, self.engine = life, engine
            running = asyncio.create_task(engine.run())
            noting = asyncio.create_task(self._note_ready(engine, since))
            await life.end.wait()
            self.engine = None
            running.cancel()
            noting.cancel()
            await asyncio.gather(running, noting, return_exceptions=True)
            # The sends under way end with their process, or their time-outs would go off in a dead one.
            await engine.outbox.close()
            self.history.add(self.loop.time(), "died", engine=name)
            self.history.outages.append([self.loop.time(), 1e9])
            await asyncio.sleep(dice(self.script.seed, "down", number).uniform(0.3, 4))

    async def _note_ready(self, engine: Engine, since: float) -> None:
        if not self.history.outages:
            self.history.outages.append([since, 1e9])
        await engine.ready.wait()
        self.history.outages[-1][1] = self.loop.time()
        self.history.add(self.loop.time(), "ready")

    def _make(self, name: str, life: Life) -> Engine:
        inner = SimDesk(self.store, self.history, self.script, life)
        steady = self.steady = Steady(self, inner) if self.script.is_steady else None
        desk = steady or inner
        spool = SpoolOf(self.gate, life)
        channels = {
            kind: SimChannel(kind, self.script, self.history, life, self.people.got)
            for kind in PROVIDERS
        }
        telling = Telling(desk, self.gate, lambda *_: None)  # type: ignore[arg-type]
        parts = Parts(
            name=name,
            desk=desk,
            spool=spool,
            mark_drained=mark_while_kept(
                lambda: bool(steady and steady.is_away), spool.mark_drained
            ),
            drained=self.gate.drained,
            channels=channels,
            links=Links(lambda _organisation, delivery: f"https://t.example/a#{delivery}"),
            telling=telling,
            clock=self.clock,
            ids=self.ids,
            gateways=GATEWAYS,
        )
        chores: list[Callable[[], Coroutine[Any, Any, None]]] = []
        if steady:
            chores += [steady.watch, steady.snapshots.run]
        if self.script.snapshot.plans:
            held = HeldWalks(desk, self.ids, name)
            chores.append(partial(held.run, self._publish, lambda: False))
        if self.script.is_covered:
            cover = Cover(inner, self.ids, name, covering.SimRosters)
            chores.append(partial(cover.run, self._publish, lambda: False))
        if self.script.cases:
            chores.append(partial(self.sightings.run, inner, name, self._publish))
        parts.housekeeping = chores
        return self._shipped.engine(parts)

    async def _publish(self, changes: list[Change]) -> None:
        if self.engine:
            await self.engine.publish(changes)

    def ring(self) -> None:
        """Ring the engine's bell for the spool; some rings are lost."""
        heard = dice(self.script.seed, "ring", self.loop.time()).random() >= self.script.lost_bells
        if self.engine and heard:
            self.engine.ring()

    def web(self, work: Callable[[Alarms], Any], about: tuple[UUID, UUID] | None = None) -> Any:
        """Return what a page's verb returns, None while the store is away; then ring the engine."""
        now, rest_s = self.loop.time(), self.script.pages_rest_s
        if any(starts - rest_s <= now < ends for starts, ends in self.script.away):
            return None
        if rest_s and self.steady and self.steady.is_away:
            return None
        result = committed(self.store, self.history, work, "page")
        heard = dice(self.script.seed, "look", now).random() >= self.script.lost_bells
        if self.engine and heard:
            self.engine.look(about)
        return result

    # --- the night ------------------------------------------------------------------------------

    async def run(self) -> History:
        """Play the script to its end, then let everything come to rest."""
        supervisor = asyncio.create_task(self._supervise())
        steps = asyncio.create_task(self._step_clock())
        deaths = asyncio.create_task(self._die())
        if not self.script.is_steady:
            self.history.outages += [[a, b + 0.5] for a, b in self.script.away]
        self.history.outages.append([0.0, 1e9])
        for do in self.script.todo:
            await self._until(do.at)
            self._do(do)
        await self._until(self.script.until)
        await self._calm()
        self._is_over = True
        await self._restart()
        supervisor.cancel()
        steps.cancel()
        deaths.cancel()
        self.people.stop()
        self.history.seconds = self.loop.time()
        for incident in self.store.incidents():
            self.history.incidents[incident.id] = incident
            self.history.last |= {d.id: d for d in self.store.deliveries(incident.id)}
        without_overtaken(self.history)
        return self.history

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - self.loop.time()))

    async def _step_clock(self) -> None:
        for moment, seconds in self.script.steps:
            await self._until(moment)
            self.clock.step(seconds)
            self.history.add(self.loop.time(), "clock", seconds=seconds)

    async def _die(self) -> None:
        for moment in self.script.dies_at:
            await self._until(moment)
            if self._life:
                self._life.end.set()

    async def _calm(self) -> None:
        """End everything as people would, then wait until the last deadline is over."""
        self._deaths.is_over = True
        self.people.stop()
        await asyncio.sleep(CALM_S)
        for hold in self.store.open_holds(cast.HARBOUR_EMS, person_id=cast.PROTECTED.id):
            self.press(Do(0, "decline", cast.PROTECTED, {"key": f"calm-{hold.id.hex[-8:]}"}))
        for who in cast.EVERYBODY:
            if self.store.open_walk(who.organisation_id, who.id):
                self.press(Do(0, "end", who, {"key": "end-of-night", "code": TRUE_CODE}))
        await asyncio.sleep(CALM_S)
        for incident in list(self.store.incidents()):
            if incident.is_open:
                self._end(incident)
        self.history.add(self.loop.time(), "calm")
        await asyncio.sleep(USUAL_DEADLINE_S + CALM_S)

    def _end(self, incident: Incident) -> None:
        organisation_id, incident_id = incident.organisation_id, incident.id
        if incident.is_drill:
            self.history.add(self.loop.time(), "drill ended", incident=incident_id)
            about = (organisation_id, incident_id)
            self.web(lambda a: end_drill(a, *about, ids=self.ids), about)
            return
        # Her code ends no incident in which he was seen.
        is_hers = incident.kind is Kind.WALK and not incident.case_ids
        # Nor one in which her duress code was heard.
        is_hers = is_hers or organisation_id == cast.ORCHARD_STORES
        if is_hers and not incident.is_under_duress:
            who = self.people.named(incident.person_id)
            self.press(Do(0, "cancel", who, {"key": f"calm-{who.short_name}", "code": TRUE_CODE}))
            return
        both = [
            p
            for p in (cast.SHIFT_LEAD, cast.DISPATCHER, cast.GUARD, cast.SAFETY_LEAD)
            if p.id != incident.person_id and not self.people.has_no_part(p.id, incident.person_id)
        ]
        for who in both[:2]:
            there = replace(who, organisation_id=organisation_id)
            self.people.act(there, incident_id, "over", "page")

    async def _restart(self) -> None:
        """Kill the engine once more: what is over must not be sent again (I8)."""
        self.history.add(self.loop.time(), "restart")
        self._is_over = False
        if self._life:
            self._life.end.set()
        await asyncio.sleep(7)
        self._is_over = True

    # --- what people do -------------------------------------------------------------------------

    def _do(self, do: Do) -> None:
        organisation_id, by = do.who.organisation_id, do.who.id
        match do.what:
            case "drill" | "proof":
                verb = run_drill if do.what == "drill" else prove_reachable
                site = cast.HARBOUR.id
                self.web(lambda a: verb(a, organisation_id, site, by=by, ids=self.ids))
            case "confirm":
                self._confirm(organisation_id, by)
            case "look" | "roster":
                holding.do(self, do)
            case "plan":
                covering.do(self, do)
            case "seen" | "compare" | "custody":
                sighting.do(self, do)
            case leaving.LEAVES | leaving.SHUT_OUT:
                leaving.do(self, do)
            case "act":
                self.people.planned(do)
            case _:
                self.press(do)
                self._repeat(do)

    def _confirm(self, organisation_id: UUID, person_id: UUID) -> None:
        walk = self.store.open_walk(organisation_id, person_id)
        if walk and walk.watcher_id:
            watcher = walk.watcher_id
            self.history.add(self.loop.time(), "confirmed", walk=walk.id)
            self.web(
                lambda a: confirm_left(a, organisation_id, walk.id, by=watcher, ids=self.ids),
                (organisation_id, walk.id),
            )

    def press(self, do: Do) -> None:
        """Let a device press: the gate takes it, as it is, with the very bytes that a device sends."""
        said = {"key": do.args["key"], "act": do.what}
        said |= {
            name: do.args[name] for name in ("code", "of", "timer_s", "silent") if name in do.args
        }
        if do.args.get("watcher"):
            said["watcher"] = str(do.args["watcher"])
        if do.args.get("odd"):
            said |= {"way": ["not", "a", "text"], "timer_s": "soon", "note": "\ud800\x00", "x": {}}
        device = do.args.get("device") or device_of(do.who)
        names = (do.who.organisation_id, do.who.id, device)
        body = json.dumps(said).encode()
        press = read_press(
            body,
            organisation_id=names[0],
            person_id=names[1],
            device_id=names[2],
            received_at=self.clock.now(),
        )
        assert press is not None
        self._stored(press)
        self.gate.store(DEVICE, b"".join(name.bytes for name in names) + body)

    def _stored(self, press: Press) -> None:
        self.history.add(self.loop.time(), "stored", press=press)

    def _repeat(self, do: Do) -> None:
        luck = dice(self.script.seed, "repeat", do.args["key"])
        for _ in range(luck.choice((0, 0, 1, 2))):
            self.loop.call_later(luck.uniform(0.05, 30), self._again, do)

    def _again(self, do: Do) -> None:
        if self.loop.time() < self.script.until:
            self.press(do)

    def text(self, who: cast.Player, words: str, name: str) -> None:
        """Let a gateway hand in a text message."""
        head = {"gateway": f"gw-{SLUGS[who.organisation_id]}", "path": "/in", "headers": {}}
        fields = {"from": who.phone, "text": words, "id": name}
        self.gate.store(INBOUND, json.dumps(head).encode() + b"\n" + urlencode(fields).encode())
