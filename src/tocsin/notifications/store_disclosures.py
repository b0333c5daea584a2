"""How does the disclosure ledger lie in PostgreSQL? Lines are added and never changed, but for her notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.notifications.rules.disclosure import AGAIN, ANEW, NOTICE, Disclosure
from tocsin.runtime.database import Connection, plain_json

MOST_SHOWN: Final = 500
# Notices in one look; the next look gives the others.
MOST_AT_ONCE: Final = 50
# An alarm of hers that is silent, or that her duress code seems to have ended.
_HUSHED: Final = """i.organisation_id = c.organisation_id and i.person_id = c.protected_id
    and coalesce(i.progress->>'shown', 'truth') <> 'truth'"""
# The latest notice of each open case since a day ago, and what became of its messages. Held back is what was stopped while a
# silent alarm of hers was open; no mark of its own says so, which whoever must not hear of her press could read (I11).
_UNSENT: Final = f"""
    with noticed as (
        select organisation_id, case_id, max(notice_at) as at from notifications_disclosure
        where notice_at > %(day)s group by 1, 2),
    found as (
        select c.organisation_id, c.id as case_id, c.protected_id, t.id as incident_id, t.opened_at,
            starts_with(t.key, %(again)s) as is_again,
            coalesce(array_agg(distinct d.channel order by d.channel) filter (where d.attempt > 0), '{{}}') as tried,
            bool_or(d.state = 'failed' and d.attempt > 0) as has_failed, bool_and(d.state = 'failed') as is_failed,
            bool_and(d.state in ('failed', 'cancelled')) as is_unsent,
            coalesce(bool_or(d.state = 'cancelled' and held.back), false) as is_held
        from noticed n
        join registry_case c on c.id = n.case_id and c.organisation_id = n.organisation_id
          and c.closed_at is null and c.no_notices_at is null
        join decisions_incident t on t.organisation_id = c.organisation_id and t.case_id = c.id and t.opened_at = n.at
          and t.kind = 'task' and t.person_id = c.protected_id and starts_with(t.key, %(notice)s)
        join notifications_delivery d on d.organisation_id = t.organisation_id and d.incident_id = t.id
        cross join lateral (select exists (select 1 from decisions_incident i
            where {_HUSHED} and d.ended_at between i.opened_at and coalesce(i.closed_at, 'infinity')) as back) held
        where not exists (select 1 from decisions_incident i where {_HUSHED} and i.closed_at is null)
          and not exists (select 1 from decisions_incident i where i.organisation_id = c.organisation_id
            and i.case_id = c.id and i.key in (%(again)s || replace(t.id::text, '-', ''), %(anew)s || replace(t.id::text, '-', '')))
        group by 1, 2, 3, 4, 5, 6)
    select organisation_id, case_id, protected_id, incident_id, opened_at, tried, has_failed or is_again from found
    where is_unsent and greatest(opened_at, (
            select max(i.closed_at) from decisions_incident i where i.organisation_id = found.organisation_id
              and i.person_id = found.protected_id and coalesce(i.progress->>'shown', 'truth') <> 'truth')) >= %(since)s
        and case when is_held then not (is_again and has_failed)
            else is_failed and has_failed and not is_again and opened_at <= %(until)s end
    order by opened_at limit %(most)s"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is read. `notice_at`: when the message to her was planned, or she read it here herself.

    `notice`: what became of that message, the best of her ways: seen, arrived, sent, planned, failed; "" where there was none.
    """

    to_id: UUID | None
    to_role: str
    ground: str
    what: tuple[str, ...]
    at: datetime
    notice_at: datetime | None
    incident_id: UUID | None
    notice: str = ""


# Her messages of the line's own incident, or of the notice of the whole case, since that was planned.
_NOTICE: Final = """
    select case when bool_or(n.state = 'seen') then 'seen' when bool_or(n.provider_state = 'delivered') then 'arrived'
        when bool_or(n.state in ('sent', 'unanswered')) then 'sent'
        when bool_or(n.state in ('pending', 'leased', 'retrying')) then 'planned'
        when count(*) > 0 then 'failed' else '' end as became
    from notifications_delivery n join registry_case c on c.id = d.case_id and c.protected_id = n.person_id
    where n.organisation_id = d.organisation_id and n.made_at >= d.notice_at
      and (n.incident_id = d.incident_id or n.incident_id in (
        select t.id from decisions_incident t where t.organisation_id = d.organisation_id and t.case_id = d.case_id
          and t.kind = 'task' and t.opened_at = d.notice_at))"""


def insert(conn: Connection, lines: Sequence[Disclosure]) -> None:
    """Add lines; the same telling again is the same line."""
    if not lines:
        return
    conn.cursor().executemany(
        """insert into notifications_disclosure (id, organisation_id, case_id, incident_id, to_id, to_role, ground,
            what, at, notice_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        [
            (
                line.id,
                line.organisation_id,
                line.case_id,
                line.incident_id,
                line.to_id,
                line.to_role,
                line.ground,
                Jsonb(list(line.what)),
                line.at,
                line.notice_at,
            )
            for line in lines
        ],
    )


def give_notice(conn: Connection, organisation_id: UUID, incident_id: UUID, at: datetime) -> None:
    """Write that she was told of this incident, and so of who was told before her."""
    conn.execute(
        """update notifications_disclosure set notice_at = %s
        where organisation_id = %s and incident_id = %s and notice_at is null""",
        (at, organisation_id, incident_id),
    )


def give_notice_of_case(
    conn: Connection, organisation_id: UUID, case_id: UUID, at: datetime
) -> None:
    """Write that she has read who was told of her case until now."""
    conn.execute(
        """update notifications_disclosure set notice_at = %s
        where organisation_id = %s and case_id = %s and notice_at is null""",
        (at, organisation_id, case_id),
    )


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """A case of which people were told and its protected person was not: in how many lines."""

    organisation_id: UUID
    case_id: UUID
    protected_id: UUID
    lines: int


def load_unnoticed(
    conn: Connection, told_before: datetime, noticed_before: datetime
) -> list[Unnoticed]:
    """Return the open cases, every employer's, with a line from before `told_before` that she has no notice of (the engine).

    Not one of which she had a notice since `noticed_before`, nor one of which she wants none, nor while a silent alarm of
    hers is open, or one that her duress code seems to have ended: then her phone must not sound (I22). No lock on that
    alarm. At most `MOST_AT_ONCE`, others at each look: those whom no way reaches now do not stand before the rest for ever.
    """
    rows = conn.execute(
        f"""select c.organisation_id, c.id, c.protected_id, count(*) from notifications_disclosure d
        join registry_case c on c.id = d.case_id and c.closed_at is null and c.protected_id is not null
        where d.notice_at is null and c.no_notices_at is null
          and not exists (select 1 from notifications_disclosure n
            where n.case_id = c.id and n.notice_at > %(noticed)s)
          and not exists (select 1 from decisions_incident i where {_HUSHED} and i.closed_at is null)
        group by 1, 2, 3 having min(d.at) <= %(told)s order by random() limit %(most)s""",  # noqa: S608 - a constant
        {"told": told_before, "noticed": noticed_before, "most": MOST_AT_ONCE},
    )
    return [Unnoticed(*row) for row in rows.fetchall()]


@dataclass(frozen=True, slots=True)
class Unsent:
    """A notice of a case that did not go out: every message failed, or it was held back. `tried`: by which channels.

    `is_again`: what follows it is its second try, the last; otherwise it was never tried, and what follows it is the first.
    """

    organisation_id: UUID
    case_id: UUID
    protected_id: UUID
    incident_id: UUID
    planned_at: datetime
    tried: tuple[str, ...]
    is_again: bool

    @property
    def key(self) -> str:
        """Return the key under which it is sent once more, once."""
        return f"{AGAIN if self.is_again else ANEW}{self.incident_id.hex}"


def load_unsent(conn: Connection, since: datetime, until: datetime, day: datetime) -> list[Unsent]:
    """Return the notices that are to be sent once more now, every employer's (the engine).

    Only the latest of an open case, after `day`: planned from `since` to `until`, and every message of it failed; or held
    back by a silent press. That an alarm of hers is silent makes either wait, until it is over, and an hour from then.
    None that was sent once more, or is itself the second try; none where she wants none.
    """
    values = {"again": AGAIN, "anew": ANEW, "notice": NOTICE, "most": MOST_AT_ONCE}
    found = conn.execute(_UNSENT, values | {"since": since, "until": until, "day": day})
    return [
        Unsent(org, case, her, incident, at, tuple(tried), is_again)
        for org, case, her, incident, at, tried, is_again in found.fetchall()
    ]


def move_notice(conn: Connection, unsent: Unsent, at: datetime) -> int:
    """Write that what this notice told of is told of by the one of `at`; return of how many lines."""
    cursor = conn.execute(
        """update notifications_disclosure set notice_at = %s
        where organisation_id = %s and case_id = %s and notice_at = %s""",
        (at, unsent.organisation_id, unsent.case_id, unsent.planned_at),
    )
    return cursor.rowcount


def load_of_incident(
    conn: Connection, organisation_id: UUID, incident_id: UUID
) -> list[Disclosure]:
    """Return every line of an incident, of whichever case, the earliest first."""
    rows = conn.execute(
        """select id, organisation_id, case_id, incident_id, to_id, to_role, ground, what, at, notice_at
        from notifications_disclosure where organisation_id = %s and incident_id = %s order by at, id""",
        (organisation_id, incident_id),
    )
    return [
        Disclosure(
            id=line_id,
            organisation_id=organisation,
            case_id=case_id,
            incident_id=incident,
            to_id=to,
            to_role=role,
            ground=ground,
            what=tuple(_codes(what)),
            at=at,
            notice_at=notice,
        )
        for line_id, organisation, case_id, incident, to, role, ground, what, at, notice in rows
    ]


def load_of_case(conn: Connection, organisation_id: UUID, case_id: UUID) -> list[Line]:
    """Return the lines of a case, the latest first, as far as row-level security shows them."""
    rows = conn.execute(
        f"""select d.to_id, d.to_role, d.ground, d.what, d.at, d.notice_at, d.incident_id, notice.became
        from notifications_disclosure d cross join lateral ({_NOTICE}) as notice
        where d.organisation_id = %s and d.case_id = %s order by d.at desc, d.id desc limit %s""",  # noqa: S608 - a constant
        (organisation_id, case_id, MOST_SHOWN),
    )
    return [
        Line(to, role, ground, tuple(_codes(what)), at, notice_at, incident, notice)
        for to, role, ground, what, at, notice_at, incident, notice in rows
    ]


def _codes(value: object) -> list[str]:
    found = plain_json(value)
    return [str(code) for code in found] if isinstance(found, list) else []
