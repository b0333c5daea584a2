"""What is kept of a sighting that hit a case? One row a case and track; who judged it stands beside what matched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.signals.rules.seen import Seen, Source

DISMISSED: Final = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRow:
    """One sighting of one case. `parts`: (code, points). `judged`: confirmed, dismissed, or "" while nobody compared.

    `certainty` stays what the matching said, whatever a person says later: both are kept.
    """

    id: UUID
    organisation_id: UUID
    case_id: UUID
    source: str
    seen_at: datetime
    heard_at: datetime
    track: str
    certainty: str
    score: int
    parts: tuple[tuple[str, int], ...] = ()
    sender_id: UUID | None = None
    reported_by_id: UUID | None = None
    site_id: UUID | None = None
    place_id: UUID | None = None
    incident_id: UUID | None = None
    erase_at: datetime | None = None
    judged: str = ""
    judged_by_id: UUID | None = None
    judged_at: datetime | None = None

    @property
    def is_he(self) -> bool:
        """Return whether it may be stated as a fact: matched for certain, or confirmed by a person.

        What is certain is not dismissed any more; of what was dismissed, only a monitor becomes certain later.
        """
        return self.judged == "confirmed" or self.certainty == "certain"

    @property
    def is_dismissed(self) -> bool:
        """Return whether a person said that it is somebody else, and nothing more certain came after it."""
        return self.judged == DISMISSED and not self.is_he


def bare(row: SightingRow) -> Seen:
    """Return what is known of what was seen where what is sealed cannot be opened: where, when and by whom."""
    return Seen(
        organisation_id=row.organisation_id,
        source=Source(row.source),
        track=row.track,
        seen_at=row.seen_at,
        heard_at=row.heard_at,
        sender_id=row.sender_id,
        reported_by_id=row.reported_by_id,
        site_id=row.site_id,
        place_id=row.place_id,
    )
