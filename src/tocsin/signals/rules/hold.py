"""When is a walk held, whose look counts, and for how long?

A shift's end (and its start) of a protected person opens a walk by itself. It is *held*: she is asked to stay inside
until a named person has looked at the way and the lot. A look counts for `FRESH_S` seconds and no longer, by two
clocks: the engine's timer, which no stepped clock moves, and the wall clock at the moment she goes. Nothing here ever
says "clear": there is a look that saw nothing, by somebody, at a time; or nobody has looked. She can always go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

FRESH_S: Final = 180
OPEN_BEFORE_S: Final = 600
OPEN_LATE_S: Final = 900
KEEP_S: Final = 7_200
MET_WITHIN_S: Final = 1_800
ASK_UNTIL_S: Final = 1_800
ASK_FOR_S: Final = (300, 600)
SAME_WALK_S: Final = 3_600
MOVED_WITHIN_S: Final = 57_600
CLOCKS_DIFFER_S: Final = 120
FIRST_LEAD_S: Final = 180
FIRST_DUTY_LEAD_S: Final = 360
# The key under which every phone asks whether it has to wait; it is the same on all of them.
WAY_KEY: Final = "the-way-now"


class Kind(StrEnum):
    """Which way: off the site after a shift, or up to the door before one. The commute is never a walk."""

    LEAVING = "leaving"
    ARRIVING = "arriving"


class State(StrEnum):
    """Where a hold stands. The first three are open; `moved`: the shift goes on and ends later, or begins later."""

    HELD = "held"
    LOOKED = "looked"
    SOMETHING = "something"
    DECLINED = "declined"
    LEFT = "left"
    MET = "met"
    OVER = "over"
    MOVED = "moved"


class How(StrEnum):
    """What somebody looked with."""

    CAMERA = "camera"
    PATROL = "patrol"
    CAR = "car"
    DOOR = "door"
    NOT_SAID = "not_said"


class Saw(StrEnum):
    """What a look saw. Who could not see has not looked."""

    NOTHING = "nothing"
    SOMETHING = "something"
    COULD_NOT = "could_not"


@dataclass(frozen=True, slots=True)
class Stay:
    """One shift of a protected person at one site (aware UTC), planned by the wall clock of `time_zone`.

    `is_kept`: as it would be if no party of her case had written of the roster.
    """

    organisation_id: UUID
    person_id: UUID
    site_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str = "UTC"
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A shift's end or start, for which a walk is held. `begins_at`: when that shift begins, as far as it is known.

    `again_at`: when it may be for the second time, on the nights that the clock is changed: she may mean either.
    """

    kind: Kind
    at: datetime
    site_id: UUID
    begins_at: datetime | None = field(default=None, compare=False)
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WalkPlan:
    """How her walks go, as she decided. `phrase` is what she is sent, `answer` what she sends back; both are hers.

    `later_min`: how many minutes after her shift's end she leaves, negative before it, because she took another time.
    `exit_id`: the place of another exit that she took.
    """

    organisation_id: UUID
    person_id: UUID
    at_start: bool = True
    at_end: bool = True
    timer_s: int = 300
    places: tuple[UUID, ...] = ()
    phrase: str = ""
    answer: str = ""
    later_min: int = 0
    exit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A named person looked: with what, and what she saw. `hold_id`: what she was asked about.

    `decides`: she leads, and decided with it about what had been seen.
    """

    id: UUID
    organisation_id: UUID
    site_id: UUID
    person_id: UUID
    how: How
    saw: Saw
    at: datetime
    hold_id: UUID | None = None
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """One held walk. Times are aware UTC; `edge_at` is the shift's end, or its start.

    `told_at`: a message was sent to her; `answered_at`: she answered, and only then she is *told*. `due_at` is what
    time does next, counted from `due_set_at`. `missed_look`: nobody had looked when she went, or at all until it was over.
    """

    id: UUID
    organisation_id: UUID
    person_id: UUID
    site_id: UUID
    kind: Kind
    edge_at: datetime
    opened_at: datetime
    state: State = State.HELD
    case_id: UUID | None = None
    told_at: datetime | None = None
    answered_at: datetime | None = None
    look_id: UUID | None = None
    looked_by_id: UUID | None = None
    looked_until: datetime | None = None
    walk_id: UUID | None = None
    declined_at: datetime | None = None
    left_at: datetime | None = None
    missed_look: bool = False
    due_at: datetime | None = None
    due_set_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Return whether she has neither gone nor declined, and time has not ended it."""
        return self.ended_at is None

    @property
    def is_unjudged(self) -> bool:
        """Return whether she declined, or has forgotten that she did, and time has not said whether a look was missed."""
        return self.state in {State.DECLINED, State.OVER} and self.due_at is not None

    @property
    def keeps_until(self) -> datetime:
        """Return when it ends by itself: long after her shift's end, or when she would have come."""
        return self.edge_at + seconds(KEEP_S if self.kind is Kind.LEAVING else MET_WITHIN_S)


# --- looks ----------------------------------------------------------------------------------------------


def counts(look: Look, at: datetime) -> bool:
    """Return whether this look counts at `at`: somebody could see, 180 s ago at most, and not after `at`.

    A look from the future is one from before a clock was set back: how old it is, nobody knows, so it does not count.
    """
    age = at - look.at
    return look.saw is not Saw.COULD_NOT and timedelta(0) <= age <= seconds(FRESH_S)


def considered(
    hold: Hold, look: Look, at: datetime, kept_out: frozenset[UUID], *, decides: bool = False
) -> Hold:
    """Return the hold after a look. One by herself, or by who is kept from her, or blind, or too old changes nothing.

    What saw something holds until a person decides (`decides`): a second look that saw nothing is not enough.
    """
    is_nobodys = look.person_id in kept_out or look.person_id == hold.person_id
    if not hold.is_open or is_nobodys or not counts(look, at):
        return hold
    if hold.state is State.SOMETHING and look.saw is Saw.NOTHING and not decides:
        return hold
    seen = replace(hold, look_id=look.id, looked_by_id=look.person_id)
    if look.saw is Saw.SOMETHING:
        return _due(replace(seen, state=State.SOMETHING, looked_until=None), hold.keeps_until, at)
    until = look.at + seconds(FRESH_S)
    return _due(replace(seen, state=State.LOOKED, looked_until=until), until + seconds(1), at)


def is_fresh(hold: Hold, at: datetime) -> bool:
    """Return whether somebody has looked within the last three minutes, by the timer and by the wall clock."""
    if hold.state is not State.LOOKED or hold.looked_until is None:
        return False
    return timedelta(0) <= hold.looked_until - at <= seconds(FRESH_S)


def lapsed(hold: Hold, at: datetime) -> Hold:
    """Return the hold after its look grew too old: held again. It is never taken up a second time."""
    if hold.state is not State.LOOKED or is_fresh(hold, at):
        return hold
    return replace(hold, state=State.HELD, looked_until=None, looked_by_id=None)


# --- what she does ----------------------------------------------------------------------------------------


def went(hold: Hold, walk_id: UUID, at: datetime) -> Hold:
    """Return the hold after she went. Whether somebody had looked is the employer's to explain, not hers."""
    missed = not is_fresh(hold, at) and hold.state is not State.SOMETHING
    gone = replace(hold, walk_id=walk_id, left_at=at, missed_look=missed)
    return _ended(gone, State.LEFT, at)


def declined(hold: Hold, at: datetime) -> Hold:
    """Return the hold after she declined it, with one tap, for no reason and at no cost.

    Whether a look was missed is said when it would have ended by itself: said now, it would tell the leads that she chose.
    """
    chosen = replace(hold, declined_at=at, state=State.DECLINED, ended_at=at)
    return _due(chosen, hold.keeps_until, at)


def is_about(hold: Hold, said_at: datetime | None) -> bool:
    """Return whether what she said then can be about this hold: not before it opened. None: she says it now.

    The clocks of a gate and of the database may differ; minutes of that cost no word of hers.
    """
    return said_at is None or said_at >= hold.opened_at - seconds(CLOCKS_DIFFER_S)


def is_left_by(hold: Hold, pressed_at: datetime) -> bool:
    """Return whether a walk that she began then is the one that is held, however late the press is heard.

    She may have gone while no engine ran to open it; one of hours before it was to open says nothing of where she is now.
    """
    opens_at = min(hold.opened_at, hold.edge_at - seconds(OPEN_BEFORE_S))
    return pressed_at >= opens_at - seconds(CLOCKS_DIFFER_S)


def answered(hold: Hold, at: datetime) -> Hold:
    """Return the hold after she answered: now she is told."""
    return replace(hold, answered_at=hold.answered_at or at)


def asked_of_her(hold: Hold, at: datetime | None, *, is_new: bool) -> Hold:
    """Return the hold after a question at which she was sent her phrase at `at`; None: it did not go to her.

    `is_new`: something was seen. What she answered before that was to other news, and says nothing of whether she knows.
    """
    if is_new:
        return replace(hold, told_at=at, answered_at=None)
    return replace(hold, told_at=hold.told_at or at)


def met(hold: Hold, at: datetime) -> Hold:
    """Return the hold of an arrival after somebody met her at the door."""
    return _ended(hold, State.MET, at)


def over(hold: Hold, at: datetime) -> Hold:
    """Return the hold ended by time: a look was missed if nobody had looked at all."""
    return replace(_ended(hold, State.OVER, at), missed_look=hold.look_id is None)


def judged(hold: Hold, *, is_looked: bool) -> Hold:
    """Return the hold that she declined, when it would have ended by itself. `is_looked`: somebody looked since."""
    missed = hold.look_id is None and not is_looked
    return replace(hold, missed_look=missed, due_at=None, due_set_at=None)


def moved_away(hold: Hold, at: datetime) -> Hold:
    """Return the hold ended because her shift now ends, or begins, much later: it is opened again then."""
    return _ended(hold, State.MOVED, at)


def _ended(hold: Hold, state: State, at: datetime) -> Hold:
    return replace(hold, state=state, ended_at=at, due_at=None, due_set_at=None)


# --- time -------------------------------------------------------------------------------------------------


def is_looked_for(hold: Hold, at: datetime) -> bool:
    """Return whether people go on looking at this way: it is open, or she declined it and its time is not over.

    A way that vanished when she declined would look to everybody as if she had gone.
    """
    return hold.is_open or (hold.is_unjudged and at < hold.keeps_until)


def as_if_held(hold: Hold, looks: Sequence[Look], at: datetime) -> Hold:
    """Return a hold as those see it who look: of one that she declined nothing says so. `looks`: at it, in order."""
    if hold.is_open or hold.ended_at is None:
        return hold
    state = State.LOOKED if hold.looked_until else State.HELD
    if hold.looked_by_id and not hold.looked_until:
        state = State.SOMETHING
    shown = replace(hold, state=state, declined_at=None, ended_at=None)
    for look in looks:
        if look.at > hold.ended_at:
            shown = considered(shown, look, look.at, frozenset(), decides=look.decides)
    return lapsed(shown, at)


def waits(hold: Hold, until: datetime, at: datetime) -> Hold:
    """Return the hold with what time does next to it: at `until`, or when it ends by itself if that is sooner."""
    return _due(hold, min(until, hold.keeps_until), at)


def poked(hold: Hold, at: datetime) -> Hold:
    """Return the hold due at once, so that an engine tells her phone what a page has changed."""
    return _due(hold, at, at)


def _due(hold: Hold, until: datetime, at: datetime) -> Hold:
    return replace(hold, due_at=max(until, at), due_set_at=at)


def ask_offsets(left_s: float) -> tuple[int, int, int]:
    """Return after how many seconds the posts, the shift lead and the duty lead are asked to look.

    All of them before her shift ends, where as much as a minute is left; with less, a minute is what they get.
    """
    share = min(1.0, max(left_s, 60.0) / OPEN_BEFORE_S)
    return 0, round(FIRST_LEAD_S * share), round(FIRST_DUTY_LEAD_S * share)


def ask_for_s(left_s: float) -> int:
    """Return for how long one question stands before it is asked anew."""
    low, high = ASK_FOR_S
    return round(min(max(left_s, low), high))


# --- words --------------------------------------------------------------------------------------------------


def word_for_her(hold: Hold | None) -> str:
    """Return what her phone shows: none, wait, looked or something. Never that it is safe.

    Before an arrival she is outside: her phone says nothing unless something was seen.
    """
    if hold is None or not hold.is_open:
        return "none"
    if hold.kind is Kind.ARRIVING:
        return "something" if hold.state is State.SOMETHING else "none"
    return "wait" if hold.state is State.HELD else hold.state.value


def seconds(n: float) -> timedelta:
    """Return a duration."""
    return timedelta(seconds=n)
