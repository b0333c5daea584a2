"""Time passed over who is inside: an order or a house rule began to count for a colleague who is here now."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.inside import (
    BADGED_IN,
    BEFORE_SHIFT,
    Inside,
    Presence,
    already_inside,
    graver,
    inside_by_entry,
    may_have_come_before,
)
from tocsin.decisions.rules.safeguard_templates import Event
from tocsin.decisions.rules.sighting import CERTAIN
from tocsin.flow.alarms import Change
from tocsin.flow.open_safeguards import open_safeguards
from tocsin.flow.postgres_alarms import PostgresAlarms
from tocsin.flow.postgres_sightings import PostgresSightings
from tocsin.flow.report_sighting import report_sighting
from tocsin.registry import store_at_door as at_door
from tocsin.registry.access import Hidden
from tocsin.registry.store_cases import case_key
from tocsin.registry.store_doors import load_house_rules_of, look_at_entry
from tocsin.registry.store_orders import load_judged_of
from tocsin.registry.store_readable import UNREADABLE, opened
from tocsin.runtime import logs
from tocsin.runtime.ids import Ids
from tocsin.signals import store_sightings as sightings
from tocsin.signals.rules.seen import Seen, Source
from tocsin.signals.rules.sighting_row import SightingRow
from tocsin.signals.store_holds import sites_of_ways

# Longer ago, a badge that did not go out says more about the reader than about him.
BADGE_COUNTS: Final = timedelta(hours=16)
HERE: Final = 1000
IN: Final = "in"
BEFORE: Final = "perhaps_before_his_shift"

log = logs.get("inside")


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A hit because he is on duty here, or badged in: who it is, is certain."""

    case_id: UUID
    parts: tuple[tuple[str, int], ...]
    certainty: str = CERTAIN
    score: int = HERE


def tend_inside(alarms: PostgresAlarms, *, ids: Ids, engine: str = "") -> list[Change]:
    """Return what has changed because a respondent is inside already. Doing it twice changes nothing more."""
    at = alarms.now()
    found = _presences(alarms, at)
    case_ids = [presence.case_id for presence in found]
    orders = load_judged_of(alarms.conn, alarms.ring, case_ids)
    rules = opened(partial(load_house_rules_of, alarms.conn, alarms.ring), case_ids)
    changes: list[Change] = []
    for presence in found:
        case_id = presence.case_id
        papers = orders.found.get(case_id, ()), rules.found.get(case_id, ())
        follows = already_inside(presence, *papers, at)
        if case_id in orders.damaged | rules.damaged:
            entry, _is_damaged = look_at_entry(alarms.conn, alarms.ring, case_id)
            follows = graver(follows, inside_by_entry(presence, entry))
        if follows is Inside.EVENT:
            is_before = may_have_come_before(presence, *papers)
            changes += _told(alarms, presence, at, (ids, engine), is_before=is_before)
        elif follows is Inside.RELIEVE:
            _asked(alarms, presence, at)
    return changes


def _told(
    alarms: PostgresAlarms,
    presence: Presence,
    at: datetime,
    made: tuple[Ids, str],
    *,
    is_before: bool,
) -> list[Change]:
    """Report it, also of a case whose key is lost: what nobody can read silences nothing. It holds up no other."""
    try:
        with alarms.conn.transaction():
            return _reported(alarms, presence, at, made, is_before=is_before)
    except UNREADABLE as problem:
        # No trace: it may hold what could not be read.
        what = {"case_id": str(presence.case_id), "problem": type(problem).__name__}
        log.error("inside.unreadable", **what)  # noqa: TRY400
        return []


def _reported(
    alarms: PostgresAlarms,
    presence: Presence,
    at: datetime,
    made: tuple[Ids, str],
    *,
    is_before: bool,
) -> list[Change]:
    """Keep it as a sighting: one presence is one track, so that it is never reported twice."""
    key, how = presence.key, [(presence.how, HERE)]
    if is_before and presence.came_by:
        key, how = presence.came_by, [(BADGED_IN, HERE)]
    elif is_before:
        how.append((BEFORE, 0))
    seen = Seen(
        organisation_id=presence.organisation_id,
        source=Source.ON_DUTY,
        track=f"inside-{key.hex}",
        seen_at=at,
        heard_at=at,
        site_id=presence.site_id,
    )
    hit = OnDuty(presence.case_id, tuple(how))
    ids, engine = made
    return report_sighting(alarms, PostgresSightings(alarms), seen, [hit], ids=ids, engine=engine)


def _asked(alarms: PostgresAlarms, presence: Presence, at: datetime) -> None:
    """Ask the safety lead to relieve him: a measure with an owner, told in neutral words like every other."""
    # Closed meanwhile: one case holds up no other.
    with suppress(Hidden):
        open_safeguards(
            alarms.conn,
            organisation_id=presence.organisation_id,
            case_id=presence.case_id,
            event=Event.ON_DUTY.value,
            event_id=presence.key,
            at=at,
            by=None,
        )


def _presences(alarms: PostgresAlarms, at: datetime) -> list[Presence]:
    """Return who of the colleagues on a side of a case is inside: by the roster, else by his badge."""
    by_organisation: dict[UUID, list[Presence]] = defaultdict(list)
    for organisation_id, case_id, shift_id, site_id, since in at_door.colleagues_on_duty(
        alarms.conn, at
    ):
        by_organisation[organisation_id].append(
            Presence(
                organisation_id=organisation_id,
                case_id=case_id,
                key=shift_id,
                site_id=site_id,
                since=since,
            )
        )
    for presence, is_in in _badges(alarms, at):
        several = by_organisation[presence.organisation_id]
        by_organisation[presence.organisation_id] = _beside(several, presence, is_in=is_in)
    return [
        whole
        for organisation_id, several in by_organisation.items()
        for whole in _with_case(alarms, organisation_id, several, at)
    ]


def _beside(several: Sequence[Presence], badge: Presence, *, is_in: bool) -> list[Presence]:
    """Return who is here with what the last badge says: that he came, or when a reader last saw him about his shift."""
    there = badge.case_id, badge.site_id
    if all((one.case_id, one.site_id) != there for one in several):
        return [*several, badge] if is_in else [*several]
    return [
        _with_badge(one, badge, is_in=is_in) if (one.case_id, one.site_id) == there else one
        for one in several
    ]


def _with_badge(shift: Presence, badge: Presence, *, is_in: bool) -> Presence:
    if badge.since < shift.since - BEFORE_SHIFT:
        return shift
    came_by = badge.key if is_in and badge.since < shift.since else None
    return replace(shift, at_door=badge.since, came_by=came_by)


def _badges(alarms: PostgresAlarms, at: datetime) -> Iterator[tuple[Presence, bool]]:
    """Yield the last badge of each colleague on a side of a case, and whether he came in by it."""
    for organisation_id, case_ids in at_door.cases_of_colleagues(alarms.conn).items():
        since = at - BADGE_COUNTS
        for row in sightings.load_last_badges(alarms.conn, organisation_id, case_ids, since):
            codes = _codes(alarms, row)
            if codes is not None and row.site_id is not None:
                presence = Presence(
                    organisation_id=organisation_id,
                    case_id=row.case_id,
                    key=row.id,
                    site_id=row.site_id,
                    since=row.seen_at,
                    how=BADGED_IN,
                )
                yield presence, IN in codes


def _codes(alarms: PostgresAlarms, row: SightingRow) -> tuple[str, ...] | None:
    """Return what the reader said of the badge; None: it cannot be opened, which holds up no other case."""
    try:
        key = case_key(alarms.conn, alarms.ring, row.case_id)
        return sightings.load_seen(alarms.conn, key, row).codes
    except UNREADABLE as problem:
        # No trace: it may hold what could not be read. The case is named among what sees nothing (`find_unreadable.py`).
        log.error("badge.unreadable", case_id=str(row.case_id), problem=type(problem).__name__)  # noqa: TRY400
        return None


def _with_case(
    alarms: PostgresAlarms, organisation_id: UUID, several: Sequence[Presence], at: datetime
) -> Iterator[Presence]:
    case_ids = {presence.case_id for presence in several}
    rows = {
        row.case_id: row
        for row in at_door.load_at_door(alarms.conn, organisation_id, case_ids, at=at)
    }
    # A shift that was taken from the roster leaves its hold: she may be inside all the same.
    held: dict[UUID | None, frozenset[UUID]] = {
        row.protected_id: sites_of_ways(alarms.conn, organisation_id, row.protected_id)
        for row in rows.values()
        if row.protected_id
    }
    for presence in several:
        row = rows.get(presence.case_id)
        if row is not None:
            yield replace(
                presence,
                released_at=row.released_at,
                lowered_at=row.lowered_at,
                her_sites=row.her_sites | held.get(row.protected_id, frozenset()),
            )
