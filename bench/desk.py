"""How long does a desk wait for its answer? The whole verb, in a transaction of the page's role, with everything logged.

Against 100,000 door entries in PostgreSQL: the first question after a start (the index is made then; a web process makes it
beside its start), names and plates that are found and that are not, and a question just after an entry changed.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench import results
from bench.made_up import Crowd
from bench.product import clean_environment
from bench.results import Figure
from tocsin.decisions.rules.matching import Entry
from tocsin.flow.check_at_desk import Asked, Doors, check_at_desk
from tocsin.registry import store_people, store_sites
from tocsin.registry.access import Viewer
from tocsin.registry.rules.case_rows import CaseRow, DoorEntryRow
from tocsin.registry.rules.door import DoorMatch
from tocsin.registry.rules.order_document import Respondent
from tocsin.registry.rules.rows import PersonRow, SiteRow
from tocsin.registry.store_cases import insert_case
from tocsin.registry.store_doors import save_door_entry
from tocsin.runtime import settings as settings_module
from tocsin.runtime.database import Connection, connect, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.runtime.postgres import Cluster
from tocsin.runtime.settings import Settings

ENTRIES, QUESTIONS, SEED, AT_ONCE = 100_000, 200, 5, 500
MUST_MS = 1000.0
AT = datetime(2026, 1, 1, tzinfo=UTC)


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench desk", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--n", type=int, default=QUESTIONS)
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        settings = settings_module.load({"TOCSIN_DATA": folder})
        cluster = Cluster(settings, durable=True)
        cluster.start()
        try:
            took, first_s = _measured(settings, given.entries, given.n)
        finally:
            cluster.remove()
    figures = [
        Figure(
            f"{what}, {name}", results.quantile(times, q), "ms", must=MUST_MS if q > 0.5 else None
        )
        for what, times in took.items()
        for name, q in (("p50", 0.5), ("p99", 0.99))
    ]
    figures.append(Figure("first question after a start", first_s, "s"))
    is_published = given.entries >= ENTRIES and given.n >= QUESTIONS
    raw = {what: results.spread(times) for what, times in took.items()}
    about = f"{given.entries:,} door entries, {given.n} questions of each kind"
    return results.keep("desk", about, figures, is_published=is_published, **raw)


def _measured(settings: Settings, entries: int, n: int) -> tuple[dict[str, list[float]], float]:
    environment = {**clean_environment(), "TOCSIN_DATA": str(settings.data_dir)}
    migrate = [sys.executable, "-m", "tocsin.console.manage", "migrate"]
    subprocess.run(migrate, env=environment, check=True, capture_output=True, timeout=120)
    ring = KeyRing([bytes(range(32))])
    crowd = Crowd(SEED)
    with connect(settings, "engine") as engine, connect(settings, "web") as web:
        viewer, known = _workplace(engine, ring, crowd, entries)
        desk = _Desk(Doors(lambda: connect(settings, "door"), ring), web, ring, viewer)
        first_s = desk.ask(Asked(name=crowd.name())) / 1000
        took: dict[str, list[float]] = {}
        for what, asked in _questions(crowd, known).items():
            took[what] = [desk.ask(asked()) for _ in range(n)]
        changed = []
        for number in range(max(5, n // 20)):
            _change(engine, ring, viewer.organisation_id, known[number])
            changed.append(desk.ask(Asked(name=crowd.name())))
        took["just after a change"] = changed
    return took, first_s


class _Desk:
    def __init__(self, doors: Doors, web: Connection, ring: KeyRing, viewer: Viewer) -> None:
        self._doors, self._web, self._ring, self._viewer = doors, web, ring, viewer

    def ask(self, asked: Asked) -> float:
        """Return the milliseconds until the answer is there and committed."""
        began = time.perf_counter()
        with viewing(self._web, self._viewer.organisation_id, self._viewer.person_id):
            check_at_desk(self._doors, self._web, self._ring, self._viewer, asked, at=AT)
        return (time.perf_counter() - began) * 1000


def _questions(crowd: Crowd, known: list[Entry]):  # noqa: ANN202 - a table of makers
    pick = crowd.rng.choice
    return {
        "a known name": lambda: Asked(name=pick(known).names[0]),
        "a stranger's name": lambda: Asked(name=crowd.name()),
        "a known plate": lambda: Asked(plate=pick(known).plates[0].text),
        "a stranger's plate": lambda: Asked(plate=crowd.plate()),
    }


def _workplace(
    conn: Connection, ring: KeyRing, crowd: Crowd, entries: int
) -> tuple[Viewer, list[Entry]]:
    organisation, site, guard = uuid7(), uuid7(), uuid7()
    with conn.transaction():
        conn.execute(
            "insert into registry_organisation (id, slug, name, made_at) values (%s, 'bench', 'Bench', %s)",
            (organisation, AT),
        )
        store_sites.save_site(conn, SiteRow(id=site, organisation_id=organisation, name="Bench", time_zone="UTC", address={}, psap={}))  # fmt: skip
        store_people.insert_person(conn, ring, PersonRow(id=guard, organisation_id=organisation, staff_number="1", name="Guard Sample", short_name="G. Sample", role="guard", site_id=site))  # fmt: skip
    known: list[Entry] = []
    batch: list[Entry] = []
    for entry in crowd.entries(entries):
        batch.append(entry)
        if len(batch) == AT_ONCE:
            _insert(conn, ring, organisation, guard, batch)
            known += batch[:10]
            batch = []
    _insert(conn, ring, organisation, guard, batch)
    return Viewer(organisation, guard, "guard"), known or batch


def _insert(
    conn: Connection, ring: KeyRing, organisation: UUID, guard: UUID, batch: list[Entry]
) -> None:
    with conn.transaction(), conn.pipeline():
        for entry in batch:
            case = CaseRow(id=entry.case_id, organisation_id=organisation, word=f"{entry.case_id.int:08x}", respondent=Respondent(name="R"), opened_at=AT, opened_by_id=guard)  # fmt: skip
            key = insert_case(conn, ring, case)
            save_door_entry(conn, key, _door(organisation, entry))


def _door(organisation: UUID, entry: Entry) -> DoorEntryRow:
    match = DoorMatch(
        names=entry.names, born_on=entry.born_on, phones=entry.phones, plates=entry.plates
    )
    return DoorEntryRow(case_id=entry.case_id, organisation_id=organisation, match=match, updated_at=AT + timedelta(hours=1))  # fmt: skip


def _change(conn: Connection, ring: KeyRing, organisation: UUID, entry: Entry) -> None:
    wrapped = conn.execute(
        "select wrapped from registry_casekey where case_id = %s", (entry.case_id,)
    ).fetchone()
    assert wrapped is not None
    save_door_entry(conn, ring.person_key(entry.case_id, wrapped[0]), _door(organisation, entry))
