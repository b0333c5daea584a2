"""What was said about custody changes what he counts as: the open incidents of his case say so at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tocsin.flow.alarms import Change
from tocsin.flow.locate_respondent import locate_respondent
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import RandomIds
from tocsin.signals.rules.custody import CustodyFact, Source, custody_at, located


def follow_custody(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    case_id: UUID,
    before: Sequence[CustodyFact],
    after: Sequence[CustodyFact],
    *,
    by: UUID | None,
    at: datetime,
) -> list[Change]:
    """Return what has changed in incidents: *located* by a person's new word, or *not located* once he counts as free again.

    `before` and `after`: the facts of the case without and with the new one, or with and without the one taken back.
    """
    alarms = PostgresAlarms(conn, ring)
    new = [fact for fact in after if fact not in before]
    found = located(after, max(fact.heard_at for fact in new), at) if new else None
    if found is not None and found.heard_by_id is not None:
        return _say(alarms, organisation_id, case_id, found.heard_by_id, found.source)
    if custody_at(before, at).counts_as_free or not custody_at(after, at).counts_as_free:
        return []
    source = new[0].source if new else Source.SOMEBODY
    return _say(alarms, organisation_id, case_id, by, source, is_taken_back=True)


def say_not_located(
    alarms: PostgresAlarms, organisation_id: UUID, case_id: UUID, source: Source
) -> list[Change]:
    """Return the open incidents that say *not located* again: time alone has made him count as free."""
    return _say(alarms, organisation_id, case_id, None, source, is_taken_back=True)


def _say(
    alarms: PostgresAlarms,
    organisation_id: UUID,
    case_id: UUID,
    by: UUID | None,
    source: Source,
    *,
    is_taken_back: bool = False,
) -> list[Change]:
    return locate_respondent(
        alarms,
        PostgresSightings(alarms),
        organisation_id,
        case_id,
        by=by,
        source=source.value.replace("_", " "),
        ids=RandomIds(),
        is_taken_back=is_taken_back,
    )
