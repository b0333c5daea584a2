"""What of several cases can be opened, and what cannot? What is damaged hides no other, and is never taken for empty."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from tocsin.runtime import logs
from tocsin.runtime.encryption import DecryptionRefused

# How a sealed document fails: its key, its bytes, its form, or more in it than is read. A database that fails is not
# among them.
UNREADABLE: Final = (DecryptionRefused, ValueError, TypeError, LookupError, AttributeError)
T = TypeVar("T")

log = logs.get("cases")


class Opened(NamedTuple):
    """What could be opened, by case, and the cases of which something could not.

    Of those `opened` finds nothing at all, and `store_orders.load_judged_of` what can be judged.
    """

    found: dict[UUID, Any]
    damaged: frozenset[UUID]


def opened(
    load: Callable[[Collection[UUID]], dict[UUID, Any]], case_ids: Collection[UUID]
) -> Opened:
    """Return what `load` finds of these cases; where one of them is damaged, each is loaded by itself.

    A case that is damaged is named, so that nobody takes an order that cannot be read for none.
    """
    try:
        return Opened(load(case_ids), frozenset())
    except UNREADABLE as problem:
        # No trace, here and below: it may hold what could not be read.
        log.warning("cases.one_by_one", problem=type(problem).__name__)
    found: dict[UUID, Any] = {}
    damaged = set()
    for case_id in case_ids:
        try:
            found |= load([case_id])
        except UNREADABLE as problem:
            damaged.add(case_id)
            log.error("case.unreadable", case_id=str(case_id), problem=type(problem).__name__)  # noqa: TRY400
    return Opened(found, frozenset(damaged))


def each_opened(
    rows: Iterable[Sequence[Any]], open_row: Callable[[Sequence[Any]], T]
) -> Iterator[T]:
    """Yield what can be opened of rows whose first column is the case; the others are said in the log."""
    for row in rows:
        try:
            yield open_row(row)
        except UNREADABLE as problem:
            log.error("case.unreadable", case_id=str(row[0]), problem=type(problem).__name__)  # noqa: TRY400
