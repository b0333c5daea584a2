"""A party of her case writes of a roster: for her walks, her shifts there are planned as if he had not.

What he writes counts for everybody, and on every screen, his own too. Only what protects her asks for her shifts as they
stood: the walk that opens by itself, the safeguards before her next shift, where she is when she presses. The lines of
others count in both, so that what an honest planner changes afterwards holds.
"""

from collections.abc import MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.flow.plan_shifts import FAILURES, roster_of, shifts_from
from tocsin.registry import store_kept_shifts as store
from tocsin.registry import store_sites as sites
from tocsin.registry import store_vehicles as vehicles
from tocsin.registry.store_kept_shifts import HisHand
from tocsin.runtime.database import Connection

# By (person, site): from what her shifts there were kept the last time.
Known = MutableMapping[tuple[UUID, UUID], object]
ANEW: Final = "%Y-%m-%d %H"
# Farther than any safeguard looks for her next shift.
AHEAD: Final = timedelta(days=31)


def keep_her_shifts(conn: Connection, known: Known, *, at: datetime) -> int:
    """Return for how many it could not be planned without him: what was kept of their shifts stays as it was.

    `known` is the caller's from one time to the next: a roster is planned anew when a line of it has changed, and every
    hour. Nothing is kept where the roster is the same for her.
    """
    hands = store.load_his_hands(conn)
    store.drop_kept(conn, hands, at)
    store.drop_taken(conn, hands, at)
    vehicles.forget_taken_keys(conn, at)
    versions = store.load_versions(conn, [hand.site_id for hand in hands])
    stopped = 0
    for hand in hands:
        who = (hand.person_id, hand.site_id)
        state = (hand.written, hand.taken, versions.get(hand.site_id), at.strftime(ANEW))
        if known.get(who) == state:
            continue
        try:
            with conn.transaction():
                _keep(conn, hand, at)
        except FAILURES:
            stopped += 1
        known[who] = state
    _forget(known, hands)
    return stopped


def _keep(conn: Connection, hand: HisHand, at: datetime) -> None:
    site = sites.find_site(conn, hand.organisation_id, hand.site_id)
    if site is None:
        return
    roster = roster_of(conn, site, store.load_lines_without(conn, hand), at=at)
    without_him = {
        (shift.starts_at, shift.ends_at)
        for shift in shifts_from(roster, {hand.person_id}, at=at)
        if shift.starts_at < at + AHEAD
    }
    is_same = without_him == store.load_hers(conn, hand, at, at + AHEAD)
    store.keep_shifts(conn, hand, () if is_same else without_him, at)


def _forget(known: Known, hands: Sequence[HisHand]) -> None:
    for who in known.keys() - {(hand.person_id, hand.site_id) for hand in hands}:
        del known[who]
