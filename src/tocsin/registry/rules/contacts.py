"""May this way of reaching this person be used now, and if not, why not?"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

LIVE: Final = "live"
CHANNELS: Final = ("live", "webpush", "sms", "email", "webhook", "voice")
# A person may have it, and no part sends to it yet: whoever has nothing else is reached by nobody.
UNSENT: Final = frozenset({"voice"})
MAX_CONTACTS: Final = 12
EVERY_DAY: Final = frozenset(range(7))

NEVER_VERIFIED: Final = "never verified"
REVOKED: Final = "revoked"
OUTSIDE_HOURS: Final = "outside the hours that this person called safe"
SOMEBODY_ELSE: Final = "somebody else may answer it"
DOUBTED: Final = "nobody has confirmed that it is this person's"
WRITTEN_BY_HIM: Final = "somebody who must not hear of it wrote it down, and another way is as good"
# What a way is worth where another is left out: a number rings without the internet, a push rings, a mail waits.
WORTH: Final[Mapping[str, int]] = {"voice": 3, "sms": 3, "webpush": 2, "email": 1, "webhook": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeRule:
    """When this contact method is safe, as its owner said.

    Wall time in `zone` (an IANA name), from `start` up to `end`; an end at or before the start
    runs past midnight and belongs to the weekday on which it started (0 is Monday). Equal times
    mean the whole day. `only_owner_answers` False: somebody else may pick up or read along, so
    nothing goes there by itself.
    """

    zone: str
    start: time = time(0, 0)
    end: time = time(0, 0)
    weekdays: frozenset[int] = EVERY_DAY
    only_owner_answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach one person. The address is not here: whoever sends loads it by `id`.

    `order` is the person's own order (1 first). `is_work` says that the employer owns the device
    or the account: only there may the place be named. `provider` is the gateway that carries it
    ("" = our own server). `is_doubted`: made by somebody who is on the other side of a case of hers now, and not
    confirmed since. `made_by_id`: who wrote it down or enrolled it, None if nobody knows; `confirmed_by_id`: who has stood
    for it since. `removed_by_id`: who has revoked it; `ruled_by_id`: who wrote `safe` last, if not its owner, and
    `safe_before`: what stood there before. Times are aware UTC.
    """

    id: UUID
    channel: str
    order: int = 1
    is_work: bool = False
    provider: str = ""
    verified_at: datetime | None = None
    revoked_at: datetime | None = None
    safe: SafeRule | None = None
    is_doubted: bool = False
    made_by_id: UUID | None = None
    confirmed_by_id: UUID | None = None
    removed_by_id: UUID | None = None
    ruled_by_id: UUID | None = None
    safe_before: SafeRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyContact:
    """Somebody whom a member of staff named for emergencies: a note, never a recipient.

    Tocsin writes to no emergency contact by itself. `person_id` is set when the one named is also
    staff here: `never_notify` or `never_location` then keeps that colleague out of her incidents
    (see `kept_out`).
    """

    id: UUID
    of_person_id: UUID
    person_id: UUID | None = None
    never_notify: bool = False
    never_location: bool = False


@dataclass(frozen=True, slots=True)
class Usable:
    """Whether a contact method may be used, and the reason if not, without the address."""

    is_usable: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A contact method that exists and is not used, and why: nothing is left out silently."""

    contact_id: UUID
    channel: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person to call at a step, with the contact methods to use, in the person's order.

    `is_quiet`: a call-taker at a position; `contacts` then holds the live screen at most and
    nothing may sound. `contacts` may be empty: the person still counts as one whom we could not
    reach, with `left_out` saying why.
    """

    person_id: UUID
    contacts: tuple[Contact, ...] = ()
    role: str = ""
    language: str = "en"
    is_quiet: bool = False
    left_out: tuple[LeftOut, ...] = field(default=())


def usable(
    contact: Contact, at: datetime, *, even_unverified: bool = False, protects: bool = False
) -> Usable:
    """Return whether this contact method may be used at `at` (aware UTC), and why not.

    `even_unverified`: a proof asks there too; answering it is what verifies an address that a table brought in.
    `protects`: what goes out protects its owner from somebody, who must not read it at a place that he has made.

    Verified or revoked is what it is, whatever time that says: after a clock that ran ahead was set right, everybody
    who was enrolled meanwhile would else be called by nobody (I6), and a phone that was revoked would ring again (I18).
    """
    if protects and contact.is_doubted:
        return Usable(is_usable=False, reason=DOUBTED)
    if contact.revoked_at is not None:
        return Usable(is_usable=False, reason=REVOKED)
    if contact.verified_at is None and not even_unverified:
        return Usable(is_usable=False, reason=NEVER_VERIFIED)
    if contact.safe is not None and not contact.safe.only_owner_answers:
        return Usable(is_usable=False, reason=SOMEBODY_ELSE)
    if contact.safe is not None and not _in_hours(contact.safe, at):
        return Usable(is_usable=False, reason=OUTSIDE_HOURS)
    return Usable(is_usable=True)


def written_by(contact: Contact, people: Collection[UUID]) -> bool:
    """Return whether one of these people wrote this way down and nobody else has stood for it: he may read there."""
    if contact.made_by_id not in people:
        return False
    return contact.confirmed_by_id is None or contact.confirmed_by_id in people


def as_it_stood(contact: Contact, kept_out: Collection[UUID]) -> Contact:
    """Return the way as it was before one of these people removed it, or wrote its hours; what he made is his to change."""
    if written_by(contact, kept_out):
        return contact
    if contact.removed_by_id in kept_out:
        contact = replace(contact, revoked_at=None)
    if contact.ruled_by_id in kept_out:
        contact = replace(contact, safe=contact.safe_before)
    return contact


def dispensable(usable_ones: Iterable[Contact], kept_out: Collection[UUID]) -> frozenset[UUID]:
    """Return which ways of one person are left out, for somebody who must not hear of it wrote them down or removed them.

    Only where a way that is not so remains, and one that is worth as much (`WORTH`): who wrote down everybody's number
    must not leave her alarm to the internet alone; and what he removed may have been lost. A screen is neither left out, its second step is its owner's, nor
    is it another way: nobody may sit before it.
    """
    ways = tuple(usable_ones)
    his = {c.id for c in ways if written_by(c, kept_out) or c.removed_by_id in kept_out}
    best = max((_worth(c) for c in ways if c.id not in his), default=0)
    return frozenset(c.id for c in ways if c.id in his and 0 < _worth(c) <= best)


def _worth(contact: Contact) -> int:
    return WORTH.get(contact.channel, 0)


def loosens(before: SafeRule | None, after: SafeRule | None) -> bool:
    """Return whether something may go out under `after` at a minute of the week at which `before` held it back.

    Another zone counts as looser: which minutes open then hangs on the season.
    """
    if before is None or not _open_minutes(after):
        return False
    if before.only_owner_answers and after is not None and before.zone != after.zone:
        return True
    return not _open_minutes(after) <= _open_minutes(before)


def _open_minutes(rule: SafeRule | None) -> frozenset[tuple[int, int]]:
    """Return the (weekday, minute) of a week, in the rule's own wall time, at which it lets something out."""
    if rule is not None and not rule.only_owner_answers:
        return frozenset()
    every = ((day, minute) for day in EVERY_DAY for minute in range(24 * 60))
    if rule is None:
        return frozenset(every)
    return frozenset((d, m) for d, m in every if _is_open(rule, time(m // 60, m % 60), d))


def _in_hours(rule: SafeRule, at: datetime) -> bool:
    wall = at.astimezone(ZoneInfo(rule.zone))
    return _is_open(rule, wall.time(), wall.weekday())


def _is_open(rule: SafeRule, now: time, today: int) -> bool:
    if rule.start == rule.end:
        return today in rule.weekdays
    if rule.start < rule.end:
        return today in rule.weekdays and rule.start <= now < rule.end
    if now >= rule.start:
        return today in rule.weekdays
    return now < rule.end and (today - 1) % 7 in rule.weekdays


def in_order(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Return the contact methods in their owner's order; equal places keep a stable order by id."""
    return tuple(sorted(contacts, key=lambda contact: (contact.order, contact.id.int)))


def channels_of(contacts: Iterable[Contact], at: datetime) -> tuple[str, ...]:
    """Return the channels on which this person can be reached at `at`, each once, in order."""
    found = (contact.channel for contact in in_order(contacts) if usable(contact, at).is_usable)
    return tuple(dict.fromkeys(found))


def kept_out(named: Iterable[EmergencyContact], of_person_id: UUID) -> frozenset[UUID]:
    """Return the colleagues whom this person said must never be told or never learn where she is.

    A recipient of an incident learns the place, so either flag keeps a colleague out of all of it.
    """
    return frozenset(
        contact.person_id
        for contact in named
        if contact.of_person_id == of_person_id
        and contact.person_id is not None
        and (contact.never_notify or contact.never_location)
    )
