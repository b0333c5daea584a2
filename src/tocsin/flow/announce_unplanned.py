"""A roster cannot be followed: the duty lead and who answers for safety are told, once a week while it lasts (I21).

The site's page says which line it is. Without this only whoever opens that page would know that people are missing.
"""

from dataclasses import replace
from hashlib import blake2b
from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.announce_gaps import ANSWER_WITHIN_S, LEADS, for_leads
from tocsin.flow.decide import decide, entry
from tocsin.notifications.rules.calling import named
from tocsin.notifications.rules.due import UNPLANNED
from tocsin.notifications.rules.happenings import Opened
from tocsin.registry.rules.policy import select
from tocsin.registry.rules.usual import usual_sos
from tocsin.runtime.ids import Ids

LINES: Final = "lines"
WHOLE: Final = "whole"


def announce_unplanned(
    alarms: Alarms,
    organisation_id: UUID,
    site_id: UUID,
    why: tuple[str, str],
    *,
    ids: Ids,
    engine: str = "",
) -> Change | None:
    """Return the message to the leads, saved; None if it was said this week, or while there is no lead to tell.

    `why`: `LINES` (some are left out) or `WHOLE` (the shifts stay as they were), and a mark of what is wrong: something
    else that is wrong is said anew.
    """
    at, (because, mark) = alarms.now(), why
    digest = blake2b(mark.encode(), digest_size=4).hexdigest()
    key = f"roster-{site_id.hex[:12]}-{digest}-{at:%G%V}"
    if alarms.was_opened(organisation_id, key):
        return None
    facts = alarms.site_facts(organisation_id, [site_id], at).get(site_id)
    leads = select(LEADS, facts) if facts else ()
    if facts is None or not leads:
        return None
    asking = replace(usual_sos(site_id), name=UNPLANNED, steps=(LEADS,), deadline_s=ANSWER_WITHIN_S)
    incident = for_leads((organisation_id, site_id, key), asking, leads, at, ids)
    change = decide(incident, Opened(), facts, at, ids=ids, engine=engine)
    body = {"site": site_id, "because": because, "told": named(leads, facts)}
    said = entry(incident, "roster.unplanned", body, at, ids)
    change = replace(change, is_new=True, entries=(said, *change.entries))
    alarms.save([change])
    return change
