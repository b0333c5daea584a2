"""How do held walks, looks and walk plans lie in PostgreSQL? All SQL about them.

Every function takes a psycopg connection first and runs in the caller's transaction. The web role sees no hold of
somebody whom its viewer is kept from; the engine sees all.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.runtime.database import Connection, plain_json
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7
from tocsin.signals.rules import phrase
from tocsin.signals.rules.hold import Hold, How, Kind, Look, Saw, State, Stay, WalkPlan
from tocsin.signals.rules.offers import exit_taken, from_json, minutes_later

SHOWN: Final = 200
PHRASE: Final = ("signals_walkplan", "phrase_sealed")
_COLUMNS: Final = (
    "id", "organisation_id", "person_id", "site_id", "kind", "shift_ends_at", "opened_at", "state", "case_id",
    "told_at", "told_answered_at", "look_id", "looked_by_id", "looked_until", "walk_id", "declined_at", "left_at",
    "missed_look", "due_at", "due_set_at", "ended_at",
)  # fmt: skip
_FIELDS: Final = tuple(
    {"shift_ends_at": "edge_at", "told_answered_at": "answered_at"}.get(name, name)
    for name in _COLUMNS
)
_CHANGING: Final = tuple(
    name
    for name in _COLUMNS
    if name not in {"id", "organisation_id", "person_id", "kind", "opened_at", "case_id"}
)
_HOLD: Final = f"select {', '.join(_COLUMNS)} from signals_hold"  # noqa: S608 - constants
# What has ended stays as it ended; only one that a changed shift had ended opens again.
_SAVE: Final = f"""
    insert into signals_hold ({", ".join(_COLUMNS)}) values ({", ".join(["%s"] * len(_COLUMNS))})
    on conflict (id) do update set {", ".join(f"{name} = excluded.{name}" for name in _CHANGING)}
    where signals_hold.ended_at is null or signals_hold.state = 'moved' or signals_hold.state = excluded.state
"""  # noqa: S608 - constants


def save_hold(conn: Connection, hold: Hold) -> None:
    """Insert a hold or save what changed of it. One of a person, a kind and an instant: a second is refused."""
    conn.execute(_SAVE, [getattr(hold, name) for name in _FIELDS])


def insert_look(conn: Connection, look: Look) -> None:
    """Keep a look."""
    conn.execute(
        """insert into signals_look (id, organisation_id, site_id, walk_id, person_id, how, saw, at, decides)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (id) do nothing""",
        (
            look.id,
            look.organisation_id,
            look.site_id,
            look.hold_id,
            look.person_id,
            look.how.value,
            look.saw.value,
            look.at,
            look.decides,
        ),
    )


def load_hold(conn: Connection, organisation_id: UUID, hold_id: UUID) -> Hold | None:
    """Return one hold, locked; None if this viewer sees none."""
    where = "where organisation_id = %s and id = %s for update"
    found = _holds(conn, where, (organisation_id, hold_id))
    return found[0] if found else None


def load_open_at(conn: Connection, organisation_id: UUID, site_id: UUID) -> list[Hold]:
    """Return the open holds of a site, locked, in a fixed order."""
    where = (
        "where organisation_id = %s and site_id = %s and ended_at is null order by id for update"
    )
    return _holds(conn, where, (organisation_id, site_id))


def load_open_of(conn: Connection, organisation_id: UUID, person_id: UUID) -> list[Hold]:
    """Return a person's open holds, locked, the earliest first."""
    where = (
        "where organisation_id = %s and person_id = %s and ended_at is null order by shift_ends_at "
        "for update"
    )
    return _holds(conn, where, (organisation_id, person_id))


def load_holds(conn: Connection, since: datetime, until: datetime) -> list[Hold]:
    """Return the holds of shifts that end or begin in this time, and every open one."""
    where = "where (shift_ends_at between %s and %s) or ended_at is null order by id limit 10000"
    return _holds(conn, where, (since, until))


def load_open(conn: Connection, organisation_id: UUID) -> list[Hold]:
    """Return the open holds of an organisation that this viewer sees, the next first; not locked."""
    where = "where organisation_id = %s and ended_at is null order by shift_ends_at limit 500"
    return _holds(conn, where, (organisation_id,))


def load_looked_for(conn: Connection, organisation_id: UUID) -> list[Hold]:
    """Return, as `load_open`, what people look at: also what she declined, until its time is over or she starts a walk."""
    where = """where organisation_id = %s and (ended_at is null or (state in ('declined', 'over') and due_at is not null
        and not exists (select 1 from signals_walk w where w.organisation_id = signals_hold.organisation_id
            and w.person_id = signals_hold.person_id and w.started_at >= signals_hold.ended_at)))
        order by shift_ends_at limit 500"""
    return _holds(conn, where, (organisation_id,))


def sites_of_ways(conn: Connection, organisation_id: UUID, person_id: UUID) -> frozenset[UUID]:
    """Return the sites at which a walk of hers is held or under way, not locked."""
    rows = conn.execute(
        """select site_id from signals_hold where organisation_id = %(o)s and person_id = %(p)s and ended_at is null
        union select site_id from signals_walk
        where organisation_id = %(o)s and person_id = %(p)s and ended_at is null""",
        {"o": organisation_id, "p": person_id},
    )
    return frozenset(row[0] for row in rows.fetchall() if row[0])


@dataclass(frozen=True, slots=True)
class Missed:
    """A look that nobody took, and how that was explained, if it was."""

    hold: Hold
    explained: str
    explained_by_id: UUID | None
    explained_at: datetime | None


def load_missed(conn: Connection, organisation_id: UUID) -> list[Missed]:
    """Return the looks that nobody took, those that nobody explained first, the latest first."""
    rows = conn.execute(
        f"""select {", ".join(_COLUMNS)}, explained, explained_by_id, explained_at from signals_hold
        where organisation_id = %s and missed_look
        order by explained <> '', shift_ends_at desc limit {SHOWN}""",  # noqa: S608 - constants
        (organisation_id,),
    ).fetchall()
    return [Missed(_hold(row[:-3]), *row[-3:]) for row in rows]


def explain(
    conn: Connection, organisation_id: UUID, hold_id: UUID, because: str, *, by: UUID, at: datetime
) -> bool:
    """Keep why nobody had looked; False if there is no such missed look, or it is explained."""
    cursor = conn.execute(
        """update signals_hold set explained = %s, explained_by_id = %s, explained_at = %s
        where organisation_id = %s and id = %s and missed_look and explained = ''""",
        (because, by, at, organisation_id, hold_id),
    )
    return cursor.rowcount == 1


def _holds(conn: Connection, where: str, values: tuple[Any, ...]) -> list[Hold]:
    return [_hold(row) for row in conn.execute(f"{_HOLD} {where}", values).fetchall()]


def _hold(row: Sequence[Any]) -> Hold:
    values = dict(zip(_FIELDS, row, strict=True))
    values["kind"], values["state"] = Kind(values["kind"]), State(values["state"])
    return Hold(**values)


def forget_choices(conn: Connection, organisation_id: UUID, person_id: UUID) -> int:
    """Forget what she chose at walks that are over, and return how many; that a look was missed stays."""
    cursor = conn.execute(
        """update signals_hold set state = 'over', declined_at = null, left_at = null, told_answered_at = null
        where organisation_id = %s and person_id = %s and ended_at is not null
          and (state = 'declined' or (state = 'left' and due_at is null))""",
        (organisation_id, person_id),
    )
    return cursor.rowcount


def due_holds(
    conn: Connection, until: datetime, since: datetime | None = None
) -> list[tuple[UUID, UUID, datetime, datetime]]:
    """Return (organisation, hold, set at, due at) of holds due before `until`, or set after it (a clock set back)."""
    return conn.execute(
        """select organisation_id, id, due_set_at, due_at from signals_hold
        where due_at is not null and (due_at < %s or due_set_at > %s)
          and opened_at >= coalesce(%s::timestamptz, '-infinity') order by due_at limit 10000""",
        (until, until, since),
    ).fetchall()


def load_looks(
    conn: Connection, organisation_id: UUID, site_id: UUID, since: datetime
) -> list[Look]:
    """Return what was looked at a site since then, in order."""
    return _looks(
        conn,
        "where organisation_id = %s and site_id = %s and at >= %s order by at, id limit 1000",
        (organisation_id, site_id, since),
    )


def load_looks_of(conn: Connection, organisation_id: UUID, hold_ids: Sequence[UUID]) -> list[Look]:
    """Return every look that answered a question about these holds, in order."""
    return _looks(
        conn,
        "where organisation_id = %s and walk_id = any(%s) order by at, id limit 2000",
        (organisation_id, list(hold_ids)),
    )


def _looks(conn: Connection, where: str, values: tuple[Any, ...]) -> list[Look]:
    rows = conn.execute(
        f"select id, organisation_id, site_id, person_id, how, saw, at, walk_id, decides from signals_look {where}",  # noqa: S608
        values,
    ).fetchall()
    return [Look(i, o, s, p, How(how), Saw(saw), at, hold, lead) for i, o, s, p, how, saw, at, hold, lead in rows]  # fmt: skip


# --- whom it is for ---------------------------------------------------------------------------------------


def load_stays(conn: Connection, since: datetime, until: datetime) -> list[Stay]:
    """Return the shifts of everybody with an open case that touch this time, and those that are kept of hers (the engine).

    What a party of her case writes of the roster takes no walk of hers away (`runtime/his_rosters.py`).
    """
    rows = conn.execute(
        """select s.organisation_id, s.person_id, s.site_id, s.starts_at, s.ends_at, z.time_zone, s.is_kept
        from (select organisation_id, person_id, site_id, starts_at, ends_at, false as is_kept from registry_shift
              where ends_at >= %(since)s and starts_at <= %(until)s
            union all
              select organisation_id, person_id, site_id, starts_at, ends_at, true from registry_keptshift
              where ends_at >= %(since)s and starts_at <= %(until)s) s
        join registry_site z on z.id = s.site_id
        where exists (
            select 1 from registry_case c where c.organisation_id = s.organisation_id
              and c.protected_id = s.person_id and c.closed_at is null and c.erased_at is null)
        order by s.organisation_id, s.person_id, s.starts_at limit 20000""",
        {"since": since, "until": until},
    ).fetchall()
    return [Stay(*row) for row in rows]


def load_kept_ends(
    conn: Connection, person_id: UUID, since: datetime, until: datetime
) -> list[tuple[UUID, datetime]]:
    """Return (site, end) of the shifts that are kept of hers and that the roster does not have, as far as the viewer may."""
    return conn.execute(
        """select k.site_id, k.ends_at from tocsin_kept_shifts(%(p)s, %(since)s, %(until)s) k where not exists (
            select 1 from registry_shift s
            where s.person_id = %(p)s and s.site_id = k.site_id and s.ends_at = k.ends_at) order by k.ends_at""",
        {"p": person_id, "since": since, "until": until},
    ).fetchall()


def load_plans(conn: Connection, people: Sequence[UUID]) -> dict[UUID, WalkPlan]:
    """Return the walk plans of these people; who has none is missing. Their phrases stay sealed."""
    rows = conn.execute(
        """select organisation_id, person_id, at_start, at_end, timer_s, places, offers from signals_walkplan
        where person_id = any(%s)""",
        (list(people),),
    ).fetchall()
    plans = {}
    for o, p, start, end, timer, places, said in rows:
        offers = from_json(plain_json(said))
        plans[p] = WalkPlan(
            o,
            p,
            start,
            end,
            timer,
            _ids(places),
            later_min=minutes_later(offers),
            exit_id=exit_taken(offers),
        )
    return plans


def load_plan(
    conn: Connection, ring: KeyRing, organisation_id: UUID, person_id: UUID
) -> WalkPlan | None:
    """Return one walk plan with its phrase opened."""
    row = conn.execute(
        """select w.at_start, w.at_end, w.timer_s, w.places, w.id, w.phrase_sealed, k.wrapped, w.offers
        from signals_walkplan w join registry_personkey k on k.person_id = w.person_id
        where w.organisation_id = %s and w.person_id = %s""",
        (organisation_id, person_id),
    ).fetchone()
    if row is None:
        return None
    said = ("", "")
    if row[5] is not None:
        key = ring.person_key(person_id, bytes(row[6]))
        said = phrase.read(key.open(*PHRASE, row[4], bytes(row[5])))
    offers = from_json(plain_json(row[7]))
    plan = WalkPlan(organisation_id, person_id, row[0], row[1], row[2], _ids(row[3]), *said)
    return replace(plan, later_min=minutes_later(offers), exit_id=exit_taken(offers))


def save_plan(conn: Connection, ring: KeyRing, plan: WalkPlan, *, at: datetime) -> None:
    """Keep a walk plan; the phrase is sealed under her key."""
    row = conn.execute(
        """insert into signals_walkplan (id, organisation_id, person_id, at_start, at_end, timer_s, places, offers, set_at)
        values (%s, %s, %s, %s, %s, %s, %s, '{}', %s)
        on conflict (person_id) do update set at_start = excluded.at_start, at_end = excluded.at_end,
            timer_s = excluded.timer_s, places = excluded.places, set_at = excluded.set_at
        returning id""",
        (
            uuid7(),
            plan.organisation_id,
            plan.person_id,
            plan.at_start,
            plan.at_end,
            plan.timer_s,
            Jsonb([str(place) for place in plan.places]),
            at,
        ),
    ).fetchone()
    wrapped = conn.execute(
        "select wrapped from registry_personkey where person_id = %s", (plan.person_id,)
    ).fetchone()
    if row is None or wrapped is None:
        return
    sealed = None
    if plan.phrase or plan.answer:
        key = ring.person_key(plan.person_id, bytes(wrapped[0]))
        sealed = key.seal(*PHRASE, row[0], phrase.write(plan.phrase, plan.answer))
    conn.execute("update signals_walkplan set phrase_sealed = %s where id = %s", (sealed, row[0]))


def load_offers(
    conn: Connection, organisation_id: UUID, person_id: UUID
) -> dict[str, dict[str, Any]]:
    """Return what was offered to her, by name, locked."""
    row = conn.execute(
        "select offers from signals_walkplan where organisation_id = %s and person_id = %s for update",
        (organisation_id, person_id),
    ).fetchone()
    return dict(plain_json(row[0])) if row else {}


def load_offers_of(
    conn: Connection, organisation_id: UUID, people: Sequence[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Return what was offered to each of these people, not locked."""
    rows = conn.execute(
        "select person_id, offers from signals_walkplan where organisation_id = %s and person_id = any(%s)",
        (organisation_id, list(people)),
    ).fetchall()
    return {person_id: plain_json(offers) for person_id, offers in rows}


def load_places(conn: Connection, organisation_id: UUID) -> dict[str, str]:
    """Return the names of an organisation's places by their id as text."""
    rows = conn.execute(
        "select id::text, name from registry_place where organisation_id = %s", (organisation_id,)
    ).fetchall()
    return dict(rows)


def save_offers(
    conn: Connection,
    organisation_id: UUID,
    person_id: UUID,
    offers: dict[str, dict[str, Any]],
    *,
    at: datetime,
) -> None:
    """Keep what is offered to her, and what she took."""
    conn.execute(
        """insert into signals_walkplan (id, organisation_id, person_id, at_start, at_end, timer_s, places, offers, set_at)
        values (%s, %s, %s, true, true, 300, '[]', %s, %s)
        on conflict (person_id) do update set offers = excluded.offers, set_at = excluded.set_at""",
        (uuid7(), organisation_id, person_id, Jsonb(offers), at),
    )


def load_place_names(
    conn: Connection, organisation_id: UUID, people: Sequence[UUID]
) -> dict[UUID, list[tuple[UUID, str]]]:
    """Return, by person, (site, name) of the places that are to be looked at before she walks."""
    rows = conn.execute(
        """select w.person_id, p.site_id, p.name from signals_walkplan w
        join registry_place p on p.organisation_id = w.organisation_id
          and w.places @> to_jsonb(array[p.id::text])
        where w.organisation_id = %s and w.person_id = any(%s) order by p.name""",
        (organisation_id, list(people)),
    ).fetchall()
    found: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for person_id, site_id, name in rows:
        found[person_id].append((site_id, name))
    return dict(found)


def _ids(value: Any) -> tuple[UUID, ...]:
    return tuple(UUID(each) for each in plain_json(value))
