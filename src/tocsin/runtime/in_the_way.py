"""What stands in the way of a command that an operator typed: the database, the keys, the disk? In words, with what helps."""

from typing import Final

import psycopg

from tocsin.runtime.keys import KeyProblem

AS_WHOM: Final = (
    "Run it as the account of the service, whose .pgpass holds the passwords, with its settings"
)
DATABASE: Final = "the database does not let us ({}). {}, and after the tables are made (`tocsin migrate`); `tocsin doctor` says more."
KEYS: Final = "{} {}; `tocsin keys` makes what is missing."
# Not every error of the driver: what is wrong in our own SQL is to be seen as that.
AWAY: Final = (
    psycopg.OperationalError,
    psycopg.errors.UndefinedTable,
    psycopg.errors.InsufficientPrivilege,
)


def words(problem: Exception) -> str | None:
    """Return what to tell the operator; None for what is no trouble from outside but a fault of ours."""
    if isinstance(problem, AWAY):
        return DATABASE.format(str(problem).strip().partition("\n")[0], AS_WHOM)
    if isinstance(problem, KeyProblem):
        return KEYS.format(problem, AS_WHOM)
    return str(problem) if isinstance(problem, OSError) else None
