"""The shift ends, and nobody has looked at the car park. The walk holds; what a look could have changed, and what not.

First as the reports tell it: nobody saw him arrive. She can always go, and she does.
"""

from datetime import timedelta
from typing import Final

from tocsin.decisions.rules.incident import Kind
from tocsin.demo import acting
from tocsin.demo.stage import Press, Stage
from tocsin.signals.rules.hold import SAME_WALK_S, State

HELD_WITHIN_S: Final = 30.0
# Two ends of her shift within `SAME_WALK_S` are one, moved; the new one lies some minutes ahead.
SAME_NIGHT: Final = timedelta(seconds=SAME_WALK_S)
WAY: Final = "Staff entrance to the car park"


def nobody_looks(stage: Stage) -> None:
    """See that her shift's end has opened a walk by itself, and that it is held because nobody has looked."""
    voice, wren = stage.voice, stage.who("Wren")
    voice.scene("The shift ends: nobody has looked")
    voice.reported("place", "escort.offered", "car_park.watched")
    # The roster was written anew meanwhile, for the same night: to the product her shift's end has moved a little.
    if stage.watch.was_held(wren.id, stage.doors.clock.now() - SAME_NIGHT):
        stage.leave_out(
            "The walk of this shift's end was held, and left, in a run of this demo within the hour: it is not held twice."
        )
        return
    hold = stage.watch.hold(wren.id, within_s=HELD_WITHIN_S)
    stage.promise(
        "the end of her shift opens a walk by itself, and it is held",
        hold.state.value if hold else None,
        is_kept=hold is not None and hold.state is State.HELD,
    )
    asked = stage.watch.of_kind(Kind.LOOK)
    calls = stage.watch.settled(asked.id, lambda d: d.channel == "sms") if asked else []
    people = {delivery.person_id for delivery in calls}
    stage.promise(
        "Gus, at a post, is asked to look, and the respondent is not",
        len(people),
        is_kept=stage.who("Gus").id in people and stage.who("Rex").id not in people,
    )
    question = stage.press(wren, act="way")
    stage.hears(question, "wait")
    voice.supposed(
        "Wren's shift ends in some minutes. Nobody had to start anything: her walk is open, and held. Gus is asked to look at "
        "the way and the lot. Her phone says to stay inside until somebody has looked; it never says that it is clear."
    )
    voice.supposed(
        "Here nobody looks. A look within three minutes of her leaving might have seen somebody who waited there, and might "
        "not: no report says where he was, since when, or in what. It cannot see who comes a minute later, and "
        "it walks with nobody. What it changes for certain is only this: that somebody, by name, has looked before she goes."
    )


def she_goes(stage: Stage) -> Press:
    """Start her walk: she can always go. That nobody had looked is the employer's to explain."""
    voice, wren, gus = stage.voice, stage.who("Wren"), stage.who("Gus")
    press = stage.press(wren, act="walk", timer_s=300, way=WAY, watcher=str(gus.id))
    stage.hears(press, "walking")
    watcher = stage.watch.watcher_of(press.key)
    stage.promise("her walk runs, and Gus watches it", watcher, is_kept=watcher == gus.id)
    missed = stage.watch.until(lambda: None if stage.watch.hold(wren.id) else True, HELD_WITHIN_S)
    page = acting.sign_in(stage.doors, stage.who("Sefa")).get("/walks/missed").text
    stage.promise(
        "she can go at any time, and the look that nobody took is the employer's to explain",
        missed,
        is_kept=missed is True and "Not explained" in page,
    )
    voice.supposed(
        f"She goes; nothing stops her and nobody asks why. Her walk runs, {WAY}, five minutes, Gus watches. On Sefa's page "
        "stands a look that nobody took: the employer's to explain, not hers."
    )
    return press
