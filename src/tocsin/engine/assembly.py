"""What is a production engine made of? Everything put together, once."""

import asyncio
import json
from collections.abc import Callable, Collection, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from tocsin.decisions.rules.incident import Incident
from tocsin.engine.blindness import Blindness
from tocsin.engine.brownout import Recent, SteadyDesk
from tocsin.engine.chores import Heartbeat, Sealer, Snapshots, Strangers, note_everywhere, postgres
from tocsin.engine.composing import Links
from tocsin.engine.cover import Cover
from tocsin.engine.desk import KEEP, SLOW, PostgresDesk, StoreAwayError
from tocsin.engine.elsewhere import open_and_confirmed, to_be_told
from tocsin.engine.engine import AGAIN_S, Engine, Parts
from tocsin.engine.erasing import Erasing
from tocsin.engine.held_walks import HeldWalks
from tocsin.engine.keeping_time import KeepingTime
from tocsin.engine.kept_custody import KeptCustody
from tocsin.engine.ordering import Ordering
from tocsin.engine.safeguarding import Safeguarding
from tocsin.engine.sightings import Sighted
from tocsin.engine.spool_damage import SpoolDamage
from tocsin.engine.standing_by import go_on, mark_while_kept, stand_by
from tocsin.engine.telling import Telling
from tocsin.engine.telling_blocked import TellingBlocked
from tocsin.engine.telling_drills import TellingDrills
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.standby import Standby
from tocsin.notifications.channels.catalogue import at_once, open_channels
from tocsin.notifications.channels.http import HttpClient
from tocsin.notifications.rules.message import ChannelError, Message
from tocsin.registry.store_calling import slugs
from tocsin.runtime import doorbell, logs, spool, tables
from tocsin.runtime.clock import SystemClock, WallClock
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, secret
from tocsin.runtime.keys import Keys, watch_masters
from tocsin.runtime.links import answer_link
from tocsin.runtime.settings import Gateway, Settings
from tocsin.signals.rules.walk import Walk

NAME: Final = "engine-name"
LIVE_CHANNEL: Final = "tocsin_live"
SLUGS_S: Final = 10.0
UNKNOWN_AGAIN_S: Final = 0.2

log = logs.get("assembly")


class Assembly:
    """One engine with its desk, channels, bells and chores."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        """Open bells and channels; nothing runs yet."""
        self._settings = settings
        settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Of a predecessor: whether to hold is asked anew.
        (settings.run_dir / doorbell.HELD).unlink(missing_ok=True)
        ring = KeyRing(keys.masters, watch_masters(keys.directory))
        self.clock = SystemClock()
        # Under one secret: what is told once more after a restart has the code that it had.
        self._ids = RandomIds(keys.answer)
        self._recent = Recent()
        self._postgres = PostgresDesk(partial(connected, settings), ring, self._recent.add)
        self.desk = SteadyDesk(self._postgres, self._memory, self.clock.now)
        self._snapshots = Snapshots(self._postgres, ring, settings.spool_dir, self._recent)
        self._sighted = Sighted(self._postgres, ring, self._ids, _name(settings.spool_dir))
        self._spool = spool.Reader(settings.spool_dir)
        self._sealer = Sealer(self._postgres, keys.record, settings.spool_dir)
        self._gate = doorbell.Sender(settings.run_dir, doorbell.GATE)
        self._bell = doorbell.Listener(settings.run_dir, doorbell.ENGINE)
        # An engine that starts without the database would send no text until that is back.
        before = self._snapshots.latest
        self._slugs: dict[UUID, str] = before.slugs() if before else {}
        self._unserved: frozenset[tuple[str, str]] = frozenset()
        self._slugs_wanted = asyncio.Event()
        self._greeted = asyncio.Event()
        self._released = asyncio.Event()
        self._watcher_http = HttpClient(allow_private=True)
        self.channels = open_channels(
            settings,
            WallClock(),
            ring=_rung_already,
            gateway_of=self._gateway_of,
            vapid_private=keys.vapid_private,
        )
        self.telling = Telling(self.desk, self._gate, ring_screens)
        self.engine = Engine(self._parts(keys))

    def _parts(self, keys: Keys) -> Parts:
        settings = self._settings
        return Parts(
            name=_name(settings.spool_dir),
            desk=self.desk,
            spool=self._spool,
            mark_drained=mark_while_kept(
                lambda: self.desk.is_away, partial(spool.mark_drained, settings.spool_dir)
            ),
            drained=spool.read_drained(settings.spool_dir),
            channels=self.channels,
            links=Links(partial(answer_link, settings.public_url, keys.answer)),
            telling=self.telling,
            clock=self.clock,
            ids=self._ids,
            gateways=settings.gateways,
            at_once=at_once(settings),
            housekeeping=self._chores(),
        )

    def _chores(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        strangers = Strangers(self._postgres, self._settings.spool_dir)
        cover = Cover(self._postgres, self._ids, _name(self._settings.spool_dir))
        safeguarding = Safeguarding(self._postgres, self._ids, _name(self._settings.spool_dir))
        ordering = Ordering(self._postgres, self._ids, _name(self._settings.spool_dir))
        held = HeldWalks(self.desk, self._ids, _name(self._settings.spool_dir))
        chores: list[Callable[[], Coroutine[Any, Any, None]]] = [
            self._snapshots.run,
            KeepingTime(self._postgres, self.clock, lambda: self.desk.is_away).run,
            partial(self._sealer.run, self._may_be_held),
            strangers.run,
            SpoolDamage(self._postgres, self._spool, self._settings.spool_dir).run,
            self._learn_slugs,
            self._greet,
            self._release,
            partial(self.desk.watch, self._hold_if_restored, self._back),
            cover.plan,
            partial(cover.run, self._publish, self._may_be_held),
            partial(self._sighted.run, self._publish, self._taken_since),
            self._sighted.erase,
            Erasing(self._postgres, self._settings.keys_dir).run,
            partial(held.run, self._publish, self._is_held),
            partial(safeguarding.run, self._publish, self._may_be_held),
            partial(ordering.run, self._publish, self._may_be_held),
            partial(TellingDrills(self._postgres).run, self._may_be_held),
        ]
        blocked = TellingBlocked(self._postgres, self._ids, _name(self._settings.spool_dir))
        chores.append(partial(blocked.run, self._publish, self._may_be_held))
        blindness = Blindness(self._postgres, self._ids, _name(self._settings.spool_dir))
        chores.append(partial(blindness.run, self._publish, self._may_be_held))
        lying = KeptCustody(
            self._postgres,
            self._ids,
            _name(self._settings.spool_dir),
            self._settings.data_dir,
        )
        chores.append(partial(lying.run, self._publish, self._may_be_held))
        if self._settings.heartbeat_url:
            url = self._settings.heartbeat_url
            beat = Heartbeat(url, self._watcher_http, self._is_well, self.clock)
            chores.append(beat.run)
        return chores

    async def _publish(self, changes: list[Change]) -> None:
        await self.engine.publish(changes)

    async def run(self) -> None:
        """Run until cancelled."""
        asyncio.get_running_loop().add_reader(self._bell.fileno(), self._hear)
        while not await self._may_begin():  # noqa: ASYNC110 - nobody says when it is back
            await asyncio.sleep(AGAIN_S)
        self._greeted.set()
        await self.engine.run()

    async def _may_begin(self) -> bool:
        """Return whether it is known if it is to hold, or the engine stands by in memory until it is.

        With no snapshot to stand by with it can do nothing but wait, and must not send before it knows (I8).
        """
        try:
            await self._hold_if_restored()
        except StoreAwayError:
            # Whoever waits for an alarm has waited for that once: a server that hangs is not asked again first.
            self.desk.stand_by()
            return self.desk.is_away
        return True

    async def close(self) -> None:
        """Stop sending, give everything back."""
        asyncio.get_running_loop().remove_reader(self._bell.fileno())
        await self.engine.outbox.close()
        for channel in self.channels.values():
            await channel.close()
        await self._watcher_http.close()
        self._postgres.close()
        self._bell.close()

    def _is_well(self) -> bool:
        return not self.desk.is_away and not self._is_held()

    def _taken_since(self) -> datetime | None:
        """Return from when on reports are taken, None: all. While it is or may be held, those that came since then (I8)."""
        return self.engine.held_since or self.desk.away_since

    def _is_held(self) -> bool:
        return self.engine.held_since is not None

    def _may_be_held(self) -> bool:
        """Return whether it is held, or not known yet: the database was away, and may come back from a restore (I8)."""
        return self._is_held() or self.desk.is_away

    # --- bells -------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        for message in self._bell.receive():
            if message == doorbell.SPOOL:
                self.engine.ring()
            elif message == doorbell.HELLO:
                self._greeted.set()
            elif message == doorbell.RELEASE:
                self._released.set()
            elif message == doorbell.REPORT:
                self._sighted.ring()
            elif message == doorbell.EMPLOYER:
                self._slugs_wanted.set()
            elif message == doorbell.LESS:
                self._snapshots.want()
            else:
                self.engine.look(_about(message))

    async def _greet(self) -> None:
        """Tell a gate that has just started, and one that an engine finds, what became of every open SOS and walk."""
        while True:
            await self._greeted.wait()
            self._greeted.clear()
            running, walks = await self._to_tell()
            await self.telling.resume(running)
            # After them: an SOS that goes on is told under its walk's key too, and would hide that the walk has ended.
            await self.telling.walks_ended(walks)

    async def _to_tell(self) -> tuple[list[Incident], list[Walk]]:
        """Return the open incidents and the walks that were confirmed lately; without the database what is known."""
        if self.desk.is_away:
            known = self.engine.composer
            return [], to_be_told(known.ended_walks(), known.all_known())
        try:
            return await self._postgres.do(
                lambda alarms: open_and_confirmed(postgres(alarms)), SLOW
            )
        except StoreAwayError:
            # The gate says hello once: it is told as soon as somebody knows.
            self._greeted.set()
            raise

    # --- the store ---------------------------------------------------------------------------------------

    def _memory(self) -> Standby | None:
        return stand_by(self._snapshots, self._recent, self.engine, self.clock.now)

    async def _back(self, away_s: float) -> None:
        log.warning("engine.caught_up", away_s=round(away_s, 3))
        drained = spool.read_drained(self._settings.spool_dir)
        await go_on(self.engine, self._snapshots, drained)
        self._greeted.set()
        # Not while held: a restored record that grows by itself would look like the one that was signed (I8).
        if not self._is_held():
            await self._note("engine.caught_up", away_s=round(away_s))

    async def _hold_if_restored(self) -> None:
        """Hold on a database that is older than what was signed: a restore sends nothing by itself (I8).

        What was raised while it was away is not held.

        Raises:
            StoreAwayError: it is not known yet.
        """
        behind = await self._sealer.behind()
        if behind and self.engine.held_since is None:
            self.engine.held_since = self.desk.away_since or self.clock.now()
            log.error("engine.held", organisations=[str(organisation) for organisation in behind])
            with suppress(OSError):
                # For the doctor, who is asked beside the engine.
                since = self.engine.held_since.isoformat(timespec="seconds")
                (self._settings.run_dir / doorbell.HELD).write_text(since, encoding="ascii")

    async def _release(self) -> None:
        """Let a held engine go when a person says so (`tocsin release`)."""
        while True:
            await self._released.wait()
            self._released.clear()
            try:
                await self._sealer.accept()
            except StoreAwayError:
                # A person says it once, and was told that it was heard.
                self._released.set()
                raise
            held_since, self.engine.held_since = self.engine.held_since, None
            (self._settings.run_dir / doorbell.HELD).unlink(missing_ok=True)
            log.warning("engine.released")
            self.engine.look()
            if held_since:
                await self._note("engine.released", held_since=held_since)

    async def _note(self, kind: str, **body: Any) -> None:
        """Put on record what happened to this engine, after all that somebody waits for; the log has it in any case."""
        with suppress(StoreAwayError):
            await self._postgres.do(partial(note_everywhere, kind=kind, body=body), KEEP)

    # --- gateways ----------------------------------------------------------------------------------------

    async def _learn_slugs(self) -> None:
        while True:
            self._slugs_wanted.clear()
            self._slugs = await self._postgres.do(lambda alarms: slugs(postgres(alarms).conn), SLOW)
            lost = unserved(self._settings.gateways, self._slugs.values())
            for gateway in sorted(lost - self._unserved):
                # Its texts are taken and belong to nobody, an SOS among them.
                log.error("gateway.no_such_organisation", gateway=gateway[0], slug=gateway[1])
            self._unserved = lost
            with suppress(TimeoutError):
                async with asyncio.timeout(SLUGS_S):
                    await self._slugs_wanted.wait()

    def _gateway_of(self, message: Message) -> Gateway | None:
        slug = self._slugs.get(message.organisation_id)
        if slug is None:
            # An organisation that was made just now: its first SOS must not lose its texts for good.
            self._slugs_wanted.set()
            raise ChannelError(code="organisation_not_known_yet", retry_after_s=UNKNOWN_AGAIN_S)
        own = [gateway for gateway in self._settings.gateways if gateway.organisation == slug]
        return own[0] if own else None


def connected(settings: Settings) -> Connection:
    """Return a new connection as the role engine.

    Raises:
        psycopg.OperationalError: PostgreSQL is away, or its tables wait for the migrations of newer code: as well away.
    """
    if not tables.may_be_used(settings):
        raise psycopg.OperationalError("the tables wait to be brought up to date")
    return connect(settings, "engine")


def unserved(gateways: Iterable[Gateway], known: Collection[str]) -> frozenset[tuple[str, str]]:
    """Return name and slug of each gateway that names an organisation which is not among the known slugs."""
    return frozenset((g.name, g.organisation) for g in gateways if g.organisation not in known)


async def _rung_already(_message: Message) -> None:
    """Do nothing: `Telling` rings the screens for every change, this message's among them."""


def ring_screens(alarms: Alarms, payloads: list[str]) -> None:
    """Ring the live stream. In a transaction of its own: a NOTIFY in an alarm's would make commits queue."""
    if isinstance(alarms, PostgresAlarms):
        alarms.conn.cursor().executemany(
            f"select pg_notify('{LIVE_CHANNEL}', %s)", [(payload,) for payload in payloads]
        )


def _about(message: bytes) -> tuple[UUID, UUID] | None:
    """Return which (organisation, incident) a page says it has changed, or None for a bare ring."""
    try:
        said = json.loads(message)
        return UUID(said["organisation"]), UUID(said["incident"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _name(spool_dir: Path) -> str:
    """Return the name of this machine's engine, made once: its successor takes back its leases."""
    path = spool_dir / NAME
    if not path.exists():
        path.write_text(json.dumps(f"engine-{secret(6)}"), encoding="ascii")
    name: str = json.loads(path.read_text(encoding="ascii"))
    return name
