"""What does a door know of a case, and which house rules are there? Rows, opened and sealed under the case's key."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tocsin.registry.rules.case_rows import DoorEntryRow
from tocsin.registry.rules.door import DoorMatch, from_text, to_text
from tocsin.registry.rules.grants import wish_of
from tocsin.registry.rules.house_rule import Ground, HouseRule, Notice
from tocsin.registry.rules.order_entry import Picture
from tocsin.registry.store_cases import open_json, seal_json
from tocsin.registry.store_readable import UNREADABLE, each_opened
from tocsin.runtime import logs
from tocsin.runtime.database import Connection, plain_json
from tocsin.runtime.encryption import KeyRing, PersonKey

RULES: Final = "registry_houserule"
DOORS: Final = "registry_doorentry"
PAGES: Final = "registry_doorpage"

log = logs.get("doors")

_DOORS: Final = """
    select d.case_id, d.organisation_id, d.match_sealed, d.photo_sealed, d.photo_type, d.instruction, d.sites,
        d.version, d.is_active, d.updated_at, d.lower_asked_by_id, d.lowered_by_id, d.lowered_at, d.places, k.wrapped,
        d.lower_asked_at, d.informs
    from registry_doorentry d join registry_casekey k on k.case_id = d.case_id
"""
# The index of names needs no photographs: 100,000 of them would not fit.
_WITHOUT_PHOTOS: Final = _DOORS.replace("d.photo_sealed", "null::bytea")
# A lost key is no entry less: what of it is not sealed is known.
_WITHOUT_KEYS: Final = _WITHOUT_PHOTOS.replace(
    "join registry_casekey", "left join registry_casekey"
)


def load_door_entry(conn: Connection, ring: KeyRing, case_id: UUID) -> DoorEntryRow | None:
    """Return what the doors know of a case, with the photograph; None: nothing, or nothing for this viewer."""
    row = conn.execute(_DOORS + " where d.case_id = %s", (case_id,)).fetchone()
    return _door(ring, row) if row else None


def look_at_entry(
    conn: Connection, ring: KeyRing, case_id: UUID
) -> tuple[DoorEntryRow | None, bool]:
    """Return the same without the photograph, and whether it is there and cannot be opened.

    Then it says where and how strictly, and nobody can read whom.
    """
    row = conn.execute(_WITHOUT_KEYS + " where d.case_id = %s", (case_id,)).fetchone()
    if row is None:
        return None, False
    found = next(each_opened([row], partial(_door, ring)), None)
    return (found, False) if found else (_door_of(row, DoorMatch(), None), True)


def load_door_entries(
    conn: Connection, ring: KeyRing, organisation_id: UUID
) -> tuple[DoorEntryRow, ...]:
    """Return what the doors of an organisation act on, without photographs (web, engine or door).

    One that cannot be read is logged and stops no other.
    """
    rows = conn.execute(
        _WITHOUT_PHOTOS + " where d.organisation_id = %s and d.is_active order by d.case_id",
        (organisation_id,),
    )
    return tuple(each_opened(rows.fetchall(), partial(_door, ring)))


def load_shown_entries(
    conn: Connection, ring: KeyRing, cases: Sequence[UUID]
) -> tuple[DoorEntryRow, ...]:
    """Return what the doors act on of these cases, without photographs, as far as the viewer may know of it.

    One that cannot be read is logged and stops no other.
    """
    rows = conn.execute(
        _WITHOUT_PHOTOS + " where d.case_id = any(%s) and d.is_active order by d.case_id",
        (list(cases),),
    )
    return tuple(each_opened(rows.fetchall(), partial(_door, ring)))


def load_damaged_entries(conn: Connection, ring: KeyRing) -> frozenset[UUID]:
    """Return the open cases, of every employer, whose entry at the doors cannot be opened, or whose key is lost (the engine)."""
    rows = conn.execute(
        _WITHOUT_KEYS
        + """ join registry_case c on c.id = d.case_id and c.closed_at is null and c.erased_at is null
        where d.is_active"""
    ).fetchall()
    fine = {entry.case_id for entry in each_opened(rows, partial(_door, ring))}
    return frozenset(row[0] for row in rows) - fine


def save_door_entry(conn: Connection, key: PersonKey, entry: DoorEntryRow) -> int:
    """Write what the doors know of a case, new, or in place of what they knew, and return its version, one on.

    Without a photograph the known one stays.
    """
    photo = (
        key.seal_bytes(DOORS, "photo_sealed", entry.case_id, entry.photo) if entry.photo else None
    )
    row = conn.execute(
        """
        insert into registry_doorentry as d (id, organisation_id, case_id, match_sealed, photo_sealed, photo_type,
            instruction, sites, informs, places, version, is_active, updated_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, %s, %s)
        on conflict (case_id) do update set match_sealed = excluded.match_sealed,
            photo_sealed = coalesce(excluded.photo_sealed, d.photo_sealed),
            photo_type = case when excluded.photo_sealed is null then d.photo_type else excluded.photo_type end,
            instruction = excluded.instruction, sites = excluded.sites, informs = excluded.informs,
            places = excluded.places, version = d.version + 1, is_active = excluded.is_active, updated_at = excluded.updated_at
        returning version
        """,
        (
            # Its own id too: what is sealed in the row is bound to it.
            entry.case_id,
            entry.organisation_id,
            entry.case_id,
            key.seal(DOORS, "match_sealed", entry.case_id, to_text(entry.match)),
            photo,
            entry.photo_type,
            entry.instruction,
            Jsonb([str(site) for site in entry.sites]),
            Jsonb([str(site) for site in entry.informs]),
            Jsonb([str(place) for place in entry.places]),
            entry.is_active,
            entry.updated_at,
        ),
    ).fetchone()
    return row[0] if row else 1


def ask_to_lower(conn: Connection, case_id: UUID, by: UUID, at: datetime) -> None:
    """Write who asks to let the posture of the doors go after an order's end, and when."""
    conn.execute(
        """update registry_doorentry set lower_asked_by_id = %s, lower_asked_at = least(%s, clock_timestamp()), lowered_by_id = null,
            lowered_at = null where case_id = %s""",
        (by, at, case_id),
    )


def lower(conn: Connection, case_id: UUID, by: UUID, at: datetime) -> bool:
    """Return whether this person is the second to say so; from then on the doors let it go."""
    done = conn.execute(
        """
        update registry_doorentry set lowered_by_id = %s, lowered_at = %s
        where case_id = %s and lower_asked_by_id is not null and lower_asked_by_id <> %s and lowered_at is null
        """,
        (by, at, case_id, by),
    )
    return done.rowcount == 1


def _door(ring: KeyRing, row: Sequence[Any]) -> DoorEntryRow:
    key = ring.person_key(row[0], row[14])
    match = from_text(key.open(DOORS, "match_sealed", row[0], row[2]))
    photo = key.open_bytes(DOORS, "photo_sealed", row[0], row[3]) if row[3] else None
    return _door_of(row, match, photo)


def _door_of(row: Sequence[Any], match: DoorMatch, photo: bytes | None) -> DoorEntryRow:
    return DoorEntryRow(
        case_id=row[0],
        organisation_id=row[1],
        match=match,
        photo=photo,
        photo_type=row[4],
        instruction=row[5],
        sites=tuple(UUID(site) for site in plain_json(row[6])),
        version=row[7],
        is_active=row[8],
        updated_at=row[9],
        lower_asked=wish_of(row[10], row[15]),
        lowered_by_id=row[11],
        lowered_at=row[12],
        places=tuple(UUID(place) for place in plain_json(row[13])),
        informs=tuple(UUID(site) for site in plain_json(row[16])),
    )


def save_door_page(
    conn: Connection,
    key: PersonKey,
    organisation_id: UUID,
    case_id: UUID,
    page: tuple[str, Picture | None],
    at: datetime,
) -> None:
    """Write the first page that a guard may open for police: typed from the fields, and the masked picture beside it.

    Without a picture the one that lay there goes: it would be that of another order.
    """
    typed, picture = page
    sealed = key.seal_bytes(PAGES, "picture_sealed", case_id, picture.content) if picture else None
    conn.execute(
        """
        insert into registry_doorpage as d (id, organisation_id, case_id, typed_sealed, picture_sealed, picture_type,
            made_at) values (%s, %s, %s, %s, %s, %s, %s)
        on conflict (case_id) do update set typed_sealed = excluded.typed_sealed, made_at = excluded.made_at,
            picture_sealed = excluded.picture_sealed, picture_type = excluded.picture_type
        """,
        (
            case_id,
            organisation_id,
            case_id,
            key.seal(PAGES, "typed_sealed", case_id, typed),
            sealed,
            picture.media_type if picture else "",
            at,
        ),
    )


def delete_door_page(conn: Connection, case_id: UUID) -> None:
    """Forget the first page: no order of the case is valid any more."""
    conn.execute("delete from registry_doorpage where case_id = %s", (case_id,))


def has_door_page(conn: Connection, case_id: UUID) -> bool:
    """Return whether there is a first page for police; whoever stands at a door may know that there is one."""
    row = conn.execute("select tocsin_has_door_page(%s)", (case_id,)).fetchone()
    return bool(row and row[0])


def open_door_page(
    conn: Connection, ring: KeyRing, case_id: UUID
) -> tuple[str, str, bytes | None, datetime] | None:
    """Return what is typed, the picture's type and bytes, and when it was made; None: there is none.

    Row-level security shows it only to who has written down, a moment ago, that she opens it.
    """
    row = conn.execute(
        """
        select d.typed_sealed, d.picture_type, d.picture_sealed, d.made_at, k.wrapped
        from registry_doorpage d join registry_casekey k on k.case_id = d.case_id where d.case_id = %s
        """,
        (case_id,),
    ).fetchone()
    if row is None:
        return None
    key = ring.person_key(case_id, row[4])
    picture = key.open_bytes(PAGES, "picture_sealed", case_id, row[2]) if row[2] else None
    return key.open(PAGES, "typed_sealed", case_id, row[0]), row[1], picture, row[3]


def insert_house_rule(conn: Connection, key: PersonKey, rule: HouseRule) -> None:
    """Write a new house rule."""
    words = {"contest": rule.contest, "reason": rule.reason}
    conn.execute(
        """
        insert into registry_houserule (id, organisation_id, case_id, sites, owner_id, ground, notice, notice_due_at,
            contest_sealed, starts_at, ends_at, made_at, made_by_id)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            rule.id,
            rule.organisation_id,
            rule.case_id,
            Jsonb([str(site) for site in rule.sites]),
            rule.owner_id,
            rule.ground.value,
            rule.notice.value,
            rule.notice_due_at,
            seal_json(key, RULES, "contest_sealed", rule.id, words),
            rule.starts_at,
            rule.ends_at,
            rule.made_at,
            rule.made_by_id,
        ),
    )


def load_house_rules(conn: Connection, ring: KeyRing, case_id: UUID) -> tuple[HouseRule, ...]:
    """Return the house rules of a case, the newest last."""
    return load_house_rules_of(conn, ring, [case_id]).get(case_id, ())


def load_house_rules_of(
    conn: Connection, ring: KeyRing, case_ids: Iterable[UUID]
) -> dict[UUID, tuple[HouseRule, ...]]:
    """Return the house rules of several cases by case; a case without one is missing.

    One whose words cannot be opened is there, and says so: it stands as before.
    """
    rows = conn.execute(
        """
        select r.id, r.case_id, r.organisation_id, r.sites, r.owner_id, r.ground, r.notice, r.contest_sealed,
            r.starts_at, r.ends_at, r.made_at, r.made_by_id, r.notice_due_at, r.lift_asked_by_id, r.lifted_by_id,
            r.lifted_at, k.wrapped, r.lift_asked_at
        from registry_houserule r left join registry_casekey k on k.case_id = r.case_id
        where r.case_id = any(%s) order by r.made_at, r.id
        """,
        (list(case_ids),),
    )
    found: dict[UUID, tuple[HouseRule, ...]] = {}
    for row in rows.fetchall():
        rule = _rule(ring, row)
        found[rule.case_id] = (*found.get(rule.case_id, ()), rule)
    return found


def ask_to_lift(conn: Connection, rule_id: UUID, by: UUID, at: datetime) -> bool:
    """Return whether the rule stood and now waits for a second person to agree that it is lifted."""
    done = conn.execute(
        """update registry_houserule set lift_asked_by_id = %s, lift_asked_at = least(%s, clock_timestamp())
        where id = %s and lifted_at is null""",
        (by, at, rule_id),
    )
    return done.rowcount == 1


def lift(conn: Connection, rule_id: UUID, by: UUID, at: datetime) -> bool:
    """Return whether this person is the second to say so; the rule is lifted."""
    done = conn.execute(
        """
        update registry_houserule set lifted_by_id = %s, lifted_at = %s
        where id = %s and lift_asked_by_id is not null and lift_asked_by_id <> %s and lifted_at is null
        """,
        (by, at, rule_id, by),
    )
    return done.rowcount == 1


def mark_noticed(conn: Connection, rule_id: UUID) -> bool:
    """Return whether the respondent had not been told of the rule before; now he has."""
    done = conn.execute(
        "update registry_houserule set notice = 'given', notice_due_at = null where id = %s and notice <> 'given'",
        (rule_id,),
    )
    return done.rowcount == 1


def _rule(ring: KeyRing, row: Sequence[Any]) -> HouseRule:
    words = _words(ring, row)
    return HouseRule(
        id=row[0],
        case_id=row[1],
        organisation_id=row[2],
        sites=tuple(UUID(site) for site in plain_json(row[3])),
        owner_id=row[4],
        ground=Ground(row[5]),
        notice=Notice(row[6]),
        contest=words[0] if words else "",
        reason=words[1] if words else "",
        starts_at=row[8],
        ends_at=row[9],
        made_at=row[10],
        made_by_id=row[11],
        notice_due_at=row[12],
        lift_asked=wish_of(row[13], row[17]),
        lifted_by_id=row[14],
        lifted_at=row[15],
        is_closed=words is None,
    )


def _words(ring: KeyRing, row: Sequence[Any]) -> tuple[str, str] | None:
    """Return whom to write to and the reason; None: they cannot be opened, which takes no rule from the doors."""
    try:
        key = ring.person_key(row[1], row[16])
        words = open_json(key, RULES, "contest_sealed", row[0], row[7])
        return str(words["contest"]), str(words["reason"])
    except UNREADABLE as problem:
        # No trace: it may hold what could not be read.
        log.error("rule.unreadable", case_id=str(row[1]), problem=type(problem).__name__)  # noqa: TRY400
        return None
