"""Who may sign in as whom? Rows of sign-ins, and the sessions that are open."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from tocsin.registry.rules.rows import AccountRow
from tocsin.runtime.database import Connection
from tocsin.runtime.ids import secret, uuid7

# Who is kept from her is answered that he is no other side: what he has confirmed is so on his screens.
NOBODY_STANDS: Final = """(a.confirmed_by_id is null
                or tocsin_made_by_other_side(a.person_id, a.confirmed_by_id))"""
# Hers, or that of somebody who reads a case of which its maker is a party.
WAITS: Final = f"""((tocsin_made_by_other_side(a.person_id, a.made_by_id) and {NOBODY_STANDS})
                or tocsin_reader_waits(a.person_id))"""


def has_other(
    conn: Connection, organisation_id: UUID, roles: Collection[str], person_id: UUID
) -> bool:
    """Return whether anybody but this person works here in one of these roles, and can sign in."""
    row = conn.execute(
        """select 1 from registry_person_shown p join registry_account a on a.person_id = p.id and a.is_active
            where p.organisation_id = %s and p.is_active and p.role = any(%s) and p.id <> %s limit 1""",
        (organisation_id, list(roles), person_id),
    ).fetchone()
    return row is not None


def find_active_account(conn: Connection, account_id: UUID) -> tuple[UUID, UUID] | None:
    """Return (organisation, person) of a sign-in that is active, or None; before a viewer is known."""
    row: tuple[UUID, UUID] | None = conn.execute(
        "select organisation_id, person_id from registry_account where id = %s and is_active and not in_vain",
        (account_id,),
    ).fetchone()
    return row


def find_login(conn: Connection, login: str) -> tuple[UUID, UUID, UUID] | None:
    """Return (account, organisation, person) of an active sign-in by its login; before a viewer is known."""
    row: tuple[UUID, UUID, UUID] | None = conn.execute(
        "select id, organisation_id, person_id from registry_account where login = %s and is_active",
        (login,),
    ).fetchone()
    return row


def find_account(conn: Connection, person_id: UUID) -> AccountRow | None:
    """Return her sign-in, or None. One that was made in vain and ended stands for whoever is kept from her."""
    row = conn.execute(
        f"""
        select a.id, a.login,
            a.is_active or (a.in_vain and coalesce(tocsin_is_kept_from(a.person_id), false)),
            exists (select 1 from mfa_authenticator m where m.user_id = a.id and m.type = 'totp'),
            a.in_vain and not coalesce(tocsin_is_kept_from(a.person_id), false),
            {WAITS},
            a.is_maker_unknown and {NOBODY_STANDS}
        from registry_account a where a.person_id = %s
        """,  # noqa: S608 - a constant of this file
        (person_id,),
    ).fetchone()
    return AccountRow(*row) if row else None


def insert_account(
    conn: Connection,
    organisation_id: UUID,
    person_id: UUID,
    login: str,
    password_hash: str,
    *,
    in_vain: bool = False,
) -> UUID:
    """Write a sign-in with a hashed password and return its id.

    `in_vain`: somebody who is kept from her chose the password, so that no password fits (a hash that begins with `!`).

    Raises:
        psycopg.errors.UniqueViolation: the login is taken on this installation, or she has one already.
    """
    account_id = uuid7()
    conn.execute(
        """
        insert into registry_account (id, organisation_id, person_id, login, password, is_active, in_vain)
        values (%s, %s, %s, %s, %s, true, %s)
        """,
        (
            account_id,
            organisation_id,
            person_id,
            login,
            f"!{secret()}" if in_vain else password_hash,
            in_vain,
        ),
    )
    return account_id


def reset_account(conn: Connection, account_id: UUID, password_hash: str) -> None:
    """Write a new password; the second factor and its recovery codes are set up anew at the next sign-in."""
    conn.execute(
        """update registry_account set password = %s, is_active = is_active or in_vain, in_vain = false,
            made_by_id = tocsin_viewer(), confirmed_by_id = null
        where id = %s""",
        (password_hash, account_id),
    )
    conn.execute("delete from mfa_authenticator where user_id = %s", (account_id,))


def load_doubted(conn: Connection, organisation_id: UUID) -> frozenset[UUID]:
    """Return whose sign-in waits to be confirmed, of those about whom the viewer may know it."""
    rows = conn.execute(
        f"""
        select a.person_id from registry_account a where a.organisation_id = %s and a.is_active and not a.in_vain
            and {WAITS}
        """,  # noqa: S608 - a constant of this file
        (organisation_id,),
    )
    return frozenset(row[0] for row in rows)


def confirm_account(conn: Connection, person_id: UUID, by_id: UUID) -> UUID | None:
    """Return the id of her sign-in if it waited for somebody to stand for it, as the viewer may know; now he does.

    Raises:
        psycopg.errors.InsufficientPrivilege: the viewer is no safety lead, or it is his own.
    """
    row = conn.execute(
        f"""
        update registry_account a set confirmed_by_id = %s where a.person_id = %s
            and ((a.is_maker_unknown and {NOBODY_STANDS}) or {WAITS}) returning a.id
        """,  # noqa: S608 - a constant of this file
        (by_id, person_id),
    ).fetchone()
    return row[0] if row else None


def end_in_vain(conn: Connection, account_id: UUID) -> None:
    """End a sign-in that was made in vain; there is no session of it."""
    conn.execute(
        "update registry_account set is_active = false where id = %s and in_vain", (account_id,)
    )


def end_sessions(conn: Connection, person_id: UUID) -> int:
    """Delete every session of a person and return how many; the caller announces it after the commit."""
    done = conn.execute(
        """
        with ended as (
            delete from usersessions_usersession u using registry_account a
            where a.id = u.user_id and a.person_id = %s returning u.session_key
        )
        delete from django_session s using ended where s.session_key = ended.session_key
        """,
        (person_id,),
    )
    return done.rowcount
