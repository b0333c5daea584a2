"""What is wrong with a policy, a roster or a place, said where and when, in words for people?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

ERROR: Final = "error"
WARNING: Final = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend.

    `code` is stable and for programs, `path` says which field ("steps[2].who[0]"), `words` is the
    sentence for a person. `starts_at` and `ends_at` (aware, UTC) bound the time at which it holds,
    or are None when it always does. An error keeps the thing from being saved; a warning is shown
    and may be lived with.
    """

    level: str
    code: str
    path: str
    words: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def error(code: str, path: str, words: str) -> Finding:
    """Return a finding that keeps the thing from being saved."""
    return Finding(ERROR, code, path, words)


def warning(code: str, path: str, words: str) -> Finding:
    """Return a finding that is shown and may be lived with."""
    return Finding(WARNING, code, path, words)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that keep the thing from being saved."""
    return tuple(finding for finding in findings if finding.level == ERROR)


def said(finding: Finding, zone: ZoneInfo) -> str:
    """Return the finding as one line for people, its time told by the clock of `zone`."""
    when = ""
    if finding.starts_at and finding.ends_at:
        when = f"{_clock(finding.starts_at, zone)} to {_clock(finding.ends_at, zone)}: "
    return f"{when}{finding.words} ({finding.path})"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    wall = at.astimezone(zone)
    return f"{wall:%a} {wall.day} {wall:%b %Y %H:%M %Z}"
