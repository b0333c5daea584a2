"""What has really happened? Read from the installation's own tables and record, not from what was hoped for."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from tocsin.decisions import store as decisions
from tocsin.decisions import store_safeguards
from tocsin.decisions.rules.incident import Incident
from tocsin.decisions.rules.incident import Kind as IncidentKind
from tocsin.demo.store import count_naming
from tocsin.notifications import store as notifications
from tocsin.notifications.access import Act, figures_of, load_incident
from tocsin.notifications.rules.delivery import OPEN, Delivery, State
from tocsin.notifications.rules.figures import Figures
from tocsin.record import store as record
from tocsin.record.rules.entries import Entry, entry_of
from tocsin.registry import store_cases as cases
from tocsin.registry import store_sites as sites
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection, connect, viewing
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.settings import Settings
from tocsin.signals import store as signals
from tocsin.signals import store_holds as holds
from tocsin.signals.rules.hold import Hold, Kind

LOOK_EVERY_S: Final = 0.02
# What is there at once on a machine with nothing else to do. A slow one may be without its database for some seconds: then
# what was pressed is kept beside it, and is there when it is back.
PATIENCE_S: Final = 30.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wave:
    """What became of messages: how many people and channels, and when the first and last were handed over."""

    people: int
    messages: int
    handed_over: int
    failed: int
    waiting: int
    channels: tuple[str, ...]
    first_ms: float | None
    last_ms: float | None


class Watch:
    """Looks at one organisation with the engine's own rights; asks nobody, changes nothing."""

    def __init__(self, conn: Connection, ring: KeyRing, organisation_id: UUID) -> None:
        """Look over this connection (autocommit)."""
        self._conn, self._ring, self._organisation_id = conn, ring, organisation_id

    def until(self, look: Callable[[], T | None], within_s: float) -> T | None:
        """Return what `look` finds, as soon as it finds something; None when the time is over."""
        end = time.monotonic() + within_s
        while (found := look()) is None and time.monotonic() < end:
            time.sleep(LOOK_EVERY_S)
        return found

    def open_incidents(self) -> list[Incident]:
        """Return every open incident."""
        return decisions.load_open(self._conn, self._organisation_id)

    def of_key(self, key: str, *, within_s: float = PATIENCE_S) -> Incident | None:
        """Return the open incident that this press led to."""
        return self.until(
            lambda: next((i for i in self.open_incidents() if i.key == key), None), within_s
        )

    def incident(self, incident_id: UUID) -> Incident:
        """Return the incident as it is now; raises LookupError."""
        found = decisions.load_incident(self._conn, self._organisation_id, incident_id, lock=False)
        if found is None:
            raise LookupError(incident_id)
        return found

    def deliveries(self, incident_id: UUID, template: str = "") -> list[Delivery]:
        """Return its messages so far, of one template or all."""
        found = notifications.load_of_incident(self._conn, self._organisation_id, incident_id)
        return [delivery for delivery in found if template in {"", delivery.template}]

    def settled(
        self, incident_id: UUID, wanted: Callable[[Delivery], bool], *, within_s: float = 10.0
    ) -> list[Delivery]:
        """Return the messages that are `wanted`, once there are some and none waits, or the time is over."""

        def look() -> list[Delivery] | None:
            found = [d for d in self.deliveries(incident_id) if wanted(d)]
            is_done = bool(found) and not any(d.state in OPEN for d in found)
            return found if is_done else None

        return self.until(look, within_s) or [d for d in self.deliveries(incident_id) if wanted(d)]

    def acts(self, incident_id: UUID) -> list[Act]:
        """Return what people said they do, in the order of time."""
        rows = decisions.load_acts(self._conn, self._organisation_id, incident_id)
        return [Act(*row) for row in rows]

    def is_clear(self, person_id: UUID, code: str) -> bool:
        """Return whether this code means one incident only for this person; three digits come again within a day."""
        found = notifications.find_by_code(self._conn, self._organisation_id, person_id, code)
        return len({delivery.incident_id for delivery in found}) == 1

    def act(self, incident_id: UUID, person_id: UUID, name: str) -> Act | None:
        """Return a person's act as soon as it is kept."""

        def look() -> Act | None:
            acts = self.acts(incident_id)
            return next((a for a in acts if (a.person_id, a.act) == (person_id, name)), None)

        return self.until(look, PATIENCE_S)

    def entries(self, incident_id: UUID, kind: str) -> list[Entry]:
        """Return what the record says about the incident, of one kind."""
        lines = record.entries_of_incident(self._conn, self._organisation_id, incident_id)
        found = [entry_of(line.leaf) for line in lines]
        return [entry for entry in found if entry.kind == kind]

    def entry(self, incident_id: UUID, kind: str, *, within_s: float = PATIENCE_S) -> Entry | None:
        """Return the first entry of this kind as soon as it is there."""
        return self.until(lambda: next(iter(self.entries(incident_id, kind)), None), within_s)

    def figures(self, config: Settings, incident_id: UUID, viewer_id: UUID) -> Figures:
        """Return how an incident went, about people, as a lead sees it on its page: with her rights, not the engine's."""
        viewer = Viewer(self._organisation_id, viewer_id, "safety_lead")
        with connect(config, "web") as conn, viewing(conn, self._organisation_id, viewer_id):
            return figures_of(load_incident(conn, self._ring, viewer, incident_id))

    def case_of(self, protected_id: UUID) -> UUID | None:
        """Return the case of a protected person, None if there is none yet."""
        found = cases.load_cases_of(self._conn, self._ring, self._organisation_id, protected_id)
        return found[0].id if found else None

    def naming(self, named: UUID) -> int:
        """Return how many entries of the whole record name this person or thing."""
        return count_naming(self._conn, self._organisation_id, named)

    def tasks(self, case_id: UUID, templates: Collection[str]) -> dict[str, UUID | None]:
        """Return who owns which of these safeguards of a case; those that are not open are missing."""
        found = store_safeguards.load_safeguards(self._conn, self._organisation_id, case_id)
        return {s.template: s.owner_id for s in found if s.template in templates and not s.is_ended}

    def safeguards(self, case_id: UUID) -> Counter[str]:
        """Return how many safeguards of a case are in which state."""
        found = store_safeguards.load_safeguards(self._conn, self._organisation_id, case_id)
        return Counter(one.state.value for one in found)

    def nobodys(self, case_id: UUID) -> list[str]:
        """Return which safeguards nobody owns, or are open without a deadline. What is prepared is due when released."""
        found = store_safeguards.load_safeguards(self._conn, self._organisation_id, case_id)
        working = [one for one in found if one.state.value in {"open", "prepared"}]
        return [
            one.template
            for one in working
            if one.owner_id is None or (one.state.value == "open" and one.due_at is None)
        ]

    def hold(self, person_id: UUID, *, within_s: float = 0.0) -> Hold | None:
        """Return the walk off the site that is held for somebody, as soon as it is there."""

        def look() -> Hold | None:
            found = holds.load_open_of(self._conn, self._organisation_id, person_id)
            return next((hold for hold in found if hold.kind is Kind.LEAVING), None)

        return self.until(look, within_s)

    def watcher_of(self, key: str) -> UUID | None:
        """Return who watches the walk that this press began, while it is under way."""
        walks = signals.load_open_walks(self._conn, self._organisation_id)
        return next((walk.watcher_id for walk in walks if walk.key == key), None)

    def was_held(self, person_id: UUID, since: datetime) -> bool:
        """Return whether a walk of hers was held for a shift that ends after `since`."""
        found = holds.load_holds(self._conn, since, since + timedelta(days=1))
        return any(hold.person_id == person_id and not hold.is_open for hold in found)

    def of_kind(self, *kinds: IncidentKind, within_s: float = PATIENCE_S) -> Incident | None:
        """Return the open incident of one of these kinds, as soon as it is there."""
        return self.until(
            lambda: next((i for i in self.open_incidents() if i.kind in kinds), None), within_s
        )

    def on_duty(self, site_id: UUID, at: datetime) -> set[UUID]:
        """Return who is on duty at a site."""
        shifts = sites.load_shifts(self._conn, self._organisation_id, at, at)
        return {shift.person_id for shift in shifts if shift.site_id == site_id}


def wave_of(deliveries: list[Delivery], since: datetime) -> Wave:
    """Return the figures of these messages; milliseconds count from `since`."""
    sent = sorted(d.sent_at for d in deliveries if d.sent_at is not None)
    return Wave(
        people=len({d.person_id for d in deliveries}),
        messages=len(deliveries),
        handed_over=len(sent),
        failed=sum(d.state is State.FAILED for d in deliveries),
        waiting=sum(d.state in OPEN for d in deliveries),
        channels=tuple(sorted({d.channel for d in deliveries})),
        first_ms=(sent[0] - since).total_seconds() * 1000 if sent else None,
        last_ms=(sent[-1] - since).total_seconds() * 1000 if sent else None,
    )
