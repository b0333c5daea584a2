"""What holds where nobody has set up anything? A site without a policy still calls everybody, at once and again."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from tocsin.registry.rules.policy import Policy, Step

WATCHER_AFTER_S: Final = 10
EVERYBODY_AFTER_S: Final = 20


def usual_sos(site_id: UUID) -> Policy:
    """Return the policy of a site that has none: everybody on duty now, their leads after 30 s, again every 60 s."""
    return Policy(
        id=site_id,
        name="usual",
        kind="sos",
        steps=(
            Step(offset_s=0, who=("everyone_on_duty",)),
            Step(offset_s=30, who=("role:safety_lead", "manager", "everyone_on_duty")),
        ),
    )


def walk_before(sos: Policy) -> Policy:
    """Return the ladder of an overdue walk: hers first, 10 s later the watcher's, 20 s after the first everybody's.

    Both waits count from when she was asked. From there on it is the site's SOS policy, to its last step: a ladder made
    here may have two steps more than one that is saved, for the last ones are the last resort.
    """
    rest = tuple(replace(step, offset_s=step.offset_s + EVERYBODY_AFTER_S) for step in sos.steps)
    first = (Step(offset_s=0, who=("herself",)), Step(offset_s=WATCHER_AFTER_S, who=("watcher",)))
    return replace(sos, kind="walk", steps=(*first, *rest))
