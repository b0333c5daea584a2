"""The store behind the verbs about sightings, on PostgreSQL: the stages' stores joined under `flow.sightings`."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from tocsin.decisions import store as decisions
from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.rules.order_says import Where, order_says
from tocsin.decisions.rules.safeguard_templates import Event
from tocsin.decisions.rules.sighting import CaseFacts, OrderSays
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.notifications import store_disclosures as ledger
from tocsin.notifications.rules.disclosure import Disclosure
from tocsin.registry import store_at_door as at_door
from tocsin.registry.access import Hidden
from tocsin.registry.rules.house_rule import HouseRule, house_rule
from tocsin.registry.rules.order import Order, valid
from tocsin.registry.rules.posture import Instruction, posture
from tocsin.registry.rules.second_look import carried_over
from tocsin.registry.store_at_door import AtDoor
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import load_house_rules_of
from tocsin.registry.store_orders import load_judged_of
from tocsin.registry.store_readable import UNREADABLE, opened
from tocsin.runtime import logs
from tocsin.signals import store_sightings as signals
from tocsin.signals.rules.custody import custody_at
from tocsin.signals.rules.fix import only_was_there
from tocsin.signals.rules.seen import Seen
from tocsin.signals.rules.sighting_row import SightingRow
from tocsin.signals.store_custody import load_custody_of
from tocsin.signals.store_holds import sites_of_ways

TASKS_AFTER: Final = timedelta(minutes=1)
log = logs.get("sightings")


class PostgresSightings:
    """`flow.sightings.Sightings` on the connection of an `alarms`, in its transaction."""

    def __init__(self, alarms: PostgresAlarms) -> None:
        """Share connection and keys."""
        self._alarms, self._conn, self._ring = alarms, alarms.conn, alarms.ring

    def cases(self, seen: Seen, case_ids: Collection[UUID], at: datetime) -> dict[UUID, CaseFacts]:
        """Return what is known of these cases for what was seen; for a role that may read orders (the engine)."""
        rows = at_door.load_at_door(self._conn, seen.organisation_id, case_ids, at=at)
        ids = [row.case_id for row in rows]
        orders = load_judged_of(self._conn, self._ring, ids)
        rules = opened(partial(load_house_rules_of, self._conn, self._ring), ids)
        damaged = orders.damaged | rules.damaged
        named = [a.place_id for found in orders.found.values() for o in found for a in o.stay_away]
        around = _Around(
            first_pages=at_door.with_first_page(self._conn, ids),
            site_of=at_door.sites_of_places(self._conn, [place for place in named if place]),
            # A shift that was taken from the roster leaves its hold: she may be inside all the same.
            held={
                row.protected_id: sites_of_ways(self._conn, seen.organisation_id, row.protected_id)
                for row in rows
                if row.protected_id
            },
        )
        facts = {}
        for row in rows:
            papers = orders.found.get(row.case_id, ()), rules.found.get(row.case_id, ())
            known = _facts(seen, row, *papers, around, at)
            if row.case_id in damaged:
                # What of it can be read counts, and may be the half that says nothing: the doors keep to what they knew.
                known = replace(known, is_damaged=True, keeps_out=True)
            parties = self._alarms.parties(seen.organisation_id, [row.case_id])
            facts[row.case_id] = replace(known, parties=parties)
        return facts

    def of_track(self, organisation_id: UUID, track: str) -> dict[UUID, SightingRow]:
        """Return by case the sightings that are kept of this track."""
        found = signals.load_of_track(self._conn, organisation_id, track)
        return {row.case_id: row for row in found}

    def find(self, organisation_id: UUID, sighting_id: UUID) -> SightingRow | None:
        """Return one sighting."""
        return signals.load_sighting(self._conn, organisation_id, sighting_id)

    def of_incident(self, organisation_id: UUID, incident_id: UUID) -> list[SightingRow]:
        """Return what was seen in an incident."""
        return signals.load_of_incident(self._conn, organisation_id, incident_id)

    def keep(self, row: SightingRow, seen: Seen) -> None:
        """Keep a sighting, sealed under its case's key; where that is lost, what need not be sealed: it calls people."""
        key = None
        try:
            key = case_key(self._conn, self._ring, row.case_id)
        except UNREADABLE as problem:
            # No trace, as ever where a key is.
            log.error("sighting.unsealed", problem=type(problem).__name__)  # noqa: TRY400
        signals.keep_sighting(self._conn, key, row, seen)

    def judge(self, row: SightingRow) -> None:
        """Keep who compared it."""
        signals.judge_sighting(self._conn, row)

    def open_place(self, organisation_id: UUID, case_id: UUID) -> Incident | None:
        """Return the open incident of a case that protects a place, locked."""
        return decisions.load_open_place(self._conn, organisation_id, case_id)

    def incidents_of(self, organisation_id: UUID, case_id: UUID) -> list[Incident]:
        """Return the incidents of a case, locked."""
        return decisions.load_of_case(self._conn, organisation_id, case_id)

    def ledger_of(self, incident: Incident) -> list[Disclosure]:
        """Return who was told what of an incident."""
        return ledger.load_of_incident(self._conn, incident.organisation_id, incident.id)

    def open_tasks(self, incident: Incident, case_id: UUID, at: datetime) -> None:
        """Open the safeguards of an incident: other sites, crews, the children's carers, the people close to her."""
        # Whoever compares at a door reads no case: then the engine opens them, within a second.
        with suppress(Hidden):
            open_safeguards(
                self._conn,
                organisation_id=incident.organisation_id,
                case_id=case_id,
                event=Event.INCIDENT.value,
                event_id=incident.id,
                at=at,
                by=None,
            )

    def open_missing_tasks(self, at: datetime) -> int:
        """Return for how many incidents the tasks were opened that whoever confirmed could not open. The engine's.

        So for her SOS, and a walk that called everybody, while an order or a house rule of her case counts: nobody has
        seen him, and nobody knows that he is not there. It waits a minute, for the code of who pressed by mistake.
        """
        missing = decisions.without_tasks(self._conn, Event.INCIDENT.value)
        hers = decisions.sos_without_tasks(self._conn, Event.INCIDENT.value, at - TASKS_AFTER)
        missing += self._may_be_there(hers, at)
        for organisation_id, incident_id, case_id in missing:
            open_safeguards(
                self._conn,
                organisation_id=organisation_id,
                case_id=case_id,
                event=Event.INCIDENT.value,
                event_id=incident_id,
                at=at,
                by=None,
            )
        return len(missing)

    def _may_be_there(
        self, found: Sequence[tuple[UUID, UUID, UUID]], at: datetime
    ) -> list[tuple[UUID, UUID, UUID]]:
        """Return those of which an order or a house rule counts now, or may, and whose respondent is not known to be held."""
        ids = [case_id for _, _, case_id in found]
        if not ids:
            return []
        orders = load_judged_of(self._conn, self._ring, ids)
        rules = opened(partial(load_house_rules_of, self._conn, self._ring), ids)
        damaged = orders.damaged | rules.damaged
        said = load_custody_of(self._conn, ids)
        return [
            one
            for one in found
            if custody_at(said.get(one[2], ()), at).counts_as_free
            and (
                one[2] in damaged
                or any(valid(order, at).holds for order in orders.found.get(one[2], ()))
                or house_rule(rules.found.get(one[2], ()), at).holds
            )
        ]


@dataclass(frozen=True, slots=True)
class _Around:
    """What is loaded once for all cases of a sighting."""

    first_pages: Collection[UUID]
    site_of: Mapping[UUID, UUID]
    held: Mapping[UUID | None, frozenset[UUID]]


def _facts(
    seen: Seen,
    row: AtDoor,
    orders: Sequence[Order],
    rules: Sequence[HouseRule],
    around: _Around,
    at: datetime,
) -> CaseFacts:
    """Return what is known of one case for what was seen, without its parties.

    What came late is held against what counted when it was seen; the door goes by what counts now.
    """
    when = seen.seen_at if only_was_there(seen) else at
    rule = house_rule(rules, when, seen.site_id)
    door = posture(
        orders,
        rules,
        at,
        is_colleague=row.colleague_id is not None,
        lowered_at=row.lowered_at,
        released_at=row.released_at,
        site_id=seen.site_id,
    )
    return CaseFacts(
        case_id=row.case_id,
        organisation_id=seen.organisation_id,
        stands_in_id=row.opened_by_id,
        any_site_id=row.any_site_id,
        protected_id=row.protected_id,
        her_site_id=row.her_site_id,
        orders=_orders_say(seen, row, orders, around, when),
        house_rule=rule.holds,
        house_rule_because=tuple(one.code.value for one in rule.because),
        keeps_out=door.instruction is Instruction.DO_NOT_ADMIT,
        is_colleague=row.colleague_id is not None,
    )


def _orders_say(
    seen: Seen, row: AtDoor, orders: Sequence[Order], around: _Around, when: datetime
) -> tuple[OrderSays, ...]:
    hers = row.her_sites | around.held.get(row.protected_id, frozenset())
    where = Where(hers=hers, site_of=around.site_of)
    carried = {order.id: order for order in carried_over(orders, when)}
    return tuple(
        order_says(
            order,
            seen,
            when,
            where,
            is_colleague=row.colleague_id is not None,
            released_at=row.released_at,
            first_pages=around.first_pages,
            older=carried.get(order.supersedes_id) if order.supersedes_id else None,
        )
        for order in orders
    )
