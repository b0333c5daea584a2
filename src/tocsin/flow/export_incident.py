"""A lead reads the time line of an incident, or what each source says about it: that is on record first."""

from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from tocsin.decisions import store as incidents
from tocsin.decisions.rules.incident import Kind
from tocsin.notifications.access import may_see
from tocsin.notifications.access_accounts import load_accounts_view
from tocsin.record import store as record
from tocsin.record.rules.accounts import About, exported
from tocsin.record.rules.entries import entry_of
from tocsin.record.rules.timeline import Reader, ids_in, timeline
from tocsin.registry import store as registry
from tocsin.registry.access import Hidden, Viewer, note
from tocsin.registry.store_people import load_key
from tocsin.runtime.database import Connection
from tocsin.runtime.encryption import DecryptionRefused, KeyRing


def tell_incident(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    incident_id: UUID,
    *,
    zone: tzinfo,
    at: datetime,
) -> str:
    """Return the incident's time line as text, names and sealed words opened for this lead.

    One with a case is read by who may read that case, on its own pages.

    Raises:
        Hidden: no such incident for this viewer, or she is no lead, or it has a case.
    """
    incident = incidents.load_incident(conn, viewer.organisation_id, incident_id, lock=False)
    if incident is None or incident.case_ids or not viewer.is_lead:
        raise Hidden
    if not may_see(conn, viewer, [incident]):
        raise Hidden
    # Before anything is read (I19).
    note(conn, viewer, "record.read", {"what": "incident"}, at=at, incident_id=incident_id)
    lines = record.entries_of_incident(conn, viewer.organisation_id, incident_id)
    entries = [entry_of(line.leaf) for line in lines]
    names = registry.load_short_names(conn, ring, ids_in(entries))
    if incident.kind is Kind.LOOK:
        # Whose way it is, who is to look need not know.
        names.pop(incident.person_id, None)

    def unseal(entry_id: UUID, field: str, person_id: UUID, ciphertext: bytes) -> str | None:
        try:
            return load_key(conn, ring, person_id).open("record_entry", field, entry_id, ciphertext)
        except (LookupError, DecryptionRefused):
            return None

    return timeline(entries, Reader(zone, names.get, unseal, shows_duress=True))


def export_accounts(
    conn: Connection,
    ring: KeyRing,
    viewer: Viewer,
    about: About,
    about_id: UUID,
    *,
    at: datetime,
    case_id: UUID | None = None,
) -> dict[str, Any]:
    """Return what each source says about it, every version beside the others, as JSON-able values.

    `case_id`: as for `load_accounts_view`.

    Raises:
        Hidden, StepUp: as `load_accounts_view`.
    """
    view = load_accounts_view(conn, ring, viewer, about, about_id, at=at, case_id=case_id)
    body = {
        "what": "accounts",
        "count": len(view.accounts),
        "subject": view.case_id or about_id,
    }
    # Of a case it lies in that case's log, as the look at it does; the incident may have begun in the employer's.
    incident_id = about_id if about is About.INCIDENT and not view.case_id else None
    note(conn, viewer, "record.exported", body, at=at, incident_id=incident_id)
    return exported(view.sheet, about, about_id, at)
