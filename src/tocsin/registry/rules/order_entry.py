"""What was entered of an order, what contradicts itself in it, and which facts, order and rule come of it? Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.conditions import unknown
from tocsin.registry.rules.findings import Finding, error, warning
from tocsin.registry.rules.house_rule import MAX_DELAY, MAX_LASTS, Ground, Notice
from tocsin.registry.rules.order import (
    NOTICES,
    End,
    Fact,
    FactKind,
    Family,
    StayAway,
    end_instant,
    end_of,
    start_of,
)
from tocsin.registry.rules.order_document import OrderBody, Respondent

OLDEST: Final = date(1900, 1, 1)
# Watches differ; a court's clock is no reason to refuse an order.
CLOCK_SLACK: Final = timedelta(minutes=10)
# These two the employer has for the place itself; the others are asked for by somebody, or for her.
OF_A_PLACE: Final = frozenset({Family.TRESPASS, Family.WORKPLACE})
# Typed where he has the name of somebody who works here and is another: said on purpose.
NOT_HERE: Final = "not_here"
# Typed where an order takes the place of none of its case: said on purpose, never preset.
BESIDE: Final = "beside"
SOURCES: Final = ("document", "court", "police", "her", "advocate", "other")


@dataclass(frozen=True, slots=True)
class When:
    """An instant (aware UTC), or a local day where no time is known."""

    at: datetime | None = None
    on: date | None = None


UNSAID: Final = When()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """A house rule as the duty manager sets it. `lasts`: at most 90 days. `delay`: of the notice, at most 14 days."""

    ground: Ground = Ground.ORDER
    sites: tuple[UUID, ...] = ()
    contest: str = ""
    lasts: timedelta = timedelta(days=30)
    notice: Notice = Notice.DELAYED
    delay: timedelta = timedelta(days=7)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """An uploaded file: its type by content, and its bytes."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """One order as one person enters it at night: almost everything has a default, and nothing else is needed.

    `protected_id` None: a place is protected (`OF_A_PLACE`). `linked_ids`: who else learns nothing (no reason is kept).
    `supersedes_id`: the order that this one replaces, at once or (`supersedes_when_served`) when this one is served.
    """

    respondent: Respondent
    court_time_zone: str
    protected_id: UUID | None = None
    colleague_id: UUID | None = None
    linked_ids: tuple[UUID, ...] = ()
    advocate_id: UUID | None = None
    family: Family = Family.TEMPORARY
    body: OrderBody = field(default_factory=OrderBody)
    conditions: tuple[str, ...] = ()
    stay_away: tuple[StayAway, ...] = ()
    has_firearm_mark: bool = False
    is_mutual: bool = False
    issued: When = UNSAID
    effective: When | None = None
    end: End | None = None
    notice: FactKind | None = None
    notice_when: When = UNSAID
    hearing: When | None = None
    source: str = "document"
    supersedes_id: UUID | None = None
    supersedes_when_served: bool = True
    house_rule: RuleDraft | None = None
    photo: Picture | None = None
    document: Picture | None = None
    first_page: Picture | None = None


def has_name_of(typed: str, person: str) -> bool:
    """Return whether a typed name holds every part of a person's name, in any order, whatever the accents and capitals.

    An initial ("R.") is a part that begins with it.
    """
    parts, said = _parts(person), _parts(typed)
    return bool(parts) and all(
        any(one.startswith(part) if len(part) == 1 else one == part for one in said)
        for part in parts
    )


def _parts(name: str) -> frozenset[str]:
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c)
    )
    return frozenset(re.findall(r"\w+", plain))


def judge(draft: OrderDraft, at: datetime) -> tuple[Finding, ...]:
    """Return what is wrong or worth a look, each at its field; an error keeps the order a draft."""
    zone = ZoneInfo(draft.court_time_zone)
    rule = judge_rule(draft.house_rule) if draft.house_rule else ()
    return (
        *_people(draft, at, zone),
        *_her_word(draft),
        *_terms(draft),
        *_dates(draft, at, zone),
        *rule,
    )


def judge_second(
    draft: OrderDraft,
    protected_id: UUID | None,
    colleague_id: UUID | None,
    advocate_id: UUID | None,
) -> Iterator[Finding]:
    """Yield what of one more order contradicts the case that it is entered in: one case is about two people.

    A field that is left empty says nothing. That he works here is never learnt in this way: it would open doors to him.
    """
    if draft.protected_id is not None and draft.protected_id != protected_id:
        yield error(
            "contradiction",
            "protected",
            "This case protects somebody else: enter the order as a case of its own.",
        )
    if draft.colleague_id is not None and draft.colleague_id != colleague_id:
        yield error(
            "contradiction",
            "colleague",
            "This case restrains somebody else, or nobody who works here: enter the order as a case of its own.",
        )
    if protected_id is not None and protected_id in draft.linked_ids:
        yield error(
            "contradiction", "linked", "The protected person cannot be shut out of her own case."
        )
    if advocate_id is not None and draft.advocate_id not in {None, advocate_id}:
        yield error(
            "contradiction",
            "advocate",
            "Another advocate is named already: who may read the case names a new one, and it takes two.",
        )


def _people(draft: OrderDraft, at: datetime, zone: ZoneInfo) -> Iterator[Finding]:
    if not draft.respondent.name.strip():
        yield error(
            "needed",
            "respondent_name",
            "Say whom the order restrains: a name, or one of the people here.",
        )
    if draft.protected_id is None and draft.family not in OF_A_PLACE:
        yield error(
            "needed",
            "protected",
            "Say whom it protects; only a trespass notice or a workplace injunction protects a place alone.",
        )
    if draft.colleague_id is not None and draft.colleague_id == draft.protected_id:
        yield error(
            "contradiction", "colleague", "The same person cannot be protected and restrained."
        )
    if draft.protected_id is not None and draft.protected_id in draft.linked_ids:
        yield error(
            "contradiction", "linked", "The protected person cannot be shut out of her own case."
        )
    born = draft.respondent.born_on
    if born is not None and not OLDEST <= born <= at.astimezone(zone).date():
        yield error(
            "range", "respondent_born_on", "This date of birth is in the future or before 1900."
        )
    others = [one.born_on for one in draft.body.others if one.born_on is not None]
    if not all(OLDEST <= each <= at.astimezone(zone).date() for each in others):
        yield error("range", "others", "A date of birth here is in the future or before 1900.")


def _her_word(draft: OrderDraft) -> Iterator[Finding]:
    if draft.body.her_word == "objects" and not draft.body.her_ground.strip():
        yield error("needed", "her_ground", "What is done without her has a ground: write it down.")


def _terms(draft: OrderDraft) -> Iterator[Finding]:
    for code in unknown(draft.conditions):
        yield error(
            "unknown_code",
            "conditions",
            f"There is no condition {code[:8]!r}: the codes are 01 to 09.",
        )
    if draft.is_mutual:
        yield warning(
            "mutual",
            "is_mutual",
            "It is entered for her side only. If he has an order against her, that is an entry of its own, by somebody else.",
        )
    if draft.family is Family.TEMPORARY and draft.end is None:
        yield warning(
            "end_unknown",
            "ends_on",
            "The end is not known: it stays open until somebody enters it. Ask the clerk.",
        )


def _dates(draft: OrderDraft, at: datetime, zone: ZoneInfo) -> Iterator[Finding]:
    issued = first_of(draft.issued, zone, at)
    if issued > at + CLOCK_SLACK:
        yield error("contradiction", "issued_on", "It cannot have been issued in the future.")
    over = end_instant(draft.end, zone) if draft.end else None
    if over is not None and over <= issued:
        yield error("contradiction", "ends_on", "It ends before it was issued.")
    if draft.effective is not None:
        begins = first_of(draft.effective, zone, at)
        if over is not None and over <= begins:
            yield error("contradiction", "effective_on", "It would take effect after its end.")
        if last_of(draft.effective, zone, at) < issued:
            yield error(
                "contradiction", "effective_on", "It would take effect before it was issued."
            )
    yield from _notices(draft, at, zone, issued)


def _notices(
    draft: OrderDraft, at: datetime, zone: ZoneInfo, issued: datetime
) -> Iterator[Finding]:
    told = draft.notice_when != UNSAID
    if draft.notice is None:
        if told:
            yield error(
                "contradiction", "notice", "There is a time of service, but not what happened then."
            )
    else:
        if first_of(draft.notice_when, zone, at) > at + CLOCK_SLACK:
            yield error(
                "contradiction", "notice_on", "He cannot have been served or told in the future."
            )
        if last_of(draft.notice_when, zone, at) < issued:
            yield error(
                "contradiction",
                "notice_on",
                "He cannot have been served or told before it was issued.",
            )
        over = end_instant(draft.end, zone) if told and draft.end else None
        if over is not None and over <= first_of(draft.notice_when, zone, at):
            yield error(
                "contradiction", "notice_on", "He cannot have been served or told after it ended."
            )
    if draft.hearing is not None and last_of(draft.hearing, zone, at) < issued:
        yield error(
            "contradiction", "hearing_on", "The hearing would be before the order was issued."
        )


def judge_rule(rule: RuleDraft) -> Iterator[Finding]:
    """Yield what a house rule lacks: an end within 90 days, a contact to contest it, a reason for a late notice."""
    if not timedelta(0) < rule.lasts <= MAX_LASTS:
        yield error("range", "rule_days", "A house rule ends within 90 days.")
    if not rule.contest.strip():
        yield error(
            "needed",
            "rule_contest",
            "Say to whom he can write to contest it: a mailbox or an office.",
        )
    if rule.notice is Notice.DELAYED:
        if not rule.reason.strip():
            yield error("needed", "rule_reason", "Say why he is not told yet.")
        if not timedelta(0) < rule.delay <= MAX_DELAY:
            yield error("range", "rule_delay_days", "The notice may be put off by 14 days at most.")


def facts_of(
    draft: OrderDraft, at: datetime, by: UUID, new_id: Callable[[], UUID]
) -> tuple[Fact, ...]:
    """Return what the draft says happened, each as a fact heard at `at`."""
    issued = draft.issued if draft.issued != UNSAID else When(at=at)
    said = [(FactKind.ISSUED, issued, draft.end)]
    if draft.effective is not None:
        said.append((FactKind.EFFECTIVE, draft.effective, None))
    if draft.notice is not None:
        said.append((draft.notice, draft.notice_when, None))
    if draft.hearing is not None:
        said.append((FactKind.HEARING, draft.hearing, None))
    return tuple(
        Fact(
            id=new_id(),
            kind=kind,
            heard_at=at,
            heard_by_id=by,
            source=draft.source,
            true_at=when.at,
            local_date=when.on,
            end=end,
        )
        for kind, when, end in said
    )


def is_served(draft: OrderDraft) -> bool:
    """Return whether the draft says that he had notice."""
    return draft.notice in NOTICES


def first_of(when: When, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the earliest instant that it can mean; `at` where nothing is said."""
    if when.at is not None:
        return when.at
    return start_of(when.on, zone) if when.on else at


def last_of(when: When, zone: ZoneInfo, at: datetime) -> datetime:
    """Return the latest instant that it can mean; `at` where nothing is said."""
    if when.at is not None:
        return when.at
    return end_of(when.on, zone) if when.on else at
