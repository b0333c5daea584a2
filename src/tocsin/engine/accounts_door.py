"""How does a file of accounts come in? `tocsin accounts load FILE --case WORD [--organisation SLUG] [--day0 DATE]`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from tocsin.flow.load_accounts import AccountsRefused, Loaded, load_accounts
from tocsin.registry.store_calling import slugs
from tocsin.registry.store_cases import load_cases
from tocsin.runtime import keys, postgres, settings
from tocsin.runtime.clock import SystemClock
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.encryption import KeyRing

# A Saturday that is nobody's: where the file counts days and names no date, and neither does whoever loads it.
NO_DAY: Final = date(2000, 1, 1)


class NotFound(Exception):
    """What was named is not here; the message says what to name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Take in a file; returns 0, or 1 after saying what was wrong."""
    options = _parser().parse_args(arguments)
    config = settings.load()
    ring = KeyRing(keys.load(config.keys_dir).masters)
    try:
        raw = options.file.read_bytes()
        with postgres.running(config), connect(config, "engine") as conn, conn.transaction():
            case = find_case(conn, ring, options.organisation, options.case)
            loaded = load_accounts(
                conn,
                ring,
                *case,
                raw,
                day_0=options.day0 or NO_DAY,
                by=None,
                at=SystemClock().now(),
            )
    except (AccountsRefused, NotFound, LookupError, OSError) as problem:
        sys.stderr.write(f"tocsin accounts: {problem}\n")
        return 1
    sys.stdout.write(told(loaded))
    return 0


def told(loaded: Loaded) -> str:
    """Return what was taken in, in one sentence."""
    return (
        f"{loaded.accounts} accounts of {loaded.facts} facts by {loaded.sources} sources; {loaded.blanks} facts that "
        "nobody gives stay blank. Nothing was corrected: where they differ they stand side by side.\n"
    )


def find_case(conn: Connection, ring: KeyRing, slug: str | None, word: str) -> tuple[UUID, UUID]:
    """Return (organisation, case) of this word.

    Raises:
        NotFound: several employers and none named, no such employer, or no such case.
    """
    employers = {name: number for number, name in slugs(conn).items()}
    if slug is None and len(employers) != 1:
        message = "say which employer: --organisation SLUG"
        raise NotFound(message)
    organisation_id = next(iter(employers.values())) if slug is None else employers.get(slug)
    if organisation_id is None:
        message = f"there is no employer {slug}"
        raise NotFound(message)
    for case in load_cases(conn, ring, organisation_id):
        if case.word == word.upper():
            return organisation_id, case.id
    message = f"there is no open case {word}"
    raise NotFound(message)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tocsin accounts", description="Take in what sources say, side by side."
    )
    parser.add_argument("what", choices=["load"])
    parser.add_argument("file", type=Path, help="a TOML file, as examples/reference_case.toml")
    parser.add_argument("--case", required=True, help="the word of the case")
    parser.add_argument("--organisation", help="the employer's slug; needed when there are several")
    parser.add_argument("--day0", type=date.fromisoformat, help="the date of day 0, YYYY-MM-DD")
    return parser
