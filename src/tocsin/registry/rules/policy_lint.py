"""Would this policy really reach somebody, at every minute of the coming weeks?

The window is cut wherever somebody comes on or goes off duty or a contact method's safe hours
begin or end. In each piece nothing changes, so each step is asked once whom it would call, by the
same `select` that an incident uses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tocsin.registry.rules.contacts import LIVE, UNSENT, Contact, Recipient, SafeRule
from tocsin.registry.rules.duty import Shift, on_duty
from tocsin.registry.rules.findings import ERROR, Finding, error, warning
from tocsin.registry.rules.policy import (
    Duty,
    Person,
    Policy,
    Post,
    SiteFacts,
    Step,
    Team,
    parse_selector,
    rings_nobody,
    select,
)
from tocsin.registry.rules.wall_time import change_between, earliest, latest, wall_of

MAX_LINT_DAYS: Final = 92
# Whom these call depends on who presses, so that nothing can be said beforehand.
DEPENDS_ON_WHO_PRESSES: Final = frozenset({"herself", "watcher", "manager"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Everything that a policy is judged against. `names` are only for the words."""

    shifts: Sequence[Shift]
    people: Mapping[UUID, Person]
    teams: Mapping[UUID, Team] = field(default_factory=dict)
    posts: Mapping[UUID, Post] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)
    site_kind: str = "workplace"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A time in which nothing changes, with the recipients of each step."""

    starts_at: datetime
    ends_at: datetime
    running: tuple[Shift, ...]
    facts: SiteFacts
    called: tuple[tuple[Recipient, ...], ...]

    def rung(self, index: int) -> frozenset[tuple[UUID, UUID]]:
        """Return (person, contact) of each call that sounds at this step."""
        aloud = (recipient for recipient in self.called[index] if not recipient.is_quiet)
        return frozenset((one.person_id, contact.id) for one in aloud for contact in one.contacts)

    def people(self) -> frozenset[UUID]:
        """Return everybody whom some step would ring."""
        return frozenset(
            person for index in range(len(self.called)) for person, _ in self.rung(index)
        )


def lint(
    policy: Policy, workplace: Workplace, *, starts_at: datetime, ends_at: datetime
) -> tuple[Finding, ...]:
    """Return what is unreachable, empty, uncovered or hangs on one thread between two instants.

    Errors first, then by time. `policy` must have passed `check`. Raises ValueError for a window
    of more than 92 days.
    """
    if ends_at - starts_at > timedelta(days=MAX_LINT_DAYS):
        message = f"a window of more than {MAX_LINT_DAYS} days"
        raise ValueError(message)
    workplace = _as_sent(workplace)
    pieces = _pieces(policy, workplace, starts_at, ends_at)
    found = [
        *_unknown(policy, workplace),
        *_without_contact(workplace, pieces),
        *_late_contacts(policy, workplace),
        *_same_members(policy, pieces),
        *_joined((piece, one) for piece in pieces for one in _in_piece(policy, workplace, piece)),
    ]
    return tuple(sorted(found, key=lambda one: (one.level != ERROR, one.starts_at or starts_at)))


def _as_sent(workplace: Workplace) -> Workplace:
    """Return the workplace with those ways alone to which something is sent."""
    people = {
        person_id: replace(
            person, contacts=tuple(one for one in person.contacts if one.channel not in UNSENT)
        )
        for person_id, person in workplace.people.items()
    }
    return replace(workplace, people=people)


def _pieces(
    policy: Policy, workplace: Workplace, starts_at: datetime, ends_at: datetime
) -> tuple[_Piece, ...]:
    moments = {starts_at, ends_at}
    for shift in workplace.shifts:
        moments |= {shift.starts_at, shift.ends_at}
    for rule in {c.safe for p in workplace.people.values() for c in p.contacts if c.safe}:
        moments |= set(_turns(rule, starts_at, ends_at))
    inside = sorted(moment for moment in moments if starts_at <= moment <= ends_at)
    return tuple(_piece(policy, workplace, since, until) for since, until in pairwise(inside))


def _turns(rule: SafeRule, starts_at: datetime, ends_at: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(rule.zone)
    day = wall_of(starts_at, zone).date() - timedelta(days=1)
    while day <= wall_of(ends_at, zone).date():
        for clock in (rule.start, rule.end):
            wall = datetime.combine(day, clock)
            first, last = earliest(wall, zone), latest(wall, zone)
            yield from (first, last)
            if first < last:
                # The clock jumps into these hours, or out of them, before it comes to their edge again.
                yield change_between(first, last, zone)
        day += timedelta(days=1)


def _piece(policy: Policy, workplace: Workplace, since: datetime, until: datetime) -> _Piece:
    running = on_duty(workplace.shifts, since)
    facts = SiteFacts(
        at=since,
        people=workplace.people,
        on_duty=tuple(_duty(shift) for shift in running),
        teams=workplace.teams,
        posts=workplace.posts,
        site_kind=workplace.site_kind,
    )
    called = tuple(select(step, facts) for step in policy.steps)
    return _Piece(since, until, running, facts, called)


def _duty(shift: Shift) -> Duty:
    return Duty(
        person_id=shift.person_id,
        role=shift.role,
        post_id=shift.post_id,
        at_position=shift.at_position,
        site_id=shift.site_id,
    )


# --- what holds at a time ---------------------------------------------------------------


def _in_piece(policy: Policy, workplace: Workplace, piece: _Piece) -> Iterator[Finding]:
    yield from _empty(policy, piece)
    yield from _too_few(policy, workplace, piece)
    if piece.running and all(shift.site_id is None for shift in piece.running):
        yield warning("nobody_at_site", "shifts", "Everyone on duty is somewhere else than here.")
    yield from _one_thread(piece)


def _empty(policy: Policy, piece: _Piece) -> Iterator[Finding]:
    for index, step in enumerate(policy.steps):
        for place, text in enumerate(step.who):
            if _depends(text) or not rings_nobody(_called_by(text, step, piece)):
                continue
            words = f"Step {index + 1}: {text} calls nobody."
            yield warning("empty", f"steps[{index}].who[{place}]", words)
        if rings_nobody(piece.called[index]) and not any(map(_depends, step.who)):
            words = f"Step {index + 1} would be skipped: it reaches nobody aloud."
            yield warning("skipped", f"steps[{index}]", words)


def _depends(text: str) -> bool:
    return text in DEPENDS_ON_WHO_PRESSES


def _called_by(text: str, step: Step, piece: _Piece) -> tuple[Recipient, ...]:
    return select(replace(step, who=(text,)), piece.facts)


def _too_few(policy: Policy, workplace: Workplace, piece: _Piece) -> Iterator[Finding]:
    called = piece.people()
    most = max((step.quorum for step in policy.steps), default=1)
    if not called:
        yield error("nobody", "steps", "Nobody would be called at all.")
    elif len(called) == 1:
        name = _name(workplace, next(iter(called)))
        words = f"Only {name} would be called; whoever is alone with that is on their own."
        yield warning("one_person", "steps", words)
    if called and len(called) < most:
        words = f"{most} people are asked for and {len(called)} can be called: it never rests."
        yield warning("quorum_unreachable", "steps", words)
    covering = _covering(piece)
    if covering < policy.required_proven:
        words = f"{covering} of {policy.required_proven} people are on duty and can be rung."
        yield warning("uncovered", "required_proven", words)


def _covering(piece: _Piece) -> int:
    everyone = select(Step(offset_s=0, who=("everyone_on_duty",)), piece.facts)
    return sum(1 for recipient in everyone if recipient.contacts and not recipient.is_quiet)


def _one_thread(piece: _Piece) -> Iterator[Finding]:
    used = {
        (contact.channel, contact.provider)
        for recipients in piece.called
        for recipient in recipients
        for contact in recipient.contacts
        if not recipient.is_quiet
    }
    away = {(channel, provider) for channel, provider in used if channel != LIVE}
    if used and not away:
        words = "Only open screens would show it: nothing rings in a pocket."
        yield warning("screens_only", "steps", words)
    elif len({channel for channel, _ in away}) == 1:
        words = f"Everything away from the screens goes by {next(iter(away))[0]} only."
        yield warning("one_channel", "steps", words)
    elif len({provider for _, provider in away}) == 1 and next(iter(away))[1]:
        words = f"Everything away from the screens goes through {next(iter(away))[1]} only."
        yield warning("one_provider", "steps", words)


def _joined(found: Iterable[tuple[_Piece, Finding]]) -> Iterator[Finding]:
    spans: dict[Finding, list[tuple[datetime, datetime]]] = {}
    for piece, finding in found:
        known = spans.setdefault(finding, [])
        if known and known[-1][1] == piece.starts_at:
            known[-1] = (known[-1][0], piece.ends_at)
        else:
            known.append((piece.starts_at, piece.ends_at))
    for finding, times in spans.items():
        for since, until in times:
            yield replace(finding, starts_at=since, ends_at=until)


# --- what holds always ------------------------------------------------------------------


def _unknown(policy: Policy, workplace: Workplace) -> Iterator[Finding]:
    known = {"team": workplace.teams, "post": workplace.posts, "person": workplace.people}
    for index, step in enumerate(policy.steps):
        for place, text in enumerate(step.who):
            selector = parse_selector(text)
            if (
                selector
                and selector.kind in known
                and UUID(selector.argument) not in known[selector.kind]
            ):
                path = f"steps[{index}].who[{place}]"
                yield error("unknown", path, f"There is no such {selector.kind} here any more.")


def _without_contact(workplace: Workplace, pieces: Sequence[_Piece]) -> Iterator[Finding]:
    met = {shift.person_id for piece in pieces for shift in piece.running}
    met |= {one.person_id for piece in pieces for called in piece.called for one in called}
    for person_id in sorted(met, key=lambda one: one.int):
        person = workplace.people.get(person_id)
        if person is None:
            words = f"{_name(workplace, person_id)} is on the roster and not among the people."
            yield error("unknown_person", f"people[{person_id}]", words)
        elif pieces and not any(map(_is_good, person.contacts)):
            words = f"{_name(workplace, person_id)} has no verified way to be reached."
            yield warning("no_contact", f"people[{person_id}].contacts", words)


def _is_good(contact: Contact) -> bool:
    return contact.verified_at is not None and contact.revoked_at is None


def _late_contacts(policy: Policy, workplace: Workplace) -> Iterator[Finding]:
    most = max((len(person.contacts) for person in workplace.people.values()), default=0)
    after = [*(step.offset_s for step in policy.steps[1:]), None]
    for index, (step, following) in enumerate(zip(policy.steps, after, strict=True)):
        wait = following - step.offset_s if following is not None else policy.repeat_after_s
        tried = (wait - 1) // policy.deadline_s + 1
        if step.reach == "in_order" and tried < most:
            words = (
                f"Step {index + 1} tries one way after the other, {policy.deadline_s} s each: only"
                f" {tried} of up to {most} come before the next call."
            )
            yield warning("late_contact", f"steps[{index}].reach", words)


def _same_members(policy: Policy, pieces: Sequence[_Piece]) -> Iterator[Finding]:
    for index in range(1, len(policy.steps)):
        pairs = [(piece.rung(index - 1), piece.rung(index)) for piece in pieces]
        if any(after for _, after in pairs) and all(after <= before for before, after in pairs):
            words = f"Step {index + 1} never calls anybody whom step {index} has not called."
            yield warning("same_members", f"steps[{index}].who", words)


def _name(workplace: Workplace, person_id: UUID) -> str:
    return workplace.names.get(person_id, f"person {person_id}")
