"""Supposed: somebody, or something, sees him. No report says that anybody did.

A plate that a camera reads almost right, and a guard who knows the face: people are called before any SOS.
"""

import re
import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import SEEN, Incident, Kind
from tocsin.demo import acting
from tocsin.demo.first_days import PLATE
from tocsin.demo.stage import Stage, told
from tocsin.demo.watching import PATIENCE_S, wave_of
from tocsin.notifications.rules.calling import KEEP_AWAY, KEEP_AWAY_AGAIN
from tocsin.notifications.rules.delivery import Delivery
from tocsin.notifications.rules.respondent import SEEN_AGAIN_AT_MOST_EVERY_S
from tocsin.record.rules.entries import Entry

READER: Final = "Car park camera"
# As a camera reads it: a letter for a digit, and no candidate that is right.
MISREAD: Final = "hc44i7"
LIVE: Final = "live"
CALLED_WITHIN_S: Final = 3.0
NO_CALL_WITHIN_S: Final = 0.3
# No report says that the order was served on him; nor does the demo.
WITHOUT_NOTICE: Final = (
    "the house rule, he is not admitted, beside an order that is valid and not served: nobody here is to be the one who "
    "tells him"
)
# What an incident with a respondent asks of others, each with an owner.
TASKS: Final = ("other_sites", "crews_in_vehicles")
_CASE: Final = re.compile(r'name="who" value="([0-9a-f-]{36})"')
_TRACK: Final = re.compile(r'name="track" value="([0-9a-f-]{36})"')
_KEY: Final = re.compile(r"<code[^>]*>([^<]{20,})</code>")
_POST: Final = re.compile(r"/api/v1/sightings/[0-9a-f-]{36}")
_COMPARE: Final = re.compile(r'action="(/incidents/[0-9a-f-]{36}/sightings/[0-9a-f-]{36})"')


def seen(stage: Stage, case_id: UUID) -> None:
    """Play the branch in which he is seen, marked as supposed throughout."""
    voice = stage.voice
    voice.scene("Supposed: he is seen")
    voice.reported("arrival_of_respondent_seen_by_anyone", "respondent.vehicle")
    voice.demo(
        f"The demo gives him a made-up plate, {PLATE}. In what follows he is seen; no report says that he was."
    )
    incident = _a_plate_hits(stage)
    if incident is None:
        return
    _compared(stage, incident)
    _the_face_is_known(stage, incident)
    _not_located(stage, case_id, incident)


def _a_plate_hits(stage: Stage) -> Incident | None:
    voice = stage.voice
    path, key = _reader(stage)
    at, when = time.monotonic(), stage.doors.clock.now()
    body = {
        "data": {
            "camera_id": "lot-1",
            "filename": f"lot-{when:%H%M%S%f}.jpg",
            "timestamp": when.isoformat(),
            "results": [
                {
                    "plate": MISREAD,
                    "score": 0.81,
                    "region": {"code": "us-il", "score": 0.6},
                    "candidates": [{"plate": MISREAD, "score": 0.81}, {"plate": "hc4419", "score": 0.4}],
                }
            ],
        }
    }  # fmt: skip
    reply = stage.doors.web.post_json(path, body, {"Authorization": f"Token {key}"})
    incident = stage.watch.of_kind(*SEEN)
    stage.promise(
        "a plate that a camera reads almost right is kept, and people are called before any SOS",
        f"{reply.status} {reply.text[:80]}",
        is_kept=reply.status == acting.OK and incident is not None,
    )
    if incident is None:
        return None
    calls = stage.watch.settled(incident.id, lambda d: d.channel == LIVE)
    took_ms = stage.since_ms(at)
    every = stage.watch.deliveries(incident.id)
    him = stage.who("Rex").id
    stage.promise(
        "the respondent, a colleague, is told nothing of it",
        len(every),
        is_kept=bool(every) and all(d.person_id != him for d in every),
    )
    voice.supposed(
        f"A camera at the car park reads {MISREAD.upper()}. It is compared, with the look-alikes folded: possible. Incident "
        f"{incident.word} is open {took_ms:.0f} ms after the camera's message; {told(wave_of(calls or every, when))}. "
        "Nobody has pressed anything."
    )
    return incident


def _reader(stage: Stage) -> tuple[str, str]:
    """Return the address and the key of the plate reader, enrolled now, or given a new key."""
    ada = acting.sign_in(stage.doors, stage.who("Ada"))
    listed = ada.get("/senders").text
    row = re.search(rf'href="(/senders/[0-9a-f-]{{36}})"[^>]*>\s*{READER}', listed)
    if row:
        shown = ada.submit(row[1], f"{row[1]}/change", {"do": "key"})
    else:
        site = stage.harbour.sites["Harbour Dispatch Centre"]
        words = {
            "kind": "plate_recognizer",
            "name": READER,
            "where": str(site),
            "interval_s": "86400",
        }
        shown = ada.submit("/senders/new", "/senders/new", words)
    key, path = _KEY.search(shown.text), _POST.search(shown.text)
    stage.promise(
        "a camera is enrolled on a page and its key is shown once",
        shown.status,
        is_kept=key is not None and path is not None,
    )
    return (path[0] if path else "/"), (key[1] if key else "")


def _compared(stage: Stage, incident: Incident) -> None:
    lea = acting.sign_in(stage.doors, stage.who("Lea"))
    page = f"/incidents/{incident.id}"
    shown = lea.get(page).text
    stage.promise(
        "what is only possible is not stated as fact",
        re.findall(r"[Nn]ot confirmed[^<]*", shown)[:1],
        is_kept="ot confirmed" in shown,
    )
    compare = _COMPARE.search(shown)
    if compare:
        lea.submit(page, compare[1], {"who": "he"})
    confirmed = stage.watch.until(
        lambda: True if stage.watch.incident(incident.id).is_confirmed else None, PATIENCE_S
    )
    stage.promise("a person compares and says that it is he", compare, is_kept=confirmed is True)
    is_breach = incident.kind is Kind.POSSIBLE_BREACH
    what = "a possible breach, for police" if is_breach else WITHOUT_NOTICE
    stage.voice.supposed(
        'Lea\'s screen says "not confirmed: do not detain or touch", and why it might be he. She compares with what the '
        f"camera shows, and says that it is. Only now it is called what it is: {what}."
    )


def _the_face_is_known(stage: Stage, incident: Incident) -> None:
    gus = acting.sign_in(stage.doors, stage.who("Gus"))
    answer = gus.submit("/desk", "/desk", {"name": "Rex Notreal"}).text
    case, track = _CASE.search(answer), _TRACK.search(answer)
    at = time.monotonic()
    if case and track:
        words = {"name": "Rex Notreal", "who": case[1], "track": track[1]}
        gus.submit("/desk", "/desk/report", words)
    again = stage.watch.entry(incident.id, "incident.seen_again")
    stage.promise(
        "a guard who knows the face reports it with one press, and it joins what is open",
        again,
        is_kept=again is not None,
    )
    took_ms = stage.since_ms(at)
    stage.voice.supposed(
        f"Gus sees him through the glass and knows the face. One press on the desk's page; {took_ms:.0f} ms later it stands "
        f"with the other sighting. {_called_again(stage, incident, again)} The desk's page says: do not admit."
    )
    stage.promise("the desk says not to admit him", "", is_kept="o not admit" in answer)


def _called_again(stage: Stage, incident: Incident, again: Entry | None) -> str:
    """Return in words whether the second sighting calls people again; promised is that it does after ten seconds, not before.

    The ten seconds run from the last call for a sighting: that a person said that it is he. The ladder goes on meanwhile, by
    its own clock: what its later steps call is no second call of a sighting.
    """
    said = stage.watch.entry(incident.id, "sighting.confirmed", within_s=0.0)
    since_s = (again.at - said.at).total_seconds() if again and said else None
    is_soon = since_s is not None and since_s < SEEN_AGAIN_AT_MOST_EVERY_S
    steps = stage.watch.incident(incident.id).policy.steps
    anew = stage.watch.settled(
        incident.id,
        lambda d: is_for_this(d, again, [step.offset_s for step in steps]),
        # The report is decided and its calls are written in one go: it is on record already.
        within_s=NO_CALL_WITHIN_S if is_soon else CALLED_WITHIN_S,
    )
    stage.promise(
        "a second sighting calls everybody again, and within ten seconds of the last call for one nobody",
        f"{since_s} s later, {len(anew)} calls",
        is_kept=is_as_promised(since_s, len(anew)),
    )
    if is_soon:
        return f"Everybody was called for it {since_s:.1f} s before; one more sighting within ten seconds calls nobody."
    return "Everybody is called again."


def is_as_promised(since_s: float | None, calls: int) -> bool:
    """Return whether a sighting so long after the last call for one called whom it has to: everybody, or nobody.

    `since_s` None: one of the two is on no record, and that is not as promised.
    """
    return since_s is not None and bool(calls) == (since_s >= SEEN_AGAIN_AT_MOST_EVERY_S)


def is_for_this(delivery: Delivery, again: Entry | None, offsets_s: Sequence[int]) -> bool:
    """Return whether this is a screen's message that goes out because of this sighting.

    `offsets_s`: of the ladder's steps. What a later step, or the whole ladder once more, calls in the same moment is not.
    """
    is_later = delivery.step == len(offsets_s) or (
        0 <= delivery.step < len(offsets_s) and offsets_s[delivery.step] > 0
    )
    return (
        again is not None
        and delivery.channel == LIVE
        and delivery.template in {KEEP_AWAY, KEEP_AWAY_AGAIN}
        and delivery.made_at == again.at
        and not is_later
    )


def _owned(stage: Stage, case_id: UUID) -> bool | None:
    owners = stage.watch.tasks(case_id, TASKS)
    return True if len(owners) == len(TASKS) and all(owners.values()) else None


def _not_located(stage: Stage, case_id: UUID, incident: Incident) -> None:
    lea, sefa = (acting.sign_in(stage.doors, stage.who(name)) for name in ("Lea", "Sefa"))
    for browser in (lea, sefa):
        page = f"/incidents/{incident.id}"
        browser.submit(page, f"{page}/act", {"act": "over"})
    stood_down = stage.watch.incident(incident.id)
    stage.promise(
        "an incident whose respondent nobody has located is never simply over",
        f"{stood_down.closed_how}, {len(stood_down.not_located)} not located",
        is_kept="not located" in stood_down.closed_how and bool(stood_down.not_located),
    )
    tasks = stage.watch.until(lambda: _owned(stage, case_id), PATIENCE_S)
    stage.promise(
        "other sites and crews in vehicles are tasks with owners",
        stage.watch.tasks(case_id, TASKS),
        is_kept=tasks is not None,
    )
    page = f"/cases/{case_id}/custody"
    said = {
        "state": "held",
        "source": "police",
        "asked_myself": "on",
        "counts_days": "1",
        "settles": "on",
    }
    sefa.submit(page, f"{page}/record", said)
    located = stage.watch.until(
        lambda: None if stage.watch.incident(incident.id).not_located else True, PATIENCE_S
    )
    stage.promise(
        "custody, recorded by a person with its source, is what ends *not located*",
        located,
        is_kept=located is True,
    )
    stage.voice.supposed(
        "He leaves. Lea and Sefa say that it is over, and it stays written on it that nobody knows where he is: other sites "
        "and crews in vehicles are tasks with owners. Then the police tell Sefa that he is held; she records it with its "
        "source, and only that takes *not located* away."
    )
    stage.voice.reported("arrest.after_hours", "custody.after_arrest")
