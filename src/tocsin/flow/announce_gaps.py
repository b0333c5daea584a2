"""Too few people will be on duty: said to the duty lead before it is needed (I21)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Incident, Kind
from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, entry
from tocsin.notifications.rules.calling import named
from tocsin.notifications.rules.happenings import Opened
from tocsin.record.rules.entries import Entry
from tocsin.registry.rules.contacts import Recipient
from tocsin.registry.rules.duty import Gap
from tocsin.registry.rules.policy import Policy, Step, select
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids

AHEAD: Final = timedelta(hours=12)
LEADS: Final = Step(offset_s=0, who=("shift_lead", "role:safety_lead", "role:manager"))
ANSWER_WITHIN_S: Final = 600


def announce_gap(
    alarms: Alarms, organisation_id: UUID, site_id: UUID, gap: Gap, *, ids: Ids, engine: str = ""
) -> Change | None:
    """Return the announcement of one gap to the leads who are on duty or hold the role; None if it was announced.

    None also while there is no lead to tell: it is tried again, and the board shows the gap in any case.
    """
    at = alarms.now()
    key = f"gap-{site_id.hex[:12]}-{gap.starts_at:%Y%m%dT%H%M}"
    if alarms.was_opened(organisation_id, key):
        return None
    policy = alarms.policies(organisation_id, [site_id], "sos").get(site_id) or usual_sos(site_id)
    facts = alarms.site_facts(organisation_id, [site_id], at)[site_id]
    leads = select(LEADS, facts)
    if not leads:
        return None
    asking = replace(policy, steps=(LEADS,), deadline_s=ANSWER_WITHIN_S)
    incident = for_leads((organisation_id, site_id, key), asking, leads, at, ids)
    change = decide(incident, Opened(), facts, at, ids=ids, engine=engine)
    said = _said(incident, gap, policy, named(leads, facts), at, ids)
    change = replace(change, is_new=True, entries=(said, *change.entries))
    alarms.save([change])
    return change


def for_leads(
    where: tuple[UUID, UUID, str],
    asking: Policy,
    leads: tuple[Recipient, ...],
    at: datetime,
    ids: Ids,
) -> Incident:
    """Return what tells these leads of a site, once: `where` ends with the key under which it was said."""
    organisation_id, site_id, key = where
    return Incident(
        id=ids.uuid(),
        organisation_id=organisation_id,
        site_id=site_id,
        person_id=leads[0].person_id,
        word=ids.word(),
        kind=Kind.GAP,
        is_drill=False,
        key=key,
        opened_at=at,
        policy=asking,
        ladder_from=at,
        last_raised_at=at,
    )


def _said(
    incident: Incident,
    gap: Gap,
    policy: Policy,
    told: list[UUID],
    at: datetime,
    ids: Ids,
) -> Entry:
    body = {
        "site": incident.site_id,
        "from_at": gap.starts_at,
        "to_at": gap.ends_at,
        "have": gap.have,
        "need": policy.required_proven,
        "told": told,
    }
    return entry(incident, "gap.announced", body, at, ids)
