"""A file of what published or other sources say is taken in as accounts of a case: every version, blanks as blanks.

    AccountsRefused     the file is not in the form; says where

The form is that of `examples/reference_case.toml`: `[source.X]` with `what` and `heard` (a day, 0 the day of the event),
`[fact."name"]` with `is` and one line for each source that gives it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from tocsin.flow.keep_account import keep_account
from tocsin.record.rules.accounts import About, Account, refused
from tocsin.registry.store_cases import case_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing
from tocsin.runtime.ids import named_uuid

MAX_FILE_BYTES: Final = 512 * 1024
MAX_DAYS: Final = 36_500


class AccountsRefused(ValueError):
    """This file is not taken in; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file held. `disagreeing`: see the page; here only how much there is."""

    sources: int
    facts: int
    accounts: int
    blanks: int


def load_accounts(
    conn: Connection,
    ring: KeyRing,
    organisation_id: UUID,
    case_id: UUID,
    raw: bytes,
    *,
    day_0: date,
    by: UUID | None,
    at: datetime,
) -> Loaded:
    """Keep every account of a file about this case, all or none; the same file again adds nothing.

    Raises:
        AccountsRefused: too large, no TOML, or not in the form.
        LookupError: the case is unknown, erased, or not this viewer's to see.
    """
    key = case_key(conn, ring, case_id)
    found = read_accounts(raw, organisation_id, case_id, day_0=day_0, at=at)
    for account in found:
        problems = keep_account(conn, key, case_id, account, by=by, at=at)
        if problems:
            message = f"{account.fact}: {next(iter(problems.values()))}"
            raise AccountsRefused(message)
    given = [account for account in found if not account.is_blank]
    return Loaded(
        sources=len({account.source for account in given}),
        facts=len({account.fact for account in found}),
        accounts=len(given),
        blanks=len(found) - len(given),
    )


def read_accounts(
    raw: bytes, organisation_id: UUID, case_id: UUID, *, day_0: date, at: datetime
) -> tuple[Account, ...]:
    """Return the accounts that a file holds, in its order.

    Raises:
        AccountsRefused: as `load_accounts`.
    """
    if len(raw) > MAX_FILE_BYTES:
        message = f"a file of accounts has at most {MAX_FILE_BYTES // 1024} KB"
        raise AccountsRefused(message)
    try:
        data = tomllib.loads(raw.decode("utf-8"))
        sources = {
            letter: _source(letter, one, day_0, at) for letter, one in data["source"].items()
        }
        found: list[Account] = []
        for fact, one in data["fact"].items():
            given = {letter: str(one[letter]) for letter in one if letter != "is"}
            if not given.keys() <= sources.keys():
                message = f"{fact}: {sorted(given.keys() - sources.keys())[0]} is no source"
                raise AccountsRefused(message)
            for letter, words in given.items() or {"": ""}.items():
                source, heard_at = sources.get(letter, ("", at))
                found.append(
                    Account(
                        id=named_uuid(case_id, "account", case_id, fact, source, words),
                        organisation_id=organisation_id,
                        about=About.CASE,
                        about_id=case_id,
                        case_id=case_id,
                        fact=fact,
                        label=str(one["is"]),
                        source=source,
                        words=words,
                        heard_at=heard_at,
                        # The order of the file is the order in which they are kept.
                        kept_at=at + timedelta(microseconds=len(found)),
                    )
                )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as e:
        message = f"not in the form of a file of accounts: {e}"
        raise AccountsRefused(message) from e
    _check(found)
    return tuple(found)


def _source(letter: str, one: Mapping[str, Any], day_0: date, at: datetime) -> tuple[str, datetime]:
    """Return who says it and when that was heard: at noon of a day, or now if that day has not come to its noon."""
    days = one["heard"]
    if not isinstance(days, int) or isinstance(days, bool) or abs(days) > MAX_DAYS:
        message = f"source {letter}: heard is a whole number of days"
        raise AccountsRefused(message)
    heard = datetime.combine(day_0, time(12), UTC) + timedelta(days=days)
    # Somewhere it is tomorrow already.
    if heard.date() > at.date() + timedelta(days=1):
        message = f"source {letter}: heard on {heard.date()}, which lies ahead; what is the date of day 0 (--day0)?"
        raise AccountsRefused(message)
    return f"{letter}: {one['what']}", min(heard, at)


def _check(found: list[Account]) -> None:
    for account in found:
        problems = refused(account)
        if problems:
            message = f"{account.fact}: {next(iter(problems.values()))}"
            raise AccountsRefused(message)
