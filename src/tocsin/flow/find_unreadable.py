"""What of a case can nobody open: its papers, or what the doors know of it? Protection is blind there, and says so."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from tocsin.decisions.store_blind import OfCase
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.registry.store_cases import load_damaged_cases
from tocsin.registry.store_doors import load_damaged_entries, load_house_rules_of
from tocsin.registry.store_readable import opened
from tocsin.signals.rules.blind import INTERVALS, PAPERS_INTERVAL_S, Because, Watcher, What


def find_unreadable(
    alarms: PostgresAlarms, cases: Sequence[OfCase], at: datetime, damaged: Collection[UUID]
) -> Iterator[Watcher]:
    """Yield what cannot be opened of these cases. `damaged`: whose orders are known to be so."""
    conn, ring = alarms.conn, alarms.ring
    rules = opened(partial(load_house_rules_of, conn, ring), [case_id for case_id, _, _ in cases])
    closed = {case_id for case_id, found in rules.found.items() if any(r.is_closed for r in found)}
    papers = load_damaged_cases(conn, ring) | rules.damaged | closed | frozenset(damaged)
    entries = load_damaged_entries(conn, ring)
    for of_case in cases:
        if of_case[0] in papers:
            yield _watcher(What.PAPERS, of_case, at)
        if of_case[0] in entries:
            yield _watcher(What.ENTRY, of_case, at)


def _watcher(what: What, of_case: OfCase, at: datetime) -> Watcher:
    case_id, organisation_id, site_id = of_case
    return Watcher(
        what=what,
        subject_id=case_id,
        organisation_id=organisation_id,
        site_id=site_id,
        case_id=case_id,
        interval_s=PAPERS_INTERVAL_S,
        # Nobody knows since when it is damaged, only that it was found so now.
        last_at=at - INTERVALS * timedelta(seconds=PAPERS_INTERVAL_S),
        because=Because.UNREADABLE,
    )
