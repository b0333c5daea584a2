"""What do the reports say, side by side? Kept as accounts of the case, each with its source; none corrected, blanks blank."""

import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from tocsin.demo import acting
from tocsin.demo.reference import examples_folder
from tocsin.demo.stage import Stage
from tocsin.flow.load_accounts import load_accounts
from tocsin.runtime import keys
from tocsin.runtime.database import connect, viewing
from tocsin.runtime.encryption import KeyRing

FILE: Final = "reference_case.toml"
# The reports come long after; the story plays today as day 0 of a year and more ago.
AGO: Final = timedelta(days=401)
_DIFFER: Final = re.compile(r"The sources differ about (\d+) fact")


def side_by_side(stage: Stage, case_id: UUID) -> None:
    """Take the four reports in as accounts and look at them as a reader of the case does."""
    voice, sefa = stage.voice, stage.who("Sefa")
    voice.scene("The accounts")
    ring, now = KeyRing(keys.load(stage.config.keys_dir).masters), stage.doors.clock.now()
    raw = (examples_folder() / FILE).read_bytes()
    with connect(stage.config, "web") as conn, viewing(conn, stage.harbour.id, sefa.id):
        loaded = load_accounts(
            conn, ring, stage.harbour.id, case_id, raw, day_0=(now - AGO).date(), by=sefa.id, at=now
        )
    shown = acting.sign_in(stage.doors, sefa).get(f"/accounts/case/{case_id}").text
    differ = _DIFFER.search(shown)
    stage.promise(
        "the reports stand side by side where they disagree, and what none says stays blank",
        f"{loaded}, differ: {differ and differ[1]}",
        is_kept=differ is not None and int(differ[1]) > 0 and loaded.blanks > 0,
    )
    stage.promise(
        "no account takes the place of another",
        "",
        is_kept=all(words in shown for words in ("upgraded to capital murder", "pleaded guilty")),
    )
    voice.supposed(
        f"{loaded.accounts} accounts of {loaded.facts} facts from {loaded.sources} reports are kept with the case, each with "
        f"its source and the day it was heard. They differ about {differ[1] if differ else '?'} facts; {loaded.blanks} facts "
        "that no report gives stay blank. Nothing is corrected, and nothing later takes the place of what came before."
    )
    voice.reported("respondent.age", "charges")
