"""A person says what she saw, who called or wrote, or who is expected. The engine matches it; she is told that it is kept.

What she is told never depends on whether anybody was recognised: whoever may know of it is called.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tocsin.flow.receive_report import receive_report
from tocsin.registry.access import Viewer
from tocsin.registry.access_cases import load_own_open
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids
from tocsin.signals.feeds.reading import Bad, BadLine, Message, Origin, plate, plates
from tocsin.signals.feeds.visitor_list.reader import read as read_visitors
from tocsin.signals.rules.quarantine import Why
from tocsin.signals.rules.seen import HERS_SHE_SAYS, Seen, Source
from tocsin.signals.store_quarantine import count_more, set_aside

VISITOR_LIST = "visitor_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person saw. `track` is made with the form, so that a form sent twice is one sighting."""

    track: UUID
    site_id: UUID | None
    post_id: UUID | None = None
    name: str = ""
    plate: str = ""
    words: str = ""
    before_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Who called or wrote. `is_he`: she says that it is the person who is kept from her; `which_id`: of which case."""

    track: UUID
    kind: str
    at: datetime
    phone: str = ""
    name: str = ""
    words: str = ""
    is_he: bool = False
    which_id: UUID | None = None


def report_seen(
    conn: Connection, ring: KeyRing, viewer: Viewer, report: Report, *, at: datetime, ids: Ids
) -> Seen:
    """Return what now waits for the engine. A plate that is none goes along as words: nothing is lost at a door."""
    words = report.words
    try:
        reads = plates([plate(report.plate)]) if report.plate else ()
    except BadLine:
        reads, words = (), f"{words} {report.plate}".strip()
    seen = Seen(
        organisation_id=viewer.organisation_id,
        source=Source.GUARD,
        track=f"report:{report.track.hex}",
        seen_at=at - timedelta(seconds=report.before_s),
        heard_at=at,
        reported_by_id=viewer.person_id,
        site_id=report.site_id,
        post_id=report.post_id,
        name=report.name,
        plates=reads,
        words=words,
    )
    receive_report(conn, ring, seen, ids=ids)
    return seen


def report_attempt(
    conn: Connection, ring: KeyRing, viewer: Viewer, attempt: Attempt, *, at: datetime, ids: Ids
) -> Seen:
    """Return the attempt that now waits for the engine.

    Her word names a case of her own that is open: her only one, or that which she chose; if there are several and she did
    not say which, each of them is possible.
    """
    mine = {one.case_id for one in load_own_open(conn, viewer)} if attempt.is_he else set()
    which = attempt.which_id if attempt.which_id in mine else None
    case_id = which or (next(iter(mine)) if len(mine) == 1 else None)
    seen = Seen(
        organisation_id=viewer.organisation_id,
        source=Source.CONTACT,
        track=f"contact:{attempt.track.hex}",
        seen_at=min(attempt.at, at),
        heard_at=at,
        reported_by_id=viewer.person_id,
        case_id=case_id,
        name=attempt.name,
        phone=attempt.phone,
        address=attempt.name,
        words=attempt.words,
        codes=(attempt.kind, *((HERS_SHE_SAYS,) if mine and not case_id else ())),
    )
    receive_report(conn, ring, seen, ids=ids)
    return seen


@dataclass(frozen=True, slots=True)
class Visitors:
    """What became of a list: how many wait for the engine, and what was set aside."""

    kept: int
    bad: tuple[Bad, ...]


def report_visitors(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    body: bytes,
    *,
    site_id: UUID,
    at: datetime,
    ids: Ids,
) -> Visitors:
    """Return what became of a list of visitors of a site; a bad line costs the others nothing."""
    origin = Origin(
        organisation_id=viewer.organisation_id, sender_id=viewer.person_id, site_id=site_id
    )
    reading = read_visitors(Message(body), origin, at)
    for seen in reading.seen:
        receive_report(
            conn, ring, replace(seen, sender_id=None, reported_by_id=viewer.person_id), ids=ids
        )
    for bad in reading.bad[:1]:
        # The person who handed it in is shown every line; one is kept for whoever mends the list.
        why = Why(bad.why)
        set_aside(conn, ring, viewer.organisation_id, VISITOR_LIST, why, bad.raw, at=at)
        count_more(conn, viewer.organisation_id, VISITOR_LIST, why, len(reading.bad) - 1, None)
    return Visitors(len(reading.seen), reading.bad)
