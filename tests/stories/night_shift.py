"""How do the stories run? The shipped verbs on the store in memory; a clock and ids made by hand."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests import cast
from tests.snapshots import (
    DURESS_CODE,
    HARBOUR_SITE,
    TRUE_CODE,
    Hands,
    SeededIds,
    a_press,
    a_snapshot,
)
from tocsin.decisions.rules.incident import Doing, Incident
from tocsin.engine.engine import DUE
from tocsin.flow.alarms import Change
from tocsin.flow.cancel_sos import Answer, cancel_sos
from tocsin.flow.memory_alarms import MemoryAlarms
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.receive_text import TextIn, receive_text
from tocsin.flow.respond import Refused, respond
from tocsin.flow.run_drill import run_drill
from tocsin.flow.walks import end_walk, start_walk
from tocsin.notifications.rules.delivery import Delivery, State, is_left_out

WREN = cast.PROTECTED


class NightShift:
    """One night at Harbour and at Orchard, told by its verbs."""

    def __init__(self, **snapshot: Any) -> None:
        """Half past five, everything is quiet."""
        self.clock = Hands()
        self.ids = SeededIds("story")
        self.alarms = MemoryAlarms(a_snapshot(**snapshot), self.clock.now)
        self._count = 0

    def key(self) -> str:
        """Return a new key of a sender."""
        self._count += 1
        return f"key-{self._count:08}"

    def presses(self, who: cast.Player = WREN, **press: Any) -> list[Change]:
        """Let somebody press."""
        made = a_press(who, **{"key": self.key(), "received_at": self.clock.now()} | press)
        return raise_sos(self.alarms, [made], ids=self.ids)

    def cancels(self, code: str = TRUE_CODE, who: cast.Player = WREN, **press: Any) -> Answer:
        """Let somebody type a code for her SOS."""
        answer = cancel_sos(self.alarms, self._coded(who, "cancel", code, press), ids=self.ids)
        assert answer is not None
        return answer

    def walks(self, timer_s: int = 60, **press: Any) -> None:
        """Let Wren begin her walk."""
        values = {"key": self.key(), "act": "walk", "timer_s": timer_s}
        assert start_walk(self.alarms, a_press(WREN, **values | press), ids=self.ids)

    def ends_walk(self, code: str = TRUE_CODE, **press: Any) -> Answer:
        """Let Wren type a code at *left the site*."""
        answer = end_walk(self.alarms, self._coded(WREN, "end", code, press), ids=self.ids)
        assert answer is not None
        return answer

    def _coded(self, who: cast.Player, act: str, code: str, more: dict[str, Any]) -> Any:
        values: dict[str, Any] = {"key": self.key(), "act": act, "code": code}
        return a_press(who, **values | {"received_at": self.clock.now()} | more)

    def acts(self, who: cast.Player, doing: str, about: Incident) -> Change | Refused:
        """Let somebody say on a page what she does."""
        return respond(
            self.alarms,
            who.organisation_id,
            about.id,
            by=who.id,
            doing=Doing(doing),
            via="page",
            ids=self.ids,
        )

    def texts(self, who: cast.Player, words: str, *, ago_s: float = 0) -> list[Change]:
        """Let a gateway hand in what somebody wrote, so many seconds ago."""
        came = self.clock.now() - timedelta(seconds=ago_s)
        text = TextIn("harbour", "carrier", self.key(), who.phone, words, came)
        return receive_text(self.alarms, text, ids=self.ids)

    def drills(self, by: cast.Player = cast.SAFETY_LEAD) -> Incident:
        """Begin a drill at Harbour."""
        change = run_drill(self.alarms, cast.HARBOUR_EMS, HARBOUR_SITE.id, by=by.id, ids=self.ids)
        assert isinstance(change, Change)
        assert change.incident is not None
        return change.incident

    def waits(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due meanwhile, at its own second."""
        until = self.clock.now().timestamp() + seconds
        while due := self.alarms.waiting(
            self.clock.now().max.replace(tzinfo=self.clock.now().tzinfo)
        ):
            first = due[0]
            if first.due_at.timestamp() > until:
                break
            self.clock.wait(max(0.0, (first.due_at - self.clock.now()).total_seconds()))
            DUE[first.kind](
                self.alarms, first.organisation_id, first.id, first.due_at, ids=self.ids
            )
        self.clock.wait(max(0.0, until - self.clock.now().timestamp()))

    def open(self, who: cast.Player = WREN, *, is_drill: bool = False) -> Incident:
        """Return the open incident of somebody."""
        found = self.alarms.open_incidents([(who.organisation_id, who.id)], is_drill=is_drill)
        return found[who.id]

    def messages(self, incident: Incident) -> list[Delivery]:
        """Return what was or is to be sent about it."""
        return [d for d in self.alarms.deliveries(incident.id) if not is_left_out(d)]

    def told(self, incident: Incident) -> set[UUID]:
        """Return who has messages about it that were not withdrawn."""
        return {d.person_id for d in self.messages(incident) if d.state is not State.CANCELLED}

    def record(self) -> list[str]:
        """Return the kinds of everything on record, in order."""
        return [entry.kind for entry in self.alarms.entries()]


__all__ = ["DURESS_CODE", "TRUE_CODE", "NightShift"]
