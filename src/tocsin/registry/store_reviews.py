"""What waits for a second person, who can be that person, and is there an order the other way round?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.order import REVIEW_WITHIN
from tocsin.runtime.database import Connection
from tocsin.runtime.reviewing import WAITS


def load_reviewers(
    conn: Connection,
    organisation_id: UUID,
    case_id: UUID,
    *,
    entered_by: UUID | None,
    protected: UUID | None,
    at: datetime,
) -> tuple[UUID, ...]:
    """Return who can be the second person for an entry: safety leads who are on no side of it and did not enter it.

    Without one: who leads a shift now; without him any other supervisor. Nobody only if there is nobody else at all.
    """
    rows = conn.execute(
        """
        with those as (
            select p.id, case when p.role in ('safety_lead', 'admin') then 1
                when exists (select 1 from registry_shift s where s.organisation_id = p.organisation_id
                    and s.person_id = p.id and s.role = 'shift_lead' and s.starts_at <= %(at)s and s.ends_at > %(at)s)
                then 2 else 3 end as turn
            from registry_person_shown p
            where p.organisation_id = %(o)s and p.is_active
              and p.role in ('safety_lead', 'admin', 'shift_lead', 'manager')
              and p.id is distinct from %(by)s and p.id is distinct from %(she)s
              and p.id not in (select tocsin_kept_out_of_cases(array[%(case)s]::uuid[])))
        select id from those where turn = (select min(turn) from those) order by id
        """,
        {"o": organisation_id, "case": case_id, "by": entered_by, "she": protected, "at": at},
    )
    return tuple(row[0] for row in rows.fetchall())


def mark_reviewed(conn: Connection, order_id: UUID, by: UUID, at: datetime) -> bool:
    """Return whether this person is the first besides who entered it to say that the entry is right."""
    done = conn.execute(
        """
        update registry_protectionorder set reviewed_at = %s, reviewed_by_id = %s
        where id = %s and reviewed_at is null and entered_by_id <> %s
        """,
        (at, by, order_id, by),
    )
    return done.rowcount == 1


def mark_facts_reviewed(
    conn: Connection, facts: Iterable[UUID], by: UUID, at: datetime
) -> frozenset[UUID]:
    """Return of which of these facts this person is now the first besides their teller to say that they are right."""
    done = conn.execute(
        f"""
        update registry_orderfact f set reviewed_at = %s, reviewed_by_id = %s
        from registry_protectionorder o where o.id = f.order_id and f.id = any(%s) and {WAITS}
          and f.heard_by_id is distinct from %s returning f.id
        """,  # noqa: S608 - a constant
        (at, by, list(facts), by),
    )
    return frozenset(row[0] for row in done.fetchall())


# What waits for a second person, a row each: an entry, or (with `fact_id`) what was told since it was looked at.
_WAITING: Final = f"""
    select o.organisation_id, o.case_id, o.id as order_id, null::uuid as fact_id, o.entered_by_id as told_by,
        o.review_due_at as due_at, o.review_asked_at as asked_at, o.review_told_at as said_at
    from registry_protectionorder o where o.reviewed_at is null
    union all
    select f.organisation_id, f.case_id, f.order_id, f.id, f.heard_by_id, f.heard_at + %(within)s, f.review_asked_at,
        f.review_told_at
    from registry_orderfact f join registry_protectionorder o on o.id = f.order_id where {WAITS}
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a second person of one order: its entry, or these `facts`. `reviewers`: who can be told of it."""

    organisation_id: UUID
    case_id: UUID
    order_id: UUID
    due_at: datetime
    facts: tuple[UUID, ...] = ()
    reviewers: tuple[UUID, ...] = ()


def load_overdue(
    conn: Connection, at: datetime, *, every: timedelta, for_at_most: timedelta
) -> tuple[Waiting, ...]:
    """Return what nobody looked at in time, by order (the engine).

    What was said is said again after `every`, until `for_at_most` after it was due.
    """
    rows = conn.execute(
        f"""
        select organisation_id, case_id, order_id, min(due_at), array_remove(array_agg(fact_id order by due_at), null)
        from ({_WAITING}) w
        where due_at <= %(at)s and (said_at is null or (said_at <= %(before)s and due_at > %(since)s))
        group by organisation_id, case_id, order_id order by min(due_at)
        """,  # noqa: S608 - a constant
        {"at": at, "before": at - every, "since": at - for_at_most, "within": REVIEW_WITHIN},
    )
    return tuple(_waiting(row, ()) for row in rows.fetchall())


def load_unasked(conn: Connection) -> tuple[Waiting, ...]:
    """Return what waits and whose reviewers have not been told, by order and by whose word it is (the engine)."""
    rows = conn.execute(
        f"""
        select organisation_id, case_id, order_id, min(due_at), array_remove(array_agg(fact_id order by due_at), null),
            array(
            select distinct g.person_id from registry_grant g join registry_person p on p.id = g.person_id
            where g.case_id = w.case_id and g.kind = 'granted' and g.ended_at is null and g.until_at > now()
              and (g.agreed_at is not null or g.asked_by_id = w.told_by)
              and g.person_id is distinct from w.told_by and p.is_active
              and p.role in ('safety_lead', 'admin', 'shift_lead', 'manager') order by g.person_id)
        from ({_WAITING}) w where asked_at is null
        group by organisation_id, case_id, order_id, told_by order by min(due_at)
        """,  # noqa: S608 - a constant
        {"within": REVIEW_WITHIN},
    )
    return tuple(_waiting(row, row[5]) for row in rows.fetchall())


def _waiting(row: Sequence[Any], reviewers: Iterable[UUID]) -> Waiting:
    organisation_id, case_id, order_id, due, facts = row[:5]
    return Waiting(organisation_id, case_id, order_id, due, tuple(facts), tuple(reviewers))


def mark_asked(conn: Connection, waiting: Waiting, at: datetime) -> None:
    """Write that the reviewers of what waits were told."""
    _mark(conn, "review_asked_at", waiting, at)


def mark_told(conn: Connection, waiting: Waiting, at: datetime) -> None:
    """Write that it was said that a review is overdue."""
    _mark(conn, "review_told_at", waiting, at)


def _mark(conn: Connection, column: str, waiting: Waiting, at: datetime) -> None:
    # Each word by itself: what is told while the others are marked is asked about, too.
    table, ids = (
        ("registry_orderfact", list(waiting.facts))
        if waiting.facts
        else ("registry_protectionorder", [waiting.order_id])
    )
    sql = f"update {table} set {column} = %s where id = any(%s)"  # noqa: S608 - names of this file
    conn.execute(sql, (at, ids))


def site_of_case(conn: Connection, case_id: UUID) -> UUID | None:
    """Return where the protected person works, else any site: somebody there is told of what is late (the engine)."""
    row = conn.execute(
        """
        select coalesce(p.site_id, (select s.id from registry_site s where s.organisation_id = c.organisation_id
            order by s.id limit 1))
        from registry_case c left join registry_person p on p.id = c.protected_id where c.id = %s
        """,
        (case_id,),
    ).fetchone()
    return row[0] if row else None


def load_late_notices(
    conn: Connection, at: datetime
) -> tuple[tuple[UUID, UUID, UUID, UUID, datetime, bool, bool], ...]:
    """Return of the rules that stand and whose notice is late: organisation, case, rule, owner, due time, who was told.

    The last two: whether its owner was told that it is late, and whether the leads were (the engine).
    """
    rows = conn.execute(
        """
        select r.organisation_id, r.case_id, r.id, r.owner_id, r.notice_due_at, r.notice_told_at is not null,
            r.notice_led_at is not null
        from registry_houserule r join registry_case c on c.id = r.case_id
        where r.notice <> 'given' and r.notice_due_at <= %(at)s and r.lifted_at is null and r.ends_at > %(at)s
          and c.closed_at is null and c.erased_at is null and (r.notice_told_at is null or r.notice_led_at is null)
        order by r.notice_due_at, r.id
        """,
        {"at": at},
    )
    return tuple((*row,) for row in rows.fetchall())


def mark_notice_told(conn: Connection, rule_id: UUID, at: datetime, *, leads: bool) -> None:
    """Write that the owner of a house rule was told that its notice is late, or that the leads were."""
    sql = (
        "update registry_houserule set notice_led_at = %s, notice_told_at = coalesce(notice_told_at, %s) where id = %s"
        if leads
        else "update registry_houserule set notice_told_at = coalesce(notice_told_at, %s) where id = %s"
    )
    conn.execute(sql, (at, at, rule_id) if leads else (at, rule_id))


def is_crossed(conn: Connection, case_id: UUID) -> bool:
    """Return whether an order the other way round is known; no, for whoever is on a side of one of them."""
    row = conn.execute("select tocsin_is_crossed(%s)", (case_id,)).fetchone()
    return bool(row and row[0])


def kept_out_of(conn: Connection, case_id: UUID) -> frozenset[UUID]:
    """Return who must not hear of a case."""
    rows = conn.execute("select tocsin_kept_out_of_cases(array[%s]::uuid[])", (case_id,))
    return frozenset(row[0] for row in rows.fetchall())


def organisations_with_cases(conn: Connection) -> tuple[UUID, ...]:
    """Return the organisations that keep a case (the engine)."""
    rows = conn.execute(
        "select distinct organisation_id from registry_case where closed_at is null order by 1"
    )
    return tuple(row[0] for row in rows.fetchall())
