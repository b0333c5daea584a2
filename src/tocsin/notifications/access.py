"""What may this viewer see of incidents, and of what was sent about them?

Everybody who is signed in sees every open incident of the organisation, with two exceptions: the one whom it is about (whose
screen must look the same whatever she did, I9, I22), and whoever she ruled out. Drills and real ones alike.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.decisions.rules.incident import ASKING, Doing, Incident, Kind
from tocsin.notifications import store
from tocsin.notifications import store_blocked as blocked
from tocsin.notifications import store_board as board
from tocsin.notifications.rules.delivery import Delivery
from tocsin.notifications.rules.figures import Figures, figures
from tocsin.record import store as record
from tocsin.record.rules.entries import entry_of
from tocsin.registry import store as registry
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.rules.rows import ShiftRow, SiteRow
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals import store as signals
from tocsin.signals import store_texts as texts
from tocsin.signals.rules.text import KEY
from tocsin.signals.rules.walk import Walk
from tocsin.signals.store_texts import Words

RECENT: Final = 20
LATE_S: Final = 5
AHEAD: Final = timedelta(days=14)
A_DAY: Final = timedelta(days=1)
# As far as gaps in cover are announced.
GAPS_AHEAD: Final = timedelta(hours=12)
LAPSED: Final = "charge.lapsed"
WENT: Final = "charge.handed_over"
FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
FAILED_LATELY: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person did about an incident."""

    person_id: UUID
    act: str
    via: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Went:
    """Charge that went from one person to another, or lapsed: then to nobody."""

    from_id: UUID
    to_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident with everything that its page shows. `receipts`: what providers say, by delivery.

    `words`: what colleagues wrote by text, without a code or with the cry that raised it. `walk`: hers, with the note that
    she left for whoever comes, while it is open (I23). `went`: what became of *in charge*.
    """

    incident: Incident
    site: SiteRow
    acts: tuple[Act, ...]
    deliveries: tuple[Delivery, ...]
    receipts: dict[UUID, str]
    names: dict[UUID, str]
    words: tuple[Words, ...] = ()
    walk: Walk | None = None
    went: tuple[Went, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """What does not work now: messages that wait too long, and how many failed on which channel lately.

    `retrying`: by channel, how many are being tried again for more than some seconds, and why mostly.
    """

    waiting: int
    failed: dict[str, int]
    retrying: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Board:
    """What the first page shows. `shifts` run now or begin within two weeks; `texts`: how many by incident.

    `blocked`: people whose carrier lets no text of ours through (STOP).
    """

    open: tuple[Incident, ...]
    recent: tuple[Incident, ...]
    walks: tuple[Walk, ...]
    sites: tuple[SiteRow, ...]
    shifts: tuple[ShiftRow, ...]
    required: dict[UUID, int]
    proven: dict[UUID, set[UUID]]
    blocked: frozenset[UUID]
    unverified: int
    health: Health
    names: dict[UUID, str]
    texts: dict[UUID, int]


def hidden_from(conn: Connection, incident_ids: Sequence[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return, by incident, who must not hear of it: the one it is about, whom she ruled out, the parties of her cases.

    A drill is about nobody: who started it follows it like everybody else. A viewer who must not hear of it himself
    is told that, and of nobody else.
    """
    found: dict[UUID, set[UUID]] = {}
    for incident_id, person_id in board.hidden_from(conn, incident_ids):
        found.setdefault(incident_id, set()).add(person_id)
    return {incident_id: frozenset(people) for incident_id, people in found.items()}


def may_see(conn: Connection, viewer: Viewer, found: Iterable[Incident]) -> tuple[Incident, ...]:
    """Return the incidents that this viewer may see."""
    several = tuple(found)
    hidden = hidden_from(conn, [incident.id for incident in several])
    return tuple(
        incident
        for incident in several
        if incident.organisation_id == viewer.organisation_id
        and viewer.person_id not in hidden.get(incident.id, frozenset())
    )


def load_incident(
    conn: Connection, ring: KeyRing, viewer: Viewer, incident_id: UUID
) -> IncidentView:
    """Return one incident for its page.

    Raises:
        Hidden: unknown, of another organisation, about the viewer herself, or she ruled the viewer out.
    """
    incident = incidents.load_incident(conn, viewer.organisation_id, incident_id, lock=False)
    if incident is None or not may_see(conn, viewer, [incident]):
        raise Hidden
    (incident,) = incidents.as_shown(conn, [incident])
    deliveries = store.load_of_incident(conn, viewer.organisation_id, incident_id)
    acts = [Act(*row) for row in incidents.load_acts(conn, viewer.organisation_id, incident_id)]
    words = _words(conn, ring, viewer, incident)
    people = {
        incident.person_id,
        *(one.person_id for one in words),
        *(d.person_id for d in deliveries),
        *(act.person_id for act in acts),
    }
    site = sites.find_site(conn, viewer.organisation_id, incident.site_id)
    if site is None:
        raise Hidden
    return IncidentView(
        incident,
        site,
        tuple(acts),
        tuple(deliveries),
        board.receipts_of(conn, incident_id),
        registry.load_short_names(conn, ring, people),
        words,
        _walk_of(conn, ring, incident),
        _went(conn, viewer, incident_id, acts),
    )


def _went(
    conn: Connection, viewer: Viewer, incident_id: UUID, acts: Sequence[Act]
) -> tuple[Went, ...]:
    """Return what became of *in charge*, of people whose act of taking it this viewer is shown; of whom he wrote away in vain, nothing since."""
    leaves = record.leaves_of_kinds(conn, viewer.organisation_id, incident_id, (LAPSED, WENT))
    if not leaves:
        return ()
    took = {act.person_id for act in acts if act.act == Doing.IN_CHARGE.value}
    left = incidents.load_left(conn, took)
    shown = []
    for entry in map(entry_of, leaves):
        body = entry.body
        one = (
            Went(UUID(body["person"]), None, entry.at)
            if entry.kind == LAPSED
            else Went(UUID(body["from_person"]), UUID(body["to_person"]), entry.at)
        )
        people = {one.from_id, *([one.to_id] if one.to_id else [])}
        if people <= took and all(one.at < left.get(each, FOR_EVER) for each in people):
            shown.append(one)
    return tuple(shown)


def load_written_away(
    conn: Connection, ring: KeyRing, viewer: Viewer, incident: Incident
) -> tuple[str, ...]:
    """Return whom a gap in cover counts as gone because somebody wrote so in vain, by name; for safety leads on no side.

    Nobody of what is no gap, or is over.
    """
    if incident.kind is not Kind.GAP or not incident.is_open or not viewer.is_administrator:
        return ()
    until = incident.opened_at + GAPS_AHEAD
    shifts = sites.load_shifts(conn, viewer.organisation_id, incident.opened_at, until)
    here = {shift.person_id for shift in shifts if shift.site_id == incident.site_id}
    names = registry.load_short_names(conn, ring, registry.load_said_gone(conn, here))
    return tuple(sorted(names.values()))


def load_successors(
    conn: Connection, ring: KeyRing, viewer: Viewer, view: IncidentView, *, at: datetime
) -> dict[UUID, str]:
    """Return to whom the one in charge may hand over, with their names: who has a part in it, or is on duty there at `at`.

    Also who came on duty since and was never called. Nobody who must not hear of it, nor the viewer herself.
    """
    incident = view.incident
    where = [incident.site_id, *incident.also_sites]
    here = board.load_on_duty(conn, viewer.organisation_id, where, at)
    kept_out = hidden_from(conn, [incident.id]).get(incident.id, frozenset())
    names = registry.load_short_names(conn, ring, here) | view.names
    out = kept_out | {viewer.person_id}
    return {
        one: name
        for one, name in names.items()
        if one not in out and not incident.is_raised_by(one)
    }


def _walk_of(conn: Connection, ring: KeyRing, incident: Incident) -> Walk | None:
    is_hers = incident.kind not in ASKING and not incident.is_about_place and not incident.is_drill
    if not incident.is_open or not is_hers:
        return None
    return signals.find_walk_during(
        conn, ring, incident.organisation_id, incident.person_id, incident.opened_at
    )


def _words(
    conn: Connection, ring: KeyRing, viewer: Viewer, incident: Incident
) -> tuple[Words, ...]:
    """Return what was written about this incident, without what may be about one that this viewer must not know of."""
    raised_by = [key.removeprefix(KEY) for key in incident.keys if key.startswith(KEY)]
    found = texts.load_words(conn, ring, viewer.organisation_id, incident.id, raised_by)
    hidden = hidden_from(conn, [each for one in found for each in one.incident_ids])
    return tuple(one for one in found if not _is_hidden(viewer, hidden, one.incident_ids))


def _count_texts(conn: Connection, viewer: Viewer, running: Sequence[Incident]) -> dict[UUID, int]:
    here = texts.load_shown_on(conn, viewer.organisation_id, [incident.id for incident in running])
    hidden = hidden_from(conn, [each for several in here for each in several])
    shown = [several for several in here if not _is_hidden(viewer, hidden, several)]
    return dict(Counter(each for several in shown for each in several))


def _is_hidden(
    viewer: Viewer, hidden: Mapping[UUID, frozenset[UUID]], incident_ids: Iterable[UUID]
) -> bool:
    """Return whether this viewer must not hear of one of these incidents."""
    return any(viewer.person_id in hidden.get(each, frozenset()) for each in incident_ids)


def load_board(conn: Connection, ring: KeyRing, viewer: Viewer, *, at: datetime) -> Board:
    """Return everything that the board shows this viewer at `at`."""
    organisation_id = viewer.organisation_id
    running = may_see(
        conn, viewer, incidents.as_shown(conn, incidents.load_open(conn, organisation_id))
    )
    recent = [
        incident
        for is_drill in (False, True)
        for incident in incidents.load_recent(conn, organisation_id, RECENT, is_drill=is_drill)
        if not incident.is_open and incident.kind not in ASKING
    ]
    recent = incidents.as_shown(conn, recent)
    walks = [
        w for w in signals.load_open_walks(conn, organisation_id) if w.person_id != viewer.person_id
    ]
    shifts = sites.load_shifts(conn, organisation_id, at, at + AHEAD)
    people = {
        *(incident.person_id for incident in (*running, *recent)),
        *(person for incident in running for person in _people_of(incident)),
        *(walk.person_id for walk in walks),
        *(walk.watcher_id for walk in walks if walk.watcher_id),
        *(shift.person_id for shift in shifts if shift.starts_at <= at),
    }
    return Board(
        open=running,
        recent=may_see(conn, viewer, recent),
        walks=tuple(walks),
        sites=tuple(sites.load_sites(conn, organisation_id)),
        shifts=tuple(shifts),
        required=board.required_proven(conn, organisation_id),
        proven=board.load_proven(conn, organisation_id, at),
        blocked=frozenset(
            person_id
            for person_id, _since in blocked.load_blocked(conn, organisation_id, at).values()
        ),
        unverified=board.count_unverified(conn, organisation_id, at - A_DAY)
        if viewer.is_lead
        else 0,
        health=_health(conn, viewer, at),
        names=registry.load_short_names(conn, ring, people),
        texts=_count_texts(conn, viewer, running),
    )


def _people_of(incident: Incident) -> set[UUID]:
    found = {*incident.standing, *incident.seen_by, *incident.over}
    if incident.caller_id:
        found.add(incident.caller_id)
    if incident.charge:
        found.add(incident.charge.person_id)
    return found


def _health(conn: Connection, viewer: Viewer, at: datetime) -> Health:
    """Return what does not work, counted without what this viewer must not hear of.

    Whoever stands behind her would read on her own screen that her silent press calls people (I22).
    """
    organisation_id, late = viewer.organisation_id, at - timedelta(seconds=LATE_S)
    asking = [kind.value for kind in ASKING]
    lately = board.load_lately(conn, organisation_id, at - A_DAY)
    found = board.in_trouble(conn, lately, at - FAILED_LATELY, asking)
    hidden = hidden_from(conn, found) if found else {}
    shown = [each for each in lately if viewer.person_id not in hidden.get(each, ())]
    return Health(
        board.count_waiting(conn, shown, due_before=late, at=at),
        board.count_failed(conn, shown, at - FAILED_LATELY),
        board.count_retrying(conn, shown, late),
    )


def load_drills(conn: Connection, viewer: Viewer) -> tuple[Incident, ...]:
    """Return the latest drills, without the proofs."""
    found = incidents.load_recent(conn, viewer.organisation_id, RECENT, is_drill=True)
    return tuple(drill for drill in found if drill.kind is not Kind.PROOF)


def figures_of(view: IncidentView) -> Figures:
    """Return the figures of what `view` shows."""
    acts = [(one.person_id, one.act, one.at) for one in view.acts]
    return figures(view.incident.opened_at, acts, view.deliveries)


def load_proofs(conn: Connection, viewer: Viewer, *, at: datetime) -> dict[UUID, list[Delivery]]:
    """Return, by person, what became of the last question of the past day whether it reaches her: one message a channel."""
    found: dict[UUID, list[Delivery]] = {}
    for asked in store.load_proofs(conn, viewer.organisation_id, at - A_DAY):
        found.setdefault(asked.person_id, []).append(asked)
    return found


@dataclass(frozen=True, slots=True)
class Silenced:
    """Whom our texts may not reach: by contact method since when a carrier blocks them; by person when she texted STOP."""

    blocked: Mapping[UUID, tuple[UUID, datetime]]
    stopped: Mapping[UUID, datetime]


def load_silenced(conn: Connection, viewer: Viewer, *, at: datetime) -> Silenced:
    """Return what a STOP may have done to whom, as far as this viewer may know of the messages by which it came out."""
    organisation_id = viewer.organisation_id
    return Silenced(
        blocked.load_blocked(conn, organisation_id, at),
        blocked.load_stopped(conn, organisation_id, at),
    )


@dataclass(frozen=True, slots=True)
class Unverified:
    """Something like a signal whose sender could not be proved; it called nobody."""

    received_at: datetime
    source: str
    why: str
    size: int
    count: int


def load_unverified(conn: Connection, viewer: Viewer) -> tuple[Unverified, ...]:
    """Return the latest 100 of what could not be verified.

    Raises:
        Hidden: the viewer is no lead.
    """
    if not viewer.is_lead:
        raise Hidden
    return tuple(Unverified(*row) for row in board.load_unverified(conn, viewer.organisation_id))
