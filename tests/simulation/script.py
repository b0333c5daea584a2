"""What happens in a night? Everything about one run, drawn from its seed before it begins."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tests import cast
from tests.builders import AT, a_policy, a_step, utc
from tests.snapshots import (
    CLERK,
    DURESS_CODE,
    HARBOUR_SITE,
    NIGHT,
    SHOP,
    TRUE_CODE,
    a_site,
    a_snapshot,
    a_stint,
    device_of,
)
from tocsin.decisions.rules.sighting import CaseFacts
from tocsin.flow.snapshot import KnownDevice, Snapshot, Stint
from tocsin.registry.rules.policy import Person, Policy, Post, Team

STEPS_S: Final = (-31_536_000, -86_400, -3_600, -60, -1, 1, 60, 3_600, 86_400, 31_536_000)
# Nights on which Chicago's clocks change, and one on which they do not.
NIGHTS: Final = (AT, AT, utc("2026-11-01 06:58:30"), utc("2027-03-14 07:58:30"))
HARBOUR_PEOPLE: Final = (cast.PROTECTED, cast.DISPATCHER, cast.GUARD, cast.SHIFT_LEAD)
SHOP_PEOPLE: Final = (cast.OUTSIDER, CLERK)
OLD_PHONE: Final = 7


@dataclass(frozen=True, slots=True)
class Do:
    """Something that somebody does `at` so many seconds after the start."""

    at: float
    what: str
    who: cast.Player
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A provider behaves so between two moments: hang, refuse, busy, gone, drop, slow."""

    provider: str
    how: str
    starts: float
    ends: float


@dataclass(slots=True)
class Script:
    """One run. `answers`: how likely a message is answered; `crash`: how likely each step is the last;
    `dies_at`: the moments at which the process dies for certain.

    `is_covered`: the engine looks for gaps in its rosters. `is_steady`: the engine has production's desk for outages, so that `away` must not be noticed.
    `pages_rest_s`: for so long before `away` no page changes anything, nor until the engine is back: what a page did
    after the last snapshot, or before the engine has handed over, is not known in memory.
    """

    seed: object
    wall: datetime
    snapshot: Snapshot
    until: float
    todo: list[Do] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)
    steps: list[tuple[float, float]] = field(default_factory=list)
    answers: float = 0.3
    crash: float = 0.0
    crash_at: frozenset[int] = frozenset()
    dies_at: tuple[float, ...] = ()
    lost_bells: float = 0.1
    changes_name: bool = False
    policy: Policy = field(default_factory=a_policy)
    cases: tuple[CaseFacts, ...] = ()
    is_covered: bool = False
    is_steady: bool = False
    pages_rest_s: float = 0.0


def write(seed: int) -> Script:
    """Return the script of this seed."""
    dice = random.Random(seed)
    wall = dice.choice(NIGHTS)
    script = Script(
        seed=seed,
        wall=wall,
        snapshot=a_snapshot(),
        until=dice.choice((70.0, 100.0, 160.0)),
        answers=dice.choice((0.0, 0.05, 0.15, 0.5)),
        crash=dice.choice((0.0, 0.0, 0.001, 0.004)),
        changes_name=dice.random() < 0.2,
        policy=a_ladder(dice),
    )
    script.snapshot = _snapshot(dice, script)
    _presses(dice, script)
    _walks(dice, script)
    _drills(dice, script)
    _world(dice, script)
    script.todo.sort(key=lambda do: (do.at, do.what, do.who.id))
    return script


def a_ladder(dice: random.Random) -> Policy:
    """Return one of the ladders that workplaces write."""
    second = a_step("shift_lead", offset_s=dice.choice((10, 20, 30)))
    steps = dice.choice(
        (
            (a_step(), second, a_step("role:safety_lead", "manager", offset_s=45)),
            (a_step(quorum=2), second),
            (a_step(reach="in_order"), second),
            (a_step("role:guard"), a_step(offset_s=15), a_step("role:safety_lead", offset_s=40)),
            (a_step("role:nurse"), a_step(offset_s=25), a_step("role:nurse", offset_s=50)),
            (a_step(),),
        )
    )
    return a_policy(
        *steps,
        repeat_after_s=dice.choice((15, 30, 60)),
        confirm_every_s=dice.choice((30, 60, 120)),
        call_unclaimed_s=dice.choice((5, 10, 20)),
        deadline_s=dice.choice((5, 10, 30)),
    )


def _snapshot(dice: random.Random, script: Script) -> Snapshot:
    old = tuple(
        KnownDevice(id=device_of(p, OLD_PHONE), person_id=p.id, is_revoked=True)
        for p in HARBOUR_PEOPLE
    )
    sites = (
        a_site(
            HARBOUR_SITE,
            policies=(script.policy,),
            teams=(Team(id=cast.NIGHT_TEAM, members=(cast.GUARD.id,)),),
            posts=(Post(id=cast.FRONT_DOOR),),
        ),
        a_site(cast.DEPOT_NORTH),
        a_site(SHOP),
    )
    snapshot = a_snapshot(sites=sites, stints=_stints(dice, script.wall))
    people = tuple(replace(known, person=_verified(known.person)) for known in snapshot.people)
    return replace(snapshot, devices=(*snapshot.devices, *old), people=people)


def _verified(person: Person) -> Person:
    """Return the person with contact methods that were verified long before any stepped clock."""
    contacts = (replace(c, verified_at=utc("2000-01-01 00:00")) for c in person.contacts)
    return replace(person, contacts=tuple(contacts))


def _stints(dice: random.Random, wall: datetime) -> tuple[Stint, ...]:
    """Return who is on duty: some for years (the clock may be years wrong), some until a change of shift."""
    years = timedelta(days=800)
    kept = dice.choice((NIGHT, NIGHT, NIGHT[:3], (cast.PROTECTED, cast.GUARD)))
    stints = [a_stint(p, HARBOUR_SITE, wall - years, wall + years) for p in kept]
    if dice.random() < 0.4:
        change = wall + timedelta(seconds=dice.randrange(20, 120))
        gone, come = dice.sample([p for p in NIGHT if p is not cast.PROTECTED], 2)
        stints = [s for s in stints if s.duty.person_id not in {gone.id, come.id}]
        stints.append(a_stint(gone, HARBOUR_SITE, wall - years, change))
        stints.append(a_stint(come, HARBOUR_SITE, change, wall + years))
    if dice.random() < 0.7:
        stints.append(a_stint(cast.RESPONDENT, HARBOUR_SITE, wall - years, wall + years))
    stints += [a_stint(p, SHOP, wall - years, wall + years) for p in SHOP_PEOPLE]
    return tuple(stints)


def _presses(dice: random.Random, script: Script) -> None:
    for number in range(dice.randrange(1, 4)):
        who = dice.choice((cast.PROTECTED, cast.PROTECTED, cast.GUARD, *SHOP_PEOPLE))
        at = dice.uniform(1, script.until * 0.6)
        silent = dice.random() < 0.25
        args: dict[str, Any] = {"key": f"sos-{number}-{who.short_name}", "silent": silent}
        if who in HARBOUR_PEOPLE and dice.random() < 0.15:
            args["device"] = device_of(who, OLD_PHONE)
        if dice.random() < 0.3:
            args["odd"] = True
        script.todo.append(Do(at, "sos", who, args))
        if dice.random() < 0.5:
            _again(dice, script, who, number, at, silent=silent)
        if dice.random() < 0.5:
            _cancel(dice, script, who, number, at)
    if dice.random() < 0.3:
        at = dice.uniform(1, script.until * 0.6)
        script.todo.append(Do(at, "sos", cast.DISPATCHER, {"key": "poisoned-1", "silent": False}))


def _again(
    dice: random.Random,
    script: Script,
    who: cast.Player,
    number: int,
    at: float,
    *,
    silent: bool,
) -> None:
    for more in range(dice.randrange(1, 4)):
        args = {"key": f"sos-{number}-{more}-{who.short_name}", "silent": silent}
        script.todo.append(Do(at + dice.uniform(0.2, 30), "sos", who, args))


def _cancel(dice: random.Random, script: Script, who: cast.Player, number: int, at: float) -> None:
    kind = dice.choice(("true", "true", "duress", "duress", "wrong", "old phone"))
    first = at + dice.uniform(-1, 60)
    for attempt in range(3 if kind == "wrong" else 1):
        code = {"duress": DURESS_CODE, "wrong": f"11{attempt}2"}.get(kind, TRUE_CODE)
        args: dict[str, Any] = {"key": f"cancel-{number}-{attempt}-{who.short_name}", "code": code}
        if number % 2:
            args["of"] = f"sos-{number}-{who.short_name}"
        if kind == "old phone" and who in HARBOUR_PEOPLE:
            args["device"] = device_of(who, OLD_PHONE)
        script.todo.append(Do(max(0.5, first) + attempt * 2, "cancel", who, args))


def _walks(dice: random.Random, script: Script) -> None:
    if dice.random() < 0.5:
        return
    who = cast.PROTECTED
    at = dice.uniform(1, 40)
    watcher = dice.choice((cast.GUARD.id, cast.GUARD.id, None))
    args = {"key": "walk-1-wren", "timer_s": dice.choice((10, 15, 30)), "watcher": watcher}
    script.todo.append(Do(at, "walk", who, args))
    for number in range(dice.randrange(0, 3)):
        what = dice.choice(("extend", "end", "end", "confirm", "sos"))
        args = {"key": f"walk-{what}-{number}", "code": dice.choice((TRUE_CODE, DURESS_CODE))}
        if number % 2:
            args["of"] = "walk-1-wren"
        script.todo.append(Do(at + dice.uniform(3, 60), what, who, args | {"silent": False}))


def _drills(dice: random.Random, script: Script) -> None:
    for _ in range(dice.choice((0, 1, 1, 2))):
        by = dice.choice((cast.SAFETY_LEAD, cast.PROTECTED))
        at = dice.uniform(1, script.until * 0.7)
        script.todo.append(Do(at, dice.choice(("drill", "drill", "proof")), by))


def _world(dice: random.Random, script: Script) -> None:
    for provider in ("push", "carrier"):
        if dice.random() < 0.5:
            how = dice.choice(("hang", "refuse", "busy", "gone", "drop", "slow", "flaky"))
            starts = dice.uniform(0, script.until * 0.7)
            ends = min(script.until, starts + dice.uniform(5, 90))
            script.troubles.append(Trouble(provider, how, starts, ends))
    if dice.random() < 0.3:
        starts = dice.uniform(1, script.until * 0.8)
        script.away.append((starts, starts + dice.uniform(0.5, 12)))
    if dice.random() < 0.4:
        for _ in range(dice.randrange(1, 3)):
            script.steps.append((dice.uniform(1, script.until * 0.9), dice.choice(STEPS_S)))
    script.steps.sort()


def a_quiet_night(*todo: Do, **changes: Any) -> Script:
    """Return a night in which everything works and nobody answers."""
    quiet: dict[str, Any] = {
        "troubles": [],
        "away": [],
        "steps": [],
        "crash": 0.0,
        "answers": 0.0,
        "until": 70.0,
        "lost_bells": 0.0,
        "seed": "quiet",
    }
    return replace(write(0), **{**quiet, "todo": sorted(todo, key=lambda do: do.at), **changes})


def player(person_id: UUID) -> cast.Player:
    """Return who this is."""
    return next(p for p in (*cast.EVERYBODY, CLERK) if p.id == person_id)
