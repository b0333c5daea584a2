"""Which entries do the tests write? Made-up ones, with a time of their own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests import cast
from tocsin.record.rules.entries import Entry

START = datetime(2026, 11, 6, 5, 30, tzinfo=UTC)
INCIDENT, OTHER_INCIDENT = cast.number(0x9001), cast.number(0x9002)


def an_entry(
    number: int, *, organisation_id: UUID = cast.HARBOUR_EMS, incident_id: UUID | None = INCIDENT
) -> Entry:
    """Return the entry of second `number` of the night."""
    return Entry(
        id=cast.number(0x100000 + number + (organisation_id.int & 0xFF) * 0x1000000),
        organisation_id=organisation_id,
        at=START + timedelta(seconds=number),
        kind="step.begun",
        incident_id=incident_id,
        actor_id=cast.DISPATCHER.id,
        body={"step": number % 7, "late_ms": number},
    )


def some_entries(count: int, *, first: int = 0) -> list[Entry]:
    """Return entries of a night: two incidents side by side, and some entries of none."""
    incidents = (INCIDENT, OTHER_INCIDENT, None)
    return [an_entry(n, incident_id=incidents[n % 3]) for n in range(first, first + count)]
