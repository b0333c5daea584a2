"""Does the employer's own exclusion stand at this instant, at this site, and what decided that?

A house rule is no court's order and no secret list: it has an owner, a ground, a notice to the respondent (or a
reasoned, time-limited delay of it), a contact to contest it, and an end within 90 days. Lifting it needs two people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from tocsin.registry.rules.grants import Wish
from tocsin.registry.rules.order import Because, Evidence, Verdict

MAX_LASTS: Final = timedelta(days=90)
MAX_DELAY: Final = timedelta(days=14)
LEADS_AFTER: Final = timedelta(days=1)


class Ground(StrEnum):
    """Why there is a house rule, as a code; the words are in the case."""

    ORDER = "order"
    THREAT = "threat"
    INCIDENT = "incident"
    ACCESS_WITHDRAWN = "access_withdrawn"
    TRESPASS = "trespass"
    SAFETY_PLAN = "safety_plan"


class Notice(StrEnum):
    """Whether the respondent was told of the house rule."""

    GIVEN = "given"
    TO_BE_GIVEN = "to_be_given"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRule:
    """The employer's own exclusion. `sites` empty: everywhere. `contest`: whom to write to, in words.

    `notice_due_at`: by when the notice is given that is not given yet. `lift_asked`: that it is lifted; it stands
    until a second person (`lifted_by_id`) agrees. `is_closed`: its words, contact and reason, cannot be opened; when and
    where it stands needs no key, so it stands as before.
    """

    id: UUID
    case_id: UUID
    organisation_id: UUID
    sites: tuple[UUID, ...]
    owner_id: UUID
    ground: Ground
    notice: Notice
    contest: str
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    made_by_id: UUID
    notice_due_at: datetime | None = None
    reason: str = ""
    lift_asked: Wish | None = None
    lifted_by_id: UUID | None = None
    lifted_at: datetime | None = None
    is_closed: bool = False


class LateNotice(StrEnum):
    """Who is to be told that the respondent has not been told."""

    OWNER = "owner"
    LEADS = "leads"


def late_notice(
    due_at: datetime, at: datetime, *, owner_told: bool, leads_told: bool
) -> LateNotice | None:
    """Return whom to tell at `at` of a notice that is still to be given: its owner once, after a day the leads once."""
    if at < due_at:
        return None
    if at >= due_at + LEADS_AFTER and not leads_told:
        return LateNotice.LEADS
    return None if owner_told else LateNotice.OWNER


def house_rule(
    rules: Iterable[HouseRule],
    at: datetime,
    site_id: UUID | None = None,
    known_at: datetime | None = None,
) -> Verdict:
    """Return whether a house rule stands at `at`, at this site (None: at any), and which decided it.

    `known_at`: by the rules made by then; a lifting counts from when it was agreed.
    """
    known = at if known_at is None else known_at
    found = [
        _of(rule, at, site_id, known)
        for rule in rules
        if known_at is None or rule.made_at <= known_at
    ]
    standing = [one for one in found if one.code is Because.STANDS]
    if standing:
        return Verdict(True, (max(standing, key=lambda one: one.at or at),))
    if not found:
        return Verdict(False, (Evidence(Because.NO_RULE),))
    return Verdict(False, tuple(sorted(found, key=lambda one: one.at or at, reverse=True)))


def _of(rule: HouseRule, at: datetime, site_id: UUID | None, known_at: datetime) -> Evidence:
    if rule.sites and site_id is not None and site_id not in rule.sites:
        return Evidence(Because.ELSEWHERE, rule.id, None, rule.ground.value)
    if rule.lifted_at is not None and rule.lifted_at <= min(at, known_at):
        return Evidence(Because.LIFTED, rule.id, rule.lifted_at, rule.ground.value)
    if at < rule.starts_at:
        return Evidence(Because.NOT_YET, rule.id, rule.starts_at, rule.ground.value)
    if rule.ends_at <= at:
        return Evidence(Because.ENDED, rule.id, rule.ends_at, rule.ground.value)
    return Evidence(Because.STANDS, rule.id, rule.ends_at, rule.ground.value)
