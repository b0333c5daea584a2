"""How do deliveries lie in PostgreSQL? The outbox: claimed with a lease, fenced by the attempt, ended visibly.

All SQL about deliveries. Every function takes a psycopg connection first and runs in the caller's transaction.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.decisions.rules.incident import ASKING, Incident, Kind
from tocsin.notifications.rules.delivery import AHEAD_S, FAR_S, LEASE_S, Delivery, State
from tocsin.notifications.rules.disclosure import NOTICE
from tocsin.notifications.store_taken import said_instead, with_instead
from tocsin.registry.rules.contacts import LIVE
from tocsin.runtime.database import Connection

_COLUMNS: Final = (
    "id", "organisation_id", "incident_id", "person_id", "contact_id", "channel", "template", "step", "reference",
    "code", "state", "made_at", "due_at", "deadline_at", "attempt", "leased_by", "lease_until", "sent_at", "ended_at",
    "provider_id", "error",
)  # fmt: skip
_NAMES: Final = ", ".join(_COLUMNS)
_OF_D: Final = ", ".join(f"d.{name}" for name in _COLUMNS)
# Of whom he who is kept from her has written that she left, he sees no message of afterwards: she is called still.
NOT_GONE: Final = """not exists (
    select 1 from registry_person_shown gone where gone.id = d.person_id and gone.left_at <= d.made_at)"""
# Nor one on a way of hers that he has taken away in vain.
_NOT_TAKEN: Final = """not exists (
    select 1 from registry_contactmethod taken where taken.id = d.contact_id and taken.his_revoked_at <= d.made_at
      and coalesce(tocsin_is_kept_from(taken.person_id), false))"""
# Whom a wave left out. To one who is kept from her his own word of her ways is so on his screens only: then he sees nothing of it.
AS_SHOWN: Final = f"""{NOT_GONE} and {_NOT_TAKEN} and not (d.state = 'failed' and d.attempt = 0
    and coalesce(tocsin_is_kept_from(d.person_id), false) and (
        exists (select 1 from registry_account his where his.person_id = d.person_id and his.in_vain)
        or exists (select 1 from registry_contactmethod his where his.person_id = d.person_id
            and (his.in_vain <> '' or his.his_revoked_at is not null or his.his_safe_rule is not null))))"""  # noqa: S608 - constants
# A way that is taken away proves nothing any more; a screen is none, nor is *no way at all*.
IN_USE: Final = """(d.channel in ('live', '') or exists (select 1 from registry_contactmethod c where c.id = d.contact_id
    and tocsin_shown(c.revoked_at, c.his_revoked_at, c.person_id) is null))"""
# Binary (%b): a sixth of the time of text, which psycopg makes in Python, value by value.
_INSERT: Final = f"""
    insert into notifications_delivery ({_NAMES}, provider, provider_state)
    select *, '', '' from unnest(
        %b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::int[], %b::text[],
        %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::int[], %b::text[],
        %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::text[], %b::text[])
    on conflict (organisation_id, reference) do nothing
"""  # noqa: S608 - constants
# Real alarms first (`rules/delivery.goes_first`), then in the order of their due time; a row that another engine holds is passed over, not waited for.
# A row made in the future says that the clock was set back: it is due now, not in a year (I6).
_CLAIM: Final = f"""
    with due as (
        select w.id from notifications_delivery w left join decisions_incident i on i.id = w.incident_id
        where w.state in ('pending', 'leased', 'retrying')
          and (w.state <> 'leased' or w.lease_until < %(at)s or w.lease_until > %(far)s)
          and (w.due_at <= %(at)s or w.made_at > %(ahead)s or w.due_at > %(far)s and w.state = 'retrying')
          and w.made_at >= coalesce(%(since)s::timestamptz, '-infinity')
        order by coalesce(i.is_drill or i.kind = any(%(asking)s), false), w.due_at
        limit %(limit)s for update of w skip locked
    )
    update notifications_delivery d set state = 'leased', leased_by = %(engine)s, lease_until = %(until)s,
        attempt = attempt + 1
    from due where d.id = due.id returning {_OF_D}
"""  # noqa: S608 - constants
_SETTLE: Final = """
    update notifications_delivery d set state = g.state, leased_by = g.leased_by, lease_until = g.lease_until,
        sent_at = g.sent_at, ended_at = g.ended_at, provider_id = g.provider_id, error = g.error, due_at = g.due_at
    from unnest(%b::uuid[], %b::int[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[],
        %b::timestamptz[], %b::text[], %b::text[], %b::timestamptz[])
        as g (id, attempt, state, leased_by, lease_until, sent_at, ended_at, provider_id, error, due_at)
    where d.id = g.id and d.attempt = g.attempt and d.state = 'leased'
"""
# In-order waves: any failure brings that person's next contact method of the same wave forward.
_BRING_FORWARD: Final = """
    update notifications_delivery n set due_at = %(at)s
    from (
        select distinct on (f.id) w.id from notifications_delivery f
        join notifications_delivery w on w.incident_id = f.incident_id and w.person_id = f.person_id
          and w.made_at = f.made_at and w.state = 'pending' and w.due_at > %(at)s
        where f.id = any(%(failed)s) order by f.id, w.due_at
    ) next where n.id = next.id
"""


_CAUGHT_UP: Final = (
    "id", "state", "attempt", "leased_by", "lease_until", "sent_at", "ended_at", "provider_id", "error", "due_at",
)  # fmt: skip
# Memory knew that it had gone out, and the row did not yet when her act was kept: then *cancelled* becomes *seen*.
_CATCH_UP: Final = """
    update notifications_delivery d set state = g.state, attempt = g.attempt, leased_by = g.leased_by,
        lease_until = g.lease_until, sent_at = coalesce(g.sent_at, d.sent_at), ended_at = g.ended_at,
        provider_id = g.provider_id, error = g.error, due_at = g.due_at
    from unnest(%s::uuid[], %s::text[], %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[],
        %s::timestamptz[], %s::text[], %s::text[], %s::timestamptz[])
        as g (id, state, attempt, leased_by, lease_until, sent_at, ended_at, provider_id, error, due_at)
    where d.id = g.id and d.attempt <= g.attempt
      and (d.state in ('pending', 'leased', 'retrying')
           or d.state = 'sent' and g.state not in ('pending', 'leased', 'retrying')
           or d.state = 'cancelled' and g.state = 'seen')
"""
_MARK_SEEN: Final = """
    update notifications_delivery d set ended_at = %(at)s, leased_by = '', lease_until = null,
        state = case when s.is_seen then 'seen' else 'cancelled' end, error = case when s.is_seen then '' else d.error end
    from (select id, id is not distinct from %(on)s::uuid or sent_at is not null as is_seen
          from notifications_delivery
          where organisation_id = %(o)s and incident_id = %(i)s and person_id = %(who)s) s
    where d.id = s.id and (
        d.id = %(on)s::uuid and d.state <> 'seen'
        or d.state in ('pending', 'leased', 'retrying', 'sent', 'unanswered') and (
            not %(is_proof)s or %(on)s::uuid is null and d.channel = %(screen)s and d.sent_at is not null))
"""


def insert_deliveries(conn: Connection, deliveries: Sequence[Delivery]) -> None:
    """Insert a wave in one statement; a reference that is there already stays as it is."""
    if deliveries:
        columns = [[_plain(getattr(d, name)) for d in deliveries] for name in _COLUMNS]
        conn.execute(_INSERT, columns)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, State) else value


def claim(
    conn: Connection, engine: str, limit: int, at: datetime, *, since: datetime | None = None
) -> list[Delivery]:
    """Return due deliveries made at `since` or later, leased to this engine with their attempt counted."""
    until = at + timedelta(seconds=LEASE_S)
    values = {"at": at, "limit": limit, "engine": engine, "until": until, "since": since}
    values |= {"asking": [kind.value for kind in ASKING]}
    values |= {"ahead": at + timedelta(seconds=AHEAD_S), "far": at + timedelta(seconds=FAR_S)}
    return [_delivery(row) for row in conn.execute(_CLAIM, values).fetchall()]


def settle(conn: Connection, deliveries: Sequence[Delivery], at: datetime) -> None:
    """Keep what became of attempts; one that was taken again meanwhile, or cancelled, is left alone.

    One that waits for its provider stays leased.
    """
    if not deliveries:
        return
    conn.execute(
        _SETTLE,
        (
            [d.id for d in deliveries],
            [d.attempt for d in deliveries],
            [d.state.value for d in deliveries],
            [d.leased_by for d in deliveries],
            [d.lease_until for d in deliveries],
            [d.sent_at for d in deliveries],
            [d.ended_at for d in deliveries],
            [d.provider_id for d in deliveries],
            [d.error for d in deliveries],
            [d.due_at for d in deliveries],
        ),
    )
    failed = [d.id for d in deliveries if d.state is not State.SENT]
    if failed:
        conn.execute(_BRING_FORWARD, {"at": at, "failed": failed})


def catch_up(conn: Connection, deliveries: Sequence[Delivery]) -> None:
    """Bring rows to the state that they reached while PostgreSQL was away; never back from a later one."""
    if deliveries:
        columns = [[_plain(getattr(d, name)) for d in deliveries] for name in _CAUGHT_UP]
        conn.execute(_CATCH_UP, columns)


def renew(conn: Connection, engine: str, ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Renew the leases that this engine still works on; return the deliveries that ended meanwhile."""
    conn.execute(
        """update notifications_delivery set lease_until = %s
        where id = any(%s) and leased_by = %s and state = 'leased'""",
        (at + timedelta(seconds=LEASE_S), list(ids), engine),
    )
    rows = conn.execute(
        """select id from notifications_delivery
        where id = any(%s) and state in ('seen', 'unanswered', 'failed', 'cancelled')""",
        (list(ids),),
    )
    return [row[0] for row in rows]


def release(
    conn: Connection, engine: str, until: datetime | None = None, but: Collection[UUID] = ()
) -> int:
    """Take back the leases of this engine's dead predecessor that end by `until`, but of these; return how many."""
    cursor = conn.execute(
        """update notifications_delivery set state = 'pending', leased_by = '', lease_until = null
        where leased_by = %(engine)s and state = 'leased' and id <> all(%(but)s)
          and coalesce(lease_until <= %(until)s, true)""",
        {"engine": engine, "until": until, "but": list(but)},
    )
    return cursor.rowcount


def stop(conn: Connection, organisation_id: UUID, incident_id: UUID, at: datetime) -> None:
    """Cancel what still waits for an incident."""
    conn.execute(
        """update notifications_delivery set state = 'cancelled', ended_at = %s, leased_by = '', lease_until = null
        where organisation_id = %s and incident_id = %s and state in ('pending', 'leased', 'retrying')""",
        (at, organisation_id, incident_id),
    )


def load_phrases(conn: Connection, organisation_id: UUID, person_id: UUID) -> list[Delivery]:
    """Return what waits to be sent, or to be tried again, to her: about her own way, whether she is reachable, or her notice; locked.

    Small: what is open now. No lock on the questions themselves: her press waits for nobody who looks.
    """
    rows = conn.execute(
        f"""select {_OF_D} from notifications_delivery d join decisions_incident i on i.id = d.incident_id
        where d.state in ('pending', 'leased', 'retrying') and d.organisation_id = %s and d.person_id = %s
          and (i.kind = 'proof' or i.person_id = d.person_id and (i.kind = 'look' or i.kind = 'task' and starts_with(i.key, %s)))
        order by d.id for update of d""",  # noqa: S608 - constants
        (organisation_id, person_id, NOTICE),
    ).fetchall()
    return [_delivery(row) for row in rows]


def hold_back(conn: Connection, delivery_ids: Sequence[UUID], at: datetime) -> None:
    """Cancel these messages, if they still wait."""
    conn.execute(
        """update notifications_delivery set state = 'cancelled', ended_at = %s, leased_by = '', lease_until = null
        where id = any(%s) and state in ('pending', 'leased', 'retrying')""",
        (at, list(delivery_ids)),
    )


def mark_seen(
    conn: Connection, incident: Incident, person_id: UUID, at: datetime, on: UUID | None
) -> None:
    """End this person's messages about the incident, as she acted: `rules/delivery.after_answer` in SQL."""
    values = {"o": incident.organisation_id, "i": incident.id, "who": person_id, "at": at, "on": on}
    conn.execute(_MARK_SEEN, values | {"is_proof": incident.kind is Kind.PROOF, "screen": LIVE})


def expire(conn: Connection, at: datetime) -> list[Delivery]:
    """End what was sent and not seen by its deadline; return those deliveries."""
    ahead = at + timedelta(seconds=AHEAD_S)
    rows = conn.execute(
        f"""update notifications_delivery set state = 'unanswered', ended_at = %s
        where id in (select id from notifications_delivery where state = 'sent' and (
                       deadline_at <= %s or made_at > %s and (sent_at > %s or sent_at + (deadline_at - made_at) <= %s))
                     order by deadline_at limit 2000 for update skip locked)
        returning {_NAMES}""",  # noqa: S608 - constants
        (at, at, ahead, ahead, at),
    ).fetchall()
    return [_delivery(row) for row in rows]


def load_of_incident(conn: Connection, organisation_id: UUID, incident_id: UUID) -> list[Delivery]:
    """Return every delivery of an incident in the order of time, at most 10,000; as the viewer may know of them."""
    rows = conn.execute(
        f"""select {_NAMES}, {AS_SHOWN} from notifications_delivery d where organisation_id = %s and incident_id = %s
        and {NOT_GONE} order by made_at, id limit 10000""",  # noqa: S608 - constants
        (organisation_id, incident_id),
    ).fetchall()
    shown = [_delivery(row[:-1]) for row in rows if row[-1]]
    hidden = [_delivery(row[:-1]) for row in rows if not row[-1]]
    return with_instead(conn, hidden, shown)


def load_proofs(conn: Connection, organisation_id: UUID, since: datetime) -> list[Delivery]:
    """Return what became of the last question to each person since then whether it reaches her: one message a channel.

    Of two ways on one channel the one that she answered on; of a way that is taken away nothing.
    """
    rows = conn.execute(
        f"""select distinct on (person_id, channel) {_NAMES} from (
            select d.*, rank() over (partition by d.person_id order by i.opened_at desc, i.id) as place
            from notifications_delivery d join decisions_incident i on i.id = d.incident_id
            where d.organisation_id = %s and i.kind = 'proof' and d.made_at > %s and {AS_SHOWN} and {IN_USE}) d
        where place = 1 order by person_id, channel, state = 'seen' desc, made_at desc""",  # noqa: S608 - constants
        (organisation_id, since),
    ).fetchall()
    taken = conn.execute(
        f"""select distinct on (d.person_id) {_OF_D} from decisions_incident i cross join lateral (
            select * from notifications_delivery where incident_id = i.id and made_at > %s offset 0) d
        where i.organisation_id = %s and i.kind = 'proof' and i.opened_at > %s and {NOT_GONE} and not {_NOT_TAKEN}
        order by d.person_id, d.made_at desc""",  # noqa: S608 - constants
        (since, organisation_id, since),
    ).fetchall()
    shown = [_delivery(row) for row in rows]
    hidden = [_delivery(row) for row in taken]
    if not hidden:
        return shown
    # One message a channel, and in the same order, as where nothing had to stand for another.
    found: dict[tuple[UUID, str], Delivery] = {}
    for one in (*shown, *said_instead(conn, hidden, shown)):
        found.setdefault((one.person_id, one.channel), one)
    return [found[each] for each in sorted(found)]


def load_delivery(conn: Connection, organisation_id: UUID, delivery_id: UUID) -> Delivery | None:
    """Return one delivery."""
    row = conn.execute(
        f"select {_NAMES} from notifications_delivery where organisation_id = %s and id = %s",  # noqa: S608 - constants
        (organisation_id, delivery_id),
    ).fetchone()
    return _delivery(row) if row else None


def find_by_code(
    conn: Connection, organisation_id: UUID, person_id: UUID, code: str
) -> list[Delivery]:
    """Return this person's messages with this code whose incident is open, or was a day ago, the latest first.

    Three digits come again: a late answer to what is over must not be taken for one about something else (I4).
    """
    rows = conn.execute(
        f"""select {", ".join("d." + name for name in _COLUMNS)} from notifications_delivery d
        join decisions_incident i on i.id = d.incident_id
        where d.organisation_id = %s and d.person_id = %s and d.code = %s
          and (i.closed_at is null or i.closed_at > now() - interval '1 day')
        order by d.made_at desc limit 20""",  # noqa: S608 - constants
        (organisation_id, person_id, code),
    ).fetchall()
    return [_delivery(row) for row in rows]


def was_sent(conn: Connection, incident_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these incidents had a message handed to a provider."""
    rows = conn.execute(
        """select distinct incident_id from notifications_delivery
        where incident_id = any(%s) and sent_at is not null""",
        (list(incident_ids),),
    )
    return {row[0] for row in rows}


def lock_receipt(
    conn: Connection, organisation_id: UUID, reference: str, provider_id: str
) -> tuple[Delivery, str] | None:
    """Return the text that a provider speaks of, and what it said before; None of none.

    By our reference, where the provider sent it back: it is there before the provider's answer is. Else by its own id,
    which a modem may use again: the newest.
    """
    row = conn.execute(
        f"""select {_NAMES}, provider_state from notifications_delivery where organisation_id = %(o)s
        and (reference = %(ours)s or provider_id = %(theirs)s and provider_id <> '')
        order by reference = %(ours)s desc, made_at desc limit 1 for no key update""",  # noqa: S608 - constants
        {"o": organisation_id, "ours": reference, "theirs": provider_id},
    ).fetchone()
    return (_delivery(row[:-1]), row[-1]) if row else None


def keep_receipt(conn: Connection, delivery_id: UUID, state: str) -> None:
    """Keep what the provider says; it is no answer of a person and stops nothing (I4)."""
    conn.execute(
        "update notifications_delivery set provider_state = %s where id = %s",
        (state[:40], delivery_id),
    )


def _delivery(row: Sequence[Any]) -> Delivery:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Delivery(**{**values, "state": State(values["state"])})


def told(conn: Connection, organisation_id: UUID, person_id: UUID) -> list[UUID]:
    """Return the open incidents of which this person was told."""
    rows = conn.execute(
        """select distinct d.incident_id from notifications_delivery d
        join decisions_incident i on i.id = d.incident_id
        where d.organisation_id = %s and d.person_id = %s and i.closed_at is null limit 20""",
        (organisation_id, person_id),
    )
    return [row[0] for row in rows]


def load_open_deliveries(conn: Connection) -> list[Delivery]:
    """Return every delivery that has not ended, at most 20,000, for the engine's snapshot."""
    rows = conn.execute(
        f"""select {_NAMES} from notifications_delivery
        where state in ('pending', 'leased', 'retrying', 'sent') order by due_at limit 20000"""  # noqa: S608 - constants
    ).fetchall()
    return [_delivery(row) for row in rows]
