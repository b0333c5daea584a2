"""How does the disclosure ledger lie in PostgreSQL? Lines are added and never changed, but for her notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.notifications.rules.disclosure import Disclosure
from tocsin.runtime.database import Connection, plain_json

MOST_SHOWN: Final = 500
# Notices in one look; the next look gives the others.
MOST_AT_ONCE: Final = 50


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
        """select c.organisation_id, c.id, c.protected_id, count(*) from notifications_disclosure d
        join registry_case c on c.id = d.case_id and c.closed_at is null and c.protected_id is not null
        where d.notice_at is null and c.no_notices_at is null
          and not exists (select 1 from notifications_disclosure n
            where n.case_id = c.id and n.notice_at > %(noticed)s)
          and not exists (select 1 from decisions_incident i
            where i.organisation_id = c.organisation_id and i.person_id = c.protected_id and i.closed_at is null
              and coalesce(i.progress->>'shown', 'truth') <> 'truth')
        group by 1, 2, 3 having min(d.at) <= %(told)s order by random() limit %(most)s""",
        {"told": told_before, "noticed": noticed_before, "most": MOST_AT_ONCE},
    )
    return [Unnoticed(*row) for row in rows.fetchall()]


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
