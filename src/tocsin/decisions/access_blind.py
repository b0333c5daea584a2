"""What may this viewer know of what protection rests on? The same for a party as if there were no order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.decisions import store_blind as store
from tocsin.registry.access import Viewer
from tocsin.runtime.database import Connection
from tocsin.signals.rules.blind import SHOWN_AFTERWARDS, Spot, Watcher


@dataclass(frozen=True, slots=True)
class BlindLine:
    """One thing that sees nothing, or did a while ago, with its names."""

    spot: Spot
    name: str
    site: str
    zone: str

    @property
    def is_back(self) -> bool:
        """Return whether it sees again."""
        return self.spot.back_at is not None


@dataclass(frozen=True, slots=True)
class WatcherLine:
    """One thing that should see. `missed`: intervals since it last did."""

    watcher: Watcher
    name: str
    site: str
    zone: str
    missed: int
    is_blind: bool


def load_blind(conn: Connection, viewer: Viewer, *, at: datetime) -> tuple[BlindLine, ...]:
    """Return what is blind now, the longest first, and then what came back within the hour."""
    return _lines(
        conn, viewer, store.load_shown_spots(conn, viewer.organisation_id, at - SHOWN_AFTERWARDS)
    )


def load_blind_of_case(conn: Connection, viewer: Viewer, case_id: UUID) -> tuple[BlindLine, ...]:
    """Return what is blind now of one case: of its posts, readers, monitors, briefings, places and papers."""
    return _lines(conn, viewer, store.load_spots_of_case(conn, case_id))


def _lines(conn: Connection, viewer: Viewer, spots: list[Spot]) -> tuple[BlindLine, ...]:
    names = store.load_named(conn, [(s.subject_id, s.site_id) for s in spots])
    zones = store.load_zones(conn, viewer.organisation_id)
    return tuple(
        BlindLine(
            spot,
            _named(names, spot.subject_id),
            _named(names, spot.site_id),
            zones.get(spot.site_id, "UTC"),
        )
        for spot in spots
    )


def load_watching(conn: Connection, viewer: Viewer, *, at: datetime) -> tuple[WatcherLine, ...]:
    """Return everything that should see, what is blind first; what is of a case only to whom its rows may show it."""
    watchers = [
        watcher
        for watcher in store.load_watchers(conn, at)
        if watcher.organisation_id == viewer.organisation_id
    ]
    names = store.load_named(conn, [(w.subject_id, w.site_id) for w in watchers])
    zones = store.load_zones(conn, viewer.organisation_id)
    lines = [
        WatcherLine(
            watcher,
            _named(names, watcher.subject_id),
            _named(names, watcher.site_id),
            zones.get(watcher.site_id, "UTC"),
            max(0, (at - watcher.last_at) // timedelta(seconds=watcher.interval_s)),
            watcher.is_blind(at),
        )
        for watcher in watchers
    ]
    return tuple(sorted(lines, key=lambda one: (not one.is_blind, one.site, one.name)))


def _named(names: dict[UUID, str], row_id: UUID) -> str:
    return names.get(row_id, "")
