"""Nights in which Wren's shift ends: the roster changes, people look or cannot see, she goes, stays or declines."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from tests import cast
from tests.builders import AT
from tests.simulation.script import HARBOUR_PEOPLE, NIGHTS, Do, Script, a_quiet_night, write
from tests.snapshots import HARBOUR_SITE, a_site, a_stint
from tocsin.flow.look import Looking, look
from tocsin.flow.snapshot import Stint
from tocsin.registry.rules.policy import Post
from tocsin.signals.rules.hold import How, Kind, Saw, WalkPlan

if TYPE_CHECKING:
    from tests.simulation.world import World

WREN: Final = cast.PROTECTED
PLAN: Final = WalkPlan(
    cast.HARBOUR_EMS, WREN.id, at_start=False, phrase="Is the blue folder there?"
)
ENDS_S: Final = 630.0
UNTIL_S: Final = 850.0
YEARS: Final = timedelta(days=800)
STEPS_S: Final = (-3_600.0, -170.0, -60.0, 60.0, 170.0, 3_600.0)
STARTS_S: Final = (400.0, 900.0, 1_700.0, 3_000.0, 5_000.0, 8_000.0, 12_000.0)
LOOKERS: Final = (cast.GUARD, cast.SHIFT_LEAD, cast.DISPATCHER, cast.RESPONDENT)


def hers(wall: datetime, ends_s: float | None, starts_s: float | None = None) -> tuple[Stint, ...]:
    """Return Wren's shift, to end, or to begin, so many seconds after the night began."""
    ends_at = wall + (YEARS if ends_s is None else timedelta(seconds=ends_s))
    starts_at = wall - YEARS if starts_s is None else wall + timedelta(seconds=starts_s)
    return (a_stint(WREN, HARBOUR_SITE, starts_at, ends_at),)


def a_met_night(*todo: Do, **changes: Any) -> Script:
    """Return a night in which she is to be met at the door after ten and a half minutes, where her shift begins."""
    script = a_held_night(*todo, **changes)
    others = tuple(s for s in script.snapshot.stints if s.duty.person_id != WREN.id)
    script.snapshot = replace(
        script.snapshot,
        plans=(replace(PLAN, at_start=True),),
        stints=(*hers(script.wall, None, ENDS_S), *others),
    )
    return script


def a_held_night(*todo: Do, **changes: Any) -> Script:
    """Return a night in which everything works, nobody answers, and Wren's shift ends after ten and a half minutes."""
    calm: dict[str, Any] = {"until": UNTIL_S, "seed": "held", "lost_bells": 0.0, "wall": AT}
    script = a_quiet_night(*todo, **calm | changes)
    posts = (Post(id=cast.FRONT_DOOR),)
    at_door = a_stint(cast.GUARD, HARBOUR_SITE, script.wall - YEARS, script.wall + YEARS)
    rex = a_stint(cast.RESPONDENT, HARBOUR_SITE, script.wall - YEARS, script.wall + YEARS)
    keepers = tuple(replace(s, duty=replace(s.duty, role="guard", post_id=cast.FRONT_DOOR)) for s in (at_door, rex))  # fmt: skip
    others = (
        a_stint(p, HARBOUR_SITE, script.wall - YEARS, script.wall + YEARS)
        for p in HARBOUR_PEOPLE
        if p not in {WREN, cast.GUARD}
    )
    script.snapshot = replace(
        script.snapshot,
        plans=(PLAN,),
        sites=(a_site(HARBOUR_SITE, policies=(script.policy,), posts=posts), *script.snapshot.sites[1:]),
        stints=(*hers(script.wall, ENDS_S), *keepers, *others),
    )  # fmt: skip
    return script


def write_held(seed: int) -> Script:
    """Return the held night of this seed."""
    dice = random.Random(f"held/{seed}")
    todo = [_look(dice, number) for number in range(dice.randrange(0, 6))]
    for number in range(dice.choice((0, 0, 1, 2))):
        ends_s = dice.choice((400.0, 660.0, 900.0, 5_000.0, ENDS_S))
        todo.append(Do(dice.uniform(1, 600), "roster", WREN, {"ends_s": ends_s, "key": f"r-{number}"}))  # fmt: skip
    for act in dice.sample(("walk", "decline", "stay", "sos"), dice.choice((0, 1, 1, 2))):
        args = {"key": f"her-{act}-1", "timer_s": 600, "silent": False}
        todo.append(Do(dice.uniform(20, 900), act, WREN, args))
    steps = [
        (dice.uniform(30, 900), dice.choice(STEPS_S)) for _ in range(dice.choice((0, 0, 1, 2)))
    ]
    away = [(at, at + dice.uniform(1, 20)) for at in (dice.uniform(1, 800),) if dice.random() < 0.3]
    base = write(seed)
    return a_held_night(
        *todo,
        seed=f"held-{seed}",
        steps=sorted(steps),
        away=away,
        crash=dice.choice((0.0, 0.0, 0.0003)),
        lost_bells=dice.choice((0.0, 0.1)),
        troubles=base.troubles if dice.random() < 0.3 else [],
        wall=dice.choice(NIGHTS),
    )


def write_met(seed: int) -> Script:
    """Return the night of this seed in which she is to be met, and her start is put off, or put forward, once or more."""
    dice = random.Random(f"met/{seed}")
    todo = [_look(dice, number) for number in range(dice.randrange(0, 6))]
    for number in range(dice.choice((1, 1, 2, 3))):
        args = {"starts_s": dice.choice(STARTS_S), "key": f"r-{number}"}
        todo.append(Do(dice.uniform(1, 1_700), "roster", WREN, args))
    for act in dice.sample(("walk", "decline", "stay", "sos"), dice.choice((0, 0, 1, 2))):
        args = {"key": f"her-{act}-1", "timer_s": 600, "silent": False}
        todo.append(Do(dice.uniform(20, 1_900), act, WREN, args))
    is_away, at = dice.random() < 0.3, dice.uniform(1, 2_000)
    return a_met_night(
        *todo,
        seed=f"met-{seed}",
        until=2_600.0,
        steps=sorted((dice.uniform(30, 2_000), dice.choice(STEPS_S)) for _ in range(dice.choice((0, 0, 0, 1)))),
        away=[(at, at + dice.uniform(1, 20))] if is_away else [],
        crash=dice.choice((0.0, 0.0, 0.0003)),
        lost_bells=dice.choice((0.0, 0.1)),
        wall=dice.choice(NIGHTS),
    )  # fmt: skip


def _look(dice: random.Random, number: int) -> Do:
    saw = dice.choice(("nothing", "nothing", "nothing", "could_not", "something"))
    decides = dice.random() < 0.3
    args = {"saw": saw, "decides": decides, "key": f"look-{number}"}
    return Do(dice.uniform(20, 950), "look", dice.choice(LOOKERS), args)


def do(world: "World", todo: Do) -> None:
    """Change her shift, or let somebody look at the way."""
    if todo.what == "roster":
        others = [s for s in world.store._stints if s.duty.person_id != WREN.id]
        ends_s, starts_s = todo.args.get("ends_s"), todo.args.get("starts_s")
        world.store._stints = (*hers(world.script.wall, ends_s, starts_s), *others)
        world.history.add(world.loop.time(), "roster", ends_s=ends_s, starts_s=starts_s)
        return
    held = [h for h in world.store.open_holds(cast.HARBOUR_EMS, person_id=WREN.id)]
    if not held:
        return
    is_lead = todo.who is cast.SHIFT_LEAD
    decides = bool(todo.args.get("decides")) and is_lead
    saw, by = Saw(todo.args["saw"]), todo.who.id
    looking = Looking(by, How.CAMERA, saw, "page", decides)
    hold_id: UUID = held[0].id
    done = world.web(
        lambda alarms: look(alarms, cast.HARBOUR_EMS, hold_id, looking, ids=world.ids),
        (cast.HARBOUR_EMS, hold_id),
    )
    fact = {"by": by, "saw": saw.value, "decides": decides, "is_kept": isinstance(done, list)}
    world.history.add(world.loop.time(), "look", **fact, leaving=held[0].kind is Kind.LEAVING)
