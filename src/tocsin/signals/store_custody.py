"""How does what was said about custody lie in PostgreSQL? All SQL of it; nothing is ever overwritten, and none refused.

Whoever floods a case with notices makes its page longer, and nothing else: what decides is read up to a bound.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, PersonKey
from tocsin.signals.rules.custody import (
    CONFIRM_WITHIN,
    MAX_CONFIRM_WITHIN,
    MAX_FACTS,
    NOTICES,
    CustodyBody,
    CustodyFact,
    Source,
    State,
)

TABLE: Final = "signals_custodyfact"
MAX_DUE: Final = 200
_COLUMNS: Final = """id, case_id, state, source, heard_at, true_at, heard_by_id, is_confirmed, settles,
    confirm_by, taken_back_at, taken_back_by_id, taken_back_because"""
# What has one source and says the same. Their number is small, however many words there are: by the index `custody_said` each
# is found without reading those of another (one by one, since PostgreSQL skips over none by itself).
_GROUP: Final = "source, state, settles, taken_back_because"
_GROUPS: Final = f"""
    select c.id as case_id, one.* from unnest(%(cases)s::uuid[]) as c (id) cross join lateral (
        select {_GROUP} from signals_custodyfact where case_id = c.id order by {_GROUP} limit 1) one
    union all
    select g.case_id, one.* from groups g cross join lateral (
        select {_GROUP} from signals_custodyfact n where n.case_id = g.case_id
          and (n.source, n.state, n.settles, n.taken_back_because) > (g.source, g.state, g.settles, g.taken_back_because)
        order by {_GROUP} limit 1) one
"""  # noqa: S608 - constants
_OF_GROUP: Final = """from signals_custodyfact n where n.case_id = g.case_id and n.source = g.source and n.state = g.state
            and n.settles = g.settles and n.taken_back_because = g.taken_back_because"""
# The last of each source and state, by when it was heard and by when it was true, is never too old: it may be the one word
# that he is out, with a thousand behind it that he is held. What is older and says the same again decides nothing.
DECIDING: Final = f"""
    with recursive groups as ({_GROUPS}), late as (
        select one.* from groups g cross join lateral (
            (select {_COLUMNS} {_OF_GROUP} order by heard_at desc, id desc limit %(most)s)
            union
            (select {_COLUMNS} {_OF_GROUP} order by coalesce(true_at, heard_at) desc, heard_at desc, id desc limit 1)) one)
    select {_COLUMNS} from (
        select *,
            row_number() over (partition by case_id, source = any(%(notices)s) order by heard_at desc, id desc) as n,
            row_number() over (partition by case_id, {_GROUP} order by heard_at desc, id desc) as by_heard,
            row_number() over (partition by case_id, {_GROUP}
                order by coalesce(true_at, heard_at) desc, heard_at desc, id desc) as by_since
        from late) f
    where n <= %(most)s or by_heard = 1 or by_since = 1 order by case_id, heard_at, id
"""  # noqa: S608 - constants
_NAMES: Final = (
    "id", "case_id", "state", "source", "heard_at", "true_at", "heard_by_id", "is_confirmed", "settles",
    "confirm_by", "taken_back_at", "taken_back_by_id", "taken_back_because",
)  # fmt: skip


def insert_custody(
    conn: Connection, key: PersonKey, organisation_id: UUID, fact: CustodyFact, body: CustodyBody
) -> bool:
    """Write what was said; False if this very fact (by its id) is there already."""
    sealed = key.seal(TABLE, "body_sealed", fact.id, json.dumps(asdict(body), ensure_ascii=False))
    done = conn.execute(
        """insert into signals_custodyfact (id, organisation_id, case_id, state, source, heard_at, true_at,
            heard_by_id, is_confirmed, settles, confirm_by, taken_back_because, body_sealed)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', %s) on conflict (id) do nothing""",
        (
            fact.id, organisation_id, fact.case_id, fact.state.value, fact.source.value, fact.heard_at, fact.true_at,
            fact.heard_by_id, fact.is_confirmed, fact.settles, fact.confirm_by, sealed,
        ),
    )  # fmt: skip
    return done.rowcount == 1


def take_back(
    conn: Connection, case_id: UUID, fact_id: UUID, *, by: UUID, because: str, at: datetime
) -> bool:
    """Write that a fact does not count any more; False if there is none, or it was taken back before."""
    done = conn.execute(
        """update signals_custodyfact set taken_back_at = %s, taken_back_by_id = %s, taken_back_because = %s
        where case_id = %s and id = %s and taken_back_at is null""",
        (at, by, because, case_id, fact_id),
    )
    return done.rowcount == 1


def load_custody(conn: Connection, case_id: UUID) -> tuple[CustodyFact, ...]:
    """Return what decides about a case, by the time it was heard; those taken back too."""
    return load_custody_of(conn, [case_id]).get(case_id, ())


def load_all_custody(conn: Connection, case_id: UUID) -> tuple[CustodyFact, ...]:
    """Return all that was ever said about a case, by the time it was heard: for its page, and for what was known when."""
    rows = conn.execute(
        f"select {_COLUMNS} from signals_custodyfact where case_id = %s order by heard_at, id",  # noqa: S608 - constants
        (case_id,),
    )
    return tuple(_fact(row) for row in rows)


def load_custody_of(
    conn: Connection, case_ids: Iterable[UUID]
) -> dict[UUID, tuple[CustodyFact, ...]]:
    """Return what decides about several cases, by case; a case of which nothing was heard is missing.

    As `custody_at` decides by all that was ever said, or stricter: what is left out is older than `MAX_FACTS` others.
    """
    names = {
        "cases": list(case_ids),
        "notices": [source.value for source in NOTICES],
        "most": MAX_FACTS,
    }
    rows = conn.execute(DECIDING, names)
    found: dict[UUID, tuple[CustodyFact, ...]] = {}
    for row in rows:
        fact = _fact(row)
        found[fact.case_id] = (*found.get(fact.case_id, ()), fact)
    return found


def load_bodies(
    conn: Connection, key: PersonKey, fact_ids: Iterable[UUID]
) -> dict[UUID, CustodyBody]:
    """Return place, words and raw message by fact; what cannot be opened is left out."""
    rows = conn.execute(
        "select id, body_sealed from signals_custodyfact where id = any(%s) and body_sealed is not null",
        (list(fact_ids),),
    )
    found = {}
    for fact_id, sealed in rows:
        try:
            text = key.open(TABLE, "body_sealed", fact_id, bytes(sealed))
        except DecryptionRefused:
            continue
        found[fact_id] = CustodyBody(**json.loads(text))
    return found


def load_due(conn: Connection, at: datetime) -> list[tuple[UUID, UUID, tuple[UUID, ...]]]:
    """Return (organisation, case, facts) whose time has come and was not said: lapsed, or announced for now."""
    rows = conn.execute(
        """select f.organisation_id, f.case_id, array_agg(f.id) from signals_custodyfact f
        join registry_case c on c.id = f.case_id and c.closed_at is null and c.erased_at is null
        where f.due_said_at is null and f.taken_back_at is null and (
            (f.state = 'held' and least(coalesce(f.confirm_by, f.heard_at + %(day)s), f.heard_at + %(most)s) <= %(at)s)
            or (f.true_at > f.heard_at and f.true_at <= %(at)s))
        group by 1, 2 order by 2 limit %(n)s""",
        {"at": at, "day": CONFIRM_WITHIN, "most": MAX_CONFIRM_WITHIN, "n": MAX_DUE},
    )
    return [
        (organisation_id, case_id, tuple(ids)) for organisation_id, case_id, ids in rows.fetchall()
    ]


def mark_due_said(conn: Connection, fact_ids: Iterable[UUID], at: datetime) -> None:
    """Write that these were looked at when their time had come, so that they are looked at once."""
    conn.execute(
        "update signals_custodyfact set due_said_at = %s where id = any(%s)", (at, list(fact_ids))
    )


def _fact(row: Sequence[Any]) -> CustodyFact:
    values = dict(zip(_NAMES, row, strict=True))
    values["state"], values["source"] = State(values["state"]), Source(values["source"])
    return CustodyFact(**values)


def load_zone(conn: Connection, case_id: UUID) -> str:
    """Return the time zone of the protected person's site, in which a case's pages show times; else UTC."""
    row = conn.execute(
        """select s.time_zone from registry_case c join registry_person p on p.id = c.protected_id
        join registry_site s on s.id = p.site_id where c.id = %s""",
        (case_id,),
    ).fetchone()
    return row[0] if row else "UTC"
