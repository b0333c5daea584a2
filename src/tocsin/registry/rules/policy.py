"""Who is called, in which order, after how many seconds?

A policy is a ladder of steps. Step times count from the incident's opening, in whole seconds.
When the last step has begun, everybody is called again every `repeat_after_s` until somebody is
in charge and enough people are coming.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from tocsin.registry.rules.contacts import (
    LIVE,
    WRITTEN_BY_HIM,
    Contact,
    LeftOut,
    Recipient,
    as_it_stood,
    dispensable,
    in_order,
    usable,
)

KINDS: Final = ("sos", "walk", "sighting", "custody", "sensor", "drill")
REACHES: Final = ("all", "in_order")
MAX_STEPS: Final = 12
MAX_OFFSET_S: Final = 86_400
MAX_SELECTORS: Final = 20
MAX_QUORUM: Final = 50
REPEAT_S: Final = (15, 3_600)
CONFIRM_S: Final = (30, 3_600)
CALL_UNCLAIMED_S: Final = (5, 120)
DEADLINE_S: Final = (5, 600)
MAX_PROVEN: Final = 50
MAX_NAME: Final = 100
MAX_MANAGERS_UP: Final = 5

EMERGENCY_CALL_CENTRE: Final = "emergency_call_centre"
SHIFT_LEAD: Final = "shift_lead"
PLAIN_SELECTORS: Final = ("everyone_on_duty", "herself", "watcher", SHIFT_LEAD, "manager")
ID_SELECTORS: Final = ("team", "post", "person")
# Selectors that name one person: a call-taker at a position is rung when named, never in a mass
# call.
NAMING: Final = frozenset({"person", "herself", "watcher", SHIFT_LEAD, "manager"})
# Steps of these alone are no news to others: she is asked, or who watches her walk.
PRIVATE: Final = frozenset({"herself", "watcher"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung: at `offset_s` from the incident's opening, call everybody whom `who` selects.

    `who`: everyone_on_duty, role:<name>, team:<id>, post:<id>, person:<id>, herself, watcher,
    shift_lead, manager. `quorum`: how many must be coming, one of them in charge, for the
    ladder to rest; the highest of the steps begun so far counts.
    `reach`: `all` = every contact method at once; `in_order` = one person's methods one after the
    other, the next as soon as one fails or its deadline passes. `channels`: only these; empty
    means every channel.
    """

    offset_s: int
    who: tuple[str, ...]
    quorum: int = 1
    reach: str = "all"
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One escalation ladder. All times are whole seconds.

    `repeat_after_s`: from the last step on, everybody again every so long. `confirm_every_s`: an
    owner silent for so long is no owner. `call_unclaimed_s`: an emergency call that nobody owns
    for so long is the loudest line. `required_proven`: how many people with a proven channel make
    a site covered. `prove_at_start`: whoever begins a shift is asked to prove that she is reachable. `deadline_s`: a delivery that nobody has seen by then is unanswered.
    """

    id: UUID
    name: str
    kind: str
    steps: tuple[Step, ...]
    repeat_after_s: int = 60
    confirm_every_s: int = 300
    call_unclaimed_s: int = 10
    required_proven: int = 1
    deadline_s: int = 30
    prove_at_start: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """One entry of `Step.who`, taken apart; `argument` is a role's name, an id, or empty."""

    kind: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One member of staff, as far as calling goes.

    `roles` are held without a roster (a safety lead at home); roles of a shift stand in `Duty`. `is_said_gone`: a party of
    a case wrote that she left, which is so on his screens only; she is called, and no number that he may read counts her.
    """

    id: UUID
    contacts: tuple[Contact, ...] = ()
    language: str = "en"
    roles: frozenset[str] = frozenset()
    manager_id: UUID | None = None
    is_said_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One person on duty now. `at_position`: a call-taker who is taking emergency calls."""

    person_id: UUID
    role: str = ""
    post_id: UUID | None = None
    at_position: bool = False
    site_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A named group. Rostered: only members on duty are called; otherwise all, always."""

    id: UUID
    members: tuple[UUID, ...]
    is_rostered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A place that somebody keeps. While nobody keeps it, the shift lead is the post."""

    id: UUID
    has_guard: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """Everything that decides who is called for one incident at one moment.

    `kept_out`: people who must learn nothing of it (a respondent, an account linked to one, a
    colleague whom she ruled out); it wins over every selector. `people` holds whoever may be
    called at all. `asks_unverified`: a proof, which goes to what nobody has answered on yet as well.
    `gone`: people who have a part in it and do not work here any more.
    `protected_id`: whom it is about (her press, her walk, her case): nothing of it goes to her where the other side of
    a case of hers may read it.
    """

    at: datetime
    people: Mapping[UUID, Person]
    on_duty: tuple[Duty, ...]
    raiser_id: UUID | None = None
    watcher_id: UUID | None = None
    teams: Mapping[UUID, Team] = field(default_factory=dict)
    posts: Mapping[UUID, Post] = field(default_factory=dict)
    site_kind: str = "workplace"
    kept_out: frozenset[UUID] = frozenset()
    gone: frozenset[UUID] = frozenset()
    asks_unverified: bool = False
    protected_id: UUID | None = None


def parse_selector(text: str) -> Selector | None:
    """Return the selector that `text` spells, or None if it spells none."""
    kind, colon, argument = text.partition(":")
    if not colon:
        return Selector(kind) if kind in PLAIN_SELECTORS else None
    if kind == "role" and argument.isidentifier() and len(argument) <= MAX_NAME:
        return Selector(kind, argument)
    if kind in ID_SELECTORS and _is_uuid(argument):
        return Selector(kind, argument)
    return None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def select(step: Step, facts: SiteFacts) -> tuple[Recipient, ...]:
    """Return whom to call at this step, each person once, in the order of the step's selectors.

    The one who raised it is a recipient only through `herself`. People in `kept_out` never are, and what they wrote down
    of others is used only where nothing as good remains (`contacts.dispensable`); what they took away of others is used.
    Call-takers at their positions are not rung in a mass call: they come back quiet, with the live
    screen only.
    """
    found: dict[UUID, Recipient] = {}
    for text in step.who:
        selector = parse_selector(text)
        if selector is None:
            continue
        for person_id, role in _MEMBERS[selector.kind](facts, selector.argument):
            if not _may_be_called(person_id, selector, facts):
                continue
            recipient = _recipient(facts.people[person_id], role, selector, step, facts)
            known = found.get(person_id)
            if known is None or (known.is_quiet and not recipient.is_quiet):
                found[person_id] = recipient
    return tuple(found.values())


def rings_nobody(recipients: tuple[Recipient, ...]) -> bool:
    """Return whether this step reaches no person aloud: it is skipped at once and said so."""
    return not any(recipient.contacts and not recipient.is_quiet for recipient in recipients)


def _may_be_called(person_id: UUID, selector: Selector, facts: SiteFacts) -> bool:
    if person_id in facts.kept_out or person_id not in facts.people:
        return False
    return person_id != facts.raiser_id or selector.kind == "herself"


def _recipient(
    person: Person, role: str, selector: Selector, step: Step, facts: SiteFacts
) -> Recipient:
    is_quiet = selector.kind not in NAMING and _is_taking_calls(person.id, facts)
    protects = person.id == facts.protected_id
    ways = (
        person.contacts if protects else (as_it_stood(c, facts.kept_out) for c in person.contacts)
    )
    wanted = [c for c in in_order(ways) if not step.channels or c.channel in step.channels]
    if is_quiet:
        wanted = [contact for contact in wanted if contact.channel == LIVE]
    judged = [
        (c, usable(c, facts.at, even_unverified=facts.asks_unverified, protects=protects).reason)
        for c in wanted
    ]
    his = dispensable((c for c, why in judged if why is None), facts.kept_out)
    judged = [(c, WRITTEN_BY_HIM if c.id in his else why) for c, why in judged]
    return Recipient(
        person_id=person.id,
        contacts=tuple(contact for contact, why in judged if why is None),
        role=role,
        language=person.language,
        is_quiet=is_quiet,
        left_out=tuple(LeftOut(c.id, c.channel, why) for c, why in judged if why is not None),
    )


def _is_taking_calls(person_id: UUID, facts: SiteFacts) -> bool:
    if facts.site_kind != EMERGENCY_CALL_CENTRE:
        return False
    return any(duty.at_position and duty.person_id == person_id for duty in facts.on_duty)


def _everyone(facts: SiteFacts, _argument: str) -> Iterator[tuple[UUID, str]]:
    for duty in facts.on_duty:
        yield duty.person_id, duty.role


def _role(facts: SiteFacts, role: str) -> Iterator[tuple[UUID, str]]:
    for duty in facts.on_duty:
        if duty.role == role:
            yield duty.person_id, role
    for person in facts.people.values():
        if role in person.roles:
            yield person.id, role


def _team(facts: SiteFacts, argument: str) -> Iterator[tuple[UUID, str]]:
    team = facts.teams.get(UUID(argument))
    roles = {duty.person_id: duty.role for duty in facts.on_duty}
    for person_id in team.members if team else ():
        if person_id in roles or (team and not team.is_rostered):
            yield person_id, roles.get(person_id, "")


def _post(facts: SiteFacts, argument: str) -> Iterator[tuple[UUID, str]]:
    post = facts.posts.get(UUID(argument))
    if post is None:
        return
    keepers = [duty for duty in facts.on_duty if duty.post_id == post.id]
    if post.has_guard and any(_can_come(duty.person_id, facts) for duty in keepers):
        for duty in keepers:
            yield duty.person_id, duty.role
    else:
        yield from _role(facts, SHIFT_LEAD)


def _can_come(person_id: UUID, facts: SiteFacts) -> bool:
    return person_id != facts.raiser_id and person_id not in facts.kept_out


def _person(_facts: SiteFacts, argument: str) -> Iterator[tuple[UUID, str]]:
    yield UUID(argument), ""


def _herself(facts: SiteFacts, _argument: str) -> Iterator[tuple[UUID, str]]:
    if facts.raiser_id is not None:
        yield facts.raiser_id, "herself"


def _watcher(facts: SiteFacts, _argument: str) -> Iterator[tuple[UUID, str]]:
    if facts.watcher_id is not None:
        yield facts.watcher_id, "watcher"


def _shift_lead(facts: SiteFacts, _argument: str) -> Iterator[tuple[UUID, str]]:
    yield from _role(facts, SHIFT_LEAD)


def _manager(facts: SiteFacts, _argument: str) -> Iterator[tuple[UUID, str]]:
    # Up the line until somebody may be told: her manager may be the very one who must not know.
    person = facts.people.get(facts.raiser_id) if facts.raiser_id else None
    for _ in range(MAX_MANAGERS_UP):
        if person is None or person.manager_id is None:
            return
        if person.manager_id in facts.people and _can_come(person.manager_id, facts):
            yield person.manager_id, "manager"
            return
        person = facts.people.get(person.manager_id)


_MEMBERS: Final[Mapping[str, Callable[[SiteFacts, str], Iterator[tuple[UUID, str]]]]] = {
    "everyone_on_duty": _everyone,
    "role": _role,
    "team": _team,
    "post": _post,
    "person": _person,
    "herself": _herself,
    "watcher": _watcher,
    SHIFT_LEAD: _shift_lead,
    "manager": _manager,
}
