"""The last shift of the reference case, as the reports tell it, and as a site with Tocsin would have gone through it.

Every act is one that its user would do: a press on a phone, a text, a button behind a link or on a page. Nothing here
says that it would have ended otherwise.
"""

import time
from dataclasses import dataclass
from typing import Final

from tocsin.decisions.rules.incident import Incident
from tocsin.demo import acting
from tocsin.demo.stage import Press, Stage, told
from tocsin.demo.watching import wave_of
from tocsin.notifications.rules.delivery import Delivery, State
from tocsin.record.rules.entries import Entry

STEP_2_S: Final = 4
UNCLAIMED_S: Final = 10
LATE_AT_MOST_S: Final = 0.25
MAIL: Final = "email"
PUSH: Final = "webpush"
LIVE: Final = "live"
BY_HERSELF: Final = ("text", "link")
WORDS_TO_SAY: Final = "Caller is Harbour Dispatch"


@dataclass(frozen=True, slots=True)
class Alarm:
    """The SOS of the story: the press, and the incident that it opened."""

    press: Press
    incident: Incident


def before(stage: Stage) -> None:
    """Tell what the reports say of the days before, and what they do not."""
    voice = stage.voice
    voice.scene("Before")
    voice.reported("respondent.first_arrest", "respondent.suicide_note_shown", "divorce.filed")
    voice.reported("respondent.firearm_access_before")
    voice.supposed(
        "A site with Tocsin would know who is on duty, how each is reached, and who calls whom when nobody answers. "
        "The demo's people, sites and times are made up; what it measures is measured just now."
    )
    stage.pause()


def sos(stage: Stage) -> Alarm:
    """Press the SOS while the mail server is away; everybody on duty is called at once."""
    voice, wren = stage.voice, stage.who("Wren")
    voice.scene("The SOS")
    voice.reported("arrival_of_respondent_seen_by_anyone", "respondent.vehicle", "sos")
    acting.fail(stage.doors, "smtp", "refuse")
    voice.demo("The mail server of the sandbox is told to refuse connections: one channel fails.")
    press = stage.press(wren)
    incident = stage.opened(press)
    voice.supposed(
        f"Wren presses. On disk and answered in {press.reply.took_ms:.1f} ms; incident {incident.word} is open."
    )
    calls = stage.watch.settled(incident.id, lambda d: d.step == 0 and d.channel != MAIL)
    every = [d for d in stage.watch.deliveries(incident.id) if d.step == 0]
    wave = wave_of(every, press.when)
    voice.supposed(f"Everybody on duty is called: {told(wave)}.")
    _judge_first_wave(stage, incident, calls, every)
    grade = stage.hears(press, "sent")
    voice.supposed(
        f'Her phone asks again and is told: "{acting.grade_of(grade)}". Not "help is coming": nobody has said so.'
    )
    return Alarm(press, incident)


def _judge_first_wave(
    stage: Stage, incident: Incident, calls: list[Delivery], every: list[Delivery]
) -> None:
    wren, pia = stage.who("Wren"), stage.who("Pia")
    duty = stage.watch.on_duty(incident.site_id, stage.doors.clock.now()) - {wren.id}
    called = {delivery.person_id for delivery in every}
    stage.promise(
        "everybody on duty is called, and nobody else",
        f"{len(called)} of {len(duty)}",
        is_kept=called == duty,
    )
    others = [d for d in calls if d.channel != PUSH]
    stage.promise(
        "every channel that works has its message within a second, whatever the mail server does",
        [f"{d.channel} {d.state}" for d in others if d.state is not State.SENT],
        is_kept=all(
            d.sent_at and (d.sent_at - incident.opened_at).total_seconds() < 1 for d in others
        ),
    )
    takers = {stage.who(name).id for name in ("Dara", "Kit")}
    rung = {d.channel for d in every if d.person_id in takers}
    stage.promise(
        "call-takers at their positions are shown it and not rung", rung, is_kept=rung == {LIVE}
    )
    dead = [d for d in calls if d.channel == PUSH and d.person_id == pia.id]
    stage.promise(
        "a push subscription that is no good is said to have failed",
        [f"{d.state} {d.error}" for d in dead],
        is_kept=bool(dead) and all(d.state is State.FAILED for d in dead),
    )
    mails = [d for d in every if d.channel == MAIL]
    stage.promise(
        "mail that the server refuses is not said to be sent",
        [str(d.state) for d in mails],
        is_kept=bool(mails) and all(d.sent_at is None for d in mails),
    )


def nobody_answers(stage: Stage, alarm: Alarm) -> None:
    """Let machines and unclear words come in; none of them stops anything. Then the second step is due."""
    voice, incident, lea, gus = stage.voice, alarm.incident, stage.who("Lea"), stage.who("Gus")
    voice.scene("Nobody answers")
    message = acting.newest(stage.doors, lea.phone, incident.word)
    before = stage.watch.incident(incident.id)
    opened = acting.open_link(stage.doors, message.link)
    after = stage.watch.incident(incident.id)
    stage.promise(
        "a link that a scanner opens changes nothing",
        opened.status,
        is_kept=opened.status == acting.OK and before == after,
    )
    voice.supposed("A scanner opens the link in Lea's message. It changes nothing.")
    acting.text(stage.doors, gus, "who is this?")
    unclear = stage.watch.entry(incident.id, "answer.unclear")
    stage.promise(
        "a text without its code is shown and stops nothing", unclear, is_kept=unclear is not None
    )
    voice.supposed(
        "Gus texts back words without the code. They are shown to the others and stop nothing."
    )
    shown = [
        acting.sign_in(stage.doors, stage.who(name)).get(f"/incidents/{incident.id}").text
        for name in ("Dara", "Sefa")
    ]
    stage.promise(
        "those words stand on the others' screens",
        "",
        is_kept=all("who is this?" in text for text in shown),
    )
    step = _second_step(stage, incident)
    if step is None:
        voice.demo("Somebody has taken charge already: there is no second step.")
        return
    calls = stage.watch.settled(incident.id, lambda d: d.step == 1 and d.channel != MAIL)
    wave = wave_of([d for d in stage.watch.deliveries(incident.id) if d.step == 1], step.at)
    voice.supposed(f"Nobody has answered for {STEP_2_S} s: the second step calls {told(wave)}.")
    wanted = {stage.who(name).id for name in ("Sefa", "Moss", "Cas", "Jo")}
    called = {d.person_id for d in calls}
    stage.promise(
        "the second step calls the leads and the back-up team",
        len(called),
        is_kept=wanted <= called,
    )


def _second_step(stage: Stage, incident: Incident) -> Entry | None:
    def look() -> Entry | None:
        begun = stage.watch.entries(incident.id, "step.begun")
        return next((entry for entry in begun if entry.body["step"] == 1), None)

    found = stage.watch.until(look, STEP_2_S + 3)
    late = (found.at - incident.opened_at).total_seconds() - STEP_2_S if found else None
    stage.promise(
        f"the second step begins {STEP_2_S} s after the press, at most {LATE_AT_MOST_S} s late",
        late,
        is_kept=late is not None and 0 <= late <= LATE_AT_MOST_S,
    )
    return found


def somebody_takes_charge(stage: Stage, alarm: Alarm) -> None:
    """Answer by text with the message's code; then the mail server comes back."""
    voice, incident, lea = stage.voice, alarm.incident, stage.who("Lea")
    voice.scene("Somebody takes charge")
    at = time.monotonic()
    act = stage.texts(lea, incident, "1", "in_charge")
    took_ms = stage.since_ms(at)
    charge = stage.watch.incident(incident.id).charge
    is_in_charge = charge is not None and charge.person_id == lea.id
    if is_in_charge:
        voice.supposed(
            f'Lea texts "1" and the code of her message: she is in charge, {took_ms:.0f} ms after her text. '
            "The ladder rests; the incident stays open for everybody."
        )
    stage.promise(
        "a text with its code puts its sender in charge",
        act,
        is_kept=is_in_charge and act is not None and act.via in BY_HERSELF,
    )
    reply = stage.hears(alarm.press, "in_charge")
    voice.supposed(f"Wren's phone is told: in charge, {acting.by_whom(reply)}.")
    at, back = time.monotonic(), stage.doors.clock.now()
    acting.fail(stage.doors, "smtp", "ok")
    mails = stage.watch.settled(incident.id, lambda d: d.channel == MAIL and d.person_id != lea.id)
    late = [d for d in mails if d.sent_at is None or (d.sent_at - back).total_seconds() > 1]
    stage.promise(
        "what waited for the mail server is handed over within a second of its return",
        [f"{d.state}" for d in late],
        is_kept=bool(mails) and not late,
    )
    handed_over = len(mails) - len(late)
    if handed_over:
        voice.supposed(
            f"The mail server is back: {handed_over} mails that waited are handed over within {stage.since_ms(at):.0f} ms."
        )


def call_unclaimed(stage: Stage, alarm: Alarm) -> None:
    """Let ten seconds pass without anybody owning the emergency call; then a call-taker claims it on her page."""
    voice, incident, dara = stage.voice, alarm.incident, stage.who("Dara")
    voice.scene("The emergency call")
    voice.reported("emergency_call.by_whom_and_when")
    said = stage.watch.entry(incident.id, "call.unclaimed", within_s=UNCLAIMED_S + 3)
    late = (said.at - incident.opened_at).total_seconds() - UNCLAIMED_S if said else None
    stage.promise(
        f"an emergency call that nobody owns is said aloud after {UNCLAIMED_S} s",
        late,
        is_kept=late is not None and 0 <= late <= LATE_AT_MOST_S,
    )
    calls = stage.watch.settled(incident.id, lambda d: d.template == "call_unclaimed")
    voice.supposed(
        f"{UNCLAIMED_S} s, and nobody owns the emergency call. Somebody is in charge; it is said all the same, on every "
        f"screen and to {len({d.person_id for d in calls})} people: nobody calls 911 yet."
    )
    stage.promise("that nobody owns the call is told to people", len(calls), is_kept=bool(calls))
    page = acting.sign_in(stage.doors, dara).get(f"/incidents/{incident.id}").text
    stage.promise(
        "the incident's page shows the address down to the room, and the words to say",
        len(page),
        is_kept=all(words in page for words in ("1 Made-up Quay", "204", WORDS_TO_SAY)),
    )
    at = time.monotonic()
    acting.act_on_page(stage.doors, dara, incident.id, "calling")
    act = stage.watch.act(incident.id, dara.id, "calling")
    voice.supposed(
        f"Dara, a call-taker at her position, was not rung. She sees it on her screen and takes the call: "
        f"{stage.since_ms(at):.0f} ms. Tocsin itself never dials; it shows her the address and the words to say."
    )
    stage.promise(
        "the emergency call is claimed on a page",
        act,
        is_kept=act is not None
        and act.via == "page"
        and stage.watch.incident(incident.id).caller_id == dara.id,
    )
