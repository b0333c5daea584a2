"""Who may read a case, and who has? The only way in which pages read one.

    Hidden      there is no such case for this viewer: unknown, forbidden, another organisation's, the other side's
    StepUp      it is hers, and she has not shown her second factor for a while

Every look is written down before it is answered (I19), in the transaction of the page: Django commits it before the answer
leaves, and an answer whose transaction cannot commit is an error page. Row-level security says the same as this
module does (`runtime/firewall.py`); whoever forgets to ask here reads nothing of the other side.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.registry import store_grants
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.rules.case_rows import CaseClosed
from tocsin.registry.rules.grants import Grant, GrantKind, Keeping, Look, Party, may_agree
from tocsin.registry.store import load_short_names
from tocsin.registry.store_readable import UNREADABLE
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7

CASES: Final = "registry_case"
CASE: Final = "case"
HERSELF: Final = "herself"
STEP_UP: Final = timedelta(minutes=10)


class StepUp(Exception):
    """She reads her own case only after showing her second factor anew."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A look that was allowed and is on record. `why`: herself, entered, granted, break_glass."""

    viewer: Viewer
    case_id: UUID
    why: str
    grant_id: UUID | None
    until_at: datetime | None

    @property
    def is_by_glass(self) -> bool:
        """Return whether nobody agreed to it: it is for reading, and for shutting out."""
        return self.why == GrantKind.BREAK_GLASS


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its page begins: who, and by which right it is read. `key` opens what is sealed in it."""

    reading: Reading
    case_id: UUID
    word: str
    protected_id: UUID | None
    colleague_id: UUID | None
    advocate_id: UUID | None
    respondent: str
    opened_at: datetime
    released_at: datetime | None
    legal_hold_at: datetime | None
    closed_at: datetime | None
    key: PersonKey


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list: its word only. `is_hers`: it protects the viewer."""

    case_id: UUID
    word: str
    is_hers: bool
    opened_at: datetime


def may_read(conn: Connection, viewer: Viewer, case_id: UUID) -> bool:
    """Return whether the viewer may read this case now; the database decides, and again on each row."""
    row = conn.execute(
        "select tocsin_sees_case(id) and organisation_id = %s from registry_case where id = %s",
        (viewer.organisation_id, case_id),
    ).fetchone()
    return bool(row and row[0])


def load_cases(conn: Connection, viewer: Viewer) -> tuple[CaseLine, ...]:
    """Return the cases that the viewer may read, by their words; nothing in it names anybody, so it is no look."""
    rows = conn.execute(
        """
        select id, word, coalesce(protected_id = %s, false), opened_at from registry_case
        where organisation_id = %s and erased_at is null order by opened_at desc, id
        """,
        (viewer.person_id, viewer.organisation_id),
    )
    return tuple(CaseLine(*row) for row in rows.fetchall())


def load_own_open(conn: Connection, viewer: Viewer) -> tuple[CaseLine, ...]:
    """Return the open cases that protect the viewer, the latest first; a closed one is over."""
    rows = conn.execute(
        """
        select id, word, true, opened_at from registry_case
        where organisation_id = %s and protected_id = %s and closed_at is null and erased_at is null
        order by opened_at desc, id
        """,
        (viewer.organisation_id, viewer.person_id),
    )
    return tuple(CaseLine(*row) for row in rows.fetchall())


def load_other_side(conn: Connection, viewer: Viewer) -> frozenset[UUID]:
    """Return who is kept out of the cases that the viewer may read; the database leaves out every other case."""
    rows = conn.execute(
        """
        select p.person_id from registry_party p join registry_case c on c.id = p.case_id
            where c.organisation_id = %(o)s and p.until is null and c.erased_at is null
        union select colleague_id from registry_case
            where organisation_id = %(o)s and colleague_id is not null and erased_at is null
        """,
        {"o": viewer.organisation_id},
    )
    return frozenset(row[0] for row in rows.fetchall())


def log_read(
    conn: Connection, viewer: Viewer, case_id: UUID, *, at: datetime, what: str = CASE
) -> Reading:
    """Return by which right the viewer reads (a code `what` of) this case, after writing down that she does.

    Raises:
        Hidden: there is no such case for her.
        StepUp: it is hers, and her second factor is older than `STEP_UP`.
        psycopg.Error: it cannot be written down, so it is not read.
    """
    if not may_read(conn, viewer, case_id):
        raise Hidden
    reading = _right(conn, viewer, case_id)
    if reading.why == HERSELF and (viewer.proved_at is None or at - viewer.proved_at > STEP_UP):
        raise StepUp
    conn.execute(
        """
        insert into registry_reading (id, organisation_id, case_id, person_id, what, why, grant_id, read_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            uuid7(),
            viewer.organisation_id,
            case_id,
            viewer.person_id,
            what,
            reading.why,
            reading.grant_id,
            at,
        ),
    )
    body = {"what": what, "subject": case_id, "because": reading.why.replace("_", " ")}
    note(conn, viewer, "record.read", body, at=at)
    return reading


def load_case_view(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    case_id: UUID,
    *,
    at: datetime,
    what: str = CASE,
) -> CaseView:
    """Return a case, after writing down that the viewer reads it.

    Raises:
        Hidden, StepUp: as `log_read`.
        CaseClosed: it cannot be opened.
    """
    reading = log_read(conn, viewer, case_id, at=at, what=what)
    row = conn.execute(
        """
        select c.word, c.protected_id, c.colleague_id, c.advocate_id, c.respondent_sealed, c.opened_at, c.released_at,
            c.legal_hold_at, c.closed_at, k.wrapped
        from registry_case c left join registry_casekey k on k.case_id = c.id where c.id = %s and c.erased_at is null
        """,
        (case_id,),
    ).fetchone()
    if row is None:
        raise Hidden
    try:
        key = ring.person_key(case_id, row[9])
        respondent = key.open(CASES, "respondent_sealed", case_id, row[4])
    except UNREADABLE as problem:
        raise CaseClosed(case_id) from problem
    return CaseView(
        reading=reading,
        case_id=case_id,
        word=row[0],
        protected_id=row[1],
        colleague_id=row[2],
        advocate_id=row[3],
        respondent=respondent,
        opened_at=row[5],
        released_at=row[6],
        legal_hold_at=row[7],
        closed_at=row[8],
        key=key,
    )


def _right(conn: Connection, viewer: Viewer, case_id: UUID) -> Reading:
    row = conn.execute(
        "select protected_id = %s from registry_case where id = %s", (viewer.person_id, case_id)
    ).fetchone()
    if row and row[0]:
        return Reading(viewer, case_id, HERSELF, None, None)
    grant = conn.execute(
        """
        select kind, id, until_at from registry_grant
        where case_id = %s and person_id = %s and ended_at is null and until_at > now()
          and (kind <> 'granted' or agreed_at is not null)
        order by kind = 'break_glass', until_at desc limit 1
        """,
        (case_id, viewer.person_id),
    ).fetchone()
    if grant is None:
        raise Hidden
    return Reading(viewer, case_id, grant[0], grant[1], grant[2])


@dataclass(frozen=True, slots=True)
class AccessView:
    """What waits for this viewer about the reading of cases. Nothing in it says whom a case is about.

    `told`: grants of which the viewer is to hear, as the second person or as an advocate: their word, kind and time.
    """

    waiting: tuple[Grant, ...]
    to_review: tuple[Grant, ...]
    mine: tuple[Grant, ...]
    told: tuple[Grant, ...]
    names: dict[UUID, str]


def load_access(conn: Connection, ring: KeyRing, viewer: Viewer, *, at: datetime) -> AccessView:
    """Return what this viewer may agree to, has to look at, may read and is told of."""
    me = viewer.person_id
    found = store_grants.load_grants(conn, ring, viewer.organisation_id)
    second = [grant for grant in found if may_agree(grant, me)]
    waiting = tuple(grant for grant in second if grant.waits(at))
    told = tuple(
        grant
        for grant in found
        if me not in {grant.person_id, grant.asked_by_id}
        and (grant.told_id == me or store_grants.find_advocate(conn, grant.case_id) == me)
        and (grant.holds(at) or grant.agreed_at or grant.told_id == me)
    )
    review = tuple(grant for grant in second if grant.is_to_review)
    people = {
        person for grant in (*waiting, *review) for person in (grant.person_id, grant.asked_by_id)
    }
    return AccessView(
        waiting=waiting,
        to_review=review,
        mine=tuple(grant for grant in found if grant.person_id == me and grant.ended_at is None),
        told=told,
        names=load_short_names(conn, ring, people),
    )


def count_broken(conn: Connection, viewer: Viewer) -> int:
    """Return how many readings by broken glass wait for this supervisor to look at why; never one of a case of whose a party he is."""
    if not viewer.is_supervisor:
        return 0
    row = conn.execute(
        """select count(*) from registry_grant
        where organisation_id = %s and kind = 'break_glass' and reviewed_at is null and person_id <> %s""",
        (viewer.organisation_id, viewer.person_id),
    ).fetchone()
    return row[0] if row else 0


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """Who may read one case, who looked, and who is shut out."""

    reading: Reading
    word: str
    is_hers: bool
    grants: tuple[Grant, ...]
    looks: tuple[Look, ...]
    parties: tuple[Party, ...]
    keeping: Keeping
    advocate_id: UUID | None
    names: dict[UUID, str]


def load_case_access(
    conn: Connection, ring: KeyRing, viewer: Viewer, case_id: UUID, *, at: datetime
) -> CaseAccess:
    """Return who may read this case and who looked; the look at that is written down too.

    Raises:
        Hidden, StepUp: as `log_read`.
    """
    reading = log_read(conn, viewer, case_id, at=at, what="who_looked")
    grants = store_grants.load_grants(conn, ring, viewer.organisation_id, case_id=case_id)
    looks = store_grants.load_looks(conn, case_id)
    parties = store_grants.load_parties(conn, case_id)
    advocate = store_grants.find_advocate(conn, case_id)
    people = {look.person_id for look in looks} | {party.person_id for party in parties}
    for grant in grants:
        people |= {grant.person_id, grant.asked_by_id}
        people |= {found for found in (grant.agreed_by_id, grant.told_id) if found}
    keeping = store_grants.load_keeping(conn, case_id)
    wishes = [party.unlink_asked for party in parties]
    wishes += [keeping.advocate_asked, keeping.erase_asked, keeping.lift_asked]
    for wish in filter(None, wishes):
        people |= {one for one in (wish.by_id, wish.value) if isinstance(one, UUID)}
    return CaseAccess(
        reading=reading,
        word=store_grants.case_word(conn, case_id),
        is_hers=reading.why == HERSELF,
        grants=grants,
        looks=looks,
        parties=parties,
        keeping=keeping,
        advocate_id=advocate,
        names=load_short_names(conn, ring, people | ({advocate} if advocate else set())),
    )


def reading_of(conn: Connection, viewer: Viewer, case_id: UUID, *, at: datetime) -> Reading:
    """Return by which right the viewer changes who is let in; the change itself is what is on record.

    Raises:
        Hidden, StepUp: as `log_read`.
    """
    return log_read(conn, viewer, case_id, at=at, what="who_may_read")


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A post or a role that counts as empty for one case: whoever keeps it then is shut out of it."""

    word: str
    site_id: UUID
    post_id: UUID | None
    role: str
    starts_at: datetime
    ends_at: datetime


UNCOVERED_AHEAD: Final = timedelta(hours=24)


def load_uncovered(conn: Connection, viewer: Viewer, *, at: datetime) -> tuple[Uncovered, ...]:
    """Return what counts as uncovered until this time tomorrow; for leads, and never about the viewer's own other side."""
    if not viewer.is_lead:
        return ()
    rows = conn.execute(
        "select * from tocsin_uncovered(%s, %s) order by starts_at, word, site_id",
        (at, at + UNCOVERED_AHEAD),
    ).fetchall()
    return tuple(Uncovered(*row) for row in rows)
