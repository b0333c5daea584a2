"""What was told that waits for this viewer? Row-level security leaves out everything that she was not told of."""

from uuid import UUID

from tocsin.registry.access import Viewer
from tocsin.registry.store import load_short_names
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals import store_told as store
from tocsin.signals.store_told import Told


def load_told(conn: Connection, ring: KeyRing, viewer: Viewer) -> list[Told]:
    """Return what waits for her, or is seen to, the latest first; for most people nothing, at any time."""
    return store.load_told(conn, ring, viewer.organisation_id)


def count_told(conn: Connection, viewer: Viewer) -> int:
    """Return how many wait that nobody has taken on."""
    return store.count_told(conn, viewer.organisation_id)


def load_names(conn: Connection, ring: KeyRing, found: list[Told]) -> dict[UUID, str]:
    """Return the short names of who reported, and of who sees to it."""
    people = {one.reported_by_id for one in found}
    return load_short_names(
        conn, ring, people | {one.taken_by_id for one in found if one.taken_by_id}
    )
