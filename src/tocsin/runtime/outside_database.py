"""Can the outside PostgreSQL be used? Its version, its roles, the statements that make them.

Run as a program it says so with its exit code; the supervisor
asks before it migrates.
"""

import sys
from dataclasses import dataclass
from typing import Final

import psycopg

from tocsin.runtime import settings
from tocsin.runtime.database import link
from tocsin.runtime.postgres import database_url
from tocsin.runtime.postgres_make import DATABASE, OLDEST_MAJOR, ROLES
from tocsin.runtime.settings import Settings

CREATE_ROLE: Final = "CREATE ROLE {} LOGIN PASSWORD '...' NOSUPERUSER NOBYPASSRLS;"
STATEMENTS: Final = (
    *(CREATE_ROLE.format(role) for role in ROLES),
    f"CREATE DATABASE {DATABASE} OWNER tocsin_owner;",
)
NEW_DATABASE: Final = f"A new database needs, from its administrator: {' '.join(STATEMENTS)}"
NO_ROLE: Final = (
    "nobody gets in: see that the server runs and can be reached at the address in TOCSIN_DATABASE_URL, and that .pgpass is"
    f" that of this account. {NEW_DATABASE}"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one role."""

    role: str
    version: int
    is_superuser: bool
    bypasses_row_security: bool
    may_create: bool


def problems(config: Settings) -> list[str]:
    """Return what keeps this database from being used, in words, each with what would help."""
    found, away = [], []
    for role in ROLES:
        try:
            found += _problems_of(ask(config, role))
        except psycopg.OperationalError as problem:
            away.append(role)
            found.append(f"{role} cannot connect: {first_line(problem)}.")
    if len(away) == len(ROLES):
        # Nobody is to ask in whose name; a server that hangs is not asked once more.
        return [*found, NO_ROLE]
    return found + [what_helps(config, role) for role in away]


def what_helps(config: Settings, role: str) -> str:
    """Return what an administrator of the server does so that `role` can connect, as another role finds it."""
    for other in ROLES:
        try:
            database, is_there = _look_for(config, other, role)
        except psycopg.OperationalError:
            continue
        connect = f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};"
        if is_there:
            return (
                f"{role} is there: let it in (its password in .pgpass, a line in pg_hba.conf) and, as the server's"
                f" administrator: {connect}"
            )
        return (
            f"{role} is not there. As the server's administrator: {CREATE_ROLE.format(role)} {connect} Then put its"
            " password beside the others' (.pgpass) and run `tocsin migrate`, which gives it its rights."
        )
    return NEW_DATABASE


def _look_for(config: Settings, other: str, role: str) -> tuple[str, bool]:
    with psycopg.connect(**link(database_url(config, other))) as connection:
        row = connection.execute(
            "SELECT quote_ident(current_database()), exists (SELECT FROM pg_roles WHERE rolname = %s)",
            (role,),
        ).fetchone()
        return row or ("", False)


def first_line(problem: psycopg.OperationalError) -> str:
    """Return what the driver said, without its advice, which runs over several lines."""
    return str(problem).strip().partition("\n")[0].rstrip(".")


def ask(config: Settings, role: str) -> Answer:
    """Return what the server says to `role`.

    Raises psycopg.OperationalError when it cannot be reached.
    """
    url = database_url(config, role)
    with psycopg.connect(**link(url)) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, has_database_privilege(current_database(), 'CREATE')"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        is_superuser, bypasses, may_create = row or (False, False, False)
        return Answer(role, connection.info.server_version, is_superuser, bypasses, may_create)


def organisations(config: Settings) -> frozenset[str]:
    """Return the short names of the organisations of this database, outside or embedded.

    Raises:
        psycopg.Error: it cannot be reached, or has no tables yet.
    """
    url = database_url(config, "engine")
    with psycopg.connect(**link(url)) as connection:
        rows = connection.execute("SELECT slug FROM registry_organisation").fetchall()
        return frozenset(slug for (slug,) in rows)


def _problems_of(answer: Answer) -> list[str]:
    found = []
    if answer.version < OLDEST_MAJOR * 10_000:
        found.append(
            f"the server is PostgreSQL {answer.version // 10_000}; {OLDEST_MAJOR} or newer is "
            "needed."
        )
    if answer.is_superuser or answer.bypasses_row_security:
        found.append(
            f"{answer.role} passes over row-level security: "
            f"ALTER ROLE {answer.role} NOSUPERUSER NOBYPASSRLS;"
        )
    if answer.role == "tocsin_owner" and not answer.may_create:
        found.append(
            "tocsin_owner may not make tables: GRANT CREATE ON DATABASE ... TO tocsin_owner;"
        )
    return found


def main() -> int:
    """Return 0 if the database of this installation can be used, else 1 after saying why not."""
    found = problems(settings.load())
    sys.stderr.writelines(line + "\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
