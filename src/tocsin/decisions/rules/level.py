"""How urgent is what was seen, and who must hear of it first?

Pure. The level orders what people are asked to do; the ladder that follows from it is `sighting_policy` here, made from
the site's own. She is told first; nobody is asked to go towards him.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from tocsin.decisions.rules.incident import Kind
from tocsin.registry.rules.policy import MAX_SELECTORS, Policy, Step

CHECK_EVERYBODY_AFTER_S: Final = 20
CHECK_HERSELF_AFTER_S: Final = 60
INFORM_LEADS_AFTER_S: Final = 30
INFORM_AGAIN_AFTER_S: Final = 600


class Level(StrEnum):
    """From the loudest to the quietest."""

    NOW = "now"
    CHECK = "check"
    TELL = "tell"


def level_of(kind: Kind, *, is_confirmed: bool) -> Level:
    """Return how loud an incident of this kind is. A possible match is never quiet and never a fact (I14)."""
    if kind is Kind.INFORM:
        return Level.TELL
    return Level.NOW if is_confirmed else Level.CHECK


def sighting_policy(level: Level, base: Policy, posts: Iterable[UUID], *, has_her: bool) -> Policy:
    """Return the ladder of a sighting. `base`: the site's ladder for sightings, else its ladder for an SOS.

    NOW: she first, then the site's own ladder at once. CHECK: posts and the lead compare; unanswered, everybody on duty
    is asked, and after a minute she is told all the same: not compared is not safe. TELL: she first, once; posts and
    the lead, then the safety lead; again every ten minutes until somebody has taken it. `has_her`: she hears of it.
    """
    herself = (Step(offset_s=0, who=("herself",)),) if has_her else ()
    door = (*(f"post:{post}" for post in sorted(posts)), "shift_lead")[-MAX_SELECTORS:]
    if level is Level.NOW:
        # One step more than a saved ladder may have, rather than its last one less.
        return replace(base, kind="sighting", steps=(*herself, *base.steps))
    if level is Level.CHECK:
        later = tuple(replace(step, offset_s=CHECK_HERSELF_AFTER_S) for step in herself)
        everybody = Step(offset_s=CHECK_EVERYBODY_AFTER_S, who=("everyone_on_duty",))
        return replace(base, kind="sighting", steps=(Step(offset_s=0, who=door), everybody, *later))
    leads = Step(offset_s=INFORM_LEADS_AFTER_S, who=("role:safety_lead", "shift_lead"))
    return replace(
        base,
        kind="sighting",
        steps=(*herself, Step(offset_s=0, who=door), leads),
        repeat_after_s=INFORM_AGAIN_AFTER_S,
    )
