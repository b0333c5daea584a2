"""Nights in which somebody leaves, or is shut out from her alarms, in the middle; and what must be true of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tests import cast
from tests.simulation.history import History
from tests.simulation.script import Do, Script, player, write
from tocsin.decisions.rules.incident import ASKING, Incident
from tocsin.flow.alarms import Change
from tocsin.notifications.rules.calling import involved

if TYPE_CHECKING:
    from tests.simulation.world import World

LEAVES: Final = "leaves"
SHUT_OUT: Final = "shut out"
THEY: Final = (cast.GUARD, cast.SHIFT_LEAD, cast.DISPATCHER)


def write_left(seed: int) -> Script:
    """Return the night of this seed in which somebody leaves, another is perhaps shut out, and many people answer."""
    dice = random.Random(f"left/{seed}")
    base = write(seed)
    gone, out = dice.sample(THEY, 2)
    more = [Do(dice.uniform(5, base.until * 0.9), LEAVES, gone)]
    if dice.random() < 0.5:
        more.append(Do(dice.uniform(5, base.until * 0.9), SHUT_OUT, out))
    todo = sorted([*base.todo, *more], key=lambda one: one.at)
    return replace(base, seed=f"left-{seed}", todo=todo, answers=dice.choice((0.15, 0.5, 0.9)))


def do(world: "World", todo: Do) -> None:
    """Let somebody work here no more, or be one of whom Wren's alarms are kept."""
    people, now = world.store._people, world.loop.time()
    if todo.what == LEAVES:
        people[todo.who.id] = replace(people[todo.who.id], is_active=False)
        # Her sign-in and her links are dead; her phone still writes texts.
        world.people.gone.add(todo.who.id)
    else:
        hers = people[cast.PROTECTED.id]
        people[hers.person.id] = replace(hers, kept_out=hers.kept_out | {todo.who.id})
        world.people.shut_out.add(todo.who.id)
    world.history.add(now, todo.what, person=todo.who.id)


@dataclass(frozen=True, slots=True)
class _Left:
    """Since when somebody has no part: in anything, or (`of`) in what is about her."""

    person_id: UUID
    since: float
    of: UUID | None

    def is_of(self, incident: Incident) -> bool:
        return self.of is None or incident.person_id == self.of


def _left(history: History) -> list[_Left]:
    return [
        _Left(f.data["person"], f.t, None if f.kind == LEAVES else cast.PROTECTED.id)
        for f in history.of(LEAVES, SHUT_OUT)
    ]


def _after(history: History) -> Iterator[tuple[_Left, float, Change, Incident]]:
    """Yield each change of an incident in which somebody has no part any more, with who that is and when it was."""
    for left in _left(history):
        for t, change in history.changes():
            incident = change.incident
            if incident is not None and t > left.since and left.is_of(incident):
                yield left, t, change, incident


def nothing_rests_on_who_is_gone(script: Script, history: History) -> Iterator[str]:
    """I3: from the next decision on he is in charge of nothing, owns no emergency call, goes nowhere, has said nothing."""
    del script
    for left, t, _change, incident in _after(history):
        if not incident.is_open or incident.kind in ASKING:
            continue
        if left.person_id in involved(incident) | incident.over:
            yield f"I3: {incident.key} rests at {t:.1f} on {_name(left)}, gone at {left.since:.1f}"


def who_is_gone_ends_nothing(script: Script, history: History) -> Iterator[str]:
    """I18: no act of his counts any more, by whatever way it comes."""
    del script
    for left, t, change, _incident in _after(history):
        if any(act.person_id == left.person_id for act in change.acts):
            yield f"I18: an act of {_name(left)} counted at {t:.1f}, gone at {left.since:.1f}"


def who_is_gone_hears_nothing(script: Script, history: History) -> Iterator[str]:
    """I11: nothing more is meant for him."""
    del script
    for left, t, change, incident in _after(history):
        if incident.kind in ASKING and left.of:
            continue
        if any(one.person_id == left.person_id for one in change.deliveries):
            yield f"I11: {_name(left)} was called at {t:.1f}, gone at {left.since:.1f}"


def _name(left: _Left) -> str:
    return player(left.person_id).short_name


CHECKERS: Final = (
    nothing_rests_on_who_is_gone,
    who_is_gone_ends_nothing,
    who_is_gone_hears_nothing,
)
