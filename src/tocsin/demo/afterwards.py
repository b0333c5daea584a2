"""From cover to stood down: who watches, who meets the police, who is there, and how two people end it."""

from typing import Final

from tocsin.decisions.rules.incident import Incident
from tocsin.demo import acting
from tocsin.demo.keepsakes import Player
from tocsin.demo.last_shift import Alarm
from tocsin.demo.stage import Press, Stage

HOOK: Final = "hook:lobby-desk"
ACTS: Final = (
    ("Gus", "watching", "watches the car park by camera, from cover. He does not walk towards it."),
    ("Cas", "meeting_police", "meets the police at the east gate."),
    ("Sefa", "holding_crews_off", "holds inbound crews off the site."),
)


def from_cover(stage: Stage, alarm: Alarm) -> None:
    """Answer from links: nobody signs in, nobody is sent towards danger."""
    stage.voice.scene("From cover")
    for name, act, words in ACTS:
        if by_link(stage, stage.who(name), alarm.incident, act):
            how = "Said from the link in a message, without signing in."
            stage.voice.supposed(f"{name} {words} {how}")
    lea = stage.who("Lea")
    there = stage.texts(lea, alarm.incident, "3", "there")
    stage.promise("a text says that somebody is there", there, is_kept=there is not None)
    reply = stage.hears(alarm.press, "there")
    stage.voice.supposed(
        f"The police are met and with her; Lea, behind them, says so by text. Wren's phone is told: there, "
        f"{acting.by_whom(reply)}."
    )


def by_link(stage: Stage, player: Player, incident: Incident, act: str) -> bool:
    """Press a button behind the link of this person's newest message; return whether there was one.

    In the live demo a reader may have taken charge before this person was called: then she has nothing to answer, and
    uses her page if she has one.
    """
    box = HOOK if player.hook else player.phone
    if stage.is_live and not acting.messages(stage.doors, box, incident.word):
        stage.voice.demo(f"{player.first_name} was not called this time.")
        if player.login:
            acting.act_on_page(stage.doors, player, incident.id, act)
        return False
    message = acting.newest(stage.doors, box, incident.word)
    reply = acting.answer(stage.doors, message.link, act)
    done = stage.watch.act(incident.id, player.id, act)
    stage.promise(
        f"{player.first_name}: {act.replace('_', ' ')}, by link",
        f"{reply.status} {done}",
        is_kept=reply.status == acting.OK and done is not None and done.via == "link",
    )
    return True


def stood_down(stage: Stage, alarm: Alarm, walk: Press) -> None:
    """End a real incident: one person alone cannot."""
    voice, incident = stage.voice, alarm.incident
    voice.scene("Stood down")
    over(stage, incident, "Lea", "Sefa")
    voice.supposed(
        "Lea says that it is over. That is not enough for a real incident: it stays open."
    )
    voice.supposed(
        "Sefa says so too: two people. Stood down, and everybody who was called is told."
    )
    news = stage.watch.settled(incident.id, lambda d: d.template == "stood_down")
    every = stage.watch.deliveries(incident.id)
    missed = {d.person_id for d in every} - {d.person_id for d in news}
    stage.promise(
        "everybody who was called is told that it is over",
        f"{len(news)} messages, {len(missed)} people without one",
        is_kept=bool(news) and not missed,
    )
    stage.hears(alarm.press, "over")
    end = stage.press(walk.player, act="end", of=walk.key, code=walk.player.code)
    stage.hears(end, "ended")
    voice.demo(
        "The demo ends the made-up walk with Wren's own code, so that it can be played again. No report says anything like it."
    )
    voice.reported("arrest.after_hours", "protected.died")


def over(stage: Stage, incident: Incident, first: str, second: str) -> None:
    """Have two people say that it is over; the first alone must not be enough."""
    by_link(stage, stage.who(first), incident, "over")
    stage.promise(
        "one person alone does not stand a real incident down",
        "",
        is_kept=stage.watch.incident(incident.id).is_open,
    )
    by_link(stage, stage.who(second), incident, "over")
    after = stage.watch.incident(incident.id)
    stage.promise("two people stand it down", after.closed_how, is_kept=not after.is_open)
