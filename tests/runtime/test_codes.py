"""Which three digits, and which word, has a message? The same when it is made again; another than the person's others."""

from uuid import UUID

from tests.snapshots import SeededIds
from tocsin.runtime.ids import CODES_APART, READABLE, RandomIds, named_word, uuid7

KEY = b"k" * 32
IDS = SeededIds("codes")


def test_a_message_that_is_made_again_has_the_same_code_also_by_another_engine_with_the_key() -> (
    None
):
    message, person = IDS.uuid(), uuid7()

    codes = {RandomIds(KEY).code(message, to) for to in (person, person, uuid7())}

    assert len(codes) == 1
    assert 100 <= int(codes.pop()) <= 999


def test_the_last_codes_of_one_person_all_differ() -> None:
    person = uuid7()

    dealt = [RandomIds(KEY).code(uuid7(), person) for _ in range(40 * CODES_APART)]

    starts = range(len(dealt) - CODES_APART)
    assert all(len(set(dealt[n : n + CODES_APART])) == CODES_APART for n in starts)


def test_nobody_without_the_key_can_tell_a_code() -> None:
    messages: list[UUID] = [IDS.uuid() for _ in range(50)]

    with_key, without = (
        [RandomIds(*key).code(m, uuid7()) for m in messages] for key in ([KEY], [])
    )

    assert with_key != without


def test_an_incident_that_is_taken_in_again_has_the_same_word() -> None:
    incident = uuid7()

    word = named_word(incident)

    assert word == named_word(UUID(bytes=incident.bytes))
    assert len(word) == 4
    assert set(word) <= set(READABLE)
    assert len({named_word(uuid7()) for _ in range(100)}) > 95
