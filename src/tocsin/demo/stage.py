"""What does every scene need? The doors, what watches, the voice, and the promises."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tocsin.decisions.rules.incident import Incident
from tocsin.demo import acting
from tocsin.demo.acting import Doors
from tocsin.demo.http import DoorError, Reply
from tocsin.demo.keepsakes import Player, Workplace
from tocsin.demo.printing import Voice
from tocsin.demo.promises import Promises
from tocsin.demo.watching import Watch, Wave
from tocsin.notifications.access import Act
from tocsin.runtime.settings import Settings


@dataclass(slots=True)
class Press:
    """Something that a phone sent: its body, when (by both clocks), and the gate's first answer."""

    player: Player
    body: dict[str, Any]
    at: float
    when: datetime
    reply: Reply

    @property
    def key(self) -> str:
        """Return the key under which it is asked about."""
        return str(self.body["key"])


@dataclass(slots=True)
class Stage:
    """One playing of the story. `pause_s`: how long a reader gets between two scenes."""

    config: Settings
    harbour: Workplace
    orchard: Workplace
    doors: Doors
    watch: Watch
    voice: Voice
    promises: Promises = field(default_factory=Promises)
    pause_s: float = 0.0
    is_live: bool = False
    left_out: list[str] = field(default_factory=list)

    def who(self, first_name: str) -> Player:
        """Return a player of Harbour County EMS."""
        return self.harbour.named(first_name)

    def press(self, player: Player, **body: object) -> Press:
        """Send a new signal from a person's phone; it is promised to be stored before it is answered."""
        said = {"key": acting.new_key(), **body}
        at, when = time.monotonic(), self.doors.clock.now()
        reply = acting.send(self.doors, player, said)
        self.promise(
            f"{player.first_name}'s {said.get('act', 'sos')} is stored before it is answered",
            f"{reply.status} {reply.text}",
            is_kept=reply.status == acting.STORED and acting.grade_of(reply) == "stored",
        )
        return Press(player, said, at, when, reply)

    def opened(self, press: Press) -> Incident:
        """Return the incident to which a press led.

        Raises:
            DoorError: there is none after half a minute.
        """
        incident = self.watch.of_key(press.key)
        if incident is None:
            message = f"{press.player.first_name}'s press led to no incident"
            raise DoorError(message)
        return incident

    def hears(self, press: Press, grade: str) -> Reply:
        """Return what the phone that pressed is told, promised to be `grade`."""
        reply = acting.hears(self.doors, press.player, press.body, grade)
        self.promise(
            f"{press.player.first_name}'s phone is told: {grade}",
            reply.text,
            is_kept=acting.grade_of(reply) == grade,
        )
        return reply

    def texts(self, player: Player, incident: Incident, digit: str, act: str) -> Act | None:
        """Answer by text ("1 CODE") and return the act that came of it, None if there is none after half a minute.

        A demo that was played many times in a day has used many of the 900 codes, and one that meant another incident
        today is refused, as it should be: then an older message of hers is answered, or else the link in it.
        """
        acting.newest(self.doors, player.phone, incident.word)
        every = acting.messages(self.doors, player.phone, incident.word)
        clear = [m for m in every if m.code and self.watch.is_clear(player.id, m.code)]
        if clear:
            acting.text(self.doors, player, f"{digit} {clear[-1].code}")
        else:
            self.voice.demo(
                f"{player.first_name}'s code was used today already: she answers from the link."
            )
            acting.answer(self.doors, every[-1].link, act)
        return self.watch.act(incident.id, player.id, act)

    def promise(self, words: str, seen: object, *, is_kept: bool) -> None:
        """Judge a promise; one that was not kept is said at once.

        In the live demo a reader may have acted before the story did: then it is no broken promise.
        """
        if self.promises.keep(words, seen, is_kept=is_kept):
            return
        seen = self.promises.made[-1].seen
        if self.is_live:
            self.voice.demo(f"Otherwise than played: {words} (seen: {seen})")
        else:
            self.voice.plain(f"{'':9} NOT KEPT  {words} (seen: {seen})")

    def leave_out(self, words: str) -> None:
        """Say that an earlier run had this part already; it is said once more where the promises are counted."""
        self.left_out.append(words)
        self.voice.demo(words)

    def since_ms(self, at: float) -> float:
        """Return the milliseconds since a monotonic time."""
        return (time.monotonic() - at) * 1000

    def pause(self) -> None:
        """Give a reader time, in the live demo."""
        time.sleep(self.pause_s)


def told(wave: Wave) -> str:
    """Return a wave of messages in words."""
    words = f"{wave.people} people, {wave.messages} messages ({', '.join(wave.channels)})"
    if wave.first_ms is not None and wave.last_ms is not None:
        words += (
            f"; first handed over after {wave.first_ms:.0f} ms, last after {wave.last_ms:.0f} ms"
        )
    if wave.waiting:
        words += f"; {wave.waiting} wait for a provider that does not answer"
    if wave.failed:
        words += f"; {wave.failed} failed for good, and it is said"
    return words
