"""Who reads what the sources say? Of a case, who may read the case; of any other incident, a lead who may see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.notifications.access import may_see
from tocsin.record import store as record
from tocsin.record.rules.accounts import About, Account, Sheet, sheet
from tocsin.record.rules.entries import Entry
from tocsin.record.store_accounts import load_of_case, load_of_incident
from tocsin.registry.access import Hidden, Viewer
from tocsin.registry.access_cases import load_case_view
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey
from tocsin.runtime.ids import uuid7


@dataclass(frozen=True, slots=True)
class AccountsView:
    """The accounts about one thing, side by side. `key` seals what is kept next, under the name of `sealed_of`."""

    about: About
    about_id: UUID
    word: str
    case_id: UUID | None
    sealed_of: UUID
    key: PersonKey
    accounts: tuple[Account, ...]

    @property
    def sheet(self) -> Sheet:
        """Return facts as rows, sources as columns."""
        return sheet(self.accounts)


def load_accounts_view(
    conn: Connection, ring: KeyRing, viewer: Viewer, about: About, about_id: UUID, *, at: datetime
) -> AccountsView:
    """Return the accounts about a case or an incident, after writing down that the viewer reads them.

    Raises:
        Hidden: there is no such thing for this viewer.
        StepUp: as `load_case_view`.
    """
    if about is About.CASE:
        case = load_case_view(conn, ring, viewer, about_id, at=at, what="accounts")
        found = load_of_case(conn, case.key, about_id)
        return AccountsView(about, about_id, case.word, about_id, about_id, case.key, tuple(found))
    if about is About.INCIDENT:
        return _of_incident(conn, ring, viewer, about_id, at)
    raise Hidden


def _of_incident(
    conn: Connection, ring: KeyRing, viewer: Viewer, incident_id: UUID, at: datetime
) -> AccountsView:
    incident = incidents.load_incident(conn, viewer.organisation_id, incident_id, lock=False)
    if incident is None or not viewer.is_lead or not may_see(conn, viewer, [incident]):
        raise Hidden
    case_id = incident.case_ids[0] if incident.case_ids else None
    if case_id:
        key = load_case_view(conn, ring, viewer, case_id, at=at, what="accounts").key
    else:
        key = _key(conn, ring, incident.person_id)
        body = {"what": "accounts", "subject": incident_id}
        entry = Entry(
            uuid7(), viewer.organisation_id, at, "record.read", incident_id, viewer.person_id, body
        )
        record.append(conn, [entry])
    sealed_of = case_id or incident.person_id
    found = load_of_incident(conn, key, incident_id, sealed_of)
    return AccountsView(
        About.INCIDENT, incident_id, incident.word, case_id, sealed_of, key, tuple(found)
    )


def _key(conn: Connection, ring: KeyRing, person_id: UUID) -> PersonKey:
    try:
        return load_key(conn, ring, person_id)
    except LookupError as erased:
        raise Hidden from erased
