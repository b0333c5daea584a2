"""What else has to be seen? A walk not ended in time, a cancel under threat, a drill, another employer."""

import time
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident
from tocsin.demo import acting
from tocsin.demo.afterwards import by_link, over
from tocsin.demo.http import Reply
from tocsin.demo.stage import Press, Stage, told
from tocsin.demo.store import count_readable
from tocsin.demo.watching import PATIENCE_S, wave_of
from tocsin.notifications.rules.delivery import State
from tocsin.runtime.database import connect, viewing

WALK_S: Final = 10
# What differs from answer to answer whatever is answered.
VARY: Final = frozenset({"date"})
NOT_FOUND: Final = 404


# --- a walk that is not ended in time --------------------------------------------------------------------------


def late_walk_begins(stage: Stage) -> Press:
    """Start a short walk elsewhere, which nobody ends in time."""
    return stage.press(
        stage.who("Remy"), act="walk", timer_s=WALK_S, way="Station 4 to the bus stop"
    )


def late_walk_is_asked(stage: Stage, walk: Press) -> None:
    """See that she is asked first, and that her code is the end of it."""
    voice, remy = stage.voice, walk.player
    voice.scene("Meanwhile, a walk that is not ended in time")
    incident = stage.watch.of_key(walk.key, within_s=WALK_S + PATIENCE_S)
    if incident is None:
        stage.promise("a walk not ended in time opens an incident", None, is_kept=False)
        return
    late = (incident.opened_at - walk.when).total_seconds() - WALK_S
    asked = stage.watch.settled(incident.id, lambda d: d.template == "walk_asked")
    stage.promise(
        "a walk not ended in time asks her first, and only her",
        [str(d.person_id) for d in asked],
        is_kept=bool(asked)
        and {d.person_id for d in stage.watch.deliveries(incident.id)} == {remy.id},
    )
    voice.supposed(
        f"Remy, of Station 4, forgot to end a walk of {WALK_S} s. She alone is asked, {max(0.0, late) * 1000:.0f} ms "
        "after its time. In ten seconds it would be who watches, in twenty everybody."
    )
    end = stage.press(remy, act="end", of=walk.key, code=remy.code)
    stage.hears(end, "ended")
    after = stage.watch.incident(incident.id)
    stage.promise(
        "her own code ends it and nobody else was called",
        after.closed_how,
        is_kept=not after.is_open and len(stage.watch.deliveries(incident.id)) == len(asked),
    )
    voice.supposed("Her code ends it. Nobody else was called.")


# --- a cancel under threat -------------------------------------------------------------------------------------


def duress(stage: Stage) -> None:
    """Cancel twice: once with the true code, once with the other one. The phones cannot tell them apart."""
    voice, noor, pia = stage.voice, stage.who("Noor"), stage.who("Pia")
    voice.scene("Two cancels that look the same")
    presses = [stage.press(player) for player in (noor, pia)]
    free, forced = [stage.opened(press) for press in presses]
    for press in presses:
        stage.hears(press, "sent")
    codes = (noor.code, pia.other_code)
    cancels = [
        stage.press(press.player, act="cancel", of=press.key, code=code)
        for press, code in zip(presses, codes, strict=True)
    ]
    told_later = [stage.hears(cancel, "cancelled") for cancel in cancels]
    asked = [stage.hears(press, "cancelled") for press in presses]
    first = [cancel.reply for cancel in cancels]
    for name, pair in (("at once", first), ("later", told_later), ("about the SOS", asked)):
        stage.promise(
            f"both cancels are answered alike, {name}",
            [reply.text for reply in pair],
            is_kept=_looks(pair[0]) == _looks(pair[1]),
        )
    voice.supposed(
        'Noor and Pia press, then cancel. Both phones are told "cancelled", in the same bytes but for the name of the '
        "press. Noor typed her own code: hers is over. Pia typed the other one."
    )
    _judge_duress(stage, free, forced)


def _judge_duress(stage: Stage, free: Incident, forced: Incident) -> None:
    voice, pia = stage.voice, stage.who("Pia")
    louder = stage.watch.settled(
        forced.id, lambda d: d.template == "duress" and d.channel != "webpush"
    )
    wave = wave_of(louder, louder[0].made_at) if louder else None
    free_now, forced_now = stage.watch.incident(free.id), stage.watch.incident(forced.id)
    stage.promise("the true code ends it", free_now.closed_how, is_kept=not free_now.is_open)
    stage.promise(
        "the other code ends nothing and calls everybody again",
        told(wave) if wave else "nobody",
        is_kept=forced_now.is_open and bool(louder),
    )
    mine = [d for d in stage.watch.deliveries(forced.id) if d.person_id == pia.id]
    stage.promise("nothing about it reaches her own phone", len(mine), is_kept=not mine)
    if wave:
        voice.supposed(f"Everybody is called again, silently for her: {told(wave)}.")
    by_link(stage, stage.who("Lea"), forced, "in_charge")
    over(stage, forced, "Lea", "Gus")
    voice.supposed("Lea takes charge from her link; later she and Gus stand it down together.")


def _looks(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """Return an answer without what names the press: its key, and the time of day."""
    key = str(reply.json().get("key", "")).encode()
    headers = {name: value for name, value in reply.headers.items() if name not in VARY}
    return reply.status, headers, reply.body.replace(key, b"KEY")


# --- another employer ------------------------------------------------------------------------------------------


def another_employer(stage: Stage, incident_id: UUID) -> None:
    """Raise an SOS in a shop whose text gateway hangs, and see that it sees nothing of the other."""
    voice, otto, ben = stage.voice, stage.orchard.named("Otto"), stage.orchard.named("Ben")
    nia = stage.orchard.named("Nia")
    voice.scene("Another employer on the same installation")
    browser = acting.sign_in(stage.doors, otto)
    page = browser.get(f"/incidents/{incident_id}")
    with connect(stage.config, "web") as conn, viewing(conn, stage.orchard.id, otto.id):
        readable = count_readable(conn, incident_id)
    stage.promise(
        "another employer sees nothing of it, on its pages or in the database",
        f"{page.status}, {readable} rows",
        is_kept=page.status == NOT_FOUND and readable == 0,
    )
    voice.supposed(
        "Orchard Stores asks for the incident by its address: nothing here. Its database role reads 0 rows."
    )
    acting.fail(stage.doors, "kannel", "hang")
    press = stage.press(ben)
    mail = acting.newest(stage.doors, nia.mail, "Tocsin")
    voice.supposed(
        f"Ben presses in the shop, whose text gateway hangs. Nia has the mail after {stage.since_ms(press.at):.0f} ms; the "
        "text waits for nobody and nobody waits for it."
    )
    at = time.monotonic()
    acting.fail(stage.doors, "kannel", "ok")
    sms = acting.newest(stage.doors, nia.phone, "Tocsin")
    stage.promise(
        "a gateway that hangs delays no other channel, and is used again when it answers",
        sms.text,
        is_kept=bool(mail.text) and bool(sms.text),
    )
    voice.supposed(
        f"The gateway answers again: her text is there after {stage.since_ms(at):.0f} ms."
    )
    cancel = stage.press(ben, act="cancel", of=press.key, code=ben.code)
    stage.hears(cancel, "cancelled")


# --- a drill ---------------------------------------------------------------------------------------------------


def drill(stage: Stage) -> None:
    """Run a drill from a page, with a real SOS in the middle of it, and read its figures."""
    voice, sefa, lea, dara = (stage.voice, *(stage.who(name) for name in ("Sefa", "Lea", "Dara")))
    voice.scene("A drill")
    site_id = stage.harbour.sites["Harbour Dispatch Centre"]
    begun = acting.sign_in(stage.doors, sefa).submit("/drills", "/drills", {"site": str(site_id)})
    place = begun.headers.get("location", "")
    if not place.startswith("/drills/"):
        stage.promise("a lead starts a drill on a page", begun.status, is_kept=False)
        return
    drill_id = UUID(place.removeprefix("/drills/"))
    calls = stage.watch.settled(drill_id, lambda d: d.channel != "webpush")
    incident = stage.watch.incident(drill_id)
    message = acting.newest(stage.doors, lea.phone, incident.word)
    stage.promise(
        "every drill message says that it is a drill",
        message.text,
        is_kept=message.text.startswith("DRILL "),
    )
    wave = wave_of(calls, incident.opened_at)
    voice.supposed(
        f"Sefa starts a drill on her page. The same way, the word DRILL in front: {told(wave)}."
    )
    _real_one_meanwhile(stage, drill_id)
    stage.texts(lea, incident, "1", "in_charge")
    acting.act_on_page(stage.doors, dara, drill_id, "calling")
    stage.watch.act(drill_id, dara.id, "calling")
    acting.sign_in(stage.doors, sefa).submit(place, place, {})
    ended = stage.watch.incident(drill_id)
    figures = stage.watch.figures(stage.config, drill_id, sefa.id)
    stage.promise(
        "a drill ends with figures about people",
        figures,
        is_kept=not ended.is_open
        and None not in {figures.first_answer_ms, figures.in_charge_ms, figures.call_claimed_ms},
    )
    voice.supposed(
        f"Its figures: first answer after {figures.first_answer_ms} ms, in charge after {figures.in_charge_ms} ms, the "
        f"emergency call claimed after {figures.call_claimed_ms} ms; {figures.reached} of {figures.told} people answered, "
        f"{len(figures.not_reached)} are named with the reason."
    )


def _real_one_meanwhile(stage: Stage, drill_id: UUID) -> None:
    wren = stage.who("Wren")
    press = stage.press(wren)
    incident = stage.opened(press)
    sent = stage.watch.settled(incident.id, lambda d: d.channel == "sms")
    stage.promise(
        "a drill swallows no real SOS",
        f"{len(sent)} texts",
        is_kept=incident.id != drill_id
        and not incident.is_drill
        and any(d.state is State.SENT for d in sent),
    )
    cancel = stage.press(wren, act="cancel", of=press.key, code=wren.code)
    stage.hears(cancel, "cancelled")
    stage.voice.supposed(
        "A real SOS in the middle of it is a real incident of its own, and is cancelled with the true code."
    )
