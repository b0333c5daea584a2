"""What happens to the machine itself is in every employer's record: damage of the spool, an outage, a release."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests import cast
from tests.builders import utc
from tests.store.stores import Store
from tests.store.test_keeping_time import Lane
from tocsin.engine.chores import note_everywhere
from tocsin.engine.desk import StoreAwayError
from tocsin.engine.spool_damage import SpoolDamage
from tocsin.record.rules.entries import entry_of
from tocsin.runtime.database import Connection
from tocsin.runtime.spool import Reader, Writer

BOTH = (cast.HARBOUR_EMS, cast.ORCHARD_STORES)
SINCE = utc("2026-11-27 03:00:00")


def said(engine: Connection, organisation: UUID, kind: str) -> list[Mapping[str, Any]]:
    rows = engine.execute(
        "select leaf from record_entry where kind = %s and organisation_id = %s",
        (kind, organisation),
    ).fetchall()
    return [entry_of(bytes(row[0])).body for row in rows]


def a_damaged_spool(folder: Path) -> Reader:
    """Return a reader of a spool whose only segment is of a version that nobody knows; it has read it once."""
    Writer(folder, n_segments=2).write([(1, 1_772_582_280_000_000_000, b"one")])
    (segment,) = folder.glob("spool-*.seg")
    data = bytearray(segment.read_bytes())
    data[4] = 9
    segment.write_bytes(data)
    return read_once(folder)


def read_once(folder: Path) -> Reader:
    reader = Reader(folder)
    assert reader.read(0, 10) == []
    return reader


def test_damage_of_the_spool_is_on_every_employers_record_once_whoever_reads_it_again(
    postgres_store: Store, engine: Connection, tmp_path: Path
) -> None:
    lane, reader = Lane(postgres_store), a_damaged_spool(tmp_path)
    asyncio.run(SpoolDamage(lane, reader, tmp_path).look())
    assert reader.dropped == []
    asyncio.run(SpoolDamage(lane, read_once(tmp_path), tmp_path).look())
    for organisation in BOTH:
        (body,) = said(engine, organisation, "spool.damaged")
        assert body["because"]
        assert body["segment"].startswith("spool-")
        assert body["bytes"] > 0


def test_damage_that_could_not_be_kept_is_told_again(memory_store: Store, tmp_path: Path) -> None:
    damage = SpoolDamage(Lane(memory_store), a_damaged_spool(tmp_path), tmp_path)
    for _ in range(2):
        with pytest.raises(StoreAwayError):
            asyncio.run(damage.look())


@pytest.mark.parametrize(
    ("kind", "body"),
    [("engine.caught_up", {"away_s": 600}), ("engine.released", {"held_since": SINCE})],
)
def test_an_outage_and_a_release_are_on_every_employers_record(
    postgres_store: Store, engine: Connection, kind: str, body: dict[str, Any]
) -> None:
    noting = partial(note_everywhere, kind=kind, body=body)
    asyncio.run(Lane(postgres_store).do(noting))
    assert [len(said(engine, organisation, kind)) for organisation in BOTH] == [1, 1]
