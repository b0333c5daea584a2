"""A person recorded where the respondent is held, with the source: the incidents of his case say "located" from now on."""

from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, facts_for
from tocsin.flow.sightings import Sightings
from tocsin.notifications.rules.happenings import Located
from tocsin.runtime.ids import Ids


def locate_respondent(
    alarms: Alarms,
    sightings: Sightings,
    organisation_id: UUID,
    case_id: UUID,
    *,
    by: UUID | None,
    source: str,
    ids: Ids,
    is_taken_back: bool = False,
) -> list[Change]:
    """Return what it has changed: *not located* ends in every incident of this case, also in those that are over.

    `is_taken_back`: the fact that said so was taken back, or another one says that he is out; incidents that are open
    say *not located* again. Only `follow_custody` calls this, after a person asked an official source (`custody.located`); no notice, no message
    and no silence does.
    """
    at = alarms.now()
    changes = []
    for incident in sightings.incidents_of(organisation_id, case_id):
        is_missing = case_id in incident.not_located
        if is_missing is is_taken_back or (is_taken_back and not incident.is_open):
            continue
        what = Located(by, case_id, source, is_taken_back)
        changes.append(decide(incident, what, facts_for(alarms, incident, at), at, ids=ids))
    alarms.save(changes)
    return changes
