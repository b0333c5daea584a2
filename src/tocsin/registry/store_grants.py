"""Who may read a case, who is shut out, and who looked? Rows of grants, parties and looks.

Row-level security and the triggers of `runtime/firewall.py` decide what is taken; what they refuse is an
`psycopg.errors.InsufficientPrivilege`.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from tocsin.registry.rules.grants import Grant, GrantKind, Keeping, Look, Party, Wish, wish_of
from tocsin.registry.store_cases import case_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import uuid7

GRANTS: Final = "registry_grant"
MAX_SHOWN: Final = 200
# The database's clock has the last word on when a wish was made: it is what lets it lapse.
_NOW: Final = "least(%s, clock_timestamp())"
_GRANTS: Final = """
    select g.id, g.case_id, tocsin_case_word(g.case_id), g.person_id, g.kind, g.asked_at, g.asked_by_id, g.agreed_at,
        g.agreed_by_id, g.told_id, g.until_at, g.ended_at, g.reviewed_at, g.reason_sealed, k.wrapped
    from registry_grant g left join registry_casekey k on k.case_id = g.case_id
"""


def insert_grant(conn: Connection, ring: KeyRing, organisation_id: UUID, grant: Grant) -> None:
    """Write a grant that somebody asks for; its reason under the case's key. It ends when `until_at` says, or sooner.

    Raises:
        psycopg.errors.InsufficientPrivilege: the database lets nobody in this way.
        LookupError: the case was erased, or is none for this viewer.
    """
    key = case_key(conn, ring, grant.case_id)
    sealed = key.seal(GRANTS, "reason_sealed", grant.id, grant.reason) if grant.reason else None
    # The database's clock has the last word: one that is a moment behind ours must not refuse an hour.
    conn.execute(
        """
        insert into registry_grant (id, organisation_id, case_id, person_id, kind, reason_sealed, asked_at, asked_by_id,
            told_id, until_at)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, least(%s, clock_timestamp() + (%s - %s)))
        """,
        (
            grant.id,
            organisation_id,
            grant.case_id,
            grant.person_id,
            grant.kind,
            sealed,
            grant.asked_at,
            grant.asked_by_id,
            grant.told_id,
            grant.until_at,
            grant.until_at,
            grant.asked_at,
        ),
    )


def load_grants(
    conn: Connection, ring: KeyRing, organisation_id: UUID, *, case_id: UUID | None = None
) -> tuple[Grant, ...]:
    """Return the grants that this viewer may know of, the newest first; those of one case if it is named."""
    rows = conn.execute(
        _GRANTS
        + " where g.organisation_id = %s and (%s::uuid is null or g.case_id = %s) order by g.asked_at desc, g.id limit %s",
        (organisation_id, case_id, case_id, MAX_SHOWN),
    ).fetchall()
    return tuple(_grant(ring, row) for row in rows)


def _grant(ring: KeyRing, row: tuple[Any, ...]) -> Grant:
    reason = ""
    if row[13] and row[14]:
        key = ring.person_key(row[1], row[14])
        reason = key.open(GRANTS, "reason_sealed", row[0], row[13])
    return Grant(
        id=row[0],
        case_id=row[1],
        word=row[2] or "",
        person_id=row[3],
        kind=GrantKind(row[4]),
        asked_at=row[5],
        asked_by_id=row[6],
        agreed_at=row[7],
        agreed_by_id=row[8],
        told_id=row[9],
        until_at=row[10],
        ended_at=row[11],
        reviewed_at=row[12],
        reason=reason,
    )


def load_granted(conn: Connection, case_id: UUID, asked_by: UUID, at: datetime) -> frozenset[UUID]:
    """Return who reads this case by a grant, or has not answered yet when this person asked."""
    rows = conn.execute(
        """select person_id from registry_grant where case_id = %s and kind = 'granted'
        and ended_at is null and until_at > %s and (agreed_at is not null or asked_by_id = %s)""",
        (case_id, at, asked_by),
    )
    return frozenset(row[0] for row in rows.fetchall())


def find_grant(
    conn: Connection, ring: KeyRing, organisation_id: UUID, grant_id: UUID
) -> Grant | None:
    """Return one grant, locked, or None: unknown, or none of this viewer's business."""
    row = conn.execute(
        _GRANTS + " where g.organisation_id = %s and g.id = %s for update of g",
        (organisation_id, grant_id),
    ).fetchone()
    return _grant(ring, row) if row else None


def agree_to_grant(conn: Connection, grant_id: UUID, by_id: UUID, at: datetime) -> None:
    """Write that a second person agreed; the grant counts from now on."""
    conn.execute(
        "update registry_grant set agreed_at = %s, agreed_by_id = %s where id = %s",
        (at, by_id, grant_id),
    )


def end_grant(conn: Connection, grant_id: UUID, at: datetime) -> None:
    """Write that a grant is over."""
    conn.execute(
        "update registry_grant set ended_at = %s where id = %s and ended_at is null", (at, grant_id)
    )


def review_grant(conn: Connection, grant_id: UUID, by_id: UUID, at: datetime) -> None:
    """Write that somebody else has looked at why the glass was broken."""
    conn.execute(
        "update registry_grant set reviewed_at = %s, reviewed_by_id = %s where id = %s",
        (at, by_id, grant_id),
    )


def find_case(conn: Connection, word: str) -> UUID | None:
    """Return the case that this word names, or None: unknown, or the viewer is on its other side."""
    row = conn.execute("select tocsin_case_of_word(%s)", (word,)).fetchone()
    return row[0] if row else None


def case_word(conn: Connection, case_id: UUID) -> str:
    """Return what a case is called, "" if there is none for this viewer."""
    row = conn.execute("select tocsin_case_word(%s)", (case_id,)).fetchone()
    return (row[0] if row else None) or ""


def find_advocate(conn: Connection, case_id: UUID) -> UUID | None:
    """Return who is told when somebody is let into this case, if she named anybody."""
    row = conn.execute("select tocsin_advocate_of(%s)", (case_id,)).fetchone()
    return row[0] if row else None


def ask_advocate(conn: Connection, case_id: UUID, wish: Wish) -> None:
    """Write that somebody asks to put another person, or nobody, in the advocate's place."""
    conn.execute(
        f"""update registry_case set advocate_asked_id = %s, advocate_asked_by_id = %s, advocate_asked_at = {_NOW}
        where id = %s""",  # noqa: S608 - a constant
        (wish.value, wish.by_id, wish.at, case_id),
    )


def set_advocate(conn: Connection, case_id: UUID, person_id: UUID | None) -> None:
    """Write who is told when somebody is let into this case; the database wants a second person for another one."""
    conn.execute(
        """update registry_case set advocate_id = %s, advocate_asked_id = null, advocate_asked_by_id = null,
            advocate_asked_at = null where id = %s""",
        (person_id, case_id),
    )


def add_party(
    conn: Connection, organisation_id: UUID, case_id: UUID, person_id: UUID, at: datetime
) -> bool:
    """Return whether this person is shut out of the case from now on; False if he was already."""
    done = conn.execute(
        """
        insert into registry_party (id, organisation_id, case_id, person_id, since) values (%s, %s, %s, %s, %s)
        on conflict (organisation_id, case_id, person_id) where until is null do nothing
        """,
        (uuid7(), organisation_id, case_id, person_id, at),
    )
    return done.rowcount == 1


def load_parties(conn: Connection, case_id: UUID) -> tuple[Party, ...]:
    """Return who is shut out of a case now, whoever may read it asks."""
    rows = conn.execute(
        """
        select p.id, p.person_id, p.since, p.unlink_asked_by_id, p.unlink_asked_at,
            p.person_id is not distinct from c.colleague_id
        from registry_party p join registry_case c on c.id = p.case_id
        where p.case_id = %s and p.until is null order by p.since, p.id
        """,
        (case_id,),
    ).fetchall()
    return tuple(Party(row[0], row[1], row[2], wish_of(row[3], row[4]), row[5]) for row in rows)


def ask_unlink(conn: Connection, party_id: UUID, by_id: UUID, at: datetime) -> None:
    """Write that somebody asks to let this person in again."""
    conn.execute(
        f"update registry_party set unlink_asked_by_id = %s, unlink_asked_at = {_NOW} where id = %s",  # noqa: S608 - a constant
        (by_id, at, party_id),
    )


def unlink(conn: Connection, party_id: UUID, by_id: UUID, at: datetime) -> None:
    """Write that a second person agreed to let this one in again."""
    conn.execute(
        "update registry_party set until = %s, unlinked_by_id = %s where id = %s",
        (at, by_id, party_id),
    )


def load_keeping(conn: Connection, case_id: UUID) -> Keeping:
    """Return how long a case is kept, and whether it is on hold."""
    row = conn.execute(
        """select legal_hold_at, hold_lift_asked_by_id, hold_lift_asked_at, erase_on, erase_asked_on, erase_asked_by_id, erase_asked_at,
            advocate_asked_id, advocate_asked_by_id, advocate_asked_at from registry_case where id = %s""",
        (case_id,),
    ).fetchone()
    if row is None:
        return Keeping(None, None, None)
    erase, advocate = (Wish(*row[i : i + 3]) if row[i + 1] else None for i in (4, 7))
    return Keeping(row[0], wish_of(row[1], row[2]), row[3], erase, advocate)


def ask_lift(conn: Connection, case_id: UUID, by_id: UUID, at: datetime) -> None:
    """Write that somebody asks to take the legal hold away."""
    conn.execute(
        f"update registry_case set hold_lift_asked_by_id = %s, hold_lift_asked_at = {_NOW} where id = %s",  # noqa: S608 - a constant
        (by_id, at, case_id),
    )


def lift_hold(conn: Connection, case_id: UUID) -> None:
    """Take the legal hold away; the database wants a second person."""
    conn.execute("update registry_case set legal_hold_at = null where id = %s", (case_id,))
    conn.execute(
        "update registry_case set hold_lift_asked_by_id = null, hold_lift_asked_at = null where id = %s",
        (case_id,),
    )


def ask_erase_on(conn: Connection, case_id: UUID, wish: Wish) -> None:
    """Write that somebody asks to erase a case on a day."""
    conn.execute(
        f"update registry_case set erase_asked_on = %s, erase_asked_by_id = %s, erase_asked_at = {_NOW} where id = %s",  # noqa: S608 - a constant
        (wish.value, wish.by_id, wish.at, case_id),
    )


def set_erase_on(conn: Connection, case_id: UUID, day: date | None) -> None:
    """Write on which day a case is erased; the database wants a second person for a sooner one."""
    conn.execute(
        """update registry_case set erase_on = %s, erase_asked_on = null, erase_asked_by_id = null, erase_asked_at = null
        where id = %s""",
        (day, case_id),
    )


def load_looks(conn: Connection, case_id: UUID) -> tuple[Look, ...]:
    """Return who looked into a case, the newest first, at most `MAX_SHOWN`."""
    rows = conn.execute(
        """
        select r.person_id, r.read_at, r.what, r.why, r.grant_id from registry_reading r
        where r.case_id = %s order by r.read_at desc, r.id desc limit %s
        """,
        (case_id, MAX_SHOWN),
    ).fetchall()
    return tuple(Look(*row) for row in rows)


def set_notices(conn: Connection, case_id: UUID, since: datetime | None) -> None:
    """Write since when she wants no notice of who was told of her case; None: she wants them."""
    conn.execute("update registry_case set no_notices_at = %s where id = %s", (since, case_id))


def wants_notices(conn: Connection, case_id: UUID) -> bool:
    """Return whether she is sent notices of who was told of this case, as far as this viewer sees it."""
    row = conn.execute(
        "select no_notices_at from registry_case where id = %s", (case_id,)
    ).fetchone()
    return row is not None and row[0] is None


def site_of(conn: Connection, organisation_id: UUID, person_id: UUID) -> UUID | None:
    """Return where a person works, else the organisation's first site."""
    row = conn.execute(
        """
        select coalesce(site_id, (select id from registry_site where organisation_id = %s order by id limit 1))
        from registry_person where organisation_id = %s and id = %s
        """,
        (organisation_id, organisation_id, person_id),
    ).fetchone()
    return row[0] if row else None
