"""Which workplace do the faults befall? One installation with its real processes, and the means to hurt it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from tests.faults.evidence import STACKS, evidence
from tests.faults.phones import Phones
from tests.faults.sink import Sink
from tocsin.engine.snapshotting import FILE as SNAPSHOT
from tocsin.flow.plan_shifts import plan_shifts
from tocsin.registry import store_devices, store_people, store_sites
from tocsin.registry.rules import policy_document, roster_document
from tocsin.registry.rules.policy import Policy, Step
from tocsin.registry.rules.roster import Pattern, Turn
from tocsin.registry.rules.rows import ContactRow, DeviceRow, PersonRow, RosterLineRow
from tocsin.runtime import keys as keys_module
from tocsin.runtime import postgres_home
from tocsin.runtime import settings as settings_module
from tocsin.runtime.database import connect
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.parts import die_with_parent
from tocsin.runtime.postgres import database_url
from tocsin.runtime.settings import Settings
from tocsin.runtime.tokens import issue

QUIET_S = 3_600
SECRET = "whsec_" + "dG9jc2luLWZhdWx0" * 2
PARTS = ("gate", "engine", "web")
OPEN = "state in ('pending', 'leased', 'retrying')"
WALKERS = 14


def until(
    is_so: Callable[[], object],
    *,
    within_s: float,
    what: str = "not so",
    place: "Place | None" = None,
) -> float:
    """Return the seconds until `is_so()`; fail the test if it is not within `within_s`, and say how `place` stands."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            seen = f"\n\n{evidence(place)}" if place else ""
            raise AssertionError(f"{what} within {within_s} s{seen}")
        time.sleep(0.02)
    return time.monotonic() - began


def _signal(pid: int, number: signal.Signals) -> None:
    """Signal a process unless it has gone, as PostgreSQL's workers come and go."""
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _two_ports() -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass(slots=True)
class Place:
    """A site with people on duty (webhooks /1, /2 ...) and people with phones; those who walk have /w/0, /w/1 ..."""

    folder: Path
    sink: Sink
    more: dict[str, str] = field(default_factory=dict)
    ports: list[int] = field(default_factory=_two_ports)
    process: subprocess.Popen[bytes] | None = None
    organisation: UUID = field(default_factory=uuid7)
    site: UUID = field(default_factory=uuid7)
    on_duty: list[UUID] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)
    # The first ones walk: an SOS of theirs would join what their walk asks.
    used: int = WALKERS
    phones: Phones = field(init=False)

    def __post_init__(self) -> None:
        self.phones = Phones(self.ports[0], [])

    # --- running ----------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """Return its settings."""
        return settings_module.load(self.changes())

    def changes(self) -> dict[str, str]:
        """Return the settings of its environment."""
        return {
            "TOCSIN_DATA": str(self.folder / "tocsin"),
            "TOCSIN_GATE_BIND": f"127.0.0.1:{self.ports[0]}",
            "TOCSIN_GATE_URLS": f"http://127.0.0.1:{self.ports[0]}",
            "TOCSIN_WEB_BIND": f"127.0.0.1:{self.ports[1]}",
            "TOCSIN_PUBLIC_URL": f"http://127.0.0.1:{self.ports[1]}",
            "TOCSIN_PRIVATE_WEBHOOKS": "yes",
            "TOCSIN_SPOOL_MB": "16",
            **self.more,
        }

    @property
    def log(self) -> Path:
        """Return the file of everything that its processes log."""
        return self.folder / "log"

    def start(self, *, wait: bool = True) -> None:
        """Start it; return when all parts serve, or at once."""
        self.folder.mkdir(exist_ok=True, parents=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tocsin", "up"],
                env=settings_module.environment(self.changes() | {"PYTHONPATH": str(STACKS)}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until the supervisor says that all parts serve."""
        assert self.process
        mark = self.settings.run_dir / "supervisor.ready"
        pid = str(self.process.pid)
        until(
            lambda: mark.exists() and mark.read_text(encoding="utf-8") == pid,
            within_s=120,
            what=f"Tocsin was not ready ({self.log})",
        )

    def stop(self) -> None:
        """End it as an operator does."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.process = None

    def remove(self) -> None:
        """Kill what is left and delete everything."""
        if self.process and self.process.poll() is None:
            self.let_postgres_go()
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in postgres_home.processes_in(self.base / "data"):
            _signal(pid, signal.SIGKILL)
        shutil.rmtree(self.base, ignore_errors=True)
        shutil.rmtree(postgres_home.socket_folder(self.base), ignore_errors=True)

    def pid(self, part: str) -> int:
        """Return the process of a part that says it serves, or 0."""
        try:
            mark = self.settings.run_dir / f"{part}.ready"
            return int(mark.read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def kill(self, *parts: str) -> None:
        """Kill the processes of these parts as a power cut would; `postgres` is one."""
        for part in parts:
            pids = self.postgres_pids() if part == "postgres" else [self.pid(part)]
            for pid in pids:
                _signal(pid, signal.SIGKILL)

    def wait_back(self, part: str, before: int, *, within_s: float = 60.0) -> float:
        """Return the seconds until another process than `before` serves as this part."""
        return until(
            lambda: self.pid(part) not in {0, before},
            within_s=within_s,
            what=f"{part} not back",
            place=self,
        )

    # --- PostgreSQL -------------------------------------------------------------------------------

    @property
    def base(self) -> Path:
        """Return the folder of its embedded PostgreSQL."""
        return postgres_home.base_folder(self.settings)

    def postgres_pids(self) -> list[int]:
        """Return every process of its PostgreSQL."""
        return list(postgres_home.processes_in(self.base / "data"))

    def hang_postgres(self) -> None:
        """Stop every process of PostgreSQL where it stands: it takes connections and never answers."""
        for _ in range(2):
            for pid in self.postgres_pids():
                _signal(pid, signal.SIGSTOP)

    def take_postgres_away(self) -> None:
        """Kill PostgreSQL, and have it fail at each start."""
        control = self.base / "data" / "global" / "pg_control"
        control.rename(control.with_suffix(".away"))
        self.kill("postgres")

    def let_postgres_go(self) -> None:
        """Let PostgreSQL come back, however it was stopped."""
        control = self.base / "data" / "global" / "pg_control"
        away = control.with_suffix(".away")
        if away.exists():
            away.rename(control)
        for pid in self.postgres_pids():
            _signal(pid, signal.SIGCONT)

    def superuser(self) -> psycopg.Connection[Any]:
        """Return a connection that sees everything."""
        return psycopg.connect(
            database_url(self.settings, "postgres"), autocommit=True, connect_timeout=5
        )

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a question to the database."""
        with self.superuser() as conn:
            return conn.execute(statement, values).fetchall()

    def count(self, statement: str, *values: object) -> int:
        """Return the first number that the database answers."""
        return int(self.ask(statement, *values)[0][0])

    # --- people -----------------------------------------------------------------------------------

    def fill(self, *, on_duty: int, phones: int, walkers: int = 0) -> None:
        """Make the workplace: the first `walkers` people with phones are reachable themselves."""
        with connect(self.settings, "engine") as conn, conn.transaction():
            conn.execute(
                "insert into registry_organisation (id, slug, name, made_at) values (%s, 'faults', 'Faults', now())",
                (self.organisation,),
            )
        self.on_duty = self.add_site(self.site, on_duty=on_duty, prefix="/")
        self.enrol(phones, walkers=walkers)

    def add_site(self, site: UUID, *, on_duty: int, prefix: str) -> list[UUID]:
        """Make a site; return its people on duty, with webhooks at PREFIX1, PREFIX2 ..."""
        now = datetime.now(UTC)
        people = []
        with connect(self.settings, "engine") as conn, conn.transaction():
            conn.execute(
                """insert into registry_site (id, organisation_id, name, kind, time_zone, address, psap)
                values (%s, %s, %s, 'workplace', 'UTC', %s, '{}')""",
                (site, self.organisation, f"Site {prefix}", Jsonb({"street": "1 Test Way"})),
            )
            for number in range(1, on_duty + 1):
                person = self._person(conn, f"P{prefix}{number}", site)
                self._hook(conn, person, f"{prefix}{number}", now)
                people.append(person)
            self._roster(conn, site, people, now)
            self._policy(conn, site)
        return people

    def add_person_on_duty(self, site: UUID, url: str) -> UUID:
        """Put one more person on duty at a site, with a webhook that leads anywhere."""
        now = datetime.now(UTC)
        with connect(self.settings, "engine") as conn, conn.transaction():
            person = self._person(conn, f"X{uuid7()}"[:20], site)
            self._hook(conn, person, url, now)
            self._roster(conn, site, [person], now)
        return person

    def enrol(self, count: int, *, walkers: int = 0, site: UUID | None = None) -> range:
        """Enrol people with phones; return their numbers."""
        first = len(self.people)
        keys = keys_module.load(self.settings.keys_dir)
        with connect(self.settings, "engine") as conn, conn.transaction():
            now = datetime.now(UTC)
            for number in range(first, first + count):
                person = self._person(conn, f"S{number}", site or self.site)
                if number < walkers:
                    self._hook(conn, person, f"/w/{number}", now)
                device = DeviceRow(uuid7(), person, "phone", now, None)
                store_devices.insert_device(
                    conn, self.organisation, device, enrolled_by_id=self.on_duty[0]
                )
                self.people.append(person)
                token = issue(
                    keys.device,
                    organisation_id=self.organisation,
                    person_id=person,
                    device_id=device.id,
                    issued_at=now,
                )
                self.phones.tokens.append(token)
        return range(first, first + count)

    def fresh(self, count: int) -> list[int]:
        """Return people with phones who have not pressed yet."""
        first, self.used = self.used, self.used + count
        assert self.used <= len(self.people)
        return list(range(first, self.used))

    def _ring(self) -> KeyRing:
        return KeyRing(keys_module.load(self.settings.keys_dir).masters)

    def _person(self, conn: psycopg.Connection[Any], name: str, site: UUID) -> UUID:
        row = PersonRow(
            id=uuid7(),
            organisation_id=self.organisation,
            staff_number=name,
            name=f"Test {name}",
            short_name=name,
            role="staff",
            site_id=site,
        )
        store_people.insert_person(conn, self._ring(), row)
        return row.id

    def _hook(self, conn: psycopg.Connection[Any], person: UUID, path: str, now: datetime) -> None:
        contact = ContactRow(
            id=uuid7(),
            person_id=person,
            channel="webhook",
            address=path if "://" in path else f"{self.sink.url}{path}",
            position=0,
            verified_at=now,
        )
        store_people.insert_contact(conn, self._ring(), self.organisation, contact, secret=SECRET)

    def _roster(
        self, conn: psycopg.Connection[Any], site: UUID, people: list[UUID], now: datetime
    ) -> None:
        """Have these people on duty day and night."""
        pattern = Pattern(
            id=uuid7(),
            first_date=now.date() - timedelta(days=3),
            start=time_of_day(),
            turns=(Turn(people=tuple(people)),),
            length_min=24 * 60,
        )
        row = RosterLineRow(pattern.id, "pattern", roster_document.line_to_dict(pattern))
        store_sites.insert_roster_line(conn, self.organisation, site, row, at=now)
        plan_shifts(conn, self.organisation, site, at=now)

    def _policy(self, conn: psycopg.Connection[Any], site: UUID) -> None:
        policy = Policy(
            id=uuid7(),
            name="faults",
            kind="sos",
            steps=(Step(offset_s=0, who=("everyone_on_duty",)),),
            repeat_after_s=QUIET_S,
            confirm_every_s=QUIET_S,
            call_unclaimed_s=QUIET_S,
            deadline_s=600,
        )
        conn.execute(
            """insert into registry_escalationpolicy (id, organisation_id, site_id, kind, name, body, made_at)
            values (%s, %s, %s, 'sos', 'faults', %s, now())""",
            (policy.id, self.organisation, site, Jsonb(policy_document.to_dict(policy))),
        )

    def restart_engine(self) -> None:
        """Kill the engine, and wait until the next one serves and has a snapshot of now."""
        before = self.pid("engine")
        since = time.time()
        self.kill("engine")
        self.wait_back("engine", before)
        snapshot = self.settings.spool_dir / SNAPSHOT
        until(
            lambda: snapshot.exists() and snapshot.stat().st_mtime > since,
            within_s=30,
            what="no snapshot",
        )

    def snapshot_age_s(self) -> float:
        """Return how old the sealed snapshot on disk is, in seconds."""
        return time.time() - (self.settings.spool_dir / SNAPSHOT).stat().st_mtime

    # --- what must be so afterwards -----------------------------------------------------------------

    def wait_settled(self, *, within_s: float = 60.0) -> float:
        """Return the seconds until no delivery is under way and every entry is sealed."""
        return until(
            self._is_settled, within_s=within_s, what="deliveries or entries left open", place=self
        )

    def _is_settled(self) -> bool:
        try:
            return (
                self.count(f"select count(*) from notifications_delivery where {OPEN}") == 0
                and self.count("select count(*) from record_entry where seq is null") == 0
            )
        except psycopg.Error:
            return False

    def wait_on_record(self, keys: Sequence[str], *, within_s: float = 60.0) -> float:
        """Return the seconds until the database has all of these presses."""
        return until(
            lambda: self._knows(keys), within_s=within_s, what="presses not on record", place=self
        )

    def _knows(self, keys: Sequence[str]) -> bool:
        try:
            statement = "select count(distinct key) from signals_signal where key = any(%s)"
            return self.count(statement, list(keys)) == len(set(keys))
        except psycopg.Error:
            return False

    def check_once(self, keys: Sequence[str], *, may_repeat: bool = False) -> None:
        """Check that nothing of these presses is on record or was sent twice, but under the same reference.

        `may_repeat`: a message may have gone out twice under its reference, and both are on record.
        """
        assert self.doubled(keys, may_repeat=may_repeat) == {}
        mine = {k: v for k, v in self.sink.references().items() if k[0] in set(keys)}
        assert {k: v for k, v in mine.items() if len(v) > 1} == {}
        arrived = {reference for references in mine.values() for reference in references}
        sent = self.ask(
            """select d.reference from notifications_delivery d join decisions_incident i on i.id = d.incident_id
            where d.sent_at is not null and i.key = any(%s)""",
            list(keys),
        )
        assert {row[0] for row in sent} == arrived
        if not may_repeat:
            assert self.most_arrivals(keys) <= 1

    def most_arrivals(self, keys: Sequence[str]) -> int:
        """Return how often the webhook of these presses came that came most often under its reference."""
        wanted = set(keys)
        mine = Counter(a.reference for a in list(self.sink.arrivals) if a.key in wanted)
        return max(mine.values(), default=0)

    def doubled(
        self, keys: Sequence[str], *, may_repeat: bool = False
    ) -> dict[str, list[tuple[Any, ...]]]:
        """Return what is in the database more than once, by name; empty when all is well."""
        mine = "incident_id in (select id from decisions_incident where key = any(%s))"
        body = "convert_from(leaf, 'UTF8')::json->'body'->>"
        asked = {
            "signals": "select key from signals_signal where key = any(%s) group by 1 having count(*) > 1",
            "incidents": "select key from decisions_incident where key = any(%s) group by 1 having count(*) > 1",
            "entries": f"""select kind, incident_id, count(*) from record_entry where {mine}
                and kind in ('sos.raised', 'incident.opened') group by 1, 2 having count(*) > 1""",
            "sent": f"""select {body}'delivery', {body}'attempt', count(*) from record_entry
                where {mine} and kind = 'delivery.sent' group by 1, 2 having count(*) > 1""",
            "sent again": f"""select {body}'delivery', count(*) from record_entry
                where {mine} and kind = 'delivery.sent' group by 1 having count(*) > 1""",
        }
        if may_repeat:
            del asked["sent again"]
        return {name: rows for name, text in asked.items() if (rows := self.ask(text, list(keys)))}
