"""How do safeguards lie in PostgreSQL, and who could own one? All SQL about them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.safeguard_templates import BEFORE_SHIFT
from tocsin.decisions.rules.safeguards import PAGES_BEFORE, Around, Safeguard, State, Worker
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import uuid7

SAFEGUARDS: Final = "decisions_safeguard"
EVIDENCE: Final = "evidence_sealed"
LOOK_BACK: Final = timedelta(hours=24)
SHIFTS_AHEAD: Final = timedelta(days=30)
OWNER_ROLES: Final = ("safety_lead", "shift_lead", "admin", "manager")
MAX_OF_CASE: Final = 1_000

_COLUMNS: Final = (
    "id, organisation_id, case_id, template, event, event_id, incident_id, touches_her, is_visible_step, state, "
    "owner_id, opened_at, due_at, escalated_to_id, escalated_at, paged_at, ended_at, ended_by_id"
)
_SELECT: Final = f"select {_COLUMNS}, evidence_sealed is not null from decisions_safeguard"  # noqa: S608 - constants
_INSERT: Final = f"""
    insert into decisions_safeguard ({_COLUMNS})
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict do nothing
"""  # noqa: S608 - constants
_HERS: Final = """
    where organisation_id = %s and touches_her and state <> 'dropped' and case_id in (
        select id from registry_case where protected_id = %s and closed_at is null)
    order by opened_at desc, id limit %s
"""
_DROP_CLOSED: Final = """
    update decisions_safeguard set state = 'dropped', ended_at = %s where id in (
        select s.id from decisions_safeguard s join registry_case c on c.id = s.case_id
        where s.ended_at is null and (c.closed_at is not null or c.erased_at is not null)
        order by s.id limit %s for update of s skip locked)
"""
_CASE: Final = """
    select c.protected_id, c.colleague_id, c.released_at is not null, p.site_id from registry_case c
    left join registry_person p on p.id = c.protected_id where c.organisation_id = %s and c.id = %s
"""
# Whom she ruled out, and the parties of her cases. Whoever was a party of a case of hers already when he entered this one
# reads on its page who owns what: for it that case does not count, or who is passed over would tell him of it. To a viewer
# who is kept from her, the parties of those that he reads are named, as they would be without the others.
_KEPT_OUT: Final = """
    select tocsin_kept_out_of_cases(array(
        select c.id from registry_case c join registry_case this on this.id = %(case)s
        where c.id = this.id or c.organisation_id = this.organisation_id and c.protected_id = this.protected_id
            and not (c.colleague_id is not distinct from this.opened_by_id and c.opened_at <= this.opened_at)
            and not exists (select 1 from registry_party p where p.case_id = c.id and p.until is null
                and p.person_id = this.opened_by_id and p.since <= this.opened_at)))
    union select k.colleague_id from tocsin_kept_out(array[%(she)s::uuid]) k where tocsin_viewer() is not null
    union select colleague_id from registry_emergencycontact
        where person_id = %(she)s and colleague_id is not null and (never_notify or never_give_location)
"""
# Role holders, and everybody up the line from these people.
_WORKERS: Final = """
    with recursive line (id, manager_id, height) as (
        select id, manager_id, 0 from registry_person_shown where organisation_id = %(o)s and id = any(%(also)s)
        union
        select p.id, p.manager_id, line.height + 1 from registry_person_shown p join line on p.id = line.manager_id
        where line.height < 5
    ), wanted (id) as (
        select id from line
        union select id from registry_person_shown where organisation_id = %(o)s and role = any(%(roles)s)
        union select person_id from registry_shift where organisation_id = %(o)s and role = any(%(roles)s)
            and starts_at <= %(at)s and ends_at > %(at)s
    )
    select p.id, p.site_id, p.manager_id, array(
        select s.role from registry_shift s where s.person_id = p.id and s.starts_at <= %(at)s and s.ends_at > %(at)s),
        p.role
    from wanted join registry_person_shown p on p.id = wanted.id where p.is_active
"""


def load_around(
    conn: Connection,
    organisation_id: UUID,
    case_id: UUID,
    *,
    at: datetime,
    also: Collection[UUID] = (),
) -> Around | None:
    """Return what decides owners and deadlines of a case; None if this role or viewer sees no such case.

    `also`: people whose managers must be among the workers (owners of today).
    """
    case = conn.execute(_CASE, (organisation_id, case_id)).fetchone()
    if case is None:
        return None
    protected_id, colleague_id, is_released, site_id = case
    kept_out = conn.execute(_KEPT_OUT, {"case": case_id, "she": protected_id}).fetchall()
    wanted = {
        "o": organisation_id,
        "also": [*also, *([protected_id] if protected_id else [])],
        "roles": list(OWNER_ROLES),
        "at": at,
    }
    shifts = conn.execute(
        """select starts_at from registry_shift where organisation_id = %(o)s and person_id = %(p)s
        and starts_at > %(began)s and starts_at < %(until)s
        union select starts_at from tocsin_kept_shifts(%(p)s, %(began)s, %(until)s) where starts_at > %(began)s
        order by starts_at""",
        {
            "o": organisation_id,
            "p": protected_id,
            "began": at - PAGES_BEFORE,
            "until": at + SHIFTS_AHEAD,
        },
    ).fetchall()
    return Around(
        protected_id=protected_id,
        colleague_id=colleague_id,
        site_id=site_id,
        is_released=is_released,
        parties=frozenset(row[0] for row in kept_out),
        workers={row[0]: _worker(row) for row in conn.execute(_WORKERS, wanted).fetchall()},
        shift_starts=tuple(row[0] for row in shifts),
    )


def protected_of(conn: Connection, case_id: UUID) -> UUID | None:
    """Return whom a case protects; None: a place, or this viewer sees no such case."""
    row = conn.execute(
        "select protected_id from registry_case where id = %s", (case_id,)
    ).fetchone()
    return row[0] if row else None


def _worker(row: Sequence[Any]) -> Worker:
    person_id, site_id, manager_id, on_duty_as, role = row
    return Worker(
        id=person_id,
        roles=frozenset({role, *on_duty_as}),
        site_id=site_id,
        manager_id=manager_id,
        is_on_duty=bool(on_duty_as),
    )


def insert_safeguards(conn: Connection, safeguards: Sequence[Safeguard]) -> None:
    """Write new safeguards; what the same fact opened before stays as it is."""
    conn.cursor().executemany(_INSERT, [_values(safeguard) for safeguard in safeguards])


def _values(s: Safeguard) -> tuple[Any, ...]:
    return (
        s.id, s.organisation_id, s.case_id, s.template, s.event, s.event_id, s.incident_id, s.touches_her,
        s.is_visible_step, s.state.value, s.owner_id, s.opened_at, s.due_at, s.escalated_to_id, s.escalated_at,
        s.paged_at, s.ended_at, s.ended_by_id,
    )  # fmt: skip


def update_safeguard(conn: Connection, safeguard: Safeguard, evidence: bytes | None = None) -> None:
    """Save what may change of a safeguard, and its sealed evidence if there is any."""
    s = safeguard
    conn.execute(
        """
        update decisions_safeguard set state = %s, owner_id = %s, due_at = %s, escalated_to_id = %s,
            escalated_at = %s, paged_at = %s, ended_at = %s, ended_by_id = %s,
            evidence_sealed = coalesce(%s, evidence_sealed)
        where organisation_id = %s and id = %s
        """,
        (
            s.state.value, s.owner_id, s.due_at, s.escalated_to_id, s.escalated_at, s.paged_at, s.ended_at,
            s.ended_by_id, evidence, s.organisation_id, s.id,
        ),
    )  # fmt: skip


def load_safeguards(
    conn: Connection, organisation_id: UUID, case_id: UUID, *, lock: bool = False
) -> list[Safeguard]:
    """Return the safeguards of a case, the latest first."""
    end = " for update" if lock else ""
    rows = conn.execute(
        f"{_SELECT} where organisation_id = %s and case_id = %s order by opened_at desc, id limit %s{end}",
        (organisation_id, case_id, MAX_OF_CASE),
    ).fetchall()
    return [_safeguard(row) for row in rows]


def load_owned(
    conn: Connection, organisation_id: UUID, person_id: UUID, *, since: datetime
) -> list[Safeguard]:
    """Return what a person owns or was given because its owner was late: open, or done since then."""
    rows = conn.execute(
        _SELECT
        + """ where organisation_id = %s and %s in (owner_id, escalated_to_id)
          and (state = 'open' or state = 'done' and ended_at > %s) order by opened_at desc, id limit %s""",
        (organisation_id, person_id, since, MAX_OF_CASE),
    ).fetchall()
    return [_safeguard(row) for row in rows]


def count_owned(conn: Connection, organisation_id: UUID, person_id: UUID) -> int:
    """Return how many open measures a person owns, or was given because their owner was late."""
    row = conn.execute(
        """select count(*) from decisions_safeguard
        where organisation_id = %s and %s in (owner_id, escalated_to_id) and state = 'open'""",
        (organisation_id, person_id),
    ).fetchone()
    return int(row[0]) if row else 0


def count_offers(conn: Connection, organisation_id: UUID, person_id: UUID) -> int:
    """Return how many offers to this protected person wait for her word."""
    row = conn.execute(
        """select count(*) from decisions_safeguard s join registry_case c on c.id = s.case_id
        where s.organisation_id = %s and c.protected_id = %s and s.state = 'offered' and c.closed_at is null""",
        (organisation_id, person_id),
    ).fetchone()
    return int(row[0]) if row else 0


def load_offers_to(conn: Connection, organisation_id: UUID, person_id: UUID) -> list[Safeguard]:
    """Return what touches this protected person, the latest first."""
    rows = conn.execute(
        _SELECT + _HERS,
        (organisation_id, person_id, MAX_OF_CASE),
    ).fetchall()
    return [_safeguard(row) for row in rows]


def readable_cases(conn: Connection, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the words of those of these cases that this viewer may read."""
    rows = conn.execute("select id, word from registry_case where id = any(%s)", (list(case_ids),))
    return dict(rows.fetchall())


def site_of_person(conn: Connection, person_id: UUID) -> UUID | None:
    """Return a person's own site, None if she has none."""
    row = conn.execute(
        "select site_id from registry_person_shown where id = %s", (person_id,)
    ).fetchone()
    return row[0] if row else None


def find_safeguard(
    conn: Connection, organisation_id: UUID, safeguard_id: UUID, *, lock: bool = False
) -> Safeguard | None:
    """Return one safeguard, or None if this role or viewer sees no such one."""
    end = " for update" if lock else ""
    row = conn.execute(
        f"{_SELECT} where organisation_id = %s and id = %s{end}", (organisation_id, safeguard_id)
    ).fetchone()
    return _safeguard(row) if row else None


_TENDED: Final = """
    where id > %(after)s and ended_at is null and (
        state = 'open' and (
            owner_id is null
            or (escalated_at is null and due_at <= %(at)s)
            or (paged_at is null and due_at <= %(soon)s)
            or (paged_at is null and template = any(%(before_shift)s) and exists (
                select 1 from registry_case c join registry_shift s on s.organisation_id = c.organisation_id
                    and s.person_id = c.protected_id
                where c.id = decisions_safeguard.case_id and s.starts_at > %(began)s and s.starts_at <= %(soon)s
                union all select 1 from registry_case c join registry_keptshift k on k.person_id = c.protected_id
                where c.id = decisions_safeguard.case_id and k.starts_at > %(began)s and k.starts_at <= %(soon)s))
            or not exists (select 1 from decisions_safeguardnotice n where n.safeguard_id = decisions_safeguard.id
                and n.person_id = owner_id and n.as_what = 'owner')
            or (escalated_to_id is not null and not exists (
                select 1 from decisions_safeguardnotice n where n.safeguard_id = decisions_safeguard.id
                and n.person_id = escalated_to_id and n.as_what = 'manager')))
        or state = 'offered' and not exists (
            select 1 from decisions_safeguardnotice n where n.safeguard_id = decisions_safeguard.id
            and n.as_what = 'her')
        or state in ('open', 'prepared') and (
            exists (select 1 from registry_party p where p.case_id = decisions_safeguard.case_id
                and p.person_id in (owner_id, escalated_to_id) and p.until is null)
            or exists (select 1 from registry_case c join registry_emergencycontact e on e.person_id = c.protected_id
                where c.id = decisions_safeguard.case_id and e.colleague_id in (owner_id, escalated_to_id)
                and (e.never_notify or e.never_give_location))
            or exists (select 1 from registry_case c where c.id = decisions_safeguard.case_id
                and c.colleague_id in (owner_id, escalated_to_id))
            or exists (select 1 from registry_person p where p.id in (owner_id, escalated_to_id) and not p.is_active)))
    order by id limit %(limit)s for update of decisions_safeguard skip locked
"""


def load_untended(
    conn: Connection, *, at: datetime, soon: datetime, after: UUID, limit: int
) -> list[Safeguard]:
    """Return safeguards that time or the workplace may do something to, locked, by id above `after`.

    What another engine works on is left to it. `soon`: until when a deadline, or her shift, may page.
    """
    wanted = {"at": at, "soon": soon, "after": after, "limit": limit}
    wanted |= {"began": at - PAGES_BEFORE, "before_shift": list(BEFORE_SHIFT)}
    return [_safeguard(row) for row in conn.execute(_SELECT + _TENDED, wanted).fetchall()]


def drop_of_closed(conn: Connection, at: datetime, limit: int) -> list[Safeguard]:
    """Drop what was still open of cases that were closed or erased, and return it."""
    rows = conn.execute(
        _DROP_CLOSED + f" returning {_COLUMNS}, evidence_sealed is not null", (at, limit)
    ).fetchall()
    return [_safeguard(row) for row in rows]


def load_notices(conn: Connection, safeguard_ids: Collection[UUID]) -> set[tuple[UUID, UUID, str]]:
    """Return (safeguard, person, as what) of everybody who was told of these."""
    rows = conn.execute(
        "select safeguard_id, person_id, as_what from decisions_safeguardnotice where safeguard_id = any(%s)",
        (list(safeguard_ids),),
    )
    return set(rows.fetchall())


def insert_notices(
    conn: Connection, safeguards: Sequence[Safeguard], person_id: UUID, as_what: str, at: datetime
) -> None:
    """Write that a person was told of these safeguards."""
    conn.cursor().executemany(
        """
        insert into decisions_safeguardnotice (id, organisation_id, safeguard_id, case_id, person_id, as_what, at)
        values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing
        """,
        [(uuid7(), s.organisation_id, s.id, s.case_id, person_id, as_what, at) for s in safeguards],
    )


def forget_notices(conn: Connection, safeguard: Safeguard, as_what: str) -> None:
    """Forget who was told of this safeguard as this, so that they are told once more."""
    conn.execute(
        "delete from decisions_safeguardnotice where organisation_id = %s and safeguard_id = %s and as_what = %s",
        (safeguard.organisation_id, safeguard.id, as_what),
    )


def load_stints(
    conn: Connection, organisation_id: UUID, person_id: UUID, *, at: datetime
) -> list[tuple[datetime, datetime]]:
    """Return a person's shifts around an instant, as (start, end), and what is kept of hers (the engine)."""
    return conn.execute(
        """
        select starts_at, ends_at from registry_shift
        where organisation_id = %(o)s and person_id = %(p)s and starts_at <= %(at)s and ends_at > %(back)s
        union select starts_at, ends_at from tocsin_kept_shifts(%(p)s, %(back)s, %(at)s)
        """,
        {"o": organisation_id, "p": person_id, "at": at, "back": at - LOOK_BACK},
    ).fetchall()


def load_site_of(
    conn: Connection, organisation_id: UUID, preferred: Sequence[UUID | None]
) -> tuple[UUID, str] | None:
    """Return (site, zone): the first of the preferred ones, else the organisation's first; None: it has none."""
    wanted = [site for site in preferred if site is not None]
    row = conn.execute(
        """
        select id, time_zone from registry_site where organisation_id = %s
        order by array_position(%s::uuid[], id) nulls last, id limit 1
        """,
        (organisation_id, wanted),
    ).fetchone()
    return (row[0], row[1]) if row else None


def load_evidence(conn: Connection, safeguard_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Return the sealed evidence of these safeguards; one without any is missing."""
    rows = conn.execute(
        "select id, evidence_sealed from decisions_safeguard where id = any(%s) and evidence_sealed is not null",
        (list(safeguard_ids),),
    ).fetchall()
    return {row[0]: bytes(row[1]) for row in rows}


def _safeguard(row: Sequence[Any]) -> Safeguard:
    return Safeguard(
        id=row[0],
        organisation_id=row[1],
        case_id=row[2],
        template=row[3],
        event=row[4],
        event_id=row[5],
        incident_id=row[6],
        touches_her=row[7],
        is_visible_step=row[8],
        state=State(row[9]),
        owner_id=row[10],
        opened_at=row[11],
        due_at=row[12],
        escalated_to_id=row[13],
        escalated_at=row[14],
        paged_at=row[15],
        ended_at=row[16],
        ended_by_id=row[17],
        has_evidence=row[18],
    )
