"""Who reads what the sources say? Of a case and its people, who may read the case; of any other incident, a lead who may see it.

What is said about a person lies in a case, under its key, and has no page outside of it: of everybody's page without one, the
lines would vanish for whoever is shut out, and tell him that there is a case.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.decisions.rules.incident import Incident
from tocsin.notifications.access import may_see
from tocsin.record.rules.accounts import About, Account, Sheet, sheet
from tocsin.record.store_accounts import load_of_case, load_of_incident, load_of_person
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.access_cases import CaseView, load_case_view
from tocsin.registry.store import load_short_names
from tocsin.registry.store_grants import load_parties
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import KeyRing, PersonKey


@dataclass(frozen=True, slots=True)
class AccountsView:
    """The accounts about one thing, side by side. `key` seals what is kept next, under the name of `sealed_of`.

    `person`: whom they are about, by the short name, "" for a case or an incident. `people`: of a case, those who have a sheet.
    """

    about: About
    about_id: UUID
    word: str
    case_id: UUID | None
    sealed_of: UUID
    key: PersonKey
    accounts: tuple[Account, ...]
    person: str = ""
    people: tuple[tuple[UUID, str], ...] = ()

    @property
    def sheet(self) -> Sheet:
        """Return facts as rows, sources as columns."""
        return sheet(self.accounts)


def load_accounts_view(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    about: About,
    about_id: UUID,
    *,
    at: datetime,
    case_id: UUID | None = None,
) -> AccountsView:
    """Return the accounts about a case, an incident or a person, after writing down that the viewer reads them.

    `case_id`: for a person, the case in which they are kept; nobody is read about without one.

    Raises:
        Hidden: there is no such thing for this viewer.
        StepUp: as `load_case_view`.
    """
    if about is About.INCIDENT:
        return _of_incident(conn, ring, viewer, about_id, at)
    of_case = about_id if about is About.CASE else case_id
    if of_case is None:
        raise Hidden
    case = load_case_view(conn, ring, viewer, of_case, at=at, what="accounts")
    people = _people(conn, ring, case)
    if about is About.PERSON and about_id not in people:
        raise Hidden
    found = (
        load_of_case(conn, case.key, of_case)
        if about is About.CASE
        else load_of_person(conn, case.key, of_case, about_id)
    )
    return AccountsView(
        about=about,
        about_id=about_id,
        word=case.word,
        case_id=of_case,
        sealed_of=of_case,
        key=case.key,
        accounts=tuple(found),
        person=people[about_id] if about is About.PERSON else "",
        people=tuple(people.items()) if about is About.CASE else (),
    )


def _people(conn: Connection, ring: KeyRing, case: CaseView) -> dict[UUID, str]:
    """Return those of a case who work here, by the short name: whom it protects, the respondent, who is shut out."""
    parties = [party.person_id for party in load_parties(conn, case.case_id)]
    known = [one for one in (case.protected_id, case.colleague_id, *parties) if one]
    names = load_short_names(conn, ring, known)
    return {one: names[one] for one in known if one in names}


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
        note(conn, viewer, "record.read", body, at=at, incident_id=incident_id)
    sealed_of = case_id or incident.person_id
    found = load_of_incident(conn, key, incident_id, sealed_of)
    if case_id:
        found += _before_it_was_his(conn, ring, incident)
    return AccountsView(
        About.INCIDENT, incident_id, incident.word, case_id, sealed_of, key, tuple(found)
    )


def _before_it_was_his(conn: Connection, ring: KeyRing, incident: Incident) -> list[Account]:
    """Return what was kept while nobody had seen him: it lies under the key of who pressed, and stands beside the rest."""
    try:
        key = load_key(conn, ring, incident.person_id)
    except LookupError:
        return []
    return load_of_incident(conn, key, incident.id, incident.person_id)


def _key(conn: Connection, ring: KeyRing, person_id: UUID) -> PersonKey:
    try:
        return load_key(conn, ring, person_id)
    except LookupError as erased:
        raise Hidden from erased
