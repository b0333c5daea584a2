"""Is this an hour at which a person may be told of work that waits?

Pure. A safeguard never wakes anybody: who is at work is told at once; who is not, between morning and evening at the
site, but not in the hours after a shift, when somebody who worked at night sleeps.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

FROM_HOUR: Final = 8
UNTIL_HOUR: Final = 20
REST: Final = timedelta(hours=9)

Stint = tuple[datetime, datetime]
"""When a shift begins and ends."""


def may_be_told(at: datetime, zone: str, stints: Iterable[Stint]) -> bool:
    """Return whether a person with these shifts may be told now; `zone` is the IANA name of her site's zone."""
    known = tuple(stints)
    if any(start <= at < end for start, end in known):
        return True
    if any(end <= at < end + REST for _start, end in known):
        return False
    return FROM_HOUR <= at.astimezone(ZoneInfo(zone)).hour < UNTIL_HOUR
