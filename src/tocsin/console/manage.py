"""How does the database get its tables? `python -m tocsin.console.manage migrate`, as the owner.

Also `makemigrations` and `check`, for developers. Waits for the database, so that it can be started with it.
"""

import sys
import time
from typing import Final

import psycopg
from django.core.management import call_command

from tocsin.console import django_settings
from tocsin.runtime import keys
from tocsin.runtime import settings as runtime_settings
from tocsin.runtime.database import connect
from tocsin.runtime.settings import Settings

WAIT_S: Final = 60
COMMANDS: Final = ("migrate", "makemigrations", "check", "sqlmigrate", "showmigrations")


def migrate(settings: Settings) -> None:
    """Bring the tables up to date as `tocsin_owner`, and let `tocsin_web` use those of the framework.

    Raises:
        psycopg.OperationalError: the database did not come within a minute.
    """
    wait_for_database(settings)
    django_settings.configure(settings, "owner")
    call_command("migrate", interactive=False, verbosity=0)
    grant_framework_tables(settings)


def grant_framework_tables(settings: Settings) -> None:
    """Let `tocsin_web` use the tables of the framework that exist; the engine has no business there."""
    with connect(settings, "owner") as conn:
        rows = conn.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename = any(%s)",
            (list(django_settings.FRAMEWORK_TABLES),),
        )
        for (table,) in rows.fetchall():
            name = psycopg.sql.Identifier(table)
            conn.execute(
                psycopg.sql.SQL("grant select, insert, update, delete on {} to tocsin_web").format(
                    name
                )
            )


def wait_for_database(settings: Settings, *, timeout_s: float = WAIT_S) -> None:
    """Return when the owner can connect.

    Raises:
        psycopg.OperationalError: it could not within `timeout_s`.
    """
    until = time.monotonic() + timeout_s
    while True:
        try:
            connect(settings, "owner").close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def main(arguments: list[str]) -> int:
    """Run one command and return the exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        sys.stderr.write(f"Usage: python -m tocsin.console.manage {'|'.join(COMMANDS)}\n")
        return 2
    settings = runtime_settings.load()
    keys.ensure(settings.keys_dir)
    if arguments == ["migrate"]:
        migrate(settings)
        return 0
    wait_for_database(settings)
    django_settings.configure(settings, "owner")
    call_command(*arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
