"""Nights in which he is seen: certainly, possibly, twice; people compare, she presses, custody is recorded or not."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from tests import cast
from tests.builders import a_policy, a_step
from tests.simulation.faults import SimDesk
from tests.simulation.script import HARBOUR_PEOPLE, Do, Script, a_quiet_night, write
from tests.snapshots import DURESS_CODE, HARBOUR_SITE, TRUE_CODE, a_site, a_stint
from tocsin.decisions.rules.sighting import CaseFacts, OrderSays
from tocsin.flow import compare_sighting, locate_respondent, report_sighting
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.memory_sightings import MemorySightings
from tocsin.registry.rules.policy import Post
from tocsin.signals.rules.seen import Seen, Source

if TYPE_CHECKING:
    from tests.simulation.world import World

SWEEP_S: Final = 1.0
VALID: Final = OrderSays(order_id=cast.number(0x5E8), valid=True, enforceable=True)
ENDED: Final = replace(VALID, valid=False, enforceable=False, because=("ended",))
# Hers with a valid order, hers with one that ended, and a place's.
HERS: Final = cast.number(0x5E1)
OVER: Final = cast.number(0x5E2)
PLACE: Final = cast.number(0x5E3)
ONLY_RULE: Final = cast.number(0x5E4)
YEARS: Final = timedelta(days=800)
CASES: Final = tuple(
    CaseFacts(
        case_id=case_id,
        organisation_id=cast.HARBOUR_EMS,
        stands_in_id=cast.SAFETY_LEAD.id,
        any_site_id=cast.HARBOUR.id,
        protected_id=None if case_id == PLACE else cast.PROTECTED.id,
        her_site_id=None if case_id == PLACE else cast.HARBOUR.id,
        orders=orders,
        house_rule=case_id == ONLY_RULE,
        is_colleague=case_id != PLACE,
        parties=frozenset({cast.RESPONDENT.id}),
    )
    for case_id, orders in ((HERS, (VALID,)), (OVER, (ENDED,)), (PLACE, (VALID,)), (ONLY_RULE, (ENDED,)))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """What matching says."""

    case_id: UUID
    certainty: str
    score: int = 800
    parts: tuple[tuple[str, int], ...] = (("plate_same", 800),)


class Reports:
    """The table of reports, which outlives every process, and the loop of the engine that takes from it."""

    def __init__(self, world: "World") -> None:
        """Nothing was seen yet."""
        self._world = world
        self.waiting: list[tuple[Seen, Hit]] = []
        self.store = MemorySightings(
            world.store, {case.case_id: case for case in world.script.cases}
        )

    async def run(
        self, desk: SimDesk, engine: str, publish: Callable[[list[Change]], Awaitable[None]]
    ) -> None:
        """Take what waits, for ever; what was taken is struck off only when the answer came."""
        while True:
            taken = tuple(self.waiting[:4])
            if taken:
                changes = await desk.do(lambda alarms: self._take(alarms, taken, engine))
                self.waiting = [one for one in self.waiting if one not in taken]
                await publish(changes)
                continue
            await asyncio.sleep(SWEEP_S)

    def _take(self, alarms: Alarms, taken: tuple[Any, ...], engine: str) -> list[Change]:
        assert isinstance(alarms, MemoryAlarms)
        ids = self._world.ids
        return [
            change
            for seen, hit in taken
            for change in report_sighting.report_sighting(
                alarms, self.store, seen, [hit], ids=ids, engine=engine
            )
        ]


def do(world: "World", todo: Do) -> None:
    """Let him be seen, compared, or recorded as held."""
    args, now = todo.args, world.loop.time()
    if todo.what == "seen":
        at = world.clock.now()
        seen = Seen(
            organisation_id=cast.HARBOUR_EMS,
            source=Source.PLATE,
            track=args["track"],
            seen_at=at,
            heard_at=at,
            site_id=cast.HARBOUR.id,
        )
        hit = Hit(args["case"], args["certainty"])
        world.history.add(now, "seen", track=seen.track, case=hit.case_id, certainty=hit.certainty)
        world.sightings.waiting.append((seen, hit))
        return
    store = world.sightings.store
    if todo.what == "custody":
        world.history.add(now, "custody", case=args["case"])
        how: dict[str, Any] = {"by": cast.SAFETY_LEAD.id, "source": "jail", "ids": world.ids}
        world.web(
            lambda a: locate_respondent.locate_respondent(a, store, cast.HARBOUR_EMS, args["case"], **how)
        )  # fmt: skip
        return
    rows = [row for row in store.rows.values() if row.track == args["track"]]
    for row in rows:
        said = {"by": todo.who.id, "is_he": args["is_he"], "ids": world.ids}
        done = world.web(
            lambda a, row=row, said=said: compare_sighting.compare_sighting(a, store, cast.HARBOUR_EMS, row.id, **said),
            (cast.HARBOUR_EMS, row.incident_id),
        )  # fmt: skip
        kept = isinstance(done, Change)
        world.history.add(now, "compared", track=row.track, case=row.case_id, is_he=args["is_he"], kept=kept)  # fmt: skip


def a_sighting(at: float, track: str, case: UUID = HERS, certainty: str = "certain") -> Do:
    """Let him be seen."""
    return Do(at, "seen", cast.GUARD, {"track": track, "case": case, "certainty": certainty})


def compared(at: float, track: str, who: cast.Player = cast.GUARD, *, is_he: bool = True) -> Do:
    """Let somebody compare."""
    return Do(at, "compare", who, {"track": track, "is_he": is_he})


def a_seen_night(*todo: Do, **changes: Any) -> Script:
    """Return a night in which everything works, nobody answers, and Rex is on duty with the others."""
    usual = a_policy(a_step(), a_step("role:safety_lead", offset_s=30), repeat_after_s=30)
    script = a_quiet_night(*todo, **{"until": 90.0, "seed": "seen", "policy": usual} | changes)
    posts = (Post(id=cast.FRONT_DOOR),)
    on_duty = (*HARBOUR_PEOPLE, cast.RESPONDENT)
    script.cases = CASES
    script.snapshot = replace(
        script.snapshot,
        sites=(
            a_site(HARBOUR_SITE, policies=(script.policy,), posts=posts),
            *script.snapshot.sites[1:],
        ),
        stints=tuple(a_stint(p, HARBOUR_SITE, script.wall - YEARS, script.wall + YEARS) for p in on_duty),
        parties=MappingProxyType({case.case_id: case.parties for case in CASES}),
    )  # fmt: skip
    return script


def write_mixed(seed: int) -> Script:
    """Return the night of this seed in which he is seen for several cases at once, her walk is overdue, and she presses."""
    dice = random.Random(f"mixed/{seed}")
    base = write_seen(seed)
    todo = [do for do in base.todo if do.what != "sos"]
    for number, case in enumerate(
        dice.sample((HERS, OVER, PLACE, ONLY_RULE), dice.choice((2, 3, 4)))
    ):
        at = dice.uniform(1, 40)
        certainty = dice.choice(("certain", "certain", "possible"))
        todo.append(a_sighting(at, f"mixed-{number}", case, certainty))
    walk = dice.uniform(1, 30)
    todo.append(Do(walk, "walk", cast.PROTECTED, {"key": "walk-mixed-1", "timer_s": 10}))
    for number in range(dice.choice((0, 1, 1, 2))):
        args = {"key": f"sos-mixed-{number}", "silent": dice.random() < 0.3}
        todo.append(Do(dice.uniform(1, 75), "sos", cast.PROTECTED, args))
    if dice.random() < 0.5:
        code = dice.choice((TRUE_CODE, TRUE_CODE, DURESS_CODE))
        what = dice.choice(("end", "cancel"))
        todo.append(
            Do(
                walk + dice.uniform(5, 50),
                what,
                cast.PROTECTED,
                {"key": "coded-mixed", "code": code},
            )
        )
    return replace(base, todo=sorted(todo, key=lambda do: do.at), seed=f"mixed-{seed}")  # fmt: skip


def write_seen(seed: int) -> Script:
    """Return the night of this seed."""
    dice = random.Random(f"seen/{seed}")
    todo = []
    for number in range(dice.randrange(1, 6)):
        at, track = dice.uniform(1, 60), f"track-{dice.choice((number, 0))}"
        case = dice.choice((HERS, HERS, HERS, OVER, PLACE, ONLY_RULE))
        todo.append(a_sighting(at, track, case, dice.choice(("certain", "possible", "possible"))))
        if dice.random() < 0.5:
            who = dice.choice((cast.GUARD, cast.SHIFT_LEAD, cast.RESPONDENT, cast.PROTECTED))
            todo.append(compared(at + dice.uniform(2, 25), track, who, is_he=dice.random() < 0.5))
    if dice.random() < 0.5:
        args = {"key": "sos-seen-1", "silent": dice.random() < 0.3}
        todo.append(Do(dice.uniform(1, 70), "sos", cast.PROTECTED, args))
    todo += [
        Do(dice.uniform(10, 85), "custody", cast.SAFETY_LEAD, {"case": case})
        for case in (HERS, PLACE)
        if dice.random() < 0.3
    ]
    base = write(seed)
    away = [(at, at + dice.uniform(1, 6)) for at in (dice.uniform(1, 60),) if dice.random() < 0.3]
    return a_seen_night(
        *todo,
        seed=f"seen-{seed}",
        policy=base.policy,
        answers=dice.choice((0.0, 0.1, 0.3)),
        crash=dice.choice((0.0, 0.0, 0.002)),
        lost_bells=dice.choice((0.0, 0.1)),
        away=away,
        troubles=[replace(t, ends=min(t.ends, 85.0)) for t in base.troubles if dice.random() < 0.5],
    )
