"""What may this viewer see of held walks? Whoever is kept from her sees none of hers: the database hides them.

Those who are to look are shown a way and how many minutes are left. Whose walk it is they need not know; only who
is to meet an arrival at the door is told whom.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import log_read
from tocsin.registry.rules.rows import SiteRow
from tocsin.registry.store import load_kept_out, load_short_names
from tocsin.registry.store_cases import load_cases_protecting
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals import store_holds as store
from tocsin.signals.rules.hold import (
    Hold,
    Kind,
    Look,
    State,
    WalkPlan,
    as_if_held,
    is_fresh,
    is_looked_for,
    lapsed,
)
from tocsin.signals.rules.offers import Answer, Offer, What, from_json
from tocsin.signals.rules.serving import way_mark
from tocsin.signals.store_holds import Missed

WALKS: Final = "walks"
SHOWN_AHEAD: Final = timedelta(days=7)
# Who is told whom to meet at the door.
MEETS: Final = frozenset({"guard", "shift_lead", "safety_lead"})


@dataclass(frozen=True, slots=True)
class Way:
    """One way that somebody is to look at. `who` only for an arrival; `taken`: offers that change the way.

    `mark`: of the way as it is shown, so that a look says at which one it was.
    """

    hold: Hold
    site: SiteRow
    places: tuple[str, ...]
    taken: tuple[Offer, ...]
    exit: str
    who: str
    looked_by: str
    latest: Look | None
    minutes: int
    is_looked: bool
    mark: str

    @property
    def is_something(self) -> bool:
        """Return whether something was seen, and a person must decide."""
        return self.hold.state is State.SOMETHING

    @property
    def is_arrival(self) -> bool:
        """Return whether somebody comes, and is to be met at the door."""
        return self.hold.kind is Kind.ARRIVING

    @property
    def is_late(self) -> bool:
        """Return whether the shift has ended, or begun, already."""
        return self.minutes <= 0


def load_ways(conn: Connection, ring: KeyRing, viewer: Viewer, *, at: datetime) -> tuple[Way, ...]:
    """Return the ways that somebody is to look at now, the next first; not the viewer's own."""
    held = store.load_looked_for(conn, viewer.organisation_id)
    found = _shown(conn, viewer, [hold for hold in held if is_looked_for(hold, at)])
    if not found:
        return ()
    looks: dict[UUID, list[Look]] = defaultdict(list)
    for made in store.load_looks_of(conn, viewer.organisation_id, [h.id for h in found]):
        if made.hold_id:
            looks[made.hold_id].append(made)
    # That she declined is hers: whoever looks sees her way as if she had said nothing.
    shown = [as_if_held(hold, looks[hold.id], at) for hold in found]
    return tuple(_ways(conn, ring, viewer, shown, looks, at))


def _shown(conn: Connection, viewer: Viewer, found: list[Hold]) -> list[Hold]:
    """Return the holds of others who did not rule this viewer out. Those of the other side the database has hidden."""
    people = {hold.person_id for hold in found}
    kept_out = load_kept_out(conn, viewer.organisation_id, people) if people else {}
    return [
        hold
        for hold in found
        if viewer.person_id not in {hold.person_id, *kept_out.get(hold.person_id, ())}
    ]


def _ways(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    found: list[Hold],
    looks: Mapping[UUID, list[Look]],
    at: datetime,
) -> list[Way]:
    here = {site.id: site for site in sites.load_sites(conn, viewer.organisation_id)}
    people = [hold.person_id for hold in found]
    places = store.load_place_names(conn, viewer.organisation_id, people)
    offers = store.load_offers_of(conn, viewer.organisation_id, people)
    plans = store.load_plans(conn, people)
    latest = {hold_id: made[-1] for hold_id, made in looks.items() if made}
    met = [h.person_id for h in found if h.kind is Kind.ARRIVING and viewer.role in MEETS]
    looked = [k.person_id for k in latest.values()] + [
        h.looked_by_id for h in found if h.looked_by_id
    ]
    names = load_short_names(conn, ring, {*met, *looked})
    exits = store.load_places(conn, viewer.organisation_id)
    ways = []
    for hold in found:
        hers = from_json(offers.get(hold.person_id, {}))
        taken = tuple(o for o in hers.values() if o.answer is Answer.TAKEN)
        way = next((exits.get(o.value, "") for o in taken if o.what is What.EXIT), "")
        ways.append(
            Way(
                hold=hold,
                site=here[hold.site_id],
                places=tuple(n for s, n in places.get(hold.person_id, []) if s == hold.site_id),
                taken=taken,
                exit=way,
                who=names.get(hold.person_id, "") if hold.person_id in met else "",
                looked_by=names.get(hold.looked_by_id, "") if hold.looked_by_id else "",
                latest=latest.get(hold.id),
                minutes=round((hold.edge_at - at).total_seconds() / 60),
                is_looked=is_fresh(hold, at),
                mark=way_mark(plans.get(hold.person_id)),
            )
        )
    return ways


def may_look(conn: Connection, viewer: Viewer, *, at: datetime) -> bool:
    """Return whether a look of this viewer's that saw nothing may count: a lead, or somebody on duty now, at any site.

    A control room may watch the car park of another site; who is at home has not looked at any.
    """
    shifts = sites.load_shifts(conn, viewer.organisation_id, at, at)
    return viewer.is_lead or any(shift.person_id == viewer.person_id for shift in shifts)


def may_decide(viewer: Viewer) -> bool:
    """Return whether this viewer decides about what was seen: a lead."""
    return viewer.is_lead


@dataclass(frozen=True, slots=True)
class MissedView:
    """A look that nobody took, with the names of the site and of who explained it. Her name is not in it."""

    missed: Missed
    site: SiteRow
    explained_by: str


def load_missed(conn: Connection, ring: KeyRing, viewer: Viewer) -> tuple[MissedView, ...]:
    """Return the looks that nobody took, for a lead to explain.

    Raises:
        Hidden: the viewer is no lead.
    """
    if not viewer.is_lead:
        raise Hidden
    found = _missed(conn, viewer)
    here = {site.id: site for site in sites.load_sites(conn, viewer.organisation_id)}
    names = load_short_names(conn, ring, {m.explained_by_id for m in found if m.explained_by_id})
    return tuple(
        MissedView(
            m, here[m.hold.site_id], names.get(m.explained_by_id, "") if m.explained_by_id else ""
        )
        for m in found
    )


def _missed(conn: Connection, viewer: Viewer) -> list[Missed]:
    found = store.load_missed(conn, viewer.organisation_id)
    shown = {hold.id for hold in _shown(conn, viewer, [m.hold for m in found])}
    return [m for m in found if m.hold.id in shown]


def count_missed(conn: Connection, viewer: Viewer) -> int:
    """Return how many missed looks nobody has explained, for a lead; 0 for others."""
    if not viewer.is_lead:
        return 0
    return sum(1 for m in _missed(conn, viewer) if not m.explained)


@dataclass(frozen=True, slots=True)
class MyWalks:
    """How her walks go: her plan, the places that she can choose, what is offered, and the hold that is open.

    `kept`: (end, time zone, site) of shifts that the roster does not show and that her walk is held for all the same.
    """

    is_held: bool
    plan: WalkPlan
    has_phrase: bool
    places: tuple[tuple[UUID, str, str], ...]
    offers: tuple[tuple[Offer, str], ...]
    hold: Hold | None
    looked_by: str
    zone: str
    kept: tuple[tuple[datetime, str, str], ...] = ()


def load_my_walks(conn: Connection, ring: KeyRing, viewer: Viewer, *, at: datetime) -> MyWalks:
    """Return the viewer's own walks. Who has no case is shown the same page, with nothing held."""
    return _walks_of(conn, ring, viewer, viewer.person_id, at)


def load_walks_of(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, *, at: datetime
) -> MyWalks:
    """Return what a lead who may read her case can offer to this person, after writing down that the lead looks.

    Raises:
        Hidden: no lead, no grant, no case, or the viewer is kept from her: one answer.
    """
    cases = load_cases_protecting(conn, viewer.organisation_id, person_id)
    if not viewer.is_lead or not cases or person_id == viewer.person_id:
        raise Hidden
    for case_id in cases:
        log_read(conn, viewer, case_id, at=at, what=WALKS)
    return _walks_of(conn, ring, viewer, person_id, at)


def _walks_of(
    conn: Connection, ring: KeyRing, viewer: Viewer, person_id: UUID, at: datetime
) -> MyWalks:
    organisation_id = viewer.organisation_id
    plan = store.load_plan(conn, ring, organisation_id, person_id)
    names = store.load_places(conn, organisation_id)
    offers = from_json(store.load_offers_of(conn, organisation_id, [person_id]).get(person_id, {}))
    open_now = [h for h in store.load_open(conn, organisation_id) if h.person_id == person_id]
    # Where she leaves comes before where she comes to; a look that grew too old while no engine ran is none.
    open_now.sort(key=lambda h: h.kind is not Kind.LEAVING)
    hold = lapsed(open_now[0], at) if open_now else None
    looked_by = (
        load_short_names(conn, ring, {hold.looked_by_id}) if hold and hold.looked_by_id else {}
    )
    here = sites.load_sites(conn, organisation_id)
    zone = next((s.time_zone for s in here if hold and s.id == hold.site_id), "UTC")
    return MyWalks(
        is_held=bool(load_cases_protecting(conn, organisation_id, person_id)),
        plan=plan or WalkPlan(organisation_id, person_id),
        has_phrase=bool(plan and plan.phrase),
        places=tuple(
            (place.id, site.name, place.name)
            for site in here
            for place in sites.load_places(conn, site.id)
        ),
        offers=tuple((offer, names.get(offer.value, "")) for offer in offers.values()),
        hold=hold,
        looked_by=next(iter(looked_by.values()), ""),
        zone=zone,
        kept=tuple(
            (ends_at, site.time_zone, site.name)
            for site_id, ends_at in store.load_kept_ends(conn, person_id, at, at + SHOWN_AHEAD)
            for site in here
            if site.id == site_id
        ),
    )
