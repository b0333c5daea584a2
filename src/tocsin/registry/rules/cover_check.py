"""What does the policy's linter say of a site to who runs the machine? How many and when, never who."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tocsin.registry.rules.findings import ERROR, Finding
from tocsin.registry.rules.policy import Policy
from tocsin.registry.rules.policy_lint import Workplace, lint
from tocsin.registry.rules.roster_check import UNPLANNABLE

AHEAD: Final = timedelta(hours=24)
# By the linter's code, what holds for a time; the first is the worst.
_AT_TIMES: Final = {
    "nobody": "nobody would be called at all",
    "one_person": "only one person would be called",
    "uncovered": "fewer people than the policy asks for are on duty and can be rung",
    "quorum_unreachable": "fewer people can be called than a step asks for",
    "screens_only": "only open screens would show it, nothing rings in a pocket",
}
_OF_STEPS: Final = frozenset({"empty", "skipped", "unknown"})
_UNREACHABLE: Final = frozenset({"no_contact", "unknown_person"})
_COUNTED: Final = _AT_TIMES.keys() | _OF_STEPS | _UNREACHABLE
_STEP: Final = re.compile(r"steps\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about a site. `is_wrong`: nobody would be called now, or nobody can be planned to be on duty."""

    words: str
    is_wrong: bool = False


def judge_site(
    policy: Policy,
    workplace: Workplace,
    roster: Iterable[Finding],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> tuple[Said, ...]:
    """Return what is to mend at a site now or in the next 24 hours, the worst first; () if nothing is.

    `roster`: what is wrong with the roster's lines. Times are told by the clock of `zone`. No name or id is said.
    """
    found = lint(policy, workplace, starts_at=at, ends_at=at + AHEAD)
    said = [
        *_of_roster(roster),
        *(
            Said(f"{words}{_when(spans, at, zone)}", code == "nobody" and _is_now(spans, at))
            for code, words in _AT_TIMES.items()
            if (spans := [one for one in found if one.code == code])
        ),
        *_of_steps(found, at, zone),
        *_unreachable(found),
        *_more(found),
    ]
    return tuple(sorted(said, key=lambda one: not one.is_wrong))


def _of_roster(roster: Iterable[Finding]) -> Iterable[Said]:
    wrong = [one for one in roster if one.level == ERROR]
    if any(one.code == UNPLANNABLE for one in wrong):
        yield Said("its roster cannot be planned: its shifts stay as they were", is_wrong=True)
    lines = sum(1 for one in wrong if one.code != UNPLANNABLE)
    if lines:
        yield Said(f"its roster has {_number(lines, 'fault')} for which a line is left out")


def _of_steps(found: Sequence[Finding], at: datetime, zone: ZoneInfo) -> Iterable[Said]:
    skipped = [one for one in found if one.code == "skipped"]
    if skipped:
        yield Said(f"{_steps(skipped)}: nobody is called{_when(skipped, at, zone)}")
    whole = {one.path for one in skipped}
    parts = [f for f in found if f.code == "empty" and f.path.partition(".")[0] not in whole]
    if parts:
        yield Said(f"{_steps(parts)}: a part of it calls nobody{_when(parts, at, zone)}")
    gone = [one for one in found if one.code == "unknown"]
    if gone:
        yield Said(f"{_steps(gone)}: what is named is not there any more")


def _unreachable(found: Sequence[Finding]) -> Iterable[Said]:
    paths = {one.path.partition(".")[0] for one in found if one.code in _UNREACHABLE}
    if paths:
        has = "has" if len(paths) == 1 else "have"
        people = _number(len(paths), "person", "people")
        yield Said(f"{people} who would be called {has} no verified way to be reached")


def _more(found: Sequence[Finding]) -> Iterable[Said]:
    more = {(one.code, one.path) for one in found if one.code not in _COUNTED}
    if more:
        yield Said(f"{_number(len(more), 'remark')} more on its page")


def _steps(found: Iterable[Finding]) -> str:
    numbers = {int(step[1]) + 1 for one in found if (step := _STEP.match(one.path))}
    return f"{'step' if len(numbers) == 1 else 'steps'} {', '.join(map(str, sorted(numbers)))}"


def _is_now(spans: Iterable[Finding], at: datetime) -> bool:
    return any(one.starts_at is None or one.starts_at <= at for one in spans)


def _when(spans: Sequence[Finding], at: datetime, zone: ZoneInfo) -> str:
    """Return since when within the next 24 hours, and for how much of them if not always."""
    times = sorted((one.starts_at or at, one.ends_at or at + AHEAD) for one in spans)
    lasts, until = timedelta(), at
    for starts_at, ends_at in times:
        lasts += max(timedelta(), ends_at - max(starts_at, until))
        until = max(until, ends_at)
    if lasts >= AHEAD:
        return " now and for the next 24 hours"
    wall = times[0][0].astimezone(zone)
    first = "now" if _is_now(spans, at) else f"from {wall:%a %H:%M %Z}"
    return f" {first}, for {_length(lasts)} of the next 24 hours"


def _length(lasts: timedelta) -> str:
    minutes = max(1, round(lasts.total_seconds() / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _number(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or one + 's'}"
