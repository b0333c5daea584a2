"""Who may have written a text from a number that her other side wrote down as hers, and must he learn nothing of it?"""

from uuid import UUID

from tocsin.decisions.rules.incident import ABOUT_NOBODY, Incident
from tocsin.flow.alarms import Alarms, Sender
from tocsin.notifications.rules.delivery import Delivery


def is_kept_from(alarms: Alarms, about: Delivery, sender: Sender) -> bool:
    """Return whether whoever may hold a doubted number must learn nothing of the incident that this message is about.

    Then its code counts for nothing: it may be his answer. Of any other incident it counts as ever. He sees there whether
    it does, and one that does not would tell him of an order (I11). Of a drill nobody is kept, nor is anybody kept from
    what is about nobody. True of an incident that is not known.
    """
    incident = alarms.incident(about.organisation_id, about.incident_id)
    return incident is None or is_hidden(alarms, incident, about.person_id, sender)


def is_hidden(alarms: Alarms, incident: Incident, her_id: UUID, sender: Sender) -> bool:
    """Return whether whoever may hold this doubted number of hers must learn nothing of this incident."""
    if incident.is_drill:
        return False
    out = alarms.parties(incident.organisation_id, incident.case_ids)
    if incident.kind not in ABOUT_NOBODY:
        out |= alarms.kept_out(incident.organisation_id, incident.person_id)
    return bool(out & _holders(alarms, incident, her_id, sender))


def _holders(alarms: Alarms, incident: Incident, her_id: UUID, sender: Sender) -> frozenset[UUID]:
    """Return who wrote the number down, or stood for it; where that is not known, everybody who is kept from her."""
    organisation_id, site_id = incident.organisation_id, incident.site_id
    facts = alarms.site_facts(organisation_id, [site_id], alarms.now(), {her_id}).get(site_id)
    her = facts.people.get(her_id) if facts else None
    ways = [way for way in her.contacts if way.id == sender.contact_id] if her else []
    found = {who for way in ways for who in (way.made_by_id, way.confirmed_by_id) if who}
    return frozenset(found) or alarms.kept_out(organisation_id, her_id)
