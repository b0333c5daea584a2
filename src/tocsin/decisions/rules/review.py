"""What do the answers to a statutory set of questions say? Whether its rule for a referral is met, and nothing else.

    QuestionsRefused    a file of questions is wrong; says where

A rule that is met asks for a referral. One that is not met clears nobody (of those it passes over, up to half are wrong),
and one that is met condemns nobody (most are never attacked): it is no probability, and nothing here is ever relaxed or
anybody punished by it. She may refuse, and delete it. Source: standards.md 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MAX_ITEMS: Final = 60
MAX_NOTE: Final = 500
ASK_AGAIN_WITHIN: Final = timedelta(days=90)


class QuestionsRefused(ValueError):
    """A file of questions cannot be used."""


class Answer(StrEnum):
    """What she said. Unanswered is never taken for a no."""

    YES = "yes"
    NO = "no"
    UNANSWERED = "unanswered"


class Outcome(StrEnum):
    """Whether the rule is met. `OPEN`: not by what she answered, but what is unanswered could meet it."""

    MET = "met"
    NOT_MET = "not_met"
    OPEN = "open"
    NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class Item:
    """One question, as a topic where the section's own words were not seen."""

    number: int
    topic: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Yes to any of `any_of`, or to `at_least` many of `of`, or an answer to `worrying` that worries whoever asks."""

    any_of: frozenset[int]
    at_least: int
    of: frozenset[int]
    worrying: frozenset[int]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """One version of one section. `rule` None: the section adds nothing up."""

    code: str
    version: str
    title: str
    jurisdiction: str
    source: str
    dates: str
    text_seen: bool
    is_complete: bool
    missing: str
    items: tuple[Item, ...]
    rule: Rule | None

    @property
    def key(self) -> tuple[str, str]:
        """Return what names it for ever: answers say to which version they are."""
        return self.code, self.version

    @property
    def is_older(self) -> bool:
        """Return whether another version became law; it stays, for answers that were given to it."""
        return self.version.endswith("introduced")


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcome, with what decided it, so that a person sees it with the answers."""

    outcome: Outcome
    decisive: tuple[int, ...]
    unanswered: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One time that she was asked, or refused. `notes`: her words, by item, where the section asks an open question."""

    id: UUID
    organisation_id: UUID
    case_id: UUID
    question_set: str
    version: str
    asked_at: datetime
    asked_by_id: UUID
    is_refused: bool = False
    answers: Mapping[int, Answer] | None = None
    notes: Mapping[int, str] | None = None
    review_on: date | None = None


def judge(questions: QuestionSet, answers: Mapping[int, Answer]) -> Judged:
    """Return whether the rule of this version is met by these answers; what is missing counts as unanswered."""
    given = {item.number: answers.get(item.number, Answer.UNANSWERED) for item in questions.items}
    unanswered = tuple(n for n, answer in given.items() if answer is Answer.UNANSWERED)
    rule = questions.rule
    if rule is None:
        return Judged(Outcome.NO_RULE, (), unanswered)
    yes = frozenset(n for n, answer in given.items() if answer is Answer.YES)
    decisive = _decisive(rule, yes)
    if decisive:
        return Judged(Outcome.MET, decisive, unanswered)
    if _decisive(rule, yes | frozenset(unanswered)):
        return Judged(Outcome.OPEN, (), unanswered)
    return Judged(Outcome.NOT_MET, (), unanswered)


def _decisive(rule: Rule, yes: frozenset[int]) -> tuple[int, ...]:
    """Return the answers that meet the rule, all of them; none if it is not met."""
    found = yes & (rule.any_of | rule.worrying)
    counted = yes & rule.of
    if rule.at_least and len(counted) >= rule.at_least:
        found |= counted
    return tuple(sorted(found))


def question_set(data: Mapping[str, Any]) -> QuestionSet:
    """Return the set that a file describes.

    Raises:
        QuestionsRefused: something is missing, or the rule names an item that is not there.
    """
    try:
        items = tuple(
            Item(int(one["number"]), str(one["topic"]), bool(one.get("is_open", False)))
            for one in data["item"]
        )
        found = QuestionSet(
            code=data["code"],
            version=data["version"],
            title=data["title"],
            jurisdiction=data["jurisdiction"],
            source=data["source"],
            dates=_dates(data),
            text_seen=data["text_seen"],
            is_complete=data["is_complete"],
            missing=data["missing"],
            items=items,
            rule=_rule(data["rule"]) if "rule" in data else None,
        )
    except (KeyError, TypeError, ValueError) as problem:
        message = f"{data.get('code', 'a set')}: {problem}"
        raise QuestionsRefused(message) from problem
    _check(found)
    return found


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        any_of=_numbers(data["any_of"]),
        at_least=int(data["at_least"]),
        of=_numbers(data["of"]),
        worrying=_numbers(data["worrying"]),
        source=data["source"],
    )


def _numbers(values: Sequence[int]) -> frozenset[int]:
    return frozenset(int(value) for value in values)


def _dates(data: Mapping[str, Any]) -> str:
    parts = [
        f"{name} {data[name]}" for name in ("introduced", "signed", "in_force") if name in data
    ]
    return ", ".join([*parts, f"noted {data['noted_on']}"])


def _check(found: QuestionSet) -> None:
    numbers = [item.number for item in found.items]
    if not numbers or len(numbers) > MAX_ITEMS or numbers != list(range(1, len(numbers) + 1)):
        message = f"{found.code}: items are numbered from 1 without a hole, at most {MAX_ITEMS}"
        raise QuestionsRefused(message)
    rule = found.rule
    if rule and not (rule.any_of | rule.of | rule.worrying) <= set(numbers):
        message = f"{found.code}: the rule names an item that is not there"
        raise QuestionsRefused(message)
