"""When was it, as machines write times: a number since 1970, ISO 8601, or a date? Pure."""

from datetime import UTC, date, datetime
from typing import Final

from tocsin.signals.feeds.reading import BadLine, number
from tocsin.signals.rules.quarantine import Why

# Above this a number of seconds since 1970 is one of milliseconds.
MOST_SECONDS: Final = 2**31 - 1
MOST_MILLISECONDS: Final = 4_102_444_800_000


def epoch(value: object) -> datetime | None:
    """Return the time of seconds or milliseconds since 1970 (which: by their size); None if it is not said.

    Raises:
        BadLine: it is no such number.
    """
    try:
        found = number(value, 0, MOST_MILLISECONDS)
    except BadLine as error:
        raise BadLine(Why.BAD_TIME) from error
    if found is None:
        return None
    return datetime.fromtimestamp(found / (1000 if found >= MOST_SECONDS else 1), UTC)


def iso_time(value: object) -> datetime | None:
    """Return the aware UTC time of ISO 8601 text; without a zone it is UTC; None if it is not said.

    Raises:
        BadLine: it is no time.
    """
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(str(value)[:40].strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadLine(Why.BAD_TIME) from error


def any_time(value: object) -> datetime | None:
    """Return the time of ISO 8601 text or of a number since 1970; None if it is not said.

    Raises:
        BadLine: it is neither.
    """
    if isinstance(value, str) and not value.strip().replace(".", "", 1).isdigit():
        return iso_time(value)
    return epoch(value)


def day(value: object) -> date | None:
    """Return a date of ISO 8601; None if it is not said.

    Raises:
        BadLine: it is none.
    """
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError as error:
        raise BadLine(Why.BAD_FIELD) from error
