"""Which machines may report, what do they send, and how do they prove that it is they? Pure.

Three proofs. `signature`: HMAC over the request, with a time and a number used once, for whatever can compute one.
`basic` and `token`: the key itself in a header, for devices that cannot sign (a phone's tracker, most cameras); what is
repeated then is one event anyway, by its track. The key is never in an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MAX_SENDER_NAME: Final = 60
MAX_TOPIC: Final = 200
KEY_HELD_BY: Final = "key_held_by"
MAX_FAULT: Final = 60
# Heard so seldom is silence: the reader's own heartbeat is meant, not its traffic.
USUAL_INTERVAL_S: Final = 300
LEAST_INTERVAL_S: Final = 30
MOST_INTERVAL_S: Final = 86_400
# What a reader answers when a card cannot be read. A badge that is to be refused gets exactly this.
USUAL_FAULT: Final = "card read error"


class SenderKind(StrEnum):
    """What sends; each has a folder in `signals/feeds/`."""

    PLATE_RECOGNIZER = "plate_recognizer"
    REKOR = "rekor"
    FRIGATE = "frigate"
    OWNTRACKS = "owntracks"
    OSMAND = "osmand"
    BADGE = "badge"
    VISITOR_LIST = "visitor_list"
    CONTACT = "contact"
    SIGNED_JSON = "signed_json"


class Proof(StrEnum):
    """How a sender proves who it is."""

    SIGNATURE = "signature"
    BASIC = "basic"
    TOKEN = "token"  # noqa: S105 - the name of a kind of proof
    BROKER = "broker"


TRACKERS: Final = frozenset({SenderKind.OWNTRACKS, SenderKind.OSMAND})
MAY_BE_BOUND: Final = TRACKERS | {SenderKind.SIGNED_JSON}
BY_BROKER: Final = frozenset({SenderKind.FRIGATE, SenderKind.OWNTRACKS})
USUAL_PROOF: Final[Mapping[SenderKind, Proof]] = {
    SenderKind.PLATE_RECOGNIZER: Proof.TOKEN,
    SenderKind.REKOR: Proof.BASIC,
    SenderKind.FRIGATE: Proof.BROKER,
    SenderKind.OWNTRACKS: Proof.BASIC,
    SenderKind.OSMAND: Proof.BASIC,
    SenderKind.BADGE: Proof.SIGNATURE,
    SenderKind.VISITOR_LIST: Proof.SIGNATURE,
    SenderKind.CONTACT: Proof.SIGNATURE,
    SenderKind.SIGNED_JSON: Proof.SIGNATURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRow:
    """One sender, without its key."""

    id: UUID
    organisation_id: UUID
    name: str
    kind: str
    site_id: UUID | None = None
    place_id: UUID | None = None
    post_id: UUID | None = None
    case_id: UUID | None = None
    person_id: UUID | None = None
    interval_s: int = USUAL_INTERVAL_S
    settings: Mapping[str, Any] = field(default_factory=dict)
    made_at: datetime | None = None
    revoked_at: datetime | None = None
    heard_at: datetime | None = None
    dropped_count: int = 0

    @property
    def proof(self) -> Proof:
        """Return the one proof that is taken from it: a weaker one is refused."""
        said = self.settings.get("proof")
        return Proof(str(said)) if said in Proof.__members__.values() else _usual(self.kind)

    @property
    def topic(self) -> str:
        """Return where a broker has its messages, or ""."""
        return str(self.settings.get("topic", ""))

    @property
    def key_held_by(self) -> UUID | None:
        """Return to whom its key was shown last, or None: nobody wrote it down."""
        said = self.settings.get(KEY_HELD_BY)
        return UUID(str(said)) if said else None

    @property
    def fault(self) -> str:
        """Return what the reader says when a card cannot be read."""
        return str(self.settings.get("fault") or USUAL_FAULT)


def _usual(kind: str) -> Proof:
    return USUAL_PROOF.get(SenderKind(kind), Proof.SIGNATURE)


def refused_sender(sender: SenderRow) -> dict[str, str]:
    """Return what is wrong with a sender that somebody wants to enrol, by field; {} if nothing is."""
    found: dict[str, str] = {}
    if sender.kind not in SenderKind.__members__.values():
        return {"kind": "there is no such kind"}
    is_bound = sender.case_id is not None or sender.person_id is not None
    if sender.kind in TRACKERS and not is_bound:
        found["case"] = (
            "a tracker is a monitor that a court ordered (name its case), or her own phone (name her)"
        )
    if sender.kind not in MAY_BE_BOUND and is_bound:
        found["case"] = "only a tracker belongs to a case or a person"
    if sender.case_id is not None and sender.person_id is not None:
        found["case"] = "it is one or the other"
    if not is_bound and not sender.name.strip():
        found["name"] = "a name is needed"
    if not is_bound and sender.site_id is None:
        found["site"] = "where does it stand?"
    return found | _refused_numbers(sender) | _refused_topic(sender)


def _refused_numbers(sender: SenderRow) -> dict[str, str]:
    found = {}
    if len(sender.name) > MAX_SENDER_NAME:
        found["name"] = f"at most {MAX_SENDER_NAME} characters"
    if not LEAST_INTERVAL_S <= sender.interval_s <= MOST_INTERVAL_S:
        found["interval_s"] = f"from {LEAST_INTERVAL_S} to {MOST_INTERVAL_S} seconds"
    return found


def _refused_topic(sender: SenderRow) -> dict[str, str]:
    if sender.kind == SenderKind.FRIGATE and not sender.topic:
        return {"topic": "Frigate is heard through a broker: its topic is needed (usually frigate)"}
    if not sender.topic:
        return {}
    if sender.kind not in BY_BROKER:
        return {"topic": "this kind is not heard through a broker"}
    if len(sender.topic) > MAX_TOPIC or any(sign in sender.topic for sign in "#+\0"):
        return {"topic": "one topic without # and +"}
    return {}
