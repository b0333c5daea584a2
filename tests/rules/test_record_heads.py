"""Is a database older than what was signed recognised, and a head the same in every form?"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import cast
from tests.record.exports import SIGNER, head_at, leaves
from tocsin.record import store
from tocsin.record.rules import heads
from tocsin.record.rules.heads import Head

AT = datetime(2026, 11, 6, 5, 30, tzinfo=UTC)
EMS, STORES = cast.HARBOUR_EMS, cast.ORCHARD_STORES


def a_head(
    size: int, root: bytes = b"\x01" * 32, *, organisation_id: UUID = EMS, at: datetime = AT
) -> Head:
    return heads.sign(organisation_id, size, root, at=at, signer=SIGNER)


def test_the_signed_bytes_are_laid_out_like_this() -> None:
    at = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert heads.signed_bytes(EMS, 258, b"\xaa" * 32, at).hex() == (
        "746f6373696e20686561642076310a"
        + EMS.hex
        + "0000000000000102"
        + "aa" * 32
        + "00000000000f4240"
    )


@settings(deadline=None)
@given(
    st.integers(0, 2**63),
    st.datetimes(min_value=heads.EPOCH.replace(tzinfo=None), timezones=st.just(UTC)),
)
def test_a_head_line_is_read_back(size: int, at: datetime) -> None:
    head = a_head(size, at=at)
    assert heads.head_of_line(heads.head_line(head)) == head


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b'{"head":3}', b'{"head":{}}', b"\xff"])
def test_what_is_no_head_line_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a head line"):
        heads.head_of_line(line)


def test_a_witness_line_is_short() -> None:
    assert heads.witness_line(a_head(7)) == f"{EMS} 7 {'01' * 32}"


def test_a_database_with_all_that_was_signed_lacks_nothing() -> None:
    assert heads.lacking({EMS: a_head(7)}, {EMS: a_head(7)}) == []
    assert heads.lacking({}, {}) == []


def test_a_restored_database_lacks_the_last_that_was_signed() -> None:
    remembered = {EMS: a_head(7), STORES: a_head(3, organisation_id=STORES)}
    assert heads.lacking({STORES: remembered[STORES]}, remembered) == [EMS]
    assert heads.lacking({EMS: a_head(7)}, remembered) == [STORES]
    assert heads.lacking({}, remembered) == [EMS, STORES]


def test_another_history_of_the_same_length_lacks_it() -> None:
    assert heads.lacking({EMS: a_head(7, b"\x02" * 32)}, {EMS: a_head(7)}) == [EMS]


def test_an_export_shows_a_head_every_hundred_entries_or_every_hour() -> None:
    first = a_head(5)
    assert heads.is_exported(first, after=None)
    assert not heads.is_exported(a_head(104, at=AT + timedelta(minutes=59)), after=first)
    assert heads.is_exported(a_head(105), after=first)
    assert heads.is_exported(a_head(6, at=AT + timedelta(hours=1)), after=first)


def test_heads_are_remembered_beside_the_spool(tmp_path: Path) -> None:
    assert store.remembered(tmp_path) == {}
    other = a_head(3, organisation_id=STORES)
    store.remember_heads(tmp_path, [a_head(7), other])
    store.remember_heads(tmp_path, [a_head(9)])
    store.remember_heads(tmp_path, [a_head(8)])
    assert store.remembered(tmp_path) == {EMS: a_head(9), STORES: other}
    assert [file.name for file in tmp_path.iterdir()] == [store.REMEMBERED]


def test_a_damaged_line_beside_the_spool_costs_the_others_nothing(tmp_path: Path) -> None:
    store.remember_heads(tmp_path, [a_head(7)])
    with (tmp_path / store.REMEMBERED).open("ab") as file:
        file.write(b'{"head":{"size":\xff\n')
    assert store.remembered(tmp_path) == {EMS: a_head(7)}


def test_a_person_can_say_that_the_restored_database_is_right(tmp_path: Path) -> None:
    store.remember_heads(tmp_path, [a_head(9)])
    store.replace_remembered(tmp_path, {EMS: a_head(4)})
    assert store.remembered(tmp_path) == {EMS: a_head(4)}


def test_a_head_signs_the_tree_of_its_leaves() -> None:
    night = leaves(8)
    assert head_at(8, night) != head_at(7, night)
