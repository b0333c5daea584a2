"""What may this viewer see or change of the registry?

    Hidden      there is nothing here for this viewer: unknown, forbidden, another organisation's

Pages come in here only. Every function takes the viewer first (after the connection); row-level security has
been set to the viewer's organisation before (`runtime/database.py`), so a forgotten check shows nothing of others.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tocsin.runtime.database import Connection, set_viewer

REVOKED_CHANNEL: Final = "tocsin_revoked"
LIVE_CHANNEL: Final = "tocsin_live"
ROLES: Final = (
    "responder",
    "guard",
    "call_taker",
    "shift_lead",
    "safety_lead",
    "manager",
    "admin",
)
SUPERVISORS: Final = frozenset({"shift_lead", "safety_lead", "manager", "admin"})
LEADS: Final = frozenset({"shift_lead", "safety_lead", "admin"})
ADMINISTRATORS: Final = frozenset({"safety_lead", "admin"})


class Hidden(Exception):  # noqa: N818 - a refusal, not a defect
    """There is nothing here for this viewer; the same answer for unknown, forbidden and elsewhere."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person who looks or acts, of one organisation. `account_id` is None for a device or a link."""

    organisation_id: UUID
    person_id: UUID
    role: str
    account_id: UUID | None = None
    language: str = "en"

    @property
    def is_supervisor(self) -> bool:
        """Return whether this viewer enrols and revokes the phones of others."""
        return self.role in SUPERVISORS

    @property
    def is_lead(self) -> bool:
        """Return whether this viewer starts drills and sees what nobody could verify."""
        return self.role in LEADS

    @property
    def is_administrator(self) -> bool:
        """Return whether this viewer changes the registry: people, sites, rosters, policies."""
        return self.role in ADMINISTRATORS


def find_viewer(conn: Connection, account_id: UUID) -> Viewer | None:
    """Return whom an account signs in, or None if it or its person is inactive.

    Sets the viewer of the open transaction: row-level security shows her organisation from here on.
    """
    account = conn.execute(
        "select organisation_id, person_id from registry_account where id = %s and is_active",
        (account_id,),
    ).fetchone()
    if account is None:
        return None
    organisation_id, person_id = account
    set_viewer(conn, organisation_id, person_id)
    person = conn.execute(
        "select role, language from registry_person where id = %s and is_active", (person_id,)
    ).fetchone()
    return Viewer(organisation_id, person_id, person[0], account_id, person[1]) if person else None
