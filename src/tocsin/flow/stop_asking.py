"""What if memory asked about a walk that a page had ended? Then nobody need look for her: it is over, and they hear so."""

from typing import Final
from uuid import UUID

from tocsin.flow.alarms import Alarms, Change
from tocsin.flow.decide import decide, facts_for
from tocsin.notifications.rules.happenings import StoodDown
from tocsin.runtime.ids import Ids
from tocsin.signals.rules.walk import CONFIRMED

SEEN_TO_LEAVE: Final = "the watcher saw her leave"


def stop_asking(
    alarms: Alarms, organisation_id: UUID, walk_id: UUID, *, ids: Ids, engine: str = ""
) -> Change | None:
    """Return the incident closed that only asks about a walk which the watcher has ended; None if none does.

    One with a press in it goes on. The walk is taken before the incident, as where it is ended: no deadlock.
    """
    at = alarms.now()
    walk = alarms.walk(organisation_id, walk_id)
    # Only this says that somebody saw her: her own code may have been the one of duress.
    if walk is None or walk.ended_how != CONFIRMED:
        return None
    running = alarms.open_incidents([(organisation_id, walk.person_id)]).get(walk.person_id)
    if running is None or running.walk_id != walk.id or not running.is_only_a_walk:
        return None
    what = StoodDown(SEEN_TO_LEAVE)
    change = decide(running, what, facts_for(alarms, running, at), at, ids=ids, engine=engine)
    alarms.save([change])
    return change
