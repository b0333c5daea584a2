"""Is the respondent held, as far as anybody has said? Facts in, one answer out; in doubt he counts as free (I20).

A fact is what one source said. None is changed; a false one is taken back, and what was believed meanwhile stays
answerable (`known_at`). Only a person who asked the place that holds him makes him count as held: a notice can be
forged or wrong, so by itself it tightens and never loosens. It is never inferred from silence.

Source: standards.md 7 ("if custody cannot be confirmed, assume not in custody"); field.md D2.5.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

# A jail lets go at any hour; a word that is older than a day is no word any more.
CONFIRM_WITHIN: Final = timedelta(hours=24)
# A sentence that is being served is asked about once a month at least.
MAX_CONFIRM_WITHIN: Final = timedelta(days=31)
# A release that is announced for later than this is a year typed wrongly: he would count as held until then.
MAX_AHEAD: Final = timedelta(days=366)
# So many of the newest words of people, and again of notices, decide, beside the last of each kind: nothing is refused.
MAX_FACTS: Final = 500
# So many words a page shows.
SHOWN_AT_ONCE: Final = 100
# Why a word is taken back that was never about him: whoever says so has read it.
OTHER_PERSON: Final = "other_person"
# A form that is sent twice, a page that is loaded again: nobody is released, arrested and released within this.
SAME_WORDS_WITHIN: Final = timedelta(minutes=10)


class State(StrEnum):
    """What a source said."""

    HELD = "held"
    RELEASED = "released"
    ESCAPED = "escaped"
    LEAVE = "leave"
    TRANSFERRED = "transferred"
    UNKNOWN = "unknown"
    NOT_UNDERSTOOD = "not_understood"


class Source(StrEnum):
    """Who said it."""

    JAIL = "jail"
    POLICE = "police"
    COURT = "court"
    PROSECUTOR = "prosecutor"
    SUPERVISION = "supervision"
    PROTECTED = "protected"
    SOMEBODY = "somebody"
    MAIL_NOTICE = "mail_notice"
    SMS_NOTICE = "sms_notice"


class Because(StrEnum):
    """What decided the answer."""

    CONFIRMED = "confirmed"
    NOBODY_TOLD = "nobody_told"
    SAID_FREE = "said_free"
    SAID_UNKNOWN = "said_unknown"
    DISAGREE = "disagree"
    UNREAD = "unread"
    NOT_CONFIRMED = "not_confirmed"
    SILENCE = "silence"


# Who can know it. A word of anybody else is kept and shown, and only ever tightens.
OFFICIAL: Final = frozenset(
    {Source.JAIL, Source.POLICE, Source.COURT, Source.PROSECUTOR, Source.SUPERVISION}
)
NOTICES: Final = frozenset({Source.MAIL_NOTICE, Source.SMS_NOTICE})
AT_LARGE: Final = frozenset({State.RELEASED, State.ESCAPED, State.LEAVE})
EVENTS: Final = {
    State.HELD: "custody.arrest",
    State.RELEASED: "custody.release",
    State.ESCAPED: "custody.release",
    State.LEAVE: "custody.release",
    State.TRANSFERRED: "custody.unknown",
    State.UNKNOWN: "custody.unknown",
    State.NOT_UNDERSTOOD: "custody.unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyFact:
    """What one source said. Times are aware UTC; `true_at` None: not said, so from when it was heard.

    `is_confirmed`: a person asked the place herself. `settles`: she had every other word before her and decided.
    `confirm_by`: until when it counts without being asked again (None: `CONFIRM_WITHIN` after it was heard).
    """

    id: UUID
    case_id: UUID
    state: State
    source: Source
    heard_at: datetime
    true_at: datetime | None = None
    heard_by_id: UUID | None = None
    is_confirmed: bool = False
    settles: bool = False
    confirm_by: datetime | None = None
    taken_back_at: datetime | None = None
    taken_back_by_id: UUID | None = None
    taken_back_because: str = ""

    @property
    def since(self) -> datetime:
        """Return from when it is said to be true."""
        return self.true_at or self.heard_at

    @property
    def counts_until(self) -> datetime:
        """Return when it must have been asked again; never later than `MAX_CONFIRM_WITHIN` after it was heard."""
        chosen = self.confirm_by or self.heard_at + CONFIRM_WITHIN
        return min(chosen, self.heard_at + MAX_CONFIRM_WITHIN)

    def is_known(self, at: datetime) -> bool:
        """Return whether we had heard it at this time, and not taken it back."""
        taken_back = self.taken_back_at is not None and self.taken_back_at <= at
        return self.heard_at <= at and not taken_back


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyBody:
    """What belongs to a fact and is sealed under the case's key: where, the words, and the message as it came."""

    place: str = ""
    words: str = ""
    raw: str = ""
    asks_to_be_answered: bool = False


@dataclass(frozen=True, slots=True)
class Custody:
    """The answer: `state` is held, released or unknown (or what exactly was said), `facts` what decided it.

    `lapses_at`: when a confirmed *held* turns into silence; None if he counts as free already.
    """

    state: State
    counts_as_free: bool
    because: Because
    facts: tuple[CustodyFact, ...] = ()
    lapses_at: datetime | None = None


def custody_at(
    facts: Iterable[CustodyFact], at: datetime, known_at: datetime | None = None
) -> Custody:
    """Return whether he was held at `at`, by what had been heard until `known_at` (`at` if not given).

    He counts as held only if every source's last word says so and at least one of them is a person's own question
    to an official source that is not older than its bound. Two sources that disagree count as free until a fact that
    `settles` comes after both. A notice that could not be read is no word of its source and may say anything: from when
    it is heard he counts as free, until somebody has asked since, or a person has taken it back who read it: it is about
    somebody else, or what it says stands beside it. That it was taken back alone says of nothing what it was.
    """
    facts, moment = tuple(facts), known_at or at
    heard = [fact for fact in facts if fact.is_known(moment)]
    said = [fact for fact in heard if fact.since <= at]
    words = last_words([fact for fact in said if fact.state is not State.NOT_UNDERSTOOD])
    if not words:
        return Custody(State.UNKNOWN, counts_as_free=True, because=Because.NOBODY_TOLD)
    held = tuple(fact for fact in words if fact.state is State.HELD)
    others = tuple(fact for fact in words if fact.state is not State.HELD)
    if held and others:
        return Custody(State.UNKNOWN, counts_as_free=True, because=Because.DISAGREE, facts=words)
    if others:
        return _free(others)
    unread = [fact for fact in _unread(facts, heard, moment) if fact.since <= at]
    return _unless_unread(_held(held, at), unread)


def last_words(said: Sequence[CustodyFact]) -> tuple[CustodyFact, ...]:
    """Return the newest word of each source, the newest first; what was settled before is left out.

    That he is held, said by nobody who asked, takes no other word away: it stands beside what its source said before.
    Services of custody notices repeat old states and can be forged; somebody is not always the same. Nor does it take away
    what was heard after somebody had asked, of whatever hour that speaks: the jail may have known no better then.
    """
    settled = max((fact for fact in said if fact.settles), key=_when_heard, default=None)
    if settled is not None:
        said = [fact for fact in said if fact is settled or _is_after(fact, settled)]
    latest: dict[Source, CustodyFact] = {}
    beside: dict[Source, CustodyFact] = {}
    for fact in sorted(said, key=_order):
        if fact.state is State.HELD and not _is_persons_word(fact):
            beside[fact.source] = fact
        else:
            latest[fact.source] = fact
            beside.pop(fact.source, None)
    later = _heard_later(said, latest)
    return tuple(sorted((*latest.values(), *beside.values(), *later), key=_order, reverse=True))


def _heard_later(
    said: Sequence[CustodyFact], latest: Mapping[Source, CustodyFact]
) -> tuple[CustodyFact, ...]:
    """Return, by source, the newest word that he is not held, heard after the one that he is, though it speaks of before."""
    found: dict[Source, CustodyFact] = {}
    for fact in sorted(said, key=_order):
        known = latest.get(fact.source)
        if known is None or known.state is not State.HELD or fact.state is State.HELD:
            continue
        if fact.heard_at > known.heard_at:
            found[fact.source] = fact
    return tuple(found.values())


def located(
    facts: Iterable[CustodyFact], since: datetime, at: datetime, known_at: datetime | None = None
) -> CustodyFact | None:
    """Return the fact that ends *not located* for an incident opened at `since`; None: he is still not located.

    It takes a person who recorded, after the incident was opened, that an official source holds him, and nothing that
    contradicts her. A notice alone never does.
    """
    custody = custody_at(facts, at, known_at)
    if custody.counts_as_free:
        return None
    for fact in custody.facts:
        if _is_persons_word(fact) and fact.heard_at >= since:
            return fact
    return None


def is_said_twice(facts: Iterable[CustodyFact], said: CustodyFact, at: datetime) -> bool:
    """Return whether the words of `said`, which come again at `at` and whose message nothing names, are `said` once more.

    Only soon after it, with nothing else heard since, and while it counts: a jail says each release in the same words. In
    doubt it is a new fact, which only tightens.
    """
    is_soon = said.heard_at <= at < said.heard_at + SAME_WORDS_WITHIN
    since = any(fact.id != said.id and fact.heard_at >= said.heard_at for fact in facts)
    return is_soon and said.taken_back_at is None and not since


def _free(others: tuple[CustodyFact, ...]) -> Custody:
    gone = [fact for fact in others if fact.state in AT_LARGE]
    if gone:
        return Custody(gone[0].state, counts_as_free=True, because=Because.SAID_FREE, facts=others)
    return Custody(State.UNKNOWN, counts_as_free=True, because=Because.SAID_UNKNOWN, facts=others)


def _held(held: tuple[CustodyFact, ...], at: datetime) -> Custody:
    asked = [fact for fact in held if _is_persons_word(fact)]
    if not asked:
        return Custody(
            State.UNKNOWN, counts_as_free=True, because=Because.NOT_CONFIRMED, facts=held
        )
    until = max(fact.counts_until for fact in asked)
    if at >= until:
        return Custody(State.UNKNOWN, counts_as_free=True, because=Because.SILENCE, facts=held)
    return Custody(
        State.HELD, counts_as_free=False, because=Because.CONFIRMED, facts=held, lapses_at=until
    )


def _unread(
    facts: Iterable[CustodyFact], heard: Sequence[CustodyFact], moment: datetime
) -> list[CustodyFact]:
    """Return what came until `moment`, could not be read, and nobody has read since, taken back or not."""
    came = [f for f in facts if f.state is State.NOT_UNDERSTOOD and f.heard_at <= moment]
    return [fact for fact in came if fact.is_known(moment) or not _was_read(fact, heard)]


def _was_read(fact: CustodyFact, heard: Sequence[CustodyFact]) -> bool:
    """Return whether who took it back knew what it says: a person has written something down since it came."""
    if fact.taken_back_because == OTHER_PERSON:
        return True
    return any(
        word.heard_at > fact.heard_at
        for word in heard
        if word.heard_by_id is not None
        and word.source not in NOTICES
        and word.state is not State.NOT_UNDERSTOOD
    )


def _unless_unread(custody: Custody, unread: Sequence[CustodyFact]) -> Custody:
    """Return the answer, or *unknown* if something that nobody has read came when or after somebody last asked."""
    if custody.counts_as_free:
        return custody
    asked = max(fact.heard_at for fact in custody.facts if _is_persons_word(fact))
    later = [fact for fact in unread if fact.heard_at >= asked]
    if not later:
        return custody
    facts = (*sorted(later, key=_order, reverse=True), *custody.facts)
    return Custody(State.UNKNOWN, counts_as_free=True, because=Because.UNREAD, facts=facts)


def _is_persons_word(fact: CustodyFact) -> bool:
    """Return whether a person asked an official source about what is so now, not about what is to come."""
    is_hers = fact.is_confirmed and fact.heard_by_id is not None
    return is_hers and fact.source in OFFICIAL and fact.since <= fact.heard_at


def _is_after(fact: CustodyFact, settled: CustodyFact) -> bool:
    """Return whether it was heard after the decision, or became true after it (a release that was announced)."""
    return max(fact.heard_at, fact.since) > settled.heard_at


def _when_heard(fact: CustodyFact) -> tuple[datetime, UUID]:
    return fact.heard_at, fact.id


def _order(fact: CustodyFact) -> tuple[datetime, datetime, UUID]:
    # Whoever asked was told how it is *now*, whatever day it began; notices come late and out of order.
    speaks_of = max(fact.since, fact.heard_at) if fact.is_confirmed else fact.since
    return speaks_of, fact.heard_at, fact.id
