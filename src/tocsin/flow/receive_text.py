"""A text message came in: an SOS, an answer with its code, or words that are shown and stop nothing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Doing, Kind
from tocsin.flow.alarms import Alarms, Change, Sender, TextKept
from tocsin.flow.answer_late_look import answer_late_look
from tocsin.flow.ask_to_look import ANOTHER_WAY
from tocsin.flow.leave import answer_hold
from tocsin.flow.look import Looking, look
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.respond import Answered, Refused, respond
from tocsin.flow.whose_text import is_hidden, is_kept_from
from tocsin.notifications.rules.delivery import Delivery
from tocsin.record.rules.entries import Entry
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.hold import How, Saw
from tocsin.signals.rules.phrase import is_answer
from tocsin.signals.rules.press import UNCONFIRMED_NUMBER, Press
from tocsin.signals.rules.text import KEY, Meaning, Said, read

# What the first digit of a reply means where somebody was asked to look; 4, "cannot", is an act like any other.
LOOKS: Final = {"1": Saw.NOTHING, "2": Saw.SOMETHING, "3": Saw.COULD_NOT}

UNKNOWN: Final = "unknown number"
INACTIVE: Final = "inactive person"
NATIONAL: Final = "number in national form"


@dataclass(frozen=True, slots=True)
class TextIn:
    """One text message as a verified gateway handed it in. `organisation` is the slug that the gateway serves.

    `maybe`: what the number would be in the gateway's own country, where nobody has said that it is of it.
    """

    organisation: str
    gateway: str
    provider_id: str
    number: str
    text: str
    received_at: datetime
    maybe: str = ""


def receive_text(alarms: Alarms, text: TextIn, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return what a text has changed.

    "SOS", "help", "ayuda" from an enrolled number raises like a press. "1 CODE" and so on is an act about that one
    message. Anything else, STOP and CANCEL among it, is kept, shown on every open incident that the sender knows of, and
    stops nothing: those incidents are returned as they are, so that screens look again. A number that nobody enrolled is
    shown to the duty lead as unverified and pages nobody; that it may be an enrolled one in national form is said there,
    and never taken for it: another country's number may end in the same digits.

    From a number that her other side wrote down as hers, unconfirmed, an SOS raises, labelled. It may be his phone: of what he
    is kept from nothing else counts, whatever code or phrase it says (`whose_text.py`). All that comes from there is shown
    with where it is from; to whoever wrote it down only words without a code, as those of any colleague. Unclear is also an answer of somebody who does not work here any more: its links
    are dead, and so is its code (I18).
    """
    sender = alarms.sender(text.organisation, text.number)
    if sender is None:
        return []
    organisation_id, person_id = sender.organisation_id, sender.person_id
    if person_id is None:
        alarms.keep_text(_kept(text, organisation_id, None, _why_unknown(alarms, text)))
        return []
    said = read(text.text)
    if said.meaning is Meaning.SOS:
        meaning = Meaning.DOUBTED_SOS if sender.is_doubted else Meaning.SOS
        is_new = alarms.keep_text(_kept(text, organisation_id, person_id, meaning, text.text))
        press = _press(text, organisation_id, person_id, is_doubted=sender.is_doubted)
        return raise_sos(alarms, [press], ids=ids, engine=engine) if is_new else []
    if sender.is_doubted:
        return _doubted(alarms, text, said, sender, ids=ids, engine=engine)
    if sender.is_inactive:
        kept = _kept(text, organisation_id, person_id, Meaning.UNCLEAR, text.text)
        return _show(alarms, kept, person_id, INACTIVE, ids)
    return _said(alarms, text, said, (organisation_id, person_id), ids=ids, engine=engine)


def _said(
    alarms: Alarms, text: TextIn, said: Said, whose: tuple[UUID, UUID], *, ids: Ids, engine: str
) -> list[Change]:
    """Return what words from her own number have changed that are no SOS: an answer counts, anything else is shown."""
    organisation_id, person_id = whose
    is_hers = _is_her_answer(alarms, text, organisation_id, person_id)
    about = None if is_hers else _meant(alarms, organisation_id, person_id, said.code)
    if is_hers or about:
        # What she agreed on as her answer is a secret: its words are not kept.
        if not alarms.keep_text(_kept(text, organisation_id, person_id, Meaning.ANSWER)):
            return []
        if about is None:
            return answer_hold(alarms, organisation_id, person_id, said_at=text.received_at)
        return _answer(alarms, about, said, text.received_at, ids=ids, engine=engine)
    kept = _kept(text, organisation_id, person_id, Meaning.UNCLEAR, text.text)
    return _show(alarms, kept, person_id, _why_unclear(said), ids)


def _doubted(
    alarms: Alarms, text: TextIn, said: Said, sender: Sender, *, ids: Ids, engine: str
) -> list[Change]:
    """Return what words have changed of which nobody knows whether she wrote them, or whoever wrote the number down.

    The record of an incident says of them what it says of any: he may be among its readers.
    """
    organisation_id, person_id = sender.organisation_id, sender.person_id
    if person_id is None:
        return []
    about = _meant(alarms, organisation_id, person_id, said.code)
    if about is None or sender.is_inactive or is_kept_from(alarms, about, sender):
        kept = _kept(text, organisation_id, person_id, Meaning.DOUBTED, text.text)
        kept = replace(kept, contact_id=sender.contact_id)
        because = INACTIVE if sender.is_inactive else _why_unclear(said)
        return _show(alarms, kept, person_id, because, ids, sender)
    kept = _kept(text, organisation_id, person_id, Meaning.DOUBTED_ANSWER, text.text)
    if not alarms.keep_text(replace(kept, incident_ids=(about.incident_id,))):
        return []
    return _answer(alarms, about, said, text.received_at, ids=ids, engine=engine)


def _why_unclear(said: Said) -> str:
    return "unknown code" if said.code else "no code"


def _why_unknown(alarms: Alarms, text: TextIn) -> str:
    found = alarms.sender(text.organisation, text.maybe) if text.maybe else None
    return NATIONAL if found and found.person_id else UNKNOWN


def _kept(
    text: TextIn, organisation_id: UUID, person_id: UUID | None, meaning: str, words: str = ""
) -> TextKept:
    return TextKept(
        organisation_id,
        person_id,
        text.gateway,
        text.provider_id,
        text.received_at,
        str(meaning),
        text.number if words else "",
        words,
    )


def _is_her_answer(alarms: Alarms, text: TextIn, organisation_id: UUID, person_id: UUID) -> bool:
    """Return whether this is the answer that she agreed on, to the phrase that she was sent."""
    waiting = alarms.open_holds(organisation_id, person_id=person_id)
    if not any(hold.told_at and hold.answered_at is None for hold in waiting):
        return False
    return is_answer(text.text, alarms.walk_plan(organisation_id, person_id).answer)


def _meant(alarms: Alarms, organisation_id: UUID, person_id: UUID, code: str) -> Delivery | None:
    """Return the message that a code is of, or None: of none, or of messages about several incidents."""
    found = alarms.by_code(organisation_id, person_id, code) if code else []
    return found[0] if len({delivery.incident_id for delivery in found}) == 1 else None


def _answer(
    alarms: Alarms, about: Delivery, said: Said, received_at: datetime, *, ids: Ids, engine: str
) -> list[Change]:
    organisation_id, person_id = about.organisation_id, about.person_id
    asked = alarms.incident(organisation_id, about.incident_id)
    if asked and asked.kind is Kind.LOOK and asked.walk_id and said.digit in LOOKS:
        is_old = asked.closed_how == ANOTHER_WAY
        saw = LOOKS[said.digit]
        # The gate takes texts while no engine runs: what was seen is as old as the text.
        waited = max(timedelta(0), alarms.now() - received_at)
        looking = Looking(person_id, How.NOT_SAID, saw, "text", is_old=is_old, waited=waited)
        looked = look(alarms, organisation_id, asked.walk_id, looking, ids=ids, engine=engine)
        if isinstance(looked, Refused):
            return answer_late_look(alarms, asked, person_id, looked, ids=ids, engine=engine)
        return looked
    done = respond(
        alarms,
        organisation_id,
        about.incident_id,
        by=person_id,
        doing=Doing(said.doing),
        via="text",
        ids=ids,
        on=Answered(about.id),
    )
    return [] if isinstance(done, Refused) else [done]


def _press(text: TextIn, organisation_id: UUID, person_id: UUID, *, is_doubted: bool) -> Press:
    return Press(
        organisation_id=organisation_id,
        person_id=person_id,
        device_id=None,
        key=f"{KEY}{text.provider_id}"[:64],
        act="sos",
        source="text",
        received_at=text.received_at,
        labels=(UNCONFIRMED_NUMBER,) if is_doubted else (),
    )


def _show(
    alarms: Alarms,
    kept: TextKept,
    person_id: UUID,
    because: str,
    ids: Ids,
    doubted: Sender | None = None,
) -> list[Change]:
    """Return the open incidents that the sender knows of, on which the words are shown now; none of them is changed.

    Where whoever may hold a doubted number must hear of none of them, it is said besides as if nothing were open: he
    would tell by it that something is (I11).
    """
    organisation_id = kept.organisation_id
    own = alarms.open_incidents([(organisation_id, person_id)]).values()
    known = {*alarms.told(organisation_id, person_id), *(incident.id for incident in own)}
    # Locked in one order: two texts at once must not wait for each other.
    found = [alarms.incident(organisation_id, incident_id) for incident_id in sorted(known)]
    running = [incident for incident in found if incident]
    is_alone = doubted is not None and all(
        is_hidden(alarms, one, person_id, doubted) for one in running
    )
    on: list[UUID | None] = [incident.id for incident in running]
    where = tuple(one.id for one in running)
    if not alarms.keep_text(replace(kept, incident_ids=where, is_alone=is_alone or not on)):
        return []
    body, at = {"person": person_id, "because": because}, alarms.now()
    on += [None] if is_alone or not on else []
    entries = [
        Entry(ids.uuid(), organisation_id, at, "answer.unclear", i, person_id, body) for i in on
    ]
    alarms.save([Change(entries=tuple(entries))])
    return [Change(incident=incident) for incident in running]
