"""Is this installation fit to be relied upon? `tocsin doctor` says, line by line, and what to do.

Each line is `ok`, `warning` (it works, but a person should know) or `wrong` (an SOS may be lost or
nobody called). The exit code is 1 if anything is wrong.

First the machine: disk, spool, keys, database, what runs, clock, gateways, mail. Then, of each site,
what the linters find in its roster and its policy for an SOS: too few on duty now or in the next
24 hours, a step that calls nobody, people without a verified way to be reached. How many and when
it says, never who: that stands on the site's page, for whom it is meant.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final
from zoneinfo import ZoneInfo

import psycopg

from tocsin.flow.plan_shifts import roster_findings
from tocsin.registry import store_calling as calling
from tocsin.registry import store_sites as sites
from tocsin.registry.access import workplace_of
from tocsin.registry.rules import policy_document
from tocsin.registry.rules.cover_check import AHEAD, judge_site
from tocsin.registry.rules.document import DocumentError
from tocsin.registry.rules.rows import ShiftRow, SiteRow
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime import health, postgres_home, settings
from tocsin.runtime.clock import WallClock
from tocsin.runtime.database import Connection, connect
from tocsin.runtime.finding import OK, WARNING, WRONG, Finding
from tocsin.runtime.settings import Settings

WHAT: Final = "cover"
SOS: Final = "sos"
# How far this machine's clock and the database's may be apart: asking takes time, too.
APART_S: Final = 2.0
# From here on the code of an authenticator app is another one.
FAR_APART_S: Final = 30.0
UNKNOWN: Final = "whether anybody would be called is unknown: the database does not say."


def main(_arguments: list[str]) -> int:
    """Print every finding; returns 1 if anything is wrong, else 0.

    Raises SettingError for a wrong setting.
    """
    config, is_wrong = settings.load(), False
    for finding in chain(health.examine(config), examine(config)):
        is_wrong = is_wrong or finding.state == WRONG
        sys.stdout.write(f"{finding.state:<8} {finding.what:<14} {finding.text}\n")
        sys.stdout.flush()
    return 1 if is_wrong else 0


def examine(config: Settings) -> Iterator[Finding]:
    """Yield what was found about every site; a database that is away or has no tables yet is said, and is no fault here."""
    is_embedded = not config.database_url
    if is_embedded and not postgres_home.is_running(postgres_home.base_folder(config) / "data"):
        yield Finding(WARNING, WHAT, UNKNOWN)
        return
    try:
        with connect(config, "engine") as conn, conn.transaction():
            row = conn.execute("select clock_timestamp()").fetchone()
            here = WallClock().now()
            found = [*judge_clocks(here, row[0]), *examine_sites(conn, row[0])] if row else []
    except psycopg.Error:
        found = [Finding(WARNING, WHAT, UNKNOWN)]
    yield from found


def judge_clocks(here: datetime, there: datetime) -> Iterator[Finding]:
    """Yield what is wrong if this machine's clock and the database's, read at one moment, are apart."""
    apart_s = abs((here - there).total_seconds())
    if apart_s < APART_S:
        return
    text = (
        f"this machine's and the database's are {apart_s:.0f} s apart: times on record contradict each other, codes and"
        " signatures are refused. Have a time service keep both."
    )
    yield Finding(WRONG if apart_s >= FAR_APART_S else WARNING, "clock", text)


def examine_sites(conn: Connection, at: datetime) -> Iterator[Finding]:
    """Yield what is to mend at every site of every organisation, one that is well in one line; `at` is aware UTC."""
    is_any = False
    for organisation_id, slug in sorted(calling.slugs(conn).items(), key=lambda one: one[1]):
        shifts = sites.load_shifts(conn, organisation_id, at, at + AHEAD)
        for site in sites.load_sites(conn, organisation_id):
            is_any = True
            own = [shift for shift in shifts if shift.site_id == site.id]
            for finding in _of_site(conn, site, own, at):
                yield replace(finding, text=f"{slug}, {site.name}: {finding.text}")
    if not is_any:
        yield Finding(WARNING, WHAT, "there is no site yet: an SOS would call nobody.")


def _of_site(
    conn: Connection, site: SiteRow, shifts: list[ShiftRow], at: datetime
) -> Iterator[Finding]:
    document = sites.load_policies(conn, site.id).get(SOS)
    try:
        policy = policy_document.from_dict(document) if document else usual_sos(site.id)
    except DocumentError:
        yield Finding(WRONG, WHAT, "its policy cannot be read: write it anew on the site's page.")
        return
    roster = [one for found in roster_findings(conn, site, at=at).values() for one in found]
    said = judge_site(
        policy,
        workplace_of(conn, site.organisation_id, site, shifts, at=at),
        roster,
        at=at,
        zone=ZoneInfo(site.time_zone),
    )
    for one in said:
        yield Finding(WRONG if one.is_wrong else WARNING, WHAT, f"{one.words}.")
    if not said:
        yield Finding(OK, WHAT, "covered now and for the next 24 hours.")
