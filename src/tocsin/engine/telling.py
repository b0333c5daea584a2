"""Who is told that something changed? The device that pressed, through the gate; the screens, through the database.

What a device is told is worked out from the incident as it is (I15); a silent one only ever hears *stored*.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Grade, Incident, grade, grade_withdrawn
from tocsin.engine.desk import POST, Desk, StoreAwayError
from tocsin.flow.alarms import Alarms
from tocsin.runtime import logs
from tocsin.runtime.doorbell import Sender
from tocsin.signals.rules.hold import WAY_KEY, Hold, Kind, word_for_her
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.walk import Walk

GATHER_S: Final = 0.02
# The kernel queues about ten datagrams for a gate that is busy.
TRIES: Final = 5
# Of two holds of hers, what her phone says: the more cautious word.
CAUTION: Final = {"something": 0, "wait": 1, "looked": 2}

log = logs.get("telling")

Ring = Callable[[Alarms, list[str]], None]


class Telling:
    """Gathers incidents that changed for 20 ms, then tells the gate and the screens, outside every transaction."""

    def __init__(self, desk: Desk, gate: Sender, ring_screens: Ring) -> None:
        """`ring_screens` sends payloads to the live stream; it may fail, the screens look again by themselves."""
        self._desk, self._gate, self._ring = desk, gate, ring_screens
        self._changed: dict[UUID, Incident] = {}
        self._ways: dict[UUID, Hold] = {}
        self._asked: dict[UUID, str] = {}
        self._words: dict[UUID, dict[UUID, tuple[str, str | None]]] = {}
        # Until when the look of her way counts: the gate tells it no longer, whatever has become of this engine.
        self._until: dict[UUID, datetime] = {}
        self._devices: dict[UUID, tuple[UUID, ...]] = {}
        self._sent: dict[UUID, None] = {}
        self._names: dict[UUID, str] = {}
        self._rung = asyncio.Event()

    def changed(self, incident: Incident) -> None:
        """Tell of this incident soon."""
        self._changed[incident.id] = incident
        self._rung.set()

    def sent(self, incident_id: UUID) -> None:
        """Note that a message of this incident was handed to a provider."""
        self._sent[incident_id] = None

    def answer(self, press: Press, word: str) -> None:
        """Tell a device what became of its own code or walk."""
        if press.key == WAY_KEY:
            # All her phones ask under this name: told to one alone, the others would ask for ever.
            self._asked[press.person_id] = word
            self._rung.set()
            return
        self._gate.ring_all([{"p": str(press.person_id), "k": press.key, "g": word, "by": None}])

    def walk_ended(self, walk: Walk) -> None:
        """Tell her phone that her walk was seen to its end: it must not go on saying that her time runs out (I15)."""
        self._gate.ring_all([_ended(walk)])

    async def walks_ended(self, walks: Sequence[Walk]) -> None:
        """Tell a gate that has just started of every walk that was seen to its end before."""
        await self._ring_gate([_ended(walk) for walk in walks])

    async def _ring_gate(self, lines: Sequence[Mapping[str, object]]) -> None:
        for _ in range(TRIES if lines else 0):
            if self._gate.ring_all(lines):
                break
            await asyncio.sleep(GATHER_S * 5)

    def way(self, hold: Hold) -> None:
        """Tell her phone soon how it stands with the way."""
        self._ways[hold.id] = hold
        self._rung.set()

    async def run(self) -> None:
        """Tell, for ever."""
        while True:
            await self._rung.wait()
            await asyncio.sleep(GATHER_S)
            self._rung.clear()
            changed, self._changed = self._changed, {}
            ways, self._ways = self._ways, {}
            asked, self._asked = self._asked, {}
            await self._tell_ways(list(ways.values()), asked)
            await self.tell(list(changed.values()))

    async def _tell_ways(self, ways: Sequence[Hold], asked: Mapping[UUID, str]) -> None:
        await self._learn_devices({*asked, *(hold.person_id for hold in ways)})
        await self._learn_names({hold.looked_by_id for hold in ways if hold.looked_by_id})
        words = [(hold.person_id, *self._learn_word(hold)) for hold in ways]
        # Only now: until when a look counts that she asked about is known from its hold.
        lines = [self._way(person_id, word, None) for person_id, word in asked.items()]
        lines += [self._way(person_id, word, by) for person_id, word, by in words if word]
        await self._ring_gate(lines)

    def _way(self, person_id: UUID, word: str, by: str | None) -> dict[str, object]:
        # The name of the question is the same on all her phones: one that was lost must not hear the answer (I18).
        devices = [str(device) for device in self._devices.get(person_id, ())]
        line: dict[str, object] = {"p": str(person_id), "k": WAY_KEY, "g": word, "by": by}
        until = self._until.get(person_id)
        if word == "looked" and until:
            line["u"] = until.timestamp()
        return line | {"d": devices}

    def _learn_word(self, hold: Hold) -> tuple[str, str | None]:
        """Return what her phone is told now, and by whom; "" if this hold has nothing to tell it.

        She may have two: where she leaves, and where she comes to. The end of one takes nothing from the other.
        """
        self._learn_until(hold)
        word, said = word_for_her(hold), self._words.setdefault(hold.person_id, {})
        if word == "none" and hold.id not in said and hold.is_open:
            # An arrival tells her phone something only when something was seen, and when that is over.
            return "", None
        if word == "none":
            said.pop(hold.id, None)
        else:
            by = hold.looked_by_id if word == "looked" else None
            said[hold.id] = word, self._names.get(by) if by else None
        return min(said.values(), key=lambda one: CAUTION.get(one[0], 3), default=("none", None))

    def _learn_until(self, hold: Hold) -> None:
        if hold.kind is not Kind.LEAVING:
            return
        if hold.is_open and hold.looked_until:
            self._until[hold.person_id] = hold.looked_until
        else:
            self._until.pop(hold.person_id, None)

    async def _learn_devices(self, people: Collection[UUID]) -> None:
        if not people:
            return
        try:
            found = await self._desk.do(lambda alarms: alarms.devices_in_use(list(people)), POST)
        except StoreAwayError:
            log.warning("devices.unknown", n=len(people))
            return
        self._devices |= {person_id: found.get(person_id, ()) for person_id in people}

    async def tell(self, incidents: Sequence[Incident]) -> None:
        """Tell the gate and the screens about these incidents."""
        grades = {i.id: grade(i, was_sent=i.id in self._sent) for i in incidents}
        await self._learn_names({g.person_id for g in grades.values() if g.person_id})
        lines = [line for i in incidents for line in self._lines(i, grades[i.id])]
        await self._ring_gate(lines)
        payloads = [_payload(incident) for incident in incidents]
        for incident in incidents:
            if not incident.is_open:
                self._sent.pop(incident.id, None)
        try:
            await self._desk.do(lambda alarms: self._ring(alarms, payloads), POST)
        except StoreAwayError:
            log.warning("screens.not_rung", n=len(payloads))

    def _lines(self, incident: Incident, told: Grade) -> list[dict[str, object]]:
        by = self._names.get(told.person_id) if told.person_id else None
        person = str(incident.person_id)
        shown: list[dict[str, object]] = [
            {"p": person, "k": key, "g": told.word, "by": by} for key in incident.keys
        ]
        return shown + [
            {"p": person, "k": key, "g": grade_withdrawn(incident, key).word, "by": None}
            for key in incident.cancelled_keys
        ]

    async def _learn_names(self, people: Iterable[UUID]) -> None:
        missing = [person for person in people if person not in self._names]
        if not missing:
            return
        try:
            self._names |= await self._desk.do(lambda alarms: alarms.short_names(missing), POST)
        except StoreAwayError:
            log.warning("names.unknown", n=len(missing))

    async def resume(self, incidents: Sequence[Incident]) -> None:
        """Tell again of every open incident, after a start or when the gate says hello."""
        ids = [incident.id for incident in incidents]
        self._sent |= dict.fromkeys(await self._desk.do(lambda alarms: alarms.was_sent(ids), POST))
        await self.tell(incidents)


def _ended(walk: Walk) -> dict[str, object]:
    return {"p": str(walk.person_id), "k": walk.key, "g": "ended", "by": None}


def _payload(incident: Incident) -> str:
    said = {"o": str(incident.organisation_id), "i": str(incident.id), "v": incident.version}
    return json.dumps(said, separators=(",", ":"))
