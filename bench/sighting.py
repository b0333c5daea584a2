"""A report accepted to the first responder's webhook, at 2 a second; and positions a second against 5,000 fences."""

import argparse
import asyncio
import os
import random  # noqa: TID251 - of made-up fences, the same every time
import threading
import time
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from bench import load, results
from bench.floor import running_floor
from bench.product import Product, Wanted, clean_environment, measuring
from bench.results import Figure
from tocsin.decisions.rules.distance import Fence, Fences, area_of
from tocsin.flow.receive_report import receive_report
from tocsin.registry.rules.case_rows import CaseRow, DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, KnownPlate
from tocsin.registry.rules.order import Fact, FactKind, Family, Order
from tocsin.registry.rules.order_document import OrderBody, Respondent
from tocsin.registry.store_cases import insert_case
from tocsin.registry.store_doors import save_door_entry
from tocsin.registry.store_orders import insert_order
from tocsin.runtime import doorbell, keys, settings
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds, named_uuid, uuid7
from tocsin.signals.rules.seen import PlateRead, Position, Seen, Source

PER_S = 2.0
N = 120
FENCES = 5_000
POSITIONS = 20_000
AGO = timedelta(days=7)


def main(words: list[str]) -> int:
    """Measure; return 1 if a must is not met."""
    parser = argparse.ArgumentParser(prog="run.py bench sighting", description=__doc__)
    parser.add_argument("--n", type=int, default=N)
    n = parser.parse_args(words).n
    with (
        measuring(Wanted(senders=n)) as (product, sink),
        running_floor(product.said["database_url"], sink.url) as floor_url,
    ):
        door = Door(product)
        cases = door.make_cases(n)
        least = load.presses(floor_url, [""] * n, "floor")
        sent, floor_sent = asyncio.run(_in_turn(door, cases, floor_url, least))
        sink.wait([key for key, _ in sent] + [s.key for s in floor_sent if s.is_accepted])
        arrivals = sink.arrivals()
        took = [(arrivals[key][0].at_ns - at) / 1e6 for key, at in sent if key in arrivals]
        floor_took = [
            (arrivals[s.key][0].at_ns - s.sent_ns) / 1e6 for s in floor_sent if s.key in arrivals
        ]
    p50, floor_p50 = results.quantile(took, 0.5), results.quantile(floor_took, 0.5)
    per_s, near = positions_per_s()
    figures = [
        Figure("p50", p50, "ms", floor=floor_p50),
        Figure("p50 / floor p50", p50 / floor_p50 if floor_p50 else 0, "x"),
        Figure("p99", results.quantile(took, 0.99), "ms", must=1_000, floor=results.quantile(floor_took, 0.99)),
        Figure("lost", n - len(took), "reports", must=0),
        Figure(f"positions a second against {FENCES:,} fences, one core", per_s, "/s"),
        Figure("fences compared exactly, a position", near, ""),
    ]  # fmt: skip
    raw = {"product_ms": results.spread(took), "floor_ms": results.spread(floor_took)}
    about = f"{n} sightings of {n} cases at {PER_S:g}/s, the floor in turn with it"
    return results.keep("sighting", about, figures, is_published=n >= N, **raw)


class Door:
    """A door of the product's own, in this process: what a reader's message becomes once it is accepted."""

    def __init__(self, product: Product) -> None:
        """Open the product's database as its engine's role, and its bell."""
        changes = {"TOCSIN_DATA": os.fspath(product.data / "tocsin")}
        found = settings.load({**clean_environment(), **changes})
        self.ring = KeyRing(keys.load(found.keys_dir).masters)
        self.conn = connect(found, "engine")
        self._bell = doorbell.Sender(found.run_dir, doorbell.ENGINE)
        self._lock = threading.Lock()
        row = self.conn.execute("select organisation_id, id from registry_site limit 1").fetchone()
        assert row is not None
        self.organisation_id, self.site_id = row

    def make_cases(self, n: int) -> list[tuple[UUID, str]]:
        """Return (case, plate) of n people who are protected, each by a served order."""
        people = self.conn.execute(
            "select id from registry_person where role = 'staff' order by id limit %s", (n,)
        ).fetchall()
        with self.conn.transaction():
            return [
                (
                    a_case(self.conn, self.ring, (self.organisation_id, person), number),
                    plate(number),
                )
                for number, (person,) in enumerate(people)
            ]

    def report(self, case_id: UUID, text: str, number: int) -> tuple[str, int]:
        """Return the key of the incident that this report will open, and when it was accepted (monotonic ns)."""
        at = SystemClock().now()
        track = f"bench-{number}"
        seen = Seen(
            organisation_id=self.organisation_id,
            source=Source.PLATE,
            track=track,
            seen_at=at,
            heard_at=at,
            site_id=self.site_id,
            plates=(PlateRead(text, 0.98),),
        )
        with self._lock:
            with self.conn.transaction():
                receive_report(self.conn, self.ring, seen, ids=RandomIds())
            accepted_ns = time.monotonic_ns()
            self._bell.ring(doorbell.REPORT)
        return f"seen-{named_uuid(case_id, track).hex}", accepted_ns


def plate(number: int) -> str:
    """Return a plate that is no other's, nor like it."""
    letters = "ACEHKMNPRTXWYFJL"
    return "".join(letters[byte % 16] for byte in sha256(str(number).encode()).digest()[:8])


def a_case(conn: Connection, ring: KeyRing, who: tuple[UUID, UUID], number: int) -> UUID:
    """Return a case with an order that was served, and its door entry."""
    organisation_id, person_id = who
    then = SystemClock().now() - AGO
    case = CaseRow(
        id=uuid7(),
        organisation_id=organisation_id,
        word=f"B{number}",
        # The engine makes the door's entry anew from what is known of him.
        respondent=Respondent(name=f"Nobody {number}", plates=(KnownPlate(plate(number), ""),)),
        opened_at=then,
        opened_by_id=person_id,
        protected_id=person_id,
    )
    key = insert_case(conn, ring, case)
    facts = tuple(
        Fact(id=uuid7(), kind=kind, heard_at=then, source="bench", true_at=then)
        for kind in (FactKind.ISSUED, FactKind.SERVED)
    )
    insert_order(conn, key, an_order(case, facts, then))
    match = DoorMatch(names=(f"Nobody {number}",), plates=(KnownPlate(plate(number), ""),))
    door = DoorEntryRow(
        case_id=case.id, organisation_id=organisation_id, match=match, updated_at=then
    )
    save_door_entry(conn, key, door)
    return case.id


def an_order(case: CaseRow, facts: tuple[Fact, ...], then: datetime) -> Order:
    """Return an order that keeps him from every site."""
    return Order(
        id=uuid7(),
        case_id=case.id,
        organisation_id=case.organisation_id,
        family=Family.WORKPLACE,
        court_time_zone="UTC",
        facts=facts,
        body=OrderBody(),
        entered_at=then,
        entered_by_id=case.opened_by_id,
        review_due_at=then,
    )


async def _in_turn(
    door: Door, cases: list[tuple[UUID, str]], floor_url: str, least: list[load.Press]
) -> tuple[list[tuple[str, int]], list[load.Sent]]:
    """Report to the product and, half a period later, press the floor."""

    async def ours() -> list[tuple[str, int]]:
        begun, done = time.monotonic(), []
        for number, (case_id, text) in enumerate(cases):
            await asyncio.sleep(max(0.0, begun + number / PER_S - time.monotonic()))
            done.append(await asyncio.to_thread(door.report, case_id, text, number))
        return done

    async def later() -> list[load.Sent]:
        await asyncio.sleep(0.5 / PER_S)
        return await load.paced(floor_url, least, PER_S)

    first, second = await asyncio.gather(ours(), later())
    return first, second


def positions_per_s() -> tuple[float, float]:
    """Return how many positions a second one core judges against all fences, and how many fences it looks at for each."""
    dice = random.Random(5)
    fences = Fences(a_fence(dice) for _ in range(FENCES))
    at = SystemClock().now()
    fixes = [
        Position(41.6 + dice.random(), -88.1 + dice.random(), at, dice.uniform(3, 40))
        for _ in range(POSITIONS)
    ]
    begun = time.process_time()
    looked = sum(len(fences.sides(fix, at)) for fix in fixes)
    return len(fixes) / (time.process_time() - begun), looked / len(fixes)


def a_fence(dice: random.Random) -> Fence:
    """Return a site of some 200 m somewhere in a city of 100 km, with a distance to keep as courts write them."""
    x, y = -88.1 + dice.random(), 41.6 + dice.random()
    size = dice.uniform(0.0005, 0.002)
    ring = [
        [x, y],
        [x + size, y],
        [x + size, y + size],
        [x + size / 2, y + 1.3 * size],
        [x, y + size],
        [x, y],
    ]
    area = area_of({"type": "Polygon", "coordinates": [ring]})
    return Fence(id=uuid7(), case_id=uuid7(), area=area, metres=dice.choice((30, 100, 150, 457)))  # fmt: skip
