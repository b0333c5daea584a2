"""Who of 100,000 entries may this be, in milliseconds? All that an organisation's doors match by, in memory.

    IndexFull           more entries than an index holds; it says so instead of forgetting some

What is compared, and what it gives, is `rules/matching.py`; here is only which entries are worth comparing. A comparison
of all would find the same (`tests/rules/test_index.py`). What it finds is not for the screen: what a viewer is shown is read
again as that viewer, through row-level security.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from threading import Lock, RLock
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.matching import (
    PHONE_END_DIGITS,
    Certainty,
    Entry,
    Folded,
    Match,
    all_parts,
    fold_entry,
    fold_seen,
    judge,
)
from tocsin.decisions.rules.name_blocks import NameBlocks
from tocsin.decisions.rules.plate_blocks import PlateBlocks
from tocsin.decisions.rules.postings import Postings
from tocsin.registry.store_index import (
    DoorRow,
    Fleet,
    load_door_cases,
    load_door_changes,
    load_door_rows,
    load_door_state,
    load_fleet_plates,
)
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.signals.rules.seen import Seen

# What one answer lists, and whatever is certain; how many more there are is said.
MAX_MATCHES: Final = 50
# What is compared for one question: a first name alone has thousands. The likest come first.
MAX_CANDIDATES: Final = 500
# What is counted as *more* beyond that; a first name alone has tens of thousands among a million.
MAX_WALKED: Final = 5000
MAX_ENTRIES: Final = 1_000_000
MAX_ORGANISATIONS: Final = 256


class IndexFull(Exception):
    """An organisation has more entries than `MAX_ENTRIES`."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best matches, and how many more may be than are listed."""

    matches: tuple[Match, ...]
    more: int = 0


class Index:
    """The entries of one organisation. Threads may share it."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take the entries.

        Raises:
            IndexFull: too many.
        """
        self._lock = RLock()
        self._begin()
        for entry in entries:
            self.put(entry)

    def _begin(self) -> None:
        self._rows: list[tuple[UUID, Folded] | None] = []
        self._row_of: dict[UUID, int] = {}
        self._names = NameBlocks()
        self._plates = PlateBlocks()
        self._born: Postings[date] = Postings()
        self._phones: Postings[str] = Postings()
        self._badges: Postings[str] = Postings()
        self._addresses: Postings[str] = Postings()

    def __len__(self) -> int:
        return len(self._row_of)

    def put(self, entry: Entry) -> None:
        """Hold this entry, in the place of an earlier one of the same case.

        Raises:
            IndexFull: it holds as many as it may.
        """
        with self._lock:
            self.remove(entry.case_id)
            if len(self._row_of) >= MAX_ENTRIES:
                raise IndexFull
            self._append(entry.case_id, fold_entry(entry))

    def _append(self, case_id: UUID, folded: Folded) -> None:
        row = self._row_of[case_id] = len(self._rows)
        self._rows.append((case_id, folded))
        for name in folded.names:
            self._names.add(row, name)
        for plate, _, _ in (*folded.plates, *folded.fleet):
            self._plates.add(row, plate)
        for phone in folded.phones:
            self._phones.add(phone[-PHONE_END_DIGITS:], row)
        for badge in folded.badges:
            self._badges.add(badge, row)
        for address in folded.addresses:
            self._addresses.add(address, row)
        if folded.born.on:
            self._born.add(folded.born.on, row)

    def remove(self, case_id: UUID) -> None:
        """Hold nothing of this case any more."""
        with self._lock:
            row = self._row_of.pop(case_id, None)
            if row is None:
                return
            # Nothing of the person may stay; that his row number is still in the postings says nothing.
            self._rows[row] = None
            if len(self._rows) > 2 * len(self._row_of) + MAX_CANDIDATES:
                self._rebuild()

    def _rebuild(self) -> None:
        kept = self._rows
        self._begin()
        for held in kept:
            if held:
                self._append(*held)

    def match(self, seen: Seen) -> tuple[Match, ...]:
        """Return whom this may be, best first, at most `MAX_MATCHES`."""
        return self.find(seen).matches

    def find(self, seen: Seen, at_most: int = MAX_MATCHES) -> Found:
        """Return whom this may be, best first, and how many more there may be than `at_most`.

        What is certain is listed whatever `at_most` says: whoever enters many orders with his plate pushes hers off no list.
        """
        sought = fold_seen(seen)
        with self._lock:
            rows = dict.fromkeys(islice(self._candidates(sought), MAX_WALKED))
            compared = [held for row in islice(rows, MAX_CANDIDATES) if (held := self._rows[row])]
        matches = [
            match
            for case_id, known in compared
            if (match := judge(case_id, all_parts(sought, known)))
        ]
        matches.sort(key=lambda match: (-match.score, match.case_id))
        listed = max(at_most, sum(match.certainty is Certainty.CERTAIN for match in matches))
        unlisted = max(0, len(matches) - listed) + max(0, len(rows) - MAX_CANDIDATES)
        return Found(tuple(matches[:listed]), unlisted)

    def _candidates(self, sought: Folded) -> Iterator[int]:
        """Yield rows to compare, those by what singles out first; some more than once."""
        for badge in sought.badges:
            yield from self._badges.of(badge)
        for address in sought.addresses:
            yield from self._addresses.of(address)
        for phone in sought.phones:
            yield from self._phones.of(phone[-PHONE_END_DIGITS:])
        yield from self._born_then(sought.born.on)
        for plate, _, _ in sought.plates:
            yield from self._plates.rows_of(plate)
        for name in sought.names:
            yield from self._names.rows_of(name)
        yield from self._names.rows_in(sought.words)

    def _born_then(self, on: date | None) -> Iterator[int]:
        """Yield who was born that day, or on the day that it is with day and month swapped: half a name is enough then."""
        if on is None:
            return
        yield from self._born.of(on)
        if on.day <= 12 and on.day != on.month:
            yield from self._born.of(on.replace(month=on.day, day=on.month))


def as_entry(row: DoorRow) -> Entry:
    """Return a door's row as what is matched."""
    return Entry(
        case_id=row.case_id,
        names=row.match.names,
        born_on=row.match.born_on,
        born_year=row.match.born_year,
        phones=row.match.phones,
        badges=row.match.badges,
        plates=row.match.plates,
        addresses=row.match.addresses,
        doubted_badges=row.match.doubted_badges,
        doubted_plates=row.match.doubted_plates,
        fleet_plates=row.fleet_plates,
        version=row.version,
    )


def load_index(conn: Connection, ring: KeyRing, organisation_id: UUID) -> Index:
    """Return an index of every active entry of the organisation. For the roles `door` and `engine`.

    Raises:
        IndexFull: too many entries.
    """
    return Indexes(ring).of(conn, organisation_id)


class _Kept:
    """An organisation's index, and what it was made from."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.index = Index()
        self.generation = -1
        self.fleet: Fleet = {}
        self.colleague_of: dict[UUID, UUID] = {}


class Indexes:
    """The indexes of a process, one an organisation, each as new as the database when it is asked for."""

    def __init__(self, ring: KeyRing) -> None:
        """Keep the ring that opens the entries."""
        self._ring = ring
        self._lock = Lock()
        self._kept: OrderedDict[UUID, _Kept] = OrderedDict()

    def of(self, conn: Connection, organisation_id: UUID) -> Index:
        """Return the organisation's index after what has changed is read again. For the roles `door` and `engine`.

        Raises:
            IndexFull: too many entries.
        """
        kept = self._keep(organisation_id)
        # One employer's first question may take seconds if it has 100,000 entries; nobody else waits for that.
        with kept.lock:
            # The count before the entries: what is committed between the two is read again next time.
            generation = load_door_state(conn, organisation_id)
            if generation != kept.generation:
                self._refresh(conn, organisation_id, kept)
                kept.generation = generation
        return kept.index

    def _keep(self, organisation_id: UUID) -> _Kept:
        with self._lock:
            kept = self._kept.setdefault(organisation_id, _Kept())
            self._kept.move_to_end(organisation_id)
            if len(self._kept) > MAX_ORGANISATIONS:
                self._kept.popitem(last=False)
            return kept

    def _refresh(self, conn: Connection, organisation_id: UUID, kept: _Kept) -> None:
        fleet = load_fleet_plates(conn, organisation_id)
        if kept.generation < 0:
            cases = load_door_cases(conn, organisation_id)
        else:
            changed = load_door_changes(conn, organisation_id, kept.generation)
            cases = list({*changed, *_moved(kept, fleet)})
        rows = load_door_rows(conn, self._ring, cases, fleet)
        for case_id in set(cases) - {row.case_id for row in rows}:
            kept.index.remove(case_id)
            kept.colleague_of.pop(case_id, None)
            self._ring.forget(case_id)
        for row in rows:
            kept.index.put(as_entry(row))
            kept.colleague_of.pop(row.case_id, None)
            if row.match.colleague_id:
                kept.colleague_of[row.case_id] = row.match.colleague_id
        kept.fleet = fleet


def _moved(kept: _Kept, fleet: Fleet) -> set[UUID]:
    """Return the cases whose colleague has other keys than before."""
    people = fleet.keys() | kept.fleet.keys()
    moved = {person for person in people if fleet.get(person) != kept.fleet.get(person)}
    if not moved:
        return set()
    return {case_id for case_id, person in kept.colleague_of.items() if person in moved}
