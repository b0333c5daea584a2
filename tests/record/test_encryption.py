"""Does a sealed field open for its person, row and column only?"""

from threading import Thread
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import cast
from tocsin.runtime import encryption
from tocsin.runtime.encryption import Because, DecryptionRefused, KeyRing

MASTER, NEWER = bytes(range(32)), bytes(range(1, 33))
RING = KeyRing([MASTER])
WRAPPED = RING.new_person_key(cast.PROTECTED.id)
KEY = RING.person_key(cast.PROTECTED.id, WRAPPED)
ROW, OTHER_ROW = cast.number(0x5001), cast.number(0x5002)
PHONE = cast.PROTECTED.phone


@settings(deadline=None)
@given(st.text(max_size=500), st.uuids())
def test_what_was_sealed_opens(text: str, row_id: UUID) -> None:
    assert KEY.open("person", "name", row_id, KEY.seal("person", "name", row_id, text)) == text


@pytest.mark.parametrize(
    ("table", "column", "row_id"),
    [("contact", "name", ROW), ("person", "short_name", ROW), ("person", "name", OTHER_ROW)],
)
def test_a_ciphertext_moved_to_another_place_is_refused(
    table: str, column: str, row_id: UUID
) -> None:
    sealed = KEY.seal("person", "name", ROW, "Wren Sample")
    with pytest.raises(DecryptionRefused, match="changed"):
        KEY.open(table, column, row_id, sealed)


def test_a_change_of_any_byte_is_refused() -> None:
    sealed = KEY.seal("person", "name", ROW, "Wren Sample")
    for place in range(len(sealed)):
        for bit in range(8):
            bad = bytearray(sealed)
            bad[place] ^= 1 << bit
            with pytest.raises(DecryptionRefused):
                KEY.open("person", "name", ROW, bytes(bad))


def test_a_cut_of_any_length_is_refused() -> None:
    sealed = KEY.seal("person", "name", ROW, "Wren Sample")
    for length in range(len(sealed)):
        with pytest.raises(DecryptionRefused):
            KEY.open("person", "name", ROW, sealed[:length])


def test_another_persons_key_does_not_open_it() -> None:
    other = RING.person_key(cast.DISPATCHER.id, RING.new_person_key(cast.DISPATCHER.id))
    with pytest.raises(DecryptionRefused):
        other.open("person", "name", ROW, KEY.seal("person", "name", ROW, "Wren"))


def test_the_same_text_never_looks_the_same() -> None:
    sealed = {KEY.seal("person", "name", ROW, "Wren") for _ in range(100)}
    assert len(sealed) == 100


def test_a_wrapped_key_is_of_one_person() -> None:
    with pytest.raises(DecryptionRefused, match="changed"):
        RING.person_key(cast.DISPATCHER.id, WRAPPED)


def test_a_change_of_any_byte_of_a_wrapped_key_is_refused() -> None:
    for place in range(len(WRAPPED)):
        bad = bytearray(WRAPPED)
        bad[place] ^= 1
        with pytest.raises(DecryptionRefused):
            RING.person_key(cast.PROTECTED.id, bytes(bad))


def test_the_old_master_key_is_needed_until_everything_is_wrapped_anew() -> None:
    both, new = KeyRing([NEWER, MASTER]), KeyRing([NEWER])
    sealed = KEY.seal("person", "name", ROW, "Wren")
    with pytest.raises(DecryptionRefused, match="unknown_key") as refused:
        new.person_key(cast.PROTECTED.id, WRAPPED)
    assert refused.value.because is Because.UNKNOWN_KEY
    again = both.rewrap(cast.PROTECTED.id, WRAPPED)
    assert (both.is_current(WRAPPED), both.is_current(again)) == (False, True)
    assert new.person_key(cast.PROTECTED.id, again).open("person", "name", ROW, sealed) == "Wren"


def test_who_has_the_old_master_key_alone_does_not_open_what_was_wrapped_anew() -> None:
    again = KeyRing([NEWER, MASTER]).rewrap(cast.PROTECTED.id, WRAPPED)
    with pytest.raises(DecryptionRefused):
        RING.person_key(cast.PROTECTED.id, again)


def test_a_number_is_found_by_its_index_in_its_organisation_only() -> None:
    index = RING.blind_index(cast.HARBOUR_EMS, "phone", PHONE)
    assert index == KeyRing([MASTER]).blind_index(cast.HARBOUR_EMS, "phone", PHONE)
    assert len(index) == 32
    others = {
        RING.blind_index(cast.ORCHARD_STORES, "phone", PHONE),
        RING.blind_index(cast.HARBOUR_EMS, "mail", PHONE),
        RING.blind_index(cast.HARBOUR_EMS, "phone", cast.DISPATCHER.phone),
        KeyRing([NEWER]).blind_index(cast.HARBOUR_EMS, "phone", PHONE),
    }
    assert len(others) == 4
    assert index not in others


def test_a_number_is_found_while_keys_rotate() -> None:
    before = RING.blind_index(cast.HARBOUR_EMS, "phone", PHONE)
    ring = KeyRing([NEWER, MASTER])
    found = ring.blind_indexes(cast.HARBOUR_EMS, "phone", PHONE)
    assert found == [ring.blind_index(cast.HARBOUR_EMS, "phone", PHONE), before]


def test_a_local_file_opens_for_its_purpose_only() -> None:
    sealed = RING.seal_local("snapshot", b"on duty: 3")
    assert RING.open_local("snapshot", sealed) == b"on duty: 3"
    with pytest.raises(DecryptionRefused):
        RING.open_local("mail", sealed)


def test_the_longest_field_is_sealed_and_one_byte_more_is_not() -> None:
    KEY.seal("person", "note", ROW, "x" * encryption.MAX_FIELD_BYTES)
    with pytest.raises(ValueError, match="at most"):
        KEY.seal("person", "note", ROW, "x" * (encryption.MAX_FIELD_BYTES + 1))


@pytest.mark.parametrize("masters", [[], [b"short"], [MASTER, MASTER]])
def test_a_ring_of_unfit_master_keys_is_refused(masters: list[bytes]) -> None:
    with pytest.raises(ValueError, match="master key"):
        KeyRing(masters)


def test_keys_in_memory_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "MAX_CACHED_KEYS", 2)
    ring = KeyRing([MASTER])
    people = [cast.number(0x6000 + each) for each in range(3)]
    wrapped = [ring.new_person_key(person) for person in people]
    first = [ring.person_key(p, w) for p, w in zip(people, wrapped, strict=True)]
    assert ring.person_key(people[2], wrapped[2]) is first[2]
    assert ring.person_key(people[0], wrapped[0]) is not first[0]
    ring.forget(people[2])
    assert ring.person_key(people[2], wrapped[2]) is not first[2]


def test_threads_share_a_ring() -> None:
    ring = KeyRing([MASTER])
    people = [cast.number(0x6100 + each) for each in range(50)]
    wrapped = {person: ring.new_person_key(person) for person in people}
    opened: list[str] = []

    def work() -> None:
        for person, key in wrapped.items():
            sealed = ring.person_key(person, key).seal("person", "name", person, "Wren")
            opened.append(ring.person_key(person, key).open("person", "name", person, sealed))
            ring.forget(person)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert opened == ["Wren"] * 200
