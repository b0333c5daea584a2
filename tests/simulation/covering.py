"""Nights in which too few will be on duty: shifts end, rosters are changed in the middle, who begins is asked for proof."""

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from tests import cast
from tests.builders import AT, a_pattern, a_policy, a_roster, a_step, utc
from tests.simulation.script import Do, Script, a_quiet_night, write
from tests.snapshots import HARBOUR_SITE, a_site, a_stint
from tocsin.flow import plan_shifts
from tocsin.flow.alarms import Alarms
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.snapshot import Stint
from tocsin.registry.rules.policy import Duty
from tocsin.registry.rules.roster import Pattern

if TYPE_CHECKING:
    from tests.simulation.world import World

REQUIRED: Final = 2
UNTIL_S: Final = 420.0
YEARS: Final = timedelta(days=800)
WORKERS: Final = (cast.DISPATCHER, cast.GUARD, cast.SHIFT_LEAD)
ROUND_THE_CLOCK: Final = (cast.DISPATCHER, cast.GUARD, cast.SHIFT_LEAD, cast.SAFETY_LEAD)
# When Harbour's clocks go back, and when they go forward.
CHANGES: Final = (utc("2026-11-01 07:00"), utc("2026-03-08 08:00"))
# A whole shift away, near, in this very night, begun already.
ENDS_S: Final = (-600.0, 90.0, 200.0, 300.0, 3_600.0, 30_000.0, 42_900.0, 43_290.0, 60_000.0)


class SimRosters:
    """What is planned, in the simulator's store."""

    def __init__(self, alarms: Alarms) -> None:
        """Read this store."""
        assert isinstance(alarms, MemoryAlarms)
        self.alarms: MemoryAlarms = alarms

    def sites(self) -> list[tuple[UUID, UUID]]:
        """Return every site."""
        return [(site.organisation_id, site.id) for site in self.alarms._sites.values()]

    def duties(
        self, since: datetime, until: datetime
    ) -> list[tuple[UUID, datetime, datetime, Duty]]:
        """Return every shift that touches this time."""
        return [
            (stint.site_id, stint.starts_at, stint.ends_at, stint.duty)
            for stint in self.alarms._stints
            if stint.starts_at < until and stint.ends_at > since
        ]

    def said_gone(self, people: Collection[UUID]) -> Collection[UUID]:
        """Return nobody: there is no case in these nights."""
        return ()

    def was_rostered(self, site_id: UUID) -> bool:
        """Return whether it is the site that somebody plans for."""
        return site_id == HARBOUR_SITE.id

    def asking(self) -> set[UUID]:
        """Return the sites with a policy that asks."""
        return {
            s.id for s in self.alarms._sites.values() if any(p.prove_at_start for p in s.policies)
        }


def a_covered_night(stints: tuple[Stint, ...], *todo: Do, **changes: Any) -> Script:
    """Return a night in which everything works, nobody answers, and these shifts are planned; two people are needed."""
    calm: dict[str, Any] = {"until": UNTIL_S, "seed": "covered", "is_covered": True, "wall": AT}
    script = a_quiet_night(*todo, **calm | changes)
    policy = a_policy(a_step(), required_proven=REQUIRED, prove_at_start=True)
    site = a_site(HARBOUR_SITE, policies=(policy,))
    script.policy = policy
    script.snapshot = replace(
        script.snapshot, sites=(site, *script.snapshot.sites[1:]), stints=stints
    )
    return script


def on_duty(
    who: cast.Player, wall: datetime, begins_s: float | None, ends_s: float | None
) -> Stint:
    """Return her shift between two seconds of the night; None: long before, long after."""
    begins = wall - YEARS if begins_s is None else wall + timedelta(seconds=begins_s)
    ends = wall + YEARS if ends_s is None else wall + timedelta(seconds=ends_s)
    return a_stint(who, HARBOUR_SITE, begins, ends)


def write_covered(seed: int) -> Script:
    """Return the night of this seed."""
    dice = random.Random(f"covered/{seed}")
    base = write(seed)
    todo = [
        Do(dice.uniform(5, 300), "plan", cast.SAFETY_LEAD, {"stints": _planned(dice, base.wall)})
        for _ in range(dice.choice((0, 1, 1, 2)))
    ]
    if dice.random() < 0.3:
        todo.append(
            Do(dice.uniform(5, 300), "sos", cast.PROTECTED, {"key": "sos-0001", "silent": False})
        )
    starts = dice.uniform(5, 250)
    return a_covered_night(
        _planned(dice, base.wall),
        *sorted(todo, key=lambda do: do.at),
        wall=base.wall,
        seed=f"covered-{seed}",
        away=[(starts, starts + dice.uniform(1, 40))] if dice.random() < 0.3 else [],
        crash=dice.choice((0.0, 0.0, 0.001)),
        steps=[(dice.uniform(10, 250), dice.choice((-3_600.0, -60.0, 60.0, 3_600.0)))] if dice.random() < 0.3 else [],
    )  # fmt: skip


def planned(lines: tuple[Pattern, ...], at: datetime) -> tuple[Stint, ...]:
    """Return what the shipped planner makes of these lines of Harbour's roster at this instant."""
    roster = a_roster(*lines, zone=cast.HARBOUR.zone, site_id=HARBOUR_SITE.id)
    players = {player.id: player for player in ROUND_THE_CLOCK}
    return tuple(
        a_stint(players[one.person_id], HARBOUR_SITE, one.starts_at, one.ends_at)
        for one in plan_shifts.shifts_from(roster, players, at=at)
    )


def round_the_clock(first: time, second: time) -> tuple[Pattern, ...]:
    """Return two teams of two who take over from each other at these wall times, every day."""
    day, night = (tuple(p.id for p in team) for team in (ROUND_THE_CLOCK[:2], ROUND_THE_CLOCK[2:]))
    lines = ((0x71, first, second, day), (0x72, second, first, night))
    return tuple(
        a_pattern(team, id=cast.number(number), first_date=date(2026, 1, 1), start=start, end=end)
        for number, start, end, team in lines
    )


def a_change_night(seed: int) -> Script:
    """Return a night in which the clocks change in its third minute, and the roster is planned anew around it."""
    dice = random.Random(f"change/{seed}")
    wall = dice.choice(CHANGES) - timedelta(minutes=3)
    quarter = dice.randrange(24)
    lines = round_the_clock(time(quarter // 4, quarter % 4 * 15), time(dice.randrange(12, 20)))
    again = sorted(dice.uniform(5, UNTIL_S - 80) for _ in range(dice.choice((1, 2, 3))))
    plans = [(t, planned(lines, wall + timedelta(seconds=t))) for t in again]
    return a_covered_night(
        planned(lines, wall),
        *(Do(t, "plan", cast.SAFETY_LEAD, {"stints": stints}) for t, stints in plans),
        wall=wall,
        seed=f"change-{seed}",
        crash=dice.choice((0.0, 0.0, 0.001)),
    )


def _planned(dice: random.Random, wall: datetime) -> tuple[Stint, ...]:
    planned = []
    for who in WORKERS:
        ends_s = dice.choice((*ENDS_S, None))
        planned.append(on_duty(who, wall, None, ends_s))
        if ends_s and dice.random() < 0.5:
            begins_s = ends_s + dice.choice((-120.0, 0.0, 30.0, 100.0, 3_600.0))
            planned.append(on_duty(who, wall, begins_s, None))
    return tuple(planned)


def do(world: "World", todo: Do) -> None:
    """Change the roster."""
    world.store._stints = todo.args["stints"]
    world.history.add(world.loop.time(), "planned", stints=todo.args["stints"])
