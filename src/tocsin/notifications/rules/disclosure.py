"""Who was told what of a case, on which ground, and when had she notice of it?

Pure. A line is made with the message itself and saved in the same transaction: there is no telling without its line.
Source: Cal. Gov. Code 12945.8 (confidential except as necessary to protect safety at work, with notice to her).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import SEEN, Incident
from tocsin.notifications.rules.happenings import Call
from tocsin.registry.rules.contacts import Recipient

# Before the name of the text, in the first code of a line.
TEXT: Final = "text "
PLACE_AND_INSTRUCTION: Final = ("place", "instruction")
THAT_SOMETHING_WAITS: Final = ("something waits",)
# How the key of a notice to her begins; of one that follows another the rest is the other's number.
NOTICE: Final = "notice-"
AGAIN: Final = "notice-again-"
ANEW: Final = "notice-anew-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One telling. `what`: codes, the first one names the text that was sent; `notice_at` None: she does not know yet."""

    id: UUID
    organisation_id: UUID
    case_id: UUID
    incident_id: UUID | None
    to_id: UUID | None
    to_role: str
    ground: str
    what: tuple[str, ...]
    at: datetime
    notice_at: datetime | None = None


def ground_of(incident: Incident) -> str:
    """Return on which ground people are told of this incident, as a code."""
    if incident.kind not in SEEN:
        return incident.kind.value
    return incident.kind.value if incident.is_confirmed else "possible_match"


def disclosures(
    incident: Incident,
    calls: Iterable[Call],
    at: datetime,
    new_id: Callable[[UUID, UUID, str], UUID],
) -> tuple[Disclosure, ...]:
    """Return a line for each person and case that these calls tell something; what she is told herself is none.

    `new_id` takes case, person and text: told the same again is the same line.
    """
    return tuple(_lines(incident, calls, at, new_id))


def _lines(
    incident: Incident,
    calls: Iterable[Call],
    at: datetime,
    new_id: Callable[[UUID, UUID, str], UUID],
) -> Iterator[Disclosure]:
    for call in calls:
        for recipient in call.recipients:
            if is_her(incident, recipient) or not recipient.contacts:
                continue
            for case_id in incident.case_ids:
                yield Disclosure(
                    id=new_id(case_id, recipient.person_id, call.template),
                    organisation_id=incident.organisation_id,
                    case_id=case_id,
                    incident_id=incident.id,
                    to_id=recipient.person_id,
                    to_role=recipient.role[:40],
                    ground=ground_of(incident),
                    what=(f"{TEXT}{call.template}", *_what(recipient)),
                    at=at,
                    notice_at=incident.her_notice_at,
                )


def joined_by(
    told: Iterable[Disclosure],
    case_id: UUID,
    at: datetime,
    new_id: Callable[[UUID, UUID, str], UUID],
) -> tuple[Disclosure, ...]:
    """Return the lines of a case that joins an incident at `at`: whoever was told of it before knows of this case too.

    `told`: what is in the ledger of the incident. Nobody is called a second time for it, and a party of this case who was
    called for another one is in its ledger too: that he knows is what she has to see. `new_id` as in `disclosures`.
    """
    lines = {}
    for line in told:
        if line.to_id is not None and line.case_id != case_id:
            line_id = new_id(case_id, line.to_id, line.what[0].removeprefix(TEXT))
            lines[line_id] = replace(line, id=line_id, case_id=case_id, at=at)
    return tuple(lines.values())


def is_her(incident: Incident, recipient: Recipient) -> bool:
    """Return whether this recipient is the protected person herself."""
    return recipient.person_id == incident.person_id and not incident.stands_for_nobody


def _what(recipient: Recipient) -> tuple[str, ...]:
    at_work = any(contact.is_work for contact in recipient.contacts)
    return PLACE_AND_INSTRUCTION if at_work else THAT_SOMETHING_WAITS
