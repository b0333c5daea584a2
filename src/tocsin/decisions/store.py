"""How do incidents and acts lie in PostgreSQL? All SQL of this stage.

Every function takes a psycopg connection first and runs in the caller's transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.decisions.rules.incident import ASKING, Incident
from tocsin.decisions.rules.progress import from_progress, to_progress
from tocsin.decisions.rules.written_away import as_if_gone
from tocsin.registry.rules import policy_document
from tocsin.runtime.database import Connection, plain_json
from tocsin.runtime.ids import uuid7

Due = tuple[datetime, datetime] | None

_COLUMNS: Final = (
    "id", "organisation_id", "site_id", "person_id", "walk_id", "word", "kind", "is_drill", "is_about_place", "key",
    "opened_at", "closed_at", "closed_how", "version",
)  # fmt: skip
_SELECT: Final = f"select {', '.join(_COLUMNS)}, policy, progress from decisions_incident"  # noqa: S608 - constants
_INSERT: Final = """
    insert into decisions_incident (id, organisation_id, site_id, person_id, walk_id, word, kind, is_drill, key,
        opened_at, policy, progress, due_at, due_set_at, closed_at, closed_how, version, case_id, is_about_place)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_UPDATE: Final = """
    update decisions_incident set progress = %s, due_at = %s, due_set_at = %s, closed_at = %s, closed_how = %s,
        version = %s, kind = %s, site_id = %s, case_id = %s, policy = coalesce(%s, policy),
        walk_id = coalesce(%s, walk_id)
    where organisation_id = %s and id = %s
"""

# What somebody answered on a way of hers that this viewer has taken away in vain: for him there was no message.
_ON_TAKEN: Final = """exists (
    select 1 from notifications_delivery d join registry_contactmethod taken on taken.id = d.contact_id
    where d.id = a.delivery_id and taken.his_revoked_at <= d.made_at and coalesce(tocsin_is_kept_from(taken.person_id), false))"""


def insert_incidents(conn: Connection, incidents: Sequence[tuple[Incident, Due]]) -> None:
    """Insert new incidents with the next thing that time does to each (set at, due at)."""
    rows = [_new_row(incident, due) for incident, due in incidents]
    conn.cursor().executemany(_INSERT, rows)


def _new_row(incident: Incident, due: Due) -> tuple[Any, ...]:
    set_at, due_at = due or (None, None)
    return (
        incident.id, incident.organisation_id, incident.site_id, incident.person_id, incident.walk_id, incident.word,
        incident.kind.value, incident.is_drill, incident.key, incident.opened_at,
        Jsonb(policy_document.to_dict(incident.policy)), Jsonb(to_progress(incident)), due_at, set_at,
        incident.closed_at, incident.closed_how, incident.version, _case(incident), incident.is_about_place,
    )  # fmt: skip


def _case(incident: Incident) -> UUID | None:
    return incident.case_ids[0] if incident.case_ids else None


def update_incident(conn: Connection, incident: Incident, due: Due) -> None:
    """Save what may change of an incident; the row is locked by whoever loaded it."""
    set_at, due_at = due or (None, None)
    values = (
        Jsonb(to_progress(incident)),
        due_at,
        set_at,
        incident.closed_at,
        incident.closed_how,
        incident.version,
        incident.kind.value,
        incident.site_id,
        _case(incident),
        # Only what a sighting touched changes its ladder; an SOS keeps the one it began with, and its bytes.
        Jsonb(policy_document.to_dict(incident.policy)) if incident.case_ids else None,
        # Her walk that ran out joins what is open about her.
        incident.walk_id,
    )
    conn.execute(_UPDATE, (*values, incident.organisation_id, incident.id))


def load_incident(
    conn: Connection, organisation_id: UUID, incident_id: UUID, *, lock: bool = True
) -> Incident | None:
    """Return one incident, locked until the transaction ends unless it is only shown."""
    found = _load(
        conn, "where organisation_id = %s and id = %s", (organisation_id, incident_id), lock=lock
    )
    return found[0] if found else None


def load_open_of(
    conn: Connection, people: Sequence[tuple[UUID, UUID]], *, is_drill: bool
) -> list[Incident]:
    """Return the open incidents that these (organisation, person) raised, locked, in a fixed order."""
    where = """where closed_at is null and is_drill = %s and kind <> all(%s)
        and not is_about_place and (organisation_id, person_id) in (select * from unnest(%s::uuid[], %s::uuid[])) order by id"""
    organisations, persons = [o for o, _ in people], [p for _, p in people]
    asking = sorted(kind.value for kind in ASKING)
    return _load(conn, where, (is_drill, asking, organisations, persons), lock=True)


def load_open_place(conn: Connection, organisation_id: UUID, case_id: UUID) -> Incident | None:
    """Return the open incident of a case that protects a place, locked."""
    where = "where organisation_id = %s and case_id = %s and is_about_place and closed_at is null"
    found = _load(conn, where, (organisation_id, case_id), lock=True)
    return found[0] if found else None


def load_of_case(conn: Connection, organisation_id: UUID, case_id: UUID) -> list[Incident]:
    """Return the incidents of a case, open or not, the latest first, locked: at most 50."""
    where = """where organisation_id = %s and case_id is not null and progress->'cases' ? %s
          and kind not in ('task', 'task_due') order by opened_at desc limit 50"""
    return _load(conn, where, (organisation_id, str(case_id)), lock=True)


def load_cases_of(conn: Connection, incident_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return of which case each of these incidents is, without those of none; no lock."""
    query = "select id, case_id from decisions_incident where id = any(%s) and case_id is not null"
    return dict(conn.execute(query, (list(incident_ids),)).fetchall())


def load_open_questions(conn: Connection, organisation_id: UUID, hold_id: UUID) -> list[Incident]:
    """Return the open incidents that ask somebody to look, for one held walk, locked."""
    where = """where organisation_id = %s and walk_id = %s and kind = 'look' and closed_at is null
        order by id"""
    return _load(conn, where, (organisation_id, hold_id), lock=True)


# Of an incident `i` and a case: a task by this event that still counts, its own or one that is not late. Of a single task
# `rules/safeguard_again.is_under_way` says which is late.
_HAS_TASK: Final = """exists (
    select 1 from decisions_safeguard s where s.organisation_id = i.organisation_id and s.case_id = {case} and s.event = %s
      and (s.event_id = i.id or s.ended_at is null and s.due_at >= now()))"""


def without_tasks(conn: Connection, event: str) -> list[tuple[UUID, UUID, UUID]]:
    """Return (organisation, incident, case) of open incidents whose respondent is not located and nobody has a task.

    What is late from an incident before is none: its owner was told of that one.
    """
    return conn.execute(
        f"""select i.organisation_id, i.id, n.case_id::uuid from decisions_incident i
        cross join lateral jsonb_array_elements_text(i.progress -> 'not_located') as n (case_id)
        where i.closed_at is null and i.case_id is not null and not {_HAS_TASK.format(case="n.case_id::uuid")}
        order by i.opened_at limit 50""",  # noqa: S608 - constants
        (event,),
    ).fetchall()


def sos_without_tasks(
    conn: Connection, event: str, opened_before: datetime
) -> list[tuple[UUID, UUID, UUID]]:
    """Return (organisation, incident, case) of open SOS, and walks that called everybody, of whom an open case protects.

    Nobody has a task for it yet. Whether an order or a rule of the case counts, the caller judges.
    """
    return conn.execute(
        f"""select i.organisation_id, i.id, c.id from decisions_incident i
        join registry_case c on c.organisation_id = i.organisation_id and c.protected_id = i.person_id
        where i.closed_at is null and not i.is_drill and not i.is_about_place and i.kind in ('sos', 'walk')
          and i.opened_at <= %s and i.progress ->> 'emergency_from' is not null
          and c.closed_at is null and c.erased_at is null and not {_HAS_TASK.format(case="c.id")}
        order by i.opened_at limit 50""",  # noqa: S608 - constants
        (opened_before, event),
    ).fetchall()


def load_open(conn: Connection, organisation_id: UUID) -> list[Incident]:
    """Return all open incidents of an organisation, the latest first, not locked."""
    where = "where organisation_id = %s and closed_at is null order by opened_at desc limit 500"
    return _load(conn, where, (organisation_id,), lock=False)


def load_recent(
    conn: Connection, organisation_id: UUID, limit: int, *, is_drill: bool
) -> list[Incident]:
    """Return the latest incidents or drills, open or not, not locked."""
    where = "where organisation_id = %s and is_drill = %s order by opened_at desc limit %s"
    return _load(conn, where, (organisation_id, is_drill, limit), lock=False)


def load_all_open(conn: Connection) -> list[Incident]:
    """Return every open incident this role may see, for the engine's snapshot; not locked."""
    return _load(conn, "where closed_at is null order by opened_at limit 10000", (), lock=False)


def load_open_with_cases(conn: Connection) -> list[Incident]:
    """Return those of them that are of a case."""
    where = "where closed_at is null and case_id is not null order by opened_at limit 10000"
    return _load(conn, where, (), lock=False)


def _load(conn: Connection, where: str, values: tuple[Any, ...], *, lock: bool) -> list[Incident]:
    rows = conn.execute(f"{_SELECT} {where}{' for update' if lock else ''}", values).fetchall()
    return [_incident(row) for row in rows]


def _incident(row: Sequence[Any]) -> Incident:
    columns = dict(zip(_COLUMNS, row, strict=False))
    return from_progress(
        columns, policy_document.from_dict(plain_json(row[-2])), plain_json(row[-1])
    )


def insert_acts(
    conn: Connection,
    rows: Sequence[tuple[UUID | None, UUID, UUID, UUID, str, str, datetime, UUID | None]],
) -> None:
    """Insert acts: (id or None for a new one, organisation, incident, person, act, via, at, delivery).

    Raises UniqueViolation for an id that is there.
    """
    conn.cursor().executemany(
        """insert into decisions_act (id, organisation_id, incident_id, person_id, act, via, at, delivery_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s)""",
        [(act_id or uuid7(), *row) for act_id, *row in rows],
    )


def has_act(conn: Connection, organisation_id: UUID, act_id: UUID) -> bool:
    """Return whether this act is kept, as far as this viewer sees."""
    row = conn.execute(
        "select 1 from decisions_act where organisation_id = %s and id = %s",
        (organisation_id, act_id),
    ).fetchone()
    return row is not None


def load_acts(
    conn: Connection, organisation_id: UUID, incident_id: UUID
) -> list[tuple[UUID, str, str, datetime]]:
    """Return (person, act, via, at) of an incident in the order of time; of whom the viewer wrote away in vain, none since.

    Nor what answered a message on a way that he has taken away in vain.
    """
    return conn.execute(
        f"""select person_id, act, via, at from decisions_act a
        where organisation_id = %s and incident_id = %s and not exists (
            select 1 from registry_person_shown gone where gone.id = a.person_id and gone.left_at <= a.at)
            and not {_ON_TAKEN}
        order by at, id limit 5000""",  # noqa: S608 - a constant of this file
        (organisation_id, incident_id),
    ).fetchall()


def as_shown(conn: Connection, several: Sequence[Incident]) -> list[Incident]:
    """Return these incidents as this viewer is shown them: of whom he wrote away in vain, nothing since (`his_people.py`).

    Nor of whom he reads nothing else than answers to messages on a way of hers that he has taken away in vain.
    """
    people = {person for incident in several for person in _doers(incident)}
    if not people:
        return list(several)
    shown = list(several)
    for person_id, since in load_left(conn, people).items():
        shown = [as_if_gone(incident, person_id, since) for incident in shown]
    answered = conn.execute(
        f"""select incident_id, person_id from decisions_act a where incident_id = any(%s)
        group by incident_id, person_id having bool_and({_ON_TAKEN})""",  # noqa: S608 - a constant of this file
        ([incident.id for incident in several],),
    ).fetchall()
    for incident_id, person_id in answered:
        # From its beginning: she has not seen it, either.
        shown = [as_if_gone(i, person_id, i.opened_at) if i.id == incident_id else i for i in shown]
    return shown


def load_left(conn: Connection, people: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return since when each of these people works here no more, as this viewer is shown it; of all others nothing."""
    rows = conn.execute(
        "select id, left_at from registry_person_shown where id = any(%s) and left_at is not null",
        (list(people),),
    ).fetchall()
    return dict(rows)


def _doers(incident: Incident) -> set[UUID]:
    charge = incident.charge
    several = {*incident.standing, *incident.seen_by, *incident.over}
    one_each = [incident.caller_id, *((charge.person_id, charge.offered_to) if charge else ())]
    return several | {person for person in one_each if person}


def due_incidents(
    conn: Connection, until: datetime, since: datetime | None = None
) -> list[tuple[UUID, UUID, datetime, datetime]]:
    """Return (organisation, incident, set at, due at) of open incidents due before `until`, begun at `since` or later.

    Also those whose wait was set after `until`: the clock was set back, and their step must not wait for it (I6).
    """
    return conn.execute(
        """select organisation_id, id, due_set_at, due_at from decisions_incident
        where closed_at is null and (due_at < %s or due_set_at > %s)
          and opened_at >= coalesce(%s::timestamptz, '-infinity') order by due_at limit 10000""",
        (until, until, since),
    ).fetchall()


def has_open(conn: Connection, organisation_id: UUID, person_id: UUID) -> bool:
    """Return whether an alarm of this person is open, without a lock: a press of hers must not wait for who only looks."""
    row = conn.execute(
        """select 1 from decisions_incident where organisation_id = %s and person_id = %s and closed_at is null
          and not is_drill and not is_about_place and kind <> all(%s) limit 1""",
        (organisation_id, person_id, sorted(kind.value for kind in ASKING)),
    ).fetchone()
    return row is not None


def opened_since(conn: Connection, organisation_id: UUID, key: str, since: datetime) -> bool:
    """Return whether an incident was opened under this key later than `since`."""
    row = conn.execute(
        "select 1 from decisions_incident where organisation_id = %s and key = %s and opened_at > %s limit 1",
        (organisation_id, key, since),
    ).fetchone()
    return row is not None


def was_opened(conn: Connection, organisation_id: UUID, key: str) -> bool:
    """Return whether an incident was opened under this key in the last days."""
    row = conn.execute(
        """select 1 from decisions_incident where organisation_id = %s and key = %s
          and opened_at > now() - interval '3 days' limit 1""",
        (organisation_id, key),
    ).fetchone()
    return row is not None
