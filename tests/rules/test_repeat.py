"""When is a text the same one once more? By id, sender, words and time; without an id never."""

from datetime import timedelta

import pytest

from tests import cast
from tests.builders import utc
from tocsin.signals.rules.repeat import SAME_FOR, name_of, name_of_entry, names_of_same

AT = utc("2026-11-06 05:31")
GUS, WREN = cast.GUARD.phone, cast.PROTECTED.phone


def test_the_same_id_sender_and_words_make_the_same_name() -> None:
    assert name_of("7", WREN, "SOS", AT) == name_of("7", WREN, "SOS", AT + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("given", "number", "text"), [("8", WREN, "SOS"), ("7", GUS, "SOS"), ("7", WREN, "help")]
)
def test_another_id_sender_or_text_is_another_text(given: str, number: str, text: str) -> None:
    assert name_of(given, number, text, AT) != name_of("7", WREN, "SOS", AT)


def test_what_one_part_ends_with_is_not_what_the_next_begins_with() -> None:
    assert name_of("1", "2", "3", AT) != name_of("12", "3", "", AT)


def test_a_name_is_among_its_neighbours_for_ten_minutes_and_no_longer_than_twenty() -> None:
    name = name_of("7", WREN, "SOS", AT)
    for late in (timedelta(0), SAME_FOR - timedelta(seconds=1), SAME_FOR):
        assert name_of("7", WREN, "SOS", AT + late) in names_of_same(name)
    assert name_of("7", WREN, "SOS", AT + 2 * SAME_FOR) not in names_of_same(name)


def test_an_id_that_is_unique_in_the_world_means_the_same_for_ever() -> None:
    first = name_of("SM1", WREN, "SOS", AT, is_for_ever=True)
    assert name_of("SM1", WREN, "SOS", utc("2027-11-06 05:31"), is_for_ever=True) == first
    assert names_of_same(first) == (first,)


def test_an_entry_without_an_id_is_the_same_only_as_itself() -> None:
    assert name_of_entry(b"from=1&text=SOS", AT) == name_of_entry(b"from=1&text=SOS", AT)
    a_second_later = AT + timedelta(seconds=1)
    assert name_of_entry(b"from=1&text=SOS", AT) != name_of_entry(
        b"from=1&text=SOS", a_second_later
    )


def test_a_name_fits_into_its_column_and_into_the_key_of_a_press() -> None:
    assert len("text-" + name_of("x" * 5_000, WREN, "SOS", utc("9999-12-31 23:59"))) <= 64
