"""A sender's message comes in: read it, keep what was seen for the engine, set aside what cannot be read.

A sender may only add. A position is taken of a monitor that a court ordered, and of her own device while a walk or an
incident of hers is open (I23); anything else is dropped here and counted. Whoever calls this rings the engine's bell after
the commit, says 2xx only then, and hands the answer to `Remembered.keep`.
"""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from threading import Lock
from typing import Final
from uuid import UUID

import psycopg

from tocsin.decisions.store_following import is_followed
from tocsin.flow.receive_report import receive_report
from tocsin.registry.rules.sender import SenderKind, SenderRow
from tocsin.registry.store_senders import note_heard
from tocsin.runtime import logs
from tocsin.runtime.database import Connection, set_viewer
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import Ids
from tocsin.signals.feeds.catalogue import READERS
from tocsin.signals.feeds.reading import SOS, Bad, Message, Origin, Reading
from tocsin.signals.rules.quarantine import WRONG_CLOCK, Why
from tocsin.signals.rules.seen import Seen, write_seen
from tocsin.signals.store_quarantine import count_more, set_aside

# That a sender lives is written at most so often: its row is not to become the bottleneck of a busy gate.
HEARD_EVERY: Final = timedelta(seconds=3)
# Messages about one vehicle come many times; what came already is passed over. A restart forgets it, which is harmless.
MAX_REMEMBERED: Final = 20_000
# Of one message's bad lines so many are kept as they came, for each reason; the rest is counted.
MAX_BAD_KEPT: Final = 5

# What a message can do to a reader. A database that is away is none of it.
POISON: Final = (
    psycopg.DataError,
    psycopg.IntegrityError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)

log = logs.get("intake")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message: what was seen and what of it was new, what was set aside, what was nobody's business."""

    sender_id: UUID
    seen: tuple[Seen, ...] = ()
    kept: tuple[Seen, ...] = ()
    bad: tuple[Bad, ...] = ()
    dropped: int = 0
    noted_at: datetime | None = None
    # Whether its clock is wrong, by all that it told of; None: it told of nothing.
    is_at_no_time: bool | None = None


class Remembered:
    """What a process remembers of its senders between messages. Threads may share it."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._lock = Lock()
        self._events: OrderedDict[bytes, None] = OrderedDict()
        self._noted: dict[UUID, datetime] = {}
        self._dropped: Counter[UUID] = Counter()
        self._blind: set[UUID] = set()

    def is_known(self, seen: Seen) -> bool:
        """Return whether exactly this was said about this event before."""
        with self._lock:
            return _digest(seen) in self._events

    def is_due(self, sender_id: UUID, at: datetime) -> bool:
        """Return whether it is time to write again that this sender lives."""
        with self._lock:
            noted = self._noted.get(sender_id)
        return noted is None or not timedelta(0) <= at - noted < HEARD_EVERY

    def is_blind(self, sender_id: UUID) -> bool:
        """Return whether all that the sender told of last was at a time that cannot be: no sign of life hides that."""
        with self._lock:
            return sender_id in self._blind

    def dropped(self, sender_id: UUID) -> int:
        """Return how many positions of this sender were dropped since that was written."""
        with self._lock:
            return self._dropped[sender_id]

    def keep(self, taken: Taken) -> None:
        """Remember what was committed."""
        with self._lock:
            for seen in taken.kept:
                self._events[_digest(seen)] = None
            while len(self._events) > MAX_REMEMBERED:
                self._events.popitem(last=False)
            if taken.is_at_no_time is not None:
                (self._blind.add if taken.is_at_no_time else self._blind.discard)(taken.sender_id)
            self._dropped[taken.sender_id] += taken.dropped
            if taken.noted_at:
                self._noted[taken.sender_id] = taken.noted_at
                del self._dropped[taken.sender_id]


def take_or_set_aside(
    conn: Connection,
    ring: KeyRing,
    sender: SenderRow,
    message: Message,
    *,
    at: datetime,
    ids: Ids,
    remembered: Remembered,
) -> Taken:
    """Return what became of a message, in a transaction (or part of one) of its own.

    What could be read and yet not be kept would fail again and again, and hold up all that comes after it: it is poison,
    and set aside as a whole.
    """
    try:
        with conn.transaction():
            return take_message(conn, ring, sender, message, at=at, ids=ids, remembered=remembered)
    except POISON as problem:
        # No trace: it may hold what was sent.
        log.error("message.poison", sender_id=str(sender.id), problem=type(problem).__name__)  # noqa: TRY400
    bad = Bad(Why.UNDECIDED, message.body)
    with conn.transaction():
        set_viewer(conn, sender.organisation_id)
        _set_aside(conn, ring, sender, [bad], at)
    return Taken(sender_id=sender.id, bad=(bad,))


def take_message(
    conn: Connection,
    ring: KeyRing,
    sender: SenderRow,
    message: Message,
    *,
    at: datetime,
    ids: Ids,
    remembered: Remembered,
) -> Taken:
    """Return what became of a message of this sender, whose proof has been checked."""
    reading = READERS[SenderKind(sender.kind)](message, _origin(sender), at)
    is_at_no_time = None if message.is_kept else _is_at_no_time(reading)
    # It lives, and sees nothing for us: two intervals of that are as blind as silence (`signals/rules/blind.py`).
    is_seeing = not (remembered.is_blind(sender.id) if is_at_no_time is None else is_at_no_time)
    reading = _without_others_business(conn, sender, reading)
    set_viewer(conn, sender.organisation_id)
    fresh = tuple(seen for seen in reading.seen if not remembered.is_known(seen))
    for seen in fresh:
        receive_report(conn, ring, seen, ids=ids)
    _set_aside(conn, ring, sender, reading.bad, at)
    dropped = remembered.dropped(sender.id) + reading.dropped
    heard_at = None if message.is_kept else _heard_at(sender, reading, at)
    is_noted = (
        reading.is_alive
        and is_seeing
        and heard_at is not None
        and remembered.is_due(sender.id, heard_at)
    )
    if heard_at is not None and is_noted:
        note_heard(conn, sender.id, heard_at, dropped=dropped)
    return Taken(
        sender_id=sender.id,
        seen=reading.seen,
        kept=fresh,
        bad=reading.bad,
        dropped=reading.dropped,
        noted_at=heard_at if is_noted else None,
        is_at_no_time=is_at_no_time,
    )


def _heard_at(sender: SenderRow, reading: Reading, at: datetime) -> datetime | None:
    """Return until when this sender is known to have seen: now; a monitor until its newest fix, and None without one.

    A monitor that lives and has no fix, or says an old one again and again, sees nothing: where he is, is not known (I20).
    """
    if sender.case_id is None:
        return at
    fixes = [seen.position.fixed_at for seen in reading.seen if seen.position]
    return min(at, max(fixes)) if fixes else None


def _is_at_no_time(reading: Reading) -> bool | None:
    """Return whether all that it tells of is at a time at which nobody can act on it; None: it tells of nothing known."""
    if reading.seen:
        return False
    is_so = reading.dropped or any(one.why in WRONG_CLOCK for one in reading.bad)
    return True if is_so else None


def _without_others_business(conn: Connection, sender: SenderRow, reading: Reading) -> Reading:
    """Return the reading without positions that nobody may have now (I23)."""
    moved = [seen for seen in reading.seen if seen.position is not None]
    if not moved or sender.case_id is not None:
        return reading
    if sender.person_id is not None:
        # Her own device looks for her own walk, as she would see it.
        set_viewer(conn, sender.organisation_id, sender.person_id)
        if any(SOS in seen.codes for seen in reading.seen) or is_followed(
            conn, sender.organisation_id, sender.person_id
        ):
            return reading
    rest = tuple(seen for seen in reading.seen if seen.position is None)
    return replace(reading, seen=rest, dropped=reading.dropped + len(moved))


def _set_aside(
    conn: Connection, ring: KeyRing, sender: SenderRow, bad: Sequence[Bad], at: datetime
) -> None:
    by_reason: dict[Why, list[Bad]] = {}
    for one in bad:
        by_reason.setdefault(one.why, []).append(one)
    for why, those in by_reason.items():
        for one in those[:MAX_BAD_KEPT]:
            set_aside(
                conn, ring, sender.organisation_id, sender.kind, why, one.raw, sender_id=sender.id, at=at
            )  # fmt: skip
        if len(those) > MAX_BAD_KEPT:
            more = len(those) - MAX_BAD_KEPT
            count_more(conn, sender.organisation_id, sender.kind, why, more, sender.id)


def _origin(sender: SenderRow) -> Origin:
    return Origin(
        organisation_id=sender.organisation_id,
        sender_id=sender.id,
        site_id=sender.site_id,
        place_id=sender.place_id,
        post_id=sender.post_id,
        case_id=sender.case_id,
        person_id=sender.person_id,
        device=str(sender.settings.get("device", "")),
    )


def _digest(seen: Seen) -> bytes:
    # When it was heard differs with every repetition; the event itself does not.
    said = write_seen(replace(seen, heard_at=seen.seen_at, codes=()))
    return blake2b(said.encode(), digest_size=16).digest()
