"""What is wrong with a policy, a roster or a place, said where and when, in words for people?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
