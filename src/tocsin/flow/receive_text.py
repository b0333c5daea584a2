"""A text message came in: an SOS, an answer with its code, or words that are shown and stop nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Doing, Kind
from tocsin.flow.alarms import Alarms, Change, TextKept
from tocsin.flow.leave import answer_hold
from tocsin.flow.look import Looking, look
from tocsin.flow.raise_sos import raise_sos
from tocsin.flow.respond import Refused, respond
from tocsin.record.rules.entries import Entry
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.hold import How, Saw
from tocsin.signals.rules.phrase import is_answer
from tocsin.signals.rules.press import Press
from tocsin.signals.rules.text import Meaning, read

# What the first digit of a reply means where somebody was asked to look; 4, "cannot", is an act like any other.
LOOKS: Final = {"1": Saw.NOTHING, "2": Saw.SOMETHING, "3": Saw.COULD_NOT}


@dataclass(frozen=True, slots=True)
class TextIn:
    """One text message as a verified gateway handed it in. `organisation` is the slug that the gateway serves."""

    organisation: str
    gateway: str
    provider_id: str
    number: str
    text: str
    received_at: datetime


def receive_text(alarms: Alarms, text: TextIn, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return what a text has changed.

    "SOS", "help", "ayuda" from an enrolled number raises like a press. "1 CODE" and so on is an act about that one
    message. Anything else, STOP and CANCEL among it, is kept and shown and stops nothing. A number that nobody enrolled
    is shown to the duty lead as unverified and pages nobody.
    """
    found_sender = alarms.sender(text.organisation, text.number)
    if found_sender is None:
        return []
    organisation_id, person_id = found_sender
    said = read(text.text)
    meaning = said.meaning.value if person_id else "unknown number"
    kept = TextKept(
        organisation_id, person_id, text.gateway, text.provider_id, text.received_at, meaning
    )
    if not alarms.keep_text(kept) or person_id is None:
        return []
    if said.meaning is Meaning.SOS:
        return raise_sos(alarms, [_press(text, organisation_id, person_id)], ids=ids, engine=engine)
    if _is_her_answer(alarms, text, organisation_id, person_id):
        return answer_hold(alarms, organisation_id, person_id)
    found = alarms.by_code(organisation_id, person_id, said.code) if said.code else []
    incidents = {delivery.incident_id for delivery in found}
    if len(incidents) != 1:
        _show(alarms, organisation_id, person_id, said.code, ids)
        return []
    asked = alarms.incident(organisation_id, found[0].incident_id)
    if asked and asked.kind is Kind.LOOK and asked.walk_id and said.digit in LOOKS:
        looking = Looking(person_id, How.NOT_SAID, LOOKS[said.digit], "text")
        looked = look(alarms, organisation_id, asked.walk_id, looking, ids=ids, engine=engine)
        return [] if isinstance(looked, Refused) else looked
    done = respond(
        alarms,
        organisation_id,
        found[0].incident_id,
        by=person_id,
        doing=Doing(said.doing),
        via="text",
        ids=ids,
        delivery_id=found[0].id,
    )
    return [] if isinstance(done, Refused) else [done]


def _is_her_answer(alarms: Alarms, text: TextIn, organisation_id: UUID, person_id: UUID) -> bool:
    """Return whether this is the answer that she agreed on, to the phrase that she was sent."""
    waiting = alarms.open_holds(organisation_id, person_id=person_id)
    if not any(hold.told_at and hold.answered_at is None for hold in waiting):
        return False
    return is_answer(text.text, alarms.walk_plan(organisation_id, person_id).answer)


def _press(text: TextIn, organisation_id: UUID, person_id: UUID) -> Press:
    return Press(
        organisation_id=organisation_id,
        person_id=person_id,
        device_id=None,
        key=f"text-{text.provider_id}"[:64],
        act="sos",
        source="text",
        received_at=text.received_at,
    )


def _show(alarms: Alarms, organisation_id: UUID, person_id: UUID, code: str, ids: Ids) -> None:
    because = "unknown code" if code else "no code"
    body = {"person": person_id, "because": because}
    running: Sequence[UUID | None] = alarms.told(organisation_id, person_id) or [None]
    at = alarms.now()
    shown = [
        Entry(ids.uuid(), organisation_id, at, "answer.unclear", i, person_id, body)
        for i in running
    ]
    alarms.save([Change(entries=tuple(shown))])
