"""What may this viewer see of the machines that report, and of what they sent that could not be read?

Administrators only; row-level security leaves out the trackers of cases that the viewer may not know of, and everything
that they left behind.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.registry import store_senders as senders
from tocsin.registry import store_sites
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import log_read
from tocsin.registry.rules.rows import SiteRow
from tocsin.registry.rules.sender import SenderRow
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals import store_quarantine as quarantine
from tocsin.signals.store_quarantine import SetAside

MONITOR: Final = "monitor"
SET_ASIDE: Final = "set_aside"


@dataclass(frozen=True, slots=True)
class SenderView:
    """One sender, and what of it was set aside."""

    sender: SenderRow
    set_aside: tuple[SetAside, ...]

    @property
    def set_aside_count(self) -> int:
        """Return how many messages were set aside, those that are only counted too."""
        return sum(one.count for one in self.set_aside)


def load_senders(conn: Connection, viewer: Viewer) -> list[SenderView]:
    """Return every sender, those in use first, with what was set aside of it.

    Raises:
        Hidden: the viewer is no administrator.
    """
    if not viewer.is_administrator:
        raise Hidden
    aside: dict[UUID | None, list[SetAside]] = {}
    for one in quarantine.load_set_aside(conn, viewer.organisation_id):
        aside.setdefault(one.sender_id, []).append(one)
    return [
        SenderView(sender, tuple(aside.get(sender.id, ())))
        for sender in senders.load_senders(conn, viewer.organisation_id)
    ]


def load_from_pages(conn: Connection, viewer: Viewer) -> list[SetAside]:
    """Return what no machine sent and yet could not be read: a list that somebody handed in, a report from the desk."""
    if not viewer.is_administrator:
        raise Hidden
    found = quarantine.load_set_aside(conn, viewer.organisation_id)
    return [one for one in found if one.sender_id is None]


def load_sender(conn: Connection, viewer: Viewer, sender_id: UUID, *, at: datetime) -> SenderView:
    """Return one sender with what was set aside of it; a look at a case's monitor is logged first, as every look.

    Raises:
        Hidden: there is no such sender for this viewer.
    """
    found = senders.load_sender(conn, viewer.organisation_id, sender_id)
    if found is None or not viewer.is_administrator:
        raise Hidden
    if found.case_id:
        log_read(conn, viewer, found.case_id, at=at, what=MONITOR)
    aside = quarantine.load_set_aside(conn, viewer.organisation_id, sender_id)
    return SenderView(found, tuple(aside))


def load_own_tracker(conn: Connection, viewer: Viewer) -> SenderRow | None:
    """Return the viewer's own phone as a tracker, if it is one now."""
    return senders.find_own_tracker(conn, viewer.organisation_id, viewer.person_id)


def load_places(conn: Connection, viewer: Viewer) -> list[tuple[SiteRow, list[tuple[UUID, str]]]]:
    """Return the organisation's sites, each with its posts as (id, name)."""
    return [
        (site, [(post.id, post.name) for post in store_sites.load_posts(conn, site.id)])
        for site in store_sites.load_sites(conn, viewer.organisation_id)
    ]


def load_raw(conn: Connection, ring: KeyRing, viewer: Viewer, row_id: UUID, *, at: datetime) -> str:
    """Return a message as it came, for whoever mends its sender; of a case's monitor it is logged first, as every look.

    Raises:
        Hidden: there is no such message for this viewer.
    """
    if not viewer.is_administrator:
        raise Hidden
    sender_id = quarantine.sender_of(conn, viewer.organisation_id, row_id)
    sender = senders.load_sender(conn, viewer.organisation_id, sender_id) if sender_id else None
    if sender and sender.case_id:
        log_read(conn, viewer, sender.case_id, at=at, what=SET_ASIDE)
    raw = quarantine.open_raw(conn, ring, viewer.organisation_id, row_id)
    if raw is None:
        raise Hidden
    return raw
