"""What do the people do who are called? Some answer, in their time, by page, link or text; some never."""

import asyncio
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tests import cast
from tests.simulation.faults import dice
from tests.simulation.script import Do, player
from tocsin.decisions.rules.incident import Doing
from tocsin.flow.respond import Answered, hand_over, respond
from tocsin.notifications.rules.message import Message

if TYPE_CHECKING:
    from tests.simulation.world import World

ACTS: Final = (
    *("seen", "going", "going", "in_charge", "in_charge", "in_charge", "calling", "calling"),
    *("calling", "there", "cannot", "over", "watching", "hand over", "noise", "noise"),
)
BY_TEXT: Final = {"in_charge": "1", "going": "2", "there": "3", "cannot": "4"}
NOISE: Final = ("STOP", "CANCEL", "END", "ok", "1 000", "stop 1", "who is this?")


class People:
    """Everybody with a telephone."""

    def __init__(self, world: "World") -> None:
        """Wait for messages."""
        self._world = world
        self._plans: list[asyncio.TimerHandle] = []
        self._is_quiet = False
        self._codes: dict[UUID, str] = {}
        self.gone: set[UUID] = set()
        self.shut_out: set[UUID] = set()

    def has_no_part(self, person_id: UUID, whose: UUID) -> bool:
        """Return whether this person works here no more, or must not hear of her alarms whose this is."""
        is_out = person_id in self.shut_out and whose == cast.PROTECTED.id
        return is_out or person_id in self.gone

    def stop(self) -> None:
        """Let nobody do anything any more."""
        self._is_quiet = True
        for plan in self._plans:
            plan.cancel()

    @staticmethod
    def named(person_id: UUID) -> cast.Player:
        """Return who this is."""
        return player(person_id)

    def got(self, channel: str, message: Message) -> None:
        """Read a message, and perhaps do something about it later."""
        world = self._world
        world.history.add(
            world.loop.time(), "arrived", reference=message.reference, person=message.person_id
        )
        if message.code:
            self._codes[message.person_id] = message.code
        if self._is_quiet:
            return
        wave = message.reference.split(".")[1]
        luck = dice(world.script.seed, message.key, message.person_id, channel, wave)
        if luck.random() < world.script.answers:
            later = luck.uniform(1, 25)
            doing = luck.choice(ACTS)
            plan = world.loop.call_later(later, self._answer, channel, message, doing)
            self._plans.append(plan)

    def planned(self, do: Do) -> None:
        """Let somebody do what the script says, about the first that is open; by text with the last code that she has."""
        doing = do.args["doing"]
        incident_id = next(one.id for one in self._world.store.incidents() if one.is_open)
        if do.args["by_text"]:
            code = self._codes[do.who.id]
            self._write(do.who, incident_id, doing, "text")
            self._world.text(do.who, f"{BY_TEXT[doing]} {code}", f"text-{do.at}-{code}")
        else:
            self.act(do.who, incident_id, doing, "page")

    def _answer(self, channel: str, message: Message, doing: str) -> None:
        who, world = player(message.person_id), self._world
        if doing == "hand over":
            self._hand_over(who, message.incident_id)
        elif doing == "noise":
            words = dice(world.script.seed, message.key, message.person_id, "noise").choice(NOISE)
            world.text(who, words, f"noise-{message.reference}")
        elif channel == "sms" and message.code and doing in BY_TEXT:
            self._write(who, message.incident_id, doing, "text")
            world.text(who, f"{BY_TEXT[doing]} {message.code}", f"text-{message.reference}")
        else:
            via = "page" if channel == "live" else "link"
            self.act(who, message.incident_id, doing, via, message.delivery_id)

    def act(
        self,
        who: cast.Player,
        incident_id: UUID,
        doing: str,
        via: str,
        delivery_id: UUID | None = None,
    ) -> None:
        """Let somebody say what she does, on a page or by the link; who works here no more has neither."""
        world = self._world
        if who.id in self.gone:
            return
        self._write(who, incident_id, doing, via)
        world.web(
            lambda alarms: respond(
                alarms,
                who.organisation_id,
                incident_id,
                by=who.id,
                doing=Doing(doing),
                via=via,
                ids=world.ids,
                on=Answered(delivery_id) if delivery_id else None,
            ),
            (who.organisation_id, incident_id),
        )

    def _hand_over(self, who: cast.Player, incident_id: UUID) -> None:
        to = cast.SHIFT_LEAD if who is not cast.SHIFT_LEAD else cast.DISPATCHER
        world = self._world
        if who.id in self.gone:
            return
        self._write(who, incident_id, "in_charge", "hand-over")
        world.web(
            lambda a: hand_over(
                a, who.organisation_id, incident_id, by=who.id, to=to.id, ids=world.ids
            ),
            (who.organisation_id, incident_id),
        )

    def _write(self, who: cast.Player, incident_id: UUID, doing: str, via: str) -> None:
        now = self._world.loop.time()
        self._world.history.add(
            now, "act", person=who.id, incident=incident_id, doing=doing, via=via
        )
