"""What is a reader told first and last? Where to look, who can sign in, and what all this does not say."""

import threading
from collections.abc import Callable
from typing import Final, TextIO

from tocsin.demo.installation import Installation
from tocsin.demo.keepsakes import Player
from tocsin.demo.stage import Stage
from tocsin.demo.totp import PERIOD_S, code_at

LABELS: Final = (
    "REPORTED   what four published reports say of one real event, by their letters, as the example file gives it: short,",
    "           names and dates left out; they disagree, and none is corrected",
    "BLANK      what no report says; nothing fills it in",
    "SUPPOSED   what a site with Tocsin would have done; the product really does it here, with made-up people",
    "DEMO       about this demo. Its policy has short steps (0 and 4 s), so that it can be watched",
)
LAST: Final = (
    "Nothing here says that it would have ended otherwise. The outcome could have been the same."
)


def introduction(stage: Stage) -> None:
    """Say what the lines mean and whose reports are quoted."""
    voice = stage.voice
    voice.plain()
    for line in LABELS:
        voice.plain(line)
    voice.plain(
        "Sources: " + "; ".join(f"{letter}: {what}" for letter, what in voice.sources.items()) + "."
    )


def where_to_look(stage: Stage, found: Installation) -> None:
    """Say where everything is, and how to take part."""
    voice = stage.voice
    voice.plain()
    voice.plain(f"The board (sign in)        {found.config.public_url}/")
    voice.plain(f"Every phone and mailbox    {found.carrier_url}/")
    voice.plain(
        f"A phone that can press     {found.config.public_url}/phone (as ada: People, a person, Enrol a phone)"
    )
    voice.plain(
        f"Take part: answer from Lea's phone ({stage.who('Lea').phone}) at the carrier, by text or by the link in her message; or sign in, open the "
        "incident on the board, and press what you do. The story goes on with what you did."
    )
    voice.plain(
        "In the story wren is whom an order protects, and rex, a colleague, is whom it restrains: he reads of it nowhere."
    )


def who_can_sign_in(stage: Stage) -> None:
    """Say who can sign in, with the codes of this moment."""
    voice, now = stage.voice, stage.doors.clock.now()
    voice.plain()
    voice.plain(
        "Who can sign in (all made up; the code changes every 30 s, or put the key in an app):"
    )
    for workplace in (stage.harbour, stage.orchard):
        for player in workplace.people.values():
            if player.login:
                voice.plain(_account(player, code_at(player.totp, now), workplace.name))
    left_s = PERIOD_S - int(now.timestamp()) % PERIOD_S
    voice.plain(f"  (these codes are good for {left_s + PERIOD_S} s)")


def _account(player: Player, code: str, employer: str) -> str:
    who = f"{player.name}, {player.role.replace('_', ' ')}, {employer}"
    return f"  {player.login:<6} {player.password:<16} code {code}  key {player.totp}  {who}"


class Reader:
    """The person at the keyboard: each Enter calls `on_enter`. Nobody is there unless `keyboard` is a terminal."""

    def __init__(self, keyboard: TextIO, on_enter: Callable[[], None]) -> None:
        """Listen in a thread of its own, which ends with the process."""
        self.is_there = keyboard.isatty()
        self._keyboard, self._on_enter = keyboard, on_enter
        self._entered = threading.Event()
        if self.is_there:
            threading.Thread(target=self._listen, name="reader", daemon=True).start()

    def wait(self, at_most_s: float) -> None:
        """Wait for the first Enter, or so long."""
        self._entered.wait(at_most_s)

    def _listen(self) -> None:
        for _line in self._keyboard:
            self._entered.set()
            self._on_enter()


def farewell(stage: Stage) -> None:
    """Say the last line."""
    stage.voice.plain()
    stage.voice.plain(LAST)
