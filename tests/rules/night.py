"""How is one incident told? Seconds after half past five in the morning, through the pure rule alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests import cast
from tests.builders import AT, a_policy, some_facts
from tests.snapshots import SeededIds
from tocsin.decisions.rules.incident import Doing, Incident, Kind
from tocsin.notifications.rules import escalation
from tocsin.notifications.rules.due import next_due
from tocsin.notifications.rules.happenings import (
    Acted,
    Call,
    Cancelled,
    HandedOver,
    Note,
    Opened,
    RaisedAgain,
    StopSending,
    TimePassed,
    What,
)

IDS = SeededIds("night")
NAMES = {player.id: player.short_name for player in cast.EVERYBODY}


def an_incident(**changes: Any) -> Incident:
    """Return Wren's SOS at Harbour, not yet opened."""
    values: dict[str, Any] = {
        "id": IDS.uuid(),
        "organisation_id": cast.HARBOUR_EMS,
        "site_id": cast.HARBOUR.id,
        "person_id": cast.PROTECTED.id,
        "word": "WREN",
        "kind": Kind.SOS,
        "is_drill": False,
        "key": "key-00000001",
        "opened_at": AT,
        "policy": a_policy(),
        "ladder_from": AT,
        "last_raised_at": AT,
    }
    return Incident(**values | changes)


class Night:
    """One incident and everything that was said about it."""

    def __init__(self, incident: Incident | None = None, **facts: Any) -> None:
        """Nothing has happened yet; `facts` change who may be called."""
        self.incident = incident or an_incident()
        self.facts = some_facts(**facts)
        self.calls: list[tuple[float, str, set[str]]] = []
        self.notes: list[tuple[float, str]] = []
        self.stopped: list[float] = []

    def happens(self, second: float, what: What) -> "Night":
        """Let something happen, at a second that may lie before the last one."""
        at = self.at(second)
        self.incident, effects = escalation.step(
            self.incident, what, replace(self.facts, at=at), at
        )
        for effect in effects:
            match effect:
                case Call():
                    who = {NAMES[recipient.person_id] for recipient in effect.recipients}
                    self.calls.append((second, effect.template, who))
                case Note():
                    self.notes.append((second, effect.kind))
                case StopSending():
                    self.stopped.append(second)
        return self

    @staticmethod
    def at(second: float) -> datetime:
        """Return the time of day at this second."""
        return AT + timedelta(seconds=second)

    def opens(self, second: float = 0) -> "Night":
        """Open the incident."""
        return self.happens(second, Opened())

    def acts(self, second: float, who: cast.Player, doing: str) -> "Night":
        """Let somebody say on a page what she does."""
        return self.happens(second, Acted(who.id, Doing(doing), "page"))

    def presses(self, second: float, *, silent: bool = False) -> "Night":
        """Let her press again."""
        return self.happens(second, RaisedAgain(is_silent=silent))

    def cancels(self, second: float, *, under_duress: bool = False) -> "Night":
        """Let one of her codes come."""
        return self.happens(second, Cancelled(under_duress=under_duress))

    def hands_over(self, second: float, who: cast.Player, to: cast.Player) -> "Night":
        """Let the one in charge hand over."""
        return self.happens(second, HandedOver(who.id, to.id))

    def until(self, second: float) -> "Night":
        """Let time pass: everything that is due happens at its due second."""
        while (due := next_due(self.incident)) and due[1] <= self.at(second):
            self.happens((due[1] - AT).total_seconds(), TimePassed())
        return self

    def late(self, second: float) -> "Night":
        """Let the clock be looked at only now, as after a restart."""
        return self.happens(second, TimePassed())

    def called(self, template: str) -> list[tuple[float, set[str]]]:
        """Return when whom this template went to."""
        return [(second, who) for second, name, who in self.calls if name == template]

    def said(self, kind: str) -> list[float]:
        """Return when this was put on record."""
        return [second for second, name in self.notes if name == kind]
