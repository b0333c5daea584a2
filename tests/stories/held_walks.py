"""The end of Wren's shift, told by its verbs: what the roster opens, who looks, and what she does."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests import cast
from tests.builders import AT, a_policy
from tests.snapshots import HARBOUR_SITE, NIGHT, NIGHT_FROM, a_press, a_site, a_stint
from tests.stories.night_shift import NightShift
from tocsin.engine.intake import take
from tocsin.flow.alarms import Change
from tocsin.flow.change_way import change_way
from tocsin.flow.look import Looking, look
from tocsin.flow.open_held_walks import open_held_walks
from tocsin.flow.respond import Refused
from tocsin.flow.snapshot import KnownSite, Stint
from tocsin.notifications.rules.delivery import Delivery, State
from tocsin.registry.rules.policy import Post
from tocsin.signals.rules.hold import Hold, How, Kind, Saw, WalkPlan

WREN = cast.PROTECTED
# Ten minutes after the story begins a hold opens; ten minutes later her shift ends.
ENDS_AT = AT + timedelta(minutes=20)
OPENS_IN_S = 600.0
PHRASE = "Can you check the printer before you go?"
PLAN = WalkPlan(cast.HARBOUR_EMS, WREN.id, at_start=False, phrase=PHRASE, answer="printer is fine")


def until(ends_at: datetime, who: cast.Player = WREN) -> Stint:
    """Return a shift that ends then."""
    return a_stint(who, HARBOUR_SITE, NIGHT_FROM, ends_at)


class EndOfShift(NightShift):
    """Wren's shift ends at ten to six; everybody else stays until noon."""

    def __init__(self, *shifts: Stint, plan: WalkPlan = PLAN, **snapshot: Any) -> None:
        """Half past five; nothing is opened yet."""
        others = tuple(a_stint(p, HARBOUR_SITE) for p in NIGHT if p is not WREN)
        stints = (*(shifts or (until(ENDS_AT),)), *others)
        super().__init__(**{"plans": (plan,), "stints": stints, **snapshot})

    def roster(self, *shifts: Stint) -> None:
        """Change Wren's shifts: the engine reads the new ones from here on."""
        others = [s for s in self.alarms._stints if s.duty.person_id != WREN.id]
        self.alarms._stints = (*shifts, *others)

    def reads_roster(self) -> list[Change]:
        """Let the engine look whose shift ends soon."""
        return open_held_walks(self.alarms, ids=self.ids)

    def opens(self) -> Hold:
        """Wait until the hold is there, and return it."""
        self.passes(OPENS_IN_S)
        return self.hold()

    def passes(self, seconds: float) -> None:
        """Let time pass; the engine reads the roster every 5 s, and does what is due."""
        whole, rest = divmod(seconds, 5.0)
        for _ in range(int(whole)):
            self.waits(5.0)
            self.reads_roster()
        self.waits(rest)

    def hold(self, kind: Kind = Kind.LEAVING) -> Hold:
        """Return her latest hold of this kind."""
        found = [h for h in self.all_holds() if h.kind is kind]
        return max(found, key=lambda h: h.opened_at)

    def all_holds(self) -> list[Hold]:
        """Return every hold there ever was."""
        return list(self.alarms._holds.values())

    def changes_way(self, **plan: Any) -> None:
        """Let Wren take another way out, as her page does; the engine has not looked since."""
        known = self.alarms._plans.get(WREN.id, PLAN)
        self.alarms._plans = {**self.alarms._plans, WREN.id: replace(known, **plan)}
        change_way(self.alarms, cast.HARBOUR_EMS, WREN.id, ids=self.ids)

    def looks(
        self,
        who: cast.Player = cast.GUARD,
        saw: str = "nothing",
        *,
        decides: bool = False,
        way: str | None = None,
        is_old: bool = False,
        waited_s: float = 0,
    ) -> list[Change] | Refused:
        """Let somebody look at the way with a camera; what she pressed comes so many seconds later."""
        waited = timedelta(seconds=waited_s)
        looking = Looking(who.id, How.CAMERA, Saw(saw), "page", decides, way, is_old, waited=waited)
        return look(self.alarms, who.organisation_id, self.hold().id, looking, ids=self.ids)

    def presses_on_phone(self, act: str, **press: Any) -> str:
        """Let Wren press something on her phone, and return what it is told."""
        values = {"key": self.key(), "act": act, "received_at": self.clock.now(), "timer_s": 60}
        taken = take(self.alarms, a_press(WREN, **values | press), self.ids, "")
        return taken.answers[0][1] if taken.answers else ""

    def shown(self) -> str:
        """Return what her phone shows about the way."""
        return self.presses_on_phone("way")

    def asked(self) -> set[UUID]:
        """Return who has been asked to look, herself left out."""
        found = (i for i in self.alarms.incidents() if i.kind == "look")
        return {d.person_id for i in found for d in self.messages(i)} - {WREN.id}

    def sent_to_her(self) -> list[str]:
        """Return the texts' names that she was sent."""
        return [d.template for d in self._to_her()]

    def states_to_her(self) -> list[State]:
        """Return where those texts are."""
        return [d.state for d in self._to_her()]

    def _to_her(self) -> list[Delivery]:
        found = (i for i in self.alarms.incidents() if i.kind == "look")
        return [d for i in found for d in self.messages(i) if d.person_id == WREN.id]


def prolonged(hours: float) -> Stint:
    """Return her shift with a later end."""
    return until(ENDS_AT + timedelta(hours=hours))


def a_site_with_a_post() -> KnownSite:
    """Return Harbour with a front door that somebody keeps."""
    return a_site(HARBOUR_SITE, policies=(a_policy(),), posts=(Post(id=cast.FRONT_DOOR),))


def others_with_a_post() -> tuple[Stint, ...]:
    """Return Gus at the front door; Lea and Dara on duty too."""
    guard = a_stint(cast.GUARD, HARBOUR_SITE)
    guard = replace(guard, duty=replace(guard.duty, post_id=cast.FRONT_DOOR))
    return (guard, a_stint(cast.SHIFT_LEAD, HARBOUR_SITE), a_stint(cast.DISPATCHER, HARBOUR_SITE))
