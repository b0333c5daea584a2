"""What is a reader told first and last? Where to look, who can sign in, and what all this does not say."""

from typing import Final

from tocsin.demo.installation import Installation
from tocsin.demo.keepsakes import Player
from tocsin.demo.stage import Stage
from tocsin.demo.totp import PERIOD_S, code_at

LABELS: Final = (
    "REPORTED   what four published reports say of one real event, by their letters, names left out; they disagree, and",
    "           none is corrected",
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


def who_can_sign_in(stage: Stage, found: Installation) -> None:
    """Say where everything is, and how to take part."""
    voice, now = stage.voice, stage.doors.clock.now()
    voice.plain()
    voice.plain(f"The board (sign in)             {found.config.public_url}/")
    voice.plain(f"Every phone and mailbox         {found.carrier_url}/")
    voice.plain(
        f"A phone that can press          {found.config.public_url}/phone (enrol one: People, a person, Enrol)"
    )
    voice.plain()
    voice.plain(
        "Who can sign in (all made up; the second code changes every 30 s, or put the key in an app):"
    )
    accounts = [
        player
        for workplace in (stage.harbour, stage.orchard)
        for player in workplace.people.values()
        if player.login
    ]
    left_s = PERIOD_S - int(now.timestamp()) % PERIOD_S
    for player in accounts:
        voice.plain(_account(player, code_at(player.totp, now)))
    voice.plain(
        f"(codes good for {left_s} s and half a minute after; Ctrl-C and start again for new ones)"
    )
    voice.plain()
    voice.plain(
        "Take part: open Lea's phone at the carrier and answer there, or sign in and press on the board."
    )


def _account(player: Player, code: str) -> str:
    role = player.role.replace("_", " ")
    return f"  {player.login:<6} {player.password:<16} code {code}  key {player.totp}  {player.name}, {role}"


def farewell(stage: Stage) -> None:
    """Say the last line."""
    stage.voice.plain()
    stage.voice.plain(LAST)
