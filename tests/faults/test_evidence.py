"""Does a failure of these tests say what hung, and where? Else a fault that is seen once in a hundred runs stays unknown."""

import pytest

from tests.faults.evidence import MOST_CHARS
from tests.faults.place import Place, until


def test_what_is_late_says_what_is_open_who_waits_in_the_database_and_where_the_engine_stands(
    place: Place,
) -> None:
    with (
        pytest.raises(AssertionError, match="never within 0 s") as failure,
        place.superuser() as conn,
        conn.transaction(),
    ):
        conn.execute("select pg_advisory_xact_lock(4711)")
        until(lambda: False, within_s=0, what="never", place=place)
    said = str(failure.value)
    assert len(said) < MOST_CHARS + 100
    for part in (
        "deliveries left open:\n(0 rows)",
        "entries not sealed:\n",
        "idle in transaction",
        "| 4711 |",
        "thread desk-alarm",
        "task settle asyncio/locks.py",
        '"process": "engine"',
        " UTC [",
    ):
        assert part in said, said
