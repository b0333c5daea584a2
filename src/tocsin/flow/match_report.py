"""One report: what it hits, and what follows from it. What hits nothing leaves nothing behind here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.matching import Certainty
from tocsin.decisions.rules.sighting import CERTAIN, Hit
from tocsin.flow.alarms import Change
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.raise_from_tracker import is_sos, raise_from_tracker
from tocsin.flow.report_position import report_position
from tocsin.flow.report_sighting import report_sighting
from tocsin.registry.store_cases import load_cases_protecting
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.seen import HERS_SHE_SAYS, Seen, Source

BY_A_PERSON: Final = 1000
# A person who says who it is has compared already; a machine's case only says whose monitor it is.
SAID_BY_PEOPLE: Final = frozenset({Source.DESK, Source.GUARD, Source.CONTACT})


@dataclass(frozen=True, slots=True)
class Named:
    """A hit because a person said who it is."""

    case_id: UUID
    certainty: str = CERTAIN
    score: int = BY_A_PERSON
    parts: tuple[tuple[str, int], ...] = (("named_by_a_person", BY_A_PERSON),)


def decide_report(
    alarms: PostgresAlarms, seen: Seen, matches: Sequence[Hit], *, ids: Ids, engine: str = ""
) -> list[Change]:
    """Return what a report has changed, in the transaction that takes it."""
    if is_sos(seen):
        return list(raise_from_tracker(alarms, seen, ids=ids, engine=engine))
    if seen.source in {Source.MONITOR, Source.OWN_DEVICE}:
        return report_position(alarms, seen, ids=ids, engine=engine)
    hits: list[Hit] = list(matches)
    if seen.case_id is not None and seen.source in SAID_BY_PEOPLE:
        hits.append(Named(seen.case_id))
    hits += _her_own(alarms, seen)
    if not hits:
        return []
    return report_sighting(alarms, PostgresSightings(alarms), seen, hits, ids=ids, engine=engine)


def _her_own(alarms: PostgresAlarms, seen: Seen) -> list[Hit]:
    """Return each of her open cases as possible where she says that it is he, and not which of several."""
    if seen.reported_by_id is None or HERS_SHE_SAYS not in seen.codes:
        return []
    mine = load_cases_protecting(alarms.conn, seen.organisation_id, seen.reported_by_id)
    return [Named(case_id, Certainty.POSSIBLE) for case_id in mine]
